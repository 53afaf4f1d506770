"""Parameters of OGC API - Features, of each collection its own: what is not listed is refused."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar, cast

from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model

from api.queries import Day, NoQuery, check_once
from api.web.problems import Problem
from geocover.features import COLLECTIONS, CRS84, CollectionKind, FeatureQuery, field_schema

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from fastapi import Request

    from geocover.store import Snapshot

Asked = TypeVar("Asked", bound=BaseModel)
MOST, USUAL, FARTHEST = 10_000, 100, 10_000_000
LONGEST_FILTER = 8192
TEXT = {"min_length": 1, "max_length": 200}
CRS_EXAMPLE = "http://www.opengis.net/def/crs/EPSG/0/9208"
SYSTEM = {"type": "string", "default": CRS84, "example": CRS_EXAMPLE}
BBOX = {"type": "array", "minItems": 4, "maxItems": 6, "items": {"type": "number"}}
MINE = tuple(name for name in FeatureQuery.__dataclass_fields__ if name not in ("equals", "limit"))
NOT_KEPT = ("offset", "as_of", "snapshot")


class FormatQuery(NoQuery):
    """No parameter but the language of errors and the format, of which there is one."""

    f: Literal["json", "geojson"] | None = None


class AsOfQuery(FormatQuery):
    """Which snapshot: by name, or the newest of a date or before it."""

    as_of: Annotated[
        Day | None,
        Field(
            description="Ngày, lấy bản kết quả mới nhất đến ngày đó / latest up to this date",
            json_schema_extra={"example": "2025-12-31"},
        ),
    ] = None
    snapshot: Annotated[str | None, Field(max_length=100, description="Tên bản kết quả / snapshot")] = None


class FeatureAddressQuery(AsOfQuery):
    """One feature, in a coordinate reference system."""

    crs: Annotated[str, Field(**TEXT, json_schema_extra=SYSTEM)] = CRS84


class ItemsQuery(AsOfQuery):
    """Features of a collection."""

    model_config = ConfigDict(extra="forbid", populate_by_name=False)

    limit: Annotated[
        int,
        Field(
            ge=1, json_schema_extra={"maximum": MOST}, description="Quá 10000 thì trả 10000 / above: 10000"
        ),
    ] = USUAL
    offset: Annotated[int, Field(ge=0, le=FARTHEST)] = 0
    bbox: Annotated[
        str | None, Field(**TEXT, json_schema_extra={**BBOX, "example": [105.2, 21.2, 105.5, 21.4]})
    ] = None
    bbox_crs: Annotated[str, Field(alias="bbox-crs", **TEXT, json_schema_extra=SYSTEM)] = CRS84
    datetime: Annotated[
        str | None, Field(**TEXT, json_schema_extra={"example": "2025-07-01T00:00:00Z/.."})
    ] = None
    crs: Annotated[str, Field(**TEXT, json_schema_extra=SYSTEM)] = CRS84
    filter: Annotated[str | None, Field(min_length=1, max_length=LONGEST_FILTER, description="CQL2")] = None
    filter_lang: Annotated[Literal["cql2-text", "cql2-json"], Field(alias="filter-lang")] = "cql2-text"
    filter_crs: Annotated[str, Field(alias="filter-crs", **TEXT, json_schema_extra=SYSTEM)] = CRS84
    sortby: Annotated[str | None, Field(min_length=1, max_length=500, description="+a,-b")] = None
    properties: Annotated[str | None, Field(min_length=1, max_length=2000, description="a,b")] = None
    skip_geometry: Annotated[bool, Field(alias="skipGeometry")] = False

    def asked(self, kind: CollectionKind) -> FeatureQuery:
        """What is asked of a collection."""
        mine = {name: getattr(self, name) for name in MINE}
        told = tuple(
            (name, value)
            for name, held in simple_filters(kind.id).items()
            if (value := getattr(self, held)) is not None
        )
        return FeatureQuery(**mine, equals=told, limit=min(self.limit, MOST))


@cache
def simple_filters(collection: str) -> dict[str, str]:
    """Properties that an address can name, all whose names mean nothing else there, by attribute."""
    taken = {one.alias or name for name, one in ItemsQuery.model_fields.items()}
    return {name: f"is_{name}" for name in COLLECTIONS[collection].names if name not in taken}


def items_model(kind: CollectionKind) -> type[ItemsQuery]:
    """Parameters of a collection's items, its properties among them."""
    fields: dict[str, Any] = {}
    held = simple_filters(kind.id)
    for field in kind.fields:
        if field.name in held:
            schema = {**field_schema(field), "default": None}
            about = Field(
                default=None, alias=field.name, min_length=1, max_length=200, json_schema_extra=schema
            )
            fields[held[field.name]] = (str | None, about)
    name = "".join(part.title() for part in kind.id.split("-"))
    return cast("type[ItemsQuery]", create_model(f"{name}Query", __base__=ItemsQuery, **fields))


