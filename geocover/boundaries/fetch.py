"""The real polygons of a province, commune by commune, from an open repository or a mirror of it.

Source: github.com/thanglequoc/vietnamese-provinces-database (MIT), pinned to a tag; one GeoJSON a commune.
"""

from __future__ import annotations

import hashlib
import json
import re
import urllib.parse
import urllib.request
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import platformdirs
import shapely
import urllib3
from shapely.errors import ShapelyError
from shapely.geometry import shape

from geocover.areas import Areas, geodesic_area_m2
from geocover.boundaries.checks import check_areas
from geocover.boundaries.importer import repair_polygons
from geocover.boundaries.index import province_metadata
from geocover.crs import WGS84
from geocover.errors import AreasError, DownloadError
from geocover.io.atomic import atomic_path
from geocover.io.vector import VIETNAM
from geocover.names import fold

if TYPE_CHECKING:
    from collections.abc import Callable

    from geocover.boundaries.checks import BoundaryReport

TAG = "v4.2.0"
REPOSITORY = "thanglequoc/vietnamese-provinces-database"
BASE_URL = f"https://raw.githubusercontent.com/{REPOSITORY}/{TAG}"
CONTENT_ATTEMPTS = 3
# The worst real commune of Phú Thọ is 6.3 % off its official area; 189 of the nation's 3,321 are over 5 %.
COMMUNE_TOLERANCE_PERCENT = 25.0
TOTAL_TOLERANCE_PERCENT = 1.0


@dataclass(frozen=True)
class Connection:
    """How patiently to download.

    Attributes
    ----------
    base_url
        The repository's root, or that of a mirror with the same layout.
    timeout_s
        Limit for connecting and for each wait for data.
    retries
        Further attempts at a file after a timeout, a broken transfer, or a status of 429, 500, 502, 503 or
        504. (Content that is complete but wrong is asked for three times.)
    backoff_s
        Pause before the second retry; doubled with each further one.
    """

    base_url: str = BASE_URL
    timeout_s: float = 30.0
    retries: int = 4
    backoff_s: float = 0.5

    def __post_init__(self) -> None:
        parts = urllib.parse.urlsplit(self.base_url)
        if parts.scheme not in {"http", "https"} or not parts.netloc:
            raise DownloadError(
                f"base URL {self.base_url!r} is not an http or https address",
                vi=f"địa chỉ gốc “{self.base_url}” không phải địa chỉ http hoặc https",
            )

    def pool(self) -> urllib3.PoolManager:
        """Give connections that retry, through the proxy of the environment where it names one."""
        retry = urllib3.Retry(
            total=self.retries,
            backoff_factor=self.backoff_s,
            status_forcelist=(429, 500, 502, 503, 504),
            raise_on_status=False,
        )
        timeout = urllib3.Timeout(connect=self.timeout_s, read=self.timeout_s)
        parts = urllib.parse.urlsplit(self.base_url)
        proxy = urllib.request.getproxies().get(parts.scheme)
        if proxy and not urllib.request.proxy_bypass(parts.hostname or ""):
            return urllib3.ProxyManager(
                proxy, retries=retry, timeout=timeout, proxy_headers=_proxy_login(proxy)
            )
        return urllib3.PoolManager(retries=retry, timeout=timeout)


def _proxy_login(proxy: str) -> dict[str, str]:
    """Give the header for the name and password in a proxy's address, which urllib3 leaves out."""
    parts = urllib.parse.urlsplit(proxy)
    if parts.username is None:
        return {}
    login = urllib.parse.unquote(f"{parts.username}:{parts.password or ''}")
    return dict(urllib3.make_headers(proxy_basic_auth=login))


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
    connection = connection or Connection()
    folder = cache or default_cache(connection.base_url)
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


def default_cache(base_url: str) -> Path:
    """Folder in the user's cache for the files of one base URL."""
    digest = hashlib.sha256(base_url.rstrip("/").encode()).hexdigest()[:12]
    return Path(platformdirs.user_cache_dir("geocover")) / "boundaries" / digest


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
    url = f"{connection.base_url.rstrip('/')}/{commune.path}"
    fault = ""
    for _ in range(CONTENT_ATTEMPTS):
        content = _get(url, pool)
        try:
            return content, _parse(content, commune)
        except _WrongContentError as error:
            fault = str(error)
    raise DownloadError(
        f"{url}: {fault}; check the base URL or try again, what was fetched before is kept",
        vi=f"{url}: nội dung không đúng ({fault}); hãy kiểm tra địa chỉ gốc hoặc thử lại, "
        "các tệp đã tải được giữ lại",
    )


def _get(url: str, pool: urllib3.PoolManager) -> bytes:
    try:
        response = pool.request("GET", url)
    except urllib3.exceptions.HTTPError as error:
        raise DownloadError(
            f"{url}: cannot be reached ({error}); try again, what was fetched before is kept",
            vi=f"{url}: không tải được ({error}); hãy thử lại, các tệp đã tải được giữ lại",
        ) from error
    if response.status == 200:
        return bytes(response.data)
    raise DownloadError(
        f"{url}: the server answers {response.status} {response.reason or ''}; check the base URL, "
        "or try again later, what was fetched before is kept",
        vi=f"{url}: máy chủ trả lời {response.status}; hãy kiểm tra địa chỉ gốc hoặc thử lại sau, "
        "các tệp đã tải được giữ lại",
    )


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
