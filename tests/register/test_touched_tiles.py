"""A list that changes one site computes the tiles that the site reaches, and no other."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from geocover.coverage.keeping import TileStore
from geocover.crs import WGS84, transformer
from geocover.grid import Grid, Window
from geocover.io.areas import read_areas
from geocover.register import jobs
from geocover.register.computing import enqueue_compute
from geocover.register.database import Database
from geocover.register.worker import run_job
from geocover.scenario import computing
from tests.register.making import DECEMBER, SOUTH, WEST, make_accepted, make_cells
from tests.register.province import SCENARIO, make_province

RESOLUTION_M, REACH_M, TILE = 40.0, 1000.0, 32
CHANGED = 3
Tiles = set[tuple[int, int]]


@pytest.fixture
def computed(monkeypatch: pytest.MonkeyPatch) -> Tiles:
    """Rows and columns of the tiles that are computed from now on, 32 pixels wide."""
    found: Tiles = set()
    save = TileStore.save

    def noting(self: TileStore, window: Window, *rest: object) -> None:
        found.add((window.row, window.col))
        save(self, window, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(TileStore, "save", noting)
    monkeypatch.setattr(computing, "Work", functools.partial(computing.Work, tile=TILE))
    return found


@pytest.fixture
def folder(small_root: Path, tmp_path: Path) -> Path:
    """A scenario whose cells reach a kilometre."""
    return make_province(tmp_path / "data", small_root, RESOLUTION_M, REACH_M)


def compute(database: Database, folder: Path, cells: pd.DataFrame) -> None:
    """Accept a list and compute it by its job."""
    make_accepted(database, cells)
    enqueue_compute(database, folder, SCENARIO, DECEMBER, "k")
    job = jobs.claim(database, "w")
    assert job is not None
    ended = run_job(database, folder, job)
    assert (ended.state, ended.message) == ("done", "")


def sites() -> pd.DataFrame:
    """Nine cells, two of them near each other."""
    return make_cells(9, lon=[WEST + 0.008 * n for n in range(9)], lat=[SOUTH + 0.008 * n for n in range(9)])


def moved(cells: pd.DataFrame) -> pd.DataFrame:
    """Move a site by 600 m."""
    cells.loc[CHANGED, "lon"] += 0.006
    return cells


def turned(cells: pd.DataFrame) -> pd.DataFrame:
    """Change a parameter of a site, which stays where it is."""
    cells.loc[CHANGED, "azimuth_deg"] = 200.0
    return cells


def added(cells: pd.DataFrame) -> pd.DataFrame:
    """Put a site below the others."""
    new = cells.iloc[[0]].assign(
        position_id="P9", station_id="P9-4G", cell_id="P9-4G-1", lon=WEST + 0.06, row=11
    )
    return pd.concat([cells, new], ignore_index=True)


def removed(cells: pd.DataFrame) -> pd.DataFrame:
    """Take a site out of the middle."""
    return cells.drop(index=CHANGED).reset_index(drop=True)


def reached(folder: Path, *tables: pd.DataFrame) -> Tiles:
    """Tiles within the reach of any of some cells, by their distance alone."""
    grid = Grid.around(read_areas(folder / "inputs/areas.geojson"), RESOLUTION_M)
    found: Tiles = set()
    for lon, lat in {place for table in tables for place in zip(table["lon"], table["lat"], strict=True)}:
        x_m, y_m = transformer(WGS84, grid.crs).transform(lon, lat)
        right_m, down_m = x_m - grid.left_m, grid.top_m - y_m
        for window in grid.tiles(TILE):
            rows, cols = window.shape
            beside_m = _beside(right_m, window.col, cols)
            below_m = _beside(down_m, window.row, rows)
            if beside_m**2 + below_m**2 <= REACH_M**2:
                found.add((window.row, window.col))
    return found


def _beside(place_m: float, first: int, count: int) -> float:
    """How far a place is from the middles of a tile's pixels, along one axis."""
    low, high = (first + 0.5) * RESOLUTION_M, (first + count - 0.5) * RESOLUTION_M
    return max(low - place_m, 0.0, place_m - high)


@pytest.mark.parametrize("change", [moved, turned, added, removed])
def test_one_changed_site_computes_the_tiles_that_it_reaches(
    database: Database, folder: Path, computed: Tiles, change: Callable[[pd.DataFrame], pd.DataFrame]
) -> None:
    """Catches a province computed anew for one site, and a tile that is taken over though it changed."""
    old, new = sites(), change(sites())
    compute(database, folder, old)
    every = {(window.row, window.col) for window in _grid(folder).tiles(TILE)}
    assert computed == every
    computed.clear()
    compute(database, folder, new)
    merged = old.merge(new, how="outer", indicator=True)
    different = merged[merged["_merge"] != "both"]
    assert computed == reached(folder, different)
    assert 0 < len(computed) < len(every) / 4


def _grid(folder: Path) -> Grid:
    return Grid.around(read_areas(folder / "inputs/areas.geojson"), RESOLUTION_M)


def test_a_list_that_changes_nothing_computes_nothing(
    database: Database, folder: Path, computed: Tiles
) -> None:
    """Catches a correction of names or notes that costs a whole computation."""
    compute(database, folder, sites())
    computed.clear()
    compute(database, folder, sites())
    assert computed == set()
