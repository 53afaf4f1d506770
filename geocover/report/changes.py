"""What came and went between two snapshots: gaps, places reached, stations."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from geocover.coverage import ALL, ANY
from geocover.report.coverage_answers import chosen_rows, is_asked
from geocover.units import square_km_from_square_m

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import geopandas as gpd
    import pandas as pd
    from numpy.typing import NDArray

    from geocover.report.coverage_answers import Asked
    from geocover.store import Snapshot

CLOSED, OPENED, GROWN, SHRUNK, SAME = "closed", "opened", "grown", "shrunk", "same"
KINDS = (CLOSED, OPENED, GROWN, SHRUNK, SAME)
SUMMED = ("from_km2", "to_km2", "difference_km2", "from_people", "to_people", "difference_people")
TOUCHING_KM2 = 1e-4  # gaps that share an edge alone do not overlap; what remains is rounding
EQUAL_KM2 = 1e-6
CACHED = 8
VIEW = ["technology", "profile", "operator"]
STATION = ["operator", "technology", "station_id"]
MOVED_DEG = 1e-5  # about a metre


class _Gap(NamedTuple):
    """What of a gap is compared."""

    id: str
    area_km2: float
    people: float
    commune_codes: str
    lon: float
    lat: float


def gap_changes(old: Snapshot, new: Snapshot, asked: Asked, other: frozenset[str]) -> dict[str, Any]:
    """Match the gaps of two snapshots by the ground they share.

    Gaps that overlap, directly or through others, form a group: "closed" where nothing is left of it,
    "opened" where nothing was, else "grown", "shrunk" or "same" by its area. Ids of gaps do not tell: they
    are given anew in every snapshot.

    Parameters
    ----------
    old, new
        From and to; whole snapshots: gaps are for everybody, but for the nearest station, which is not told.
    asked
        Which technology, profile and operator.
    other
        Profiles that are not compared.

    Returns
    -------
    ``summary`` (for each kind: groups, area and people before and after, of all), and ``changes`` (groups but
    "same"), most people first: ``change``, ``technology``, ``profile``, ``operator``, ``evidence``,
    ``from_ids``, ``to_ids``, areas in km² (``from_km2``, ``to_km2``, ``kept_km2`` in both,
    ``difference_km2``), ``from_people``, ``to_people``, ``difference_people``, ``commune_codes``, ``lon``,
    ``lat`` (in its largest gap). Areas are measured in the grid's CRS.
    """
    changes = [one for one in _matched(old, new) if is_asked(one, asked) and one["profile"] not in other]
    return {"summary": _summary(changes), "changes": [one for one in changes if one["change"] != SAME]}


@lru_cache(maxsize=CACHED)
def _matched(old: Snapshot, new: Snapshot) -> list[dict[str, Any]]:
    """All groups of all views."""
    crs = min(old.grid.crs, new.grid.crs)
    keys = {tuple(map(str, key)) for one in (old, new) for key in one.gaps[VIEW].drop_duplicates().to_numpy()}
    found: list[dict[str, Any]] = []
    for key in sorted(keys):
        groups = _groups(_same_view(old.gaps, key), _same_view(new.gaps, key), crs)
        view = {**dict(zip(VIEW, key, strict=True)), "evidence": "predicted"}
        found += [{**view, **one} for one in groups]
    return sorted(found, key=_importance)


def _importance(group: Mapping[str, Any]) -> tuple[float, float, str, float, float]:
    people, area = abs(group["difference_people"] or 0.0), abs(group["difference_km2"])
    return -people, -area, group["technology"], group["lon"], group["lat"]


def _same_view(table: gpd.GeoDataFrame, key: tuple[str, ...]) -> gpd.GeoDataFrame:
    return table[(table[VIEW] == list(key)).all(axis=1)].reset_index(drop=True)


def _groups(old: gpd.GeoDataFrame, new: gpd.GeoDataFrame, crs: str) -> Iterator[dict[str, Any]]:
    before, after, shared_km2 = _overlaps(old, new, crs)
    count = len(old) + len(new)
    links = coo_array((np.ones(before.size), (before, after + len(old))), shape=(count, count))
    number, group = connected_components(links, directed=False)
    kept_km2 = np.bincount(group[before], weights=shared_km2, minlength=number)
    members: list[tuple[list[_Gap], list[_Gap]]] = [([], []) for _ in range(number)]
    for row, (side, gap) in enumerate([*((0, one) for one in _rows(old)), *((1, one) for one in _rows(new))]):
        members[group[row]][side].append(gap)
    for sides, shared in zip(members, kept_km2.tolist(), strict=True):
        yield _group(*sides, shared)


def _rows(table: pd.DataFrame) -> Iterator[_Gap]:
    columns = [table[name].tolist() for name in ("id", "area_km2", "people", "commune_codes", "lon", "lat")]
    return map(_Gap._make, zip(*columns, strict=True))


def _overlaps(
    old: gpd.GeoDataFrame, new: gpd.GeoDataFrame, crs: str
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Rows of the gaps that overlap and the area they share, in the order of both."""
    if old.empty or new.empty:
        nothing = np.zeros(0, np.int64)
        return nothing, nothing, np.zeros(0)
    ours, theirs = (_in_metres(table, crs) for table in (old, new))
    before, after = shapely.STRtree(theirs).query(ours, predicate="intersects")
    shared_km2 = _shared_m2(ours, theirs, before, after) * square_km_from_square_m(1.0)
    overlap = shared_km2 > TOUCHING_KM2
    return before[overlap], after[overlap], shared_km2[overlap]


