"""Gaps as pages tell of them."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geocover.maps.pages.frame import Words
    from geocover.store import Snapshot

CACHED = 16
HAMLET = "hamlet"
MOST_PLACES = 6


@lru_cache(maxsize=CACHED)
def hamlets_inside(snapshot: Snapshot) -> dict[str, int]:
    """Number of hamlets inside each gap by its id; empty where the snapshot knows no hamlets."""
    hamlets = snapshot.places[snapshot.places["kind"] == HAMLET]
    if hamlets.empty:
        return {}
    points = hamlets.set_geometry(hamlets.geometry.representative_point())
    inside = snapshot.gaps[["id", "geometry"]].sjoin(points[["geometry"]], predicate="contains")
    return {str(name): int(count) for name, count in inside["id"].value_counts().items()}


def gap_text(gap: Mapping[str, Any], snapshot: Snapshot, words: Words) -> str:
    """Say a gap in one sentence: hamlets where they are known, people, area."""
    hamlets = hamlets_inside(snapshot).get(gap["id"])
    return words(
        "gap_text_hamlets" if hamlets else "gap_text",
        technology=gap["technology"],
        hamlets=words.n(hamlets),
        people=words.n(gap["people"]),
        area=words.km2(gap["area_km2"]),
    )


def gap_row(
    gap: Mapping[str, Any], snapshot: Snapshot, names: Mapping[str, str], words: Words
) -> dict[str, Any]:
    """A gap as the template needs it; the nearest station where the reader may know it."""
    codes = str(gap["commune_codes"]).split(" ")
    first = str(gap["commune_code"])
    nearest = gap.get("nearest_station")
    known = isinstance(nearest, str) and bool(nearest)
    return {
        "id": str(gap["id"]),
        "text": gap_text(gap, snapshot, words),
        "technology": gap["technology"],
        "commune": first,
        "where": names.get(first, first),
        "others": [(code, names.get(code, code)) for code in codes if code != first],
        "area": words.km2(gap["area_km2"]),
        "people": words.n(gap["people"]),
        "places": _inside(gap["places"], words) if isinstance(gap["places"], str) else "",
        "nearest": f"{nearest} ({gap['nearest_operator']})" if known else "",
        "away": words("gap_km", km=words.n(gap["nearest_km"], 1)) if known else "",
        "lon": round(float(gap["lon"]), 5),
        "lat": round(float(gap["lat"]), 5),
    }


def _inside(places: str, words: Words) -> str:
    """Name the first places inside a gap, and count the others: a gap may hold half of the province."""
    names = places.split("; ")
    more = len(names) - MOST_PLACES
    first = "; ".join(names[:MOST_PLACES])
    return f"{first} {words('more_of', count=words.n(more))}" if more > 0 else first
