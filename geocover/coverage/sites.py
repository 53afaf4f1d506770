"""Sites: the cells of a network grouped by mast, as the kernels want them.

Cells of any operator, technology and band that stand at one place, at one height, under one model, share the
geometry of their paths.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from geocover.crs import WGS84, transformer
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
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from geocover.grid import Grid, Window
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


Layer = tuple[str, str]  # operator and technology
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

    def reaches(self, window: Window) -> bool:
        """Whether it may serve a pixel of a window."""
        return window.around(self.mast.x_m, self.mast.y_m, self.reach_m) is not None

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

    @cached_property
    def spans(self) -> NDArray[np.float64]:
        """Place in metres and reach of each site, shape (sites, 3)."""
        spans = [(site.mast.x_m, site.mast.y_m, site.reach_m) for site in self.sites]
        return np.array(spans).reshape(-1, 3)

    def near(self, window: Window) -> list[Site]:
        """Sites that reach into a window, the nearest first.

        They decide most pixels, so that far ones need less; the order does not change the result.
        """
        middle, half = window.middle_m, window.resolution_m * (max(window.shape) / 2 + 1)
        away = np.abs(self.spans[:, :2] - middle)
        near = np.flatnonzero((away < self.spans[:, 2:] + half).all(axis=1))
        order = near[np.argsort((away[near] ** 2).sum(axis=1), kind="stable")]
        return [site for site in (self.sites[at] for at in order.tolist()) if site.reaches(window)]


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
    chosen = np.sort(np.concatenate(rows)) if rows else np.zeros(0, np.int64)
    cast = Cast(network, chosen, models, grid, terrain, max_reach_m)
    return Plan(layers, rows, cast.sites(sector_table(network, rows, chosen)), patterns_of(network))


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


def sector_table(
    network: Network, rows: Sequence[NDArray[np.int64]], chosen: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Sector rows of chosen cells (`geocover.kernels.servers`): the band as a frequency, no reach yet."""
    cells = network.cells.iloc[chosen]
    names = _antennas(network)
    tilts = np.array([network.antennas[name].electrical_tilt_deg for name in names])
    table = np.zeros((len(cells), SECTOR_COLUMNS))
    table[:, LAYER], table[:, NUMBER] = (one[chosen] for one in numbering(len(network), rows))
    values = cells[list(_COLUMNS)].to_numpy(dtype=float)
    table[:, BAND] = values[:, 0]
    table[:, EIRP : WIDTH_V + 1] = values[:, 1:6]
    table[:, MECHANICAL] = values[:, 6]
    table[:, PATTERN] = -1.0
    if names:
        numbers = {name: number for number, name in enumerate(names)}
        table[:, PATTERN] = cells["antenna"].map(numbers).fillna(-1).to_numpy(dtype=float)
    named = table[:, PATTERN] >= 0
    table[named, OFFSET] = tilts[table[named, PATTERN].astype(int)]
    return table


def numbering(cells: int, rows: Sequence[NDArray[np.int64]]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Layer of each cell of a network, and its number there from 1 up; -1 and 0 for cells in no layer."""
    layer, number = np.full(cells, -1), np.zeros(cells, np.int64)
    for at, of_layer in enumerate(rows):
        layer[of_layer] = at
        number[of_layer] = np.arange(1, of_layer.size + 1)
    return layer, number


def patterns_of(network: Network) -> NDArray[np.float32]:
    """Measured patterns in use, shape (n, 2, 360), in the order by which the sector table numbers them."""
    names = _antennas(network)
    if not names:
        return np.zeros((0, 2, 360), np.float32)
    cuts = network.antennas.stack(names)
    return np.ascontiguousarray(np.stack(cuts, axis=1))


def _antennas(network: Network) -> list[str]:
    """Names of the measured antennas in use, sorted."""
    network.check_antennas(network.antennas)
    return sorted({name for name in network.cells["antenna"].unique() if name})


class Cast:
    """Puts chosen cells of a network, all of technologies that have a model, on their masts."""

    def __init__(
        self,
        network: Network,
        chosen: NDArray[np.int64],
        models: Mapping[str, Model],
        grid: Grid,
        terrain: Terrain | None,
        max_reach_m: float,
    ) -> None:
        self._grid, self._terrain, self._max_reach_m = grid, terrain, max_reach_m
        cells = network.cells.iloc[chosen]
        self._names = cells["cell_id"].to_numpy(dtype=object)
        x_m, y_m = transformer(WGS84, grid.crs).transform(cells["lon"].to_numpy(), cells["lat"].to_numpy())
        heights_m = cells["height_m"].to_numpy(dtype=float).tolist()
        masts = zip(np.asarray(x_m).tolist(), np.asarray(y_m).tolist(), heights_m, strict=True)
        self.keys: list[SiteKey] = [
            (*mast, environment, models[technology])
            for mast, environment, technology in zip(
                masts, cells["environment"], cells["technology"], strict=True
            )
        ]
        self._reaches: dict[tuple[Mast, Model, float], float] = {}

    def sites(self, table: NDArray[np.float64]) -> tuple[Site, ...]:
        """Sites of the chosen cells (all of a site's are among them), in the order of the network.

        `table` is the sector table of the chosen cells.
        """
        groups: dict[SiteKey, list[int]] = {}
        for number, key in enumerate(self.keys):
            groups.setdefault(key, []).append(number)
        return tuple(self._site(key, table[members], members) for key, members in groups.items())

    def _site(self, key: SiteKey, sectors: NDArray[np.float64], members: list[int]) -> Site:
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
        cells = tuple(self._names[members])
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
