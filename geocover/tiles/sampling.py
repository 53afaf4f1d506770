"""Classes of a raster layer at the pixels of a picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import rasterio.features

from geocover.keeping import Kept
from geocover.tiles.matrix import grid_box, ground_pixel_m
from geocover.tiles.reading import fitting, nearest, read, repeated, shapes
from geocover.tiles.warping import grid_positions

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from geocover.grid import Grid
    from geocover.store import Snapshot
    from geocover.tiles.classes import Layer
    from geocover.tiles.matrix import Frame

MASK_BYTES = 256 * 2**20
_masks = Kept(MASK_BYTES, lambda mask: mask.nbytes)


def inside_communes(snapshot: Snapshot) -> NDArray[np.bool_]:
    """Pixels of a snapshot's grid whose centre lies in a commune, shape ``grid.shape``; read-only.

    Made once for a snapshot and kept, a byte a pixel (1.7 MB, in 30 ms, for 100 m pixels of a province),
    rather than written as a raster: it needs no overviews, being asked at the pixels that these repeat.
    """
    return _masks.get(snapshot.digest, lambda: _rasterised(snapshot))


def _rasterised(snapshot: Snapshot) -> NDArray[np.bool_]:
    grid = snapshot.grid
    shapes_m = snapshot.communes.geometry.to_crs(grid.crs)
    inside: NDArray[np.bool_] = rasterio.features.geometry_mask(
        shapes_m, grid.shape, grid.transform, invert=True
    )
    inside.flags.writeable = False
    return inside


@dataclass(frozen=True, slots=True)
class Sampled:
    """The pixels of a grid that a picture shows.

    Attributes
    ----------
    rows, cols
        Row and column on the raster or the overview read, one for each pixel of the picture.
    seen
        Where the picture shows a pixel of the grid inside a commune.
    """

    rows: NDArray[np.intp]
    cols: NDArray[np.intp]
    seen: NDArray[np.bool_]

    def read(self, path: Path, overview: int) -> NDArray[Any]:
        """Stored values at the pixels; what is not seen has any."""
        rows = slice(int(self.rows.min()), int(self.rows.max()) + 1)
        cols = slice(int(self.cols.min()), int(self.cols.max()) + 1)
        block = read(path, overview, rows, cols)
        at = (self.rows - rows.start) * block.shape[1] + (self.cols - cols.start)
        values: NDArray[Any] = np.take(block, at)
        return values


def sampled_classes(snapshot: Snapshot, layer: Layer, frame: Frame) -> NDArray[np.uint8]:
    """Class of a layer at the centre of each pixel of a picture: that of the pixel of the grid below it.

    Where the picture is coarser than the grid, it is that of the nearest of those pixels of the grid which
    the fitting overview repeats. Outside the communes it is 0.

    Returns
    -------
    Shape (frame.height, frame.width).
    """
    classes = np.zeros((frame.height, frame.width), np.uint8)
    cut = frame.cut(grid_box(snapshot.grid))
    if cut is None:
        return classes
    part, row, col = cut
    step = ground_pixel_m(snapshot.grid, frame.pixel_m) / snapshot.grid.resolution_m
    overview = fitting(layer.paths[0], step)
    where = _sample(snapshot, part, layer.paths[0], overview)
    if where.seen.any():
        stored = np.minimum.reduce([where.read(path, overview) for path in layer.paths])
        target = classes[row : row + part.height, col : col + part.width]
        np.copyto(target, layer.classes(stored), where=where.seen)
    return classes


def _sample(snapshot: Snapshot, frame: Frame, path: Path, overview: int) -> Sampled:
    heights, widths = zip(*shapes(path)[: overview + 1], strict=True)
    rows, cols, seen = grid_pixels(frame, snapshot.grid)
    rows, cols = nearest(heights)[rows], nearest(widths)[cols]
    inside = inside_communes(snapshot)
    pixel = repeated(heights)[rows] * inside.shape[1] + repeated(widths)[cols]
    return Sampled(rows, cols, seen & np.take(inside, pixel))


def grid_pixels(frame: Frame, grid: Grid) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.bool_]]:
    """Row and column of the pixel of a grid below each pixel of a picture, and whether there is one.

    Where there is none it is the nearest on the edge.
    """
    at_row, at_col = grid_positions(frame, grid)
    height, width = grid.shape
    seen = (at_row >= 0) & (at_row < height) & (at_col >= 0) & (at_col < width)
    rows = np.clip(at_row, 0, height - 1).astype(np.intp)
    cols = np.clip(at_col, 0, width - 1).astype(np.intp)
    return rows, cols, seen
