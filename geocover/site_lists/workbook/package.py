"""An XLSX file as a package of parts (ECMA-376 part 2): which part is which sheet, and a part added.

Parts are edited as text, for parsing and writing them anew would drop what a parser does not know (charts,
images, pivots, macros, extensions). What is not touched is copied byte for byte.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape, quoteattr

if TYPE_CHECKING:
    from pathlib import Path

TYPES = "[Content_Types].xml"
SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"
MACROS = b"macroEnabled"
# Transitional and strict packages name the same relations differently.
_TAIL = {name: f"/relationships/{name}" for name in ("officeDocument", "worksheet", "styles")}
_ROOT = re.compile(rb"<(?!\?|!)(?:([A-Za-z_][\w.-]*):)?[A-Za-z_][\w.-]*")
_UNEDITABLE = (b"<![CDATA[", b"<!--", b"<!DOCTYPE", b"<!ENTITY")
_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ESCAPED = re.compile("_x[0-9A-Fa-f]{4}_")
_EPOCH = (1980, 1, 1, 0, 0, 0)
COMPRESSION = 4  # a third of the time of 6 for a tenth more bytes


class UneditableError(Exception):
    """The package is one that this editor does not follow; the caller writes a plain workbook instead."""


@dataclass
class Package:
    """Parts of an XLSX file; changed ones are kept in `changed` until `write`.

    Attributes
    ----------
    source
        The file.
    workbook
        Name of the workbook's part.
    changed
        New bytes of parts by name; parts not in the source are added.
    """

    source: zipfile.ZipFile
    workbook: str
    changed: dict[str, bytes] = field(default_factory=dict)

    @classmethod
    def opened(cls, source: zipfile.ZipFile) -> Package:
        """Find the workbook of a package.

        Raises
        ------
        UneditableError
            If there is none.
        """
        package = cls(source, "")
        found = package.related("", "officeDocument")
        if not found:
            raise UneditableError("no workbook")
        package.workbook = next(iter(found.values()))
        return package

    def read(self, name: str) -> bytes:
        """Bytes of a part as it stands now.

        Raises
        ------
        UneditableError
            If there is no such part.
        """
        if name in self.changed:
            return self.changed[name]
        try:
            return self.source.read(name)
        except KeyError:
            raise UneditableError(name) from None

    def text(self, name: str) -> bytes:
        """Bytes of a part that may be edited as text.

        Raises
        ------
        UneditableError
            If there is no such part, or it is not plain UTF-8 without comments, CDATA or a DTD.
        """
        content = self.read(name)
        head = content[:200]
        if head.startswith((b"\xff\xfe", b"\xfe\xff")) or b"UTF-16" in head.upper():
            raise UneditableError(f"{name}: not UTF-8")
        if any(mark in content for mark in _UNEDITABLE):
            raise UneditableError(f"{name}: comments or CDATA")
        return content

    def related(self, part: str, kind: str) -> dict[str, str]:
        """Names of the parts that a part points to by relations of a kind, by the relation's id."""
        folder, name = posixpath.split(part)
        rels = posixpath.join(folder, "_rels", f"{name}.rels")
        return {
            each.get("Id", ""): posixpath.normpath(posixpath.join("/", folder, each.get("Target", "")))[1:]
            for each in ET.fromstring(self.text(rels))  # noqa: S314  text() refuses DTDs
            if each.get("Type", "").endswith(_TAIL[kind])
        }

    def sheets(self) -> dict[str, str]:
        """Names of the parts of the worksheets by the names of the sheets."""
        parts = self.related(self.workbook, "worksheet")
        found = {}
        for each in self._sheet_elements():
            identity = next((value for key, value in each.items() if key.endswith("}id")), "")
            if identity in parts:
                found[each.get("name", "")] = parts[identity]
        return found

    def names(self) -> set[str]:
        """Names of all sheets in lower case, those without cells (charts) too."""
        return {each.get("name", "").lower() for each in self._sheet_elements()}

    @property
    def namespace(self) -> str:
        """Namespace of the workbook's elements; strict packages have another."""
        return self._root().tag.partition("}")[0].lstrip("{")

    def _root(self) -> ET.Element:
        return ET.fromstring(self.text(self.workbook))  # noqa: S314  text() refuses DTDs

    def _sheet_elements(self) -> list[ET.Element]:
        return [each for each in self._root().iter() if each.tag.endswith("}sheet")]

    @property
    def has_macros(self) -> bool:
        """Whether the workbook holds macros (its file must then be named .xlsm)."""
        return MACROS in self.read(TYPES)

    def add_sheet(self, name: str, content: bytes) -> None:
        """Add a worksheet at the end.

        Raises
        ------
        UneditableError
            If the workbook's parts are not as expected.
        """
        folder = posixpath.dirname(self.workbook)
        names = {*self.source.namelist(), *self.changed}
        part = _free(posixpath.join(folder, "worksheets", "geocover{}.xml"), names)
        workbook = self.text(self.workbook)
        ids = [int(found) for found in re.findall(rb'sheetId="(\d+)"', workbook)]
        relations = posixpath.join(folder, "_rels", f"{posixpath.basename(self.workbook)}.rels")
        known = self.text(relations)
        identity = _free("rIdGeocover{}", {*re.findall(r'Id="([^"]*)"', known.decode())})
        kind = next(iter(re.findall(rb'Type="([^"]*/relationships)/worksheet"', known)), b"").decode()
        if not kind:
            raise UneditableError("no worksheet")
        self.changed[part] = content
        sheet = f"sheet name={quoteattr(name)} sheetId={quoteattr(str(max(ids, default=0) + 1))}"
        self._append(self.workbook, "sheets", f'{sheet} xmlns:gc="{kind}" gc:id="{identity}"')
        self._append(
            relations,
            "Relationships",
            f'Relationship Id="{identity}" Type="{kind}/worksheet" Target="/{part}"',
        )
        self._append(TYPES, "Types", f'Override PartName="/{part}" ContentType="{SHEET_TYPE}"')

    def _append(self, part: str, parent: str, element: str) -> None:
        content = self.text(part)
        prefix = prefix_of(content)
        end = f"</{prefix}{parent}>".encode()
        if content.count(end) != 1:
            raise UneditableError(f"{part}: {parent}")
        self.changed[part] = content.replace(end, f"<{prefix}{element}/>".encode() + end)

    def write(self, path: Path) -> None:
        """Write the package with what was changed; each part keeps its place and its date."""
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=COMPRESSION) as out:
            for entry in self.source.infolist():
                content = self.changed.get(entry.filename)
                out.writestr(
                    _entry(entry.filename, entry.date_time),
                    self.source.read(entry) if content is None else content,
                )
            for name in self.changed:
                if name not in self.source.namelist():
                    out.writestr(_entry(name, _EPOCH), self.changed[name])


def prefix_of(content: bytes) -> str:
    """Prefix of the names of elements in a part, with its colon: mostly empty, ``x:`` from some writers."""
    found = _ROOT.search(content)
    return f"{found[1].decode()}:" if found and found[1] else ""


def xml_text(text: str) -> str:
    """Text as XML has it: what XML cannot hold is gone, and ``_x0041_`` does not become a letter."""
    legal = _ILLEGAL.sub("", text)
    return escape(_ESCAPED.sub(r"_x005F\g<0>", legal) if "_x" in legal else legal)


def _entry(name: str, date: tuple[int, int, int, int, int, int]) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, date)
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry


def _free(pattern: str, taken: set[str]) -> str:
    """First of a row of numbered names that is not taken."""
    number = 1
    while pattern.format(number) in taken:
        number += 1
    return pattern.format(number)
