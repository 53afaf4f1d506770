"""Security headers of every answer, and HEAD answered as GET without a body."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.middleware.cors import CORSMiddleware

from api.web.security import HEADERS, NOTHING, POLICY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastapi import FastAPI
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Only where the server is told that readers come by https: a year, this host alone.
TLS_ONLY = {b"strict-transport-security": b"max-age=31536000"}
SHOWN = (
    "Accept-Ranges", "Content-Crs", "Content-Disposition", "Content-Range", "ETag",
    "Geocover-Illustrative", "Geocover-Schematic",
    "Geocover-Snapshot", "Link", "RateLimit", "RateLimit-Policy", "Retry-After", "X-Request-ID",
)  # fmt: skip
HEAD_ONLY = "geocover.head_only"
TAKEN = ("Authorization", "If-None-Match", "If-Range", "Range", "X-API-Key", "X-Request-ID")


class SecurityHeaders:
    """ASGI middleware: adds the headers that are missing; data may do nothing at all in a browser.

    Parameters
    ----------
    app
        What stands behind.
    tls
        Whether readers come by https.
    """

    def __init__(self, app: ASGIApp, *, tls: bool = False) -> None:
        self.app = app
        self._headers = {**HEADERS, **TLS_ONLY} if tls else HEADERS

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on; HEAD goes as GET, and the server leaves the body out."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = self._completed(message["headers"], message["status"])
            await send(message)

        inner = {**scope, "method": "GET", HEAD_ONLY: True} if scope["method"] == "HEAD" else {**scope}
        try:
            await self.app(inner, receive, send_with_headers)
        finally:
            scope["route"] = inner.get("route")

    def _completed(self, headers: list[tuple[bytes, bytes]], status: int) -> list[tuple[bytes, bytes]]:
        """Headers with those of ours that are not yet there.

        A 304 gets no policy: the browser keeps the one that came with the page, whose nonce the page holds.
        """
        wanted = self._headers if status == 304 else {**self._headers, POLICY: NOTHING}
        present = {name.lower() for name, _ in headers}
        return [*headers, *((name, value) for name, value in wanted.items() if name not in present)]


def head_only(scope: Scope) -> bool:
    """Whether a request is a HEAD that goes as GET: for what need not make the body then."""
    return bool(scope.get(HEAD_ONLY))


def add_cors(app: FastAPI, origins: Sequence[str]) -> None:
    """Let pages of other origins read data, with a key in a header if they have one; cookies never count."""
    if origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=origins,
            allow_methods=("GET", "HEAD"),
            allow_headers=TAKEN,
            expose_headers=SHOWN,
            allow_credentials=False,
            max_age=3600,
        )
