"""The made-up terrain: plausible, the same on every run, and labelled."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import rasterio

from geocover.demo.terrain import HIGHEST_M, made_up_elevation, write_made_up_terrain
from geocover.grid import Grid
from geocover.io.terrain import read_terrain

if TYPE_CHECKING:
    from pathlib import Path

CRS = "EPSG:32648"
GRID = Grid(CRS, 480_000.0, 2_400_000.0, 200.0, (780, 560))


class _Box:
    bounds = (105.0, 21.0, 105.3, 21.4)


def _road() -> np.ndarray:
    """Straight road through the wild south-west."""
    return np.column_stack([np.linspace(482_000.0, 540_000.0, 600), np.full(600, 2_270_000.0)])


@pytest.fixture(scope="module")
def elevation() -> np.ndarray:
    """Elevation on a province-sized frame."""
    return made_up_elevation(GRID, [_road()])


def test_whole_metres_from_plain_to_ridge(elevation: np.ndarray) -> None:
    """Catches a flat or impossible country, and values that rounding does not make the same everywhere."""
    assert elevation.dtype == np.int16
    assert elevation.max() == HIGHEST_M
    assert 0 <= elevation.min() < 30


def test_hills_stand_in_the_west_and_south(elevation: np.ndarray) -> None:
    """Catches a country upside down: rows from the south, or east for west."""
    rows, cols = elevation.shape
    south_west = np.median(elevation[rows * 3 // 4 :, : cols // 4])
    north_east = np.median(elevation[: rows // 4, cols * 3 // 4 :])
    assert south_west > 250
    assert north_east < 100


def test_roads_run_in_valleys(elevation: np.ndarray) -> None:
    """Catches roads that the terrain does not know of."""
    row, col = GRID.index(*_road().T)
    beside = np.median(elevation[row + 25, col])
    assert np.median(elevation[row, col]) < 0.7 * beside


def test_file_has_the_same_bytes_and_says_that_it_is_made_up(tmp_path: Path) -> None:
    """Catches a clock or chance in the file, and terrain that later looks real."""
    for name in ("one.tif", "two.tif"):
        write_made_up_terrain(tmp_path / name, _Box(), [_road()], CRS)
    assert (tmp_path / "one.tif").read_bytes() == (tmp_path / "two.tif").read_bytes()
    with rasterio.open(tmp_path / "one.tif") as file:
        assert file.tags()["TIFFTAG_IMAGEDESCRIPTION"] == "dữ liệu minh họa"
    grid = Grid.around(_Box(), 100.0, crs=CRS).widened(10_000.0)
    terrain = read_terrain(tmp_path / "one.tif", grid)
    assert terrain.illustrative
    assert terrain.kind == "terrain"
    assert terrain.elevation.known_share() == 1.0  # as far as the demo follows a cell
