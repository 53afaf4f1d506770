"""Every figure over all reporting dates, for trend lines."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from geocover.errors import AreasError, ProfileError
from geocover.report.answers import to_json
from geocover.report.comparing import AREA_TOLERANCE, figure_key, other_profiles
from geocover.report.coverage_answers import EVERYTHING, Asked, absent_of, commune_figures, province_coverage
from geocover.report.figures import STATIONS_UNIT, TITLES
from geocover.report.view import metadata

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from geocover.store import Snapshot

CACHED = 32
NUMBERS = (
    "value", "low", "high", "expected", "numerator", "denominator", "rests_on", "assumed_share",
)  # fmt: skip
NAMES = (
    "key", "title_vi", "title_en", "technology", "operator", "basis", "unit", "counted_in", "evidence",
    "definition",
)  # fmt: skip

Figures = dict[tuple[str, str, str, str], dict[str, Any]]


def newest_of_each_date(snapshots: Sequence[Snapshot]) -> list[Snapshot]:
    """Last of the snapshots of each reporting date, in the order given: what a date stands for."""
    return list({one.as_of: one for one in snapshots}.values())


@lru_cache(maxsize=CACHED)
def history_json(
    snapshots: tuple[Snapshot, ...], code: str | None = None, asked: Asked = EVERYTHING
) -> bytes:
    """Series of each figure of the province or a commune.

    Parameters
    ----------
    snapshots
        All on offer as the reader may see them, oldest first, at least one; of each date the last counts.
    code
        A commune's; None for the province.
    asked
        Which figures; without a choice all.

    Returns
    -------
    JSON: ``dates`` (metadata of the snapshots, oldest first), ``superseded`` (ids left out), ``absent``
    (why there is nothing of a basis or evidence), and ``series``:
    what the figure is, ``profile`` (a name), ``same_definition`` (whether the profile means the same at all
    dates at which it is there; if not, the line has a break), ``same_area`` (likewise the outline), and a
    column of each number, null where a date does not have it. The province also has counts of stations.

    Raises
    ------
    AreasError
        No snapshot holds the commune.
    ProfileError
        No snapshot holds what is asked for.
    """
    dates = newest_of_each_date(snapshots)
    if code is not None and not any((one.communes["code"] == code).any() for one in dates):
        raise AreasError(
            f"no commune {code!r} at any date; codes have five digits, as 08515",
            f"không ngày nào có xã, phường mã “{code}”; mã gồm năm chữ số, ví dụ 08515",
        )
    known = {one.id for one in dates}
    series = list(_series(dates, code, asked))
    body = {
        "code": code,
        "dates": [metadata(one) for one in dates],
        "superseded": [one.id for one in snapshots if one.id not in known],
        "same_area": _same_area(dates, code),
        "absent": absent_of(asked, series),
        "series": series,
    }
    return to_json(body)


def _same_area(dates: Sequence[Snapshot], code: str | None) -> bool:
    """Whether the outline is of one size at all dates (to a thousandth)."""
    tables = [one.communes for one in dates]
    if code is not None:
        tables = [table[table["code"] == code] for table in tables]
    areas = [float(table["area_km2"].sum()) for table in tables if len(table)]
    return max(areas) <= min(areas) * (1.0 + AREA_TOLERANCE)


def _series(dates: Sequence[Snapshot], code: str | None, asked: Asked) -> Iterator[dict[str, Any]]:
    found = _figures_by_date(dates, code, asked)
    first: Figures = {}
    for figures in found:
        first = {**figures, **first}
    for key in sorted(first):
        yield {
            **{name: first[key][name] for name in NAMES},
            "profile": key[2],
            "same_definition": _same_definition(dates, key[2]),
            **_columns([figures.get(key, {}) for figures in found]),
        }
    if code is None and asked.basis is None and asked.evidence in (None, "declared"):
        yield from _stations(dates, asked)


def _figures_by_date(dates: Sequence[Snapshot], code: str | None, asked: Asked) -> list[Figures]:
    """Figures of each date by their key; none where a date does not hold what is asked for.

    Raises
    ------
    ProfileError
        If no date does.
    """
    found: list[Figures] = []
    refused: list[ProfileError] = []
    for one in dates:
        try:
            figures = province_coverage(one, asked) if code is None else commune_figures(one, code, asked)
        except ProfileError as error:
            figures = []
            refused.append(error)
        found.append({figure_key(figure): figure for figure in figures})
    if len(refused) == len(dates):
        raise refused[-1]
    return found


def _same_definition(dates: Sequence[Snapshot], profile: str) -> bool:
    """Whether a profile means the same at all dates that have it."""
    holding = [one for one in dates if profile in one.profiles]
    return all(profile not in other_profiles(holding[0], one) for one in holding)


def _columns(figures: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    return {name: [one.get(name) for one in figures] for name in NUMBERS}


def _stations(dates: Sequence[Snapshot], asked: Asked) -> Iterator[dict[str, Any]]:
    """Stations of all operators together by technology: declared, for everybody."""
    counts = [one.manifest["counts"]["by_technology"] for one in dates]
    title_vi, title_en = TITLES["stations"]
    for technology in sorted({name for one in counts for name in one}):
        if asked.technology in (None, technology) and asked.operator in (None, "any"):
            values = [one.get(technology, {}).get("stations") for one in counts]
            yield {
                "key": "stations",
                "title_vi": f"{title_vi} {technology}",
                "title_en": f"{technology} {title_en}",
                "technology": technology,
                "operator": "any",
                "basis": "stations",
                "unit": STATIONS_UNIT,
                "counted_in": "stations",
                "evidence": "declared",
                "definition": "/method#stations",
                "profile": None,
                "same_definition": True,
                **_columns(
                    [{} if value is None else {"value": value, "numerator": value} for value in values]
                ),
            }
