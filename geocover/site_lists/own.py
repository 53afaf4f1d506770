"""What geocover itself wrote into a list: its report comes back with the partner's next upload.

A sheet of ours says so in its first cell; the columns of results have heads of ours. Both are left out when a
list is read, and replaced when it is written again.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from geocover.site_lists.findings import Findings
    from geocover.site_lists.sheets import Book, Sheet

STATUS_HEAD = "Kết quả kiểm tra / Status"
NOTES_HEAD = "Ghi chú kiểm tra / Findings"
SHEET_MARK = "geocover:"
TEMPLATE_MARK = f"{SHEET_MARK} mẫu danh sách trạm"  # sheets of an empty template, left out without a word
_HEADS = (STATUS_HEAD, NOTES_HEAD)
_LOOKED_AT = 60  # rows in which a head is looked for


def without_own(book: Book, findings: Findings) -> Book:
    """Book without sheets and columns that geocover wrote into it.

    Each is a finding, but for the sheets of a template: they are in nobody's way.
    """
    sheets = []
    for sheet in book.sheets:
        if is_own(sheet):
            if not is_own(sheet, TEMPLATE_MARK):
                findings.add("own-sheet", sheet=sheet.name)
            continue
        columns = own_columns(sheet)
        if columns:
            findings.add("own-columns", sheet=sheet.name)
        sheets.append(_without(sheet, set(columns.values())) if columns else sheet)
    return replace(book, sheets=tuple(sheets))


def is_own(sheet: Sheet, mark: str = SHEET_MARK) -> bool:
    """Whether geocover wrote the sheet, one of a kind where its mark is given."""
    first = next((cell for row in sheet.rows[:1] for cell in row if cell is not None), None)
    return isinstance(first, str) and first.startswith(mark)


def own_columns(sheet: Sheet) -> dict[str, int]:
    """Columns of results in a sheet by their heads, counted from 0 in its rows."""
    found: dict[str, int] = {}
    for row in sheet.rows[:_LOOKED_AT]:
        for at, cell in enumerate(row):
            if cell in _HEADS:
                found.setdefault(str(cell), at)
    return found


def _without(sheet: Sheet, columns: set[int]) -> Sheet:
    rows = [[None if at in columns else cell for at, cell in enumerate(row)] for row in sheet.rows]
    return replace(sheet, rows=rows)
