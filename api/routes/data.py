"""Data of a snapshot: GeoJSON collections, JSON answers, CSV."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from api.openapi.documents import BY_KEY, responses
from api.queries import (
    CommunesQuery,
    GapsQuery,
    NoQuery,
    SharesQuery,
    SnapshotQuery,
    TechnologyQuery,
    ViewQuery,
    registry_of,
    snapshot_of,
)
from api.readers.access import reader_of, seen_snapshot, stations_snapshot
from api.web.negotiation import Handling, answer
from geocover.report.answers import communes_csv, figures_json, shares_json, snapshots_json
from geocover.report.collections import communes_geojson, gaps_geojson, places_geojson, stations_geojson
from geocover.report.view import choose_view

GEOJSON, JSON, CSV = "application/geo+json", "application/json", "text/csv; charset=utf-8"

router = APIRouter(
    tags=["data"], responses=responses(400, 401, 404, 429, 500), dependencies=[Depends(reader_of)]
)


@router.get("/snapshots", response_class=Response, responses=responses(200, media=JSON, schema="Snapshots"))
def snapshots(request: Request, query: Annotated[NoQuery, Query()]) -> Response:  # noqa: ARG001  read by FastAPI
    """Các bản kết quả. The snapshots on offer, oldest first."""
    offered = registry_of(request).all()
    return answer(
        request, None, JSON, lambda: snapshots_json(offered), Handling(more=[one.id for one in offered])
    )


@router.get("/figures", response_class=Response, responses=responses(200, media=JSON, schema="Figures"))
def figures(request: Request, query: Annotated[SnapshotQuery, Query()]) -> Response:
    """Số liệu toàn tỉnh, cạnh số báo cáo. Figures of the province beside the reported ones.

    They are made of the whole snapshot, stations of all operators too, and tell of no single operator.
    """
    snapshot = snapshot_of(request, query)
    return answer(request, snapshot, JSON, lambda: figures_json(snapshot))


@router.get("/shares", response_class=Response, responses=responses(200, media=JSON, schema="Shares"))
def shares(request: Request, query: Annotated[SharesQuery, Query()]) -> Response:
    """Tỷ lệ phủ sóng của mọi xã, mọi cách tính. Shares of all communes in every view."""
    snapshot, audience = seen_snapshot(request, query)
    return answer(
        request,
        snapshot,
        JSON,
        lambda: shares_json(snapshot, query.profile, query.detail),
        Handling(audience=audience.name),
    )


@router.get("/communes", response_class=Response, responses=responses(200, media=GEOJSON, schema="Communes"))
def communes(request: Request, query: Annotated[CommunesQuery, Query()]) -> Response:
    """Xã, phường với tỷ lệ phủ sóng. Communes with their shares in one view."""
    snapshot, audience = seen_snapshot(request, query)
    view = choose_view(snapshot, query.technology, query.operator, query.profile)
    return answer(
        request,
        snapshot,
        GEOJSON,
        lambda: communes_geojson(snapshot, view, query.detail),
        Handling(audience=audience.name),
    )


@router.get("/communes.csv", response_class=Response, responses=responses(200, media="text/csv"))
def communes_table(request: Request, query: Annotated[ViewQuery, Query()]) -> Response:
    """Bảng xã, phường cho Excel. The table of communes as CSV (UTF-8 with BOM)."""
    snapshot, audience = seen_snapshot(request, query)
    view = choose_view(snapshot, query.technology, query.operator, query.profile)
    name = f"geocover-{snapshot.id}-{view.technology.lower()}.csv"
    download = {"Content-Disposition": f'attachment; filename="{name}"'}
    return answer(
        request,
        snapshot,
        CSV,
        lambda: communes_csv(snapshot, view),
        Handling(headers=download, audience=audience.name),
    )


@router.get("/gaps", response_class=Response, responses=responses(200, media=GEOJSON, schema="Gaps"))
def gaps(request: Request, query: Annotated[GapsQuery, Query()]) -> Response:
    """Điểm lõm sóng. Gaps: where no operator covers."""
    snapshot, audience = seen_snapshot(request, query)
    return answer(
        request,
        snapshot,
        GEOJSON,
        lambda: gaps_geojson(snapshot, query.technology, query.detail),
        Handling(audience=audience.name),
    )


@router.get("/places", response_class=Response, responses=responses(200, media=GEOJSON, schema="Places"))
def places(request: Request, query: Annotated[ViewQuery, Query()]) -> Response:
    """Trung tâm xã, khu công nghiệp: có sóng hay chưa. Places and whether a view reaches them."""
    snapshot, audience = seen_snapshot(request, query)
    view = choose_view(snapshot, query.technology, query.operator, query.profile)
    return answer(
        request, snapshot, GEOJSON, lambda: places_geojson(snapshot, view), Handling(audience=audience.name)
    )


@router.get(
    "/stations",
    response_class=Response,
    responses={**responses(200, media=GEOJSON, schema="Stations"), **responses(403)},
    openapi_extra=BY_KEY,
)
def stations(request: Request, query: Annotated[TechnologyQuery, Query()]) -> Response:
    """Trạm phát sóng đến ngày số liệu. Stations on air at the reporting date."""
    snapshot, audience = stations_snapshot(request, query)
    return answer(
        request,
        snapshot,
        GEOJSON,
        lambda: stations_geojson(snapshot, query.technology),
        Handling(audience=audience.name),
    )
