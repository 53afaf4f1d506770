"""Tells a drive test from a site list: a mistaken file is refused as a whole instead of row by row."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from geocover.io.drive_tests import WORDS
from geocover.site_lists.columns.heads import head_key
from geocover.site_lists.values.distinct import distinct
from geocover.site_lists.values.numbers import read_numbers

if TYPE_CHECKING:
    from geocover.site_lists.columns.columns import Columns
    from geocover.site_lists.sheets import Header, Table

# A list that tells any of these is about sites, whatever it measured there.
SITES = (
    "position_id", "station_name", "height_m", "downtilt_deg", "mechanical_tilt_deg", "power", "antenna",
    "band", "freq_mhz", "channel", "address", "commune", "on_air",
)  # fmt: skip
LEVELS_DBM = (-160.0, -20.0)
MOST = 0.9


def measured_level(table: Table, columns: Columns) -> Header | None:
    """Column of received levels in a table that tells nothing of sites; None where there is none."""
    if columns.has(*SITES):
        return None
    for header in table.headers:
        if head_key(header.text) in _level_heads() and _is_level(table, header):
            return header
    return None


def _is_level(table: Table, header: Header) -> bool:
    low, high = LEVELS_DBM
    levels = read_numbers(distinct(table.values[header.position]), low, high).values
    return bool(levels.size and np.mean((levels >= low) & (levels <= high)) >= MOST)


@lru_cache(maxsize=1)
def _level_heads() -> frozenset[str]:
    """Heads of levels, as the reader of drive tests knows them."""
    told = tomllib.loads(WORDS.read_text(encoding="utf-8"))
    return frozenset(head_key(head) for head in told["columns"]["rsrp_dbm"])
