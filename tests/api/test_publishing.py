"""A new result under load: no request fails, no answer mixes two results, whoever follows links stays on one.

What is promised across workers: each answer is of one snapshot, which it names; on one worker, so on one kept
connection, dates only go forward; two workers may differ while a look into the folder lasts; an address
with ``snapshot=`` stays on its snapshot until that is removed.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from api.settings import Settings
from api.web.turns import turn_file
from geocover.io.atomic import atomic_directory
from tests.api.guarding import Process, server_process
from tests.api.running import make_key

if TYPE_CHECKING:
    from tests.api.conftest import Serving

WORKERS = 4
READERS = 4
PATHS = (
    "/figures", "/shares", "/communes", "/places", "/gaps", "/communes.csv", "/point?lon=105.35&lat=21.35",
    "/tiles/latest/raster/outdoor-4g/any/9/405/224.png", "/tiles/latest/communes/9/405/224.mvt",
    "/tiles/latest/communes/tilejson.json",
)  # fmt: skip
BETWEEN = 30  # answers between two publications


def make_versions(small_root: Path, folder: Path) -> list[Path]:
    """Six results: the two dates in turn, each under a digest and a date of its own."""
    made = []
    for number in range(6):
        source = sorted(small_root.iterdir())[number % 2]
        target = folder / "version"
        shutil.copytree(source, target)
        manifest = json.loads((target / "manifest.json").read_text())
        manifest["digest"] = f"{number:x}" * 64
        manifest["parameters"]["as_of"] = f"2026-0{number + 1}-28"
        (target / "manifest.json").write_text(json.dumps(manifest))
        named = target.with_name(f"2026-0{number + 1}-28-{f'{number:x}' * 12}")
        target.rename(named)
        made.append(named)
    return made


def pinned(path: str, snapshot: str) -> str:
    """The address of the same of one snapshot."""
    if "/latest/" in path:
        return path.replace("latest", snapshot)
    return f"{path}{'&' if '?' in path else '?'}snapshot={snapshot}"


def without_host(response: httpx.Response) -> bytes:
    """The body, whichever server gave it."""
    return response.content.replace(response.url.netloc, b"host")


def publish(version: Path, root: Path) -> None:
    """As `geocover.store.write_snapshot` does: whole under another name, then renamed."""
    with atomic_directory(root / version.name) as temporary:
        shutil.copytree(version, temporary, dirs_exist_ok=True)


def differing(got: bytes, wanted: bytes) -> str:
    """Where two bodies part."""
    at = next((at for at, pair in enumerate(zip(got, wanted, strict=False)) if pair[0] != pair[1]), len(got))
    at = max(40, at)
    return f"from byte {at} on {got[at - 40 : at + 40]!r}, expected {wanted[at - 40 : at + 40]!r}"


@dataclass
class Readers:
    """Clients that ask as fast as they can, and note whatever is not as promised."""

    origin: str
    expected: dict[tuple[str, str], bytes]
    over: threading.Event = field(default_factory=threading.Event)
    faults: list[str] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    tags: dict[tuple[str, str], str] = field(default_factory=dict)
    asked: int = 0

    def check(self, path: str, response: httpx.Response) -> str:
        """Look at an answer; gives the name of its snapshot."""
        self.asked += 1
        told = response.headers.get("geocover-snapshot", "")
        self.seen.add(told)
        if response.status_code not in (200, 304):
            self.faults.append(f"{path}: {response.status_code} {response.text[:200]}")
            return told
        address, tag = str(response.url), response.headers["etag"]
        if self.tags.setdefault((address, tag), told) != told:
            self.faults.append(f"{path}: {tag} names {told} and {self.tags[address, tag]}")
        if response.status_code == 200 and without_host(response) != self.expected[path, told]:
            where = differing(without_host(response), self.expected[path, told])
            self.faults.append(f"{path}: not the body of {told}: {where}")
        return told

    def follow_news(self) -> None:
        """Ask for the newest on one connection, and whether it still is: it may only become newer."""
        latest = ""
        with httpx.Client(base_url=self.origin, timeout=20, follow_redirects=True) as client:
            while not self.over.is_set():
                for path in PATHS:
                    first = client.get(path)
                    again = client.get(path, headers={"If-None-Match": first.headers.get("etag", "")})
                    for told in (self.check(path, first), self.check(path, again)):
                        if told < latest:
                            self.faults.append(f"{path}: {told} after {latest}")
                        latest = told

    def stay(self) -> None:
        """Stay on the snapshot of the first answer, on a new connection, so on any worker, each time."""
        while not self.over.is_set():
            told = self.check("/shares", httpx.get(f"{self.origin}/shares", timeout=20))
            for path in PATHS:
                stayed = httpx.get(f"{self.origin}{pinned(path, told)}", timeout=20)
                if self.check(path, stayed) != told:
                    self.faults.append(f"{path}: left {told}")

    def page(self) -> None:
        """Walk through pages of features by their links: all are of one snapshot."""
        while not self.over.is_set():
            address, walked = f"{self.origin}/collections/communes/items?limit=1", set()
            while address:
                response = httpx.get(address, timeout=20)
                self.asked += 1
                if response.status_code != 200:
                    self.faults.append(f"{address}: {response.status_code} {response.text[:200]}")
                    break
                walked.add(response.headers["geocover-snapshot"])
                links = {one["rel"]: one["href"] for one in response.json()["links"]}
                address = links.get("next", "")
            if len(walked) > 1:
                self.faults.append(f"pages of {walked}")

    def wait_for(self, answers: int) -> None:
        """Wait until so many more answers have come."""
        wanted, end = self.asked + answers, time.monotonic() + 30
        while self.asked < wanted and not self.faults:
            assert time.monotonic() < end, "the readers get no answers"
            time.sleep(0.02)

    def run(self, *ways: str) -> list[threading.Thread]:
        """Begin; a reader that raises has lost an answer."""

        def safely(way: str) -> None:
            try:
                getattr(self, way)()
            except Exception as error:  # noqa: BLE001 - whatever it is, an answer was lost
                self.faults.append(f"{way}: {error!r}")

        threads = [threading.Thread(target=safely, args=(way,)) for way in ways]
        for thread in threads:
            thread.start()
        return threads


@pytest.fixture(scope="module")
def versions(small_root: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return make_versions(small_root, tmp_path_factory.mktemp("versions"))


@pytest.fixture(scope="module")
def expected(serving: Serving, versions: list[Path]) -> dict[tuple[str, str], bytes]:
    """Body of each address for each snapshot, made by a server that has no other things to do."""
    with serving(Settings(snapshots=versions[0].parent)) as client:
        return {
            (path, version.name): without_host(client.get(pinned(path, version.name)))
            for path in PATHS for version in versions
        }  # fmt: skip


def worker_that_runs_jobs(data: Path) -> int | None:
    """Process that holds the turn."""
    inode = (data / turn_file()).stat().st_ino
    locks = Path("/proc/locks").read_text(encoding="ascii")
    found = re.findall(rf"FLOCK +\w+ +WRITE (\d+) [^ ]*:{inode} ", locks)
    return int(found[0]) if found else None


def wait_for_runner(data: Path, other_than: int | None = None) -> int:
    end = time.monotonic() + 15
    while time.monotonic() < end:
        if (data / turn_file()).exists() and (found := worker_that_runs_jobs(data)) not in (None, other_than):
            assert found is not None
            return found
        time.sleep(0.1)
    raise TimeoutError("no worker runs the jobs")


@pytest.mark.timeout(280)
def test_publishing_under_load_drops_and_mixes_nothing(
    versions: list[Path], expected: dict[tuple[str, str], bytes], tmp_path: Path
) -> None:
    """Catches failed, dropped and mixed answers, a step back, links that leave their snapshot."""
    root = tmp_path / "snapshots"
    publish(versions[0], root)
    publish(versions[1], root)
    make_key(tmp_path, "admin")
    told = {"WORKERS": str(WORKERS), "SNAPSHOTS": str(root), "POLL_S": "0.2", "LOG_LEVEL": "warning"}
    with server_process(tmp_path, **told) as server:
        readers = Readers(server.origin, expected)
        pages = httpx.get(f"{server.origin}/collections", timeout=20).status_code == 200
        running = readers.run(*["follow_news", "stay"] * (READERS // 2), *["page"] * pages)
        for version in versions[2:]:
            readers.wait_for(BETWEEN)
            publish(version, root)
        readers.wait_for(BETWEEN)
        old = root / versions[0].name  # which nobody has been given since the start
        hidden = old.rename(root / f".{old.name}")
        shutil.rmtree(hidden)
        readers.wait_for(BETWEEN)
        gone = httpx.get(f"{server.origin}/shares", params={"snapshot": old.name}, timeout=20)
        readers.over.set()
        for thread in running:
            thread.join(30)
        print(f"{readers.asked} answers of {len(readers.seen)} snapshots")  # noqa: T201
        assert readers.faults == []
        assert readers.seen >= {one.name for one in versions[2:]}
        assert gone.status_code == 404
        look_after_jobs(server, tmp_path)
        assert server.stop() in (0, -signal.SIGTERM)
    assert not [line for line in server.lines if "Traceback" in line or '"ERROR"' in line]


def look_after_jobs(server: Process, data: Path) -> None:
    """One worker runs the jobs; when it is killed another does, and its place is taken."""
    first = wait_for_runner(data)
    os.kill(first, signal.SIGKILL)
    assert wait_for_runner(data, other_than=first) != first
    assert httpx.get(f"{server.origin}/readyz", timeout=20).status_code == 200
    text = httpx.get(f"{server.origin}/metrics", timeout=20).text
    counted = re.findall(r'geocover_requests_total\{method="GET",route="/shares",status="200"\} (\d+)', text)
    assert int(counted[0]) > WORKERS  # over all workers, the dead one too


def test_a_snapshot_removed_while_it_is_read_is_not_found(
    serving: Serving, versions: list[Path], tmp_path: Path
) -> None:
    """Catches a 500 where a result's files go between its choice and its reading."""
    for version in versions[:2]:
        publish(version, tmp_path)
    old = tmp_path / versions[0].name
    with serving(Settings(snapshots=tmp_path)) as client:
        assert client.get("/snapshots").status_code == 200  # both are open now, none of their tables is read
        with pytest.MonkeyPatch.context() as patch:
            from geocover.store import Snapshot

            def vanish(self: Snapshot, name: str) -> None:
                if old.exists():
                    shutil.rmtree(old)
                raise FileNotFoundError(f"{self.path}/tables/{name}.parquet")

            patch.setattr(Snapshot, "_geo_table", vanish)
            patch.setattr(Snapshot, "_table", vanish)
            response = client.get("/communes", params={"snapshot": old.name})
            assert response.status_code == 404, response.text
            assert client.get("/communes").status_code == 500  # what is missing in one on offer is a failure
