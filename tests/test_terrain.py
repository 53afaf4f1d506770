"""Elevation and rasters: missing stays missing, feet are not metres."""

from __future__ import annotations

import numpy as np
import pytest

from geocover.errors import GridError, TerrainError
from geocover.grid import Grid
from geocover.raster import Raster
from geocover.terrain import Clutter, ClutterClass, Terrain, with_clutter


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


FIELD, WOOD, TOWN = 1, 2, 3
CLASSES = (
    ClutterClass(40, "Đất trồng trọt", "Cropland", 0.0),
    ClutterClass(10, "Cây gỗ, rừng", "Tree cover", 15.0),
    ClutterClass(50, "Khu xây dựng", "Built-up", 10.0),
)


def covered(grid: Grid, *patches: tuple[int, slice, slice], start: int = FIELD) -> Clutter:
    """Fields everywhere, with patches of other classes (0 is unknown)."""
    index = np.full(grid.shape, start, np.uint8)
    for place, rows, cols in patches:
        index[rows, cols] = place
    return Clutter(grid, index, CLASSES, "test cover")


@pytest.fixture
def fine() -> Grid:
    """A frame of 40 x 50 pixels of 30 m."""
    return Grid("EPSG:32648", 540_000.0, 2_358_000.0, 30.0, (40, 50))


def test_clutter_stands_on_bare_ground(fine: Grid) -> None:
    """Catches a height subtracted from bare ground, a class of the wrong row, unknown taken for trees."""
    ground = np.arange(40.0)[:, None] + np.zeros(fine.shape)
    clutter = covered(fine, (WOOD, slice(10, 20), slice(None)), (0, slice(30, 40), slice(None)))
    got = with_clutter(Terrain(Raster(fine, ground, "m"), "dem.tif", kind="terrain"), clutter)
    np.testing.assert_array_equal(got.elevation.values, ground)
    np.testing.assert_array_equal(np.unique(got.clutter_m()[10:20]), [15.0])
    assert got.clutter is not None
    assert np.isnan(got.clutter.values[30:]).all()
    assert (got.clutter_m()[30:] == 0).all()
    assert (got.clutter_m()[:10] == 0).all()
    assert got.clutter_source == "test cover"
    assert with_clutter(got, None) is got


def test_a_surface_is_never_raised(fine: Grid) -> None:
    """Catches trees counted twice: whatever the classes, ground + clutter stays the measured surface."""
    random = np.random.default_rng(5)
    surface = random.uniform(20, 300, fine.shape).astype(np.float32)
    surface[3, 3] = np.nan
    index = random.integers(0, 4, fine.shape).astype(np.uint8)
    terrain = Terrain(Raster(fine, surface, "m"), "dem.tif", kind="surface")
    got = with_clutter(terrain, Clutter(fine, index, CLASSES, "test cover", illustrative=True))
    np.testing.assert_allclose(got.elevation.values + got.clutter_m(), surface, atol=1e-4)
    heights = np.array([0, 0, 15, 10])[index]
    known = np.isfinite(surface)
    assert (got.clutter_m()[known] >= 0).all()
    assert (got.clutter_m() <= heights + 1e-4)[known].all()
    assert np.isnan(got.elevation.values[3, 3])
    assert got.illustrative
    assert got.elevation.values.dtype == np.float32


def test_closed_forest_stands_on_lower_ground(fine: Grid) -> None:
    """Catches a receiver left on top of the trees, where no bare ground near shows how high they are."""
    surface = np.full(fine.shape, 115.0)
    surface[:, :10] = 100.0  # fields, then forest
    cover = covered(fine, (WOOD, slice(None), slice(10, None)))
    got = with_clutter(Terrain(Raster(fine, surface, "m"), "dem.tif", kind="surface"), cover)
    np.testing.assert_array_equal(got.elevation.values, 100.0)
    np.testing.assert_array_equal(got.clutter_m()[:, 10:], 15.0)


