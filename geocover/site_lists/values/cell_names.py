"""Names of positions, stations and cells: the list's where they are unique, made from them where not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from geocover.network import COLUMNS
from geocover.site_lists.values.ids import IDS, one_spelling

if TYPE_CHECKING:
    from numpy.typing import NDArray

POSITION_DECIMALS = 5  # about a metre
_NEAR_DECIMALS = 3  # about 100 m: one position's rows do not lie further apart
_REST = (
    "row", "station_name", "omni", "pci", "power_dbm", "resource_blocks", "bandwidth_mhz", "antenna_gain_dbi",
    "feeder_loss_db",
)  # fmt: skip


def name_cells(cells: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """Give cells a ``position_id``, a ``station_id`` and a unique ``cell_id``.

    Positions: the list's; where two operators use one name at different places, with the operator in front;
    without one, latitude and longitude. Stations: the list's name where it stands for one operator's one
    technology, else followed by the technology (and the operator, if several use it). Cells: the list's name
    where unique; behind the station's name where it is unique there; numbers within the station otherwise.
    """
    at = cells["row"].to_numpy(np.int64)
    # Cells of one row and technology stand together: what they share is worked out once.
    group, first = _groups(at, cells["technology"].to_numpy(object))
    heads = cells.iloc[first]
    operator, technology = heads["operator"].to_numpy(object), heads["technology"].to_numpy(object)
    named = {name: one_spelling(rows[name].to_numpy(object)[at[first]]) for name in IDS}
    position = _positions(heads, named["position_id"], operator)
    station = _stations(named["station_id"], position, operator, technology)
    cells["position_id"] = pd.Series(position[group], dtype=object)
    cells["station_id"] = pd.Series(station[group], dtype=object)
    cells["cell_id"] = pd.Series(_cells(_named(rows)[at], station, group), dtype=object)
    return cells[[*COLUMNS, *_REST]]


def _groups(
    at: NDArray[np.int64], technology: NDArray[np.object_]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Number of the group of each cell, and the first cell of each group."""
    if not len(at):
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    new = np.concatenate([[True], (at[1:] != at[:-1]) | (technology[1:] != technology[:-1])])
    return np.cumsum(new) - 1, np.flatnonzero(new)


def _named(rows: pd.DataFrame) -> NDArray[np.object_]:
    """Names that the list gives to cells."""
    told, names = rows["cell_id"].to_numpy(object), rows["cell_name"].to_numpy(object)
    return np.where(told == "", names, told)


def _positions(
    heads: pd.DataFrame, named: NDArray[np.object_], operator: NDArray[np.object_]
) -> NDArray[np.object_]:
    lon, lat = heads["lon"].to_numpy(float), heads["lat"].to_numpy(float)
    places = np.round(lon, _NEAR_DECIMALS) * 1e6 + np.round(lat, _NEAR_DECIMALS)
    apart = _several(named, operator) & _several(named, places) & (named != "")
    own = np.where(apart, operator + "/" + named, named)
    empty = own == ""
    if empty.any():
        own[empty] = _coordinates(lon[empty], lat[empty])
    return own


def _coordinates(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> list[str]:
    return [
        f"{y:.{POSITION_DECIMALS}f}_{x:.{POSITION_DECIMALS}f}"
        for x, y in zip(lon.tolist(), lat.tolist(), strict=True)
    ]


def _stations(
    named: NDArray[np.object_],
    position: NDArray[np.object_],
    operator: NDArray[np.object_],
    technology: NDArray[np.object_],
) -> NDArray[np.object_]:
    own = np.where(_several(named, operator), named + "/" + operator, named)
    own = np.where(_several(own, technology), own + "/" + technology, own)
    return np.where(named == "", position + "/" + operator + "/" + technology, own)


def _cells(
    named: NDArray[np.object_], station: NDArray[np.object_], group: NDArray[np.int64]
) -> NDArray[np.object_]:
    """Unique names of cells."""
    nameless = named == ""
    codes, _ = pd.factorize(station)
    own = station[group]
    if nameless.all():
        return _unique(own + "/" + _texts(_counted(codes[group])))
    inside = np.where(nameless | (named == own), own, own + "/" + named)
    names = np.where(nameless | _repeated(named), inside, named)
    numbered = nameless | _repeated(names)
    counted, _ = pd.factorize(names)
    return _unique(np.where(numbered, names + "/" + _texts(_counted(counted)), names))


def _unique(names: NDArray[np.object_]) -> NDArray[np.object_]:
    """Add a number to names that another one has already."""
    number = 1
    while (again := np.asarray(pd.Series(names, dtype=object).duplicated(), np.bool_)).any():
        number += 1
        names = np.where(again, names + f"+{number}", names)
    return names


def _counted(codes: NDArray[np.intp]) -> NDArray[np.int64]:
    """Number of each element among those of its code, from 1, in order."""
    return np.asarray(pd.Series(codes).groupby(codes, sort=False).cumcount(), np.int64) + 1


def _texts(numbers: NDArray[np.int64]) -> NDArray[np.object_]:
    return np.array([*map(str, range(int(numbers.max(initial=0)) + 1)), None], object)[numbers]


def _repeated(names: NDArray[np.object_]) -> NDArray[np.bool_]:
    return np.asarray(pd.Series(names, dtype=object).duplicated(keep=False), np.bool_)


def _several(
    names: NDArray[np.object_], other: NDArray[np.object_] | NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Whether a name occurs with more than one of something else."""
    codes, different = pd.factorize(names)
    if not len(different):
        return np.zeros(len(names), np.bool_)
    others, _ = pd.factorize(other)
    first = np.full(len(different), -1)
    first[codes[::-1]] = others[::-1]
    found = np.zeros(len(different), np.bool_)
    found[codes[others != first[codes]]] = True
    return found[codes]
