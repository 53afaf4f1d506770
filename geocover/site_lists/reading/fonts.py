"""Text in workbooks typed in an old font: Latin-1 letters that only the font shows as Vietnamese."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from geocover.site_lists.reading.vietnamese import (
    from_tcvn3,
    from_utf8_twice,
    from_vni,
    is_syllable,
    marked_words,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from collections.abc import Set as AbstractSet

_READINGS: dict[str, Callable[[str], str]] = {
    "TCVN3 (ABC)": from_tcvn3,
    "VNI": from_vni,
    "UTF-8 → Windows-1252": from_utf8_twice,
}
# So many words must be Vietnamese only when read so, before a workbook is believed to hold such text.
_EVIDENCE = 2
# Vietnamese letters that no eight-bit font has.
_UNICODE = re.compile("[ăđĩũơưĂĐĨŨƠƯ\u1ea0-\u1ef9]")


def conversions(texts: Sequence[AbstractSet[str]]) -> tuple[str, list[dict[str, str]]]:
    """Find text of TCVN3 and VNI fonts, and UTF-8 taken for Windows-1252.

    A text is converted where more of its words are Vietnamese syllables when read so than as they stand;
    where both readings are possible, as most of its column goes. Text with a letter that only Unicode has
    stays as it is.

    Parameters
    ----------
    texts
        Texts of each column of a sheet.

    Returns
    -------
    Name of the encoding, empty where there is none, and what to convert in each column.
    """
    marked = [{text for text in column if not text.isascii()} for column in texts]
    suspect = [{text for text in column if not _UNICODE.search(text)} for column in marked]
    words = {word for column in suspect for text in column for word in marked_words(text)}
    counts = {name: sum(_gain(word, read) > 0 for word in words) for name, read in _READINGS.items()}
    best = max(counts, key=lambda name: counts[name])
    if not counts[best] or counts[best] < min(_EVIDENCE, len(words)):
        return "", [{} for _ in texts]
    good = [len(column) - len(rest) for column, rest in zip(marked, suspect, strict=True)]
    return best, [_changes(*both, _READINGS[best]) for both in zip(suspect, good, strict=True)]


def _gain(text: str, read: Callable[[str], str]) -> int:
    """How many more words of a text are Vietnamese when read so; negative where fewer are."""
    before = after = 0
    for word in marked_words(text):
        converted = read(word)
        before += is_syllable(word)
        after += converted != word and (converted.isascii() or is_syllable(converted))
    return after - before


def _changes(texts: AbstractSet[str], good: int, read: Callable[[str], str]) -> dict[str, str]:
    """Conversions of a column's texts; ``good`` others have letters that only Unicode has."""
    gains = {text: _gain(text, read) for text in texts}
    old = sum(gain > 0 for gain in gains.values())
    new = sum(gain < 0 for gain in gains.values()) + good
    undecided = old > new
    chosen = (text for text, gain in gains.items() if gain > 0 or (gain == 0 and undecided and _could(text)))
    return {text: read(text) for text in chosen if read(text) != text}


def _could(text: str) -> bool:
    """Whether an old font could have written a text: no letter beyond Latin-1."""
    return all(character <= "\xff" for character in text)
