"""Ditto marks: cells that say "as above" in place of a value."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from geocover.site_lists.columns.heads import tokens_of
from geocover.site_lists.values.distinct import is_nothing, object_array

if TYPE_CHECKING:
    from geocover.site_lists.sheets import Header, Value
    from geocover.site_lists.values.column_values import Source

# Of columns in which whole runs of rows say the same.
FIELDS = ("operator", "technology", "province", "district", "commune", "vendor", "site_kind")
_WORDS = {"nt", "nhu tren", "as above", "ditto"}
_MARKS = {'"', "''", "”", "“", "″", "〃", '-"-', '"-"', "-nt-", "-''-", "n.t"}


def fill_dittos(source: Source) -> None:
    """Put what stands above in the place of ditto marks; changes the table, and each is a finding."""
    for header in (header for field in FIELDS for header in source.columns.all(field)):
        _fill(source, header)


def _fill(source: Source, header: Header) -> None:
    column = source.distinct(header)
    marks = [is_ditto(value) for value in column.values]
    if not any(marks):
        return
    rows = np.flatnonzero(column.marks(marks))
    values = source.table.values[header.position]
    shown = values[rows].tolist()
    filled, above = [], []
    for at, mark in zip(rows.tolist(), shown, strict=True):
        if at and not is_nothing(values[at - 1]) and not is_ditto(values[at - 1]):
            values[at] = values[at - 1]
            filled.append((at, mark))
            above.append(values[at])
    where, told = [row for row, _ in filled], object_array(mark for _, mark in filled)
    source.findings.add_rows("ditto-filled", source.table, where, header, told, above=above)


def is_ditto(value: Value) -> bool:
    """Whether a cell says "as above": nt, như trên, a quotation mark."""
    if not isinstance(value, str) or len(value) > 10:
        return False
    text = value.strip().lower()
    return text in _MARKS or " ".join(tokens_of(text)) in _WORDS
