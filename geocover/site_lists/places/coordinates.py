"""Coordinates as people write them, to numbers: decimals, thousands marks, degrees-minutes-seconds, times."""

from __future__ import annotations

import datetime as dt
import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from geocover.site_lists.places.coordinate_text import clean
from geocover.site_lists.values.distinct import distinct

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from geocover.site_lists.sheets import Value
    from geocover.site_lists.values.distinct import Distinct

Axis = Literal["", "lon", "lat"]
Fault = Literal["", "coordinate-missing", "coordinate-unreadable", "coordinate-minutes"]

LARGEST = 1e15
LONGEST = 200  # characters

_NUMBER = r"\d+(?:[.,]\d+)?"
_PLAIN = re.compile(r"-?\d{1,3}[.,]\d+")
_ONE = re.compile(
    r"(?P<axis>[λφ])?\s*[:=.]?\s*(?P<before>[NSEW])?\s*[:=]?\s*(?P<sign>[-+])?\s*(?P<body>\d.*?)"
    r"\s*(?P<after>[NSEW])?\s*[.,;]?"
)
_SEXAGESIMAL = re.compile(
    rf"(?P<degrees>\d{{1,3}})(?:\s*[°:-]\s*|\s+)(?P<minutes>\d{{1,2}}(?:[.,]\d+)?(?!\d))"
    rf"(?:(?:\s*[':-]\s*|\s+)(?P<seconds>{_NUMBER})\s*\"?|\s*')?"
)
_DOTTED = re.compile(rf"^(\d{{1,3}})\.(\d{{1,2}})\.({_NUMBER}(?<!\d\d\d))$")
_SPACED = re.compile(r"\d{1,3}(?: \d{3})+(?:[.,]\d+)?")
# 105.348.08: grouped from the left, the point among them; the digits are what is left of it.
_BROKEN = re.compile(r"\d{1,3}(?:[.,]\d{3})+[.,]\d{1,2}")
_THOUSANDS = re.compile(r"\d{1,3}(?:[.,]\d{3})+")
_AXES: dict[str, Axis] = {"λ": "lon", "φ": "lat", "E": "lon", "W": "lon", "N": "lat", "S": "lat", "": ""}
# A serial below 61 counts days from here (Excel's 29 February 1900 never was).
_EXCEL_ZERO = dt.datetime(1899, 12, 31)  # noqa: DTZ001  a time cell has no zone
_EXCEL_END = dt.datetime(1900, 3, 1)  # noqa: DTZ001


class Reading(NamedTuple):
    """One coordinate as read.

    Attributes
    ----------
    value
        The number, negative for south and west; NaN where there is none.
    whole
        The number if its only mark (``568.123``) is one of thousands; NaN where it cannot be.
    axis
        Which coordinate it says it is, by hemisphere or label.
    fault
        Code of the finding; empty where it could be read.
    timed
        Whether the cell held a time of day or a duration.
    dotted
        Whether degrees, minutes and seconds have but points between them (105.3.4).
    """

    value: float = math.nan
    whole: float = math.nan
    axis: Axis = ""
    fault: Fault = ""
    timed: bool = False
    dotted: bool = False


@dataclass(frozen=True, eq=False)
class Readings:
    """A column of readings; each array has shape (rows,)."""

    value: NDArray[np.float64]
    whole: NDArray[np.float64]
    axis: NDArray[np.str_]
    fault: NDArray[np.str_]
    timed: NDArray[np.bool_]
    dotted: NDArray[np.bool_]


MISSING = Reading(fault="coordinate-missing")
UNREADABLE = Reading(fault="coordinate-unreadable")
MINUTES = Reading(fault="coordinate-minutes")


def read_coordinate(value: Value) -> Reading:
    """Read one coordinate from a cell: degrees or metres, in any of the spellings of the tests."""
    if isinstance(value, str):
        if len(value) > LONGEST:
            return UNREADABLE
        return _plain(value) if _PLAIN.fullmatch(value) else read_cleaned(clean(value))
    if value is None:
        return MISSING
    if isinstance(value, dt.timedelta | dt.time | dt.datetime):
        return _timed(value)
    if isinstance(value, bool | dt.date) or not abs(value) < LARGEST:
        return UNREADABLE
    return Reading(float(value))


def read_coordinates(values: NDArray[np.object_]) -> Readings:
    """Read a column; shape (rows,). Each different value is read once."""
    if set(map(type, values.tolist())) <= {float}:
        return _numbers(values)
    column = distinct(values)
    return spread(map(read_coordinate, column.values), column)


