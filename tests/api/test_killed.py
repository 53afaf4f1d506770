"""kill -9 of the server and of its jobs at any moment: nothing accepted is lost, nothing half-done shows."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import threading
import time
import zipfile
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from geocover.register import jobs, lists
from geocover.register.audit import entries
from geocover.register.database import open_database
from geocover.report.list_answers import report_of
from geocover.report.list_check import documents_folder, refer
from tests.api.running import bearer, make_csv, make_key, running, upload
from tests.serving import Server

ROUNDS = int(os.environ.get("GEOCOVER_TEST_ROUNDS", "5"))
KILLS_A_ROUND = 2  # a job that dies three times is given up
ROWS = 200
WITHIN_S = 200


class Client:
    """A client that does not give up: it uploads, waits for the check and accepts, whatever dies."""

    def __init__(self, server: Server, token: str, rounds: int) -> None:
        self.server, self.token, self.rounds = server, token, rounds
        self.uploaded: list[str] = []
        self.accepted: list[str] = []
        self.failed: list[str] = []
        self.over = threading.Event()

    def run(self) -> None:
        """Do all rounds; whoever waits for it learns of a failure."""
        try:
            for number in range(self.rounds):
                self._round(number)
        except Exception as error:  # noqa: BLE001 - told to the test
            self.failed.append(repr(error))
        finally:
            self.over.set()

    def _round(self, number: int) -> None:
        content = make_csv(ROWS + number, prefix=f"R{number}-")
        made = self._insist(
            lambda client: upload(client, self.token, content, f"round {number}", operator="Viettel")
        )
        self.uploaded.append(made["id"])
        address = f"/site-lists/{made['id']}"
        while (
            self._insist(lambda client: client.get(address, headers=bearer(self.token)))["state"] == "draft"
        ):
            self._check_again(address)
            time.sleep(0.1)
        accept = f"{address}/accept"
        done = self._insist(lambda client: client.post(accept, headers=bearer(self.token)))
        assert done["state"] == "accepted"
        self.accepted.append(made["id"])

    def _check_again(self, address: str) -> None:
        """Ask for another check where one was given up: its process died too often."""
        job = self._insist(lambda client: client.get(address, headers=bearer(self.token)))["job"]
        if (
            job
            and self._insist(lambda client: client.get(f"/jobs/{job}", headers=bearer(self.token)))["state"]
            == "failed"
        ):
            self._insist(lambda client: client.post(f"{address}/check", headers=bearer(self.token), json={}))

    def _insist(self, ask: Any) -> dict[str, Any]:
        """Ask until there is an answer."""
        end = time.monotonic() + WITHIN_S
        while time.monotonic() < end:
            try:
                with httpx.Client(base_url=self.server.origin, timeout=30) as client:
                    response = ask(client)
            except httpx.TransportError:
                time.sleep(0.1)
                continue
            if response.status_code == 503:
                time.sleep(0.1)
                continue
            assert response.status_code < 300, response.text
            answer: dict[str, Any] = response.json()
            return answer
        raise TimeoutError("no answer")


def job_processes(server: Server) -> list[int]:
    """Processes of the server's jobs."""
    assert server.process is not None
    found = subprocess.run(
        ["ps", "--no-headers", "-o", "pid", "--ppid", str(server.process.pid)],
        capture_output=True, check=False, text=True,
    )  # fmt: skip
    return [int(pid) for pid in found.stdout.split()]


def harm(server: Server, chance: random.Random) -> None:
    """Kill something: the server with its jobs, the server alone, or a job."""
    what = chance.choice(("all", "server", "job", "job"))
    if what == "job":
        for pid in job_processes(server)[:1]:
            os.kill(pid, signal.SIGKILL)
        return
    server.kill(jobs_too=what == "all")
    server.start()


def check_whole(url: str, folder: Path, client: Client) -> None:
    """What the client was told stands, and whatever stands is whole; the server may go on meanwhile."""
    told = list(client.accepted)
    with open_database(url) as database:
        found = {one.id: one for one in lists.all_of(database)}
        for list_id in told:
            assert found[list_id].state in ("accepted", "superseded")
        for one in found.values():
            cells = lists.cells(database, one.id)
            steps = {entry.action for entry in entries(database, what=one.id)}
            assert "lists:accept" in steps or one.state not in ("accepted", "superseded")
            if one.state != "draft":
                assert one.rows_read == one.rows_accepted == len(cells)
                _, documents = refer(report_of(database, one.id, one.checked_at))
                check_documents(documents_folder(folder, one.id) / documents.folder)
        assert sum(one.state == "accepted" for one in found.values()) <= 1


def check_documents(place: Path) -> None:
    """The points of a checked list are there; its workbook, where it is there already, is whole."""
    kept = {file.name for file in place.iterdir() if not file.name.startswith(".")}
    assert "points.json" in kept
    assert kept <= {"report.xlsx", "points.json"}
    if "report.xlsx" in kept:
        with zipfile.ZipFile(place / "report.xlsx") as book:
            assert book.testzip() is None


def fetch_workbooks(server: Server, client: Client) -> None:
    """Every list's workbook comes, also where the job that writes it was given up."""
    end = time.monotonic() + WITHIN_S
    with httpx.Client(base_url=server.origin, timeout=30, headers=bearer(client.token)) as reader:
        for list_id in client.uploaded:
            while (status := reader.get(f"/site-lists/{list_id}/report.xlsx").status_code) != 200:
                assert status in (409, 503)
                assert time.monotonic() < end
                time.sleep(0.5)


@pytest.mark.timeout(600)
def test_a_client_gets_through_whatever_is_killed(database_url: str, tmp_path: Path) -> None:
    """Catches a step half kept, an answer before its commit, a job that is lost, doubles of a retry."""
    token = make_key(tmp_path, "planner", url=database_url)
    chance = random.Random(20251231)
    with running(tmp_path, database_url, STALE_S="12") as server:
        client = Client(server, token, ROUNDS)
        thread = threading.Thread(target=client.run)
        thread.start()
        kills: list[int] = []  # rounds in which something was killed
        while not client.over.wait(chance.uniform(0.1, 2.5)):
            if kills.count(len(client.accepted)) < KILLS_A_ROUND:
                kills.append(len(client.accepted))
                harm(server, chance)
            check_whole(database_url, tmp_path, client)
        thread.join()
        assert not client.failed
        check_whole(database_url, tmp_path, client)
        fetch_workbooks(server, client)
    print(f"{len(kills)} kills in {ROUNDS} rounds")  # noqa: T201
    assert len(kills) >= ROUNDS
    with open_database(database_url) as database:
        states = [one.state for one in lists.all_of(database, "Viettel")]
        assert states == ["accepted", *["superseded"] * (ROUNDS - 1)]
        assert not [job for job in jobs.all_jobs(database, limit=1000) if job.state in ("queued", "running")]
        if database.dialect == "sqlite":
            with database.reading() as connection:
                assert connection.execute(text("PRAGMA integrity_check")).scalar_one() == "ok"
