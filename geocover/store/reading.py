"""Single pixels and small windows of a snapshot's rasters, without reading the whole."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from rasterio.windows import Window as FileWindow

from geocover.io.rasters import check_grid
from geocover.store.open_files import DATASETS

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from geocover.grid import Grid, Window
    from geocover.store.snapshot import Snapshot


@lru_cache(maxsize=1024)
def _check(path: Path, digest: str, grid: Grid) -> None:  # noqa: ARG001  equal names of other content differ
    """Make sure that a raster stands on a grid."""
    with DATASETS.borrow(path, 0) as source:
        check_grid(source, grid)


def read_part(snapshot: Snapshot, name: str, part: Window) -> NDArray[np.float32] | None:
    """Values of a window of one of a snapshot's rasters; None where the snapshot has no such file.

    Parameters
    ----------
    snapshot
        A result; what counts are its folder and its list of files.
    name
        Name of the file, see `geocover.store.snapshot.layer_file`.
    part
        A window of the snapshot's grid.

    Returns
    -------
    float32 in the raster's unit, shape ``part.shape``, NaN where there is nothing.

    Raises
    ------
    GridError
        If the file stands on another grid.
    """
    digest = snapshot.manifest["files"].get(name)
    if digest is None:
        return None
    path, (rows, cols) = snapshot.path / name, part.shape
    _check(path, digest, snapshot.grid)
    with DATASETS.borrow(path, 0) as source:
        stored = source.read(1, window=FileWindow(part.col, part.row, cols, rows))
        void, scale = source.nodata, source.scales[0]
    # In the order of `read_level`: the same float32 as of the whole raster decides what is covered.
    return np.where(stored == void, np.nan, stored * scale).astype(np.float32)


def read_pixel(snapshot: Snapshot, name: str, pixel: Window) -> float | None:
    """Value of the one pixel of a window; None where there is no file or nothing at the pixel."""
    values = read_part(snapshot, name, pixel)
    value = math.nan if values is None else float(values[0, 0])
    return value if math.isfinite(value) else None
