"""Bytes as they come over the wire: one answer to one request, in order, and 400 to what is not HTTP/1."""

from __future__ import annotations

import asyncio
import json
import socket
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from api.middleware.connections import MOST_IN_LINE, MOST_PENDING
from api.settings import Settings
from tests.api import guarding
from tests.api.guarding import answer_to, connect, get, guarded, read_all, status_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

PATIENCE_S = 0.5
GET = b"GET /a HTTP/1.1\r\nHost: x\r\n"
POST = b"POST /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"
SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n"
NOT_HTTP = {
    "a length beside chunks": POST
    + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    + SMUGGLED,
    "chunks beside a length": POST + b"Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
    "two lengths": POST + b"Content-Length: 3\r\nContent-Length: 38\r\n\r\nabc" + SMUGGLED,
    "the same length twice": POST + b"Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc",
    "a list of lengths": POST + b"Content-Length: 3, 3\r\n\r\nabc",
    "a length with a sign": POST + b"Content-Length: +3\r\n\r\nabc",
    "a length below nothing": POST + b"Content-Length: -3\r\n\r\nabc",
    "a length in sixteens": POST + b"Content-Length: 0x3\r\n\r\nabc",
    "an empty length": POST + b"Content-Length: \r\n\r\nabc",
    "a length without end": POST + b"Content-Length: 99999999999999999999\r\n\r\nabc",
    "an unknown coding": POST + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "chunks not last": POST + b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
    "chunks within another coding": POST + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "chunks twice": POST + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "chunks behind a strange blank": POST + b"Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n",
    "chunks in HTTP/1.0": b"POST /a HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + SMUGGLED,
    "a blank before the colon": POST + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
    "a blank before the first header": b"GET /a HTTP/1.1\r\n Host: x\r\n\r\n",
    "a folded line": GET + b"X: a\r\n b\r\n\r\n",
    "a folded line with a tab": GET + b"X: a\r\n\tTransfer-Encoding: chunked\r\n\r\n",
    "lines without CR": b"GET /a HTTP/1.1\nHost: x\n\n",
    "a header without CR": GET + b"X: a\nY: b\r\n\r\n",
    "a header without LF": GET + b"X: a\rY: b\r\n\r\n",
    "an end without CR": GET + b"X: a\r\n\n",
    "NUL in a value": GET + b"X: a\x00b\r\n\r\n",
    "a control character in a value": GET + b"X: a\x01b\r\n\r\n",
    "DEL in a value": GET + b"X: a\x7fb\r\n\r\n",
    "a header without name": GET + b": a\r\n\r\n",
    "a header without colon": GET + b"X\r\n\r\n",
    "a name with brackets": GET + b"X(y): a\r\n\r\n",
    "a name beyond ASCII": GET + b"X\xe1: a\r\n\r\n",
    "no host": b"GET /a HTTP/1.1\r\nX: a\r\n\r\n",
    "two hosts": GET + b"Host: y\r\n\r\n",
    "the same host twice": GET + b"hOST: x\r\n\r\n",
    "two hosts in HTTP/1.0": b"GET /a HTTP/1.0\r\nHost: x\r\nHost: y\r\n\r\n",
    "no version": b"GET /a\r\n\r\n",
    "HTTP/0.9": b"GET /a HTTP/0.9\r\nHost: x\r\n\r\n",
    "HTTP/2": b"GET /a HTTP/2.0\r\nHost: x\r\n\r\n",
    "HTTP/3": b"GET /a HTTP/3.0\r\nHost: x\r\n\r\n",
    "the preface of HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "a version in small letters": b"GET /a http/1.1\r\nHost: x\r\n\r\n",
    "an unknown method": b"FOO /a HTTP/1.1\r\nHost: x\r\n\r\n",
    "a method in small letters": b"get /a HTTP/1.1\r\nHost: x\r\n\r\n",
    "a method that goes on": b"GETX /a HTTP/1.1\r\nHost: x\r\n\r\n",
    "a blank before the method": b" GET /a HTTP/1.1\r\nHost: x\r\n\r\n",
    "a tunnel": b"CONNECT x:80 HTTP/1.1\r\nHost: x\r\n\r\n" + SMUGGLED,
    "a target without slash": b"GET a HTTP/1.1\r\nHost: x\r\n\r\n",
    "a target with a blank": b"GET /a b HTTP/1.1\r\nHost: x\r\n\r\n",
    "a target with a tab": b"GET /a\tb HTTP/1.1\r\nHost: x\r\n\r\n",
    "a target with NUL": b"GET /a\x00 HTTP/1.1\r\nHost: x\r\n\r\n",
    "a target beyond ASCII": b"GET /\xe1 HTTP/1.1\r\nHost: x\r\n\r\n",
    "a query beyond ASCII": b"GET /a?\xe1 HTTP/1.1\r\nHost: x\r\n\r\n",
    "a target with a fragment": b"GET /a#b HTTP/1.1\r\nHost: x\r\n\r\n",
    "another scheme": b"GET ftp://x/a HTTP/1.1\r\nHost: x\r\n\r\n",
    "a name with a password": b"GET http://u:p@x/a HTTP/1.1\r\nHost: x\r\n\r\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    "a chunk without CR": CHUNKED + b"3\nabc\r\n0\r\n\r\n",
    "a chunk of another length": CHUNKED + b"3\r\nabcd\r\n0\r\n\r\n",
    "a chunk in its C form": CHUNKED + b"0x3\r\nabc\r\n0\r\n\r\n",
    "a chunk below nothing": CHUNKED + b"-3\r\nabc\r\n0\r\n\r\n",
    "a chunk without end": CHUNKED + b"fffffffffffffffff\r\nabc\r\n0\r\n\r\n",
    "an extension without CR": CHUNKED + b"3;a\nabc\r\n0\r\n\r\n",
}
CLOSE = b"Host: x\r\nConnection: close\r\n\r\n"
H2C = b"Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings, close\r\nHTTP2-Settings: AAMAAABk\r\n"
TAKEN: dict[str, tuple[bytes, dict[str, str]]] = {
    "an address": (b"GET /a?b?c=%2F HTTP/1.1\r\n" + CLOSE, {"raw_path": "/a", "query_string": "b?c=%2F"}),
    "an empty query": (b"GET /a? HTTP/1.1\r\n" + CLOSE, {"raw_path": "/a", "query_string": ""}),
    "slashes": (b"GET //x//y?z=// HTTP/1.1\r\n" + CLOSE, {"raw_path": "//x//y", "query_string": "z=//"}),
    "per cent": (b"GET /a%20%2e HTTP/1.1\r\n" + CLOSE, {"raw_path": "/a%20%2e", "path": "/a ."}),
    "marks": (b"GET /'\"<>`{|}\\^[];:@ HTTP/1.1\r\n" + CLOSE, {"raw_path": "/'\"<>`{|}\\^[];:@"}),
    "an absolute target": (b"GET http://y:8/a?b HTTP/1.1\r\n" + CLOSE, {"raw_path": "/a", "host": "y:8"}),
    "an absolute target alone": (b"GET HTTP://y HTTP/1.1\r\n" + CLOSE, {"raw_path": "/", "host": "y"}),
    "the whole server": (b"OPTIONS * HTTP/1.1\r\n" + CLOSE, {"raw_path": "*", "method": "OPTIONS"}),
    "lines before": (b"\r\n\r\nGET /a HTTP/1.1\r\n" + CLOSE, {"raw_path": "/a"}),
    "an empty host": (b"GET /a HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n", {"host": ""}),
    "HTTP/1.0": (b"GET /a HTTP/1.0\r\n\r\n", {"http_version": "1.0"}),
    "blanks about a value": (b"GET /a HTTP/1.1\r\nX-A: \t a b\t \r\n" + CLOSE, {"x-a": "a b"}),
    "a value in UTF-8": (b"GET /a HTTP/1.1\r\nX-A: \xe1\xbb\x8b\r\n" + CLOSE, {"x-a": "\xe1\xbb\x8b"}),
    "blanks about a length": (
        POST + b"Content-Length: 3 \r\n\r\nabc",
        {"content-length": "3"},
    ),
    "chunks": (CHUNKED + b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", {"body": "abcde"}),
    "extensions": (CHUNKED + b'3;a="b";c\r\nabc\r\n0;d\r\n\r\n', {"body": "abc"}),
    "trailers": (CHUNKED + b"3\r\nabc\r\n0\r\nX-API-Key: k\r\nHost: y\r\n\r\n", {"body": "abc", "host": "x"}),
    "an upgrade": (b"GET /a HTTP/1.1\r\nHost: x\r\n" + H2C + b"\r\n", {"raw_path": "/a"}),
    "an upgrade with a body": (
        b"POST /a HTTP/1.1\r\nHost: x\r\n" + H2C + b"Content-Length: 38\r\n\r\n" + SMUGGLED.ljust(38),
        {"body": SMUGGLED.decode().ljust(38)},
    ),
    "an upgrade with chunks": (
        b"POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n" + H2C + b"\r\n3\r\nabc\r\n0\r\n\r\n",
        {"body": "abc"},
    ),
}


async def tell(scope: Scope, receive: Receive, send: Send) -> None:
    """An application that answers with what it was asked; slowly, without a length, or only when told."""
    more, body = True, b""
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        more, body = message["more_body"], body + message["body"]
    if scope["raw_path"] == b"/slow":
        await asyncio.sleep(PATIENCE_S)
    names = ("method", "path", "http_version")
    told = {name.decode(): value.decode("latin-1") for name, value in scope["headers"]}
    told |= {name: scope[name] for name in names} | {"body": body.decode("latin-1")}
    told |= {name: scope[name].decode("latin-1") for name in ("raw_path", "query_string")}
    told["loop"] = type(asyncio.get_running_loop()).__module__
    answer = json.dumps(told).encode()
    length = [] if scope["raw_path"] == b"/stream" else [(b"content-length", str(len(answer)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": length})
    await send({"type": "http.response.body", "body": answer[:5], "more_body": True})
    await send({"type": "http.response.body", "body": answer[5:]})


def serving(app: ASGIApp, monkeypatch: pytest.MonkeyPatch, folder: Path) -> Any:
    """The real server before an application of the test's own."""
    monkeypatch.setattr(guarding, "create_app", lambda _: app)
    return guarded(Settings(data=folder, snapshots=folder, header_s=PATIENCE_S), monkeypatch)


@pytest.fixture
def telling(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[int]:
    """Port of the server before `tell`."""
    with serving(tell, monkeypatch, tmp_path) as port:
        yield port


def answers_in(answer: bytes) -> list[int]:
    """Statuses of all answers that came."""
    return [status_of(b"HTTP/1.1 " + part) for part in answer.split(b"HTTP/1.1 ")[1:]]


def told_by(answer: bytes) -> dict[str, str]:
    """What `tell` saw."""
    found: dict[str, str] = json.loads(answer.partition(b"\r\n\r\n")[2])
    return found


def read_on(made: socket.socket) -> None:
    """Read whatever comes, until the server ends it well."""
    while made.recv(1 << 20):
        pass


def test_what_is_not_http_is_refused_once(
    monkeypatch: pytest.MonkeyPatch, small_root: Path, tmp_path: Path
) -> None:
    """Catches requests that a proxy and this server read differently: one would hide in another's body."""
    settings = Settings(snapshots=small_root, data=tmp_path, header_s=5, open=True)
    with guarded(settings, monkeypatch) as port:
        for what, raw in NOT_HTTP.items():
            answer = answer_to(port, raw)
            assert answers_in(answer) == [400], (what, answer)
            assert b"application/problem+json" in answer, what
            assert b"x-content-type-options: nosniff" in answer.lower(), what
        assert status_of(answer_to(port, get("/healthz"))) == 200
        counted = answer_to(port, get("/metrics")).partition(
            b'method="OTHER",route="elsewhere",status="400"} '
        )[2]
        assert float(counted.split()[0]) >= len(NOT_HTTP)


def test_what_is_http_reaches_the_application_as_it_was_sent(telling: int) -> None:
    """Catches a changed address, a body that an upgrade swallows, and trailers taken for headers."""
    for what, (raw, wanted) in TAKEN.items():
        for parts in ([raw], [raw[:-3], raw[-3:]]):
            answer = answer_to(telling, *parts, pause_s=0.02)
            assert answers_in(answer) == [200], (what, answer)
            told = told_by(answer)
            assert {name: told[name] for name in wanted} == wanted, what
            assert not {"x-api-key", "upgrade"} & set(told), what


def test_the_loop_is_the_fast_one(telling: int) -> None:
    """Catches a server that does not take the loop that the extra `service` installs."""
    wanted = "asyncio" if sys.platform == "win32" else "uvloop"
    assert told_by(answer_to(telling, get("/a")))["loop"].startswith(wanted)


def test_requests_in_line_are_answered_in_order(telling: int) -> None:
    """Catches an answer, or a refusal, that overtakes the one before it, and a request answered twice."""
    slow, last = b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n", get("/last")
    whole = GET + b"Upgrade: websocket\r\nConnection: upgrade\r\n\r\n"
    answer = answer_to(telling, slow + whole + GET + b"\r\n" + last)
    found = [part.partition(b'"raw_path": "')[2].split(b'"')[0] for part in answer.split(b"HTTP/1.1 ")[1:]]
    assert found == [b"/slow", b"/a", b"/a", b"/last"]
    assert answers_in(answer_to(telling, last + SMUGGLED)) == [200]
    for wrong in (b"nonsense\r\n\r\n", GET + b"Host: y\r\n\r\n", CHUNKED + b"x", GET + b"X: \x00"):
        for parts in ([slow + wrong], [slow, wrong]):
            assert answers_in(answer_to(telling, *parts, pause_s=0.05)) == [200, 400], wrong
    assert answers_in(answer_to(telling, slow + b"GET /late HT")) == [200, 408]
    assert answers_in(answer_to(telling, CHUNKED + b"3\r\nabc\r\n", b"x\r\n", pause_s=0.1)) == [400]


def test_a_line_without_end_is_refused(telling: int) -> None:
    """Catches the memory of one connection with thousands of small requests, each of which waits."""
    answer = answer_to(telling, b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n" + (GET + b"\r\n") * 3000)
    assert answers_in(answer) == [200] * (MOST_IN_LINE + 1) + [503]


@pytest.mark.parametrize(
    ("before", "piece"),
    [
        (b"GET /", b"a" * 65536),
        (GET + b"X: ", b"a" * 65536),
        (GET, b"X: a\r\n" * 10_000),
        (CHUNKED + b"3;", b"a" * 65536),
        (CHUNKED + b"3\r\nabc\r\n0\r\n", b"X: a\r\n" * 10_000),
        (CHUNKED + b"3\r\nabc\r\n0\r\nX: ", b"a" * 65536),
        (b"", b"\r\n" * 32768),
    ],
)
def test_what_does_not_end_is_refused_before_it_fills_the_memory(
    telling: int, before: bytes, piece: bytes
) -> None:
    """Catches heads, extensions, trailers and empty lines that the parser takes for as long as they come."""
    with connect(telling) as made:
        made.sendall(before)
        sent = 0
        try:
            while sent < 100 * MOST_PENDING:
                sent += made.send(piece)
        except OSError:
            pass
        answer = read_all(made)
    assert sent < 100 * MOST_PENDING
    assert answers_in(answer) in ([431], []), answer  # none where the kernel threw it away with what was left


def test_a_large_head_in_small_pieces_is_told_so(telling: int) -> None:
    """Catches a refusal that nobody hears, or that says something else."""
    drops = [b"X: " + b"a" * 10_000 + b"\r\n"] * 7
    answer = answer_to(telling, GET, *drops, pause_s=0.02)
    assert answers_in(answer) == [431]
    assert b"16 KiB" in answer


def test_empty_lines_do_not_keep_a_connection(telling: int) -> None:
    """Catches a kept connection that a byte a moment holds open for ever."""
    began = time.monotonic()
    answer = answer_to(telling, GET + b"\r\n", *([b"\r\n"] * 40), pause_s=0.1)
    assert answers_in(answer) == [200, 408]
    assert time.monotonic() - began < 10


def test_a_client_that_waits_is_told_to_continue(telling: int) -> None:
    """Catches an upload that waits for a word that never comes, or the word where an answer was given."""
    answer = answer_to(
        telling, POST + b"Expect: 100-continue\r\nContent-Length: 3\r\n\r\n", b"abc", pause_s=0.1
    )
    assert answers_in(answer) == [100, 200]
    assert told_by(answer.partition(b"\r\n\r\n")[2])["body"] == "abc"


def test_http_1_0_gets_no_chunks(telling: int) -> None:
    """Catches a size in the middle of an answer that an old client or a proxy takes for its text."""
    old = answer_to(telling, b"GET /stream HTTP/1.0\r\n\r\n")
    assert b"chunked" not in old.lower()
    assert told_by(old)["raw_path"] == "/stream"
    new = answer_to(telling, get("/stream"))
    assert b"transfer-encoding: chunked" in new
    assert new.endswith(b"\r\n0\r\n\r\n")
    assert answer_to(telling, b"HEAD /stream HTTP/1.0\r\n\r\n").endswith(b"\r\n\r\n")


def test_answers_without_a_body_leave_the_connection_usable(
    monkeypatch: pytest.MonkeyPatch, small_root: Path, tmp_path: Path
) -> None:
    """Catches the length of a 304 or of HEAD that is waited for, and a length that is not the body's."""
    with guarded(Settings(snapshots=small_root, data=tmp_path, open=True), monkeypatch) as port:
        first = answer_to(port, get("/collections/communes/items?limit=1"))
        tag = next(line for line in first.split(b"\r\n") if line.lower().startswith(b"etag:")).split(b" ")[1]
        path = b" /collections/communes/items?limit=1 HTTP/1.1\r\nHost: x\r\n"
        unchanged, head = b"GET" + path + b"If-None-Match: " + tag + b"\r\n\r\n", b"HEAD" + path + b"\r\n"
        answer = answer_to(port, unchanged + head + unchanged + get("/collections/communes/items?limit=1"))
        assert answers_in(answer) == [304, 200, 304, 200]
        assert answer.endswith(first.partition(b"\r\n\r\n")[2])


def test_who_goes_is_missed_though_others_stand_in_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Catches a stream that goes on for ever: uvicorn tells the last request in line that the client left."""
    began, left = threading.Event(), threading.Event()

    async def streaming(_: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        began.set()
        message: Message = await receive()
        if message["type"] == "http.disconnect":
            left.set()

    with serving(streaming, monkeypatch, tmp_path) as port:
        with connect(port) as made:
            made.sendall((GET + b"\r\n") * 3)
            assert began.wait(10)
        assert left.wait(10)


def test_who_does_not_read_is_reset(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Catches a connection that the kernel keeps for minutes with what nobody reads, whatever the loop."""

    async def large(_: Scope, __: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"a" * 20_000_000})

    monkeypatch.setattr(guarding, "create_app", lambda _: large)
    settings = Settings(data=tmp_path, snapshots=tmp_path, silence_s=PATIENCE_S)
    with guarded(settings, monkeypatch) as port, connect(port, receive_buffer=4096) as made:
        made.sendall(get("/a"))
        time.sleep(4 * PATIENCE_S)
        with pytest.raises(ConnectionResetError):
            read_on(made)
