"""OGC API - Features: collections, their items, and what they can be filtered by."""

from __future__ import annotations

from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool

from api.openapi.components import components
from api.openapi.documents import BY_KEY, GEOJSON, JSON, responses
from api.queries import backend_of, base_of, published_for
from api.readers.access import audience_for, needs, reader_of, sees_stations, shows_key
from api.routes.feature_queries import (
    AsOfQuery,
    FeatureAddressQuery,
    FormatQuery,
    chosen_snapshot,
    documented,
    items_model,
    kept_parameters,
    reading,
)
from api.web.directory import Directory
from api.web.negotiation import Handling, answer, private_json
from api.web.problems import Problem
from geocover.features import (
    COLLECTIONS,
    Address,
    CollectionKind,
    FeatureQueryError,
    NoFeatureError,
    Offer,
    collection_json,
    collections_json,
    feature_json,
    field_schema,
    items_json,
    known_collection,
    known_system,
    queryables_json,
)
from geocover.report.audience import seen_by

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from geocover.features import FeatureQuery

Collection = Annotated[str, Path(description="Tên tập / name, see /collections", examples=["communes"])]
FeatureId = Annotated[str, Path(description="Mã đối tượng / id of a feature", examples=["08515"])]
SCHEMA = "application/schema+json"
VERSIONS, SNAPSHOTS = "register-versions", "snapshots"
QUERYABLES = "http://www.opengis.net/def/rel/ogc/1.0/queryables"
LONGEST_LINK = 1000  # proxies refuse long headers
router = APIRouter(
    default_response_class=Response,
    tags=["features"],
    responses=responses(400, 401, 404, 429, 500),
)


def _page(kind: CollectionKind) -> dict[int | str, dict[str, Any]]:
    """Entries of OpenAPI for a page of features: any property may be left out, or not known."""
    known = {field.name: {**field_schema(field), "nullable": True} for field in kind.fields}
    of_kind = {
        "type": "object",
        "required": ["type", "id", "geometry", "properties"],
        "properties": {
            **components()["Feature"]["properties"],
            "properties": {"type": "object", "properties": known},
        },
    }
    page = components()["FeaturePage"]
    features = {"type": "array", "items": of_kind}
    told = responses(200, media=GEOJSON, schema="FeaturePage")
    told[200]["content"][GEOJSON]["schema"] = {
        **page,
        "properties": {**page["properties"], "features": features},
    }
    return told


@contextmanager
def _understood() -> Iterator[None]:
    """Tell a reader what was asked wrongly, or is not there."""
    try:
        yield
    except FeatureQueryError as error:
        raise Problem(400, str(error), error.vi) from error
    except NoFeatureError as error:
        raise Problem(404, str(error), error.vi) from error


def _offer(request: Request, query: AsOfQuery) -> Offer:
    """What the reader may have."""
    published = published_for(request)
    snapshot = chosen_snapshot(published, query)
    if query.as_of is not None:
        published = tuple(one for one in published if one.as_of <= query.as_of.isoformat())
    audience, reader = audience_for(request), reader_of(request)
    rights = {"snapshots:read"}
    rights |= {"stations:read"} if sees_stations(audience) else set()
    rights |= {"register:read"} if reader.could("register:read") else set()
    return Offer(
        snapshot and seen_by(snapshot, audience), audience.name, published,
        backend_of(request).database, reader.operator, frozenset(rights),
    )  # fmt: skip


def _let_in(request: Request, offer: Offer, collection: str) -> None:
    """Refuse a reader who may not have a collection."""
    kind = COLLECTIONS.get(collection)
    if kind is not None and kind.right not in offer.rights:
        needs(kind.right)(request)


@router.get("/collections", responses=responses(200, media=JSON, schema="Collections"))
def collections(request: Request, query: Annotated[AsOfQuery, Query()]) -> Response:
    """Các tập dữ liệu mà người đọc được xem. The collections that the reader may have."""
    offer, base = _offer(request, query), base_of(request)
    if "register:read" in offer.rights:
        return private_json(collections_json(offer, base))
    return answer(
        request, offer.snapshot, JSON, lambda: collections_json(offer, base), _handling(offer, base)
    )


@router.get(
    "/collections/{collection}",
    responses={**responses(200, media=JSON, schema="Collection"), **responses(403)},
)
def collection(request: Request, collection: Collection, query: Annotated[AsOfQuery, Query()]) -> Response:
    """Một tập dữ liệu: phạm vi, hệ toạ độ, liên kết. One collection: extent, systems, links."""
    offer, base = _offer(request, query), base_of(request)
    _let_in(request, offer, collection)
    with _understood():
        if collection == VERSIONS:
            return private_json(collection_json(offer, collection, base))
        made = partial(collection_json, offer, collection, base)
        return answer(request, offer.snapshot, JSON, made, _handling(offer, base))


