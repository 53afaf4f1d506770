"""What the tables of a snapshot hold of one commune, read once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from geocover.coverage import ANY
from geocover.report.answers import find_commune, gaps_of

if TYPE_CHECKING:
    from geocover.store import Snapshot

CACHED = 256
KEY = ("technology", "operator", "profile", "basis")

Row = dict[Any, Any]
Shares = dict[tuple[str, ...], Row]


@dataclass(frozen=True)
class Tables:
    """Rows about one commune.

    Attributes
    ----------
    commune
        Its attributes.
    shares
        By technology, operator, profile and basis.
    gaps
        Gaps that touch it, in the snapshot's order.
    places
        Places in it.
    reach
        Whether any operator reaches a place, by its id and the profile.
    stations
        Stations inside or on its border, those of one position together.
    """

    commune: Row
    shares: Shares
    gaps: list[Row]
    places: list[Row]
    reach: dict[tuple[str, str], Row]
    stations: list[Row]


@lru_cache(maxsize=CACHED)
def read_tables(snapshot: Snapshot, code: str) -> Tables:
    """Rows of a commune.

    Raises
    ------
    AreasError
        The snapshot holds no such commune.
    """
    rows = snapshot.shares[snapshot.shares["code"] == code].to_dict("records")
    places = snapshot.places[snapshot.places["commune_code"] == code].drop(columns="geometry")
    reach = snapshot.reach[snapshot.reach["id"].isin(places["id"]) & (snapshot.reach["operator"] == ANY)]
    return Tables(
        find_commune(snapshot, code),
        {tuple(str(row[name]) for name in KEY): row for row in rows},
        gaps_of(snapshot, code).to_dict("records"),
        places.to_dict("records"),
        {(str(row["id"]), str(row["profile"])): row for row in reach.to_dict("records")},
        _stations(snapshot, code),
    )


def _stations(snapshot: Snapshot, code: str) -> list[Row]:
    import shapely

    shape = snapshot.communes.loc[snapshot.communes["code"] == code, "geometry"].iloc[0]
    table = snapshot.stations
    shapely.prepare(shape)
    inside = shapely.intersects_xy(shape, table["lon"].to_numpy(), table["lat"].to_numpy())
    found = table[inside].drop(columns="geometry").sort_values(["position_id", "station_id"])
    rows: list[Row] = found.to_dict("records")
    return rows
