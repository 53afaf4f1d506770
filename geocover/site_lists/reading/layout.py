"""What each row of a sheet is: a title, a head, data, a group's heading, a total, a note."""

from __future__ import annotations

import re
from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np

from geocover.names import fold
from geocover.site_lists.reading.grid import Grid, is_number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from geocover.site_lists.reading.heads import Head
    from geocover.site_lists.sheets import Value


class Label(IntEnum):
    """What a row is."""

    BLANK = 0
    DATA = 1
    ABOVE = 2
    HEAD = 3
    NUMBERS = 4
    REPEATED = 5
    GROUP = 6
    TOTAL = 7
    BELOW = 8
    COUNTED = 9


# All are matched against folded text: lower case, without marks.
_TOTAL = re.compile(
    r"(?:tong(?: cong| so| hop)?|cong|total|sub ?total|grand total|sum)\s*(?:\(.*\)|[:\d].*)?"
)
_NOTE = re.compile(
    r"(?:ghi chu|luu y|chu thich|chu y|nguon|note|remark|source|nguoi (?:lap|ky|kiem)|giam doc|pho giam doc"
    r"|thu truong|truong phong|ke toan|noi nhan|xac nhan|ky ten|[tkq]m?t?\.|ngay .* thang|.*, ngay )\b.*"
    r"|\(?\*.*|\(ky.*"
)
_PAGE = re.compile(r"(?:trang|page)\s*:?\s*\d+.*|\(?(?:tiep theo|continued).*")
_GROUP = re.compile(
    r"(?:[ivxlc]+|[a-z]|\d{1,2}(?:\.\d{1,2})*)\s*[.):/-]\s*[^\d\W].*"
    r"|(?:huyen|thi xa|thanh pho|tp|xa|phuong|thi tran|tinh|khu vuc|cum|to|dai|trung tam|vung|nha mang|don vi"
    r"|district|province|region|area|cluster)\b.*"
)
_ROMAN = re.compile(r"[ivxlc]+\.?|[a-z]\.?", re.IGNORECASE)
_COUNTERS = {"stt", "tt", "no", "no.", "#", "so tt", "so thu tu", "index", "id", "s.t.t", "num"}
_SPARSE = 0.4
# A total may fill nearly as many cells as a site, but never all.
_TOTAL_SHARE = 0.9
_TOTAL_COLUMNS = 4
_TOTAL_STARTS = {
    "tổng",
    "tong",
    "cộng",
    "cong",
    "tota",
    "sub ",
    "sub-",
    "subt",
    "gran",
    "sum",
    "sum:",
    "sum ",
}
_GROUP_COLUMNS = 3
_COUNTED_SHARE = 0.7
_COUNT_DIGITS = 5


def label_rows(grid: Grid, head: Head, start: int, stop: int) -> NDArray[np.int8]:
    """Labels of the rows from ``start`` on to before ``stop``, a table's own, shape (stop - start,).

    A row is taken for something else than data only for a reason: it is sparse, and its text, its place or
    its merged cells say what it is. In doubt it is data.
    """
    counts = grid.counts[start:stop]
    labels = np.where(counts > 0, Label.DATA, Label.BLANK).astype(np.int8)
    if not counts.any():
        return labels
    # Short lists may have more notes than sites: rows that fill half the heads tell what is typical.
    full = counts >= max(1, sum(map(bool, head.texts)) / 2)
    typical = float(np.median(counts[full if full.any() else counts > 0]))
    sparse = max(1, int(_SPARSE * typical))
    some = np.flatnonzero((counts > 0) & (counts <= max(sparse, _TOTAL_SHARE * typical)))
    labels[some[_totals(grid, start + some)]] = Label.TOTAL
    for at in np.flatnonzero((labels == Label.DATA) & (counts > 2) & (counts <= _COUNTED_SHARE * typical)):
        if _is_counted_group(grid.row(start + int(at))):
            labels[at] = Label.GROUP
    for at in np.flatnonzero((labels == Label.DATA) & (counts <= sparse)):
        labels[at] = _label(grid, head, start + int(at))
    _label_end(grid, labels, start, counts <= sparse)
    return labels


