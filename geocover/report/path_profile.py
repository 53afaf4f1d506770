"""The path from the serving station to a position: terrain, line of sight, first Fresnel zone, obstacle.

It explains the predicted level to a reader; the level itself is the snapshot's, computed by its model's own
rules. The geometry is that of `geocover.report.path_geometry`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from geocover.coverage import ALL, ANY, RX_HEIGHT_M
from geocover.crs import WGS84, transformer
from geocover.errors import AreasError
from geocover.grid import Window
from geocover.kernels.antenna import pattern_gains_db, tilted_direction_deg
from geocover.report.answers import to_json
from geocover.report.audience import seen_by
from geocover.report.path_geometry import (
    EARTH_KM,
    K,
    Path,
    clearance_m,
    earth_bulge_m,
    fresnel_radius_m,
    sight_line_m,
    worst_obstacle,
)
from geocover.report.point_answers import (
    best_operator,
    find_spot,
    from_station,
    serving_cell,
    station_operators,
    station_words,
)
from geocover.report.view import choose_view, metadata
from geocover.store.reading import read_part, read_pixel
from geocover.store.snapshot import ELEVATION_FILE, layer_file

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from geocover.grid import Grid
    from geocover.report.audience import Audience
    from geocover.report.point_answers import Spot
    from geocover.store import Snapshot

FREE_ENOUGH = 0.6
MOST_SAMPLES = 600
NO_TERRAIN = (
    "bản kết quả không có địa hình: mặt cắt không có độ cao",
    "the snapshot holds no terrain: the profile has no heights",
)
NO_GROUND = (
    "thiếu địa hình trên một phần đường truyền",
    "terrain is missing on part of the way",
)
CLUTTER = (
    "mô hình có tính nhà và cây, mặt cắt chỉ vẽ mặt đất",
    "the prediction counts buildings and trees, the profile draws the ground alone",
)


@dataclass(frozen=True)
class _Ends:
    """Both ends of a path as rows and columns of the grid, 0 at the centre of the first pixel."""

    start: tuple[float, float]
    end: tuple[float, float]

    @property
    def steps(self) -> int:
        """Steps of at most a pixel, as the model's own profiles have them."""
        down, right = self.end[0] - self.start[0], self.end[1] - self.start[1]
        return max(1, math.ceil(max(abs(down), abs(right))))

    def at(self, part: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Rows and columns at parts (0 to 1) of the way."""
        rows = self.start[0] + (self.end[0] - self.start[0]) * part
        return rows, self.start[1] + (self.end[1] - self.start[1]) * part


def ground_between(snapshot: Snapshot, ends: _Ends, part: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """Ground above sea level at parts of a straight way, bilinear between pixel centres.

    As `geocover.kernels.p1812_points.profile_to` reads it, which is what the model takes for a single place.

    Returns
    -------
    Metres, shape of ``part``, NaN where unknown or beside the grid; None where the snapshot has no terrain.
    """
    rows, cols = ends.at(part)
    box = _window_around(snapshot.grid, rows, cols)
    if box is None:
        return np.full(part.shape, np.nan) if ELEVATION_FILE in snapshot.manifest["files"] else None
    values = read_part(snapshot, ELEVATION_FILE, box)
    return None if values is None else _bilinear(values.astype(np.float64), rows - box.row, cols - box.col)


def _window_around(grid: Grid, rows: NDArray[np.float64], cols: NDArray[np.float64]) -> Window | None:
    """Smallest window of at least 2 x 2 pixels for interpolation at places; None beside the grid."""
    spans = []
    for at, size in ((rows, grid.shape[0]), (cols, grid.shape[1])):
        first = max(0, min(math.floor(at.min()), size - 2))
        last = min(size, max(math.floor(at.max()) + 2, first + 2))
        spans.append((first, last - first))
    (row, height), (col, width) = spans
    return Window(grid, row, col, (height, width)) if min(height, width) >= 2 else None


def _bilinear(
    values: NDArray[np.float64], rows: NDArray[np.float64], cols: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Values between the centres of four pixels; NaN beyond the pixels' outer edges."""
    top = np.clip(np.floor(rows), 0, values.shape[0] - 2).astype(int)
    left = np.clip(np.floor(cols), 0, values.shape[1] - 2).astype(int)
    down, right = rows - top, cols - left
    upper = values[top, left] * (1.0 - right) + values[top, left + 1] * right
    under = values[top + 1, left] * (1.0 - right) + values[top + 1, left + 1] * right
    beside = (np.abs(down - 0.5) > 1.0) | (np.abs(right - 0.5) > 1.0)
    return np.where(beside, np.nan, upper * (1.0 - down) + under * down)


def path_profile_json(
    snapshot: Snapshot,
    audience: Audience,
    position: tuple[float, float],
    technology: str | None = None,
    operator: str | None = None,
) -> bytes:
    """Tell of the path from the serving station to a position.

    Parameters
    ----------
    snapshot
        The whole snapshot.
    audience
        Who asks; its stations decide who may be the server.
    position
        Longitude and latitude, degrees, WGS 84.
    technology, operator
        As `geocover.report.view.choose_view`; "any" is the best of those whose stations may be seen.

    Returns
    -------
    JSON: ``station``, ``point``, ``link`` (frequency, heights, EIRP, gain, level), ``earth``, ``samples``
    (columns of at most 600 each), ``worst`` obstacle, ``line_of_sight``, ``fresnel_60_free`` (null where
    terrain is missing) and remarks.

    Raises
    ------
    CrsError, ProfileError
        Impossible position or choice.
    AreasError
        The position is beside the grid, or nobody whose stations may be seen serves it.
    """
    spot, seen = find_spot(snapshot, *position), seen_by(snapshot, audience)
    view = choose_view(seen, technology, operator)
    cell = _server(snapshot, seen, spot, (view.technology, view.operator))
    if cell is None:
        raise _nobody(view.technology, view.operator)
    return to_json({"metadata": metadata(seen), **_profile(snapshot, spot, cell)})


def _nobody(technology: str, operator: str) -> AreasError:
    of, cua = ("", "") if operator in (ANY, ALL) else (f" of {operator}", f" của {operator}")
    return AreasError(
        f"no {technology} station{of} that you may see serves this point; choose another operator, "
        "technology or point",
        f"không có trạm {technology} nào{cua} mà bạn được xem phục vụ điểm này; hãy chọn nhà mạng, công nghệ "
        "hoặc điểm khác",
    )


def _server(snapshot: Snapshot, seen: Snapshot, spot: Spot, choice: tuple[str, str]) -> dict[str, Any] | None:
    technology, operator = choice
    if operator not in snapshot.operators[technology]:
        shown = station_operators(seen) & frozenset(seen.operators[technology])
        operator = best_operator(snapshot, spot, technology, shown) or ANY
    return serving_cell(snapshot, seen, spot, operator, technology)


def _profile(snapshot: Snapshot, spot: Spot, cell: Mapping[str, Any]) -> dict[str, Any]:
    grid, way = snapshot.grid, from_station(cell, spot)
    mast = transformer(WGS84, grid.crs).transform(cell["lon"], cell["lat"])
    ends = _Ends(_row_col(grid, *mast), _row_col(grid, spot.x_m, spot.y_m))
    part = np.linspace(0.0, 1.0, ends.steps + 1)
    ground_m = ground_between(snapshot, ends, part)
    length_km = max(way["distance_km"], 0.001)
    path = Path(
        part * length_km,
        np.full(part.size, np.nan) if ground_m is None else ground_m,
        float(cell["height_m"]),
        float(snapshot.manifest["settings"].get("rx_height_m", RX_HEIGHT_M)),
        float(cell["freq_mhz"]) / 1000.0,
    )
    worst = worst_obstacle(path)
    known = bool(np.isfinite(path.ground_m).all())
    kept = _thinned(part.size, None if worst is None else int(worst["index"]))
    return {
        "station": {**station_words(cell), **way},
        "point": {"lon": spot.lon, "lat": spot.lat},
        "link": {**_link(cell, path, way), **_level(snapshot, spot, cell)},
        "earth": {"k": K, "effective_radius_km": K * EARTH_KM},
        "samples": _samples(path, ends, part, grid, kept),
        "worst": None if worst is None else _placed(worst, path, kept),
        "line_of_sight": _verdict(worst, 0.0, known=known),
        "fresnel_60_free": _verdict(worst, FREE_ENOUGH, known=known),
        **_remarks(snapshot, terrain=ground_m is not None, known=known),
    }


def _row_col(grid: Grid, x_m: float, y_m: float) -> tuple[float, float]:
    """Row and column of a position, 0 at the centre of the first pixel."""
    row, col = (grid.top_m - y_m) / grid.resolution_m, (x_m - grid.left_m) / grid.resolution_m
    return row - 0.5, col - 0.5


def _thinned(count: int, worst: int | None) -> NDArray[np.int64]:
    """Numbers of at most `MOST_SAMPLES` samples, both ends and the worst obstacle among them."""
    kept = np.unique(np.linspace(0, count - 1, min(count, MOST_SAMPLES - 1)).round().astype(np.int64))
    return kept if worst is None else np.unique(np.append(kept, worst))


def _samples(
    path: Path, ends: _Ends, part: NDArray[np.float64], grid: Grid, kept: NDArray[np.int64]
) -> dict[str, list[float]]:
    """Columns along the path; heights are above sea level, ``bulge_m`` is to be added to the ground."""
    rows, cols = ends.at(part)
    x_m, y_m = grid.left_m + (cols + 0.5) * grid.resolution_m, grid.top_m - (rows + 0.5) * grid.resolution_m
    lon, lat = transformer(grid.crs, WGS84).transform(x_m, y_m)
    columns = {
        "distance_km": (path.distance_km, 4),
        "lon": (lon, 6),
        "lat": (lat, 6),
        "ground_m": (path.ground_m, 2),
        "bulge_m": (earth_bulge_m(path.distance_km), 3),
        "line_m": (sight_line_m(path), 2),
        "fresnel_m": (fresnel_radius_m(path.distance_km, path.freq_ghz), 2),
        "clearance_m": (clearance_m(path), 2),
    }
    return {name: values[kept].round(decimals).tolist() for name, (values, decimals) in columns.items()}


def _placed(worst: dict[str, float], path: Path, kept: NDArray[np.int64]) -> dict[str, float]:
    """Say where the worst obstacle is; ``sample`` is its number among the samples told."""
    index = int(worst["index"])
    return {
        "sample": int(np.searchsorted(kept, index)),
        "distance_km": float(path.distance_km[index]),
        "ground_m": float(path.ground_m[index]),
        **{name: value for name, value in worst.items() if name != "index"},
    }


def _verdict(worst: dict[str, float] | None, least: float, *, known: bool) -> bool | None:
    """Whether the clearance is at least so many radii all the way; None where that cannot be said."""
    if worst is None:
        return True if known else None
    enough = worst["ratio"] >= least
    return enough if known or not enough else None


def _link(cell: Mapping[str, Any], path: Path, way: dict[str, float]) -> dict[str, Any]:
    """Radio of the path; EIRP and level are per resource element, the gain is towards the position."""
    gain_db = _gain_db(cell, path, way)
    return {
        "freq_mhz": float(cell["freq_mhz"]),
        "tx_height_m": path.tx_m,
        "rx_height_m": path.rx_m,
        "eirp_dbm": float(cell["eirp_dbm"]),
        "antenna_gain_db": gain_db,
        "eirp_towards_dbm": None if gain_db is None else float(cell["eirp_dbm"]) + gain_db,
        "antenna": str(cell["antenna"]) or None,
        "azimuth_deg": cell["azimuth_deg"],
        "downtilt_deg": cell["downtilt_deg"],
    }


def _level(snapshot: Snapshot, spot: Spot, cell: Mapping[str, Any]) -> dict[str, float | None]:
    """Predicted median level of the cell's operator at the pixel, of which this cell is the server."""
    name = layer_file("level", str(cell["operator"]), str(cell["technology"]))
    level_dbm = read_pixel(snapshot, name, spot.pixel)
    return {"level_dbm": None if level_dbm is None else round(level_dbm, 2)}


def _gain_db(cell: Mapping[str, Any], path: Path, way: dict[str, float]) -> float | None:
    """Gain of the sector's pattern (3GPP TR 38.901, Table 7.3-1) towards the position, at most 0 dB.

    None where a measured pattern was used, which the snapshot does not hold. Of unknown azimuth it is as
    from the front all around, as the prediction takes it.
    """
    if cell["antenna"]:
        return None
    omni = math.isnan(cell["azimuth_deg"])
    off_deg = 0.0 if omni else way["azimuth_deg"] - float(cell["azimuth_deg"])
    rise_m = float(np.nan_to_num(path.ground_m[0] - path.ground_m[-1]))
    below_deg = math.degrees(math.atan2(path.tx_m - path.rx_m + rise_m, 1000.0 * path.distance_km[-1]))
    if cell["mechanical_tilt_deg"]:
        off_deg, below_deg = tilted_direction_deg(off_deg, below_deg, float(cell["mechanical_tilt_deg"]))
    below_deg -= float(cell["downtilt_deg"])
    beam_deg = 0.0 if omni else float(cell["beamwidth_h_deg"])
    gains = pattern_gains_db(
        np.array([off_deg]), np.array([below_deg]), beam_deg, float(cell["beamwidth_v_deg"])
    )
    return float(gains[0])


def _remarks(snapshot: Snapshot, *, terrain: bool, known: bool) -> dict[str, str]:
    """What a reader must know of the drawing, in both languages."""
    told = [NO_TERRAIN] if not terrain else [NO_GROUND] if not known else []
    told += [CLUTTER] * bool(snapshot.manifest["terrain"].get("clutter"))
    vi, en = ("; ".join(one[number] for one in told) for number in (0, 1))
    return {"remark_vi": vi, "remark_en": en}
