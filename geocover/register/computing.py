"""The job "compute": the register on a day, and a scenario for all else, to a published snapshot."""

from __future__ import annotations

import datetime as dt
import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from geocover.register import jobs
from geocover.register.errors import RegisterError
from geocover.register.history import lists_as_of, register_as_of
from geocover.register.runner import JOBS
from geocover.register.snapshots import Published, intend, publish
from geocover.store.snapshot import DIGEST_LENGTH, MANIFEST

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geocover.register.database import Database
    from geocover.register.jobs import Job
    from geocover.register.lists import SiteList
    from geocover.register.worker import Work
    from geocover.scenario import Scenario

SNAPSHOTS = "snapshots"
TILES = "tiles"


@dataclass(frozen=True)
class Order:
    """What is to be computed: a scenario file in the jobs' folder, a day, and the register at a moment.

    The moment is fixed when the job is asked for, so that every attempt computes the same.
    """

    scenario: str
    as_of: dt.date
    known_at: dt.datetime

    def payload(self) -> dict[str, str]:
        """As plain JSON."""
        return {name: str(value) for name, value in vars(self).items()}

    @classmethod
    def of(cls, payload: Mapping[str, str]) -> Order:
        """Return the order that gave this payload."""
        as_of, known_at = payload["as_of"], payload["known_at"]
        return cls(payload["scenario"], dt.date.fromisoformat(as_of), dt.datetime.fromisoformat(known_at))


def enqueue_compute(database: Database, folder: Path, scenario: str, as_of: dt.date, by: str) -> Job:
    """Ask for a snapshot of what the register knows now; older jobs for this scenario and day are cancelled.

    Parameters
    ----------
    database
        The register.
    folder
        Folder of scenarios, snapshots and tiles.
    scenario
        Name of a scenario file (TOML), relative to ``folder``; its own site list and date are not used.
    as_of
        Reporting date.
    by
        Id of the key that asks, or "cli".

    Raises
    ------
    RegisterError
        There is no such file inside the folder, or nothing was accepted for that day.
    """
    scenario_file(folder, scenario)
    order = Order(scenario, as_of, database.clock())
    _lists(database, order)
    return jobs.enqueue(database, jobs.COMPUTE, order.payload(), by, subject=subject_of(scenario, as_of))


def subject_of(scenario: str, day: dt.date) -> str:
    """Return the subject of the jobs that compute a scenario on a day."""
    return f"{scenario}@{day}"


def scenario_file(folder: Path, name: str) -> Path:
    """Return the path of a scenario inside a folder.

    Raises
    ------
    RegisterError
        There is no such file inside the folder.
    """
    path = (folder / name).resolve()
    if not path.is_relative_to(folder.resolve()) or path.suffix != ".toml" or not path.is_file():
        raise RegisterError(
            f"no scenario {name!r} in the server's data folder; give the name of a TOML file there",
            f"không có kịch bản {name!r} trong thư mục dữ liệu của máy chủ; hãy ghi tên một tệp TOML ở đó",
        )
    return path


def compute_register(work: Work) -> dict[str, Any]:
    """Compute and publish; gives the snapshot's name, digest and lists.

    A snapshot that stands already, of an attempt that died after writing it, is only published. Finished
    tiles are kept between jobs of one scenario and day, so that only what a new list touches is computed.
    """
    from geocover.scenario import compute
    from geocover.store import write_snapshot

    order = Order.of(work.job.payload)
    chosen = _lists(work.database, order)
    work.say("read", 0, 1)
    scenario = _scenario(work, order)
    digest = scenario.digest()
    name = f"{order.as_of.isoformat()}-{digest[:DIGEST_LENGTH]}"
    lists = tuple(one.id for one in chosen)
    intend(
        work.database,
        Published(name, order.scenario, order.as_of, digest, lists, order.known_at, work.job.id),
    )
    root = work.folder / SNAPSHOTS
    if not (root / name / MANIFEST).is_file():
        keep = work.folder / TILES / f"{Path(order.scenario).stem}-{order.as_of.isoformat()}"
        _remove_halves(root / name, keep, scenario.network.parent)
        result = compute(scenario, progress=work.say, keep=keep)
        work.say("write", 0, 1)
        write_snapshot(result, root)
    work.check()
    publish(work.database, name)
    return {"snapshot": name, "digest": digest, "lists": list(lists)}


def _remove_halves(snapshot: Path, *folders: Path) -> None:
    """Remove what attempts that died left half-written: nobody else writes this snapshot or these folders."""
    halves = list(snapshot.parent.glob(f".{snapshot.name}.*.partial"))
    for half in [*halves, *(half for folder in folders for half in folder.glob(".*.partial.*"))]:
        if half.is_dir():
            shutil.rmtree(half, ignore_errors=True)
        else:
            half.unlink(missing_ok=True)


def _lists(database: Database, order: Order) -> tuple[SiteList, ...]:
    chosen = lists_as_of(database, order.as_of, order.known_at)
    if not chosen:
        raise RegisterError(
            f"no site list was accepted for {order.as_of}; accept one first",
            f"chưa có danh sách trạm nào được duyệt cho ngày {order.as_of:%d/%m/%Y}; hãy duyệt trước",
        )
    return chosen


def _scenario(work: Work, order: Order) -> Scenario:
    """Put the register's cells, written as a canonical list, in place of the scenario's own."""
    from geocover.io.network import write_network
    from geocover.network import Network
    from geocover.scenario import read_scenario

    cells = register_as_of(work.database, order.as_of, order.known_at)
    if cells["pci"].isna().all():
        cells = cells.drop(columns="pci")
    path = work.folder / JOBS / work.job.id / f"register-{order.as_of.isoformat()}.csv"
    write_network(Network(cells, path.name), path)
    read = read_scenario(scenario_file(work.folder, order.scenario))
    return replace(read, network=path, network_crs=None, as_of=order.as_of)
