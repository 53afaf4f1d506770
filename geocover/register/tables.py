"""The tables. Migrations make them (`geocover.register.migrations`); a test holds the two equal.

On PostgreSQL the cells have a column ``geom`` besides, a point that the database derives from lon and lat,
with a GiST index. Triggers, in the migration too, refuse to change what was accepted and what was audited.
"""

from __future__ import annotations

import datetime as dt
import json
import zlib
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    LargeBinary,
    MetaData,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcDateTime(TypeDecorator[dt.datetime]):
    """A moment: aware, in UTC on both sides; SQLite keeps it without its zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        """To the database."""
        if value is None:
            return None
        moment = value.astimezone(dt.UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        """From the database."""
        if value is None:
            return None
        return value.replace(tzinfo=dt.UTC) if dialect.name == "sqlite" else value.astimezone(dt.UTC)


class PackedJson(TypeDecorator[Any]):
    """JSON as compressed bytes: keeps any text, also NUL, which PostgreSQL's own types refuse."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: object, dialect: Dialect) -> bytes | None:  # noqa: ARG002
        """To the database."""
        return None if value is None else pack(value)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> object:  # noqa: ARG002
        """From the database."""
        return None if value is None else json.loads(zlib.decompress(value))


def pack(value: object) -> bytes:
    """JSON in bytes, compressed; the same value gives the same bytes."""
    plain = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return zlib.compress(plain.encode("ascii"), 6)


class Base(DeclarativeBase):
    """All tables of the register."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map = {  # noqa: RUF012 - declared so by SQLAlchemy
        str: Text,
        dt.datetime: UtcDateTime,
        dict[str, Any]: JSON,
        list[str]: JSON,
    }


class OperatorRow(Base):
    """An operator; ``key`` is the name without case and marks."""

    __tablename__ = "operators"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    key: Mapped[str] = mapped_column(unique=True)


class ListRow(Base):
    """One version of an operator's site list."""

    __tablename__ = "site_lists"
    __table_args__ = (
        UniqueConstraint("operator_id", "version"),
        UniqueConstraint("uploaded_by", "idempotency_key"),
        CheckConstraint("state IN ('draft', 'checked', 'accepted', 'superseded', 'rejected')", "state"),
        CheckConstraint("rows_accepted + rows_rejected = rows_read", "rows_add_up"),
        CheckConstraint(
            "(state IN ('accepted', 'superseded')) = (accepted_at IS NOT NULL)", "accepted_has_a_time"
        ),
        Index(
            "uq_site_lists_one_accepted",
            "operator_id",
            "as_of",
            unique=True,
            sqlite_where=text("state = 'accepted'"),
            postgresql_where=text("state = 'accepted'"),
        ),
    )

    number: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(unique=True)
    operator_id: Mapped[int] = mapped_column(ForeignKey("operators.id"))
    version: Mapped[int]
    state: Mapped[str]
    as_of: Mapped[dt.date]
    name: Mapped[str]
    sha256: Mapped[str]
    size: Mapped[int]
    idempotency_key: Mapped[str | None]
    request_digest: Mapped[str]
    mapping: Mapped[Any | None] = mapped_column(PackedJson)
    rows_read: Mapped[int | None]
    rows_accepted: Mapped[int | None]
    rows_rejected: Mapped[int | None]
    uploaded_at: Mapped[dt.datetime]
    uploaded_by: Mapped[str]
    checked_at: Mapped[dt.datetime | None]
    accepted_at: Mapped[dt.datetime | None]
    accepted_by: Mapped[str | None]
    superseded_at: Mapped[dt.datetime | None]
    superseded_by: Mapped[str | None]
    rejected_at: Mapped[dt.datetime | None]
    rejected_by: Mapped[str | None]
    reason: Mapped[str | None]


