"""Places to be reached, from and to files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd

from geocover.areas import number_column
from geocover.crs import WGS84
from geocover.errors import PlacesError
from geocover.io.csv_tables import as_given, write_csv
from geocover.io.vector import check_in_vietnam, read_vector, write_vector
from geocover.places import Places

if TYPE_CHECKING:
    from collections.abc import Mapping


def read_places(path: str | Path) -> Places:
    """Read places from GeoJSON, GeoPackage, GeoParquet, Shapefile, or CSV with columns lon and lat.

    Raises
    ------
    PlacesError
        If the file cannot be read, lies outside Vietnam, lacks a column, or a row is at fault.
    CrsError
        If the CRS is missing, unknown or cannot be transformed exactly.
    """
    path = Path(path)
    if path.suffix.lower() == ".csv":
        frame = _read_csv(path)
    else:
        frame, _ = read_vector(path, error=PlacesError)
    return _named(path, frame)


def _named(path: Path, frame: gpd.GeoDataFrame) -> Places:
    try:
        return Places(frame)
    except PlacesError as error:
        raise PlacesError(f"{path}: {error}", vi=f"{path}: {error.vi}") from error


def _read_csv(path: Path) -> gpd.GeoDataFrame:
    table = _csv_table(path)
    absent = [name for name in ("lon", "lat") if name not in table.columns]
    if absent:
        raise PlacesError(
            f"{path}: no column {', '.join(absent)}; the columns are {', '.join(table.columns)}",
            vi=f"{path}: thiếu cột {', '.join(absent)}; các cột hiện có: {', '.join(table.columns)}",
        )
    try:
        lon, lat = (number_column(table, name, PlacesError) for name in ("lon", "lat"))
    except PlacesError as error:
        raise PlacesError(f"{path}: {error}", vi=f"{path}: {error.vi}") from error
    lacking = (lon.isna() | lat.isna()).to_numpy().nonzero()[0]
    if len(lacking):
        raise PlacesError(
            f"{path}: row {lacking[0] + 1}: lon or lat is missing",
            vi=f"{path}: dòng {lacking[0] + 1}: thiếu kinh độ (lon) hoặc vĩ độ (lat)",
        )
    frame = gpd.GeoDataFrame(table, geometry=gpd.points_from_xy(lon, lat), crs=WGS84)
    check_in_vietnam(path, frame, PlacesError)
    return frame


def _csv_table(path: Path) -> pd.DataFrame:
    """Everything as text, so that codes keep their zeros; UTF-8 with or without a mark."""
    try:
        return pd.read_csv(path, dtype=str, encoding="utf-8-sig", keep_default_na=False).map(as_given)
    except FileNotFoundError as cause:
        raise PlacesError(f"{path}: there is no such file", vi=f"{path}: không có tệp này") from cause
    except (ValueError, OSError) as cause:
        raise PlacesError(
            f"{path}: cannot be read as CSV in UTF-8 ({cause})",
            vi=f"{path}: không đọc được dạng CSV UTF-8 ({cause})",
        ) from cause


def write_places(places: Places, path: str | Path, *, metadata: Mapping[str, object] | None = None) -> None:
    """Write places as GeoJSON, GeoPackage, GeoParquet, or (points only) CSV; whole or not at all.

    CSV is UTF-8 with a byte-order mark, as Excel wants it, and has no room for ``metadata``.

    Raises
    ------
    PlacesError
        If the suffix is another, or CSV is asked for polygons.
    """
    path = Path(path)
    if path.suffix.lower() != ".csv":
        write_vector(places.table, path, metadata or {}, error=PlacesError)
        return
    if not (places.table.geom_type == "Point").all():
        raise PlacesError(
            f"{path}: CSV holds points only; write polygons as .geojson, .gpkg or .parquet",
            vi=f"{path}: CSV chỉ chứa điểm; đa giác hãy ghi ra .geojson, .gpkg hoặc .parquet",
        )
    table = pd.DataFrame(places.table.drop(columns="geometry"))
    table = table.assign(lon=places.table.geometry.x, lat=places.table.geometry.y)
    write_csv(table, path)
