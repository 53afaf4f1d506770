"""Pages beside the map: commune, gaps, places, comparison, downloads, method."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from api.openapi.documents import responses
from api.queries import DATE, NAME, NoQuery, SnapshotQuery, registry_of, settings_of
from api.readers.access import audience_for, seen_snapshot
from api.readers.visits import page_tag, visit_of
from api.routes.pages import HTML
from api.web.negotiation import Handling, answer
from api.web.security import page_policy
from geocover.maps.pages import (
    CompareFilter,
    GapFilter,
    PlaceFilter,
    Visit,
    commune_page,
    compare_page,
    downloads_page,
    gaps_page,
    method_page,
    one_date_page,
    places_page,
)
from geocover.report.audience import seen_by
from geocover.report.comparing import Pair

if TYPE_CHECKING:
    from collections.abc import Callable

    from geocover.report.audience import Audience
    from geocover.store import Snapshot

CODE = Field(default=None, max_length=20, description="Mã xã, phường / commune code, 08515")
PAGE = Field(ge=1, le=10_000)
PAGES = responses(200, media="text/html")

router = APIRouter(tags=["pages"], responses=responses(400, 401, 404, 429, 500))


class GapsQuery(SnapshotQuery):
    """Which gaps are listed."""

    technology: Annotated[str | None, NAME] = None
    commune: Annotated[str | None, CODE] = None
    min_km2: Annotated[float, Field(ge=0, le=1e6, allow_inf_nan=False)] = 0.0
    sort: Literal["people", "area", "nearest"] = "people"
    page: Annotated[int, PAGE] = 1
    gap: Annotated[str | None, Field(max_length=100, description="Mã điểm lõm / id of a gap")] = None


class PlacesQuery(SnapshotQuery):
    """Which places are listed."""

    technology: Annotated[str | None, NAME] = None
    kind: Literal["commune_centre", "industrial_park", "urban_centre", "hamlet"] | None = None
    state: Literal["all", "no", "unsure", "yes"] = "all"
    commune: Annotated[str | None, CODE] = None
    page: Annotated[int, PAGE] = 1


class CompareQuery(NoQuery):
    """Two results by date or name, and what of them is compared."""

    old: Annotated[str | None, Field(alias="from", max_length=100, description="2025-06-30")] = None
    new: Annotated[str | None, Field(alias="to", max_length=100, description="2025-12-31")] = None
    technology: Annotated[str | None, NAME] = None
    basis: Literal["area", "population"] = "area"
    sort: Literal["name", "from", "to", "change"] = "change"
    down: bool = True


@router.get("/maps/commune/{code}", response_class=Response, responses=PAGES)
def commune(request: Request, code: str, query: Annotated[SnapshotQuery, Query()]) -> Response:
    """Trang một xã, phường. The page of one commune."""
    snapshot, audience = seen_snapshot(request, query)
    return _page(request, query, snapshot, audience, lambda visit: commune_page(snapshot, visit, code))


@router.get("/maps/gaps", response_class=Response, responses=PAGES)
def gaps_list(request: Request, query: Annotated[GapsQuery, Query()]) -> Response:
    """Trang điểm lõm sóng. The page of gaps."""
    snapshot, audience = seen_snapshot(request, query)
    wanted = GapFilter(query.technology, query.commune, query.min_km2, query.sort, query.page, query.gap)
    return _page(request, query, snapshot, audience, lambda visit: gaps_page(snapshot, visit, wanted))


@router.get("/maps/places", response_class=Response, responses=PAGES)
def places_list(request: Request, query: Annotated[PlacesQuery, Query()]) -> Response:
    """Trang địa điểm. The page of places."""
    snapshot, audience = seen_snapshot(request, query)
    wanted = PlaceFilter(query.technology, query.kind, query.state, query.commune, query.page)
    return _page(request, query, snapshot, audience, lambda visit: places_page(snapshot, visit, wanted))


@router.get("/maps/compare", response_class=Response, responses=PAGES)
def compare_dates(request: Request, query: Annotated[CompareQuery, Query()]) -> Response:
    """Trang so sánh hai ngày. The page that compares two dates; the newest two if none is named."""
    audience, new = audience_for(request), _named(request, query.new)
    earlier = [one for one in registry_of(request).all() if one.as_of < new.as_of]
    if query.old is None and not earlier:
        return _page(
            request, query, new, audience, lambda visit: one_date_page(visit, seen_by(new, audience))
        )
    old = earlier[-1] if query.old is None else _named(request, query.old)
    pair = Pair(seen_by(old, audience), seen_by(new, audience), old, new)
    wanted = CompareFilter(query.technology, query.basis, query.sort, query.down)
    return _page(request, query, new, audience, lambda visit: compare_page(visit, pair, wanted))


def _named(request: Request, name: str | None) -> Snapshot:
    """Give the snapshot of a reporting date or a name; the newest for neither."""
    if name is not None and re.fullmatch(DATE, name):
        return registry_of(request).choose(name)
    return registry_of(request).choose(identity=name)


@router.get("/downloads", response_class=Response, responses=PAGES)
def downloads(request: Request, query: Annotated[SnapshotQuery, Query()]) -> Response:
    """Trang tải về. The page of downloads."""
    snapshot, audience = seen_snapshot(request, query)
    return _page(request, query, snapshot, audience, lambda visit: downloads_page(visit, snapshot))


@router.get("/method", response_class=Response, responses=PAGES)
def method(request: Request, query: Annotated[SnapshotQuery, Query()]) -> Response:
    """Trang phương pháp: mỗi số liệu nghĩa là gì. What every figure means; it needs no result."""
    if not registry_of(request).all():
        return _page(request, query, None, audience_for(request), lambda visit: method_page(visit, None))
    snapshot, audience = seen_snapshot(request, query)
    return _page(request, query, snapshot, audience, lambda visit: method_page(visit, snapshot))


def _page(
    request: Request,
    query: SnapshotQuery | NoQuery,
    snapshot: Snapshot | None,
    audience: Audience,
    make: Callable[[Visit], str],
) -> Response:
    """Answer with a page for this reader; its tag is weak, for the nonce differs with each answer."""
    visit = visit_of(request, query.lang, audience)
    handling = Handling(
        headers={
            "Content-Security-Policy": page_policy(visit.nonce, settings_of(request).tiles_origin, forms=True)
        },
        more=page_tag(visit),
        weak=True,
        audience=audience.name,
    )
    return answer(request, snapshot, HTML, lambda: make(visit).encode(), handling)
