"""What OGC API - Features says of itself: landing page, conformance, collections, queryables."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from geocover.features.systems import CRS84, SYSTEMS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from geocover.features.fields import CollectionKind, Field

JSON, GEOJSON, SCHEMA, HTML = (
    "application/json",
    "application/geo+json",
    "application/schema+json",
    "text/html",
)
OPENAPI = "application/vnd.oai.openapi+json;version=3.0"
QUERYABLES = "http://www.opengis.net/def/rel/ogc/1.0/queryables"
DRAFT = "https://json-schema.org/draft/2020-12/schema"
TITLE = "geocover: phủ sóng theo xã, phường / coverage of communes"
TILESETS = "http://www.opengis.net/def/rel/ogc/1.0/tilesets"
TILES_SCHEMES = "http://www.opengis.net/def/rel/ogc/1.0/tiling-schemes"
CONFORMANCE = (
    *(f"http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/{one}" for one in ("core", "oas30", "geojson")
    ),
    "http://www.opengis.net/spec/ogcapi-features-2/1.0/conf/crs",
    *(
        f"http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/{one}"
        for one in ("queryables", "queryables-query-parameters", "filter", "features-filter")
    ),
    *(
        f"http://www.opengis.net/spec/cql2/1.0/conf/{one}"
        for one in (
            "cql2-text", "cql2-json", "basic-cql2", "advanced-comparison-operators",
            "case-insensitive-comparison", "accent-insensitive-comparison", "basic-spatial-functions",
            "basic-spatial-functions-plus", "spatial-functions", "temporal-functions", "arithmetic",
            "property-property",
        )
    ),
    *(
        f"http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/{one}"
        for one in ("core", "tileset", "tilesets-list", "png", "mvt")
    ),
)  # fmt: skip
SCHEMAS: dict[str, dict[str, str]] = {
    "text": {"type": "string"},
    "number": {"type": "number"},
    "integer": {"type": "integer"},
    "boolean": {"type": "boolean"},
    "date": {"type": "string", "format": "date"},
    "time": {"type": "string", "format": "date-time"},
}
SHARE = "0–1"
COMPACT = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def as_json(value: Mapping[str, Any] | Sequence[Any]) -> bytes:
    """Compact UTF-8 JSON."""
    return COMPACT.encode(value).encode()


def landing_json(base: str, documentation: str) -> bytes:
    """Write the landing page.

    Parameters
    ----------
    base
        Its address, without a slash at the end.
    documentation
        Path of the page about the method.
    """
    links = [
        _link("self", f"{base}/", JSON, "trang này / this document"),
        _link("alternate", f"{base}/maps/coverage", HTML, "bản đồ phủ sóng / the map"),
        _link("service-desc", f"{base}/openapi.json", OPENAPI, "OpenAPI"),
        _link("conformance", f"{base}/conformance", JSON, "các lớp tuân thủ / conformance classes"),
        _link("data", f"{base}/collections", JSON, "các tập dữ liệu / collections"),
        _link(f"{TILESETS}-map", f"{base}/tiles", JSON, "bản đồ dạng ô ảnh / tiles of pictures"),
        _link(f"{TILESETS}-vector", f"{base}/tiles", JSON, "dữ liệu dạng ô véc-tơ / vector tiles"),
        _link(TILES_SCHEMES, f"{base}/tileMatrixSets", JSON, "lưới ô / tile matrix sets"),
        _link("service-doc", f"{base}{documentation}", HTML, "về phương pháp / about the method"),
    ]
    about = "Tỷ lệ phủ sóng 4G, 5G, điểm lõm sóng / Coverage by 4G and 5G, and gaps"
    return as_json({"title": TITLE, "description": about, "links": links})


def conformance_json() -> bytes:
    """Write the conformance classes that hold."""
    return as_json({"conformsTo": list(CONFORMANCE)})


def collections_json(base: str, told: Sequence[Mapping[str, Any]]) -> bytes:
    """Write the list of collections, each as `collection` tells it."""
    links = [_link("self", f"{base}/collections", JSON, "trang này / this document")]
    return as_json({"links": links, "collections": list(told)})


def collection(
    base: str, kind: CollectionKind, extent: Mapping[str, Any], about: Mapping[str, Any]
) -> dict[str, Any]:
    """Tell of a collection.

    Parameters
    ----------
    base
        Address of the landing page, without a slash at the end.
    kind
        The collection.
    extent
        Its bounds and dates.
    about
        Where its features come from.
    """
    here = f"{base}/collections/{kind.id}"
    spatial = {"crs": list(SYSTEMS), "storageCrs": CRS84} if kind.geometry else {}
    return {
        "id": kind.id,
        "title": f"{kind.vi} / {kind.en}",
        "description": f"{kind.about_vi} {kind.about_en}",
        "itemType": "feature",
        "extent": dict(extent),
        **spatial,
        "links": [
            _link("self", here, JSON, "tập dữ liệu này / this collection"),
            _link("items", f"{here}/items", GEOJSON, "các đối tượng / features"),
            _link(QUERYABLES, f"{here}/queryables", SCHEMA, "thuộc tính lọc được / queryables"),
            _link("root", f"{base}/", JSON, "trang đầu / landing page"),
        ],
        "metadata": dict(about),
    }


def queryables_json(base: str, kind: CollectionKind) -> bytes:
    """Write the JSON schema of what a filter can name."""
    properties: dict[str, Any] = {field.name: field_schema(field) for field in kind.fields}
    if kind.geometry:
        properties["geometry"] = {"title": "hình học / geometry", "format": kind.geometry}
    return as_json(
        {
            "$schema": DRAFT,
            "$id": f"{base}/collections/{kind.id}/queryables",
            "type": "object",
            "title": f"{kind.vi} / {kind.en}",
            "description": f"{kind.about_vi} {kind.about_en}",
            "properties": properties,
            "additionalProperties": False,
        }
    )


def field_schema(field: Field) -> dict[str, Any]:
    """JSON schema of a property."""
    schema: dict[str, Any] = {"title": f"{field.vi} / {field.en}", **SCHEMAS[field.kind]}
    if field.values:
        schema["enum"] = list(field.values)
    if field.unit:
        schema["x-unit"] = field.unit
    if field.unit == SHARE:
        schema.update(minimum=0, maximum=1, description="tỷ lệ 0–1 / share 0–1")
    return schema


def _link(rel: str, href: str, media: str, title: str) -> dict[str, str]:
    return {"rel": rel, "type": media, "title": title, "href": href}
