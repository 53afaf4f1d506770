"""Layers as GeoPackage, FlatGeobuf, GeoParquet and CSV; equal layers give equal bytes."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyogrio

from geocover.exports.errors import ExportError
from geocover.io.csv_tables import write_csv
from geocover.io.vector import FIXED_TIME, METADATA_KEY, write_vector

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    import geopandas as gpd

POLYGONS = frozenset({"communes", "coverage", "gaps"})
TIME = "OGR_CURRENT_DATE"


def write_gpkg(layers: Mapping[str, gpd.GeoDataFrame], path: Path, about: Mapping[str, Any]) -> None:
    """Write all layers into one GeoPackage; layer metadata carries ``about`` under the key "geocover"."""
    told = {METADATA_KEY: json.dumps(dict(about), ensure_ascii=False)}
    with _fixed_time():
        for name, table in layers.items():
            options = {**_shape(name, table), "layer_metadata": told, "driver": "GPKG"}
            pyogrio.write_dataframe(table, path, layer=name, **options)


def write_fgb(name: str, table: gpd.GeoDataFrame, path: Path) -> None:
    """Write one layer as FlatGeobuf with its spatial index."""
    indexed = {"SPATIAL_INDEX": "YES"} if len(table) else {"SPATIAL_INDEX": "NO"}  # GDAL indexes no nothing
    pyogrio.write_dataframe(
        table, path, layer=name, driver="FlatGeobuf", layer_options=indexed, **_shape(name, table)
    )


def write_parquet(table: gpd.GeoDataFrame, path: Path, about: Mapping[str, Any]) -> None:
    """Write one layer as GeoParquet; schema metadata carries ``about`` under the key "geocover"."""
    write_vector(table, path, about, error=ExportError)  # type: ignore[arg-type]


def write_table(table: pd.DataFrame, path: Path) -> None:
    """Write a layer without its geometry as CSV: UTF-8 with BOM, and no text runs as a formula."""
    plain = pd.DataFrame(table.drop(columns="geometry", errors="ignore"))
    write_csv(plain, path)


def _shape(name: str, table: gpd.GeoDataFrame) -> dict[str, Any]:
    """State the kind of geometry, which an empty or mixed layer does not tell by itself."""
    if name in POLYGONS:
        return {"geometry_type": "MultiPolygon", "promote_to_multi": True}
    points = set(table.geom_type.dropna()) <= {"Point"}
    return {"geometry_type": "Point" if points else "Unknown", "promote_to_multi": False}


@contextmanager
def _fixed_time() -> Iterator[None]:
    """Let GeoPackages say the same time of writing always."""
    before = pyogrio.get_gdal_config_option(TIME)
    pyogrio.set_gdal_config_options({TIME: FIXED_TIME})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({TIME: before})
