"""Which commune of before 2025-07-01 went into which new one: the tables that ship, and how they are made.

The dataset names units that were merged earlier (2018 to 2024) as keywords of the unit that took them in:
their type and name in one word, without marks. Those are the second table.
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pandas as pd

from geocover.boundaries.schematic_attributes import VALID_FROM
from geocover.boundaries.schematic_facts import commune_facts
from geocover.boundaries.schematic_units import converter_pairs, dataset_folder
from geocover.errors import AreasError
from geocover.io.atomic import atomic_path
from geocover.names import nfc, split_type

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

COLUMNS = (
    "old_code",
    "old_type",
    "old_name",
    "old_district",
    "old_province",
    "new_code",
    "new_type",
    "new_name",
    "share",
    "valid_from",
)
MERGED_COLUMNS = (
    "merged_type",
    "merged_key",
    "into_code",
    "into_type",
    "into_name",
    "into_district",
    "into_province",
)
_TYPES = {"xa": "Xã", "phuong": "Phường", "thitran": "Thị trấn"}
_MERGED = """
    select wardCode as into_code, ward, wardShortKey as own_key, district as into_district,
    province as into_province, wardAlias as aliases from admin_units_legacy
    where wardCode is not null and wardAlias is not null
"""
_OLD = """
    select wardCode as old_code, ward, district as old_district, province as old_province,
    provinceKey || '_' || coalesce(districtKey, '') || '_' || coalesce(wardKey, '') as old_key
    from admin_units_legacy where wardCode is not null
"""
_NEW = """
    select wardCode as new_code, ward as full_name, provinceKey || '_' || wardKey as new_key
    from admin_units where provinceCode = ?
"""


def build_old_units(province_code: str) -> pd.DataFrame:
    """Build the table of a province, given by its two digits, as "25".

    Returns
    -------
    pd.DataFrame
        One row an old unit and new commune, sorted by both codes, the columns of `COLUMNS`, all texts.
        ``share`` says how much of the old unit went there: "whole", or the "main" or a "minor" part.

    Raises
    ------
    AreasError
        If the dataset package is not installed, the province has no table of facts, or the two do not hold
        the same communes.
    """
    facts = commune_facts(province_code)
    table = _joined(province_code)
    if set(table["new_code"]) != set(facts):
        odd = ", ".join(sorted(set(table["new_code"]) ^ set(facts))[:5])
        raise AreasError(
            f"the dataset and the table of facts hold different communes: {odd}",
            f"bộ dữ liệu và bảng số liệu không cùng danh sách xã, phường: {odd}",
        )
    table["old_type"], table["old_name"] = zip(*map(split_type, table["ward"]), strict=True)
    table["new_type"] = [split_type(full_name)[0] for full_name in table["full_name"]]
    table["new_name"] = [facts[code].name for code in table["new_code"]]
    table["valid_from"] = VALID_FROM
    chosen = table[list(COLUMNS)].map(nfc)
    return chosen.sort_values(["old_code", "new_code"], ignore_index=True)


def build_merged_units(province_code: str) -> pd.DataFrame:
    """Build the table of a province's units that were merged before 2025 into those of `build_old_units`.

    Returns
    -------
    pd.DataFrame
        One row a merged unit and the unit of 2024 that took it (most of it) in, sorted; the columns of
        `MERGED_COLUMNS`, all texts. ``merged_key`` is the name without marks and blanks ("thanhnga").

    Raises
    ------
    AreasError
        As `build_old_units`.
    """
    old = set(build_old_units(province_code)["old_code"])
    with closing(sqlite3.connect(dataset_folder() / "dataset.db")) as database:
        units = pd.read_sql_query(_MERGED, database)
    found = []
    for unit in units[units["into_code"].isin(old)].to_dict("records"):
        kind, name = split_type(unit["ward"])
        for merged_type, key in merged_names(json.loads(unit["aliases"]), unit["own_key"]):
            place = (unit["into_district"], unit["into_province"])
            found.append((merged_type, key, unit["into_code"], kind, name, *place))
    return pd.DataFrame(sorted(found), columns=list(MERGED_COLUMNS)).map(nfc)


def merged_names(aliases: Sequence[str], own_key: str) -> set[tuple[str, str]]:
    """Types and names without marks that a unit's keywords stand for, but for its own name.

    Keywords are "xathanhnga" and mostly "thanhnga" beside it. One that is another's name ("phuongtrung" of
    "xaphuongtrung") does not begin with a type.
    """
    names = {alias[len(kind) :] for alias in aliases for kind in _TYPES if alias.startswith(kind)}
    typed = [alias for alias in aliases if alias not in names]
    found = {
        (_TYPES[kind], alias[len(kind) :]) for alias in typed for kind in _TYPES if alias.startswith(kind)
    }
    return {(kind, key) for kind, key in found if key != own_key}


def write_units(table: pd.DataFrame, path: Path) -> None:
    """Write a table of units as CSV: UTF-8, a header, lines ended by line feeds."""
    with atomic_path(path) as temporary:
        table.to_csv(temporary, index=False, lineterminator="\n")


def _joined(province_code: str) -> pd.DataFrame:
    folder = dataset_folder()
    with closing(sqlite3.connect(folder / "dataset.db")) as database:
        old = pd.read_sql_query(_OLD, database)
        new = pd.read_sql_query(_NEW, database, params=(province_code,))
    pairs = pd.DataFrame(
        converter_pairs(folder / "converter_2025.json"), columns=["new_key", "old_key", "share"]
    )
    return pairs.drop_duplicates(["new_key", "old_key"]).merge(old, on="old_key").merge(new, on="new_key")
