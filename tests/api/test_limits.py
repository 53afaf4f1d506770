"""Nobody can ask for too much: rates with headers, sizes, slow clients, too many at once; by real sockets."""

from __future__ import annotations

import asyncio
import re
import selectors
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from api.middleware import bodies
from api.routes import data
from api.settings import Settings
from api.web.counting import MOST_KEYS, Rate, client_name
from api.web.problems import Problem
from tests.api.guarding import answer_to, connect, get, guarded, read_all, status_of
from tests.api.running import bearer

if TYPE_CHECKING:
    from pathlib import Path

    from tests.api.conftest import Serving
    from tests.api.filling import Filled

PROXY = {"trusted_proxies": "127.0.0.1"}


def test_a_bucket_fills_steadily_and_gives_back() -> None:
    """Catches a limit by calendar minute, a wait that is too short, and tokens that grow above the limit."""
    now = [0.0]
    rate = Rate(60.0, clock=lambda: now[0])
    for _ in range(60):
        rate.take("a")
    with pytest.raises(Problem) as caught:
        rate.take("a")
    assert caught.value.status == 429
    now[0] += float(caught.value.headers["Retry-After"])
    rate.take("a")
    assert rate.quota("a").headers("key")["RateLimit-Policy"] == '"key";q=60;w=60'
    rate.take("b")
    rate.give_back("b")
    rate.give_back("b")
    assert rate.quota("b").left == 60
    now[0] += 1e6
    assert rate.quota("a").headers("key")["RateLimit"] == '"key";r=60;t=0'


def test_many_clients_do_not_set_free_the_one_that_is_limited() -> None:
    """Catches a table that is emptied when it is full: an attacker with many addresses would reset it."""
    rate = Rate(2.0, clock=lambda: 0.0)
    for number in range(MOST_KEYS + 500):
        if number % 1000 == 0:
            for _ in range(3):
                with_suppressed(rate, "attacker")
        rate.take(f"{number}")
    with pytest.raises(Problem):
        rate.take("attacker")


def with_suppressed(rate: Rate, name: str) -> None:
    try:
        rate.take(name)
    except Problem:
        rate.give_back(name)
        rate.take(name)


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("127.0.0.1", None),
        ("::1", None),
        ("::ffff:127.0.0.1", None),
        ("203.0.113.9", "203.0.113.9"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9%eth0", "2001:db8:1:2::/64"),
        ("testclient", "testclient"),
    ],
)
def test_clients_are_counted_by_household(host: str, name: str | None) -> None:
    """Catches IPv6 clients that take a new address for each request, and one client under two names."""
    assert client_name(host) == name


def test_the_public_is_limited_by_address_and_a_key_by_itself(
    serving: Serving, small_root: Path, filled: Filled
) -> None:
    """Catches a limit that a made-up key evades, and one that a neighbour's flood turns on key holders."""
    settings = Settings(
        snapshots=small_root, data=filled.folder, public_requests_per_minute=5, requests_per_minute=1000,
        **PROXY,
    )  # fmt: skip
    with serving(settings) as client:
        near, far = {"X-Forwarded-For": "203.0.113.9"}, {"X-Forwarded-For": "2001:db8::1"}
        key = bearer(filled.tokens["viewer"])
        for left in (4, 3):
            response = client.get("/figures", headers=near)
            assert response.headers["ratelimit-policy"] == '"client";q=5;w=60'
            assert response.headers["ratelimit"].startswith(f'"client";r={left};t=')
        for _ in range(10):  # a key does not use up its address
            response = client.get("/shares", headers={**near, **key})
            assert response.status_code == 200
            assert response.headers["ratelimit-policy"] == '"key";q=1000;w=60'
        asked = [client.get("/figures", headers=near) for _ in range(4)]
        assert [one.status_code for one in asked] == [200, 200, 200, 429]
        refused = asked[-1]
        assert refused.headers["content-type"] == "application/problem+json"
        assert 1 <= int(refused.headers["retry-after"]) <= 13
        assert "ratelimit" in refused.headers
        for made_up in (bearer("gck_no_such"), {"X-API-Key": "x"}, {"Cookie": "geocover_session=x"}):
            assert client.get("/snapshots", headers={**near, **made_up}).status_code == 429
        assert client.get("/shares", headers={**near, **key}).status_code == 200
        assert client.get("/figures", headers=far).status_code == 200
        assert client.get("/healthz", headers=near).status_code == 200


