"""Whatever stands in a list: no crash, and no row that is neither read nor told of."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from geocover.boundaries.index import shipped_index
from geocover.errors import SiteListError
from geocover.site_lists.answer import answer_json
from geocover.site_lists.checked import CheckedList
from geocover.site_lists.checking import check_book, check_list
from geocover.site_lists.columns.heads import fields
from geocover.site_lists.findings import Findings
from geocover.site_lists.places.reference import Reference
from geocover.site_lists.sheets import Book, Sheet
from geocover.site_lists.workbook import write_report
from tests.site_lists.corpus.case import HEAD, SITES, text_of
from tests.site_lists.test_corpus import nothing_is_lost

SLOW = settings(max_examples=25)
FAST = settings(max_examples=120)
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=12)
WRITTEN = st.sampled_from([
    "105.4", "21,3", "105°20'52\"Đ", "21.3, 105.4", "2.345.678", "590123.4", "4G", "2G/3G", "x", "có",
    "Viettel", "VNPT+Mobi", "#N/A", "-", "1800", "B3", "n78", "0/120/240", "46dBm", "40W", "31/12/2025",
    "Q4/2025", "45884", "Xã Thanh Sơn", "08542", "Tổng cộng", "I. Huyện", "(1)", "=1+1", "'", "1e308", "nan",
    "inf", "−5", "００", "\u200b",
])  # fmt: skip
NUMBERS = st.one_of(
    st.integers(-(2**70), 2**70),
    st.floats(),
    st.floats(-200, 200),
    st.floats(100_000, 3_000_000),
    st.sampled_from([0, 1, 105.4, 21.3, 1300, 38400, 620_000, 45884, True, False]),
)
MOMENTS = st.one_of(st.dates(), st.datetimes(), st.times(), st.timedeltas())
VALUES = st.one_of(st.none(), WRITTEN, TEXTS, NUMBERS, MOMENTS)
HEADS = st.one_of(st.sampled_from(HEAD), st.sampled_from(sorted(fields())), TEXTS, st.none())
# Codes of rows that are not data; each names the first row of its run.
TELLING = {
    "rows-above", "rows-below", "row-group", "row-total", "header-repeated", "header-numbers",
    "header-joined", "header-guessed", "no-table", "sheet-without-table", "no-header", "tables-side-by-side",
}  # fmt: skip


@pytest.fixture(scope="module")
def province() -> Reference:
    return Reference.of(shipped_index("25"))


@st.composite
def tables(draw: Callable[..., Any]) -> list[list[Any]]:
    width = draw(st.integers(1, 9))
    head = draw(st.lists(HEADS, min_size=width, max_size=width))
    rows = draw(st.lists(st.lists(VALUES, max_size=width + 1), max_size=7))
    above = draw(st.lists(st.lists(VALUES, max_size=2), max_size=2))
    return [*above, head, *rows]


@st.composite
def damaged_lists(draw: Callable[..., Any]) -> list[list[Any]]:
    """The sites of the corpus with some cells changed to anything."""
    rows = [list(HEAD), *[list(site) for site in SITES]]
    for at, column, value in draw(
        st.lists(st.tuples(st.integers(1, 5), st.integers(0, 5), VALUES), max_size=6)
    ):
        rows[at][column] = value
    return rows


def book_of(rows: Sequence[Sequence[Any]]) -> Book:
    return Book("list.csv", "csv", "0" * 64, (Sheet("", rows),))


def every_row_is_told(checked: CheckedList, rows: Sequence[Sequence[Any]]) -> None:
    """Each row that holds anything is read, or is part of a head, or a finding tells of its run."""
    nothing_is_lost(checked)
    read = {int(row) for part in checked.tables for row in part.table.rows}
    # Of tables side by side each reads the row.
    codes = {finding.code for finding in checked.found}
    assert len(read) == checked.counts["read"] or "tables-side-by-side" in codes
    told = {finding.row or 0 for finding in checked.found if finding.code in TELLING}
    filled = [number for number, row in enumerate(rows, start=1) if holds_anything(row)]
    firsts = [int(part.table.rows[0]) for part in checked.tables if len(part.table)]
    untold = [number for number in filled if number not in told]
    heads = {max((number for number in untold if number < first), default=0) for first in firsts}
    for number in filled:
        assert not read or number in read | heads or any(first <= number for first in told)


def holds_anything(row: Sequence[Any]) -> bool:
    told = [cell for cell in row if cell is not None and cell == cell]  # noqa: PLR0124  NaN is nothing
    return any(str(cell).strip(" \u200b\ufeff\u00a0") for cell in told)


@FAST
@given(tables())
def test_no_table_crashes_the_importer(rows: list[list[Any]]) -> None:
    """Catches a value that some reader does not expect, and rows that vanish."""
    checked = check_book(book_of(rows), Findings())
    every_row_is_told(checked, rows)
    answer_json(checked)


@FAST
@given(rows=damaged_lists())
def test_no_damaged_list_loses_a_row(province: Reference, rows: list[list[Any]]) -> None:
    """Catches a row of a real head that is neither accepted, rejected nor told of."""
    checked = check_book(book_of(rows), Findings(), reference=province)
    every_row_is_told(checked, rows)
    assert checked.counts["read"] + sum(finding.code in TELLING for finding in checked.found) >= 1


@contextmanager
def folder() -> Any:
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


def checked_file(path: Path) -> CheckedList | None:
    """The check of a file, None where it is refused."""
    try:
        checked = check_list(path)
    except SiteListError:
        return None
    nothing_is_lost(checked)
    return checked


@SLOW
@given(
    rows=tables(),
    encoding=st.sampled_from(["utf-8", "utf-16", "utf-8-sig"]),
    delimiter=st.sampled_from(",;\t|"),
)
def test_no_text_file_crashes_the_importer(rows: list[list[Any]], encoding: str, delimiter: str) -> None:
    """Catches an encoding, a delimiter or a quote that ends in a traceback."""
    with folder() as path:
        (path / "list.csv").write_bytes(text_of(rows, delimiter).encode(encoding))
        checked_file(path / "list.csv")


def as_workbook(rows: Sequence[Sequence[Any]], path: Path) -> None:
    book = openpyxl.Workbook()
    for number, row in enumerate(rows, start=1):
        for column, value in enumerate(row, start=1):
            if (isinstance(value, int) and abs(value) > 2**53) or value != value:  # noqa: PLR0124  NaN
                continue
            if isinstance(value, dt.date) and value.year < 1901:
                continue
            cell = book.active.cell(number, column)
            cell.value = value if not isinstance(value, float) or abs(value) < 1e300 else str(value)
            if isinstance(value, str):
                cell.data_type = "s"
    book.save(path)


@SLOW
@given(rows=tables())
def test_no_workbook_crashes_the_importer_or_its_report(rows: list[list[Any]]) -> None:
    """Catches a workbook that cannot be read, and a report that cannot be written or opened again."""
    with folder() as path:
        source, report = path / "list.xlsx", path / "report.xlsx"
        as_workbook(rows, source)
        checked = checked_file(source)
        if checked is not None:
            write_report(checked, source, report)
            again = checked_file(report)
            assert again is not None
            assert again.counts == checked.counts


@pytest.mark.data
@SLOW
@given(edits=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.binary(max_size=3)), max_size=12))
@example(edits=[])
def test_no_mutated_real_list_crashes_the_importer(
    shared_data: Path, edits: list[tuple[float, bytes]]
) -> None:
    """Catches damage in transfer that ends in a traceback, or rows dropped in silence."""
    lines = (shared_data / "cell-sites" / "sanxia_lte_cells.csv").read_bytes().splitlines(keepends=True)
    content = bytearray(b"".join(lines[:40]))
    for share, piece in edits:
        at = int(share * len(content))
        content[at : at + len(piece)] = piece
    with folder() as path:
        (path / "list.csv").write_bytes(content)
        checked = checked_file(path / "list.csv")
        if not edits:
            assert checked is not None
            assert checked.counts["read"] == 39
