"""Vector files of any common format, read into longitude and latitude, with what they say of themselves.

GeoJSON carries that as a top-level member "metadata", GeoPackage as layer metadata and GeoParquet as schema
metadata, both under the key "geocover".
"""

from __future__ import annotations

import json
import warnings
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, cast

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyogrio
import shapely
from pyarrow import parquet
from pyproj import CRS
from pyproj.exceptions import ProjError
from shapely.errors import ShapelyError

from geocover.crs import WGS84, known_crs, transformer
from geocover.errors import CrsError, InputError
from geocover.io.atomic import atomic_path

if TYPE_CHECKING:
    from collections.abc import Mapping

METADATA_KEY = "geocover"
# What the libraries raise on damaged files.
UNREADABLE = (
    OSError,
    ValueError,
    RuntimeError,
    LookupError,
    zipfile.BadZipFile,
    pa.ArrowException,
    ShapelyError,
)
GEOJSON = {".geojson", ".json"}
PARQUET = {".parquet", ".geoparquet"}
OGR = {".gpkg", ".shp", ".fgb"}
READABLE = (*sorted(GEOJSON | PARQUET | OGR), ".zip")
# Land and islands of Vietnam with room to spare: west, south, east, north in degrees.
VIETNAM = (102.0, 6.0, 118.0, 24.0)
# GeoPackage stores the time of writing; a fixed one keeps equal content equal to the byte.
FIXED_TIME = "2025-07-01T00:00:00.000Z"


def read_vector(
    path: str | Path,
    *,
    error: type[InputError],
    layer: str | None = None,
    crs: str | None = None,
) -> tuple[gpd.GeoDataFrame, dict[str, object]]:
    """Read one layer of a vector file into EPSG:4326, two-dimensional, rows in the file's order.

    Parameters
    ----------
    path
        GeoJSON, GeoPackage, GeoParquet, Shapefile, FlatGeobuf, or one of them in a ZIP.
    error
        The class of error to raise where the file is at fault.
    layer
        Name of the layer where the file holds several.
    crs
        The coordinate reference system of a file that states none.

    Returns
    -------
    The table, and the file's metadata (empty where it carries none).

    Raises
    ------
    InputError
        Of the class ``error``: the file is absent, empty, garbled, of an unknown format, holds several
        layers, or lies outside Vietnam.
    CrsError
        If the CRS is missing, unknown, contradicts ``crs``, or cannot be transformed exactly.
    """
    path = Path(path)
    _check_file(path, error)
    try:
        with warnings.catch_warnings():
            # GDAL warns of geometry it cannot read and leaves it out; the noun refuses that row by number.
            warnings.simplefilter("ignore", RuntimeWarning)
            frame, metadata = _read(path, layer, error)
    except InputError:
        raise
    except UNREADABLE as cause:
        raise error(
            f"{path}: cannot be read, the file is damaged or not what its suffix says ({cause})",
            vi=f"{path}: không đọc được, tệp hỏng hoặc không đúng định dạng ({cause})",
        ) from cause
    _check_geometry_column(path, frame, error)
    frame = _to_wgs84(path, frame, crs)
    check_in_vietnam(path, frame, error)
    return frame, metadata


def _check_file(path: Path, error: type[InputError]) -> None:
    if not path.is_file():
        raise error(f"{path}: there is no such file", vi=f"{path}: không có tệp này")
    if path.suffix.lower() not in READABLE:
        raise error(
            f"{path}: unknown format {path.suffix!r}; one of {', '.join(READABLE)}",
            vi=f"{path}: không nhận ra định dạng “{path.suffix}”; dùng một trong {', '.join(READABLE)}",
        )
    with path.open("rb") as file:
        start = file.read(256).lstrip(b"\xef\xbb\xbf \t\r\n")
    if not start:
        raise error(f"{path}: the file is empty", vi=f"{path}: tệp rỗng")
    if start.startswith(b"<"):
        raise error(
            f"{path}: holds a web page or XML, not map data; download it again",
            vi=f"{path}: là trang web hoặc XML, không phải dữ liệu bản đồ; hãy tải lại tệp",
        )


