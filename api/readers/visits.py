"""Who reads which page, and the page for that reader."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from api.queries import base_of, registry_of, settings_of
from api.readers.access import reader_of, sees_stations
from api.readers.sessions import csrf_token
from api.web.negotiation import Handling, answer
from api.web.security import HTML, new_nonce, page_policy
from geocover.maps import static_digest
from geocover.maps.pages import Visit

if TYPE_CHECKING:
    from collections.abc import Callable

    from fastapi import Request, Response

    from api.queries import NoQuery, SnapshotQuery
    from geocover.report.audience import Audience
    from geocover.store import Snapshot


def visit_of(request: Request, language: Literal["vi", "en"] | None, audience: Audience) -> Visit:
    """Who reads which page, with a nonce of its own."""
    reader = reader_of(request)
    return Visit(
        nonce=new_nonce(),
        language=language or "vi",
        path=request.url.path,
        query={name: value for name, value in request.query_params.items() if value},
        me=reader.shown,
        csrf=csrf_token(request) if reader.by_cookie else "",
        history=registry_of(request).all(),
        tiles=settings_of(request).tiles,
        positions=sees_stations(audience),
        origin=base_of(request),
    )


def page_for(
    request: Request,
    query: SnapshotQuery | NoQuery,
    snapshot: Snapshot | None,
    audience: Audience,
    make: Callable[[Visit], str],
) -> Response:
    """Answer with a page for this reader; its tag is weak, for the nonce differs with each answer."""
    visit = visit_of(request, query.lang, audience)
    policy = page_policy(visit.nonce, settings_of(request).tiles_origin, forms=True)
    handling = Handling(
        headers={"Content-Security-Policy": policy}, more=_tag(visit), weak=True, audience=audience.name
    )
    return answer(request, snapshot, HTML, lambda: make(visit).encode(), handling)


def _tag(visit: Visit) -> list[str]:
    """What else decides the content of a page: its files, the dates on offer, who reads it and from where."""
    who = [str(visit.me["name"]), str(visit.me["role"])] if visit.me else []
    return [static_digest(), visit.origin, visit.csrf, *who, *(one.id for one in visit.history)]
