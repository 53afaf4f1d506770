"""Numbers as they are written: 1.234,5 and 1,234.5, full-width digits, a minus of any kind, units behind.

Whether a point or a comma is the decimal mark is decided for a whole column: one value such as ``35,25`` says
it for ``2.025`` too. Where no value says it, the range in which the column's numbers may lie decides; where
that does not decide either, the number is read as a decimal and reported as ambiguous.
"""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from geocover.site_lists.values.distinct import Distinct, distinct

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy as np
    from numpy.typing import NDArray

    from geocover.site_lists.sheets import Value

_SIGNS = str.maketrans({
    "−": "-", "–": "-", "—": "-", "‐": "-", "‑": "-", "‒": "-", "﹣": "-", "٫": ".", "٬": ",",
    "’": "'", "`": "'",
})  # fmt: skip
_NEAR = re.compile(r"^(?:[≈~≃±]|ca\.|approx\.?|about|khoảng|xấp xỉ)\s*", re.IGNORECASE)
_NUMBER = re.compile(r"([+-]?(?:\d[\d.,']*|[.,]\d+)(?:e[+-]?\d{1,3})?)(.*)", re.IGNORECASE | re.DOTALL)
_BLANKS = re.compile(r"(?<=\d)[ '](?=\d{3}(?!\d))")
_UNIT = re.compile(r"[^\W\d_]+\.?|[°º˚%]")
_GROUPED = {mark: re.compile(rf"[1-9]\d{{0,2}}(?:\{mark}\d{{3}})+") for mark in ".,"}
_LONGEST = 64
_OTHER = {".": ",", ",": "."}


@dataclass(frozen=True)
class Style:
    """How a column writes its numbers.

    Attributes
    ----------
    decimal
        The decimal mark, "." or ","; empty where no value tells.
    ambiguous
        Whether numbers such as ``2.025`` stay ambiguous after all; they are read as decimals then.
    """

    decimal: str = ""
    ambiguous: bool = False


@dataclass(frozen=True, eq=False)
class Numbers:
    """A column read as numbers; arrays of shape (rows,).

    Attributes
    ----------
    values
        NaN where a cell holds nothing or no number.
    unread
        Cells that hold something that is not one number.
    ambiguous
        Cells that could be a decimal or a thousand.
    as_text
        Cells in which the number was stored as text.
    """

    values: NDArray[np.float64]
    unread: NDArray[np.bool_]
    ambiguous: NDArray[np.bool_]
    as_text: NDArray[np.bool_]


