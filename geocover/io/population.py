"""Population rasters onto a grid, with their total kept."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from rasterio.enums import Resampling

from geocover.errors import InputError
from geocover.io.rasters import read_onto
from geocover.raster import Raster

if TYPE_CHECKING:
    from geocover.grid import Grid


def read_population(path: str | Path, grid: Grid) -> Raster:
    """Read people per pixel (WorldPop or any GeoTIFF of counts) onto a grid; each person lands once.

    Values are summed by the share of each source pixel that falls into a grid pixel, so the total inside the
    grid is that of the file.

    Raises
    ------
    InputError
        The file is missing, unreadable, outside the grid, or holds negative counts.
    """
    raster = read_onto(Path(path), grid, resampling=Resampling.sum, unit="people")
    values = np.where(np.isfinite(raster.values), raster.values, 0.0)
    if values.min() < 0:
        raise InputError(
            f"{path}: holds negative counts of people; declare its void value",
            f"{path}: có số dân âm; hãy khai báo giá trị trống (nodata)",
        )
    return Raster(grid, values, "people")
