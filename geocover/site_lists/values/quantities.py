"""Quantities of a station, one or one a sector: heights, azimuths, tilts, powers, as lists write them."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from geocover.site_lists.columns.heads import tokens_of
from geocover.site_lists.values.distinct import plain
from geocover.site_lists.values.numbers import Style, cleaned, number_of, parse, split_unit, style_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

    from geocover.site_lists.sheets import Value
    from geocover.site_lists.values.distinct import Distinct

    Values = tuple[float, ...]

MOST = 36
_LABEL = re.compile(r"(?<![^\W_])[^\W\d_]{1,6}\s?\d{0,2}\s*[:=]\s*")
_SPLIT = re.compile(r"\s*[/;|&\n]\s*|\s+và\s+")
_FACTOR = re.compile(r"(\d{1,2})\s*[x×*]\s*(.+)", re.IGNORECASE)
_COMMAS = re.compile(r"-?\d+(?:\.\d+)?(?:\s*,\s*-?\d+(?:\.\d+)?){2,}|-?\d+(?:,\s+-?\d+)+")
_HYPHENS = re.compile(r"\d{1,3}(?:\s*-\s*\d{1,3}){2,}")
_BLANKS = re.compile(r"-?\d+[.,]?\d*°?(?: -?\d+[.,]?\d*°?)+")
_SUM = re.compile(r"[\d.,]+\s*\+\s*[\d.,]+(?:\s*\+\s*[\d.,]+)*\s*(?:m|°)?")
_WORDS = re.compile(r"(?:omni|omni ?directional|vo huong|da huong|360 do|360)")
_TO_UNIT = {
    "m": {"m": 1.0, "met": 1.0, "mét": 1.0, "meter": 1.0, "meters": 1.0, "ft": 0.3048, "feet": 0.3048},
    "deg": {"°": 1.0, "º": 1.0, "˚": 1.0, "deg": 1.0, "degree": 1.0, "degrees": 1.0, "độ": 1.0, "do": 1.0},
    "dbi": {"dbi": 1.0, "db": 1.0},
    "db": {"db": 1.0},
    "mhz": {"mhz": 1.0, "m": 1.0, "khz": 0.001, "ghz": 1000.0},
    "power": {"dbm": 1.0, "db": 1.0, "dbw": 1.0, "w": 1.0, "watt": 1.0, "watts": 1.0, "kw": 1.0, "mw": 1.0},
    "": {},
}  # fmt: skip
OMNI: Values = (math.nan,)


class Part(NamedTuple):
    """One number of a cell, not read yet: its terms, its unit, and how often it counts."""

    terms: tuple[str, ...]
    unit: str = ""
    factor: int = 1


# Stands for what is no number.
_NO_PART = (Part(("!",)),)


@dataclass(frozen=True, eq=False)
class Quantities:
    """A column of quantities.

    Attributes
    ----------
    values
        For each different value of the column its numbers in the wanted unit, one a sector.
    unread, ambiguous, outside, summed
        For each different value whether it cannot be read, could be a decimal or a thousand, holds a number
        that cannot be, or is the sum of several terms.
    as_text
        For each different value whether one number was stored as text.
    """

    values: list[Values]
    unread: NDArray[np.bool_]
    ambiguous: NDArray[np.bool_]
    outside: NDArray[np.bool_]
    summed: NDArray[np.bool_]
    as_text: NDArray[np.bool_]


def read_quantities(column: Distinct, unit: str, low: float, high: float, head_unit: str = "") -> Quantities:
    """Read a column of quantities.

    Parameters
    ----------
    column
        The different values of the column.
    unit
        Unit wanted: "m", "deg", "dbi", "db", "mhz", or empty for plain numbers.
    low, high
        What a number may be, in that unit; a cell with a number outside it has no values.
    head_unit
        Unit that the column's head states, for cells without their own.
    """
    factor = _TO_UNIT[unit].get(head_unit, 1.0)

    def convert(number: float, of_cell: str) -> float | None:
        if of_cell and of_cell not in _TO_UNIT[unit]:
            return None
        return number * (_TO_UNIT[unit][of_cell] if of_cell else factor)

    return read_with(column, convert, low, high)


def read_whole(column: Distinct, low: float, high: float) -> Quantities:
    """Read a column of whole numbers without units; others count as unread."""
    return read_with(column, lambda number, unit: None if unit or number % 1 else number, low, high)


def read_with(
    column: Distinct, convert: Callable[[float, str], float | None], low: float, high: float
) -> Quantities:
    """Read a column of quantities, each number converted by a function of the number and its unit.

    The function gives None for a unit that is not one of the quantity. See `read_quantities`.
    """
    parts = [parts_of(value) for value in column.values]
    style = style_of([term for found in parts for part in found or () for term in part.terms], low, high)
    known: dict[object, float | None] = {}

    def number(part: Part) -> float | None:
        if part not in known:
            known[part] = _number(part, style, convert)
        return known[part]

    values: list[Values] = []
    marks = np.zeros((5, len(parts)), np.bool_)
    for at, (value, found) in enumerate(zip(column.values, parts, strict=True)):
        numbers = _plain(value, convert) if found == () else _all(map(number, found or _NO_PART))
        inside = numbers is not None and all(low <= one <= high for one in numbers)
        values.append(numbers if numbers is not None and inside else ())
        if numbers is None:
            marks[0, at] = True
        else:
            marks[1:, at] = _marks(value, found or (), style, inside=inside)
    return Quantities(values, *marks)


def read_azimuths(column: Distinct) -> Quantities:
    """Read a column of azimuths, degrees clockwise from north: ``0/120/240``; NaN for omnidirectional.

    360 is 0. "omni", "vô hướng", "0-360" say that the antenna has no direction.
    """
    found = read_quantities(column, "deg", 0.0, 360.0)
    omni = np.array([_is_omni(value) for value in column.values], np.bool_)
    values = [
        OMNI if none else tuple(number % 360.0 for number in numbers)
        for none, numbers in zip(omni, found.values, strict=True)
    ]
    return Quantities(
        values, found.unread & ~omni, found.ambiguous, found.outside & ~omni, found.summed, found.as_text
    )


def parts_of(value: Value) -> tuple[Part, ...] | None:
    """Split a text into the numbers of its sectors; None where something in it is no number."""
    if not isinstance(value, str):
        return ()
    if _is_plain(value):
        listed = value.split("/")
        return tuple(map(_whole, listed)) if all(listed) and len(listed) <= MOST else None
    text = _LABEL.sub("", cleaned(value.replace("\n", " / ")))
    found = tuple(_part(piece) for piece in _pieces(text) if piece)
    if not found or len(found) > MOST or None in found:
        return None
    return tuple(part for part in found if part is not None)


def watts_to_dbm(power_w: float) -> float:
    """Power in dBm: 30 + 10 log10 of the watts; minus infinity for none."""
    return 30.0 + 10.0 * math.log10(power_w) if power_w > 0 else -math.inf


def _pieces(text: str) -> list[str]:
    pieces = _SPLIT.split(text)
    if len(pieces) > 1:
        return pieces
    if _COMMAS.fullmatch(text):
        return re.split(r"\s*,\s*", text)
    if _HYPHENS.fullmatch(text):
        return re.split(r"\s*-\s*", text)
    # None of these quantities reaches a thousand, so a blank is no mark of thousands.
    return text.split() if _BLANKS.fullmatch(text) else pieces


def _part(text: str) -> Part | None:
    many = _FACTOR.fullmatch(text)
    if many and int(many[1]) > 0:
        inner = _part(many[2])
        return Part(inner.terms, inner.unit, int(many[1])) if inner and inner.factor == 1 else None
    if _SUM.fullmatch(text):
        terms = [split_unit(term.strip()) for term in text.split("+")]
        units = [found[1] for found in terms if found]
        return Part(tuple(found[0] for found in terms if found), units[-1]) if all(terms) else None
    found = split_unit(text)
    return Part((found[0],), found[1]) if found else None


def _is_plain(value: Value) -> bool:
    """The usual case, whole numbers between slashes: 0/120/240."""
    return isinstance(value, str) and value.isascii() and value.replace("/", "").isdecimal()


@lru_cache(maxsize=4096)
def _whole(text: str) -> Part:
    return Part((text,))


def _plain(value: Value, convert: Callable[[float, str], float | None]) -> Values | None:
    """Number of a cell that holds a number itself."""
    number = number_of(value, None, Style())
    return None if number is None else _all([convert(number, "")])


def _all(numbers: Iterable[float | None]) -> Values | None:
    listed = tuple(numbers)
    return None if None in listed else tuple(number for number in listed if number is not None)


def _number(part: Part, style: Style, convert: Callable[[float, str], float | None]) -> float | None:
    terms = [parse(term, style) for term in part.terms]
    if None in terms:
        return None
    total = sum(term for term in terms if term is not None)
    one = convert(total, part.unit)
    # Twice 40 W is 80 W, and twice 46 dBm is 3 dB more.
    if one is None or part.factor == 1:
        return one
    return one + 10.0 * math.log10(part.factor)


def _marks(
    value: Value, parts: tuple[Part, ...], style: Style, *, inside: bool
) -> tuple[bool, bool, bool, bool]:
    """Whether a cell is ambiguous, outside what can be, a sum, and a number stored as text."""
    doubtful = style.ambiguous and any(style_of(part.terms).ambiguous for part in parts)
    summed = any(len(part.terms) > 1 for part in parts)
    return doubtful, not inside, summed, isinstance(value, str) and len(parts) == 1 and not parts[0].unit


def _is_omni(value: Value) -> bool:
    if not isinstance(value, str) or _is_plain(value):
        return False
    text = cleaned(plain(value)).lower()
    if text in ("0-360", "0 - 360", "0÷360", "0~360", "0 ÷ 360", "360 độ") or text.startswith("0-360"):
        return True
    return _WORDS.fullmatch(" ".join(tokens_of(text))) is not None and not text.isdecimal()
