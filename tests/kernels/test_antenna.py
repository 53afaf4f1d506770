"""Patterns against TR 38.901 Table 7.3-1, a rotation done with matrices, and a panel built of elements."""

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


@settings(derandomize=True)
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


@settings(derandomize=True)
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


CIRCLE_DEG = np.arange(360.0)


def panel_db(azimuth_deg, below_deg, tilt_deg: float) -> Any:
    """Far field of eight elements of 65° on a column, 0.8 wavelengths apart, phased to a tilt; dB."""
    step = np.sin(np.radians(below_deg)) - np.sin(np.radians(tilt_deg))
    waves = np.exp(2j * np.pi * 0.8 * np.arange(8) * np.asarray(step)[..., None])
    array_db = 20.0 * np.log10(np.maximum(np.abs(waves.mean(axis=-1)), 0.03))
    return antenna.pattern_gains_db(azimuth_deg, below_deg, 65.0, 65.0) + array_db


def panel_cuts_db(tilt_deg: float, horizontal_at_deg: float) -> Any:
    """What a manufacturer publishes of the panel: both cuts relative to the maximum, and that maximum."""
    behind = (CIRCLE_DEG > 90.0) & (CIRCLE_DEG < 270.0)
    below_deg = np.degrees(np.arcsin(np.sin(np.radians(CIRCLE_DEG))))
    vertical_db = panel_db(np.where(behind, 180.0, 0.0), below_deg, tilt_deg)
    horizontal_db = panel_db(CIRCLE_DEG, np.full(360, horizontal_at_deg), tilt_deg)
    peak_db = vertical_db.max()
    cuts = (np.minimum(cut_db - peak_db, 0.0).astype(np.float32) for cut_db in (horizontal_db, vertical_db))
    return *cuts, peak_db


@pytest.fixture(scope="module")
def lopsided() -> tuple[np.ndarray, np.ndarray]:
    """Cuts without any symmetry that agree in front and behind, as two sections of one body do."""
    generator = np.random.default_rng(38901)
    horizontal_db, vertical_db = generator.uniform(-30.0, 0.0, (2, 360)).astype(np.float32)
    vertical_db[[0, 180]] = horizontal_db[[0, 180]]
    return horizontal_db, vertical_db


def test_table_cut_is_linear_between_degrees_and_closes_the_circle(lopsided) -> None:
    """Catches an index error at 359 -> 0, and a table read a degree or half a degree off."""
    cut_db = lopsided[0]
    for angle_deg in (0.0, 1.0, 200.0, 359.0):
        assert antenna.table_cut_gain_db(angle_deg, cut_db) == cut_db[int(angle_deg)]
    assert antenna.table_cut_gain_db(10.25, cut_db) == pytest.approx(0.75 * cut_db[10] + 0.25 * cut_db[11])
    assert antenna.table_cut_gain_db(359.5, cut_db) == pytest.approx((cut_db[359] + cut_db[0]) / 2)
    assert antenna.table_cut_gain_db(-0.5, cut_db) == antenna.table_cut_gain_db(359.5, cut_db)


@pytest.mark.parametrize("angle_deg", [-1e-20, np.nextafter(360.0, 0.0), np.nextafter(720.0, 0.0), -360.0])
def test_angle_next_to_a_whole_turn_is_the_first_entry(lopsided, angle_deg: float) -> None:
    """Catches an index of 360: -1e-20 turned into the circle rounds to 360."""
    assert antenna.table_cut_gain_db(angle_deg, lopsided[0]) == pytest.approx(lopsided[0][0], abs=1e-9)


@pytest.mark.parametrize("angle_deg", [math.nan, math.inf, -math.inf])
def test_angle_that_is_not_finite_gives_nan(lopsided, angle_deg: float) -> None:
    """Catches NaN cast to an index: reading outside the table, or a crash."""
    assert math.isnan(antenna.table_cut_gain_db(angle_deg, lopsided[0]))