class DocumentRow(Base):
    """The uploaded file and the report on it, apart so that a change of state does not rewrite them."""

    __tablename__ = "documents"

    list_number: Mapped[int] = mapped_column(ForeignKey("site_lists.number"), primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    content: Mapped[bytes]


class CellRow(Base):
    """One cell of a list, columns as in `geocover.network.COLUMNS`; ``assumed`` names what was assumed."""

    __tablename__ = "cells"

    list_number: Mapped[int] = mapped_column(ForeignKey("site_lists.number"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    sheet: Mapped[str]
    row: Mapped[int]
    position_id: Mapped[str]
    station_id: Mapped[str]
    cell_id: Mapped[str]
    technology: Mapped[str]
    on_air: Mapped[dt.date | None]
    lon: Mapped[float]
    lat: Mapped[float]
    freq_mhz: Mapped[float]
    eirp_dbm: Mapped[float]
    height_m: Mapped[float]
    azimuth_deg: Mapped[float | None]
    downtilt_deg: Mapped[float]
    beamwidth_h_deg: Mapped[float]
    beamwidth_v_deg: Mapped[float]
    environment: Mapped[str]
    mechanical_tilt_deg: Mapped[float]
    antenna: Mapped[str]
    pci: Mapped[int | None]
    assumed: Mapped[str]


class MappingRow(Base):
    """What an operator's columns mean, for its next upload."""

    __tablename__ = "mappings"

    operator_id: Mapped[int] = mapped_column(ForeignKey("operators.id"), primary_key=True)
    mapping: Mapped[Any] = mapped_column(PackedJson)
    updated_at: Mapped[dt.datetime]
    updated_by: Mapped[str]


class KeyRow(Base):
    """An API key; its secret is not here, only the secret's SHA-256."""

    __tablename__ = "api_keys"
    __table_args__ = (
        CheckConstraint("role IN ('viewer', 'partner', 'planner', 'admin')", "role"),
        CheckConstraint("(role = 'partner') = (operator_id IS NOT NULL)", "partner_has_an_operator"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    secret_sha256: Mapped[str]
    name: Mapped[str]
    role: Mapped[str]
    operator_id: Mapped[int | None] = mapped_column(ForeignKey("operators.id"))
    scopes: Mapped[list[str]]
    created_at: Mapped[dt.datetime]
    expires_at: Mapped[dt.datetime | None]
    revoked_at: Mapped[dt.datetime | None]
    last_used_at: Mapped[dt.datetime | None]


class BucketRow(Base):
    """Tokens that a key has left for one kind of request."""

    __tablename__ = "rate_buckets"

    key_id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    tokens: Mapped[float]
    updated_at: Mapped[dt.datetime]


class JobRow(Base):
    """Something long to be done by a process of its own."""

    __tablename__ = "jobs"
    __table_args__ = (
        CheckConstraint("state IN ('queued', 'running', 'done', 'failed', 'cancelled')", "state"),
        Index("ix_jobs_state", "state"),
        Index(
            "uq_jobs_one_running",
            "subject",
            unique=True,
            sqlite_where=text("state = 'running'"),
            postgresql_where=text("state = 'running'"),
        ),
    )

    number: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    subject: Mapped[str | None]
    payload: Mapped[dict[str, Any]]
    state: Mapped[str]
    attempts: Mapped[int]
    worker: Mapped[str | None]
    created_at: Mapped[dt.datetime]
    created_by: Mapped[str]
    started_at: Mapped[dt.datetime | None]
    heartbeat_at: Mapped[dt.datetime | None]
    finished_at: Mapped[dt.datetime | None]
    cancel_asked: Mapped[bool]
    step: Mapped[str]
    done: Mapped[int]
    total: Mapped[int]
    message: Mapped[str]
    message_vi: Mapped[str]
    log_tail: Mapped[str]
    result: Mapped[dict[str, Any] | None]


class SnapshotRow(Base):
    """A snapshot that a job means to write, or has written; ``name`` is its folder."""

    __tablename__ = "snapshots"
    __table_args__ = (Index("ix_snapshots_subject", "subject", "as_of"),)

    name: Mapped[str] = mapped_column(primary_key=True)
    subject: Mapped[str]
    as_of: Mapped[dt.date]
    digest: Mapped[str]
    lists: Mapped[list[str]]
    known_at: Mapped[dt.datetime]
    job_id: Mapped[str | None]
    published_at: Mapped[dt.datetime | None]


class AuditRow(Base):
    """Who did what to what; never changed."""

    __tablename__ = "audit"

    number: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[dt.datetime]
    key_id: Mapped[str]
    action: Mapped[str]
    object: Mapped[str]
    details: Mapped[dict[str, Any]]
