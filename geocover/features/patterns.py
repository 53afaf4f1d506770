"""Texts as CQL2 compares them: LIKE, without case, without marks."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from geocover.names import nfc

if TYPE_CHECKING:
    from collections.abc import Callable

_LETTERS = str.maketrans({"đ": "d", "Đ": "D", "ð": "d"})


def like(pattern: str) -> Callable[[str], bool]:
    """Test of a pattern: ``%`` any characters, ``_`` one, a backslash before either means itself.

    Each part between two ``%`` is looked for once, from where the one before ended, and never given up
    again: no pattern takes longer than pattern times text.
    """
    parts = _parts(pattern)
    first, *later = parts
    if not later:
        return _test(f"{first}\\Z")
    middle = "".join(f"(?>.*?{part})" for part in later[:-1] if part)
    return _test(f"{first}{middle}.*{later[-1]}\\Z")


def _test(expression: str) -> Callable[[str], bool]:
    compiled = re.compile(expression, re.DOTALL)
    return lambda text: compiled.match(text) is not None


def _parts(pattern: str) -> list[str]:
    """Regular expressions of the parts between ``%``, each of a fixed length."""
    parts, escaped = [""], False
    for character in pattern:
        if escaped or character not in "\\%_":
            parts[-1] += re.escape(character)
            escaped = False
        elif character == "\\":
            escaped = True
        elif character == "%":
            parts.append("")
        else:
            parts[-1] += "."
    if escaped:
        parts[-1] += re.escape("\\")
    return parts


def without_case(text: str) -> str:
    """Text by Unicode's full case folding, composed."""
    return nfc(text.casefold())


def without_marks(text: str) -> str:
    """Text without tones and marks; ``đ`` is ``d``."""
    bare = "".join(one for one in unicodedata.normalize("NFD", text) if not unicodedata.combining(one))
    return nfc(bare).translate(_LETTERS)
