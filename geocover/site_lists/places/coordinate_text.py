"""Texts of coordinates brought to a few signs: ``°``, ``'``, ``"``, N S E W, λ and φ for named axes."""

from __future__ import annotations

import re
import unicodedata

# What stands for a sign, before NFKC makes an o, a 0 or a space of it.
_SIGNS = str.maketrans(
    {
        **dict.fromkeys("º˚ᵒ∘⁰ₒ◦", "°"),
        **dict.fromkeys("′’‘`´ʹʼ‛", "'"),
        **dict.fromkeys("″”“„ʺ〃‟", '"'),
        **dict.fromkeys("−–—‐‑", "-"),
        **dict.fromkeys("\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u00ad", None),
    }
)
_COMBINING = re.compile(r"[\u0300-\u036f]")
# Words without marks, in upper case; a letter beside them makes another word of them, but for units: 52.9sĐ.
_WORDS = {
    "λ": r"KINH\s*[DĐ]O|LONGITUDE|LONG|LON|LNG",
    "φ": r"VI\s*[DĐ]O|LATITUDE|LAT",
    " ": r"TOA\s*[DĐ]O|COORDINATES?|WGS\W?(?:19)?84|VN\W?2000|GPS",
    "E": r"[DĐ]ONG|EAST|Đ",
    "N": r"BAC|NORTH|B",
    "S": r"NAM|SOUTH",
    "W": r"TAY|WEST|T",
    "°": r"[DĐ]O|DEG(?:REES?)?",
    "'": r"PHUT|MIN(?:UTES?)?",
    '"': r"GIAY|SEC(?:ONDS?)?",
}
_WORD = re.compile(
    r"(?:(?<![A-ZĐ])|(?<=\d[DMSO]))(?:" + "|".join(f"({words})" for words in _WORDS.values()) + r")(?![A-ZĐ])"
)
_REPLACEMENTS = tuple(_WORDS)
# In "1O5.34" the letter is a mistyped 0: behind a single digit it is a sign only where minutes have theirs.
_DEGREE_LETTER = re.compile(r"(?<=\d)\s*(?:D(?=\s*\d)|O$)|(?:(?<=\d\d)|(?<=\d)(?=.*['M]))\s*O(?=\s*\d)")
_MINUTE_LETTER = re.compile(r"(?<=\d)\s*M\s*(?=[\d NSEW]|$)")
_SECOND_LETTER = re.compile(r"('\s*\d+(?:[.,]\d+)?)\s*S(?=\s*(?:[NSEW]|$))")
_NUMBER_IN_DEGREES = re.compile(r"([-\d.,]+)\s*D")
_METRE_UNIT = re.compile(r"(?<=\d)\s*M(?:ETRES?|ETERS?|ET)?$")
# 105°17''23.8': the signs of minutes and seconds exchanged, which their order tells.
_EXCHANGED = re.compile(r"""(°\s*\d{1,2}\s*)"(\s*\d{1,2}(?:[.,]\d+)?\s*)'(?!')""")
_MARK_BEFORE_DECIMALS = re.compile(r'(\d)"([.,]\d+)')


# Nothing but signs of this module: the spelling of most lists, for which there is nothing else to do.
_CLEAN = re.compile(r"[0-9.,°'\" -]+[NSEWĐB]?")
_HEMISPHERES = str.maketrans("ĐB", "EN")


def clean(text: str) -> str:
    """Text of a coordinate in upper case, with one sign for each thing that can be written in many ways.

    ``105o20'52''Đ``, ``105 độ 20 phút 52 giây Đông`` and ``105º20′52″E`` all become ``105°20'52"E`` but for
    spaces. N is north (Vietnamese Nam, south, counts as a whole word), B is Bắc, Đ is Đông, T is Tây.
    """
    if _CLEAN.fullmatch(text):
        return _signed(text.strip().translate(_HEMISPHERES))
    composed = unicodedata.normalize("NFKC", text.translate(_SIGNS)).strip()
    # Upper case can make letters that decompose again.
    plain = unicodedata.normalize("NFKD", composed.upper())
    if any(character.isalpha() for character in plain):
        plain = _letters(_COMBINING.sub("", plain))
    return _signed(plain)


def _signed(text: str) -> str:
    """Text with seconds signed as such, without the apostrophe that makes a text of a number."""
    doubled = text.removeprefix("'").lstrip().replace("''", '"')
    return _MARK_BEFORE_DECIMALS.sub(r'\1\2"', _EXCHANGED.sub(_put_right, doubled))


def _put_right(exchanged: re.Match[str]) -> str:
    return f"{exchanged[1]}'{exchanged[2]}\""


def _letters(text: str) -> str:
    signs = _WORD.sub(_sign_of, text)
    number = _NUMBER_IN_DEGREES.fullmatch(signs)
    degrees = _DEGREE_LETTER.sub("°", number[1] if number else signs)
    if "°" in degrees:
        minutes = _MINUTE_LETTER.sub("'", degrees)
        degrees = _SECOND_LETTER.sub(r'\1"', minutes) if minutes != degrees else degrees
    return _METRE_UNIT.sub("", degrees).replace("D", "E")


def _sign_of(word: re.Match[str]) -> str:
    return _REPLACEMENTS[(word.lastindex or 1) - 1]
