"""A made-up network of four operators. Nothing in it is a real station.

Positions come from `geocover.demo.positions`. Each has a host among the three large operators, whose 4G is
there; the others and Vietnamobile join hosts in towns first, at most three at a position. A part of the 4G
stations has 3G as well, the older and denser ones. 5G stands on 4G positions: 145 stations in towns before
2025-07-01, 868 in the second half of 2025 near commune centres, at operating parks and in towns; two small
communes and one park still wait for theirs. 160 4G stations are dated in that half-year too, in the hills.
Four stations in five state every parameter; the rest leave some out, as real lists do. All chance comes from
one seed, and the counts are exact.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from geocover.errors import GeocoverError
from geocover.io.csv_tables import write_csv
from geocover.network import COLUMNS

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from geocover.demo.positions import Positions

LABEL = "dữ liệu minh họa"
OPERATORS = ("Viettel", "VinaPhone", "MobiFone", "Vietnamobile")
SHORT = ("VTL", "VNP", "MBF", "VNM")
# Stations by operator, in the order of OPERATORS.
HOSTS = (1_950, 1_150, 750, 0)
JOINING_4G = (500, 400, 400, 250)
WITH_3G = (1_250, 800, 620, 200)
EARLY_5G = (75, 45, 25, 0)
LATE_5G = (485, 245, 138, 0)
LATE_4G = 160
POSITIONS = sum(HOSTS)
STATIONS = sum(HOSTS) + sum(JOINING_4G) + sum(WITH_3G) + sum(EARLY_5G) + sum(LATE_5G)

MOST_SHARED = 3
CENTRES_WITHOUT_5G = 2
STATED_IN_FULL = 0.8
UNDATED = 0.04
HALF_YEAR = (dt.date(2025, 7, 1), dt.date(2025, 12, 31))
BUILT = {
    "3G": (dt.date(2010, 1, 1), dt.date(2018, 12, 31)),
    "4G": (dt.date(2016, 7, 1), dt.date(2025, 6, 30)),
}
EARLY_5G_BUILT = (dt.date(2024, 10, 15), dt.date(2025, 6, 30))
EIRP_DBM = {"3G": (44.0, 48.0), "4G": (31.5, 34.5), "5G": (36.8, 40.8)}  # per resource element; 3G: pilot
LEFT_OUT = (
    "freq_mhz", "eirp_dbm", "height_m", "azimuth_deg", "downtilt_deg", "beamwidth_h_deg", "beamwidth_v_deg",
    "environment",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class _Stations:
    """One entry a station, arrays of shape (n,): position, operator (number), technology, date or NaT."""

    position: NDArray[np.int64]
    operator: NDArray[np.int64]
    technology: str
    on_air: NDArray[np.datetime64]


def made_up_sites(
    positions: Positions, people: NDArray[np.float64], rng: np.random.Generator
) -> pd.DataFrame:
    """Make the site list: `STATIONS` stations in canonical columns, one row a cell, all as text.

    Parameters
    ----------
    positions
        `POSITIONS` positions.
    people
        Population of each commune, shape (communes,), in the order of the areas' table.
    rng
        Source of all chance.

    Raises
    ------
    GeocoverError
        If there are too few positions for the quotas.
    """
    has_4g = _spread_4g(positions, rng)
    new_4g = _new_4g(positions, has_4g, rng)
    parts = [
        _stations_3g(positions, has_4g & ~new_4g, rng),
        _dated_4g(has_4g, new_4g, rng),
        *_stations_5g(positions, has_4g, people, rng),
    ]
    cells = pd.concat(
        [_cells(part, positions, rng) for part in parts if part.position.size], ignore_index=True
    )
    return cells.sort_values("cell_id", kind="stable", ignore_index=True)


def write_sites(cells: pd.DataFrame, path: Path) -> None:
    """Write the list as CSV, UTF-8 with a byte-order mark, every row labelled as made up."""
    write_csv(cells, path)


def _draw(
    weight: NDArray[np.float64], eligible: NDArray[np.bool_], count: int, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Draw distinct numbers with chances by weight (the first arrivals of exponential clocks), ascending."""
    if int(eligible.sum()) < count:
        raise GeocoverError(
            f"only {int(eligible.sum())} made-up positions for {count} stations",
            f"chỉ có {int(eligible.sum())} vị trí minh họa cho {count} trạm",
        )
    arrival = np.where(eligible, rng.exponential(1.0, weight.size) / weight, np.inf)
    return np.sort(np.argsort(arrival, kind="stable")[:count])


