"""Commune boundaries from and to files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

from geocover.areas import Areas
from geocover.errors import AreasError
from geocover.io.vector import read_vector, write_vector

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd

    from geocover.areas import Quality


def read_areas(
    path: str | Path,
    *,
    columns: Mapping[str, str] | None = None,
    layer: str | None = None,
    crs: str | None = None,
) -> Areas:
    """Read communes as they stand; ``geocover boundaries import`` is the one that guesses and repairs.

    Parameters
    ----------
    path
        GeoJSON, GeoPackage, GeoParquet, Shapefile, FlatGeobuf, or one of them in a ZIP.
    columns
        Names of the file's columns by the names of ``geocover.areas.COLUMNS``, where they differ:
        ``{"code": "MA_XA"}``.
    layer
        Name of the layer where the file holds several.
    crs
        The coordinate reference system of a file that states none.

    Raises
    ------
    AreasError
        If the file cannot be read, lies outside Vietnam, a mapped column is absent, or a row is at fault.
    CrsError
        If the CRS is missing, unknown or cannot be transformed exactly.
    """
    frame, metadata = read_vector(path, error=AreasError, layer=layer, crs=crs)
    frame = rename_columns(frame, columns or {}, path)
    return build_areas(frame, metadata, path)


def rename_columns(frame: gpd.GeoDataFrame, columns: Mapping[str, str], path: str | Path) -> gpd.GeoDataFrame:
    """Rename the file's columns to ours; a column of that name already there gives way.

    Raises
    ------
    AreasError
        If the file has no such column.
    """
    absent = [source for source in columns.values() if source not in frame.columns]
    if absent:
        held = ", ".join(str(name) for name in frame.columns if name != "geometry")
        raise AreasError(
            f"{path}: there is no column {', '.join(absent)}; the columns are {held}",
            vi=f"{path}: không có cột {', '.join(absent)}; các cột hiện có: {held}",
        )
    changed = {ours: frame[source] for ours, source in columns.items()}
    return frame.assign(**changed)


def build_areas(frame: gpd.GeoDataFrame, metadata: Mapping[str, object], path: str | Path) -> Areas:
    """Make Areas of a table and a file's metadata; errors name the file.

    Raises
    ------
    AreasError
        As the class ``Areas`` does.
    """
    rest = {key: value for key, value in metadata.items() if key not in {"quality", "source"}}
    quality = cast("Quality", metadata.get("quality", _quality_of_rows(frame)))
    source = str(metadata.get("source", Path(path).name))
    try:
        return Areas(frame, quality=quality, source=source, metadata=rest)
    except AreasError as error:
        raise AreasError(f"{path}: {error}", vi=f"{path}: {error.vi}") from error


def _quality_of_rows(frame: gpd.GeoDataFrame) -> str:
    """Give the quality that a GIS kept as a column when it converted a file of ours."""
    schematic = "quality" in frame.columns and (frame["quality"] == "schematic").any()
    return "schematic" if schematic else "real"


def write_areas(areas: Areas, path: str | Path) -> None:
    """Write communes as GeoJSON, GeoPackage or GeoParquet with their quality, whole or not at all.

    Equal areas give equal bytes. The quality stands in the file's metadata and, since other programs drop
    those when they convert a file, in a column too.

    Raises
    ------
    AreasError
        If the suffix is another.
    """
    metadata = {"quality": areas.quality, "source": areas.source, **areas.metadata}
    write_vector(areas.table.assign(quality=areas.quality), path, metadata, error=AreasError)
