"""Security headers of every answer, and HEAD answered as GET without a body."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADERS = {
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"no-referrer",
    b"x-frame-options": b"SAMEORIGIN",
    b"cross-origin-opener-policy": b"same-origin",
    b"permissions-policy": b"geolocation=(), camera=(), microphone=()",
}
NOTHING = b"default-src 'none'; frame-ancestors 'none'"
POLICY = b"content-security-policy"


def page_policy(nonce: str, tiles_origin: str | None = None, *, forms: bool = False) -> str:
    """Content-Security-Policy of a page: own files only, and inline scripts with the nonce.

    Parameters
    ----------
    nonce
        Of this answer; in every script element of the page.
    tiles_origin
        Where background tiles come from, if any.
    forms
        Whether the page has forms; they go to this server alone.
    """
    pictures = "'self' data:" + (f" {tiles_origin}" if tiles_origin else "")
    parts = {
        "default-src": "'none'",
        "script-src": f"'self' 'nonce-{nonce}'",
        "style-src": "'self' 'unsafe-inline'",  # Leaflet places everything by inline styles
        "img-src": pictures,
        "font-src": "'self'",
        "connect-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'self'" if forms else "'none'",
        "frame-ancestors": "'self'",
    }
    return "; ".join(f"{name} {value}" for name, value in parts.items())


class SecurityHeaders:
    """ASGI middleware: adds the headers that are missing; data may do nothing at all in a browser."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on; HEAD goes as GET, and the server leaves the body out."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = _completed(message["headers"], message["status"])
            await send(message)

        method = "GET" if scope["method"] == "HEAD" else scope["method"]
        await self.app({**scope, "method": method}, receive, send_with_headers)


def _completed(headers: list[tuple[bytes, bytes]], status: int) -> list[tuple[bytes, bytes]]:
    """Headers with those of ours that are not yet there.

    A 304 gets no policy: the browser keeps the one that came with the page, whose nonce the page holds.
    """
    wanted = HEADERS if status == 304 else {**HEADERS, POLICY: NOTHING}
    present = {name.lower() for name, _ in headers}
    return [*headers, *((name, value) for name, value in wanted.items() if name not in present)]
