"""One position: its commune, what is received there from whom, and the gap it lies in."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import shapely
from pyproj import Geod
from pyproj.exceptions import ProjError

from geocover.coverage import ALL, ANY
from geocover.crs import WGS84, known_crs, transformer
from geocover.errors import AreasError, CrsError
from geocover.grid import Window
from geocover.io.vector import VIETNAM
from geocover.profiles import LEVEL_CLASSES
from geocover.report.answers import GAP_COLUMNS, to_json
from geocover.report.audience import seen_by
from geocover.report.coverage_answers import EVERYTHING, check_asked
from geocover.report.view import metadata
from geocover.store.certainty import KNOWN, OPEN, OPEN_WITHOUT_GROUND
from geocover.store.reading import read_pixel
from geocover.store.snapshot import ELEVATION_FILE, layer_file, open_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from numpy.typing import NDArray

    from geocover.report.audience import Audience
    from geocover.report.coverage_answers import Asked
    from geocover.store import Snapshot

ELLIPSOID = Geod(ellps="WGS84")
OPEN_WORDS = {
    KNOWN: (False, "", ""),
    OPEN: (True, "thiếu địa hình trên đường truyền", "terrain is missing on the way"),
    OPEN_WITHOUT_GROUND: (True, "thiếu địa hình tại điểm", "terrain is missing at the point"),
}
OUTSIDE = (
    "điểm nằm ngoài các xã, phường của tỉnh: chưa tính trạm của tỉnh bên",
    "the point lies outside the province's communes: stations of the neighbours are not counted",
)
NOT_OF_ALL = (
    "tại một điểm không nêu mức thu của “all”; hãy chọn any hoặc một nhà mạng",
    'there is no level of "all" at a point; choose any or one operator',
)
ASSUMED = "_assumed"
TABLES = 12  # of cells, gaps and communes, some megabytes each


class Spot(NamedTuple):
    """A position of a snapshot.

    Attributes
    ----------
    lon, lat
        Degrees, WGS 84.
    x_m, y_m
        In the grid's CRS.
    pixel
        Window of the pixel that holds it.
    """

    lon: float
    lat: float
    x_m: float
    y_m: float
    pixel: Window


def to_degrees(crs: str, x: float, y: float) -> tuple[float, float]:
    """Longitude and latitude (WGS 84) of a position, x (or longitude) first; VN-2000 through EPSG 6960.

    Raises
    ------
    CrsError
        An unknown system, or a position that it does not hold.
    """
    known = known_crs(crs, "crs")
    if not (known.is_projected or known.is_geographic):
        raise CrsError(
            f"{crs} ({known.name}) is no system of positions on the map; use for example EPSG:9208",
            f"{crs} ({known.name}) không phải hệ toạ độ phẳng hay địa lý; hãy dùng ví dụ EPSG:9208",
        )
    try:
        lon, lat = transformer(crs, WGS84).transform(x, y)
    except ProjError:  # a system that PROJ names and cannot transform
        lon = lat = math.nan
    if not (math.isfinite(lon) and math.isfinite(lat)):
        raise CrsError(
            f"{x:g}, {y:g} is no position of {crs}; x is the easting, y the northing, in metres",
            f"{x:g}, {y:g} không phải toạ độ của {crs}; x là toạ độ đông, y là toạ độ bắc, đơn vị mét",
        )
    return float(lon), float(lat)


def find_spot(snapshot: Snapshot, lon: float, lat: float) -> Spot:
    """Find the pixel of a position.

    Raises
    ------
    CrsError
        The position is outside Vietnam; where it fits with the axes swapped, that is said.
    AreasError
        The position is beside the snapshot's grid.
    """
    _check_in_vietnam(lon, lat)
    grid = snapshot.grid
    x_m, y_m = transformer(WGS84, grid.crs).transform(lon, lat)
    pixel = grid.pixel(x_m, y_m) if math.isfinite(x_m) and math.isfinite(y_m) else None
    if pixel is None:
        west, south, east, north = transformer(grid.crs, WGS84).transform_bounds(*grid.bounds_m)
        extent = f"{west:.3f}–{east:.3f}° E, {south:.3f}–{north:.3f}° N"
        raise AreasError(
            f"{lon:g}, {lat:g} is outside the computed area; choose a point within {extent}",
            f"{lon:g}, {lat:g} nằm ngoài vùng tính toán; hãy chọn điểm trong {extent}",
        )
    return Spot(lon, lat, float(x_m), float(y_m), Window(grid, *pixel, (1, 1)))


def _check_in_vietnam(lon: float, lat: float) -> None:
    west, south, east, north = VIETNAM
    if west <= lon <= east and south <= lat <= north:
        return
    swapped = west <= lat <= east and south <= lon <= north
    raise CrsError(
        f"lon={lon:g}, lat={lat:g} is outside Vietnam; "
        + ("lon and lat swapped?" if swapped else "give degrees of WGS 84, or crs, x and y"),
        f"lon={lon:g}, lat={lat:g} nằm ngoài Việt Nam; "
        + ("lon và lat bị đảo?" if swapped else "hãy nhập độ WGS 84, hoặc crs, x và y"),
    )


def point_json(
    snapshot: Snapshot, audience: Audience, lon: float, lat: float, asked: Asked = EVERYTHING
) -> bytes:
    """Tell of a position what an audience may see.

    Parameters
    ----------
    snapshot
        The whole snapshot, for the server rasters number all of its cells.
    audience
        Who asks.
    lon, lat
        Degrees, WGS 84.
    asked
        Which technologies, levels and profiles; the commune and the gaps are told whatever is asked.

    Returns
    -------
    JSON: ``point``, ``commune`` (null outside), ``inside_province``, ``technologies`` (openness and
    probability), ``levels`` (a row a technology and operator: median ``level_dbm``, ``profiles`` with
    ``covered``, ``class`` and ``level_error_db``, ``serving`` by right) and ``gaps``. Outside the communes
    and for "all" there are no levels, and ``reason_vi``, ``reason_en`` say why: beside "any" the level of
    "all" would give a rival's away where there are two operators.

    Raises
    ------
    CrsError, AreasError, ProfileError
        As `find_spot` and `check_asked`.
    """
    spot = find_spot(snapshot, lon, lat)
    seen = seen_by(snapshot, audience)
    check_asked(seen, asked)
    commune = _commune(snapshot, spot)
    head = {
        "metadata": metadata(seen),
        "point": _where(snapshot, spot),
        "inside_province": commune is not None,
        "commune": commune,
    }
    if commune is None:
        nothing: dict[str, Any] = {"technologies": [], "levels": [], "gaps": []}
        return to_json({**head, **nothing, "reason_vi": OUTSIDE[0], "reason_en": OUTSIDE[1]})
    technologies = [_openness(snapshot, technology, spot) for technology in _technologies(seen, asked)]
    sight = _Sight(snapshot, seen, spot, audience)
    levels = [row for told in technologies for row in _levels(sight, told, asked)]
    why = dict(zip(("reason_vi", "reason_en"), NOT_OF_ALL, strict=True)) if asked.operator == ALL else {}
    return to_json({**head, "technologies": technologies, "levels": levels, "gaps": _gaps(seen, spot), **why})


def _technologies(seen: Snapshot, asked: Asked) -> list[str]:
    """Technologies that are asked for: by name, by a profile of one, or all."""
    wanted = asked.technology
    if wanted is None and asked.profile is not None:
        wanted = str(seen.profiles[asked.profile]["technology"])
    return [one for one in sorted(seen.operators) if wanted in (None, one)]


def _where(snapshot: Snapshot, spot: Spot) -> dict[str, Any]:
    """Say where a position is, and how high the ground there where that is known."""
    return {
        "lon": spot.lon,
        "lat": spot.lat,
        "x_m": spot.x_m,
        "y_m": spot.y_m,
        "crs": snapshot.grid.crs,
        "resolution_m": snapshot.grid.resolution_m,
        "ground_m": read_pixel(snapshot, ELEVATION_FILE, spot.pixel),
    }


@dataclass(frozen=True)
class _Sight:
    """A position, the whole snapshot, and the snapshot as the reader may see it."""

    whole: Snapshot
    seen: Snapshot
    spot: Spot
    audience: Audience

    def told_level(self, operator: str, level_dbm: float | None) -> float | None:
        """Level as the reader may have it: the best of all by `Audience.told_level`."""
        if level_dbm is None:
            return None
        return round(self.audience.told_level(level_dbm) if operator == ANY else level_dbm, 2)


def _commune(snapshot: Snapshot, spot: Spot) -> dict[str, Any] | None:
    """Commune that holds a position; on a shared border the one that is listed first."""
    rows = _rows_at(snapshot.communes, spot)
    if not rows.size:
        return None
    return _record(snapshot, "communes", int(rows[0]), ("code", "name", "type"))


def _rows_at(table: Any, spot: Spot) -> NDArray[np.int64]:  # noqa: ANN401  GeoDataFrame is untyped
    """Numbers of the rows whose geometry holds a position, ascending."""
    return np.sort(table.sindex.query(shapely.Point(spot.lon, spot.lat), predicate="intersects"))


def _openness(snapshot: Snapshot, technology: str, spot: Spot) -> dict[str, Any]:
    """Whether anybody can say if any operator covers the pixel by the main definition, and how surely."""
    stored = read_pixel(snapshot, open_file(technology), spot.pixel)
    is_open, why_vi, why_en = OPEN_WORDS[KNOWN if stored is None else int(stored)]
    share = read_pixel(snapshot, layer_file("probability", ANY, technology), spot.pixel)
    return {
        "technology": technology,
        "profile": snapshot.main_profile(technology),
        "open": is_open,
        "why_vi": why_vi,
        "why_en": why_en,
        "share_of_locations": share,
    }


def _levels(sight: _Sight, told: Mapping[str, Any], asked: Asked) -> Iterator[dict[str, Any]]:
    """Row for "any", then for each operator that the reader may see, as far as they are asked for."""
    technology = str(told["technology"])
    definitions = [
        one
        for one in sight.whole.profiles.values()
        if one["technology"] == technology and asked.profile in (None, one["name"])
    ]
    named = bool(sight.whole.manifest["gives_level"][technology])
    for operator in (ANY, *sight.seen.operators[technology]):
        if asked.operator not in (None, operator):
            continue
        level_dbm = read_pixel(sight.whole, layer_file("level", operator, technology), sight.spot.pixel)
        yield {
            "technology": technology,
            "operator": operator,
            "level_dbm": sight.told_level(operator, level_dbm),
            "evidence": "predicted",
            "profiles": [
                _judged(one, level_dbm, is_open=bool(told["open"]), named=named) for one in definitions
            ],
            "serving": _serving(sight, operator, technology),
        }


def _judged(
    definition: Mapping[str, Any], level_dbm: float | None, *, is_open: bool, named: bool
) -> dict[str, Any]:
    """Whether a level is enough for a definition (null where that is open), and its class.

    The class is that of the level at the definition's share of locations, behind its entry loss.
    """
    level = math.nan if level_dbm is None else level_dbm
    covered = level >= definition["required_dbm"]
    known = covered or not is_open
    margin_db = definition["required_dbm"] - definition["min_rsrp_dbm"]
    number = level_class(level - margin_db, float(definition["min_rsrp_dbm"])) if covered and named else None
    words = ("", "") if number is None else LEVEL_CLASSES[number - 1][1:]
    return {
        "profile": definition["name"],
        "covered": covered if known else None,
        "required_dbm": definition["required_dbm"],
        "class": number,
        "class_vi": words[0],
        "class_en": words[1],
        "level_error_db": definition["level_error_db"],
    }


def level_class(level_dbm: float, threshold_dbm: float) -> int | None:
    """Number of the class of a level from 1 (best), see `LEVEL_CLASSES`; None below the threshold."""
    for number, (low, *_) in enumerate(LEVEL_CLASSES, start=1):
        if level_dbm >= (threshold_dbm if low is None else low):
            return number
    return None


def _serving(sight: _Sight, operator: str, technology: str) -> dict[str, Any] | None:
    cell = serving_cell(sight.whole, sight.seen, sight.spot, operator, technology)
    return None if cell is None else {**station_words(cell), **from_station(cell, sight.spot)}


def serving_cell(
    snapshot: Snapshot, seen: Snapshot, spot: Spot, operator: str, technology: str
) -> dict[str, Any] | None:
    """Find the cell that serves a position, as the server raster numbers it.

    Parameters
    ----------
    snapshot, seen
        The whole snapshot, and as the reader may see it.
    spot
        Where.
    operator
        A name, or "any": the operator with the best level there.
    technology
        "4G", "5G", ...

    Returns
    -------
    Row of ``snapshot.cells`` by column; None where nobody serves, or an operator does whose stations the
    reader may not see.
    """
    best = best_operator(snapshot, spot, technology) if operator == ANY else operator
    if best is None or best not in station_operators(seen):
        return None
    number = read_pixel(snapshot, layer_file("server", best, technology), spot.pixel)
    return None if number is None else _record(snapshot, "cells", int(number))


@lru_cache(maxsize=64)
def station_operators(seen: Snapshot) -> frozenset[str]:
    """Operators whose stations a reader may see."""
    return frozenset(map(str, seen.cells["operator"].unique()))


def best_operator(
    snapshot: Snapshot, spot: Spot, technology: str, among: frozenset[str] | None = None
) -> str | None:
    """Operator with the highest level at a position, of some or of all; None where there is none."""
    levels = {
        name: read_pixel(snapshot, layer_file("level", name, technology), spot.pixel)
        for name in snapshot.operators[technology]
        if among is None or name in among
    }
    heard = {name: level for name, level in levels.items() if level is not None}
    return max(heard, key=lambda name: heard[name]) if heard else None


def station_words(cell: Mapping[str, Any]) -> dict[str, Any]:
    """Name a cell: station, position, what was assumed of it."""
    return {
        "operator": cell["operator"],
        "technology": cell["technology"],
        "position_id": cell["position_id"],
        "station_id": cell["station_id"],
        "cell_id": cell["cell_id"],
        "lon": cell["lon"],
        "lat": cell["lat"],
        "height_m": cell["height_m"],
        "freq_mhz": cell["freq_mhz"],
        "assumed": [name.removesuffix(ASSUMED) for name in cell if name.endswith(ASSUMED) and cell[name]],
    }


def from_station(cell: Mapping[str, Any], spot: Spot) -> dict[str, float]:
    """Distance and azimuth (from north) from a cell's mast to a position, on the WGS 84 ellipsoid."""
    azimuth_deg, _, distance_m = ELLIPSOID.inv(cell["lon"], cell["lat"], spot.lon, spot.lat)
    return {"distance_km": float(distance_m) / 1000.0, "azimuth_deg": float(azimuth_deg) % 360.0}


def _gaps(seen: Snapshot, spot: Spot) -> list[dict[str, Any]]:
    """Gaps that hold a position, as far as the reader may know them."""
    return [_record(seen, "gaps", int(row), GAP_COLUMNS) for row in _rows_at(seen.gaps, spot)]


def _record(snapshot: Snapshot, table: str, row: int, names: Iterable[str] | None = None) -> dict[str, Any]:
    """Row of a table by column, None for a column it lacks; pandas gives single rows slowly."""
    columns = _columns(snapshot, table)
    chosen = columns if names is None else names
    return {name: columns[name][row] if name in columns else None for name in chosen}


@lru_cache(maxsize=TABLES)
def _columns(snapshot: Snapshot, table: str) -> dict[str, NDArray[Any]]:
    """Columns of a table but its geometry."""
    held = getattr(snapshot, table)
    return {str(name): held[name].to_numpy() for name in held if name != "geometry"}
