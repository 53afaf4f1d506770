"""Masts in a small tile for the best-server kernels, and a slow reference in float64."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from hypothesis import strategies as st

from geocover.kernels.antenna import table_gains_db
from geocover.kernels.servers import NO_LEVEL, SECTOR_COLUMNS, Place, Tile, enter, want

Array = np.ndarray[Any, Any]

TILE_SHAPE, SHAPE, CORNER, PIXEL_M = (26, 31), (20, 23), (3, 5), 100.0
FLOOR_DBM = -110.0
LAYERS, BANDS = 2, 2
FREE_DB = np.array([32.0, 43.5])
UNKNOWN_DB = -1.0
# Levels are float32 and rounded to a hundredth; patterns fall by at most 6 dB a degree here.
CLOSE_DB = 0.02


class Sector(NamedTuple):
    """A row of the table of sectors, in its order."""

    layer: int
    band: int
    number: int
    eirp: float
    azimuth: float
    tilt: float
    width_h: float
    width_v: float
    reach: float
    mechanical: float
    pattern: int
    offset: float


class Site(NamedTuple):
    """Sectors on one mast, and what is known of the paths from it."""

    sectors: tuple[Sector, ...]
    place: Place
    loss_db: Array

    def __repr__(self) -> str:
        """Short, for reports of failures."""
        return f"Site({self.sectors}, east {self.place.east[0]}, north {self.place.north[0]})"


def measured(seed: int = 3) -> Array:
    """Two patterns: smooth, unequal on both sides, up to 35 dB down."""
    generator = np.random.default_rng(seed)
    angle = np.radians(np.arange(360.0))
    cuts = np.empty((2, 2, 360), np.float32)
    for antenna in range(2):
        for cut in range(2):
            turn, skew = generator.uniform(-0.2, 0.2, 2)
            cuts[antenna, cut] = -17.0 * (1.0 - np.cos(angle + turn)) - skew * np.sin(3.0 * angle) - 0.5
    return cuts


PATTERNS = measured()


def table(sectors: tuple[Sector, ...]) -> Array:
    rows = np.array(sectors, np.float64)
    assert rows.shape == (len(sectors), SECTOR_COLUMNS)
    return rows


def place_at(right_px: float, down_px: float, drop_m: Array) -> Place:
    """The window seen from a mast so many pixels right of and below the window's first pixel."""
    rows, cols = SHAPE
    east = np.round((np.arange(cols) - right_px) * PIXEL_M)
    north = np.round((down_px - np.arange(rows)) * PIXEL_M)
    return Place(east.astype(np.float32), north.astype(np.float32), drop_m.astype(np.float32))


def empty(*, counting: bool = True, numbers: type = np.uint16) -> Tile:
    return Tile(
        np.full((LAYERS, *TILE_SHAPE), NO_LEVEL, np.int16),
        np.zeros((LAYERS, *TILE_SHAPE), numbers),
        np.full((LAYERS, *TILE_SHAPE), NO_LEVEL, np.int16),
        np.zeros((LAYERS if counting else 0, *TILE_SHAPE), np.uint16),
    )


def put(
    tile: Tile, site: Site, wanted: Array | None = None, *, count_dbm: float = -100.0, antenna: bool = True
) -> None:
    wanted = np.ones(SHAPE, np.uint8) if wanted is None else wanted
    enter(
        tile, CORNER, wanted, site.place, site.loss_db, table(site.sectors), PATTERNS, FREE_DB, FLOOR_DBM,
        count_dbm, antenna,
    )  # fmt: skip


def mark(tile: Tile, site: Site, keep_all_dbm: float = np.inf, slack_m: float = 0.0) -> Array:
    wanted = np.full(SHAPE, 7, np.uint8)
    found = want(
        wanted, tile.level, CORNER, site.place, table(site.sectors), FREE_DB, FLOOR_DBM, keep_all_dbm, slack_m
    )
    assert set(np.unique(wanted)) <= {0, 1}
    assert found == wanted.sum()
    return wanted


def inside(array: Array) -> Array:
    """Part of a tile's array that the window covers."""
    rows, cols = SHAPE
    return array[..., CORNER[0] : CORNER[0] + rows, CORNER[1] : CORNER[1] + cols]


def distance_m(site: Site) -> Array:
    return np.hypot(site.place.east.astype(float)[None], site.place.north.astype(float)[:, None])


def gain_db(site: Site, sector: Sector) -> Array:
    """Gain towards every pixel: vectors turned by matrices, patterns by their formula.

    A pixel straight under the mast is seen as one a metre north of it.
    """
    east, north = np.meshgrid(site.place.east.astype(float), site.place.north.astype(float))
    north[(east == 0.0) & (north == 0.0)] = 1.0
    drop = np.broadcast_to(site.place.drop_m.astype(float), SHAPE)
    known = not np.isnan(sector.azimuth)
    turn = np.radians(sector.azimuth) if known else np.arctan2(east, north)
    ahead, aside = east * np.sin(turn) + north * np.cos(turn), east * np.cos(turn) - north * np.sin(turn)
    tilt = np.radians(sector.mechanical)
    axial, lowered = ahead * np.cos(tilt) + drop * np.sin(tilt), drop * np.cos(tilt) - ahead * np.sin(tilt)
    off = np.degrees(np.arctan2(aside, axial))
    down = np.degrees(np.arctan2(lowered, np.hypot(aside, axial))) - sector.tilt
    if sector.pattern >= 0:
        return np.asarray(table_gains_db(off, down + sector.offset, *PATTERNS[sector.pattern]))
    side_db = np.minimum(12.0 * (off / sector.width_h) ** 2, 30.0) if known else 0.0
    return -np.minimum(side_db + np.minimum(12.0 * (down / sector.width_v) ** 2, 30.0), 30.0)


