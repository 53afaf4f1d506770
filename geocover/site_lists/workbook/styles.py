"""Styles of a workbook, to which coloured copies of its own styles are added.

A coloured cell keeps its number format, borders and font: its style is copied, with another fill.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from geocover.site_lists.workbook.package import UneditableError, prefix_of

# Excel's own colours of bad, neutral and good.
COLOURS = {"error": "FFFFC7CE", "warning": "FFFFEB9C", "fixed": "FFC6EFCE", "head": "FFD9E1F2"}
_FILL = re.compile(rb'\s(?:fillId|applyFill)="[^"]*"')
_FONT = re.compile(rb'\s(?:fontId|applyFont)="[^"]*"')


@dataclass
class Styles:
    """What `styles.xml` says, and what is added to it.

    Attributes
    ----------
    content
        The part as it is.
    prefix
        Prefix of its elements, with the colon.
    formats
        The elements ``xf`` of ``cellXfs``, its own and those added.
    """

    content: bytes
    prefix: str
    formats: list[bytes]
    fills: int
    fonts: int
    own: int = 0
    known: dict[tuple[int, str], int] = field(default_factory=dict)

    @classmethod
    def parsed(cls, content: bytes) -> Styles:
        """Read the part.

        Raises
        ------
        UneditableError
            If it lacks cell formats, fills or fonts.
        """
        prefix = prefix_of(content)
        formats = _children(_inside(content, prefix, "cellXfs"), prefix, "xf")
        fills = _children(_inside(content, prefix, "fills"), prefix, "fill")
        fonts = _children(_inside(content, prefix, "fonts"), prefix, "font")
        return cls(content, prefix, formats, len(fills), len(fonts), own=len(formats))

    def coloured(self, style: int, colour: str) -> int:
        """Index of a style like another in a colour of `COLOURS`; a head is bold as well."""
        key = (style, colour)
        if key not in self.known:
            base = self.formats[style] if style < self.own else self.formats[0]
            fill = self.fills + list(COLOURS).index(colour)
            changed = _with(_FILL.sub(b"", base, count=2), f'fillId="{fill}" applyFill="1"')
            if colour == "head":
                changed = _with(_FONT.sub(b"", changed, count=2), f'fontId="{self.fonts}" applyFont="1"')
            self.known[key] = len(self.formats)
            self.formats.append(changed)
        return self.known[key]

    def written(self) -> bytes:
        """The part with what was added."""
        p = self.prefix
        fills = "".join(
            f'<{p}fill><{p}patternFill patternType="solid"><{p}fgColor rgb="{colour}"/>'
            f'<{p}bgColor indexed="64"/></{p}patternFill></{p}fill>'
            for colour in COLOURS.values()
        )
        bold = f'<{p}font><{p}b/><{p}sz val="11"/><{p}name val="Calibri"/></{p}font>'
        content = _extended(self.content, p, ("fills", self.fills + len(COLOURS)), fills.encode())
        content = _extended(content, p, ("fonts", self.fonts + 1), bold.encode())
        added = b"".join(self.formats[self.own :])
        return _extended(content, p, ("cellXfs", len(self.formats)), added)


def _with(element: bytes, attributes: str) -> bytes:
    """An element with attributes added to its start tag."""
    end = re.search(rb"\s*/?>", element)
    at = end.start() if end else len(element)
    return element[:at] + b" " + attributes.encode() + element[at:]


def _inside(content: bytes, prefix: str, name: str) -> bytes:
    found = re.search(rf"<{prefix}{name}(?:\s[^>]*)?>(.*?)</{prefix}{name}>".encode(), content, re.DOTALL)
    if found is None:
        raise UneditableError(f"styles: {name}")
    return found[1]


def _children(content: bytes, prefix: str, name: str) -> list[bytes]:
    tag = f"{prefix}{name}"
    pattern = rf"<{tag}(?:\s[^>]*?)?(?:/>|>.*?</{tag}>)".encode()
    return re.findall(pattern, content, re.DOTALL)


def _extended(content: bytes, prefix: str, counted: tuple[str, int], added: bytes) -> bytes:
    """A part with elements added at the end of a list, whose count is set."""
    name, count = counted
    tag = f"{prefix}{name}".encode()
    start = re.search(rb"<" + tag + rb"((?:\s[^>]*)?)>", content)
    if start is None:
        raise UneditableError(f"styles: {name}")
    attributes = re.sub(rb'\scount="\d*"', b"", start[1]) + f' count="{count}"'.encode()
    head = content[: start.start()] + b"<" + tag + attributes + b">"
    rest = content[start.end() :]
    return head + rest.replace(b"</" + tag + b">", added + b"</" + tag + b">", 1)
