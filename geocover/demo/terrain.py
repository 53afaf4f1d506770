"""A made-up terrain: river plains in the middle and east, ridges in the west and south, valleys along roads.

Ridges are noise of a power-law spectrum, drawn out from north-west to south-east as the strike of the
mountains is there; they are scaled by the distance from three rivers and flattened beside the corridors
between commune centres. Nothing in it was measured.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import rasterio
from scipy import ndimage

from geocover.grid import Grid
from geocover.io.atomic import atomic_path
from geocover.io.terrain import ILLUSTRATIVE_TAG, KIND_TAG

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from geocover.grid import Bounded

SEED = 1907
RESOLUTION_M = 100.0
MARGIN_M = 12_000.0  # more than the demo follows a cell, at any resolution
HIGHEST_M = 1_300.0
LOWEST_M = 9.0
VOID_M = -32768

# Courses as parts of the width from the west and of the height from the north.
RIVERS: tuple[tuple[tuple[float, float], ...], ...] = (
    ((0.10, -0.05), (0.20, 0.10), (0.38, 0.21), (0.51, 0.33), (0.62, 0.31), (0.80, 0.37), (1.05, 0.45)),
    ((0.45, -0.05), (0.47, 0.06), (0.55, 0.18), (0.62, 0.31)),
    ((-0.05, 0.52), (0.18, 0.58), (0.36, 0.66), (0.50, 0.63), (0.53, 0.48), (0.51, 0.33)),
)
PLAIN_HALF_WIDTHS_M = (26_000.0, 22_000.0, 9_000.0)  # of the rivers above
VALLEY_HALF_WIDTH_M = 1_800.0


def made_up_elevation(grid: Grid, roads: list[NDArray[np.float64]]) -> NDArray[np.int16]:
    """Elevation in whole metres above sea level, the same on every run.

    Parameters
    ----------
    grid
        The frame.
    roads
        Lines of shape (points, 2) in the grid's CRS that run in valleys.

    Returns
    -------
    int16, shape ``grid.shape``, from about 10 m to 1,300 m.
    """
    rng = np.random.Generator(np.random.PCG64(SEED))
    wildness = _wildness(grid)
    valley = 1.0 - 0.93 * np.exp(-((_distance_m(grid, roads) / VALLEY_HALF_WIDTH_M) ** 2))
    ridges = _ridges(grid, rng)
    relief = wildness * valley * ridges
    floor = LOWEST_M + 18.0 * np.linspace(1.0, 0.0, grid.shape[1])[None, :] + 160.0 * wildness
    scaled = floor + relief * (HIGHEST_M - floor.max()) / relief.max()
    rounded: NDArray[np.int16] = np.rint(scaled).astype(np.int16)
    return rounded


def write_made_up_terrain(path: Path, areas: Bounded, roads: list[NDArray[np.float64]], crs: str) -> None:
    """Write the made-up elevation around areas as a GeoTIFF that says that it is made up.

    Parameters
    ----------
    path
        The file, ``.tif``.
    areas
        Anything with bounds in degrees.
    roads
        Lines in ``crs`` that run in valleys.
    crs
        Projected CRS in metres.
    """
    grid = Grid.around(areas, RESOLUTION_M, crs=crs, margin_m=MARGIN_M)
    values = made_up_elevation(grid, roads)
    rows, cols = grid.shape
    profile = {
        "driver": "GTiff", "height": rows, "width": cols, "count": 1, "dtype": "int16", "nodata": VOID_M,
        "compress": "deflate", "predictor": 2, "tiled": True, "blockxsize": 256, "blockysize": 256,
    }  # fmt: skip
    with (
        atomic_path(path) as temporary,
        rasterio.open(temporary, "w", crs=crs, transform=grid.transform, **profile) as file,
    ):
        file.write(values, 1)
        file.units = ("m",)
        tags = {ILLUSTRATIVE_TAG: "yes", KIND_TAG: "terrain", "TIFFTAG_IMAGEDESCRIPTION": "dữ liệu minh họa"}
        file.update_tags(**tags)


def _parts(grid: Grid) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Part of the way from west to east and from north to south, shapes (1, cols) and (rows, 1)."""
    rows, cols = grid.shape
    return (np.arange(cols)[None, :] + 0.5) / cols, (np.arange(rows)[:, None] + 0.5) / rows


def _wildness(grid: Grid) -> NDArray[np.float64]:
    """Give 0 on the river plains, up to 1 far from them in the west and south."""
    west_east, north_south = _parts(grid)
    plains = zip(_rivers(grid), PLAIN_HALF_WIDTHS_M, strict=True)
    away = np.minimum.reduce([_distance_m(grid, [river]) / half_width_m for river, half_width_m in plains])
    away = np.minimum(away, 1.0)
    toward = np.clip(1.25 * np.maximum(0.75 - west_east, north_south - 0.30) + 0.12, 0.05, 1.0)
    smooth: NDArray[np.float64] = away**2 * (3.0 - 2.0 * away)
    return (0.05 + 0.95 * smooth) * toward**1.4


def _rivers(grid: Grid) -> list[NDArray[np.float64]]:
    left, bottom, right, top = grid.bounds_m
    lines = []
    for course in RIVERS:
        part = np.array(course)
        corners = np.column_stack([left + part[:, 0] * (right - left), top - part[:, 1] * (top - bottom)])
        at = np.linspace(0.0, len(course) - 1.0, 4_000)
        lines.append(
            np.column_stack([np.interp(at, range(len(course)), corners[:, axis]) for axis in (0, 1)])
        )
    return lines


def _distance_m(grid: Grid, lines: list[NDArray[np.float64]]) -> NDArray[np.float64]:
    """Distance of each pixel from the nearest point of the lines; infinite where none is on the grid."""
    points = np.concatenate([np.empty((0, 2)), *lines])
    row, col = grid.index(points[:, 0], points[:, 1])
    free = np.ones(grid.shape, dtype=bool)
    free[row[row >= 0], col[row >= 0]] = False
    if free.all():
        return np.full(grid.shape, np.inf)
    distance: NDArray[np.float64] = ndimage.distance_transform_edt(free) * grid.resolution_m
    return distance


def _ridges(grid: Grid, rng: np.random.Generator) -> NDArray[np.float64]:
    """Sharp crests and smooth valleys between 0 and 1: three octaves of folded noise."""
    total = np.zeros(grid.shape)
    for wavelength_m, weight in ((16_000.0, 0.55), (6_000.0, 0.30), (2_200.0, 0.15)):
        noise = _noise(grid, wavelength_m, rng)
        total += weight * np.clip(1.0 - np.abs(noise) / 1.6, 0.0, 1.0) ** 1.5
    return total


def _noise(grid: Grid, wavelength_m: float, rng: np.random.Generator) -> NDArray[np.float64]:
    """Gaussian noise of unit variance around a wavelength, 1.8 times longer from north-west to south-east."""
    rows, cols = grid.shape
    spectrum = np.fft.rfft2(rng.standard_normal((rows, cols)))
    down = np.fft.fftfreq(rows, grid.resolution_m)[:, None]
    right = np.fft.rfftfreq(cols, grid.resolution_m)[None, :]
    along, across = 1.8 * (right + down) / np.sqrt(2.0), (right - down) / np.sqrt(2.0)
    spectrum *= np.exp(-((np.hypot(along, across) * wavelength_m) ** 2) / 2.0)
    noise = np.fft.irfft2(spectrum, s=(rows, cols))
    scaled: NDArray[np.float64] = (noise - noise.mean()) / noise.std()
    return scaled
