"""How the figures of coverage are counted: the one place, for the province, communes and single places."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from geocover.place_reach import NO, SURE

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from geocover.store import Snapshot

PARK, OPERATING = "industrial_park", "operating"
KINDS = ("commune_centre", PARK, "urban_centre", "hamlet")  # as they are told


class Reached(NamedTuple):
    """Numbers of places: of all, of those reached, and of these at least and at most.

    The bounds come from the accuracy of the coordinates.
    """

    total: int
    reached: int
    low: int
    high: int


def share_numbers(row: Mapping[Any, Any]) -> dict[str, Any]:
    """Numbers of a row of shares or totals, shares in percent."""
    return {
        "value": 100 * row["share"],
        "low": 100 * row["share_low"],
        "high": 100 * row["share_high"],
        "expected": 100 * row["share_expected"],
        "numerator": row["covered"],
        "denominator": row["total"],
        "rests_on": row["rests_on"],
        "assumed_share": row["assumed_share"],
    }


def counted_reach(snapshot: Snapshot) -> pd.DataFrame:
    """Reach of the places that count, with their status and commune."""
    return that_count(snapshot.reach.merge(snapshot.places[["id", "status", "commune_code"]], on="id"))


def that_count(places: pd.DataFrame) -> pd.DataFrame:
    """Rows of the places that count in figures: parks where they operate."""
    return places[(places["kind"] != PARK) | (places["status"] == OPERATING)]


def count_reached(rows: pd.DataFrame) -> Reached:
    """Count the places that one view reaches; a row a place."""
    reached = int(rows["reached"].sum())
    sure, possible = int((rows["certainty"] == SURE).sum()), int((rows["certainty"] != NO).sum())
    return Reached(len(rows), reached, min(sure, reached), max(possible, reached))


def reach_numbers(snapshot: Snapshot, rows: pd.DataFrame) -> dict[str, Any]:
    """Numbers of the places that one view reaches, shares in percent.

    Parameters
    ----------
    snapshot
        Whose cells are looked at for assumed parameters.
    rows
        Of its reach, a row a place, at least one, of one operator and technology.
    """
    total, reached, low, high = count_reached(rows)
    return {
        "value": 100 * reached / total,
        "low": 100 * low / total,
        "high": 100 * high / total,
        "expected": None,
        "numerator": reached,
        "denominator": total,
        "rests_on": None,
        "assumed_share": _assumed_share(snapshot, rows.iloc[0]),
    }


def _assumed_share(snapshot: Snapshot, row: pd.Series) -> float | None:
    """Share of the cells of an operator and technology with an assumed parameter."""
    totals = snapshot.totals
    same = (totals["operator"] == row["operator"]) & (totals["technology"] == row["technology"])
    found = totals.loc[same, "assumed_share"]
    return None if found.empty else float(found.iloc[0])
