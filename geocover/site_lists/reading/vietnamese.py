"""Vietnamese syllables, and the font encodings from before Unicode: TCVN3 (ABC) and VNI.

A syllable is an onset, a rime and a tone; few letter sequences are one. Text read in a wrong encoding
almost never is, which tells encodings apart without a dictionary.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

# TCVN 5712:1993, character set VN3: code to letter. It has no capital vowels with tones: fonts with names
# ending in H show the small ones as capitals.
_TCVN3_CODES = {
    0xA1: "ĂÂÊÔƠƯĐăâêôơưđ",
    0xB5: "àảãáạ",
    0xBB: "ằẳẵắ",
    0xC6: "ặầẩẫấậè",
    0xCE: "ẻẽéẹềểễếệìỉ",
    0xDC: "ĩíịò",
    0xE1: "ỏõóọồổỗốộờởỡớợù",
    0xF1: "ủũúụừửữứựỳỷỹýỵ",
}
_TCVN3 = {first + at: letter for first, letters in _TCVN3_CODES.items() for at, letter in enumerate(letters)}

_ACUTE, _GRAVE, _HOOK, _TILDE, _DOT = "\u0301", "\u0300", "\u0309", "\u0303", "\u0323"
_TONES = _ACUTE + _GRAVE + _HOOK + _TILDE + _DOT
_CIRCUMFLEX, _BREVE = "\u0302", "\u0306"
# VNI writes a plain vowel and, behind it, a code for its marks; some letters are one code.
_VNI_MARKS = {
    **dict(zip("ùøûõï", _TONES, strict=True)),
    "â": _CIRCUMFLEX,
    **{code: _CIRCUMFLEX + tone for code, tone in zip("áàåãä", _TONES, strict=True)},
    "ê": _BREVE,
    **{code: _BREVE + tone for code, tone in zip("éèúüë", _TONES, strict=True)},
}
_VNI_LETTERS = {"ô": "ơ", "ö": "ư", "ñ": "đ", "î": "ỵ", **dict(zip("íìæóò", "íìỉĩị", strict=True))}
_VNI_PAIR = re.compile(f"([aeouyôö])([{''.join(_VNI_MARKS)}])|([{''.join(_VNI_LETTERS)}])", re.IGNORECASE)

# An onset is tried before its own beginnings: "ngh" before "ng" and "n".
_ONSETS = "ngh|ng|nh|ch|gh|gi|kh|ph|qu|th|tr|b|c|d|đ|g|h|k|l|m|n|p|q|r|s|t|v|x"
_RIMES = (
    "a|ac|ach|ai|am|an|ang|anh|ao|ap|at|au|ay|ăc|ăm|ăn|ăng|ăp|ăt|âc|âm|ân|âng|âp|ât|âu|ây"
    "|e|ec|em|en|eng|eo|ep|et|ê|êch|êm|ên|êng|ênh|êp|êt|êu"
    "|i|ia|ich|im|in|inh|ip|it|iu|iêc|iêm|iên|iêng|iêp|iêt|iêu"
    "|o|oa|oac|oach|oai|oam|oan|oang|oanh|oao|oap|oat|oay|oăc|oăm|oăn|oăng|oăt|oc|oe|oen|oeo|oet|oi|om|on"
    "|ong|ooc|oong|op|ot|ô|ôc|ôi|ôm|ôn|ông|ôp|ôt|ơ|ơi|ơm|ơn|ơp|ơt"
    "|u|ua|uân|uâng|uât|uây|uc|uê|uêch|uênh|ui|um|un|ung|uôc|uôi|uôm|uôn|uông|uôt|up|ut|uơ|uy|uya|uych"
    "|uynh|uyt|uyu|uyên|uyêt|ư|ưa|ưc|ưi|ưng|ươc|ươi|ươm|ươn|ương|ươp|ươt|ươu|ưt|ưu|y|yêm|yên|yêng|yêt|yêu"
)
_SYLLABLE = re.compile(f"(?:{_ONSETS})?(?:{_RIMES})")
_STOP = re.compile("(?:c|ch|p|t)$")
_WORD = re.compile(r"(?:[A-Za-z]|[^\x00-\x7f\xa0])+")


def marked_words(text: str) -> list[str]:
    """Words of a text that have a character beyond ASCII."""
    return [word for word in _WORD.findall(text) if not word.isascii()]


@lru_cache(maxsize=65_536)
def is_syllable(word: str) -> bool:
    """Whether a word, composed or not, in any case, is spelt as one Vietnamese syllable."""
    parts = unicodedata.normalize("NFD", word.lower())
    tones = [part for part in parts if part in _TONES]
    letters = unicodedata.normalize("NFC", "".join(part for part in parts if part not in _TONES))
    if len(tones) > 1 or not _SYLLABLE.fullmatch(letters):
        return False
    # A syllable that ends in a stop has one of two tones, and always has one.
    return not _STOP.search(letters) or tones in ([_ACUTE], [_DOT])


def from_tcvn3(text: str) -> str:
    """Convert text whose characters are TCVN3 codes read as Latin-1."""
    return text.translate(_TCVN3)


def from_vni(text: str) -> str:
    """Convert text whose characters are VNI codes read as Latin-1."""
    return _VNI_PAIR.sub(_vni_letter, text)


def from_utf8_twice(text: str) -> str:
    """Convert UTF-8 that was read as Windows-1252; the text itself where it is no such thing."""
    try:
        return b"".join(map(_byte_1252, text)).decode()
    except UnicodeError:
        return text


def _vni_letter(match: re.Match[str]) -> str:
    vowel, code, letter = match.groups()
    if letter:
        plain = _VNI_LETTERS[letter.lower()]
        return plain.upper() if letter.isupper() else plain
    vowel = {"ô": "ơ", "ö": "ư", "Ô": "Ơ", "Ö": "Ư"}.get(vowel, vowel)
    return unicodedata.normalize("NFC", vowel + _VNI_MARKS[code.lower()])


def _byte_1252(character: str) -> bytes:
    # Five codes that Windows-1252 leaves undefined come out as the control characters of the same number.
    try:
        return character.encode("cp1252")
    except UnicodeEncodeError:
        return character.encode("latin-1")
