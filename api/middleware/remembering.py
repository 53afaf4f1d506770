"""Answers that were given before, given again without any work: what a dashboard asks for all day."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from api.queries import LOOKED
from api.watching.metrics import REMEMBERED
from api.web.codings import choose_coding

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from api.registry import Registry

KEPT_BYTES = 32 << 20
ASKED_ONCE = 1 << 14  # questions of which is known that they came, if nothing else
LARGEST = 1 << 20  # of a body; beyond that sending costs more than making
HELD = 1000  # bytes of an answer beside its body and its address
ADDRESSES = ("/collections/", "/tiles/")
# Who shows one of these may see more than the public, or asks for a part.
PASSED_ON = frozenset({b"authorization", b"cookie", b"x-api-key", b"range"})
KEPT_STATUSES = (200, 304)
KINDS = (b"no-cache", b"public, ")

coding_liked = lru_cache(maxsize=256)(choose_coding)


@dataclass
class Given:
    """An answer as it was given.

    Attributes
    ----------
    route
        What made it: measures name it.
    status, headers, body
        The answer: 200, or 304 to one who named its tag.
    """

    route: Any = None
    status: int = 200
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    body: bytes = b""


class Answers:
    """Answers by what was asked; those not asked for longest go first when they are too many bytes.

    Only what comes a second time is kept: one who reads a collection from end to end asks for each page once.

    Parameters
    ----------
    most_bytes
        Of all together.
    """

    def __init__(self, most_bytes: int = KEPT_BYTES) -> None:
        self._most_bytes = most_bytes
        self._kept: OrderedDict[tuple[Hashable, ...], Given] = OrderedDict()
        self._once: OrderedDict[int, None] = OrderedDict()
        self._lock = threading.Lock()
        self.size = 0

    def get(self, key: tuple[Hashable, ...]) -> Given | None:
        """Return the answer that is kept for a key."""
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
            return found

    def comes_again(self, key: tuple[Hashable, ...]) -> bool:
        """Whether a question came before; from now on it did."""
        name = hash(key)
        with self._lock:
            if name in self._once:
                return True
            self._once[name] = None
            if len(self._once) > ASKED_ONCE:
                self._once.popitem(last=False)
            return False

    def keep(self, key: tuple[Hashable, ...], given: Given) -> None:
        """Keep an answer, in the place of an older one."""
        with self._lock:
            old = self._kept.pop(key, None)
            self._kept[key] = given
            self.size += _size(key, given) - (_size(key, old) if old is not None else 0)
            while self.size > self._most_bytes:
                self.size -= _size(*self._kept.popitem(last=False))


def _size(key: tuple[Hashable, ...], given: Given) -> int:
    told = sum(len(one) for one in key if isinstance(one, (bytes, str)))
    return len(given.body) + told + HELD


class Remember:
    """ASGI middleware: gives the public again what it was given, while the same snapshots are on offer.

    Only features and tiles are kept, and only answers that caches may keep; nothing of a reader who shows who
    it is. What is asked under another name of the host, in another coding or with another tag at hand is
    another answer. Only strong tags are kept: what is given is always what would be written anew.

    Parameters
    ----------
    app
        What stands behind.
    registry
        The snapshots on offer.
    """

    def __init__(self, app: ASGIApp, registry: Registry) -> None:
        self.app = app
        self._registry = registry
        self.answers = Answers()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Give an answer again, or pass the request on."""
        key = self._key(scope) if scope["type"] == "http" else None
        if key is None:
            await self.app(scope, receive, send)
            return
        scope[LOOKED] = key[0]
        given = self.answers.get(key)
        if given is None:
            if self.answers.comes_again(key):
                await self._pass_on(key, scope, receive, send)
            else:
                await self.app(scope, receive, send)
            return
        scope["route"] = given.route
        REMEMBERED.inc()
        await send({"type": "http.response.start", "status": given.status, "headers": list(given.headers)})
        await send({"type": "http.response.body", "body": given.body})

    def _key(self, scope: Scope) -> tuple[Hashable, ...] | None:
        """Give what an answer depends on; None where it is not kept."""
        if scope["method"] != "GET" or not scope["path"].startswith(ADDRESSES):
            return None
        told: dict[bytes, bytes] = {}
        for name, value in scope["headers"]:
            if name in PASSED_ON:
                return None
            told.setdefault(name, value)  # the first counts, as it does for what makes the answer
        coding = coding_liked(told.get(b"accept-encoding", b"").decode("latin-1"))
        path = scope.get("raw_path") or scope["path"]
        return (
            self._registry.look(),
            scope["scheme"],
            told.get(b"host"),
            path,
            scope["query_string"],
            coding,
            told.get(b"if-none-match"),
        )

    async def _pass_on(self, key: tuple[Hashable, ...], scope: Scope, receive: Receive, send: Send) -> None:
        given, whole = Given(), [False]

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                given.status = message["status"]
                given.headers = list(message["headers"])
            elif not whole[0] and not message.get("more_body", False):
                given.body, whole[0] = bytes(message.get("body", b"")), True
            else:
                given.status = 0  # it comes in parts
            await send(message)

        await self.app(scope, receive, sending)
        good = given.status in KEPT_STATUSES and whole[0] and len(given.body) <= LARGEST
        kept = good and may_be_kept(given.headers)
        if kept and self._registry.looked is key[0]:  # else it may be of what came meanwhile
            given.route = scope.get("route")
            self.answers.keep(key, given)


def may_be_kept(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    """Whether an answer has a strong tag, is for everybody, and sets nothing in a browser."""
    told = {name.lower(): value for name, value in headers}
    tagged = told.get(b"etag", b"").startswith(b'"')
    return tagged and b"set-cookie" not in told and told.get(b"cache-control", b"").startswith(KINDS)
