"""The first address: JSON for clients of OGC API, the map for browsers."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from api.openapi.documents import JSON, responses
from api.queries import base_of
from api.routes.feature_queries import FormatQuery  # noqa: TC001  read by FastAPI
from api.web.accepting import weighted
from api.web.negotiation import Handling, answer
from geocover.features import conformance_json, landing_json

HTML = "text/html"
DOCUMENTATION = "/method"

router = APIRouter(default_response_class=Response, tags=["features"], responses=responses(400, 429, 500))


@router.get("/", responses=responses(200, media=JSON, schema="Landing"))
def landing(request: Request, query: Annotated[FormatQuery, Query()]) -> Response:
    """Trang đầu của OGC API; trình duyệt được đưa tới bản đồ. Landing page; browsers are led to the map."""
    if query.f is None and _prefers_html(request.headers.get("accept", "")):
        return RedirectResponse("/maps/coverage", headers={"Vary": "Accept"})
    base = base_of(request)
    handling = Handling(headers={"Vary": "Accept, Accept-Encoding"}, more=[base])
    return answer(request, None, JSON, lambda: landing_json(base, DOCUMENTATION), handling)


@router.get("/conformance", responses=responses(200, media=JSON, schema="Conformance"))
def conformance(request: Request, query: Annotated[FormatQuery, Query()]) -> Response:  # noqa: ARG001
    """Các lớp tuân thủ của OGC API. Conformance classes that hold."""
    return answer(request, None, JSON, conformance_json)


def _prefers_html(accept: str) -> bool:
    """Whether a client names HTML, and likes it no less than JSON."""
    weights = dict(weighted(accept))
    return weights.get(HTML, 0.0) > 0 and weights[HTML] >= weights.get(JSON, 0.0)
