"""A server in a process of its own over a folder, that can be killed, and clients with keys for it."""

from __future__ import annotations

import csv
import datetime as dt
import io
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from geocover.register.database import open_database
from geocover.register.keys import NewKey, add_key

ROOT = Path(__file__).parents[2]
STARTS_WITHIN_S = 60
ENDED = ("done", "failed", "cancelled")
HEADS = ("Mã trạm", "Tên trạm", "Nhà mạng", "Công nghệ", "Kinh độ", "Vĩ độ", "Ngày phát sóng")
DECEMBER = dt.date(2025, 12, 31)


@dataclass
class Running:
    """A server's process and where it answers."""

    folder: Path
    port: int
    environment: dict[str, str]
    process: subprocess.Popen[bytes] | None = None
    log: Path = field(init=False)

    def __post_init__(self) -> None:
        self.log = self.folder / "server.log"

    @property
    def origin(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start the server in a session of its own and wait until it answers."""
        command = [
            sys.executable,
            "-m",
            "uvicorn",
            "api.app:create_app",
            "--factory",
            "--port",
            str(self.port),
        ]
        command += ["--log-level", "debug", "--timeout-graceful-shutdown", "2"]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command, env=self.environment, cwd=ROOT, stdout=log, stderr=log, start_new_session=True
            )
        end = time.monotonic() + STARTS_WITHIN_S
        while time.monotonic() < end and self.process.poll() is None:
            try:
                httpx.get(f"{self.origin}/me", timeout=5).raise_for_status()
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
def running(folder: Path, database_url: str | None = None, **settings: str) -> Iterator[Running]:
    """A server over a folder; settings by their names without the prefix."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    told = {"DATA": str(folder), "POLL_S": "0.2", "STALE_S": "6", "UPLOADS_PER_HOUR": "100000", **settings}
    told |= {"DATABASE_URL": database_url} if database_url else {}
    environment = {**os.environ, **{f"GEOCOVER_{name}": value for name, value in told.items()}}
    one = Running(folder, port, environment)
    one.start()
    try:
        yield one
    finally:
        one.stop()


def make_key(
    folder: Path, role: str, operator: str | None = None, url: str | None = None, **more: Any
) -> str:
    """Token of a new key."""
    with open_database(url, folder) as database:
        new = NewKey(f"{role} {operator or ''}".strip(), role, operator, **more)  # type: ignore[arg-type]
        return add_key(database, new, "test")[1]


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def make_csv(count: int, operator: str = "Viettel", prefix: str = "PTO", shift: float = 0.0) -> bytes:
    """A list of stations in Phú Thọ, a row a station."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(HEADS)
    for number in range(count):
        lon, lat = 105.20 + (number % 100) * 0.002 + shift, 21.20 + (number // 100) * 0.002
        name = f"{prefix}{number:05d}"
        writer.writerow([name, f"Trạm {name}", operator, "4G", f"{lon:.6f}", f"{lat:.6f}", "01/02/2024"])
    return text.getvalue().encode("utf-8-sig")


def upload(
    client: httpx.Client, token: str, content: bytes, idempotency_key: str | None = None, **fields: str
) -> httpx.Response:
    """Upload once."""
    headers = {**bearer(token), **({"Idempotency-Key": idempotency_key} if idempotency_key else {})}
    name = fields.pop("name", "danh-sach.csv")
    data = {"as_of": DECEMBER.isoformat(), **fields}
    return client.post("/site-lists", headers=headers, data=data, files={"file": (name, content)}, timeout=60)


def wait_for_job(client: httpx.Client, token: str, job_id: str, within_s: float = 120.0) -> dict[str, Any]:
    """The job as it ended."""
    end = time.monotonic() + within_s
    while time.monotonic() < end:
        job: dict[str, Any] = client.get(f"/jobs/{job_id}", headers=bearer(token)).json()
        if job["state"] in ENDED:
            return job
        time.sleep(0.2)
    raise TimeoutError(f"job {job_id} did not end: {job}")
