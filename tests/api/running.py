"""A server over a folder, in a process of its own, and clients with keys for it."""

from __future__ import annotations

import csv
import datetime as dt
import io
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from geocover.register.database import open_database
from geocover.register.keys import NewKey, add_key
from tests.serving import Server, serving

ENDED = ("done", "failed", "cancelled")
HEADS = ("Mã trạm", "Tên trạm", "Nhà mạng", "Công nghệ", "Kinh độ", "Vĩ độ", "Ngày phát sóng")
DECEMBER = dt.date(2025, 12, 31)


@contextmanager
def running(folder: Path, database_url: str | None = None, **settings: str) -> Iterator[Server]:
    """A server over a folder, whose jobs start soon; settings by their names without the prefix."""
    told = {"DATA": str(folder), "POLL_S": "0.2", "STALE_S": "6", "UPLOADS_PER_HOUR": "100000", **settings}
    told |= {"DATABASE_URL": database_url} if database_url else {}
    with serving(folder / "server.log", **told) as server:
        yield server


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


def answer(client: httpx.Client, path: str, **params: Any) -> Any:
    """JSON of an address that must answer 200."""
    response = client.get(path, params=params)
    assert response.status_code == 200, response.text
    return response.json()


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
