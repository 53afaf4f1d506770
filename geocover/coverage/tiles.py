"""One tile: a pure function of the sites that touch it, the terrain around it and the settings."""

from __future__ import annotations

import mmap
import tempfile
import threading
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from geocover.grid import Window
from geocover.kernels.servers import NO_LEVEL, Place, Tile, enter, want

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from geocover.coverage.sites import Plan, Site
    from geocover.terrain import Terrain

NEVER_DBM = float("inf")

# A model may move its mast to the centre of a pixel (0.71 pixels) and a path to the nearest ray (0.36).
SLACK_PIXELS = 1.1
DEEPEST_M = 20_000.0  # no drop is as large: ground on one of the ends is unknown


@dataclass(frozen=True, slots=True)
class Rules:
    """What is kept of what is received.

    Attributes
    ----------
    floor_dbm
        Levels below count as none.
    count_dbm
        Level from which cells are counted; infinite to count none.
    cut
        Whether some terrain is missing, so that paths may be cut.
    """

    floor_dbm: float
    count_dbm: float
    cut: bool


def empty_tile(plan: Plan, shape: tuple[int, int], rules: Rules, folder: Path | None = None) -> Tile:
    """Tile without any level; in files of a folder where one is given, so that it may exceed memory."""
    layers = len(plan.layers)
    most = max((rows.size for rows in plan.rows), default=0)
    numbers = np.uint16 if most < 2**16 else np.uint32
    return Tile(
        _filled((layers, *shape), np.int16, NO_LEVEL, folder),
        _filled((layers, *shape), numbers, 0, folder),
        _filled((layers if rules.cut else 0, *shape), np.int16, NO_LEVEL, folder),
        _filled((layers if rules.count_dbm < NEVER_DBM else 0, *shape), np.uint16, 0, folder),
    )


def _filled(shape: tuple[int, ...], dtype: type, value: int, folder: Path | None) -> NDArray[Any]:
    """Array of a value; its file has no name any more and goes with the array."""
    if folder is None or 0 in shape:
        return np.full(shape, value, dtype)
    with tempfile.TemporaryFile(dir=folder) as file:
        mapped = np.memmap(file, dtype, "w+", shape=shape)
    mapped[...] = value
    return mapped


def let_go(tile: Tile) -> None:
    """Give back the memory in which arrays that lie in files are mapped; they are read again where asked for.

    Without this a process would hold all that it wrote until memory runs short.
    """
    for array in tile:
        owner: object = array.base
        if isinstance(owner, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
            owner.madvise(mmap.MADV_DONTNEED)


@dataclass(frozen=True, eq=False)
class Filling:
    """A tile while sites are entered into it, by any number of threads.

    Attributes
    ----------
    tile, window
        Results of a window.
    plan
        What numbers the cells of the sites.
    terrain
        Elevation, for models that read it.
    rules
        What is kept.
    mask
        Where given, only these pixels are entered; shape ``window.shape``.
    """

    tile: Tile
    window: Window
    plan: Plan
    terrain: Terrain | None
    rules: Rules
    mask: NDArray[np.bool_] | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)

    @cached_property
    def frame(self) -> Window:
        """The part of the window that is entered."""
        return self.window if self.mask is None else around_mask(self.window, self.mask)


def enter_site(filling: Filling, site: Site) -> None:
    """Enter a site into a tile, in place.

    While one thread enters, others may look for what they want: levels only rise, so that they want too much
    at worst.
    """
    part = filling.frame.around(site.mast.x_m, site.mast.y_m, site.reach_m)
    if part is None:
        return
    window, tile, rules = filling.window, filling.tile, filling.rules
    corner = (part.row - window.row, part.col - window.col)
    place = _place(site, part, filling.terrain)
    wanted = np.empty(part.shape, np.uint8)
    floor, count = rules.floor_dbm, rules.count_dbm
    slack_m = SLACK_PIXELS * part.resolution_m
    want(wanted, tile.level, corner, place, site.sectors, site.free_db, floor, count, slack_m)
    if filling.mask is not None:
        rows, cols = part.shape
        wanted &= filling.mask[corner[0] : corner[0] + rows, corner[1] : corner[1] + cols]
    if not wanted.any():
        return
    loss_db = site.model.loss_bands(
        site.mast, site.freqs_mhz, part, filling.terrain, reach_m=site.reach_m, wanted=wanted
    )
    with filling.lock:
        enter(
            tile, corner, wanted, place, loss_db, site.sectors, filling.plan.patterns, site.free_db, floor,
            count, site.model.uses_antenna,
        )  # fmt: skip


def around_mask(window: Window, mask: NDArray[np.bool_]) -> Window:
    """Smallest part of a window that holds all pixels of a mask; the mask has some."""
    rows, cols = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    shape = (int(rows[-1] - rows[0]) + 1, int(cols[-1] - cols[0]) + 1)
    return Window(window.grid, window.row + int(rows[0]), window.col + int(cols[0]), shape)


def finish(tile: Tile) -> None:
    """Leave of what cut paths could bring only what is more than is received, in place.

    The rest depends on the order in which sites were entered: a pixel served better than free space would
    allow is passed over.
    """
    if len(tile.possible):
        tile.possible[tile.possible <= tile.level] = NO_LEVEL


def _place(site: Site, part: Window, terrain: Terrain | None) -> Place:
    """A window as seen from a mast; over unknown ground directions are those over flat ground."""
    mast = site.mast
    drop_m = site.model.drop_m(mast, part, terrain)
    known = np.abs(drop_m) < DEEPEST_M
    if not known.all():
        drop_m = np.where(known, drop_m, np.float32(mast.link.tx_height_m - mast.link.rx_height_m))
    return Place(
        (part.xs_m() - mast.x_m).astype(np.float32), (part.ys_m() - mast.y_m).astype(np.float32), drop_m
    )
