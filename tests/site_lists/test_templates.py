"""The template: what it offers, and that a filled one passes the check."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import openpyxl
import pytest

from geocover.errors import SiteListError
from geocover.site_lists.checking import check_list
from geocover.site_lists.templates import ROWS, template_columns, write_template


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "mau.xlsx"
    write_template(path)
    return path


def fill(path: Path, *rows: dict[str, object]) -> None:
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    heads = [cell.value for cell in sheet[1]]
    for number, row in enumerate(rows, start=2):
        for head, value in row.items():
            sheet.cell(number, heads.index(head) + 1).value = value
    book.save(path)


EXAMPLE = {column.head: column.example for column in template_columns() if column.example != ""}


def test_the_example_filled_in_passes(path: Path) -> None:
    """Catches a head that is guessed, unknown or read as another field, and an example that is refused."""
    fill(path, EXAMPLE)
    checked = check_list(path)
    assert checked.counts == {"read": 1, "accepted": 1, "rejected": 0}
    meanings = checked.tables[0].columns.meanings
    assert [meaning.field for meaning in meanings] == [column.field for column in template_columns()]
    assert all(meaning.confidence == 1.0 for meaning in meanings)
    assert not [finding for finding in checked.found if finding.severity == "warning"]
    row = checked.network().cells.iloc[0]
    assert (row["operator"], row["technology"], row["freq_mhz"], row["height_m"]) == (
        "Viettel",
        "4G",
        1800,
        42,
    )
    assert (row["azimuth_deg"], row["downtilt_deg"], row["mechanical_tilt_deg"]) == (120, 4, 2)
    assert row["on_air"].date() == dt.date(2025, 8, 15)
    assert row["eirp_dbm_assumed"] is True or row["eirp_dbm_assumed"]


def test_needed_columns_suffice(path: Path) -> None:
    """Catches a column that the importer needs and the template calls optional."""
    fill(path, {column.head: column.example for column in template_columns() if column.needed})
    assert check_list(path).counts["accepted"] == 1


def test_an_empty_template_holds_no_row(path: Path) -> None:
    """Catches the guide's example read as a site."""
    assert check_list(path).counts == {"read": 0, "accepted": 0, "rejected": 0}


def test_drop_downs_and_limits(path: Path) -> None:
    """Catches a list without drop-downs, and limits that an ordinary value breaks."""
    sheet = openpyxl.load_workbook(path).worksheets[0]
    rules = {str(rule.sqref): rule for rule in sheet.data_validations.dataValidation}
    assert rules[f"E2:E{ROWS + 1}"].formula1 == '"2G,3G,4G,5G"'
    assert "Viettel" in rules[f"A2:A{ROWS + 1}"].formula1
    for column in template_columns():
        if column.limits and isinstance(column.example, int | float):
            assert column.limits[0] <= column.example <= column.limits[1]


def test_one_operators_template_offers_that_one(tmp_path: Path) -> None:
    """Catches a partner choosing another operator in its own list."""
    path = tmp_path / "viettel.xlsx"
    write_template(path, operator="Viettel")
    rules = openpyxl.load_workbook(path).worksheets[0].data_validations.dataValidation
    assert [rule.formula1 for rule in rules if str(rule.sqref).startswith("A2")] == ['"Viettel"']


@pytest.mark.parametrize("name", ["A, B", 'A"', "", "x" * 300])
def test_a_name_that_no_drop_down_holds_is_refused(tmp_path: Path, name: str) -> None:
    """Catches a drop-down of two names made of one, and a file that Excel calls damaged."""
    with pytest.raises(SiteListError, match="a name for a drop-down"):
        write_template(tmp_path / "mau.xlsx", operator=name)


def test_same_bytes_every_time(path: Path, tmp_path: Path) -> None:
    """Catches the time of writing in the file."""
    write_template(tmp_path / "again.xlsx")
    assert (tmp_path / "again.xlsx").read_bytes() == path.read_bytes()


def test_only_xlsx(tmp_path: Path) -> None:
    """Catches a workbook under a name that no spreadsheet opens."""
    with pytest.raises(SiteListError, match=r"must be named \.xlsx"):
        write_template(tmp_path / "mau.csv")
