"""Bytes to text: which encoding it is, told by byte order marks, by validity and by Vietnamese spelling."""

from __future__ import annotations

import codecs
import unicodedata
from typing import TYPE_CHECKING

from geocover.site_lists.reading.vietnamese import from_tcvn3, from_vni, is_syllable, marked_words

if TYPE_CHECKING:
    from collections.abc import Callable

    from geocover.site_lists.reading.refusals import Note

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SAMPLE_BYTES = 200_000
# Of words with marks, how many must be spelt as Vietnamese before an eight-bit encoding is believed.
_BELIEVED = 0.5
_DAMAGED = 0.05


def decode(content: bytes, note: Note) -> str:
    """Text of a file, composed (NFC), without byte order mark and NUL characters.

    UTF-8 and UTF-16 are taken as they are. Among Windows-1258, TCVN3 and VNI the one that gives the most
    Vietnamese syllables wins, and is reported; where none does, the text is read as Windows-1252 with a
    warning.
    """
    text = _marked(content) or wide(content) or _utf8(content, note) or _eight_bit(content, note)
    nuls = text.count("\x00")
    if nuls:
        note("nul-removed", count=nuls)
        text = text.replace("\x00", "")
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def _marked(content: bytes) -> str | None:
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return content[len(mark) :].decode(encoding, errors="replace")
    return None


def wide(content: bytes) -> str | None:
    """UTF-16 without a mark: every other byte of Latin letters and digits is zero."""
    sample = content[:_SAMPLE_BYTES]
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    half = max(len(sample) // 2, 1)
    if max(even, odd) < 0.3 * half or min(even, odd) > 0.05 * half:
        return None
    return content.decode("utf-16-le" if odd > even else "utf-16-be", errors="replace")


def _utf8(content: bytes, note: Note) -> str | None:
    text = content.decode("utf-8", errors="replace")
    damaged = text.count("\ufffd")
    if not damaged:
        return text
    whole = sum(not character.isascii() for character in text)
    # Marks that stand in the file itself are UTF-8; many others are bytes of another encoding.
    if damaged > _DAMAGED * whole and damaged != content.count("\ufffd".encode()):
        return None
    note("encoding-damaged", count=damaged)
    return text


def _eight_bit(content: bytes, note: Note) -> str:
    readings: dict[str, Callable[[str], str]] = {
        "Windows-1258": lambda text: text.encode("latin-1").decode("cp1258", errors="replace"),
        "TCVN3 (ABC)": from_tcvn3,
        "VNI": from_vni,
    }
    raw = content.decode("latin-1")
    words = marked_words(raw[:_SAMPLE_BYTES])
    valid = {name: sum(is_syllable(read(word)) for word in words) for name, read in readings.items()}
    best = max(valid, key=lambda name: valid[name])
    if not valid[best] or valid[best] < _BELIEVED * len(words):
        note("encoding-unknown")
        return content.decode("cp1252", errors="replace")
    example = next(word for word in words if is_syllable(readings[best](word)))
    note(
        "encoding-converted",
        encoding=best,
        before=example,
        after=unicodedata.normalize("NFC", readings[best](example)),
    )
    return readings[best](raw)
