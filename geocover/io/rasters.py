"""Rasters on disk: reading onto a grid, and writing Cloud-Optimized GeoTIFF."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import rasterio
import rasterio.shutil
from rasterio.enums import Resampling

from geocover.errors import GridError, InputError
from geocover.io.atomic import atomic_path
from geocover.io.raster_source import (
    averaging,
    cut_transform,
    horizontal_crs,
    needed_window,
    nothing_inside,
    opened,
    pixel_m,
    place_on,
)
from geocover.raster import Raster

if TYPE_CHECKING:
    import pyproj
    from numpy.typing import NDArray
    from rasterio.windows import Window

    from geocover.grid import Grid

LEVEL_SCALE = 0.01  # a level is stored in hundredths of a dB
LEVEL_NODATA = -32768
SERVER_NODATA = -1


def read_onto(
    path: str | Path, grid: Grid, *, unit: str = "", error: type[InputError] = InputError
) -> Raster:
    """Read the first band of a raster file onto a grid by bilinear interpolation; NaN for nothing.

    Scale and offset are applied. What the file masks, declares void or holds as NaN is nothing. Pixels finer
    than the grid's are averaged before.

    Raises
    ------
    InputError
        Of the class given: the file is missing, unreadable, or has no value on the grid.
    CrsError
        The file has no CRS.
    """
    path = Path(path)
    with opened(path, error) as source:
        crs = horizontal_crs(source, path)
        window = needed_window(source, crs, grid)
        values = None if window is None else _read_window(source, window, crs, grid)
        if values is None or not np.isfinite(values).any():
            raise nothing_inside(source, path, crs, grid, error)
    return Raster(grid, values, unit)


def _read_window(
    source: rasterio.DatasetReader, window: Window, crs: pyproj.CRS, grid: Grid
) -> NDArray[np.float64]:
    shape = averaging(window, pixel_m(source, crs, grid, window), grid)
    stored = source.read(1, window=window, out_shape=shape, resampling=Resampling.average, masked=True)
    values = stored.astype(np.float64).filled(np.nan) * source.scales[0] + source.offsets[0]
    return place_on(values, cut_transform(source, window, shape), crs, grid, Resampling.bilinear, void=np.nan)


def write_level(path: Path, grid: Grid, stored: NDArray[np.int16]) -> None:
    """Write received levels in hundredths of a dBm as a COG: int16, by the band's scale dBm, void -32768."""
    write_cog(path, grid, stored, nodata=LEVEL_NODATA, scale=LEVEL_SCALE, unit="dBm")


def read_level(path: Path, grid: Grid) -> Raster:
    """Read levels that `write_level` wrote; the file must stand on the grid.

    Raises
    ------
    GridError
        If it stands on another.
    """
    with rasterio.open(path) as source:
        check_grid(source, grid)
        stored = source.read(1)
    values = np.where(stored == LEVEL_NODATA, np.nan, stored * LEVEL_SCALE).astype(np.float32)
    return Raster(grid, values, "dBm")


def check_grid(source: rasterio.DatasetReader, grid: Grid) -> None:
    """Make sure that an open raster stands on a grid.

    Raises
    ------
    GridError
        If it stands on another.
    """
    if source.transform != grid.transform or source.shape != grid.shape:
        raise GridError(f"{source.name}: stands on another grid")


def write_server(path: Path, grid: Grid, server: NDArray[np.int32]) -> None:
    """Write serving cells as a COG of int32 row numbers, void -1."""
    write_cog(path, grid, server, nodata=SERVER_NODATA, scale=1.0, unit="cell")


def write_plain(path: Path, raster: Raster) -> None:
    """Write a raster as a float32 COG, void NaN."""
    write_cog(path, raster.grid, raster.values.astype(np.float32), nodata=np.nan, scale=1.0, unit=raster.unit)


def write_cog(
    path: Path, grid: Grid, values: NDArray[np.generic], *, nodata: float, scale: float, unit: str
) -> None:
    """Write one band through memory to a COG; the same values give the same bytes."""
    rows, cols = grid.shape
    profile = {"driver": "GTiff", "height": rows, "width": cols, "count": 1, "dtype": values.dtype.name}
    with rasterio.MemoryFile() as memory:
        with memory.open(**profile, crs=grid.crs, transform=grid.transform, nodata=nodata) as plain:
            plain.write(values, 1)
            plain.scales, plain.units = (scale,), (unit,)
        with memory.open() as plain, atomic_path(path) as temporary:
            predictor = "FLOATING_POINT" if values.dtype.kind == "f" else "STANDARD"
            rasterio.shutil.copy(
                plain, temporary, driver="COG", compress="DEFLATE", predictor=predictor, blocksize=256,
                overview_resampling="NEAREST", num_threads=1,
            )  # fmt: skip
