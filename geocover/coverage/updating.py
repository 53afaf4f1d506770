"""update(): the coverage of a changed network, by computing what the change touches.

Levels are maxima, so a cell that comes is entered on top of what stands; where a cell that goes (or moves, or
turns) was serving, the pixels are emptied and all cells around are entered anew. The result has the bits of a
full prediction.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from geocover.coverage.predicting import Work, common_frame, make_rules, predict, split_layers
from geocover.coverage.sites import (
    Cast,
    Plan,
    Site,
    SiteKey,
    layer_rows,
    numbering,
    patterns_of,
    sector_table,
)
from geocover.coverage.tiles import Filling, Rules, empty_tile, enter_site, finish
from geocover.errors import ModelError
from geocover.kernels.servers import LAYER, NO_LEVEL, NUMBER, Tile

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from geocover.coverage.result import Coverage, LayerResult
    from geocover.coverage.sites import Layer
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
    rules = make_rules(change.come, frame, read, count_dbm)
    if any(result.possible is not None for result in coverage.results.values()):
        rules = replace(rules, cut=True)
    results = _Update(coverage, change, read, rules).apply(frame, work)
    return replace(coverage, network=network, results=results, plan=change.plan)


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
    """What differs between two networks with the same layers.

    Attributes
    ----------
    plan
        All sites as they are, those that nothing has changed at first.
    stay
        How many these are.
    gone
        Sites of which a cell is new, gone or changed, as they were.
    numbers
        For each layer the number now of each number before; 0 for none and for cells of sites that change.
    """

    plan: Plan
    stay: int
    gone: tuple[Site, ...]
    numbers: tuple[NDArray[np.int64], ...]

    @property
    def come(self) -> tuple[Site, ...]:
        """Sites of which a cell is new, gone or changed, as they are."""
        return self.plan.sites[self.stay :]

    @property
    def touched(self) -> list[int]:
        """Numbers of the layers in which anything changes, ascending."""
        return sorted({int(layer) for site in (*self.gone, *self.come) for layer in site.sectors[:, LAYER]})


def _compare(coverage: Coverage, network: Network, frame: Grid, terrain: Terrain | None) -> _Change | None:
    """Find what a new network changes; None where all has to be computed.

    That is where layers come or go, where cells that both networks have stand in another order (equal levels
    go to the first), and where the catalogue of antennas is another one.
    """
    models, old, plan = coverage.models, coverage.network, coverage.plan
    layers, rows = layer_rows(network, models)
    names = pd.Index(old.cells["cell_id"])
    places = pd.Index(network.cells["cell_id"]).get_indexer(names)
    in_order = bool((np.diff(places[places >= 0]) > 0).all())
    if plan is None or plan.layers != layers or not in_order or not _same_antennas(old, network):
        return None
    changed_old, changed_new = _differing(old, network, places)
    seen = np.sort(np.concatenate(rows))

    def cast(chosen: NDArray[np.int64]) -> Cast:
        return Cast(network, chosen, models, frame, terrain, coverage.settings["max_reach_m"])

    keys = set(cast(np.flatnonzero(changed_new & np.isin(np.arange(len(network)), seen))).keys)
    gone, kept = _split(plan.sites, names[changed_old], keys)
    leaving = names.get_indexer([name for site in gone for name in site.cells])
    chosen = changed_new.copy()
    chosen[places[leaving][places[leaving] >= 0]] = True
    come_rows = seen[chosen[seen]]
    come = cast(come_rows).sites(sector_table(network, rows, come_rows))
    places[leaving] = -1
    numbers = _numbers(plan.rows, rows, places, len(network))
    stay = _renumbered(kept, numbers)
    now = Plan(layers, rows, (*stay, *come), patterns_of(network))
    return _Change(now, len(stay), gone, numbers)


def _split(
    sites: Sequence[Site], changed: Iterable[str], keys: set[SiteKey]
) -> tuple[tuple[Site, ...], tuple[Site, ...]]:
    """Sites with a changed cell, or on whose mast one has come; and the others."""
    names, spots = set(changed), {key[:2] for key in keys}

    def concerned(site: Site) -> bool:
        there = (site.mast.x_m, site.mast.y_m) in spots and site.key() in keys
        return there or not names.isdisjoint(site.cells)

    gone = tuple(site for site in sites if concerned(site))
    left = set(map(id, gone))
    return gone, tuple(site for site in sites if id(site) not in left)


def _numbers(
    before: Sequence[NDArray[np.int64]],
    after: Sequence[NDArray[np.int64]],
    places: NDArray[np.int64],
    cells: int,
) -> tuple[NDArray[np.int64], ...]:
    """By layer, the number now of each number before; `places` has the row now of each row before, or -1."""
    _, number = numbering(cells, after)
    return tuple(
        np.concatenate([[0], np.where(places[rows] >= 0, number[places[rows]], 0)]) for rows in before
    )


def _renumbered(sites: tuple[Site, ...], numbers: Sequence[NDArray[np.int64]]) -> tuple[Site, ...]:
    """Sites whose cells have the numbers that they have now; the same ones where none has another."""
    if not sites:
        return sites
    table = np.concatenate([site.sectors for site in sites])
    layer, number = table[:, LAYER].astype(np.int64), table[:, NUMBER].astype(np.int64)
    for at, of_layer in enumerate(numbers):
        table[layer == at, NUMBER] = of_layer[number[layer == at]]
    if (table[:, NUMBER] == number).all():
        return sites
    ends = np.cumsum([len(site.sectors) for site in sites])
    parts = np.split(table, ends[:-1])
    return tuple(replace(site, sectors=part) for site, part in zip(sites, parts, strict=True))


def _same_antennas(before: Network, after: Network) -> bool:
    """Whether the measured antennas that either network uses are the same in both catalogues."""
    used = sorted({*before.cells["antenna"].unique(), *after.cells["antenna"].unique()} - {""})
    pairs = [(before.antennas.get(name), after.antennas.get(name)) for name in used]
    return all(a is b or (a is not None and b is not None and a.same_pattern(b)) for a, b in pairs)


def _differing(
    before: Network, after: Network, places: NDArray[np.int64]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which cells of either network the other one does not have just so."""
    columns = [name for name in before.cells if name in after.cells and not str(name).endswith("_assumed")]
    shared = np.flatnonzero(places >= 0)
    old = before.cells[columns].iloc[shared].reset_index(drop=True)
    new = after.cells[columns].iloc[places[shared]].reset_index(drop=True)
    same = np.ones(shared.size, bool)
    for name in columns:
        alike = old[name].eq(new[name]) | (old[name].isna() & new[name].isna())
        same &= alike.fillna(value=False).to_numpy(dtype=bool)
    changed_old, changed_new = np.ones(len(before), bool), np.ones(len(after), bool)
    changed_old[shared[same]] = False
    changed_new[places[shared[same]]] = False
    return changed_old, changed_new


