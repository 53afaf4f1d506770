"""How a place stands with an operator: reached or not, certain or not; the same words as on the map."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geocover.maps.pages.frame import Words

SIGNS = {"yes": "✓", "no": "✗", "maybe-yes": "✓", "maybe-no": "✗", "unknown": "?"}


def number(value: object) -> float | None:
    """Give a number of a table; None for none, NaN or NA."""
    return float(value) if isinstance(value, (int, float)) and not math.isnan(value) else None


def lacks_terrain(row: Mapping[Any, Any]) -> bool:
    """Whether missing terrain leaves it open."""
    known = number(row.get("rests_on"))
    return bool(row["certainty"] == "uncertain" and known is not None and known < 1)


def verdict(row: Mapping[Any, Any]) -> str:
    """Key of SIGNS for a row of `geocover.place_reach.reach`."""
    reached = "yes" if row["reached"] else "no"
    if lacks_terrain(row) and not row["reached"]:
        return "unknown"
    return f"maybe-{reached}" if row["certainty"] == "uncertain" else reached


def shown(row: Mapping[Any, Any], words: Words) -> dict[str, Any]:
    """Sign, words and reason of a row for the template."""
    found = verdict(row)
    return {
        "verdict": found,
        "sign": SIGNS[found],
        "text": words(f"reached_{found.replace('-', '_')}"),
        "why": _why(row, words),
    }


def _why(row: Mapping[Any, Any], words: Words) -> str:
    if row["certainty"] != "uncertain":
        return words("certain")
    if lacks_terrain(row):
        return words("uncertain_terrain")
    return words("uncertain_position", m=words.n(row.get("accuracy_m")))