def test_a_proxy_is_believed_only_when_told(serving: Serving, small_root: Path, tmp_path: Path) -> None:
    """Catches a client that names another address for each request; here the server sees this machine."""
    settings = Settings(snapshots=small_root, data=tmp_path, public_requests_per_minute=2)
    from api.server import options

    assert options(settings)["proxy_headers"] is False
    assert options(Settings(**PROXY))["forwarded_allow_ips"] == "127.0.0.1"
    with pytest.raises(ValueError, match="trusted_proxies"):
        Settings(trusted_proxies="proxy.example.vn")


def test_each_key_has_headers_and_429(serving: Serving, small_root: Path, filled: Filled) -> None:
    """Catches answers to a key without the headers, and workers that allow the whole each."""
    settings = Settings(snapshots=small_root, data=filled.folder, requests_per_minute=8, workers=2)
    with serving(settings) as client:
        key = bearer(filled.tokens["planner"])
        paths = ["/me", "/site-lists", "/shares", "/nowhere-of-site-lists", "/stations", "/jobs/x"]
        answers = [client.get(path, headers=key) for path in paths]
        assert [one.status_code for one in answers] == [200, 200, 200, 404, 200, 429]
        told = [one.headers.get("ratelimit-policy") for one in answers]
        assert told == ['"key";q=4;w=60'] * 3 + [None] + ['"key";q=4;w=60'] * 2
        assert int(answers[-1].headers["retry-after"]) >= 1


def test_what_everybody_may_keep_tells_nothing_of_one_reader(
    serving: Serving, small_root: Path, tmp_path: Path
) -> None:
    """Catches a shared cache that repeats the first reader's quota to all others."""
    with serving(Settings(snapshots=small_root, data=tmp_path, **PROXY)) as client:
        far = {"X-Forwarded-For": "203.0.113.9"}
        kept = re.search(r'"(/static/[^"]+)"', client.get("/maps/coverage", headers=far).text)
        assert kept is not None
        response = client.get(kept.group(1), headers=far)
        assert "public" in response.headers["cache-control"]
        assert "ratelimit" not in response.headers
        assert "ratelimit" in client.get("/snapshots", headers=far).headers


@pytest.fixture
def strict(small_root: Path, tmp_path: Path) -> Settings:
    """Limits that a test can wait for."""
    return Settings(
        snapshots=small_root, data=tmp_path, header_s=0.6, silence_s=0.6, slowest_bytes_s=2000,
        requests_at_once=3, connections_at_once=40, open=True,
    )  # fmt: skip


