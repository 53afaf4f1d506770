"""Site lists in canonical columns: what is read, what is assumed, what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geocover.antennas import Antenna, Antennas
from geocover.crs import VN2000_ZONES, WGS84, transformer
from geocover.errors import CrsError, GeocoverError, NetworkError
from geocover.io.completing import complete_cells
from geocover.io.network import read_network, write_network
from geocover.network import PARAMETERS

FULL = {
    "operator": "Viettel",
    "technology": "4G",
    "lon": "105.4",
    "lat": "21.3",
    "freq_mhz": "1800",
    "eirp_dbm": "31.5",
    "height_m": "42",
    "azimuth_deg": "120",
    "downtilt_deg": "3",
    "beamwidth_h_deg": "65",
    "beamwidth_v_deg": "8",
    "environment": "open",
    "on_air": "2025-07-15",
}


def write(path: Path, *rows: dict[str, str]) -> Path:
    pd.DataFrame(list(rows)).to_csv(path, index=False)
    return path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "sites.csv"


def test_full_row_assumes_nothing(path: Path) -> None:
    """Catches a stated value replaced by a default."""
    network = read_network(write(path, FULL))
    row = network.cells.iloc[0]
    assert network.assumed_share() == 0.0
    assert (row["freq_mhz"], row["eirp_dbm"], row["height_m"], row["azimuth_deg"]) == (1800, 31.5, 42, 120)
    assert row["environment"] == "open"
    assert row["on_air"] == pd.Timestamp("2025-07-15")


def test_bare_row_assumes_everything_and_says_so(path: Path) -> None:
    """Catches a default without its flag: LTE 20 MHz of 46 dBm is 31.7 dBm per RE."""
    network = read_network(
        write(path, {name: FULL[name] for name in ("operator", "technology", "lon", "lat")})
    )
    row = network.cells.iloc[0]
    assert all(row[f"{name}_assumed"] for name in PARAMETERS)
    assert row["eirp_dbm"] == pytest.approx(46 - 10 * np.log10(1200) + 17 - 0.5)
    assert np.isnan(row["azimuth_deg"])
    assert pd.isna(row["on_air"])


def test_defaults_by_operator(path: Path) -> None:
    """Catches one band for all: 5G is 2600 MHz for Viettel, 3700 MHz for the others."""
    rows = [
        {"operator": name, "technology": "5G", "lon": "105.4", "lat": "21.3"}
        for name in ("Viettel", "MobiFone")
    ]
    cells = read_network(write(path, *rows)).cells.set_index("operator")
    assert cells.loc["Viettel", "freq_mhz"] == 2600
    assert cells.loc["MobiFone", "freq_mhz"] == 3700


def test_stated_budget_gives_the_eirp(path: Path) -> None:
    """Catches a stated power that is ignored; a whole budget stated is no assumption."""
    row = {
        **FULL,
        "eirp_dbm": "",
        "power_dbm": "43",
        "resource_blocks": "50",
        "antenna_gain_dbi": "18",
        "feeder_loss_db": "2",
    }
    cells = read_network(write(path, row)).cells
    assert cells["eirp_dbm"].iloc[0] == pytest.approx(43 - 10 * np.log10(600) + 18 - 2)
    assert not cells["eirp_dbm_assumed"].iloc[0]
    part = read_network(write(path, {**row, "antenna_gain_dbi": ""})).cells
    assert part["eirp_dbm_assumed"].iloc[0]


def test_bandwidth_gives_the_resource_blocks(path: Path) -> None:
    """Catches LTE blocks taken for NR: 10 MHz are 50 blocks of 4G and 24 of 5G; 7 MHz exists in neither."""
    row = {**FULL, "eirp_dbm": "", "power_dbm": "43", "antenna_gain_dbi": "18", "feeder_loss_db": "2"}
    rows = [{**row, "bandwidth_mhz": "10"}, {**row, "technology": "5G", "bandwidth_mhz": "10"}]
    cells = read_network(write(path, *rows)).cells
    assert cells["eirp_dbm"].tolist() == pytest.approx([59 - 10 * np.log10(12 * n) for n in (50, 24)])
    assert not cells["eirp_dbm_assumed"].any()
    with pytest.raises(NetworkError, match="row 2, bandwidth_mhz = 7"):
        read_network(write(path, {**row, "bandwidth_mhz": "7"}))


@pytest.fixture
def antennas() -> Antennas:
    """One antenna of 15 dBi, 6° of electrical tilt, 90° by 20° wide."""
    off_deg = (np.arange(360) + 180) % 360 - 180
    horizontal_db, vertical_db = (-np.minimum(12 * (off_deg / width) ** 2, 30) for width in (90.5, 20.5))
    return Antennas([Antenna("K 90", 15.0, np.nan, 6.0, horizontal_db, np.roll(vertical_db, 6))])


NAMED = {
    name: FULL[name]
    for name in ("operator", "technology", "on_air", "lon", "lat", "freq_mhz", "height_m", "azimuth_deg")
} | {
    "environment": "open", "power_dbm": "43", "resource_blocks": "50", "feeder_loss_db": "2",
    "antenna": "k 90",
}  # fmt: skip


def test_antenna_states_what_the_list_leaves_out(path: Path, antennas: Antennas) -> None:
    """Catches the default gain, tilt or width beside a named antenna, or a stated value replaced by its."""
    row = {**NAMED, "antenna_gain_dbi": "", "downtilt_deg": ""}
    stated = {**NAMED, "antenna_gain_dbi": "16", "downtilt_deg": "2"}
    network = read_network(write(path, row, stated), antennas=antennas)
    assert network.cells["eirp_dbm"].tolist() == pytest.approx(
        [43 - 10 * np.log10(600) + g - 2 for g in (15, 16)]
    )
    assert network.cells["downtilt_deg"].tolist() == [6.0, 2.0]
    assert network.cells["beamwidth_h_deg"].tolist() == [91.0, 91.0]
    assert network.cells["beamwidth_v_deg"].tolist() == [21.0, 21.0]
    assert network.cells["antenna"].tolist() == ["k 90", "k 90"]
    assert network.assumed_share() == 0.0
    again = read_network(write(path, row, {**row, "antenna": ""}), antennas=antennas)
    assert again.cells["downtilt_deg_assumed"].tolist() == [False, True]
    assert again.cells["eirp_dbm_assumed"].tolist() == [False, True]


def test_unknown_antenna_names_its_rows_and_what_is_known(path: Path, antennas: Antennas) -> None:
    """Catches a misspelt antenna that silently gets 3GPP's pattern."""
    rows = [NAMED, {**NAMED, "antenna": "K 65"}, {**NAMED, "antenna": "K 65"}]
    with pytest.raises(NetworkError, match=r"row 3, antenna = 'K 65'.*row 4.*known: K 90") as caught:
        read_network(write(path, *rows), antennas=antennas)
    assert "dòng 3" in caught.value.vi
    assert read_network(path).cells["antenna"].tolist() == ["k 90", "K 65", "K 65"]


