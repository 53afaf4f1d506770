"""Problems as pages for those who look through a browser; programs get problem+json."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import Request, Response

from api.web.origin import from_here
from api.web.security import HTML, POLICY, new_nonce, page_policy
from geocover.maps.pages import Visit, empty_page, trouble_page

if TYPE_CHECKING:
    from typing import Literal

LONGEST_QUERY = 2000


def wants_page(request: Request) -> bool:
    """Whether a browser asks for something to read: it names HTML, which no client of the API does."""
    return "text/html" in request.headers.get("accept", "").lower()


def trouble_response(
    request: Request, status: int, detail: str, language: Literal["vi", "en"], headers: dict[str, str]
) -> Response:
    """Answer with a page that says what went wrong and leads back; without any result, what to do."""
    known = len(request.url.query) <= LONGEST_QUERY
    visit = Visit(
        new_nonce(),
        language,
        request.url.path,
        dict(request.query_params) if known else {},
        me=_me(request),
    )
    empty = status == 404 and not request.app.state.registry.all()
    html = _empty(request, visit) if empty else trouble_page(visit, status, detail)
    policy = {POLICY.decode(): page_policy(visit.nonce, forms=True)}
    return Response(html, status, media_type=HTML, headers={**headers, **policy})


def _empty(request: Request, visit: Visit) -> str:
    """What to do to have a result; where the files lie is told to this machine alone."""
    settings = request.app.state.settings
    return empty_page(visit, settings.data if from_here(request) else None, settings.scenario)


def _me(request: Request) -> dict[str, object] | None:
    """Who asks, where that was found out before the problem."""
    reader = getattr(request.state, "reader", None)
    return reader.shown if reader is not None else None
