"""Places: the points and polygons that coverage must reach."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import geopandas as gpd
import pandas as pd
import shapely

from geocover.areas import CODE_PATTERN, number_column, row_numbers, text_column
from geocover.crs import WGS84
from geocover.errors import PlacesError

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy as np
    import numpy.typing as npt

    from geocover.areas import Areas

KINDS = ("commune_centre", "industrial_park", "hamlet", "urban_centre")
TEXT_COLUMNS = ("id", "name", "kind", "commune_code", "status", "basis", "source")
COLUMNS = (
    "id",
    "name",
    "kind",
    "commune_code",
    "status",
    "area_ha",
    "accuracy_m",
    "basis",
    "source",
    "geometry",
)
SHAPES = {"Point", "Polygon", "MultiPolygon"}


@dataclass(frozen=True, eq=False)
class Places:
    """Commune centres, industrial parks, hamlets and urban centres.

    Parameters
    ----------
    table
        One row a place: ``id``, ``name``, ``kind`` (one of ``KINDS``) and ``geometry`` (points or polygons
        in EPSG:4326) are required; the other names of ``COLUMNS`` are filled with missing values where
        absent, and further columns are dropped. ``accuracy_m`` is the error of the position in metres. On
        the object the rows are sorted by kind and id. An empty table is allowed.

    Raises
    ------
    PlacesError
        If an id is missing or occurs twice, a kind is unknown, a commune code is not five digits, a number
        is not a number, or a geometry is neither a point nor a valid polygon.
    """

    table: gpd.GeoDataFrame

    def __post_init__(self) -> None:
        object.__setattr__(self, "table", _canonical(self.table))

    def __len__(self) -> int:
        return len(self.table)

    @classmethod
    def commune_centres(cls, areas: Areas) -> Places:
        """Give the centre of each commune (seat of its People's Committee), id ``centre-<code>``.

        Raises
        ------
        PlacesError
            If a commune has no centre, or one outside longitude and latitude.
        """
        table = areas.table
        lacking = table["code"][table["centre_lon"].isna() | table["centre_lat"].isna()]
        if len(lacking):
            raise PlacesError(
                f"{len(lacking)} communes have no centre (columns centre_lon, centre_lat): "
                f"{', '.join(lacking[:5])}; give the seat of each commune",
                vi=f"{len(lacking)} xã, phường thiếu toạ độ trung tâm (cột centre_lon, centre_lat): "
                f"{', '.join(lacking[:5])}; hãy bổ sung vị trí trụ sở từng xã",
            )
        return cls(
            gpd.GeoDataFrame(
                {
                    "id": "centre-" + table["code"],
                    "name": table["name"],
                    "kind": "commune_centre",
                    "commune_code": table["code"],
                    "accuracy_m": table["centre_accuracy_m"],
                    "basis": table["centre_basis"],
                    "source": areas.source,
                },
                geometry=gpd.points_from_xy(table["centre_lon"], table["centre_lat"]),
                crs=WGS84,
            )
        )

    @classmethod
    def none(cls) -> Places:
        """A list without any place."""
        empty: dict[str, list[str]] = {name: [] for name in ("id", "name", "kind", "commune_code")}
        return cls(gpd.GeoDataFrame(empty, geometry=[], crs=WGS84))

    @classmethod
    def concat(cls, parts: Iterable[Places]) -> Places:
        """Join several lists of places; their ids must differ.

        Raises
        ------
        PlacesError
            If there is no part, or an id occurs in two of them.
        """
        tables = [part.table for part in parts]
        if not tables:
            raise PlacesError("no places to join", vi="không có danh sách địa điểm nào để ghép")
        rows = [row for table in tables for row in table.to_dict("records")]
        return cls(gpd.GeoDataFrame(rows, columns=list(COLUMNS), geometry="geometry", crs=WGS84))

    def of_kind(self, kind: str) -> Places:
        """Give the places of one kind.

        Raises
        ------
        PlacesError
            If the kind is none of ``KINDS``.
        """
        if kind not in KINDS:
            raise PlacesError(*_unknown_kind(kind))
        return Places(self.table[self.table["kind"] == kind])


def _unknown_kind(kind: object) -> tuple[str, str]:
    return (
        f"unknown kind of place {kind!r}; one of {', '.join(KINDS)}",
        f"không có loại địa điểm {kind!r}; chọn một trong {', '.join(KINDS)}",
    )


def _canonical(table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Check a table and bring it to the columns, types and order that the rest relies on."""
    missing = [name for name in ("id", "name", "kind") if name not in table.columns]
    if missing:
        raise PlacesError(
            f"column {', '.join(missing)} is missing; the columns are {', '.join(map(str, table.columns))}",
            vi=f"thiếu cột {', '.join(missing)}; các cột hiện có: {', '.join(map(str, table.columns))}",
        )
    columns = {name: text_column(table, name) for name in TEXT_COLUMNS}
    numbers = {name: number_column(table, name, PlacesError) for name in ("area_ha", "accuracy_m")}
    frame = pd.DataFrame({**columns, **numbers}, index=table.index)
    texts = (frame[name].fillna("") for name in ("id", "kind", "commune_code"))
    checked = zip(row_numbers(frame), *texts, strict=True)
    for row, identity, kind, commune_code in checked:
        _check_row(row, identity, kind, commune_code)
    _check_unique(frame["id"])
    result = gpd.GeoDataFrame(frame, geometry=_checked_geometry(table, frame["id"]), crs=WGS84)
    return cast("gpd.GeoDataFrame", result[list(COLUMNS)].sort_values(["kind", "id"]).reset_index(drop=True))


def _check_row(row: int, identity: str, kind: str, commune_code: str) -> None:
    if not identity:
        raise PlacesError(f"row {row}: the id is missing", vi=f"dòng {row}: thiếu mã địa điểm (id)")
    if kind not in KINDS:
        english, vietnamese = _unknown_kind(kind)
        raise PlacesError(f"row {row}: {english}", vi=f"dòng {row}: {vietnamese}")
    if commune_code and not CODE_PATTERN.fullmatch(commune_code):
        raise PlacesError(
            f"row {row}, place {identity}: commune code {commune_code!r} is not five digits",
            vi=f"dòng {row}, địa điểm {identity}: mã xã “{commune_code}” không phải là năm chữ số",
        )


def _check_unique(ids: pd.Series[str]) -> None:
    repeated = sorted(set(ids[ids.duplicated()]))
    if repeated:
        raise PlacesError(
            f"{len(repeated)} place ids occur more than once: {', '.join(repeated[:5])}",
            vi=f"{len(repeated)} mã địa điểm bị lặp: {', '.join(repeated[:5])}",
        )


def _checked_geometry(table: gpd.GeoDataFrame, ids: pd.Series[str]) -> npt.NDArray[np.object_]:
    if table.crs is None or table.crs.to_epsg() != 4326:
        raise PlacesError(
            f"places are kept in EPSG:4326, not {table.crs}; read_places converts a file to it",
            vi=f"địa điểm phải ở hệ EPSG:4326, không phải {table.crs}; hãy đọc tệp bằng read_places",
        )
    shapes = shapely.force_2d(table.geometry.to_numpy())
    for row, identity, shape in zip(row_numbers(table), ids, shapes, strict=True):
        fault = _fault(shape)
        if fault:
            raise PlacesError(
                f"row {row}, place {identity}: {fault[0]}", vi=f"dòng {row}, địa điểm {identity}: {fault[1]}"
            )
    return cast("npt.NDArray[np.object_]", shapes)


def _fault(shape: shapely.Geometry | None) -> tuple[str, str] | None:
    """Say what is wrong with a place's geometry, in English and Vietnamese."""
    if shape is None or shape.is_empty:
        return "the geometry is empty", "hình học rỗng"
    if shape.geom_type not in SHAPES:
        return f"{shape.geom_type} instead of a point or polygon", f"{shape.geom_type} thay vì điểm, đa giác"
    if not shape.is_valid:
        why = shapely.is_valid_reason(shape)
        return f"invalid geometry ({why})", f"hình học không hợp lệ ({why})"
    west, south, east, north = shape.bounds
    if west < -180 or east > 180 or south < -90 or north > 90:
        return (
            f"{shape.bounds} is outside longitude ±180, latitude ±90",
            f"{shape.bounds} nằm ngoài kinh độ ±180, vĩ độ ±90",
        )
    return None
