"""Uploads: limits, names, repetition, and what becomes of what a partner writes."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.routes import site_lists
from api.settings import Settings
from api.web.bodies import LONGEST, safe_name
from geocover.register import lists
from geocover.register.jobs import all_jobs, claim, latest
from geocover.register.uploads import Upload
from geocover.register.worker import run_job
from geocover.report.list_jobs import LATE, SUBJECT, Upkeep, resume
from tests.api.filling import A, check
from tests.api.running import DECEMBER, HEADS, bearer, make_csv, upload

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.api.conftest import Serving
    from tests.api.filling import Filled

MIB = 1 << 20
HOSTILE = ["=cmd|' /C calc'!A1", "+1+1", "@SUM(A1)", "-2+3", "\t=1", "<img src=x onerror=alert(1)>"]


def sent(filled: Filled) -> int:
    return len(lists.all_of(filled.database, A))


@pytest.fixture
def small(serving: Serving, filled: Filled) -> Iterator[httpx.Client]:
    """A server that takes one mebibyte, and one upload of a key at a time."""
    settings = Settings(data=filled.folder, upload_mb=1, uploads_at_once=1, uploads_per_hour=1e9)
    with serving(settings) as client:
        yield client


def test_a_file_that_is_too_large_is_refused_early(small: httpx.Client, filled: Filled) -> None:
    """Catches a body that is read to its end before it is refused, with or without its length."""
    token, before = filled.tokens["a"], sent(filled)
    given_up: list[int] = []

    def endless() -> Iterator[bytes]:
        yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
        for number in range(200):
            given_up.append(number)
            yield b"0" * MIB

    headers = {**bearer(token), "Content-Type": "multipart/form-data; boundary=x"}
    declared = upload(small, token, b"0" * (2 * MIB))
    assert declared.status_code == 413
    assert declared.headers["content-type"] == "application/problem+json"
    try:
        status = small.post("/site-lists", headers=headers, content=endless()).status_code
    except httpx.TransportError:  # the server hung up while we still wrote
        status = 413
    assert status == 413
    assert len(given_up) < 100
    just_more = upload(small, token, b"0" * (MIB + 1))
    assert just_more.status_code == 413
    assert sent(filled) == before


def test_other_bodies_are_small(small: httpx.Client, filled: Filled) -> None:
    """Catches an address without a limit: a body is read before its sender is known."""
    for path in ("/sign-in", f"/site-lists/{filled.accepted[A].id}/reject", "/jobs/x/cancel"):
        response = small.post(path, content=b"0" * (MIB + 1), headers={"Content-Type": "application/json"})
        assert response.status_code == 413, path


@pytest.mark.parametrize(
    ("fields", "status", "named"),
    [
        ({"as_of": "31/12/2025"}, 400, "as_of"),
        ({"as_of": ""}, 400, "as_of: chưa có"),
        ({"as_of": "2999-01-01"}, 400, "as_of"),
        ({"as_of": "1066-01-01"}, 400, "as_of"),
        ({"operator": "MobiFone"}, 403, "operator"),
        ({"operator": "VIETTEL"}, 202, ""),
        ({"mapping": "{"}, 400, "mapping"),
        ({"mapping": '{"columns": {"Mã": "no such field"}}'}, 400, "no such field"),
        ({"mapping": '{"columns": {"Mã trạm": "station_id"}}'}, 202, ""),
        ({"nonsense": "1"}, 400, "nonsense"),
        ({"mapping": "x" * 70_000}, 400, ""),
    ],
)
def test_fields_are_looked_at(
    small: httpx.Client, filled: Filled, fields: dict[str, str], status: int, named: str
) -> None:
    """Catches a field that is taken unseen, and an error that does not name it; nothing is kept then."""
    before = sent(filled)
    response = upload(small, filled.tokens["a"], make_csv(2), **fields)
    assert response.status_code == status, response.text
    assert named in response.text
    assert sent(filled) == before + (status == 202)


def test_what_is_no_form_is_refused(small: httpx.Client, filled: Filled) -> None:
    """Catches 500s for bodies that nobody should send."""
    headers, before = bearer(filled.tokens["a"]), sent(filled)
    assert small.post("/site-lists", headers=headers, json={}).status_code == 415
    assert small.post("/site-lists", headers=headers).status_code == 415
    for kind, body in (
        ("multipart/form-data", b"x"), ("multipart/form-data; boundary=x", b"nothing"),
        ("multipart/form-data; boundary=x", b"--x\r\n\r\n"),
        ("multipart/form-data; boundary=" + "x" * 300, b""),
    ):  # fmt: skip
        response = small.post("/site-lists", headers={**headers, "Content-Type": kind}, content=body)
        assert response.status_code == 400, (kind, response.text)
    for files in ([], [("file", ("a.csv", b""))], [("file", ("a", b"1")), ("file", ("b", b"2"))]):
        response = small.post(
            "/site-lists", headers=headers, data={"as_of": "2025-12-31"}, files=files or {"x": b""}
        )
        assert response.status_code == 400, response.text
    assert sent(filled) == before


def test_a_planner_says_whose_list_it_is(small: httpx.Client, filled: Filled) -> None:
    """Catches a list of nobody."""
    token = filled.tokens["planner"]
    assert upload(small, token, make_csv(2)).status_code == 400
    assert upload(small, token, make_csv(2), operator="any").status_code == 400
    made = upload(small, token, make_csv(2), operator="VinaPhone").json()["id"]
    assert lists.get(filled.database, made).operator == "VinaPhone"


def test_a_request_sent_again_is_taken_once(small: httpx.Client, filled: Filled) -> None:
    """Catches doubles, a key that stands for two requests, and one that is shared by two partners."""
    token, before = filled.tokens["a"], sent(filled)
    answers = [upload(small, token, make_csv(3), "once").json() for _ in range(3)]
    assert len({(one["id"], one["job"]) for one in answers}) == 1
    assert sent(filled) == before + 1
    assert len([job for job in all_jobs(filled.database) if answers[0]["id"] in str(job.payload)]) == 1
    other = upload(small, token, make_csv(4), "once")
    assert other.status_code == 409
    assert upload(small, token, make_csv(3), "once", as_of="2025-06-30").status_code == 409
    theirs = upload(small, filled.tokens["b"], make_csv(3), "once")
    assert theirs.status_code == 202
    assert theirs.json()["id"] != answers[0]["id"]


def test_one_key_uploads_so_many_at_a_time(small: httpx.Client, filled: Filled) -> None:
    """Catches a limit that is never reached or never lifted: the second is told when to come again."""
    token, started, go_on = filled.tokens["a"], threading.Event(), threading.Event()

    def slow() -> Iterator[bytes]:
        yield b"--x\r\n"
        started.set()
        go_on.wait(20)
        yield b'Content-Disposition: form-data; name="as_of"\r\n\r\n2025-12-31\r\n--x--\r\n'

    headers = {**bearer(token), "Content-Type": "multipart/form-data; boundary=x"}
    first: list[int] = []

    def send() -> None:
        with httpx.Client(base_url=small.base_url, timeout=30) as own:
            while not first or first[-1] == 429:  # where the other one came before
                first.append(own.post("/site-lists", headers=headers, content=slow()).status_code)

    thread = threading.Thread(target=send)
    thread.start()
    assert started.wait(20)
    end, second = time.monotonic() + 20, upload(small, token, make_csv(2))
    while second.status_code != 429 and time.monotonic() < end:  # the first is on its way still
        time.sleep(0.3)
        second = upload(small, token, make_csv(2))
    others = upload(small, filled.tokens["b"], make_csv(2))
    go_on.set()
    thread.join(20)
    assert second.status_code == 429
    assert int(second.headers["retry-after"]) >= 1
    assert (others.status_code, first[-1]) == (202, 400)
    assert upload(small, token, make_csv(2)).status_code == 202


def test_uploads_and_requests_are_counted_by_key(serving: Serving, filled: Filled) -> None:
    """Catches limits that are not looked at, and a Retry-After that is too short to help."""
    token = filled.tokens["a reads"]
    with serving(Settings(data=filled.folder, requests_per_minute=5)) as client:
        answers = [client.get("/me", headers=bearer(token)) for _ in range(6)]
        assert [one.status_code for one in answers] == [200] * 5 + [429]
        assert 10 <= int(answers[-1].headers["retry-after"]) <= 14
        assert client.get("/me", headers=bearer(filled.tokens["viewer"])).status_code == 200
        assert client.get("/me").status_code == 200
    with serving(Settings(data=filled.folder, uploads_per_hour=1.0)) as client:
        token = filled.tokens["planner"]
        answers = [upload(client, token, make_csv(1), operator=A) for _ in range(25)]
        refused = [one for one in answers if one.status_code == 429]
        assert refused
        assert int(refused[0].headers["retry-after"]) > 600


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ("../../etc/passwd.csv", "passwd.csv"),
        ("C:\\Users\\a\\Trạm.xlsx", "Trạm.xlsx"),
        ("a\u202ecsv.exe", "acsv.exe"),
        ("..", "danh-sach"),
        ("\x00\x1f", "danh-sach"),
        ("Tra\u0323m.xlsx", "Trạm.xlsx"),
    ],
)
def test_names_of_files(told: str, kept: str) -> None:
    """Catches a folder in a name, signs that cannot be seen, and names that only look alike."""
    assert safe_name(told) == kept


@given(st.text(max_size=400))
def test_any_name_becomes_one_that_can_be_kept(told: str) -> None:
    """Catches a name that the register would refuse."""
    name = safe_name(told)
    assert 0 < len(name) <= LONGEST
    assert Upload(name, b"x", A, DECEMBER).name == name
    assert name.isprintable()


def test_a_hostile_name_is_only_a_name(closed: httpx.Client, filled: Filled) -> None:
    """Catches a header that a file name ends, and a type that a browser would run."""
    name = 'x"\r\nSet-Cookie: a=b;ế<script>.html'
    made = upload(closed, filled.tokens["a"], make_csv(1), name=name).json()["id"]
    response = closed.get(f"/site-lists/{made}/file", headers=bearer(filled.tokens["a"]))
    assert "set-cookie" not in response.headers
    disposition = response.headers["content-disposition"]
    assert disposition.startswith("attachment; ")
    assert unquote(disposition.split("UTF-8''")[1]) == lists.get(filled.database, made).name
    assert response.headers["content-type"] == "application/octet-stream"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.content == make_csv(1)


def hostile_csv() -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(HEADS)
    for number, name in enumerate(HOSTILE):
        writer.writerow([name, name, A, "4G", f"{105.3 + 0.01 * number:.5f}", "21.30000", "01/02/2024"])
    return text.getvalue().encode()


def test_no_formula_comes_back(closed: httpx.Client, filled: Filled) -> None:
    """Catches a name that a spreadsheet would run, in the CSV of cells and in the marked workbook."""
    openpyxl = pytest.importorskip("openpyxl")
    one, _ = check(filled, Upload("hostile.csv", hostile_csv(), "MobiFone", dt.date(2025, 11, 30)))
    own, _ = check(filled, Upload("hostile.csv", hostile_csv(), A, dt.date(2024, 11, 30)))
    lists.accept(filled.database, own.id, "test")
    headers = bearer(filled.tokens["a"])
    response = closed.get("/register/cells.csv", params={"as_of": "2024-12-01"}, headers=headers)
    assert response.content.startswith(b"\xef\xbb\xbf")
    cells = [cell for row in csv.reader(io.StringIO(response.content.decode("utf-8-sig"))) for cell in row]
    assert any("cmd|" in cell for cell in cells)
    assert not [cell for cell in cells if cell.startswith(("=", "+", "@", "\t", "-2+"))]
    body = closed.get(f"/site-lists/{own.id}/report.xlsx", headers=headers).content
    book: Any = openpyxl.load_workbook(io.BytesIO(body))
    formulas = [cell for sheet in book for row in sheet for cell in row if cell.data_type == "f"]
    assert not formulas
    assert one.rows_accepted == 0  # every row is another operator's


def test_rows_of_another_operator_are_refused_and_told(closed: httpx.Client, filled: Filled) -> None:
    """Catches rows of another kept under one's own name, or lost without a word."""
    content = make_csv(4, A, "MIXA") + make_csv(2, "MobiFone", "MIXB").split(b"\n", 1)[1]
    one, _ = check(filled, Upload("mixed.csv", content, A, DECEMBER))
    assert (one.rows_read, one.rows_accepted, one.rows_rejected) == (6, 4, 2)
    report = closed.get(
        f"/site-lists/{one.id}/report",
        params={"code": "operator-foreign"},
        headers=bearer(filled.tokens["a"]),
    ).json()
    assert [finding["row"] for finding in report["findings"]] == [6, 7]
    assert {finding["severity"] for finding in report["findings"]} == {"error"}
    assert report["matching"] == 2
    points = closed.get(f"/site-lists/{one.id}/points", headers=bearer(filled.tokens["a"])).json()["features"]
    assert [point["properties"]["status"] for point in points] == ["accepted"] * 4 + ["rejected"] * 2
    assert set(lists.cells(filled.database, one.id)["operator"]) == {A}


