"""Tiles: raster and vector, TileJSON, and the lists of OGC API - Tiles."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal
from urllib.parse import quote

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.responses import RedirectResponse

from api.openapi.documents import BY_KEY, WORDS, responses
from api.queries import NoQuery, SnapshotQuery, registry_of
from api.readers.access import audience_for, seen_snapshot, stations_snapshot
from api.routes.landing import base_of
from api.web.negotiation import FOREVER, REVALIDATE, Handling, answer
from api.web.problems import Problem
from geocover.coverage import ALL, ANY
from geocover.errors import ProfileError, SnapshotError
from geocover.report.audience import seen_by
from geocover.tiles import (
    NoTileError,
    Tile,
    hillshade_tile,
    level_tile,
    matrix_set_json,
    matrix_sets_json,
    population_tile,
    probability_tile,
    tileset_json,
    tilesets_json,
    vector_tile,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from geocover.report.audience import Audience
    from geocover.store import Snapshot

JSON, MVT = "application/json", "application/vnd.mapbox-vector-tile"
MEDIA = {"png": "image/png", "webp": "image/webp"}
TOGETHER = (ANY, ALL)
STATIONS = "stations"
KEPT_FROM_EMPTY = ("content-type", "content-length", "content-encoding")

router = APIRouter(tags=["tiles"], responses=responses(400, 401, 404, 429, 500))

SnapshotId = Annotated[
    str, Path(max_length=100, description="Tên bản kết quả / name of a snapshot, see /snapshots; or latest")
]
Name = Annotated[str, Path(min_length=1, max_length=100)]
Kind = Literal["png", "webp"]


@dataclass(frozen=True)
class Where:
    """Which tile of which snapshot an address names."""

    snapshot_id: SnapshotId
    z: Annotated[int, Path(ge=0, le=2**31, examples=[10])]
    x: Annotated[int, Path(ge=0, le=2**31, examples=[811])]
    y: Annotated[int, Path(ge=0, le=2**31, examples=[449])]

    def snapshot(self, request: Request) -> Snapshot:
        """Give the whole snapshot."""
        return registry_of(request).choose(identity=self.snapshot_id)

    @property
    def tile(self) -> Tile:
        """Give the tile."""
        return Tile(self.z, self.x, self.y)


At = Annotated[Where, Depends()]
No = Annotated[NoQuery, Query()]


def _pictures(*media: str) -> dict[int | str, dict[str, Any]]:
    """What OpenAPI says of tiles."""
    schema = {"schema": {"type": "string", "format": "binary"}}
    return {
        200: {"description": WORDS[200], "content": dict.fromkeys(media, schema)},
        204: {"description": "Ô trống / nothing in the tile"},
        304: {"description": WORDS[304]},
        307: {"description": "Đến bản mới nhất / to the newest snapshot"},
    }


DOCUMENT: dict[int | str, dict[str, Any]] = {
    **responses(200, media=JSON, schema="TileJson"),
    307: {"description": "Đến bản mới nhất / to the newest snapshot"},
}
RASTER, VECTOR = _pictures(*MEDIA.values()), _pictures(MVT)


@router.get("/tiles", response_class=Response, responses=responses(200, media=JSON, schema="TileSets"))
def tilesets(request: Request, query: Annotated[SnapshotQuery, Query()]) -> Response:
    """Các lớp ô bản đồ. The sets of tiles of a snapshot that the reader may see (OGC API - Tiles)."""
    (snapshot, audience), base = seen_snapshot(request, query), base_of(request)
    handling = Handling(audience=audience.name, more=[base])
    return answer(
        request,
        snapshot,
        JSON,
        lambda: tilesets_json(snapshot, base, positions=_positions(audience)),
        handling,
    )


@router.get(
    "/tileMatrixSets", response_class=Response, responses=responses(200, media=JSON, schema="TileMatrixSets")
)
def matrix_sets(request: Request, query: No) -> Response:  # noqa: ARG001  read by FastAPI
    """Lưới ô. The tile matrix sets: WebMercatorQuad."""
    base = base_of(request)
    return answer(request, None, JSON, lambda: matrix_sets_json(base), Handling(more=[base]))


@router.get(
    "/tileMatrixSets/{matrix_set_id}",
    response_class=Response,
    responses=responses(200, media=JSON, schema="TileMatrixSet"),
)
def matrix_set(request: Request, matrix_set_id: Name, query: No) -> Response:  # noqa: ARG001
    """Định nghĩa lưới ô. Definition of a tile matrix set."""
    with _found():
        return answer(request, None, JSON, lambda: matrix_set_json(matrix_set_id))


@router.get(
    "/tiles/latest/{rest:path}",
    response_class=Response,
    responses={307: {"description": "Đến bản mới nhất / to the newest snapshot"}},
)
def latest(request: Request, rest: Annotated[str, Path(max_length=500)], query: No) -> Response:  # noqa: ARG001
    """Đến ô của bản mới nhất. Lead to the same tile or document of the newest snapshot."""
    audience_for(request)
    newest = registry_of(request).choose()
    asked = f"?{request.url.query}" if request.url.query else ""
    address = f"/tiles/{newest.id}/{quote(rest, safe='/')}{asked}"
    return RedirectResponse(address, headers={"Cache-Control": REVALIDATE})


@router.get(
    "/tiles/{snapshot_id}/raster/{profile}/{operator:path}/tilejson.json",
    response_class=Response,
    responses=DOCUMENT,
)
def level_document(
    request: Request,
    snapshot_id: SnapshotId,
    profile: Name,
    operator: Name,
    query: No,  # noqa: ARG001
) -> Response:
    """TileJSON của mức thu. TileJSON 3.0 of the levels of an operator, any or all."""
    return _document(request, snapshot_id, "raster", profile, operator)


@router.get(
    "/tiles/{snapshot_id}/probability/{technology}/tilejson.json", response_class=Response, responses=DOCUMENT
)
def probability_document(
    request: Request,
    snapshot_id: SnapshotId,
    technology: Name,
    query: No,  # noqa: ARG001
) -> Response:
    """TileJSON của xác suất phủ sóng. TileJSON 3.0 of the share of locations covered."""
    return _document(request, snapshot_id, "probability", technology)


@router.get("/tiles/{snapshot_id}/{layer}/tilejson.json", response_class=Response, responses=DOCUMENT)
def document(request: Request, snapshot_id: SnapshotId, layer: Name, query: No) -> Response:  # noqa: ARG001
    """TileJSON của một lớp. TileJSON 3.0 of population, hillshade, communes, gaps, places or stations.

    Stations are for whoever may see some; the others are told there is no such layer.
    """
    return _document(request, snapshot_id, layer)


@router.get(
    "/tiles/{snapshot_id}/raster/{profile}/{operator:path}/{z:int}/{x:int}/{y:int}.{kind}",
    response_class=Response,
    responses=RASTER,
)
def level(request: Request, at: At, profile: Name, operator: Name, kind: Kind, query: No) -> Response:  # noqa: ARG001
    """Mức thu theo lớp. Classes of level of an operator, "any" or "all", as a tile.

    Those of "any" and "all" are for everybody; who may not see a single operator's is told there is none.
    """
    audience, snapshot = audience_for(request), at.snapshot(request)
    by_right = operator not in TOGETHER
    seen = seen_by(snapshot, audience) if by_right else snapshot
    return _tile(
        request,
        seen,
        MEDIA[kind],
        lambda: level_tile(seen, profile, operator, at.tile, kind),
        audience if by_right else None,
    )


@router.get(
    "/tiles/{snapshot_id}/probability/{technology}/{z:int}/{x:int}/{y:int}.{kind}",
    response_class=Response,
    responses=RASTER,
)
def probability(request: Request, at: At, technology: Name, kind: Kind, query: No) -> Response:  # noqa: ARG001
    """Xác suất phủ sóng. Classes of the share of locations that any operator covers, as a tile."""
    snapshot = _for_everybody(request, at)
    return _tile(
        request, snapshot, MEDIA[kind], lambda: probability_tile(snapshot, technology, at.tile, kind)
    )


@router.get(
    "/tiles/{snapshot_id}/population/{z:int}/{x:int}/{y:int}.{kind}",
    response_class=Response,
    responses=RASTER,
)
def population(request: Request, at: At, kind: Kind, query: No) -> Response:  # noqa: ARG001
    """Mật độ dân cư. Classes of people a square kilometre, as a tile."""
    snapshot = _for_everybody(request, at)
    return _tile(request, snapshot, MEDIA[kind], lambda: population_tile(snapshot, at.tile, kind))


@router.get(
    "/tiles/{snapshot_id}/hillshade/{z:int}/{x:int}/{y:int}.{kind}", response_class=Response, responses=RASTER
)
def hillshade(request: Request, at: At, kind: Kind, query: No) -> Response:  # noqa: ARG001
    """Nền địa hình. Shaded relief of the snapshot's own terrain, as a tile."""
    snapshot = _for_everybody(request, at)
    return _tile(request, snapshot, MEDIA[kind], lambda: hillshade_tile(snapshot, at.tile, kind))


