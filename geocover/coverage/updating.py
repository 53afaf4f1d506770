"""update(): the coverage of a changed network, by computing what the change touches.

Levels are maxima, so a cell that comes is entered on top of what stands; where a cell that goes (or moves, or
turns) was serving, the pixels are emptied and all cells around are entered anew. The result has the bits of a
full prediction.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from geocover.coverage.predicting import Work, common_frame, make_rules, predict, run, split_layers
from geocover.coverage.sites import Cast, Plan, Site, layer_rows, sector_table
from geocover.coverage.tiles import Rules, around_mask, empty_tile, enter_site, finish, sites_around
from geocover.errors import ModelError
from geocover.kernels.servers import LAYER, NO_LEVEL, Tile

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from geocover.coverage.result import Coverage, Layer, LayerResult
    from geocover.grid import Grid, Window
    from geocover.network import Network
    from geocover.terrain import Terrain

TILE = 512


def update(
    coverage: Coverage, network: Network, terrain: Terrain | None = None, *, work: Work | None = None
) -> Coverage:
    """Coverage of a changed network, equal bit for bit to a full prediction.

    Cells are the same where their ``cell_id`` and all their values are. The coverage that is given stays as
    it is; layers that nothing has changed in are shared.

    Parameters
    ----------
    coverage
        The prediction for the network before.
    network
        The network now.
    terrain
        The terrain of that prediction.
    work
        Threads and progress.

    Raises
    ------
    ModelError
        A technology has come that the prediction had no model for.
    GeocoverError
        As for `predict`.
    """
    _check_technologies(coverage, network)
    work = work or Work()
    settings = coverage.settings
    reach_m, count_dbm = settings["max_reach_m"], settings.get("count_dbm")
    read = terrain if coverage.terrain_source is not None else None
    frame = common_frame(coverage.grid, read)
    change = _compare(coverage, network, frame, read)
    if change is None:
        return predict(
            network,
            terrain,
            model=coverage.models,
            grid=frame,
            max_reach_m=reach_m,
            count_dbm=count_dbm,
            work=work,
        )
    rules = make_rules(network, coverage.models, frame, read, reach_m, count_dbm)
    results = _Update(coverage, network, change, read, rules).apply(frame, work)
    return replace(coverage, network=network, results=results)


def _check_technologies(coverage: Coverage, network: Network) -> None:
    """Refuse a technology that is new and has no model: it would be left out in silence."""
    known = {technology for _, technology in coverage.network.layers} | set(coverage.models)
    new = sorted({technology for _, technology in network.layers} - known)
    if new:
        raise ModelError(
            f"{network.source}: no model for {', '.join(new)}, which the prediction did not have; "
            "predict again and give it a model",
            f"{network.source}: chưa có mô hình cho {', '.join(new)}; hãy tính lại và chọn mô hình",
        )


@dataclass(frozen=True, eq=False)
class _Change:
    """What differs between two networks.

    Attributes
    ----------
    layers
        Pairs of operator and technology, the same in both.
    before, after
        Rows of each layer's cells in either network.
    gone, come
        Sites of which a cell is new, gone or changed, as they were and as they are.
    stay
        The other sites that have cells in a layer of these, with the numbers that the cells have now.
    patterns
        Measured patterns in use now.
    """

    layers: tuple[Layer, ...]
    before: tuple[NDArray[np.int64], ...]
    after: tuple[NDArray[np.int64], ...]
    gone: tuple[Site, ...]
    come: tuple[Site, ...]
    stay: tuple[Site, ...]
    patterns: NDArray[np.float32]

    @property
    def touched(self) -> list[int]:
        """Numbers of the layers in which anything changes."""
        return _layers_of((*self.gone, *self.come))


def _layers_of(sites: Sequence[Site]) -> list[int]:
    """Numbers of the layers in which sites have cells, ascending."""
    return sorted({int(number) for site in sites for number in site.sectors[:, LAYER]})


def _compare(coverage: Coverage, network: Network, frame: Grid, terrain: Terrain | None) -> _Change | None:
    """Find what a new network changes; None where all has to be computed.

    That is where layers come or go, where cells that both networks have stand in another order (equal levels
    go to the first), and where the catalogue of antennas is another one.
    """
    models, old = coverage.models, coverage.network
    layers, before = layer_rows(old, models)
    layers_now, after = layer_rows(network, models)
    if layers != layers_now or not _same_order(old, network) or not _same_antennas(old, network):
        return None
    reach_m = coverage.settings["max_reach_m"]
    cast_old = Cast(old, models, frame, terrain, reach_m)
    cast_new = Cast(network, models, frame, terrain, reach_m)
    rows_old, rows_new = _differing(old, network, np.concatenate(before), np.concatenate(after))
    keys = {cast_old.key(row) for row in rows_old} | {cast_new.key(row) for row in rows_new}
    table_old, table_new = sector_table(old, before), sector_table(network, after)
    gone = cast_old.sites(cast_old.rows_of(keys), table_old)
    come = cast_new.sites(cast_new.rows_of(keys), table_new)
    near = _near(cast_new, after, (*gone, *come), reach_m)
    stay = [site for site in cast_new.sites(near, table_new) if site.key() not in keys]
    return _Change(layers, before, after, gone, come, tuple(stay), cast_new.patterns)


def _same_antennas(before: Network, after: Network) -> bool:
    """Whether the measured antennas that either network uses are the same in both catalogues."""
    used = sorted({*before.cells["antenna"].unique(), *after.cells["antenna"].unique()} - {""})
    pairs = [(before.antennas.get(name), after.antennas.get(name)) for name in used]
    return all(a is b or (a is not None and b is not None and a.same_pattern(b)) for a, b in pairs)


def _same_order(before: Network, after: Network) -> bool:
    """Whether the cells that both have stand in the same order."""
    old, new = pd.Index(before.cells["cell_id"]), pd.Index(after.cells["cell_id"])
    places = new.get_indexer(old)
    return bool((np.diff(places[places >= 0]) > 0).all())


def _differing(
    before: Network, after: Network, rows_old: NDArray[np.int64], rows_new: NDArray[np.int64]
) -> tuple[list[int], list[int]]:
    """Rows of the cells that the other network does not have just so."""
    columns = [name for name in before.cells if name in after.cells and not str(name).endswith("_assumed")]
    places = pd.Index(after.cells["cell_id"]).get_indexer(pd.Index(before.cells["cell_id"]))
    shared = np.flatnonzero(places >= 0)
    old = before.cells[columns].iloc[shared].reset_index(drop=True)
    new = after.cells[columns].iloc[places[shared]].reset_index(drop=True)
    same = np.ones(shared.size, bool)
    for name in columns:
        alike = old[name].eq(new[name]) | (old[name].isna() & new[name].isna())
        same &= alike.fillna(value=False).to_numpy(dtype=bool)
    kept_old, kept_new = np.zeros(len(before), bool), np.zeros(len(after), bool)
    kept_old[shared[same]] = True
    kept_new[places[shared[same]]] = True
    changed_old = np.sort(rows_old[~kept_old[rows_old]])
    changed_new = np.sort(rows_new[~kept_new[rows_new]])
    return changed_old.tolist(), changed_new.tolist()


def _near(
    cast: Cast, rows: Sequence[NDArray[np.int64]], sites: Sequence[Site], reach_m: float
) -> NDArray[np.int64]:
    """Rows of all cells of sites that share a layer with given sites and may share a pixel with them."""
    places = {(site.mast.x_m, site.mast.y_m) for site in sites}
    if not places:
        return np.zeros(0, np.int64)
    tree = cKDTree(sorted(places))
    chosen = np.concatenate([rows[number] for number in _layers_of(sites)])
    # Squares of half side `reach_m` around two masts meet where the masts are this near in x and in y.
    distance, _ = tree.query(cast.xy_m[chosen], p=np.inf, distance_upper_bound=2.0 * reach_m + 1.0)
    return cast.companions(chosen[np.isfinite(distance)])


class _Update:
    """A change applied to the arrays of a coverage."""

    def __init__(
        self, coverage: Coverage, network: Network, change: _Change, terrain: Terrain | None, rules: Rules
    ) -> None:
        self.coverage, self.network, self.change = coverage, network, change
        self.lost: list[NDArray[np.bool_]] = []
        self.terrain, self.rules = terrain, rules
        self.touched = change.touched
        layers, rows = change.layers, change.after
        self.plan = Plan(
            tuple(layers[number] for number in self.touched),
            tuple(rows[number] for number in self.touched),
            (),
            change.patterns,
        )
        self.gone = [self._local(site) for site in change.gone]
        self.come = [self._local(site) for site in change.come]
        self.stay = [self._local(site) for site in change.stay]

    def apply(self, frame: Grid, work: Work) -> dict[Layer, LayerResult]:
        """Results by layer: new arrays for layers that change, the same ones for others."""
        results = {
            layer: replace(self.coverage.results[layer], rows=rows)
            for layer, rows in zip(self.change.layers, self.change.after, strict=True)
        }
        if not self.touched:
            return results
        whole = self._copies(frame.shape)
        windows = [w for w in frame.tiles(TILE) if _reaches(w, self.gone) or _reaches(w, self.come)]

        def one(window: Window) -> None:
            part = (slice(None), *window.slices)
            tile = Tile(*(np.ascontiguousarray(array[part]) for array in whole))
            self._enter(tile, window)
            for target, changed in zip(whole, tile, strict=True):
                target[part] = changed

        run(one, windows, work)
        return {**results, **split_layers(self.plan, whole)}

    def _copies(self, shape: tuple[int, int]) -> Tile:
        """Arrays of the layers that change, the cells that stay numbered as they are now."""
        whole = empty_tile(self.plan, shape, self.rules)
        for place, number in enumerate(self.touched):
            old = self.coverage.results[self.change.layers[number]]
            whole.level[place] = old.level
            whole.server[place] = self._renumbered(number, old.server)
            if len(whole.possible) and old.possible is not None:
                whole.possible[place] = old.possible
            if len(whole.count) and old.count is not None:
                whole.count[place] = old.count
        return whole

    def _renumbered(self, layer: int, server: NDArray[np.unsignedinteger]) -> NDArray[np.unsignedinteger]:
        """Serving cells by the numbers that they have now; notes which numbers stand for cells that are gone.

        Where no cell came or went before those that stay, their numbers are the same, and nothing is touched.
        """
        numbers = self._numbers(layer)
        stay = numbers > 0
        if (numbers[stay] == np.flatnonzero(stay)).all():
            self.lost.append(~stay)
            self.lost[-1][0] = False
            return server
        self.lost.append(np.zeros(max(numbers.max() + 1, 1), bool))
        self.lost[-1][0] = True
        renumbered: NDArray[np.unsignedinteger] = numbers.astype(server.dtype)[server]
        return renumbered

    def _numbers(self, layer: int) -> NDArray[np.int64]:
        """Number now of each number of a layer before; 0 for none and for cells of sites that change."""
        names = self.coverage.network.cells["cell_id"].to_numpy()[self.change.before[layer]]
        now = pd.Index(self.network.cells["cell_id"].to_numpy()[self.change.after[layer]])
        gone = [name for site in self.change.gone for name in site.cells]
        numbers = np.where(np.isin(names, gone), 0, now.get_indexer(pd.Index(names)) + 1)
        return np.concatenate([[0], numbers])

    def _enter(self, tile: Tile, window: Window) -> None:
        """Empty what the sites that have gone leave open, and enter those that stay there; then the new."""
        mask = self._emptied(tile, window)
        if mask.any():
            for site in sites_around(around_mask(window, mask), self.stay):
                enter_site(tile, window, site, self.plan, self.terrain, self.rules, mask)
        for site in sites_around(window, self.come):
            enter_site(tile, window, site, self.plan, self.terrain, self.rules)
        finish(tile)

    def _emptied(self, tile: Tile, window: Window) -> NDArray[np.bool_]:
        """Empty the pixels that a site that has gone was serving (or might have, or was counted in)."""
        mask = np.zeros(window.shape, np.bool_)
        for level, server, lost in zip(tile.level, tile.server, self.lost, strict=True):
            mask |= (level != NO_LEVEL) & lost[np.minimum(server, lost.size - 1)] & (server < lost.size)
        if len(tile.possible) or len(tile.count):
            near = self._near_gone(window)
            mask |= near if len(tile.count) else near & (tile.possible != NO_LEVEL).any(axis=0)
        tile.level[:, mask] = NO_LEVEL
        tile.server[:, mask] = 0
        tile.possible[:, mask] = NO_LEVEL
        tile.count[:, mask] = 0
        return mask

    def _near_gone(self, window: Window) -> NDArray[np.bool_]:
        """Pixels that a site that has gone may have reached."""
        near = np.zeros(window.shape, np.bool_)
        for site in self.gone:
            part = window.around(site.mast.x_m, site.mast.y_m, site.reach_m)
            if part is not None:
                row, col = part.row - window.row, part.col - window.col
                near[row : row + part.shape[0], col : col + part.shape[1]] = True
        return near

    def _local(self, site: Site) -> Site:
        """The site with its cells in the layers that change alone, counted among these."""
        table = site.sectors[np.isin(site.sectors[:, LAYER], self.touched)].copy()
        table[:, LAYER] = np.searchsorted(self.touched, table[:, LAYER])
        return replace(site, sectors=table)


def _reaches(window: Window, sites: list[Site]) -> bool:
    return any(window.around(one.mast.x_m, one.mast.y_m, one.reach_m) is not None for one in sites)