def _read(
    path: Path, layer: str | None, error: type[InputError]
) -> tuple[gpd.GeoDataFrame, dict[str, object]]:
    suffix = path.suffix.lower()
    if suffix in GEOJSON:
        metadata = _geojson_metadata(path, error)
        return pyogrio.read_dataframe(path), metadata
    if suffix in PARQUET:
        return _read_parquet(path)
    if suffix == ".zip":
        return _read_ogr(_inside_zip(path, layer, error), None, error)
    return _read_ogr(str(path), layer, error)


def _geojson_metadata(path: Path, error: type[InputError]) -> dict[str, object]:
    """Parse the whole document: GDAL may stop quietly at the end of a truncated one."""
    try:
        document = json.loads(path.read_bytes().decode("utf-8-sig"))
    except UnicodeDecodeError as cause:
        raise error(
            f"{path}: byte {cause.start} is not UTF-8; save the file as UTF-8",
            vi=f"{path}: byte {cause.start} không phải UTF-8; hãy lưu tệp dạng UTF-8",
        ) from cause
    except json.JSONDecodeError as cause:
        where = f"line {cause.lineno}, column {cause.colno}"
        raise error(
            f"{path}: broken JSON at {where} ({cause.msg}); the file is truncated or damaged, get it again",
            vi=f"{path}: JSON hỏng tại dòng {cause.lineno}, cột {cause.colno}; tệp bị cắt cụt, hãy lấy lại",
        ) from cause
    if not isinstance(document, dict) or document.get("type") != "FeatureCollection":
        raise error(
            f'{path}: JSON, but not a GeoJSON FeatureCollection ("type" at the top)',
            vi=f"{path}: là JSON nhưng không phải GeoJSON FeatureCollection",
        )
    if not document.get("features"):
        raise error(f"{path}: the collection has no feature", vi=f"{path}: tệp không có đối tượng nào")
    metadata = document.get("metadata")
    return metadata if isinstance(metadata, dict) else {}


def _read_parquet(path: Path) -> tuple[gpd.GeoDataFrame, dict[str, object]]:
    stored = parquet.read_schema(path).metadata or {}
    metadata = json.loads(stored.get(METADATA_KEY.encode(), b"{}"))
    return gpd.read_parquet(path), metadata


def _inside_zip(path: Path, layer: str | None, error: type[InputError]) -> str:
    """GDAL's name of the one vector file in an archive (``layer``: its stem, where there are several)."""
    with zipfile.ZipFile(path) as archive:
        names = [each for each in archive.namelist() if not each.startswith("__MACOSX/")]
    found = [each for each in names if Path(each).suffix.lower() in GEOJSON | OGR]
    chosen = found if layer is None else [each for each in found if Path(each).stem == layer]
    if len(chosen) != 1:
        held = ", ".join(found) or "no vector file"
        raise error(
            f"{path}: holds {held}; name one as the layer" if found else f"{path}: holds no vector file",
            vi=f"{path}: có {held}; hãy chỉ ra một lớp (layer)" if found else f"{path}: không có tệp bản đồ",
        )
    return f"/vsizip/{path.resolve()}/{chosen[0]}"


def _read_ogr(
    source: str, layer: str | None, error: type[InputError]
) -> tuple[gpd.GeoDataFrame, dict[str, object]]:
    layers = [str(name) for name, _ in pyogrio.list_layers(source)]
    if layer not in layers and (layer is not None or len(layers) != 1):
        wrong = f"there is no layer {layer!r}" if layer else "there are several layers"
        sai = f"không có lớp “{layer}”" if layer else "có nhiều lớp"
        raise error(
            f"{source}: {wrong}; name one of: {', '.join(layers)}",
            vi=f"{source}: {sai}; hãy chọn một lớp: {', '.join(layers)}",
        )
    chosen = layer or layers[0]
    info = pyogrio.read_info(source, layer=chosen)
    metadata = json.loads((info.get("layer_metadata") or {}).get(METADATA_KEY, "{}"))
    return pyogrio.read_dataframe(source, layer=chosen, encoding=_encoding(source)), metadata


