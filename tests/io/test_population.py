"""Population rasters: every person lands once, on any grid, from any CRS."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import rasterio
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st

from geocover.areas import Areas
from geocover.crs import transformer
from geocover.errors import GridError, InputError
from geocover.grid import Grid
from geocover.io import population as population_io
from geocover.io.population import compare_population, read_population
from geocover.population import spread_population
from geocover.raster import Raster

if TYPE_CHECKING:
    from pathlib import Path

UTM = "EPSG:32648"
WIDE = (520_000.0, 2_380_000.0, 36_000.0)  # left, top, side of a square around all that is written here
ARC_SECONDS_3 = Affine(1 / 1_200, 0, 105.3, 0, -1 / 1_200, 21.4)


def people(path: Path, values: np.ndarray, crs: str, transform: Affine, **profile: object) -> Path:
    settings_ = {
        "driver": "GTiff", "height": values.shape[0], "width": values.shape[1], "count": 1,
        "dtype": "float64", "crs": crs, "transform": transform, **profile,
    }  # fmt: skip
    with rasterio.open(path, "w", **settings_) as file:
        file.write(values.astype(settings_["dtype"]), 1)
    return path


def square(
    resolution_m: float, left_m: float = WIDE[0], top_m: float = WIDE[1], side: float = WIDE[2]
) -> Grid:
    return Grid(UTM, left_m, top_m, resolution_m, (int(side // resolution_m),) * 2)


def crowd(shape: tuple[int, int], seed: int = 3) -> np.ndarray:
    """Uneven counts: many nearly empty pixels, a few towns."""
    return np.random.default_rng(seed).gamma(0.2, 20.0, shape)


@pytest.mark.parametrize("resolution_m", [30.0, 33.3, 100.0, 500.0, 5_000.0])
@pytest.mark.parametrize("crs", ["EPSG:4326", UTM, "EPSG:9208", "EPSG:3857", "EPSG:32649"])
def test_the_total_is_kept(tmp_path: Path, crs: str, resolution_m: float) -> None:
    """Catches counts resampled as densities, and people lost where the grid is finer than the file."""
    values = crowd((120, 120))
    left, top = transformer(UTM, crs).transform(535_000, 2_370_000)
    pixel = 1 / 1_200 if crs == "EPSG:4326" else 100
    path = people(tmp_path / "p.tif", values, crs, Affine(pixel, 0, left, 0, -pixel, top))
    got = read_population(path, square(resolution_m))
    assert got.values.sum() == pytest.approx(values.sum(), rel=1e-9)
    assert (got.values >= 0).all()


@settings(max_examples=60)
@given(
    pixel=st.floats(20, 2_000),
    resolution=st.floats(25, 1_500),
    left=st.floats(-3_000, 3_000),
    top=st.floats(-3_000, 3_000),
    seed=st.integers(0, 9),
)
def test_a_grid_that_cuts_the_file_takes_its_part(
    tmp_path: Path, pixel: float, resolution: float, left: float, top: float, seed: int
) -> None:
    """Catches a cut pixel counted whole or not at all, against sums of areas worked out by hand."""
    values = crowd((6, 7), seed)
    path = people(tmp_path / "p.tif", values, UTM, Affine(pixel, 0, 540_000, 0, -pixel, 2_358_000))
    grid = Grid(UTM, 540_000 + left, 2_358_000 - top, resolution, (9, 8))
    west, south, east, north = grid.bounds_m
    edge_x, edge_y = 540_000 + pixel * np.arange(8), 2_358_000 - pixel * np.arange(7)
    wide = np.clip(np.minimum(edge_x[1:], east) - np.maximum(edge_x[:-1], west), 0, None) / pixel
    high = np.clip(np.minimum(edge_y[:-1], north) - np.maximum(edge_y[1:], south), 0, None) / pixel
    expected = float((values * np.outer(high, wide)).sum())
    if expected < 1e-3:
        return
    assert read_population(path, grid).values.sum() == pytest.approx(expected, rel=1e-6, abs=1e-6)


def test_neighbouring_grids_share_out_everybody(tmp_path: Path) -> None:
    """Catches people counted twice, or by nobody, at the seam of two provinces' grids."""
    values = crowd((240, 240))
    path = people(tmp_path / "p.tif", values, "EPSG:4326", ARC_SECONDS_3)
    for resolution_m in (30.0, 100.0, 500.0):
        parts = [
            read_population(path, square(resolution_m, WIDE[0] + right, WIDE[1] - down, 18_000)).values.sum()
            for right in (0, 18_000)
            for down in (0, 18_000)
        ]
        assert sum(parts) == pytest.approx(values.sum(), rel=1e-9)


