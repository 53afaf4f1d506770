"""Numbers as Vietnamese and English readers write them."""

from __future__ import annotations

from typing import Literal

Language = Literal["vi", "en"]


def number(value: float | None, decimals: int = 0, *, language: Language = "vi", sign: str = "") -> str:
    """Write a number with thousands marks: 1.234,5 in Vietnamese, 1,234.5 in English; "–" for none.

    ``sign="+"`` writes a plus before what is not negative.
    """
    if value is None or value != value:  # noqa: PLR0124  NaN differs from itself
        return "–"
    text = f"{value:{sign},.{decimals}f}"
    return text.translate(str.maketrans(",.", ".,")) if language == "vi" else text


def percent(value: float | None, decimals: int = 1, *, language: Language = "vi") -> str:
    """Write a percentage: "96,4 %" in Vietnamese, "96.4%" in English; 100 only where nothing is missing."""
    if value is not None and value < 100:
        value = min(value, 100 - 10**-decimals)
    text = number(value, decimals, language=language)
    return text if text == "–" else f"{text} %" if language == "vi" else f"{text}%"
