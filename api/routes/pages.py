"""Pages beside the map: commune, gaps, places, comparison, downloads, method."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from api.openapi.documents import responses
from api.queries import NAME, NewName, NoQuery, OldName, SnapshotQuery, named_snapshot, other_day, registry_of
from api.readers.access import audience_for, seen_snapshot
from api.readers.visits import page_for
from geocover.maps.pages import (
    CompareFilter,
    GapFilter,
    PlaceFilter,
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

CODE = Field(default=None, max_length=20, description="Mã xã, phường / commune code, 08515")
PAGE = Field(ge=1, le=10_000)
PAGES = responses(200, media="text/html")

router = APIRouter(
    default_response_class=Response, tags=["pages"], responses=responses(400, 401, 404, 429, 500)
)


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

    old: OldName = None
    new: NewName = None
    technology: Annotated[str | None, NAME] = None
    basis: Literal["area", "population"] = "area"
    sort: Literal["name", "from", "to", "change"] = "change"
    down: bool = True


@router.get("/maps/commune/{code}", responses=PAGES)
def commune(request: Request, code: str, query: Annotated[SnapshotQuery, Query()]) -> Response:
    """Trang một xã, phường. The page of one commune."""
    snapshot, audience = seen_snapshot(request, query)
    return page_for(request, query, snapshot, audience, lambda visit: commune_page(snapshot, visit, code))


@router.get("/maps/gaps", responses=PAGES)
def gaps_list(request: Request, query: Annotated[GapsQuery, Query()]) -> Response:
    """Trang điểm lõm sóng. The page of gaps."""
    snapshot, audience = seen_snapshot(request, query)
    wanted = GapFilter(query.technology, query.commune, query.min_km2, query.sort, query.page, query.gap)
    return page_for(request, query, snapshot, audience, lambda visit: gaps_page(snapshot, visit, wanted))


@router.get("/maps/places", responses=PAGES)
def places_list(request: Request, query: Annotated[PlacesQuery, Query()]) -> Response:
    """Trang địa điểm. The page of places."""
    snapshot, audience = seen_snapshot(request, query)
    wanted = PlaceFilter(query.technology, query.kind, query.state, query.commune, query.page)
    return page_for(request, query, snapshot, audience, lambda visit: places_page(snapshot, visit, wanted))


@router.get("/maps/compare", responses=PAGES)
def compare_dates(request: Request, query: Annotated[CompareQuery, Query()]) -> Response:
    """Trang so sánh hai ngày. The page that compares two dates; the newest two if none is named."""
    audience, new = audience_for(request), named_snapshot(request, query.new)
    before = registry_of(request).before(new.as_of)
    old = before if query.old is None else named_snapshot(request, query.old)
    if old is None:
        return page_for(
            request, query, new, audience, lambda visit: one_date_page(visit, seen_by(new, audience))
        )
    days = (other_day(query.old, old), other_day(query.new, new))
    pair = Pair(seen_by(old, audience), seen_by(new, audience), old, new, days)
    wanted = CompareFilter(query.technology, query.basis, query.sort, query.down)
    return page_for(request, query, new, audience, lambda visit: compare_page(visit, pair, wanted))


@router.get("/downloads", responses=PAGES)
def downloads(request: Request, query: Annotated[SnapshotQuery, Query()]) -> Response:
    """Trang tải về. The page of downloads."""
    snapshot, audience = seen_snapshot(request, query)
    return page_for(request, query, snapshot, audience, lambda visit: downloads_page(visit, snapshot))


@router.get("/method", responses=PAGES)
def method(request: Request, query: Annotated[SnapshotQuery, Query()]) -> Response:
    """Trang phương pháp: mỗi số liệu nghĩa là gì. What every figure means; it needs no result."""
    if not registry_of(request).all():
        return page_for(request, query, None, audience_for(request), lambda visit: method_page(visit, None))
    snapshot, audience = seen_snapshot(request, query)
    return page_for(request, query, snapshot, audience, lambda visit: method_page(visit, snapshot))
