"""A small map of the communes by share as plain SVG: it needs no script and prints as it looks."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import shapely

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from geocover.store import Snapshot

WIDTH = 420
CACHED = 8
# Lower bounds of the classes, best first, as in colours.js; the styles .k0 to .k4 hold their colours.
CLASSES = (0.99, 0.95, 0.8, 0.5, 0.0)
LABELS = (
    ("≥ 99 %", "≥ 99%"),
    ("95–99 %", "95–99%"),
    ("80–95 %", "80–95%"),
    ("50–80 %", "50–80%"),
    ("< 50 %", "< 50%"),
)
NO_DATA = "none"


def share_class(share: float | None) -> str:
    """Style of a share between 0 and 1; "none" where it is unknown."""
    if share is None or math.isnan(share):
        return NO_DATA
    return f"k{next(index for index, low in enumerate(CLASSES) if share >= low)}"


@lru_cache(maxsize=CACHED)
def outlines(snapshot: Snapshot) -> tuple[int, dict[str, str]]:
    """Height of the map for a width of WIDTH, and the path of each commune by its code.

    Borders are simplified to half a pixel with shared borders kept shared.
    """
    shapes = snapshot.communes.geometry.to_crs(snapshot.grid.crs)
    west, south, east, north = shapes.total_bounds
    metres = max(east - west, 1.0) / WIDTH
    simple = shapely.coverage_simplify(shapes.to_numpy(), metres / 2)
    drawn = shapely.transform(simple, lambda at: _pixels(at, west, north, metres))
    codes = snapshot.communes["code"]
    paths = {str(code): _path(shape) for code, shape in zip(codes, drawn, strict=True)}
    return max(1, round((north - south) / metres)), paths


def _pixels(at: NDArray[Any], west: float, north: float, metres: float) -> NDArray[Any]:
    moved = (at - [west, north]) / [metres, -metres]
    return moved.round(1)


def _path(shape: shapely.Geometry) -> str:
    rings = [ring for part in shapely.get_parts(shape) for ring in shapely.get_rings(part)]
    return "".join(f"M{'L'.join(f'{x:g} {y:g}' for x, y in ring.coords[:-1])}Z" for ring in rings)


def coloured(snapshot: Snapshot, shares: Mapping[str, float | None]) -> dict[str, Any]:
    """What the template needs of one map: ``height``, ``width``, and ``shapes`` (code, path, style)."""
    height, paths = outlines(snapshot)
    shapes = [(code, path, share_class(shares.get(code))) for code, path in paths.items()]
    return {"width": WIDTH, "height": height, "shapes": shapes}
