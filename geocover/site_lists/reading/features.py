"""Features with attributes and a geometry, laid out as a sheet: a row for each, position first.

Row 1 is the line of heads, so that row n is feature n - 1.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from geocover.site_lists.reading.refusals import Refused
from geocover.site_lists.reading.spreadsheets import trimmed
from geocover.site_lists.sheets import Sheet

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from geocover.site_lists.reading.refusals import Note
    from geocover.site_lists.sheets import Value

WGS84 = "EPSG:4326"
# Degrees of longitude and latitude are what GeoJSON, KML and GPKG call by these names too.
_DEGREES = {"EPSG:4326", "OGC:CRS84", "urn:ogc:def:crs:OGC:1.3:CRS84", "urn:ogc:def:crs:EPSG::4326"}


@dataclass(frozen=True, eq=False)
class Feature:
    """A thing with a place: `geometry` is a shapely geometry, None, or an error where it is unreadable."""

    attributes: Mapping[str, Value]
    geometry: Any


def feature_sheet(name: str, features: Sequence[Feature], crs: str | None, note: Note) -> Sheet:
    """Sheet of features: columns ``lon``, ``lat`` in WGS 84, then the attributes in order of appearance.

    Of a geometry that is no point a point within it is taken, with a warning. Without `crs` the coordinates
    stay as they are, in columns ``x``, ``y``.

    Raises
    ------
    Refused
        `crs` is unknown.
    """
    heads = list(dict.fromkeys(key for feature in features for key in feature.attributes))
    points = [_point(feature.geometry, name, row, note) for row, feature in enumerate(features, start=2)]
    if crs is None and any(points):
        note("layer-without-crs", sheet=name)
    elif crs is not None and crs not in _DEGREES:
        points = _transformed(points, crs, name, note)
    rows: list[list[Value]] = [[*(("lon", "lat") if crs else ("x", "y")), *heads]]
    for feature, point in zip(features, points, strict=True):
        rows.append([*(point or (None, None)), *(feature.attributes.get(head) for head in heads)])
    return Sheet(name, trimmed(rows))


def plain(value: object) -> Value:
    """Value of a cell for an attribute of any kind; lists and objects become JSON text."""
    if value is None or isinstance(value, str | bool | int | float):
        return value
    return json.dumps(value, ensure_ascii=False, default=str)


def _point(geometry: Any, sheet: str, row: int, note: Note) -> tuple[float, float] | None:  # noqa: ANN401
    import shapely

    if isinstance(geometry, Exception):
        note("feature-damaged", sheet=sheet, row=row, value=str(geometry))
        return None
    if geometry is None or geometry.is_empty:
        note("feature-without-position", sheet=sheet, row=row)
        return None
    if geometry.geom_type == "MultiPoint" and len(geometry.geoms) == 1:
        geometry = geometry.geoms[0]
    if geometry.geom_type != "Point":
        note("feature-not-point", sheet=sheet, row=row, value=geometry.geom_type)
        try:
            geometry = geometry.representative_point()
        except shapely.errors.ShapelyError as error:
            return _point(error, sheet, row, note)
    return float(geometry.x), float(geometry.y)


def _transformed(
    points: list[tuple[float, float] | None], crs: str, sheet: str, note: Note
) -> list[tuple[float, float] | None]:
    from geocover.crs import known_crs, transformer
    from geocover.errors import CrsError

    try:
        convert = transformer(known_crs(crs, sheet), WGS84)
    except CrsError as error:
        raise Refused("file-damaged", reason=str(error)) from error
    note("layer-transformed", sheet=sheet, value=crs)
    return [None if point is None else convert.transform(*point) for point in points]
