"""What a case of the corpus is, and how its file is built; nothing here knows the importer."""

from __future__ import annotations

import datetime as dt
import io
import json
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import openpyxl
import xlwt
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import Table, TableCell, TableRow
from odf.text import P

HEAD = ["Mã trạm", "Nhà mạng", "Công nghệ", "Kinh độ", "Vĩ độ", "Xã, phường"]
# Points inside communes of Phú Thọ.
SITES: list[list[Any]] = [
    ["PTO001", "Viettel", "4G", 105.43771, 21.29271, "Phường Thanh Miếu"],
    ["PTO002", "Viettel", "5G", 105.19736, 21.20271, "Xã Thanh Sơn"],
    ["PTO003", "VinaPhone", "4G", 105.05993, 21.18023, "Xã Minh Đài"],
    ["PTO004", "MobiFone", "3G", 105.71026, 21.24602, "Phường Phúc Yên"],
    ["PTO005", "Vietnamobile", "2G", 104.94372, 21.56976, "Xã Hiền Lương"],
]
Rows = Sequence[Sequence[Any]]
Build = Callable[[Path], None]


@dataclass(frozen=True)
class Case:
    """A nasty file; what the importer must make of it stands in ``expected.toml``.

    Attributes
    ----------
    name
        Name of its file, with the suffix that it claims.
    build
        Writes it.
    options
        Arguments of the check; ``reference=True`` stands for the shipped province,
        ``twice=True`` for a check of the first check's report.
    """

    name: str
    build: Build
    options: Mapping[str, Any] = field(default_factory=dict)


def listed(*rows: Sequence[Any], head: Sequence[Any] = HEAD) -> list[list[Any]]:
    """A head and rows; the five sites of the corpus where no rows are given."""
    return [list(head), *[list(row) for row in (rows or SITES)]]


def changed(row: int, column: str, value: object, rows: Rows | None = None) -> list[list[Any]]:
    """The five sites with one value changed; row counted from 0, column by its head."""
    table = [list(each) for each in (rows or listed())]
    table[row + 1][table[0].index(column)] = value
    return table


def with_column(head: str, values: Sequence[Any], rows: Rows | None = None) -> list[list[Any]]:
    """The five sites with another column."""
    table = [list(each) for each in (rows or listed())]
    return [[*row, value] for row, value in zip(table, [head, *values], strict=True)]


def without_columns(*heads: str, rows: Rows | None = None) -> list[list[Any]]:
    """The five sites without some columns."""
    table = [list(each) for each in (rows or listed())]
    keep = [at for at, head in enumerate(table[0]) if head not in heads]
    return [[row[at] for at in keep] for row in table]


def text_of(rows: Rows, delimiter: str = ",", end: str = "\n") -> str:
    """Rows as delimited text; cells with the delimiter or a line end are quoted."""

    def cell(value: object) -> str:
        text = "" if value is None else str(value)
        if any(mark in text for mark in (delimiter, '"', "\n", "\r")):
            return '"' + text.replace('"', '""') + '"'
        return text

    return end.join(delimiter.join(map(cell, row)) for row in rows) + end


def raw(content: bytes | str) -> Build:
    """A file of given bytes, or of a text in UTF-8."""
    encoded = content.encode() if isinstance(content, str) else content
    return lambda path: void(path.write_bytes(encoded))


def csv(rows: Rows | None = None, *, delimiter: str = ",", encoding: str = "utf-8", end: str = "\n") -> Build:
    """A delimited text."""
    return raw(text_of(rows or listed(), delimiter, end).encode(encoding))


def xlsx(rows: Rows | None = None, *, after: Callable[[openpyxl.Workbook], None] | None = None) -> Build:
    """A workbook of one sheet "Trạm", changed afterwards."""

    def build(path: Path) -> None:
        book = openpyxl.Workbook()
        sheet = book.active
        sheet.title = "Trạm"
        for number, row in enumerate(rows if rows is not None else listed(), start=1):
            for column, value in enumerate(row, start=1):
                if value is not None:
                    sheet.cell(number, column).value = value
                    if isinstance(value, str):
                        sheet.cell(number, column).data_type = "s"
        if after:
            after(book)
        book.save(path)

    return build


def xls(rows: Rows | None = None) -> Build:
    """A workbook of Excel 97."""

    def build(path: Path) -> None:
        book = xlwt.Workbook()
        sheet = book.add_sheet("Trạm")
        day = xlwt.easyxf(num_format_str="dd/mm/yyyy")
        for number, row in enumerate(rows or listed()):
            for column, value in enumerate(row):
                if value is not None:
                    style = (day,) if isinstance(value, dt.date) else ()
                    sheet.write(number, column, value, *style)
        book.save(str(path))

    return build


def ods(rows: Rows | None = None) -> Build:
    """A sheet of LibreOffice; every cell is text."""

    def build(path: Path) -> None:
        document = OpenDocumentSpreadsheet()
        table = Table(name="Trạm")
        for row in rows or listed():
            line = TableRow()
            for value in row:
                cell = TableCell(valuetype="string")
                cell.addElement(P(text="" if value is None else str(value)))
                line.addElement(cell)
            table.addElement(line)
        document.spreadsheet.addElement(table)
        document.save(str(path))

    return build


def geojson(rows: Rows | None = None, **more: object) -> str:
    """Features with points of the columns of degrees, and all columns as attributes."""
    head, *sites = rows or listed()
    features = []
    for site in sites:
        told = dict(zip(head, site, strict=True))
        point = {"type": "Point", "coordinates": [told.pop("Kinh độ"), told.pop("Vĩ độ")]}
        features.append({"type": "Feature", "geometry": point, "properties": told})
    return json.dumps({"type": "FeatureCollection", "features": features, **more}, ensure_ascii=False)


def kml(rows: Rows | None = None) -> str:
    """Placemarks with extended data."""
    head, *sites = rows or listed()
    marks = []
    for site in sites:
        told = dict(zip(head, site, strict=True))
        point = f"<Point><coordinates>{told.pop('Kinh độ')},{told.pop('Vĩ độ')}</coordinates></Point>"
        data = "".join(f'<Data name="{name}"><value>{value}</value></Data>' for name, value in told.items())
        marks.append(f"<Placemark><ExtendedData>{data}</ExtendedData>{point}</Placemark>")
    return (
        '<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document>'
        f"<name>Trạm</name>{''.join(marks)}</Document></kml>"
    )


def html(rows: Rows | None = None) -> str:
    """A web page with one table, as portals save it under a spreadsheet's name."""
    lines = "".join(
        "<tr>" + "".join(f"<td>{'' if cell is None else cell}</td>" for cell in row) + "</tr>"
        for row in rows or listed()
    )
    return f'<html><head><meta charset="utf-8"></head><body><table border=1>{lines}</table></body></html>'


def zipped(parts: Mapping[str, bytes]) -> bytes:
    """A zip file."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as out:
        for name, content in parts.items():
            out.writestr(name, content)
    return buffer.getvalue()


def repacked(build: Build, change: Callable[[dict[str, bytes]], None]) -> Build:
    """A zipped file with its parts changed."""

    def write(path: Path) -> None:
        build(path)
        with zipfile.ZipFile(path) as source:
            parts = {name: source.read(name) for name in source.namelist()}
        change(parts)
        path.write_bytes(zipped(parts))

    return write


def void(_: object) -> None:
    """Nothing, whatever is given."""
