"""predict(): from a network to the best level and the serving cell of every pixel.

The grid is cut into tiles; a tile of one operator's one technology is a pure function of the inputs, so that
the result has the same bits for any tile size and any number of threads.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from geocover.errors import GridError, ModelError, TerrainError
from geocover.kernels.disc import keep_best_server
from geocover.propagation.base import Link, Mast, Model
from geocover.raster import Raster

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from geocover.grid import Grid, Window
    from geocover.network import Network
    from geocover.terrain import Terrain

ANY, ALL = "any", "all"
RX_HEIGHT_M = 1.5
TILE = 512
FLOOR_DBM = -125.0
MAX_REACH_M = 15_000.0

Layer = tuple[str, str]


@dataclass(frozen=True, eq=False)
class Coverage:
    """Received level and serving cell, per operator and technology.

    Attributes
    ----------
    grid
        The frame.
    network
        The cells that ``server`` numbers.
    layers
        Pairs of operator and technology, sorted.
    level_dbm
        RSRP outdoors at the receiver's height, float32, shape (layers, rows, cols); NaN below the floor.
    server
        Row of the serving cell in ``network.cells``, int32, same shape; -1 where there is none.
    models
        The propagation model of each technology.
    settings
        Floor, greatest reach and receiver height, for manifests.
    terrain_source
        Where the elevation came from; None where no model read any.
    """

    grid: Grid
    network: Network
    layers: tuple[Layer, ...]
    level_dbm: NDArray[np.float32]
    server: NDArray[np.int32]
    models: Mapping[str, Model]
    settings: Mapping[str, float] = field(default_factory=dict)
    terrain_source: str | None = None

    @property
    def technologies(self) -> tuple[str, ...]:
        """Technologies with a layer, sorted."""
        return tuple(sorted({technology for _, technology in self.layers}))

    def operators(self, technology: str) -> tuple[str, ...]:
        """Operators with a layer of the technology, sorted."""
        return tuple(operator for operator, tech in self.layers if tech == technology)

    def level(self, operator: str, technology: str) -> Raster:
        """Level of an operator, of the best ("any") or of the weakest of all operators ("all").

        Raises
        ------
        GridError
            If there is no such layer.
        """
        if operator not in (ANY, ALL):
            return Raster(self.grid, self.level_dbm[self._index(operator, technology)], "dBm")
        chosen = [self._index(name, technology) for name in self.operators(technology)]
        if not chosen:
            raise GridError(f"no layer of {technology}; there are {self.layers}")
        values = self.level_dbm[chosen[0]].copy()
        combine = np.fmax if operator == ANY else np.minimum  # fmax skips NaN, minimum keeps it
        for index in chosen[1:]:
            combine(values, self.level_dbm[index], out=values)
        return Raster(self.grid, values, "dBm")

    def serving(self, operator: str, technology: str) -> NDArray[np.int32]:
        """Row of the serving cell in ``network.cells``, shape ``grid.shape``; -1 where there is none."""
        server: NDArray[np.int32] = self.server[self._index(operator, technology)]
        return server

    def _index(self, operator: str, technology: str) -> int:
        if (operator, technology) not in self.layers:
            raise GridError(f"no layer {operator} {technology}; there are {self.layers}")
        return self.layers.index((operator, technology))


_SECTOR_COLUMNS = ("eirp_dbm", "azimuth_deg", "downtilt_deg", "beamwidth_h_deg", "beamwidth_v_deg")


@dataclass(frozen=True, slots=True)
class _Sector:
    """A cell as the kernel wants it."""

    number: int
    eirp_dbm: float
    azimuth_deg: float
    downtilt_deg: float
    beamwidth_h_deg: float
    beamwidth_v_deg: float

    def as_tuple(self, *, antenna: bool) -> tuple[float, float, float, float, float]:
        if not antenna:
            return self.eirp_dbm, np.nan, 0.0, 0.0, 0.0
        return self.eirp_dbm, self.azimuth_deg, self.downtilt_deg, self.beamwidth_h_deg, self.beamwidth_v_deg


@dataclass(frozen=True, slots=True)
class _Site:
    """Cells that share a mast and a link, and how far the strongest of them reaches."""

    mast: Mast
    sectors: tuple[_Sector, ...]
    reach_m: float


@dataclass(frozen=True, slots=True)
class Work:
    """How the computing is done; it never changes the result.

    Attributes
    ----------
    threads
        Threads; as many as the machine has processors where None.
    tile
        Side of a tile in pixels.
    scratch
        Folder for the result's arrays as memory-mapped files, for grids larger than memory.
    progress
        Called with the number of finished tiles and of all tiles.
    """

    threads: int | None = None
    tile: int = TILE
    scratch: Path | None = None
    progress: Callable[[int, int], None] | None = None


def predict(
    network: Network,
    terrain: Terrain | None = None,
    *,
    model: Model | Mapping[str, Model],
    grid: Grid | None = None,
    max_reach_m: float = MAX_REACH_M,
    work: Work | None = None,
) -> Coverage:
    """Predict the best level and the serving cell of every pixel, per operator and technology.

    Parameters
    ----------
    network
        The cells.
    terrain
        Elevation; its grid is used where no other is given.
    model
        One model, or one per technology ({"4G": ..., "5G": ...}); only those technologies are predicted.
    grid
        The frame, needed where there is no terrain.
    max_reach_m
        No cell is followed farther than this.
    work
        Threads, tile size, scratch folder, progress.

    Returns
    -------
    Coverage
        Memory: 8 bytes a pixel and layer (on disk where the work has a scratch folder), and per thread one
        tile of 4 bytes a pixel.

    Raises
    ------
    GridError
        Neither grid nor terrain, or terrain on another grid.
    TerrainError
        A model needs terrain and there is none.
    ModelError
        No cell is of a technology that has a model.
    """
    frame = _frame(grid, terrain)
    models = _models(model, network)
    for chosen in models.values():
        if chosen.needs_terrain and terrain is None:
            raise TerrainError(
                f"model {chosen.name} needs terrain; give --terrain or choose a model that needs none",
                f"mô hình {chosen.name} cần địa hình; hãy thêm --terrain hoặc chọn mô hình khác",
            )
    layers = tuple(layer for layer in network.layers if layer[1] in models)
    sites = {layer: _sites(network, layer, models[layer[1]], frame, max_reach_m) for layer in layers}
    shape = (len(layers), *frame.shape)
    work = work or Work()
    level_dbm = _array(shape, np.float32, np.nan, work.scratch, "level")
    server = _array(shape, np.int32, -1, work.scratch, "server")

    def one_tile(task: tuple[int, Window]) -> None:
        index, window = task
        layer = layers[index]
        part = (index, *window.slices)
        _fill_tile(window, sites[layer], models[layer[1]], terrain, level_dbm[part], server[part])

    _run(one_tile, [(i, w) for w in frame.tiles(work.tile) for i in range(len(layers))], work)
    settings = {"floor_dbm": FLOOR_DBM, "max_reach_m": max_reach_m, "rx_height_m": RX_HEIGHT_M}
    read = terrain if any(chosen.needs_terrain for chosen in models.values()) else None
    return Coverage(
        frame, network, layers, level_dbm, server, models, settings, read.source if read else None
    )


def _frame(grid: Grid | None, terrain: Terrain | None) -> Grid:
    if grid is None and terrain is None:
        raise GridError("predict needs a grid or a terrain", "cần lưới hoặc địa hình để tính")
    if grid is not None and terrain is not None and terrain.grid != grid:
        raise GridError("the terrain stands on another grid; read it with read_terrain(path, grid)")
    return grid if grid is not None else terrain.grid  # type: ignore[union-attr]


def _models(model: Model | Mapping[str, Model], network: Network) -> dict[str, Model]:
    present = sorted({technology for _, technology in network.layers})
    if isinstance(model, Model):
        return dict.fromkeys(present, model)
    chosen = {technology: model[technology] for technology in present if technology in model}
    if not chosen:
        raise ModelError(f"no model for any of {present}", f"không có mô hình cho {present}")
    return chosen


def _array(shape: tuple[int, ...], dtype: type, fill: float, scratch: Path | None, name: str) -> NDArray[Any]:
    if scratch is None:
        return np.full(shape, fill, dtype)
    scratch.mkdir(parents=True, exist_ok=True)
    mapped = np.lib.format.open_memmap(scratch / f"{name}.npy", mode="w+", dtype=dtype, shape=shape)
    mapped[...] = fill
    return mapped


def _sites(network: Network, layer: Layer, model: Model, grid: Grid, max_reach_m: float) -> list[_Site]:
    """Cells of a layer grouped by mast and link, in the order of the network."""
    xs_m, ys_m = network.xy_m(grid.crs)
    cells = network.cells
    of_layer = (cells["operator"] == layer[0]) & (cells["technology"] == layer[1])
    groups: dict[Mast, list[_Sector]] = {}
    numbers = np.flatnonzero(of_layer)
    columns = [cells[name].to_numpy()[numbers].tolist() for name in ("height_m", "freq_mhz", "environment")]
    sectors = [cells[name].to_numpy(dtype=float)[numbers].tolist() for name in _SECTOR_COLUMNS]
    for number, height_m, freq_mhz, environment, *antenna in zip(
        numbers.tolist(), *columns, *sectors, strict=True
    ):
        link = Link(freq_mhz, height_m, RX_HEIGHT_M, environment)
        mast = Mast(float(xs_m[number]), float(ys_m[number]), link)
        groups.setdefault(mast, []).append(_Sector(number, *antenna))
    return [_site(mast, entered, model, grid, max_reach_m) for mast, entered in groups.items()]


def _site(mast: Mast, sectors: list[_Sector], model: Model, grid: Grid, max_reach_m: float) -> _Site:
    allowed_db = max(sector.eirp_dbm for sector in sectors) - FLOOR_DBM
    reach_m = min(max_reach_m, model.reach_m(mast.link, allowed_db, grid.resolution_m))
    return _Site(mast, tuple(sectors), reach_m)


def _fill_tile(
    window: Window,
    sites: Iterable[_Site],
    model: Model,
    terrain: Terrain | None,
    level_dbm: NDArray[np.float32],
    server: NDArray[np.int32],
) -> None:
    """Enter every site that touches the tile, in order."""
    for site in sites:
        part = window.around(site.mast.x_m, site.mast.y_m, site.reach_m)
        if part is None:
            continue
        loss_db = model.loss_window(site.mast, part, terrain)
        rows = slice(part.row - window.row, part.row - window.row + part.shape[0])
        cols = slice(part.col - window.col, part.col - window.col + part.shape[1])
        above_m = site.mast.link.tx_height_m - site.mast.link.rx_height_m
        for sector in site.sectors:
            keep_best_server(
                level_dbm[rows, cols],
                server[rows, cols],
                loss_db,
                part.xs_m(),
                part.ys_m(),
                (site.mast.x_m, site.mast.y_m, above_m, site.reach_m),
                sector.as_tuple(antenna=model.uses_antenna),
                sector.number,
                FLOOR_DBM,
            )


def _run(
    task: Callable[[tuple[int, Window]], None],
    items: list[tuple[int, Window]],
    work: Work,
) -> None:
    """Run tasks on a pool of threads (the kernels release the interpreter's lock); the first error stops."""
    with ThreadPoolExecutor(work.threads or os.cpu_count() or 1) as pool:
        for done, _ in enumerate(pool.map(task, items), start=1):
            if work.progress is not None:
                work.progress(done, len(items))
