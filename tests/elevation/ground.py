"""Made-up ground whose height at every position is known, as files of many kinds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import rasterio
import shapely
from affine import Affine

from geocover.areas import Areas
from geocover.crs import transformer
from geocover.elevation.source import TerrainOptions

if TYPE_CHECKING:
    from pathlib import Path

    from geocover.elevation.importer import ImportedTerrain

OPTIONS = TerrainOptions(resolution_m=100.0, margin_m=500.0)
VOID = -32768


def communes(*boxes: tuple[float, float, float, float]) -> Areas:
    codes = [f"{8_000 + at:05d}" for at in range(len(boxes))]
    table = gpd.GeoDataFrame(
        {"code": codes, "name": [f"Xã {code}" for code in codes]},
        geometry=[shapely.box(*each) for each in boxes],
        crs=4326,
    )
    return Areas(table)


PAIR = communes((105.30, 21.30, 105.35, 21.40), (105.35, 21.30, 105.40, 21.40))


def plane(lon: np.ndarray, lat: np.ndarray) -> np.ndarray:
    """Ground that rises 5 km a degree eastward: 224 m beside it is 11 m wrong."""
    return 100 + 5_000 * (lon - 105.2) + 2_000 * (lat - 21.2)


def dem(
    path: Path, bounds: tuple[float, float, float, float] = (105.2, 21.2, 105.5, 21.5), *,
    crs: str = "EPSG:4326", pixel: float = 0.001, lift: float = 0.0, factor: float = 1.0,
    hole: tuple[float, float, float, float] | None = None, units: str = "",
    tags: dict[str, str] | None = None, **profile: object,
) -> Path:  # fmt: skip
    """Write the plane over a rectangle in degrees, in any CRS (pixel in its units), with a hole."""
    left, bottom, right, top = transformer("EPSG:4326", crs).transform_bounds(*bounds, densify_pts=21)
    cols, rows = round((right - left) / pixel), round((top - bottom) / pixel)
    x, y = np.meshgrid(left + pixel * (np.arange(cols) + 0.5), top - pixel * (np.arange(rows) + 0.5))
    lon, lat = transformer(crs, "EPSG:4326").transform(x, y)
    values = (plane(lon, lat) + lift) * factor
    if hole:
        values[(lon > hole[0]) & (lat > hole[1]) & (lon < hole[2]) & (lat < hole[3])] = VOID
    settings = {
        "driver": "GTiff", "width": cols, "height": rows, "count": 1, "dtype": "float32", "crs": crs,
        "transform": Affine(pixel, 0, left, 0, -pixel, top), "nodata": VOID, **profile,
    }  # fmt: skip
    with rasterio.open(path, "w", **settings) as file:
        file.write(values.astype(settings["dtype"]), 1)
        file.units = (units,)
        file.update_tags(**(tags or {}))
    return path


def error_m(imported: ImportedTerrain, lift_m: float = 0.0) -> float:
    """Largest difference from the plane on the grid."""
    grid = imported.terrain.grid
    x, y = np.meshgrid(grid.whole().xs_m(), grid.whole().ys_m())
    lon, lat = transformer(grid.crs, "EPSG:4326").transform(x, y)
    return float(np.nanmax(np.abs(imported.terrain.elevation.values - plane(lon, lat) - lift_m)))
