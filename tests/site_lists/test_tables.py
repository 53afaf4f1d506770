"""Tables in sheets: heads of any shape are found, and every row is data, a head, or told of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geocover.names import fold
from geocover.site_lists.findings import Findings
from geocover.site_lists.sheets import Book, Kind, Sheet, Table
from geocover.site_lists.tables import find_tables

HEADS = {
    *(
        "stt",
        "ma tram",
        "ten tram",
        "nha mang",
        "kinh do",
        "vi do",
        "toa do",
        "cong nghe",
        "do cao",
        "ghi chu",
    ),
    *(
        "site id",
        "longitude",
        "latitude",
        "azimuth",
        "xa",
        "huyen",
        "2g",
        "3g",
        "4g",
        "5g",
        "cong suat",
        "tinh",
    ),
}
HEAD = ["STT", "Mã trạm", "Tên trạm", "Kinh độ", "Vĩ độ", "Công nghệ", "Ghi chú"]


def known(text: str) -> float:
    return float(any(fold(part) in HEADS for part in text.split(" / ")))


def site(number: int) -> list[Any]:
    lon, lat = 105 + number / 997, 21 + number / 991
    return [float(number), f"PTO{number:04d}", f"Trạm Thanh Ba {number}", lon, lat, "4G", None]


def find(*sheets: Sheet | Sequence[Sequence[Any]], kind: Kind = "xlsx") -> tuple[tuple[Table, ...], Findings]:
    findings = Findings()
    made = [sheet if isinstance(sheet, Sheet) else Sheet("Trạm", sheet) for sheet in sheets]
    return find_tables(Book("a", kind, "", tuple(made)), known, findings), findings


def one(
    *sheets: Sheet | Sequence[Sequence[Any]], kind: Kind = "xlsx"
) -> tuple[Table, dict[str, list[int | None]]]:
    (table,), findings = find(*sheets, kind=kind)
    return table, told(findings)


def told(findings: Findings) -> dict[str, list[int | None]]:
    found: dict[str, list[int | None]] = {}
    for finding in findings:
        found.setdefault(finding.code, []).append(finding.row)
    return found


def texts(table: Table) -> list[str]:
    return [header.text for header in table.headers]


def test_a_plain_table() -> None:
    """Catches noise about a list that is as it should be, and values moved between rows and columns."""
    table, codes = one([HEAD, site(1), site(2)])
    assert texts(table) == HEAD
    assert [header.letter for header in table.headers] == list("ABCDEFG")
    assert table.rows.tolist() == [2, 3]
    assert [list(column) for column in zip(*table.values, strict=True)] == [site(1), site(2)]
    assert codes == {}


def test_titles_above_notes_and_signatures_below() -> None:
    """Catches titles taken for heads, and notes or signatures for sites."""
    table, codes = one(
        [
            ["TẬP ĐOÀN VIỄN THÔNG", None, None, None, "CỘNG HOÀ XÃ HỘI CHỦ NGHĨA VIỆT NAM"],
            ["Danh sách trạm BTS tỉnh Phú Thọ"],
            [],
            ["Nhà mạng:", "Viettel", "Tỉnh:", "Phú Thọ"],
            HEAD,
            site(1),
            site(2),
            [None, "Tổng cộng: 2 trạm"],
            [],
            ["Ghi chú: toạ độ WGS84"],
            [None, None, None, None, "Phú Thọ, ngày 01 tháng 7 năm 2025"],
            [None, "Người lập biểu", None, None, "Giám đốc"],
            [],
            [None, "Nguyễn Văn A", None, None, "Trần Thị B"],
        ]
    )
    assert table.rows.tolist() == [6, 7]
    assert codes == {"rows-above": [1], "row-total": [8], "rows-below": [10]}


def test_group_rows_repeated_heads_and_blank_rows_within() -> None:
    """Catches printed page heads and names of districts counted as sites, and a table cut at a blank row."""
    table, codes = one(
        [
            HEAD,
            ["I", "Huyện Thanh Sơn"],
            site(1),
            site(2),
            ["Cộng (I)", None, None, 2.0],
            HEAD,
            ["II. Huyện Yên Lập"],
            site(3),
            [],
            site(4),
            ["Trang 2/5"],
            site(5),
            [6.0],
            [7.0],
        ]
    )
    assert table.rows.tolist() == [3, 4, 8, 10, 12]
    assert codes == {
        "row-group": [2, 7, 11],
        "row-total": [5],
        "header-repeated": [6],
        "row-only-number": [13],
    }


def test_a_total_that_fills_most_cells() -> None:
    """Catches a row of sums counted as a site; a site whose name only starts like one stays."""
    total = [None, "Tổng số", None, 315.9, 63.7, "3", None]
    named = [3.0, "PTO0003", "Tổng kho Lâm Thao", 105.3, 21.3, "4G", None]
    table, codes = one([HEAD, site(1), site(2), named, [*site(3)[:6], "x"], total])
    assert table.rows.tolist() == [2, 3, 4, 5]
    assert codes == {"row-total": [6]}


def test_sparse_sites_stay_data() -> None:
    """Catches real sites thrown out because most of their cells are empty: they must be refused by name."""
    rows = [
        HEAD,
        site(1),
        site(2),
        site(3),
        [None, "PTO0009"],
        site(4),
        [],
        [None, "PTO0010"],
        [5.0, "PTO0011"],
    ]
    assert one(rows)[0].rows.tolist() == [2, 3, 4, 5, 6, 8, 9]


_TWO_LINES = [
    ["STT", "Mã trạm", "Toạ độ", None, "Công nghệ", None, "Ghi chú"],
    [None, None, "Kinh độ", "Vĩ độ", "4G", "5G", None],
    [1.0, "PTO0001", 105.348, 21.323, "x", None, None],
    [2.0, "PTO0002", 105.351, 21.327, None, "x", None],
]
_JOINED = [
    *("STT", "Mã trạm", "Toạ độ / Kinh độ", "Toạ độ / Vĩ độ"),
    *("Công nghệ / 4G", "Công nghệ / 5G", "Ghi chú"),
]
_MERGES = ((1, 1, 2, 1), (1, 2, 2, 2), (1, 3, 1, 4), (1, 5, 1, 6), (1, 7, 2, 7))


@pytest.mark.parametrize("merged", [_MERGES, ()])
def test_heads_of_two_lines(merged: tuple[tuple[int, int, int, int], ...]) -> None:
    """Catches group heads lost or spread too far, with the file's merged cells and without (ODS, CSV)."""
    table, codes = one(Sheet("Trạm", _TWO_LINES, merged=merged))
    assert texts(table) == _JOINED
    assert table.rows.tolist() == [3, 4]
    assert codes == {"header-joined": [1]}


