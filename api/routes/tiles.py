"""Tiles: raster and vector, TileJSON, and the lists of OGC API - Tiles."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal
from urllib.parse import quote

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.responses import RedirectResponse

from api.openapi.documents import BY_KEY, JSON, LED_ON, WORDS, files_of, responses
from api.queries import TOGETHER, NoParameters, SnapshotQuery, TileQuery, base_of, registry_of
from api.readers.access import answer_seen, audience_for, seen_snapshot, sees_stations, stations_snapshot
from api.web.negotiation import REVALIDATE, Handling, answer, kept_by_name
from api.web.problems import Problem
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

MVT = "application/vnd.mapbox-vector-tile"
MEDIA = {"png": "image/png", "webp": "image/webp"}
STATIONS = "stations"
KEPT_FROM_EMPTY = ("content-type", "content-length", "content-encoding")

router = APIRouter(
    default_response_class=Response,
    tags=["tiles"],
    responses=responses(400, 401, 404, 429, 500),
)

SnapshotId = Annotated[
    str,
    Path(
        max_length=100,
        description="Tên bản kết quả / name of a snapshot, see /snapshots; or latest",
        examples=["latest"],
    ),
]
Profile = Annotated[str, Path(min_length=1, max_length=100, examples=["outdoor-4g"])]
Operator = Annotated[str, Path(min_length=1, max_length=100, examples=["any"])]
Technology = Annotated[str, Path(min_length=1, max_length=100, examples=["4G"])]
Layer = Annotated[str, Path(min_length=1, max_length=100, examples=["communes"])]
MatrixSet = Annotated[str, Path(min_length=1, max_length=100, examples=["WebMercatorQuad"])]
Rest = Annotated[str, Path(max_length=500, examples=["communes/tilejson.json"])]
Kind = Literal["png", "webp"]
Asking = Annotated[TileQuery, Query()]


@dataclass(frozen=True)
class Where:
    """Which tile of which snapshot an address names, and what else it says."""

    snapshot_id: SnapshotId
    z: Annotated[int, Path(ge=0, le=2**31, examples=[10])]
    x: Annotated[int, Path(ge=0, le=2**31, examples=[811])]
    y: Annotated[int, Path(ge=0, le=2**31, examples=[449])]
    query: Asking

    def snapshot(self, request: Request) -> Snapshot:
        """Give the whole snapshot."""
        return registry_of(request).choose(identity=self.snapshot_id)

    @property
    def tile(self) -> Tile:
        """Give the tile."""
        return Tile(self.z, self.x, self.y)


At = Annotated[Where, Depends()]


def _pictures(*media: str) -> dict[int | str, dict[str, Any]]:
    """What OpenAPI says of tiles."""
    return {
        200: {"description": WORDS[200], "content": files_of(*media)},
        204: {"description": "Ô trống / nothing in the tile"},
        304: {"description": WORDS[304]},
        **LED_ON,
    }


DOCUMENT = {**responses(200, media=JSON, schema="TileJson"), **LED_ON}
RASTER, VECTOR = _pictures(*MEDIA.values()), _pictures(MVT)


@router.get("/tiles", responses=responses(200, media=JSON, schema="TileSets"))
def tilesets(request: Request, query: Annotated[SnapshotQuery, Query()]) -> Response:
    """Các lớp ô bản đồ. The sets of tiles of a snapshot that the reader may see (OGC API - Tiles)."""
    seen, base = seen_snapshot(request, query), base_of(request)
    positions = sees_stations(seen[1])
    return answer_seen(
        request, seen, JSON, lambda snapshot: tilesets_json(snapshot, base, positions=positions), more=[base]
    )


@router.get("/tileMatrixSets", responses=responses(200, media=JSON, schema="TileMatrixSets"))
def matrix_sets(request: Request, query: NoParameters) -> Response:  # noqa: ARG001  read by FastAPI
    """Lưới ô. The tile matrix sets: WebMercatorQuad."""
    base = base_of(request)
    return answer(request, None, JSON, lambda: matrix_sets_json(base), Handling(more=[base]))


@router.get("/tileMatrixSets/{matrix_set_id}", responses=responses(200, media=JSON, schema="TileMatrixSet"))
def matrix_set(request: Request, matrix_set_id: MatrixSet, query: NoParameters) -> Response:  # noqa: ARG001
    """Định nghĩa lưới ô. Definition of a tile matrix set."""
    with _found():
        return answer(request, None, JSON, lambda: matrix_set_json(matrix_set_id))


@router.get("/tiles/latest/{rest:path}", responses=LED_ON)
def latest(request: Request, rest: Rest, query: Asking) -> Response:  # noqa: ARG001
    """Đến ô của bản mới nhất. Lead to the same tile or document of the newest snapshot."""
    audience_for(request)
    newest = registry_of(request).choose()
    asked = f"?{request.url.query}" if request.url.query else ""
    address = f"/tiles/{newest.id}/{quote(rest, safe='/')}{asked}"
    return RedirectResponse(address, headers={"Cache-Control": REVALIDATE})


@router.get("/tiles/{snapshot_id}/raster/{profile}/{operator:path}/tilejson.json", responses=DOCUMENT)
def level_document(
    request: Request,
    snapshot_id: SnapshotId,
    profile: Profile,
    operator: Operator,
    query: NoParameters,  # noqa: ARG001
) -> Response:
    """TileJSON của mức thu. TileJSON 3.0 of the levels of an operator, any or all."""
    return _document(request, snapshot_id, "raster", profile, operator)


@router.get("/tiles/{snapshot_id}/probability/{technology}/tilejson.json", responses=DOCUMENT)
def probability_document(
    request: Request,
    snapshot_id: SnapshotId,
    technology: Technology,
    query: NoParameters,  # noqa: ARG001
) -> Response:
    """TileJSON của xác suất phủ sóng. TileJSON 3.0 of the share of locations covered."""
    return _document(request, snapshot_id, "probability", technology)


@router.get("/tiles/{snapshot_id}/{layer}/tilejson.json", responses=DOCUMENT)
def document(request: Request, snapshot_id: SnapshotId, layer: Layer, query: NoParameters) -> Response:  # noqa: ARG001
    """TileJSON của một lớp. TileJSON 3.0 of population, hillshade, communes, gaps, places or stations.

    Stations are for whoever may see some; the others are told there is no such layer.
    """
    return _document(request, snapshot_id, layer)


@router.get(
    "/tiles/{snapshot_id}/raster/{profile}/{operator:path}/{z:int}/{x:int}/{y:int}.{kind}", responses=RASTER
)
def level(request: Request, at: At, profile: Profile, operator: Operator, kind: Kind) -> Response:
    """Mức thu theo lớp. Classes of level of an operator, "any" or "all", as a tile.

    Those of "any" and "all" are for everybody; who may not see a single operator's is told there is none.
    """

    def make(snapshot: Snapshot) -> bytes:
        return level_tile(snapshot, profile, operator, at.tile, kind)

    if operator in TOGETHER:
        return _for_everybody(request, at, MEDIA[kind], make)
    audience = audience_for(request)
    return _for_some(request, (seen_by(at.snapshot(request), audience), audience), MEDIA[kind], make)


@router.get("/tiles/{snapshot_id}/probability/{technology}/{z:int}/{x:int}/{y:int}.{kind}", responses=RASTER)
def probability(request: Request, at: At, technology: Technology, kind: Kind) -> Response:
    """Xác suất phủ sóng. Classes of the share of locations that any operator covers, as a tile."""
    return _for_everybody(
        request, at, MEDIA[kind], lambda snapshot: probability_tile(snapshot, technology, at.tile, kind)
    )


@router.get("/tiles/{snapshot_id}/population/{z:int}/{x:int}/{y:int}.{kind}", responses=RASTER)
def population(request: Request, at: At, kind: Kind) -> Response:
    """Mật độ dân cư. Classes of people a square kilometre, as a tile."""
    return _for_everybody(request, at, MEDIA[kind], lambda snapshot: population_tile(snapshot, at.tile, kind))


@router.get("/tiles/{snapshot_id}/hillshade/{z:int}/{x:int}/{y:int}.{kind}", responses=RASTER)
def hillshade(request: Request, at: At, kind: Kind) -> Response:
    """Nền địa hình. Shaded relief of the snapshot's own terrain, as a tile."""
    return _for_everybody(request, at, MEDIA[kind], lambda snapshot: hillshade_tile(snapshot, at.tile, kind))


