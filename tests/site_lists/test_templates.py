"""The template: what it offers, and that a filled one passes the check."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path

import openpyxl
import pytest
from openpyxl.utils.datetime import from_excel

from geocover.boundaries.index import shipped_index
from geocover.crs import WGS84, transformer
from geocover.errors import AreasError, SiteListError
from geocover.network import TECHNOLOGIES
from geocover.site_lists.checking import check_list
from geocover.site_lists.places.reference import Reference
from geocover.site_lists.places.unit_names import read_unit
from geocover.site_lists.places.zones import ZONES, written_zones
from geocover.site_lists.templates import ROWS, template_columns, write_template
from geocover.site_lists.values.column_values import limits_of
from geocover.site_lists.values.dates import EARLIEST, LATEST
from geocover.site_lists.values.technology import environment_of

PHU_THO = Reference.of(shipped_index("25"))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "mau.xlsx"
    write_template(path)
    return path


def fill(path: Path, *rows: Mapping[str, object]) -> None:
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    heads = [cell.value for cell in sheet[1]]
    for number, row in enumerate(rows, start=2):
        for head, value in row.items():
            sheet.cell(number, heads.index(head) + 1).value = value
    book.save(path)


EXAMPLE: dict[str, object] = {
    column.head: column.example for column in template_columns() if column.example != ""
}


def test_the_example_filled_in_passes(path: Path) -> None:
    """Catches a head that is guessed, unknown or read as another field, and an example that is refused."""
    fill(path, EXAMPLE)
    checked = check_list(path)
    assert checked.counts == {"read": 1, "accepted": 1, "rejected": 0}
    meanings = checked.tables[0].columns.meanings
    assert [meaning.field for meaning in meanings] == [column.field for column in template_columns()]
    assert all(meaning.confidence == 1.0 for meaning in meanings)
    assert not checked.found
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


def test_a_provinces_example_passes_against_the_province(tmp_path: Path) -> None:
    """Catches a commune in the list of choices that the importer does not know, or puts elsewhere."""
    path = tmp_path / "25.xlsx"
    write_template(path, province="25")
    fill(path, EXAMPLE)
    assert not check_list(path, reference=PHU_THO).found


def test_metres_of_a_chosen_zone_are_read(path: Path) -> None:
    """Catches a zone in the drop-down that the importer reads as another one: kilometres away."""
    degrees = {"Kinh độ (WGS84)", "Vĩ độ (WGS84)"}
    east, north = transformer(WGS84, "EPSG:9208").transform(105.40215, 21.32244)
    metres = {"Toạ độ đông (m)": east, "Toạ độ bắc (m)": north, "Hệ toạ độ": "VN-2000 TM-3 104°45′"}
    fill(path, {head: value for head, value in EXAMPLE.items() if head not in degrees} | metres)
    checked = check_list(path, reference=PHU_THO)
    assert checked.counts["accepted"] == 1
    row = checked.cells.iloc[0]
    assert (row["lon"], row["lat"]) == pytest.approx((105.40215, 21.32244), abs=1e-6)


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


def offered(path: Path) -> dict[str, list[str]]:
    """What the drop-downs of a template offer, by the head of the column, read as a spreadsheet reads it."""
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    found = {}
    for rule in sheet.data_validations.dataValidation:
        if rule.type == "list":
            column = str(rule.sqref).split("2:")[0]
            found[sheet[f"{column}1"].value] = choices_of(book, rule.formula1)
    return found


def choices_of(book: openpyxl.Workbook, formula: str) -> list[str]:
    if formula.startswith('"'):
        assert len(formula) <= 257  # Excel calls a file with a longer one damaged
        return formula.strip('"').split(",")
    name, cells = formula.split("!")
    return [cell.value for (cell,) in book[name.strip("'")][cells.replace("$", "")]]


def test_closed_columns_offer_what_the_importer_knows(path: Path) -> None:
    """Catches a choice that the importer does not read, reads as another, or that is missing."""
    choices = offered(path)
    assert choices["Nhà mạng"] == ["Viettel", "VinaPhone", "MobiFone", "Vietnamobile"]
    assert choices["Công nghệ"] == list(TECHNOLOGIES)
    assert [environment_of(one) for one in choices["Môi trường"]] == ["urban", "suburban", "open"]
    assert choices["Dùng chung hạ tầng"] == ["Có", "Không"]
    assert choices["Hệ toạ độ"][0] == "WGS 84"
    assert [written_zones(one) for one in choices["Hệ toạ độ"][1:]] == [(zone,) for zone in ZONES]
    assert "Xã, phường" not in choices


def test_a_province_offers_its_communes_and_zones(tmp_path: Path) -> None:
    """Catches a commune that is left out or written so that the importer finds none or several."""
    path = tmp_path / "25.xlsx"
    write_template(path, province="25", operator="Viettel")
    choices = offered(path)
    assert choices["Nhà mạng"] == ["Viettel"]
    found = [PHU_THO.candidates(read_unit(name)) for name in choices["Xã, phường"]]
    assert len(found) == 148
    assert frozenset[int]().union(*found) == frozenset(range(148))
    assert {"VN-2000 TM-3 104°45′", "VN-2000 TM-3 105°00′", "VN-2000 TM-3 106°00′", "WGS 84 UTM 48N"} < set(
        choices["Hệ toạ độ"]
    )
    assert "VN-2000 TM-3 108°30′" not in choices["Hệ toạ độ"]


def test_an_unknown_province_is_refused(tmp_path: Path) -> None:
    """Catches a template without the communes that were asked for."""
    with pytest.raises(AreasError, match="no list of communes"):
        write_template(tmp_path / "x.xlsx", province="99")


def test_dates_and_numbers_have_limits(path: Path) -> None:
    """Catches limits other than the importer's: a value taken in silence that the check then refuses."""
    sheet = openpyxl.load_workbook(path).worksheets[0]
    heads = {str(rule.sqref).split("2:")[0]: rule for rule in sheet.data_validations.dataValidation}
    rules = {sheet[f"{column}1"].value: rule for column, rule in heads.items()}
    limits = {
        head: (rule.type, float(rule.formula1), float(rule.formula2))
        for head, rule in rules.items()
        if rule.formula2
    }
    day = rules["Ngày phát sóng"]
    assert limits["Độ cao ăng-ten (m)"] == ("decimal", *limits_of("height_m"))
    assert limits["Góc phương vị"] == ("decimal", 0, 360)
    assert limits["Tilt điện"] == limits["Tilt cơ"] == ("decimal", *limits_of("downtilt_deg"))
    assert limits["Công suất (dBm)"] == ("decimal", *limits_of("power"))
    assert limits["Băng thông (MHz)"] == ("decimal", *limits_of("bandwidth_mhz"))
    assert [from_excel(int(limit)).date() for limit in (day.formula1, day.formula2)] == [EARLIEST, LATEST]
    assert day.type == "date"
    for rule in rules.values():
        assert rule.allow_blank
        assert rule.errorStyle == "warning"
        assert len(rule.prompt) <= 255  # Excel calls a file with a longer one damaged
        assert len(rule.promptTitle) <= 32


def test_the_lists_of_choices_are_hidden_and_read_as_none(path: Path) -> None:
    """Catches a sheet of zones in a partner's way, or read as a table of sites."""
    book = openpyxl.load_workbook(path)
    assert [(sheet.title, sheet.sheet_state) for sheet in book] == [
        ("Danh sách trạm", "visible"), ("Hướng dẫn", "visible"), ("Danh mục", "hidden"),
    ]  # fmt: skip
    assert not {"own-sheet", "sheet-hidden"} & {finding.code for finding in check_list(path).found}


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
