"""Finished tiles on disk: taken over, continued, and never trusted when they should not be."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from geocover.coverage import Coverage, Work, predict, predicting
from geocover.coverage.keeping import SUFFIX
from geocover.coverage.sites import Site
from geocover.coverage.tiles import Filling
from geocover.network import Network
from geocover.propagation import P1812
from geocover.terrain import Terrain
from tests.coverage.cases import HILLS, INNER, MODEL, Array, assert_same, network_of, random_rows, with_hole

ROOT = Path(__file__).resolve().parents[2]
REACH_M, TILE = 2_000.0, 16
NETWORK = network_of(random_rows(np.random.default_rng(14), 20))
TILES = len(list(INNER.tiles(TILE)))

Entered = list[tuple[int, int]]


@pytest.fixture
def entered(monkeypatch: pytest.MonkeyPatch) -> Entered:
    """Windows into which any site was entered: tiles that were computed, not loaded."""
    seen: Entered = []
    original = predicting.enter_site

    def count(filling: Filling, site: Site) -> None:
        seen.append((filling.window.row, filling.window.col))
        original(filling, site)

    monkeypatch.setattr(predicting, "enter_site", count)
    return seen


def run(
    folder: Path | None, network: Network = NETWORK, terrain: Terrain = HILLS, **changes: object
) -> Coverage:
    settings = {"model": MODEL, "grid": INNER, "max_reach_m": REACH_M, **changes}
    return predict(network, terrain, work=Work(threads=2, tile=TILE, keep=folder), **settings)  # type: ignore[arg-type]


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def changed(**values: object) -> Network:
    """The network with one cell changed."""
    cells = NETWORK.cells.copy()
    for name, value in values.items():
        cells.loc[3, name] = value
    return replace(NETWORK, cells=cells)


def test_a_second_run_computes_nothing(tmp_path: Path, entered: Entered) -> None:
    """Catches tiles that are written and never found, and tiles that are found and differ."""
    plain = run(None)
    first = run(tmp_path)
    assert len(names(tmp_path)) == TILES
    assert len(set(entered)) == TILES
    entered.clear()
    again = run(tmp_path)
    assert not entered
    assert_same(first, plain)
    assert_same(again, plain)


def test_holes_and_counts_come_back_too(tmp_path: Path, entered: Entered) -> None:
    """Catches arrays of a tile that are not kept."""
    terrain = with_hole()
    first = run(tmp_path, terrain=terrain, count_dbm=-100.0)
    assert first.possible("any", "4G") is not None
    entered.clear()
    assert_same(run(tmp_path, terrain=terrain, count_dbm=-100.0), first)
    assert not entered


DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda _: b"",
    "cut": lambda data: data[: len(data) // 2],
    "text": lambda _: b"not a tile",
    "turned": lambda data: data[:300] + bytes([data[300] ^ 0xFF]) + data[301:],
}


@pytest.mark.parametrize("how", DAMAGE)
def test_a_damaged_tile_is_computed_anew(tmp_path: Path, entered: Entered, how: str) -> None:
    """Catches a traceback, or wrong levels, from a file that a full disk or a broken copy left behind."""
    first = run(tmp_path)
    target = tmp_path / names(tmp_path)[5]
    whole = target.read_bytes()
    target.write_bytes(DAMAGE[how](whole))
    entered.clear()
    assert_same(run(tmp_path), first)
    assert len(set(entered)) == 1
    assert target.read_bytes() == whole


def test_a_changed_cell_recomputes_the_tiles_in_its_reach_alone(tmp_path: Path, entered: Entered) -> None:
    """Catches a name that forgets a value of a cell, and a change that costs the whole province."""
    run(tmp_path)
    other = changed(azimuth_deg=77.0)
    entered.clear()
    found = run(tmp_path, other)
    computed = set(entered)
    x_m, y_m = (float(axis[3]) for axis in NETWORK.xy_m(INNER.crs))
    near = {(w.row, w.col) for w in INNER.tiles(TILE) if w.around(x_m, y_m, REACH_M)}
    assert computed == near
    assert 0 < len(near) < TILES
    assert_same(found, run(None, other))


@pytest.mark.parametrize(
    "change",
    [
        {"model": P1812(delta_n=60.0)},
        {"max_reach_m": 1_900.0},
        {"count_dbm": -99.0},
        {"terrain": replace(HILLS, elevation=replace(HILLS.elevation, values=HILLS.elevation.values + 1.0))},
    ],
    ids=["model", "reach", "count", "terrain"],
)
def test_another_computation_takes_over_nothing(
    tmp_path: Path, entered: Entered, change: dict[str, object]
) -> None:
    """Catches a tile taken over although the model, the terrain or the settings are others."""
    run(tmp_path)
    entered.clear()
    found = run(tmp_path, **change)  # type: ignore[arg-type]
    assert len(set(entered)) == TILES
    assert_same(found, run(None, **change))  # type: ignore[arg-type]


def test_only_used_tiles_stay(tmp_path: Path) -> None:
    """Catches a folder that grows with every change, and one that loses what is not a tile."""
    run(tmp_path)
    old = set(names(tmp_path))
    (tmp_path / "notes.txt").write_text("mine")
    run(tmp_path, changed(eirp_dbm=3.0))
    new = set(names(tmp_path)) - {"notes.txt"}
    assert len(new) == TILES
    assert 0 < len(new & old) < TILES
    assert all(name.endswith(SUFFIX) for name in new)
    assert (tmp_path / "notes.txt").read_text() == "mine"


SLOW = """
import sys, time
from pathlib import Path
from typing import Any
from geocover.coverage.keeping import TileStore
from tests.coverage import test_keeping as case
save = TileStore.save
def slow(*args):
    save(*args)
    time.sleep(0.4)
TileStore.save = slow
case.run(Path(sys.argv[1]))
"""


def test_a_killed_run_is_continued(tmp_path: Path, entered: Entered) -> None:
    """Catches half-written tiles, and all work lost, when the machine stops in the middle."""
    folder = tmp_path / "tiles"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen([sys.executable, "-c", SLOW, str(folder)], cwd=ROOT, env=environment) as process:
        deadline = time.monotonic() + 120
        while not (folder.is_dir() and len(list(folder.glob(f"*{SUFFIX}"))) >= 4):
            assert process.poll() is None, "the run ended before it was killed"
            assert time.monotonic() < deadline
            time.sleep(0.02)
        process.send_signal(signal.SIGKILL)
        process.wait()
    there = len(list(folder.glob(f"*{SUFFIX}")))
    assert 4 <= there < TILES
    found = run(folder)
    assert len(set(entered)) == TILES - there
    assert len(names(folder)) == TILES
    entered.clear()
    assert_same(found, run(None))


def test_progress_counts_loaded_tiles_too(tmp_path: Path) -> None:
    """Catches a bar that stands still, or ends early, where tiles are taken over."""
    for _ in range(2):
        seen: list[tuple[int, int]] = []
        work = Work(tile=TILE, keep=tmp_path, progress=lambda *at, seen=seen: seen.append(at))
        predict(NETWORK, HILLS, model=MODEL, grid=INNER, max_reach_m=REACH_M, work=work)
        assert seen == [(done, TILES) for done in range(1, TILES + 1)]


def test_what_is_kept_is_what_is_read(tmp_path: Path) -> None:
    """Catches a test above that compares two wrong things: levels differ from place to place."""
    level: Array = run(tmp_path).results["A", "4G"].level
    assert np.unique(level).size > 500