def test_findings_come_in_pages(closed: httpx.Client, filled: Filled) -> None:
    """Catches pages that overlap, leave out or ignore what is asked for."""
    content = make_csv(30, A, "PAGE").replace(b"105.2", b"905.2")
    one, _ = check(filled, Upload("far.csv", content, A, DECEMBER))
    address, headers = f"/site-lists/{one.id}/report", bearer(filled.tokens["a"])
    whole = closed.get(address, params={"severity": "error", "limit": 1000}, headers=headers).json()
    assert whole["matching"] == len(whole["findings"]) >= 30
    parts = [
        closed.get(address, params={"severity": "error", "limit": 7, "offset": at}, headers=headers).json()
        for at in range(0, whole["matching"], 7)
    ]
    assert [one for part in parts for one in part["findings"]] == whole["findings"]
    assert "documents" not in whole
    assert closed.get(address, params={"limit": 0}, headers=headers).status_code == 400


def test_a_mapping_is_kept_for_the_next_upload(closed: httpx.Client, filled: Filled) -> None:
    """Catches an answer to a question that the partner is asked again."""
    from geocover.register.mappings import mapping_of

    made = upload(
        closed, filled.tokens["b"], make_csv(2, "VinaPhone"), mapping='{"columns": {"Tên trạm": "note"}}'
    ).json()
    job = next(job for job in all_jobs(filled.database, "queued", 1000) if job.id == made["job"])
    assert job.payload["mapping"] == {"columns": {"Tên trạm": "note"}}
    claimed = claim(filled.database, "w2", job.id)
    assert claimed is not None
    assert run_job(filled.database, filled.folder, claimed).state == "done"
    assert mapping_of(filled.database, "VinaPhone")["columns"] == {"Tên trạm": "note"}
    report = closed.get(f"/site-lists/{made['id']}/report", headers=bearer(filled.tokens["b"])).json()
    fields = {column["head"]: (column["field"], column["by"]) for column in report["tables"][0]["columns"]}
    assert fields["Tên trạm"] == ("note", "mapping")


