"""Files as partners send them: opened whatever their kind and encoding, or refused with a remedy."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, cast

from geocover.site_lists.reading.isolated import read_isolated
from geocover.site_lists.reading.limits import Limits
from geocover.site_lists.reading.refusals import Note, Refused, fail
from geocover.site_lists.sheets import Book, Kind

if TYPE_CHECKING:
    from geocover.site_lists.findings import Findings

__all__ = ["Limits", "read_book"]

_SUFFIXES = {
    "xlsx": {".xlsx", ".xlsm", ".xltx", ".xltm"},
    "xls": {".xls", ".xlt"},
    "xlsb": {".xlsb"},
    "ods": {".ods", ".ots"},
    "csv": {".csv", ".tsv", ".tab", ".txt"},
    "geojson": {".geojson", ".json"},
    "gpkg": {".gpkg"},
    "kml": {".kml"},
    "kmz": {".kmz"},
    "html": {".html", ".htm"},
}
# Their positions are longitude and latitude in WGS 84, whatever the file had.
_FEATURES = {"geojson", "gpkg", "kml", "kmz"}
_DEFAULT = Limits()


def read_book(
    path: str | Path, *, name: str | None = None, limits: Limits = _DEFAULT, findings: Findings
) -> Book:
    """Read a file of any kind that partners send: a workbook, a text, a web page or features with positions.

    Parameters
    ----------
    path
        The file. What it is, its content tells; a suffix that says otherwise is reported.
    name
        What its owner calls it, where `path` is a temporary name.
    limits
        Beyond these it is refused.
    findings
        Takes what is found on the way.

    Returns
    -------
    Its sheets. Features (GeoJSON, GPKG, KML, KMZ) come as one sheet a layer: row 1 holds the heads, ``lon``
    and ``lat`` in WGS 84 first, and row n the feature n - 1. A text is one sheet without a name, its rows
    numbered as Excel numbers them. A web page's tables count as text.

    Raises
    ------
    SiteListError
        The file is missing, empty, protected, damaged, beyond the limits or no list; the message says what to
        do, in English and Vietnamese.
    """
    path = Path(path)
    name = name if name is not None else path.name
    try:
        digest = _digest(path, limits)
        reading = read_isolated(path, limits, findings.add)
    except Refused as refused:
        fail(name, refused.code, refused.details)
    _check_suffix(name, reading.kind, findings.add)
    kind = cast("Kind", "csv" if reading.kind == "html" else reading.kind)
    crs = "EPSG:4326" if kind in _FEATURES else None
    return Book(name, kind, digest, tuple(reading.sheets), crs)


def _digest(path: Path, limits: Limits) -> str:
    try:
        size = path.stat().st_size
        if size > limits.file_bytes:
            raise Refused("file-too-large", size=size >> 20, most=limits.file_bytes >> 20)
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise Refused("file-missing") from error


def _check_suffix(name: str, kind: str, note: Note) -> None:
    suffix = Path(name).suffix.lower()
    if suffix and suffix not in _SUFFIXES[kind]:
        note("suffix-wrong", suffix=suffix, kind=kind.upper())
