"""A column as its different values: what is read once need not be read in each of 100,000 rows."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from geocover.names import nfc

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

    from geocover.site_lists.sheets import Value

# What stands in a cell that holds nothing, in lower case.
_NOTHING = frozenset({
    "", "-", "--", "---", "–", "—", "_", ".", "/", "?", "null", "(null)", "<null>", "none", "nil", "nan",
    "na", "n/a", "#n/a", "#na", "#ref!", "#value!", "#name?", "#div/0!", "#null!", "#num!", "#####", "tbd",
    "unknown", "không có dữ liệu", "chưa có số liệu", "không rõ", "chưa rõ",
})  # fmt: skip
_LONGEST = 24


@dataclass(frozen=True, eq=False)
class Distinct:
    """The different values of a column.

    Attributes
    ----------
    codes
        For each row the index of its value, -1 where the cell holds nothing; shape (rows,).
    values
        The different values, in the order in which they occur.
    """

    codes: NDArray[np.intp]
    values: tuple[Value, ...]

    @property
    def given(self) -> NDArray[np.bool_]:
        """Rows that hold something, shape (rows,)."""
        return self.codes >= 0

    def floats(self, results: Iterable[float]) -> NDArray[np.float64]:
        """One number a value, spread over the rows; NaN where a cell holds nothing."""
        return np.array([*results, math.nan], np.float64)[self.codes]

    def marks(self, results: Iterable[bool]) -> NDArray[np.bool_]:
        """One truth a value, spread over the rows; False where a cell holds nothing."""
        return np.array([*results, False], np.bool_)[self.codes]

    def objects(self, results: Iterable[object], empty: object) -> NDArray[np.object_]:
        """One object a value, spread over the rows; ``empty`` where a cell holds nothing."""
        return object_array([*results, empty])[self.codes]

    def texts(self, read: Callable[[Value], str]) -> NDArray[np.object_]:
        """Read each value as text and spread it; empty text where a cell holds nothing."""
        return self.objects([read(value) for value in self.values], "")


def distinct(values: NDArray[np.object_]) -> Distinct:
    """Find the different values of a column; what only says that there is nothing counts as nothing.

    Parameters
    ----------
    values
        Cells (`Value`), shape (rows,). Truths are told from numbers: True and 1 are not one value.
    """
    listed = values.tolist()
    told = values if _KEPT.issuperset(map(type, listed)) else object_array(map(_told, listed))
    codes, found = pd.factorize(told)
    empty = np.fromiter(map(is_nothing, found), np.bool_, len(found))
    number = np.append(np.where(empty, -1, np.cumsum(~empty) - 1), -1)
    return Distinct(number[codes], tuple(found[~empty].tolist()))


def is_nothing(value: object) -> bool:
    """Whether a cell holds nothing: empty, NaN, an error of a spreadsheet, or a mark for "none"."""
    if isinstance(value, str):
        return (
            len(value) <= _LONGEST and (value if value.isascii() else nfc(value)).strip().lower() in _NOTHING
        )
    return value is None or (isinstance(value, float) and math.isnan(value))


def object_array(values: Iterable[object]) -> NDArray[np.object_]:
    """Array of objects, shape (values,), whatever the objects are."""
    return np.fromiter(values, object)


def plain(value: Value) -> str:
    """Text of a cell: whole numbers without a point, white space single, composed (NFC)."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    text = str(value)
    if text.isascii() and text.isprintable() and "  " not in text:
        return text.strip()
    return " ".join((text if text.isascii() else nfc(text)).split())


def _told(value: object) -> object:
    """Keep what can be compared as it is; truths and anything strange become text."""
    if isinstance(value, bool | np.bool_):
        return "TRUE" if value else "FALSE"
    return value if type(value) in _KEPT else _comparable(value)


def _comparable(value: object) -> object:
    if value is None:
        return None
    if isinstance(value, np.generic):
        return value.item()
    try:
        hash(value)
    except TypeError:
        return str(value)
    return value


_KEPT = frozenset({str, int, float, type(None)})
