"""Sites: the cells of a network grouped by mast, as the kernels want them.

Cells of any operator, technology and band that stand at one place, at one height, under one model, share the
geometry of their paths.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from geocover.kernels.servers import (
    BAND,
    EIRP,
    LAYER,
    MECHANICAL,
    NUMBER,
    OFFSET,
    PATTERN,
    REACH,
    SECTOR_COLUMNS,
    WIDTH_V,
)
from geocover.propagation.base import Environment, Link, Mast, Model

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from geocover.coverage.result import Layer
    from geocover.grid import Grid
    from geocover.network import Network
    from geocover.terrain import Terrain

RX_HEIGHT_M = 1.5
FLOOR_DBM = -125.0
MAX_REACH_M = 15_000.0

# Loss of free space at a metre, without the part of the frequency in GHz (P.1812-8, equation 8).
FREE_AT_METRE_DB = 92.4 - 60.0

_COLUMNS = (
    "freq_mhz",
    "eirp_dbm",
    "azimuth_deg",
    "downtilt_deg",
    "beamwidth_h_deg",
    "beamwidth_v_deg",
    "mechanical_tilt_deg",
)


SiteKey = tuple[float, float, float, Environment, Model]


@dataclass(frozen=True, eq=False)
class Site:
    """Cells on one mast.

    Attributes
    ----------
    mast
        Place, heights and surroundings (with the frequency of the first band).
    model
        Their propagation model.
    freqs_mhz
        Bands, ascending.
    sectors
        Table of `geocover.kernels.servers.enter`, a row a cell, in the order of the network.
    free_db
        Loss of free space at 1 m in each band; minus infinity for a model that may undercut it.
    cells
        Identifiers of the cells, in the same order.
    reach_m
        How far the farthest of them is followed.
    """

    mast: Mast
    model: Model
    freqs_mhz: tuple[float, ...]
    sectors: NDArray[np.float64]
    free_db: NDArray[np.float64]
    cells: tuple[str, ...]
    reach_m: float

    def key(self) -> SiteKey:
        """What its cells share."""
        link = self.mast.link
        return self.mast.x_m, self.mast.y_m, link.tx_height_m, link.environment, self.model


@dataclass(frozen=True, eq=False)
class Plan:
    """What is to be computed, whatever tiles it is cut into.

    Attributes
    ----------
    layers
        Pairs of operator and technology, sorted.
    rows
        Rows of each layer's cells in ``network.cells``.
    sites
        All sites, in the order in which the network names them first.
    patterns
        Measured antenna patterns in use, shape (n, 2, 360).
    """

    layers: tuple[Layer, ...]
    rows: tuple[NDArray[np.int64], ...]
    sites: tuple[Site, ...]
    patterns: NDArray[np.float32]


def plan_sites(
    network: Network, models: Mapping[str, Model], grid: Grid, terrain: Terrain | None, max_reach_m: float
) -> Plan:
    """Group the cells whose technology has a model by mast.

    Raises
    ------
    ModelError
        A link is outside its model's range.
    NetworkError
        A cell names an antenna that the network's catalogue does not have.
    """
    layers, rows = layer_rows(network, models)
    cast = Cast(network, models, grid, terrain, max_reach_m)
    chosen = np.sort(np.concatenate(rows)) if rows else np.zeros(0, np.int64)
    return Plan(layers, rows, cast.sites(chosen, sector_table(network, rows)), cast.patterns)


def layer_rows(
    network: Network, models: Mapping[str, Model]
) -> tuple[tuple[Layer, ...], tuple[NDArray[np.int64], ...]]:
    """Layers whose technology has a model, and the rows of their cells."""
    layers = tuple(layer for layer in network.layers if layer[1] in models)
    operators, technologies = (network.cells[name].to_numpy() for name in ("operator", "technology"))
    rows = tuple(
        np.flatnonzero((operators == operator) & (technologies == technology))
        for operator, technology in layers
    )
    return layers, rows


def sector_table(network: Network, rows: Sequence[NDArray[np.int64]]) -> NDArray[np.float64]:
    """Sector rows of all cells: `geocover.kernels.servers`; the band still as a frequency, no reach yet."""
    cells = network.cells
    names = _antennas(network)
    numbers = {name: number for number, name in enumerate(names)}
    tilts = np.array([network.antennas[name].electrical_tilt_deg for name in names])
    table = np.zeros((len(cells), SECTOR_COLUMNS))
    for layer, of_layer in enumerate(rows):
        table[of_layer, LAYER] = layer
        table[of_layer, NUMBER] = np.arange(1, of_layer.size + 1)
    values = cells[list(_COLUMNS)].to_numpy(dtype=float)
    table[:, BAND] = values[:, 0]
    table[:, EIRP : WIDTH_V + 1] = values[:, 1:6]
    table[:, MECHANICAL] = values[:, 6]
    table[:, PATTERN] = cells["antenna"].map(numbers).fillna(-1).to_numpy(dtype=float) if names else -1.0
    named = table[:, PATTERN] >= 0
    table[named, OFFSET] = tilts[table[named, PATTERN].astype(int)]
    return table


def _antennas(network: Network) -> list[str]:
    """Names of the measured antennas in use, sorted."""
    network.check_antennas(network.antennas)
    return sorted({name for name in network.cells["antenna"].unique() if name})


class Cast:
    """Puts cells of a network on their masts.

    Attributes
    ----------
    xy_m
        Places of the cells in the grid's CRS, shape (cells, 2).
    """

    def __init__(
        self,
        network: Network,
        models: Mapping[str, Model],
        grid: Grid,
        terrain: Terrain | None,
        max_reach_m: float,
    ) -> None:
        self._network, self._models = network, models
        self._grid, self._terrain, self._max_reach_m = grid, terrain, max_reach_m
        cells = network.cells
        self._names = cells["cell_id"].to_numpy(dtype=object)
        self.xy_m = np.column_stack(network.xy_m(grid.crs))
        self._heights_m = cells["height_m"].to_numpy(dtype=float)
        self._environments = cells["environment"].to_numpy(dtype=object)
        technologies = cells["technology"].to_numpy(dtype=object)
        listed = list(dict.fromkeys(models.values()))
        self._listed = {model: number for number, model in enumerate(listed)}
        numbers = {technology: self._listed[model] for technology, model in models.items()}
        self._model = pd.Series(technologies).map(numbers).fillna(-1).to_numpy(dtype=np.int64)
        self._by_number = listed
        self._reaches: dict[tuple[Mast, Model, float], float] = {}

    @property
    def patterns(self) -> NDArray[np.float32]:
        """Measured patterns in use, shape (n, 2, 360), in the order by which the table numbers them."""
        names = _antennas(self._network)
        if not names:
            return np.zeros((0, 2, 360), np.float32)
        cuts = self._network.antennas.stack(names)  # noqa: PD013
        return np.ascontiguousarray(np.stack(cuts, axis=1))

    def key(self, row: int) -> SiteKey:
        """What the cells of a site share."""
        x_m, y_m = self.xy_m[row].tolist()
        model = self._by_number[self._model[row]]
        return x_m, y_m, float(self._heights_m[row]), self._environments[row], model

    def rows_of(self, keys: Iterable[SiteKey]) -> NDArray[np.int64]:
        """Rows of all cells of some sites, ascending."""
        found = np.zeros(len(self._names), bool)
        for x_m, y_m, height_m, environment, model in keys:
            here = np.flatnonzero((self.xy_m[:, 0] == x_m) & (self.xy_m[:, 1] == y_m))
            same = (self._heights_m[here] == height_m) & (self._environments[here] == environment)
            found[here[same & (self._model[here] == self._listed[model])]] = True
        return np.flatnonzero(found)

    def companions(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Rows of all cells that share a site with those given, ascending."""
        columns = {
            "x": self.xy_m[:, 0], "y": self.xy_m[:, 1], "h": self._heights_m, "e": self._environments,
            "m": self._model,
        }  # fmt: skip
        number = pd.DataFrame(columns).groupby(list(columns), sort=False).ngroup().to_numpy()
        return np.flatnonzero(np.isin(number, np.unique(number[rows])) & (self._model >= 0))

    def sites(self, rows: NDArray[np.int64], table: NDArray[np.float64]) -> tuple[Site, ...]:
        """Sites of some rows (all of a site's cells among them), in the order of the network."""
        groups: dict[SiteKey, list[int]] = {}
        for row in rows.tolist():
            groups.setdefault(self.key(row), []).append(row)
        return tuple(self._site(key, table[members], members) for key, members in groups.items())

    def _site(self, key: SiteKey, sectors: NDArray[np.float64], rows: list[int]) -> Site:
        """Set band and reach of the sectors of a mast."""
        x_m, y_m, height_m, environment, model = key
        freqs_mhz = tuple(sorted(set(sectors[:, BAND].tolist())))
        masts = {
            freq_mhz: Mast(x_m, y_m, Link(freq_mhz, height_m, RX_HEIGHT_M, environment))
            for freq_mhz in freqs_mhz
        }
        for sector in sectors:
            sector[REACH] = self._reach_m(masts[float(sector[BAND])], model, float(sector[EIRP]))
        sectors[:, BAND] = np.searchsorted(freqs_mhz, sectors[:, BAND])
        free_db = [_free_db(f) if model.never_below_free_space else -math.inf for f in freqs_mhz]
        cells = tuple(self._names[rows])
        reach_m = float(sectors[:, REACH].max())
        return Site(masts[freqs_mhz[0]], model, freqs_mhz, sectors, np.array(free_db), cells, reach_m)

    def _reach_m(self, mast: Mast, model: Model, eirp_dbm: float) -> float:
        """How far a cell is followed; cells of one mast with the same power share the answer."""
        key = (mast, model, eirp_dbm)
        if key not in self._reaches:
            reach_m = model.reach_m(mast, eirp_dbm - FLOOR_DBM, self._grid.resolution_m, self._terrain)
            self._reaches[key] = min(self._max_reach_m, reach_m)
        return self._reaches[key]


def _free_db(freq_mhz: float) -> float:
    return FREE_AT_METRE_DB + 20.0 * math.log10(freq_mhz / 1000.0)