def levels_dbm(sites: list[Site], layer: int) -> tuple[Array, Array, Array]:
    """Numbers (n,), levels (n, rows, cols) without a floor (minus infinity unknown or out of reach), most."""
    numbers, levels, most = [], [], []
    for site in sites:
        metres = distance_m(site)
        for sector in site.sectors:
            if sector.layer != layer:
                continue
            loss = site.loss_db[sector.band].astype(float)
            near, gain = metres <= sector.reach, gain_db(site, sector)
            numbers.append(sector.number)
            levels.append(np.where(near & (loss >= 0.0), sector.eirp - loss + gain, -np.inf))
            free = FREE_DB[sector.band] + 20.0 * np.log10(np.maximum(metres, 1.0))
            most.append(np.where(near & (loss < 0.0), sector.eirp - free + gain, -np.inf))
    shape = (0, *SHAPE)
    return np.array(numbers), np.array(levels).reshape(-1, *shape[1:]), np.array(most).reshape(-1, *shape[1:])


def clear_of_edges(sites: list[Site], *thresholds_dbm: float) -> Array:
    """Pixels whose levels lie clear of thresholds and whose distances clear of reaches, shape ``SHAPE``."""
    clear = np.ones(SHAPE, bool)
    for layer in range(LAYERS):
        _, levels, most = levels_dbm(sites, layer)
        for dbm in thresholds_dbm:
            clear &= (np.abs(levels - dbm) > CLOSE_DB).all(axis=0) & (np.abs(most - dbm) > CLOSE_DB).all(
                axis=0
            )
    for site in sites:
        for sector in site.sectors:
            clear &= np.abs(distance_m(site) - sector.reach) > 0.01
    return clear


ANGLES = st.one_of(st.sampled_from([0.0, 90.0, 180.0, 270.0, 360.0]), st.floats(0.0, 360.0))
SECTORS = st.builds(
    Sector,
    layer=st.integers(0, LAYERS - 1),
    band=st.integers(0, BANDS - 1),
    number=st.integers(1, 9),
    eirp=st.floats(0.0, 40.0),
    azimuth=st.one_of(st.just(float("nan")), ANGLES),
    tilt=st.floats(-5.0, 15.0),
    width_h=st.floats(30.0, 120.0),
    width_v=st.floats(5.0, 30.0),
    reach=st.sampled_from([450.0, 930.0, 1_770.0, 9_999.0]),
    mechanical=st.one_of(st.just(0.0), st.floats(-10.0, 20.0)),
    pattern=st.integers(-1, 1),
    offset=st.floats(0.0, 8.0),
)


@st.composite
def sites(draw: st.DrawFn, *, least_loss: bool = False) -> Site:
    """A mast near or in the window; with `least_loss` none of its losses is below free space."""
    generator = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    varied = draw(st.booleans())
    drop = generator.uniform(-40.0, 200.0, SHAPE) if varied else np.full((1, 1), draw(st.floats(1.0, 90.0)))
    # Whole metres: a mast stands over a pixel's centre or at least a metre beside it.
    right, down = draw(st.integers(-600, 2_800)), draw(st.integers(-600, 2_500))
    place = place_at(right / PIXEL_M, down / PIXEL_M, drop)
    loss = generator.uniform(60.0, 145.0, (BANDS, *SHAPE))
    if least_loss:
        metres = np.hypot(place.east.astype(float)[None], place.north.astype(float)[:, None])
        free = FREE_DB[:, None, None] + 20.0 * np.log10(np.maximum(metres, 1.0))
        loss = free + generator.choice([0.0, 0.001, 3.0, 30.0], loss.shape)
    kind = generator.choice([0, 1, 2], SHAPE, p=[0.85, 0.1, 0.05])
    loss = np.where(kind == 1, UNKNOWN_DB, np.where(kind == 2, np.inf, loss)).astype(np.float32)
    return Site(tuple(draw(st.lists(SECTORS, min_size=1, max_size=4))), place, loss)


def numbered(chosen: list[Site]) -> list[Site]:
    """The sites, their sectors numbered from 1 in each layer."""
    counters = [0] * LAYERS
    result = []
    for site in chosen:
        sectors = []
        for sector in site.sectors:
            counters[sector.layer] += 1
            sectors.append(sector._replace(number=counters[sector.layer]))
        result.append(site._replace(sectors=tuple(sectors)))
    return result