def test_heads_of_two_lines_below_a_title_and_above_numbers_and_units() -> None:
    """Catches a title merged over the whole width joined to the heads, and a line (1) (2) (3) as data."""
    rows = [
        ["Danh sách trạm"],
        ["Thông tin", None, "Vô tuyến", None, None],
        ["Mã trạm", "Kinh độ", "Vĩ độ", "Độ cao", "Công suất"],
        [None, "(độ)", "(độ)", "(m)", "dBm"],
        ["(1)", "(2)", "(3)", "(4)", "(5)=(3)+(4)"],
        ["PTO0001", 105.348, 21.323, 42.0, 46.0],
    ]
    table, codes = one(Sheet("Trạm", rows, merged=((1, 1, 1, 5), (2, 1, 2, 2), (2, 3, 2, 5))))
    assert texts(table) == [
        "Thông tin / Mã trạm",
        "Thông tin / Kinh độ / (độ)",
        "Vô tuyến / Vĩ độ / (độ)",
        "Vô tuyến / Độ cao / (m)",
        "Vô tuyến / Công suất / dBm",
    ]
    assert table.rows.tolist() == [6]
    assert codes == {"rows-above": [1], "header-joined": [2], "header-numbers": [5]}


def test_heads_in_two_languages() -> None:
    """Catches the English line below the Vietnamese one counted as a site."""
    table, _ = one(
        [["Mã trạm", "Kinh độ", "Vĩ độ"], ["Site ID", "Longitude", "Latitude"], ["A1", 105.34, 21.32]]
    )
    assert texts(table) == ["Mã trạm / Site ID", "Kinh độ / Longitude", "Vĩ độ / Latitude"]
    assert table.rows.tolist() == [3]


def test_cells_merged_over_rows_count_in_each() -> None:
    """Catches sectors that lose their mast's code and position because those stand in merged cells."""
    rows = [["Mã trạm", "Kinh độ", "Vĩ độ", "Azimuth"], ["A1", 105.34, 21.32, 0.0], [None, None, None, 120.0]]
    merged = ((2, 1, 3, 1), (2, 2, 3, 2), (2, 3, 3, 3))
    table, codes = one(Sheet("Trạm", rows, merged=merged))
    assert [column[1] for column in table.values] == ["A1", 105.34, 21.32, 120.0]
    assert codes == {"cells-merged": [None]}


def test_two_tables_below_each_other() -> None:
    """Catches the second table read under the first one's heads."""
    second = ["Mã trạm", "Vĩ độ", "Kinh độ"]
    rows = [HEAD, site(1), site(2), [], ["Trạm 5G"], second, ["B1", 21.3, 105.3], ["B2", 21.4, 105.4]]
    (first, other), findings = find(rows)
    assert (first.rows.tolist(), other.rows.tolist()) == ([2, 3], [7, 8])
    assert texts(other) == second
    assert told(findings) == {"rows-below": [5]}


