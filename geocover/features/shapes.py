"""Geometries of a table of features, in any system, and the same as GeoJSON."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import shapely

from geocover.features.systems import CRS84, authority, decimals, from_degrees, ordered

if TYPE_CHECKING:
    from numpy.typing import NDArray

POINT_BYTES = 100  # of a geometry object before its coordinates
TREE_BYTES = 60  # of its place in the index


@dataclass(frozen=True, eq=False)
class Shapes:
    """Distinct geometries, and which of them each feature has.

    Attributes
    ----------
    distinct
        Geometries of one system, x or longitude first.
    which
        Of each feature, shape ``(n,)``; -1 where it has none.
    """

    distinct: NDArray[np.object_]
    which: NDArray[np.int32]

    @property
    def size(self) -> int:
        """Bytes, roughly."""
        coordinates = 16 * int(shapely.get_num_coordinates(self.distinct).sum()) if len(self.distinct) else 0
        return coordinates + (POINT_BYTES + TREE_BYTES) * len(self.distinct) + self.which.nbytes

    @cached_property
    def tree(self) -> shapely.STRtree:
        """Index over the distinct ones."""
        return shapely.STRtree(self.distinct)

    def touching(self, geometry: shapely.Geometry) -> NDArray[np.bool_]:
        """Say which of the distinct ones a geometry of the same system touches."""
        touched = np.zeros(len(self.distinct), dtype=bool)
        touched[self.tree.query(geometry, predicate="intersects")] = True
        return touched

    @property
    def missing(self) -> NDArray[np.bool_]:
        """Which features have no geometry."""
        return self.which < 0

    def spread(self, of_distinct: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Give what holds of the distinct ones for each feature; False where there is no geometry."""
        return np.append(of_distinct, False)[self.which]

    def bounds(self) -> list[float] | None:
        """West, south, east, north of all; None without any."""
        if not len(self.distinct):
            return None
        bounds = shapely.total_bounds(self.distinct)
        return [round(float(value), 6) for value in bounds] if np.isfinite(bounds).all() else None

    def moved(self, system: str) -> Shapes:
        """The same, from longitude and latitude into a system.

        Raises
        ------
        CrsError
            There is no exact transformation.
        """
        if authority(system) == authority(CRS84):
            return self
        moved = shapely.transform(self.distinct, lambda points: from_degrees(points, system))
        return Shapes(moved, self.which)

    def geojson(self, system: str) -> list[bytes]:
        """Give the distinct ones as GeoJSON, outer rings counterclockwise, axes as the system defines them.

        They must be of that system already.
        """
        rounded = shapely.transform(self.distinct, lambda points: np.round(points, decimals(system)))
        turned = shapely.transform(shapely.orient_polygons(rounded), lambda points: ordered(points, system))
        return [text.encode() for text in shapely.to_geojson(turned).tolist()]


def shapes_of(geometries: NDArray[np.object_], *, multiple: bool = False) -> Shapes:
    """Make shapes of features of which each has its own; ``multiple`` makes each polygon a MultiPolygon."""
    geometries = shapely.force_2d(geometries)
    if multiple:
        geometries = _multiplied(geometries)
    empty = shapely.is_missing(geometries) | shapely.is_empty(geometries)
    which = np.where(empty, -1, np.cumsum(~empty) - 1).astype(np.int32)
    return Shapes(geometries[~empty], which)


def _multiplied(geometries: NDArray[np.object_]) -> NDArray[np.object_]:
    """Polygons as MultiPolygons: clients take the type of a layer from its first features."""
    single = shapely.get_type_id(geometries) == shapely.GeometryType.POLYGON
    multiplied = geometries.copy()
    multiplied[single] = shapely.multipolygons(geometries[single], indices=np.arange(single.sum()))
    return multiplied


def no_shapes(count: int) -> Shapes:
    """Shapes of features without any geometry."""
    return Shapes(np.empty(0, dtype=object), np.full(count, -1, dtype=np.int32))
