"""The page of places: who reaches each commune centre, park and hamlet, and how certain that is."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from geocover.coverage import ANY
from geocover.maps.pages.frame import commune_names, paged, render, words_of
from geocover.maps.pages.reached import number, shown
from geocover.report.counting import KINDS, PARK, count_reached, that_count
from geocover.report.view import choose_view

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from geocover.maps.header import Visit
    from geocover.maps.pages.frame import Words
    from geocover.report.view import View
    from geocover.store import Snapshot

STATES = ("all", "no", "unsure", "yes")
TOGETHER = ("any", "all")
PAGE = 100
CACHED = 16


@dataclass(frozen=True)
class PlaceFilter:
    """Which places are listed.

    Attributes
    ----------
    technology
        "4G" or "5G"; 5G where None and there: centres and parks are asked about for 5G.
    kind
        One of KINDS, None for all.
    state
        One of STATES: reached by any operator, not, or not certain.
    commune
        Code of the commune; None for all.
    page
        Page of the results, from 1.
    """

    technology: str | None = None
    kind: str | None = None
    state: str = "all"
    commune: str | None = None
    page: int = 1


def places_page(snapshot: Snapshot, visit: Visit, wanted: PlaceFilter) -> str:
    """HTML of the list of places.

    Raises
    ------
    ProfileError
        The snapshot holds no such technology.
    MapError
        If the page would fetch anything from outside.
    """
    words, names = words_of(visit), commune_names(snapshot)
    technology = wanted.technology or max(snapshot.operators)
    view = choose_view(snapshot, technology)
    table, reaching = _joined(snapshot, view)
    page = paged(_kept(table, wanted).to_dict("records"), visit, wanted.page, PAGE)
    page["rows"] = [_row(row, names, reaching, words) for row in page["rows"]]
    present = set(snapshot.places["kind"])
    content = {
        "technology": view.technology,
        "technology_options": [(one, one) for one in sorted(snapshot.operators)],
        "kind_options": [
            ("", words("all_kinds")),
            *((kind, words(f"kind_{kind}")) for kind in KINDS if kind in present),
        ],
        "communes": names,
        "state_options": [(one, words(f"state_{one}")) for one in STATES],
        "wanted": wanted,
        "page": page,
        "totals": _totals(table, view, words),
        "never": snapshot.places.empty,
        "parks": "industrial_park" in present,
        "named": bool(snapshot.operators[view.technology]),
        "gives_level": bool(snapshot.manifest["gives_level"][view.technology]),
    }
    shown_first = {
        "technology": view.technology,
        "layers": "communes,names,parks,centres,hillshade",
        "commune": wanted.commune or "",
    }
    return render("places.html", visit, snapshot, content, {**shown_first, "fit": "commune"})


@lru_cache(maxsize=CACHED)
def _joined(snapshot: Snapshot, view: View) -> tuple[pd.DataFrame, dict[str, list[dict[Any, Any]]]]:
    """Places with how any operator reaches them, and the operators that reach each by its id."""
    points = snapshot.places.geometry.representative_point()
    places = snapshot.places.drop(columns="geometry").assign(lon=points.x, lat=points.y)
    reach = snapshot.reach.drop(columns="kind")
    reach = reach[(reach["technology"] == view.technology) & (reach["profile"] == view.profile)]
    single = reach[~reach["operator"].isin(TOGETHER) & reach["reached"]]
    reaching: dict[str, list[dict[Any, Any]]] = {}
    for row in single.merge(places[["id", "accuracy_m"]], on="id").sort_values("operator").to_dict("records"):
        reaching.setdefault(str(row["id"]), []).append(row)
    return places.merge(reach[reach["operator"] == ANY], on="id"), reaching


def _kept(table: pd.DataFrame, wanted: PlaceFilter) -> pd.DataFrame:
    if wanted.kind is not None:
        table = table[table["kind"] == wanted.kind]
    if wanted.commune is not None:
        table = table[table["commune_code"] == wanted.commune]
    unsure = table["certainty"] == "uncertain"
    if wanted.state != "all":
        table = table[{"no": ~table["reached"], "unsure": unsure, "yes": table["reached"]}[wanted.state]]
    return table.sort_values(["kind", "reached", "name", "id"], ascending=[False, True, True, True])


def _row(
    row: Mapping[Any, Any],
    names: Mapping[str, str],
    reaching: Mapping[str, list[dict[Any, Any]]],
    words: Words,
) -> dict[str, Any]:
    code = row["commune_code"] if isinstance(row["commune_code"], str) else ""
    return {
        "id": str(row["id"]),
        "name": str(row["name"]),
        "kind": str(row["kind"]),
        "kind_text": kind_text(row, words),
        "commune": code if code in names else "",
        "where": names.get(code, ""),
        "state": shown(row, words),
        "level": number(row["level_dbm"]),
        "operators": [
            {"name": one["operator"], **shown(one, words)} for one in reaching.get(str(row["id"]), [])
        ],
        "lon": round(float(row["lon"]), 5),
        "lat": round(float(row["lat"]), 5),
    }


def kind_text(row: Mapping[Any, Any], words: Words) -> str:
    """Kind of a place and its state: industrial park, operating."""
    status = row["status"]
    parts = [words(f"kind_{row['kind']}")]
    if isinstance(status, str):
        parts.append(words.table.get(f"status_{status.replace(' ', '_')}", status))
    return ", ".join(parts)


def _totals(table: pd.DataFrame, view: View, words: Words) -> list[dict[str, str]]:
    """Places reached by kind; parks count where they operate, as in the province's figures."""
    found, counting = [], that_count(table)
    for kind in KINDS:
        rows = counting[counting["kind"] == kind]
        if rows.empty:
            continue
        total, reached, low, high = count_reached(rows)
        label = kind_text(rows.iloc[0].to_dict(), words) if kind == PARK else words(f"kind_{kind}")
        found.append(
            {
                "kind": kind,
                "title": words(
                    "place_total",
                    kind=label,
                    technology=view.technology,
                    reached=words.n(reached),
                    total=words.n(total),
                ),
                "sure": words(
                    "place_total_sure",
                    sure=words.n(low),
                    possible=words.n(high),
                ),
            }
        )
    return found
