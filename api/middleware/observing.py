"""Every request is named, timed, counted and logged; what fails unforeseen is answered here."""

from __future__ import annotations

import logging
import re
import secrets
import time
from typing import TYPE_CHECKING

from fastapi import Request

from api.watching.logs import KEY, REQUEST_ID, REQUESTS
from api.watching.metrics import IN_FLIGHT, KNOWN_METHODS, count_request
from api.web.problems import failure_response

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADER = b"x-request-id"
HARMLESS = re.compile(rb"[A-Za-z0-9._-]{1,64}")
SNAPSHOT = b"geocover-snapshot"
ID_BYTES = 8
QUIET = frozenset({"/healthz", "/readyz", "/metrics"})
logger = logging.getLogger(REQUESTS)


class Observe:
    """ASGI middleware around all others."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        seen = Seen(scope, send)
        known = REQUEST_ID.set(seen.id)
        IN_FLIGHT.inc()
        try:
            await self._answer(scope, receive, seen)
        finally:
            IN_FLIGHT.dec()
            seen.tell()
            REQUEST_ID.reset(known)

    async def _answer(self, scope: Scope, receive: Receive, seen: Seen) -> None:
        """Answer; after the first byte a failure can only end the connection, which the server does."""
        try:
            await self.app(scope, receive, seen.send)
        except Exception as error:
            if seen.status:
                raise
            await failure_response(Request(scope), error)(scope, receive, seen.send)


class Seen:
    """One request as it goes by.

    Attributes
    ----------
    id
        Its name: the one it came with where that is harmless, else a random one.
    status
        Of the answer; 0 before it began.
    """

    def __init__(self, scope: Scope, send: Send) -> None:
        self._scope = scope
        self._send = send
        self._began = time.perf_counter()
        self._bytes = 0
        self._snapshot: str | None = None
        self.status = 0
        self.id = request_id(scope)

    async def send(self, message: Message) -> None:
        """Send a part of the answer."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = message["headers"]
            self._snapshot = next((value.decode() for name, value in headers if name == SNAPSHOT), None)
            message["headers"] = [*headers, (HEADER, self.id.encode())]
        else:
            self._bytes += len(message.get("body", b""))
        await self._send(message)

    def tell(self) -> None:
        """Count and log it; a client that went before an answer began is told of by status 499."""
        seconds, scope = time.perf_counter() - self._began, self._scope
        route = getattr(scope.get("route"), "path", None)
        status = self.status or 499
        count_request(scope["method"], route, status, seconds, self._bytes)
        level = logging.DEBUG if route in QUIET and status < 400 else logging.INFO
        if not logger.isEnabledFor(level):
            return
        reader = scope["state"].get("reader") if "state" in scope else None
        told = {
            "method": scope["method"] if scope["method"] in KNOWN_METHODS else "OTHER",
            "route": route,
            "status": status,
            "duration_ms": round(seconds * 1000, 2),
            "bytes": self._bytes,
            "key": (reader.id or None) if reader is not None else None,
            "snapshot": self._snapshot,
        }
        logger.log(level, "request", extra=told)


def request_id(scope: Scope) -> str:
    """Name of a request: the one that it brings where that is harmless, else a random one."""
    brought = next((value for name, value in scope["headers"] if name == HEADER), b"")
    harmless = HARMLESS.fullmatch(brought) and KEY not in brought
    return brought.decode() if harmless else secrets.token_hex(ID_BYTES)
