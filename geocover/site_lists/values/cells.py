"""From rows to cells: each technology of a row on each of its carriers in each of its sectors."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from geocover.errors import ModelError
from geocover.link_budget import lte_blocks, nr_blocks
from geocover.network import TECHNOLOGIES
from geocover.site_lists.values.cell_names import name_cells
from geocover.site_lists.values.row_technologies import by_pair

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Quantities of a cell that come from its row, one a sector or one for all.
_OF_SECTOR = (
    "height_m", "downtilt_deg", "mechanical_tilt_deg", "power_dbm", "eirp_dbm", "antenna_gain_dbi",
    "feeder_loss_db", "bandwidth_mhz", "pci",
)  # fmt: skip
_BLOCKS = {"4G": lte_blocks, "5G": nr_blocks}
_MOST = 200


@dataclass(frozen=True, eq=False)
class _Layout:
    """Cells of all rows: the row, technology, MHz and sector of each; arrays of shape (cells,)."""

    row: NDArray[np.int64]
    technology: NDArray[np.object_]
    freq_mhz: NDArray[np.float64]
    sector: NDArray[np.int64]


def explode(
    rows: pd.DataFrame, positions: pd.DataFrame, accepted: NDArray[np.bool_] | None = None
) -> pd.DataFrame:
    """Give each cell of a list a row of its own.

    Parameters
    ----------
    rows
        What `geocover.site_lists.values.rows.read_rows` gives.
    positions
        ``lon`` and ``lat`` in degrees (WGS 84) of the same rows, NaN where unusable.
    accepted
        Rows that may be used, shape (rows,); all where None. Rows without operator, technology or position
        have no cells in any case.

    Returns
    -------
    DataFrame
        One row a cell, RangeIndex, in the order of the list; ``row`` is the row it comes from. The columns of
        `geocover.network.COLUMNS` (NaN and empty text where the list is silent, ``azimuth_deg`` NaN for an
        omnidirectional or unknown direction, ``omni`` telling the former), ``station_name``, ``pci``, and
        the budget: ``power_dbm``, ``resource_blocks``, ``bandwidth_mhz``, ``antenna_gain_dbi``,
        ``feeder_loss_db``. A stated EIRP of the carrier is there as ``power_dbm`` with a gain and a loss of
        0. ``eirp_dbm`` is that of a resource element, which no list states, and NaN.

        A stated number of cells is kept: they are laid out over the sectors, then over the carriers. Without
        one there is a cell for each carrier in each sector.
    """
    usable = _usable(rows, positions) if accepted is None else _usable(rows, positions) & accepted
    layout = _lay_out(rows, np.flatnonzero(usable))
    at, technology = layout.row, layout.technology
    cells = pd.DataFrame({"row": at})
    cells["technology"] = pd.Series(technology, dtype=object)
    for name in ("operator", "station_name", "environment", "antenna"):
        cells[name] = pd.Series(rows[name].to_numpy(object)[at], dtype=object)
    cells["lon"], cells["lat"] = (positions[name].to_numpy(float)[at] for name in ("lon", "lat"))
    cells["on_air"] = _by_technology(rows, "on_air", at, technology)
    cells["freq_mhz"] = layout.freq_mhz
    azimuths = _at_sector(rows["azimuth_deg"].to_numpy(object), at, layout.sector)
    cells["azimuth_deg"] = azimuths
    cells["omni"] = np.isnan(azimuths) & (_lengths(rows["azimuth_deg"])[at] > 0)
    for name in _OF_SECTOR:
        cells[name] = _quantity(rows, name, layout)
    cells["beamwidth_h_deg"] = cells["beamwidth_v_deg"] = np.nan
    return name_cells(_with_budget(cells), rows)


def _usable(rows: pd.DataFrame, positions: pd.DataFrame) -> NDArray[np.bool_]:
    placed = positions[["lon", "lat"]].notna().all(axis=1).to_numpy()
    named = rows["operator"].ne("").to_numpy(bool)
    return np.asarray(placed & named & (_lengths(rows["technology"]) > 0), np.bool_)


def _lengths(column: pd.Series) -> NDArray[np.int64]:
    return np.fromiter(map(len, column.tolist()), np.int64, len(column))


def _lay_out(rows: pd.DataFrame, used: NDArray[np.int64]) -> _Layout:
    """Lay out the cells of the used rows; rows that are alike in what counts share a plan."""
    counts = [np.nan_to_num(rows[name].to_numpy(float))[used] for name in _COUNTS]
    sectors = _sectors(rows)[used]
    plans = by_pair(
        _plan,
        rows["technology"].to_numpy(object)[used].tolist(),
        rows["carriers"].to_numpy(object)[used].tolist(),
        sectors.tolist(),
        list(zip(*(count.tolist() for count in counts), strict=True)),
    )
    # Rows that are alike share one plan, so it is known by its identity.
    codes, _ = pd.factorize(np.fromiter(map(id, plans), np.int64, len(plans)))
    different = list({id(plan): plan for plan in plans}.values())
    lengths = np.array([len(plan) for plan in different] or [0], np.int64)
    flat = [cell for plan in different for cell in plan]
    starts = np.concatenate([[0], np.cumsum(lengths)])[:-1]
    of_row = lengths[codes] if len(codes) else np.zeros(0, np.int64)
    within = np.arange(of_row.sum()) - np.repeat(np.cumsum(of_row) - of_row, of_row)
    pick = np.repeat(starts[codes], of_row) + within if len(codes) else np.zeros(0, np.int64)
    return _Layout(
        np.repeat(used, of_row),
        np.array([cell[0] for cell in flat] + [""], object)[:-1][pick],
        np.array([cell[1] for cell in flat], np.float64)[pick],
        np.array([cell[2] for cell in flat], np.int64)[pick],
    )


_COUNTS = (*(f"cells_{name.lower()}" for name in TECHNOLOGIES), "cells")


def _sectors(rows: pd.DataFrame) -> NDArray[np.int64]:
    """Sectors of each row: its azimuths, else the number it states, else its PCIs, else one."""
    azimuths = _lengths(rows["azimuth_deg"])
    stated = np.nan_to_num(rows["sectors"].to_numpy(float)).astype(np.int64)
    found = np.where(azimuths > 0, azimuths, np.where(stated > 0, stated, _lengths(rows["pci"])))
    return np.maximum(found, 1)


def _plan(
    technologies: tuple[str, ...],
    carriers: tuple[tuple[str, float], ...],
    sectors: int,
    counts: tuple[float, ...],
) -> tuple[tuple[str, float, int], ...]:
    """Technology, MHz and sector of each cell of a row."""
    *by_technology, total = counts
    stated: dict[str, float] = dict(zip(TECHNOLOGIES, by_technology, strict=True))
    silent = sum(not stated[technology] for technology in technologies)
    left = max(total - sum(stated[technology] for technology in technologies), 0.0)
    cells: list[tuple[str, float, int]] = []
    for technology in technologies:
        of_it = [freq_mhz for name, freq_mhz in carriers if name == technology] or [math.nan]
        number = int(stated[technology] or left / silent) or sectors * len(of_it)
        cells += [
            (technology, of_it[one // sectors % len(of_it)], one % sectors)
            for one in range(min(number, _MOST))
        ]
    return tuple(cells)


def _quantity(rows: pd.DataFrame, name: str, layout: _Layout) -> NDArray[np.float64]:
    """Return a quantity of each cell: of its technology where the list states one, else of the row."""
    found = _at_sector(rows[name].to_numpy(object), layout.row, layout.sector)
    for technology in TECHNOLOGIES:
        own = f"{name} {technology}"
        if own in rows.columns:
            stated = _at_sector(rows[own].to_numpy(object), layout.row, layout.sector)
            found = np.where((layout.technology == technology) & ~np.isnan(stated), stated, found)
    return found


def _at_sector(
    values: NDArray[np.object_], at: NDArray[np.int64], sector: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return the number of each cell's sector; NaN where the row has none."""
    listed = values.tolist()
    if not any(map(len, set(listed))):
        return np.full(len(at), np.nan)
    lengths = np.fromiter(map(len, listed), np.int64, len(listed))
    flat = np.array([number for one in listed for number in one] + [np.nan], np.float64)
    starts = np.cumsum(lengths) - lengths
    length = lengths[at]
    # One number stands for all sectors; a sector behind the last has none.
    place = np.where(length == 1, 0, sector)
    inside = place < length
    return np.where(inside, flat[np.where(inside, starts[at] + place, -1)], np.nan)


