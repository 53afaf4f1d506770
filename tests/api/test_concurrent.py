"""Many at once: twenty uploads end with every row counted."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from tests.api.running import DECEMBER, bearer, make_csv, make_key, running, upload, wait_for_job
from tests.serving import Server

OPERATORS = ("Viettel", "VinaPhone", "MobiFone", "Vietnamobile")
UPLOADS = 20
ROWS = 10_000


def send(server: Server, token: str, upload_of: tuple[str, int]) -> tuple[str, str]:
    """Upload, waiting as the server says where it is too much; the list's id and its job's."""
    operator, number = upload_of
    content = make_csv(ROWS, operator, f"{operator[:3]}{number}-")
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
    tokens = {operator: make_key(tmp_path, "partner", operator, url=database_url) for operator in OPERATORS}
    planner = make_key(tmp_path, "planner", url=database_url)
    with (
        running(tmp_path, database_url, STALE_S="60") as server,
        httpx.Client(base_url=server.origin, timeout=120) as client,
        ThreadPoolExecutor(UPLOADS) as pool,
    ):
        operators = [OPERATORS[number % len(OPERATORS)] for number in range(UPLOADS)]
        began = time.monotonic()
        wanted = list(zip(operators, range(UPLOADS), strict=True))
        sent = list(pool.map(lambda one: send(server, tokens[one[0]], one), wanted))
        print(f"{UPLOADS} uploads taken after {time.monotonic() - began:.1f} s")  # noqa: T201
        for _, job_id in sent:
            job = wait_for_job(client, planner, job_id, within_s=600)
            assert (job["state"], job["attempts"]) == ("done", 1), job
        print(f"all checked after {time.monotonic() - began:.1f} s")  # noqa: T201
        assert len({list_id for list_id, _ in sent}) == UPLOADS
        for list_id, _ in sent:
            one = client.get(f"/site-lists/{list_id}", headers=bearer(planner)).json()
            assert (one["state"], one["rows_read"]) == ("checked", ROWS)
            assert one["rows_accepted"] + one["rows_rejected"] == ROWS
            assert one["rows_accepted"] == ROWS
        last = dict(zip(operators, (list_id for list_id, _ in sent), strict=True))
        with ThreadPoolExecutor(len(last)) as accepting:
            answers = list(
                accepting.map(
                    lambda one: (
                        httpx.post(
                            f"{server.origin}/site-lists/{one}/accept",
                            headers=bearer(planner),
                            json={"unsubmitted": True},
                            timeout=120,
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
        assert stations == {**dict.fromkeys(OPERATORS, ROWS), "all": ROWS * len(OPERATORS)}
        assert {one["id"] for one in register["lists"]} == set(last.values())