def test_two_tables_side_by_side() -> None:
    """Catches the right one lost, or mixed into the left one."""
    heads = ["Mã trạm", "Kinh độ", "Vĩ độ"]
    rows = [[*heads, None, *heads], ["A1", 105.3, 21.3, None, "B1", 105.4, 21.4], ["A2", 105.5, 21.5]]
    (left, right), findings = find(rows)
    assert (len(left), len(right)) == (2, 1)
    assert [header.shown for header in right.headers] == ["E (Mã trạm)", "F (Kinh độ)", "G (Vĩ độ)"]
    assert told(findings) == {"tables-side-by-side": [None]}


def test_a_spacer_column_does_not_split_a_table() -> None:
    """Catches a table cut at an empty column."""
    rows = [["Mã trạm", None, "Kinh độ", "Vĩ độ"], ["A1", None, 105.34, 21.32]]
    table, _ = one(rows)
    assert [header.shown for header in table.headers] == ["A (Mã trạm)", "C (Kinh độ)", "D (Vĩ độ)"]


def test_sheets_hidden_without_table_and_several_with() -> None:
    """Catches hidden rows published, covers that fail the file, and sheets beyond the first not read."""
    cover = Sheet("Bìa", [["Báo cáo"], ["Đơn vị", "Viettel"]])
    hidden = Sheet("Cũ", [HEAD, site(9)], hidden=True)
    tables, findings = find(
        cover, Sheet("4G", [HEAD, site(1)]), hidden, Sheet("5G", [HEAD, site(2)]), Sheet("x", [])
    )
    assert [table.sheet for table in tables] == ["4G", "5G"]
    assert {finding.code: finding.sheet for finding in findings} == {
        "sheet-without-table": "Bìa",
        "sheet-hidden": "Cũ",
    }
    assert not any(findings.refused(table).any() for table in tables)


def test_a_book_without_any_table_is_an_error() -> None:
    """Catches an empty answer to a file that holds no list."""
    tables, findings = find([["Kính gửi"], ["Trân trọng"]])
    assert tables == ()
    assert "no-table" in told(findings)


def test_a_table_without_heads_keeps_its_rows() -> None:
    """Catches rows of a headless list dropped or its first row taken for heads."""
    table, codes = one([site(1), site(2), site(3)])
    assert table.rows.tolist() == [1, 2, 3]
    assert texts(table) == [""] * 6
    assert codes == {"no-header": [None]}


def test_a_table_without_heads_beside_another_refuses_only_itself() -> None:
    """Catches one bad sheet that fails a whole file."""
    (good, bad), findings = find(Sheet("A", [HEAD, site(1)]), Sheet("B", [site(2), site(3)]))
    assert not findings.refused(good).any()
    assert findings.refused(bad).all()


def test_unknown_heads_are_guessed_by_their_looks() -> None:
    """Catches a foreign list whose heads nobody knows read as headless."""
    table, codes = one([["站名", "经度", "纬度"], ["A", 105.348, 21.323], ["B", 105.351, 21.327]])
    assert texts(table) == ["站名", "经度", "纬度"]
    assert codes == {"header-guessed": [1]}


def test_rows_longer_than_the_heads_of_a_text_are_refused() -> None:
    """Catches 105,348 split at its comma and read as 105 and 348."""
    rows = [["Mã trạm", "Kinh độ", "Vĩ độ"], ["A", "105.1", "21.2"], ["B", "105", "348", "21", "323"]]
    (table,), findings = find(rows, kind="csv")
    assert findings.refused(table).tolist() == [False, True]
    assert told(findings) == {"row-too-long": [3]}


def test_columns_without_heads_are_told() -> None:
    """Catches values that are ignored without a word."""
    rows = [["Mã trạm", None, "Kinh độ", "Vĩ độ"], ["A", "x", 105.34, 21.32], ["B", None, 105.34, 21.32]]
    (table,), findings = find(rows)
    (finding,) = findings
    assert (finding.code, finding.letter) == ("column-without-header", "B")
    assert len(table.headers) == 4


def test_unseen_characters_are_gone() -> None:
    """Catches codes that look equal and differ by a zero-width space, and texts of blanks only."""
    rows = [
        ["\ufeffMã\u00a0trạm ", "Kinh độ", "Vĩ độ"],
        ["\u200bA1\u00ad", " ", "\u00a0"],
        ["Ha\u0323", 105.34, 21.32],
    ]
    table, _ = one(rows)
    assert texts(table)[0] == "Mã trạm"
    assert table.values[0].tolist() == ["A1", "Hạ"]
    assert table.values[1].tolist() == [None, 105.34]


