"""Windows of a snapshot's rasters: from the overview that fits, through files that stay open.

The overviews of our rasters are points of the raster itself (`geocover.io.rasters.write_cog` writes them by
"nearest": a pixel of an overview is one pixel of the raster, not an average). So a pixel of an overview is
taken for the place of the pixel it repeats, and never a level is shown that no pixel has: an average in dB
would be the level of no place, and the largest or most frequent class would widen or eat away coverage.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import rasterio
from rasterio.windows import Window

from geocover.store.open_files import DATASETS

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray


@lru_cache(maxsize=1024)
def shapes(path: Path) -> tuple[tuple[int, int], ...]:
    """Rows and columns of a raster and of each of its overviews, from fine to coarse."""
    with rasterio.open(path) as source:
        count = len(source.overviews(1))
    found = []
    for overview in range(count + 1):
        with DATASETS.borrow(path, overview) as source:
            found.append((int(source.height), int(source.width)))
    return tuple(found)


@lru_cache(maxsize=64)
def repeated(counts: tuple[int, ...]) -> NDArray[np.intp]:
    """Row (or column) of the raster that each row of its coarsest overview repeats.

    Parameters
    ----------
    counts
        Rows of the raster and of each overview down to the one meant.
    """
    index = np.arange(counts[0])
    for finer, coarser in pairwise(counts):  # GDAL makes each from the one before
        index = index[np.minimum((0.5 + np.arange(coarser) * finer / coarser).astype(np.intp), finer - 1)]
    return index


@lru_cache(maxsize=64)
def nearest(counts: tuple[int, ...]) -> NDArray[np.intp]:
    """Row of the coarsest overview whose repeated row is nearest to each row of the raster."""
    places = repeated(counts)
    middles = (places[1:] + places[:-1]) / 2
    return np.searchsorted(middles, np.arange(counts[0]))


def fitting(path: Path, step: float) -> int:
    """Coarsest overview whose pixels are no larger than so many pixels of the raster; 0 for itself."""
    counts = shapes(path)
    fine = [number for number, (rows, _) in enumerate(counts) if counts[0][0] / rows <= step * 1.001]
    return max(fine, default=0)


def read(path: Path, overview: int, rows: slice, cols: slice) -> NDArray[np.generic]:
    """Read stored values of a rectangle of a raster or overview."""
    window = Window(cols.start, rows.start, cols.stop - cols.start, rows.stop - rows.start)
    with DATASETS.borrow(path, overview) as source:
        values: NDArray[np.generic] = source.read(1, window=window)
    return values
