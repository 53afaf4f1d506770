"""What columns mean: heads, values, mappings."""

from __future__ import annotations

import pytest

from geocover.site_lists.columns.columns import known_header, understand
from geocover.site_lists.columns.heads import SURE, fields, head_key, read_head
from geocover.site_lists.columns.mapping import ColumnMapping
from geocover.site_lists.findings import Findings
from geocover.site_lists.sheets import Value
from tests.site_lists.hand_tables import codes, table


@pytest.mark.parametrize(
    ("head", "field"),
    [
        ("Mã trạm", "station_id"),
        ("MA_TRAM", "station_id"),
        ("MaTram", "station_id"),
        ("Ma\u0303 tra\u0323m", "station_id"),
        ("Kinh độ", "lon"),
        ("KINH DO", "lon"),
        ("Longtitude", "lon"),
        ("Vĩ độ (độ)", "lat"),
        ("Chiều cao cột (m)", "height_m"),
        ("Độ cao anten [m]", "height_m"),
        ("Power[dBm]", "power"),
        ("Tần số (MHz)", "freq_mhz"),
        ("Tọa độ / X", "x"),
        ("X (m)", "x"),
        ("Y(Đông)", "x_m"),
        ("Toạ độ / Kinh độ", "lon"),
        ("Công nghệ / 4G", "has_4g"),
        ("Số cell / 4G", "cells_4g"),
        ("Công nghệ 2G/3G/4G/5G", "technology"),
        ("Kinh độ/Longitude", "lon"),
        ("Phường/Xã", "commune"),
        ("Tỉnh/TP", "province"),
        ("EARFCN", "channel"),
        ("TOTLETILT", "total_tilt_deg"),
        ("CHIEU_CAO_", "height_m"),
        ("经度", "lon"),
        ("Ngày đưa vào sử dụng", "on_air"),
        ("dùng chung CSHT", "shared"),
    ],
)
def test_heads_are_known_however_written(head: str, field: str) -> None:
    """Catches a spelling, unit, second line or language of a head that is not understood."""
    found = read_head(head)
    assert found is not None
    assert found.field == field
    assert known_header(head) >= SURE


@pytest.mark.parametrize(
    "text",
    [
        "Danh sách trạm BTS tỉnh Phú Thọ năm 2025",
        "Trạm Đoan Hùng",
        "Viettel",
        "105,34",
        "HN001",
        "",
        "()",
        "x" * 500,
    ],
)
def test_what_is_no_head_is_not_taken_for_one(text: str) -> None:
    """Catches a title row or a row of data that would be taken for the head of the table."""
    assert known_header(text) < 0.6


@pytest.mark.parametrize(
    ("head", "technology", "sector", "unit"),
    [
        ("Băng tần 4G", "4G", 0, ""),
        ("Azimuth 2", "", 2, ""),
        ("Sector 3 / Azimuth", "", 3, ""),
        ("Độ cao anten 5G (m)", "5G", 0, "m"),
        ("NR-ARFCN", "5G", 0, ""),
        ("Công suất (W)", "", 0, "w"),
    ],
)
def test_a_head_names_technology_sector_and_unit(head: str, technology: str, sector: int, unit: str) -> None:
    """Catches a column of one technology or sector that is taken for all."""
    found = read_head(head)
    assert found is not None
    assert (found.technology, found.sector, found.unit) == (technology, sector, unit)


def test_no_synonym_stands_for_two_fields() -> None:
    """Catches a clash in the data (loading refuses it), and a field without heads or names."""
    for field in fields().values():
        found = read_head(field.name)
        assert found is not None
        assert found.field == field.name
        assert field.vi
        assert field.en


def test_a_misspelt_head_is_a_reported_guess() -> None:
    """Catches a guess that nobody is told of."""
    findings = Findings()
    columns = understand(table(["Tên các điểm trạm", "Latitudde"], ["a", "1"]), None, findings)
    assert [meaning.field for meaning in columns.meanings] == ["station_name", "lat"]
    assert all(meaning.confidence < SURE for meaning in columns.meanings)
    assert [finding.code for finding in findings] == ["column-guessed", "column-guessed"]


