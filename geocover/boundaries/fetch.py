"""The real polygons of a province, commune by commune, from an open repository or a mirror of it.

Source: github.com/thanglequoc/vietnamese-provinces-database (MIT), pinned to a tag; one GeoJSON a commune.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import geopandas as gpd
import shapely
from shapely.errors import ShapelyError
from shapely.geometry import shape

from geocover.areas import Areas, geodesic_area_m2
from geocover.boundaries.checks import check_areas
from geocover.boundaries.importer import repair_polygons
from geocover.boundaries.index import province_metadata
from geocover.crs import WGS84
from geocover.errors import AreasError, DownloadError
from geocover.io.atomic import atomic_path
from geocover.io.download import (
    CONTENT_ATTEMPTS,
    Connection,
    cache_folder,
    refused,
    request,
    wrong_content,
)
from geocover.io.vector import VIETNAM
from geocover.names import fold

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import urllib3

    from geocover.boundaries.checks import BoundaryReport


TAG = "v4.2.0"
REPOSITORY = "thanglequoc/vietnamese-provinces-database"
BASE_URL = f"https://raw.githubusercontent.com/{REPOSITORY}/{TAG}"
# The worst real commune of Phú Thọ is 6.3 % off its official area; 189 of the nation's 3,321 are over 5 %.
COMMUNE_TOLERANCE_PERCENT = 25.0
TOTAL_TOLERANCE_PERCENT = 1.0


def slug(name: str) -> str:
    """Spell a name as the repository's files do: "Tân Hoà" is ``tan_hoa``, "M'Drắk" ``mdrak``.

    Marks and apostrophes fall away; whatever else is no letter or digit becomes one underscore.
    """
    return re.sub(r"[^a-z0-9]+", "_", re.sub(r"['’ʼ]", "", fold(name))).strip("_")


def commune_paths(index: Areas) -> dict[str, str]:
    """Give the path of each commune's file in the repository, by code.

    Raises
    ------
    AreasError
        If the index does not say which province it is of, or lacks an official area.
    """
    code, name = (index.metadata.get(key) for key in ("province_code", "province_name"))
    if not (isinstance(code, str) and isinstance(name, str)):
        raise AreasError(
            "the list of communes lacks province_code and province_name in its metadata",
            vi="danh sách xã thiếu province_code và province_name trong phần metadata",
        )
    unmeasured = [
        each for each, km2 in zip(index.codes, index.table["area_official_km2"], strict=True) if not km2 > 0
    ]
    if unmeasured:
        raise AreasError(
            f"the list of communes lacks the official area of {', '.join(unmeasured[:5])}",
            vi=f"danh sách xã thiếu diện tích công bố của {', '.join(unmeasured[:5])}",
        )
    folder = f"json/geojson/{code}_{slug(name)}/wards"
    names = zip(index.codes, index.table["name"], strict=True)
    return {commune: f"{folder}/{commune}_{slug(str(name))}.geojson" for commune, name in names}


def fetch_areas(
    index: Areas,
    *,
    connection: Connection | None = None,
    cache: Path | None = None,
    progress: Callable[[int, int, str], None] | None = None,
) -> tuple[Areas, BoundaryReport]:
    """Download the real polygon of every commune of an index (the schematic boundaries that ship).

    Each file is checked (code, polygon, place, area within 25 % of the official one) before it enters the
    cache, and again when it is taken from there, so that a broken run resumes where it stopped. Nothing is
    returned unless all communes are there and their sum is within 1 % of the official area.

    Parameters
    ----------
    index
        Codes, names and attributes; its metadata tell ``province_code`` and ``province_name``.
    connection
        Where from and how patiently.
    cache
        Folder of verified files; by default one for each base URL in the user's cache.
    progress
        Called after each file with the number done, the number of all, and the commune's name.

    Returns
    -------
    The communes with the attributes of the index, of quality "real", and a report on their boundaries.

    Raises
    ------
    DownloadError
        If a file cannot be had, or holds something else than the commune asked for.
    """
    connection = connection or Connection(BASE_URL)
    folder = cache or cache_folder("boundaries", connection.base_url)
    paths = commune_paths(index)
    rows = zip(index.codes, index.table["name"], index.table["area_official_km2"], strict=True)
    shapes = []
    with connection.pool() as pool:
        for done, (code, name, official_km2) in enumerate(rows, start=1):
            commune = _Commune(code, str(name), float(official_km2), paths[code])
            shapes.append(_obtain(commune, folder, pool, connection))
            if progress is not None:
                progress(done, len(paths), str(name))
    return _assemble(index, shapes, connection.base_url)


@dataclass(frozen=True)
class _Commune:
    """What one file must hold."""

    code: str
    name: str
    official_km2: float
    path: str


class _WrongContentError(Exception):
    """A file holds something else than the commune asked for."""


def _obtain(
    commune: _Commune, folder: Path, pool: urllib3.PoolManager, connection: Connection
) -> shapely.Geometry:
    kept = folder / commune.path
    try:
        return _parse(kept.read_bytes(), commune)
    except (FileNotFoundError, _WrongContentError):
        content, polygon = _download(commune, pool, connection)
    with atomic_path(kept) as temporary:
        temporary.write_bytes(content)
    return polygon


def _download(
    commune: _Commune, pool: urllib3.PoolManager, connection: Connection
) -> tuple[bytes, shapely.Geometry]:
    url = connection.url(commune.path)
    fault = ""
    for _ in range(CONTENT_ATTEMPTS):
        content = _get(url, pool)
        try:
            return content, _parse(content, commune)
        except _WrongContentError as error:
            fault = str(error)
    raise wrong_content(url, fault)


def _get(url: str, pool: urllib3.PoolManager) -> bytes:
    response = request(pool, url)
    if response.status != 200:
        raise refused(url, response)
    return bytes(response.data)


def _parse(content: bytes, commune: _Commune) -> shapely.Geometry:
    """Give the polygon, or raise where the file is not that of the commune."""
    try:
        features = json.loads(content)["features"]
        (feature,) = features
        code, polygon = str(feature["properties"]["code"]), shape(feature["geometry"])
    except (ValueError, LookupError, TypeError, AttributeError, ShapelyError) as error:
        raise _WrongContentError(f"not a GeoJSON file of one commune ({error!r:.100})") from error
    if code != commune.code:
        raise _WrongContentError(f"holds commune {code} instead of {commune.code}")
    if polygon.geom_type not in {"Polygon", "MultiPolygon"} or polygon.is_empty:
        raise _WrongContentError(f"holds {polygon.geom_type} instead of a polygon")
    if not shapely.box(*VIETNAM).contains(shapely.box(*polygon.bounds)):
        raise _WrongContentError(f"lies at {polygon.bounds}, outside Vietnam")
    own_km2 = geodesic_area_m2(polygon) / 1e6
    if abs(own_km2 / commune.official_km2 - 1) * 100 > COMMUNE_TOLERANCE_PERCENT:
        raise _WrongContentError(f"covers {own_km2:.2f} km² instead of {commune.official_km2:.2f} km²")
    return polygon


def _assemble(index: Areas, shapes: list[shapely.Geometry], base_url: str) -> tuple[Areas, BoundaryReport]:
    geometry = gpd.GeoSeries(shapes, crs=WGS84)
    frame, repaired = repair_polygons(index.table.set_geometry(geometry))
    metadata = province_metadata(index)
    source = f"{REPOSITORY} {TAG} (MIT), {base_url}"
    areas = Areas(frame, quality="real", source=source, metadata=metadata | {"licence": "MIT"})
    report = replace(check_areas(areas), repaired=repaired)
    _check_plausible(report)
    return areas, report


def _check_plausible(report: BoundaryReport) -> None:
    """Refuse polygons that are each plausible but do not add up to the province."""
    own_km2, official_km2 = report.area_km2, report.official_km2
    if abs(own_km2 / official_km2 - 1) * 100 > TOTAL_TOLERANCE_PERCENT:
        raise DownloadError(
            f"all communes: {own_km2:.2f} km² fetched, {official_km2:.2f} km² official; "
            "the base URL serves other polygons",
            vi=f"tổng diện tích tải về {own_km2:.2f} km², công bố {official_km2:.2f} km²; "
            "nguồn tải không đúng ranh giới",
        )