@router.get(
    "/tiles/{snapshot_id}/stations/{z:int}/{x:int}/{y:int}.mvt",
    responses={**VECTOR, **responses(403)},
    openapi_extra=BY_KEY,
)
def stations(request: Request, at: At) -> Response:
    """Trạm phát sóng, chỉ cho người có quyền. Stations that the reader may see, as a vector tile.

    Below zoom 12 they are gathered by operator and technology; "count" says how many one point stands for.
    """
    seen = stations_snapshot(request, _named(at.snapshot_id))
    return _for_some(request, seen, MVT, lambda snapshot: vector_tile(snapshot, STATIONS, at.tile))


@router.get("/tiles/{snapshot_id}/{layer}/{z:int}/{x:int}/{y:int}.mvt", responses=VECTOR)
def vectors(request: Request, at: At, layer: Layer) -> Response:
    """Xã, phường; điểm lõm; địa điểm. Communes, gaps or places as a vector tile; the same for everybody."""
    return _for_everybody(request, at, MVT, lambda snapshot: vector_tile(snapshot, layer, at.tile))


def _document(request: Request, snapshot_id: str, *parts: str) -> Response:
    seen, base = seen_snapshot(request, _named(snapshot_id)), base_of(request)
    positions = sees_stations(seen[1])

    def make(snapshot: Snapshot) -> bytes:
        return tileset_json(snapshot, parts, base, positions=positions)

    with _found():
        return answer_seen(request, seen, JSON, make, more=[base])


def _for_everybody(request: Request, at: Where, media: str, make: Callable[[Snapshot], bytes]) -> Response:
    """Answer with a tile of the whole snapshot, which tells of no single operator; a wrong key is refused.

    Its address names the snapshot and, where a document gave it, the program that draws: it is kept for ever.
    """
    audience_for(request)
    snapshot, handling = at.snapshot(request), Handling(cache=kept_by_name(at.query.v))
    with _found():
        return _or_empty(answer(request, snapshot, media, lambda: make(snapshot), handling))


def _for_some(
    request: Request, seen: tuple[Snapshot, Audience], media: str, make: Callable[[Snapshot], bytes]
) -> Response:
    """Answer with a tile that is asked for anew each time, for a right may end."""
    with _found():
        return _or_empty(answer_seen(request, seen, media, make))


def _or_empty(response: Response) -> Response:
    """Give a tile, or 204 where nothing is in it."""
    if response.status_code != 200 or response.body:
        return response
    told = {name: value for name, value in response.headers.items() if name not in KEPT_FROM_EMPTY}
    return Response(status_code=204, headers=told)


@contextmanager
def _found() -> Iterator[None]:
    """Say 404 of what is not there."""
    try:
        yield
    except (NoTileError, ProfileError, SnapshotError) as error:
        raise Problem(404, str(error), error.vi) from error


def _named(snapshot_id: str) -> SnapshotQuery:
    return SnapshotQuery(snapshot=snapshot_id)
