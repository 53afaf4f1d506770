"""Data of a snapshot: GeoJSON collections, JSON answers, CSV."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from api.openapi.documents import BY_KEY, GEOJSON, JSON, responses
from api.queries import (
    CommunesQuery,
    GapsQuery,
    NoParameters,
    SharesQuery,
    SnapshotQuery,
    TechnologyQuery,
    ViewQuery,
    registry_of,
    snapshot_of,
)
from api.readers.access import answer_seen, reader_of, seen_snapshot, stations_snapshot
from api.web.negotiation import Handling, answer
from geocover.report.answers import communes_csv, figures_json, shares_json, snapshots_json
from geocover.report.collections import communes_geojson, gaps_geojson, places_geojson, stations_geojson
from geocover.report.view import choose_view

if TYPE_CHECKING:
    from geocover.report.audience import Audience
    from geocover.report.view import View
    from geocover.store import Snapshot

CSV = "text/csv; charset=utf-8"

router = APIRouter(
    default_response_class=Response,
    tags=["data"],
    responses=responses(400, 401, 404, 429, 500),
    dependencies=[Depends(reader_of)],
)


@router.get("/snapshots", responses=responses(200, media=JSON, schema="Snapshots"))
def snapshots(request: Request, query: NoParameters) -> Response:  # noqa: ARG001  read by FastAPI
    """Các bản kết quả. The snapshots on offer, oldest first."""
    offered = registry_of(request).all()
    return answer(
        request, None, JSON, lambda: snapshots_json(offered), Handling(more=[one.id for one in offered])
    )


@router.get("/figures", responses=responses(200, media=JSON, schema="Figures"))
def figures(request: Request, query: Annotated[SnapshotQuery, Query()]) -> Response:
    """Số liệu toàn tỉnh, cạnh số báo cáo. Figures of the province beside the reported ones.

    They are made of the whole snapshot, stations of all operators too, and tell of no single operator.
    """
    snapshot = snapshot_of(request, query)
    return answer(request, snapshot, JSON, lambda: figures_json(snapshot))


@router.get("/shares", responses=responses(200, media=JSON, schema="Shares"))
def shares(request: Request, query: Annotated[SharesQuery, Query()]) -> Response:
    """Tỷ lệ phủ sóng của mọi xã, mọi cách tính. Shares of all communes in every view."""
    seen = seen_snapshot(request, query)
    return answer_seen(request, seen, JSON, lambda one: shares_json(one, query.profile, query.detail))


@router.get("/communes", responses=responses(200, media=GEOJSON, schema="Communes"))
def communes(request: Request, query: Annotated[CommunesQuery, Query()]) -> Response:
    """Xã, phường với tỷ lệ phủ sóng. Communes with their shares in one view."""
    seen = seen_snapshot(request, query)
    view = _view(seen, query)
    return answer_seen(request, seen, GEOJSON, lambda one: communes_geojson(one, view, query.detail))


@router.get("/communes.csv", responses=responses(200, media="text/csv"))
def communes_table(request: Request, query: Annotated[ViewQuery, Query()]) -> Response:
    """Bảng xã, phường cho Excel. The table of communes as CSV (UTF-8 with BOM)."""
    seen = seen_snapshot(request, query)
    view = _view(seen, query)
    name = f"geocover-{seen[0].id}-{view.technology.lower()}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return answer_seen(request, seen, CSV, lambda one: communes_csv(one, view), headers=headers)


@router.get("/gaps", responses=responses(200, media=GEOJSON, schema="Gaps"))
def gaps(request: Request, query: Annotated[GapsQuery, Query()]) -> Response:
    """Điểm lõm sóng. Gaps: where no operator covers."""
    seen = seen_snapshot(request, query)
    return answer_seen(request, seen, GEOJSON, lambda one: gaps_geojson(one, query.technology, query.detail))


@router.get("/places", responses=responses(200, media=GEOJSON, schema="Places"))
def places(request: Request, query: Annotated[ViewQuery, Query()]) -> Response:
    """Trung tâm xã, khu công nghiệp: có sóng hay chưa. Places and whether a view reaches them."""
    seen = seen_snapshot(request, query)
    view = _view(seen, query)
    return answer_seen(request, seen, GEOJSON, lambda one: places_geojson(one, view))


@router.get(
    "/stations",
    responses={**responses(200, media=GEOJSON, schema="Stations"), **responses(403)},
    openapi_extra=BY_KEY,
)
def stations(request: Request, query: Annotated[TechnologyQuery, Query()]) -> Response:
    """Trạm phát sóng đến ngày số liệu. Stations on air at the reporting date."""
    seen = stations_snapshot(request, query)
    return answer_seen(request, seen, GEOJSON, lambda one: stations_geojson(one, query.technology))


def _view(seen: tuple[Snapshot, Audience], query: ViewQuery) -> View:
    return choose_view(seen[0], query.technology, query.operator, query.profile)
