"""Elevation and rasters: missing stays missing, feet are not metres."""

from __future__ import annotations

import numpy as np
import pytest

from geocover.errors import GridError, TerrainError
from geocover.grid import Grid
from geocover.raster import Raster
from geocover.terrain import Terrain


def test_slope_of_a_plane(grid: Grid) -> None:
    """Catches a slope per pixel instead of per metre: 10 m in 100 m are 5.71°."""
    plane = np.arange(grid.shape[1])[None, :] * 10.0 + np.zeros(grid.shape)
    slope = Terrain(Raster(grid, plane, "m"), "plane").slope_deg()
    np.testing.assert_allclose(slope, np.degrees(np.arctan(0.1)))


def test_missing_elevation_stays_missing(grid: Grid) -> None:
    """Catches a void taken for sea level, which would be a cliff."""
    values = np.full(grid.shape, 500.0)
    values[10, 10] = np.nan
    slope = Terrain(Raster(grid, values, "m"), "hole").slope_deg()
    assert np.isnan(slope[10, 9])
    assert np.nanmax(slope) == 0.0


@pytest.mark.parametrize("wrong", [12_000.0, -32_768.0])
def test_values_that_are_no_metres(grid: Grid, wrong: float) -> None:
    values = np.full(grid.shape, 500.0)
    values[3, 3] = wrong
    with pytest.raises(TerrainError, match=r"dem\.tif") as caught:
        Terrain(Raster(grid, values, "m"), "dem.tif")
    assert "độ cao" in caught.value.vi


def test_raster_reads_positions(grid: Grid) -> None:
    """Catches positions outside that read the opposite edge (index -1)."""
    values = np.arange(grid.shape[0] * grid.shape[1], dtype=float).reshape(grid.shape)
    raster = Raster(grid, values, "")
    left, _, _, top = grid.bounds_m
    found = raster.at(np.array([left + 50, left + 150, left - 1]), np.array([top - 50, top - 250, top - 50]))
    assert found[0] == 0
    assert found[1] == 2 * grid.shape[1] + 1
    assert np.isnan(found[2])
    assert raster.known_share() == 1.0
    with pytest.raises(GridError, match="shape"):
        Raster(grid, values[1:], "")
