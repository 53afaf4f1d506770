"""The coverage raster as one picture in Web Mercator: four named classes of level, or covered or not."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import rasterio.warp

from geocover.crs import WGS84, transformer
from geocover.tiles.classes import level_layer
from geocover.tiles.matrix import WEB_MERCATOR, Frame
from geocover.tiles.pictures import palette_picture
from geocover.tiles.rasters import about
from geocover.tiles.sampling import sampled_classes

if TYPE_CHECKING:
    from geocover.store import Snapshot

MAX_SIDE = 2048
CACHED = 24

Bounds = tuple[tuple[float, float], tuple[float, float]]


def raster_bounds(snapshot: Snapshot) -> Bounds:
    """South-west and north-east corner (latitude, longitude) of the pictures of a snapshot."""
    frame = _frame(snapshot)
    to_degrees = transformer(WEB_MERCATOR, WGS84).transform
    west, north = to_degrees(frame.left_m, frame.top_m)
    east, south = to_degrees(
        frame.left_m + frame.width * frame.pixel_m, frame.top_m - frame.height * frame.pixel_m
    )
    return (south, west), (north, east)


def _frame(snapshot: Snapshot) -> Frame:
    """The picture: about the grid's own pixels, at most 2048 a side."""
    grid = snapshot.grid
    rows, cols = grid.shape
    transform, width, height = rasterio.warp.calculate_default_transform(
        grid.crs, WEB_MERCATOR, cols, rows, *grid.bounds_m
    )
    if max(width, height) > MAX_SIDE:
        coarser = transform.a * max(width, height) / MAX_SIDE
        transform, width, height = rasterio.warp.calculate_default_transform(
            grid.crs, WEB_MERCATOR, cols, rows, *grid.bounds_m, resolution=coarser
        )
    return Frame(transform.c, transform.f, transform.a, width, height)


@lru_cache(maxsize=CACHED)
def raster_png(snapshot: Snapshot, profile: str, operator: str) -> bytes:
    """Coverage of an operator, of any or of all, as a PNG with a palette; transparent where not covered.

    The classes are those of the tiles; see `geocover.tiles.classes.level_layer`. Outside the communes nothing
    is shown.

    Parameters
    ----------
    snapshot
        A result.
    profile
        Name of a definition of "covered"; it chooses the technology.
    operator
        Name of an operator, "any" or "all".

    Raises
    ------
    ProfileError
        If the snapshot holds no such profile or operator.
    """
    layer = level_layer(snapshot, profile, operator)
    classes = sampled_classes(snapshot, layer, _frame(snapshot))
    return palette_picture(classes, layer.legend.colours, "png", about(snapshot))
