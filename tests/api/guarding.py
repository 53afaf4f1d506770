"""Servers as `geocover serve` runs them, in this process or in one of its own, and bytes sent by hand."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import uvicorn

from api import server
from api.app import create_app
from api.middleware import connections
from api.settings import Settings

ROOT = Path(__file__).parents[2]
STARTS_WITHIN_S = 180
ENDS_WITHIN_S = 120  # on a busy machine, where a worker has just been started


@contextmanager
def guarded(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """Run the application as `api.server` does, but for its logs and workers; gives the port."""
    monkeypatch.setattr(connections, "_settings", lambda: settings)
    told = {**server.options(settings), "log_config": None, "factory": False, "http": connections.Connection}
    listening = socket.create_server(("127.0.0.1", 0))
    one = uvicorn.Server(uvicorn.Config(create_app(settings), lifespan="off", **told))
    thread = threading.Thread(target=one.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        yield listening.getsockname()[1]
    finally:
        one.should_exit = True
        thread.join(20)
        listening.close()


def connect(port: int, receive_buffer: int | None = None) -> socket.socket:
    """A connection; a small buffer of receipt lets the server feel at once that nobody reads."""
    made = socket.socket()
    if receive_buffer is not None:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    made.settimeout(20)
    made.connect(("127.0.0.1", port))
    return made


def answer_to(port: int, *parts: bytes, pause_s: float = 0.0) -> bytes:
    """What the server says to bytes sent with pauses between them, until it closes the connection."""
    with connect(port) as made:
        for part in parts:
            try:
                made.sendall(part)
            except OSError:
                break
            time.sleep(pause_s)
        return read_all(made)


def read_all(made: socket.socket) -> bytes:
    """Everything until the server closes."""
    found = b""
    try:
        while part := made.recv(65536):
            found += part
    except OSError:
        pass
    return found


def get(path: bytes | str, *headers: str, host: str = "x") -> bytes:
    """A request as it goes over the wire; the server is asked to close afterwards."""
    raw = path if isinstance(path, bytes) else path.encode()
    lines = [b"GET " + raw + b" HTTP/1.1", b"Host: " + host.encode(), b"Connection: close"]
    return b"\r\n".join([*lines, *(one.encode() for one in headers)]) + b"\r\n\r\n"


def status_of(answer: bytes) -> int:
    """Status of an answer; 0 where there is none."""
    return int(answer.split(b" ", 2)[1]) if answer.startswith(b"HTTP/1.1 ") else 0


@dataclass
class Process:
    """A server in a process of its own, as `geocover serve` starts it."""

    origin: str
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def lines(self) -> list[str]:
        """What it logged."""
        return self.log.read_text(encoding="utf-8").splitlines()

    def stop(self) -> int:
        """End it as a service manager does; gives its exit code."""
        if self.process.poll() is None:
            self.process.terminate()
        try:
            return self.process.wait(ENDS_WITHIN_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait(10)


@contextmanager
def server_process(
    folder: Path, application: str = server.APPLICATION, *, grace_s: int = server.GRACE_S, **told: str
) -> Iterator[Process]:
    """Run the server over a folder; settings by their names without the prefix."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    told_server = f"server.APPLICATION, server.GRACE_S = {application!r}, {grace_s}"
    code = f"from api import server; {told_server}; server.main(['--port', '{port}'])"
    variables = {f"GEOCOVER_{name}": value for name, value in {"DATA": str(folder), **told}.items()}
    log = folder / "server.log"
    with log.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-c", code], cwd=ROOT, env={**os.environ, **variables}, stdout=file, stderr=file
        )
    one = Process(f"http://127.0.0.1:{port}", process, log)
    try:
        _wait(one)
        yield one
    finally:
        one.stop()


def _wait(one: Process) -> None:
    end = time.monotonic() + STARTS_WITHIN_S
    while time.monotonic() < end and one.process.poll() is None:
        try:
            httpx.get(f"{one.origin}/healthz", timeout=5).raise_for_status()
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("the server did not start:\n" + "\n".join(one.lines))
