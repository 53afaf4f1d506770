"""Cells of the lists: DataFrames in and out, written in bulk."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from sqlalchemy import delete, select

from geocover.network import COLUMNS, LIMITS, PARAMETERS, TECHNOLOGIES
from geocover.register.errors import InvalidError
from geocover.register.operators import operator_key
from geocover.register.tables import CellRow, ListRow, OperatorRow

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

FLAGS = tuple(f"{name}_assumed" for name in PARAMETERS)
PLACE = ("sheet", "row")
OPTIONAL = ("pci",)
# What `geocover.site_lists` hands over, and what comes back.
CELL_COLUMNS = (*COLUMNS, *FLAGS, *PLACE, *OPTIONAL)
STORED = tuple(column.name for column in CellRow.__table__.columns if column.name != "list_number")
TEXTS = (
    "sheet", "position_id", "station_id", "cell_id", "operator", "technology", "environment", "antenna"
)  # fmt: skip
NUMBERS = (*LIMITS, "azimuth_deg")


def check_cells(cells: pd.DataFrame, operator: str) -> None:
    """Refuse cells that the register could not give back as they are.

    Parameters
    ----------
    cells
        One row a cell, columns of `CELL_COLUMNS` (``pci`` may be missing).
    operator
        Whose they must be.

    Raises
    ------
    InvalidError
        A column is missing or unknown, a value is of the wrong kind, a cell is another operator's, or two
        cells share an id; the first such row is named.
    """
    names = set(cells.columns)
    missing, unknown = set(CELL_COLUMNS) - set(OPTIONAL) - names, names - set(CELL_COLUMNS)
    if missing or unknown:
        raise InvalidError(
            f"cells: columns missing: {sorted(missing)}, unknown: {sorted(unknown)}",
            f"bảng cell: thiếu cột {sorted(missing)}, cột lạ {sorted(unknown)}",
        )
    for name in TEXTS:
        _refuse(cells, name, [not isinstance(value, str) or "\0" in value for value in cells[name]])
    for name in NUMBERS:
        known = np.isfinite(cells[name].to_numpy(dtype=float))
        if name == "azimuth_deg":
            known |= cells[name].isna().to_numpy()
        _refuse(cells, name, ~known)
    _refuse(cells, "technology", ~cells["technology"].isin(TECHNOLOGIES))
    spellings = {name: operator_key(name) == operator_key(operator) for name in cells["operator"].unique()}
    _refuse(cells, "operator", ~cells["operator"].map(spellings).astype(bool))
    _refuse(cells, "cell_id", cells["cell_id"].duplicated())


def _refuse(cells: pd.DataFrame, name: str, wrong: Sequence[bool] | np.ndarray | pd.Series) -> None:
    found = np.flatnonzero(np.asarray(wrong, dtype=bool))
    if found.size:
        cell = cells.iloc[int(found[0])]
        at = (cell["sheet"], cell["row"], name, cell[name])
        raise InvalidError(
            "sheet {!r}, row {}, {} = {!r}: cannot be kept; correct the list".format(*at),
            "trang {!r}, dòng {}, {} = {!r}: không lưu được; hãy sửa danh sách".format(*at),
        )


def write_cells(connection: Connection, list_number: int, cells: pd.DataFrame) -> None:
    """Replace the cells of a list that is not accepted."""
    connection.execute(delete(CellRow).where(CellRow.list_number == list_number))
    columns = [[list_number] * len(cells), list(range(len(cells)))]
    columns += [_plain(cells, name) for name in STORED if name != "number"]
    names = ("list_number", *STORED)
    rows = list(zip(*columns, strict=True))
    if not rows:
        return
    if connection.dialect.name == "postgresql":
        _copy(connection, names, rows)
    else:
        marks = ", ".join("?" * len(names))
        statement = f"INSERT INTO cells ({', '.join(_quoted(names))}) VALUES ({marks})"  # noqa: S608 - our names
        connection.exec_driver_sql(statement, rows)


def _quoted(names: Sequence[str]) -> list[str]:
    return [f'"{name}"' for name in names]


def _copy(connection: Connection, names: Sequence[str], rows: list[tuple[object, ...]]) -> None:
    """COPY takes a third of the time of INSERT."""
    driver: Any = connection.connection.driver_connection
    with (
        driver.cursor() as cursor,
        cursor.copy(f"COPY cells ({', '.join(_quoted(names))}) FROM STDIN") as copy,
    ):
        for row in rows:
            copy.write_row(row)


def _plain(cells: pd.DataFrame, name: str) -> list[Any]:
    """One column as plain Python values, None for what is unknown."""
    if name == "assumed":
        return _assumed(cells)
    if name == "on_air":
        dates = pd.to_datetime(cells[name])
        return list(dates.dt.strftime("%Y-%m-%d").astype(object).where(dates.notna(), None))
    if name == "row":
        return [int(value) for value in cells[name]]
    if name == "pci":
        values = cells[name] if name in cells else pd.Series([pd.NA] * len(cells))
        return [None if pd.isna(value) else int(value) for value in values]
    if name in NUMBERS:
        return [None if value != value else value for value in cells[name].astype(float).tolist()]  # noqa: PLR0124
    return cells[name].tolist()


def _assumed(cells: pd.DataFrame) -> list[str]:
    """Names of what is assumed, row by row; as in the canonical CSV."""
    bits = cells[list(FLAGS)].to_numpy(dtype=bool) @ (1 << np.arange(len(FLAGS)))
    names = {
        int(code): " ".join(name for bit, name in enumerate(PARAMETERS) if code >> bit & 1)
        for code in np.unique(bits)
    }
    return [names[int(code)] for code in bits]


def read_cells(connection: Connection, list_numbers: Sequence[int]) -> pd.DataFrame:
    """Cells of some lists below each other, columns of `CELL_COLUMNS` and ``list``.

    Parameters
    ----------
    connection
        To the register.
    list_numbers
        Which lists.

    Returns
    -------
    RangeIndex, by operator and then in the order of the list; ``list`` is the list's id, ``operator`` the
    operator's one spelling.
    """
    columns = [CellRow.__table__.c[name] for name in STORED]
    cells = (
        select(ListRow.id.label("list"), OperatorRow.name.label("operator"), *columns)
        .join(ListRow, ListRow.number == CellRow.list_number)
        .join(OperatorRow, OperatorRow.id == ListRow.operator_id)
        .where(CellRow.list_number.in_(list_numbers))
        .order_by(OperatorRow.name, CellRow.list_number, CellRow.number)
    )
    result = connection.execute(cells)
    return _frame(list(result.keys()), result.all())


def _frame(names: list[str], rows: Sequence[tuple[Any, ...]]) -> pd.DataFrame:
    columns = dict(zip(names, zip(*rows, strict=True), strict=True)) if rows else dict.fromkeys(names, ())
    table = pd.DataFrame(index=pd.RangeIndex(len(rows)))
    for name in ("list", *TEXTS):
        table[name] = pd.Series(list(columns[name]), dtype="str")
    for name in NUMBERS:
        table[name] = pd.Series(list(columns[name]), dtype=float)
    table["row"] = pd.Series(list(columns["row"]), dtype="int64")
    table["pci"] = pd.array([pd.NA if value is None else value for value in columns["pci"]], dtype="Int64")
    table["on_air"] = pd.to_datetime(
        pd.Series([value.isoformat() if isinstance(value, dt.date) else None for value in columns["on_air"]]),
        format="%Y-%m-%d",
    )
    told = pd.Series(list(columns["assumed"]), dtype="str")
    unique = {value: set(value.split()) for value in told.unique()}
    for name in PARAMETERS:
        flags = {value: name in parts for value, parts in unique.items()}
        table[f"{name}_assumed"] = told.map(flags).astype(bool)
    return table[["list", *CELL_COLUMNS]]
