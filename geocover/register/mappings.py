"""What an operator's columns mean: said once by the partner, used again for the next upload."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, select

from geocover.register.audit import note
from geocover.register.operators import insert_or, operator_key
from geocover.register.tables import MappingRow, OperatorRow

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from geocover.register.database import Database


def mapping_of(database: Database, operator: str) -> dict[str, Any]:
    """Return the mapping that an operator's next upload starts from; empty where none was kept."""
    kept = (
        select(MappingRow.mapping)
        .join(OperatorRow, OperatorRow.id == MappingRow.operator_id)
        .where(OperatorRow.key == operator_key(operator))
    )
    with database.reading() as connection:
        return dict(connection.execute(kept).scalar_one_or_none() or {})


def remember(
    connection: Connection, operator_id: int, mapping: Mapping[str, Any], when_who: tuple[dt.datetime, str]
) -> None:
    """Keep a mapping in the caller's transaction."""
    values = {"mapping": dict(mapping), "updated_at": when_who[0], "updated_by": when_who[1]}
    new = insert_or(connection, MappingRow).values(operator_id=operator_id, **values)
    connection.execute(new.on_conflict_do_update(index_elements=[MappingRow.operator_id], set_=values))


def forget(database: Database, operator: str, by: str) -> None:
    """Forget what an operator's columns were said to mean: its next lists are read by their heads alone."""
    owner = select(OperatorRow.id).where(OperatorRow.key == operator_key(operator)).scalar_subquery()
    with database.writing() as connection:
        gone = connection.execute(delete(MappingRow).where(MappingRow.operator_id == owner))
        if gone.rowcount:
            note(connection, database.clock(), (by, "mapping:forget", operator), {})
