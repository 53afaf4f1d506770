"""The page of one commune: shares by operator, gaps, places, stations, history; to read and to print."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from geocover.coverage import ANY
from geocover.maps.header import day
from geocover.maps.pages.chart import Point, line_chart
from geocover.maps.pages.commune_tables import read_tables
from geocover.maps.pages.frame import commune_names, render, words_of
from geocover.maps.pages.gap_rows import gap_row
from geocover.maps.pages.places import kind_text
from geocover.maps.pages.reached import number, shown
from geocover.report.view import operators

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from geocover.maps.header import Visit
    from geocover.maps.pages.commune_tables import Shares, Tables
    from geocover.maps.pages.frame import Words
    from geocover.store import Snapshot

BASES = ("area", "population")
MOST_GAPS = 8
CACHED = 128


def commune_page(snapshot: Snapshot, visit: Visit, code: str) -> str:
    """HTML of a commune.

    Raises
    ------
    AreasError
        The snapshot holds no such commune.
    MapError
        If the page would fetch anything from outside.
    """
    words, names = words_of(visit), commune_names(snapshot)
    tables = read_tables(snapshot, code)
    commune, shares = tables.commune, tables.shares
    technologies = sorted(snapshot.operators)
    content = {
        "commune": commune,
        "name": names[code],
        "facts": _facts(commune, words),
        "cards": [
            _card(snapshot, shares, technology, basis) for technology in technologies for basis in BASES
        ],
        "tables": [_table(snapshot, shares, technology, words) for technology in technologies],
        "named": any(snapshot.operators.values()),
        "gaps": [
            {
                **_gaps(snapshot, tables, technology, names, words),
                "unknown": _unknown(snapshot, shares, technology),
            }
            for technology in technologies
        ],
        "places": _places(snapshot, tables, words),
        "stations": _stations(tables, words) if visit.positions else None,
        "history": _history(visit.history or [snapshot], code),
        "min_gap": words.n(snapshot.manifest["parameters"]["min_gap_km2"], 1),
    }
    view = {
        "technology": technologies[0],
        "layers": "communes,names,gaps,parks,centres,hillshade",
        "commune": code,
        "fit": "commune",
    }
    return render("commune.html", visit, snapshot, content, view)


def _facts(commune: Mapping[Any, Any], words: Words) -> list[str]:
    """What is known of the commune itself, a phrase each."""
    told = [words("code", code=commune["code"])]
    if number(commune["population"]) is not None:
        told.append(words("inhabitants", people=words.n(commune["population"])))
    told.append(words("official_area", area=words.n(commune["area_km2"], 1)))
    former = commune.get("former_province")
    if isinstance(former, str) and former:
        told.append(words("former", province=former))
    return told


def known(row: Mapping[Any, Any] | None) -> dict[str, Any] | None:
    """Give a share with its interval and the part it rests on; None where there is nothing to cover."""
    if row is None or number(row["rests_on"]) is None:
        return None
    names = {"share": "share", "low": "share_low", "high": "share_high", "expected": "share_expected"}
    return {**{key: number(row[name]) for key, name in names.items()}, "rests_on": number(row["rests_on"])}


def _card(snapshot: Snapshot, shares: Shares, technology: str, basis: str) -> dict[str, Any]:
    profile = snapshot.main_profile(technology) or ""
    return {
        "technology": technology,
        "basis": basis,
        "figure": known(shares.get((technology, ANY, profile, basis))),
    }


def _table(snapshot: Snapshot, shares: Shares, technology: str, words: Words) -> dict[str, Any]:
    """Operators side by side: a column a definition and basis."""
    profiles = sorted(
        (name for name, one in snapshot.profiles.items() if one["technology"] == technology),
        key=lambda name: (name != snapshot.main_profile(technology), name),
    )
    rows = [
        {
            "operator": words.table.get(operator, operator) if operator in ("any", "all") else operator,
            "cells": [
                known(shares.get((technology, operator, profile, basis)))
                for profile in profiles
                for basis in BASES
            ],
        }
        for operator in operators(snapshot, technology)
    ]
    titles = [
        words.pick(snapshot.profiles[name]["title_vi"], snapshot.profiles[name]["title_en"])
        for name in profiles
    ]
    return {"technology": technology, "profiles": titles, "bases": BASES, "rows": rows}


def _gaps(
    snapshot: Snapshot, tables: Tables, technology: str, names: Mapping[str, str], words: Words
) -> dict[str, Any]:
    inside = [one for one in tables.gaps if one["technology"] == technology]
    rows = [gap_row(row, snapshot, names, words) for row in inside[:MOST_GAPS]]
    return {"technology": technology, "count": len(inside), "rows": rows}


def _unknown(snapshot: Snapshot, shares: Shares, technology: str) -> bool:
    """Whether missing terrain hides gaps in all of the commune."""
    row = shares.get((technology, ANY, snapshot.main_profile(technology) or "", "area"))
    return row is not None and row["rests_on"] == 0


def _places(snapshot: Snapshot, tables: Tables, words: Words) -> list[dict[str, Any]]:
    """Places of the commune with how each technology reaches them by the main definition."""
    found = []
    for place in tables.places:
        states = []
        for technology in sorted(snapshot.operators):
            row = tables.reach.get((place["id"], snapshot.main_profile(technology) or ""))
            if row is not None:
                states.append({"technology": technology, **shown({**place, **row}, words)})
        found.append({"name": place["name"], "kind": kind_text(place, words), "states": states})
    return found


def _stations(tables: Tables, words: Words) -> dict[str, Any]:
    """Stations in the commune: how many by operator and technology, and their list."""
    rows = tables.stations
    technologies = sorted({row["technology"] for row in rows})
    counts = Counter((row["operator"], row["technology"]) for row in rows)
    positions = len({row["position_id"] for row in rows})
    return {
        "count": len(rows),
        "summary": words("stations_count", stations=words.n(len(rows)), positions=words.n(positions)),
        "technologies": technologies,
        "operators": [
            (name, [words.n(counts[name, one]) for one in technologies])
            for name in sorted({row["operator"] for row in rows})
        ],
        "rows": [
            {**row, "on_air": day(str(row["on_air"])[:10]) if isinstance(row["on_air"], str) else ""}
            for row in rows
        ],
    }


def _history(history: Sequence[Snapshot], code: str) -> dict[str, Any]:
    """Shares by area of any operator over the dates; the chart only where there are two or more."""
    dates = {one.as_of: one for one in history}  # of one date the newest result
    series: dict[str, list[Point]] = {}
    for date, snapshot in sorted(dates.items()):
        for technology in sorted(snapshot.operators):
            point = _point(snapshot, code, technology, date)
            if point is not None:
                series.setdefault(technology, []).append(point)
    lines = [(name, points) for name, points in sorted(series.items())]
    told = sorted({one.date for _, points in lines for one in points})
    return {
        "dates": told,
        "series": lines,
        "chart": line_chart(lines) if len(told) > 1 else None,
    }


def _point(snapshot: Snapshot, code: str, technology: str, date: str) -> Point | None:
    row = _any_by_area(snapshot).get((code, technology))
    if row is None or number(row[0]) is None:
        return None
    return Point(date, *(100 * value for value in row))


@lru_cache(maxsize=CACHED)
def _any_by_area(snapshot: Snapshot) -> dict[tuple[str, str], tuple[float, float, float]]:
    """Share by area of any operator with its interval, by commune and technology."""
    table = snapshot.shares
    main = {snapshot.main_profile(technology) for technology in snapshot.operators}
    rows = table[(table["operator"] == ANY) & (table["basis"] == "area") & table["profile"].isin(main)]
    columns = zip(
        rows["code"], rows["technology"], rows["share"], rows["share_low"], rows["share_high"], strict=True
    )
    return {
        (str(code), str(kind)): (float(share), float(low), float(high))
        for code, kind, share, low, high in columns
    }
