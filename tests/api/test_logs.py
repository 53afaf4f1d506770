"""Logs say what happened and who asked, in lines that a machine reads, and hold no secret."""

from __future__ import annotations

import json
import logging
import re
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from api.middleware.observing import request_id
from api.watching.logs import JsonLines, TextLines, redact
from tests.api.failing import PASSWORD
from tests.api.guarding import Process, answer_to, get, server_process
from tests.api.running import DECEMBER, bearer, make_csv, make_key

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CONTENT = "NOI-DUNG-CANARY"
QUERY = "cau-hoi-CANARY"
COOKIE = "banh-quy-CANARY"
CSRF = "c5f" * 20 + "CANA"
SECRET = "bi-mat-cua-may-chu-" + "x" * 32


class Driven:
    """A server after all kinds of requests."""

    def __init__(self, process: Process, token: str) -> None:
        self.process, self.token = process, token
        self.port = int(process.origin.rsplit(":", 1)[1])
        self.answers: dict[str, httpx.Response] = {}

    def drive(self) -> None:
        """Send all kinds of requests, with secrets wherever a secret can stand."""
        key, swapped = bearer(self.token), self.token[:-1] + ("1" if self.token.endswith("0") else "0")
        hostile = {
            **key,
            "Cookie": f"geocover_session={COOKIE}; geocover_browser={COOKIE}",
            "X-CSRF-Token": CSRF,
        }
        content = make_csv(3, prefix=CONTENT)
        with httpx.Client(base_url=self.process.origin, timeout=30) as client:
            asked: dict[str, tuple[str, str, dict[str, Any]]] = {
                "figures": ("GET", "/figures", {"headers": {"X-Request-ID": "ioc-dashboard.7"}}),
                "unknown": ("GET", f"/figures?token={QUERY}", {"headers": {"X-Request-ID": "x\ty" * 50}}),
                "nowhere": ("GET", f"/nowhere-{QUERY}", {"headers": key}),
                "me": ("GET", "/me", {"headers": key}),
                "wrong": ("GET", "/me", {"headers": bearer(swapped)}),
                "method": ("PUT", "/figures", {"headers": hostile}),
                "sign in": (
                    "POST",
                    "/sign-in",
                    {"data": {"key": self.token, "csrf": CSRF}, "headers": hostile},
                ),
                "large": ("POST", "/sign-in", {"content": CONTENT.encode() * 100_000}),
                "fail": ("POST", "/fail", {"content": CONTENT, "headers": hostile}),
                "reject": ("POST", "/site-lists/x/reject", {"json": {"reason": CONTENT}, "headers": key}),
            }
            for name, (method, path, more) in asked.items():
                self.answers[name] = client.request(method, path, **more)
            self.answers["upload"] = client.post(
                "/site-lists", headers=key, data={"as_of": DECEMBER.isoformat(), "operator": "Viettel"},
                files={"file": (f"{CONTENT}.csv", content)},
            )  # fmt: skip
        answer_to(self.port, f"nonsense {self.token} {CONTENT}\r\n\r\n".encode())
        answer_to(self.port, get(f"/figures?x={QUERY}", f"X-API-Key: {self.token}"))


@pytest.fixture(scope="module")
def driven(tmp_path_factory: pytest.TempPathFactory, small_root: Path) -> Iterator[Driven]:
    folder = tmp_path_factory.mktemp("logged")
    token = make_key(folder, "planner")
    told = {"SNAPSHOTS": str(small_root), "SECRET": SECRET, "JOB_SLOTS": "0", "LOG_LEVEL": "debug"}
    with server_process(folder, "tests.api.failing:create", **told) as process:
        one = Driven(process, token)
        one.drive()
        assert process.stop() in (0, -15)
        yield one


