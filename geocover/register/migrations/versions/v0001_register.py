"""The first tables, and the triggers that keep what was accepted and what was audited.

SQLite has triggers that abort; PostgreSQL has functions that raise. Both refuse, whoever writes:
to change or delete an accepted or superseded list (but for accepted -> superseded), its cells, its file and
its report; to change a rejected list; to accept what was not checked; to change or delete a line of the
audit.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from geocover.register.errors import DatabaseError
from geocover.register.migrations.triggers_0001 import POSTGRESQL, SQLITE

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables, then the triggers."""
    postgresql = op.get_bind().dialect.name == "postgresql"
    for make in (
        _audit,
        _jobs,
        _operators,
        _rate_buckets,
        _snapshots,
        _api_keys,
        _mappings,
        _site_lists,
        _cells,
        _documents,
    ):
        make()
    if postgresql:
        _points()
    else:
        op.create_index("ix_cells_lon_lat", "cells", ["lon", "lat"])
    for statement in POSTGRESQL if postgresql else SQLITE:
        op.execute(statement)


def downgrade() -> None:
    """Refuse: there is nothing before this version, and accepted lists are not deleted."""
    raise DatabaseError(
        "version 0001 is the first; restore a backup instead",
        "0001 là phiên bản đầu tiên; hãy khôi phục từ bản sao lưu",
    )


def _points() -> None:
    """Derive a point from lon and lat, for PostGIS clients such as QGIS."""
    try:
        op.execute("CREATE EXTENSION IF NOT EXISTS postgis")
    except sa.exc.DBAPIError as error:
        raise DatabaseError(
            f"PostGIS cannot be added to the database ({error.orig}); install it, or have an administrator "
            "run: CREATE EXTENSION postgis",
            f"không thêm được PostGIS vào cơ sở dữ liệu ({error.orig}); hãy cài đặt, hoặc nhờ quản trị viên "
            "chạy: CREATE EXTENSION postgis",
        ) from error
    op.execute(
        "ALTER TABLE cells ADD COLUMN geom geometry(Point, 4326) "
        "GENERATED ALWAYS AS (ST_SetSRID(ST_MakePoint(lon, lat), 4326)) STORED"
    )
    op.execute("CREATE INDEX ix_cells_geom ON cells USING gist (geom)")


