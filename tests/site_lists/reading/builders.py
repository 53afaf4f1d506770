"""Files of every kind, built byte by byte where no library writes them."""

from __future__ import annotations

import io
import json
import struct
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import openpyxl
import xlwt
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import Table as OdfTable
from odf.table import TableCell, TableRow
from odf.text import P

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Rows = "Sequence[Sequence[Any]]"
SITES: list[list[Any]] = [
    ["Mã trạm", "Kinh độ", "Vĩ độ", "Công nghệ"],
    ["PTO0001", 105.34808, 21.32292, "4G"],
    ["PTO0002", 105.21034, 21.41877, "5G"],
]


def xlsx(path: Path, sheets: Mapping[str, Rows] | Rows, merged: Sequence[str] = ()) -> Path:
    """Write a workbook; `merged` are ranges of its first sheet."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in (sheets if isinstance(sheets, dict) else {"Trạm": sheets}).items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    for cells in merged:
        book.worksheets[0].merge_cells(cells)
    book.save(path)
    return path


def xls(path: Path, rows: Rows) -> Path:
    book = xlwt.Workbook()
    sheet = book.add_sheet("Trạm")
    for at, row in enumerate(rows):
        for column, value in enumerate(row):
            sheet.write(at, column, value)
    book.save(str(path))
    return path


def ods(path: Path, rows: Rows) -> Path:
    book = OpenDocumentSpreadsheet()
    table = OdfTable(name="Trạm")
    for row in rows:
        line = TableRow()
        for value in row:
            kind = (
                {"valuetype": "float", "value": value}
                if isinstance(value, float)
                else {"valuetype": "string"}
            )
            cell = TableCell(**kind)
            cell.addElement(P(text=str(value)))
            line.addElement(cell)
        table.addElement(line)
    book.spreadsheet.addElement(table)
    book.save(str(path))
    return path


def _record(number: int, body: bytes = b"") -> bytes:
    """A record of BIFF12 ([MS-XLSB] 2.1.4): number and size in seven bits a byte."""
    return _seven(number) + _seven(len(body)) + body


def _seven(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def _wide(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def _xlsb_sheet(rows: Rows) -> bytes:
    width = max(map(len, rows))
    out = _record(129) + _record(148, struct.pack("<4I", 0, len(rows) - 1, 0, width - 1)) + _record(145)
    for at, row in enumerate(rows):
        out += _record(0, struct.pack("<IIHHB", at, 0, 300, 0, 0) + struct.pack("<III", 1, 0, width - 1))
        for column, value in enumerate(row):
            place = struct.pack("<II", column, 0)
            if isinstance(value, float):
                out += _record(5, place + struct.pack("<d", value))
            else:
                out += _record(6, place + _wide(str(value)))
    return out + _record(146) + _record(130)


def xlsb(path: Path, rows: Rows) -> Path:
    sheet = _record(156, struct.pack("<II", 0, 1) + _wide("rId1") + _wide("Trạm"))
    book = _record(131) + _record(143) + sheet + _record(144) + _record(132)
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    relation = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        '<Relationship Id="rId1" Type="{}" Target="{}"/></Relationships>'
    )
    parts = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="bin" ContentType="application/vnd.ms-excel.sheet.binary.macroEnabled.main"/>'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        "</Types>",
        "_rels/.rels": relation.format(f"{office}/officeDocument", "xl/workbook.bin"),
        "xl/workbook.bin": book,
        "xl/_rels/workbook.bin.rels": relation.format(f"{office}/worksheet", "worksheets/sheet1.bin"),
        "xl/worksheets/sheet1.bin": _xlsb_sheet(rows),
    }
    return archive(path, parts)


def archive(path: Path, parts: Mapping[str, str | bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in parts.items():
            packed.writestr(name, content)
    return path


def repacked(source: Path, target: Path, changes: Mapping[str, Any]) -> Path:
    """Copy an archive with parts changed by functions of their content."""
    with zipfile.ZipFile(source) as packed:
        parts = {name: packed.read(name) for name in packed.namelist()}
    return archive(target, {name: changes.get(name, bytes)(content) for name, content in parts.items()})


def text(path: Path, rows: Rows, delimiter: str = ",", encoding: str = "utf-8") -> Path:
    lines = [delimiter.join("" if value is None else str(value) for value in row) for row in rows]
    path.write_bytes("\r\n".join(lines).encode(encoding))
    return path


def geojson(path: Path, features: Sequence[Mapping[str, Any]], **members: Any) -> Path:
    content = {"type": "FeatureCollection", "features": list(features), **members}
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    return path


def feature(lon: float, lat: float, **properties: Any) -> dict[str, Any]:
    return {
        "type": "Feature",
        "properties": properties,
        "geometry": {"type": "Point", "coordinates": [lon, lat]},
    }


def gpkg(path: Path, crs: str | None = "EPSG:4326", layers: Sequence[str] = ("tram",)) -> Path:
    import geopandas as gpd
    import shapely

    x, y = (105.34808, 21.32292) if crs != "EPSG:9208" else (561_900.0, 2_358_700.0)
    table = gpd.GeoDataFrame(
        {"Mã trạm": ["PTO0001", "PTO0002"], "Chiều cao": [42.0, None]},
        geometry=[shapely.Point(x, y), None],
        crs=crs,
    )
    for layer in layers:
        table.to_file(path, layer=layer, driver="GPKG")
    return path


KML = """<?xml version="1.0" encoding="UTF-8"?>
<kml xmlns="http://www.opengis.net/kml/2.2"><Document><name>Danh sách</name>
<Folder><name>Viettel</name><Placemark><name>PTO0001</name>
<ExtendedData><Data name="Công nghệ"><value>4G</value></Data>
<SchemaData schemaUrl="#s"><SimpleData name="Chiều cao cột">42</SimpleData></SchemaData></ExtendedData>
<Point><coordinates>105.34808,21.32292,0</coordinates></Point></Placemark></Folder>
<Placemark><name>PTO0002</name><description><![CDATA[<table><tr><td>Công nghệ</td><td>5G</td></tr></table>]]>
</description><Polygon><outerBoundaryIs><LinearRing><coordinates>105,21 105.1,21 105.1,21.1 105,21
</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark>{more}</Document></kml>"""


def kml(more: str = "") -> str:
    return KML.replace("{more}", more)


def to_bytes(book: openpyxl.Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
