"""Areas: the communes, keyed by their 5-digit code, with their polygons in longitude and latitude."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, cast

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import Geod

from geocover.crs import WGS84, known_crs, transformer
from geocover.errors import AreasError, GeocoverError
from geocover.names import fold, nfc, split_type, tone_key
from geocover.units import square_km_from_square_m

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import numpy.typing as npt
    import pyproj

Quality = Literal["real", "schematic"]
CODE_PATTERN = re.compile(r"[0-9]{5}")
TEXT_COLUMNS = (
    "code",
    "name",
    "type",
    "former_province",
    "pre_merger_units",
    "centre_basis",
    "valid_from",
)
NUMBER_COLUMNS = ("area_official_km2", "centre_lon", "centre_lat", "centre_accuracy_m")
COLUMNS = (
    "code",
    "name",
    "type",
    "population",
    "area_official_km2",
    "former_province",
    "pre_merger_units",
    "centre_lon",
    "centre_lat",
    "centre_accuracy_m",
    "centre_basis",
    "valid_from",
    "geometry",
)


@dataclass(frozen=True, eq=False)
class Areas:
    """The communes of a province.

    Parameters
    ----------
    table
        One row a commune: ``code``, ``name`` and ``geometry`` (polygons, any row order) are required, the
        other names of ``COLUMNS`` are filled with missing values where absent, and further columns are
        dropped. On the object the table is sorted by code, in EPSG:4326, with a RangeIndex.
    quality
        "real" for surveyed boundaries, "schematic" for an illustration of them.
    source
        Where the boundaries come from.
    metadata
        Whatever else the file said about itself (province, date, licence).

    Raises
    ------
    AreasError
        If there is no row, a code is not five digits or occurs twice, a name is missing, a number is not a
        number, or a geometry is not a valid, non-empty polygon in longitude and latitude.
    """

    table: gpd.GeoDataFrame
    quality: Quality = "real"
    source: str = ""
    metadata: Mapping[str, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.quality not in ("real", "schematic"):
            raise AreasError(
                f'quality must be "real" or "schematic", not {self.quality!r}',
                vi=f"chất lượng ranh giới phải là “real” hoặc “schematic”, không phải {self.quality!r}",
            )
        object.__setattr__(self, "table", _canonical(self.table))

    def __len__(self) -> int:
        return len(self.table)

    @property
    def codes(self) -> list[str]:
        """The 5-digit codes, ascending."""
        return [str(code) for code in self.table["code"]]

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north in degrees."""
        west, south, east, north = (float(value) for value in self.table.total_bounds)
        return west, south, east, north

    def to_crs(self, crs: str | pyproj.CRS) -> gpd.GeoDataFrame:
        """Give the table with its geometry in another coordinate reference system (VN-2000 exactly).

        Raises
        ------
        CrsError
            If the CRS is unknown or cannot be reached exactly.
        """
        known = known_crs(crs, "Areas.to_crs")
        move = transformer(WGS84, known)
        shapes = shapely.transform(self.table.geometry.to_numpy(), move.transform, interleaved=False)
        return self.table.set_geometry(gpd.GeoSeries(shapes, index=self.table.index, crs=known))

    def area_km2(self) -> pd.Series[float]:
        """Geodesic area on the WGS 84 ellipsoid in km², in the order of the table."""
        return self._geodesic_km2.copy()

    @cached_property
    def _geodesic_km2(self) -> pd.Series[float]:
        areas = [square_km_from_square_m(geodesic_area_m2(shape)) for shape in self.table.geometry]
        return pd.Series(areas, index=self.table.index, name="area_km2", dtype=float)

    def select(self, codes: Iterable[str]) -> Areas:
        """Give the communes with these codes.

        Raises
        ------
        AreasError
            If a code is not among the areas.
        """
        wanted = list(dict.fromkeys(codes))
        unknown = sorted(set(wanted) - set(self.codes))
        if unknown:
            raise AreasError(
                f"no commune has the code {', '.join(unknown)}",
                vi=f"không có xã, phường nào mang mã {', '.join(unknown)}",
            )
        chosen = self.table[self.table["code"].isin(wanted)]
        return Areas(chosen, quality=self.quality, source=self.source, metadata=self.metadata)

    def find(self, name_or_code: str) -> gpd.GeoDataFrame:
        """Give the rows of a code, or of a name however its tone marks are placed.

        A name without any marks ("tan hoa") finds every commune that is spelt so without marks. A leading
        type ("Phường", "Xã") must agree.

        Raises
        ------
        AreasError
            If nothing matches.
        """
        query = nfc(name_or_code).strip()
        kind, name = split_type(query)
        at_code, at_name, at_plain = self._positions
        for found in (at_code.get(query), at_name.get(tone_key(name)), at_plain.get(fold(name))):
            rows = _of_type(self.table.iloc[found or []], kind)
            if len(rows):
                return rows
        raise AreasError(
            f"no commune has the code or name {query!r}",
            vi=f"không có xã, phường nào có mã hoặc tên “{query}”",
        )

    @cached_property
    def _positions(self) -> tuple[dict[str, list[int]], dict[str, list[int]], dict[str, list[int]]]:
        """Rows by code, by name whatever its tone placement, and by name without marks."""
        names = [str(name) for name in self.table["name"]]
        by_name, by_plain = defaultdict(list), defaultdict(list)
        for row, name in enumerate(names):
            by_name[tone_key(name)].append(row)
            by_plain[fold(name)].append(row)
        return {code: [row] for row, code in enumerate(self.codes)}, by_name, by_plain


