"""Elevation files onto a grid, and the one file that the import writes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import rasterio
import rasterio.shutil

from geocover.errors import InputError, TerrainError
from geocover.io.atomic import atomic_path
from geocover.io.rasters import read_onto
from geocover.terrain import Terrain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from geocover.grid import Grid

ILLUSTRATIVE_TAG = "GEOCOVER_ILLUSTRATIVE"
KIND_TAG = "GEOCOVER_TERRAIN_KIND"
MEASURED, FILLED, MISSING = 0, 1, 2
ORIGIN_TEXT = "origin: 0 measured, 1 filled, 2 missing"


def read_terrain(path: str | Path, grid: Grid) -> Terrain:
    """Read elevation (GeoTIFF, .hgt, VRT, any CRS) onto a grid by bilinear interpolation.

    Voids stay missing. The file must hold metres above sea level.

    Raises
    ------
    TerrainError
        The file is missing, unreadable, outside the grid, or does not hold metres.
    CrsError
        The file has no CRS.
    """
    path = Path(path)
    try:
        elevation = read_onto(path, grid, unit="m")
        with rasterio.open(path) as source:
            illustrative = source.tags().get(ILLUSTRATIVE_TAG) == "yes"
    except InputError as error:
        if isinstance(error, TerrainError) or type(error) is not InputError:
            raise
        raise TerrainError(f"terrain: {error}", f"địa hình: {error.vi}") from error
    return Terrain(elevation, path.name, illustrative)


def write_terrain(
    path: Path, terrain: Terrain, origin: NDArray[np.uint8], tags: Mapping[str, str] | None = None
) -> None:
    """Write elevation as a COG; the same values and tags give the same bytes.

    Band 1 is metres as float32, void NaN: any program reads them without applying a scale, and no mountain is
    too high for them. Band 2 says of each pixel whether it is measured (0), filled (1) or missing (2).

    Parameters
    ----------
    path
        The file; it appears whole or not at all.
    terrain
        Elevation on its grid.
    origin
        Band 2, shape ``terrain.grid.shape``.
    tags
        Further metadata of the file (kind, credit, source files).
    """
    grid = terrain.grid
    rows, cols = grid.shape
    profile = {"driver": "GTiff", "height": rows, "width": cols, "count": 2, "dtype": "float32"}
    with rasterio.MemoryFile() as memory:
        with memory.open(**profile, crs=grid.crs, transform=grid.transform, nodata=np.nan) as plain:
            plain.write(terrain.elevation.values.astype(np.float32), 1)
            plain.write(origin.astype(np.float32), 2)
            plain.units = ("m", "")
            plain.descriptions = ("elevation", ORIGIN_TEXT)
            plain.update_tags(**{ILLUSTRATIVE_TAG: "yes" if terrain.illustrative else "no", **(tags or {})})
        with memory.open() as plain, atomic_path(path) as temporary:
            rasterio.shutil.copy(
                plain, temporary, driver="COG", compress="DEFLATE", predictor="FLOATING_POINT", blocksize=256,
                overview_resampling="NEAREST", num_threads=1,
            )  # fmt: skip
