"""Tables of sites in the sheets of a book: where their heads are, and what each row is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from geocover.names import fold
from geocover.site_lists.findings import shown
from geocover.site_lists.reading.grid import Grid, grid_of, holds_positions, is_filled
from geocover.site_lists.reading.heads import (
    FEWEST,
    LINE_JOINT,
    Head,
    find_head,
    head_at,
    is_head,
    lies_on_its_side,
    remembering,
    repeated,
)
from geocover.site_lists.reading.layout import Label, label_rows
from geocover.site_lists.sheets import Header, Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from geocover.site_lists.findings import Findings
    from geocover.site_lists.reading.heads import Known
    from geocover.site_lists.sheets import Book, Sheet

_CODES = {
    Label.ABOVE: "rows-above",
    Label.NUMBERS: "header-numbers",
    Label.REPEATED: "header-repeated",
    Label.GROUP: "row-group",
    Label.TOTAL: "row-total",
    Label.BELOW: "rows-below",
    Label.COUNTED: "row-only-number",
}
# Of these, rows that follow each other are told at once.
# Values behind the last head in more rows than this share are a column, not rows with a field too many.
_SHIFTED = 0.5
_RUNS = {Label.ABOVE, Label.BELOW, Label.COUNTED}
FEATURES = {"geojson", "gpkg", "kml", "kmz"}
_MOST_CANDIDATES = 2_000
_SPARSE_CELLS = 2
_SPLIT = re.compile(r"-?\d{1,3},\d{4,}", re.ASCII)
_SHORTEST_TABLE = 3
_SAMPLE = 200


@dataclass(frozen=True, eq=False)
class _Part:
    """A table in a grid: its heads (None where it has none) and what its rows from `start` on are."""

    grid: Grid
    head: Head | None
    start: int
    labels: NDArray[np.int8]

    @property
    def data(self) -> NDArray[np.int64]:
        return np.flatnonzero(self.labels == Label.DATA) + self.start

    @property
    def titles(self) -> tuple[str, ...]:
        rows = np.flatnonzero(self.labels == Label.ABOVE) + self.start
        return tuple(value for at in rows.tolist() for value in self.grid.row(at) if isinstance(value, str))


def find_tables(book: Book, known: Known, findings: Findings) -> tuple[Table, ...]:
    """Find the tables of a book.

    Every row that holds anything is a row of a table, part of its head, or told by a finding. Hidden sheets
    are not read. Cells merged over several rows count in each of them.

    Parameters
    ----------
    book
        The file.
    known
        How surely a text is the head of a column, 0 to 1.
    findings
        Takes what is found. Without any table, and where the only table has no heads, that is an error about
        the file; rows of a table without heads beside others are refused one by one.

    Returns
    -------
    The tables in the order of the file; one without heads has headers with empty texts.
    """
    known = remembering(known)
    if book.kind in FEATURES:
        parts = [_features(sheet, findings) for sheet in book.sheets if any(sheet.rows)]
    else:
        parts = [part for sheet in _visible(book, findings) for part in _parts_of(sheet, known, findings)]
    if not parts:
        findings.add("no-table")
    alone = not any(part.head for part in parts)
    tables = []
    for part in parts:
        _tell_rows(part, findings)
        table = _table(part, findings)
        _tell_table(part, table, findings, alone=alone, text=book.kind == "csv")
        tables.append(table)
    return tuple(tables)


def _features(sheet: Sheet, findings: Findings) -> _Part:
    """The table of a layer: its heads are in the first row, and every row behind is a feature."""
    grid = grid_of(sheet, findings.add)
    labels = np.where(grid.counts > 0, Label.DATA, Label.BLANK).astype(np.int8)
    labels[0] = Label.HEAD
    texts = tuple("" if text is None else str(text) for text in grid.row(0))
    return _Part(grid, Head((0,), (), texts), 0, labels)


def _visible(book: Book, findings: Findings) -> Iterator[Sheet]:
    for sheet in book.sheets:
        if not sheet.hidden:
            yield sheet
        elif any(sheet.rows):
            count = sum(any(value is not None for value in row) for row in sheet.rows)
            findings.add("sheet-hidden", sheet=sheet.name, value=sheet.name, count=count)


def _parts_of(sheet: Sheet, known: Known, findings: Findings) -> list[_Part]:
    grid = grid_of(sheet, findings.add)
    rows = np.flatnonzero(grid.counts)
    if not rows.size:
        return []
    if lies_on_its_side(grid, known):
        findings.add("table-on-its-side", sheet=sheet.name, value=sheet.name, count=rows.size)
        return []
    head = find_head(grid, known)
    if head is None and holds_positions(grid, rows):
        return [
            _Part(
                grid, None, 0, label_rows(grid, Head((), (), ("",) * len(grid.columns)), 0, len(grid.filled))
            )
        ]
    if head is None:
        findings.add("sheet-without-table", sheet=sheet.name, value=sheet.name, count=rows.size)
        return []
    blocks = _side_by_side(grid, head)
    if len(blocks) > 1:
        findings.add("tables-side-by-side", sheet=sheet.name, count=len(blocks))
    return [part for block in blocks for part in _parts_of_block(block, known)]


def _parts_of_block(grid: Grid, known: Known) -> list[_Part]:
    """Tables below each other, each from its heads to the next's; the first has the rows above it too."""
    head = find_head(grid, known)
    if head is None:
        return []
    heads = [head, *_later(grid, head, known)]
    stops = [*(following.lines[0] for following in heads[1:]), len(grid.filled)]
    starts = [0, *stops[:-1]]
    return [_part(grid, *place) for place in zip(heads, starts, stops, strict=True)]


