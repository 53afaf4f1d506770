"""The server as `geocover serve` starts it, in a process of its own, with its log."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.docs.blocks import ROOT

STARTS_WITHIN_S = 60


@dataclass(frozen=True)
class Server:
    """Where it answers, and what it logged."""

    origin: str
    log: Path

    def lines(self) -> list[dict[str, Any]]:
        """Lines of the log."""
        return [json.loads(line) for line in self.log.read_text().splitlines() if line[:1] == "{"]


@contextmanager
def serving(folder: Path, log: Path, **settings: str) -> Iterator[Server]:
    """Serve a data folder; settings by their names without the prefix."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    told = {"DATA": str(folder), "LOG_LEVEL": "debug", "LOG_FORMAT": "json", **settings}
    environment = {**os.environ, **{f"GEOCOVER_{name}": value for name, value in told.items()}}
    command = [sys.executable, "-m", "api.server", "--port", str(port)]
    server = Server(f"http://127.0.0.1:{port}", log)
    with (
        log.open("wb") as written,
        subprocess.Popen(command, env=environment, cwd=ROOT, stdout=written, stderr=written) as process,
    ):
        try:
            _wait(server, process)
            yield server
        finally:
            process.terminate()
            process.wait(30)


def _wait(server: Server, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + STARTS_WITHIN_S
    while time.monotonic() < end and process.poll() is None:
        try:
            httpx.get(f"{server.origin}/healthz", timeout=5).raise_for_status()
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"the server did not start:\n{server.log.read_text(errors='replace')}")
