"""From rows to cells."""

from __future__ import annotations

import time

import numpy as np
import pandas as pd
import pytest

from geocover.io.completing import complete_cells
from geocover.network import COLUMNS, Network
from geocover.site_lists.columns.columns import understand
from geocover.site_lists.findings import Findings
from geocover.site_lists.values.cells import explode
from geocover.site_lists.values.rows import Given, read_rows
from tests.site_lists.hand_tables import cells_of, read, table

HEADS = ["Nhà mạng", "Mã trạm", "Công nghệ", "Băng tần", "Azimuth"]


def test_each_carrier_of_each_technology_in_each_sector_is_a_cell() -> None:
    """Catches carriers, technologies or sectors that are lost or multiplied."""
    cells = cells_of(HEADS, ["Viettel", "A", "3G/4G", "2100/1800/2600", "0/120/240"])
    assert len(cells) == 9
    found = {(row.technology, row.freq_mhz, row.azimuth_deg) for row in cells.itertuples()}
    assert found == {
        (technology, freq, azimuth)
        for technology, freq in (("3G", 2100.0), ("4G", 1800.0), ("4G", 2600.0))
        for azimuth in (0.0, 120.0, 240.0)
    }


def test_a_stated_number_of_cells_is_kept() -> None:
    """Catches totals that differ from the declared ones."""
    heads = ["Nhà mạng", "Mã trạm", "Số cell 2G", "Số cell 4G", "Azimuth"]
    cells = cells_of(heads, ["VMS", "A", 3, 6, "0/120/240"], ["VMS", "B", None, 2, None])
    assert cells.groupby(["row", "technology"]).size().to_dict() == {(0, "2G"): 3, (0, "4G"): 6, (1, "4G"): 2}
    assert cells[cells["row"] == 0]["azimuth_deg"].value_counts().to_dict() == {0.0: 3, 120.0: 3, 240.0: 3}


def test_a_total_is_divided_evenly_or_not_at_all() -> None:
    """Catches six cells of two technologies that become twelve."""
    heads = ["Nhà mạng", "Công nghệ", "Số cell"]
    found, findings, _ = read(heads, ["VMS", "3G/4G", 6], ["VMS", "2G/3G/4G", 7])
    cells = explode(found, pd.DataFrame({"lon": [105.0, 105.1], "lat": 21.0}))
    assert cells.groupby("row").size().tolist() == [6, 3]
    assert [finding.row for finding in findings if finding.code == "cells-undivided"] == [3]


def test_values_follow_their_sector_and_their_technology() -> None:
    """Catches heights and tilts of another sector, and the 5G date on 4G cells."""
    heads = [
        "Nhà mạng",
        "Công nghệ",
        "Azimuth",
        "Tilt",
        "Độ cao anten",
        "Độ cao anten 5G",
        "Ngày phát sóng",
        "Ngày phát sóng 5G",
    ]
    cells = cells_of(heads, ["VMS", "4G/5G", "0/120", "2/4", 30, 35, "1/2/2020", "1/2/2025"])
    assert cells["downtilt_deg"].tolist() == [2, 4, 2, 4]
    assert cells["height_m"].tolist() == [30, 30, 35, 35]
    assert cells["on_air"].dt.year.tolist() == [2020, 2020, 2025, 2025]


def test_names_are_unique_and_those_of_the_list_where_they_can_be() -> None:
    """Catches two cells of one name, and a station of two technologies counted once."""
    heads = ["Nhà mạng", "Mã trạm", "Cell ID", "Công nghệ"]
    rows = [
        ["VMS", "A", "A1", "4G"],
        ["VMS", "A", "A2", "4G"],
        ["VMS", "B", "1", "3G"],
        ["VMS", "B", "1", "4G"],
        ["VMS", "C", "1", "4G"],
    ]
    cells = cells_of(heads, *rows)
    assert cells["station_id"].tolist() == ["A", "A", "B/3G", "B/4G", "C"]
    assert cells["cell_id"].tolist() == ["A1", "A2", "B/3G/1", "B/4G/1", "C/1"]


def test_one_name_of_two_operators_is_two_positions() -> None:
    """Catches site 1 of two operators, 100 km apart, counted as one shared mast."""
    heads = ["Nhà mạng", "Mã vị trí", "Công nghệ"]
    apart = cells_of(heads, ["VMS", "1", "4G"], ["VNPT", "1", "4G"])
    assert apart["position_id"].tolist() == ["MobiFone/1", "VinaPhone/1"]
    found, _, _ = read(heads, ["VMS", "1", "4G"], ["VNPT", "1", "4G"])
    shared = explode(found, pd.DataFrame({"lon": [105.0, 105.0], "lat": 21.0}))
    assert shared["position_id"].tolist() == ["1", "1"]
    assert shared["station_id"].nunique() == 2


