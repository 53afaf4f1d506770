"""The collections and their properties, as data: what /collections and the queryables say, in one place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from geocover.features.columns import Kind

Right = Literal["snapshots:read", "stations:read", "register:read"]
TECHNOLOGIES = ("4G", "5G")  # those with definitions of "covered"
BASES = {"area": ("diện tích", "area", "km²"), "population": ("dân số", "population", "người / people")}


@dataclass(frozen=True)
class Field:
    """A property: name, kind, titles, unit, and the values it can have where these are few."""

    name: str
    kind: Kind
    vi: str
    en: str
    unit: str = ""
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class CollectionKind:
    """A collection of features.

    Attributes
    ----------
    id
        Its name in addresses.
    vi, en, about_vi, about_en
        Titles and descriptions.
    fields
        The properties of a feature.
    moment
        The property that says when a feature is of, and whether it goes on being so from then on.
    geometry
        Format of the geometry in JSON schemas; None where features have none.
    right
        What a reader must be allowed to do.
    example
        A simple filter for the examples: a property and a value.
    """

    id: str
    vi: str
    en: str
    about_vi: str
    about_en: str
    fields: tuple[Field, ...]
    moment: tuple[str, bool]
    geometry: str | None
    right: Right = "snapshots:read"
    example: tuple[str, str] = ("", "")

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the properties."""
        return tuple(field.name for field in self.fields)


AS_OF = Field("as_of", "date", "ngày số liệu", "reporting date")
MADE_UP = (
    Field("illustrative", "boolean", "dữ liệu minh họa", "made-up data"),
    Field("schematic", "boolean", "ranh giới sơ đồ", "schematic boundaries"),
)
STAMP = (
    AS_OF,
    Field("snapshot", "text", "bản kết quả", "snapshot"),
    Field("digest", "text", "mã băm của kịch bản", "digest of the scenario"),
    *MADE_UP,
)
WHOSE = (
    Field("technology", "text", "công nghệ", "technology"),
    Field("operator", "text", "nhà mạng (any: ít nhất một, all: tất cả)", "operator (any, all, or one)"),
    Field("profile", "text", "chuẩn phủ sóng", 'definition of "covered"'),
)
EVIDENCE = Field(
    "evidence", "text", "căn cứ", "evidence", values=("declared", "predicted", "measured")
)  # fmt: skip


def _basis(basis: str) -> tuple[Field, ...]:
    vi, en, unit = BASES[basis]
    return (
        Field(f"{basis}_covered", "number", f"{vi} có sóng", f"{en} covered", unit),
        Field(f"{basis}_total", "number", f"tổng {vi}", f"total {en}", unit),
        Field(f"{basis}_share", "number", f"tỷ lệ {vi} có sóng", f"share of {en} covered"),
        Field(f"{basis}_share_low", "number", "cận dưới của tỷ lệ", "share, low end of its interval"),
        Field(f"{basis}_share_high", "number", "cận trên của tỷ lệ", "share, high end of its interval"),
        Field(f"{basis}_share_expected", "number", "tỷ lệ kỳ vọng", "expected share"),
        Field(f"{basis}_rests_on", "number", "phần đã biết", "part that is known, on which the share rests"),
    )


def _reach(technology: str) -> tuple[Field, ...]:
    end = technology.lower()
    return (
        Field(f"profile_{end}", "text", f"chuẩn {technology}", f"definition for {technology}"),
        Field(f"reached_{end}", "boolean", f"có sóng {technology} tại điểm", f"{technology} at the point"),
        Field(
            f"certainty_{end}", "text", "mức chắc chắn", "certainty", values=("yes", "no", "uncertain")
        ),
        Field(f"level_{end}_dbm", "number", f"mức thu {technology}", f"level of {technology}", "dBm"),
        Field(f"area_share_{end}", "number", "tỷ lệ diện tích có sóng", "share of the area covered"),
        Field(
            f"accuracy_share_{end}", "number", "tỷ lệ trong sai số", "share within the position's error"
        ),
        Field(f"rests_on_{end}", "number", "phần đã biết", "part that is known"),
    )  # fmt: skip


