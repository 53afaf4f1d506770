"""Drive tests from files: names of columns, values that are no measurements, and errors."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geocover.errors import InputError
from geocover.io.drive_tests import HIGHEST_DBM, LOWEST_DBM, DriveTest, read_drive_test


def write(folder: Path, text: str, name: str = "drive.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def reasons(test: DriveTest) -> dict[str, tuple[int, int]]:
    return {each.reason: (each.rows, each.first_row) for each in test.set_aside}


@pytest.mark.parametrize(
    "header",
    ["lon,lat,rsrp_dbm", "Longitude,LATITUDE,RSRP (dBm)", "lng,lat,signal", "Kinh độ,Vĩ độ,Mức thu (dBm)"],
)
def test_columns_are_known_by_many_names(tmp_path: Path, header: str) -> None:
    """Catches a synonym that is lost, and marks or case that hide one."""
    points = read_drive_test(write(tmp_path, f"{header}\n105.4,21.3,-97.5\n")).points
    assert points[["lon", "lat", "rsrp_dbm"]].to_numpy().tolist() == [[105.4, 21.3, -97.5]]


def test_first_name_in_the_list_wins(tmp_path: Path) -> None:
    """Catches a generic column (signal) taken where the file has RSRP too."""
    test = read_drive_test(write(tmp_path, "signal,lat,lon,RSRP\n31,21.3,105.4,-97\n"))
    assert test.points["rsrp_dbm"].tolist() == [-97.0]
    assert test.columns["rsrp_dbm"] == "RSRP"


def test_every_optional_column_is_read(tmp_path: Path) -> None:
    """Catches an identity read as a number, a PCI that is none, and times off by a zone or a thousand."""
    text = (
        "lon,lat,rsrp,cellid,pci,act,measured_at\n"
        "105.4,21.3,-97,0123.0,32.0,LTE,1679769208597.0\n"
        "105.4,21.3,-97,2147483647,2147483647.0,LTE_CA,2023-03-25T18:33:28+00:00\n"
        "105.4,21.3,-97,,-1,5G NSA,1679769208\n"
        "105.4,21.3,-97,7,2000,,gestern\n"
    )
    test = read_drive_test(write(tmp_path, text))
    assert test.points["cell"].tolist() == ["0123", "", "", "7"]
    assert test.points["pci"].tolist() == [32, -1, -1, -1]
    assert test.points["technology"].tolist() == ["4G", "4G", "5G", ""]
    times = test.points["measured_at"]
    assert times[0] == pd.Timestamp("2023-03-25T18:33:28.597Z")
    assert (times[1:3] == pd.Timestamp("2023-03-25T18:33:28Z")).all()
    assert pd.isna(times[3])
    assert [each.en for each in test.remarks] == [
        "Points that state no technology and are taken for the profile's: 1",
        "Points without readable time: 1",
    ]


@pytest.mark.parametrize("separator", [";", "\t"])
def test_decimal_comma_of_a_vietnamese_spreadsheet(tmp_path: Path, separator: str) -> None:
    text = "\ufefflon;lat;rsrp\n105,4;21,3;-97,5\n".replace(";", separator)
    assert read_drive_test(write(tmp_path, text)).points["rsrp_dbm"].tolist() == [-97.5]


def test_rows_without_measurement_are_counted_by_reason(tmp_path: Path) -> None:
    """Catches a row that vanishes, or a reason that names the wrong row of the file."""
    text = (
        "lon,lat,rsrp,act\n"
        "105.4,21.3,-97,LTE\n"
        "0,0,-97,LTE\n"
        ",21.3,-97,LTE\n"
        "105.4,21.3,-75,GSM\n"
        "105.4,21.3,-75,HSPA+\n"
        "105.4,21.3,-75,semaphore\n"
        "105.4,21.3,2147483647,LTE\n"
        "105.4,21.3,unknown,LTE\n"
        "105.4,21.3,-161,LTE\n"
        "105.4,21.3,-19,LTE\n"
        "\n"
        "105.4,21.3,-160,NR\n"
        "105.4,21.3,-20,LTE\n"
    )
    test = read_drive_test(write(tmp_path, text))
    assert reasons(test) == {
        "blank": (1, 12),
        "no_position": (2, 3),
        "not_rsrp": (2, 5),
        "unknown_technology": (1, 7),
        "no_level": (2, 8),
        "level_out_of_range": (2, 10),
    }
    assert test.points["row"].tolist() == [2, 13, 14]
    assert test.rows_read == 13
    only = test.of_technology("4G")
    assert reasons(only)["other_technology"] == (1, 13)
    assert only.points["row"].tolist() == [2, 14]


def test_levels_like_those_of_gsm_are_flagged(tmp_path: Path) -> None:
    """Catches RSSI in steps of 2 dB from -113 dBm taken for RSRP without a word."""
    rssi = "".join(f"105.4,21.3,{level}\n" for level in (-113, -97, -51))
    flagged = read_drive_test(write(tmp_path, "lon,lat,signal\n" + rssi)).remarks
    assert any("RSSI" in each.en and "RSSI" in each.vi for each in flagged)
    mixed = read_drive_test(write(tmp_path, "lon,lat,signal\n" + rssi + "105.4,21.3,-96\n")).remarks
    assert not any("RSSI" in each.en for each in mixed)


@pytest.mark.parametrize(
    ("text", "said", "told"),
    [
        ("lon,lat,rsrp\n", "no row below the header", "không có dòng nào dưới tiêu đề"),
        ("", "cannot be read", "không đọc được"),
        ("lon,lat\n105,21\n", "no column for rsrp_dbm", "thiếu cột rsrp_dbm"),
        ("lon,lat,rsrp\n105,21,-9x\n", "row 2, rsrp = '-9x': not a number", "dòng 2, rsrp"),
        ("lon,lat,rsrp\n105,21,inf\n", "row 2, rsrp = 'inf'", "không phải số"),
        ("lon,lat,rsrp\n21,105,-97\n", "row 2, lat = 105.0: must be -90 … 90", "bị đảo"),
        ("lon,lat,rsrp\n500123,21,-97\n", "row 2, lon", "dạng mét"),
        ("lon,lat,rsrp\n105,21,-97,1,2\n", "cannot be read", "không đọc được"),
        ("lon,lat,rsrp\n105,21,\n", "no row can be used (no level: 1 (first: row 2))", "không có dòng nào"),
        ("lon,lat,rsrp,act\n105,21,-97,GSM\n", "RSSI or RSCP", "RSSI, RSCP"),
    ],
)
def test_files_that_cannot_be_used(tmp_path: Path, text: str, said: str, told: str) -> None:
    """Catches an error without file, row, column or remedy, or in one language alone."""
    with pytest.raises(InputError) as caught:
        read_drive_test(write(tmp_path, text))
    assert "drive.csv" in str(caught.value)
    assert said in str(caught.value)
    assert told in caught.value.vi


def test_missing_file_spreadsheet_and_other_encoding(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        read_drive_test(tmp_path / "none.csv")
    with pytest.raises(InputError, match="save the sheet as CSV"):
        read_drive_test(write(tmp_path, "x", "drive.xlsx"))
    (tmp_path / "latin.csv").write_bytes("lon,lat,rsrp,ghi chú\n105,21,-97,phố\n".encode("utf-16"))
    with pytest.raises(InputError, match="UTF-8"):
        read_drive_test(tmp_path / "latin.csv")


def test_counts_that_do_not_add_up_are_refused(tmp_path: Path) -> None:
    """Catches a reader, now or later, that loses rows."""
    test = read_drive_test(write(tmp_path, "lon,lat,rsrp\n105,21,-97\n105,21,-98\n"))
    with pytest.raises(InputError, match="1 \\+ 0 rows are not 2"):
        DriveTest(test.points[:1], test.source, test.rows_read)


FIELD = st.one_of(
    st.floats(-200, 200).map(lambda value: f"{value:.6f}"),
    st.sampled_from(["", "nan", "-97", "105.4", "21.3", "2147483647", "LTE", "GSM", "1e400", '"', "é", "0"]),
    st.text(max_size=5),
)


@settings(max_examples=150)
@given(rows=st.lists(st.lists(FIELD, min_size=4, max_size=5), max_size=6), separator=st.sampled_from(",;\t"))
def test_any_table_is_read_in_full_or_refused(tmp_path: Path, rows: list[list[str]], separator: str) -> None:
    """Catches a crash, a row lost, or a level outside the limits, whatever the file holds."""
    lines = [separator.join(row) for row in [["lon", "lat", "rsrp", "act"], *rows]]
    path = tmp_path / "any.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8", errors="replace")
    try:
        test = read_drive_test(path)
    except InputError:
        return
    assert len(test) + sum(each.rows for each in test.set_aside) == test.rows_read
    assert test.points["rsrp_dbm"].between(LOWEST_DBM, HIGHEST_DBM).all()
    assert test.points[["lon", "lat"]].abs().le([180, 90]).all(axis=None)
    assert set(test.points["technology"]) <= {"4G", "5G", ""}


def test_ambato(shared_data: Path) -> None:
    """Catches columns of a real recorder that are missed: all but the 26 rows of HSPA are RSRP of LTE."""
    test = read_drive_test(shared_data / "cell-sites" / "ambato_drive_test_rsrp.csv")
    assert test.rows_read == 7_700
    assert reasons(test) == {"not_rsrp": (26, 652)}
    assert set(test.points["technology"]) == {"4G"}
    assert test.points["cell"].nunique() == 26
    assert test.points["measured_at"].notna().all()
    assert test.remarks == ()
