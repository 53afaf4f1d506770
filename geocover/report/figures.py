"""The province's figures from a Snapshot: number, interval, basis, definition, and what was reported."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from geocover.coverage import ANY
from geocover.report.counting import KINDS, counted_reach, reach_numbers, share_numbers
from geocover.scenario import Reported
from geocover.wording import percent

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from geocover.store import Snapshot

PERCENT = "%"
STATIONS_UNIT = "trạm"
TITLES = {
    "area-share": ("{t} theo diện tích", "{t} by area"),
    "population-share": ("{t} theo dân số", "{t} by population"),
    "reach:commune_centre": ("{t} tại trung tâm xã, phường", "{t} at commune centres"),
    "reach:industrial_park": ("{t} tại khu công nghiệp đang hoạt động", "{t} at operating industrial parks"),
    "reach:urban_centre": ("{t} tại trung tâm đô thị", "{t} at urban centres"),
    "reach:hamlet": ("{t} tại thôn, bản", "{t} at hamlets"),
    "stations": ("Trạm BTS", "BTS (stations)"),
    "stations-new": ("Trạm {t} mới từ {since}", "New {t} stations since {since}"),
}


@dataclass(frozen=True)
class Figure:
    """One published figure, with everything a reader needs to judge it.

    Attributes
    ----------
    key, technology
        What it speaks of; see `geocover.scenario.Reported.figure`.
    title_vi, title_en
        Its name.
    value, low, high
        The figure and its interval in ``unit`` (an interval only where a level decides).
    unit
        "%" or "trạm" (stations).
    numerator, denominator, basis
        What was counted: km² of area, people, places or stations.
    operator, profile, evidence
        Whose coverage, by which definition, and "predicted" or "declared".
    as_of, digest
        Date of the site list and the snapshot.
    assumed_share
        Share of the cells in which a parameter was assumed; None for counts of stations.
    expected
        Share of locations with coverage in ``unit``, see ``share_expected`` of
        `geocover.commune_shares.shares`; None for counts.
    rests_on
        Part of the denominator that is known, 0 to 1: ``value`` is of that part, the rest lacks terrain. None
        for counts.
    reported, reported_source, difference
        What was reported, by whom, and computed minus reported.
    why_vi, why_en
        Why the two may differ.
    """

    key: str
    technology: str
    title_vi: str
    title_en: str
    value: float
    low: float | None
    high: float | None
    unit: str
    numerator: float
    denominator: float | None
    basis: str
    operator: str
    profile: str | None
    evidence: str
    as_of: str
    digest: str
    assumed_share: float | None
    expected: float | None = None
    rests_on: float | None = None
    reported: float | None = None
    reported_source: str | None = None
    difference: float | None = None
    why_vi: str = ""
    why_en: str = ""

    def as_dict(self) -> dict[str, Any]:
        """All fields as plain JSON values."""
        return asdict(self)


def province_figures(snapshot: Snapshot) -> list[Figure]:
    """List the province's figures, computed, each beside the reported one where there is one.

    4G and 5G by area and population, 5G (and 4G) at commune centres and operating industrial parks, stations,
    and new stations for each date the scenario asks about.
    """
    reported = {(one.figure, one.technology): one for one in _reported(snapshot)}
    return [
        _beside(figure, reported.get((figure.key, figure.technology)), snapshot) for figure in _all(snapshot)
    ]


def _reported(snapshot: Snapshot) -> Iterator[Reported]:
    for entry in snapshot.manifest["parameters"]["reported"]:
        since = entry["since"]
        yield Reported(**{**entry, "since": dt.date.fromisoformat(since) if since else None})


def _all(snapshot: Snapshot) -> Iterator[Figure]:
    for technology in sorted(snapshot.operators):
        profile = snapshot.main_profile(technology)
        if profile is not None:
            yield from _shares(snapshot, technology, profile)
            yield from _reach(snapshot, technology, profile)
    stations = snapshot.stations
    yield _stations(snapshot, "stations", "", stations, None)
    for one in _reported(snapshot):
        if one.figure == "stations-new" and one.since is not None:
            new = stations[
                (stations["technology"] == one.technology) & (stations["on_air"] >= one.since.isoformat())
            ]
            yield _stations(snapshot, "stations-new", one.technology, new, one.since)


def _shares(snapshot: Snapshot, technology: str, profile: str) -> Iterator[Figure]:
    totals = snapshot.totals
    chosen = totals[(totals["operator"] == ANY) & (totals["profile"] == profile)]
    for row in chosen.to_dict("records"):
        yield Figure(
            **_head(snapshot, f"{row['basis']}-share", technology),
            **share_numbers(row),
            unit=PERCENT,
            basis=row["basis"],
            operator=ANY,
            profile=profile,
            evidence=row["evidence"],
        )


def _reach(snapshot: Snapshot, technology: str, profile: str) -> Iterator[Figure]:
    table = counted_reach(snapshot)
    table = table[(table["operator"] == ANY) & (table["profile"] == profile)]
    for kind in KINDS:
        rows = table[table["kind"] == kind]
        if len(rows):
            yield Figure(
                **_head(snapshot, f"reach:{kind}", technology),
                **reach_numbers(snapshot, rows),
                unit=PERCENT,
                basis="places",
                operator=ANY,
                profile=profile,
                evidence=str(rows["evidence"].iloc[0]),
            )


def _stations(
    snapshot: Snapshot, key: str, technology: str, table: pd.DataFrame, since: dt.date | None
) -> Figure:
    return Figure(
        **_head(snapshot, key, technology, since),
        value=float(len(table)),
        low=None,
        high=None,
        unit=STATIONS_UNIT,
        numerator=float(len(table)),
        denominator=None,
        basis="stations",
        operator=ANY,
        profile=None,
        evidence="declared",
        assumed_share=None,
    )


def _head(snapshot: Snapshot, key: str, technology: str, since: dt.date | None = None) -> dict[str, Any]:
    stamp = {"as_of": snapshot.as_of, "digest": snapshot.digest}
    return {**titled(key, technology, since), **stamp}


def titled(key: str, technology: str, since: dt.date | None = None) -> dict[str, str]:
    """What a figure speaks of, with its name in both languages."""
    title_vi, title_en = TITLES[key]
    day = since.strftime("%d/%m/%Y") if since else ""
    return {
        "key": key,
        "title_vi": title_vi.format(t=technology, since=day),
        "title_en": title_en.format(t=technology, since=day),
        "technology": technology,
    }


def _beside(figure: Figure, reported: Reported | None, snapshot: Snapshot) -> Figure:
    if reported is None:
        return figure
    why_vi, why_en = _why(figure, snapshot)
    return Figure(
        **{
            **asdict(figure),
            "reported": reported.value,
            "reported_source": reported.source,
            "difference": figure.value - reported.value,
            "why_vi": why_vi,
            "why_en": why_en,
        }
    )


def _why(figure: Figure, snapshot: Snapshot) -> tuple[str, str]:
    """Why the computed figure may differ from the reported one."""
    made_up = ("dữ liệu minh họa; ", "illustrative data; ") if snapshot.illustrative else ("", "")
    if figure.profile is None:
        return made_up[0] + "đếm từ danh sách trạm", made_up[1] + "counted from the site list"
    profile = snapshot.profiles[figure.profile]
    model = snapshot.manifest["models"][figure.technology]["title"]
    terrain = snapshot.manifest["terrain"]["used_by_models"]
    level, at = f"{profile['min_rsrp_dbm']:g} dBm", 100 * profile["reliability"]
    vi = (
        f"tính với mức ≥ {level} tại {percent(at, 0)} vị trí, mô hình {model}"
        f"{'' if terrain else ' (không xét địa hình)'}; số báo cáo không nêu ngưỡng"
    )
    en = (
        f"computed for ≥ {level} at {percent(at, 0, language='en')} of locations, model {model}"
        f"{'' if terrain else ' (terrain not used)'}; the reported figure names no threshold"
    )
    return made_up[0] + vi, made_up[1] + en
