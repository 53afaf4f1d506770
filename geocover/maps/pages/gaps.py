"""The page of gaps: a list by people, area or distance, with a filter and a map."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from geocover.maps.pages.frame import PAGE_SIZE, commune_names, paged, render, words_of
from geocover.maps.pages.gap_rows import gap_row, hamlets_inside
from geocover.report.view import choose_view

if TYPE_CHECKING:
    import pandas as pd

    from geocover.maps.header import Visit
    from geocover.maps.pages.frame import Words
    from geocover.store import Snapshot

# Column and direction of each order; most people first where none is named.
ORDERS = {"people": "people", "area": "area_km2", "nearest": "nearest_km"}
SIZES_KM2 = (0.5, 1.0, 5.0, 20.0)


@dataclass(frozen=True)
class GapFilter:
    """Which gaps are listed, and how.

    Attributes
    ----------
    technology
        "4G" or "5G"; the first that the snapshot has where None.
    commune
        Code of a commune that a gap must touch; None for all.
    min_km2
        Smallest area.
    order
        Key of ORDERS.
    page
        Page of the results, from 1.
    gap
        Id of a gap whose page is shown instead.
    """

    technology: str | None = None
    commune: str | None = None
    min_km2: float = 0.0
    order: str = "people"
    page: int = 1
    gap: str | None = None


def gaps_page(snapshot: Snapshot, visit: Visit, wanted: GapFilter) -> str:
    """HTML of the list of gaps.

    Raises
    ------
    ProfileError
        The snapshot holds no such technology.
    MapError
        If the page would fetch anything from outside.
    """
    words, names = words_of(visit), commune_names(snapshot)
    technology = _technology(snapshot, wanted)
    gaps = snapshot.gaps.drop(columns="geometry")
    every = gaps[gaps["technology"] == technology]
    found = _filtered(every, wanted)
    page = paged(range(len(found)), visit, _page_number(found, wanted))
    rows = found.iloc[page["rows"]].to_dict("records")
    page["rows"] = [gap_row(row, snapshot, names, words) for row in rows]
    content = {
        "technology": technology,
        "technology_options": [(one, one) for one in sorted(snapshot.operators)],
        "communes": names,
        "size_options": _sizes(wanted, words),
        "order_options": [
            (one, words(f"sort_{one}")) for one in ORDERS if one != "nearest" or _knows_nearest(every)
        ],
        "wanted": wanted,
        "summary": _summary(found, snapshot, words, technology),
        "page": page,
        "never": every.empty,
        "nearest": _knows_nearest(every),
        "min_gap": words.n(snapshot.manifest["parameters"]["min_gap_km2"], 1),
    }
    view = {
        "technology": technology,
        "layers": "communes,names,gaps,hillshade",
        "commune": wanted.commune or "",
        "fit": "commune",
    }
    return render("gaps.html", visit, snapshot, content, view)


def _technology(snapshot: Snapshot, wanted: GapFilter) -> str:
    """Technology that is asked for, or that of the gap that is."""
    if wanted.technology is None and wanted.gap is not None:
        found = snapshot.gaps.loc[snapshot.gaps["id"] == wanted.gap, "technology"]
        if len(found):
            return str(found.iloc[0])
    return choose_view(snapshot, wanted.technology).technology


def _filtered(gaps: pd.DataFrame, wanted: GapFilter) -> pd.DataFrame:
    """Gaps of the filter in its order; equal ones by id, so that pages never repeat a row."""
    if wanted.min_km2 > 0:
        gaps = gaps[gaps["area_km2"] >= wanted.min_km2]
    if wanted.commune is not None:
        gaps = gaps.loc[[wanted.commune in str(codes).split(" ") for codes in gaps["commune_codes"]]]
    return gaps.sort_values([ORDERS[wanted.order], "id"], ascending=[False, True], na_position="last")


def _page_number(found: pd.DataFrame, wanted: GapFilter) -> int:
    ids = found["id"].tolist()
    return ids.index(wanted.gap) // PAGE_SIZE + 1 if wanted.gap in ids else wanted.page


def _sizes(wanted: GapFilter, words: Words) -> list[tuple[float, str]]:
    """Sizes to choose from, with the one that the address names."""
    sizes = sorted({*SIZES_KM2, wanted.min_km2} - {0.0})
    options = [
        (size, words("at_least_km2", size=words.n(size, 0 if size == int(size) else 1))) for size in sizes
    ]
    return [(0.0, words("gap_any_size")), *options]


def _knows_nearest(gaps: pd.DataFrame) -> bool:
    return "nearest_station" in gaps and bool(gaps["nearest_station"].notna().any())


def _summary(found: pd.DataFrame, snapshot: Snapshot, words: Words, technology: str) -> str:
    """Say how many gaps there are, how large, and how many hamlets and people they hold."""
    inside = hamlets_inside(snapshot)
    hamlets = sum(inside.get(str(one), 0) for one in found["id"])
    told: dict[str, Any] = {
        "technology": technology,
        "count": words.n(len(found)),
        "area": words.km2(float(found["area_km2"].sum())),
        "people": words.n(float(found["people"].sum())),
        "hamlets": words.n(hamlets),
    }
    return words("gap_sum_hamlets" if hamlets else "gap_sum", **told)