def test_no_log_holds_a_secret(driven: Driven) -> None:
    """Catches keys, cookies, tokens, passwords, query strings and contents of files, in tracebacks too."""
    statuses = {name: one.status_code for name, one in driven.answers.items()}
    assert statuses == {
        "figures": 200, "unknown": 400, "nowhere": 404, "me": 200, "wrong": 401, "method": 405,
        "sign in": 403, "large": 413, "fail": 500, "reject": 404, "upload": 202,
    }  # fmt: skip
    log = driven.process.log.read_text(encoding="utf-8")
    assert "RuntimeError" in log  # the traceback is there
    for secret in (
        driven.token,
        driven.token[-20:],
        COOKIE,
        CSRF,
        CONTENT,
        PASSWORD,
        SECRET,
        "?token",
        "?x=",
    ):
        assert secret not in log, secret
    assert QUERY not in log


def test_every_line_is_json_and_says_what_happened(driven: Driven) -> None:
    """Catches plain tracebacks between the lines, uvicorn's own access log, and requests not told of."""
    lines = [json.loads(line) for line in driven.process.lines]
    assert all({"time", "level", "logger", "message", "request_id"} <= set(line) for line in lines)
    told = [line for line in lines if line["logger"] == "geocover.requests"]
    assert all(
        {"method", "route", "status", "duration_ms", "bytes", "key", "snapshot"} <= set(line) for line in told
    )
    assert len(told) >= len(driven.answers) + 1
    figures = next(line for line in told if line["request_id"] == "ioc-dashboard.7")
    assert (figures["route"], figures["status"], figures["method"]) == ("/figures", 200, "GET")
    assert figures["bytes"] == int(driven.answers["figures"].headers["content-length"])
    assert figures["snapshot"] == driven.answers["figures"].headers["geocover-snapshot"]
    me = next(line for line in told if line["route"] == "/me" and line["status"] == 200)
    assert me["key"]
    assert me["key"] not in driven.token.rsplit("_", 1)[1]
    assert {line["route"] for line in told if line["status"] == 404} == {None, "/site-lists/{list_id}/reject"}
    failed = driven.answers["fail"].headers["x-request-id"]
    assert {line["logger"] for line in lines if line["request_id"] == failed} == {
        "geocover.api", "geocover.requests",
    }  # fmt: skip


def test_the_request_id_goes_back_where_it_is_harmless(driven: Driven) -> None:
    """Catches an id that writes into logs or headers what its sender likes."""
    assert driven.answers["figures"].headers["x-request-id"] == "ioc-dashboard.7"
    for name in ("unknown", "fail", "nowhere", "large"):
        assert re.fullmatch("[0-9a-f]{16}", driven.answers[name].headers["x-request-id"])
    for wrong in (b"a" * 65, b"a b", b"\xff", b"a\x0bb", b"<b>", b"gck_x_y", b""):
        assert request_id({"headers": [(b"x-request-id", wrong)]}) != wrong.decode("latin-1")


def test_secrets_that_are_told_are_hidden_as_they_are_written(monkeypatch: pytest.MonkeyPatch) -> None:
    """Catches a password with characters that JSON or a URL writes in another way."""
    monkeypatch.setenv("GEOCOVER_DATABASE_URL", "postgresql://geocover:p%40ss%22w@db.example/register")
    monkeypatch.setenv("GEOCOVER_SECRET", SECRET)
    record = logging.makeLogRecord(
        {
            "msg": 'failed for p@ss"w and %s',
            "args": (f"p%40ss%22w {SECRET}",),
            "levelname": "ERROR",
            "name": "x",
        }
    )
    for formatter in (JsonLines(), TextLines()):
        text = formatter.format(record)
        assert "failed for *** and *** ***" in text
    assert json.loads(JsonLines().format(record))["level"] == "ERROR"


@pytest.mark.parametrize(
    "text",
    [
        "{'authorization': 'Bearer CANARY', 'x': 1}",
        "[(b'cookie', b'CANARY')]",
        r"{\"Authorization\": \"Bearer CANARY\"}",
        "X-CSRF-Token: CANARY",
        "csrf=CANARY&x=1",
        "postgresql+psycopg://u:CANARY@h/d",
        "geocover_session=CANARY; path=/",
        "password='CANARY'",
        "gck_CANARY_CANARY",
    ],
)
def test_what_looks_like_a_secret_is_hidden(text: str) -> None:
    """Catches headers and addresses that a library puts into its message."""
    assert "CANARY" not in redact(text)
    assert "***" in redact(text)
