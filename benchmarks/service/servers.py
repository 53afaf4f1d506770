"""Servers as processes: started on a free port, their processor time and their memory."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.table import ROOT

STARTS_WITHIN_S, SETTLES_WITHIN_S = 90.0, 30.0
LOOK_S, IDLE = 0.5, 0.05  # seconds between looks; share of one core
KIB_A_GIB = 1024.0**2
TICKS_A_S = os.sysconf("SC_CLK_TCK")


class ServerError(Exception):
    """A server that did not start: its name and the end of what it said."""


@dataclass(frozen=True)
class Program:
    """How to start a server.

    Attributes
    ----------
    name
        What the table calls it.
    command
        With {port} and {workers} in it.
    environment
        Beside that of this process.
    ready
        Address that answers 200 once it can serve.
    beside
        Further processes that work for it, by their ids: a database.
    """

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    ready: str = "/"
    beside: tuple[int, ...] = ()


@dataclass(frozen=True)
class Server:
    """A server that runs."""

    program: Program
    workers: int
    port: int
    pid: int

    @property
    def name(self) -> str:
        """What the table calls it."""
        return self.program.name

    def cpu_s(self) -> float:
        """Processor time that all its processes took so far, with the database's."""
        return sum(cpu_s(pid) for pid in self.pids())

    def memory_gib(self) -> float:
        """Memory of all its processes, with the database's; what several share counts once (PSS)."""
        return sum(pss_gib(pid) for pid in self.pids())

    def pids(self) -> list[int]:
        """Ids of all its processes, with the database's."""
        return [one for root in (self.pid, *self.program.beside) for one in descendants(root)]


def descendants(pid: int) -> list[int]:
    """Id of a process and of all that it started and that still run."""
    found = [pid]
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            children = task.read_text(encoding="ascii").split()
        except OSError:  # the thread has ended
            continue
        found += [one for child in children for one in descendants(int(child))]
    return found


def cpu_s(pid: int) -> float:
    """Processor time of a process and of those that it waited for; 0 if it is gone."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return 0.0
    fields = text.rsplit(")", 1)[1].split()
    return sum(int(one) for one in fields[11:15]) / TICKS_A_S


def pss_gib(pid: int) -> float:
    """Proportional share of memory of a process; 0 if it is gone."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii", errors="replace")
    except OSError:
        return 0.0
    return next(float(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:")) / KIB_A_GIB


@contextmanager
def running(program: Program, workers: int, folder: Path) -> Iterator[Server]:
    """Give a server that answers; it ends with the block.

    Raises
    ------
    ServerError
        If it ends or does not answer in time.
    """
    port = free_port()
    command = [one.format(port=port, workers=workers) for one in program.command]
    log = folder / f"{program.name}-{workers}.log"
    told = {**os.environ, **{name: value.format(port=port, workers=workers) for name, value in
                             program.environment.items()}}  # fmt: skip
    with log.open("wb") as out:
        process = subprocess.Popen(
            command, cwd=ROOT, env=told, stdout=out, stderr=out, start_new_session=True
        )
    try:
        _wait(program, process, port, log)
        yield Server(program, workers, port, process.pid)
    finally:
        _end(process)


def free_port() -> int:
    """Port of loopback that nobody has."""
    with socket.create_server(("127.0.0.1", 0)) as one:
        return int(one.getsockname()[1])


def _wait(program: Program, process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    end = time.monotonic() + STARTS_WITHIN_S
    while time.monotonic() < end and process.poll() is None:
        if _status(port, program.ready) == 200:
            return
        time.sleep(0.1)
    last = log.read_text(errors="replace").strip().splitlines()[-3:] or ["no message"]
    raise ServerError(f"{program.name} did not start: {' / '.join(last)}")


def settle(server: Server) -> None:
    """Wait until a server that has just started does nothing any more: some prepare maps, or their tables."""
    end, before = time.monotonic() + SETTLES_WITHIN_S, server.cpu_s()
    while time.monotonic() < end:
        time.sleep(LOOK_S)
        now = server.cpu_s()
        if now - before <= IDLE * LOOK_S:
            return
        before = now


def _status(port: int, path: str) -> int:
    """Status of an answer; 0 where there is none."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a server and whatever it started."""
    if process.poll() is None:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(15)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def uvicorn(python: Path | str, application: str, *more: str) -> tuple[str, ...]:
    """Give the command of an application under uvicorn, without a log of requests."""
    told = ("--port", "{port}", "--workers", "{workers}", "--log-level", "warning", "--no-access-log")
    return (str(python), "-m", "uvicorn", application, *told, *more)


def ours(snapshots: Path, data: Path) -> Program:
    """Give the service over a folder of snapshots, open to everybody."""
    environment = {
        "GEOCOVER_SNAPSHOTS": str(snapshots), "GEOCOVER_DATA": str(data), "GEOCOVER_OPEN": "1",
        "GEOCOVER_LOG_LEVEL": "warning", "GEOCOVER_WORKERS": "{workers}",
    }  # fmt: skip
    command = (sys.executable, "-m", "api.server", "--port", "{port}")
    return Program("geocover", command, environment, "/readyz")


def bare() -> Program:
    """Give an application that does nothing, under the server that ours has."""
    return Program("bare ASGI", uvicorn(sys.executable, "benchmarks.service.bare:application"))


def raw() -> Program:
    """Give what is hardly a server: the ceiling of the client."""
    script = str(Path(__file__).with_name("bare.py"))
    return Program("client's ceiling", (sys.executable, script, "{port}"))
