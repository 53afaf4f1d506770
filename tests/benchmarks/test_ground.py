"""The made-up ground that all programs share: nothing here is timed."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.ground import CELL_M, EARTH_M, MAST_LAT, TILE_CELLS, Trial, hills

SMALL = Trial(radius_m=1_500.0)


def test_hills_are_the_same_for_a_seed() -> None:
    """Would catch runs that cannot be compared since each has other hills."""
    first = hills(65)
    assert first.shape == (65, 65)
    assert first.dtype == np.float32
    np.testing.assert_array_equal(first, hills(65))
    assert not np.array_equal(first, hills(65, 3))
    assert (first.min(), first.max()) == (20.0, 1000.0)


def test_mast_stands_on_the_middle_cell() -> None:
    """Would catch a sweep that starts half a cell beside the profiles of the peers."""
    mast, grid = SMALL.mast(), SMALL.terrain().grid
    row, col = grid.index(np.array([mast.x_m]), np.array([mast.y_m]))
    assert (int(row[0]), int(col[0])) == (SMALL.middle, SMALL.middle)
    assert grid.whole().xs_m()[SMALL.middle] == mast.x_m


def test_profiles_follow_the_ground() -> None:
    """Would catch rows taken for columns, south for north, or a profile that starts elsewhere."""
    for bearing, row, col in ((0.0, -10, 0), (np.pi / 2, 0, 10), (np.pi, 10, 0)):
        heights_m = SMALL.along(10 * CELL_M, bearing, 10)
        middle = SMALL.middle
        assert heights_m[0] == SMALL.elevation_m[middle, middle]
        assert heights_m[-1] == pytest.approx(SMALL.elevation_m[middle + row, middle + col], abs=1e-3)


def test_profiles_fill_the_disc() -> None:
    """Would catch receivers crowded near the mast: short paths are cheaper than those of a map."""
    paths = SMALL.profiles(400)
    distance_m = paths.steps_m * (np.diff(paths.starts) - 1)
    assert distance_m.min() >= 250.0
    assert distance_m.max() <= SMALL.radius_m
    assert distance_m.mean() == pytest.approx(2.0 / 3.0 * SMALL.radius_m, rel=0.05)
    assert paths.steps_m.max() <= CELL_M
    assert paths.starts[-1] == len(paths.heights_m)


def test_tile_is_the_same_ground(tmp_path) -> None:
    """Would catch a tile upside down, mirrored, or stretched: peers would compute other paths."""
    tile = np.fromfile(SMALL.write_tile(tmp_path), dtype=">i2").reshape(TILE_CELLS, TILE_CELLS)
    half, middle = TILE_CELLS // 2, SMALL.middle
    cell_m = np.radians(1.0 / 3600.0) * EARTH_M
    for north, east in ((0, 0), (20, 0), (0, 20), (-20, -20)):
        row = middle - round(north * cell_m / CELL_M)
        col = middle + round(east * cell_m * np.cos(np.radians(MAST_LAT)) / CELL_M)
        assert tile[half - north, half + east] == round(float(SMALL.elevation_m[row, col]))


def test_receivers_lie_where_their_profiles_end() -> None:
    """Would catch swapped latitude and longitude in what peers are given."""
    paths = SMALL.profiles(50)
    lon, lat = paths.receivers()
    north_m = np.radians(lat - MAST_LAT) * EARTH_M
    east_m = np.radians(lon - 105.5) * EARTH_M * np.cos(np.radians(MAST_LAT))
    np.testing.assert_allclose(np.hypot(north_m, east_m), paths.steps_m * (np.diff(paths.starts) - 1))
    np.testing.assert_allclose(np.arctan2(east_m, north_m) % (2 * np.pi), paths.bearings)
