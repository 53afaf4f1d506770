"""What changed between two lists: cells added, removed, moved, or with other parameters.

Cells are matched in three steps, each among what the steps before left over: by operator and cell id; by
operator and station id, in the order of azimuths; by operator, technology and nearest position.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from geocover.network import PARAMETERS
from geocover.register.masts import distance_m, on_sphere_m

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOVED_M = 50.0
SEARCH_M = 500.0
IDENTITY = ["operator", "technology", "position_id", "station_id", "cell_id"]
COMPARED = ("technology", "on_air", *PARAMETERS, "mechanical_tilt_deg", "antenna")


@dataclass(frozen=True, eq=False)
class Diff:
    """Differences between two tables of cells.

    Attributes
    ----------
    added, removed
        Cells of the new and of the old table alone, with all their columns.
    moved
        ``operator`` … ``cell_id`` as in the new table, ``from_lon``, ``from_lat``, ``lon``, ``lat``,
        ``distance_m``; only cells that moved further than was asked for.
    changed
        ``operator`` … ``cell_id`` as in the new table, ``parameter``, ``old``, ``new`` (text): a row for each
        parameter of each cell that differs.
    """

    added: pd.DataFrame
    removed: pd.DataFrame
    moved: pd.DataFrame
    changed: pd.DataFrame

    def counts(self) -> dict[str, int]:
        """Cells added, removed, moved and changed; a cell may have moved and changed."""
        changed = len(self.changed.drop_duplicates(["operator", "cell_id"]))
        return {
            "added": len(self.added),
            "removed": len(self.removed),
            "moved": len(self.moved),
            "changed": changed,
        }

    def to_geojson(self) -> dict[str, Any]:
        """FeatureCollection (RFC 7946): points with ``change``; a move is a line from old to new."""
        features = []
        for change, table in (("added", self.added), ("removed", self.removed)):
            features += [
                _feature(change, row, {"type": "Point", "coordinates": [row["lon"], row["lat"]]})
                for row in table.to_dict("records")
            ]
        for row in self.moved.to_dict("records"):
            ends = [[row["from_lon"], row["from_lat"]], [row["lon"], row["lat"]]]
            line = {"type": "LineString", "coordinates": ends}
            features.append(_feature("moved", row, line, distance_m=round(row["distance_m"], 1)))
        for row in self.changed.to_dict("records"):
            told = {name: row[name] for name in ("parameter", "old", "new")}
            point = {"type": "Point", "coordinates": [row["lon"], row["lat"]]}
            features.append(_feature("changed", row, point, **told))
        return {"type": "FeatureCollection", "features": features}


def _feature(change: str, row: dict[Any, Any], geometry: dict[str, Any], **more: object) -> dict[str, Any]:
    properties = {"change": change, **{name: row[name] for name in IDENTITY}, **more}
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def diff(old: pd.DataFrame, new: pd.DataFrame, moved_m: float = MOVED_M, search_m: float = SEARCH_M) -> Diff:
    """Compare two tables of cells.

    Parameters
    ----------
    old, new
        One row a cell, as `geocover.register.lists.cells` or `geocover.register.history.register_as_of`
        give them.
    moved_m
        A cell that moved further than this is told as moved; GPS and rounding stay below.
    search_m
        How far apart positions may lie that are matched without an id in common.
    """
    old, new = old.reset_index(drop=True), new.reset_index(drop=True)
    pairs = _pairs(old, new, max(search_m, moved_m))
    before, after = old.iloc[pairs[:, 0]].reset_index(drop=True), new.iloc[pairs[:, 1]].reset_index(drop=True)
    return Diff(
        added=_without(new, pairs[:, 1]).reset_index(drop=True),
        removed=_without(old, pairs[:, 0]).reset_index(drop=True),
        moved=_moved(before, after, moved_m),
        changed=_changed(before, after),
    )


def _pairs(old: pd.DataFrame, new: pd.DataFrame, search_m: float) -> NDArray[np.int64]:
    """Rows that are one cell, shape (pairs, 2), in the order of the new table."""
    found = np.zeros((0, 2), np.int64)
    for match in (_by_cell, _by_station, lambda left, right: _by_place(left, right, search_m)):
        left, right = _without(old, found[:, 0]), _without(new, found[:, 1])
        if len(left) and len(right):
            found = np.concatenate([found, match(left, right)])
    return found[np.argsort(found[:, 1], kind="stable")]


def _without(table: pd.DataFrame, rows: NDArray[np.int64]) -> pd.DataFrame:
    return table[~table.index.isin(rows)]


def _by_cell(old: pd.DataFrame, new: pd.DataFrame) -> NDArray[np.int64]:
    return _joined(old, new, ["operator", "cell_id"])


def _by_station(old: pd.DataFrame, new: pd.DataFrame) -> NDArray[np.int64]:
    keys = ["operator", "technology", "station_id"]
    return _joined(_numbered(old, keys), _numbered(new, keys), [*keys, "sector"])


def _by_place(old: pd.DataFrame, new: pd.DataFrame, search_m: float) -> NDArray[np.int64]:
    """Match positions that are each other's nearest, then their cells in the order of azimuths."""
    keys = ["operator", "technology"]
    kinds = dict(list(new.groupby(keys)))
    places = [
        _nearest(left, kinds[of_kind], search_m) for of_kind, left in old.groupby(keys) if of_kind in kinds
    ]
    found = [
        _joined(_numbered(left, ["place"]), _numbered(right, ["place"]), ["place", "sector"])
        for left, right in places
    ]
    return np.concatenate([np.zeros((0, 2), np.int64), *found])


