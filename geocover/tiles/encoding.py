"""Mapbox Vector Tiles (specification 2.1): the one place that encodes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from geocover.tiles.commands import geometry_commands

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from geocover.tiles.matrix import Tile

EXTENT = 4096
BUFFER = 64  # 4 of 256 pixels: outlines along an edge are cut where nobody sees it
VERSION = 2
POINT, POLYGON, POLYGONS = 1, 3, (3, 6)  # numbers of kinds: of the specification, and of shapely
VALUE_FIELDS = {bool: "bool_value", str: "string_value", int: "sint_value", float: "double_value"}


@dataclass(frozen=True, slots=True)
class Features:
    """Features of one layer at one zoom.

    Attributes
    ----------
    name
        Of the layer.
    shapes
        Points, or polygons, shape (n,), in units of which a tile has 4096 a side: x from the world's west
        edge, y down from its north edge; polygons on whole units.
    properties
        Of each: text, whole numbers, numbers, truth values; None is left out.
    """

    name: str
    shapes: NDArray[np.object_]
    properties: Sequence[dict[str, Any]]

    @property
    def nbytes(self) -> int:
        """About how much memory it takes."""
        return 24 * int(shapely.get_num_coordinates(self.shapes).sum()) + 1000 * len(self.shapes) + 1000


def encode_tile(layers: Sequence[Features], tile: Tile) -> bytes:
    """Encode what of the layers lies in a tile; empty bytes where nothing does.

    Polygons are clipped 64 units beyond the tile's edges and wound as the specification wants. A point
    belongs to the one tile that holds it, so that nobody counts it twice. A feature's id is its row from 1.
    """
    from mapbox_vector_tile.Mapbox import (
        vector_tile_pb2,
    )

    message: Any = vector_tile_pb2.tile()
    for features in layers:
        chosen, shapes = _cut(features.shapes, tile)
        if len(chosen):
            _add_layer(message.layers.add(), features, chosen, shapes)
    encoded: bytes = message.SerializeToString(deterministic=True)
    return encoded


def _add_layer(
    layer: Any,  # noqa: ANN401  protobuf's classes are made when they are imported
    features: Features,
    chosen: NDArray[np.intp],
    shapes: NDArray[np.object_],
) -> None:
    layer.name, layer.version, layer.extent = features.name, VERSION, EXTENT
    kind = POINT if _are_points(shapes) else POLYGON
    keys: dict[str, int] = {}
    values: dict[tuple[type, Any], int] = {}
    for row, commands in zip(chosen.tolist(), geometry_commands(shapes), strict=True):
        told = [(name, value) for name, value in features.properties[row].items() if value is not None]
        feature = layer.features.add()
        feature.id, feature.type = row + 1, kind
        feature.geometry.extend(commands)
        for name, value in told:
            place = values.setdefault((type(value), value), len(values))
            feature.tags.extend((keys.setdefault(name, len(keys)), place))
    layer.keys.extend(keys)
    for _, value in values:
        setattr(layer.values.add(), VALUE_FIELDS[type(value)], value)


def _cut(shapes: NDArray[np.object_], tile: Tile) -> tuple[NDArray[np.intp], NDArray[np.object_]]:
    """Rows of the features that a tile shows, and their shapes with the tile's corner as origin."""
    west, north = tile.x * EXTENT, tile.y * EXTENT
    points = _are_points(shapes)
    margin = 0 if points else BUFFER
    low_x, low_y, high_x, high_y = shapely.bounds(shapes).reshape(-1, 4).T
    near = (high_x >= west - margin) & (high_y >= north - margin)
    near &= (low_x < west + EXTENT + margin) & (low_y < north + EXTENT + margin)
    chosen = np.flatnonzero(near)
    cut = shapes[chosen]
    if not points:
        box = (west - margin, north - margin, west + EXTENT + margin, north + EXTENT + margin)
        cut = shapely.clip_by_rect(cut, *box)
    cut = shapely.transform(cut, lambda at: at - (west, north))
    cut = shapely.transform(cut, np.floor) if points else rounded(cut)
    kept = ~shapely.is_empty(cut)
    return chosen[kept], cut[kept]


def _are_points(shapes: NDArray[np.object_]) -> bool:
    return bool(len(shapes)) and shapely.get_type_id(shapes[0]) == 0


def rounded(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Give polygons on whole units, valid, outer rings clockwise as seen with y down; empty where too small.

    Every corner is moved by itself, so borders that were shared stay shared.
    """
    whole = shapely.transform(shapes, np.rint)
    broken = ~shapely.is_valid(whole)
    whole[broken] = shapely.make_valid(whole[broken], method="structure", keep_collapsed=False)
    mixed = ~np.isin(shapely.get_type_id(whole), POLYGONS)
    whole[mixed] = [_polygons(shape) for shape in whole[mixed]]
    turned: NDArray[np.object_] = shapely.orient_polygons(
        shapely.remove_repeated_points(whole), exterior_cw=False
    )
    return turned


def without_specks(shapes: NDArray[np.object_], area: float) -> NDArray[np.object_]:
    """Polygons without holes and parts below an area; empty where nothing is left."""
    polygons, owner = shapely.get_parts(shapes, return_index=True)
    rings, polygon = shapely.get_rings(polygons, return_index=True)
    outer = np.diff(polygon, prepend=-1) > 0
    kept = shapely.area(shapely.polygons(rings)) >= area
    holes: list[list[Any]] = [[] for _ in polygons]
    for ring, place in zip(rings[kept & ~outer], polygon[kept & ~outer], strict=True):
        holes[place].append(ring)
    large = kept[outer]
    whole = [shapely.Polygon(rim, holes[place]) for place, rim in enumerate(rings[outer]) if large[place]]
    found = np.full(len(shapes), shapely.MultiPolygon(), dtype=object)
    shapely.multipolygons(np.array(whole, dtype=object), indices=owner[large], out=found)
    return found


def _polygons(shape: Any) -> Any:  # noqa: ANN401  shapely is untyped
    """Polygons among the parts of a shape."""
    parts = shapely.get_parts(shapely.get_parts(shape))
    return shapely.multipolygons(parts[shapely.get_type_id(parts) == POLYGON])
