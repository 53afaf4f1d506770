"""The same made-up ground for us and for every peer: fractal hills of 20 to 1000 m in cells of 30 m."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from scipy.ndimage import map_coordinates

from geocover.grid import Grid
from geocover.propagation import Link, Mast
from geocover.raster import Raster
from geocover.terrain import Terrain

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

CRS = "EPSG:32648"
LEFT_M, TOP_M = 540_000.0, 2_400_000.0
CELL_M = 30.0
LOWEST_M, HIGHEST_M = 20.0, 1000.0
OUTER_M = 12_000.0  # hills are no wider than this, so that a larger map is not a smoother one
ROUGHNESS = 2.1  # amplitude falls as wavelength to this power
SEED = 2  # a third of the disc is under 140 dB then: neither a mast in a pit nor one on a summit
MARGIN_CELLS = 10

ARC_SECOND = 1.0 / 3600.0
TILE_CELLS = 3601
EARTH_M = 6_371_000.0
# The degree tile that peers read, and the mast in its middle.
TILE_WEST, TILE_SOUTH = 105, 21
MAST_LON, MAST_LAT = TILE_WEST + 0.5, TILE_SOUTH + 0.5


def hills(cells: int, seed: int = SEED) -> NDArray[np.float32]:
    """Fractal elevations in metres, shape (cells, cells), row 0 in the north; the same for a seed.

    White noise shaped in the frequency domain: amplitude proportional to (k² + k0²)^(-ROUGHNESS / 2) with k0
    at the wavelength `OUTER_M`, stretched to `LOWEST_M` … `HIGHEST_M`.
    """
    size = cells + cells % 2
    noise = np.random.default_rng(seed).standard_normal((size, size), dtype=np.float32)
    wave = np.fft.fftfreq(size, CELL_M)[:, None] ** 2 + np.fft.rfftfreq(size, CELL_M)[None, :] ** 2
    shaped = np.fft.rfft2(noise) * (wave + OUTER_M**-2) ** (-ROUGHNESS / 2.0)
    raw = np.fft.irfft2(shaped, (size, size))[:cells, :cells]
    share = (raw - raw.min()) / (raw.max() - raw.min())
    elevation_m: NDArray[np.float32] = (LOWEST_M + (HIGHEST_M - LOWEST_M) * share).astype(np.float32)
    return elevation_m


def woods(elevation_m: NDArray[np.float32], seed: int = 2021) -> NDArray[np.float32]:
    """Clutter heights in metres on the same cells: 15 m of trees on about 40 % in patches, 0 elsewhere."""
    patches = hills(elevation_m.shape[0], seed)
    return np.where(patches > np.quantile(patches, 0.6), 15.0, 0.0).astype(np.float32)


def on_grid(values_m: NDArray[np.float32], resolution_m: float) -> Raster:
    """Heights in metres as a raster whose corner is always the same."""
    rows, cols = values_m.shape
    return Raster(Grid(CRS, LEFT_M, TOP_M, resolution_m, (rows, cols)), values_m, "m")


@dataclass(frozen=True)
class Trial:
    """One mast in the middle of made-up hills, as everybody gets it.

    Attributes
    ----------
    radius_m
        Receivers stand at every cell within it.
    freq_mhz, tx_height_m, rx_height_m
        The link.
    """

    radius_m: float = 10_000.0
    freq_mhz: float = 1800.0
    tx_height_m: float = 40.0
    rx_height_m: float = 1.5

    @cached_property
    def elevation_m(self) -> NDArray[np.float32]:
        """Ground, shape (cells, cells), odd: the mast stands on the middle cell."""
        return hills(2 * (int(self.radius_m / CELL_M) + MARGIN_CELLS) + 1)

    @property
    def middle(self) -> int:
        """Row and column of the mast."""
        return int(self.elevation_m.shape[0]) // 2

    def terrain(self, *, clutter: bool = False) -> Terrain:
        """Return the ground as geocover reads it, bare or with woods."""
        bare = Terrain(on_grid(self.elevation_m, CELL_M), "made-up hills", illustrative=True)
        if not clutter:
            return bare
        return replace(bare, clutter=on_grid(woods(self.elevation_m), CELL_M), clutter_source="made-up woods")

    def mast(self) -> Mast:
        """Return the mast as geocover knows it, on the middle cell's centre."""
        along_m = (self.middle + 0.5) * CELL_M
        link = Link(self.freq_mhz, self.tx_height_m, self.rx_height_m, "suburban")
        return Mast(LEFT_M + along_m, TOP_M - along_m, link)

    def profiles(self, count: int, seed: int = 7) -> Profiles:
        """Profiles to random receivers, evenly spread over the disc but not within 250 m of the mast."""
        random = np.random.default_rng(seed)
        distance_m = np.sqrt(random.uniform(250.0**2, self.radius_m**2, count))
        bearing = random.uniform(0.0, 2.0 * np.pi, count)
        lengths = np.ceil(distance_m / CELL_M).astype(np.int64)
        heights = [
            self.along(far_m, turn, steps)
            for far_m, turn, steps in zip(
                distance_m.tolist(), bearing.tolist(), lengths.tolist(), strict=True
            )
        ]
        starts = np.concatenate([[0], np.cumsum(lengths + 1)])
        return Profiles(np.concatenate(heights), starts, distance_m / lengths, bearing)

    def along(self, distance_m: float, bearing: float, steps: int) -> NDArray[np.float64]:
        """Ground at steps + 1 points from the mast, metres; the bearing is clockwise from north, radians."""
        out = np.linspace(0.0, distance_m / CELL_M, steps + 1)
        where = np.stack([self.middle - out * np.cos(bearing), self.middle + out * np.sin(bearing)])
        return np.asarray(map_coordinates(self.elevation_m, where, order=1), dtype=np.float64)

    def write_tile(self, folder: Path) -> Path:
        """Write the ground as a tile of one degree in arc seconds (.hgt), the mast in its middle.

        Beyond the ground its edges go on: no path of the trial gets there.
        """
        path = folder / f"N{TILE_SOUTH:02d}E{TILE_WEST:03d}.hgt"
        cell_m = np.radians(ARC_SECOND) * EARTH_M
        from_middle = np.arange(TILE_CELLS) - TILE_CELLS // 2
        rows = np.rint(self.middle + from_middle * cell_m / CELL_M).astype(int)
        cols = np.rint(self.middle + from_middle * cell_m * np.cos(np.radians(MAST_LAT)) / CELL_M).astype(int)
        last = self.elevation_m.shape[0] - 1
        tile = self.elevation_m[np.ix_(np.clip(rows, 0, last), np.clip(cols, 0, last))]
        np.rint(tile).astype(">i2").tofile(path)
        return path


@dataclass(frozen=True)
class Profiles:
    """Ground along many paths, one after the other.

    Attributes
    ----------
    heights_m
        float64, all points of all paths.
    starts
        Index of the first point of each path, and the total at the end: paths + 1 values.
    steps_m
        Distance between two points of each path.
    bearings
        Direction of each path, radians clockwise from north.
    """

    heights_m: NDArray[np.float64]
    starts: NDArray[np.int64]
    steps_m: NDArray[np.float64]
    bearings: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.steps_m)

    def receivers(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Longitude and latitude of the paths' ends in degrees, on a sphere's tangent plane."""
        distance_m = self.steps_m * (np.diff(self.starts) - 1)
        north = np.degrees(distance_m * np.cos(self.bearings) / EARTH_M)
        east = np.degrees(distance_m * np.sin(self.bearings) / EARTH_M / np.cos(np.radians(MAST_LAT)))
        return MAST_LON + east, MAST_LAT + north

    def arrays(self) -> dict[str, np.ndarray]:
        """Return everything by name, for programs that do not know geocover."""
        lon, lat = self.receivers()
        own = {"heights_m": self.heights_m, "starts": self.starts, "steps_m": self.steps_m}
        return own | {"lon": lon, "lat": lat}