def _totals(grid: Grid, rows: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which of some rows have the word total in one of the first columns, shape (rows,)."""
    found = np.zeros(len(rows), np.bool_)
    for column in (values[rows] for values in grid.columns[:_TOTAL_COLUMNS]):
        for text in {
            value for value in column if isinstance(value, str) and value[:4].lower() in _TOTAL_STARTS
        }:
            if _TOTAL.fullmatch(fold(text)):
                found |= np.asarray(column == text, np.bool_)
    return found


def _label(grid: Grid, head: Head, at: int) -> Label:
    values = [(column, value) for column, value in enumerate(grid.row(at)) if value is not None]
    if len(values) == 1 and is_number(values[0][1]) and fold(head.texts[values[0][0]]) in _COUNTERS:
        return Label.COUNTED
    return Label.GROUP if _is_group(grid, at, values) else Label.DATA


def _is_group(grid: Grid, at: int, values: Sequence[tuple[int, Value]]) -> bool:
    """Whether a sparse row heads a group: by its words, a numeral before them, or a cell merged over many."""
    column, value = values[0]
    if len(values) > 2 or column >= _GROUP_COLUMNS:
        return False
    numeral = len(values) == 2 and isinstance(value, str) and _ROMAN.fullmatch(value) is not None
    text = values[-1][1]
    if not isinstance(text, str):
        return False
    end = grid.merged_from(at, values[-1][0])
    wide = end is not None and end[1] - grid.sheet.first_column - column >= len(grid.columns) // 2
    folded = fold(text)
    worded = len(values) == 1 and (_GROUP.fullmatch(folded) or _PAGE.fullmatch(folded))
    return numeral or wide or bool(worded)


def _is_counted_group(values: Sequence[Value]) -> bool:
    """Whether a row heads a group and counts it: a Roman numeral or letter, a name, small whole numbers."""
    numeral, name, *counts = [value for value in values if value is not None]
    return (
        isinstance(numeral, str)
        and _ROMAN.fullmatch(numeral) is not None
        and isinstance(name, str)
        and any(map(str.isalpha, name))
        and " " in name
        and all(_is_count(value) for value in counts)
    )


def _is_count(value: Value) -> bool:
    if isinstance(value, str):
        return value.isdecimal() and len(value) <= _COUNT_DIGITS
    return isinstance(value, int | float) and 0 <= value < 10**_COUNT_DIGITS and value == int(value)


def _label_end(grid: Grid, labels: NDArray[np.int8], start: int, sparse: NDArray[np.bool_]) -> None:
    """Label notes and signatures behind the last full row."""
    full = np.flatnonzero((labels == Label.DATA) & ~sparse)
    ended = False
    for at in range(int(full[-1]) + 1 if full.size else 0, len(labels)):
        if labels[at] == Label.BLANK:
            ended = True
        elif labels[at] in {Label.DATA, Label.GROUP} and full.size:
            values = [value for value in grid.row(start + at) if value is not None]
            if _is_note(values) or (ended and not _is_data(values)):
                labels[at], ended = Label.BELOW, True
        elif labels[at] == Label.TOTAL:
            ended = True


def _is_note(values: Sequence[Value]) -> bool:
    first = values[0]
    if not isinstance(first, str):
        return False
    alone = len(values) == 1 and " " in first and not is_number(first) and not any(map(str.isdigit, first))
    return alone or any(isinstance(value, str) and bool(_NOTE.fullmatch(fold(value))) for value in values)


def _is_data(values: Sequence[Value]) -> bool:
    """Whether a sparse row behind a gap may be a site: a number, or a code with a digit."""
    return any(
        is_number(value) or (isinstance(value, str) and " " not in value and any(map(str.isdigit, value)))
        for value in values
    )
