"""Positions of a picture's pixels on a grid, against PROJ for each of them."""

from __future__ import annotations

import numpy as np
import pytest

from geocover.crs import WGS84, transformer
from geocover.grid import Grid
from geocover.tiles.matrix import grid_box, native_zoom
from geocover.tiles.warping import grid_positions
from tests.tiles.making import centres, tile_at


@pytest.mark.parametrize("crs", ["EPSG:32648", "EPSG:5897", "EPSG:9209"])
@pytest.mark.parametrize("zoom", [5, 7, 9, 13])
def test_positions_are_those_of_proj(crs: str, zoom: int) -> None:
    """Catches polynomials of too low a degree, swapped axes, half pixels, and VN-2000 taken for WGS 84."""
    x, y = transformer(WGS84, crs).transform(105.3, 21.3)
    grid = Grid(crs, x - 80_000, y + 80_000, 100.0, (1600, 1600))
    cut = tile_at(105.3, 21.3, zoom).frame.cut(grid_box(grid))
    assert cut is not None
    rows, cols = grid_positions(cut[0], grid)
    xs, ys = centres(cut[0], crs)
    assert np.abs(cols - (xs - grid.left_m) / 100).max() < 1e-4
    assert np.abs(rows - (grid.top_m - ys) / 100).max() < 1e-4


def test_native_zoom_is_the_first_that_is_fine_enough() -> None:
    """Catches a zoom that shows the grid's pixels away, or the cosine of the latitude forgotten."""
    x, y = transformer(WGS84, "EPSG:32648").transform(105.3, 60.0)
    assert native_zoom(Grid("EPSG:32648", x, y, 100.0, (10, 10))) == 10  # 152.9 m * cos 60° = 76 m
    x, y = transformer(WGS84, "EPSG:32648").transform(105.3, 21.3)
    assert native_zoom(Grid("EPSG:32648", x, y, 100.0, (10, 10))) == 11  # 142 m at 10, 71 m at 11
    assert native_zoom(Grid("EPSG:32648", x, y, 150.0, (10, 10))) == 10
