"""Pages, pictures and the files they need."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api.openapi.documents import responses
from api.queries import NoQuery, RasterQuery, SnapshotQuery, registry_of, settings_of
from api.readers.access import audience_for, seen_snapshot
from api.readers.visits import page_tag, visit_of
from api.web.negotiation import FOREVER, Handling, answer
from api.web.problems import Problem
from api.web.security import page_policy
from geocover.coverage import ALL, ANY
from geocover.errors import MapError, ProfileError
from geocover.maps import PageRequest, coverage_page, raster_png, static_asset, static_digest
from geocover.report.audience import seen_by

HTML, PNG = "text/html; charset=utf-8", "image/png"
TOGETHER = (ANY, ALL)

router = APIRouter(tags=["maps"], responses=responses(400, 401, 404, 429, 500))


@router.get("/maps/coverage", response_class=Response, responses=responses(200, media="text/html"))
def coverage_map(request: Request, query: Annotated[SnapshotQuery, Query()]) -> Response:
    """Bản đồ phủ sóng. The coverage map.

    Its tag is weak: the pages of two readers differ in the nonce of the security policy.
    """
    (snapshot, audience), settings = seen_snapshot(request, query), settings_of(request)
    visit = visit_of(request, query.lang, audience)
    wanted = PageRequest(
        visit.nonce, visit.language, visit.history, settings.tiles, positions=visit.positions, visit=visit
    )
    handling = Handling(
        headers={"Content-Security-Policy": page_policy(visit.nonce, settings.tiles_origin, forms=True)},
        more=page_tag(visit),
        weak=True,
        audience=audience.name,
    )
    return answer(request, snapshot, HTML, lambda: coverage_page(snapshot, wanted).encode(), handling)


@router.get("/rasters/{snapshot_id}.png", response_class=Response, responses=responses(200, media=PNG))
def raster(request: Request, snapshot_id: str, query: Annotated[RasterQuery, Query()]) -> Response:
    """Vùng phủ sóng dạng ảnh, Web Mercator. Coverage as a picture; an address never changes its content.

    Those of "any" and "all" are for everybody; who may not see a single operator's is told there is none. A
    key that is not valid is refused for both.
    """
    audience = audience_for(request)
    snapshot, handling = registry_of(request).choose(identity=snapshot_id), Handling(cache=FOREVER)
    if query.operator not in TOGETHER:
        snapshot, handling = seen_by(snapshot, audience), Handling(audience=audience.name)
    try:
        picture = raster_png(snapshot, query.profile, query.operator)
    except ProfileError as error:
        raise Problem(404, str(error), error.vi) from error
    return answer(request, snapshot, PNG, lambda: picture, handling)


@router.get("/static/{digest}/{name:path}", include_in_schema=False)
def static(request: Request, digest: str, name: str, query: Annotated[NoQuery, Query()]) -> Response:  # noqa: ARG001
    """Scripts, styles and fonts; an outdated address is not found, never answered with other content."""
    try:
        content, media = static_asset(name)
    except MapError as error:
        raise Problem(404, str(error), error.vi) from error
    if digest != static_digest():
        raise Problem(404, "outdated address; reload the page", "địa chỉ đã cũ; hãy tải lại trang")
    return answer(request, None, _with_charset(media), lambda: content, Handling(cache=FOREVER))


def _with_charset(media: str) -> str:
    return f"{media}; charset=utf-8" if media.startswith("text/") else media
