"""What a request may be and how many there may be: its host, its size, its place in the queue, its rate."""

from __future__ import annotations

import logging
from contextlib import suppress
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes, urlsplit

from fastapi import Request
from starlette.concurrency import run_in_threadpool

from api.readers.access import reader_of, shows_key
from api.watching.metrics import RATE_LIMITED
from api.web.counting import AtATime, client_name
from api.web.problems import Problem, problem_response
from geocover.errors import GeocoverError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from api.backend import Backend
    from api.readers.access import Reader
    from api.settings import Settings

LONGEST_ADDRESS = 16 << 10
MOST_PARAMETERS = 100
LARGEST_HEAD = 16 << 10
MOST_HEADERS = 100
OF_ONE = 4  # part of all places that one address may hold, or a few slow bodies would shut everybody out
ALWAYS = frozenset({"/healthz", "/readyz", "/metrics"})
EVENTS = b"text/event-stream"
CONTROL = frozenset({*range(32), 127})
logger = logging.getLogger("geocover.api")


class Guard:
    """ASGI middleware: refuses what is too large, too much or meant for another host, before any work.

    Parameters
    ----------
    app
        What stands behind.
    settings, backend
        The limits, and the buckets of keys and clients.
    """

    def __init__(self, app: ASGIApp, settings: Settings, backend: Backend) -> None:
        self.app = app
        self._most = settings.requests_at_once
        self._hosts = settings.host_names
        self._public = urlsplit(settings.public_url) if settings.public_url else None
        self._backend = backend
        self._running = 0
        self._of_one = AtATime(max(1, self._most // OF_ONE))
        self._warn = not settings.trusted_proxies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        ticket = _Ticket(scope, self._backend)
        send = ticket.told(send)
        try:
            check_size(scope)
            self._check_host(scope)
            self._look_for_proxy(scope)
            await ticket.take()
        except Problem as problem:
            await problem_response(Request(scope), problem)(scope, receive, send)
            return
        await self._queue(ticket, self._addressed(scope), receive, send)

    async def _queue(self, ticket: _Ticket, scope: Scope, receive: Receive, send: Send) -> None:
        """Do a request where there is a place; a stream of events, of which a key has few, gives its back."""
        if scope["path"] in ALWAYS:
            await self.app(scope, receive, send)
            return
        try:
            place = _Place(self, ticket.client)
        except Problem as problem:
            await problem_response(Request(scope), problem)(scope, receive, send)
            return
        try:
            await self.app(scope, receive, place.told(send))
        finally:
            place.leave()

    def _check_host(self, scope: Scope) -> None:
        if not self._hosts or scope["path"] in ALWAYS:
            return
        told = next((value for name, value in scope["headers"] if name == b"host"), b"").decode("latin-1")
        name = urlsplit(f"//{told}").hostname if _is_host(told) else None
        if name is None or not any(fnmatchcase(name, one) for one in self._hosts):
            raise Problem(
                400,
                "this server does not answer to that host name; use its own address, or name it in "
                "GEOCOVER_HOSTS",
                "máy chủ không phục vụ tên miền này; hãy dùng đúng địa chỉ của máy chủ, hoặc khai báo tên ở "
                "GEOCOVER_HOSTS",
            )

    def _look_for_proxy(self, scope: Scope) -> None:
        """Say once that there is a proxy of which nobody told: its readers count as one, or not at all."""
        if self._warn and any(name == b"x-forwarded-for" for name, _ in scope["headers"]):
            self._warn = False
            logger.warning("requests come through a proxy; GEOCOVER_TRUSTED_PROXIES does not name it")

    def _addressed(self, scope: Scope) -> Scope:
        """Let links begin as the setting says, whatever host the request names."""
        if self._public is None:
            return scope
        host = (b"host", self._public.netloc.encode())
        headers = [host, *(one for one in scope["headers"] if one[0] != b"host")]
        return {**scope, "scheme": self._public.scheme, "headers": headers}

    def enter(self, client: str | None) -> None:
        """Take a place.

        Raises
        ------
        Problem
            503 where all are taken, 429 where the client has its part of them.
        """
        if self._running >= self._most:
            raise crowded()
        if client is not None:
            self._take_part(client)
        self._running += 1

    def _take_part(self, client: str) -> None:
        try:
            self._of_one.enter(client)
        except Problem:
            RATE_LIMITED.labels("client").inc()
            raise

    def leave(self, client: str | None) -> None:
        """Give a place back."""
        self._running -= 1
        if client is not None:
            self._of_one.leave(client)


class _Place:
    """The place of one request, given back once."""

    def __init__(self, guard: Guard, client: str | None) -> None:
        guard.enter(client)
        self._guard: Guard | None = guard
        self._client = client

    def leave(self) -> None:
        if self._guard is not None:
            self._guard.leave(self._client)
            self._guard = None

    def told(self, send: Send) -> Send:
        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start" and _is_stream(message["headers"]):
                self.leave()
            await send(message)

        return sending


class _Ticket:
    """Whom a request is counted to: first the client's address, then the key where it shows a valid one."""

    def __init__(self, scope: Scope, backend: Backend) -> None:
        self._scope = scope
        self._backend = backend
        self._state = scope.setdefault("state", {})
        client = scope.get("client")
        self.client = client_name(client[0]) if client else None
        self._taken = False

    async def take(self) -> None:
        """Count the request to the address; where that has no more, only a valid key is let in."""
        if self.client is None or self._scope["path"] in ALWAYS:
            return
        try:
            self._backend.public.take(self.client)
            self._taken = True
        except Problem:
            if await self._key() is None:
                RATE_LIMITED.labels("client").inc()
                raise

    async def _key(self) -> Reader | None:
        """The reader whose valid key the request shows."""
        if shows_key(self._scope["headers"]):
            with suppress(Problem, GeocoverError):
                reader = await run_in_threadpool(reader_of, Request(self._scope))
                return reader if reader.key is not None else None
        return None

    def told(self, send: Send) -> Send:
        """Say with the answer what is left; an address does not pay for a key."""

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = self._headers(message["status"])
                if not _kept_by_all(message["headers"]):
                    message["headers"] = [*message["headers"], *headers]
            await send(message)

        return sending

    def _headers(self, status: int) -> list[tuple[bytes, bytes]]:
        reader: Reader | None = self._state.get("reader")
        if reader is not None and reader.key is not None:
            if self._taken and self.client is not None:
                self._backend.public.give_back(self.client)
            if status == 429:
                RATE_LIMITED.labels("key").inc()
            told = self._backend.rate.quota(reader.id).headers("key")
        elif self.client is not None and self._backend.public.limited:
            told = self._backend.public.quota(self.client).headers("client")
        else:
            return []
        return [(name.lower().encode(), value.encode()) for name, value in told.items()]


def check_size(scope: Scope) -> None:
    """Refuse addresses and heads that are too large, and addresses with characters that nobody can see.

    Raises
    ------
    Problem
        414, 431, 400 or 404.
    """
    query: bytes = scope["query_string"]
    if len(scope["raw_path"]) + len(query) > LONGEST_ADDRESS:
        raise Problem(414, "the address is longer than 16 KiB", "địa chỉ dài quá 16 KiB")
    headers = scope["headers"]
    if len(headers) > MOST_HEADERS or sum(len(name) + len(value) for name, value in headers) > LARGEST_HEAD:
        raise Problem(
            431,
            "the request's headers are larger than 16 KiB or more than 100",
            "phần đầu yêu cầu lớn quá 16 KiB hoặc có quá 100 dòng",
        )
    if query.count(b"&") >= MOST_PARAMETERS:
        raise Problem(400, "more than 100 parameters", "có quá 100 tham số")
    if b"%" in scope["raw_path"] and not CONTROL.isdisjoint(unquote_to_bytes(scope["raw_path"])):
        raise Problem(404, "the address holds a control character", "địa chỉ có ký tự điều khiển")


def crowded() -> Problem:
    """Say that there are too many requests under way."""
    return Problem(
        503,
        "too many requests are under way; try again in a moment",
        "máy chủ đang quá tải; hãy thử lại sau giây lát",
        {"Retry-After": "1"},
    )


def _is_host(told: str) -> bool:
    return bool(told) and all(one.isalnum() or one in "-._:[]" for one in told) and told.isascii()


def _is_stream(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    return any(name.lower() == b"content-type" and value.startswith(EVENTS) for name, value in headers)


def _kept_by_all(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    """Whether caches that many readers share may keep an answer, with what it says of the first of them."""
    return any(name.lower() == b"cache-control" and b"public" in value for name, value in headers)
