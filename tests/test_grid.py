"""The raster frame: exact alignment, windows that agree, tiles that cover once."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geocover.errors import CrsError, GridError
from geocover.grid import Grid

GRID = Grid("EPSG:32648", 500_000.0, 2_360_000.0, 100.0, (40, 70))


def test_around_is_aligned_and_holds_the_bounds() -> None:
    """Catches grids of one province that do not line up, and pixels cut off at the edge."""
    areas = SimpleNamespace(bounds=(105.0, 21.0, 105.2, 21.1))
    grid = Grid.around(areas, 30.0)
    assert grid.crs == "EPSG:32648"
    assert grid.left_m % 30.0 == 0
    assert grid.top_m % 30.0 == 0
    wide = Grid.around(areas, 30.0, margin_m=900.0)
    assert wide.left_m == grid.left_m - 900.0
    assert wide.shape == (grid.shape[0] + 60, grid.shape[1] + 60)


def test_index_and_coordinates_agree() -> None:
    """Catches row and column swapped, or an offset of half a pixel."""
    whole = GRID.whole()
    x_m, y_m = np.meshgrid(whole.xs_m(), whole.ys_m())
    rows, cols = GRID.index(x_m.ravel(), y_m.ravel())
    assert (rows.reshape(GRID.shape) == np.arange(40)[:, None]).all()
    assert (cols.reshape(GRID.shape) == np.arange(70)[None, :]).all()
    assert GRID.transform @ (0.5, 0.5) == (whole.xs_m()[0], whole.ys_m()[0])


def test_index_outside_is_minus_one() -> None:
    rows, cols = GRID.index(np.array([499_999.0, 507_001.0]), np.array([2_359_000.0, 2_359_000.0]))
    assert rows.tolist() == cols.tolist() == [-1, -1]


@given(st.integers(1, 80))
def test_tiles_cover_every_pixel_once(size: int) -> None:
    counted = np.zeros(GRID.shape, int)
    for tile in GRID.tiles(size):
        counted[tile.slices] += 1
    assert (counted == 1).all()


@given(st.floats(499_000, 508_000), st.floats(2_355_000, 2_361_000), st.floats(1, 3_000), st.integers(5, 50))
def test_around_holds_every_pixel_within_reach(x_m: float, y_m: float, reach_m: float, size: int) -> None:
    """Catches a disc clipped at a tile's edge: parts over tiles hold exactly the pixels near the position."""
    near = np.zeros(GRID.shape, bool)
    for tile in GRID.tiles(size):
        part = tile.around(x_m, y_m, reach_m)
        if part is not None:
            assert not near[part.slices].any()
            near[part.slices] = True
            whole = GRID.whole()
            assert (part.xs_m() == whole.xs_m()[part.slices[1]]).all()
            assert (part.ys_m() == whole.ys_m()[part.slices[0]]).all()
    far_x = np.abs(GRID.whole().xs_m() - x_m) > reach_m
    far_y = np.abs(GRID.whole().ys_m() - y_m) > reach_m
    wanted = ~(far_y[:, None] | far_x[None, :])
    assert (near | ~wanted).all()


@pytest.mark.parametrize("resolution_m", [0.0, -30.0, float("nan"), float("inf")])
def test_impossible_resolution(resolution_m: float) -> None:
    with pytest.raises(GridError, match="resolution"):
        Grid("EPSG:32648", 0, 0, resolution_m, (1, 1))


def test_degrees_are_refused() -> None:
    """Catches areas measured on degrees."""
    with pytest.raises(GridError, match="projected"):
        Grid("EPSG:4326", 0, 0, 1, (1, 1))
    with pytest.raises(CrsError):
        Grid("EPSG:999999", 0, 0, 1, (1, 1))
