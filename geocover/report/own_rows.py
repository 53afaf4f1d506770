"""A list speaks for one operator: rows about others are told and refused, never kept under its name."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from geocover.register.operators import operator_key
from geocover.site_lists.values.operators import known_operator

if TYPE_CHECKING:
    import pandas as pd

    from geocover.site_lists.checked import CheckedList, CheckedTable


def same_operator(one: str, other: str) -> bool:
    """Whether two texts name one operator: by its known spellings, else without case and marks."""
    return operator_key(known_operator(one) or one) == operator_key(known_operator(other) or other)


def own_alone(checked: CheckedList, operator: str) -> CheckedList:
    """Refuse the rows of a checked list that tell of another operator's cells; each is a finding."""
    names = checked.cells["operator"]
    strange = [name for name in names.unique() if not same_operator(str(name), operator)]
    if not strange:
        return checked
    foreign = checked.cells[names.isin(strange)]
    tables = tuple(_refused(part, checked, foreign, operator) for part in checked.tables)
    refused = set(zip(foreign["sheet"], foreign["row"], strict=True))
    at = zip(checked.cells["sheet"], checked.cells["row"], strict=True)
    keep = np.array([place not in refused for place in at], dtype=bool)
    return replace(checked, tables=tables, cells=checked.cells[keep].reset_index(drop=True))


def _refused(part: CheckedTable, checked: CheckedList, foreign: pd.DataFrame, operator: str) -> CheckedTable:
    """One table without the rows of others, which are told."""
    here = foreign[foreign["sheet"] == part.table.sheet].drop_duplicates("row")
    other = dict(zip(here["row"].astype(int), here["operator"].astype(str), strict=True))
    mask = part.accepted & np.isin(part.table.rows, list(other))
    values = [other[int(row)] for row in part.table.rows[mask]]
    header = part.columns.first("operator")
    checked.findings.add_rows("operator-foreign", part.table, mask, header, values, own=operator)
    return replace(part, accepted=part.accepted & ~mask)
