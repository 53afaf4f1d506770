"""A sheet as columns of clean values, and what single values look like."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import zip_longest
from typing import TYPE_CHECKING

import numpy as np

from geocover.names import nfc
from geocover.site_lists.reading.fonts import conversions
from geocover.site_lists.reading.spreadsheets import letter_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from geocover.site_lists.reading.refusals import Note
    from geocover.site_lists.sheets import Sheet, Value

# Characters that are not seen (zero-width ones, byte order mark, soft hyphen, NUL), and other spaces.
_UNSEEN = dict.fromkeys([0, 0xAD, 0x200B, 0x200C, 0x200D, 0x200E, 0x200F, 0x2060, 0xFEFF])
_SPACES = dict.fromkeys([0xA0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000], " ")
_TABLE = {**_UNSEEN, **_SPACES}
_ODD = re.compile(f"[{''.join(map(chr, _TABLE))}]")
_NUMBER = re.compile(r"[+-]?\d[\d.,\s]*(?:[eE][+-]?\d+)?%?")
_DEGREES = re.compile(r"\d\s*[°º˚ᵒ]|\d\s*['′’]\s*\d")
_PAIR = re.compile(r"\(?\s*-?\d{1,3}[.,]\d{3,}\s*[,;/ ]\s*-?\d{1,3}[.,]\d{3,}\s*\)?")
_SAMPLE = 200


@dataclass(frozen=True, eq=False)
class Grid:
    """Values of a sheet.

    Attributes
    ----------
    sheet
        Where they come from.
    columns
        One array of objects a column, shape (rows,); text is composed (NFC) and trimmed, None where empty.
    filled
        Whether a cell holds anything, shape (rows, columns).
    carried
        Cells that took the value of the merged cell above them, shape (rows, columns).
    """

    sheet: Sheet
    columns: tuple[NDArray[np.object_], ...]
    filled: NDArray[np.bool_]
    carried: NDArray[np.bool_]

    @property
    def counts(self) -> NDArray[np.int64]:
        """Filled cells of each row, shape (rows,)."""
        return np.asarray(self.filled.sum(axis=1), np.int64)

    def row(self, at: int) -> list[Value]:
        """Values of a row."""
        return [column[at] for column in self.columns]

    def number(self, at: int) -> int:
        """Number of a row in the file."""
        return self.sheet.first_row + at

    def letter(self, column: int) -> str:
        """Letter of a column in the file."""
        return letter_of(self.sheet.first_column + column)

    def block(self, start: int, stop: int) -> Grid:
        """Some neighbouring columns as a grid of their own."""
        from dataclasses import replace

        sheet = replace(self.sheet, first_column=self.sheet.first_column + start)
        return Grid(sheet, self.columns[start:stop], self.filled[:, start:stop], self.carried[:, start:stop])

    def merged_from(self, at: int, column: int) -> tuple[int, int] | None:
        """Last row and column (indices) of the merged cell that starts here."""
        return _merged_starts(self.sheet).get((self.number(at), self.sheet.first_column + column))


def grid_of(sheet: Sheet, note: Note) -> Grid:
    """Columns of a sheet, text of old fonts converted; a merged cell's value stands in each of its rows."""
    columns = _columns(sheet, note)
    count = len(sheet.rows)
    carried = np.zeros((count, len(columns)), np.bool_)
    for top, left, bottom, _ in sheet.merged:
        column, first, last = left - sheet.first_column, top - sheet.first_row, bottom - sheet.first_row
        if (
            0 <= column < len(columns)
            and 0 <= first < min(last, count - 1)
            and columns[column][first] is not None
        ):
            columns[column][first + 1 : last + 1] = columns[column][first]
            carried[first + 1 : last + 1, column] = True
    filled = np.zeros((count, len(columns)), np.bool_)
    for at, values in enumerate(columns):
        filled[:, at] = is_filled(values)
    return Grid(sheet, tuple(columns), filled, carried)