def spread(readings: Iterable[Reading], column: Distinct) -> Readings:
    """Readings of the different values of a column, to its rows."""
    value, whole, axis, fault, timed, dotted = zip(*readings, MISSING, strict=True)
    codes = column.codes
    return Readings(
        np.array(value, float)[codes], np.array(whole, float)[codes], np.array(axis, "U3")[codes],
        np.array(fault, "U24")[codes], np.array(timed, bool)[codes],
        np.array(dotted, bool)[codes],
    )  # fmt: skip


def as_time(hours: float) -> str:
    """Hours as a spreadsheet shows them: 105:14:09.11."""
    hundredths = round(hours * 360_000)
    minutes, rest = divmod(hundredths, 6_000)
    seconds = f"{rest / 100:05.2f}".rstrip("0").rstrip(".")
    return f"{minutes // 60}:{minutes % 60:02d}:{seconds}"


def read_cleaned(text: str) -> Reading:
    """Read one coordinate from a text that `clean` returned."""
    if not text:
        return MISSING
    match = _ONE.fullmatch(text)
    if match is None:
        return UNREADABLE
    axis = _axis(*(_AXES[match[name] or ""] for name in ("axis", "before", "after")))
    hemispheres = {match["before"], match["after"]}
    against = match["sign"] == "-" and bool(hemispheres & {"N", "E"})
    if axis is None or against:
        return UNREADABLE
    read = _body(match["body"])
    negative = match["sign"] == "-" or bool(hemispheres & {"S", "W"})
    return read._replace(value=-read.value if negative else read.value, axis=axis)


def _axis(*named: Axis) -> Axis | None:
    """One axis of those named; None where they contradict each other."""
    different = {axis for axis in named if axis}
    return None if len(different) > 1 else different.pop() if different else ""


def _body(text: str) -> Reading:
    spaced = _DOTTED.sub(r"\1 \2 \3", text)
    match = _SEXAGESIMAL.fullmatch(spaced)
    if match is None or _SPACED.fullmatch(text):
        return _number(text.removesuffix("°").rstrip())
    minutes, seconds = (float((match[name] or "0").replace(",", ".")) for name in ("minutes", "seconds"))
    if minutes >= 60 or seconds >= 60:
        return MINUTES
    if match["seconds"] and not minutes.is_integer():
        return UNREADABLE
    return Reading(int(match["degrees"]) + minutes / 60 + seconds / 3600, dotted=spaced != text)


def _number(text: str) -> Reading:
    if _SPACED.fullmatch(text):
        text = text.replace(" ", "")
    if not re.fullmatch(r"\d[\d.,]*", text) or not text[-1].isdigit():
        return UNREADABLE
    marks = [character for character in text if character in ".,"]
    if not marks:
        return Reading(float(text), float(text))
    if len(marks) == 1:
        return _plain(text)
    if len(set(marks)) == 1:
        return _grouped(text, "")
    decimal = marks[-1]
    whole, _, rest = text.rpartition(decimal)
    return _grouped(whole, "." + rest) if decimal not in whole else UNREADABLE


def _grouped(text: str, decimals: str) -> Reading:
    """Read a number with thousands marks and the decimals behind it."""
    if not (_THOUSANDS.fullmatch(text) or (not decimals and _BROKEN.fullmatch(text))):
        return UNREADABLE
    value = float(re.sub(r"[.,]", "", text) + decimals)
    return Reading(value, math.nan if decimals else value)


def _plain(text: str) -> Reading:
    """Read a number with one mark, which may be one of thousands."""
    value = float(text.replace(",", "."))
    thousands = text[0] not in "-0" and _THOUSANDS.fullmatch(text)
    return Reading(value, float(re.sub(r"[.,]", "", text)) if thousands else math.nan)


def _timed(value: dt.timedelta | dt.time | dt.datetime) -> Reading:
    """Read hours as degrees: what a spreadsheet makes of 105:20:52."""
    if isinstance(value, dt.timedelta):
        return Reading(value / dt.timedelta(hours=1), timed=True)
    if isinstance(value, dt.time):
        value = dt.datetime.combine(_EXCEL_ZERO, value)
    value = value.replace(tzinfo=None)
    if not _EXCEL_ZERO <= value < _EXCEL_END:
        return UNREADABLE
    return Reading((value - _EXCEL_ZERO) / dt.timedelta(hours=1), timed=True)


def _numbers(values: NDArray[np.object_]) -> Readings:
    numbers = values.astype(float)
    finite = np.abs(numbers) < LARGEST
    faults = np.where(np.isnan(numbers), MISSING.fault, np.where(finite, "", UNREADABLE.fault))
    return Readings(
        np.where(finite, numbers, np.nan),
        np.full(len(numbers), np.nan),
        np.full(len(numbers), "", "U3"),
        faults.astype("U24"),
        np.zeros(len(numbers), bool),
        np.zeros(len(numbers), bool),
    )