def _audit() -> None:
    op.create_table(
        "audit",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("object", sa.Text(), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_audit")),
    )


def _jobs() -> None:
    op.create_table(
        "jobs",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("worker", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("heartbeat_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancel_asked", sa.Boolean(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("message_vi", sa.Text(), nullable=False),
        sa.Column("log_tail", sa.Text(), nullable=False),
        sa.Column("result", sa.JSON(), nullable=True),
        sa.CheckConstraint(
            "state IN ('queued', 'running', 'done', 'failed', 'cancelled')", name=op.f("ck_jobs_state")
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_jobs")),
        sa.UniqueConstraint("id", name=op.f("uq_jobs_id")),
    )
    op.create_index("ix_jobs_state", "jobs", ["state"])
    op.create_index(
        "uq_jobs_one_running",
        "jobs",
        ["subject"],
        unique=True,
        sqlite_where=sa.text("state = 'running'"),
        postgresql_where=sa.text("state = 'running'"),
    )


def _operators() -> None:
    op.create_table(
        "operators",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_operators")),
        sa.UniqueConstraint("key", name=op.f("uq_operators_key")),
        sa.UniqueConstraint("name", name=op.f("uq_operators_name")),
    )


def _rate_buckets() -> None:
    op.create_table(
        "rate_buckets",
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("tokens", sa.Double(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key_id", "kind", name=op.f("pk_rate_buckets")),
    )


def _snapshots() -> None:
    op.create_table(
        "snapshots",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("lists", sa.JSON(), nullable=False),
        sa.Column("known_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("job_id", sa.Text(), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_snapshots")),
    )
    op.create_index("ix_snapshots_subject", "snapshots", ["subject", "as_of"])


def _api_keys() -> None:
    op.create_table(
        "api_keys",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("secret_sha256", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("operator_id", sa.Integer(), nullable=True),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(role = 'partner') = (operator_id IS NOT NULL)", name=op.f("ck_api_keys_partner_has_an_operator")
        ),
        sa.CheckConstraint(
            "role IN ('viewer', 'partner', 'planner', 'admin')", name=op.f("ck_api_keys_role")
        ),
        sa.ForeignKeyConstraint(
            ["operator_id"], ["operators.id"], name=op.f("fk_api_keys_operator_id_operators")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_keys")),
    )


def _mappings() -> None:
    op.create_table(
        "mappings",
        sa.Column("operator_id", sa.Integer(), nullable=False),
        sa.Column("mapping", sa.LargeBinary(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["operator_id"], ["operators.id"], name=op.f("fk_mappings_operator_id_operators")
        ),
        sa.PrimaryKeyConstraint("operator_id", name=op.f("pk_mappings")),
    )


def _site_lists() -> None:
    op.create_table(
        "site_lists",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("operator_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("idempotency_key", sa.Text(), nullable=True),
        sa.Column("request_digest", sa.Text(), nullable=False),
        sa.Column("mapping", sa.LargeBinary(), nullable=True),
        sa.Column("rows_read", sa.Integer(), nullable=True),
        sa.Column("rows_accepted", sa.Integer(), nullable=True),
        sa.Column("rows_rejected", sa.Integer(), nullable=True),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("uploaded_by", sa.Text(), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accepted_by", sa.Text(), nullable=True),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("superseded_by", sa.Text(), nullable=True),
        sa.Column("rejected_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rejected_by", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(state IN ('accepted', 'superseded')) = (accepted_at IS NOT NULL)",
            name=op.f("ck_site_lists_accepted_has_a_time"),
        ),
        sa.CheckConstraint(
            "state IN ('draft', 'checked', 'accepted', 'superseded', 'rejected')",
            name=op.f("ck_site_lists_state"),
        ),
        sa.CheckConstraint(
            "rows_accepted + rows_rejected = rows_read", name=op.f("ck_site_lists_rows_add_up")
        ),
        sa.ForeignKeyConstraint(
            ["operator_id"], ["operators.id"], name=op.f("fk_site_lists_operator_id_operators")
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_site_lists")),
        sa.UniqueConstraint("id", name=op.f("uq_site_lists_id")),
        sa.UniqueConstraint("operator_id", "version", name=op.f("uq_site_lists_operator_id_version")),
        sa.UniqueConstraint(
            "uploaded_by", "idempotency_key", name=op.f("uq_site_lists_uploaded_by_idempotency_key")
        ),
    )
    op.create_index(
        "uq_site_lists_one_accepted",
        "site_lists",
        ["operator_id", "as_of"],
        unique=True,
        sqlite_where=sa.text("state = 'accepted'"),
        postgresql_where=sa.text("state = 'accepted'"),
    )


def _cells() -> None:
    op.create_table(
        "cells",
        sa.Column("list_number", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("sheet", sa.Text(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("position_id", sa.Text(), nullable=False),
        sa.Column("station_id", sa.Text(), nullable=False),
        sa.Column("cell_id", sa.Text(), nullable=False),
        sa.Column("technology", sa.Text(), nullable=False),
        sa.Column("on_air", sa.Date(), nullable=True),
        sa.Column("lon", sa.Double(), nullable=False),
        sa.Column("lat", sa.Double(), nullable=False),
        sa.Column("freq_mhz", sa.Double(), nullable=False),
        sa.Column("eirp_dbm", sa.Double(), nullable=False),
        sa.Column("height_m", sa.Double(), nullable=False),
        sa.Column("azimuth_deg", sa.Double(), nullable=True),
        sa.Column("downtilt_deg", sa.Double(), nullable=False),
        sa.Column("beamwidth_h_deg", sa.Double(), nullable=False),
        sa.Column("beamwidth_v_deg", sa.Double(), nullable=False),
        sa.Column("environment", sa.Text(), nullable=False),
        sa.Column("mechanical_tilt_deg", sa.Double(), nullable=False),
        sa.Column("antenna", sa.Text(), nullable=False),
        sa.Column("pci", sa.Integer(), nullable=True),
        sa.Column("assumed", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["list_number"], ["site_lists.number"], name=op.f("fk_cells_list_number_site_lists")
        ),
        sa.PrimaryKeyConstraint("list_number", "number", name=op.f("pk_cells")),
    )


def _documents() -> None:
    op.create_table(
        "documents",
        sa.Column("list_number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["list_number"], ["site_lists.number"], name=op.f("fk_documents_list_number_site_lists")
        ),
        sa.PrimaryKeyConstraint("list_number", "kind", name=op.f("pk_documents")),
    )
