"""The sector pattern against the definitions of TR 38.901 Table 7.3-1 and a rotation done with matrices."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import njit

from geocover.kernels import antenna

ANGLES = st.floats(-720.0, 720.0)


@pytest.mark.parametrize("beamwidth_deg", [7.0, 10.0, 65.0])
def test_half_the_beamwidth_aside_the_gain_is_down_by_three_decibels(beamwidth_deg: float) -> None:
    """Catches a beamwidth taken as half width: 12 (1/2)^2 = 3 dB is what the beamwidth means."""
    for side in (-0.5, 0.5):
        assert antenna.cut_gain_db(side * beamwidth_deg, beamwidth_deg) == pytest.approx(-3.0)


@pytest.mark.parametrize(
    ("off_deg", "table_db"), [(0.0, 0.0), (65.0, -12.0), (-65.0, -12.0), (90.0, -23.0059), (180.0, -30.0)]
)
def test_horizontal_cut_of_the_element_of_the_table(off_deg: float, table_db: float) -> None:
    """Catches a wrong factor, sign or limit: -min(12 (phi / 65)^2, 30)."""
    assert antenna.cut_gain_db(off_deg, 65.0) == pytest.approx(table_db, abs=1e-4)


def test_attenuations_add_and_stop_at_thirty_decibels() -> None:
    """Catches a product or a maximum in place of the sum, and a limit on the parts but not on the sum."""
    assert antenna.pattern_gain_db(32.5, 3.5, 65.0, 7.0) == pytest.approx(-6.0)
    assert antenna.pattern_gain_db(90.0, 7.0, 65.0, 7.0) == -30.0


def test_omni_has_no_direction_in_azimuth() -> None:
    """Catches a pattern put on a cell whose azimuth is unknown; the vertical cut stays."""
    gains = {antenna.pattern_gain_db(azimuth, 5.0, 0.0, 10.0) for azimuth in (-170.0, 0.0, 45.0, 180.0)}
    assert gains == {-3.0}


@settings(deadline=None, derandomize=True)
@given(ANGLES, st.floats(-90.0, 90.0), st.integers(-3, 3))
def test_pattern_is_even_periodic_and_within_its_limits(
    azimuth_deg: float, elevation_deg: float, turns: int
) -> None:
    """Catches azimuth differences that are not brought back to half a turn."""
    gain_db = antenna.pattern_gain_db(azimuth_deg, elevation_deg, 65.0, 10.0)
    turned_db = antenna.pattern_gain_db(azimuth_deg + 360.0 * turns, elevation_deg, 65.0, 10.0)
    mirrored_db = antenna.pattern_gain_db(-azimuth_deg, -elevation_deg, 65.0, 10.0)
    assert -30.0 <= gain_db <= 0.0
    assert turned_db == pytest.approx(gain_db, abs=1e-9)
    assert mirrored_db == pytest.approx(gain_db, abs=1e-9)


def test_arrays_agree_with_the_scalar_in_any_shape() -> None:
    """Catches an index or stride error of the array form."""
    azimuth_deg, elevation_deg = np.meshgrid(np.linspace(-180, 180, 13), np.linspace(-90, 90, 7))
    expected = [
        [antenna.pattern_gain_db(a, e, 65.0, 10.0) for a, e in zip(*rows, strict=True)]
        for rows in zip(azimuth_deg, elevation_deg, strict=True)
    ]
    found = antenna.pattern_gains_db(azimuth_deg, elevation_deg, 65.0, 10.0)
    np.testing.assert_array_equal(found, expected)
    turned = antenna.pattern_gains_db(azimuth_deg.T, elevation_deg.T, 65.0, 10.0)
    np.testing.assert_array_equal(turned, found.T)


def test_scalar_works_in_single_precision_inside_another_kernel() -> None:
    """Catches a scalar that cannot be inlined, or whose error in float32 matters (0.001 dB)."""

    @njit
    def gain(azimuth_deg: float, elevation_deg: float) -> Any:
        return np.float32(
            antenna.pattern_gain_db(azimuth_deg, elevation_deg, np.float32(65.0), np.float32(7.0))
        )

    for azimuth_deg, elevation_deg in ((10.0, 1.0), (-60.0, -4.0), (359.0, 2.5)):
        single = gain(np.float32(azimuth_deg), np.float32(elevation_deg))
        double = antenna.pattern_gain_db(azimuth_deg, elevation_deg, 65.0, 7.0)
        assert single == pytest.approx(double, abs=1e-3)


def test_mechanical_tilt_lowers_the_front_lifts_the_back_and_leaves_the_sides() -> None:
    """Catches a sign error of the rotation: the three directions of which the answer is known."""
    assert antenna.tilted_direction_deg(0.0, 6.0, 6.0) == pytest.approx((0.0, 0.0), abs=1e-9)
    assert antenna.tilted_direction_deg(180.0, 0.0, 6.0) == pytest.approx((180.0, 6.0), abs=1e-9)
    assert antenna.tilted_direction_deg(90.0, 0.0, 6.0) == pytest.approx((90.0, 0.0), abs=1e-9)


@settings(deadline=None, derandomize=True)
@given(st.floats(-179.0, 179.0), st.floats(-80.0, 80.0), st.floats(-20.0, 20.0))
def test_mechanical_tilt_is_a_rotation(azimuth_deg: float, below_deg: float, tilt_deg: float) -> None:
    """Catches a wrong term: the same vector turned about the horizontal axis by a matrix."""
    azimuth, below, tilt = np.radians([azimuth_deg, below_deg, tilt_deg])
    vector = np.array([np.cos(below) * np.cos(azimuth), np.cos(below) * np.sin(azimuth), -np.sin(below)])
    turn = np.array([[np.cos(tilt), 0, -np.sin(tilt)], [0, 1, 0], [np.sin(tilt), 0, np.cos(tilt)]])
    found = np.radians(antenna.tilted_direction_deg(azimuth_deg, below_deg, tilt_deg))
    seen = [np.cos(found[1]) * np.cos(found[0]), np.cos(found[1]) * np.sin(found[0]), -np.sin(found[1])]
    np.testing.assert_allclose(seen, turn @ vector, atol=1e-9)


def test_without_tilt_a_direction_is_unchanged() -> None:
    """Catches an offset of the rotation."""
    assert antenna.tilted_direction_deg(33.0, -4.0, 0.0) == pytest.approx((33.0, -4.0))
    assert math.isclose(antenna.tilted_direction_deg(-120.0, 8.0, 0.0)[0], -120.0)
