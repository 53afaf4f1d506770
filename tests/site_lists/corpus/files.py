"""Cases about the file itself: its kind, its encoding, its delimiter, what it asks of the machine."""

from __future__ import annotations

import struct
import unicodedata
import zipfile
from pathlib import Path

import geopandas as gpd
import openpyxl
import pandas as pd
from shapely.geometry import Point, box

from tests.site_lists.corpus.case import (
    HEAD,
    SITES,
    Case,
    csv,
    geojson,
    html,
    kml,
    listed,
    ods,
    raw,
    repacked,
    text_of,
    xls,
    xlsx,
    zipped,
)

# Letters as the fonts .VnTime (TCVN3) and VNI-Times have them, as far as the corpus needs them.
TCVN3_LETTERS = "ãạảàáâấầẩẫậăắằẳẵặéèẻẽẹêếềểễệíìỉĩịóòỏõọôốồổỗộơớờởỡợúùủũụưứừửữựýỳỷỹỵđĐ"
TCVN3_BYTES = "·¹¶µ¸©ÊÇÈÉË¨¾»¼½ÆÐÌÎÏÑªÕÒÓÔÖÝ×ØÜÞãßáâä«èåæçé¬íêëìîóïñòô\u00adøõö÷ùýúûüþ®§"
TCVN3 = dict(zip(TCVN3_LETTERS, TCVN3_BYTES, strict=True))
TONES = "\u0300\u0301\u0303\u0309\u0323"
HORN = "\u031b"
# Second letters of VNI by the marks that they stand for: tone, circumflex or breve, or both.
VNI_MARKS = {
    "\u0301": "ù", "\u0300": "ø", "\u0309": "û", "\u0303": "õ", "\u0323": "ï",
    "\u0302": "â", "\u0301\u0302": "á", "\u0300\u0302": "à", "\u0302\u0309": "å", "\u0302\u0303": "ã",
    "\u0302\u0323": "ä",
    "\u0306": "ê", "\u0301\u0306": "é", "\u0300\u0306": "è", "\u0306\u0309": "ú", "\u0303\u0306": "ü",
    "\u0306\u0323": "ë",
}  # fmt: skip
VNI_WHOLE = {"đ": "ñ", "Đ": "Ñ", "í": "í", "ì": "ì", "ỉ": "æ", "ĩ": "ó", "ị": "ò", "ỵ": "î"}
VNI_HORNED = {"o": "ô", "u": "ö", "O": "Ô", "U": "Ö"}
TEXTS = [
    ["Mã trạm", "Nhà mạng", "Công nghệ", "Kinh độ", "Vĩ độ", "Xã, phường", "Địa chỉ"],
    *[[*site, "Thôn Đồng Quê, gần nhà văn hoá, đường tỉnh"] for site in SITES],
]


def tcvn3(text: str) -> bytes:
    return "".join(TCVN3.get(letter, letter) for letter in text).encode("latin-1")


def windows_1258(text: str) -> bytes:
    """Vowels with their letter mark as one byte, the tone as another behind it."""
    out = ""
    for letter in unicodedata.normalize("NFC", text):
        parts = unicodedata.normalize("NFD", letter)
        tones = [mark for mark in parts if mark in TONES]
        out += unicodedata.normalize("NFC", "".join(mark for mark in parts if mark not in TONES)) + "".join(
            tones
        )
    return out.encode("cp1258")


def vni(text: str) -> bytes:
    """Bare vowels with a second letter for their marks."""
    out = ""
    for letter in unicodedata.normalize("NFC", text):
        base, *marks = unicodedata.normalize("NFD", letter)
        told = VNI_WHOLE.get(letter) or (VNI_HORNED.get(base, base) if HORN in marks else base)
        marks = [] if letter in VNI_WHOLE else [mark for mark in marks if mark != HORN]
        second = VNI_MARKS["".join(sorted(marks))] if marks else ""
        out += told + (second.upper() if letter.isupper() else second)
    return out.encode("latin-1")


def tcvn3_text(text: str) -> str:
    return tcvn3(text).decode("latin-1")


def geopackage(path: Path) -> None:
    head, *sites = listed()
    table = pd.DataFrame(sites, columns=head)
    points = gpd.points_from_xy(table["Kinh độ"], table["Vĩ độ"], crs="EPSG:4326")
    frame = gpd.GeoDataFrame(table.drop(columns=["Kinh độ", "Vĩ độ"]), geometry=points)
    frame.to_crs("EPSG:3405").to_file(path, driver="GPKG", layer="Trạm")


def polygons(path: Path) -> None:
    head, *sites = listed()
    table = pd.DataFrame(sites, columns=head)
    shapes = [
        Point(lon, lat).buffer(0.001) for lon, lat in zip(table["Kinh độ"], table["Vĩ độ"], strict=True)
    ]
    shapes[4] = box(*shapes[4].bounds)
    frame = gpd.GeoDataFrame(table.drop(columns=["Kinh độ", "Vĩ độ"]), geometry=shapes, crs="EPSG:4326")
    frame.to_file(path, driver="GeoJSON")


