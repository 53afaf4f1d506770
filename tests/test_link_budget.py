"""Level per resource element and reliability margin against worked values and published tables."""

from __future__ import annotations

import math

import pytest

from geocover.errors import ModelError
from geocover.link_budget import (
    LTE_BLOCKS,
    NR_BLOCKS,
    lte_blocks,
    nr_blocks,
    reliability_margin_db,
    rsrp_eirp_dbm,
)

# 3GPP TS 38.101-1 Table 5.3.3-1: minimum guard band in kHz, by subcarrier spacing and bandwidth in MHz.
GUARD_KHZ = {
    15: {5: 242.5, 10: 312.5, 15: 382.5, 20: 452.5, 25: 522.5, 30: 592.5, 40: 552.5, 50: 692.5},
    30: {
        5: 505, 10: 665, 15: 645, 20: 805, 25: 785, 30: 945, 40: 905, 50: 1045, 60: 825, 70: 965, 80: 925,
        90: 885, 100: 845,
    },
    60: {
        10: 1010, 15: 990, 20: 1330, 25: 1310, 30: 1290, 40: 1610, 50: 1570, 60: 1530, 70: 1490, 80: 1450,
        90: 1410, 100: 1370,
    },
}  # fmt: skip


def test_lte_20_mhz_with_40_watts_and_17_dbi() -> None:
    """Catches a wrong count of subcarriers: 46 dBm - 10 log10(1200) + 17 dBi = 32.2 dBm."""
    assert rsrp_eirp_dbm(46.0, lte_blocks(20.0), 17.0, 0.0) == pytest.approx(32.208, abs=1e-3)


def test_nr_100_mhz_takes_35_decibels() -> None:
    """Catches a wrong count of blocks: 273 blocks are 3276 subcarriers, 35.15 dB."""
    assert rsrp_eirp_dbm(0.0, nr_blocks(100.0), 0.0, 0.0) == pytest.approx(-35.153, abs=1e-3)


def test_boost_and_gain_add_and_the_feeder_takes_away() -> None:
    """Catches a sign."""
    plain = rsrp_eirp_dbm(46.0, 50, 15.0, 0.0)
    assert rsrp_eirp_dbm(46.0, 50, 18.0, 0.5, boost_db=3.0) - plain == pytest.approx(3.0 - 0.5 + 3.0)


def test_power_per_element_times_elements_is_the_total() -> None:
    """Catches decibels mixed up with watts."""
    per_element_w = 10 ** (rsrp_eirp_dbm(43.0, 75, 0.0, 0.0) / 10) / 1000
    assert per_element_w * 12 * 75 == pytest.approx(10 ** (43.0 / 10) / 1000)


@pytest.mark.parametrize(("bandwidth_mhz", "blocks"), list(LTE_BLOCKS.items()))
def test_lte_blocks_fill_nine_tenths_of_the_channel(bandwidth_mhz: float, blocks: int) -> None:
    """Catches a slip in the table: 180 kHz a block, 90 % of every channel but the 77 % of 1.4 MHz."""
    share = lte_blocks(bandwidth_mhz) * 0.18 / bandwidth_mhz
    assert blocks == lte_blocks(bandwidth_mhz)
    assert share == pytest.approx(0.771 if bandwidth_mhz == 1.4 else 0.9, abs=1e-3)


@pytest.mark.parametrize(
    ("spacing_khz", "bandwidth_mhz"), [(s, b) for s, guards in GUARD_KHZ.items() for b in guards]
)
def test_nr_blocks_leave_the_published_guard_bands(spacing_khz: int, bandwidth_mhz: float) -> None:
    """Catches a slip in the table of blocks, by another table of the same specification."""
    occupied_khz = nr_blocks(bandwidth_mhz, spacing_khz) * 12 * spacing_khz
    guard_khz = (bandwidth_mhz * 1000 - occupied_khz) / 2 - spacing_khz / 2
    assert guard_khz == GUARD_KHZ[spacing_khz][bandwidth_mhz]


@pytest.mark.parametrize(
    ("spacing_khz", "bandwidth_mhz", "blocks"), [(15, 35, 188), (15, 45, 242), (30, 35, 92), (30, 45, 119)]
)
def test_nr_blocks_of_the_later_bandwidths(spacing_khz: int, bandwidth_mhz: int, blocks: int) -> None:
    """Catches a slip at 35 and 45 MHz (Release 17): the table of sqimway.com, NR radio resources."""
    assert nr_blocks(bandwidth_mhz, spacing_khz) == blocks


def test_bandwidths_that_do_not_exist_are_refused_in_both_languages() -> None:
    """Catches a nearest match, or a KeyError without the choices."""
    for call, english, vietnamese in (
        (
            lambda: lte_blocks(40.0),
            "LTE has no bandwidth of 40 MHz; choose one of 1.4, 3,",
            "hãy chọn 1.4, 3,",
        ),
        (
            lambda: nr_blocks(100.0, 15),
            "NR 15 kHz has no bandwidth of 100 MHz",
            "không có băng thông 100 MHz",
        ),
        (
            lambda: nr_blocks(100.0, 120),
            "spacing 120 kHz does not exist; choose one of 15, 30, 60",
            "120 kHz",
        ),
    ):
        with pytest.raises(ModelError, match=english) as caught:
            call()
        assert vietnamese in caught.value.vi


def test_every_nr_spacing_lists_bandwidths_in_ascending_order() -> None:
    """Catches rows of the table that were mixed up: more spectrum, more blocks."""
    for table in NR_BLOCKS.values():
        assert list(table) == sorted(table)
        assert list(table.values()) == sorted(table.values())


@pytest.mark.parametrize(
    ("share", "sigma_db", "margin_db"),
    [(0.90, 8.0, 10.2524), (0.95, 8.0, 13.1588), (0.50, 8.0, 0.0), (0.75, 6.0, 4.0469), (0.9, 0.0, 0.0)],
)
def test_margins_of_the_normal_distribution(share: float, sigma_db: float, margin_db: float) -> None:
    """Catches a two-sided quantile: tables of the normal distribution give z(0.90) = 1.28155."""
    assert reliability_margin_db(share, sigma_db) == pytest.approx(margin_db, abs=1e-3)


def test_margin_is_odd_about_one_half() -> None:
    """Catches a sign below one half."""
    assert reliability_margin_db(0.2, 8.0) == pytest.approx(-reliability_margin_db(0.8, 8.0))


@pytest.mark.parametrize(
    ("share", "sigma_db"),
    [(0.0, 8.0), (1.0, 8.0), (90.0, 8.0), (0.9, -1.0), (math.nan, 8.0), (0.9, math.inf)],
)
def test_impossible_reliability_is_refused(share: float, sigma_db: float) -> None:
    """Catches percent taken for shares."""
    with pytest.raises(ModelError, match="share lies between 0 and 1") as caught:
        reliability_margin_db(share, sigma_db)
    assert "độ tin cậy" in caught.value.vi


@pytest.mark.parametrize(
    ("n_rb", "feeder_loss_db", "power_dbm"), [(0, 0.0, 46.0), (100, -1.0, 46.0), (100, 0.0, math.nan)]
)
def test_impossible_budgets_are_refused(n_rb: int, feeder_loss_db: float, power_dbm: float) -> None:
    """Catches a feeder entered as a gain, or a level of NaN that would count as uncovered."""
    with pytest.raises(ModelError, match="link budget") as caught:
        rsrp_eirp_dbm(power_dbm, n_rb, 17.0, feeder_loss_db)
    assert "quỹ đường truyền" in caught.value.vi