def _encoding(source: str) -> str | None:
    """UTF-8 for a shapefile without a .cpg, which GDAL would take for Latin-1; else what the file says."""
    if not source.lower().endswith(".shp"):
        return None
    beside = [source[:-4] + suffix for suffix in (".cpg", ".CPG")]
    if source.startswith("/vsizip/"):
        archive, _, inner = source.removeprefix("/vsizip/").partition(".zip/")
        with zipfile.ZipFile(f"{archive}.zip") as opened:
            named = any(inner[:-4] + suffix in opened.namelist() for suffix in (".cpg", ".CPG"))
    else:
        named = any(Path(each).exists() for each in beside)
    return None if named else "UTF-8"


def _check_geometry_column(path: Path, frame: object, error: type[InputError]) -> None:
    if not isinstance(frame, gpd.GeoDataFrame) or not len(frame):
        raise error(f"{path}: holds no geometry", vi=f"{path}: tệp không có hình học")


def _to_wgs84(path: Path, frame: gpd.GeoDataFrame, stated: str | None) -> gpd.GeoDataFrame:
    source = _source_crs(path, frame, stated)
    shapes = shapely.force_2d(frame.geometry.to_numpy())
    if not source.equals(CRS(WGS84), ignore_axis_order=True):
        shapes = _transformed(path, shapes, source)
    geometry = gpd.GeoSeries(shapes, index=frame.index, crs=WGS84)
    table = pd.DataFrame(frame.drop(columns=frame.geometry.name))
    return gpd.GeoDataFrame(table, geometry=geometry)


def _source_crs(path: Path, frame: gpd.GeoDataFrame, stated: str | None) -> CRS:
    if frame.crs is None and stated is None:
        raise CrsError(
            f"{path}: no coordinate reference system; put the .prj file beside the shapefile, or state it "
            "(--crs EPSG:9208 for VN-2000 zone 104°45′, EPSG:4326 for longitude and latitude)",
            vi=f"{path}: không có hệ toạ độ; đặt tệp .prj cạnh tệp .shp, hoặc ghi rõ "
            "(--crs EPSG:9208 cho VN-2000 kinh tuyến 104°45′, EPSG:4326 cho kinh độ, vĩ độ)",
        )
    if stated is None:
        return cast("CRS", frame.crs)
    given = known_crs(stated, str(path))
    if frame.crs is not None and not frame.crs.equals(given, ignore_axis_order=True):
        raise CrsError(
            f"{path}: the file states {frame.crs.name}, but {given.name} was asked for; leave --crs out",
            vi=f"{path}: tệp ghi hệ {frame.crs.name}, khác với {given.name} được yêu cầu; hãy bỏ --crs",
        )
    return given


def _transformed(path: Path, shapes: np.ndarray, source: CRS) -> np.ndarray:
    try:
        move = transformer(source, WGS84)
        moved = shapely.transform(shapes, move.transform, interleaved=False)
    except ProjError as cause:
        raise CrsError(
            f"{path}: coordinate system {source.name!r} is not tied to the Earth; state an EPSG code",
            vi=f"{path}: hệ toạ độ “{source.name}” không gắn với Trái Đất; hãy ghi mã EPSG",
        ) from cause
    if not np.isfinite(shapely.get_coordinates(moved)).all():
        raise CrsError(
            f"{path}: coordinates do not fit the stated system {source.name!r}",
            vi=f"{path}: toạ độ không khớp với hệ đã ghi “{source.name}”",
        )
    return cast("np.ndarray", moved)