def test_both_cuts_are_given_back(lopsided) -> None:
    """Catches a mirrored azimuth, a vertical cut upside down, and a rear that is not the cut's own."""
    horizontal_db, vertical_db = lopsided
    for degree in range(360):
        assert antenna.table_gain_db(degree, 0.0, *lopsided) == pytest.approx(horizontal_db[degree], abs=1e-5)
    for below in range(-90, 91):
        front, rear = (antenna.table_gain_db(azimuth, below, *lopsided) for azimuth in (0.0, 180.0))
        assert front == pytest.approx(vertical_db[below], abs=1e-5)
        assert rear == pytest.approx(vertical_db[180 - below], abs=1e-5)


def test_projection_by_hand() -> None:
    """Catches a wrong weight: a quarter turn aside, front and rear count half each."""
    horizontal_db, vertical_db = np.zeros((2, 360), np.float32)
    horizontal_db[90], horizontal_db[180] = -10.0, -25.0
    vertical_db[6], vertical_db[174] = -4.0, -27.0
    assert antenna.table_gain_db(90.0, 6.0, horizontal_db, vertical_db) == pytest.approx(-10 - 4 / 2 - 2 / 2)
    assert antenna.table_gain_db(-90.0, 6.0, horizontal_db, vertical_db) == pytest.approx(-4 / 2 - 2 / 2)


def test_correction_of_the_projection_never_lifts_the_gain_above_the_maximum() -> None:
    """Catches a missing limit: a vertical cut stronger behind than the horizontal one."""
    horizontal_db, vertical_db = np.zeros((2, 360), np.float32)
    horizontal_db[180] = -40.0
    assert antenna.table_gain_db(179.0, 0.0, horizontal_db, vertical_db) == 0.0


@settings(derandomize=True)
@given(ANGLES, st.floats(-90.0, 90.0), st.integers(-3, 3))
def test_measured_pattern_is_periodic_and_never_positive(azimuth_deg: float, below_deg: float, turns) -> None:
    """Catches an azimuth that is not brought back to half a turn for the weights."""
    cuts = panel_cuts_db(6.0, 6.0)[:2]
    gain_db = antenna.table_gain_db(azimuth_deg, below_deg, *cuts)
    assert gain_db <= 0.0
    assert antenna.table_gain_db(azimuth_deg + 360.0 * turns, below_deg, *cuts) == pytest.approx(gain_db)


@pytest.mark.parametrize("tilt_deg", [0.0, 6.0, 12.0])
@pytest.mark.parametrize("along_the_beam", [True, False])
def test_projection_finds_the_panel_again(*, tilt_deg: float, along_the_beam: bool) -> None:
    """Catches another way to combine: a bare sum is 8 to 13 dB off where the cut is on the horizon."""
    horizontal_db, vertical_db, peak_db = panel_cuts_db(tilt_deg, tilt_deg if along_the_beam else 0.0)
    azimuth_deg, below_deg = np.meshgrid(np.arange(-180.0, 180.0, 3.0), np.arange(-15.0, 31.0, 0.5))
    truth_db = panel_db(azimuth_deg, below_deg, tilt_deg) - peak_db
    found_db = antenna.table_gains_db(azimuth_deg, below_deg, horizontal_db, vertical_db)
    assert np.abs(found_db - truth_db)[truth_db > -20.0].max() < 1.0


def test_arrays_of_measured_gains_agree_with_the_scalar_in_any_shape(lopsided) -> None:
    """Catches an index or stride error of the array form."""
    azimuth_deg, below_deg = np.meshgrid(np.linspace(-180, 180, 13), np.linspace(-90, 90, 7))
    found = antenna.table_gains_db(azimuth_deg.T, below_deg.T, *lopsided)
    expected = [
        antenna.table_gain_db(a, b, *lopsided)
        for a, b in zip(azimuth_deg.T.flat, below_deg.T.flat, strict=True)
    ]
    np.testing.assert_array_equal(found.ravel(), expected)
