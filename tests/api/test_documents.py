"""Documents on a list: they come after the result, are written once, and again where they were lost."""

from __future__ import annotations

import datetime as dt
import io
import shutil
import threading
import zipfile
from dataclasses import replace
from typing import TYPE_CHECKING

import httpx
import pytest

from api.routes import site_lists
from geocover.register import jobs, lists
from geocover.register.errors import NotFoundError, StateError
from geocover.register.jobs import CHECK
from geocover.register.uploads import Upload
from geocover.register.worker import run_job
from geocover.report import list_answers, list_documents
from geocover.report.list_answers import report_of
from geocover.report.list_check import DOCUMENTS, CheckOrder, documents_folder, refer
from geocover.report.list_documents import open_document
from geocover.report.list_jobs import SUBJECT
from tests.api.filling import A, Filled, write_documents
from tests.api.running import bearer, make_csv

if TYPE_CHECKING:
    from pathlib import Path

    from geocover.register.jobs import Job
    from geocover.register.lists import SiteList

DAY = dt.date(2023, 6, 30)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests do not wait for a document."""
    monkeypatch.setattr(site_lists, "PATIENCE_S", 0.0)


@pytest.fixture
def one(filled: Filled) -> SiteList:
    """A list of a's that was checked this moment; nobody has written its documents."""
    database = filled.database
    made = lists.draft(database, Upload("vừa gửi.csv", make_csv(5), A, DAY), "test")
    order = vars(CheckOrder(made.id, {}, "25"))
    asked = jobs.enqueue(database, CHECK, order, "test", subject=SUBJECT + made.id)
    assert run(filled, asked).state == "done"
    return lists.get(database, made.id)


def run(filled: Filled, asked: Job) -> Job:
    job = jobs.claim(filled.database, f"worker of {asked.id}", asked.id)
    assert job is not None
    return run_job(filled.database, filled.folder, job)


def asked_for(filled: Filled, one: SiteList) -> Job:
    """The newest job that writes a list's documents."""
    job = jobs.latest(filled.database, f"{DOCUMENTS}:{one.id}")
    assert job is not None
    return job


def place_of(filled: Filled, one: SiteList) -> Path:
    _, documents = refer(report_of(filled.database, one.id, one.checked_at))
    return documents_folder(filled.folder, one.id) / documents.folder


def get(client: httpx.Client, filled: Filled, one: SiteList, part: str) -> httpx.Response:
    return client.get(f"/site-lists/{one.id}/{part}", headers=bearer(filled.tokens["a"]))


@pytest.mark.usefixtures("impatient")
def test_the_result_and_the_decision_do_not_wait(closed: httpx.Client, filled: Filled, one: SiteList) -> None:
    """Catches a result, a map or an acceptance that is held up by the workbook, and one lost by deciding."""
    assert one.state == "checked"
    assert get(closed, filled, one, "report").status_code == 200
    assert len(get(closed, filled, one, "points").json()["features"]) == 5
    early = get(closed, filled, one, "report.xlsx")
    assert (early.status_code, early.headers["retry-after"]) == (503, "2")
    assert early.headers["content-type"] == "application/problem+json"
    decided = closed.post(f"/site-lists/{one.id}/accept", headers=bearer(filled.tokens["planner"]))
    assert decided.json()["state"] == "accepted"
    waiting = asked_for(filled, one)
    assert get(closed, filled, one, "report.xlsx").status_code == 503
    assert asked_for(filled, one) == waiting, "a second job was asked for"
    shown = closed.get(f"/jobs/{waiting.id}", headers=bearer(filled.tokens["a"])).json()
    assert (shown["list"], shown["kind"]) == (one.id, "documents")
    assert closed.get(f"/jobs/{waiting.id}", headers=bearer(filled.tokens["b"])).status_code == 404
    write_documents(filled, one.id)
    found = get(closed, filled, one, "report.xlsx")
    assert found.status_code == 200
    assert "v%E1%BB%ABa%20g%E1%BB%ADi-geocover.xlsx" in found.headers["content-disposition"]
    with zipfile.ZipFile(io.BytesIO(found.content)) as book:
        assert book.testzip() is None