@router.get(
    "/collections/{collection}/queryables",
    responses=responses(200, media=SCHEMA, schema="Queryables"),
)
def queryables(
    request: Request,
    collection: Collection,
    query: Annotated[FormatQuery, Query()],  # noqa: ARG001
) -> Response:
    """Thuộc tính lọc được của một tập dữ liệu. What a collection can be filtered by: a JSON schema."""
    base = base_of(request)
    with _understood():
        kind = known_collection(collection)
    return answer(request, None, SCHEMA, lambda: queryables_json(base, kind), Handling(more=[base]))


def _handling(offer: Offer, base: str, **more: str) -> Handling:
    """How an answer is kept: by those who may have it, whatever else was published meanwhile named."""
    published = [one.id for one in offer.published]
    return Handling(audience=offer.audience, more=[base, *published], headers=more)


def _items(kind: CollectionKind) -> Callable[..., Awaitable[Response]]:
    """Give the operation on a collection's items."""
    private = kind.id == VERSIONS
    of_snapshot = kind.id not in (VERSIONS, SNAPSHOTS)

    read = reading(items_model(kind))

    def write(request: Request, wanted: FeatureQuery, offer: Offer) -> Response:
        _let_in(request, offer, kind.id)
        snapshot = offer.snapshot if of_snapshot else None
        base = base_of(request)
        asked = tuple(request.query_params.multi_items())
        address = Address(base, kind.id, asked, kept_parameters(request, snapshot))
        with _understood():
            about = _about(wanted.crs, address)
            if private:
                return private_json(items_json(offer, wanted, address), headers=about, media=GEOJSON)
            handling = Handling(
                audience=offer.audience, headers=about,
                more=[base, *([] if of_snapshot else [one.id for one in offer.published])],
            )  # fmt: skip
            return answer(request, snapshot, GEOJSON, partial(items_json, offer, wanted, address), handling)

    async def items(request: Request) -> Response:
        query = read(request)
        wanted = query.asked(kind)
        if shows_key(request.headers.raw):  # which is looked up in the register
            return await run_in_threadpool(lambda: write(request, wanted, _offer(request, query)))
        offer = _offer(request, query)
        if offer.at_hand(kind.id, wanted):  # another thread would take as long as to write it
            return write(request, wanted, offer)
        return await run_in_threadpool(write, request, wanted, offer)

    items.__doc__ = f"{kind.vi}. {kind.en}. {kind.about_vi} {kind.about_en}"
    return items


def _about(crs: str, address: Address) -> dict[str, str]:
    """Headers of a page: its system, its address, and where to learn what it can be filtered by."""
    links = [f'<{address.of_collection}/queryables>; rel="{QUERYABLES}"; type="{SCHEMA}"']
    if len(address.itself) < LONGEST_LINK:
        links.append(f'<{address.itself}>; rel="self"; type="{GEOJSON}"')
    return {"Content-Crs": f"<{known_system(crs, 'crs')}>", "Link": ", ".join(links)}


def _by_key(kind: CollectionKind) -> bool:
    """Whether nobody may have a collection without a key."""
    return kind.right != "snapshots:read"


ITEMS = {f"/collections/{kind.id}/items": kind for kind in COLLECTIONS.values()}
for _path, _kind in ITEMS.items():
    router.get(
        _path,
        responses={**_page(_kind), **(responses(403) if _by_key(_kind) else {})},
        summary=f"{_kind.vi} / {_kind.en}",
        name=f"items_{_kind.id.replace('-', '_')}",
        openapi_extra={**documented(_kind), **(BY_KEY if _by_key(_kind) else {})},
    )(_items(_kind))


@router.get("/collections/{collection}/items", include_in_schema=False)
def no_items(collection: str) -> None:
    """Say that there is no such collection, instead of leading to a feature without a name.

    Those that there are have routes of their own.
    """
    with _understood():
        known_collection(collection)


directory = Directory(one for one in router.routes if isinstance(one, APIRoute) and one.path in ITEMS)


@router.get(
    "/collections/{collection}/items/{feature:path}",
    responses={**responses(200, media=GEOJSON, schema="Feature"), **responses(403)},
)
def feature(
    request: Request,
    collection: Collection,
    feature: FeatureId,
    query: Annotated[FeatureAddressQuery, Query()],
) -> Response:
    """Một đối tượng. One feature."""
    offer = _offer(request, query)
    _let_in(request, offer, collection)
    base = base_of(request)
    address = Address(base, collection, tuple(request.query_params.multi_items()))
    with _understood():
        about = {"Content-Crs": f"<{known_system(query.crs, 'crs')}>"}
        make = partial(feature_json, offer, feature, query.crs, address)
        if collection == VERSIONS:
            return private_json(make(), headers=about, media=GEOJSON)
        return answer(request, offer.snapshot, GEOJSON, make, _handling(offer, base, **about))