def to_numbers(
    values: NDArray[np.object_], low: float = -math.inf, high: float = math.inf
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Read a column as numbers: values (NaN where there is none) and a mask of what is not a number.

    Parameters
    ----------
    values
        Cells, shape (rows,).
    low, high
        Range in which the numbers may lie; decides between decimals and thousands where nothing else does.
    """
    numbers = read_numbers(distinct(values), low, high)
    return numbers.values, numbers.unread


def read_numbers(column: Distinct, low: float = -math.inf, high: float = math.inf) -> Numbers:
    """Read the different values of a column as numbers, see `to_numbers`."""
    tokens = [token_of(value) for value in column.values]
    style = style_of([token for token in tokens if token], low, high)
    read = [number_of(value, token, style) for value, token in zip(column.values, tokens, strict=True)]
    found = [math.nan if one is None else one for one in read]
    doubtful = [style.ambiguous and token is not None and _kind(token) == "?" for token in tokens]
    unread = [one is None for one in read]
    as_text = [
        isinstance(value, str) and not wrong for value, wrong in zip(column.values, unread, strict=True)
    ]
    return Numbers(column.floats(found), column.marks(unread), column.marks(doubtful), column.marks(as_text))


def cleaned(text: str) -> str:
    """Text with one kind of digit, minus, apostrophe and blank, without a word for "about" in front."""
    plain = " ".join(unicodedata.normalize("NFKC", text[:4096]).translate(_SIGNS).split())
    return _NEAR.sub("", plain)


def split_unit(text: str) -> tuple[str, str] | None:
    """Number and unit of a cleaned text: ``35 m`` gives ``("35", "m")``; None where there is no number.

    Blanks and apostrophes between groups of three digits are thousands marks.
    """
    if len(text) > _LONGEST:
        return None
    found = _NUMBER.fullmatch(_BLANKS.sub("", text))
    if not found:
        return None
    unit = found[2].strip()
    if unit and not _UNIT.fullmatch(unit):
        return None
    return found[1], unit.rstrip(".").lower()


def token_of(value: Value) -> str | None:
    """Return the number in a text, still as text; None where there is none, or the value is no text."""
    if not isinstance(value, str):
        return None
    parts = split_unit(cleaned(value))
    return parts[0] if parts else None


def style_of(tokens: Iterable[str], low: float = -math.inf, high: float = math.inf) -> Style:
    """Decide how a column writes numbers from all of them and from the range in which they lie."""
    kinds: dict[str, list[str]] = {}
    for token in tokens:
        kinds.setdefault(_kind(token), []).append(token)
    certain = [mark for mark in ".," if mark in kinds]
    if len(certain) == 1:
        return Style(certain[0])
    doubtful = kinds.get("?", [])
    # Each mark is looked at by itself: "2.025" as decimal means that "," is the mark of thousands.
    fits = [mark for mark in ".," if all(_within(token, Style(mark), low, high) for token in doubtful)]
    if len(fits) == 1 and doubtful:
        return Style(fits[0])
    # Both marks may be decimal ones, "105.348" above "105,349", where thousands cannot be.
    decimals = all(_within(token, Style(), low, high) for token in doubtful)
    thousands = any(_within(token, Style(_thousands(token)), low, high) for token in doubtful)
    return Style("", ambiguous=bool(doubtful) and not (decimals and not thousands))


def number_of(value: Value, token: str | None, style: Style) -> float | None:
    """Give the number of a cell: of a number itself, or of the token of its text; None for anything else."""
    if isinstance(value, str):
        return None if token is None else parse(token, style)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def parse(token: str, style: Style) -> float | None:
    """Read a token as a number; None where its marks stand in impossible places."""
    kind = _kind(token)
    if kind == "!":
        return None
    # An ambiguous token without a style keeps its own mark as the decimal one.
    decimal = kind if kind in _OTHER else style.decimal or ("." if "." in token else ",")
    bare = token.replace("'", "").replace(_OTHER[decimal], "").replace(decimal, ".")
    number = float(bare)
    return number if math.isfinite(number) else None


def _thousands(token: str) -> str:
    """Decimal mark by which the mark of an ambiguous token means thousands."""
    return "," if "." in token else "."


def _within(token: str, style: Style, low: float, high: float) -> bool:
    number = parse(token, style)
    return number is not None and low <= number <= high


@lru_cache(maxsize=16384)
def _kind(token: str) -> str:
    """Give the decimal mark that a token proves; "" for whole numbers, "?" where ambiguous, "!" for none."""
    mantissa, exponent, _ = token.lower().lstrip("+-").replace("'", "").partition("e")
    points, commas = mantissa.count("."), mantissa.count(",")
    if not points and not commas:
        return "" if mantissa.isdecimal() else "!"
    if points and commas:
        return _kind_of_both(mantissa)
    mark = "." if points else ","
    if points + commas > 1:
        return _OTHER[mark] if _GROUPED[mark].fullmatch(mantissa) else "!"
    return "?" if not exponent and _GROUPED[mark].fullmatch(mantissa) else mark


def _kind_of_both(mantissa: str) -> str:
    """With both marks, the last one is the decimal mark and stands once, the other one groups by three."""
    decimal = max(".,", key=mantissa.rfind)
    whole, _, rest = mantissa.rpartition(decimal)
    proper = _OTHER[decimal] not in rest and _GROUPED[_OTHER[decimal]].fullmatch(whole)
    return decimal if proper else "!"