class _Update:
    """A change applied to the arrays of a coverage."""

    def __init__(self, coverage: Coverage, change: _Change, terrain: Terrain | None, rules: Rules) -> None:
        self.coverage, self.change = coverage, change
        self.terrain, self.rules = terrain, rules
        self.touched = change.touched
        layers, rows = change.plan.layers, change.plan.rows
        self.plan = Plan(
            tuple(layers[number] for number in self.touched),
            tuple(rows[number] for number in self.touched),
            change.plan.sites[: change.stay],
            change.plan.patterns,
        )
        self.numbers = [change.numbers[number] for number in self.touched]
        self.come = [self._local(site) for site in change.come]

    def apply(self, frame: Grid, work: Work) -> dict[Layer, LayerResult]:
        """Results by layer: new arrays for layers that change, the same ones for others."""
        layers, rows = self.change.plan.layers, self.change.plan.rows
        results = {
            layer: replace(self.coverage.results[layer], rows=of_layer)
            for layer, of_layer in zip(layers, rows, strict=True)
        }
        if not self.touched:
            return results
        windows = [
            window
            for window in frame.tiles(TILE)
            if any(site.reaches(window) for site in (*self.change.gone, *self.come))
        ]
        with ThreadPoolExecutor(work.workers()) as pool:
            # Copying the rest waits for memory, computing does not.
            whole = pool.submit(self._copies, frame.shape)
            tiles = []
            for done, window in enumerate(windows, start=1):
                tiles.append(self._tile(window, pool))
                if work.progress is not None:
                    work.progress(done, len(windows))
        for window, tile in zip(windows, tiles, strict=True):
            for target, changed in zip(whole.result(), tile, strict=True):
                target[(slice(None), *window.slices)] = changed
        return {**results, **split_layers(self.plan, whole.result())}

    def _copies(self, shape: tuple[int, int]) -> Tile:
        """Arrays of the layers that change, the cells that stay numbered as they are now."""
        whole = empty_tile(self.plan, shape, self.rules)
        self._copy(whole, (slice(None), slice(None)), [_in_place(numbers) for numbers in self.numbers])
        return whole

    def _copy(
        self, tile: Tile, part: tuple[slice, slice], numbers: Sequence[NDArray[np.int64] | None]
    ) -> None:
        """Fill a tile with what stood in a part of the coverage; cells have the numbers of now."""
        for place, number in enumerate(self.touched):
            old = self.coverage.results[self.change.plan.layers[number]]
            now = numbers[place]
            tile.level[place] = old.level[part]
            tile.server[place] = (
                old.server[part] if now is None else now.astype(tile.server.dtype)[old.server[part]]
            )
            if len(tile.possible) and old.possible is not None:
                tile.possible[place] = old.possible[part]
            if len(tile.count) and old.count is not None:
                tile.count[place] = old.count[part]

    def _tile(self, window: Window, pool: ThreadPoolExecutor) -> Tile:
        """Empty what the sites that have gone leave open, and enter those that stay there; then the new."""
        tile = empty_tile(self.plan, window.shape, self.rules)
        self._copy(tile, window.slices, self.numbers)
        mask = self._emptied(tile, window)
        filling = Filling(tile, window, self.plan, self.terrain, self.rules)
        for site in self.come:
            enter_site(filling, site)
        if mask.any():
            gap = replace(filling, mask=mask)
            near = map(self._local, self.plan.near(gap.frame))
            list(pool.map(lambda site: enter_site(gap, site), near))
        finish(tile)
        return tile

    def _emptied(self, tile: Tile, window: Window) -> NDArray[np.bool_]:
        """Empty the pixels that a site that has gone was serving (or might have, or was counted in)."""
        mask: NDArray[np.bool_] = ((tile.level != NO_LEVEL) & (tile.server == 0)).any(axis=0)
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
        for site in self.change.gone:
            part = window.around(site.mast.x_m, site.mast.y_m, site.reach_m)
            if part is not None:
                row, col = part.row - window.row, part.col - window.col
                near[row : row + part.shape[0], col : col + part.shape[1]] = True
        return near

    def _local(self, site: Site) -> Site:
        """The site with its cells in the layers that change alone, counted among these."""
        if len(self.touched) == len(self.change.plan.layers):
            return site
        table = site.sectors[np.isin(site.sectors[:, LAYER], self.touched)].copy()
        table[:, LAYER] = np.searchsorted(self.touched, table[:, LAYER])
        return replace(site, sectors=table)


def _in_place(numbers: NDArray[np.int64]) -> NDArray[np.int64] | None:
    """None where the cells that stay have the numbers that they had.

    Those that go serve in tiles alone that are computed.
    """
    stay = np.flatnonzero(numbers)
    return None if (numbers[stay] == stay).all() else numbers
