"""From the register to a published snapshot, by the real computation on a small place."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from geocover.register import jobs, lists
from geocover.register.computing import Order, compute_register, enqueue_compute
from geocover.register.database import Database
from geocover.register.errors import RegisterError
from geocover.register.snapshots import Published, current, intend, pick_up, publish, published
from geocover.register.worker import Work, run_job
from geocover.store import open_snapshot
from tests.register.making import DECEMBER, JUNE, make_accepted, make_cells

SCENARIO = """
[scenario]
name = "Phú Thọ thử"
province_code = "25"
as_of = 2020-01-01
resolution_m = 400.0

[inputs]
areas = "inputs/areas.geojson"
network = "not-there.csv"
network_crs = "EPSG:9208"
"""


@pytest.fixture
def folder(small_root: Path, tmp_path: Path) -> Path:
    """A folder with a scenario of four communes; its own site list is not there."""
    inputs = small_root.with_name(f"{small_root.name}-inputs")
    (tmp_path / "inputs").symlink_to(inputs)
    (tmp_path / "province.toml").write_text(SCENARIO, encoding="utf-8")
    return tmp_path


def run(database: Database, folder: Path) -> jobs.Job:
    job = jobs.claim(database, "w")
    assert job is not None
    return run_job(database, folder, job)


def test_the_register_becomes_a_snapshot(database: Database, folder: Path) -> None:
    """Catches a snapshot of other cells, another day, or without word of the lists it stands on."""
    june = make_accepted(database, make_cells(2, pci=[1, 2]), JUNE)
    other = make_accepted(database, make_cells(1, "MobiFone", lat=21.33), DECEMBER)
    job = enqueue_compute(database, folder, "province.toml", DECEMBER, "k")
    ended = run(database, folder)
    assert (ended.id, ended.state, ended.message) == (job.id, "done", "")
    assert ended.result is not None
    found = current(database, "province.toml", DECEMBER)
    assert found is not None
    assert (found.name, set(found.lists)) == (ended.result["snapshot"], {june.id, other.id})
    snapshot = open_snapshot(folder / "snapshots" / found.name)
    snapshot.verify()
    assert (snapshot.as_of, snapshot.digest) == ("2025-12-31", found.digest)
    assert snapshot.manifest["counts"]["by_operator"]["Viettel"]["cells"] == 2
    assert snapshot.cells["eirp_dbm_assumed"].all()
    assert not snapshot.cells["height_m_assumed"].any()
    assert ended.heartbeat_at is not None


def test_a_second_attempt_computes_the_same_and_does_not_compute_it_twice(
    database: Database, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Catches a retry that reads a newer register, and one that computes what stands already."""
    make_accepted(database, make_cells(2))
    enqueue_compute(database, folder, "province.toml", DECEMBER, "k")
    job = jobs.claim(database, "w")
    assert job is not None
    first = compute_register(Work(database, folder, job))
    make_accepted(database, make_cells(3))
    monkeypatch.setattr("geocover.scenario.compute", None)
    assert compute_register(Work(database, folder, job)) == first
    assert len(published(database)) == 1


def test_a_snapshot_that_could_not_be_written_is_not_published(
    database: Database, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Catches a snapshot that is announced before it stands: the disk is full at the end of the work."""
    make_accepted(database)
    enqueue_compute(database, folder, "province.toml", DECEMBER, "k")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("geocover.store.write_snapshot", full)
    ended = run(database, folder)
    assert (ended.state, ended.result) == ("failed", None)
    assert "No space left" in ended.message_vi
    assert published(database) == ()
    assert pick_up(database, folder / "snapshots") == ()


def test_the_snapshot_that_knows_more_is_current(database: Database, folder: Path) -> None:
    """Catches an older job that ends last and takes the newer one's place."""
    moment = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    old = Published("2025-12-31-a", "s", DECEMBER, "a", ("1",), moment)
    new = Published("2025-12-31-b", "s", DECEMBER, "b", ("2",), moment + dt.timedelta(seconds=1))
    for one in (old, new):
        intend(database, one)
    assert current(database, "s", DECEMBER) is None
    publish(database, new.name)
    publish(database, old.name)
    found = current(database, "s", DECEMBER)
    assert found is not None
    assert found.name == new.name
    assert current(database, "s", JUNE) is None
    intend(database, Published("2025-12-31-b", "s", DECEMBER, "b", ("0",), moment))
    assert published(database, "s")[-1].lists == ("2",)
    intend(database, Published("2025-12-31-a", "s", DECEMBER, "a", ("3",), moment + dt.timedelta(days=1)))
    again = current(database, "s", DECEMBER)
    assert again is not None
    assert (again.name, again.lists) == ("2025-12-31-a", ("3",))


def test_a_newer_list_makes_an_older_job_step_back(database: Database, folder: Path) -> None:
    """Catches a job of the superseded list that goes on beside that of the new one."""
    make_accepted(database, make_cells(2))
    first = enqueue_compute(database, folder, "province.toml", DECEMBER, "k")
    correction = make_accepted(database, make_cells(3))
    second = enqueue_compute(database, folder, "province.toml", DECEMBER, "k")
    assert jobs.get(database, first.id).state == "cancelled"
    assert run(database, folder).id == second.id
    found = current(database, "province.toml", DECEMBER)
    assert found is not None
    assert found.lists == (correction.id,)
    assert [one.state for one in lists.all_of(database)] == ["accepted", "superseded"]


def test_snapshots_made_elsewhere_are_picked_up_once(database: Database, small_root: Path) -> None:
    """Catches finished snapshots that nobody sees after a restart, or that are registered twice."""
    names = pick_up(database, small_root)
    assert len(names) == 2
    assert [one.name for one in published(database, "")] == list(names)
    assert [one.as_of for one in published(database)] == [JUNE, DECEMBER]
    assert pick_up(database, small_root) == ()


@pytest.mark.parametrize("name", ["../province.toml", "/etc/passwd", "absent.toml", "inputs", ""])
def test_scenarios_outside_the_folder_are_refused(database: Database, folder: Path, name: str) -> None:
    """Catches a file of the server read on a client's word."""
    make_accepted(database)
    with pytest.raises(RegisterError, match="no scenario"):
        enqueue_compute(database, folder / "inputs" if name.startswith("..") else folder, name, DECEMBER, "k")


def test_a_day_without_lists_is_refused_at_once(database: Database, folder: Path) -> None:
    """Catches a job that fails minutes later."""
    make_accepted(database, as_of=DECEMBER)
    with pytest.raises(RegisterError, match="no site list"):
        enqueue_compute(database, folder, "province.toml", JUNE, "k")


def test_an_order_comes_back_from_its_payload() -> None:
    """Catches a moment that loses its zone or microseconds on the way through JSON."""
    order = Order("a.toml", JUNE, dt.datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=dt.UTC))
    assert Order.of(order.payload()) == order
