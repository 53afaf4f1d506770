"""Heads of columns: which rows of a sheet hold them, and what they say together."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from geocover.site_lists.reading.grid import Grid, holds_positions, is_coordinate, is_filled, is_number

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

    from geocover.site_lists.sheets import Value

    Known = Callable[[str], float]

# A text counts as a known head from this sureness on, and a row as heads with so many of them, or so large a
# share of its cells.
SURE = 0.5
FEWEST = 2
SHARE = 0.3
ENOUGH = 4
_LONGEST = 120
_SEARCHED_ROWS = 60
_FEWEST_LINES, _MOST_OF = 3, 0.6
_MOST_LINES = 3
LINE_JOINT = " / "
# Share of its cells in which a line must say what the heads say to repeat them.
_ALIKE = 0.7
_UNITS = re.compile(
    r"[(\[]?(?:m|km|met|mét|dbm|dbi|db|w|kw|mhz|ghz|khz|hz|độ|do|deg|degrees?|°|%|phút|phut|giây|giay|min|minutes?|sec|seconds?|mbit/s|mbps|m/s"
    r"|dd/mm/yyyy|mm/dd/yyyy|yyyy-mm-dd|vn-?2000|wgs-?84)[)\]]?",
    re.IGNORECASE,
)
_ORDINAL = re.compile(r"[(\[]?(\d{1,3}|[a-z])[)\]]?(?:\s*=.*)?", re.IGNORECASE)


@dataclass(frozen=True)
class Head:
    """Where heads of columns stand and what they say.

    Attributes
    ----------
    lines
        Indices of the rows that hold them.
    numbers
        Indices of rows that only number the columns.
    texts
        One a column of the grid, lines joined by " / ", empty where there is none.
    guessed
        Whether no text was known, and the rows were taken by their looks.
    """

    lines: tuple[int, ...]
    numbers: tuple[int, ...]
    texts: tuple[str, ...]
    guessed: bool = False

    @property
    def stop(self) -> int:
        """Index of the first row behind."""
        return max((*self.lines, *self.numbers)) + 1


def remembering(known: Known) -> Known:
    """Ask for each text once only, and for no text that is too long for a head or ends in a colon."""
    told: dict[str, float] = {}

    def ask(text: str) -> float:
        if text not in told:
            told[text] = known(text) if len(text) <= _LONGEST and not text.endswith(":") else 0.0
        return told[text]

    return ask


def find_head(grid: Grid, known: Known) -> Head | None:
    """First heads of a sheet: known ones, else a row that looks like heads above rows like sites."""
    rows = np.flatnonzero(grid.counts)[:_SEARCHED_ROWS]
    for at in rows:
        if is_head(grid.row(at), known):
            return head_at(grid, _better(grid, int(at), known), known)
    return _guessed(grid, rows)


def lies_on_its_side(grid: Grid, known: Known) -> bool:
    """Whether heads stand in the first column, with the values of one site in each column beside it."""
    rows = np.flatnonzero(grid.counts)[:_SEARCHED_ROWS]
    column = next((column for column in grid.columns if is_filled(column[rows]).any()), None)
    if column is None or _sure(column[rows], known) < max(_FEWEST_LINES, _MOST_OF * len(rows)):
        return False
    placed = (sum(map(is_coordinate, grid.row(at))) for at in rows.tolist())
    return sum(count >= FEWEST for count in placed) >= FEWEST


def is_head(values: Sequence[Value], known: Known) -> bool:
    """Whether a row holds heads: enough known texts, and few numbers."""
    filled = [value for value in values if value is not None]
    sure = _sure(filled, known)
    numbers = sum(is_number(value) for value in filled)
    return sure >= FEWEST and numbers <= len(filled) // 3 and (sure >= ENOUGH or sure >= SHARE * len(filled))


def _sure(values: Iterable[Value], known: Known) -> int:
    return sum(isinstance(value, str) and known(value) >= SURE for value in values)


def _better(grid: Grid, at: int, known: Known) -> int:
    """A row close below with twice as many known texts, else this row: covers name a few fields too."""
    count = _sure(grid.row(at), known)
    for below in range(at + 1, min(at + 8, len(grid.filled))):
        values = grid.row(below)
        if is_head(values, known) and _sure(values, known) >= 2 * count:
            return below
    return at


def head_at(grid: Grid, at: int, known: Known) -> Head:
    """Heads around a row that holds some of them: with lines of groups above, and lines below that go on."""
    lines = [at]
    while len(lines) < _MOST_LINES and _is_group_line(grid, lines[0] - 1, lines[0]):
        lines.insert(0, lines[0] - 1)
    numbers: list[int] = []
    below = at + 1
    while below < len(grid.filled) and len(lines) + len(numbers) <= _MOST_LINES:
        if _goes_on(grid, lines[-1], below, known) or _is_units(grid.row(below)):
            lines.append(below)
        elif _numbers_columns(grid.row(below)):
            numbers.append(below)
        else:
            break
        below += 1
    return Head(tuple(lines), tuple(numbers), _texts(grid, lines))


def _is_group_line(grid: Grid, above: int, line: int) -> bool:
    """Whether a row names groups of the columns below it: several short texts, or cells merged over some."""
    if above < 0:
        return False
    values = grid.row(above)
    texts = [
        value for value in values if isinstance(value, str) and not value.endswith(":") and ": " not in value
    ]
    if not texts or len(texts) < sum(value is not None for value in values) or any(map(is_number, texts)):
        return False
    width = int(grid.filled[line].sum())
    spans = [
        end[1] - grid.sheet.first_column - at
        for at in range(len(values))
        if (end := grid.merged_from(above, at))
    ]
    partly = any(0 < span < 0.8 * width - 1 for span in spans)
    return (partly or len(texts) >= 2) and max(map(len, texts)) <= 60


def _goes_on(grid: Grid, line: int, below: int, known: Known) -> bool:
    """Whether a row continues the heads above it: known texts of its own, or texts where those above span."""
    values, upper = grid.row(below), grid.row(line)
    filled = [at for at, value in enumerate(values) if value is not None]
    if not filled or any(is_number(values[at]) for at in filled) or values == upper:
        return False
    if is_head(values, known) and _sure(values, known) >= 0.5 * len(filled):
        return True
    own = [at for at in filled if not grid.carried[below, at]]
    free = [at for at in own if upper[at] is None or _spans(grid, line, at)]
    carried = len(own) < len(filled)
    return len(free) == len(own) > 0 and (carried or _sure([values[at] for at in free], known) > 0)


def _spans(grid: Grid, at: int, column: int) -> bool:
    end = grid.merged_from(at, column)
    following = column + 1 < len(grid.columns) and grid.columns[column + 1][at] is None
    return following if end is None else end[1] > grid.sheet.first_column + column


def _is_units(values: Sequence[Value]) -> bool:
    filled = [value for value in values if value is not None]
    return bool(filled) and all(isinstance(value, str) and _UNITS.fullmatch(value) for value in filled)


def _numbers_columns(values: Sequence[Value]) -> bool:
    """Whether a row counts the columns: 1, 2, 3 or (1), (2), (3) or A, B, C."""
    ordinals = [_ordinal(value) for value in values if value is not None]
    if len(ordinals) < 3 or None in ordinals:
        return False
    steps = [b - a for a, b in pairwise(ordinals) if a is not None and b is not None]
    return steps.count(1) >= 0.8 * len(steps) and ordinals[0] in {0, 1, 2}


def _ordinal(value: Value) -> int | None:
    if isinstance(value, float | int):
        return int(value) if isinstance(value, int) or value.is_integer() else None
    match = _ORDINAL.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return None
    return int(match[1]) if match[1].isdigit() else ord(match[1].lower()) - ord("a") + 1


def _texts(grid: Grid, lines: Sequence[int]) -> tuple[str, ...]:
    spread = [_spread(grid, line, lines[at + 1 :]) for at, line in enumerate(lines)]
    return tuple(LINE_JOINT.join(_distinct(parts)) for parts in zip(*spread, strict=True))


def _distinct(parts: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(part for part in parts if part))


def _spread(grid: Grid, line: int, below: Sequence[int]) -> list[str]:
    """Texts of a line; a text over several columns stands in each of them.

    Over which, merged cells tell; where the file has none, the columns without a text of their own that have
    one below.
    """
    values = grid.row(line)
    texts = ["" if value is None else " ".join(_shown(value).split()) for value in values]
    for at in range(len(texts)):
        end = grid.merged_from(line, at)
        if end is not None:
            last = min(end[1] - grid.sheet.first_column, len(texts) - 1)
            texts[at : last + 1] = [texts[at]] * (last + 1 - at)
    if not below or grid.sheet.merged:
        return texts
    lower = grid.filled[below[0]]
    for at in range(1, len(texts)):
        if values[at] is None and lower[at] and lower[at - 1]:
            texts[at] = texts[at - 1]
    return texts


def _shown(value: Value) -> str:
    return str(int(value)) if isinstance(value, float) and value == int(value) else str(value)


def _guessed(grid: Grid, rows: NDArray[np.int64]) -> Head | None:
    counts = grid.counts
    for place, at in enumerate(rows[:-1]):
        values = [value for value in grid.row(at) if value is not None]
        below = np.flatnonzero(counts[: at + 1_000] >= 0.5 * len(values))
        below = below[below > at]
        words = all(isinstance(value, str) and not is_number(value) for value in values)
        if len(values) >= 3 and words and len(set(values)) == len(values) and holds_positions(grid, below):
            return Head((int(at),), (), _texts(grid, [int(at)]), guessed=True)
        if place > 20:
            break
    return None


def _says(grid: Grid, line: int, columns: Sequence[int]) -> NDArray[np.bool_]:
    """Rows that say in most columns what a line says; one that does agrees in one of the first columns."""
    count = len(columns)
    needed = max(2, math.ceil(_ALIKE * count))
    first = columns[: count - needed + 1]
    rows = np.flatnonzero(np.any([grid.columns[at] == grid.columns[at][line] for at in first], axis=0))
    same = np.sum([grid.columns[at][rows] == grid.columns[at][line] for at in columns], axis=0)
    found = np.zeros(len(grid.filled), np.bool_)
    found[rows[same >= needed]] = True
    return found


def repeated(grid: Grid, head: Head) -> NDArray[np.bool_]:
    """Rows behind the heads that say the same again, shape (rows,)."""
    found = np.zeros(len(grid.filled), np.bool_)
    for line in (*head.lines, *head.numbers):
        columns = [at for at in np.flatnonzero(grid.filled[line]).tolist() if not grid.carried[line, at]]
        if len(columns) > 1:
            found |= _says(grid, line, columns)
    found[: head.stop] = False
    return found
