"""From a partner's file to a checked list: read, found, understood, placed, compared, refused or accepted."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from geocover.site_lists.checked import CheckedList, CheckedTable
from geocover.site_lists.columns.columns import known_header, understand
from geocover.site_lists.columns.mapping import ColumnMapping
from geocover.site_lists.findings import Findings
from geocover.site_lists.measurements import measured_level
from geocover.site_lists.own import without_own
from geocover.site_lists.places.communes import check_communes
from geocover.site_lists.places.duplicates import find_duplicates
from geocover.site_lists.places.positions import read_positions
from geocover.site_lists.reading import read_book
from geocover.site_lists.repeating import fill_down
from geocover.site_lists.tables import find_tables
from geocover.site_lists.values.budgets import without_impossible
from geocover.site_lists.values.cells import explode
from geocover.site_lists.values.rows import Given, read_rows

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from geocover.site_lists.columns.columns import Columns
    from geocover.site_lists.places.reference import Reference
    from geocover.site_lists.sheets import Book, Table


# "Phường Thanh Miếu" resembles a head at 0.6: rows of a list without heads must not be taken for one.
LEAST_SURE = 0.7
# A table with none of these columns tells of no site.
_NAMING = (
    *("station_id", "station_name", "position_id", "cell_id", "cell_name"),
    *("lon", "lat", "x_m", "y_m", "x", "y", "position"),
)
# Columns of no cells at all: what completing them does not add.
_NAMED = ("position_id", "station_id", "cell_id", "operator", "technology", "lon", "lat", "sheet", "row")


@dataclass(frozen=True, eq=False)
class _Understood:
    """A table on its way through the checks: `rows` and `positions` have one row for each of its."""

    table: Table
    columns: Columns
    rows: pd.DataFrame
    positions: pd.DataFrame


def check_list(
    path: str | Path,
    *,
    reference: Reference | None = None,
    mapping: ColumnMapping | None = None,
    operator: str | None = None,
    technology: str | None = None,
    crs: str | None = None,
    as_of: dt.date | None = None,
) -> CheckedList:
    """Read a site list of any kind and check every row of it.

    For a file with a temporary name, or other limits, use `geocover.site_lists.reading.read_book` and
    `check_book`.

    Parameters
    ----------
    path
        The file.
    reference
        The province that it is checked against; without one positions are compared with nothing.
    mapping
        What the partner says about its columns; goes before every guess.
    operator, technology, crs
        What counts where the list is silent, before what the mapping says; each use is a finding.
    as_of
        Reporting date; later dates on air are a finding. None for no such check.

    Raises
    ------
    SiteListError
        The file is missing, damaged, protected, beyond the limits or no list at all.
    CrsError
        `crs` is unknown.
    """
    findings = Findings()
    with _uncollected():
        book = read_book(path, findings=findings)
    return check_book(
        book,
        findings,
        reference=reference,
        mapping=settled(mapping, operator=operator, technology=technology, crs=crs),
        as_of=as_of,
    )


def settled(
    mapping: ColumnMapping | None,
    *,
    operator: str | None = None,
    technology: str | None = None,
    crs: str | None = None,
) -> ColumnMapping:
    """Mapping with what the caller states in place of what it says itself."""
    told = mapping or ColumnMapping()
    return replace(
        told,
        operator=operator or told.operator,
        technology=technology or told.technology,
        crs=crs or told.crs,
    )


def check_book(
    book: Book,
    findings: Findings,
    *,
    reference: Reference | None = None,
    mapping: ColumnMapping | None = None,
    as_of: dt.date | None = None,
) -> CheckedList:
    """Check a book that was read already, with what was found at that; see `check_list`."""
    mapping = mapping or ColumnMapping()
    with _uncollected():
        parts = _parts(book, findings, reference, mapping, as_of)
        checked, cells = _accepted(parts, findings)
    for part in parts:
        mapping = part.columns.as_mapping(mapping)
    return CheckedList(book, checked, cells, findings, mapping)


def _parts(
    book: Book,
    findings: Findings,
    reference: Reference | None,
    mapping: ColumnMapping,
    as_of: dt.date | None,
) -> list[_Understood]:
    """Tables of a book, understood, placed and compared."""
    given = Given(mapping.operator, mapping.technology, as_of)
    tables = find_tables(without_own(book, findings), _known(mapping), findings)
    tables = _of_sites(tables, mapping, findings)
    if tables and not any(map(len, tables)):
        findings.add("no-rows", sheet=tables[0].sheet)
    parts = [_understood(table, mapping, given, reference, findings) for table in tables]
    find_duplicates(parts, findings)
    return parts


def _of_sites(tables: tuple[Table, ...], mapping: ColumnMapping, findings: Findings) -> tuple[Table, ...]:
    """Tables of a file without those of sheets, such as a summary by district, that name no site."""
    if len({table.sheet for table in tables}) < 2:  # so that the usual list is not understood twice
        return tables
    naming = {table.sheet for table in tables if _names_sites(table, mapping, findings)}
    others = [table for table in tables if naming and table.sheet not in naming]
    for table in others:
        findings.add("sheet-without-table", sheet=table.sheet, value=table.sheet, count=len(table))
    return tuple(table for table in tables if table not in others)


def _names_sites(table: Table, mapping: ColumnMapping, findings: Findings) -> bool:
    """Whether a table has a column that names or places sites; what was refused already stays told of."""
    return bool(findings.refused(table).any()) or understand(table, mapping, Findings()).has(*_NAMING)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Pause the collector of cycles: it would look through a list's millions of cells over and over."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _known(mapping: ColumnMapping) -> Callable[[str], float]:
    """How surely a text is the head of a column: heads that the partner mapped are certain."""

    def known(text: str) -> float:
        sure = 1.0 if mapping.field_of(text) is not None else known_header(text)
        return sure if sure >= LEAST_SURE else 0.0

    return known


def _understood(
    table: Table, mapping: ColumnMapping, given: Given, reference: Reference | None, findings: Findings
) -> _Understood:
    columns = understand(table, mapping, findings)
    fill_down(table, columns, findings)
    level = measured_level(table, columns)
    if level is not None:
        findings.add_table("drive-test", table, level)
    rows = read_rows(table, columns, findings, given)
    positions = read_positions(table, columns, reference, findings, crs=mapping.crs)
    if reference is not None:
        lies_in = check_communes(table, columns, positions, reference, findings)
        rows["lies_in"] = pd.Series(lies_in, rows.index, dtype=object)
    return _Understood(table, columns, rows, positions)


def _accepted(parts: list[_Understood], findings: Findings) -> tuple[tuple[CheckedTable, ...], pd.DataFrame]:
    """Tables with what is accepted of them, and the cells of it; a row that tells of no cell is refused."""
    if not parts:
        return (), pd.DataFrame(columns=_NAMED, dtype=object)
    usable = [~findings.refused(part.table) for part in parts]
    cells = explode(
        _stacked([part.rows for part in parts]),
        pd.concat([part.positions for part in parts], ignore_index=True),
        np.concatenate(usable),
    )
    cells, impossible = without_impossible(cells)
    _report(impossible, parts, findings)
    held = np.zeros(sum(map(len, usable)), np.bool_)
    held[cells["row"].to_numpy(np.int64)] = True
    checked: list[CheckedTable] = []
    for part, of_part in zip(parts, _split(held, usable), strict=True):
        findings.add_rows("row-without-cells", part.table, usable[len(checked)] & ~of_part)
        checked.append(CheckedTable(part.table, part.columns, part.rows, part.positions, of_part))
    return tuple(checked), _located(cells, parts)


def _report(impossible: NDArray[np.int64], parts: list[_Understood], findings: Findings) -> None:
    """Report rows, counted over all tables, whose power cannot be."""
    ends = np.cumsum([len(part.table) for part in parts])
    for part, end in zip(parts, ends.tolist(), strict=True):
        start = end - len(part.table)
        at = impossible[(impossible >= start) & (impossible < end)] - start
        findings.add_rows("power-impossible", part.table, at, part.columns.first("power"))


def _stacked(rows: list[pd.DataFrame]) -> pd.DataFrame:
    """Rows of all tables under each other; what only some tables tell is empty in the others."""
    stacked = pd.concat(rows, ignore_index=True)
    for name in (name for name in stacked if stacked[name].dtype == object):
        lacking = [name not in each for each in rows]
        if any(lacking):
            absent = np.repeat(lacking, [len(each) for each in rows])
            values = stacked[name].to_numpy(object, copy=True)
            like = next((value for value in values if isinstance(value, tuple | str)), "")
            nothing = () if isinstance(like, tuple) else ""
            values[absent] = _boxed([nothing] * int(absent.sum()))
            stacked[name] = values
    return stacked


def _boxed(values: list[object]) -> NDArray[np.object_]:
    """Array of objects as they are: numpy would take tuples apart."""
    boxed = np.empty(len(values), object)
    boxed[:] = values
    return boxed


def _split(values: NDArray[np.bool_], parts: list[NDArray[np.bool_]]) -> list[NDArray[np.bool_]]:
    return np.split(values, np.cumsum([len(part) for part in parts])[:-1])


def _located(cells: pd.DataFrame, parts: list[_Understood]) -> pd.DataFrame:
    """Cells with their place in the owner's file."""
    at = cells["row"].to_numpy(np.int64)
    lengths = [len(part.table) for part in parts]
    sheets = np.repeat(np.array([part.table.sheet for part in parts], object), lengths)
    return cells.assign(sheet=sheets[at], row=np.concatenate([part.table.rows for part in parts])[at])
