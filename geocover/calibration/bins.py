"""Measurements thinned to bins, and the level predicted for each of them.

A car at a red light would weigh a thousand times what a street weighs. So points of one serving cell within
one square of the grid become one value, their median. W. C. Y. Lee, "Estimate of local average power of a
mobile radio signal", IEEE Trans. Veh. Technol. 34(1), 1985: the local mean is known to 1 dB by averaging over
20 to 40 wavelengths (3 to 7 m at 1800 MHz). A bin is longer than that, so fast fading is averaged out, and
not longer than the pixels for which the prediction holds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from geocover.coverage_points import cell_levels
from geocover.crs import WGS84, transformer

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geocover.io.drive_tests import DriveTest
    from geocover.network import Network
    from geocover.propagation.base import Model
    from geocover.terrain import Terrain

# How the cell was found that a bin is compared with.
MATCHES = ("cell", "pci", "best")


def thin(test: DriveTest, network: Network, crs: str, bin_m: float) -> pd.DataFrame:
    """Thin measurements to one row for each serving cell and square of ``bin_m``, aligned with grids.

    Returns
    -------
    Sorted by column, row and cell: ``x_m``, ``y_m`` (mean position), ``points``, ``rsrp_dbm`` (median),
    ``spread_db`` (standard deviation of the points, NaN for one), ``known`` (row of the serving cell in
    ``network.cells`` by its identity, -1 unknown) and ``pci`` (-1 where the cell is known or no cell of the
    list has this PCI).
    """
    x_m, y_m = transformer(WGS84, crs).transform(test.points["lon"].to_numpy(), test.points["lat"].to_numpy())
    known, pci = _serving(test, network)
    table = pd.DataFrame(
        {
            "col": np.floor(np.asarray(x_m) / bin_m).astype(np.int64),
            "line": np.floor(np.asarray(y_m) / bin_m).astype(np.int64),
            "known": known,
            "pci": pci,
            "x_m": x_m,
            "y_m": y_m,
            "rsrp_dbm": test.points["rsrp_dbm"],
        }
    )
    return table.groupby(["col", "line", "known", "pci"], sort=True, as_index=False).agg(
        x_m=("x_m", "mean"),
        y_m=("y_m", "mean"),
        points=("rsrp_dbm", "size"),
        rsrp_dbm=("rsrp_dbm", "median"),
        spread_db=("rsrp_dbm", "std"),
    )[["x_m", "y_m", "points", "rsrp_dbm", "spread_db", "known", "pci"]]


def _serving(test: DriveTest, network: Network) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Row of each point's serving cell by identity, or else its PCI where the list has such a cell."""
    known = pd.Index(network.cells["cell_id"]).get_indexer(pd.Index(test.points["cell"]))
    pci = test.points["pci"].to_numpy()
    usable = (known < 0) & np.isin(pci, _listed_pci(network)) & (pci >= 0)
    return known.astype(np.int64), np.where(usable, pci, -1).astype(np.int64)


def _listed_pci(network: Network) -> NDArray[np.int64]:
    """PCI of each cell; -1 where the list has none."""
    if "pci" not in network.cells.columns:
        return np.full(len(network), -1, np.int64)
    numbers: NDArray[np.int64] = network.cells["pci"].fillna(-1).to_numpy().astype(np.int64)
    return numbers


def predict_bins(
    bins: pd.DataFrame, network: Network, model: Model, terrain: Terrain | None, crs: str
) -> pd.DataFrame:
    """Add the predicted level of each bin.

    The level is that of the serving cell where it is known by its identity; of the strongest cell with its
    PCI where only that is known; else of the best server. ``best_dbm`` is always that of the best server,
    which is what a map shows.

    Returns
    -------
    The bins with ``best_dbm``, ``predicted_dbm`` (NaN without prediction), ``server`` (row in
    ``network.cells``, -1 for none), ``match`` (one of `MATCHES`), ``uncertain`` (a near cell has no level,
    for lack of terrain), ``distance_m``, ``environment``, ``lon`` and ``lat``.

    Raises
    ------
    ModelError
        If the model gives no level, or a link is outside its range.
    TerrainError
        If the model needs terrain and gets none.
    """
    x_m, y_m = bins["x_m"].to_numpy(), bins["y_m"].to_numpy()
    known, pci, listed = bins["known"].to_numpy(), bins["pci"].to_numpy(), _listed_pci(network)
    best = _Strongest(len(bins))
    named = _Strongest(len(bins))
    uncertain = np.zeros(len(bins), bool)
    for cell, at, level_dbm in cell_levels(network, model, terrain, crs, x_m, y_m):
        uncertain[at] |= np.isnan(level_dbm)
        best.enter(cell, at, level_dbm)
        serves = (known[at] == cell) | ((pci[at] >= 0) & (pci[at] == listed[cell]))
        named.enter(cell, at[serves], level_dbm[serves])
    told = (known >= 0) | (pci >= 0)
    server = np.where(told, named.cell, best.cell)
    lon, lat = transformer(WGS84, crs).transform(x_m, y_m, direction="INVERSE")
    return bins.assign(
        best_dbm=best.level_dbm,
        predicted_dbm=np.where(told, named.level_dbm, best.level_dbm),
        server=server,
        match=np.select([known >= 0, pci >= 0], MATCHES[:2], default=MATCHES[2]),
        uncertain=uncertain,
        lon=lon,
        lat=lat,
        **_of_server(network, server, crs, x_m, y_m),
    )


class _Strongest:
    """The strongest level so far at each position; at a tie the cell that was entered first stays."""

    def __init__(self, size: int) -> None:
        self.level_dbm = np.full(size, np.nan)
        self.cell = np.full(size, -1, np.int64)

    def enter(self, cell: int, at: NDArray[np.int64], level_dbm: NDArray[np.float64]) -> None:
        better = np.isfinite(level_dbm) & ~(level_dbm <= self.level_dbm[at])
        self.level_dbm[at[better]] = level_dbm[better]
        self.cell[at[better]] = cell


def _of_server(
    network: Network, server: NDArray[np.int64], crs: str, x_m: NDArray[np.float64], y_m: NDArray[np.float64]
) -> dict[str, NDArray[np.float64] | NDArray[np.object_]]:
    """Distance to, name and surroundings of each bin's server; NaN and "" where there is none."""
    mast_x_m, mast_y_m = network.xy_m(crs)
    distance_m = np.hypot(x_m - mast_x_m[server], y_m - mast_y_m[server])
    named = {
        name: np.where(server >= 0, network.cells[name].to_numpy(dtype=object)[server], "")
        for name in ("cell_id", "environment")
    }
    return {"distance_m": np.where(server >= 0, distance_m, np.nan), **named}