def check_in_vietnam(path: Path, frame: gpd.GeoDataFrame, error: type[InputError]) -> None:
    """Refuse coordinates in degrees outside Vietnam, and say so where they would fit with axes swapped.

    Raises
    ------
    InputError
        Of the class ``error``, naming the row.
    """
    bounds = frame.geometry.bounds.to_numpy()
    west, south, east, north = VIETNAM
    low, high = np.array([west, south, west, south]), np.array([east, north, east, north])
    # Empty geometry has NaN bounds; whoever builds the noun names it.
    outside = ((bounds < low) | (bounds > high)).any(axis=1)
    if not outside.any():
        return
    row = int(np.flatnonzero(outside)[0])
    swapped = bool(((bounds[row, [1, 0, 3, 2]] >= low) & (bounds[row, [1, 0, 3, 2]] <= high)).all())
    where = ", ".join(f"{value:.5f}" for value in bounds[row])
    raise error(
        f"{path}: row {row + 1} lies at {where} (west, south, east, north), outside Vietnam; "
        + ("longitude and latitude are swapped" if swapped else "check the coordinate reference system"),
        vi=f"{path}: dòng {row + 1} nằm tại {where} (tây, nam, đông, bắc), ngoài lãnh thổ Việt Nam; "
        + ("kinh độ và vĩ độ bị đảo" if swapped else "hãy kiểm tra hệ toạ độ"),
    )


def write_vector(
    frame: gpd.GeoDataFrame, path: str | Path, metadata: Mapping[str, object], *, error: type[InputError]
) -> None:
    """Write GeoJSON, GeoPackage or GeoParquet, whole or not at all, equal content to equal bytes.

    Raises
    ------
    InputError
        Of the class ``error``, if the suffix is another.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix not in GEOJSON | PARQUET | {".gpkg"}:
        raise error(
            f"{path}: areas and places are written as .geojson, .gpkg or .parquet, not {suffix!r}",
            vi=f"{path}: chỉ ghi được .geojson, .gpkg hoặc .parquet, không phải “{suffix}”",
        )
    with atomic_path(path) as temporary:
        if suffix in GEOJSON:
            temporary.write_text(geojson_text(frame, metadata), encoding="utf-8", newline="\n")
        elif suffix in PARQUET:
            _write_parquet(frame, temporary, metadata)
        else:
            _write_gpkg(frame, temporary, metadata, path.stem)


def geojson_text(frame: gpd.GeoDataFrame, metadata: Mapping[str, object]) -> str:
    """GeoJSON (RFC 7946) with a member "metadata", one feature a line, coordinates at full precision."""
    shapes = shapely.reverse(shapely.normalize(frame.geometry.to_numpy()))
    rows = frame.drop(columns=frame.geometry.name).to_dict("records")
    features = [
        _compact(
            {
                "type": "Feature",
                "properties": {str(key): _plain(value) for key, value in row.items()},
                "geometry": shapely.geometry.mapping(shape),
            }
        )
        for row, shape in zip(rows, shapes, strict=True)
    ]
    head = f'{{"type":"FeatureCollection","metadata":{_compact(dict(metadata))},"features":['
    return head + "\n" + ",\n".join(features) + "\n]}\n"


def _compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _plain(value: str | float | None) -> object:
    """Give a table's value as JSON knows it: missing is null."""
    if pd.isna(value):
        return None
    return value.item() if isinstance(value, np.generic) else value


def _write_parquet(frame: gpd.GeoDataFrame, path: Path, metadata: Mapping[str, object]) -> None:
    buffer = pa.BufferOutputStream()
    frame.to_parquet(buffer, index=False)
    table = parquet.read_table(pa.BufferReader(buffer.getvalue()))
    extra = {METADATA_KEY.encode(): _compact(dict(metadata)).encode()}
    table = table.replace_schema_metadata({**(table.schema.metadata or {}), **extra})
    parquet.write_table(table, path, compression="zstd")


def _write_gpkg(frame: gpd.GeoDataFrame, path: Path, metadata: Mapping[str, object], layer: str) -> None:
    before = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": FIXED_TIME})
    try:
        pyogrio.write_dataframe(
            frame,
            path,
            layer=layer,
            driver="GPKG",
            layer_metadata={METADATA_KEY: _compact(dict(metadata))},
        )
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": before})