def run_check(filled: Filled, job_id: str) -> None:
    """Let the check of a list run."""
    claimed = claim(filled.database, "w3", job_id)
    assert claimed is not None
    assert run_job(filled.database, filled.folder, claimed).state == "done"


def test_a_mapping_that_spoils_a_list_is_not_kept_and_any_is_forgotten(
    closed: httpx.Client, filled: Filled
) -> None:
    """Catches one wrong choice of a column that refuses every later list of the operator, for ever."""
    from geocover.register.mappings import mapping_of

    token, before = filled.tokens["b"], mapping_of(filled.database, "VinaPhone")

    def ask(body: dict[str, object], list_id: str) -> dict[str, int]:
        address = f"/site-lists/{list_id}"
        job = closed.post(f"{address}/check", json=body, headers=bearer(token)).json()["job"]
        run_check(filled, job)
        return closed.get(f"{address}/report", headers=bearer(token)).json()["rows"]  # type: ignore[no-any-return]

    made = upload(closed, token, make_csv(2, "VinaPhone", "SPOILT")).json()
    run_check(filled, made["job"])
    spoilt = {"mapping": {"columns": {"Công nghệ": "note"}}}
    assert ask(spoilt, made["id"]) == {"read": 2, "accepted": 0, "rejected": 2}
    assert mapping_of(filled.database, "VinaPhone") == before
    assert ask({}, made["id"])["accepted"] == 2
    told = {"mapping": {"columns": {"Tên trạm": "note"}}}
    assert ask(told, made["id"])["accepted"] == 2
    assert mapping_of(filled.database, "VinaPhone")["columns"]["Tên trạm"] == "note"
    assert ask({"mapping": {}}, made["id"])["accepted"] == 2
    assert mapping_of(filled.database, "VinaPhone") == {}


