"""Elevation files onto a grid."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import rasterio

from geocover.errors import InputError, TerrainError
from geocover.io.rasters import read_onto
from geocover.terrain import Terrain

if TYPE_CHECKING:
    from geocover.grid import Grid

ILLUSTRATIVE_TAG = "GEOCOVER_ILLUSTRATIVE"


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
