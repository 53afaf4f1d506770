"""A server in a process of its own, as `geocover serve` starts it, that can be killed and started again."""

from __future__ import annotations

import json
import os
import signal
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

ROOT = Path(__file__).parents[1]
STARTS_WITHIN_S = 60


@dataclass
class Server:
    """A server's process, where it answers, and what it logged."""

    port: int
    log: Path
    environment: dict[str, str]
    process: subprocess.Popen[bytes] | None = None

    @property
    def origin(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    def lines(self) -> list[dict[str, Any]]:
        """Lines of the log."""
        return [json.loads(line) for line in self.log.read_text().splitlines() if line[:1] == "{"]

    def start(self) -> None:
        """Start the server in a session of its own and wait until it answers."""
        command = [sys.executable, "-m", "api.server", "--port", str(self.port)]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command, env=self.environment, cwd=ROOT, stdout=log, stderr=log, start_new_session=True
            )
        end = time.monotonic() + STARTS_WITHIN_S
        while time.monotonic() < end and self.process.poll() is None:
            try:
                httpx.get(f"{self.origin}/healthz", timeout=5).raise_for_status()
            except httpx.TransportError:
                time.sleep(0.1)
            else:
                return
        raise RuntimeError(f"the server did not start:\n{self.log.read_text(errors='replace')}")

    def kill(self, *, jobs_too: bool = True) -> None:
        """SIGKILL to the server, and to the processes of its jobs."""
        assert self.process is not None
        if jobs_too:
            os.killpg(self.process.pid, signal.SIGKILL)
        else:
            self.process.kill()
        self.process.wait(20)

    def stop(self) -> None:
        """Let the server end as a service does."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.kill()


@contextmanager
def serving(log: Path, **settings: str) -> Iterator[Server]:
    """Serve on a free port until the block ends; settings by their names without the prefix."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    told = {"LOG_LEVEL": "debug", "LOG_FORMAT": "json", **settings}
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GEOCOVER_")}
    server = Server(port, log, environment | {f"GEOCOVER_{name}": value for name, value in told.items()})
    try:
        server.start()
        yield server
    finally:
        server.stop()