def test_a_mapping_outlives_the_request_that_brought_it(
    closed: httpx.Client, filled: Filled, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Catches a server that dies between list and job: the check made up for it must know the mapping."""

    def die(*_: object, **__: object) -> None:
        raise OSError("the server dies here")

    told, before = {"columns": {"Tên trạm": "note"}}, {one.id for one in lists.all_of(filled.database, A)}
    with monkeypatch.context() as dying:
        dying.setattr(site_lists, "ask_for_check", die)
        sending = {"mapping": json.dumps(told)}
        assert upload(closed, filled.tokens["a"], make_csv(2), "dies", **sending).status_code == 500
    assert upload(closed, filled.tokens["a"], make_csv(2), "dies", mapping="{}").status_code == 409
    (lost,) = [one for one in lists.all_of(filled.database, A) if one.id not in before]
    late = replace(filled.database, clock=lambda: filled.database.clock() + 2 * LATE)
    resume(late, Upkeep(filled.folder, None, "25", None, MIB))
    job = latest(filled.database, SUBJECT + lost.id)
    assert job is not None
    assert job.payload["mapping"] == told
    claimed = claim(filled.database, "later", job.id)
    assert claimed is not None
    assert run_job(filled.database, filled.folder, claimed).state == "done"
    report = closed.get(f"/site-lists/{lost.id}/report", headers=bearer(filled.tokens["a"])).json()
    fields = {column["head"]: (column["field"], column["by"]) for column in report["tables"][0]["columns"]}
    assert fields["Tên trạm"] == ("note", "mapping")


@pytest.mark.parametrize(
    "path", ["/site-lists", "/register", "/register/cells.csv", "/templates/site-list.xlsx"]
)
def test_a_partner_who_asks_for_another_operator_is_refused(
    closed: httpx.Client, filled: Filled, path: str
) -> None:
    """Catches a partner's own figures given under the name of another."""
    headers = bearer(filled.tokens["b"])
    for other in ("Viettel", "Nobody"):
        answer = closed.get(path, params={"operator": other}, headers=headers)
        assert answer.status_code == 403, path
        assert other not in answer.text
    for own in ("vinaphone", "VNPT", "VinaPhone"):
        assert closed.get(path, params={"operator": own}, headers=headers).status_code == 200


def test_any_two_versions_are_compared_by_any_distance(closed: httpx.Client, filled: Filled) -> None:
    """Catches a difference that can be had against the list in force alone, or by 50 metres alone."""
    headers = bearer(filled.tokens["a"])
    first, _ = check(filled, Upload("one.csv", make_csv(3, A, "TWO"), A, DECEMBER))
    second, _ = check(filled, Upload("two.csv", make_csv(4, A, "TWO", shift=0.0003), A, DECEMBER))  # 31 m

    def counts(**more: object) -> dict[str, int]:
        asked = {"against": first.id, **more}
        answer = closed.get(f"/site-lists/{second.id}/diff", params=asked, headers=headers).json()
        assert answer["against"]["id"] == first.id
        return {name: answer["counts"][name] for name in ("added", "removed", "moved")}

    assert counts() == {"added": 1, "removed": 0, "moved": 0}
    assert counts(moved=10) == {"added": 1, "removed": 0, "moved": 3}
    told = closed.get(
        f"/site-lists/{second.id}/diff",
        params={"against": first.id, "moved": 10, "format": "geojson"},
        headers=headers,
    ).json()["metadata"]
    assert (told["against"]["id"], told["moved_m"], told["counts"]["moved"]) == (first.id, 10, 3)
    other = filled.accepted["VinaPhone"].id
    address = f"/site-lists/{second.id}/diff"
    assert closed.get(address, params={"against": other}, headers=headers).status_code == 404
    planner = bearer(filled.tokens["planner"])
    assert closed.get(address, params={"against": other}, headers=planner).status_code == 400
    assert closed.get(address, params={"moved": -1}, headers=headers).status_code == 400
