"""Answers given again: to whom, for how long, and how many."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from api.middleware import remembering
from api.middleware.remembering import HELD, LARGEST, Answers, Given, Remember
from tests.api.running import bearer

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from tests.api.filling import Filled

PATH = "/collections/communes/items"
KEPT = {"etag": '"a"', "cache-control": "no-cache"}


class Offered:
    """Stands for the snapshots on offer."""

    def __init__(self) -> None:
        self.looked: tuple[tuple[str, int], ...] = (("2025", 1),)

    def look(self) -> tuple[tuple[str, int], ...]:
        """Name and time of each."""
        return self.looked


class Asked:
    """An application that counts, behind what is tested."""

    def __init__(self, status: int = 200, headers: dict[str, str] | None = None, parts: int = 1) -> None:
        self.made = 0
        self.body = b"x"
        self.meanwhile: Callable[[], None] = lambda: None
        self._status, self._headers, self._parts = status, KEPT if headers is None else headers, parts
        self.offered = Offered()
        self.tested = Remember(self._application, self.offered)  # type: ignore[arg-type]

    async def _application(self, scope: Any, _receive: Any, send: Any) -> None:
        self.made += 1
        self.meanwhile()
        scope["route"] = "a route"
        told = [(name.encode(), value.encode()) for name, value in self._headers.items()]
        await send({"type": "http.response.start", "status": self._status, "headers": told})
        for part in range(self._parts, 0, -1):
            await send({"type": "http.response.body", "body": self.body, "more_body": part > 1})

    def ask(
        self, path: str = PATH, query: str = "", method: str = "GET", more: Any = (), **headers: str
    ) -> dict[str, Any]:
        """Ask once; what came."""
        told = {"host": "a", **headers}
        scope = {
            "type": "http", "method": method, "scheme": "http", "path": path, "query_string": query.encode(),
            "headers": [(name.replace("_", "-").encode(), value.encode()) for name, value in told.items()]
            + list(more),
        }  # fmt: skip
        sent: list[Any] = []

        async def send(message: Any) -> None:
            sent.append(message)
            message["headers"] = [*message.get("headers", []), (b"added", b"outside")]

        asyncio.run(self.tested(scope, None, send))  # type: ignore[arg-type]
        return {"route": scope["route"], "headers": sent[0]["headers"], "body": sent[-1]["body"]}


def test_what_was_given_is_given_again() -> None:
    """Would catch an answer made anew, one that lost its route (measures) or gathers others' headers."""
    asked = Asked()
    first, second, again, last = asked.ask(), asked.ask(), asked.ask(), asked.ask()
    assert asked.made == 2
    assert first == second == again == last
    assert [name for name, _ in again["headers"]] == [b"etag", b"cache-control", b"added"]


def test_what_comes_once_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Would catch memory filled by one who reads everything once, and questions that are never forgotten."""
    monkeypatch.setattr(remembering, "ASKED_ONCE", 3)
    asked = Asked()
    for page in range(4):
        asked.ask(query=f"offset={page}")
    assert asked.tested.answers.size == 0
    for page in (0, 3):  # the first is forgotten, the last is known
        asked.ask(query=f"offset={page}")
        asked.ask(query=f"offset={page}")
    assert asked.made == 4 + 2 + 1


@pytest.mark.parametrize(
    "other",
    [
        {"query": "limit=1"}, {"path": f"{PATH}/1"}, {"host": "b"}, {"accept_encoding": "gzip"},
        {"path": "/figures"}, {"if_none_match": '"b"'}, {"method": "HEAD"}, {"method": "POST"},
    ],
)  # fmt: skip
def test_another_question_is_another_answer(other: dict[str, str]) -> None:
    """Would catch an answer of another address, host (its links) or coding."""
    asked = Asked()
    asked.ask()
    asked.ask()
    asked.ask(**other)  # type: ignore[arg-type]
    assert asked.made == 3
    asked.ask()
    assert asked.made == 3


@pytest.mark.parametrize("header", ["authorization", "cookie", "x_api_key", "range"])
def test_who_shows_something_is_passed_on(header: str) -> None:
    """Would catch a reader with rights who gets the public's answer, and the public who gets the reader's."""
    asked = Asked()
    for told in ({header: "1"}, {}, {header: "1"}):
        asked.ask(**told)
        asked.ask(**told)
    assert asked.made == 6
    asked.ask()
    assert asked.made == 6


def test_of_two_headers_the_first_counts() -> None:
    """Would catch compressed bytes kept for those who cannot read them, and links to another's host."""
    asked = Asked()
    for _ in range(2):
        asked.ask(accept_encoding="gzip", more=[(b"accept-encoding", b"gzip;q=0"), (b"host", b"b")])
        asked.ask()
        asked.ask(host="b")
    assert asked.made == 6
    asked.ask(accept_encoding="gzip")
    assert asked.made == 6


