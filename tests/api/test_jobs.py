"""Jobs over the web: events as they come, again after a break, at the reader's pace; cancelling."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from api.routes import jobs as job_routes
from api.settings import Settings
from geocover.register import jobs
from geocover.register.jobs import CHECK, Job
from geocover.report.list_check import CheckOrder
from tests.api.filling import A
from tests.api.running import bearer

if TYPE_CHECKING:
    from tests.api.conftest import Serving
    from tests.api.filling import Filled

Event = tuple[str, str, dict[str, Any]]


@pytest.fixture
def server(serving: Serving, filled: Filled, monkeypatch: pytest.MonkeyPatch) -> Iterator[httpx.Client]:
    """A server that looks often, and lets a key have two streams."""
    monkeypatch.setattr(job_routes, "LOOK_S", 0.05)
    with serving(Settings(data=filled.folder, streams_at_once=2)) as client:
        yield client


@pytest.fixture
def running_job(filled: Filled) -> Job:
    """A check of a's list in the hands of this test."""
    order = vars(CheckOrder(filled.checked[A].id, {}, "25"))
    asked = jobs.enqueue(filled.database, CHECK, order, "test")
    claimed = jobs.claim(filled.database, f"worker of {asked.id}", asked.id)
    assert claimed is not None
    return claimed


def events(lines: Iterator[str]) -> Iterator[Event]:
    """Events of a stream, as (id, name, data)."""
    fields: dict[str, str] = {}
    for line in lines:
        name, _, value = line.partition(": ")
        if line:
            fields[name] = value
        elif "event" in fields:
            yield fields["id"], fields["event"], json.loads(fields["data"])
            fields = {}


@contextmanager
def stream(
    client: httpx.Client, token: str, job_id: str, last: str | None = None
) -> Iterator[Iterator[Event]]:
    """Listen to a job."""
    headers = {**bearer(token), **({"Last-Event-ID": last} if last else {})}
    with client.stream("GET", f"/jobs/{job_id}/events", headers=headers, timeout=20) as response:
        assert response.status_code == 200
        assert response.headers["content-type"].startswith("text/event-stream")
        assert response.headers["cache-control"] == "no-store"
        yield events(response.iter_lines())


