"""Tables with a row a thing and all its numbers in it, as features and exports have them."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from geocover.coverage import ANY
from geocover.report.answers import NUMBERS, UNITS

if TYPE_CHECKING:
    import pandas as pd

    from geocover.store import Snapshot

    Table = TypeVar("Table", bound=pd.DataFrame)

KEYS = ["code", "technology", "operator", "profile"]
REACH = ("profile", "reached", "certainty", "level_dbm", "area_share", "accuracy_share", "rests_on")


def wide_shares(snapshot: Snapshot) -> pd.DataFrame:
    """Shares of communes, a row a commune, technology, operator and profile.

    Beside `KEYS`, evidence and assumed share there are ``<basis>_<number>`` of both bases.
    """
    shares = snapshot.shares
    table = shares[[*KEYS, "evidence", "assumed_share"]].drop_duplicates(KEYS)
    for basis in UNITS:
        rows = shares.loc[shares["basis"] == basis, [*KEYS, *NUMBERS]]
        named = rows.rename(columns={one: f"{basis}_{one}" for one in NUMBERS})
        table = table.merge(named, on=KEYS, how="left")
    return table


def with_reach(places: Table, snapshot: Snapshot) -> Table:
    """Add to places what any operator reaches, by the main profile of each technology.

    Columns are named ``reached_5g``, ``level_5g_dbm`` and so on.
    """
    table = places.assign(operator=ANY, evidence="predicted")
    reach = snapshot.reach[snapshot.reach["operator"] == ANY]
    for technology in sorted(snapshot.operators):
        rows = reach[reach["profile"] == snapshot.main_profile(technology)]
        end = technology.lower()
        named = {one: f"level_{end}_dbm" if one == "level_dbm" else f"{one}_{end}" for one in REACH}
        table = table.merge(rows[["id", *REACH]].rename(columns=named), on="id", how="left")
    return table
