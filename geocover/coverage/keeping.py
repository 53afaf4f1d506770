"""Finished tiles on disk, named by all that they depend on."""

from __future__ import annotations

import hashlib
import zipfile
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from geocover._version import __version__
from geocover.io.atomic import atomic_path
from geocover.kernels.servers import LAYER, NUMBER, SECTOR_COLUMNS, Tile

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geocover.coverage.sites import Plan, Site
    from geocover.coverage.tiles import Rules
    from geocover.grid import Window
    from geocover.terrain import Terrain

SUFFIX = ".tile.npz"
ROOMS = ("coverage", "kernels", "propagation")


class TileStore:
    """A folder of finished tiles.

    A tile's name is a digest of the code that computes, the grid, the terrain, the rules, and the cells that
    reach it: a tile that is found is the one that would be computed. In it the cells of a layer are numbered
    among those that reach it, so that cells that come or go elsewhere, which shifts all numbers after them,
    leave it as it is; the order, which decides between equal levels, is the same.
    """

    def __init__(self, folder: Path, terrain: Terrain | None, rules: Rules, plan: Plan) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._common = _digest(
            _code_digest(), _terrain_digest(terrain), repr(rules), repr(plan.layers), plan.patterns
        )
        self._layers = len(plan.layers)
        self._used: set[str] = set()

    def load(self, window: Window, sites: list[Site]) -> Tile | None:
        """Read the tile of a window and of the sites that reach it; None where it is absent or damaged."""
        path = self._path(window, sites)
        try:
            with path.open("rb") as file, np.load(file) as stored:
                tile = Tile(stored["level"], stored["server"], stored["possible"], stored["count"])
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
            return None
        return _numbered(tile, _numbers(sites, len(tile.server)), local=False)

    def save(self, window: Window, sites: list[Site], tile: Tile) -> None:
        """Keep a tile; it appears whole or not at all."""
        with atomic_path(self._path(window, sites)) as temporary, temporary.open("wb") as file:
            local = _numbered(tile, _numbers(sites, len(tile.server)), local=True)
            np.savez(file, **local._asdict())

    def forget_others(self) -> None:
        """Remove the tiles that this computation did not use."""
        for path in self._folder.glob(f"*{SUFFIX}"):
            if path.name not in self._used:
                path.unlink(missing_ok=True)

    def _path(self, window: Window, sites: list[Site]) -> Path:
        parts: list[object] = [self._common, repr(window)]
        numbers = _numbers(sites, self._layers)
        for site in sorted(sites, key=lambda one: one.cells):
            parts += [repr((site.mast, site.model, site.freqs_mhz, site.cells, site.reach_m))]
            parts.append(_locally(site.sectors, numbers))
        name = f"{window.row:06d}-{window.col:06d}-{_digest(*parts)[:32]}{SUFFIX}"
        self._used.add(name)
        return self._folder / name


def _numbers(sites: list[Site], layers: int) -> list[NDArray[np.int64]]:
    """Numbers of the cells of some sites in each layer, ascending, after a 0 for no cell."""
    sectors = np.concatenate([site.sectors for site in sites]) if sites else np.zeros((0, SECTOR_COLUMNS))
    layer, number = sectors[:, LAYER], sectors[:, NUMBER].astype(np.int64)
    return [np.append(0, np.unique(number[layer == one])) for one in range(layers)]


def _numbered(tile: Tile, numbers: list[NDArray[np.int64]], *, local: bool) -> Tile:
    """Number the servers of a tile among the cells that reach it (local), or in their layers again."""
    server = np.empty_like(tile.server)
    for target, stored, known in zip(server, tile.server, numbers, strict=True):
        target[...] = np.searchsorted(known, stored) if local else known[stored]
    return tile._replace(server=server)


def _locally(sectors: NDArray[np.float64], numbers: list[NDArray[np.int64]]) -> NDArray[np.float64]:
    """Sectors with numbers among the cells that reach a tile."""
    found = sectors.copy()
    for sector in found:
        sector[NUMBER] = np.searchsorted(numbers[int(sector[LAYER])], sector[NUMBER])
    return found


@lru_cache(maxsize=1)
def _code_digest() -> str:
    """Digest of the version and of the sources that a tile comes of."""
    package = Path(__file__).parents[1]
    sources = sorted(path for room in ROOMS for path in (package / room).glob("*.py"))
    return _digest(__version__, *(path.read_text(encoding="utf-8") for path in sources))


def _terrain_digest(terrain: Terrain | None) -> str:
    if terrain is None:
        return ""
    clutter = terrain.clutter.values if terrain.clutter is not None else ""
    return _digest(repr(terrain.grid), terrain.elevation.values, clutter)


def _digest(*parts: object) -> str:
    """Digest of texts and arrays, in hexadecimal."""
    found = hashlib.blake2b(digest_size=32)
    for part in parts:
        data = np.ascontiguousarray(part).data if isinstance(part, np.ndarray) else str(part).encode()
        found.update(str(len(data)).encode() + b":")
        found.update(data)
    return found.hexdigest()
