"""API keys: ``gck_<id>_<secret>``, shown once.

The secret has 192 random bits, so nobody guesses it and a slow hash, which protects passwords that people
choose, would only cost time: its SHA-256 is kept.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import re
import secrets
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, cast, get_args

from sqlalchemy import Select, insert, select, update

from geocover.register.audit import note
from geocover.register.errors import BusyError, InvalidError, NotFoundError
from geocover.register.operators import lock_operator
from geocover.register.tables import KeyRow, OperatorRow

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geocover.register.database import Database

Role = Literal["viewer", "partner", "planner", "admin"]
Scope = Literal["read", "write"]
ROLES: tuple[Role, ...] = get_args(Role)
SCOPES: tuple[Scope, ...] = get_args(Scope)

TOKEN = re.compile(r"gck_(?P<id>[0-9a-f]{12})_(?P<secret>[0-9a-f]{48})")
USED_EVERY = dt.timedelta(minutes=1)
NOBODY = hashlib.sha256(b"").hexdigest()


@dataclass(frozen=True)
class Key:
    """A key without its secret.

    Attributes
    ----------
    id
        Public part of the key; names it in lists and in the audit.
    name
        Whose key it is, in words.
    role, operator, scopes
        What it may do (`geocover.register.permissions`); ``operator`` for partners alone.
    created_at, expires_at, revoked_at, last_used_at
        Aware moments; ``last_used_at`` to the minute.
    """

    id: str
    name: str
    role: Role
    operator: str | None
    scopes: tuple[Scope, ...]
    created_at: dt.datetime
    expires_at: dt.datetime | None
    revoked_at: dt.datetime | None
    last_used_at: dt.datetime | None

    def valid(self, now: dt.datetime) -> bool:
        """Whether it is neither revoked nor expired."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


@dataclass(frozen=True)
class NewKey:
    """What a key is to be: a partner's names its operator, the others none."""

    name: str
    role: Role
    operator: str | None = None
    scopes: Sequence[Scope] = SCOPES
    expires_at: dt.datetime | None = None

    def __post_init__(self) -> None:
        if not self.name.strip():
            raise InvalidError("a key needs a name: whose it is", "khoá phải có tên: khoá của ai")
        if self.role not in ROLES or not self.scopes or not set(self.scopes) <= set(SCOPES):
            raise InvalidError(
                f"role {self.role!r}, scopes {list(self.scopes)}: roles are {', '.join(ROLES)}, "
                f"scopes {', '.join(SCOPES)}",
                f"vai trò {self.role!r}, phạm vi {list(self.scopes)}: vai trò gồm {', '.join(ROLES)}, "
                f"phạm vi gồm {', '.join(SCOPES)}",
            )
        if (self.role == "partner") != bool(self.operator):
            raise InvalidError(
                f"operator {self.operator!r} for role {self.role}: a partner's key, and no other, needs one",
                f"nhà mạng {self.operator!r} cho vai trò {self.role}: chỉ khoá của đối tác mới cần nhà mạng",
            )


def add_key(database: Database, new: NewKey, by: str) -> tuple[Key, str]:
    """Make a key; gives it and its token, which cannot be had again.

    Raises
    ------
    InvalidError
        The operator's name cannot be one.
    """
    key_id, secret = secrets.token_hex(6), secrets.token_hex(24)
    with database.writing() as connection:
        now = database.clock()
        operator_id = lock_operator(connection, new.operator) if new.operator else None
        connection.execute(
            insert(KeyRow).values(
                id=key_id,
                secret_sha256=_digest(secret),
                name=new.name,
                role=new.role,
                operator_id=operator_id,
                scopes=[scope for scope in SCOPES if scope in new.scopes],
                created_at=now,
                expires_at=new.expires_at,
            )
        )
        told = {"name": new.name, "role": new.role, "operator": new.operator, "action": "add"}
        note(connection, now, (by, "keys:manage", key_id), told)
        row = connection.execute(_keys().where(KeyRow.id == key_id)).mappings().one()
    return _key(row), f"gck_{key_id}_{secret}"


def all_keys(database: Database) -> tuple[Key, ...]:
    """All keys, revoked ones too, oldest first."""
    with database.reading() as connection:
        rows = connection.execute(_keys().order_by(KeyRow.created_at, KeyRow.id)).mappings()
        return tuple(_key(row) for row in rows)


def role_of(database: Database, key_id: str) -> Role | None:
    """Role of a key, whether it is valid or not; None for what is no key's id, such as "cli"."""
    with database.reading() as connection:
        found = connection.execute(select(KeyRow.role).where(KeyRow.id == key_id)).scalar_one_or_none()
    return None if found is None else cast("Role", found)


def revoke_key(database: Database, key_id: str, by: str) -> Key:
    """Make a key useless from now on; a second time changes nothing.

    Raises
    ------
    NotFoundError
        There is no such key.
    """
    with database.writing() as connection:
        now = database.clock()
        found = connection.execute(_keys().where(KeyRow.id == key_id)).mappings().one_or_none()
        if found is None:
            raise NotFoundError(f"there is no key {key_id!r}", f"không có khoá {key_id!r}")
        change = update(KeyRow).where(KeyRow.id == key_id, KeyRow.revoked_at.is_(None))
        if connection.execute(change.values(revoked_at=now)).rowcount:
            note(connection, now, (by, "keys:manage", key_id), {"action": "revoke"})
        return _key(connection.execute(_keys().where(KeyRow.id == key_id)).mappings().one())


def authenticate(database: Database, token: str) -> Key | None:
    """Return the key of a token; None for one that is unknown, wrong, expired or revoked."""
    parts = TOKEN.fullmatch(token)
    if parts is None:
        return None
    with database.reading() as connection:
        row = (
            connection.execute(_keys().add_columns(KeyRow.secret_sha256).where(KeyRow.id == parts["id"]))
            .mappings()
            .one_or_none()
        )
    # Compared in constant time, and also where there is no such key, so that the time tells nothing.
    same = hmac.compare_digest(_digest(parts["secret"]), NOBODY if row is None else row["secret_sha256"])
    if row is None or not same:
        return None
    key = _key(row)
    now = database.clock()
    if not key.valid(now):
        return None
    if key.last_used_at is None or now - key.last_used_at >= USED_EVERY:
        _used(database, key.id, now)
    return key


def _used(database: Database, key_id: str, now: dt.datetime) -> None:
    """Remember that a key was used; not worth a failure where the register is busy."""
    with suppress(BusyError), database.writing() as connection:
        connection.execute(update(KeyRow).where(KeyRow.id == key_id).values(last_used_at=now))


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("ascii")).hexdigest()


def _keys() -> Select[Any]:
    hidden = ("secret_sha256", "operator_id")
    columns = [column for column in KeyRow.__table__.columns if column.name not in hidden]
    return select(OperatorRow.name.label("operator"), *columns).outerjoin(
        OperatorRow, OperatorRow.id == KeyRow.operator_id
    )


def _key(row: Any) -> Key:  # noqa: ANN401 - SQLAlchemy's row of any columns
    values = {name: value for name, value in row.items() if name != "secret_sha256"}
    return Key(**{**values, "scopes": tuple(values["scopes"])})
