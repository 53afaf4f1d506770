"""The STAC item of an export (STAC 1.1.0, with the extensions file 2.1.0 and projection 2.0.0)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shapely.geometry import box, mapping

from geocover.exports.catalogue import LICENCE_EN, LICENCE_VI
from geocover.exports.licences import LICENCE_FILE
from geocover.report.answers import to_json
from geocover.report.view import metadata

if TYPE_CHECKING:
    from collections.abc import Iterable

    from geocover.exports.catalogue import ExportFile
    from geocover.store import Snapshot

VERSION = "1.1.0"
EXTENSIONS = (
    "https://stac-extensions.github.io/file/v2.1.0/schema.json",
    "https://stac-extensions.github.io/projection/v2.0.0/schema.json",
)
LICENCE_LINK = {
    "rel": "license",
    "href": f"./{LICENCE_FILE}",
    "type": "text/plain",
    "title": "giấy phép của các nguồn / licences of the sources",
}
SHA256_MULTIHASH = "1220"  # code of SHA-256 and its length of 32 bytes, as the file extension asks


def item_json(seen: Snapshot, files: Iterable[ExportFile]) -> bytes:
    """Describe the files of an export; addresses are relative to the item's own."""
    bounds = [round(float(one), 6) for one in seen.communes.total_bounds]
    about = metadata(seen)
    return to_json(
        {
            "type": "Feature",
            "stac_version": VERSION,
            "stac_extensions": list(EXTENSIONS),
            "id": seen.id,
            "bbox": bounds,
            "geometry": _listed(mapping(box(*bounds))),
            "properties": {
                "datetime": f"{seen.as_of}T00:00:00Z",
                "title": f"{about['name']}, {seen.as_of}",
                "description": _description(about),
                "license": "other",
                **{f"geocover:{key}": value for key, value in about.items()},
            },
            "links": [LICENCE_LINK],
            "assets": {one.name: _asset(one) for one in files},
        }
    )


def _description(about: dict[str, Any]) -> str:
    parts = (
        "Phủ sóng 4G, 5G theo xã, phường / Coverage of communes",
        about["notice_vi"],
        about["notice_en"],
        f"{LICENCE_VI} / {LICENCE_EN}",
    )
    return "; ".join(part for part in parts if part)


def _asset(file: ExportFile) -> dict[str, Any]:
    return {
        "href": f"./{file.name}",
        "type": file.media_type,
        "title": f"{file.holds_vi} / {file.holds_en}",
        "roles": [file.role],
        "file:size": file.bytes,
        "file:checksum": SHA256_MULTIHASH + file.sha256,
        **file.raster,
    }


def _listed(value: Any) -> Any:  # noqa: ANN401  tuples of GeoJSON as lists
    if isinstance(value, dict):
        return {key: _listed(one) for key, one in value.items()}
    return [_listed(one) for one in value] if isinstance(value, (tuple, list)) else value
