"""Made-up land cover: woods on slopes, houses where people live, groves and ponds between the fields.

The classes are those of ESA WorldCover, so that the shipped heights apply. Nothing in it was seen from above.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import rasterio
from scipy import ndimage

from geocover.io.atomic import atomic_path
from geocover.io.terrain import ILLUSTRATIVE_TAG

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from geocover.terrain import Terrain

SEED = 1954
TREES, SHRUBS, FIELDS, HOUSES, WATER = 10, 20, 40, 50, 80
NO_CLASS = 0
WOOD_SLOPE_DEG = 5.5
SHRUB_SLOPE_DEG = 4.0
SLOPE_SWING_DEG = 1.5  # so that a wood's edge follows no single slope
HOUSES_PER_KM2 = 1_500.0
PATCH_M = 250.0
GROVE_SHARE, POND_SHARE = 0.10, 0.02


def made_up_classes(terrain: Terrain, people: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Classes of land cover, the same on every run.

    Parameters
    ----------
    terrain
        Elevation; where it is unknown the class is too.
    people
        People per pixel, shape ``terrain.grid.shape``.

    Returns
    -------
    uint8, shape ``terrain.grid.shape``; 0 where unknown.
    """
    grid = terrain.grid
    rng = np.random.Generator(np.random.PCG64(SEED))
    wooded, groves = (_patches(grid.shape, PATCH_M / grid.resolution_m, rng) for _ in range(2))
    slope_deg = terrain.slope_deg()
    around_deg = ndimage.uniform_filter(np.nan_to_num(slope_deg), 3) + SLOPE_SWING_DEG * wooded
    per_km2 = ndimage.gaussian_filter(people, PATCH_M / grid.resolution_m) * (1e6 / grid.pixel_area_m2)
    classes = np.full(grid.shape, FIELDS, np.uint8)
    classes[groves > np.quantile(groves, 1.0 - GROVE_SHARE)] = TREES
    classes[groves < np.quantile(groves, POND_SHARE)] = WATER
    classes[around_deg > SHRUB_SLOPE_DEG] = SHRUBS
    classes[around_deg > WOOD_SLOPE_DEG] = TREES
    classes[per_km2 * np.exp(0.7 * groves) > HOUSES_PER_KM2] = HOUSES
    classes[np.isnan(slope_deg)] = NO_CLASS
    return classes


def write_made_up_clutter(path: Path, terrain: Terrain, people: NDArray[np.float64]) -> None:
    """Write the made-up classes as a GeoTIFF that says that it is made up.

    Parameters
    ----------
    path
        The file, ``.tif``.
    terrain, people
        As for `made_up_classes`.
    """
    grid = terrain.grid
    rows, cols = grid.shape
    profile = {
        "driver": "GTiff", "height": rows, "width": cols, "count": 1, "dtype": "uint8", "nodata": NO_CLASS,
        "compress": "deflate", "tiled": True, "blockxsize": 256, "blockysize": 256,
    }  # fmt: skip
    with (
        atomic_path(path) as temporary,
        rasterio.open(temporary, "w", crs=grid.crs, transform=grid.transform, **profile) as file,
    ):
        file.write(made_up_classes(terrain, people), 1)
        file.update_tags(**{ILLUSTRATIVE_TAG: "yes", "TIFFTAG_IMAGEDESCRIPTION": "dữ liệu minh họa"})


def _patches(shape: tuple[int, int], size: float, rng: np.random.Generator) -> NDArray[np.float64]:
    """Gaussian noise of unit variance in patches of so many pixels."""
    noise = ndimage.gaussian_filter(rng.standard_normal(shape), size)
    patches: NDArray[np.float64] = noise / noise.std()
    return patches