def _part(grid: Grid, head: Head, start: int, stop: int) -> _Part:
    above = np.where(grid.counts[start : head.stop] > 0, Label.ABOVE, Label.BLANK).astype(np.int8)
    labels = np.concatenate([above, label_rows(grid, head, head.stop, stop)])
    labels[repeated(grid, head)[start:stop]] = Label.REPEATED
    labels[np.asarray(head.lines) - start] = Label.HEAD
    labels[np.asarray(head.numbers, np.int64) - start] = Label.NUMBERS
    return _Part(grid, head, start, labels)


def _later(grid: Grid, head: Head, known: Known) -> Iterator[Head]:
    """Heads of further tables: rows behind an empty or sparse one that hold other heads than those before."""
    counts = grid.counts
    after_gap = np.flatnonzero((counts[1:] >= FEWEST) & (counts[:-1] <= _SPARSE_CELLS)) + 1
    same = repeated(grid, head)
    stop = head.stop
    for at in after_gap[after_gap >= stop][:_MOST_CANDIDATES].tolist():
        if at < stop or same[at] or not _is_other_head(grid, at, known):
            continue
        found = head_at(grid, at, known)
        stop, same = found.stop, repeated(grid, found)
        yield found


def _is_other_head(grid: Grid, at: int, known: Known) -> bool:
    values = grid.row(at)
    filled = sum(value is not None for value in values)
    texts = sum(isinstance(value, str) for value in values)
    sure = sum(isinstance(value, str) and known(value) >= 0.5 for value in values)
    return texts == filled and 2 * sure >= filled and is_head(values, known)


def _side_by_side(grid: Grid, head: Head) -> list[Grid]:
    """Split a grid at empty columns where what stands right of them has the heads of what stands left.

    Without an empty column between them, where the whole sequence of heads stands there again.
    """
    lines = [line for line in head.lines if not head.guessed]
    used = grid.filled[lines[0] if lines else head.lines[0] :].any(axis=0) | np.array(
        [bool(t) for t in head.texts]
    )
    edges = np.flatnonzero(np.diff(np.concatenate([[False], used, [False]]).astype(np.int8)))
    spans = list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))
    # A title over one of the tables may have been taken for a line of its head: the lowest line decides.
    names = [fold(text.rsplit(LINE_JOINT, 1)[-1]) for text in head.texts]
    texts = [set(filter(None, names[start:stop])) for start, stop in spans]
    if any(len(texts[0] & other) < FEWEST for other in texts[1:]):
        return [grid]
    parts = [part for span in spans for part in _repeating(names, *span)]
    return [grid.block(start, stop) for start, stop in parts] if len(parts) > 1 else [grid]