def _in_metres(table: gpd.GeoDataFrame, crs: str) -> NDArray[np.object_]:
    """Outlines in a projected CRS, to the millimetre: edges of pixels fall on one another again."""
    moved = table.geometry.to_crs(crs).to_numpy()
    return np.asarray(shapely.transform(moved, lambda at: np.round(at, 3)))


def _shared_m2(
    ours: NDArray[np.object_],
    theirs: NDArray[np.object_],
    before: NDArray[np.int64],
    after: NDArray[np.int64],
) -> NDArray[np.float64]:
    """Area that pairs share; where one holds the other, which is quickly seen, that of the smaller."""
    shapely.prepare(ours)
    shapely.prepare(theirs)
    one, other = ours[before], theirs[after]
    inside = shapely.covers(one, other) | shapely.covers(other, one)
    area_m2 = np.minimum(shapely.area(one), shapely.area(other))
    area_m2[~inside] = shapely.area(shapely.intersection(one[~inside], other[~inside]))
    return np.asarray(area_m2)


def _group(old: Sequence[_Gap], new: Sequence[_Gap], kept_km2: float) -> dict[str, Any]:
    areas = [sum(one.area_km2 for one in side) for side in (old, new)]
    people = [_people(side) for side in (old, new)]
    at = max(new or old, key=lambda one: (one.area_km2, one.lon))
    return {
        "change": _kind(len(old), len(new), areas[1] - areas[0]),
        "from_ids": [one.id for one in old],
        "to_ids": [one.id for one in new],
        "from_km2": areas[0],
        "to_km2": areas[1],
        "kept_km2": kept_km2,
        "difference_km2": areas[1] - areas[0],
        "from_people": people[0],
        "to_people": people[1],
        "difference_people": None if None in people else people[1] - people[0],  # type: ignore[operator]
        "commune_codes": sorted({code for one in (*old, *new) for code in str(one.commune_codes).split()}),
        "lon": at.lon,
        "lat": at.lat,
    }


def _people(gaps: Sequence[_Gap]) -> float | None:
    """People in gaps; None where it is not known of one of them."""
    total = float(sum(one.people for one in gaps))
    return total if math.isfinite(total) else None


def _kind(before: int, after: int, difference_km2: float) -> str:
    if not after:
        return CLOSED
    if not before:
        return OPENED
    return SAME if abs(difference_km2) < EQUAL_KM2 else GROWN if difference_km2 > 0 else SHRUNK


