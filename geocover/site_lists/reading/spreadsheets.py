"""XLSX, XLS, XLSB and ODS, as calamine reads them.

calamine ends the whole process when a file asks for more memory than there is; it is only called in the
process that `geocover.site_lists.reading.worker` is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from geocover.site_lists.reading.refusals import Note, Refused
from geocover.site_lists.sheets import Sheet

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from geocover.site_lists.reading.limits import Limits
    from geocover.site_lists.sheets import Value


def read_spreadsheet(path: Path, limits: Limits, note: Note) -> tuple[Sheet, ...]:
    """Sheets of a workbook, hidden ones included, each from its first row on.

    Raises
    ------
    Refused
        It is protected, damaged or beyond the limits.
    """
    import python_calamine as calamine

    try:
        with calamine.CalamineWorkbook.from_path(str(path)) as book:
            return _sheets(book, limits, note)
    except calamine.PasswordError as error:
        raise Refused("file-encrypted") from error
    except calamine.CalamineError as error:
        raise Refused("file-damaged", reason=str(error)) from error


def _sheets(book: Any, limits: Limits, note: Note) -> tuple[Sheet, ...]:  # noqa: ANN401 - calamine is untyped
    import python_calamine as calamine

    sheets = []
    left = limits.cells
    for at, meta in enumerate(book.sheets_metadata):
        if meta.typ != calamine.SheetTypeEnum.WorkSheet:
            note("sheet-not-cells", sheet=meta.name, value=meta.name)
            continue
        source = book.get_sheet_by_index(at)
        hidden = meta.visible != calamine.SheetVisibleEnum.Visible
        sheet = Sheet(
            meta.name,
            trimmed(source.iter_rows()) if source.start else [],
            first_column=source.start[1] + 1 if source.start else 1,
            hidden=hidden,
            merged=_merged(source.merged_cell_ranges),
        )
        left -= check_size(sheet, limits, left)
        sheets.append(sheet)
    return tuple(sheets)


def _merged(ranges: Iterable[Any] | None) -> tuple[tuple[int, int, int, int], ...]:
    """Ranges counted from 1; calamine counts from 0, the last row and column included."""
    return tuple((top + 1, left + 1, bottom + 1, right + 1) for (top, left), (bottom, right) in ranges or ())


def trimmed(rows: Iterable[list[Value]]) -> list[list[Value]]:
    """Rows with None for empty text, without empty cells behind the last filled one."""
    kept = []
    for row in rows:
        while row and (row[-1] is None or row[-1] == ""):
            row.pop()
        kept.append([None if value == "" else value for value in row] if "" in row else row)
    while kept and not kept[-1]:
        kept.pop()
    return kept


def check_size(sheet: Sheet, limits: Limits, cells_left: int) -> int:
    """Number of cells of a sheet.

    Raises
    ------
    Refused
        The sheet has more rows, columns or cells than allowed.
    """
    widths = [len(row) for row in sheet.rows if row]
    if len(widths) > limits.rows:
        raise Refused("file-too-many-rows", sheet=sheet.name, most=limits.rows)
    width = max(widths, default=0)
    if width > limits.columns:
        letter = letter_of(sheet.first_column + width - 1)
        raise Refused("file-too-many-columns", sheet=sheet.name, letter=letter, most=limits.columns)
    if sum(widths) > cells_left:
        raise Refused("file-too-many-cells", most=limits.cells)
    return sum(widths)


def letter_of(column: int) -> str:
    """Letters of a column counted from 1: A, ..., Z, AA."""
    letters = ""
    while column > 0:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