def _nearest(old: pd.DataFrame, new: pd.DataFrame, search_m: float) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Cells at positions that are each other's nearest and at most so far apart, numbered by ``place``."""
    at = ["lon", "lat"]
    left, right = (table.assign(place=table.groupby(at, sort=True).ngroup()) for table in (old, new))
    ends = [on_sphere_m(table.drop_duplicates("place").sort_values("place")) for table in (left, right)]
    far, to_right = (np.atleast_1d(part) for part in cKDTree(ends[1]).query(ends[0]))
    to_left = np.atleast_1d(cKDTree(ends[0]).query(ends[1])[1])
    here = np.arange(len(to_right))
    mutual = (far <= search_m) & (to_left[to_right] == here)
    partner = pd.Series(here[mutual], index=to_right[mutual])
    right["place"] = right["place"].map(partner)
    return left[left["place"].isin(here[mutual])], right.dropna(subset="place").astype({"place": "int64"})


def _numbered(table: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """With the number of each cell in its group, by azimuth, carrier and id."""
    ordered = table.sort_values(["azimuth_deg", "freq_mhz", "cell_id"], kind="stable")
    return ordered.assign(sector=ordered.groupby(keys).cumcount())


def _joined(old: pd.DataFrame, new: pd.DataFrame, keys: list[str]) -> NDArray[np.int64]:
    left = old[keys].assign(old=old.index)
    both = left.merge(new[keys].assign(new=new.index), on=keys)
    return both[["old", "new"]].to_numpy(dtype=np.int64)


def _moved(before: pd.DataFrame, after: pd.DataFrame, moved_m: float) -> pd.DataFrame:
    table = after[IDENTITY].assign(
        from_lon=before["lon"], from_lat=before["lat"], lon=after["lon"], lat=after["lat"]
    )
    table["distance_m"] = distance_m(before, after)
    return table[table["distance_m"] > moved_m].reset_index(drop=True)


def _changed(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    parts = []
    for name in COMPARED:
        old, new = before[name], after[name]
        differs = ~((old == new) | (old.isna() & new.isna())).to_numpy(dtype=bool)
        part = after.loc[differs, [*IDENTITY, "lon", "lat"]]
        parts.append(part.assign(parameter=name, old=_text(old[differs]), new=_text(new[differs])))
    return pd.concat(parts).sort_index(kind="stable").reset_index(drop=True)


def _text(values: pd.Series) -> pd.Series:
    """As a reader would write it: 1800 not 1800.0, dates as 2025-12-31, nothing for what is unknown."""
    if values.name == "on_air":
        plain = list(values.dt.strftime("%Y-%m-%d"))
    else:
        plain = [f"{value:.10g}" if isinstance(value, float) else str(value) for value in values]
    return pd.Series(plain, index=values.index, dtype="str").where(values.notna(), "")
