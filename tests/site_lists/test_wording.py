"""What partners read: each language by itself, and dates, times and numbers as they write them."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING

import openpyxl
import pytest

from geocover.site_lists.checking import check_list
from geocover.site_lists.findings import catalogue
from tests.site_lists.corpus.case import changed, csv, listed, with_column, xlsx
from tests.site_lists.hand_tables import read

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("code", catalogue())
def test_no_text_mixes_languages(code: str) -> None:
    """Catches a remedy of which half is in the other language, by its commonest words."""
    text = catalogue()[code]
    vi, en = (re.sub(r"“[^”]*”|\{[^}]*\}", "", told) for told in (text.vi, text.en))
    assert not re.search(r"\b(row|the|sheet|is|and)\b", vi)
    assert not re.search(r"\b(dòng|hãy|trang|cột|là)\b", en)


def test_dates_and_times_are_written_as_partners_write_them(tmp_path: Path) -> None:
    """Catches an ISO date in Vietnamese, and degrees shown as days and hours."""
    table = with_column("Ngày phát sóng", [dt.date(2027, 1, 2)] * 5)
    angle = dt.timedelta(hours=105, minutes=14, seconds=9.11)
    path = tmp_path / "list.xlsx"
    xlsx(changed(0, "Kinh độ", angle, table))(path)
    found = {one.code: one for one in check_list(path, as_of=dt.date(2026, 11, 1)).found}
    assert "sau 01/11/2026" in found["date-future"].vi
    assert "after 2026-11-01" in found["date-future"].en
    assert found["coordinate-from-time"].value == "105:14:09.11"


def test_totals_are_whole_numbers(tmp_path: Path) -> None:
    """Catches a row of totals told as "Tổng cộng | 8.0"."""
    path = tmp_path / "list.xlsx"
    xlsx([*listed(), ["Tổng cộng", 5.0]])(path)
    book = openpyxl.load_workbook(path)
    assert book["Trạm"]["B7"].value == 5
    (total,) = [one for one in check_list(path).found if one.code == "row-total"]
    assert total.value == "Tổng cộng | 5"


def test_values_that_are_not_whole_say_so(tmp_path: Path) -> None:
    """Catches half a cell told to lie outside 0 to 200."""
    path = tmp_path / "list.csv"
    csv(with_column("Số cell", [3.5, 3, 3, 3, 3]))(path)
    (told,) = [one for one in check_list(path).found if one.code.startswith("value-")]
    assert "phải là số nguyên" in told.vi


def test_channels_count_by_the_numbering_of_their_rows() -> None:
    """Catches 5G and 3G carriers lost below a head that says EARFCN."""
    rows, _, _ = read(
        ["Công nghệ", "DL EARFCN"],
        *[["4G", 1300], ["5G", 636_666], ["5G", 529_230], ["3G", 10_812], ["2G", 62]],
        *[["4G/5G", 1300], ["4G/5G", 529_230]],
    )
    assert [one[0] for one in rows["carriers"].tolist()] == [
        ("4G", 1815.0),
        ("5G", 3549.99),
        ("5G", 2646.15),
        ("3G", 2162.4),
        ("2G", 947.4),
        ("4G", 1815.0),
        ("5G", 2646.15),
    ]
