"""A list speaks for one operator: rows about others are told and refused, never kept under its name."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from geocover.register.operators import operator_key
from geocover.site_lists.values.operators import known_operator

if TYPE_CHECKING:
    from geocover.site_lists.checked import CheckedList, CheckedTable


def same_operator(one: str, other: str) -> bool:
    """Whether two texts name one operator: by its known spellings, else without case and marks."""
    return operator_key(known_operator(one) or one) == operator_key(known_operator(other) or other)


def own_alone(checked: CheckedList, operator: str) -> CheckedList:
    """Refuse the rows of a checked list that tell of another operator; each is a finding.

    Rows that are refused for another reason are told of too: their owner learns all at once.
    """
    named = {str(name) for part in checked.tables for name in part.rows["operator"].unique()} - {""}
    strange = {name for name in named if not same_operator(name, operator)}
    if not strange:
        return checked
    tables = tuple(_refused(part, checked, strange, operator) for part in checked.tables)
    keep = ~checked.cells["operator"].isin(strange).to_numpy(bool)
    return replace(checked, tables=tables, cells=checked.cells[keep].reset_index(drop=True))


def _refused(part: CheckedTable, checked: CheckedList, strange: set[str], operator: str) -> CheckedTable:
    """One table without the rows of others, which are told."""
    names = part.rows["operator"]
    mask = names.isin(strange).to_numpy(bool)
    header = part.columns.first("operator")
    checked.findings.add_rows(
        "operator-foreign", part.table, mask, header, names[mask].tolist(), own=operator
    )
    return replace(part, accepted=part.accepted & ~mask)