def test_people_land_where_they_live(tmp_path: Path) -> None:
    """Catches a shift (also of the VN-2000 datum), and people spread beyond their pixel."""
    values = np.zeros((50, 50))
    values[30, 20] = 100.0
    for crs, transform in (
        ("EPSG:9208", Affine(100, 0, 570_000, 0, -100, 2_358_000)),
        ("EPSG:4326", ARC_SECONDS_3),
    ):
        path = people(tmp_path / "p.tif", values, crs, transform)
        x, y = transformer(crs, UTM).transform(*(transform @ (20.5, 30.5)))
        grid = Grid(UTM, round(x) - 1_000.0, round(y) + 1_000.0, 10.0, (200, 200))
        got = read_population(path, grid).values
        assert got.sum() == pytest.approx(100)
        mean_x = (got.sum(axis=0) * grid.whole().xs_m()).sum() / 100
        mean_y = (got.sum(axis=1) * grid.whole().ys_m()).sum() / 100
        assert abs(mean_x - x) < 0.5
        assert abs(mean_y - y) < 0.5
        assert (got > 0).sum() <= 12 * 12


def test_voids_of_every_kind_are_nobody(tmp_path: Path) -> None:
    """Catches a void that takes its neighbours' people with it: declared, NaN, masked."""
    values = crowd((60, 60))
    hole = np.zeros(values.shape, bool)
    hole[20:25, 10:40] = True
    place, grid = Affine(100, 0, 540_000, 0, -100, 2_358_000), square(30)
    expected = values[~hole].sum()
    declared = people(tmp_path / "d.tif", np.where(hole, -99_999, values), UTM, place, nodata=-99_999)
    silent = people(tmp_path / "n.tif", np.where(hole, np.nan, values), UTM, place)
    masked = people(tmp_path / "m.tif", np.where(hole, 5_000, values), UTM, place)
    with rasterio.open(masked, "r+") as file:
        file.write_mask(~hole)
    for path in (declared, silent, masked):
        assert read_population(path, grid).values.sum() == pytest.approx(expected, rel=1e-9)


def test_south_up_scaled_and_in_strips(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Catches rows upside down, a scale applied after an offset is summed, and a row lost between strips."""
    values = np.rint(crowd((50, 40)))
    north = people(tmp_path / "n.tif", values, UTM, Affine(100, 0, 540_000, 0, -100, 2_358_000))
    whole = read_population(north, square(70)).values
    south = people(tmp_path / "s.tif", values[::-1], UTM, Affine(100, 0, 540_000, 0, 100, 2_353_000))
    np.testing.assert_allclose(read_population(south, square(70)).values, whole, atol=1e-9)
    stored = people(
        tmp_path / "o.tif", values * 10 - 20, UTM, Affine(100, 0, 540_000, 0, -100, 2_358_000), dtype="int32"
    )
    with rasterio.open(stored, "r+") as file:
        file.scales, file.offsets = (0.1,), (2.0,)
    np.testing.assert_allclose(read_population(stored, square(70)).values, whole, atol=1e-9)
    monkeypatch.setattr(population_io, "STRIP_ROWS", 7)
    np.testing.assert_allclose(read_population(north, square(70)).values, whole, atol=1e-9)


def test_files_that_cannot_be_meant(tmp_path: Path) -> None:
    """Catches an undeclared void as a negative crowd, a file elsewhere as an empty land, a rotated file."""
    values, place = crowd((20, 20)), Affine(100, 0, 540_000, 0, -100, 2_358_000)
    wrong = np.where(values > 20, -9_999, values)
    with pytest.raises(InputError, match=r"w\.tif: holds negative counts.*-9999"):
        read_population(people(tmp_path / "w.tif", wrong, UTM, place), square(100))
    far = people(tmp_path / "f.tif", values, "EPSG:32650", place)
    with pytest.raises(InputError, match=r"f\.tif: holds no value inside the area.*zone 50N"):
        read_population(far, square(100))
    with pytest.raises(InputError, match="inside the area"):
        read_population(people(tmp_path / "v.tif", values * np.nan, UTM, place), square(100))
    turned = people(tmp_path / "t.tif", values, UTM, place @ Affine.rotation(30))
    with pytest.raises(InputError, match=r"t\.tif.*gdalwarp"):
        read_population(turned, square(100))


def test_beside_the_registered_population(areas: Areas, grid: Grid) -> None:
    """Catches communes mixed up, a difference with the wrong sign, and a missing figure that becomes 0."""
    doubled = spread_population(areas, grid).values * 2
    doubled[:30, :40] /= 4  # commune 00001: half the registered people, the others double
    told = compare_population(Raster(grid, doubled, "people"), areas)
    assert told["code"].tolist() == areas.codes
    np.testing.assert_allclose(told["raster"], [500, 4_000, 6_000, 8_000])
    np.testing.assert_allclose(told["difference"], [-0.5, 1, 1, 1])
    assert told["registered"].sum() == 10_000
    table = areas.table.copy()
    table.loc[1, "population"] = None
    partly = compare_population(Raster(grid, doubled, "people"), Areas(table))
    assert np.isnan(partly["difference"][1])
    assert partly["raster"][1] == pytest.approx(4_000)
    with pytest.raises(GridError, match="people"):
        compare_population(Raster(grid, doubled, "dBm"), areas)
