"""Which coverage is asked for, and what every answer says of the snapshot it comes from."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from geocover.coverage import ALL, ANY
from geocover.errors import ProfileError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from geocover.store import Snapshot

ILLUSTRATIVE_VI, ILLUSTRATIVE_EN = "dữ liệu minh họa", "illustrative data"
KINDS_VI = {"profile": "chuẩn", "technology": "công nghệ", "operator": "nhà mạng"}
# What snapshots say of the spreading of people that were made before they said it in Vietnamese too.
SPREAD, RASTER = "commune totals spread by ", "raster "
WAYS_VI = {
    "slope": "độ dốc",
    "distance to commune centres": "khoảng cách đến trung tâm xã",
    "area": "diện tích",
}
NO_RESULT = (
    "there is no result yet; upload site lists at /uploads, or run `geocover run` or `geocover demo`",
    "chưa có bản kết quả nào; hãy tải danh sách trạm tại /uploads, hoặc chạy `geocover run`, `geocover demo`",
)
SCHEMATIC_VI, SCHEMATIC_EN = "ranh giới sơ đồ", "schematic boundaries"


@dataclass(frozen=True)
class View:
    """One way to look at a snapshot: a technology, whose coverage, and the definition of "covered"."""

    technology: str
    operator: str
    profile: str

    def as_dict(self) -> dict[str, str]:
        """All fields as plain JSON values."""
        return asdict(self)


def choose_view(
    snapshot: Snapshot, technology: str | None = None, operator: str | None = None, profile: str | None = None
) -> View:
    """Complete what a reader asks for: 4G where held, any operator, the outdoor definition.

    Raises
    ------
    ProfileError
        The snapshot holds no such technology, operator or profile, or the profile is another technology's.
    """
    if profile is not None:
        _known("profile", profile, snapshot.profiles)
        technology = technology or str(snapshot.profiles[profile]["technology"])
    technology = technology or min(snapshot.operators)
    _known("technology", technology, snapshot.operators)
    _known_operator(snapshot, technology, operator or ANY)
    profile = profile or _first_profile(snapshot, technology)
    if snapshot.profiles[profile]["technology"] != technology:
        raise ProfileError(
            f"profile {profile} is not a definition of {technology}; leave one of the two out",
            f"chuẩn {profile} không phải của {technology}; hãy bỏ một trong hai",
        )
    return View(technology, operator or ANY, profile)


def operators(snapshot: Snapshot, technology: str) -> list[str]:
    """Views of a technology: any operator, all operators, then each."""
    return [ANY, ALL, *snapshot.operators[technology]]


def _known(what: str, value: str, known: Iterable[str]) -> None:
    names = sorted(known)
    if value not in names:
        raise ProfileError(
            f"no {what} {value!r} in this snapshot; there are: {', '.join(names)}",
            f"bản kết quả không có {KINDS_VI[what]} “{value}”; có: {', '.join(names)}",
        )


def _known_operator(snapshot: Snapshot, technology: str, operator: str) -> None:
    """Refuse an operator that the reader's snapshot has not, or not with this technology."""
    each = {one for names in snapshot.operators.values() for one in names}
    if operator in (ANY, ALL):
        return
    if not each:
        raise ProfileError(
            f"operator {operator!r}: single operators need a key; without one there are {ANY}, {ALL}",
            f"nhà mạng “{operator}”: cần khoá để xem từng nhà mạng; không có khoá thì chỉ có {ANY}, {ALL}",
        )
    _known("operator", operator, [ANY, ALL, *each])
    if operator not in snapshot.operators[technology]:
        raise ProfileError(
            f"{operator} has no {technology} in this snapshot",
            f"{operator} không có {technology} trong bản kết quả này",
        )


def _first_profile(snapshot: Snapshot, technology: str) -> str:
    """Give the outdoor definition of a technology, or the first there is."""
    name = snapshot.main_profile(technology)
    if name is None:
        raise ProfileError(
            f"the snapshot has no profile of {technology}; add one to the scenario",
            f"bản kết quả không có chuẩn nào của {technology}; hãy thêm vào kịch bản",
        )
    return name


def stamp(snapshot: Snapshot) -> dict[str, Any]:
    """What every row says of its snapshot: identity, date, and whether it is made up."""
    return {
        "snapshot": snapshot.id,
        "as_of": snapshot.as_of,
        "digest": snapshot.digest,
        "illustrative": snapshot.illustrative,
        "schematic": snapshot.schematic,
    }


def metadata(snapshot: Snapshot) -> dict[str, Any]:
    """What every answer says of its snapshot: its stamp, sources, models and remarks."""
    manifest, people = snapshot.manifest, snapshot.manifest["population"]
    return {
        **stamp(snapshot),
        "name": manifest["parameters"]["name"],
        "province_code": manifest["parameters"]["province_code"],
        **notices(snapshot),
        "sources": manifest["sources"],
        "models": manifest["models"],
        "terrain_used": manifest["terrain"]["used_by_models"],
        "population_method": people["method"],
        "population_method_vi": people.get("method_vi") or _method_vi(str(people["method"])),
        "geocover": manifest["versions"]["geocover"],
    }


def _method_vi(method: str) -> str:
    """Give in Vietnamese how people are spread; a way that is not known here stays in English."""
    if method.startswith(RASTER):
        return f"lưới dân số {method.removeprefix(RASTER)}"
    ways = method.removeprefix(SPREAD).split(" and ")
    if not method.startswith(SPREAD) or not set(ways) <= set(WAYS_VI):
        return method
    return f"chia dân số của xã theo {' và '.join(WAYS_VI[way] for way in ways)}"


def notices(snapshot: Snapshot) -> dict[str, str]:
    """Remarks that go on every page and answer, in both languages; empty for real data without a note."""
    parameters = snapshot.manifest["parameters"]
    marks = (
        (snapshot.illustrative, ILLUSTRATIVE_VI, ILLUSTRATIVE_EN),
        (snapshot.schematic, SCHEMATIC_VI, SCHEMATIC_EN),
    )
    vi = [one for held, one, _ in marks if held] + [parameters["note_vi"]] * bool(parameters["note_vi"])
    en = [one for held, _, one in marks if held] + [parameters["note_en"]] * bool(parameters["note_en"])
    return {"notice_vi": "; ".join(vi), "notice_en": "; ".join(en)}
