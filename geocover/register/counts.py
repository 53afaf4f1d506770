"""How many jobs and site lists there are in each state."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, get_args

from sqlalchemy import func, select

from geocover.register.jobs import JobState
from geocover.register.lists import State
from geocover.register.tables import JobRow, ListRow

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from geocover.register.database import Database


@dataclass(frozen=True)
class States:
    """Numbers by state; a state that none is in has 0."""

    jobs: dict[str, int]
    lists: dict[str, int]


def states(database: Database) -> States:
    """Count jobs and site lists by state.

    Raises
    ------
    DatabaseError
        The register cannot be reached.
    """
    with database.reading() as connection:
        return States(
            dict.fromkeys(get_args(JobState), 0) | _count(connection, JobRow),
            dict.fromkeys(get_args(State), 0) | _count(connection, ListRow),
        )


def _count(connection: Connection, table: type[JobRow | ListRow]) -> dict[str, int]:
    rows = connection.execute(select(table.state, func.count()).group_by(table.state))
    return {str(state): int(number) for state, number in rows}
