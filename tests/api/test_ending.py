"""The end of the server: what is under way ends whole, nothing new begins, nothing is left behind."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI, Response
from fastapi.responses import StreamingResponse

from api.app import create_app
from api.settings import Settings
from geocover.register import jobs
from geocover.register.database import open_database
from geocover.register.jobs import Job
from tests.api.guarding import ROOT, Process, server_process
from tests.api.running import bearer, make_csv, make_key, upload, wait_for_job

SLOW = "tests.api.test_ending:create"
SLOW_S = 2.0
KINDS = ("thread", "parts")
PARTS, PART = 20, b"x" * 4096
BEGUN = "begun"
WORKERS = 4
ROWS = 3000
ASKED = "/figures"
PAUSE_S = 0.02  # of a reader, so that the server has time for others
TOLD = {"POLL_S": "0.1", "LOG_LEVEL": "warning"}


def create() -> FastAPI:
    """The application with addresses that take their time, in a thread or in parts, and note that."""
    app, folder = create_app(), Settings().data

    def begin(kind: str) -> None:
        with (folder / BEGUN).open("a", encoding="ascii") as file:
            file.write(f"{kind}\n")

    @app.get("/slow/thread", include_in_schema=False)
    def thread(seconds: float) -> Response:
        begin("thread")
        time.sleep(seconds)
        return Response(PARTS * PART)

    @app.get("/slow/parts", include_in_schema=False)
    async def parts(seconds: float) -> Response:
        async def each() -> AsyncIterator[bytes]:
            begin("parts")
            for _ in range(PARTS):
                await asyncio.sleep(seconds / PARTS)
                yield PART

        return StreamingResponse(each(), media_type="application/octet-stream")

    return app


def processes_of(folder: Path) -> dict[int, str]:
    """Processes that were told this folder, and what they run: the server, its workers, its jobs."""
    found = {}
    for one in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if f"GEOCOVER_DATA={folder}\0".encode() in (one / "environ").read_bytes():
                found[int(one.name)] = (one / "cmdline").read_bytes().replace(b"\0", b" ").decode()
    return found


def workers_of(folder: Path) -> set[int]:
    """Of these, those that serve."""
    return {one for one, command in processes_of(folder).items() if "spawn_main" in command}


def wait_until(true: Callable[[], object], within_s: float, what: str) -> None:
    """Wait until something is so."""
    end = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < end, what
        time.sleep(0.05)


@dataclass
class Slow:
    """Requests that take their time."""

    origin: str
    folder: Path
    ended: list[str] = field(default_factory=list)
    threads: list[threading.Thread] = field(default_factory=list)

    def begin(self, each: int, seconds: float = SLOW_S) -> None:
        """Ask so often for each kind, and wait until the server is at work for all."""
        (self.folder / BEGUN).write_text("")
        for kind in KINDS * each:
            thread = threading.Thread(target=self._ask, args=(kind, seconds), daemon=True)
            self.threads.append(thread)
            thread.start()
        wait_until(lambda: self._begun() == len(KINDS) * each, 30, "not all requests began")

    def _begun(self) -> int:
        return len((self.folder / BEGUN).read_text().splitlines())

    def _ask(self, kind: str, seconds: float) -> None:
        try:
            response = httpx.get(f"{self.origin}/slow/{kind}?seconds={seconds}", timeout=30)
        except httpx.TransportError as error:
            self.ended.append(f"{kind}: {error!r}")
        else:
            whole = response.status_code == 200 and response.content == PARTS * PART
            self.ended.append("whole" if whole else f"{kind}: {response.status_code}")

    def join(self) -> list[str]:
        """How all ended."""
        for thread in self.threads:
            thread.join(30)
        return self.ended


@dataclass
class Load:
    """Readers that ask again and again, half of them on kept connections, until they are refused."""

    origin: str
    body: bytes = b""
    faults: list[str] = field(default_factory=list)
    answered: int = 0
    threads: list[threading.Thread] = field(default_factory=list)

    def begin(self, readers: int) -> None:
        """Begin, and wait until they are answered."""
        self.body = httpx.get(f"{self.origin}{ASKED}", timeout=20).content
        for times in (1, 1000) * (readers // 2):
            self.threads.append(threading.Thread(target=self._read, args=(times,), daemon=True))
            self.threads[-1].start()
        self.go_on(10 * readers)

    def go_on(self, answers: int) -> None:
        """Wait for so many more answers."""
        wanted = self.answered + answers
        wait_until(lambda: self.answered >= wanted or self.faults, 30, "the readers get no answers")

    def _read(self, times: int) -> None:
        while True:
            try:
                with httpx.Client(base_url=self.origin, timeout=20) as client:
                    for _ in range(times):
                        self._ask(client)
                        time.sleep(PAUSE_S)
            except httpx.ConnectError:
                return
            except httpx.TransportError:
                pass  # closed or reset before an answer began: who ends need not read what is in the line

    def _ask(self, client: httpx.Client) -> None:
        with client.stream("GET", ASKED) as response:
            try:
                body = response.read()
            except httpx.TransportError as error:
                self.faults.append(f"half an answer: {error!r}")
                raise
        if (response.status_code, body) not in ((200, self.body), (503, body)):
            self.faults.append(f"{response.status_code}: {body[:100]!r}")
        self.answered += 1

    def join(self) -> list[str]:
        """What was amiss."""
        for thread in self.threads:
            thread.join(30)
        return self.faults


@dataclass
class Listener:
    """A page that watches a job."""

    address: str
    token: str
    told: list[str] = field(default_factory=list)
    thread: threading.Thread = field(init=False)

    def begin(self) -> None:
        """Listen, and wait for the first event."""
        self.thread = threading.Thread(target=self._listen, daemon=True)
        self.thread.start()
        wait_until(lambda: "event: progress" in self.told, 20, "no event")

    def _listen(self) -> None:
        with httpx.stream("GET", self.address, headers=bearer(self.token), timeout=60) as response:
            self.told.extend(response.iter_lines())
        self.told.append("whole")  # it ended as a whole answer does


def refuses(server: Process) -> bool:
    """Whether nobody can connect any more."""
    try:
        socket.create_connection(("127.0.0.1", httpx.URL(server.origin).port or 0), timeout=1).close()
    except ConnectionRefusedError:
        return True
    return False


def job_in(folder: Path, job_id: str) -> Job:
    """A job as it stands in the register."""
    with open_database(folder=folder) as database:
        return jobs.get(database, job_id)


def ask_for_job(server: Process, token: str) -> str:
    """Upload a list; gives its job when that runs."""
    with httpx.Client(base_url=server.origin, timeout=30) as client:
        job: str = upload(client, token, make_csv(ROWS), operator="Viettel").json()["job"]
        address = f"/jobs/{job}"
        wait_until(
            lambda: client.get(address, headers=bearer(token)).json()["state"] == "running", 30, "no job"
        )
    return job


def end_under_load(server: Process, folder: Path, load: Load) -> float:
    """SIGTERM while requests are under way; gives how long the server took to be gone."""
    slow = Slow(server.origin, folder)
    slow.begin(3)
    began = time.monotonic()
    server.process.terminate()
    wait_until(lambda: refuses(server), 1.5, "connections are taken that nobody will answer")
    assert server.process.poll() is None, "it did not wait for what is under way"
    assert server.process.wait(40) == 0
    took = time.monotonic() - began
    assert slow.join() == ["whole"] * 6
    assert load.join() == []
    wait_until(lambda: not processes_of(folder), 5, f"left behind: {processes_of(folder)}")
    amiss = [line for line in server.lines if "Traceback" in line or '"ERROR"' in line]
    assert not amiss
    return took


@pytest.mark.timeout(280)
def test_what_is_under_way_ends_whole_and_a_job_goes_on_with_the_next_server(
    small_root: Path, tmp_path: Path
) -> None:
    """Catches cut answers, connections taken and never answered, a failure for an exit code, and a lost job.

    Also a stream of events that holds the end up, and processes of jobs that outlive their server.
    """
    token, told = make_key(tmp_path, "planner"), {"SNAPSHOTS": str(small_root), **TOLD}
    with server_process(tmp_path, SLOW, WORKERS=str(WORKERS), **told) as server:
        load = Load(server.origin)
        load.begin(4)
        job = ask_for_job(server, token)
        listener = Listener(f"{server.origin}/jobs/{job}/events", token)
        listener.begin()
        assert end_under_load(server, tmp_path, load) < 3 * SLOW_S
        listener.thread.join(10)
        assert listener.told[-1] == "whole"
        assert "event: end" not in listener.told
    left = job_in(tmp_path, job)
    assert (left.state, left.attempts) == ("queued", 0)
    with server_process(tmp_path, SLOW, **told) as server:
        with httpx.Client(base_url=server.origin, timeout=30) as client:
            assert wait_for_job(client, token, job)["state"] == "done"
        load = Load(server.origin)
        load.begin(4)
        end_under_load(server, tmp_path, load)


def test_what_takes_longer_than_the_grace_is_given_up(small_root: Path, tmp_path: Path) -> None:
    """Catches a server that one endless request keeps from ending, also where a thread is at work for it."""
    with server_process(tmp_path, SLOW, grace_s=1, SNAPSHOTS=str(small_root), **TOLD) as server:
        slow = Slow(server.origin, tmp_path)
        slow.begin(1, seconds=100)
        began = time.monotonic()
        assert server.stop() == 0
        assert 1 <= time.monotonic() - began < 5
        assert "whole" not in slow.join()
    assert not processes_of(tmp_path)


@pytest.mark.timeout(280)
def test_one_worker_ends_and_the_service_goes_on_and_none_outlives_the_parent(
    small_root: Path, tmp_path: Path
) -> None:
    """Catches requests lost with a worker that is told to end, a place left empty, workers without parent."""
    told = {"SNAPSHOTS": str(small_root), "WORKERS": str(WORKERS), **TOLD}
    with server_process(tmp_path, SLOW, **told) as server:
        wait_until(lambda: len(workers_of(tmp_path)) == WORKERS, 30, "workers are missing")
        before, load = workers_of(tmp_path), Load(server.origin)
        load.begin(4)
        slow = Slow(server.origin, tmp_path)
        slow.begin(2 * WORKERS)  # so every worker is at work, more likely than not
        os.kill(min(before), signal.SIGTERM)
        assert slow.join() == ["whole"] * 4 * WORKERS
        wait_until(lambda: len(workers_of(tmp_path) - before) == 1, 60, "nobody takes the place")
        assert len(workers_of(tmp_path)) == WORKERS
        load.go_on(100)
        assert not load.faults
        server.process.kill()
        assert load.join() == []
        wait_until(lambda: not processes_of(tmp_path), 20, f"without parent: {processes_of(tmp_path)}")


def test_a_worker_that_dies_while_it_is_asked_is_replaced_at_once(small_root: Path, tmp_path: Path) -> None:
    """Catches a parent that waits a minute for the answer of a worker that is gone, and cannot end either."""
    with server_process(tmp_path, SNAPSHOTS=str(small_root), WORKERS="2"):
        wait_until(lambda: len(workers_of(tmp_path)) == 2, 60, "no workers")
        before = workers_of(tmp_path)
        os.kill(min(before), signal.SIGSTOP)
        time.sleep(3)  # so that the parent, which asks twice a second, waits for it
        os.kill(min(before), signal.SIGKILL)
        wait_until(lambda: len(workers_of(tmp_path) - before) == 1, 30, "nobody takes the place")


def test_a_worker_that_is_still_starting_does_not_outlive_the_parent_either(tmp_path: Path) -> None:
    """Catches workers that looked for their parent too late and keep the port for ever."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    told = {"GEOCOVER_DATA": str(tmp_path), "GEOCOVER_WORKERS": "2"}
    command = [sys.executable, "-m", "api.server", "--port", str(port)]
    parent = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **told}, stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: len(workers_of(tmp_path)) == 2, 60, "no workers")
    finally:
        parent.kill()
        parent.wait(20)
    wait_until(lambda: not processes_of(tmp_path), 60, f"without parent: {processes_of(tmp_path)}")
