"""Security headers of every answer, and HEAD answered as GET without a body."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import Request
from starlette.middleware.cors import CORSMiddleware

from api.web.problems import Problem, problem_response
from api.web.security import HEADERS, NOTHING, POLICY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastapi import FastAPI
    from starlette.responses import Response
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Only where the server is told that readers come by https: a year, this host alone.
TLS_ONLY = {b"strict-transport-security": b"max-age=31536000"}
SHOWN = (
    "Accept-Ranges", "Content-Crs", "Content-Disposition", "Content-Range", "ETag",
    "Geocover-Illustrative", "Geocover-Schematic",
    "Geocover-Snapshot", "Link", "RateLimit", "RateLimit-Policy", "Retry-After", "X-Request-ID",
)  # fmt: skip
HEAD_ONLY = "geocover.head_only"
METHODS = ("GET", "HEAD")
TAKEN = ("Authorization", "If-None-Match", "If-Range", "Range", "X-API-Key", "X-Request-ID")
# By Starlette's names of what it does not let in: the header that asked for it, and what to do.
ASKED_BY = {
    "origin": "origin",
    "method": "access-control-request-method",
    "headers": "access-control-request-headers",
    "private-network": "origin",
}
NOT_TAKEN = {
    "origin": (
        "pages of {asked} may not read this server; GEOCOVER_CORS_ORIGINS names those that may",
        "trang web của {asked} không được đọc dữ liệu ở đây; hãy khai báo ở GEOCOVER_CORS_ORIGINS",
    ),
    "method": (
        f"pages of other origins may not send {{asked}}; they may use {', '.join(METHODS)}",
        f"trang web khác không được gửi {{asked}}; chỉ dùng được {', '.join(METHODS)}",
    ),
    "headers": (
        f"pages of other origins may not send the headers {{asked}}; they may send {', '.join(TAKEN)}",
        f"trang web khác không được gửi các tiêu đề {{asked}}; chỉ gửi được {', '.join(TAKEN)}",
    ),
    "private-network": (
        "pages of {asked} may not reach into a private network; open them from within it",
        "trang web của {asked} không được truy cập mạng nội bộ; hãy mở trang từ trong mạng",
    ),
}


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


class Origins(CORSMiddleware):
    """Pages of other origins; a preflight that is refused says why and what would be taken."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer a preflight; without any origin there is nothing to say of others."""
        if _is_preflight(scope):
            await self._preflight(Request(scope))(scope, receive, send)
        elif self.allow_origins:
            await super().__call__(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    def _preflight(self, request: Request) -> Response:
        response = self.preflight_response(request.headers)
        if response.status_code < 400:
            return response
        why = bytes(response.body).decode().removeprefix("Disallowed CORS ").split(", ")[0]
        english, viet = (words.format(asked=request.headers[ASKED_BY[why]]) for words in NOT_TAKEN[why])
        refused = problem_response(request, Problem(response.status_code, english, viet))
        refused.headers.add_vary_header(response.headers["vary"])
        return refused


def _is_preflight(scope: Scope) -> bool:
    asked = scope["type"] == "http" and scope["method"] == "OPTIONS"
    return asked and {b"origin", b"access-control-request-method"} <= {name for name, _ in scope["headers"]}


def add_cors(app: FastAPI, origins: Sequence[str]) -> None:
    """Let pages of other origins read data, with a key in a header if they have one; cookies never count."""
    app.add_middleware(
        Origins,
        allow_origins=origins,
        allow_methods=METHODS,
        allow_headers=TAKEN,
        expose_headers=SHOWN,
        allow_credentials=False,
        max_age=3600,
    )
