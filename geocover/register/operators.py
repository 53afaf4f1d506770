"""Operators as the register knows them: one spelling of each name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from geocover.names import fold, nfc
from geocover.network import RESERVED
from geocover.register.errors import InvalidError
from geocover.register.tables import OperatorRow

if TYPE_CHECKING:
    from sqlalchemy import Connection
    from sqlalchemy.dialects.postgresql import Insert as PostgresqlInsert
    from sqlalchemy.dialects.sqlite import Insert as SqliteInsert

    from geocover.register.database import Database
    from geocover.register.tables import Base


def insert_or(connection: Connection, table: type[Base]) -> SqliteInsert | PostgresqlInsert:
    """INSERT that may say ON CONFLICT, which each database's dialect has for itself."""
    if connection.dialect.name == "sqlite":
        from sqlalchemy.dialects import sqlite

        return sqlite.insert(table)
    from sqlalchemy.dialects import postgresql

    return postgresql.insert(table)


def operator_key(name: str) -> str:
    """What two spellings of an operator's name have in common: no case, no marks, single spaces."""
    return fold(name) or nfc(name).strip()


def operators(database: Database) -> tuple[str, ...]:
    """Names of all operators, sorted."""
    with database.reading() as connection:
        return tuple(sorted(connection.execute(select(OperatorRow.name)).scalars()))


def lock_operator(connection: Connection, name: str) -> int:
    """Number of an operator, made where it is new; locked until the transaction ends.

    Raises
    ------
    InvalidError
        The name is empty or means "all operators".
    """
    key = operator_key(name)
    if not key or key in RESERVED or "\0" in name:
        raise InvalidError(
            f"operator = {name!r}: give the operator's name", f"operator = {name!r}: hãy ghi tên nhà mạng"
        )
    new = insert_or(connection, OperatorRow).values(name=nfc(name).strip(), key=key)
    connection.execute(new.on_conflict_do_nothing())
    locked = select(OperatorRow.id).where(OperatorRow.key == key).with_for_update()
    return int(connection.execute(locked).scalar_one())
