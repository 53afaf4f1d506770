"""The lists of communes that ship with the package, and what they add to boundaries without attributes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geocover.areas import Areas
from geocover.boundaries.checks import Note
from geocover.errors import AreasError
from geocover.io.areas import read_areas
from geocover.names import tone_key
from geocover.resources import ROOTS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import geopandas as gpd

PROVINCE_KEYS = ("province_code", "province_name", "valid_from")
OWN_COLUMNS = (
    "type",
    "population",
    "area_official_km2",
    "former_province",
    "pre_merger_units",
    "valid_from",
)
# A centre is one statement: its accuracy and basis must not come from another source than its position.
CENTRE_COLUMNS = ("centre_lon", "centre_lat", "centre_accuracy_m", "centre_basis")
LISTED = 5


def shipped_index(province: str, folder: Path | None = None) -> Areas:
    """Give the schematic communes of a province that ship with the package.

    ``folder`` holds the files ``*-schematic.geojson``; by default the package's own data.

    Raises
    ------
    AreasError
        If none of them is of this province.
    """
    found = shipped_indexes(folder)
    if province not in found:
        held = ", ".join(found)
        raise AreasError(
            f"no list of communes ships for province {province!r}; there is {held or 'none'}",
            vi=f"chưa có danh sách xã của tỉnh mã “{province}”; hiện có: {held or 'không có'}",
        )
    return found[province]


def shipped_indexes(folder: Path | None = None) -> dict[str, Areas]:
    """Give every list of communes that ships, by the code of its province."""
    folders = [folder] if folder else [root / "boundaries" for root in ROOTS]
    paths = [path for each in folders for path in sorted(each.glob("*-schematic.geojson"))]
    lists = [read_areas(path) for path in paths]
    return {str(areas.metadata.get("province_code")): areas for areas in lists}


def province_metadata(index: Areas) -> dict[str, object]:
    """Tell which province a list is of, and since when it holds."""
    return {key: index.metadata[key] for key in PROVINCE_KEYS if key in index.metadata}


def complete_areas(areas: Areas, index: Areas) -> tuple[Areas, tuple[Note, ...]]:
    """Fill missing attributes by code from a list of communes, and note where the two disagree.

    What the areas state themselves stays. Polygons, names and quality are those of ``areas``.
    """
    table = areas.table.set_index("code")
    known = index.table.set_index("code").reindex(table.index)
    filled = {name: table[name].fillna(known[name]) for name in OWN_COLUMNS}
    centreless = table["centre_lon"].isna() | table["centre_lat"].isna()
    filled |= {name: table[name].mask(centreless, known[name]) for name in CENTRE_COLUMNS}
    result = Areas(
        table.assign(**filled).reset_index(),
        quality=areas.quality,
        source=areas.source,
        metadata=province_metadata(index) | dict(areas.metadata),
    )
    notes = (*_filled_note(areas.table, result.table), *_unit_notes(areas, index), *_name_note(areas, index))
    return result, notes


def _filled_note(before: gpd.GeoDataFrame, after: gpd.GeoDataFrame) -> Iterator[Note]:
    counts = {
        name: int((before[name].isna() & after[name].notna()).sum()) for name in OWN_COLUMNS + CENTRE_COLUMNS
    }
    parts = ", ".join(f"{name} ({count})" for name, count in counts.items() if count)
    if parts:
        yield Note(
            f"Filled from the shipped list of communes: {parts}",
            f"Đã bổ sung từ danh sách xã kèm theo: {parts}",
        )


def _unit_notes(areas: Areas, index: Areas) -> Iterator[Note]:
    missing = sorted(set(index.codes) - set(areas.codes))
    if missing:
        yield Note(
            f"{len(missing)} of {len(index)} communes of the list are not in the file: {_some(missing)}",
            f"Tệp thiếu {len(missing)} trong {len(index)} xã của danh sách: {_some(missing)}",
        )
    unknown = sorted(set(areas.codes) - set(index.codes))
    if unknown:
        yield Note(
            f"{len(unknown)} codes of the file are not in the list: {_some(unknown)}",
            f"{len(unknown)} mã trong tệp không có trong danh sách: {_some(unknown)}",
        )


def _name_note(areas: Areas, index: Areas) -> Iterator[Note]:
    listed = dict(zip(index.codes, index.table["name"], strict=True))
    rows = zip(areas.codes, areas.table["name"], strict=True)
    differing = [
        f"{code} {name} / {listed[code]}"
        for code, name in rows
        if code in listed and tone_key(str(name)) != tone_key(str(listed[code]))
    ]
    if differing:
        yield Note(
            f"{len(differing)} names differ from the list (file / list): {_some(differing)}",
            f"{len(differing)} tên khác với danh sách (tệp / danh sách): {_some(differing)}",
        )


def _some(items: list[str]) -> str:
    """List the first few."""
    return ", ".join(items[:LISTED]) + (" …" if len(items) > LISTED else "")
