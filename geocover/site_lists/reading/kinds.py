"""What a file is, by its first bytes and not by its name."""

from __future__ import annotations

import codecs
import json
import re
from typing import TYPE_CHECKING, Literal

from geocover.site_lists.reading.archives import extract, parts_of
from geocover.site_lists.reading.encodings import wide
from geocover.site_lists.reading.refusals import Refused

if TYPE_CHECKING:
    from pathlib import Path

    from geocover.site_lists.reading.limits import Limits
    from geocover.site_lists.sheets import Kind

Content = Literal["html"]
HEAD_BYTES = 65_536

# Formats that are no list, by their first bytes: Vietnamese and English names.
_OTHERS: tuple[tuple[bytes, str, str], ...] = (
    (b"%PDF", "tệp PDF", "a PDF"),
    (b"\x89PNG", "ảnh PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "ảnh JPEG", "a JPEG picture"),
    (b"GIF8", "ảnh GIF", "a GIF picture"),
    (b"II*\x00", "ảnh TIFF", "a TIFF picture"),
    (b"MM\x00*", "ảnh TIFF", "a TIFF picture"),
    (b"{\\rtf", "tài liệu RTF", "an RTF document"),
    (b"MZ", "chương trình Windows", "a Windows program"),
    (b"\x7fELF", "chương trình", "a program"),
    (b"\x00\x01\x00\x00Standard", "cơ sở dữ liệu Access", "an Access database"),
    (b"PAR1", "tệp Parquet", "a Parquet file"),
)
_PACKED = (b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"BZh", b"\xfd7zXZ")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_SQLITE = b"SQLite format 3\x00"
_SHAPEFILE = b"\x00\x00\x27\x0a"
_XML_ROOT = re.compile(r"<(?![?!])(?:[\w.-]+:)?([\w.-]+)")
_XML_ASIDE = re.compile(r"<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^>\[]*(?:\[.*?\])?\s*>", re.DOTALL | re.IGNORECASE)
_HTML_TAGS = {"html", "table", "body", "head", "meta", "style", "div", "center", "tr", "p", "br", "font"}
# Old Excel streams without an OLE envelope (BIFF2 to BIFF4).
_BARE_BIFF = (b"\x09\x00\x04\x00", b"\x09\x02\x06\x00", b"\x09\x04\x06\x00")
_JSON_START = re.compile(r"[\[{]\s*(?:[\"\[\]{}]|-?\d)")


def kind_of(path: Path, limits: Limits) -> Kind | Content:
    """Kind of a file.

    Raises
    ------
    Refused
        It is empty, protected, damaged, or something that holds no list.
    """
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if not head.strip(b"\x00\t\r\n \xef\xbb\xbf\xfe\xff"):
        raise Refused("file-empty")
    _refuse_others(head)
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")):
        return _zipped(path, limits)
    if head.startswith(_OLE):
        return _ole(path)
    if head.startswith(_SQLITE):
        return "gpkg"
    return _text_kind(path, _as_text(head))


def _refuse_others(head: bytes) -> None:
    for magic, vi, en in _OTHERS:
        if head.startswith(magic) and not (magic == b"MZ" and b"\x00" not in head):
            raise Refused("file-kind", what_vi=vi, what_en=en)
    if head.startswith(_PACKED):
        raise Refused("file-zip")
    if head.startswith(_SHAPEFILE):
        raise Refused("file-shapefile")
    if head.startswith(_BARE_BIFF):
        raise Refused(
            "file-kind", what_vi="tệp Excel trước năm 1995", what_en="an Excel file from before 1995"
        )


def _zipped(path: Path, limits: Limits) -> Kind:
    names = parts_of(path, limits)
    lower = {name.lower().replace("\\", "/") for name in names}
    if "xl/workbook.xml" in lower:
        return "xlsx"
    if "xl/workbook.bin" in lower:
        return "xlsb"
    if "mimetype" in names and "content.xml" in names:
        return _open_document(extract(path, "mimetype", limits))
    if any(name.endswith(".kml") for name in lower):
        return "kmz"
    _refuse_zip(lower)
    raise Refused("file-zip")


def _open_document(mime: bytes) -> Kind:
    if b"spreadsheet" not in mime:
        raise Refused("file-kind", what_vi="tài liệu OpenDocument", what_en="an OpenDocument text or drawing")
    return "ods"


def _refuse_zip(names: set[str]) -> None:
    if any(name.endswith(".shp") for name in names):
        raise Refused("file-shapefile")
    if "word/document.xml" in names:
        raise Refused("file-kind", what_vi="tài liệu Word", what_en="a Word document")
    if "ppt/presentation.xml" in names:
        raise Refused("file-kind", what_vi="bản trình chiếu PowerPoint", what_en="a PowerPoint presentation")


def _ole(path: Path) -> Kind:
    """Old Office files share an envelope; the names of its streams, in UTF-16, tell them apart."""
    content = path.read_bytes()
    streams = {
        name: name.encode("utf-16-le") in content
        for name in ("EncryptedPackage", "Workbook", "Book", "WordDocument", "PowerPoint Document")
    }
    if streams["EncryptedPackage"]:
        raise Refused("file-encrypted")
    if streams["Workbook"] or streams["Book"]:
        return "xls"
    if streams["WordDocument"]:
        raise Refused("file-kind", what_vi="tài liệu Word", what_en="a Word document")
    raise Refused("file-kind", what_vi="tài liệu Office khác", what_en="another kind of Office document")


def _as_text(head: bytes) -> str:
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return head.decode("utf-16", errors="replace")
    return wide(head) or head.decode("utf-8-sig", errors="replace").replace("\x00", "")


def _text_kind(path: Path, text: str) -> Kind | Content:
    start = text.lstrip()
    if start.startswith("<"):
        return _marked_up(start)
    if _JSON_START.match(start):
        return _json(path)
    if _binary(text):
        raise Refused(
            "file-kind", what_vi="tệp nhị phân không nhận ra được", what_en="a binary file of unknown kind"
        )
    return "csv"


def _marked_up(text: str) -> Kind | Content:
    match = _XML_ROOT.search(_XML_ASIDE.sub("", text))
    root = match[1].lower() if match else ""
    if root == "kml":
        return "kml"
    if root in _HTML_TAGS or "<table" in text.lower():
        return "html"
    if root in {"workbook", "document"}:
        raise Refused("file-spreadsheet-xml")
    raise Refused("file-kind", what_vi=f"tệp XML ({root})", what_en=f"an XML file ({root})")


def _json(path: Path) -> Kind:
    """GeoJSON, or a text that only starts like JSON."""
    try:
        content = json.loads(path.read_bytes().decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise Refused("file-damaged", reason=f"JSON: {error}") from error
    if isinstance(content, dict) and content.get("type") in GEOJSON_TYPES:
        return "geojson"
    raise Refused("file-json")


GEOJSON_TYPES = ("FeatureCollection", "Feature")


def _binary(text: str) -> bool:
    controls = sum(character < " " and character not in "\t\r\n\x0b\x0c\x1a\x1b" for character in text)
    return controls > 0.02 * len(text)
