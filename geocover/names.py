"""Vietnamese place names as they are written: composed or not, old or new tone placement, any case."""

from __future__ import annotations

import re
import unicodedata

UNIT_TYPES = ("Phường", "Xã", "Thị trấn", "Đặc khu")

# Combining grave, acute, tilde, hook above, dot below: the five written tones. The other marks
# (circumflex, breve, horn) belong to the letter.
_TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")
# đ has no decomposition; ð is what some keyboards write in its place.
_BARRED_D = str.maketrans({"đ": "d", "ð": "d"})
_WORD = re.compile(r"[^\W\d_](?:[^\W\d_]|[\u0300-\u036f])*")


def nfc(text: str) -> str:
    """Composed form (NFC) of a text; the form in which this package keeps and writes names."""
    return unicodedata.normalize("NFC", text)


def fold(text: str) -> str:
    """Lower-case ASCII without marks (``đ`` becomes ``d``), white space collapsed to single spaces.

    Characters that have no ASCII letter are dropped. Different names can fold to one text
    (Hoà and Hoá): use it to search and to make identifiers, and `tone_key` to match.
    """
    lower = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).lower())
    ascii_only = lower.translate(_BARRED_D).encode("ascii", "ignore").decode("ascii")
    return " ".join(ascii_only.split())


def _tone_last(word: re.Match[str]) -> str:
    letters = [character for character in word[0] if character not in _TONES]
    tones = [character for character in word[0] if character in _TONES]
    return "".join(letters) + "".join(tones)


def tone_key(text: str) -> str:
    """Key of a name that does not depend on where its tone marks stand, on case or on composition.

    Hoà and Hòa, Thuỷ and Thủy, Uý and Úy share a key; Hoà and Hoá, or Ba and Bà, do not: each
    syllable keeps its tone, moved behind its letters. White space is collapsed.
    """
    decomposed = unicodedata.normalize("NFD", unicodedata.normalize("NFD", text).lower())
    return " ".join(nfc(_WORD.sub(_tone_last, decomposed)).split())


def split_type(full_name: str) -> tuple[str, str]:
    """Type of unit and bare name: ``"Phường Tân Hòa"`` gives ``("Phường", "Tân Hòa")``.

    Known types are those of `UNIT_TYPES`, in any case and tone placement. The type is empty where
    the text does not start with one, or where nothing follows it.
    """
    words = nfc(full_name).split()
    for unit_type in UNIT_TYPES:
        count = len(unit_type.split())
        if len(words) > count and tone_key(" ".join(words[:count])) == tone_key(unit_type):
            return unit_type, " ".join(words[count:])
    return "", " ".join(words)
