"""Powers that cannot be: together with what is assumed beside them they give an EIRP outside all limits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from geocover.io.completing import BUDGET, default_of, load_defaults
from geocover.network import LIMITS

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

SUBCARRIERS = 12  # of a resource block, TS 36.211 section 6.2.3 and TS 38.211 section 4.4.4.1


def without_impossible(cells: pd.DataFrame) -> tuple[pd.DataFrame, NDArray[np.int64]]:
    """Cells without budgets that cannot be, and the rows (``row``) that stated them, each once.

    A budget is what a list states of power, bandwidth, gain and feeder loss; what it leaves out is assumed as
    the shipped defaults say. Where the EIRP per resource element (`geocover.link_budget`) would
    lie outside the limits of a network, all of it is taken as unknown.
    """
    impossible = np.zeros(len(cells), np.bool_)
    low, high = LIMITS["eirp_dbm"]
    for at, values in _budgets(cells):
        power_dbm, blocks, gain_dbi, loss_db = (values[name].to_numpy(float) for name in BUDGET)
        shared_db = np.where(blocks > 0, 10 * np.log10(SUBCARRIERS * np.maximum(blocks, 1)), 0.0)
        eirp_dbm = power_dbm - shared_db + gain_dbi - loss_db
        impossible[at] = ~((eirp_dbm >= low) & (eirp_dbm <= high))
    if not impossible.any():
        return cells, np.zeros(0, np.int64)
    rows = np.unique(cells.loc[impossible, "row"].to_numpy(np.int64))
    names = [*BUDGET, "bandwidth_mhz"]
    return cells.assign(**{name: cells[name].mask(impossible) for name in names}), rows


def _budgets(cells: pd.DataFrame) -> list[tuple[NDArray[np.int64], pd.DataFrame]]:
    """Cells that state a part of their budget, with the rest assumed: their indices and the four values."""
    defaults = load_defaults(None)
    stated = cells[cells[list(BUDGET)].notna().any(axis=1)]
    found = []
    for (operator, technology), group in stated.groupby(["operator", "technology"], sort=False):
        assumed = default_of(defaults, str(operator), str(technology))
        budget = group[list(BUDGET)].fillna({name: assumed[name] for name in BUDGET})
        found.append((group.index.to_numpy(np.int64), budget))
    return found