def test_mechanical_tilt_is_read_or_none_and_never_assumed(path: Path) -> None:
    """Catches a tilt that is lost, and old lists that suddenly count as assumed."""
    network = read_network(write(path, {**FULL, "mechanical_tilt_deg": "-3.5"}, FULL))
    assert network.cells["mechanical_tilt_deg"].tolist() == [-3.5, 0.0]
    assert network.cells["antenna"].tolist() == ["", ""]
    assert network.assumed_share() == 0.0
    with pytest.raises(NetworkError, match=r"row 2, mechanical_tilt_deg = 60.0: must be -30 … 45"):
        read_network(write(path, {**FULL, "mechanical_tilt_deg": "60"}))


def test_antenna_and_mechanical_tilt_make_the_round_trip(
    path: Path, antennas: Antennas, tmp_path: Path
) -> None:
    """Catches a column that is read and not written."""
    network = read_network(write(path, {**NAMED, "mechanical_tilt_deg": "2"}), antennas=antennas)
    write_network(network, tmp_path / "out.csv")
    pd.testing.assert_frame_equal(read_network(tmp_path / "out.csv").cells, network.cells)


def test_three_levels_are_counted(path: Path) -> None:
    """Catches cells counted as stations: two operators on a mast, one with two technologies."""
    rows = [
        {**FULL, "operator": operator, "technology": technology, "azimuth_deg": azimuth}
        for operator, technology in (("Viettel", "4G"), ("Viettel", "5G"), ("VinaPhone", "4G"))
        for azimuth in ("0", "120", "240")
    ]
    network = read_network(write(path, *rows))
    assert network.counts() == {"positions": 1, "stations": 3, "cells": 9}
    assert len(network.stations()) == 3
    assert network.layers == (("Viettel", "4G"), ("Viettel", "5G"), ("VinaPhone", "4G"))


