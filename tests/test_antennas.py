"""The nouns Antenna and Antennas refuse what no kernel may get, and find antennas by their names."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from geocover.antennas import Antenna, Antennas, half_power_width_deg
from geocover.errors import AntennaError

OFF_DEG = (np.arange(360.0) + 180.0) % 360.0 - 180.0


def parabola_db(beamwidth_deg: float) -> np.ndarray:
    """Cut of TR 38.901 Table 7.3-1."""
    return -np.minimum(12.0 * (OFF_DEG / beamwidth_deg) ** 2, 30.0)


def make(name: str = "K-65", **changed: Any) -> Antenna:
    values = {
        "gain_dbi": 17.5, "freq_mhz": math.nan, "electrical_tilt_deg": 0.0,
        "horizontal_db": parabola_db(65.0), "vertical_db": parabola_db(7.0), **changed,
    }  # fmt: skip
    return Antenna(name, **values)


def test_cuts_are_single_precision_copies_that_nobody_can_change() -> None:
    """Catches a pattern that changes under a finished prediction."""
    mine = parabola_db(65.0)
    antenna = make(horizontal_db=mine)
    mine[0] = -20.0
    assert antenna.horizontal_db[0] == 0.0
    assert antenna.horizontal_db.dtype == antenna.vertical_db.dtype == np.float32
    with pytest.raises(ValueError, match="read-only"):
        antenna.vertical_db[0] = 0.0


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"horizontal_db": np.zeros(181)}, "horizontal_db must be 360"),
        ({"vertical_db": np.full(360, np.nan)}, "vertical_db must be 360 finite"),
        ({"vertical_db": -parabola_db(7.0)}, "0 dB or less"),
        ({"horizontal_db": np.full(360, -3.5), "vertical_db": np.full(360, -5.0)}, "both cuts stay 3.5 dB"),
        ({"gain_dbi": math.nan}, "gain and tilt must be numbers"),
        ({"name": "  "}, "no name"),
    ],
)
def test_impossible_antenna_is_refused_in_two_languages(changed: dict[str, Any], words: str) -> None:
    """Catches attenuations taken for gains, absolute gains, NaN and half cuts."""
    with pytest.raises(AntennaError, match=words) as caught:
        make(**changed)
    assert "ăng-ten" in caught.value.vi


def test_cut_on_the_horizon_may_stay_far_below_the_maximum() -> None:
    """Catches the check of the maximum asked of each cut: a tilted beam leaves the horizon."""
    assert (
        make(horizontal_db=parabola_db(65.0) - 13.0, vertical_db=np.roll(parabola_db(7.0), 8)).name == "K-65"
    )


@pytest.mark.parametrize(("beamwidth_deg", "turn"), [(65.0, 0), (65.0, 181), (7.0, 6), (7.0, -3)])
def test_half_power_width_wherever_the_maximum_is(beamwidth_deg: float, turn: int) -> None:
    """Catches a width counted from 0° instead of the maximum, or short by the wrap-around."""
    assert half_power_width_deg(np.roll(parabola_db(beamwidth_deg), turn).astype(np.float32)) == beamwidth_deg


def test_beamwidths_of_an_antenna_without_direction_stay_within_the_limits_of_a_list() -> None:
    """Catches a search without end, and 360° of vertical beamwidth that no list may state."""
    everywhere = make(horizontal_db=np.zeros(360), vertical_db=np.zeros(360))
    assert (everywhere.beamwidth_h_deg, everywhere.beamwidth_v_deg) == (360.0, 180.0)


def test_names_are_found_in_any_case_and_spacing_and_listed_in_order() -> None:
    """Catches a name that a list writes otherwise, and an order that depends on the folder."""
    antennas = Antennas([make("ODV-065 R17"), make("742215_1800 06T")])
    assert list(antennas) == ["742215_1800 06T", "ODV-065 R17"]
    assert antennas[" odv-065  r17 "].name == "ODV-065 R17"
    assert "ODV-065" not in antennas


def test_two_antennas_of_one_name_are_refused() -> None:
    """Catches one pattern silently in place of another."""
    with pytest.raises(AntennaError, match="two antennas are called 'k-65'"):
        Antennas([make("K-65"), make("k-65")])


def test_stack_has_the_order_of_the_names() -> None:
    """Catches cuts swapped between antennas, or horizontal with vertical."""
    narrow = make("narrow", horizontal_db=parabola_db(33.0))
    horizontal_db, vertical_db = Antennas([narrow, make("wide")]).stack(["wide", "narrow", "wide"])
    assert horizontal_db.shape == vertical_db.shape == (3, 360)
    assert horizontal_db.dtype == np.float32
    np.testing.assert_array_equal(horizontal_db[1], narrow.horizontal_db)
    np.testing.assert_array_equal(horizontal_db[0], horizontal_db[2])
    np.testing.assert_array_equal(vertical_db[1], narrow.vertical_db)


def test_unknown_name_in_a_stack_says_what_is_known() -> None:
    """Catches a KeyError that tells a planner nothing, and a message of a thousand names."""
    with pytest.raises(AntennaError, match=r"'K-33' is not known; known: A00, .*A07, … \(\+12\)$") as caught:
        Antennas([make(f"A{number:02d}") for number in range(20)]).stack(["A03", "K-33"])
    assert "không có ăng-ten 'K-33'" in caught.value.vi
    with pytest.raises(AntennaError, match=r"known: -$"):
        Antennas().stack([""])