def reading(model: type[Asked]) -> Callable[[Request], Asked]:
    """Give what reads the parameters of a request; any other one is refused, and one that comes twice.

    Raises
    ------
    RequestValidationError
        A parameter is unknown or has a value that it cannot have.
    """

    def read(request: Request) -> Asked:
        check_once(request)
        try:
            return model.model_validate(dict(request.query_params))
        except ValidationError as error:
            raise RequestValidationError(
                [{**one, "loc": ("query", *one["loc"])} for one in error.errors()]
            ) from error

    return read


def documented(kind: CollectionKind) -> dict[str, Any]:
    """Entries of OpenAPI 3.0 for the parameters of a collection's items, with examples that find some."""
    schema, examples = items_model(kind).model_json_schema(by_alias=True), _examples(kind)
    return {"parameters": [_parameter(name, told, examples) for name, told in schema["properties"].items()]}


def _examples(kind: CollectionKind) -> dict[str, str]:
    name, value = kind.example
    dates = {field.name for field in kind.fields if field.kind == "date"}
    written = f"DATE('{value}')" if name in dates else f"'{value}'"
    return {name: value, "filter": f"{name} = {written}", "sortby": f"-{name}", "properties": name}


def _parameter(name: str, told: dict[str, Any], examples: Mapping[str, str]) -> dict[str, Any]:
    about = dict(told)
    for one in about.pop("anyOf", []):
        about = {**one, **about} if one.get("type") != "null" else about
    shown = about.pop("example", None)
    parameter: dict[str, Any] = {
        "name": name,
        "in": "query",
        "required": False,
        "style": "form",
        "explode": False,
    }
    if "description" in about or "title" in about:
        parameter["description"] = about.pop("description", None) or about["title"]
    if shown is not None or name in examples:
        parameter["example"] = examples.get(name, shown)
    if about.get("type") != "string":
        about = {key: value for key, value in about.items() if key not in ("minLength", "maxLength")}
    if about.get("default", 0) is None:
        del about["default"]
    return {**parameter, "schema": about}


def chosen_snapshot(published: Sequence[Snapshot], query: AsOfQuery) -> Snapshot | None:
    """Give the newest snapshot up to a date, or that of a name; None where nothing is published yet.

    Raises
    ------
    Problem
        404 if there is none such among those published.
    """
    if not published:
        return None
    day = query.as_of.isoformat() if query.as_of else None
    for one in reversed(published):
        if (day is None or one.as_of <= day) and query.snapshot in (None, one.id):
            return one
    wanted = " ".join(filter(None, [query.snapshot, day]))
    raise Problem(
        404,
        f"no result for {wanted}; /collections/snapshots/items lists those that there are",
        f"không có bản kết quả cho {wanted}; xem /collections/snapshots/items",
    )


def kept_parameters(request: Request, snapshot: Snapshot | None) -> tuple[tuple[str, str], ...]:
    """Parameters that lead to the same features later on: those that came, the snapshot by its name."""
    items = request.query_params.multi_items()
    if snapshot is None:
        return tuple((name, value) for name, value in items if name != "offset")
    return (*((name, value) for name, value in items if name not in NOT_KEPT), ("snapshot", snapshot.id))
