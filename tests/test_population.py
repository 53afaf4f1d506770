"""People on the grid: totals are kept, and people live where they can."""

from __future__ import annotations

import numpy as np
import pytest
import rasterio

from geocover.errors import InputError
from geocover.grid import Grid
from geocover.io.population import read_population
from geocover.population import label_communes, spread_population
from geocover.raster import Raster
from geocover.terrain import Terrain


def test_labels_are_the_communes(areas, grid: Grid) -> None:
    """Catches rows of the label raster upside down."""
    labels = label_communes(areas, grid)
    assert labels[5, 5] == 0
    assert labels[5, 75] == 1
    assert labels[55, 5] == 2
    assert labels[55, 75] == 3


@pytest.mark.parametrize("hilly", [False, True])
def test_totals_are_kept(areas, grid: Grid, hilly: bool) -> None:
    terrain = _hills(grid) if hilly else None
    settlements = (np.array([541_000.0, 990_000.0]), np.array([2_357_000.0, 0.0]))
    people = spread_population(areas, grid, settlements_xy_m=settlements, terrain=terrain)
    labels = label_communes(areas, grid)
    for row, total in enumerate([1_000, 2_000, 3_000, 4_000]):
        assert people.values[labels == row].sum(dtype=float) == pytest.approx(total, rel=1e-6)
    assert (people.values >= 0).all()


def _hills(grid: Grid) -> Terrain:
    values = np.zeros(grid.shape)
    values[:, 20:40] = np.arange(20) * 60.0  # 31° in the east of 00001 and 00003
    values[:2, :2] = np.nan
    return Terrain(Raster(grid, values, "m"), "test hills")


def test_people_live_on_gentle_ground_near_settlements(areas, grid: Grid) -> None:
    """Catches a slope or distance weight with the wrong sign."""
    people = spread_population(areas, grid, terrain=_hills(grid)).values
    assert people[20, 30] < 0.02 * people[20, 10]
    near = spread_population(
        areas, grid, settlements_xy_m=(np.array([541_050.0]), np.array([2_356_950.0]))
    ).values
    assert near[10, 10] > 5 * near[25, 35]


def test_even_without_anything(areas, grid: Grid) -> None:
    people = spread_population(areas, grid).values
    assert people[:30, :40].min() == pytest.approx(people[:30, :40].max())


def test_raster_total_is_kept(areas, tmp_path, lonlat) -> None:
    """Catches counts resampled as densities: coarse degrees to 100 m keep the total within 0.1 %."""
    path = tmp_path / "people.tif"
    west, north = lonlat(-3_000, -3_000)
    transform = rasterio.transform.from_origin(west, north, 0.008, 0.008)
    values = np.zeros((16, 20), "float32")
    values[5:10, 6:12] = np.arange(30).reshape(5, 6)
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        height=16,
        width=20,
        count=1,
        dtype="float32",
        crs="EPSG:4326",
        transform=transform,
        nodata=-99999.0,
    ) as file:
        values[0, 0] = -99999.0
        file.write(values, 1)
    grid = Grid("EPSG:32648", 530_000.0, 2_370_000.0, 100.0, (300, 300))
    read = read_population(path, grid)
    assert read.values.sum() == pytest.approx(np.arange(30).sum(), rel=0.001)


def test_negative_counts_are_refused(tmp_path, grid: Grid) -> None:
    """Catches an undeclared void value (-99999) summed as people."""
    path = tmp_path / "people.tif"
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        height=60,
        width=80,
        count=1,
        dtype="float32",
        crs=grid.crs,
        transform=grid.transform,
    ) as file:
        file.write(np.full((1, 60, 80), -99999.0, "float32"))
    with pytest.raises(InputError, match="negative"):
        read_population(path, grid)
