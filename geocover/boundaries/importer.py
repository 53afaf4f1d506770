"""Boundaries from a partner's file: guess columns, restore codes, repair polygons, and say what was done."""

from __future__ import annotations

import re
import tomllib
from dataclasses import replace
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING, cast

import numpy as np
import pandas as pd
import shapely

from geocover.areas import geodesic_area_m2
from geocover.boundaries.checks import BoundaryReport, Note, Repair, check_areas
from geocover.boundaries.index import complete_areas
from geocover.errors import AreasError
from geocover.io.areas import build_areas, rename_columns
from geocover.io.vector import read_vector
from geocover.names import fold, nfc, split_type

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import geopandas as gpd

    from geocover.areas import Areas

SHAPEFILE_HEADER_LENGTH = 10
_CODE = re.compile(r"'?([0-9]{1,5})(?:[.,]0+)?")
_KM2_PER_UNIT = {"ha": 1e-2, "m²": 1e-6}


def import_areas(
    path: str | Path,
    *,
    columns: Mapping[str, str] | None = None,
    province: str | None = None,
    layer: str | None = None,
    crs: str | None = None,
    index: Areas | None = None,
) -> tuple[Areas, BoundaryReport]:
    """Read communes from a file as partners send it, repair what can be repaired, and measure the rest.

    Parameters
    ----------
    path
        GeoJSON, GeoPackage, GeoParquet, Shapefile, FlatGeobuf, or one of them in a ZIP.
    columns
        The file's headers by the names of ``geocover.areas.COLUMNS`` (or ``province_code``); the others are
        guessed from ``columns.toml``.
    province
        Two-digit code: keep the rows of this province only, by the file's province column, or where it has
        none by the codes of ``index``.
    layer
        Name of the layer where the file holds several.
    crs
        The coordinate reference system of a file that states none.
    index
        A list of communes that fills missing attributes by code (``complete_areas``).

    Returns
    -------
    The communes, and a report of the columns taken, codes restored, polygons repaired, overlaps, gaps and
    deviations from the official areas.

    Raises
    ------
    AreasError
        If the file cannot be read, has no column of codes, names the same commune twice, or holds a geometry
        that cannot be made a polygon.
    CrsError
        If the CRS is missing, unknown or cannot be transformed exactly.
    """
    frame, metadata = read_vector(path, error=AreasError, layer=layer, crs=crs)
    mapping = guess_columns([str(name) for name in frame.columns], columns or {})
    _require(mapping, frame, path)
    frame = rename_columns(frame, mapping, path)
    notes = [_mapping_note(mapping)]
    steps = (_with_codes, _with_types, _with_area_unit)
    for step in steps:
        frame, note = step(frame)
        notes += note
    if province is not None:
        frame = _of_province(frame, province, index, path)
    frame, repaired = repair_polygons(frame)
    areas = build_areas(frame, metadata, path)
    if index is not None:
        areas, completed = complete_areas(areas, index)
        notes += completed
    return areas, replace(check_areas(areas), repaired=repaired, notes=tuple(notes))


@lru_cache(maxsize=1)
def _synonyms() -> dict[str, list[str]]:
    text = resources.files("geocover.boundaries").joinpath("columns.toml").read_text(encoding="utf-8")
    return {ours: [_key(header) for header in headers] for ours, headers in tomllib.loads(text).items()}


def _key(header: str) -> str:
    return re.sub(r"[^a-z0-9]", "", fold(header))


def guess_columns(headers: list[str], stated: Mapping[str, str]) -> dict[str, str]:
    """Tell which header stands for which of our columns; what is stated is taken as it is.

    Raises
    ------
    AreasError
        If ``stated`` names a column that is none of ours.
    """
    unknown = sorted(set(stated) - set(_synonyms()))
    if unknown:
        held = ", ".join(_synonyms())
        raise AreasError(
            f"no column {', '.join(unknown)} to fill; one of {held}",
            vi=f"không có cột đích {', '.join(unknown)}; chọn trong {held}",
        )
    free = [header for header in headers if header not in {*stated.values(), "geometry"}]
    guessed = {ours: _best(free, wanted) for ours, wanted in _synonyms().items() if ours not in stated}
    return dict(stated) | {ours: header for ours, header in guessed.items() if header is not None}


def _best(headers: list[str], wanted: list[str]) -> str | None:
    """Give the header of the surest synonym; whole matches go before cut ones."""
    by_key = {_key(header): header for header in reversed(headers)}
    whole = [by_key[key] for key in wanted if key in by_key]
    cut = [
        header
        for key in wanted
        for header in headers
        if len(header) == SHAPEFILE_HEADER_LENGTH and key.startswith(_key(header))
    ]
    return next(iter(whole + cut), None)


def _require(mapping: Mapping[str, str], frame: gpd.GeoDataFrame, path: str | Path) -> None:
    missing = [name for name in ("code", "name") if name not in mapping]
    if missing:
        held = ", ".join(str(name) for name in frame.columns if name != "geometry")
        raise AreasError(
            f"{path}: no column is recognised as {', '.join(missing)}; the columns are {held}; "
            f"say which one with --columns {missing[0]}=HEADER",
            vi=f"{path}: không nhận ra cột {', '.join(missing)}; các cột hiện có: {held}; "
            f"hãy chỉ rõ bằng --columns {missing[0]}=TÊN_CỘT",
        )


