"""Signed-in browsers: the cookie that names a key, and the token that their forms and fetches must carry.

The cookie names the key and not its secret, is signed, and ends after half a day; whether the key still
stands is looked up with each request. The token is an HMAC of the session, so a page of another origin, which
cannot read ours, cannot make it. A browser that is not signed in yet has a random name in a cookie instead,
so that nobody is signed in to somebody else's key.

A page asks for `csrf_token` and passes its response through `keep_browser`.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from fastapi import Request, Response
from itsdangerous import BadSignature, URLSafeTimedSerializer

from api.queries import backend_of
from api.web.problems import Problem

if TYPE_CHECKING:
    from geocover.register.keys import Key

SESSION, BROWSER = "geocover_session", "geocover_browser"
FIELD, HEADER = "csrf", "x-csrf-token"
LASTS_S = 12 * 3600
NAME_BYTES = 24
Answer = TypeVar("Answer", bound=Response)


@dataclass(frozen=True)
class Session:
    """A signed-in browser: the id of its key, and a random name of its own."""

    key_id: str
    name: str


def session_of(request: Request) -> Session | None:
    """Return the session of a browser; None where it has none, or one that is forged or over."""
    shown = request.cookies.get(SESSION)
    if shown is None:
        return None
    try:
        told = _serializer(request).loads(shown, max_age=LASTS_S)
        return Session(str(told["key"]), str(told["name"]))
    except (BadSignature, KeyError, TypeError):
        return None


def sign_in(request: Request, response: Response, key: Key) -> None:
    """Give the browser a new session of a key."""
    told = {"key": key.id, "name": secrets.token_urlsafe(NAME_BYTES)}
    _set(request, response, SESSION, str(_serializer(request).dumps(told)))


def sign_out(response: Response) -> None:
    """Take the session from the browser."""
    response.delete_cookie(SESSION, path="/", httponly=True, samesite="strict")


def csrf_token(request: Request) -> str:
    """Token for the forms and fetches of a page; `keep_browser` must see the page's response."""
    session = session_of(request)
    return _token(request, session.name if session else _browser(request))


def keep_browser(request: Request, response: Answer) -> Answer:
    """Let a browser that has no name yet keep the one that its token was made for; gives the response."""
    made: str | None = getattr(request.state, "browser", None)
    if made is not None:
        _set(request, response, BROWSER, made)
    return response


def check_csrf(request: Request, given: str) -> None:
    """Refuse a request of a browser that does not carry the token of our pages.

    Raises
    ------
    Problem
        403.
    """
    session = session_of(request)
    name = session.name if session else request.cookies.get(BROWSER, "")
    if not name or not hmac.compare_digest(_token(request, name).encode(), given.encode()):
        raise Problem(
            403,
            "the form is out of date; reload the page and try again",
            "biểu mẫu đã hết hạn; hãy tải lại trang và thử lại",
        )


def _browser(request: Request) -> str:
    known = request.cookies.get(BROWSER) or getattr(request.state, "browser", None)
    if known is None:
        known = request.state.browser = secrets.token_urlsafe(NAME_BYTES)
    return str(known)


def _set(request: Request, response: Response, name: str, value: str) -> None:
    """Set a cookie that no script reads and no other site sends; over https it never goes in the clear."""
    secure = request.url.scheme == "https"
    response.set_cookie(name, value, LASTS_S, path="/", secure=secure, httponly=True, samesite="strict")


def _token(request: Request, name: str) -> str:
    return hmac.new(backend_of(request).secret, b"csrf\0" + name.encode(), hashlib.sha256).hexdigest()


def _serializer(request: Request) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(
        backend_of(request).secret,
        salt="geocover-session",
        signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256},
    )
