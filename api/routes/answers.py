"""Answers to a planner's questions: coverage as figures, one point, the path to it, two dates, the trend."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import Field

from api.openapi.documents import BY_KEY, JSON, responses
from api.queries import (
    NAME,
    Day,
    NewName,
    NoQuery,
    OldName,
    SnapshotQuery,
    named_snapshot,
    other_day,
    registry_of,
)
from api.readers.access import answer_seen, audience_for, stations_snapshot
from api.web.negotiation import Handling, answer
from api.web.problems import Problem
from geocover.errors import CrsError
from geocover.report.audience import seen_by
from geocover.report.comparing import Pair, compare_csv, compare_json
from geocover.report.coverage_answers import (
    Asked,
    commune_coverage_json,
    place_coverage_json,
    province_coverage_json,
)
from geocover.report.history_answers import history_json
from geocover.report.path_profile import path_profile_json
from geocover.report.point_answers import point_json, to_degrees

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from geocover.store import Snapshot

CSV = "text/csv; charset=utf-8"
EPSG = r"^EPSG:[0-9]{4,6}$"
Basis = Literal["area", "population", "hamlets", "places"]
Evidence = Literal["predicted", "declared", "measured"]
Number = Annotated[float | None, Field(allow_inf_nan=False, ge=-1e8, le=1e8)]
Text = Annotated[str | None, NAME]
Operator = Annotated[
    Text, Field(description="Tên nhà mạng, any hoặc all / a name, any or all", examples=["any"])
]
Technology = Annotated[Text, Field(examples=["4G"])]
Profile = Annotated[Text, Field(description="Chuẩn phủ sóng / definition", examples=["outdoor-4g"])]


def _in_address(most: int, about: str, example: str) -> Any:  # noqa: ANN401  as FastAPI's own
    """Describe a part of an address."""
    return Path(max_length=most, description=about, openapi_examples={"Hy Cương": {"value": example}})


Code = Annotated[str, _in_address(100, "Mã xã, phường / commune code", "08515")]
PlaceId = Annotated[
    str, _in_address(200, "Mã địa điểm, xem /places / id of a place, see /places", "centre-08515")
]

router = APIRouter(
    default_response_class=Response,
    tags=["answers"],
    responses=responses(400, 401, 404, 429, 500),
)

FIGURE = {
    "key": "area-share", "title_vi": "4G theo diện tích", "title_en": "4G by area", "operator": "any",
    "technology": "4G", "evidence": "predicted", "unit": "%", "basis": "area", "value": 96.4, "low": 95.1,
    "high": 97.3, "expected": 95.8, "numerator": 54.9, "denominator": 56.97, "counted_in": "km2",
    "rests_on": 1.0, "assumed_share": 0.2, "as_of": "2025-12-31", "snapshot": "2025-12-31-d3210bd1f69e",
    "illustrative": True, "schematic": True, "definition": "/method#area-share",
    "profile": {"name": "outdoor-4g", "min_rsrp_dbm": -110, "reliability": 0.9, "indoor": False},
}  # fmt: skip
COMMUNE = {"code": "08515", "name": "Hy Cương", "type": "Xã"}
CHANGE = {
    "key": "area-share", "technology": "4G", "operator": "any", "profile": "outdoor-4g", "basis": "area",
    "from": {"value": 94.5, "low": 93.5, "high": 95.4}, "to": {"value": 96.0, "low": 95.1, "high": 96.7},
    "difference": 1.5, "within_uncertainty": True,
}  # fmt: skip
EXAMPLES: dict[str, dict[str, Any]] = {
    "coverage": {"figures": [FIGURE], "absent": []},
    "commune": {"commune": COMMUNE, "figures": [FIGURE], "absent": []},
    "place": {
        "place": {"id": "centre-08515", "name": "Hy Cương"},
        "figures": [{**FIGURE, "basis": "places"}],
    },
    "point": {
        "point": {"lon": 105.3219, "lat": 21.3268, "ground_m": 22.0},
        "inside_province": True,
        "commune": COMMUNE,
        "levels": [{"technology": "4G", "operator": "any", "level_dbm": -56.67, "serving": None}],
        "gaps": [],
    },
    "profile": {
        "link": {"freq_mhz": 1800.0, "tx_height_m": 31.0, "rx_height_m": 1.5, "level_dbm": -92.5},
        "samples": {"distance_km": [0.0, 0.1], "ground_m": [22.0, 23.5]},
        "line_of_sight": True,
        "fresnel_60_free": False,
    },
    "compare": {"communes": {"codes": ["08515"]}, "province": [CHANGE], "remarks": []},
    "history": {"code": "08515", "series": [{"key": "area-share", "value": [94.5, 96.0]}]},
}  # fmt: skip


class DatedQuery(SnapshotQuery):
    """Which snapshot: by date, by name, or the last until a day."""

    as_of: Annotated[
        Day | None,
        Field(description="Bản mới nhất đến ngày này / the newest until this day", examples=["2025-12-31"]),
    ] = None


class PointQuery(DatedQuery):
    """A position: degrees of WGS 84, or x and y in a projected system."""

    lon: Annotated[Number, Field(description="Kinh độ WGS 84 / longitude", examples=[105.3219])] = None
    lat: Annotated[Number, Field(description="Vĩ độ WGS 84 / latitude", examples=[21.3268])] = None
    crs: Annotated[str | None, Field(pattern=EPSG, description="VN-2000: EPSG:9208, EPSG:5897, …")] = None
    x: Annotated[Number, Field(description="Toạ độ đông / easting, m")] = None
    y: Annotated[Number, Field(description="Toạ độ bắc / northing, m")] = None


class PathQuery(PointQuery):
    """A position and whose station it is seen from."""

    technology: Technology = None
    operator: Operator = None


class LevelsQuery(PathQuery):
    """A position, and which of its levels; what is left out is not restricted."""

    profile: Profile = None

    @property
    def asked(self) -> Asked:
        """What is asked for."""
        return Asked(self.operator, self.technology, self.profile)


class ChoiceQuery(NoQuery):
    """Figures that are compared or followed; what is left out is not restricted."""

    operator: Operator = None
    technology: Technology = None
    profile: Profile = None
    basis: Basis | None = None
    evidence: Evidence | None = None

    @property
    def asked(self) -> Asked:
        """What is asked for."""
        return Asked(self.operator, self.technology, self.profile, self.basis, self.evidence)


class CoverageQuery(ChoiceQuery, DatedQuery):
    """Which figures of which snapshot."""


class CompareQuery(ChoiceQuery):
    """Two snapshots by date or name: the newest and the date before it where nothing is said."""

    old: OldName = None
    new: NewName = None


class HistoryQuery(ChoiceQuery):
    """The province's figures over all dates, or a commune's."""

    code: Annotated[Text, Field(description="Mã xã, phường / commune code", examples=["08515"])] = None


def _shown(name: str, schema: str) -> dict[int | str, dict[str, Any]]:
    """Entries of OpenAPI for an answer, with an example."""
    told = responses(200, media=JSON, schema=schema)
    told[200]["content"][JSON]["example"] = EXAMPLES[name]
    return told


def _whole(request: Request, query: DatedQuery) -> Snapshot:
    """Give the snapshot that is asked for, with all operators.

    Raises
    ------
    Problem
        404 if there is none, 400 where two ways to name it are used at once.
    """
    registry = registry_of(request)
    if query.as_of is None:
        return registry.choose(query.date, query.snapshot)
    if query.date or query.snapshot:
        raise Problem(
            400,
            "as_of stands alone: leave date and snapshot out",
            "as_of dùng một mình: hãy bỏ date và snapshot",
        )
    return registry.until(query.as_of.isoformat())


def _figures(request: Request, query: CoverageQuery, make: Callable[[Snapshot, Asked], bytes]) -> Response:
    """Answer with figures of the snapshot as the reader may see it."""
    audience = audience_for(request)
    seen = seen_by(_whole(request, query), audience), audience
    return answer_seen(request, seen, JSON, lambda snapshot: make(snapshot, query.asked))


@router.get("/coverage", responses=_shown("coverage", "Coverage"))
def coverage(request: Request, query: Annotated[CoverageQuery, Query()]) -> Response:
    """Phủ sóng toàn tỉnh: mọi số liệu theo cách tính. The province's figures, each with its definition.

    What the snapshot cannot answer is an empty list with the reason in `absent`.
    """
    return _figures(request, query, province_coverage_json)


@router.get("/communes/{code}/coverage", responses=_shown("commune", "CommuneCoverage"))
def commune(request: Request, code: Code, query: Annotated[CoverageQuery, Query()]) -> Response:
    """Một xã, phường: số liệu, trung tâm, khu công nghiệp, điểm lõm. One commune: figures, places, gaps."""
    return _figures(request, query, lambda seen, asked: commune_coverage_json(seen, code, asked))


@router.get("/places/{place_id}/coverage", responses=_shown("place", "PlaceCoverage"))
def place(request: Request, place_id: PlaceId, query: Annotated[CoverageQuery, Query()]) -> Response:
    """Một địa điểm: ai phủ sóng. One place (commune centre, park, hamlet): who reaches it, and how surely."""
    return _figures(request, query, lambda seen, asked: place_coverage_json(seen, place_id, asked))


@router.get("/point", responses=_shown("point", "Point"))
def point(request: Request, query: Annotated[LevelsQuery, Query()]) -> Response:
    """Một điểm: mức thu, trạm phục vụ, xã, điểm lõm. Levels, servers (by right), commune and gap.

    `operator`, `technology` and `profile` choose levels; `level_error_db` is how far a level may be off.
    """
    audience, lon_lat = audience_for(request), _position(query)
    whole = _whole(request, query)

    def make(_: Snapshot) -> bytes:
        return point_json(whole, audience, *lon_lat, query.asked)

    with _placed():
        return answer_seen(request, (seen_by(whole, audience), audience), JSON, make)


@router.get(
    "/point/profile", responses={**_shown("profile", "PathProfile"), **responses(403)}, openapi_extra=BY_KEY
)
def point_profile(request: Request, query: Annotated[PathQuery, Query()]) -> Response:
    """Mặt cắt từ trạm phục vụ đến điểm: địa hình, tia nhìn, miền Fresnel. The path from the serving station.

    It shows a station's position: for those who may see it.
    """
    lon_lat, whole = _position(query), _whole(request, query)
    seen = stations_snapshot(request, SnapshotQuery(snapshot=whole.id))

    def make(_: Snapshot) -> bytes:
        return path_profile_json(whole, seen[1], lon_lat, query.technology, query.operator)

    with _placed():
        return answer_seen(request, seen, JSON, make)


def _position(query: PointQuery) -> tuple[float, float]:
    """Longitude and latitude of a query.

    Raises
    ------
    Problem
        400 for none, half of one, or two.
    """
    degrees, metres = (query.lon, query.lat), (query.crs, query.x, query.y)
    if None not in degrees and metres == (None, None, None):
        return float(query.lon or 0.0), float(query.lat or 0.0)
    if None in metres or degrees != (None, None):
        raise Problem(
            400,
            "give lon and lat in degrees, or crs, x and y: /point?lon=105.3219&lat=21.3268",
            "hãy nhập lon và lat (độ), hoặc crs, x và y: /point?lon=105.3219&lat=21.3268",
        )
    with _placed():
        return to_degrees(str(query.crs), float(query.x or 0.0), float(query.y or 0.0))


@contextmanager
def _placed() -> Iterator[None]:
    """Say 400 of a position that cannot be."""
    try:
        yield
    except CrsError as error:
        raise Problem(400, str(error), error.vi) from error


@router.get("/compare", responses=_shown("compare", "Compare"))
def compare(request: Request, query: Annotated[CompareQuery, Query()]) -> Response:
    """So sánh hai ngày số liệu. What changed between two dates: figures, gaps, places, stations.

    A day stands for the newest result of it or before; `from` and `to` of the answer say which were used, and
    what there is nothing of is told in `absent`.
    """
    return _compared(request, query, JSON, compare_json)


@router.get("/compare.csv", responses=responses(200, media="text/csv"))
def compare_table(request: Request, query: Annotated[CompareQuery, Query()]) -> Response:
    """Bảng so sánh các xã, phường cho Excel. The comparison of communes as CSV (UTF-8 with BOM)."""
    return _compared(request, query, CSV, compare_csv)


def _compared(
    request: Request, query: CompareQuery, media: str, make: Callable[[Pair, Asked], bytes]
) -> Response:
    audience = audience_for(request)
    old, new = _two(request, query)
    days = (other_day(query.old, old), other_day(query.new, new))
    pair = Pair(seen_by(old, audience), seen_by(new, audience), old, new, days)
    name = f'attachment; filename="geocover-{old.as_of}-{new.as_of}.csv"'
    headers = {"Content-Disposition": name} if media == CSV else {}
    handling = Handling(headers=headers, more=[old.id], audience=audience.name)
    return answer(request, pair.new, media, lambda: make(pair, query.asked), handling)


def _two(request: Request, query: CompareQuery) -> tuple[Snapshot, Snapshot]:
    """Give the snapshots to compare.

    Raises
    ------
    Problem
        404 if there is no such snapshot, or no date before.
    """
    new = named_snapshot(request, query.new)
    if query.old is not None:
        return named_snapshot(request, query.old), new
    before = registry_of(request).before(new.as_of)
    if before is None:
        raise Problem(
            404,
            f"there is no result before {new.as_of} to compare with; say from=, or compute an earlier date",
            f"không có bản kết quả nào trước {new.as_of} để so sánh; hãy nêu from=, hoặc tính một ngày trước",
        )
    return before, new


@router.get("/history", responses=_shown("history", "History"))
def history(request: Request, query: Annotated[HistoryQuery, Query()]) -> Response:
    """Diễn biến qua các ngày số liệu. Every figure of the province or a commune over all dates.

    What no date can answer is told in `absent`.
    """
    audience, offered = audience_for(request), registry_of(request).all()
    if not offered:
        registry_of(request).choose()
    seen = tuple(seen_by(one, audience) for one in offered)
    handling = Handling(more=[one.id for one in seen], audience=audience.name)
    return answer(request, None, JSON, lambda: history_json(seen, query.code, query.asked), handling)