@pytest.mark.parametrize("rise_m", [0.0, 4.0, 12.0])
def test_no_pit_beside_bare_ground(fine: Grid, rise_m: float) -> None:
    """Catches a village of 4 m in the surface that is dug 6 m below its fields by a table's 10 m."""
    surface = np.full(fine.shape, 20.0)
    surface[20:23, 20:23] += rise_m
    cover = covered(fine, (TOWN, slice(20, 23), slice(20, 23)))
    got = with_clutter(Terrain(Raster(fine, surface, "m"), "dem.tif", kind="surface"), cover)
    village = got.elevation.values[20:23, 20:23]
    np.testing.assert_allclose(village, 20.0 + max(0.0, rise_m - 10.0))
    np.testing.assert_allclose(got.clutter_m()[20:23, 20:23], min(rise_m, 10.0))


def test_a_wood_on_a_slope_keeps_its_height(fine: Grid) -> None:
    """Catches the foot of a slope taken for the level of its top, which would leave no trees there."""
    slope = np.arange(40.0)[::-1, None] * 12.0 + np.zeros(fine.shape)  # 22°
    cover = covered(fine, (WOOD, slice(10, 20), slice(None)))
    surface = slope + cover.height.values
    got = with_clutter(Terrain(Raster(fine, surface, "m"), "dem.tif", kind="surface"), cover)
    np.testing.assert_allclose(got.elevation.values, slope)
    np.testing.assert_allclose(got.clutter_m(), cover.height.values)


def test_clutter_that_might_count_twice_is_refused(fine: Grid, grid: Grid) -> None:
    """Catches a guess at the kind of a file, clutter set twice, and clutter of another frame."""
    flat = Raster(fine, np.full(fine.shape, 20.0), "m")
    with pytest.raises(TerrainError, match=r"dem\.tif.*--kind terrain.*--kind surface") as caught:
        with_clutter(Terrain(flat, "dem.tif"), covered(fine))
    assert "--kind" in caught.value.vi
    assert "lớp phủ" in caught.value.vi
    plain = Terrain(flat, "dem.tif")
    assert with_clutter(plain, None) is plain
    assert (plain.clutter_m() == 0).all()
    once = with_clutter(Terrain(flat, "dem.tif", kind="surface"), covered(fine))
    with pytest.raises(TerrainError, match="has clutter already"):
        with_clutter(once, covered(fine))
    with pytest.raises(GridError, match="another grid"):
        with_clutter(Terrain(flat, "dem.tif", kind="terrain"), covered(grid))
    with pytest.raises(GridError, match="another grid"):
        Terrain(flat, "dem.tif", clutter=Raster(grid, np.zeros(grid.shape), "m"))


def test_what_is_possible_depends_on_the_place() -> None:
    """Catches feet that pass in Vietnam because the Himalayas are as high, and Himalayas refused."""
    here = Grid("EPSG:32648", 540_000.0, 2_358_000.0, 30.0, (4, 4))
    nepal = Grid("EPSG:32645", 480_000.0, 3_090_000.0, 30.0, (4, 4))
    high = np.full((4, 4), 5_200.0)
    assert Terrain(Raster(nepal, high, "m"), "dem.tif").elevation.known_share() == 1.0
    with pytest.raises(TerrainError, match=r"dem\.tif.*3200 metres.*--unit ft"):
        Terrain(Raster(here, high, "m"), "dem.tif")


def test_crop_keeps_what_stands_there_and_all_that_is_known_of_it() -> None:
    """Catches a crop from the wrong corner, lost clutter, and a crop that reaches beyond."""
    wide = Grid("EPSG:32648", 540_000.0, 2_358_000.0, 100.0, (6, 8))
    values = np.arange(48.0).reshape(6, 8)
    clutter = Raster(wide, values.astype(np.float32) / 10, "m")
    terrain = Terrain(
        Raster(wide, values, "m"), "dem.tif", kind="terrain", clutter=clutter, clutter_source="c"
    )
    inner = Grid("EPSG:32648", 540_300.0, 2_357_800.0, 100.0, (2, 3))
    cut = terrain.cropped(inner)
    assert cut.grid == inner
    np.testing.assert_array_equal(cut.elevation.values, values[2:4, 3:6])
    np.testing.assert_array_equal(cut.clutter_m(), clutter.values[2:4, 3:6])
    assert (cut.source, cut.kind, cut.clutter_source) == ("dem.tif", "terrain", "c")
    with pytest.raises(GridError, match="does not cover"):
        cut.cropped(wide)
