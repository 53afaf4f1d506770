"""Elevation files onto a grid, and the one file that the import writes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import rasterio
import rasterio.shutil

from geocover.errors import TerrainError
from geocover.io.atomic import atomic_path
from geocover.io.raster_source import opened
from geocover.io.rasters import read_onto
from geocover.terrain import Kind, Terrain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from geocover.grid import Grid

ILLUSTRATIVE_TAG = "GEOCOVER_ILLUSTRATIVE"
KIND_TAG = "GEOCOVER_TERRAIN_KIND"
MEASURED, FILLED, MISSING = 0, 1, 2
FEET = frozenset({
    "ft", "feet", "foot", "us-ft", "us ft", "ftus", "usft", "us survey foot", "us survey feet",
    "international foot", "international feet", "foot_us",
})  # fmt: skip
NOT_METRES = FEET | {
    "mm",
    "cm",
    "dm",
    "km",
    "millimetre",
    "centimetre",
    "decimetre",
    "kilometre",
    "yd",
    "yard",
}
ORIGIN_TEXT = "origin: 0 measured, 1 filled, 2 missing"


def read_terrain(path: str | Path, grid: Grid) -> Terrain:
    """Read elevation (GeoTIFF, .hgt, VRT, any CRS) onto a grid by bilinear interpolation.

    Voids stay missing. The file must hold metres above sea level; its kind is what `geocover terrain import`
    or `fetch` wrote into it, else "unknown".

    Raises
    ------
    TerrainError
        The file is missing, unreadable, outside the grid, or does not hold metres.
    CrsError
        The file has no CRS.
    """
    path = Path(path)
    with opened(path, TerrainError) as source:
        refuse_other_units(source, path)
        kind, illustrative = stated_kind(source), source.tags().get(ILLUSTRATIVE_TAG) == "yes"
    return Terrain(read_onto(path, grid, unit="m", error=TerrainError), path.name, illustrative, kind)


def stated_unit(source: rasterio.DatasetReader) -> str:
    """Unit of the first band as the file tells it (band unit or vertical CRS), lower case; "" for none."""
    return (source.units[0] or "").strip().lower()


def refuse_other_units(source: rasterio.DatasetReader, path: Path) -> None:
    """Refuse a file that says it is not in metres.

    Raises
    ------
    TerrainError
        Naming the unit and the way to metres.
    """
    unit = stated_unit(source)
    if unit in FEET:
        raise TerrainError(
            f"{path.name}: says it is in feet ({unit}), not metres; `geocover terrain import --unit ft` "
            "converts it, --unit m there overrules the file's word",
            f"{path.name}: ghi đơn vị là feet ({unit}), không phải mét; `geocover terrain import --unit ft` "
            "đổi sang mét, còn --unit m ở đó bỏ qua lời ghi của tệp",
        )
    if unit in NOT_METRES:
        raise TerrainError(
            f"{path.name}: says it is in {unit}, not metres; convert it first, or overrule the file's word "
            "by `geocover terrain import --unit m`",
            f"{path.name}: ghi đơn vị là {unit}, không phải mét; hãy đổi sang mét trước, hoặc bỏ qua lời ghi "
            "của tệp bằng `geocover terrain import --unit m`",
        )


def stated_kind(source: rasterio.DatasetReader) -> Kind:
    """What an elevation file of ours says it measured; "unknown" for any other."""
    said = source.tags().get(KIND_TAG)
    return "surface" if said == "surface" else "terrain" if said == "terrain" else "unknown"


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
