"""The tables. Migrations make them (`geocover.register.migrations`); a test holds the two equal.

On PostgreSQL the cells have a column ``geom`` besides, a point that the database derives from lon and lat,
with a GiST index. Triggers, in the migration too, refuse to change what was accepted and what was audited.
"""

from __future__ import annotations

import datetime as dt
import json
import zlib
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, cast

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Dialect,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement
    from sqlalchemy.schema import SchemaItem
    from sqlalchemy.types import TypeEngine

    T = TypeVar("T")
    Kind = type[TypeEngine[T]] | TypeEngine[T]

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
REAL: Double[float] = Double()


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


class Base:
    """All tables of the register: a class is one table, its attributes are the columns.

    Not mapped classes of SQLAlchemy: nobody needs sessions, and its ORM takes each process a tenth of a
    second to import.
    """

    metadata = MetaData(naming_convention=NAMES)
    __tablename__: ClassVar[str]
    __table_args__: ClassVar[tuple[SchemaItem, ...]] = ()
    __table__: ClassVar[Table]

    def __init_subclass__(cls) -> None:
        columns = {name: value for name, value in vars(cls).items() if isinstance(value, Column)}
        for name, column in columns.items():
            column.key = column.name = name
        cls.__table__ = Table(cls.__tablename__, cls.metadata, *columns.values(), *cls.__table_args__)

    @classmethod
    def __clause_element__(cls) -> Table:
        """As SQLAlchemy asks, so that `insert`, `update` and joins take the class."""
        return cls.__table__


def _given(
    kind: Kind[T], *more: ForeignKey, primary_key: bool = False, unique: bool = False
) -> ColumnElement[T]:
    """Column that always has a value."""
    return Column(kind, *more, nullable=False, primary_key=primary_key, unique=unique)


def _maybe(kind: Kind[T], *more: ForeignKey) -> ColumnElement[T | None]:
    """Column that may have none."""
    return cast("ColumnElement[T | None]", Column(kind, *more))


class OperatorRow(Base):
    """An operator; ``key`` is the name without case and marks."""

    __tablename__ = "operators"

    id = _given(Integer, primary_key=True)
    name = _given(Text, unique=True)
    key = _given(Text, unique=True)


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

    number = _given(Integer, primary_key=True)
    id = _given(Text, unique=True)
    operator_id = _given(Integer, ForeignKey("operators.id"))
    version = _given(Integer)
    state = _given(Text)
    as_of = _given(Date)
    name = _given(Text)
    sha256 = _given(Text)
    size = _given(Integer)
    idempotency_key = _maybe(Text)
    request_digest = _given(Text)
    mapping = _maybe(PackedJson)
    rows_read = _maybe(Integer)
    rows_accepted = _maybe(Integer)
    rows_rejected = _maybe(Integer)
    uploaded_at = _given(UtcDateTime)
    uploaded_by = _given(Text)
    checked_at = _maybe(UtcDateTime)
    accepted_at = _maybe(UtcDateTime)
    accepted_by = _maybe(Text)
    superseded_at = _maybe(UtcDateTime)
    superseded_by = _maybe(Text)
    rejected_at = _maybe(UtcDateTime)
    rejected_by = _maybe(Text)
    reason = _maybe(Text)


class DocumentRow(Base):
    """The uploaded file and the report on it, apart so that a change of state does not rewrite them."""

    __tablename__ = "documents"

    list_number = _given(Integer, ForeignKey("site_lists.number"), primary_key=True)
    kind = _given(Text, primary_key=True)
    content = _given(LargeBinary)


class CellRow(Base):
    """One cell of a list, columns as in `geocover.network.COLUMNS`; ``assumed`` names what was assumed."""

    __tablename__ = "cells"

    list_number = _given(Integer, ForeignKey("site_lists.number"), primary_key=True)
    number = _given(Integer, primary_key=True)
    sheet = _given(Text)
    row = _given(Integer)
    position_id = _given(Text)
    station_id = _given(Text)
    cell_id = _given(Text)
    technology = _given(Text)
    on_air = _maybe(Date)
    lon = _given(REAL)
    lat = _given(REAL)
    freq_mhz = _given(REAL)
    eirp_dbm = _given(REAL)
    height_m = _given(REAL)
    azimuth_deg = _maybe(REAL)
    downtilt_deg = _given(REAL)
    beamwidth_h_deg = _given(REAL)
    beamwidth_v_deg = _given(REAL)
    environment = _given(Text)
    mechanical_tilt_deg = _given(REAL)
    antenna = _given(Text)
    pci = _maybe(Integer)
    assumed = _given(Text)


class MappingRow(Base):
    """What an operator's columns mean, for its next upload."""

    __tablename__ = "mappings"

    operator_id = _given(Integer, ForeignKey("operators.id"), primary_key=True)
    mapping = _given(PackedJson)
    updated_at = _given(UtcDateTime)
    updated_by = _given(Text)


class KeyRow(Base):
    """An API key; its secret is not here, only the secret's SHA-256."""

    __tablename__ = "api_keys"
    __table_args__ = (
        CheckConstraint("role IN ('viewer', 'partner', 'planner', 'admin')", "role"),
        CheckConstraint("(role = 'partner') = (operator_id IS NOT NULL)", "partner_has_an_operator"),
    )

    id = _given(Text, primary_key=True)
    secret_sha256 = _given(Text)
    name = _given(Text)
    role = _given(Text)
    operator_id = _maybe(Integer, ForeignKey("operators.id"))
    scopes = _given(JSON)
    created_at = _given(UtcDateTime)
    expires_at = _maybe(UtcDateTime)
    revoked_at = _maybe(UtcDateTime)
    last_used_at = _maybe(UtcDateTime)


class BucketRow(Base):
    """Tokens that a key has left for one kind of request."""

    __tablename__ = "rate_buckets"

    key_id = _given(Text, primary_key=True)
    kind = _given(Text, primary_key=True)
    tokens = _given(REAL)
    updated_at = _given(UtcDateTime)


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

    number = _given(Integer, primary_key=True)
    id = _given(Text, unique=True)
    kind = _given(Text)
    subject = _maybe(Text)
    payload = _given(JSON)
    state = _given(Text)
    attempts = _given(Integer)
    worker = _maybe(Text)
    created_at = _given(UtcDateTime)
    created_by = _given(Text)
    started_at = _maybe(UtcDateTime)
    heartbeat_at = _maybe(UtcDateTime)
    finished_at = _maybe(UtcDateTime)
    cancel_asked = _given(Boolean)
    step = _given(Text)
    done = _given(Integer)
    total = _given(Integer)
    message = _given(Text)
    message_vi = _given(Text)
    log_tail = _given(Text)
    result = _maybe(JSON)


class SnapshotRow(Base):
    """A snapshot that a job means to write, or has written; ``name`` is its folder."""

    __tablename__ = "snapshots"
    __table_args__ = (Index("ix_snapshots_subject", "subject", "as_of"),)

    name = _given(Text, primary_key=True)
    subject = _given(Text)
    as_of = _given(Date)
    digest = _given(Text)
    lists = _given(JSON)
    known_at = _given(UtcDateTime)
    job_id = _maybe(Text)
    published_at = _maybe(UtcDateTime)


class AuditRow(Base):
    """Who did what to what; never changed."""

    __tablename__ = "audit"

    number = _given(Integer, primary_key=True)
    at = _given(UtcDateTime)
    key_id = _given(Text)
    action = _given(Text)
    object = _given(Text)
    details = _given(JSON)