def _repeating(names: list[str], start: int, stop: int) -> list[tuple[int, int]]:
    """Spans of columns in a span whose heads are one sequence again and again; else the span itself."""
    width = stop - start
    for step in range(_SHORTEST_TABLE, width // 2 + 1):
        first = names[start : start + step]
        if all(first) and len(set(first)) == step and names[start:stop] == first * (width // step):
            return [(at, at + step) for at in range(start, stop, step)]
    return [(start, stop)]


def _tell_rows(part: _Part, findings: Findings) -> None:
    """Say of every row that is no data what it was taken for."""
    for label, rows in _runs(part):
        first = [shown(value) for value in part.grid.row(rows[0]) if value is not None]
        numbers = _numbers(part, rows)
        findings.add(
            _CODES[label], sheet=part.grid.sheet.name, row=part.grid.number(rows[0]),
            value=" | ".join(first), rows=numbers,
        )  # fmt: skip


def _runs(part: _Part) -> Iterator[tuple[Label, list[int]]]:
    """Rows to be told of, those of one kind that follow each other together where that says enough."""
    rows = np.flatnonzero(part.labels != Label.BLANK)
    labels = part.labels[rows]
    edges = np.flatnonzero(np.diff(labels)) + 1
    for run in np.split(rows, edges):
        label = Label(part.labels[run[0]]) if run.size else Label.BLANK
        if label in _RUNS:
            yield label, (run + part.start).tolist()
        elif label in _CODES:
            yield from ((label, [row]) for row in (run + part.start).tolist())


def _numbers(part: _Part, rows: list[int] | tuple[int, ...]) -> str:
    first, last = part.grid.number(rows[0]), part.grid.number(rows[-1])
    return str(first) if first == last else f"{first}–{last}"


def _table(part: _Part, findings: Findings) -> Table:
    """Table of the rows that are data and the columns that hold anything."""
    grid, rows = part.grid, part.data
    texts = part.head.texts if part.head else ("",) * len(grid.columns)
    filled = grid.filled[rows].sum(axis=0)
    kept = [at for at, text in enumerate(texts) if text or filled[at]]
    headers = tuple(Header(position, grid.letter(at), texts[at]) for position, at in enumerate(kept))
    table = Table(
        grid.sheet.name,
        headers,
        rows + grid.sheet.first_row,
        tuple(grid.columns[at][rows] for at in kept),
        part.titles,
    )
    merged = int(grid.carried[rows].sum())
    if merged:
        findings.add("cells-merged", sheet=table.sheet, count=merged)
    return table


def _tell_table(part: _Part, table: Table, findings: Findings, *, alone: bool, text: bool) -> None:
    if part.head is None and alone:
        findings.add_table("no-header", table, count=len(table))
    elif part.head is None:
        findings.add_rows("row-without-header", table, range(len(table)))
    else:
        _tell_head(part, part.head, table, findings)
        _tell_unheaded(table, findings, text=text)


def _tell_head(part: _Part, head: Head, table: Table, findings: Findings) -> None:
    row = part.grid.number(head.lines[0])
    if head.guessed:
        findings.add("header-guessed", sheet=table.sheet, row=row, rows=_numbers(part, head.lines))
    if len(head.lines) > 1:
        findings.add("header-joined", sheet=table.sheet, row=row, rows=_numbers(part, head.lines))


def _tell_unheaded(table: Table, findings: Findings, *, text: bool) -> None:
    """Tell of values in columns without heads; in a text, few behind the last head show shifted rows."""
    last = max(header.position for header in table.headers if header.text)
    long = np.zeros(len(table), np.bool_)
    commas = text and last < len(table.headers) - 1 and _split_by_commas(table)
    for header in table.headers:
        if header.text:
            continue
        values = is_filled(table.values[header.position])
        if text and header.position > last and (commas or values.mean() <= _SHIFTED):
            long |= values
        elif values.any():
            findings.add("column-without-header", sheet=table.sheet, header=header, count=int(values.sum()))
    findings.add_rows("row-too-long", table, long)


def _split_by_commas(table: Table) -> bool:
    """Whether two neighbouring columns look like the degrees and the decimals of one number in most rows."""
    columns = [[str(value) for value in values[:_SAMPLE].tolist()] for values in table.values]
    return any(
        sum(bool(_SPLIT.fullmatch(f"{left},{right}")) for left, right in zip(*pair, strict=True))
        > _SHIFTED * len(pair[0])
        for pair in pairwise(columns)
    )
