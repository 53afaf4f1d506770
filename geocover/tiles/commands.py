"""Geometry as command integers of Mapbox Vector Tiles (specification 2.1, section 4.3), many at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOVE_TO, LINE_TO, CLOSE_PATH = 1, 2, 7
MOVE_ONCE = MOVE_TO | 1 << 3
CLOSE_ONCE = CLOSE_PATH | 1 << 3
RING_MORE = 3  # integers of a ring beside two a corner: move, line, close


def geometry_commands(shapes: NDArray[np.object_]) -> list[list[int]]:
    """Command integers of each of many points, or of many polygons.

    Parameters
    ----------
    shapes
        Points, or polygons none of which is empty, on whole numbers, in a tile's own units; shape (n,).
    """
    if shapely.get_type_id(shapes[0]) == 0:
        steps = zigzag(shapely.get_coordinates(shapes).astype(np.int64))
        return [[MOVE_ONCE, x, y] for x, y in steps.tolist()]
    return _polygon_commands(shapes)


def _polygon_commands(shapes: NDArray[np.object_]) -> list[list[int]]:
    corners, ring, owner = _ring_corners(shapes)
    first = np.diff(ring, prepend=-1) > 0
    steps = zigzag(_steps(corners, owner[ring]))
    counts = np.bincount(ring)
    sizes = 2 * counts + RING_MORE
    starts = np.cumsum(sizes) - sizes
    commands = np.empty(sizes.sum(), np.int64)
    commands[starts] = MOVE_ONCE
    commands[starts + RING_MORE] = LINE_TO | (counts - 1) << 3
    commands[starts + sizes - 1] = CLOSE_ONCE
    # A ring's corners follow one another, two integers each; behind the first stands the line's command.
    places = np.arange(len(corners)) - (np.cumsum(counts) - counts)[ring]
    at = starts[ring] + 1 + 2 * places + ~first
    commands[at], commands[at + 1] = steps[:, 0], steps[:, 1]
    ends = np.cumsum(np.bincount(owner, weights=sizes, minlength=len(shapes)).astype(np.int64))
    return [part.tolist() for part in np.split(commands, ends[:-1])]


def _ring_corners(
    shapes: NDArray[np.object_],
) -> tuple[NDArray[np.int64], NDArray[np.intp], NDArray[np.intp]]:
    """Corners without the one that closes a ring, the ring of each, and the shape of each ring."""
    polygons, shape = shapely.get_parts(shapes, return_index=True)
    rings, polygon = shapely.get_rings(polygons, return_index=True)
    corners, ring = shapely.get_coordinates(rings, return_index=True)
    last = np.diff(ring, append=len(rings)) > 0
    return corners[~last].astype(np.int64), ring[~last], shape[polygon]


def _steps(corners: NDArray[np.int64], shape: NDArray[np.intp]) -> NDArray[np.int64]:
    """Way from the corner before, through all rings of a shape; from the origin where a shape begins."""
    steps = corners.copy()
    same = np.diff(shape) == 0
    steps[1:][same] -= corners[:-1][same]
    return steps


def zigzag(values: NDArray[np.int64]) -> NDArray[np.int64]:
    """Small unsigned numbers for small numbers of either sign."""
    coded: NDArray[np.int64] = (values << 1) ^ (values >> 63)
    return coded