def _mapping_note(mapping: Mapping[str, str]) -> Note:
    pairs = ", ".join(f"{ours} = {header}" for ours, header in mapping.items())
    return Note(f"Columns: {pairs}", f"Cột đã nhận: {pairs}")


def restore_code(value: str | float | None) -> str | None:
    """Give a commune code its five digits back: 4792, 4792.0, "4792" and "'04792" are 04792.

    Anything else comes back as its trimmed text, and as None where it is missing.
    """
    if pd.isna(value):
        return None
    text = str(value).strip()
    match = _CODE.fullmatch(text)
    return match[1].zfill(5) if match else text


def _with_codes(frame: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, list[Note]]:
    codes = [restore_code(value) for value in frame["code"]]
    changed = sum(str(before) != after for before, after in zip(frame["code"], codes, strict=True))
    note = Note(
        f"{changed} codes were restored to five digits of text (a number loses its leading zeros)",
        f"Đã khôi phục {changed} mã xã về dạng chữ năm chữ số (dạng số làm mất số 0 ở đầu)",
    )
    return frame.assign(code=codes), [note] if changed else []


def _with_types(frame: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, list[Note]]:
    """Take the type word off the names ("Phường Tân Hòa"), and use it where the file has no type."""
    parts = [split_type(nfc(str(name))) if pd.notna(name) else ("", name) for name in frame["name"]]
    kinds, names = (list(each) for each in zip(*parts, strict=True))
    if "type" in frame.columns:
        kinds = [own if pd.notna(own) else kind for own, kind in zip(frame["type"], kinds, strict=True)]
    return frame.assign(type=kinds, name=names), []


def _with_area_unit(frame: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, list[Note]]:
    """Bring official areas in hectares or m² to km²; the median ratio to the polygons tells the unit."""
    if "area_official_km2" not in frame.columns:
        return frame, []
    stated = pd.to_numeric(frame["area_official_km2"], errors="coerce")
    own = np.array([geodesic_area_m2(shape) for shape in frame.geometry]) / 1e6
    ratio = float(np.nanmedian(stated / np.where(own == 0, np.nan, own)))
    for unit, factor in _KM2_PER_UNIT.items():
        if 0.8 < ratio * factor < 1.25:
            note = Note(
                f"Official areas are in {unit} (median {ratio:,.0f} times the polygon): converted to km²",
                f"Diện tích công bố tính bằng {unit}: đã đổi sang km²",
            )
            return frame.assign(area_official_km2=stated * factor), [note]
    return frame, []


def _of_province(
    frame: gpd.GeoDataFrame, province: str, index: Areas | None, path: str | Path
) -> gpd.GeoDataFrame:
    if "province_code" not in frame.columns and index is not None:
        keep = frame["code"].isin(index.codes).tolist()
    elif "province_code" not in frame.columns:
        raise AreasError(
            f"{path}: no column of province codes; name it with --columns province_code=HEADER, "
            "or leave --province out if the file holds one province only",
            vi=f"{path}: không có cột mã tỉnh; hãy chỉ rõ bằng --columns province_code=TÊN_CỘT, "
            "hoặc bỏ --province nếu tệp chỉ có một tỉnh",
        )
    else:
        keep = [_province_code(value) == province for value in frame["province_code"]]
    if not any(keep):
        raise AreasError(
            f"{path}: no commune of province {province}{_provinces_of(frame)}",
            vi=f"{path}: không có xã nào thuộc tỉnh mã {province}{_provinces_of(frame)}",
        )
    return cast("gpd.GeoDataFrame", frame[keep])


def _province_code(value: str | float | None) -> str | None:
    """Give a province code its two digits back: 1, 1.0 and "01" are 01."""
    code = restore_code(value)
    return code if code is None else code.lstrip("0").zfill(2)


def _provinces_of(frame: gpd.GeoDataFrame) -> str:
    """List what the file holds instead, where it says so."""
    if "province_code" not in frame.columns:
        return ""
    codes = {code for code in map(_province_code, frame["province_code"]) if code}
    return f" (province_code: {', '.join(sorted(codes)[:10])})"


def repair_polygons(frame: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, tuple[Repair, ...]]:
    """Make invalid polygons valid (GEOS "structure" method), keep their areal parts, and list them.

    ``frame`` is in EPSG:4326 and has a column ``code``; valid, missing and other geometry is left as it is.
    """
    shapes = frame.geometry.to_numpy().copy()
    broken = np.flatnonzero(~shapely.is_valid(shapes) & ~shapely.is_missing(shapes))
    repaired = []
    for at in broken:
        before, shapes[at] = shapes[at], _made_valid(shapes[at])
        change_m2 = geodesic_area_m2(shapes[at]) - geodesic_area_m2(before)
        row, code = int(frame.index[at]) + 1, str(frame["code"].iloc[at])
        repaired.append(Repair(row, code, str(shapely.is_valid_reason(before)), change_m2))
    return frame.set_geometry(shapes, crs=frame.crs), tuple(repaired)


def _made_valid(shape: shapely.Geometry) -> shapely.Geometry:
    made = shapely.make_valid(shape, method="structure", keep_collapsed=False)
    parts = [part for part in shapely.get_parts(shapely.get_parts(made)) if part.geom_type == "Polygon"]
    if not parts:
        return shapely.Polygon()
    return parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)
