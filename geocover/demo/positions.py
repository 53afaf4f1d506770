"""Where the made-up network stands: at commune centres, at parks, along roads and where people live.

Each kind is tried in that order; a position too near one already chosen is left out. How far apart positions
stand depends on the density of people, so that towns are dense and wooded hills nearly empty. In the hills a
position goes to the highest ground nearby, as masts do. The frame is
always 100 m, whatever the resolution of the scenario, so that the sites do not depend on it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage

from geocover.crs import WGS84, transformer
from geocover.errors import GeocoverError
from geocover.population import label_communes, spread_population

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geocover.areas import Areas
    from geocover.grid import Grid
    from geocover.places import Places
    from geocover.terrain import Terrain

FRAME_M = 100.0
NEAR_ROAD_M = 1_900.0  # between positions along a road
HILL_SLOPE_DEG = 10.0
UNKNOWN_SLOPE_DEG = 7.0  # flat would fill unknown hills with far-reaching sites
HILLY = 0.5  # from here masts stand on hilltops
HILLTOP_M = 400.0  # how far a mast is moved to higher ground
AROUND_M = 1_500.0  # what "around a position" means for density and slope


@dataclass(frozen=True, eq=False)
class Country:
    """What decides where positions go, on a frame of 100 m; all arrays of shape ``grid.shape``.

    Attributes
    ----------
    grid
        The frame.
    commune
        Row of the commune in the areas' table, -1 outside.
    town
        0 in open country to 1 in a dense town.
    hill
        0 on flat ground to 1 in steep hills; between where elevation is unknown.
    people
        People per pixel.
    height_m
        Elevation, NaN where unknown.
    """

    grid: Grid
    commune: NDArray[np.int32]
    town: NDArray[np.float64]
    hill: NDArray[np.float64]
    people: NDArray[np.float64]
    height_m: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Positions:
    """Positions of masts, arrays of shape (n,), ordered by commune, then from north to south.

    Attributes
    ----------
    lon, lat
        Degrees, six decimals.
    commune
        Row of the commune in the areas' table.
    town, hill
        As in `Country`.
    centre
        Row of the commune whose centre it serves, -1 for none.
    park
        Whether it stands at a park.
    """

    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    commune: NDArray[np.int64]
    town: NDArray[np.float64]
    hill: NDArray[np.float64]
    centre: NDArray[np.int64]
    park: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.lon)


def survey(areas: Areas, grid: Grid, terrain: Terrain, centres_m: NDArray[np.float64]) -> Country:
    """Describe the country that a network is to serve.

    Parameters
    ----------
    areas
        Communes with their population.
    grid
        Frame of 100 m.
    terrain
        Elevation on it; where it is unknown the ground counts as hilly.
    centres_m
        Commune centres in the grid's CRS, shape (communes, 2).
    """
    settlements = (centres_m[:, 0], centres_m[:, 1])
    spread = spread_population(areas, grid, settlements_xy_m=settlements, terrain=terrain)
    people = np.nan_to_num(spread.values.astype(np.float64))
    per_km2 = ndimage.gaussian_filter(people, AROUND_M / 2 / FRAME_M) * (1e6 / grid.pixel_area_m2)
    town = np.clip(np.log(np.maximum(per_km2, 1.0) / 400.0) / np.log(10.0), 0.0, 1.0)
    height_m = terrain.elevation.values.astype(np.float64)
    return Country(grid, label_communes(areas, grid), town, _hill(terrain), people, height_m)


def _hill(terrain: Terrain) -> NDArray[np.float64]:
    """Mean slope around each pixel as a part of a steep one; a part that is unknown counts as hilly."""
    slope = np.nan_to_num(terrain.slope_deg(), nan=UNKNOWN_SLOPE_DEG)
    around = ndimage.uniform_filter(slope, int(2 * AROUND_M / FRAME_M) + 1)
    hill: NDArray[np.float64] = np.clip(around / HILL_SLOPE_DEG, 0.0, 1.0)
    return hill


def choose_positions(
    country: Country,
    centres_m: NDArray[np.float64],
    parks: Places,
    roads: list[NDArray[np.float64]],
    count: int,
    rng: np.random.Generator,
) -> Positions:
    """Choose exactly ``count`` positions inside the communes.

    Parameters
    ----------
    country
        What `survey` found.
    centres_m
        Commune centres in the grid's CRS, shape (communes, 2); each gets a position.
    parks
        Industrial parks; each gets a position.
    roads
        Lines of shape (points, 2) in the grid's CRS.
    count
        How many positions.
    rng
        Source of all chance.

    Raises
    ------
    GeocoverError
        If the area has no room for so many.
    """
    chosen = _Chosen(country)
    for number, (x_m, y_m) in enumerate(centres_m):
        chosen.add(*chosen.near(x_m, y_m, 250.0, rng), centre=number)
    for x_m, y_m in _park_points(parks, country.grid):
        chosen.add(*chosen.near(x_m, y_m, 300.0, rng), park=True)
    for x_m, y_m in _road_points(roads, rng):
        chosen.try_one(x_m, y_m)
    spots = _spots_by_people(country, rng)
    for closer in (1.0, 0.7, 0.5, 0.35):
        for x_m, y_m in spots:
            if len(chosen.x_m) >= count:
                return chosen.finish(count)
            chosen.try_one(x_m, y_m, closer)
    raise GeocoverError(
        f"the communes have room for {len(chosen.x_m)} made-up positions only, not for {count}",
        f"các xã chỉ đủ chỗ cho {len(chosen.x_m)} vị trí minh họa, không đủ {count}",
    )


def _park_points(parks: Places, grid: Grid) -> NDArray[np.float64]:
    points = parks.table.to_crs(grid.crs).representative_point()
    return np.column_stack([points.x, points.y])


def _road_points(roads: list[NDArray[np.float64]], rng: np.random.Generator) -> NDArray[np.float64]:
    """Points along the roads 1.5 to 2.3 km apart, up to 150 m beside them."""
    found = []
    for line in roads:
        length_m = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])
        steps = rng.uniform(0.8, 1.2, int(length_m[-1] / NEAR_ROAD_M) + 2) * NEAR_ROAD_M
        at = np.cumsum(steps)[np.cumsum(steps) < length_m[-1]]
        along = np.column_stack([np.interp(at, length_m, line[:, axis]) for axis in (0, 1)])
        found.append(along + rng.uniform(-150.0, 150.0, along.shape))
    return np.concatenate(found) if found else np.empty((0, 2))


def _spots_by_people(country: Country, rng: np.random.Generator) -> NDArray[np.float64]:
    """Every pixel with people in an order of chance that favours many people and gentle ground."""
    grid = country.grid
    row, col = np.nonzero((country.commune >= 0) & (country.people > 0))
    weight = country.people[row, col] ** 0.5 * np.exp(-2.5 * country.hill[row, col] ** 3)
    order = np.argsort(rng.exponential(1.0, row.size) / weight, kind="stable")
    jitter = rng.uniform(0.0, 1.0, (2, row.size))
    up_row, up_col = _to_hilltop(country)
    row, col = row + up_row[row, col], col + up_col[row, col]
    x_m = grid.left_m + (col + jitter[0]) * grid.resolution_m
    y_m = grid.top_m - (row + jitter[1]) * grid.resolution_m
    return np.column_stack([x_m, y_m])[order]


def _to_hilltop(country: Country) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows and columns from each hilly pixel to the highest ground nearby, 0 elsewhere; ``grid.shape``."""
    height_m = np.nan_to_num(country.height_m, nan=-np.inf)
    highest = height_m.copy()
    up = np.zeros((2, *height_m.shape), np.int64)
    reach = int(HILLTOP_M / country.grid.resolution_m)
    padded = np.pad(height_m, reach, constant_values=-np.inf)
    rows, cols = height_m.shape
    for down in range(-reach, reach + 1):
        for right in range(-reach, reach + 1):
            there = padded[reach + down : reach + down + rows, reach + right : reach + right + cols]
            higher = (there > highest) & (country.hill > HILLY)
            highest[higher] = there[higher]
            up[:, higher] = [[down], [right]]
    return up[0], up[1]