def geodesic_area_m2(shape: shapely.Geometry | None) -> float:
    """Area on the WGS 84 ellipsoid in m² of a polygon in degrees, valid or not; zero for what has none.

    Source: Karney (2013), "Algorithms for geodesics", section 6, as PROJ implements it.
    """
    if shape is None or shape.is_empty or shape.geom_type not in {"Polygon", "MultiPolygon"}:
        return 0.0
    # normalize() turns shells and holes opposite ways, so that holes subtract.
    return abs(float(Geod(ellps="WGS84").geometry_area_perimeter(shapely.normalize(shape))[0]))


def _of_type(rows: gpd.GeoDataFrame, kind: str) -> gpd.GeoDataFrame:
    if not kind:
        return rows
    return rows[[pd.isna(each) or fold(str(each)) == fold(kind) for each in rows["type"]]]


def _canonical(table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Check a table and bring it to the columns, types and order that the rest relies on."""
    _require_columns(table)
    columns: dict[str, object] = {name: text_column(table, name) for name in TEXT_COLUMNS}
    columns |= {name: number_column(table, name, AreasError) for name in NUMBER_COLUMNS}
    columns["population"] = _whole(number_column(table, "population", AreasError))
    frame = pd.DataFrame(columns, index=table.index)
    _check_codes(frame["code"])
    _check_names(frame)
    geometry = _checked_geometry(table, frame["code"])
    result = gpd.GeoDataFrame(frame, geometry=geometry, crs=WGS84, index=table.index)[list(COLUMNS)]
    return cast("gpd.GeoDataFrame", result.sort_values("code").reset_index(drop=True))


def _require_columns(table: gpd.GeoDataFrame) -> None:
    if not len(table):
        raise AreasError("there is no commune in the table", vi="bảng không có xã, phường nào")
    missing = [name for name in ("code", "name") if name not in table.columns]
    if missing:
        raise AreasError(
            f"column {', '.join(missing)} is missing; the columns are {', '.join(map(str, table.columns))}",
            vi=f"thiếu cột {', '.join(missing)}; các cột hiện có: {', '.join(map(str, table.columns))}",
        )


def text_column(table: pd.DataFrame, name: str) -> pd.Series[str]:
    """Give a column as trimmed NFC text, missing where it is absent or blank."""
    if name not in table.columns:
        return pd.Series(pd.NA, index=table.index, dtype="string")
    values = [pd.NA if pd.isna(value) else nfc(str(value)).strip() or pd.NA for value in table[name]]
    return pd.Series(values, index=table.index, dtype="string")


def number_column(table: pd.DataFrame, name: str, error: type[GeocoverError]) -> pd.Series[float]:
    """Give a column as floats, NaN where it is absent or blank.

    Raises
    ------
    GeocoverError
        Of the given class, naming the row (the first is 1), if a value is not a finite number.
    """
    if name not in table.columns:
        return pd.Series(np.nan, index=table.index, dtype=float)
    numbers = pd.to_numeric(table[name], errors="coerce").astype(float)
    blank = table[name].isna() | (table[name].astype(str).str.strip() == "")
    wrong = np.flatnonzero(~(np.isfinite(numbers) | blank))
    if len(wrong):
        row, value = row_numbers(table)[wrong[0]], str(table[name].iloc[wrong[0]])
        raise error(
            f"row {row}, column {name}: {value!r} is not a number",
            vi=f"dòng {row}, cột {name}: “{value}” không phải là số",
        )
    return numbers


def row_numbers(table: pd.DataFrame | pd.Series[Any]) -> list[int]:
    """Rows as a person counts them in the file: the first is 1, also after a filter."""
    return [int(label) + 1 for label in table.index]


def _whole(numbers: pd.Series[float]) -> pd.Series[int]:
    wrong = np.flatnonzero((numbers < 0) | (numbers.notna() & (numbers != numbers.round())))
    if len(wrong):
        row, value = row_numbers(numbers)[wrong[0]], numbers.iloc[wrong[0]]
        raise AreasError(
            f"row {row}, column population: {value} is not a number of people",
            vi=f"dòng {row}, cột population: {value} không phải là số dân",
        )
    return numbers.astype("Int64")


def _check_codes(codes: pd.Series[str]) -> None:
    for row, code in zip(row_numbers(codes), codes.fillna(""), strict=True):
        if not CODE_PATTERN.fullmatch(code):
            raise AreasError(
                f"row {row}: commune code {code!r} is not five digits (text, with leading zeros)",
                vi=f"dòng {row}: mã xã “{code}” không phải là năm chữ số (dạng chữ, giữ số 0 ở đầu)",
            )
    _check_unique(codes)


def _check_unique(codes: pd.Series[str]) -> None:
    repeated = codes[codes.duplicated(keep=False)]
    if repeated.empty:
        return
    rows = {
        code: [row for row, each in zip(row_numbers(codes), codes, strict=True) if each == code]
        for code in sorted(set(repeated))
    }
    listed = "; ".join(f"{code} ({', '.join(map(str, at))})" for code, at in list(rows.items())[:5])
    raise AreasError(
        f"{len(rows)} commune codes occur more than once (rows in brackets): {listed}; "
        "keep one row a commune (dissolve its parts into one multipolygon)",
        vi=f"{len(rows)} mã xã bị lặp (số dòng trong ngoặc): {listed}; "
        "mỗi xã chỉ được một dòng (gộp các mảnh thành một đa giác)",
    )


def _check_names(frame: pd.DataFrame) -> None:
    nameless = np.flatnonzero(frame["name"].isna())
    if len(nameless):
        row, code = row_numbers(frame)[nameless[0]], frame["code"].iloc[nameless[0]]
        raise AreasError(
            f"row {row}: commune {code} has no name", vi=f"dòng {row}: xã có mã {code} thiếu tên"
        )


def _checked_geometry(table: gpd.GeoDataFrame, codes: pd.Series[str]) -> npt.NDArray[np.object_]:
    if table.crs is None or table.crs.to_epsg() != 4326:
        raise AreasError(
            f"areas are kept in EPSG:4326, not {table.crs}; read the file with read_areas, which converts it",
            vi=f"ranh giới phải ở hệ EPSG:4326, không phải {table.crs}; hãy đọc tệp bằng read_areas",
        )
    shapes = shapely.force_2d(table.geometry.to_numpy())
    for row, code, shape in zip(row_numbers(table), codes, shapes, strict=True):
        fault = _fault(shape)
        if fault:
            raise AreasError(
                f"row {row}, commune {code}: {fault[0]}", vi=f"dòng {row}, xã {code}: {fault[1]}"
            )
    return cast("npt.NDArray[np.object_]", shapes)


def _fault(shape: shapely.Geometry | None) -> tuple[str, str] | None:
    """Say what is wrong with a commune's geometry, in English and Vietnamese."""
    if shape is None or shape.is_empty:
        return "the geometry is empty", "hình học rỗng"
    if shape.geom_type not in {"Polygon", "MultiPolygon"}:
        return f"{shape.geom_type} instead of a polygon", f"{shape.geom_type} thay vì đa giác"
    if not shape.is_valid:
        why = shapely.is_valid_reason(shape)
        return (
            f"invalid polygon ({why}); `geocover boundaries import` repairs it",
            f"đa giác không hợp lệ ({why}); lệnh `geocover boundaries import` sẽ sửa",
        )
    west, south, east, north = shape.bounds
    if west < -180 or east > 180 or south < -90 or north > 90:
        return (
            f"{shape.bounds} is outside longitude ±180, latitude ±90 (are the axes swapped?)",
            f"{shape.bounds} nằm ngoài kinh độ ±180, vĩ độ ±90 (có bị đảo trục không?)",
        )
    return None
