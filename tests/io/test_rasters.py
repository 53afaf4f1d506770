"""Rasters on disk: voids stay voids, COGs are what GDAL says they are, bytes are reproducible."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import pytest
import rasterio
from affine import Affine

from geocover.errors import CrsError, GridError, TerrainError
from geocover.grid import Grid
from geocover.io.rasters import read_level, write_level, write_server
from geocover.io.terrain import read_terrain
from geocover.raster import Raster


@pytest.fixture
def level(grid: Grid) -> Raster:
    values = np.linspace(-125.0, -40.0, grid.shape[0] * grid.shape[1], dtype=np.float32).reshape(grid.shape)
    values[:10, :10] = np.nan
    return Raster(grid, values, "dBm")


def stored(level: Raster) -> np.ndarray:
    """Levels as a coverage keeps them."""
    values = np.rint(level.values.astype(np.float64) * 100.0)
    return np.where(np.isnan(values), -32768, values).astype(np.int16)


def test_level_round_trip(level: Raster, tmp_path: Path) -> None:
    """Catches rounding of more than half a hundredth of a dB, and voids that come back as a level."""
    path = tmp_path / "level.tif"
    write_level(path, level.grid, stored(level))
    again = read_level(path, level.grid)
    np.testing.assert_allclose(again.values, level.values, atol=0.00501)
    assert (np.isnan(again.values) == np.isnan(level.values)).all()
    with pytest.raises(GridError, match="another grid"):
        read_level(path, Grid(level.grid.crs, 0, 0, 100, (60, 80)))


def test_same_values_same_bytes(level: Raster, tmp_path: Path) -> None:
    """Catches a time stamp or thread order in the file."""
    for name in ("a.tif", "b.tif"):
        write_level(tmp_path / name, level.grid, stored(level))
    assert (tmp_path / "a.tif").read_bytes() == (tmp_path / "b.tif").read_bytes()


@pytest.mark.gdal
def test_gdal_sees_a_cog(tmp_path: Path) -> None:
    """Catches a plain GeoTIFF: GDAL itself must call the layout COG, with scale and overviews."""
    big = Grid("EPSG:32648", 540_000.0, 2_358_000.0, 30.0, (900, 1_100))
    values = np.random.default_rng(1).uniform(-120, -60, big.shape).astype(np.float32)
    write_level(tmp_path / "level.tif", big, stored(Raster(big, values, "dBm")))
    try:
        told = subprocess.run(
            ["gdalinfo", tmp_path / "level.tif"], capture_output=True, text=True, check=True
        ).stdout
    except FileNotFoundError:
        pytest.skip("gdalinfo absent: install GDAL's command-line tools (Debian: gdal-bin)")
    assert "LAYOUT=COG" in told
    assert "Overviews:" in told
    assert "Scale:0.01" in told
    assert "NoData Value=-32768" in told
    assert "32648" in told


def test_server_round_trip(grid: Grid, tmp_path: Path) -> None:
    server = np.arange(grid.shape[0] * grid.shape[1], dtype=np.int32).reshape(grid.shape) - 1
    write_server(tmp_path / "server.tif", grid, server)
    with rasterio.open(tmp_path / "server.tif") as file:
        assert (file.read(1) == server).all()
        assert file.nodata == -1


def dem(path: Path, values: np.ndarray, **changes: object) -> Path:
    """Write an elevation file in degrees around the test grid."""
    profile = {
        "driver": "GTiff",
        "height": values.shape[0],
        "width": values.shape[1],
        "count": 1,
        "dtype": "int16",
        "crs": "EPSG:4326",
        "transform": Affine(0.001, 0, 105.35, 0, -0.001, 21.36),
        "nodata": -32768,
        **changes,
    }
    with rasterio.open(path, "w", **profile) as file:
        file.write(values.astype(profile["dtype"]), 1)
    return path


def test_terrain_voids_stay_missing(grid: Grid, tmp_path: Path) -> None:
    """Catches a void read as sea level or as -32768 m, and interpolation that spreads it over the whole."""
    values = np.full((120, 140), 250)
    values[40:60, 60:80] = -32768
    terrain = read_terrain(dem(tmp_path / "dem.tif", values), grid)
    known = np.isfinite(terrain.elevation.values)
    np.testing.assert_allclose(terrain.elevation.values[known], 250.0, rtol=1e-9)
    assert 0.01 < 1 - known.mean() < 0.2


def test_scale_and_offset_are_applied(grid: Grid, tmp_path: Path) -> None:
    """Catches decimetres read as metres where the band says so."""
    path = dem(tmp_path / "dem.tif", np.full((120, 140), 2_500))
    with rasterio.open(path, "r+") as file:
        file.scales, file.offsets = (0.1,), (3.0,)
    np.testing.assert_allclose(read_terrain(path, grid).elevation.values, 253.0)


def test_terrain_outside_stays_missing(grid: Grid, tmp_path: Path) -> None:
    """Catches a file that is too small being stretched or filled with zero."""
    terrain = read_terrain(dem(tmp_path / "dem.tif", np.full((60, 140), 250)), grid)
    assert 0.3 < terrain.elevation.known_share() < 0.95


def test_terrain_errors_are_clear(grid: Grid, tmp_path: Path) -> None:
    flat = np.full((120, 140), 250)
    with pytest.raises(TerrainError, match="no such file"):
        read_terrain(tmp_path / "none.tif", grid)
    with pytest.raises(CrsError, match=r"dem\.tif"):
        read_terrain(dem(tmp_path / "dem.tif", flat, crs=None), grid)
    with pytest.raises(TerrainError, match=r"inside the area"):
        read_terrain(dem(tmp_path / "dem.tif", flat, transform=Affine(0.001, 0, 12.0, 0, -0.001, 48.0)), grid)
    with pytest.raises(TerrainError, match="feet"):
        read_terrain(dem(tmp_path / "dem.tif", np.full((120, 140), 12_000)), grid)
    (tmp_path / "text.tif").write_text("not a raster")
    with pytest.raises(TerrainError, match=r"text\.tif"):
        read_terrain(tmp_path / "text.tif", grid)


@pytest.mark.data
def test_real_srtm_tile(shared_data: Path) -> None:
    """The real tile: its 1,539 voids stay voids, and Việt Trì lies where it lies (about 15-30 m)."""
    grid = Grid("EPSG:32648", 540_000.0, 2_358_000.0, 90.0, (300, 300))
    terrain = read_terrain(shared_data / "dem" / "N21E105.hgt", grid)
    assert 5 < np.nanmedian(terrain.elevation.values) < 60
    with rasterio.open(shared_data / "dem" / "N21E105.hgt") as source:
        assert (source.read(1) == source.nodata).sum() == 1539
    wide = Grid("EPSG:32648", 500_000.0, 2_433_000.0, 90.0, (1_250, 1_160))
    assert np.isnan(read_terrain(shared_data / "dem" / "N21E105.hgt", wide).elevation.values).any()
