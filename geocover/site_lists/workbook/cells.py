"""Cells of a worksheet's part: coloured, replaced and added where they stand, all else as it was."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from geocover.io.csv_tables import harmless
from geocover.site_lists.workbook.package import UneditableError, prefix_of, xml_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from geocover.site_lists.workbook.styles import Styles

_REFERENCE = re.compile(rb'\sr="([A-Z]{1,3})[0-9]+"')
_ROW_NUMBER = re.compile(rb'\sr="([0-9]+)"')
_STYLE = re.compile(rb'\ss="([0-9]+)"')
_SPANS = re.compile(rb'\sspans="[^"]*"')
_NO_ROW = 1 << 30
_LONGEST = 32_000  # Excel's limit is 32,767 characters a cell


@dataclass
class RowMarks:
    """What is to be seen in a row.

    Attributes
    ----------
    colours
        Colour (a key of `COLOURS`) by column, counted from 1.
    texts
        Text and colour of cells that are written, by column.
    """

    colours: dict[int, str] = field(default_factory=dict)
    texts: dict[int, tuple[str, str]] = field(default_factory=dict)


def column_number(letters: str) -> int:
    """Number of a column counted from 1: A is 1, AA is 27."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def column_letters(number: int) -> str:
    """Letters of a column counted from 1."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def text_cell(prefix: str, reference: str, text: str, style: int) -> bytes:
    """A cell that holds a text itself; one that would run as a formula is put out."""
    shown = xml_text(str(harmless(text))[:_LONGEST])
    p = prefix
    return (
        f'<{p}c r="{reference}" s="{style}" t="inlineStr"><{p}is><{p}t xml:space="preserve">'
        f"{shown}</{p}t></{p}is></{p}c>"
    ).encode()


@dataclass(frozen=True)
class SheetEditor:
    """Edits the part of one worksheet.

    Attributes
    ----------
    content
        The part.
    styles
        Styles of its workbook; coloured ones are added to them.
    """

    content: bytes
    styles: Styles

    def edited(self, marks: Mapping[int, RowMarks]) -> bytes:
        """The part with marks in rows (by number); rows that are not there are added.

        Raises
        ------
        UneditableError
            If its rows are not where they ought to be.
        """
        p = prefix_of(self.content)
        data = re.search(rf"<{p}sheetData\s*(?:/>|>(.*)</{p}sheetData>)".encode(), self.content, re.DOTALL)
        if data is None:
            raise UneditableError("sheetData")
        span = data.span(1) if data[1] else (data.end(), data.end())
        rows = b"".join(self._rows(span, dict(sorted(marks.items())), p))
        head = self._dimension(self.content[: data.start()], marks, p)
        tag = f"{p}sheetData".encode()
        return head + b"<" + tag + b">" + rows + b"</" + tag + b">" + self.content[data.end() :]

    def _rows(self, span: tuple[int, int], marks: dict[int, RowMarks], p: str) -> Iterator[bytes]:
        pattern = re.compile(rf"<{p}row(\s[^>]*?)?(?:/>|>(.*?)</{p}row>)".encode(), re.DOTALL)
        waiting = iter([*marks.items(), (_NO_ROW, RowMarks())])
        due, mark = next(waiting)
        number, end = 0, span[0]
        for found in pattern.finditer(self.content, *span):
            attributes = found[1] or b""
            number = _number(attributes, number)
            yield self.content[end : found.start()]
            while due < number:
                yield self._row(due, b"", b"", mark, p)
                due, mark = next(waiting)
            if due == number:
                yield self._row(number, attributes, found[2] or b"", mark, p)
                due, mark = next(waiting)
            else:
                yield found[0]
            end = found.end()
        yield self.content[end : span[1]]
        while due < _NO_ROW:
            yield self._row(due, b"", b"", mark, p)
            due, mark = next(waiting)

    def _row(self, number: int, attributes: bytes, cells: bytes, marks: RowMarks, p: str) -> bytes:
        attributes = _SPANS.sub(b"", attributes)
        if not _ROW_NUMBER.search(attributes):
            attributes += f' r="{number}"'.encode()
        if marks.colours or not self._only_adds(cells, marks, p):
            cells = self._marked(number, cells, marks, p)
        else:
            cells += b"".join(self._texts(number, marks, p).values())
        tag = f"{p}row".encode()
        return b"<" + tag + attributes + b">" + cells + b"</" + tag + b">"

    @staticmethod
    def _only_adds(cells: bytes, marks: RowMarks, p: str) -> bool:
        """Whether all new cells stand behind the last one of the row."""
        last = cells.rfind(f"<{p}c ".encode())
        if last < 0:
            return not cells.strip()
        found = _REFERENCE.search(cells, last)
        return found is not None and column_number(found[1].decode()) < min(marks.texts, default=0)

    def _texts(self, number: int, marks: RowMarks, p: str) -> dict[int, bytes]:
        return {
            column: text_cell(
                p, f"{column_letters(column)}{number}", text, self.styles.coloured(0, colour) if colour else 0
            )
            for column, (text, colour) in sorted(marks.texts.items())
        }

    def _marked(self, number: int, cells: bytes, marks: RowMarks, p: str) -> bytes:
        """Cells of a row with colours and texts, in the order of their columns."""
        by_column = dict(_cells(cells, p))
        for column, colour in marks.colours.items():
            reference = f"{column_letters(column)}{number}"
            cell = by_column.get(column, f'<{p}c r="{reference}"/>'.encode())
            by_column[column] = self._coloured(cell, colour)
        by_column |= self._texts(number, marks, p)
        return b"".join(by_column[column] for column in sorted(by_column))

    def _coloured(self, cell: bytes, colour: str) -> bytes:
        end = cell.index(b">")
        head, rest = cell[:end].rstrip(b"/").rstrip(), cell[end:]
        stated = _STYLE.search(head)
        style = self.styles.coloured(int(stated[1]) if stated else 0, colour)
        closed = b"/" if cell[:end].endswith(b"/") else b""
        return _STYLE.sub(b"", head) + f' s="{style}"'.encode() + closed + rest

    @staticmethod
    def _dimension(head: bytes, marks: Mapping[int, RowMarks], p: str) -> bytes:
        """The part before the rows, with the used range widened to the cells that are added."""
        found = re.search(rf'(<{p}dimension\s+ref=")([A-Z]+)([0-9]+)(?::([A-Z]+)([0-9]+))?"'.encode(), head)
        columns = [column for mark in marks.values() for column in mark.texts]
        if found is None or not columns:
            return head
        last = max(column_number((found[4] or found[2]).decode()), *columns)
        row = max(int(found[5] or found[3]), *marks)
        ref = found[2] + found[3] + f":{column_letters(last)}{row}".encode()
        return head[: found.start()] + found[1] + ref + b'"' + head[found.end() :]


def _number(attributes: bytes, previous: int) -> int:
    """Number of a row, counted on where a writer leaves it out."""
    stated = _ROW_NUMBER.search(attributes)
    number = int(stated[1]) if stated else previous + 1
    if number <= previous:
        raise UneditableError(f"row {number} after row {previous}")
    return number


def _cells(cells: bytes, p: str) -> Iterator[tuple[int, bytes]]:
    """Cells of a row with their columns, counted on where a writer leaves the reference out."""
    column = 0
    for found in re.finditer(rf"<{p}c(\s[^>]*?)?(?:/>|>(.*?)</{p}c>)".encode(), cells, re.DOTALL):
        stated = _REFERENCE.search(found[1] or b"")
        column = column_number(stated[1].decode()) if stated else column + 1
        yield column, found[0]
