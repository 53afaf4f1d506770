"""The coverage map, its picture, and the files that pages need."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api.openapi.documents import responses
from api.queries import TOGETHER, NoParameters, RasterQuery, SnapshotQuery, registry_of
from api.readers.access import audience_for, seen_snapshot
from api.readers.visits import page_for
from api.web.negotiation import FOREVER, Handling, answer, kept_by_name
from api.web.problems import Problem
from geocover.errors import MapError, ProfileError
from geocover.maps import coverage_page, raster_png, static_asset, static_digest
from geocover.report.audience import seen_by

PNG = "image/png"

router = APIRouter(
    default_response_class=Response, tags=["maps"], responses=responses(400, 401, 404, 429, 500)
)


@router.get("/maps/coverage", responses=responses(200, media="text/html"))
def coverage_map(request: Request, query: Annotated[SnapshotQuery, Query()]) -> Response:
    """Bản đồ phủ sóng. The coverage map.

    Its tag is weak: the pages of two readers differ in the nonce of the security policy.
    """
    snapshot, audience = seen_snapshot(request, query)
    return page_for(request, query, snapshot, audience, lambda visit: coverage_page(snapshot, visit))


@router.get("/rasters/{snapshot_id}.png", responses=responses(200, media=PNG))
def raster(request: Request, snapshot_id: str, query: Annotated[RasterQuery, Query()]) -> Response:
    """Vùng phủ sóng dạng ảnh, Web Mercator. Coverage as a picture of one snapshot.

    Those of "any" and "all" are for everybody; who may not see a single operator's is told there is none. A
    key that is not valid is refused for both.
    """
    audience = audience_for(request)
    snapshot = registry_of(request).choose(identity=snapshot_id)
    handling = Handling(cache=kept_by_name(query.v))
    if query.operator not in TOGETHER:
        snapshot, handling = seen_by(snapshot, audience), Handling(audience=audience.name)
    try:
        return answer(
            request, snapshot, PNG, lambda: raster_png(snapshot, query.profile, query.operator), handling
        )
    except ProfileError as error:
        raise Problem(404, str(error), error.vi) from error


@router.get("/static/{digest}/{name:path}", include_in_schema=False)
def static(request: Request, digest: str, name: str, query: NoParameters) -> Response:  # noqa: ARG001
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