def claims_the_whole_sheet(parts: dict[str, bytes]) -> None:
    name = "xl/worksheets/sheet1.xml"
    parts[name] = parts[name].replace(b'<dimension ref="A1:F6"', b'<dimension ref="A1:XFD1048576"')


def laughs(parts: dict[str, bytes]) -> None:
    levels = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    bomb = f'<!DOCTYPE worksheet [<!ENTITY l0 "ha">{levels}]>'.encode()
    name = "xl/worksheets/sheet1.xml"
    head, mark, tail = parts[name].partition(b"<worksheet")
    parts[name] = head + bomb + mark + tail.replace(b"PTO001", b"&l9;")


def damaged_directory(path: Path) -> None:
    xlsx()(path)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) * 2 // 3])


def bomb(path: Path) -> None:
    """Write a workbook whose sheet is a gigabyte of blanks."""
    openpyxl.Workbook().save(path)
    with (
        zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED, compresslevel=1) as out,
        out.open("xl/worksheets/sheet9.xml", "w") as part,
    ):
        for _ in range(1024):
            part.write(b" " * (1 << 20))


def encrypted() -> bytes:
    """The head of a compound file with the stream that holds a protected workbook."""
    sector = bytearray(
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6)
    )
    sector += bytes(6) + struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    sector += struct.pack("<I", 0) + b"\xff" * (512 - len(sector) - 4)
    fat = struct.pack("<II", 0xFFFFFFFD, 0xFFFFFFFE) + b"\xff" * (512 - 8)
    return bytes(sector) + fat + _entry("Root Entry", 5) + _entry("EncryptedPackage", 2) + bytes(256)


def _entry(name: str, kind: int) -> bytes:
    told = name.encode("utf-16-le") + b"\0\0"
    links = struct.pack("<III", 0xFFFFFFFF, 0xFFFFFFFF, 1 if kind == 5 else 0xFFFFFFFF)
    return (
        told.ljust(64, b"\0")
        + struct.pack("<HBB", len(told), kind, 1)
        + links
        + bytes(36)
        + struct.pack("<IQ", 0xFFFFFFFE, 0)
    )


CASES = (
    Case("plain.csv", csv()),
    Case("bom.csv", csv(encoding="utf-8-sig")),
    Case(
        "semicolons-decimal-commas.csv",
        csv([[str(cell).replace(".", ",") for cell in row] for row in listed()], delimiter=";"),
    ),
    Case("tabs.tsv", csv(delimiter="\t", end="\r\n")),
    Case("pipes.txt", csv(delimiter="|")),
    Case("lone-returns.csv", csv(end="\r")),
    Case("excel-separator-line.csv", raw("sep=;\r\n" + text_of(listed(), ";", "\r\n"))),
    Case("utf-16.csv", csv(encoding="utf-16", delimiter="\t")),
    Case("utf-16-without-mark.csv", csv(encoding="utf-16-le", delimiter="\t")),
    Case("windows-1258.csv", raw(windows_1258(text_of(TEXTS)))),
    Case("vni.csv", raw(vni(text_of(TEXTS)))),
    Case("quoted-line-ends.csv", csv([[*HEAD, "Địa chỉ"], *[[*site, "Thôn 1,\nkhu 2"] for site in SITES]])),
    Case("tcvn3.csv", raw(tcvn3(text_of(TEXTS)))),
    Case(
        "tcvn3-in-a-workbook.xlsx",
        xlsx([[tcvn3_text(cell) if isinstance(cell, str) else cell for cell in row] for row in TEXTS]),
    ),
    Case("nul-bytes.csv", raw(text_of(listed()).replace("PTO003", "PTO\x00003"))),
    Case("too-many-fields.csv", raw(text_of(listed()).replace("Minh Đài", "Minh Đài,thừa,một ô"))),
    Case("excel-97.xls", xls()),
    Case("libre-office.ods", ods()),
    Case("workbook-called-csv.csv", xlsx()),
    Case("web-page-called-xls.xls", raw(html())),
    Case("text-called-xlsx.xlsx", csv()),
    Case("points.geojson", raw(geojson())),
    Case("points-metres.gpkg", geopackage),
    Case("areas-not-points.geojson", polygons),
    Case("placemarks.kml", raw(kml())),
    Case("placemarks.kmz", raw(zipped({"doc.kml": kml().encode()}))),
    Case("claims-a-whole-sheet.xlsx", repacked(xlsx(), claims_the_whole_sheet)),
    Case("entities.xlsx", repacked(xlsx(), laughs)),
    Case("empty.csv", raw(b"")),
    Case("blank.xlsx", xlsx([[]])),
    Case("cut-short.xlsx", damaged_directory),
    Case("bomb.xlsx", bomb),
    Case("protected.xlsx", raw(encrypted())),
    Case("letter.pdf", raw(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\n")),
    Case("photo.xlsx", raw(b"\x89PNG\r\n\x1a\n" + bytes(64))),
    Case("archive.zip", raw(zipped({"list.csv": text_of(listed()).encode()}))),
    Case(
        "2003.xls",
        raw(
            '<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>'
            '<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"></Workbook>'
        ),
    ),
    Case("noise.bin", raw(bytes(range(256)) * 8)),
)