def test_a_publication_ends_it() -> None:
    """Would catch an answer of a snapshot that is not the newest any more."""
    asked = Asked()
    asked.ask()
    asked.ask()
    asked.offered.looked = (("2025", 1), ("2026", 2))
    asked.body = b"y"
    assert asked.ask()["body"] == b"y"


def test_what_comes_meanwhile_is_not_kept() -> None:
    """Would catch an answer of a snapshot that came and went again, kept under the list without it."""
    asked = Asked()
    before = asked.offered.looked

    def meanwhile() -> None:
        asked.offered.looked = (*before,)  # as it was, but looked at anew

    asked.ask()
    asked.meanwhile = meanwhile
    asked.ask()
    assert asked.offered.looked is not before
    asked.meanwhile = lambda: None
    asked.ask()
    assert asked.made == 3
    asked.ask()
    assert asked.made == 3


@pytest.mark.parametrize(
    ("status", "headers", "parts"),
    [
        (404, KEPT, 1), (204, KEPT, 1), (200, {"cache-control": "no-cache"}, 1), (200, KEPT, 2),
        (200, {**KEPT, "cache-control": "private, no-cache"}, 1), (200, {**KEPT, "set-cookie": "a=b"}, 1),
        (200, {"etag": '"a"'}, 1), (200, {**KEPT, "etag": 'W/"a"'}, 1),
    ],
)  # fmt: skip
def test_what_caches_may_not_keep_is_made_anew(status: int, headers: dict[str, str], parts: int) -> None:
    """Would catch a kept error, private answer, or first part of a body."""
    asked = Asked(status, headers, parts)
    for _ in range(3):
        asked.ask()
    assert asked.made == 3


def test_large_bodies_are_not_kept() -> None:
    """Would catch few large answers in the place of many small ones."""
    asked = Asked()
    asked.body = b"x" * (LARGEST + 1)
    for _ in range(3):
        asked.ask()
    assert asked.made == 3
    assert asked.tested.answers.size == 0


def test_answers_stay_within_their_bytes() -> None:
    """Would catch memory that grows with addresses, and the one in use dropped first."""
    answers = Answers(3 * (HELD + 101))
    for name in ("a", "b", "c"):
        answers.keep((name,), Given(body=b"x" * 100))
    assert answers.get(("a",)) is not None
    answers.keep(("d",), Given(body=b"x" * 100))
    assert [name for name in "abcd" if answers.get((name,))] == ["a", "c", "d"]
    answers.keep(("d",), Given(body=b"x" * 50))
    assert answers.size == 3 * (HELD + 101) - 50


def test_each_reader_has_its_own(closed: httpx.Client, filled: Filled) -> None:
    """Would catch the stations of a planner given to the public, and the public's list given to a planner."""
    lists = "/collections/coverage/items"
    planner = bearer(filled.tokens["planner"])
    for _ in range(2):
        public, seen = closed.get(lists).json(), closed.get(lists, headers=planner).json()
        assert public["numberMatched"] < seen["numberMatched"]
        assert closed.get("/collections/stations/items", headers=planner).status_code == 200
        assert closed.get("/collections/stations/items").status_code == 401


def remembered(client: httpx.Client) -> float:
    """Answers given again until now."""
    lines = client.get("/metrics").text.splitlines()
    counted = "geocover_remembered_answers_total"
    return next(float(line.split()[1]) for line in lines if line.startswith(counted))


def test_it_is_counted_and_named_anew(client: httpx.Client) -> None:
    """Would catch an answer given again with the name of another request, or not counted as one."""
    path = f"{PATH}/07894"
    client.get(path)
    first = client.get(path)
    before = remembered(client)
    again = client.get(path)
    assert remembered(client) == before + 1
    assert again.content == first.content
    assert again.headers["etag"] == first.headers["etag"]
    assert again.headers["x-request-id"] != first.headers["x-request-id"]
    assert again.headers["content-security-policy"] == first.headers["content-security-policy"]


def test_who_has_it_already_is_told_so_again(client: httpx.Client) -> None:
    """Would catch a dashboard for which every "nothing new" is worked out, and one told so of another tag."""
    path = f"{PATH}?limit=7"
    tag, before = client.get(path).headers["etag"], remembered(client)
    asked = [client.get(path, headers={"If-None-Match": tag}) for _ in range(4)]
    assert {one.status_code for one in asked} == {304}
    assert {one.content for one in asked} == {b""}
    told = [{name: one.headers[name] for name in {*one.headers} - {"date", "x-request-id"}} for one in asked]
    assert told[0] == told[1] == told[2] == told[3]
    assert "content-length" not in told[3]
    assert remembered(client) == before + 2
    assert client.get(path, headers={"If-None-Match": '"other"'}).status_code == 200
    assert client.get(path).status_code == 200
