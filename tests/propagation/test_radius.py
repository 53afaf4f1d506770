"""The plain radius: exact discs, whatever the grid."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geocover.grid import Grid
from geocover.kernels.radius import disc_over_window
from geocover.propagation import Link, Mast, Radius

LINK = Link(1800.0, 40.0, 1.5, "open")
GRID = Grid("EPSG:32648", 500_000.0, 2_400_000.0, 30.0, (200, 220))


def test_a_centre_on_the_edge_is_covered_and_one_beyond_is_not() -> None:
    """Catches an edge blurred by interpolation: 3-4-5 triangles put centres exactly on the circle."""
    mast = Mast(503_015.0, 2_396_985.0, LINK)
    on_edge = Radius(radius_m=150.0).loss_window(mast, GRID.whole(), None)
    row, col = 100, 100
    for d_row, d_col in ((3, 4), (-4, 3), (0, 5), (-5, 0)):
        assert on_edge[row + d_row, col + d_col] == 0.0
    assert on_edge[row, col + 6] == np.inf
    inside = Radius(radius_m=149.999_999).loss_window(mast, GRID.whole(), None)
    assert (on_edge == 0).sum() - (inside == 0).sum() == 12


@settings(derandomize=True, max_examples=50)
@given(
    st.integers(500_000, 506_600),
    st.integers(2_394_000, 2_400_000),
    st.integers(1, 3000),
    st.sampled_from([7, 30]),
)
def test_discs_equal_exact_arithmetic(x_m: int, y_m: int, radius_m: int, resolution_m: int) -> None:
    """Catches rounding at the edge: the same disc in fractions, pixel by pixel along two rows and columns."""
    grid = Grid("EPSG:32648", 500_000.0, 2_400_000.0, float(resolution_m), (200, 220))
    found = Radius(radius_m=float(radius_m)).loss_window(
        Mast(float(x_m), float(y_m), LINK), grid.whole(), None
    )
    half = Fraction(resolution_m, 2)
    for row in (0, 77, 199):
        north = 2_400_000 - row * resolution_m - half - y_m
        inside = [
            (500_000 + col * resolution_m + half - x_m) ** 2 + north**2 <= radius_m**2 for col in range(220)
        ]
        np.testing.assert_array_equal(found[row] == 0.0, inside)


def test_area_of_a_disc() -> None:
    """Catches diameter for radius or kilometres for metres: pi r^2 within 1 %."""
    loss_db = Radius(radius_m=2000.0).loss_window(Mast(503_200.0, 2_397_100.0, LINK), GRID.whole(), None)
    assert np.isin(loss_db, [0.0, np.inf]).all()
    assert (loss_db == 0).sum() * GRID.pixel_area_m2 == pytest.approx(np.pi * 2000.0**2, rel=0.01)


def test_radius_says_that_it_has_no_level_and_no_pattern() -> None:
    """Catches figures in dBm, or sectors cut from a disc that knows neither."""
    model = Radius(radius_m=2000.0)
    assert not model.gives_level
    assert not model.uses_antenna
    assert not model.needs_terrain
    assert model.reach_m(Mast(0.0, 0.0, LINK), -50.0, 30.0, None) == model.max_distance_m() == 2000.0


def test_loss_by_distance_agrees_with_the_window() -> None:
    """Catches two definitions of the edge in one model."""
    distance_m = np.array([0.0, 2000.0, np.nextafter(2000.0, np.inf)])
    np.testing.assert_array_equal(Radius(radius_m=2000.0).loss_db(distance_m, LINK), [0.0, 0.0, np.inf])


def test_kernel_releases_the_gil() -> None:
    """Catches a kernel that would hold up the other threads of a prediction."""
    assert disc_over_window.targetoptions["nogil"]
