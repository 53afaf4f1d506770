"""Spatial functions of CQL2, over the distinct geometries of a table in the system of the filter."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from shapely.errors import ShapelyError

from geocover.features.boxes import box_of
from geocover.features.errors import FeatureQueryError
from geocover.features.operands import Truth, truth
from geocover.features.systems import farthest, ordered

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from geocover.features.shapes import Shapes

RELATIONS: dict[str, Callable[[Any, Any], Any]] = {
    "s_intersects": shapely.intersects,
    "s_contains": shapely.contains,
    "s_crosses": shapely.crosses,
    "s_disjoint": shapely.disjoint,
    "s_equals": shapely.equals,
    "s_overlaps": shapely.overlaps,
    "s_touches": shapely.touches,
    "s_within": shapely.within,
}
TO_ITSELF = ("s_intersects", "s_contains", "s_equals", "s_within")
EXAMPLE = "S_INTERSECTS(geometry, BBOX(105.2, 21.2, 105.5, 21.4))"


@dataclass(frozen=True, eq=False)
class Place:
    """The geometries of the features (``shapes``), or one geometry for all."""

    one: shapely.Geometry | None = None
    shapes: Shapes | None = None


def relate(name: str, left: Place, right: Place, count: int) -> Truth:
    """Say how two places lie to each other; unknown where a feature has no geometry."""
    relation = RELATIONS[name]
    if left.shapes is None and right.shapes is None:
        return truth(bool(relation(left.one, right.one)), False, count)
    if left.shapes is not None and right.shapes is not None:
        # There is one geometry a feature: what it is to itself needs no computing, which would take long.
        return truth(name in TO_ITSELF, left.shapes.missing, count)
    shapes = left.shapes or right.shapes
    assert shapes is not None  # noqa: S101  one of them was not None
    sides = [side.one if side.shapes is None else shapes.distinct for side in (left, right)]
    return truth(shapes.spread(_related(relation, sides)), shapes.missing, count)


def _related(relation: Callable[[Any, Any], Any], sides: list[Any]) -> NDArray[np.bool_]:
    for side in sides:
        if isinstance(side, shapely.Geometry):
            shapely.prepare(side)
    try:
        return np.asarray(relation(*sides), dtype=bool)
    except ShapelyError as error:
        raise _wrong(
            f"these geometries cannot be compared ({error})", "không so sánh được hình học"
        ) from error


def literal(node: dict[str, Any], system: str) -> Place:
    """Geometry that is written in a filter, in its system and order of axes.

    Raises
    ------
    FeatureQueryError
        It is none, contradicts itself, or lies outside the system.
    """
    if "bbox" in node:
        return Place(_box(node["bbox"], system))
    try:
        geometry = shapely.force_2d(shapely.from_geojson(json.dumps(node)))
    except (ShapelyError, ValueError) as error:
        raise _wrong("this geometry cannot be read", "không đọc được hình học này") from error
    if geometry is None or geometry.is_empty or not shapely.is_valid(geometry):
        why = "empty" if geometry is None or geometry.is_empty else shapely.is_valid_reason(geometry)
        raise _wrong(f"this geometry is not valid ({why})", f"hình học không hợp lệ ({why})")
    _check_inside(geometry, system)
    return Place(shapely.transform(geometry, lambda points: ordered(points, system)))


def _box(numbers: object, system: str) -> shapely.Geometry:
    plain = isinstance(numbers, list) and all(
        isinstance(one, (int, float)) and np.isfinite(one) for one in numbers
    )
    if not plain or len(numbers) not in (4, 6):  # type: ignore[arg-type]
        raise _wrong("a bbox has four or six numbers", "bbox gồm bốn hoặc sáu số")
    return box_of([float(one) for one in numbers], system)  # type: ignore[attr-defined]


def _check_inside(geometry: shapely.Geometry, system: str) -> None:
    points = ordered(shapely.get_coordinates(geometry), system)
    if not (np.isfinite(points) & (np.abs(points) <= farthest(system))).all():
        raise _wrong(
            "this geometry lies outside the coordinate system; say the system by filter-crs",
            "hình học nằm ngoài hệ toạ độ; hãy ghi filter-crs",
        )


def _wrong(what: str, vi: str) -> FeatureQueryError:
    return FeatureQueryError(f"filter: {what}; write as in {EXAMPLE}", f"filter: {vi}; ví dụ: {EXAMPLE}")