def test_sizes_are_bounded(strict: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Catches addresses, parameters and headers without end, and characters that nobody can see."""
    asked = {
        414: [get("/figures?x=" + "a" * 17_000), get("/" + "a" * 17_000)],
        431: [
            get("/figures", "X-Long: " + "a" * 17_000),
            get("/figures", *(f"X-{number}: a" for number in range(120))),
            b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 400_000 + b"\r\n\r\n",
        ],
        404: [get("/communes/%00/coverage"), get("/communes/a%0d%0aSet-Cookie:x/coverage")],
        400: [
            get("/figures?" + "&".join("x" * 150)),
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
            b"GET /figures HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: nonsense\r\n\r\n",
        ],
    }
    with guarded(strict, monkeypatch) as port:
        for status, requests in asked.items():
            for request in requests:
                answer = answer_to(port, request)
                assert status_of(answer) == status, (request[:80], answer[:200])
                assert b"application/problem+json" in answer


def test_a_head_that_does_not_come_is_cut(strict: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Catches slow loris: nothing at all, a header a moment, and the second request of a connection."""
    drops = [f"X-{number}: a\r\n".encode() for number in range(40)]
    with guarded(strict, monkeypatch) as port:
        for parts in ([], [b"GET /figures HTTP/1.1\r\n", *drops]):
            began = time.monotonic()
            answer = answer_to(port, *parts, pause_s=0.1)
            assert time.monotonic() - began < 5
            assert status_of(answer) == 408
        first = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
        answer = answer_to(port, first, b"GET /figures HT", pause_s=0.2)
        assert answer.count(b"HTTP/1.1 200") == answer.count(b"HTTP/1.1 408") == 1


@pytest.mark.parametrize("path", ["/site-lists", "/sign-in", "/site-lists/x/reject"])
def test_a_body_that_does_not_come_is_cut(
    strict: Settings, monkeypatch: pytest.MonkeyPatch, filled: Filled, path: str
) -> None:
    """Catches uploads that hold a place for ever: silent ones, and ones of a byte a moment."""
    kind = {"/site-lists": "multipart/form-data; boundary=b", "/sign-in": "application/x-www-form-urlencoded"}
    told = kind.get(path, "application/json")
    head = (
        f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: {told}\r\nContent-Length: 100000\r\n"
        f"X-API-Key: {filled.tokens['admin']}\r\n\r\n"
    ).encode()
    start = b'--b\r\nContent-Disposition: form-data; name="file"; filename="x.csv"\r\n\r\n'
    with guarded(strict.model_copy(update={"data": filled.folder}), monkeypatch) as port:
        for parts in ([head, start], [head, start, *([b"a"] * 40)]):
            began = time.monotonic()
            answer = answer_to(port, *parts, pause_s=0.1)
            assert time.monotonic() - began < 5
            assert status_of(answer) == 408, answer
            assert b"connection: close" in answer.lower()
        assert status_of(answer_to(port, get("/figures"))) == 200


def test_a_body_too_large_without_a_length_is_413(strict: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Catches a chunked body that is read to its end, or refused as if it were badly written."""
    head = b"POST /sign-in HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    chunk = b"10000\r\n" + b"a" * 0x10000 + b"\r\n"
    with guarded(strict, monkeypatch) as port:
        answer = answer_to(port, head + b"Transfer-Encoding: chunked\r\n\r\n", *([chunk] * 17))
        assert status_of(answer) == 413, answer


def test_who_does_not_read_is_cut_and_holds_nobody_up(
    strict: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Catches answers that wait for ever in memory, and threads held by clients that do not read."""
    monkeypatch.setattr(data, "figures_json", lambda _: b"x" * 5_000_000)
    settings = strict.model_copy(update={"requests_at_once": 100, "connections_at_once": 100})
    with guarded(settings, monkeypatch) as port:
        lazy = [connect(port, receive_buffer=4096) for _ in range(45)]  # more than there are threads
        for one in lazy:
            one.sendall(get("/figures", "Accept-Encoding: identity"))
        began = time.monotonic()
        assert status_of(answer_to(port, get("/snapshots"))) == 200
        assert time.monotonic() - began < 5
        time.sleep(3.0)
        got = [len(read_all(one)) for one in lazy]
        assert max(got) < 5_000_000
        slow = connect(port, receive_buffer=4096)  # one that reads, if slowly, gets it all
        slow.sendall(get("/snapshots"))
        time.sleep(0.3)
        assert b"snapshots" in read_all(slow)
        for one in (*lazy, slow):
            one.close()


def test_too_many_at_once_are_told_to_come_again(strict: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Catches a queue without end: one slow address would take all others with it; health is told always."""
    gate, entered = threading.Event(), threading.Semaphore(0)

    def slow(_: object) -> bytes:
        entered.release()
        gate.wait(20)
        return b"{}"

    monkeypatch.setattr(data, "figures_json", slow)
    with guarded(strict, monkeypatch) as port, ThreadPoolExecutor(3) as pool:
        held = [pool.submit(answer_to, port, get("/figures")) for _ in range(3)]
        for _ in held:
            assert entered.acquire(timeout=10)
        answer = answer_to(port, get("/snapshots"))
        assert status_of(answer) == 503
        assert b"retry-after: 1" in answer.lower()
        assert b"application/problem+json" in answer
        assert status_of(answer_to(port, get("/healthz"))) == 200
        gate.set()
        assert [status_of(one.result()) for one in held] == [200] * 3
        assert status_of(answer_to(port, get("/snapshots"))) == 200


def test_one_address_does_not_hold_all_places(strict: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Catches one client whose slow bodies, each within the pace, shut everybody else out."""
    told = {"requests_at_once": 8, "silence_s": 60.0, "public_requests_per_minute": 0.0, **PROXY}
    settings = strict.model_copy(update=told)
    head = b"POST /sign-in HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\nX-Forwarded-For: %b\r\n"
    kind = b"Content-Type: application/x-www-form-urlencoded\r\n\r\na"
    with guarded(settings, monkeypatch) as port:
        held = [connect(port) for _ in range(2)]
        for one in held:
            one.sendall(head % b"198.51.100.7" + kind)
        mine, others = "X-Forwarded-For: 198.51.100.7", "X-Forwarded-For: 198.51.100.8"
        end = time.monotonic() + 20
        while status_of(refused := answer_to(port, get("/snapshots", mine))) != 429:
            assert time.monotonic() < end
        assert b"retry-after" in refused.lower()
        assert status_of(answer_to(port, get("/snapshots", others))) == 200
        assert status_of(answer_to(port, get("/healthz", mine))) == 200
        for one in held:
            one.close()
        while status_of(answer_to(port, get("/snapshots", mine))) != 200:
            assert time.monotonic() < end, "places of those who went are counted"


def test_connections_are_bounded(strict: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Catches a server that takes connections until it has no more files to open."""
    with guarded(strict.model_copy(update={"connections_at_once": 5}), monkeypatch) as port:
        idle = [connect(port) for _ in range(5)]
        time.sleep(0.1)
        answer = answer_to(port, get("/healthz"))
        assert status_of(answer) == 503
        assert b"retry-after" in answer.lower()
        for one in idle:
            one.close()
        end = time.monotonic() + 20
        while status_of(answer_to(port, get("/healthz"))) == 503:
            assert time.monotonic() < end, "connections that closed are counted"
            time.sleep(0.05)
        assert status_of(answer_to(port, get("/healthz"))) == 200


def test_an_answer_before_the_body_ends_the_connection(
    strict: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Catches a connection that waits for the rest of a body that nobody wants."""
    head = b"GET /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nabc"
    with guarded(strict, monkeypatch) as port:
        began = time.monotonic()
        assert status_of(answer_to(port, head)) == 200
        assert time.monotonic() - began < 5


class _NoWaiting(selectors.DefaultSelector):
    """Waits of an event loop that pass at once, and the clock that they move."""

    now_s = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Nothing comes from outside: the time is simply over."""
        self.now_s += timeout or 0.0
        return super().select(0)


class _Clockwork(asyncio.SelectorEventLoop):
    """An event loop whose seconds do not depend on how busy the machine is."""

    def __init__(self) -> None:
        self._waits = _NoWaiting()
        super().__init__(self._waits)

    def time(self) -> float:
        """Seconds since its start."""
        return self._waits.now_s


async def body_of(parts: int, every_s: float) -> int:
    """Bytes read of a body of parts of 600 bytes that come every so many seconds."""
    left = [b"a" * 600] * parts

    async def receive() -> dict[str, object]:
        await asyncio.sleep(every_s)
        return {"type": "http.request", "body": left.pop(), "more_body": bool(left)}

    body = bodies._Body(receive, silence_s=30.0, slowest_bytes_s=1000.0)  # type: ignore[arg-type]
    got, more = 0, True
    while more:
        message = await body.receive()
        got, more = got + len(message["body"]), message["more_body"]
    return got


def test_a_slow_body_is_not_cut_while_it_comes() -> None:
    """Catches a deadline on the whole of an upload, and a body of a byte a moment that is let in.

    600 bytes every 0.5 s are above the slowest pace, however long it takes; every 0.7 s they are below.
    """
    with asyncio.Runner(loop_factory=_Clockwork) as runner:
        assert runner.run(body_of(500, every_s=0.5)) == 300_000
        for parts, every_s in ((500, 0.7), (2, 31.0)):
            with pytest.raises(Problem, match="too slowly"):
                runner.run(body_of(parts, every_s))
        assert runner.run(body_of(40, every_s=0.7)) == 24_000
        assert runner.run(body_of(2, every_s=29.0)) == 1200