@pytest.mark.parametrize("zone", VN2000_ZONES.values())
def test_vn2000_metres(path: Path, zone: str) -> None:
    """Catches a datum shift left out: metres in each VN-2000 zone give back the longitude and latitude."""
    x_m, y_m = transformer(WGS84, zone).transform(105.4, 21.3)
    row = {"operator": "Viettel", "technology": "4G", "x_m": f"{x_m:.3f}", "y_m": f"{y_m:.3f}"}
    for network in (
        read_network(write(path, row), crs=zone),
        read_network(write(path, {**row, "crs": zone})),
    ):
        assert network.cells["lon"].iloc[0] == pytest.approx(105.4, abs=1e-7)
        assert network.cells["lat"].iloc[0] == pytest.approx(21.3, abs=1e-7)
    with pytest.raises(CrsError, match=r"sites\.csv.*EPSG"):
        read_network(write(path, row))


def test_xlsx_equals_csv(path: Path, tmp_path: Path) -> None:
    """Catches numbers, dates and empty cells of Excel read otherwise than those of CSV."""
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    sheet.append(list(FULL))
    typed = [
        float(v) if k not in ("operator", "technology", "environment", "on_air") else v
        for k, v in FULL.items()
    ]
    sheet.append(typed)
    sheet.append([None if k == "azimuth_deg" else v for k, v in zip(FULL, typed, strict=True)])
    book = tmp_path / "sites.xlsx"
    workbook.save(book)
    from_csv = read_network(write(path, FULL, {**FULL, "azimuth_deg": ""}))
    pd.testing.assert_frame_equal(read_network(book).cells, from_csv.cells)


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        ("lon", "", "row 3, lon.*missing"),
        ("lon", "NaN", "row 3, lon = 'NaN'"),
        ("lat", "abc", "row 3, lat = 'abc'.*number"),
        ("lat", "inf", "row 3, lat = 'inf'"),
        ("lon", "105,4", "row 3, lon = '105,4'.*decimal point"),
        ("lat", "91", r"row 3, lat = 91.*-90 … 90"),
        ("technology", "6G", "row 3, technology = '6G'.*2G, 3G, 4G or 5G"),
        ("operator", "", "row 3, operator"),
        ("height_m", "-3", "row 3, height_m"),
        ("azimuth_deg", "361", "row 3, azimuth_deg"),
        ("on_air", "15/07/2025", "row 3, on_air.*2025-12-31"),
        ("environment", "rừng", "row 3, environment.*suburban"),
    ],
)
def test_bad_value_names_file_row_and_remedy(path: Path, column: str, value: str, words: str) -> None:
    """Catches an error that leaves the user searching; the row is counted as in the file."""
    with pytest.raises(NetworkError, match=words) as caught:
        read_network(write(path, FULL, {**FULL, column: value}))
    assert "sites.csv" in str(caught.value)
    assert "dòng 3" in caught.value.vi


def test_all_bad_rows_are_said_at_once(path: Path) -> None:
    with pytest.raises(NetworkError, match=r"row 2.*row 3.*row 4.*and 1 more") as caught:
        read_network(write(path, *([{**FULL, "lat": "x"}] * 6)))
    assert "và 1 lỗi khác" in caught.value.vi


@pytest.mark.parametrize("content", ["", "operator,technology,lon,lat\n"])
def test_empty_list(path: Path, content: str) -> None:
    path.write_text(content)
    with pytest.raises(NetworkError, match=r"sites\.csv"):
        read_network(path)


def test_missing_columns_file_and_format(path: Path, tmp_path: Path) -> None:
    with pytest.raises(NetworkError, match="'technology' is missing"):
        read_network(write(path, {"operator": "Viettel", "lon": "105", "lat": "21"}))
    with pytest.raises(NetworkError, match="no coordinates"):
        read_network(write(path, {"operator": "Viettel", "technology": "4G"}))
    with pytest.raises(NetworkError, match="no such file"):
        read_network(tmp_path / "nowhere.csv")
    odd = tmp_path / "sites.docx"
    odd.write_bytes(b"PK")
    with pytest.raises(NetworkError, match=r"\.csv or \.xlsx"):
        read_network(odd)
    broken = tmp_path / "sites.xlsx"
    broken.write_bytes(b"not a workbook")
    with pytest.raises(NetworkError, match=r"sites\.xlsx"):
        read_network(broken)