def test_the_better_of_two_columns_wins_and_the_other_is_shown() -> None:
    """Catches the tower's height taken for the antenna's, and a silent choice."""
    findings = Findings()
    columns = understand(table(["Chiều cao cột (m)", "Độ cao anten (m)"], [42, 38]), None, findings)
    assert columns.first("height_m") == columns.meanings[1].header
    assert columns.unused == (columns.meanings[0].header,)
    assert codes(findings) == {("column-duplicate", None)}


def test_columns_of_sectors_are_all_kept() -> None:
    """Catches azimuths 2 and 3 dropped as duplicates of 1."""
    for heads in (["Azimuth 1", "Azimuth 2", "Azimuth 3"], ["Azimuth", "Azimuth", "Azimuth"]):
        findings = Findings()
        columns = understand(table(heads, [0, 120, 240]), None, findings)
        assert len(columns.all("azimuth_deg")) == 3
        assert len(findings) == 0


def test_an_unknown_column_is_shown_as_unused() -> None:
    """Catches a column that nobody reads and nobody is told of."""
    findings = Findings()
    columns = understand(table(["Quỹ đạo", "TAC", "Mã trạm"], ["a", 1, "b"]), None, findings)
    assert [header.text for header in columns.unused] == ["Quỹ đạo", "TAC"]
    assert [(finding.code, finding.letter) for finding in findings] == [("column-unused", "A")]


def test_values_tell_coordinates_operators_and_technologies() -> None:
    """Catches a table without heads that cannot be read although its values say all."""
    rows: list[list[Value]] = [
        ["105,34808", "21,62924", "Viettel", "4G/5G", 7],
        ["105,20001", "21,50003", "VNPT", "3G", 7],
    ]
    columns = understand(table(["", "cột b", "", "", ""], *rows), None, Findings())
    assert [meaning.field for meaning in columns.meanings] == ["lon", "lat", "operator", "technology", ""]
    assert {meaning.by for meaning in columns.meanings[:4]} == {"values"}


def test_a_latitude_alone_is_not_guessed() -> None:
    """Catches a column of tilts between 6 and 24 taken for half a position."""
    columns = understand(table(["A1", "B1"], ["8,5", "x"], ["9,5", "y"]), None, Findings())
    assert not columns.has("lat", "lon")


def test_two_columns_under_one_merged_head_are_told_apart_by_values() -> None:
    """Catches "Toạ độ" over two columns of which the second is dropped as a duplicate."""
    rows: list[list[Value]] = [[21.5, 105.2], [21.6, 105.3]]
    columns = understand(table(["Toạ độ", "Toạ độ"], *rows), None, Findings())
    assert [meaning.field for meaning in columns.meanings] == ["lat", "lon"]


def test_a_mapping_goes_before_everything() -> None:
    """Catches a partner's own word that is overruled by a guess."""
    findings = Findings()
    mapping = ColumnMapping({"CỘT LẠ": "height_m", "kinh do": ""})
    columns = understand(table(["Cột lạ", "Kinh độ", "Chiều cao"], [1, 2, 3]), mapping, findings)
    assert columns.first("height_m") == columns.meanings[0].header
    assert columns.meanings[0].by == "mapping"
    assert columns.first("lon") is None
    assert codes(findings) == {("column-duplicate", None)}


def test_what_was_understood_is_understood_again() -> None:
    """Catches a mapping that reads the same list otherwise next time, or hides an unknown column."""
    made = table(
        ["Mã trạm", "Chiều cao cột", "Độ cao anten", "Băng tần 4G", "Lạ", "Toạ độ", "Toạ độ", "Azimuth 1"],
        ["a", 1, 2, 1800, "?!", 21.5, 105.5, 10],
    )
    first = understand(made, None, Findings())
    mapping = first.as_mapping()
    again = understand(made, mapping, Findings())
    assert [(one.field, one.technology, one.sector) for one in first.meanings] == [
        (one.field, one.technology, one.sector) for one in again.meanings
    ]
    assert "Lạ" not in mapping.columns


def test_keys_ignore_case_marks_and_signs() -> None:
    """Catches two spellings of one head that a mapping would not recognise."""
    assert head_key("Mã  trạm.") == head_key("MA_TRAM") == head_key("maTram") == "matram"