def _summary(changes: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Groups of each kind, with the gaps, area and people of both dates."""
    found = {}
    for kind in KINDS:
        of_kind = [one for one in changes if one["change"] == kind]
        sums = {name: sum(one[name] or 0.0 for one in of_kind) for name in SUMMED}
        gaps = {f"{side}_gaps": sum(len(one[f"{side}_ids"]) for one in of_kind) for side in ("from", "to")}
        found[kind] = {"groups": len(of_kind), **gaps, **sums}
    return found


def place_changes(old: Snapshot, new: Snapshot, asked: Asked, other: frozenset[str]) -> dict[str, Any]:
    """Places that a view newly reaches, or no more; places are the same by their id.

    Returns
    -------
    ``reached`` and ``lost`` (a row a place and view, with the certainty of both dates), ``only_from`` and
    ``only_to`` (ids of places that one of the two does not know).
    """
    keys = ["id", *VIEW]
    before, after = (
        chosen_rows(one.reach[~one.reach["profile"].isin(other)], asked).set_index(keys) for one in (old, new)
    )
    both = _both(before, after).reset_index()
    changed = both[both["reached_from"] != both["reached_to"]]
    names = new.places.set_index("id")[["name", "commune_code", "status"]]
    told = changed.join(names, on="id").rename(columns={"kind_to": "kind", "evidence_to": "evidence"})
    about = ["kind", "name", "commune_code", "status", "evidence"]
    told = told[[*keys, *about, "reached_to", "certainty_from", "certainty_to"]].sort_values(keys)
    known = [set(one.places["id"]) for one in (old, new)]
    return {
        "reached": told[told["reached_to"]].drop(columns="reached_to").to_dict("records"),
        "lost": told[~told["reached_to"]].drop(columns="reached_to").to_dict("records"),
        "only_from": sorted(known[0] - known[1]),
        "only_to": sorted(known[1] - known[0]),
    }  # fmt: skip


def _both(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Rows whose index stands in both tables, with the columns of each side."""
    return before.merge(after, left_index=True, right_index=True, suffixes=("_from", "_to"))


def station_changes(
    seen: tuple[Snapshot, Snapshot], whole: tuple[Snapshot, Snapshot], asked: Asked
) -> dict[str, Any]:
    """Stations that came, went or moved, the same by operator, technology and id.

    Returns
    -------
    ``counts`` of all operators together, a row a technology, for everybody: ``from``, ``to``, ``added``,
    ``removed``, ``moved``, ``difference``; ``added``, ``removed`` and ``moved``: rows with the ids of
    stations that the reader may see.
    """
    told = _stations(seen[0].stations, seen[1].stations, asked)
    everybody = _stations(whole[0].stations, whole[1].stations, replace(asked, operator=None))
    names = sorted({str(name) for one in whole for name in one.stations["technology"].unique()})
    chosen = [name for name in names if asked.technology in (None, name) and _declared(asked)]
    counts = [_counts(name, whole, everybody) for name in chosen]
    return {"counts": counts, **{kind: table.to_dict("records") for kind, table in told.items()}}


def _counts(
    technology: str, whole: tuple[Snapshot, Snapshot], changed: Mapping[str, pd.DataFrame]
) -> dict[str, Any]:
    """Stations of a technology then and now, and how many came, went and moved."""
    old, new = (_count(one.stations, technology) for one in whole)
    kinds = {kind: _count(table, technology) for kind, table in changed.items()}
    return {"technology": technology, "from": old, "to": new, "difference": new - old, **kinds}


def _count(table: pd.DataFrame, technology: str) -> int:
    return int((table["technology"] == technology).sum())


def _stations(old: pd.DataFrame, new: pd.DataFrame, asked: Asked) -> dict[str, pd.DataFrame]:
    """Tables of the stations added, removed and moved, by `STATION`."""
    before, after = (_asked_stations(table, asked) for table in (old, new))
    both = _both(before, after)
    far = [(both[f"{axis}_from"] - both[f"{axis}_to"]).abs() > MOVED_DEG for axis in ("lon", "lat")]
    moved = both[far[0] | far[1]]
    rows = {
        "added": after.loc[after.index.difference(before.index)],
        "removed": before.loc[before.index.difference(after.index)],
        "moved": moved,
    }
    return {kind: table.sort_index().reset_index() for kind, table in rows.items()}


def _declared(asked: Asked) -> bool:
    """Whether stations, which operators declare, are asked for."""
    return asked.evidence in (None, "declared")


def _asked_stations(table: pd.DataFrame, asked: Asked) -> pd.DataFrame:
    """Stations of a technology and operator by `STATION`; "any" and "all" are no operators of stations."""
    for name in ("technology", "operator"):
        wanted = getattr(asked, name)
        if wanted not in (None, ANY, ALL):
            table = table[table[name] == wanted]
    table = table if _declared(asked) else table.iloc[:0]
    return table[[*STATION, "position_id", "lon", "lat", "on_air"]].set_index(STATION)