def test_duplicate_cells_are_refused(path: Path) -> None:
    """Catches a cell counted twice."""
    with pytest.raises(NetworkError, match="cell_id"):
        read_network(write(path, {**FULL, "cell_id": "A1"}, {**FULL, "cell_id": "A1"}))


def test_selection_by_date(path: Path) -> None:
    """Catches a station counted before it was on air; a row without a date always counts."""
    rows = [{**FULL, "on_air": date} for date in ("2025-06-30", "2025-07-01", "")]
    network = read_network(write(path, *rows))
    import datetime as dt

    assert len(network.select(as_of=dt.date(2025, 6, 30))) == 2
    assert len(network.select(as_of=dt.date(2025, 7, 1))) == 3
    with pytest.raises(NetworkError, match="no cell"):
        network.select(technologies=["5G"])


def test_round_trip(random_network, tmp_path: Path) -> None:
    """Catches assumed values written as if they were stated."""
    out = tmp_path / "out.csv"
    write_network(random_network, out)
    again = read_network(out)
    pd.testing.assert_frame_equal(again.cells, random_network.cells)
    first = out.read_bytes()
    write_network(again, out)
    assert out.read_bytes() == first


@settings(max_examples=80)
@given(
    st.lists(
        st.fixed_dictionaries(
            {name: st.one_of(st.just(value), st.text(max_size=8)) for name, value in FULL.items()}
        ),
        min_size=1,
        max_size=4,
    )
)
def test_any_text_is_read_or_refused(tmp_path: Path, rows: list[dict[str, str]]) -> None:
    """Catches a traceback, or a row that is lost without a word."""
    target = tmp_path / "fuzz.csv"
    pd.DataFrame(rows).to_csv(target, index=False, encoding="utf-8", errors="replace")
    try:
        read = len(read_network(target))
    except GeocoverError as error:
        read, refused = None, str(error)
    assert read == len(rows) or (read is None and "fuzz.csv" in refused)


@pytest.mark.data
def test_real_cell_list_becomes_a_network(shared_data: Path, path: Path) -> None:
    """A real list of 5,504 LTE sectors, renamed to canonical columns: none is lost."""
    real = pd.read_csv(shared_data / "cell-sites" / "sanxia_lte_cells.csv", dtype=str).dropna(
        subset=["LONGITUDE", "LATITUDE"]
    )
    renamed = pd.DataFrame(
        {
            "operator": "Sanxia",
            "technology": "4G",
            "cell_id": real["SECTOR_ID"],
            "lon": real["LONGITUDE"],
            "lat": real["LATITUDE"],
            "azimuth_deg": real["AZIMUTH"],
            "height_m": real["HEIGHT"],
            "downtilt_deg": real["TOTLETILT"],
        }
    )
    usable = renamed[
        pd.to_numeric(renamed["azimuth_deg"], errors="coerce").between(0, 360)
        & (pd.to_numeric(renamed["height_m"], errors="coerce") >= 1)
    ]
    usable.drop_duplicates("cell_id").to_csv(path, index=False)
    network = read_network(path)
    assert len(network) == usable["cell_id"].nunique() > 5_000


def test_cells_with_few_columns_are_completed_as_a_list_is(path: Path) -> None:
    """Catches a second set of assumptions beside the reader's."""
    bare = {name: FULL[name] for name in ("operator", "technology", "lon", "lat")}
    read = read_network(write(path, bare)).cells
    cells = pd.DataFrame([bare]).astype({"lon": float, "lat": float})
    pd.testing.assert_frame_equal(complete_cells(cells, "cells"), read)


def test_cells_that_cannot_be_are_named(path: Path) -> None:
    """Catches a list with an impossible height turned into a network."""
    tall = {"operator": "Viettel", "technology": "4G", "lon": 105.4, "lat": 21.3, "height_m": 999.0}
    with pytest.raises(NetworkError, match=r"row 1, height_m = 999\.0: must be 1 … 500"):
        complete_cells(pd.DataFrame([tall]), "cells")
