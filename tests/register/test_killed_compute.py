"""kill -9 in the midst of a real computation: nothing accepted is lost, no half snapshot is ever offered."""

from __future__ import annotations

import datetime as dt
import functools
import os
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.settings import Settings
from geocover import store
from geocover.coverage.keeping import TileStore
from geocover.io import network as networks
from geocover.register import computing as register_computing
from geocover.register import jobs, lists
from geocover.register.computing import SNAPSHOTS, TILES, enqueue_compute
from geocover.register.database import Database, open_database
from geocover.register.snapshots import pick_up, published
from geocover.scenario import computing, read_scenario
from geocover.store import list_snapshots, open_snapshot, write_snapshot
from geocover.store.snapshot import MANIFEST
from tests.api.conftest import serve
from tests.register import children
from tests.register.making import DECEMBER, make_accepted, make_cells
from tests.register.province import SCENARIO, make_province

# One in so many statements, commits and renames is a kill; 1 for all of them, which takes two minutes.
STRIDE = int(os.environ.get("GEOCOVER_KILL_STRIDE", "9"))
POINTS = 50  # at least so many are there: else the fuse was not attached
CELLS = 4
# Moments by name: what is done, and how many times, when the process dies, before it or after it.
MOMENTS: dict[str, tuple[Any, str, int, str]] = {
    "the job begins": (register_computing, "_lists", 1, "before"),
    "the sites are written": (networks, "write_network", 1, "after"),
    "the snapshot is announced": (register_computing, "intend", 1, "after"),
    "the first tile is finished, and not kept": (TileStore, "save", 1, "before"),
    "half of the tiles are kept": (TileStore, "save", 2, "after"),
    "all is computed, nothing written": (store, "write_snapshot", 1, "before"),
    "the snapshot stands, unpublished": (store, "write_snapshot", 1, "after"),
    "it is published, the job not ended": (register_computing, "publish", 1, "after"),
}


def do_job(url: str, folder: str, burns: int, moment: str = "") -> None:
    """Do the job that waits, in four tiles; die at a point or at a moment."""
    computing.Work = functools.partial(computing.Work, tile=64)  # type: ignore[misc,assignment]
    if moment:
        die_at(*MOMENTS[moment])
    children.do_job(url, folder, burns, f"burns {burns} {moment}")


def die_at(place: Any, name: str, times: int, when: str) -> None:
    """Kill this process the n-th time that a function is called, before or after it does its work."""
    fuse, original = children.Fuse(times - 1), getattr(place, name)

    def burning(*arguments: Any, **named: Any) -> Any:
        if when == "before":
            fuse.burn()
        result = original(*arguments, **named)
        if when == "after":
            fuse.burn()
        return result

    setattr(place, name, burning)


def kill_everywhere(url: str, root: str) -> None:
    """Kill at each moment and point in turn, look, let another process take the job, and look again."""
    _warm_up(Path(root))
    days = (DECEMBER + dt.timedelta(days=number) for number in range(1000))
    for moment in MOMENTS:
        assert _kill_once(url, Path(root), next(days), -1, moment), f"nobody died when {moment}"
    burns = 0
    while _kill_once(url, Path(root), next(days), burns):
        burns += STRIDE
    assert burns > POINTS - STRIDE, burns


def _warm_up(folder: Path) -> None:
    """Load the compiled kernels and the drivers here, so that the processes that are forked have them."""
    scenario = replace(read_scenario(folder / SCENARIO), network=folder / "inputs/sites.csv", as_of=DECEMBER)
    write_snapshot(computing.compute(scenario, threads=1), folder / "warm")


def _kill_once(url: str, folder: Path, day: dt.date, burns: int, moment: str = "") -> bool:
    with open_database(url) as database:
        job = enqueue_compute(database, folder, SCENARIO, day, "k")
    killed = children.forked(do_job, url, str(folder), burns, moment)
    with open_database(url) as database:
        meant = _look(database, folder, day)
    children.forked(do_job, url, str(folder), -1)
    with open_database(url) as database:
        ended = jobs.get(database, job.id)
        assert ended.state == "done", (burns, moment, ended)
        assert ended.result is not None
        assert ended.attempts <= 1 + killed
        assert meant in (None, ended.result["digest"]), "the second attempt computed something else"
        _check_published(database, folder, day, ended.result)
    return killed


def _look(database: Database, folder: Path, day: dt.date) -> str | None:
    """What a dead job left is whole or does not show; gives the digest that it had announced."""
    accepted = lists.all_of(database, state="accepted")
    assert [len(lists.cells(database, one.id)) for one in accepted] == [CELLS]
    standing = {one.path.name: one for one in list_snapshots(folder / SNAPSHOTS)}
    shown = {one.name for one in published(database)}
    assert shown <= set(standing)
    for name in set(standing) - shown:
        standing[name].verify()
        assert pick_up(database, folder / SNAPSHOTS) == (name,)
        assert {one.as_of for one in published(database) if one.name == name} == {day}
    found = [one for one in standing.values() if one.as_of == day.isoformat()]
    return found[0].digest if found else None


def _check_published(database: Database, folder: Path, day: dt.date, result: dict[str, Any]) -> None:
    """One snapshot of the day is published, whole, with the first day's rasters, and nothing half is left."""
    of_day = [one for one in published(database, SCENARIO) if one.as_of == day]
    assert [(one.name, one.digest, list(one.lists)) for one in of_day] == [
        (result["snapshot"], result["digest"], result["lists"])
    ]
    root = folder / SNAPSHOTS
    snapshot = open_snapshot(root / result["snapshot"])
    snapshot.verify()
    first = open_snapshot(next(root.glob(f"{DECEMBER}-*")))
    assert _rasters(snapshot) == _rasters(first)
    assert not list(folder.rglob("*.partial*"))
    assert len(list((folder / TILES / f"{Path(SCENARIO).stem}-{day}").iterdir())) == 4


def _rasters(snapshot: Any) -> dict[str, str]:
    files: dict[str, str] = snapshot.manifest["files"]
    found = {name: digest for name, digest in files.items() if name.startswith("rasters/")}
    assert len(found) >= 3
    return found


def offered(client: httpx.Client, root: Path, whole: set[str]) -> None:
    """Every snapshot that the server offers is whole, and every one that stands is offered."""
    standing = {file.parent.name for file in root.glob(f"[0-9]*/{MANIFEST}")}
    found = {one["snapshot"] for one in client.get("/snapshots").raise_for_status().json()["snapshots"]}
    assert found >= standing, "a snapshot cannot be read"
    for name in found - whole:
        open_snapshot(root / name).verify()
        client.get("/communes", params={"snapshot": name}).raise_for_status()
        whole.add(name)


@pytest.mark.timeout(600)
def test_a_computation_survives_a_kill_anywhere(database_url: str, tmp_path: Path, small_root: Path) -> None:
    """Catches a list or a job that is lost, a half snapshot on offer, and a retry with other results."""
    folder = make_province(tmp_path / "data", small_root, 80.0)
    root, whole = folder / SNAPSHOTS, set[str]()
    with open_database(database_url) as database:
        make_accepted(database, make_cells(CELLS))
    process = children.start(kill_everywhere, database_url, str(folder))
    with serve(Settings(data=folder, job_slots=0, requests_per_minute=1e6)) as client:
        while process.is_alive():
            offered(client, root, whole)
            time.sleep(0.05)
        offered(client, root, whole)
    assert process.exitcode == 0
    assert len(whole) >= len(MOMENTS) + POINTS // STRIDE