class _Chosen:
    """The positions so far, and which pixels are too near one of them."""

    def __init__(self, country: Country) -> None:
        self.country = country
        self.x_m: list[float] = []
        self.y_m: list[float] = []
        self.centre: list[int] = []
        self.park: list[bool] = []
        self._by_km: dict[tuple[int, int], list[tuple[float, float]]] = {}

    def pixel(self, x_m: float, y_m: float) -> tuple[int, int]:
        grid = self.country.grid
        return int((grid.top_m - y_m) // grid.resolution_m), int((x_m - grid.left_m) // grid.resolution_m)

    def inside(self, x_m: float, y_m: float) -> bool:
        row, col = self.pixel(x_m, y_m)
        rows, cols = self.country.grid.shape
        return 0 <= row < rows and 0 <= col < cols and bool(self.country.commune[row, col] >= 0)

    def near(self, x_m: float, y_m: float, swing_m: float, rng: np.random.Generator) -> tuple[float, float]:
        """Move a point a little, unless that would take it out of the communes."""
        moved = (x_m + rng.uniform(-swing_m, swing_m), y_m + rng.uniform(-swing_m, swing_m))
        return moved if self.inside(*moved) else (x_m, y_m)

    def try_one(self, x_m: float, y_m: float, closer: float = 1.0) -> None:
        """Add a position where it is inside and far enough from the others."""
        if not self.inside(x_m, y_m):
            return
        row, col = self.pixel(x_m, y_m)
        town = self.country.town[row, col]
        spacing_m = closer * (1_400.0 - 1_100.0 * town)
        if self._nearest_m(x_m, y_m) >= spacing_m:
            self.add(x_m, y_m)

    def add(self, x_m: float, y_m: float, *, centre: int = -1, park: bool = False) -> None:
        self.x_m.append(x_m)
        self.y_m.append(y_m)
        self.centre.append(centre)
        self.park.append(park)
        self._by_km.setdefault((int(x_m // 1_000), int(y_m // 1_000)), []).append((x_m, y_m))

    def _nearest_m(self, x_m: float, y_m: float) -> float:
        """Distance to the nearest position within the neighbouring kilometres, else infinite."""
        i, j = int(x_m // 1_000), int(y_m // 1_000)
        squares = (self._by_km.get((i + di, j + dj), ()) for di in range(-2, 3) for dj in range(-2, 3))
        return min((math.hypot(x - x_m, y - y_m) for square in squares for x, y in square), default=np.inf)

    def finish(self, count: int) -> Positions:
        """Order the positions and look up what stands around them."""
        grid = self.country.grid
        x_m, y_m = np.array(self.x_m[:count]), np.array(self.y_m[:count])
        row, col = grid.index(x_m, y_m)
        commune = self.country.commune[row, col].astype(np.int64)
        lon, lat = transformer(grid.crs, WGS84).transform(x_m, y_m)
        order = np.lexsort((lon, -np.asarray(lat), commune))
        return Positions(
            np.round(lon, 6)[order],
            np.round(lat, 6)[order],
            commune[order],
            self.country.town[row, col][order],
            self.country.hill[row, col][order],
            np.array(self.centre[:count])[order],
            np.array(self.park[:count])[order],
        )
