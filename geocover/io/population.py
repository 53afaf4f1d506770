"""Population rasters onto a grid, with their total kept, and beside the registered population.

Every pixel of the file is a rectangle between its corners, transformed into the grid's CRS; its people are
shared out by the part of the rectangle that falls into each grid pixel. The parts of one pixel add up to 1
and neighbours share their edges, so each person lands once: the total inside the grid is that of the file,
whether the grid is finer or coarser. (The sum of GDAL 3.10's reproject lost up to 3 % where it is finer.)
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from rasterio.windows import Window

from geocover.crs import transformer
from geocover.errors import GridError, InputError
from geocover.io.raster_source import horizontal_crs, needed_window, nothing_inside, opened
from geocover.population import label_communes
from geocover.raster import Raster

if TYPE_CHECKING:
    import pyproj
    import rasterio
    from numpy.typing import NDArray

    from geocover.areas import Areas
    from geocover.grid import Grid

STRIP_ROWS = 256  # rows of the file at a time: what a nation's file takes in memory stays small

Cells = tuple["NDArray[np.float64]", "NDArray[np.float64]"]


def read_population(path: str | Path, grid: Grid) -> Raster:
    """Read people per pixel (WorldPop or any GeoTIFF of counts) onto a grid; each person lands once.

    The total inside the grid is that of the file, to rounding. A pixel that the grid's edge cuts gives the
    part of its people that its area inside has; people outside the grid are left out. What the file masks,
    declares void or holds as NaN is nobody.

    Raises
    ------
    InputError
        The file is missing, unreadable, rotated, outside the grid, or holds negative counts.
    CrsError
        The file has no CRS.
    """
    path = Path(path)
    people = np.zeros(grid.shape)
    with opened(path) as source:
        crs = horizontal_crs(source, path)
        _check_upright(source, path)
        window = needed_window(source, crs, grid)
        strips = [] if window is None else _strips(window)
        known = [_add(people, source, part, crs, path, grid) for part in strips]
        if not any(known):
            raise nothing_inside(source, path, crs, grid)
    return Raster(grid, people, "people")


def compare_population(people: Raster, areas: Areas) -> pd.DataFrame:
    """Set a population raster beside the registered population of the communes.

    The raster is taken by pixel centres, as shares are. The totals of the province are the columns' sums.

    Returns
    -------
    One row a commune in the order of ``areas.table``: ``code``, ``name``, ``registered`` (people, <NA> where
    the areas have none), ``raster`` (people) and ``difference`` (raster less registered, as a part of the
    registered; NaN where that is missing or 0).

    Raises
    ------
    GridError
        The raster holds no people.
    """
    if people.unit != "people":
        raise GridError(f'a population raster has the unit "people", not {people.unit!r}')
    labels = label_communes(areas, people.grid)
    inside = labels >= 0
    counted = np.bincount(labels[inside], weights=people.values[inside], minlength=len(areas))
    table = areas.table[["code", "name"]].assign(registered=areas.table["population"], raster=counted)
    registered = table["registered"].to_numpy(dtype=float, na_value=np.nan)
    return pd.DataFrame(
        table.assign(difference=(counted - registered) / np.where(registered > 0, registered, np.nan))
    )


def _check_upright(source: rasterio.DatasetReader, path: Path) -> None:
    if source.transform.b or source.transform.d:
        raise InputError(
            f"{path.name}: its rows do not run west to east; warp it with gdalwarp -r sum first",
            f"{path.name}: ảnh bị xoay; hãy nắn lại bằng gdalwarp -r sum trước",
        )


def _strips(window: Window) -> list[Window]:
    return [
        Window(window.col_off, row, window.width, min(STRIP_ROWS, window.row_off + window.height - row))
        for row in range(window.row_off, window.row_off + window.height, STRIP_ROWS)
    ]


def _add(
    people: NDArray[np.float64],
    source: rasterio.DatasetReader,
    part: Window,
    crs: pyproj.CRS,
    path: Path,
    grid: Grid,
) -> bool:
    """Add the people of a part of the file; tell whether it holds any value inside the grid."""
    stored = source.read(1, window=part, masked=True).astype(np.float64).filled(np.nan)
    counts = stored * source.scales[0] + source.offsets[0]
    known = np.isfinite(counts)
    if (counts[known] < 0).any():
        raise InputError(
            f"{path.name}: holds negative counts of people (down to {counts[known].min():g}); "
            "declare its void value",
            f"{path.name}: có số dân âm (đến {counts[known].min():g}); hãy khai báo giá trị trống (nodata)",
        )
    cols, rows = _edges(source, part, crs, grid)
    outside = (cols[1] <= 0) | (cols[0] >= grid.shape[1]) | (rows[1] <= 0) | (rows[0] >= grid.shape[0])
    known &= ~outside & np.isfinite(cols[0] + cols[1] + rows[0] + rows[1])
    some = known & (counts > 0)
    _share_out(people, counts[some], (cols[0][some], cols[1][some]), (rows[0][some], rows[1][some]))
    return bool(known.any())


def _edges(source: rasterio.DatasetReader, part: Window, crs: pyproj.CRS, grid: Grid) -> tuple[Cells, Cells]:
    """First and last column, first and last row of each pixel, in fractional pixels of the grid.

    An edge is the middle of its two corners, so that neighbours share it.
    """
    move = source.window_transform(part)
    x, y = np.meshgrid(
        move.c + move.a * np.arange(int(part.width) + 1), move.f + move.e * np.arange(int(part.height) + 1)
    )
    x_m, y_m = transformer(crs, grid.crs).transform(x, y)
    col, row = (x_m - grid.left_m) / grid.resolution_m, (grid.top_m - y_m) / grid.resolution_m
    across, down = (col[:-1] + col[1:]) / 2, (row[:, :-1] + row[:, 1:]) / 2
    return _sorted(across[:, :-1], across[:, 1:]), _sorted(down[:-1], down[1:])


def _sorted(one: NDArray[np.float64], other: NDArray[np.float64]) -> Cells:
    return np.minimum(one, other), np.maximum(one, other)


def _share_out(people: NDArray[np.float64], counts: NDArray[np.float64], cols: Cells, rows: Cells) -> None:
    """Add counts to grid pixels by the part of each rectangle that falls into them, in place."""
    if not counts.size:
        return
    first_col, first_row = np.floor(cols[0]).astype(np.int64), np.floor(rows[0]).astype(np.int64)
    most = [int((np.ceil(high) - np.floor(low)).max()) for low, high in (cols, rows)]
    for right in range(most[0]):
        col = first_col + right
        share_x = _part(cols, col)
        for below in range(most[1]):
            row = first_row + below
            share = share_x * _part(rows, row)
            here = (share > 0) & (col >= 0) & (col < people.shape[1]) & (row >= 0) & (row < people.shape[0])
            np.add.at(people, (row[here], col[here]), counts[here] * share[here])


def _part(span: Cells, at: NDArray[np.int64]) -> NDArray[np.float64]:
    """Part of each span that falls into the pixel ``at`` to ``at + 1``."""
    inside = np.minimum(span[1], at + 1.0) - np.maximum(span[0], at)
    share: NDArray[np.float64] = np.maximum(inside, 0.0) / (span[1] - span[0])
    return share
