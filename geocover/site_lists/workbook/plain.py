"""A plain XLSX of a book that is none (CSV, XLS, ODS, GeoJSON ...): the same rows at the same numbers."""

from __future__ import annotations

import datetime as dt
import math
import re
import zipfile
from typing import TYPE_CHECKING
from xml.sax.saxutils import quoteattr

from geocover.site_lists.workbook.cells import column_letters, text_cell
from geocover.site_lists.workbook.package import SHEET_TYPE, TYPES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import IO

    from geocover.site_lists.sheets import Book, Sheet, Value

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGED = "http://schemas.openxmlformats.org/package/2006"
XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
UNNAMED = "Danh sách"
DATE, TIME = 1, 2  # styles: a day, and a day with its time
_STYLES = (
    f'{XML}<styleSheet xmlns="{MAIN}">'
    '<numFmts count="2"><numFmt numFmtId="164" formatCode="dd/mm/yyyy"/>'
    '<numFmt numFmtId="165" formatCode="dd/mm/yyyy hh:mm:ss"/></numFmts>'
    '<fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="3"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="165" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>'
    "</styleSheet>"
)
_EPOCH = dt.datetime(1899, 12, 30)  # noqa: DTZ001  Excel's days have no zone
_FIRST_DAY = dt.datetime(1900, 3, 1)  # noqa: DTZ001  Excel counts a 29th of February before it
_DATE = (1980, 1, 1, 0, 0, 0)
_EXACT = 1e15
_FORBIDDEN = re.compile(r"[\[\]:*?/\\]")
_NAME_LENGTH = 31


def sheet_names(book: Book) -> dict[str, str]:
    """Names that Excel allows by the names of the sheets of a book, each once."""
    names: dict[str, str] = {}
    for sheet in book.sheets:
        base = _FORBIDDEN.sub("_", sheet.name).strip("' ")[:_NAME_LENGTH] or UNNAMED
        name, number = base, 1
        while name.lower() in {taken.lower() for taken in names.values()}:
            number += 1
            tail = f" ({number})"
            name = base[: _NAME_LENGTH - len(tail)] + tail
        names[sheet.name] = name
    return names


def write_plain(book: Book, file: IO[bytes]) -> None:
    """Write all sheets of a book as an XLSX file without formats; dates stay dates and numbers numbers."""
    names = list(sheet_names(book).values())
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as out:
        for name, content in _frame(names).items():
            out.writestr(zipfile.ZipInfo(name, _DATE), content)
        for number, sheet in enumerate(book.sheets, start=1):
            entry = zipfile.ZipInfo(f"xl/worksheets/sheet{number}.xml", _DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            with out.open(entry, "w", force_zip64=True) as part:
                part.write(f'{XML}<worksheet xmlns="{MAIN}"><sheetData>'.encode())
                for row in _rows(sheet):
                    part.write(row)
                part.write(b"</sheetData></worksheet>")


def sheet_part(rows: Sequence[Sequence[tuple[Value, int]]], widths: Sequence[int], namespace: str) -> bytes:
    """A worksheet of rows of values, each with its style, with widths of its columns in characters."""
    columns = "".join(
        f'<col min="{number}" max="{number}" width="{width}" customWidth="1"/>'
        for number, width in enumerate(widths, start=1)
    )
    body = b"".join(
        f'<row r="{number}">'.encode()
        + b"".join(
            _cell(f"{column_letters(column)}{number}", value, style)
            for column, (value, style) in enumerate(row, start=1)
            if value is not None
        )
        + b"</row>"
        for number, row in enumerate(rows, start=1)
    )
    head = f'{XML}<worksheet xmlns="{namespace}"><cols>{columns}</cols><sheetData>'
    return head.encode() + body + b"</sheetData></worksheet>"


def _frame(names: Sequence[str]) -> dict[str, str]:
    """All parts but the sheets themselves."""
    numbered = list(enumerate(names, start=1))
    sheets = "".join(
        f'<sheet name={quoteattr(name)} sheetId="{number}" r:id="rId{number}"/>' for number, name in numbered
    )
    relations = "".join(_relation(n, "worksheet", f"worksheets/sheet{n}.xml") for n, _ in numbered)
    relations += _relation(len(names) + 1, "styles", "styles.xml")
    types = "".join(
        f'<Override PartName="/xl/worksheets/sheet{number}.xml" ContentType="{SHEET_TYPE}"/>'
        for number, _ in numbered
    )
    office = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    return {
        TYPES: f'{XML}<Types xmlns="{PACKAGED}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{office}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{office}.styles+xml"/>{types}</Types>',
        "_rels/.rels": f'{XML}<Relationships xmlns="{PACKAGED}/relationships">'
        f"{_relation(1, 'officeDocument', 'xl/workbook.xml')}</Relationships>",
        "xl/workbook.xml": f'{XML}<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}">'
        f"<sheets>{sheets}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'{XML}<Relationships xmlns="{PACKAGED}/relationships">'
        f"{relations}</Relationships>",
        "xl/styles.xml": _STYLES,
    }


def _relation(number: int, kind: str, target: str) -> str:
    return f'<Relationship Id="rId{number}" Type="{RELATIONS}/{kind}" Target="{target}"/>'


def _rows(sheet: Sheet) -> Iterator[bytes]:
    letters = [column_letters(sheet.first_column + at) for at in range(max(map(len, sheet.rows), default=0))]
    for number, row in enumerate(sheet.rows, start=sheet.first_row):
        cells = [
            _cell(f"{letter}{number}", value)
            for letter, value in zip(letters, row, strict=False)
            if value is not None
        ]
        yield f'<row r="{number}">'.encode() + b"".join(cells) + b"</row>"


def _cell(reference: str, value: Value, style: int = 0) -> bytes:
    if isinstance(value, bool):
        return f'<c r="{reference}" s="{style}" t="b"><v>{int(value)}</v></c>'.encode()
    if isinstance(value, int | float):
        if math.isfinite(value) and abs(value) < _EXACT:
            return f'<c r="{reference}" s="{style}"><v>{value!r}</v></c>'.encode()
        return text_cell("", reference, str(value), style)
    days = _serial(value)
    if days is None:
        return text_cell("", reference, str(value), style)
    return f'<c r="{reference}" s="{DATE if days.is_integer() else TIME}"><v>{days!r}</v></c>'.encode()


def _serial(value: Value) -> float | None:
    """Days of Excel's calendar; None for what is no date, or lies before its calendar."""
    if isinstance(value, dt.datetime):
        moment = value.replace(tzinfo=None)
    elif isinstance(value, dt.date):
        moment = dt.datetime(value.year, value.month, value.day)  # noqa: DTZ001  a day has no zone
    else:
        return None
    return (moment - _EPOCH) / dt.timedelta(days=1) if moment >= _FIRST_DAY else None
