"""People on a grid: spread over communes from their totals, or read from a raster by `geocover.io`.

Where only a commune's total is known it is spread over the commune's pixels by a weight

    w = s(slope) * (b + sum over settlements exp(-d² / 2 r²))

with s = exp(-slope / 6°) where elevation is known (people live on gentle ground), b = 0.05 (nowhere is quite
empty), r = 1.2 km around the settlement points given. Without terrain s = 1, without settlements the sum is 0
and the spread is even. Every commune's total is kept.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from rasterio.features import rasterize

from geocover.grid import Window
from geocover.raster import Raster

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geocover.areas import Areas
    from geocover.grid import Grid
    from geocover.terrain import Terrain

SLOPE_DEG = 6.0
BASE = 0.05
RADIUS_M = 1_200.0
BAND_ROWS = 256

XY = tuple["NDArray[np.float64]", "NDArray[np.float64]"]


@lru_cache(maxsize=2)
def label_communes(areas: Areas, grid: Grid) -> NDArray[np.int32]:
    """Row (in ``areas.table``) of the commune that holds each pixel's centre; -1 outside; ``grid.shape``.

    Every question about communes asks for it, so the last answers are kept; they are read-only.
    """
    shapes = zip(areas.to_crs(grid.crs).geometry, range(len(areas)), strict=True)
    labels: NDArray[np.int32] = rasterize(
        shapes, out_shape=grid.shape, transform=grid.transform, fill=-1, dtype="int32"
    )
    labels.flags.writeable = False
    return labels


def spread_population(
    areas: Areas, grid: Grid, *, settlements_xy_m: XY | None = None, terrain: Terrain | None = None
) -> Raster:
    """People per pixel from the communes' totals, by the method above; the totals are kept.

    Parameters
    ----------
    areas
        Communes with their population; a commune without a figure gets NaN in its pixels.
    grid
        The frame.
    settlements_xy_m
        Settlement points in the grid's CRS, two arrays of shape (n,).
    terrain
        Elevation on the same grid.
    """
    labels = label_communes(areas, grid)
    weight = np.empty(grid.shape, np.float32)
    sums = np.zeros(len(areas))
    # By bands of rows: in one go, slopes in double precision would need more memory than a prediction.
    for row in range(0, grid.shape[0], BAND_ROWS):
        band = Window(grid, row, 0, (min(BAND_ROWS, grid.shape[0] - row), grid.shape[1]))
        weight[band.slices] = _weight(band, settlements_xy_m, terrain)
        inside = labels[band.slices] >= 0
        sums += np.bincount(
            labels[band.slices][inside], weights=weight[band.slices][inside], minlength=len(areas)
        )
    people = areas.table["population"].to_numpy(dtype=float, na_value=np.nan)
    per_weight = np.divide(people, sums, out=np.full(len(areas), np.nan), where=sums > 0)
    # A label of -1, outside, takes the last entry.
    weight *= np.append(per_weight, 0.0).astype(np.float32)[labels]
    return Raster(grid, weight, "people")


def _weight(band: Window, settlements_xy_m: XY | None, terrain: Terrain | None) -> NDArray[np.float64]:
    """Weight of each pixel of a band of whole rows."""
    weight = np.full(band.shape, BASE)
    if settlements_xy_m is not None:
        weight += _nearness(band, settlements_xy_m)
    if terrain is not None:
        slope = terrain.slope_deg(band.row, band.row + band.shape[0])
        weight *= np.where(np.isfinite(slope), np.exp(-slope / SLOPE_DEG), 1.0)
    return weight


def _nearness(window: Window, settlements_xy_m: XY) -> NDArray[np.float64]:
    """Sum of Gaussian bells around the settlement points, shape ``window.shape``."""
    total = np.zeros(window.shape)
    for x_m, y_m in zip(*settlements_xy_m, strict=True):
        part = window.around(float(x_m), float(y_m), 4 * RADIUS_M)
        if part is None:
            continue
        bell_x = np.exp(-((part.xs_m() - x_m) ** 2) / (2 * RADIUS_M**2))
        bell_y = np.exp(-((part.ys_m() - y_m) ** 2) / (2 * RADIUS_M**2))
        row, col = part.row - window.row, part.col - window.col
        total[row : row + part.shape[0], col : col + part.shape[1]] += np.outer(bell_y, bell_x)
    return total
