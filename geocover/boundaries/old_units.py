"""Which commune of before 2025-07-01 went into which new one: the table that ships, and how it is made."""

from __future__ import annotations

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
    """Build the table of a province.

    Parameters
    ----------
    province_code
        Two digits, as "25".

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


def write_old_units(path: Path, province_code: str = "25") -> None:
    """Build the table of a province and write it as CSV (UTF-8, a header, lines ended by line feeds).

    Raises
    ------
    AreasError
        As `build_old_units`.
    """
    table = build_old_units(province_code)
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
