"""Who asks, by an API key or as a signed-in browser, and what that reader may have."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from fastapi import Request, Response  # noqa: TC002  read by FastAPI

from api.queries import backend_of, settings_of, snapshot_of
from api.readers.sessions import HEADER, SESSION, check_csrf, session_of
from api.web.negotiation import Handling, answer
from api.web.problems import Problem
from geocover.register import audit
from geocover.register.keys import Key, all_keys, authenticate
from geocover.register.permissions import ACTIONS, could, may
from geocover.report.audience import Audience, audience_of, seen_by

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from api.queries import SnapshotQuery
    from geocover.register.database import Database
    from geocover.store import Snapshot

OPEN = Audience(None, None, everybody=True)
BEARER = "bearer "
FOR_EVERYBODY = frozenset({"snapshots:read"})
ACTION_OF: dict[Callable[..., object], str] = {}  # of the dependencies that `needs` gave


@dataclass(frozen=True)
class Reader:
    """Who asks.

    Attributes
    ----------
    key
        The key shown; None for the public.
    by_cookie
        Whether a signed-in browser shows it, whose requests others can forge.
    """

    key: Key | None = None
    by_cookie: bool = False

    def could(self, action: str) -> bool:
        """Whether the reader may do something at all, be it to its own operator's things alone."""
        return action in FOR_EVERYBODY if self.key is None else could(self.key, action)

    def may(self, action: str, operator: str | None) -> bool:
        """Whether the reader may do something to an operator's things, or to everybody's."""
        return action in FOR_EVERYBODY if self.key is None else may(self.key, action, operator)

    @property
    def id(self) -> str:
        """Id of the key; empty for the public."""
        return "" if self.key is None else self.key.id

    @property
    def operator(self) -> str | None:
        """The operator whose things alone the reader may have; None where that is not one alone."""
        return None if self.key is None else self.key.operator

    def as_dict(self) -> dict[str, object]:
        """Who asks and what that reader may do, at least to its own things: plain JSON values, no secret."""
        key = self.key
        return {
            "role": key.role if key else None,
            "operator": self.operator,
            "scopes": list(key.scopes) if key else [],
            "name": key.name if key else None,
            "may": {action: self.could(action) for action in ACTIONS},
        }

    @property
    def shown(self) -> dict[str, object] | None:
        """The same as pages and their scripts need it; None for nobody."""
        return None if self.key is None else self.as_dict()

    @property
    def audience(self) -> Audience:
        """What of a snapshot the reader may see."""
        if self.operator is not None and self.could("operators:read"):
            return audience_of(self.operator)
        coverage, stations = (
            None if self.may(action, None) else frozenset[str]()
            for action in ("operators:read", "stations:read")
        )
        return Audience(coverage, stations)


def reader_of(request: Request) -> Reader:
    """Return who asks; one look for each request.

    Raises
    ------
    Problem
        401 for a key that is unknown, expired or revoked; 429 for one that asks too often. A browser whose
        session is over is the public.
    """
    known: Reader | None = getattr(request.state, "reader", None)
    if known is None:
        known = request.state.reader = _find(request)
        if known.key is not None:
            backend_of(request).rate.take(known.id)
    return known


def shows_key(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    """Whether a request shows something that may be a key."""
    session = f"{SESSION}=".encode()
    return any(
        name in (b"authorization", b"x-api-key") or (name == b"cookie" and session in value)
        for name, value in headers
    )


def _find(request: Request) -> Reader:
    if not shows_key(request.headers.raw):
        return Reader()
    token = _token(request)
    if token is not None:
        key = authenticate(backend_of(request).database, token)
        if key is None:
            raise unauthorised()
        return Reader(key)
    session = session_of(request)
    key = key_of(backend_of(request).database, session.key_id) if session else None
    return Reader(key, by_cookie=key is not None)


def _token(request: Request) -> str | None:
    """Token of the headers; None where there is none."""
    header = request.headers.get("authorization")
    if header is not None:
        return header[len(BEARER) :].strip() if header.lower().startswith(BEARER) else ""
    return request.headers.get("x-api-key")


def key_of(database: Database, key_id: str) -> Key | None:
    """Return a key by its id while it is valid."""
    now = database.clock()
    return next((one for one in all_keys(database) if one.id == key_id and one.valid(now)), None)


def unauthorised() -> Problem:
    """Ask for a key."""
    return Problem(
        401,
        "a valid key is needed: sign in, or send Authorization: Bearer gck_…",
        "cần khoá còn hiệu lực: hãy đăng nhập, hoặc gửi Authorization: Bearer gck_…",
        {"WWW-Authenticate": 'Bearer realm="geocover"'},
    )


@cache
def needs(action: str) -> Callable[[Request], Reader]:
    """Give a dependency: the reader, who may do something at least to its own operator's things.

    Raises
    ------
    Problem
        401 without a key, 403 for one that never may, and for a browser's change without the page's token.
    """
    writes = ACTIONS[action].scope == "write"

    def allowed(request: Request) -> Reader:
        reader = reader_of(request)
        if reader.key is None:
            raise unauthorised()
        if not reader.could(action):
            _refuse(request, reader, action)
        if writes and reader.by_cookie:
            check_csrf(request, request.headers.get(HEADER, ""))
        return reader

    ACTION_OF[allowed] = action
    return allowed


def _refuse(request: Request, reader: Reader, action: str) -> None:
    """Write a refusal into the audit and tell of it."""
    audit.record(backend_of(request).database, reader.id, action, request.url.path, {"refused": True})
    raise Problem(
        403,
        f"this key may not do {action}; ask the administrator",
        f"khoá này không được phép làm việc này ({action}); hãy liên hệ quản trị viên",
    )


def seen_snapshot(request: Request, query: SnapshotQuery) -> tuple[Snapshot, Audience]:
    """Give the snapshot that is asked for as the reader may see it, and what the reader may see."""
    audience = audience_for(request)
    return seen_by(snapshot_of(request, query), audience), audience


def audience_for(request: Request) -> Audience:
    """Give what the reader may see of snapshots; all of it on an open server."""
    reader = reader_of(request)
    return OPEN if settings_of(request).open else reader.audience


def sees_stations(audience: Audience) -> bool:
    """Whether a reader may see where any station stands."""
    return audience.stations != frozenset()


def stations_snapshot(request: Request, query: SnapshotQuery) -> tuple[Snapshot, Audience]:
    """Give the snapshot with the stations that the reader may see, as `seen_snapshot` does.

    Raises
    ------
    Problem
        401 or 403 for one who may see nobody's.
    """
    audience = audience_for(request)
    if not sees_stations(audience):
        needs("stations:read")(request)
    return seen_by(snapshot_of(request, query), audience), audience


def answer_seen(
    request: Request,
    seen: tuple[Snapshot, Audience],
    media: str,
    make: Callable[[Snapshot], bytes],
    *,
    headers: Mapping[str, str] | None = None,
    more: Sequence[str] = (),
) -> Response:
    """Answer with what is made of a snapshot as its reader may see it; `Handling` tells of the rest."""
    snapshot, audience = seen
    handling = Handling(headers=headers or {}, more=more, audience=audience.name)
    return answer(request, snapshot, media, lambda: make(snapshot), handling)