def eventually(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not true():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_a_job_tells_how_far_it_is(server: httpx.Client, filled: Filled, running_job: Job) -> None:
    """Catches progress that does not come, comes twice, or an end that is not told."""
    database = filled.database
    with stream(server, filled.tokens["a"], running_job.id) as told:
        assert next(told)[2]["state"] == "running"
        for done in (1, 2):
            jobs.beat(database, running_job, ("check", done, 4))
            _, name, data = next(told)
            assert (name, data["step"], data["done"], data["total"]) == ("progress", "check", done, 4)
        jobs.end(database, running_job, "failed", message=("it broke", "đã hỏng"))
        rest = list(told)
    assert [(name, data["state"], data["message_vi"]) for _, name, data in rest] == [
        ("progress", "failed", "đã hỏng"), ("end", "failed", "đã hỏng"),
    ]  # fmt: skip


def test_who_comes_again_goes_on_where_it_was(server: httpx.Client, filled: Filled, running_job: Job) -> None:
    """Catches news that a reconnect loses or repeats, and an end that is told for ever."""
    token, database = filled.tokens["a"], filled.database
    with stream(server, token, running_job.id) as told:
        known = next(told)[0]
    jobs.beat(database, running_job, ("check", 1, 4))
    with stream(server, token, running_job.id, known) as told:
        again, _, data = next(told)
        assert data["done"] == 1
    with stream(server, token, running_job.id, again) as told:
        jobs.end(database, running_job, "done", result={"list": "x"})
        names = [(event_id, name) for event_id, name, _ in told]
    assert [name for _, name in names] == ["progress", "end"]
    headers = {**bearer(token), "Last-Event-ID": names[-1][0]}
    assert server.get(f"/jobs/{running_job.id}/events", headers=headers).status_code == 204
    with stream(server, token, running_job.id, names[0][0]) as told:
        assert [name for _, name, _ in told] == ["end"]


def test_a_quiet_job_is_heard(
    server: httpx.Client, filled: Filled, running_job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Catches a stream that proxies cut for silence."""
    monkeypatch.setattr(job_routes, "HEARTBEAT_S", 0.1)
    address = f"/jobs/{running_job.id}/events"
    with server.stream("GET", address, headers=bearer(filled.tokens["a"]), timeout=20) as response:
        beats = 0
        for line in response.iter_lines():
            beats += line == ":"
            if beats == 3:
                break
    assert beats == 3


def test_streams_are_counted_and_given_back(server: httpx.Client, filled: Filled, running_job: Job) -> None:
    """Catches streams without end of one key, and places that a reader who went away keeps."""
    token, address = filled.tokens["a"], f"/jobs/{running_job.id}/events"

    def refused() -> bool:
        with server.stream("GET", address, headers=bearer(token), timeout=20) as response:
            return response.status_code == 429

    with stream(server, token, running_job.id) as one, stream(server, token, running_job.id) as two:
        assert (next(one)[1], next(two)[1]) == ("progress", "progress")
        assert refused()
        with stream(server, filled.tokens["planner"], running_job.id) as other:
            assert next(other)[1] == "progress"
    eventually(lambda: not refused())


def test_a_slow_reader_hears_the_newest_and_holds_up_nobody(
    server: httpx.Client, filled: Filled, running_job: Job
) -> None:
    """Catches events that pile up for a reader who does not read, and one that stops the server."""
    database, token = filled.database, filled.tokens["a"]
    host, port = server.base_url.host, server.base_url.port
    request = (
        f"GET /jobs/{running_job.id}/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\r\n"
    )
    with socket.create_connection((host, port or 80)) as slow:
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
        slow.sendall(request.encode())
        for done in range(30):
            jobs.beat(database, running_job, ("check", done, 30))
        began = time.monotonic()
        assert server.get("/me").status_code == 200
        assert time.monotonic() - began < 5
        jobs.end(database, running_job, "done")
        slow.settimeout(20)
        body = b""
        while b"event: end" not in body:
            body += slow.recv(512)
    assert b'"state":"done"' in body


def test_a_stream_ends_when_the_server_does(serving: Serving, filled: Filled, running_job: Job) -> None:
    """Catches a server that cannot be stopped while somebody listens."""
    heard: list[str] = []
    began = 0.0
    with serving(Settings(data=filled.folder)) as client:
        app_client = httpx.Client(base_url=client.base_url, timeout=30)

        def listen() -> None:
            with app_client, stream(app_client, filled.tokens["a"], running_job.id) as told:
                heard.extend(name for _, name, _ in told)

        thread = threading.Thread(target=listen)
        thread.start()
        time.sleep(1)
        jobs.end(filled.database, running_job, "done")
        began = time.monotonic()
        thread.join(20)
    assert heard[-1] == "end"
    assert time.monotonic() - began < 10


def test_a_check_is_cancelled_by_its_owner(server: httpx.Client, filled: Filled) -> None:
    """Catches a job that cannot be stopped, and one that another partner stops."""
    order = vars(CheckOrder(filled.checked[A].id, {}, "25"))
    asked = jobs.enqueue(filled.database, CHECK, order, "test")
    address = f"/jobs/{asked.id}/cancel"
    assert server.post(address, headers=bearer(filled.tokens["b"])).status_code == 404
    assert server.post(address, headers=bearer(filled.tokens["viewer"])).status_code == 403
    assert server.post(address, headers=bearer(filled.tokens["a"])).json()["state"] == "cancelled"
    assert server.post(address, headers=bearer(filled.tokens["a"])).status_code == 409


def test_names_of_jobs_are_looked_at(server: httpx.Client, filled: Filled) -> None:
    """Catches an id that reaches the database as it came."""
    for wrong in ("x", "%00", "..%2f..", filled.check_jobs[A][:-1] + "g", "ế" * 36):
        assert server.get(f"/jobs/{wrong}", headers=bearer(filled.tokens["admin"])).status_code == 404
