"""Tables of HTML pages: what portals export under the name of ``.xls``."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import TYPE_CHECKING

from geocover.site_lists.reading.encodings import decode
from geocover.site_lists.reading.refusals import Refused
from geocover.site_lists.reading.spreadsheets import trimmed
from geocover.site_lists.sheets import Sheet

if TYPE_CHECKING:
    from geocover.site_lists.reading.refusals import Note
    from geocover.site_lists.sheets import Value

_MOST_SPAN = 500
_BREAKS = {"br", "p", "div", "li"}
_SILENT = {"script", "style", "title"}


@dataclass
class _Grid:
    """Cells of one table, placed as its spans say."""

    rows: list[list[Value]] = field(default_factory=list)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    taken: set[tuple[int, int]] = field(default_factory=set)

    def put(self, text: str, across: int, down: int) -> None:
        if not self.rows:
            self.rows.append([])
        row, at = self.rows[-1], len(self.rows)
        while (at, len(row) + 1) in self.taken:
            row.append(None)
        column = len(row) + 1
        row.append(" ".join(text.split()))
        row.extend([None] * (across - 1))
        if across > 1 or down > 1:
            self.merged.append((at, column, at + down - 1, column + across - 1))
            self.taken.update((at + y, column + x) for y in range(1, down) for x in range(across))


class _Tables(HTMLParser):
    """Collects the outermost tables; a table in a cell is part of that cell's text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[_Grid] = []
        self._depth = 0
        self._silent = 0
        self._cell: list[str] | None = None
        self._span = (1, 1)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self._depth += 1
            if self._depth == 1:
                self.tables.append(_Grid())
        elif self._depth == 1 and tag == "tr":
            self._close_cell()
            self.tables[-1].rows.append([])
        elif self._depth == 1 and tag in {"td", "th"}:
            self._close_cell()
            named = dict(attrs)
            self._cell, self._span = [], (_span(named.get("colspan")), _span(named.get("rowspan")))
        elif tag in _BREAKS:
            self.handle_data(" ")
        self._silent += tag in _SILENT

    def handle_endtag(self, tag: str) -> None:
        if tag == "table" and self._depth:
            if self._depth == 1:
                self._close_cell()
            self._depth -= 1
        elif self._depth == 1 and tag in {"td", "th", "tr"}:
            self._close_cell()
        self._silent -= tag in _SILENT and self._silent > 0

    def handle_data(self, data: str) -> None:
        if self._cell is not None and not self._silent:
            self._cell.append(data)

    def close(self) -> None:
        super().close()
        self._close_cell()

    def _close_cell(self) -> None:
        if self._cell is not None and self.tables:
            self.tables[-1].put("".join(self._cell), *self._span)
        self._cell = None


def tables_of(text: str) -> tuple[Sheet, ...]:
    """Tables of a page, each a sheet; rows are counted within the table."""
    parser = _Tables()
    parser.feed(text)
    parser.close()
    grids = [grid for grid in parser.tables if any(any(row) for row in grid.rows)]
    return tuple(
        Sheet(f"Bảng {number}" if len(grids) > 1 else "", trimmed(grid.rows), merged=tuple(grid.merged))
        for number, grid in enumerate(grids, start=1)
    )


def read_html(content: bytes, note: Note) -> tuple[Sheet, ...]:
    """Tables of an HTML file.

    Raises
    ------
    Refused
        The page has no table.
    """
    sheets = tables_of(decode(content, note))
    if not sheets:
        raise Refused("file-kind", what_vi="trang HTML không có bảng", what_en="an HTML page without a table")
    note("html-table", count=len(sheets))
    return sheets


def _span(text: str | None) -> int:
    return min(max(int(text), 1), _MOST_SPAN) if text and text.isascii() and text.isdigit() else 1
