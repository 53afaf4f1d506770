"""GeoJSON and GPKG: features of one or more layers."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

from geocover.site_lists.reading.features import WGS84, Feature, feature_sheet, plain
from geocover.site_lists.reading.refusals import Refused

if TYPE_CHECKING:
    from pathlib import Path

    from geocover.site_lists.reading.refusals import Note
    from geocover.site_lists.sheets import Sheet, Value


def read_geojson(content: bytes, note: Note) -> tuple[Sheet, ...]:
    """Features of a GeoJSON text (RFC 7946), and of its predecessor with a member ``crs``.

    Read without GDAL, which would skip members that are no features and turn integers with gaps to floats.

    Raises
    ------
    Refused
        It is no GeoJSON.
    """
    try:
        tree = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise Refused("file-damaged", reason=f"JSON: {error}") from error
    members = tree.get("features") if tree.get("type") == "FeatureCollection" else [tree]
    if not isinstance(members, list):
        raise Refused("file-json")
    return (feature_sheet("", [_feature(member) for member in members], _stated_crs(tree), note),)


def _feature(member: object) -> Feature:
    """One member of a collection; whatever it is, it stays a row."""
    if not isinstance(member, dict):
        return Feature({"feature": plain(member)}, ValueError("not a feature"))
    properties = member.get("properties")
    attributes = {} if member.get("id") is None else {"id": plain(member["id"])}
    if isinstance(properties, dict):
        attributes |= {key: plain(value) for key, value in properties.items()}
    return Feature(attributes, _shape(member.get("geometry")))


def _shape(geometry: object) -> Any:  # noqa: ANN401 - shapely is untyped
    import shapely

    if not geometry:
        return None
    try:
        return shapely.from_geojson(json.dumps(geometry))
    except (shapely.errors.ShapelyError, ValueError, RecursionError) as error:
        return error


def _stated_crs(tree: dict[str, Any]) -> str:
    stated = tree.get("crs")
    properties = stated.get("properties") if isinstance(stated, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else None
    return name if isinstance(name, str) else WGS84


def read_geopackage(path: Path, note: Note) -> tuple[Sheet, ...]:
    """Layers of a GeoPackage, tables without geometry included, each a sheet.

    Raises
    ------
    Refused
        It cannot be read or has no layer.
    """
    _check_contents(path)
    import pyogrio

    try:
        layers = [str(name) for name, _ in pyogrio.list_layers(path)]
        sheets = tuple(_layer(path, name, note) for name in layers)
    except (pyogrio.errors.DataSourceError, ValueError, RuntimeError, UnicodeError) as error:
        raise Refused("file-damaged", reason=f"GPKG: {error}") from error
    if not sheets:
        raise Refused("file-no-layer")
    return sheets


def _check_contents(path: Path) -> None:
    """Refuse a database that is no GeoPackage before GDAL opens it."""
    address = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
    try:
        with closing(sqlite3.connect(address, uri=True)) as database:
            database.execute("SELECT table_name FROM gpkg_contents").fetchone()
    except sqlite3.Error as error:
        raise Refused("file-damaged", reason=f"GPKG: {error}") from error


def _layer(path: Path, name: str, note: Note) -> Sheet:
    import pyogrio.raw

    meta, _, geometries, fields = pyogrio.raw.read(path, layer=name)
    heads = [str(field) for field in meta["fields"]]
    columns = [[_native(value) for value in field.tolist()] for field in fields]
    count = len(columns[0]) if columns else len(geometries)
    shapes = [None] * count if geometries is None else [_from_wkb(wkb) for wkb in geometries]
    rows = zip(*columns, strict=True) if columns else iter([()] * count)
    features = [
        Feature(dict(zip(heads, row, strict=True)), shape) for row, shape in zip(rows, shapes, strict=True)
    ]
    if geometries is None:
        return _without_geometry(name, heads, features)
    return feature_sheet(name, features, meta["crs"], note)


def _without_geometry(name: str, heads: list[str], features: list[Feature]) -> Sheet:
    from geocover.site_lists.reading.spreadsheets import trimmed
    from geocover.site_lists.sheets import Sheet

    rows: list[list[Value]] = [[*heads], *([*feature.attributes.values()] for feature in features)]
    return Sheet(name, trimmed(rows))


def _native(value: object) -> Value:
    """Value of a field; numbers that are missing come as NaN."""
    import datetime as dt

    if isinstance(value, float) and value != value:  # noqa: PLR0124 - NaN
        return None
    if isinstance(value, dt.datetime | dt.date):
        return value
    if isinstance(value, bytes):
        return f"{len(value)} bytes"
    return plain(value.tolist() if hasattr(value, "tolist") else value)


def _from_wkb(wkb: bytes | None) -> Any:  # noqa: ANN401 - shapely is untyped
    import shapely

    try:
        return None if wkb is None else shapely.from_wkb(wkb)
    except shapely.errors.ShapelyError as error:
        return error