def _by_technology(
    rows: pd.DataFrame, name: str, at: NDArray[np.int64], technology: NDArray[np.object_]
) -> NDArray[np.datetime64]:
    found = rows[name].to_numpy("datetime64[s]")[at]
    for one in TECHNOLOGIES:
        if f"{name} {one}" in rows.columns:
            own = rows[f"{name} {one}"].to_numpy("datetime64[s]")[at]
            found = np.where((technology == one) & ~np.isnat(own), own, found)
    return found


def _with_budget(cells: pd.DataFrame) -> pd.DataFrame:
    """Resource blocks of the bandwidth; an EIRP of the carrier as a power without gain and loss."""
    cells["resource_blocks"] = np.array(
        by_pair(_blocks, cells["technology"].tolist(), cells["bandwidth_mhz"].fillna(0.0).tolist()),
        np.float64,
    )
    cells["bandwidth_mhz"] = cells["bandwidth_mhz"].where(cells["resource_blocks"].notna())
    radiated = cells["eirp_dbm"].notna()
    cells["power_dbm"] = cells["eirp_dbm"].where(radiated, cells["power_dbm"])
    for name in ("antenna_gain_dbi", "feeder_loss_db"):
        cells[name] = cells[name].mask(radiated, 0.0)
    cells["eirp_dbm"] = np.nan
    if cells["pci"].notna().any():
        # An identity of a cell goes to one cell: a row of several carriers does not say which.
        of_row = cells.groupby(["row", "pci"])["row"].transform("size")
        cells["pci"] = cells["pci"].where(of_row == 1)
    return cells


@lru_cache(maxsize=512)
def _blocks(technology: str, bandwidth_mhz: float) -> float:
    """Resource blocks of a bandwidth; NaN where the technology has none of it."""
    if technology not in _BLOCKS or not bandwidth_mhz:
        return math.nan
    try:
        return float(_BLOCKS[technology](bandwidth_mhz))
    except ModelError:
        return math.nan
