"""Who reads which page, for the head of every page and for what decides its content."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any, Literal

from fastapi import Request  # noqa: TC002  read by FastAPI

from api.queries import registry_of, settings_of
from api.readers.access import Reader, reader_of
from api.readers.sessions import csrf_token
from geocover.maps import static_digest
from geocover.maps.pages import Visit
from geocover.register.permissions import ACTIONS

if TYPE_CHECKING:
    from geocover.report.audience import Audience

NONCE_BYTES = 18


def visit_of(request: Request, language: Literal["vi", "en"] | None, audience: Audience) -> Visit:
    """Who reads which page, with a nonce of its own."""
    reader = reader_of(request)
    return Visit(
        nonce=secrets.token_urlsafe(NONCE_BYTES),
        language=language or "vi",
        path=request.url.path,
        query={name: value for name, value in request.query_params.items() if value},
        me=me_of(reader),
        csrf=csrf_token(request) if reader.by_cookie else "",
        history=registry_of(request).all(),
        tiles=settings_of(request).tiles,
        positions=audience.stations != frozenset(),
        origin=str(request.base_url).rstrip("/"),
    )


def page_tag(visit: Visit) -> list[str]:
    """What else decides the content of a page: its files, the dates on offer, who reads it and from where."""
    who = [str(visit.me["name"]), str(visit.me["role"])] if visit.me else []
    return [static_digest(), visit.origin, visit.csrf, *who, *(one.id for one in visit.history)]


def me_of(reader: Reader) -> dict[str, Any] | None:
    """Who reads, as the scripts need it; None for nobody."""
    if reader.key is None:
        return None
    may = {action: reader.could(action) for action in ACTIONS}
    return {"name": reader.key.name, "role": reader.key.role, "operator": reader.operator, "may": may}
