"""Polygons from a raster of labels: shared borders stay shared, their steps are smoothed away."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

if TYPE_CHECKING:
    import numpy.typing as npt

    from geocover.boundaries.schematic_cells import Frame

    Floats = npt.NDArray[np.float64]

SMOOTHINGS = 6
SIMPLIFY_M = 90.0  # drops vertices that carry no shape (area criterion: Visvalingam and Whyatt 1993)


def polygons_of(frame: Frame, labels: npt.NDArray[np.int64], count: int) -> list[shapely.Geometry]:
    """Give one polygon to each label below ``count``, in the frame's metres.

    Neighbours have the same vertices along their border: no gaps, no overlaps. Every label must occur.
    """
    rows, columns = np.nonzero(labels < count)
    west = frame.west_m + frame.pixel_m * columns
    north = frame.north_m - frame.pixel_m * rows
    pixels = shapely.box(west, north - frame.pixel_m, west + frame.pixel_m, north)
    owner = labels[rows, columns]
    stepped = [shapely.coverage_union_all(pixels[owner == label]) for label in range(count)]
    return list(shapely.coverage_simplify(_smoothed(stepped), SIMPLIFY_M))


def _smoothed(shapes: list[shapely.Geometry]) -> list[shapely.Geometry]:
    """Move each vertex towards its two neighbours; where more than two lines meet, it stays."""
    corners, index = np.unique(shapely.get_coordinates(shapes), axis=0, return_inverse=True)
    points = np.asarray(corners, dtype=np.float64)
    edges = _edges(shapes, index.ravel())
    degree = np.bincount(edges.ravel(), minlength=len(points))
    moves = (degree == 2)[:, None]
    for _ in range(SMOOTHINGS):
        neighbours = np.stack([_neighbour_sum(edges, values, len(corners)) for values in points.T], axis=1)
        points = np.where(moves, (2 * points + neighbours) / 4, points)
    return list(shapely.set_coordinates(np.array(shapes), points[index.ravel()]))


def _edges(shapes: list[shapely.Geometry], index: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Pairs of vertices (m x 2, each pair once) that some ring joins; ``index`` numbers all coordinates."""
    rings = shapely.get_rings(shapes)
    last = np.cumsum(np.asarray(shapely.get_num_coordinates(rings))) - 1
    joined = np.delete(np.stack([index[:-1], index[1:]], axis=1), last[:-1], axis=0)
    return np.asarray(np.unique(np.sort(joined, axis=1), axis=0), dtype=np.int64)


def _neighbour_sum(edges: npt.NDArray[np.int64], values: Floats, count: int) -> Floats:
    first, second = edges[:, 0], edges[:, 1]
    forth = np.bincount(first, weights=values[second], minlength=count)
    back = np.bincount(second, weights=values[first], minlength=count)
    return np.asarray(forth + back, dtype=np.float64)