COMMUNES = CollectionKind(
    "communes",
    "Xã, phường",
    "Communes",
    "Xã, phường của tỉnh với ranh giới, dân số, diện tích.",
    "Communes of the province with boundary, population and area.",
    (
        Field("code", "text", "mã xã", "code"),
        Field("name", "text", "tên", "name"),
        Field("type", "text", "loại", "type"),
        Field("population", "integer", "dân số", "population", "người / people"),
        Field("area_km2", "number", "diện tích đo trên bản đồ", "area on the map", "km²"),
        Field("area_official_km2", "number", "diện tích công bố", "official area", "km²"),
        Field("former_province", "text", "tỉnh cũ", "former province"),
        Field("pre_merger_units", "text", "đơn vị trước sáp nhập", "units before the merger"),
        Field("centre_lon", "number", "kinh độ trung tâm", "longitude of the centre", "°"),
        Field("centre_lat", "number", "vĩ độ trung tâm", "latitude of the centre", "°"),
        Field("centre_accuracy_m", "number", "sai số vị trí trung tâm", "accuracy of the centre", "m"),
        Field("centre_basis", "text", "nguồn vị trí trung tâm", "where the centre comes from"),
        Field("valid_from", "date", "có hiệu lực từ", "valid from"),
        AS_OF,
        *MADE_UP,
    ),
    ("valid_from", True),
    "geometry-multipolygon",
    example=("code", "08515"),
)
COVERAGE = CollectionKind(
    "coverage",
    "Phủ sóng theo xã, phường",
    "Coverage by commune",
    "Mỗi đối tượng là một xã, phường theo một công nghệ, nhà mạng và chuẩn phủ sóng.",
    "A feature is a commune by technology, operator and definition of covered.",
    (
        Field("code", "text", "mã xã", "code of the commune"),
        Field("name", "text", "tên", "name"),
        Field("type", "text", "loại", "type"),
        *WHOSE,
        *_basis("area"),
        *_basis("population"),
        EVIDENCE,
        Field("assumed_share", "number", "tỷ lệ cell có tham số giả định", "cells with assumed parameters"),
        *STAMP,
    ),
    ("as_of", False),
    "geometry-multipolygon",
    example=("code", "08515"),
)
GAPS = CollectionKind(
    "gaps",
    "Điểm lõm sóng",
    "Gaps",
    "Vùng không nhà mạng nào phủ sóng theo chuẩn ngoài trời.",
    "Polygons where no operator covers by the outdoor definition.",
    (
        Field("id", "text", "mã", "id"),
        *WHOSE,
        Field("area_km2", "number", "diện tích", "area", "km²"),
        Field("people", "number", "số người", "people", "người / people"),
        Field("commune_code", "text", "mã xã có phần lớn nhất", "code of the commune with most of it"),
        Field("commune_codes", "text", "mã các xã", "codes of all communes it touches"),
        Field("nearest_station", "text", "trạm gần nhất", "nearest station"),
        Field("nearest_operator", "text", "nhà mạng của trạm gần nhất", "operator of the nearest station"),
        Field("nearest_km", "number", "cách trạm gần nhất", "distance of the nearest station", "km"),
        Field("lon", "number", "kinh độ", "longitude", "°"),
        Field("lat", "number", "vĩ độ", "latitude", "°"),
        Field("places", "text", "địa điểm bên trong", "places inside"),
        Field("places_count", "integer", "số địa điểm bên trong", "number of places inside"),
        EVIDENCE,
        *STAMP,
    ),
    ("as_of", False),
    "geometry-multipolygon",
    example=("commune_code", "08515"),
)
PLACES = CollectionKind(
    "places",
    "Địa điểm cần có sóng",
    "Places",
    "Trung tâm xã, khu công nghiệp, thôn bản: có sóng 4G, 5G hay chưa, theo chuẩn chính.",
    "Commune centres, industrial parks, hamlets: whether 4G and 5G reach them by the main definition.",
    (
        Field("id", "text", "mã", "id"),
        Field("name", "text", "tên", "name"),
        Field("kind", "text", "loại", "kind"),
        Field("commune_code", "text", "mã xã", "code of the commune"),
        Field("status", "text", "tình trạng", "status"),
        Field("area_ha", "number", "diện tích", "area", "ha"),
        Field("accuracy_m", "number", "sai số vị trí", "accuracy of the position", "m"),
        Field("basis", "text", "nguồn vị trí", "where the position comes from"),
        Field("source", "text", "nguồn", "source"),
        *(field for technology in TECHNOLOGIES for field in _reach(technology)),
        Field("operator", "text", "nhà mạng (any: ít nhất một)", "operator (any: one at least)"),
        EVIDENCE,
        *STAMP,
    ),
    ("as_of", False),
    "geometry-any",
    example=("commune_code", "08515"),
)
STATIONS = CollectionKind(
    "stations",
    "Trạm phát sóng",
    "Stations",
    "Trạm phát sóng đến ngày số liệu; chỉ cho người có quyền.",
    "Stations on air at the reporting date; for those who may see them.",
    (
        Field("station_id", "text", "mã trạm", "id of the station"),
        Field("position_id", "text", "mã vị trí", "id of the position"),
        Field("operator", "text", "nhà mạng", "operator"),
        Field("technology", "text", "công nghệ", "technology"),
        Field("on_air", "date", "ngày phát sóng", "on air since"),
        Field("cells", "integer", "số cell", "number of cells"),
        Field("lon", "number", "kinh độ", "longitude", "°"),
        Field("lat", "number", "vĩ độ", "latitude", "°"),
        EVIDENCE,
        AS_OF,
        *MADE_UP,
    ),
    ("on_air", True),
    "geometry-point",
    "stations:read",
    ("technology", "5G"),
)
VERSIONS = CollectionKind(
    "register-versions",
    "Các bản danh sách trạm đã duyệt",
    "Accepted versions of site lists",
    "Danh sách trạm đã được duyệt của từng nhà mạng; chỉ cho người có quyền.",
    "Accepted versions of the operators' site lists; for those who may see them.",
    (
        Field("id", "text", "mã danh sách", "id of the list"),
        Field("operator", "text", "nhà mạng", "operator"),
        Field("version", "integer", "bản", "version"),
        Field("state", "text", "trạng thái", "state", values=("accepted", "superseded")),
        AS_OF,
        Field("name", "text", "tên tệp", "name of the file"),
        Field("sha256", "text", "SHA-256 của tệp", "SHA-256 of the file"),
        Field("rows_read", "integer", "số dòng đọc được", "rows read"),
        Field("rows_accepted", "integer", "số dòng nhận", "rows accepted"),
        Field("rows_rejected", "integer", "số dòng loại", "rows rejected"),
        Field("uploaded_at", "time", "tải lên lúc", "uploaded at"),
        Field("accepted_at", "time", "duyệt lúc", "accepted at"),
        Field("superseded_at", "time", "thay thế lúc", "superseded at"),
    ),
    ("as_of", True),
    None,
    "register:read",
    ("state", "accepted"),
)
SNAPSHOTS = CollectionKind(
    "snapshots",
    "Các bản kết quả",
    "Snapshots",
    "Các bản kết quả đã công bố, với khung bao của tỉnh.",
    "Published results with the bounds of the province.",
    (
        Field("id", "text", "mã", "id"),
        Field("name", "text", "tên", "name"),
        Field("province_code", "text", "mã tỉnh", "code of the province"),
        Field("communes", "integer", "số xã, phường", "number of communes"),
        AS_OF,
        Field("digest", "text", "mã băm của kịch bản", "digest of the scenario"),
        *MADE_UP,
    ),
    ("as_of", False),
    "geometry-polygon",
    example=("as_of", "2025-12-31"),
)
COLLECTIONS = {kind.id: kind for kind in (COMMUNES, COVERAGE, GAPS, PLACES, STATIONS, VERSIONS, SNAPSHOTS)}
