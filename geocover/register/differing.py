"""Two lists of the register compared: the database leaves out the cells that are alike in both."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
from sqlalchemy import Integer, Text, and_, cast, select

from geocover.register.differences import COMPARED, IDENTITY, MOVED_M, Diff, diff
from geocover.register.lists import get
from geocover.register.tables import CellRow, ListRow

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import CTE, Connection, ScalarSelect

    from geocover.register.database import Database

NAMES = tuple(dict.fromkeys([*IDENTITY, "lon", "lat", *COMPARED, "sheet", "row"]))
STORED = tuple(name for name in NAMES if name != "operator")
# Cells that stand elsewhere in a partner's file may be alike.
ALIKE = tuple(name for name in STORED if name not in ("cell_id", "sheet", "row"))


def diff_of(database: Database, old_id: str | None, new_id: str, moved_m: float = MOVED_M) -> Diff:
    """Compare two lists of one operator, as `geocover.register.differences.diff` does their cells.

    A cell with the same id and parameters in both lists would be found by its id, before all others, and be
    neither added, removed, moved nor changed: leaving such cells out first changes nothing but the time.

    Parameters
    ----------
    database
        The register.
    old_id
        The list before; None compares with nothing.
    new_id
        The list after.
    moved_m
        Metres beyond which a cell has moved.

    Returns
    -------
    Tables of added and removed cells have the columns `NAMES`.

    Raises
    ------
    NotFoundError
        There is no such list.
    """
    new = get(database, new_id)
    old = None if old_id is None else get(database, old_id)
    with database.reading() as connection:
        after = _rows(connection, new_id, old_id)
        before = [] if old is None else _rows(connection, old.id, new_id)
    was = _table(before, old.operator if old else new.operator)
    return diff(was, _table(after, new.operator), moved_m)


def _rows(connection: Connection, list_id: str, other_id: str | None) -> Sequence[tuple[Any, ...]]:
    """Cells of a list that are not alike in another, columns `STORED`, in the order of the list."""
    columns = [CellRow.__table__.c[name] for name in STORED]
    # Dates come as text, for many dates are slow to make.
    read = [cast(one, Text).label(one.name) if one.name == "on_air" else one for one in columns]
    chosen = select(*read).where(CellRow.list_number == _number(list_id)).order_by(CellRow.number)
    if other_id is not None:
        other = _other(other_id)
        same = [other.c[name].is_not_distinct_from(CellRow.__table__.c[name]) for name in ALIKE]
        chosen = chosen.outerjoin(other, and_(other.c.cell_id == CellRow.cell_id, *same))
        chosen = chosen.where(other.c.cell_id.is_(None))
    # The driver's own rows: nothing is to be done to the values.
    cursor: Any = connection.execute(chosen).cursor
    rows: Sequence[tuple[Any, ...]] = cursor.fetchall()
    return rows


def _other(list_id: str) -> CTE:
    """Cells to be looked up by id: taken out of the table first, so that the index on places is not used.

    A hundred thousand cells may stand at one place, but only one has an id.
    """
    columns = [CellRow.__table__.c[name] for name in ("cell_id", *ALIKE)]
    cells = select(*columns).where(CellRow.list_number == _number(list_id))
    return cells.cte("other").prefix_with("MATERIALIZED")


def _number(list_id: str) -> ScalarSelect[int]:
    return select(ListRow.number).where(ListRow.id == list_id).scalar_subquery()


def _table(rows: Sequence[tuple[Any, ...]], operator: str) -> pd.DataFrame:
    columns = zip(*rows, strict=True) if rows else [()] * len(STORED)
    series = {name: _series(name, values) for name, values in zip(STORED, columns, strict=True)}
    return pd.DataFrame({**series, "operator": pd.Series([operator] * len(rows), dtype="str")})[list(NAMES)]


def _series(name: str, values: Sequence[Any]) -> pd.Series:
    kind = CellRow.__table__.c[name].type
    if name == "on_air":
        return pd.to_datetime(pd.Series(values, dtype="str"), format="%Y-%m-%d")
    if isinstance(kind, Integer):
        return pd.Series(values, dtype="int64")
    return pd.Series(values, dtype="str" if isinstance(kind, Text) else float)
