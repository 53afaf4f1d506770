"""A small made-up terrain and land cover around the test communes, as files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import rasterio

from geocover.grid import Grid
from geocover.io.terrain import KIND_TAG

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

STEP_M = 50.0
TREES, FIELDS = 10, 40


def hills_m(grid: Grid) -> NDArray[np.float32]:
    """Ridges of 150 m that run across the grid, 2 km apart."""
    whole = grid.whole()
    along = np.add.outer(whole.ys_m(), whole.xs_m())
    return (90.0 + 75.0 * np.sin(along * (2.0 * np.pi / 2_800.0))).astype(np.float32)


def write_hills(path: Path, around: Grid, margin_m: float = 4_000.0, **tags: str) -> Path:
    """Write the ridges around a grid as bare ground, with a margin."""
    grid = _frame(around, margin_m)
    return write_band(path, grid, hills_m(grid), **{KIND_TAG: "terrain", **tags})


def write_woods(path: Path, around: Grid, margin_m: float = 4_000.0) -> Path:
    """Write trees above 130 m and fields below as classes of WorldCover."""
    grid = _frame(around, margin_m)
    return write_band(path, grid, np.where(hills_m(grid) > 130.0, TREES, FIELDS).astype(np.uint8))


def write_band(path: Path, grid: Grid, values: NDArray[np.generic], unit: str = "m", **tags: str) -> Path:
    """Write one band as GeoTIFF, void NaN for decimals."""
    rows, cols = grid.shape
    nodata = np.nan if values.dtype.kind == "f" else None
    with rasterio.open(
        path, "w", driver="GTiff", height=rows, width=cols, count=1, dtype=values.dtype.name,
        crs=grid.crs, transform=grid.transform, nodata=nodata,
    ) as file:  # fmt: skip
        file.write(values, 1)
        file.units = (unit,)
        file.update_tags(**tags)
    return path


def _frame(around: Grid, margin_m: float) -> Grid:
    left, bottom, right, top = around.widened(margin_m).bounds_m
    shape = (round((top - bottom) / STEP_M), round((right - left) / STEP_M))
    return Grid(around.crs, left, top, STEP_M, shape)
