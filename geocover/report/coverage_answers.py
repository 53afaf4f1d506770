"""Coverage of the province, a commune or a place as figures, each with what a reader needs to judge it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from geocover.errors import AreasError, ProfileError
from geocover.report.answers import UNITS, commune_coverage, to_json
from geocover.report.counting import counted_reach, reach_numbers, share_numbers
from geocover.report.figures import PERCENT, titled
from geocover.report.view import choose_view, metadata, notices, stamp

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    import pandas as pd

    from geocover.store import Snapshot

CACHED = 64
HAMLET = "hamlet"
PLACES, HAMLETS = "places", "hamlets"
BASES = (*UNITS, HAMLETS, PLACES)
METHOD = "/method#"
OF_A_PLACE = ("reached", "certainty", "level_dbm", "area_share", "accuracy_share", "rests_on")
DEFINITION = (
    "title_vi", "title_en", "version", "min_rsrp_dbm", "reliability", "sigma_db", "indoor_loss_db",
    "required_dbm", "level_error_db", "source",
)  # fmt: skip
WHY_NO_BASIS = {
    "area": ("không có số liệu theo diện tích cho lựa chọn này", "there is nothing by area for this choice"),
    "population": (
        "bản kết quả không có số liệu dân số cho lựa chọn này",
        "the snapshot holds no population for this choice",
    ),
    HAMLETS: (
        "bản kết quả không có thôn, bản nào ở đây; hãy thêm danh sách thôn, bản vào kịch bản",
        "the snapshot holds no hamlets here; add a list of hamlets to the scenario",
    ),
    PLACES: (
        "bản kết quả không có trung tâm xã, khu công nghiệp hay đô thị nào ở đây",
        "the snapshot holds no commune centre, operating industrial park or urban centre here",
    ),
}
WHY_NO_EVIDENCE = {
    "declared": (
        "nhà mạng khai báo trạm, không khai báo vùng phủ; số trạm xem tại /figures",
        "operators declare stations, not coverage; /figures counts the stations",
    ),
    "measured": (
        "bản kết quả không có số liệu đo",
        "the snapshot holds no measurements",
    ),
}  # fmt: skip
ONE_PLACE = (
    "một địa điểm chỉ có câu trả lời có sóng hay chưa; hãy bỏ tham số basis",
    "a single place is reached or not; leave basis out",
)


@dataclass(frozen=True)
class Asked:
    """Which figures a reader asks for; None leaves a field open.

    Attributes
    ----------
    operator
        A name, "any" or "all".
    technology, profile
        Names the snapshot holds.
    basis
        One of `BASES`.
    evidence
        "predicted", "declared" or "measured".
    """

    operator: str | None = None
    technology: str | None = None
    profile: str | None = None
    basis: str | None = None
    evidence: str | None = None


EVERYTHING = Asked()


def check_asked(snapshot: Snapshot, asked: Asked) -> None:
    """Refuse a choice that the snapshot cannot hold, with the names that it holds.

    Raises
    ------
    ProfileError
        No such technology, operator or profile, or they contradict each other.
    """
    last: ProfileError | None = None
    for technology in [asked.technology] if asked.technology or asked.profile else sorted(snapshot.operators):
        try:
            choose_view(snapshot, technology, asked.operator, asked.profile)
        except ProfileError as error:
            last = error
        else:
            return
    if last is not None:
        raise last


def chosen_rows(table: pd.DataFrame, asked: Asked) -> pd.DataFrame:
    """Rows of a table of shares or of reach that are asked for."""
    for name, wanted in vars(asked).items():
        if wanted is not None and name in table:
            table = table[table[name] == wanted]
    return table


def is_asked(row: Mapping[Any, Any], asked: Asked) -> bool:
    """Whether a row is asked for, by as much as it says."""
    return all(wanted in (None, row.get(name, wanted)) for name, wanted in vars(asked).items())


@lru_cache(maxsize=CACHED)
def province_coverage_json(snapshot: Snapshot, asked: Asked = EVERYTHING) -> bytes:
    """Figures of the province (`province_coverage`) with the metadata and what is absent.

    Raises
    ------
    ProfileError
        As `check_asked`.
    """
    return _answer(snapshot, asked, {}, province_coverage(snapshot, asked))


def province_coverage(snapshot: Snapshot, asked: Asked = EVERYTHING) -> list[dict[str, Any]]:
    """List the province's figures: shares by area and people, then places reached, by kind.

    Returns
    -------
    Each with ``key`` (area-share, population-share, reach:<kind>), titles, ``value``, ``low``, ``high`` and
    ``expected`` in ``unit`` ("%"), ``numerator`` and ``denominator`` in ``counted_in`` (km2, people, places),
    ``basis``, ``operator``, ``technology``, ``profile`` (its definition), ``evidence``, ``as_of``,
    ``snapshot``, ``digest``, ``rests_on`` and ``assumed_share`` (0 to 1), the marks of made-up data, and
    ``definition``, the address of its explanation.

    Raises
    ------
    ProfileError
        As `check_asked`.
    """
    check_asked(snapshot, asked)
    return [*_share_figures(snapshot, snapshot.totals, asked), *_reach_figures(snapshot, None, asked)]


@lru_cache(maxsize=CACHED)
def commune_coverage_json(snapshot: Snapshot, code: str, asked: Asked = EVERYTHING) -> bytes:
    """One commune: figures as of the province, and `geocover.report.answers.commune_coverage`.

    Raises
    ------
    AreasError
        The snapshot holds no such commune.
    ProfileError
        As `check_asked`.
    """
    figures = commune_figures(snapshot, code, asked)
    tables = commune_coverage(snapshot, code)
    kept = [row for row in tables["coverage"] if is_asked(row, asked)]
    return _answer(snapshot, asked, {**tables, "coverage": kept}, figures)


def commune_figures(snapshot: Snapshot, code: str, asked: Asked = EVERYTHING) -> list[dict[str, Any]]:
    """List a commune's figures as `province_coverage` does the province's; none for an unknown code.

    Raises
    ------
    ProfileError
        As `check_asked`.
    """
    check_asked(snapshot, asked)
    shares = snapshot.shares[snapshot.shares["code"] == code]
    return [*_share_figures(snapshot, shares, asked), *_reach_figures(snapshot, code, asked)]


@lru_cache(maxsize=CACHED)
def place_coverage_json(snapshot: Snapshot, place_id: str, asked: Asked = EVERYTHING) -> bytes:
    """One place: who reaches it, a figure a view: 100 or 0 % of one place.

    Beside the fields of `province_coverage`: ``reached`` (at the point), ``certainty``, ``level_dbm``,
    ``area_share`` and ``accuracy_share``, see `geocover.place_reach.reach`.

    Raises
    ------
    AreasError
        The snapshot holds no such place.
    ProfileError
        As `check_asked`.
    """
    check_asked(snapshot, asked)
    found = snapshot.places[snapshot.places["id"] == place_id]
    if found.empty:
        raise AreasError(
            f"no place {place_id!r} in this snapshot; /places lists them, as centre-08515",
            f"bản kết quả không có địa điểm “{place_id}”; xem /places, ví dụ centre-08515",
        )
    about = found.drop(columns="geometry").to_dict("records")[0]
    point = found.geometry.representative_point().iloc[0]
    basis = _basis_of(about["kind"])
    rows = chosen_rows(snapshot.reach[snapshot.reach["id"] == place_id], asked)
    rows = rows if asked.basis in (None, basis) else rows.iloc[:0]
    figures = [_place_figure(snapshot, rows.iloc[[place]]) for place in range(len(rows))]
    body = {"place": {**about, "lon": point.x, "lat": point.y}, "figures": figures}
    absent = [] if figures else [_why_no_place(asked)]
    return to_json({"metadata": metadata(snapshot), **body, "absent": absent})


def _why_no_place(asked: Asked) -> dict[str, str | None]:
    if asked.evidence in WHY_NO_EVIDENCE:
        return _absence("evidence", asked.evidence, WHY_NO_EVIDENCE[asked.evidence])
    return _absence("basis", asked.basis, ONE_PLACE)


def _answer(
    snapshot: Snapshot, asked: Asked, more: Mapping[str, Any], figures: list[dict[str, Any]]
) -> bytes:
    return to_json(
        {"metadata": metadata(snapshot), **more, "figures": figures, "absent": absent_of(asked, figures)}
    )


def absent_of(asked: Asked, figures: Iterable[Mapping[str, Any]]) -> list[dict[str, str | None]]:
    """Tell why figures lack a basis or evidence that is asked for, in both languages.

    Returns
    -------
    Each with ``parameter``, ``value``, ``reason_vi`` and ``reason_en``.
    """
    given = {one["basis"] for one in figures}
    if asked.evidence in WHY_NO_EVIDENCE and given.isdisjoint(BASES):
        return [_absence("evidence", asked.evidence, WHY_NO_EVIDENCE[asked.evidence])]
    wanted = BASES if asked.basis is None else (asked.basis,)
    return [_absence("basis", basis, WHY_NO_BASIS[basis]) for basis in wanted if basis not in given]


def _absence(parameter: str, value: str | None, why: tuple[str, str]) -> dict[str, str | None]:
    return {"parameter": parameter, "value": value, "reason_vi": why[0], "reason_en": why[1]}


def _share_figures(snapshot: Snapshot, table: pd.DataFrame, asked: Asked) -> Iterator[dict[str, Any]]:
    for row in chosen_rows(table, asked).to_dict("records"):
        yield {
            **_head(snapshot, f"{row['basis']}-share", row),
            "basis": row["basis"],
            "counted_in": UNITS[row["basis"]],
            **share_numbers(row),
        }


def _reach_figures(snapshot: Snapshot, code: str | None, asked: Asked) -> Iterator[dict[str, Any]]:
    """Places reached by kind, of the province or of a commune."""
    if asked.basis not in (None, HAMLETS, PLACES):
        return
    table = counted_reach(snapshot)
    if code is not None:
        table = table[table["commune_code"] == code]
    for (kind, *_), rows in chosen_rows(table, asked).groupby(
        ["kind", "technology", "operator", "profile"], sort=True
    ):
        if asked.basis in (None, _basis_of(kind)):
            yield _reach_figure(snapshot, rows)


def _basis_of(kind: object) -> str:
    return HAMLETS if kind == HAMLET else PLACES


def _reach_figure(snapshot: Snapshot, rows: pd.DataFrame) -> dict[str, Any]:
    """Places of a kind that a view reaches."""
    first = rows.iloc[0].to_dict()
    return {
        **_head(snapshot, f"reach:{first['kind']}", first),
        "basis": _basis_of(first["kind"]),
        "counted_in": PLACES,
        **reach_numbers(snapshot, rows),
    }


def _place_figure(snapshot: Snapshot, rows: pd.DataFrame) -> dict[str, Any]:
    """Whether a view reaches one place, with what is known there."""
    row = rows.iloc[0]
    return {**_reach_figure(snapshot, rows), **{name: row[name] for name in OF_A_PLACE}}


def _head(snapshot: Snapshot, key: str, row: Mapping[Any, Any]) -> dict[str, Any]:
    """What every figure says of itself beside its numbers."""
    return {
        **titled(key, str(row["technology"])),
        "operator": str(row["operator"]),
        "profile": profile_words(snapshot, str(row["profile"])),
        "evidence": str(row["evidence"]),
        "unit": PERCENT,
        **stamp(snapshot),
        **notices(snapshot),
        "definition": METHOD + key.replace(":", "-"),
    }


def profile_words(snapshot: Snapshot, name: str) -> dict[str, Any]:
    """Give a definition of "covered": its name, level, reliability, and whether it is of indoors."""
    told = snapshot.profiles[name]
    indoor = {"indoor": told["indoor_loss_db"] > 0}
    return {"name": name, **{field: told[field] for field in DEFINITION}, **indoor}
