"""Rasters on disk: reading onto a grid, and writing Cloud-Optimized GeoTIFF."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import rasterio
import rasterio.shutil
from rasterio.enums import Resampling
from rasterio.errors import RasterioError
from rasterio.vrt import WarpedVRT

from geocover.crs import known_crs
from geocover.errors import GridError, InputError
from geocover.io.atomic import atomic_path
from geocover.raster import Raster

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geocover.grid import Grid

LEVEL_SCALE = 0.01  # a level is stored in hundredths of a dB
LEVEL_NODATA = -32768
SERVER_NODATA = -1


def read_onto(
    path: str | Path,
    grid: Grid,
    *,
    resampling: Resampling = Resampling.bilinear,
    unit: str = "",
    band: int = 1,
) -> Raster:
    """Read a band of any raster file, resampled onto a grid, scale and offset applied; NaN for nothing.

    Raises
    ------
    InputError
        The file is missing, unreadable, or lies wholly outside the grid.
    CrsError
        The file has no CRS.
    """
    path = Path(path)
    if not path.is_file():
        raise InputError(f"{path}: no such file", f"{path}: không có tệp này")
    try:
        with rasterio.open(path) as source:
            known_crs(source.crs.to_wkt() if source.crs else None, path.name)
            values = _warp(source, grid, resampling, band)
    except (RasterioError, IndexError) as error:
        raise InputError(
            f"{path.name}: cannot be read as a raster ({error})",
            f"{path.name}: không đọc được ảnh raster ({error})",
        ) from error
    if not np.isfinite(values).any():
        raise InputError(
            f"{path.name}: holds no value inside the area; check its CRS and extent",
            f"{path.name}: không có giá trị nào trong khu vực; hãy kiểm tra hệ toạ độ và phạm vi",
        )
    return Raster(grid, values, unit)


def _warp(
    source: rasterio.DatasetReader, grid: Grid, resampling: Resampling, band: int
) -> NDArray[np.float64]:
    rows, cols = grid.shape
    with WarpedVRT(
        source,
        crs=grid.crs,
        transform=grid.transform,
        width=cols,
        height=rows,
        resampling=resampling,
        src_nodata=source.nodata,
        nodata=np.nan,
        dtype="float64",
        add_alpha=False,
    ) as warped:
        stored: NDArray[np.float64] = warped.read(band, out_dtype="float64")
    scale, offset = float(source.scales[band - 1]), float(source.offsets[band - 1])
    return stored * scale + offset


def write_level(path: Path, level: Raster) -> None:
    """Write received levels as a COG: int16, hundredths of a dBm by the band's scale, void -32768."""
    scaled = np.rint(level.values.astype(np.float64) / LEVEL_SCALE)
    stored = np.where(np.isfinite(scaled), np.clip(scaled, -32767, 32767), LEVEL_NODATA).astype(np.int16)
    _write_cog(path, level.grid, stored, nodata=LEVEL_NODATA, scale=LEVEL_SCALE, unit="dBm")


def read_level(path: Path, grid: Grid) -> Raster:
    """Read levels that `write_level` wrote; the file must stand on the grid.

    Raises
    ------
    GridError
        If it stands on another.
    """
    with rasterio.open(path) as source:
        if source.transform != grid.transform or source.shape != grid.shape:
            raise GridError(f"{path}: stands on another grid")
        stored = source.read(1)
    values = np.where(stored == LEVEL_NODATA, np.nan, stored * LEVEL_SCALE).astype(np.float32)
    return Raster(grid, values, "dBm")


def write_server(path: Path, grid: Grid, server: NDArray[np.int32]) -> None:
    """Write serving cells as a COG of int32 row numbers, void -1."""
    _write_cog(path, grid, server, nodata=SERVER_NODATA, scale=1.0, unit="cell")


def write_plain(path: Path, raster: Raster) -> None:
    """Write a raster as a float32 COG, void NaN."""
    _write_cog(
        path, raster.grid, raster.values.astype(np.float32), nodata=np.nan, scale=1.0, unit=raster.unit
    )


def _write_cog(
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
