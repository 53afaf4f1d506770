"""Cells of a workbook that hold an error or a formula without a value, found in its XML piece by piece.

They are found while the archive is expanded, before any parser sees it; the parser reads them as empty.
"""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from geocover.site_lists.reading.refusals import Note

# So many cells of a code are told one by one, the others by their number.
TOLD = 100
_ERROR = re.compile(rb'<c\b[^>]*\bt="e"[^>]*(?<!/)>')
_NO_VALUE = re.compile(rb"(?:</f>|<f\b[^>]*/>)\s*(?:<v></v>|<v ?/>)?\s*</c>")
_PLACE = re.compile(rb'\br="([A-Z]{1,3})(\d{1,7})"')
_VALUE = re.compile(rb"<v>([^<]*)</v>")
_END = b"</c>"
_LONGEST_CELL = 1 << 17
# Parts that tell the names of the sheets.
NAMING = ("xl/workbook.xml", "xl/_rels/workbook.xml.rels")
_SHEET, _RELATION = re.compile(r"<(?:\w+:)?sheet\b[^>]*>"), re.compile(r"<(?:\w+:)?Relationship\b[^>]*>")
_ATTRIBUTE = re.compile(r'([\w:]+)\s*=\s*(?:"([^"]*)"|\'([^\']*)\')')

Place = tuple[str, int, str]


class BadCells:
    """Collects the cells of one worksheet: `Place` (letter, row, what stands there) or only their number."""

    def __init__(self) -> None:
        self._left = b""
        self.counts = {"cells-with-errors": 0, "formulas-without-values": 0}
        self.places: dict[str, list[Place]] = {code: [] for code in self.counts}

    def add(self, piece: bytes) -> None:
        """Look through the next piece of the worksheet's XML."""
        text = self._left + piece
        end = text.rfind(_END) + len(_END) if _END in text else 0
        for match in _ERROR.finditer(text, 0, end):
            value = _VALUE.search(text, match.end(), text.find(_END, match.end()))
            self._keep("cells-with-errors", match[0], value[1].decode(errors="replace") if value else "")
        for match in _NO_VALUE.finditer(text, 0, end) if b"<f" in text else ():
            start = max(text.rfind(b"<c ", 0, match.start()), text.rfind(b"<c>", 0, match.start()), 0)
            self._keep("formulas-without-values", text[start : text.find(b">", start)], "")
        self._left = text[end:][-_LONGEST_CELL:]

    def _keep(self, code: str, tag: bytes, value: str) -> None:
        self.counts[code] += 1
        place = _PLACE.search(tag)
        if place is not None and len(self.places[code]) < TOLD:
            self.places[code].append((place[1].decode(), int(place[2]), html.unescape(value)))


def tell(sheets: Sequence[tuple[str, BadCells]], note: Note) -> None:
    """Report the cells by the sheets' names, the first ones one by one and the others by their number."""
    for code in ("formulas-without-values", "cells-with-errors"):
        placed = [(name, *place) for name, cells in sheets if name for place in cells.places[code]]
        for name, letter, row, value in placed[:TOLD]:
            note(code, sheet=name, row=row, header=letter, value=value, count=1)
        rest = sum(cells.counts[code] for _, cells in sheets) - min(len(placed), TOLD)
        if rest:
            note(code, count=rest)


def sheet_names(parts: Mapping[str, bytes]) -> dict[str, str]:
    """Names of sheets by their parts (``xl/worksheets/sheet1.xml``); empty where none is told."""
    sheets, relations = (parts.get(name, b"").decode(errors="replace") for name in NAMING)
    targets = {
        one.get("Id", ""): one.get("Target", "") for one in map(_attributes, _RELATION.findall(relations))
    }
    names = {}
    for sheet in map(_attributes, _SHEET.findall(sheets)):
        target = targets.get(next((value for key, value in sheet.items() if key.endswith(":id")), ""), "")
        names[target.lstrip("/") if target.startswith("/") else f"xl/{target}"] = sheet.get("name", "")
    return names


def _attributes(tag: str) -> dict[str, str]:
    return {name: html.unescape(first or second) for name, first, second in _ATTRIBUTE.findall(tag)}
