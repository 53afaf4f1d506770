"""predict(): from a network to the best level and the serving cell of every pixel.

The grid is cut into tiles; a tile is a pure function of the inputs, so that the result has the same bits for
any tile size and any number of threads, and a finished tile can be kept.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from geocover.coverage.keeping import TileStore
from geocover.coverage.result import Coverage, LayerResult
from geocover.coverage.sites import FLOOR_DBM, MAX_REACH_M, RX_HEIGHT_M, Layer, Plan, Site, plan_sites
from geocover.coverage.tiles import NEVER_DBM, Filling, Rules, empty_tile, enter_site, finish, let_go
from geocover.errors import GridError, ModelError, TerrainError
from geocover.kernels.servers import NO_LEVEL, Tile
from geocover.propagation.base import Model

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from geocover.grid import Grid, Window
    from geocover.network import Network
    from geocover.terrain import Terrain

TILE = 512


@dataclass(frozen=True, slots=True)
class Work:
    """How the computing is done; it never changes the result.

    Attributes
    ----------
    threads
        Threads; as many as the machine has processors where None.
    tile
        Side of a tile in pixels.
    keep
        Folder for finished tiles: a computation that was stopped continues there, and a later one takes over
        the tiles that nothing has changed for. The result's arrays lie in files there too (without a name,
        gone with the arrays), so that a nation may exceed memory.
    progress
        Called with the number of finished tiles and of all tiles.
    """

    threads: int | None = None
    tile: int = TILE
    keep: Path | None = None
    progress: Callable[[int, int], None] | None = None

    def workers(self) -> int:
        """Threads to use."""
        return self.threads or os.cpu_count() or 1


def predict(
    network: Network,
    terrain: Terrain | None = None,
    *,
    model: Model | Mapping[str, Model],
    grid: Grid | None = None,
    max_reach_m: float = MAX_REACH_M,
    count_dbm: float | None = None,
    work: Work | None = None,
) -> Coverage:
    """Predict the best level and the serving cell of every pixel, per operator and technology.

    Parameters
    ----------
    network
        The cells.
    terrain
        Elevation on the grid, or on a larger one aligned with it, so that masts and ridges outside count; its
        grid is used where no other is given.
    model
        One model, or one per technology ({"4G": ..., "5G": ...}); only those technologies are predicted.
    grid
        The frame, needed where there is no terrain.
    max_reach_m
        No cell is followed farther than this.
    count_dbm
        Where given, the cells of a layer at or above this level are counted for each pixel; pixels that could
        otherwise be passed over have to be computed then.
    work
        Threads, tile size, folder of finished tiles, progress.

    Returns
    -------
    Coverage
        Memory: 4 bytes a pixel and layer (2 more where paths are cut by missing terrain, 2 more for counts),
        in files and not in memory with ``Work(keep=folder)``; and per thread a tile of that and of 8 bytes a
        pixel and band.

    Raises
    ------
    GridError
        Neither grid nor terrain, or terrain that is not aligned with the grid or does not hold it.
    TerrainError
        A model needs terrain and there is none.
    ModelError
        No cell is of a technology that has a model, or a link is outside its model's range.
    """
    frame = common_frame(grid, terrain)
    models = _models(model, network)
    for chosen in models.values():
        if chosen.needs_terrain and terrain is None:
            raise TerrainError(
                f"model {chosen.name} needs terrain; give --terrain or choose a model that needs none",
                f"mô hình {chosen.name} cần địa hình; hãy thêm --terrain hoặc chọn mô hình khác",
            )
    read = terrain if any(chosen.needs_terrain for chosen in models.values()) else None
    plan = plan_sites(network, models, frame, read, max_reach_m)
    rules = make_rules(plan.sites, frame, read, count_dbm)
    results = _compute(plan, frame, read, rules, work or Work())
    settings = {"floor_dbm": FLOOR_DBM, "max_reach_m": max_reach_m, "rx_height_m": RX_HEIGHT_M}
    if count_dbm is not None:
        settings["count_dbm"] = count_dbm
    return Coverage(frame, network, results, models, settings, read.source if read else None, plan)


def make_rules(sites: Sequence[Site], frame: Grid, terrain: Terrain | None, count_dbm: float | None) -> Rules:
    """Rules of a prediction of some sites over a terrain (None where no model reads any)."""
    cut = terrain is not None and (
        not terrain.complete or any(_beside(site, frame, terrain.grid) for site in sites)
    )
    return Rules(FLOOR_DBM, NEVER_DBM if count_dbm is None else count_dbm, cut)


def _beside(site: Site, frame: Grid, ground: Grid) -> bool:
    """Whether a mast that reaches the frame stands beside the ground that its model reads."""
    on_ground = ground.pixel(site.mast.x_m, site.mast.y_m) is not None
    return site.model.needs_terrain and not on_ground and site.reaches(frame.whole())


def common_frame(grid: Grid | None, terrain: Terrain | None) -> Grid:
    """Frame of the result: the grid, else the terrain's.

    Raises
    ------
    GridError
        Neither is given, or the terrain is not aligned with the grid or does not hold all of it.
    """
    if grid is not None:
        if terrain is not None:
            terrain.grid.offset_of(grid)
        return grid
    if terrain is None:
        raise GridError("predict needs a grid or a terrain", "cần lưới hoặc địa hình để tính")
    return terrain.grid


def _models(model: Model | Mapping[str, Model], network: Network) -> dict[str, Model]:
    present = sorted({technology for _, technology in network.layers})
    if isinstance(model, Model):
        return dict.fromkeys(present, model)
    chosen = {technology: model[technology] for technology in present if technology in model}
    if not chosen:
        raise ModelError(f"no model for any of {present}", f"không có mô hình cho {present}")
    return chosen


def _compute(
    plan: Plan, frame: Grid, terrain: Terrain | None, rules: Rules, work: Work
) -> dict[Layer, LayerResult]:
    """All tiles, on a pool of threads (the kernels release the interpreter's lock); the first error stops."""
    if work.keep is not None:
        work.keep.mkdir(parents=True, exist_ok=True)
    whole = empty_tile(plan, frame.shape, rules, work.keep)
    store = TileStore(work.keep, terrain, rules, plan) if work.keep is not None else None
    windows = list(frame.tiles(work.tile))

    def one(window: Window) -> None:
        tile = compute_tile(plan, window, terrain, rules, store)
        for target, part in zip(whole, tile, strict=True):
            target[(slice(None), *window.slices)] = part
        let_go(whole)

    run(one, windows, work)
    if store is not None:
        store.forget_others()
    return split_layers(plan, whole)


def compute_tile(
    plan: Plan, window: Window, terrain: Terrain | None, rules: Rules, store: TileStore | None
) -> Tile:
    """One tile, from the store where it is there."""
    near = plan.near(window)
    found = store.load(window, near) if store is not None else None
    if found is not None:
        return found
    tile = empty_tile(plan, window.shape, rules)
    filling = Filling(tile, window, plan, terrain, rules)
    for site in near:
        enter_site(filling, site)
    finish(tile)
    if store is not None:
        store.save(window, near, tile)
    return tile


def split_layers(plan: Plan, whole: Tile) -> dict[Layer, LayerResult]:
    """Results by layer; `possible` only where a path was cut."""
    results = {}
    for number, (layer, rows) in enumerate(zip(plan.layers, plan.rows, strict=True)):
        possible = whole.possible[number] if len(whole.possible) else None
        if possible is not None and (possible == NO_LEVEL).all():
            possible = None
        count = whole.count[number] if len(whole.count) else None
        results[layer] = LayerResult(whole.level[number], whole.server[number], possible, count, rows)
    return results


def run(task: Callable[[Window], None], windows: list[Window], work: Work) -> None:
    """Run a task for each window on the threads of the work, with its progress."""
    with ThreadPoolExecutor(work.workers()) as pool:
        for done, _ in enumerate(pool.map(task, windows), start=1):
            if work.progress is not None:
                work.progress(done, len(windows))
