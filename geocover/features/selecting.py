"""Which features a query gives, in order: box, time, simple filters, CQL2, sorting."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from geocover.features.boxes import box_of, parse_numbers
from geocover.features.columns import NUMBERS
from geocover.features.conditions import matching, unknown_property
from geocover.features.errors import FeatureQueryError
from geocover.features.moments import within
from geocover.features.operands import Operand, compare, operand_of
from geocover.features.patterns import without_case
from geocover.features.systems import known_system
from geocover.names import nfc

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from geocover.features.columns import Column
    from geocover.features.query import FeatureQuery
    from geocover.features.shapes import Shapes
    from geocover.features.tables import FeatureTable

TRUTHS = {"true": True, "false": False}
MOST_SORTED = 8


@dataclass(frozen=True, eq=False)
class Selection:
    """Numbers of the features that a query gives, in order, shape ``(matched,)``."""

    rows: NDArray[np.int64]

    @property
    def size(self) -> int:
        """Bytes, roughly."""
        return self.rows.nbytes + 500


def select(table: FeatureTable, query: FeatureQuery, shapes: Callable[[str], Shapes]) -> Selection:
    """Select the features that a query asks for.

    Parameters
    ----------
    table
        The features.
    query
        What is asked.
    shapes
        Gives the table's geometries in a system.

    Raises
    ------
    FeatureQueryError
        Something in the query cannot be understood.
    """
    keep = np.ones(len(table.ids), dtype=bool)
    if query.bbox is not None:
        keep &= _in_box(query, shapes)
    if query.datetime is not None:
        keep &= within(table, query.datetime)
    for name, value in query.equals:
        keep &= _equal(table, name, value)
    if query.filter is not None:
        system = known_system(query.filter_crs, "filter-crs")
        keep &= matching(table, (query.filter, query.filter_lang), system, lambda: shapes(system))
    rows = np.flatnonzero(keep).astype(np.int64)
    return Selection(_sorted(table, rows, query.sortby) if query.sortby is not None else rows)


def _in_box(query: FeatureQuery, shapes: Callable[[str], Shapes]) -> NDArray[np.bool_]:
    """Which features touch the box; those without a geometry are in every box (Part 1, fc-bbox-response)."""
    system = known_system(query.bbox_crs, "bbox-crs")
    box = box_of(parse_numbers(query.bbox or ""), system)
    held = shapes(system)
    return held.spread(held.touching(box)) | held.missing


def _equal(table: FeatureTable, name: str, value: str) -> NDArray[np.bool_]:
    """Which features have a value, written as in an address; texts are compared without case."""
    column = table.columns.get(name)
    if column is None:
        raise unknown_property("?", name, table)
    found = operand_of(column)
    if found.sort == "text":
        found, wanted = found.texts(without_case), Operand("text", without_case(nfc(value)))
    else:
        wanted = _wanted(column, name, value)
    return compare("=", found, wanted, len(table.ids)).yes


def _wanted(column: Column, name: str, value: str) -> Operand:
    if column.kind == "boolean":
        if value.lower() not in TRUTHS:
            raise _wrong(name, value, "true or false", "true hoặc false")
        return Operand("boolean", TRUTHS[value.lower()])
    if column.kind in NUMBERS:
        try:
            number = float(value)
        except ValueError:
            number = np.nan
        if not np.isfinite(number):
            raise _wrong(name, value, "a number", "một số")
        if column.kind == "integer" and not number.is_integer():
            raise _wrong(name, value, "a whole number", "một số nguyên")
        return Operand("number", number)
    return Operand("text", value)


def _wrong(name: str, value: str, wanted: str, vi: str) -> FeatureQueryError:
    return FeatureQueryError(f"{name}: {value!r} is not {wanted}", f"{name}: “{value}” không phải {vi}")


def _sorted(table: FeatureTable, rows: NDArray[np.int64], sortby: str) -> NDArray[np.int64]:
    """Rows by properties; equal ones stay in the collection's order, missing ones come last either way."""
    keys = sortby.split(",")
    if len(keys) > MOST_SORTED:
        raise _wrong(
            "sortby", sortby, f"of {MOST_SORTED} properties at most", f"tối đa {MOST_SORTED} thuộc tính"
        )
    for key in reversed(keys):
        # A plus sign in an address is a space to most servers.
        name = key[1:] if key[:1] in ("+", "-", " ") else key
        column = table.columns.get(name)
        if column is None:
            raise unknown_property("sortby", name, table)
        rows = rows[_order(column, rows, descending=key.startswith("-"))]
    return rows


def _order(column: Column, rows: NDArray[np.int64], *, descending: bool) -> NDArray[np.int64]:
    values = column.values
    if column.codes is not None:  # texts: their place among the distinct ones, by code points
        place = np.empty(len(values), dtype=np.int64)
        place[sorted(range(len(values)), key=lambda at: str(values[at]))] = np.arange(len(values))
        values = place[column.codes]
    ranked = np.unique(values[rows], return_inverse=True)[1]
    signed = -ranked if descending else ranked
    return np.lexsort((signed, column.missing[rows]))
