"""Many at once: twenty uploads end with every row counted."""

from __future__ import annotations

import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from sqlalchemy import make_url

from tests.api.running import DECEMBER, bearer, make_csv, make_key, running, upload, wait_for_job
from tests.serving import Server

OPERATORS = ("Viettel", "VinaPhone", "MobiFone", "Vietnamobile")
UPLOADS = {"sqlite": 20, "postgresql": 8}  # GEOCOVER_TEST_UPLOADS=20 for as many on both
ROWS = {"sqlite": 2_000, "postgresql": 500}  # GEOCOVER_TEST_ROWS=10000 for the full size on both


def send(server: Server, token: str, upload_of: tuple[str, int], rows: int) -> tuple[str, str]:
    """Upload, waiting as the server says where it is too much; the list's id and its job's."""
    operator, number = upload_of
    content = make_csv(rows, operator, f"{operator[:3]}{number}-")
    with httpx.Client(base_url=server.origin, timeout=120) as client:
        while True:
            response = upload(client, token, content, f"upload {number}")
            if response.status_code != 429:
                assert response.status_code == 202, response.text
                return response.json()["id"], response.json()["job"]
            time.sleep(float(response.headers["retry-after"]))


@pytest.mark.timeout(900)
def test_uploads_at_once_lose_no_row(database_url: str, tmp_path: Path) -> None:
    """Catches lost rows, lost jobs, doubles, and a register that locks up under many writers."""
    backend = make_url(database_url).get_backend_name()
    rows = int(os.environ.get("GEOCOVER_TEST_ROWS", ROWS[backend]))
    uploads = int(os.environ.get("GEOCOVER_TEST_UPLOADS", UPLOADS[backend]))
    tokens = {operator: make_key(tmp_path, "partner", operator, url=database_url) for operator in OPERATORS}
    planner = make_key(tmp_path, "planner", url=database_url)
    with (
        running(tmp_path, database_url, STALE_S="60") as server,
        httpx.Client(base_url=server.origin, timeout=120) as client,
        ThreadPoolExecutor(uploads) as pool,
    ):
        operators = [OPERATORS[number % len(OPERATORS)] for number in range(uploads)]
        began = time.monotonic()
        wanted = list(zip(operators, range(uploads), strict=True))
        sent = list(pool.map(lambda one: send(server, tokens[one[0]], one, rows), wanted))
        print(f"{uploads} uploads taken after {time.monotonic() - began:.1f} s")  # noqa: T201
        for _, job_id in sent:
            job = wait_for_job(client, planner, job_id, within_s=600)
            assert (job["state"], job["attempts"]) == ("done", 1), job
        print(f"all checked after {time.monotonic() - began:.1f} s")  # noqa: T201
        assert len({list_id for list_id, _ in sent}) == uploads
        for list_id, _ in sent:
            one = client.get(f"/site-lists/{list_id}", headers=bearer(planner)).json()
            assert (one["state"], one["rows_read"]) == ("checked", rows)
            assert one["rows_accepted"] + one["rows_rejected"] == rows
            assert one["rows_accepted"] == rows
        last = dict(zip(operators, (list_id for list_id, _ in sent), strict=True))
        with ThreadPoolExecutor(len(last)) as accepting:
            answers = list(
                accepting.map(
                    lambda one: (
                        httpx.post(
                            f"{server.origin}/site-lists/{one}/accept", headers=bearer(planner), timeout=120
                        ).status_code
                    ),
                    last.values(),
                )
            )
        assert answers == [200] * len(last)
        register = client.get(
            "/register", params={"as_of": DECEMBER.isoformat()}, headers=bearer(planner)
        ).json()
        stations = {
            one["operator"]: one["stations"] for one in register["totals"] if one["technology"] == "all"
        }
        assert stations == {**dict.fromkeys(OPERATORS, rows), "all": rows * len(OPERATORS)}
        assert {one["id"] for one in register["lists"]} == set(last.values())
