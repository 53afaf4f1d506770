"""The register on a day: which list of each operator counts, and all their cells together.

Two times are kept apart. The *reporting date* of a list (``as_of``) says for which days it speaks: from that
day until the operator's next reporting date. The *time of acceptance* says since when the register has
known it. On a day, for an operator, the list with the greatest reporting date not after that day counts; of
several with one reporting date, each a correction of the one before, the last accepted. Asked "as known at"
an earlier moment, lists accepted after it are as if they were not there. States play no part: a superseded
list still answers for its own days, and what was published of it can be computed again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from geocover.register.cells import read_cells
from geocover.register.lists import SiteList, chosen_lists
from geocover.register.tables import ListRow, OperatorRow

if TYPE_CHECKING:
    import datetime as dt

    import pandas as pd

    from geocover.register.database import Database

SAME_PLACE_DEG = 0.001  # about 100 m


def lists_as_of(
    database: Database, day: dt.date, known_at: dt.datetime | None = None
) -> tuple[SiteList, ...]:
    """Return the list of each operator that counts on a day, sorted by operator.

    Parameters
    ----------
    database
        The register.
    day
        The reporting date that is asked for.
    known_at
        What was accepted later than this moment does not count; everything where none is given.
    """
    lists = chosen_lists().where(ListRow.accepted_at.is_not(None), ListRow.as_of <= day)
    if known_at is not None:
        lists = lists.where(ListRow.accepted_at <= known_at)
    newest_last = lists.order_by(OperatorRow.name, ListRow.as_of, ListRow.accepted_at)
    with database.reading() as connection:
        rows = connection.execute(newest_last).mappings().all()
    return tuple({row["operator"]: SiteList(**row) for row in rows}.values())


def register_as_of(database: Database, day: dt.date, known_at: dt.datetime | None = None) -> pd.DataFrame:
    """Cells of all operators on a day, ready for `geocover.Network`.

    Parameters
    ----------
    database
        The register.
    day, known_at
        As in `lists_as_of`.

    Returns
    -------
    Columns of `geocover.register.cells.CELL_COLUMNS` and ``list``; RangeIndex; no row where nothing was
    accepted. An id that two operators use for different things begins with the operator's name.
    """
    chosen = [one.id for one in lists_as_of(database, day, known_at)]
    with database.reading() as connection:
        numbers = connection.execute(select(ListRow.number).where(ListRow.id.in_(chosen))).scalars().all()
        cells = read_cells(connection, numbers)
    return with_own_ids(cells)


def with_own_ids(cells: pd.DataFrame) -> pd.DataFrame:
    """Put the operator's name before ids of cells and stations that two operators use.

    An id of a position may be shared, since masts are, but not by positions that lie apart.
    """
    places = cells.groupby("position_id")[["lon", "lat"]]
    apart = (places.max() - places.min()).max(axis=1) > SAME_PLACE_DEG
    renamed = cells.copy()
    for name in ("cell_id", "station_id", "position_id"):
        users = cells[[name, "operator"]].drop_duplicates().groupby(name).size() > 1
        clash = users & apart if name == "position_id" else users
        rows = cells[name].map(clash).astype(bool)
        renamed[name] = cells[name].where(~rows, cells["operator"] + ":" + cells[name])
    return renamed