@router.get(
    "/tiles/{snapshot_id}/stations/{z:int}/{x:int}/{y:int}.mvt",
    response_class=Response,
    responses={**VECTOR, **responses(403)},
    openapi_extra=BY_KEY,
)
def stations(request: Request, at: At, query: No) -> Response:  # noqa: ARG001
    """Trạm phát sóng, chỉ cho người có quyền. Stations that the reader may see, as a vector tile.

    Below zoom 12 they are gathered by operator and technology; "count" says how many one point stands for.
    """
    snapshot, audience = stations_snapshot(request, _named(at.snapshot_id))
    return _tile(request, snapshot, MVT, lambda: vector_tile(snapshot, STATIONS, at.tile), audience)


@router.get(
    "/tiles/{snapshot_id}/{layer}/{z:int}/{x:int}/{y:int}.mvt", response_class=Response, responses=VECTOR
)
def vectors(request: Request, at: At, layer: Name, query: No) -> Response:  # noqa: ARG001
    """Xã, phường; điểm lõm; địa điểm. Communes, gaps or places as a vector tile; the same for everybody."""
    snapshot = _for_everybody(request, at)
    return _tile(request, snapshot, MVT, lambda: vector_tile(snapshot, layer, at.tile))


def _document(request: Request, snapshot_id: str, *parts: str) -> Response:
    (snapshot, audience), base = seen_snapshot(request, _named(snapshot_id)), base_of(request)
    handling = Handling(audience=audience.name, more=[base])
    with _found():
        return answer(
            request,
            snapshot,
            JSON,
            lambda: tileset_json(snapshot, parts, base, positions=_positions(audience)),
            handling,
        )