def test_names_do_not_depend_on_what_else_is_accepted_above_them() -> None:
    """Catches an order of cells, or row numbers, that are not those of the list."""
    found, _, _ = read(
        ["Nhà mạng", "Mã trạm", "Công nghệ"], ["VMS", "A", "4G"], ["VMS", "B", "4G"], ["VMS", "C", "4G"]
    )
    cells = explode(
        found, pd.DataFrame({"lon": [105.0, np.nan, 105.2], "lat": 21.0}), np.array([True, True, True])
    )
    assert cells["row"].tolist() == [0, 2]
    only = explode(found, pd.DataFrame({"lon": [105.0] * 3, "lat": 21.0}), np.array([False, False, True]))
    assert only["station_id"].tolist() == ["C"]


def test_nothing_accepted_gives_no_cell() -> None:
    """Catches a crash on a list without a usable row."""
    found, _, _ = read(["Nhà mạng", "Công nghệ"], [None, None])
    cells = explode(found, pd.DataFrame({"lon": [105.0], "lat": [21.0]}))
    assert cells.empty
    assert set(COLUMNS) <= set(cells.columns)


def test_a_stated_eirp_of_the_carrier_is_spread_over_its_blocks() -> None:
    """Catches the carrier's EIRP taken for that of a resource element: 31 dB too much."""
    heads = ["Nhà mạng", "Công nghệ", "EIRP (dBm)", "Băng thông (MHz)"]
    cells = cells_of(heads, ["VMS", "4G", 62, 20])
    network = Network(complete_cells(cells, "test"), "test")
    assert network.cells["eirp_dbm"].tolist() == pytest.approx([62 - 10 * np.log10(1200)])
    assert not network.cells["eirp_dbm_assumed"].any()


def test_cells_make_a_network_with_what_is_assumed_flagged() -> None:
    """Catches columns or values that the network refuses, and stated values flagged as assumed."""
    heads = [*HEADS, "Độ cao anten", "Công suất (W)", "Băng thông"]
    cells = cells_of(
        heads,
        ["Viettel", "A", "4G/5G", "1800/2600", "0/120", 30, 40, 33],
        ["VNPT", "B", "4G", None, "omni", None, None, 20],
    )
    network = Network(complete_cells(cells, "test"), "test")
    assert len(network) == 5
    assert network.cells["freq_mhz_assumed"].tolist() == [False] * 4 + [True]
    assert network.cells["height_m_assumed"].tolist() == [False] * 4 + [True]
    assert cells["omni"].tolist() == [False] * 4 + [True]
    # 33 MHz is no bandwidth: unknown, not an error.
    assert cells["bandwidth_mhz"].isna().tolist() == [True] * 4 + [False]
    assert cells["power_dbm"].iloc[0] == pytest.approx(46.02, abs=0.01)


def test_pci_goes_to_single_cells_only() -> None:
    """Catches one PCI on two carriers, by which drive tests would find the wrong cell."""
    heads = ["Nhà mạng", "Công nghệ", "Azimuth", "PCI", "Băng tần"]
    cells = cells_of(heads, ["VMS", "4G", "0/120", "5/6", "1800"], ["VMS", "4G", "0", "7", "1800/2100"])
    assert cells["pci"].tolist()[:2] == [5, 6]
    assert cells["pci"].isna().tolist()[2:] == [True, True]


def test_the_same_list_gives_the_same_cells() -> None:
    """Catches an order that depends on hashing."""
    rows = [["VMS", f"S{number % 7}", "3G/4G", "2100/1800", "0/120"] for number in range(30)]
    pd.testing.assert_frame_equal(cells_of(HEADS, *rows), cells_of(HEADS, *rows))


def test_100_000_rows_take_a_few_seconds() -> None:
    """Catches work done row by row; the limit is four times what it takes on a busy machine of two cores."""
    random = np.random.default_rng(1)
    lines = [
        [
            f"PTO{number:06d}",
            ("Viettel", "VNPT")[number % 2],
            ("4G", "5G")[number % 2],
            int(random.integers(0, 360)),
            "30,5",
            "31/12/2024",
            "1800",
        ]
        for number in range(100_000)
    ]
    made = table(
        ["Mã cell", "Nhà mạng", "Công nghệ", "Azimuth", "Chiều cao (m)", "Ngày phát sóng", "Băng tần"], *lines
    )
    findings = Findings()
    started = time.process_time()
    rows = read_rows(made, understand(made, None, findings), findings, Given())
    cells = explode(
        rows, pd.DataFrame({"lon": 105 + np.arange(100_000) / 1e6, "lat": np.full(100_000, 21.0)})
    )
    assert time.process_time() - started < 6.0
    assert len(cells) == 100_000