def is_filled(values: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Where a column holds anything, shape (rows,)."""
    return np.asarray(values != np.array(None), np.bool_)


def _columns(sheet: Sheet, note: Note) -> list[NDArray[np.object_]]:
    columns = list(zip_longest(*sheet.rows))
    texts = [_texts(values) for values in columns]
    encoding, converted = conversions(texts)
    if encoding:
        _tell_fonts(sheet, columns, encoding, converted, note)
    cleaned = []
    for values, own, new in zip(columns, texts, converted, strict=True):
        changes = {text: clean(new.get(text, text)) for text in own}
        cleaned.append(_changed(values, {text: value for text, value in changes.items() if value != text}))
    return cleaned


def _texts(values: Sequence[Value]) -> set[str]:
    """Texts of a column; looked for only where the column holds any."""
    kinds = set(map(type, values))
    if kinds <= {str}:
        return set(values)  # type: ignore[arg-type]
    return {value for value in values if type(value) is str} if str in kinds else set()


def _changed(values: Sequence[Value], changes: Mapping[str, str | None]) -> NDArray[np.object_]:
    if changes:
        values = [changes.get(value, value) if type(value) is str else value for value in values]
    column = np.empty(len(values), np.object_)
    column[:] = values
    if float in set(map(type, values)):
        # What is no number equals nothing, itself included: GeoJSON may hold NaN for an empty cell.
        column[np.asarray(column != column, np.bool_)] = None  # noqa: PLR0124
    return column


def _tell_fonts(
    sheet: Sheet,
    columns: Sequence[Sequence[Value]],
    encoding: str,
    converted: Sequence[Mapping[str, str]],
    note: Note,
) -> None:
    count = sum(
        value in new for values, new in zip(columns, converted, strict=True) if new for value in values
    )
    before, after = min(item for new in converted for item in new.items())
    note("font-converted", sheet=sheet.name, count=count, encoding=encoding, before=before, after=after)


def clean(text: str) -> str | None:
    """Text composed, without unseen characters and white space around it; None where none is left."""
    if _ODD.search(text):
        text = text.translate(_TABLE)
    return nfc(text).strip() or None


def is_number(value: Value) -> bool:
    """Whether a value is a number or a text that looks like one."""
    if isinstance(value, str):
        return _NUMBER.fullmatch(value) is not None or _DEGREES.search(value) is not None
    return value is not None


def is_coordinate(value: Value) -> bool:
    """Whether a value may be a coordinate.

    That is degrees with three decimals or more or with minutes, metres of six or seven digits, or a pair.
    """
    if isinstance(value, str):
        if _DEGREES.search(value) or _PAIR.fullmatch(value):
            return True
        text = value.replace(" ", "").replace(",", ".")
        try:
            value = float(text) if text.count(".") < 2 else float(text.replace(".", ""))
        except ValueError:
            return False
    if not isinstance(value, int | float) or isinstance(value, bool):
        return False
    size = abs(value)
    return (size < 180 and size != round(size, 2)) or 100_000 <= size < 10_000_000


def holds_positions(grid: Grid, rows: NDArray[np.int64]) -> bool:
    """Whether some rows look like sites: two columns of coordinates, or one of pairs."""
    rows = rows[:_SAMPLE]
    columns = 0
    for column in grid.columns:
        values = [value for value in column[rows] if value is not None]
        if len(values) >= max(1, len(rows) // 2):
            good = sum(is_coordinate(value) for value in values)
            paired = sum(isinstance(value, str) and bool(_PAIR.fullmatch(value)) for value in values)
            columns += (good > 0.6 * len(values)) + (paired > 0.6 * len(values))
    return columns >= 2


@lru_cache(maxsize=8)
def _merged_starts(sheet: Sheet) -> dict[tuple[int, int], tuple[int, int]]:
    return {(top, left): (bottom, right) for top, left, bottom, right in sheet.merged}