def _spread_4g(positions: Positions, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Which operator has 4G where, shape (positions, operators)."""
    has = np.zeros((len(positions), len(OPERATORS)), dtype=bool)
    hosts = rng.permutation(np.repeat(np.arange(len(OPERATORS)), HOSTS))
    has[np.arange(len(positions)), hosts] = True
    town_first = (0.03 + positions.town) ** 1.5
    for operator, count in enumerate(JOINING_4G):
        free = ~has[:, operator] & (has.sum(axis=1) < MOST_SHARED)
        has[_draw(town_first, free, count, rng), operator] = True
    return has


def _new_4g(positions: Positions, has_4g: NDArray[np.bool_], rng: np.random.Generator) -> NDArray[np.bool_]:
    """Which 4G stations came in the half-year: of one operator alone, in the hills and away from centres."""
    alone = (has_4g.sum(axis=1) == 1) & (positions.centre < 0) & ~positions.park
    outlying = (0.02 + positions.hill) ** 3 * (1.02 - positions.town) ** 3
    new = np.zeros(len(positions), dtype=bool)
    new[_draw(outlying, alone, LATE_4G, rng)] = True
    return has_4g & new[:, None]


def _stations_3g(positions: Positions, possible: NDArray[np.bool_], rng: np.random.Generator) -> _Stations:
    weight = 0.15 + positions.town
    drawn = [_draw(weight, possible[:, number], count, rng) for number, count in enumerate(WITH_3G)]
    operator = np.repeat(np.arange(len(OPERATORS)), WITH_3G)
    return _Stations(np.concatenate(drawn), operator, "3G", _old_dates("3G", operator.size, rng))


def _dated_4g(has: NDArray[np.bool_], new: NDArray[np.bool_], rng: np.random.Generator) -> _Stations:
    position, operator = np.nonzero(has)
    dates = _old_dates("4G", position.size, rng)
    late = new[position, operator]
    dates[late] = _dates(HALF_YEAR, int(late.sum()), rng)
    return _Stations(position, operator, "4G", dates)


def _stations_5g(
    positions: Positions, has_4g: NDArray[np.bool_], people: NDArray[np.float64], rng: np.random.Generator
) -> list[_Stations]:
    """5G of each operator: where it must be, then in towns; the earliest in the largest towns."""
    wanted = _wants_5g(positions, people)
    town_first = 0.08 + positions.town**1.5
    stations = []
    for operator, (early, late) in enumerate(zip(EARLY_5G, LATE_5G, strict=True)):
        there = has_4g[:, operator]
        must = there & wanted
        more = _draw(town_first, there & ~must, max(0, early + late - int(must.sum())), rng)
        position = np.sort(np.concatenate([np.flatnonzero(must)[: early + late], more]))
        dates = _dates(HALF_YEAR, position.size, rng)
        first = _draw(town_first[position] ** 2, np.ones(position.size, dtype=bool), early, rng)
        dates[first] = _dates(EARLY_5G_BUILT, early, rng)
        stations.append(_Stations(position, np.full(position.size, operator), "5G", dates))
    return stations


def _wants_5g(positions: Positions, people: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Positions at parks and at centres, but for the park farthest from towns and the smallest communes."""
    waiting = np.argsort(np.nan_to_num(people, nan=np.inf), kind="stable")[:CENTRES_WITHOUT_5G]
    wanted = positions.park | ((positions.centre >= 0) & ~np.isin(positions.centre, waiting))
    if positions.park.any():
        wanted[np.argmin(np.where(positions.park, positions.town, np.inf))] = False
    return wanted


def _dates(span: tuple[dt.date, dt.date], count: int, rng: np.random.Generator) -> NDArray[np.datetime64]:
    first, last = (np.datetime64(day, "D") for day in span)
    days = int((last - first).astype(np.int64))
    dates: NDArray[np.datetime64] = first + rng.integers(0, days, count, endpoint=True).astype(
        "timedelta64[D]"
    )
    return dates


def _old_dates(technology: str, count: int, rng: np.random.Generator) -> NDArray[np.datetime64]:
    dates = _dates(BUILT[technology], count, rng)
    dates[rng.random(count) < UNDATED] = np.datetime64("NaT")
    return dates


def _cells(stations: _Stations, positions: Positions, rng: np.random.Generator) -> pd.DataFrame:
    """Give each station its parameters and its sectors, and leave some parameters out."""
    table = _parameters(stations, positions, rng)
    sectors = np.where(rng.random(len(table)) < 0.92, 3, 2)
    start_deg = rng.integers(0, 12, len(table)) * 10
    cells = table.loc[table.index.repeat(sectors)].reset_index(drop=True)
    number = cells.groupby("station_id", sort=False).cumcount().to_numpy()
    turn_deg = np.repeat(360 // sectors, sectors) * number
    cells["azimuth_deg"] = ((np.repeat(start_deg, sectors) + turn_deg) % 360).astype(str)
    cells["cell_id"] = cells["station_id"] + "-" + pd.Series(number + 1).astype(str)
    for name, missing in _left_out(len(table), rng).items():
        cells.loc[np.repeat(missing, sectors), name] = ""
    return cells[[*COLUMNS, "note"]]


def _parameters(stations: _Stations, positions: Positions, rng: np.random.Generator) -> pd.DataFrame:
    """One row a station, values as the text of the file."""
    at, technology = stations.position, stations.technology
    low_dbm, high_dbm = EIRP_DBM[technology]
    short = np.array(SHORT)[stations.operator]
    place = np.array([f"MH-{number + 1:05d}" for number in at])
    eirp_dbm = rng.choice(np.linspace(low_dbm, high_dbm, 4), at.size)
    return pd.DataFrame(
        {
            "position_id": place,
            "station_id": [f"{one}-{who}-{technology}" for one, who in zip(place, short, strict=True)],
            "operator": np.array(OPERATORS)[stations.operator],
            "technology": technology,
            "on_air": np.where(np.isnat(stations.on_air), "", stations.on_air.astype(str)),
            "lon": [f"{value:.6f}" for value in positions.lon[at]],
            "lat": [f"{value:.6f}" for value in positions.lat[at]],
            "freq_mhz": _freq_mhz(stations, positions.town[at], rng),
            "eirp_dbm": [f"{value:.1f}" for value in eirp_dbm],
            "height_m": _height_m(positions.town[at], rng),
            "downtilt_deg": rng.integers(2, 7, at.size).astype(str),
            "beamwidth_h_deg": "65",
            "beamwidth_v_deg": "12" if technology == "5G" else "10",
            "environment": _environment(positions, at),
            "mechanical_tilt_deg": "0",
            "antenna": "",
            "note": LABEL,
        }
    )


def _freq_mhz(stations: _Stations, town: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.str_]:
    if stations.technology == "3G":
        return np.where(rng.random(town.size) < 0.3 * (1.0 - town), "900", "2100")
    if stations.technology == "4G":
        return np.where(rng.random(town.size) < 0.4 * town, "2100", "1800")
    return np.where(stations.operator == OPERATORS.index("Viettel"), "2600", "3700")


def _height_m(town: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.str_]:
    """25 to 36 m on roofs in towns, up to 48 m on masts in the country."""
    return np.rint(rng.uniform(25.0, 48.0 - 12.0 * town)).astype(np.int64).astype(str)


def _environment(positions: Positions, at: NDArray[np.int64]) -> NDArray[np.str_]:
    """Built-up in towns; woods in the hills count as suburban clutter; else open."""
    town, hill = positions.town[at], positions.hill[at]
    return np.where(town > 0.95, "urban", np.where((town > 0.6) | (hill > 0.65), "suburban", "open"))


def _left_out(count: int, rng: np.random.Generator) -> dict[str, NDArray[np.bool_]]:
    """Which stations leave which parameter out: one in five leaves at least its tilt out."""
    partial = rng.random(count) >= STATED_IN_FULL
    drawn = {name: partial & (rng.random(count) < 0.4) for name in LEFT_OUT}
    return {**drawn, "downtilt_deg": partial}