def test_a_request_waits_for_a_workbook(closed: httpx.Client, filled: Filled, one: SiteList) -> None:
    """Catches a link that gives an error to whoever clicks it right after the check."""
    writing = threading.Timer(0.5, run, (filled, asked_for(filled, one)))
    writing.start()
    response = get(closed, filled, one, "report.xlsx")
    writing.join()
    assert response.status_code == 200


@pytest.mark.usefixtures("impatient")
def test_lost_documents_are_written_again(closed: httpx.Client, filled: Filled, one: SiteList) -> None:
    """Catches a data folder whose loss takes documents for ever, others than before, and halves that stay."""
    write_documents(filled, one.id)
    before = [get(closed, filled, one, part).content for part in ("points", "report.xlsx")]
    shutil.rmtree(documents_folder(filled.folder, one.id))
    assert get(closed, filled, one, "points").status_code == 503
    write_documents(filled, one.id)
    assert [get(closed, filled, one, part).content for part in ("points", "report.xlsx")] == before
    place = place_of(filled, one)
    (place / "report.xlsx").unlink()
    (place / ".report.12345678.partial.xlsx").write_bytes(b"half")
    assert get(closed, filled, one, "points").status_code == 200
    assert get(closed, filled, one, "report.xlsx").status_code == 503
    write_documents(filled, one.id)
    assert sorted(file.name for file in place.iterdir()) == ["points.json", "report.xlsx"]


def test_a_document_says_what_was_decided_upon(
    filled: Filled, one: SiteList, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Catches a workbook by another program than the report, and a failure that is told for ever."""
    with monkeypatch.context() as other:
        other.setattr(list_documents, "answer", lambda _checked: {"rows": "others"})
        ended = run(filled, asked_for(filled, one))
    assert ended.state == "failed"
    assert not (place_of(filled, one) / "report.xlsx").exists()
    with pytest.raises(StateError, match="check it again"):
        open_document(filled.database, filled.folder, one, "workbook", "test")
    later = replace(filled.database, clock=lambda: filled.database.clock() + dt.timedelta(seconds=61))
    assert open_document(later, filled.folder, one, "workbook", "test") is None
    assert asked_for(filled, one).id != ended.id
    write_documents(filled, one.id)
    assert open_document(filled.database, filled.folder, one, "workbook", "test") is not None


def test_documents_of_an_earlier_version_are_found_or_missed(
    filled: Filled, one: SiteList, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Catches a crash on reports that name a folder alone, and documents that nobody knows how to write."""
    folder = place_of(filled, one).name
    monkeypatch.setattr(list_answers, "report_of", lambda *_: {"rows": {}, DOCUMENTS: folder})
    assert open_document(filled.database, filled.folder, one, "points", "test") is not None
    with pytest.raises(NotFoundError, match="check it again"):
        open_document(filled.database, filled.folder, one, "workbook", "test")


@pytest.mark.parametrize("coding", ["gzip", "zstd", "identity"])
def test_large_private_answers_are_compressed(closed: httpx.Client, filled: Filled, coding: str) -> None:
    """Catches megabytes sent as they are, a wrong length, and an answer that a cache mixes up."""
    path = f"/site-lists/{filled.accepted[A].id}/points"
    headers = {**bearer(filled.tokens["a"]), "Accept-Encoding": coding}
    with closed.stream("GET", path, headers=headers) as response:
        raw = b"".join(response.iter_raw())
    assert response.headers.get("content-encoding", "identity") == coding
    assert int(response.headers["content-length"]) == len(raw)
    assert {"Accept-Encoding", "Authorization", "Cookie"} <= set(response.headers["vary"].split(", "))
    assert response.headers["cache-control"] == "private, no-store"
    whole = closed.get(path, headers={**headers, "Accept-Encoding": "identity"}).content
    assert (len(raw) < len(whole) / 4) == (coding != "identity")
    if coding == "gzip":
        assert closed.get(path, headers=headers).content == whole
    small = closed.get("/me", headers=headers)
    assert "content-encoding" not in small.headers