def _tile(
    request: Request,
    snapshot: Snapshot,
    media: str,
    make: Callable[[], bytes],
    audience: Audience | None = None,
) -> Response:
    """Answer with a tile, 204 where it is empty.

    An address names its snapshot, so what is for everybody is kept for ever; what is for some is asked anew
    each time, for a right may end.
    """
    handling = Handling(cache=FOREVER) if audience is None else Handling(audience=audience.name)
    with _found():
        response = answer(request, snapshot, media, make, handling)
    if response.status_code != 200 or response.body:
        return response
    told = {name: value for name, value in response.headers.items() if name not in KEPT_FROM_EMPTY}
    return Response(status_code=204, headers=told)


def _for_everybody(request: Request, at: Where) -> Snapshot:
    """Give the whole snapshot, of which the tile tells of no single operator; a wrong key is refused."""
    audience_for(request)
    return at.snapshot(request)


@contextmanager
def _found() -> Iterator[None]:
    """Say 404 of what is not there."""
    try:
        yield
    except (NoTileError, ProfileError, SnapshotError) as error:
        raise Problem(404, str(error), error.vi) from error


def _named(snapshot_id: str) -> SnapshotQuery:
    return SnapshotQuery(snapshot=snapshot_id)


def _positions(audience: Audience) -> bool:
    return audience.stations != frozenset()
