"""Masts that operators may share: positions of different operators that stand close together."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np
from pyproj import Geod
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

WITHIN_M = 50.0
COLUMNS = ("mast_id", "operator", "position_id", "lon", "lat", "distance_m")
GEOD = Geod(ellps="WGS84")
EARTH_M = 6_371_008.8  # mean radius (IUGG); for searching alone
SLACK = 1.01  # the sphere's distances are within 0.6 % of the ellipsoid's


def shared_masts(cells: pd.DataFrame, within_m: float = WITHIN_M) -> pd.DataFrame:
    """Propose which positions of different operators are one mast.

    Parameters
    ----------
    cells
        One row a cell, of several operators.
    within_m
        Positions of two operators at most so far apart are proposed, and what hangs together by such pairs
        is one mast.

    Returns
    -------
    One row a position, columns of `COLUMNS`, sorted by mast, operator and position; ``distance_m`` to the
    nearest position of another operator of this mast. The mast's id depends on its members alone: it stays
    the same from day to day until a position joins or leaves it.
    """
    keys = ["operator", "position_id"]
    places = cells.groupby(keys, sort=True)[["lon", "lat"]].mean().reset_index()
    pairs, distance_m = near_pairs(places, within_m)
    operator = places["operator"].to_numpy()
    differ = operator[pairs[:, 0]] != operator[pairs[:, 1]]
    pairs, distance_m = pairs[differ], distance_m[differ]
    nearest = np.full(len(places), np.inf)
    for end in (0, 1):
        np.minimum.at(nearest, pairs[:, end], distance_m)
    places["distance_m"] = nearest
    joined = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(len(places), len(places)))
    places["group"] = connected_components(joined, directed=False)[1]
    members = places[np.isfinite(nearest)]
    names = {group: _mast_id(part[keys]) for group, part in members.groupby("group")}
    found = members.assign(mast_id=members["group"].map(names).astype("str"))
    ordered: pd.DataFrame = found.sort_values(["mast_id", *keys])[list(COLUMNS)].reset_index(drop=True)
    return ordered


def near_pairs(places: pd.DataFrame, within_m: float) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Pairs of rows at most so far apart, shape (pairs, 2), and their distances in metres (geodesic)."""
    if len(places) == 0:
        return np.zeros((0, 2), np.int64), np.zeros(0)
    found = cKDTree(on_sphere_m(places)).query_pairs(within_m * SLACK, output_type="ndarray")
    pairs = np.asarray(found, dtype=np.int64).reshape(-1, 2)
    distance = distance_m(places.iloc[pairs[:, 0]], places.iloc[pairs[:, 1]])
    return pairs[distance <= within_m], distance[distance <= within_m]


def distance_m(first: pd.DataFrame, second: pd.DataFrame) -> NDArray[np.float64]:
    """Geodesic distance (WGS 84) between the rows of two tables with ``lon`` and ``lat``, metres."""
    lon, lat = first["lon"].to_numpy(dtype=float), first["lat"].to_numpy(dtype=float)
    to_lon, to_lat = second["lon"].to_numpy(dtype=float), second["lat"].to_numpy(dtype=float)
    return np.asarray(GEOD.inv(lon, lat, to_lon, to_lat)[2], dtype=np.float64)


def on_sphere_m(places: pd.DataFrame) -> NDArray[np.float64]:
    """Positions on a sphere, shape (rows, 3), metres: chords stand for distances where they are short."""
    lon, lat = (np.radians(places[name].to_numpy(dtype=float)) for name in ("lon", "lat"))
    return EARTH_M * np.column_stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])


def _mast_id(members: pd.DataFrame) -> str:
    told = "\n".join(f"{operator}\t{position}" for operator, position in members.itertuples(index=False))
    return f"mast-{hashlib.sha256(told.encode()).hexdigest()[:12]}"