def test_text_of_old_fonts_is_converted_with_its_heads() -> None:
    """Catches heads in TCVN3 that nobody knows because they were not converted before the search."""
    table, codes = one([["M· tr¹m", "Tªn tr¹m", "Kinh ®é", "VÜ ®é"], ["PTO1", "Phó Thä", 105.348, 21.323]])
    assert texts(table) == ["Mã trạm", "Tên trạm", "Kinh độ", "Vĩ độ"]
    assert table.values[1].tolist() == ["Phú Thọ"]
    assert codes == {"font-converted": [None]}


def test_features_are_all_data() -> None:
    """Catches features taken for titles, groups or totals: their heads are always in the first row."""
    rows = [["lon", "lat", "tên"], [105.3, 21.3, "Tổng cộng"], [None, None, "Huyện Tam Nông"], [105.4, 21.4]]
    table, codes = one(rows, kind="geojson")
    assert table.rows.tolist() == [2, 3, 4]
    assert codes == {}


_TITLES = st.sampled_from(
    [["Danh sách trạm"], ["Đơn vị: VNPT", None, "Năm 2025"], [], [None, "(kèm công văn 12)"]]
)
_INNER = st.sampled_from(
    [[], HEAD, ["I. Huyện Thanh Sơn"], ["II", "Huyện Yên Lập"], ["Tổng cộng", None, None, 3.0], ["Trang 3"],
     [9.0], [None, "PTO7777"], [None, None, "Trạm lẻ"], [None, None, None, 105.5, 21.5]]
)  # fmt: skip
_ENDS = st.sampled_from(
    [[], ["Ghi chú: x"], [None, "Người lập", None, "Giám đốc"], ["Nguyễn Văn A"], ["* đã nâng cấp"]]
)
_CELLS = st.one_of(st.none(), st.text(max_size=8), st.floats(-200, 200), st.integers(0, 9), st.booleans())


def _check_nothing_is_lost(rows: Sequence[Sequence[Any]]) -> None:
    tables, findings = find(rows)
    filled = {at for at, row in enumerate(rows, start=1) if any(_holds(value) for value in row)}
    data = [int(row) for table in tables for row in table.rows]
    if any(finding.code in {"sheet-without-table", "tables-side-by-side"} for finding in findings):
        return
    explained = {number for finding in findings for number in _rows_of(finding.vi, finding.row)}
    heads = filled - set(data) - explained
    assert len(data) == len(set(data))
    assert set(data) <= filled
    assert len(heads) <= 3 * len(tables)
    assert all(known_row(rows[at - 1]) for at in heads)


def _holds(value: object) -> bool:
    from geocover.site_lists.reading.grid import clean

    return clean(value) is not None if isinstance(value, str) else value is not None


def _rows_of(text: str, row: int | None) -> set[int]:
    """Rows that a finding speaks of: it gives the first, and its text the last."""
    import re

    if row is None:
        return set()
    match = re.search(rf"\b{row}–(\d+)", text)
    return set(range(row, int(match[1]) + 1)) if match else {row}


def known_row(row: Sequence[Any]) -> bool:
    return any(isinstance(value, str) for value in row)


@given(st.lists(_TITLES, max_size=4), st.lists(_INNER | st.builds(site, st.integers(1, 99)), max_size=25),
       st.lists(_ENDS, max_size=6))  # fmt: skip
def test_no_row_of_a_list_is_lost(titles: list[Any], inner: list[Any], ends: list[Any]) -> None:
    """Catches rows that are neither data nor told of, whatever surrounds the sites; sites are always data."""
    rows = [*titles, HEAD, *inner, *ends]
    _check_nothing_is_lost(rows)
    tables, _ = find(rows)
    full = {at for at, row in enumerate(rows, start=1) if len(row) == len(HEAD) and isinstance(row[0], float)}
    assert full <= {int(row) for table in tables for row in table.rows}


@given(st.lists(st.lists(_CELLS, max_size=6), max_size=12), st.booleans())
def test_any_cells_are_laid_out(rows: list[list[Any]], headed: bool) -> None:
    """Catches crashes on cells that make no sense, and rows lost among them."""
    _check_nothing_is_lost([HEAD, *rows] if headed else rows)


def test_a_hundred_thousand_rows_keep_their_numbers() -> None:
    """Catches an index that drifts: the last row is where its owner sees it."""
    rows = [["Danh sách"], HEAD, *([site(1)] * 99_999), [None, "PTO9999", "cuối", 105.5, 21.5, "5G", None]]
    table, _ = one(rows)
    assert len(table) == 100_000
    assert table.rows[-1] == 100_002
    assert table.values[1][-1] == "PTO9999"
    assert np.all(np.diff(table.rows) == 1)
