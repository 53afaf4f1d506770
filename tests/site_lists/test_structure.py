"""What belongs together: tables of a file, sectors of a site, titles and their tables."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from geocover.site_lists.checked import CheckedList
from geocover.site_lists.checking import check_book, check_list
from geocover.site_lists.findings import Findings
from geocover.site_lists.sheets import Book, Sheet
from geocover.site_lists.workbook import write_report
from geocover.site_lists.workbook.marks import REJECTED
from tests.site_lists.corpus.case import HEAD, SITES, listed, without_columns, xlsx
from tests.site_lists.corpus.layout import sheet_of
from tests.site_lists.small_tables import codes

Cell = object
BLANK = ["", "", "4G", "", "", ""]


def check(*sheets: list[list[Cell]]) -> CheckedList:
    named = tuple(Sheet(f"Trang {number}", _empty(rows)) for number, rows in enumerate(sheets, 1))  # type: ignore[arg-type]
    return check_book(Book("list.xlsx", "xlsx", "0" * 64, named), Findings())


def _empty(rows: list[list[Cell]]) -> list[list[Cell]]:
    return [[None if cell == "" else cell for cell in row] for row in rows]


def test_an_error_of_a_table_stands_beside_each_row_that_it_refuses(tmp_path: Path) -> None:
    """Catches rows rejected without a reason, and rows of other sheets rejected with them."""
    source, report = tmp_path / "list.xlsx", tmp_path / "report.xlsx"
    xlsx(after=sheet_of("Thêm", *without_columns("Nhà mạng")))(source)
    checked = check_list(source)
    assert checked.counts == {"read": 10, "accepted": 5, "rejected": 5}
    write_report(checked, source, report)
    book = openpyxl.load_workbook(report)
    for row in range(2, 7):
        assert book["Thêm"].cell(row, 6).value == REJECTED
        assert "nhà mạng" in book["Thêm"].cell(row, 7).value
        assert book["Trạm"].cell(row, 7).value != REJECTED
        assert book["Trạm"].cell(row, 8).value is None


def test_a_list_without_places_and_names_is_refused_with_its_reasons() -> None:
    """Catches the only table of a file, without coordinates, called a summary and dropped."""
    checked = check([["Nhà mạng", "Công nghệ", "Xã"], ["Viettel", "4G", "A"], ["VNPT", "3G", "B"]])
    assert checked.counts == {"read": 2, "accepted": 0, "rejected": 2}
    assert codes(checked.findings)["no-coordinates"] == [2, 3]


def test_repeated_columns_of_one_table_are_no_tables() -> None:
    """Catches sectors from left to right, or two systems of coordinates, torn apart as two tables."""
    checked = check(
        [[*HEAD, *["Azimuth", "Tilt", "PCI"] * 2], *[[*site, 0, 4, 1, 120, 4, 2] for site in SITES]]
    )
    assert len(checked.tables) == 1
    assert checked.counts["accepted"] == 5


@pytest.mark.parametrize(
    ("rows", "filled"),
    [
        ([SITES[0], BLANK, BLANK], [3, 4]),
        ([SITES[0], ["PTO009", *BLANK[1:]]], []),
        ([SITES[0], [*BLANK[:3], 105.2, "", ""]], []),
        ([BLANK, SITES[0]], []),
        ([SITES[0], None, BLANK], []),
    ],
    ids=["sectors", "another name", "half a place", "nothing above", "behind a gap"],
)
def test_only_sectors_directly_below_take_the_site_above(
    rows: list[list[Cell] | None], filled: list[int]
) -> None:
    """Catches a site that gets the place of its neighbour, and sectors refused for an empty cell."""
    table = [[*row, 120 * number] if row else [] for number, row in enumerate(rows)]
    checked = check([[*HEAD, "Azimuth"], *table])
    assert codes(checked.findings).get("row-filled-down", []) == filled
    assert checked.counts["read"] == sum(map(bool, table))
    assert checked.counts["accepted"] == 1 + len(filled)


def test_a_number_of_its_own_makes_no_sector() -> None:
    """Catches a numbered site without code and place taken for a sector of the one above."""
    checked = check([["STT", *HEAD, "Azimuth"], [1, *SITES[0], 0], [2, *BLANK, 120]])
    assert "row-filled-down" not in codes(checked.findings)
    assert checked.counts == {"read": 2, "accepted": 1, "rejected": 1}


@pytest.mark.parametrize(
    ("title", "operator"),
    [
        ("DANH SÁCH TRẠM VIETTEL PHÚ THỌ", "Viettel"),
        ("Danh sách trạm dùng chung Viettel, VNPT", ""),
        ("Kính gửi: VNPT Phú Thọ", ""),
    ],
)
def test_a_title_says_whose_sites_it_heads(title: str, operator: str) -> None:
    """Catches the addressee, or one of two operators, taken for the owner of all rows."""
    checked = check([[title], *without_columns("Nhà mạng")])
    assert set(checked.cells.get("operator", [])) == ({operator} if operator else set())
    assert codes(checked.findings).get("operator-titled", []) == ([None] if operator else [])


def test_the_numbers_of_sheets_are_no_technologies() -> None:
    """Catches sheet "4" read as 4G."""
    bare = Sheet("4", without_columns("Công nghệ"))
    checked = check_book(Book("list.xlsx", "xlsx", "0" * 64, (bare,)), Findings())
    assert "no-technology" in codes(checked.findings)


def test_a_site_in_a_letter_is_no_group() -> None:
    """Catches a row with coordinates, or with a technology, taken for a group's heading and dropped."""
    lettered = [[letter, *site] for letter, site in zip("ABCDE", SITES, strict=True)]
    lettered[1][4:] = ["", "", ""]
    checked = check([["STT", *HEAD], *lettered])
    assert checked.counts == {"read": 5, "accepted": 4, "rejected": 1}


def test_a_card_of_one_site_above_a_table_is_not_on_its_side() -> None:
    """Catches a table left out because the lines above it look like heads in the first column."""
    checked = check([["Nhà mạng", "Viettel"], ["Công nghệ", "4G"], ["Mã trạm", "PTO001"], [], *listed()])
    assert checked.counts["accepted"] == 5
    assert "table-on-its-side" not in codes(checked.findings)
