"""The order of Vietnamese names: by letters (a ă â b c d đ e ê …), then by tones."""

from __future__ import annotations

import unicodedata

LETTERS = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
# Grave, hook above, tilde, acute, dot below: huyền, hỏi, ngã, sắc, nặng, as dictionaries order them.
TONES = "\u0300\u0309\u0303\u0301\u0323"

Key = tuple[tuple[int, ...], tuple[int, ...], str]


def alphabet_key(name: str) -> Key:
    """Key that orders names as a Vietnamese reader looks for them: Ba, Bà, Bản Nguyên, Bao La, Bằng, Bân.

    Letters of the whole name decide first, a space before any letter; only between names of the same letters
    do tones, syllable by syllable, wherever in the syllable they are written (Hoà as Hòa).
    """
    syllables = unicodedata.normalize("NFD", name.lower()).split()
    bare = "".join(" " + "".join(one for one in syllable if one not in TONES) for syllable in syllables)
    letters = tuple(map(_rank, unicodedata.normalize("NFC", bare)))
    return letters, tuple(map(_tone, syllables)), name


def _rank(character: str) -> int:
    """Place among the letters; what is none (a space, a digit) before them, foreign letters behind."""
    place = LETTERS.find(character)
    if place >= 0:
        return place
    return len(LETTERS) + ord(character) if character.isalpha() else ord(character) - 0x110000


def _tone(syllable: str) -> int:
    return next((TONES.index(one) + 1 for one in syllable if one in TONES), 0)
