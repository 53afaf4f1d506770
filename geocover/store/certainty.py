"""Rasters of how sure coverage is: the share of locations that have it, and where nobody can say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import rasterio

from geocover.coverage import ANY
from geocover.io.rasters import check_grid, write_cog
from geocover.probability import coverage_probability, open_pixels
from geocover.raster import Raster

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from geocover.coverage import Coverage
    from geocover.grid import Grid
    from geocover.profiles import Profile
    from geocover.terrain import Terrain

PERCENT_NODATA = 255
KNOWN, OPEN, OPEN_WITHOUT_GROUND = 0, 1, 2


def write_probability(path: Path, coverage: Coverage, profile: Profile) -> None:
    """Write the share of locations that any operator covers as a COG: whole percent in uint8, void 255."""
    share = coverage_probability(coverage, ANY, profile)
    percent = np.rint(100.0 * share.values)
    stored = np.where(np.isfinite(percent), percent, PERCENT_NODATA).astype(np.uint8)
    write_cog(path, share.grid, stored, nodata=PERCENT_NODATA, scale=0.01, unit=share.unit)


def read_probability(path: Path, grid: Grid) -> Raster:
    """Read what `write_probability` wrote, as shares between 0 and 1, NaN where open.

    Raises
    ------
    GridError
        If it stands on another grid.
    """
    stored = _read(path, grid)
    values = np.where(stored == PERCENT_NODATA, np.nan, stored / 100.0).astype(np.float32)
    return Raster(grid, values, "share of locations")


def open_classes(coverage: Coverage, profile: Profile, terrain: Terrain | None) -> NDArray[np.uint8] | None:
    """Where nobody can say whether any operator covers; None where no path was cut by missing terrain.

    0: known. 1: open, for terrain is missing on the way. 2: open, and the pixel itself is without terrain.
    Shape ``grid.shape``, on which the terrain stands too.
    """
    if coverage.possible(ANY, profile.technology) is None:
        return None
    unsure = open_pixels(coverage, ANY, profile)
    bare = np.zeros(unsure.shape, bool) if terrain is None else np.isnan(terrain.elevation.values)
    return np.where(unsure, np.where(bare, OPEN_WITHOUT_GROUND, OPEN), KNOWN).astype(np.uint8)


def write_open(path: Path, grid: Grid, classes: NDArray[np.uint8]) -> None:
    """Write the classes of `open_classes` as a COG of uint8; every pixel has one."""
    write_cog(path, grid, classes, nodata=PERCENT_NODATA, scale=1.0, unit="class")


def read_open(path: Path, grid: Grid) -> NDArray[np.uint8]:
    """Read what `write_open` wrote.

    Raises
    ------
    GridError
        If it stands on another grid.
    """
    return _read(path, grid)


def _read(path: Path, grid: Grid) -> NDArray[np.uint8]:
    with rasterio.open(path) as source:
        check_grid(source, grid)
        stored: NDArray[np.uint8] = source.read(1)
    return stored
