"""Dates as lists write them: text in any usual order, Excel's serial numbers, months, quarters and years.

Day and month in numbers: a value whose second number is above 12 proves month first for its column, one whose
first is proves day first; where nothing proves it, the day comes first, as is usual in Vietnam.
"""

from __future__ import annotations

import calendar
import datetime as dt
import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from geocover.site_lists.columns.heads import tokens_of
from geocover.site_lists.values.numbers import cleaned

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

    from geocover.site_lists.sheets import Value
    from geocover.site_lists.values.distinct import Distinct

# Mobile telephony began in Vietnam in 1993.
EARLIEST = dt.date(1993, 1, 1)
LATEST = dt.date(2100, 12, 31)
_EXCEL_ZERO = dt.date(1899, 12, 30)
_SERIALS = (30_000, 75_000)
_NUMBERS = re.compile(r"(\d{1,2})\s*[/.\-\s]\s*(\d{1,2})\s*[/.\-\s]\s*(\d{4}|\d{2})(?:[\sT,].*)?", re.DOTALL)
_ISO = re.compile(r"(\d{4})\s*[/.\-]\s*(\d{1,2})\s*[/.\-]\s*(\d{1,2})(?:[\sT,].*)?", re.DOTALL)
_COMPACT = re.compile(r"((?:19|20)\d{2})(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])")
_SERIAL = re.compile(r"\d{5}(?:\.\d+)?")
_MONTH = re.compile(r"(?:t|thang|month|th)?\s?(\d{1,2})[\s/.\-]+(?:nam\s)?(\d{4})")
_MONTH_ISO = re.compile(r"(\d{4})\s*[/.\-]\s*(\d{1,2})")
_QUARTER = re.compile(r"(?:q|quy|quarter)\s?(iv|i{1,3}|[1-4])[\s/.\-]*(?:nam\s)?(\d{4})")
_YEAR = re.compile(r"(?:nam\s)?((?:19|20)\d{2})")
_WORDS = re.compile(r"(?:ngay\s)?(\d{1,2})\s(?:thang|thg)\s(\d{1,2})\s(?:nam\s)?(\d{4})")
_NAMED = re.compile(
    r"(\d{1,2})\s?([a-z]{3})[a-z]*\s?(\d{4}|\d{2})|([a-z]{3})[a-z]*\s(\d{1,2})\s(\d{4})|([a-z]{3})[a-z]*\s?(\d{4}|\d{2})"
)
_ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4}
_MONTHS = {
    "jan": 1, "feb": 2, "mar": 3, "apr": 4, "may": 5, "jun": 6, "jul": 7, "aug": 8, "sep": 9, "oct": 10,
    "nov": 11, "dec": 12,
}  # fmt: skip


@dataclass(frozen=True)
class Day:
    """What a cell says about a day.

    Attributes
    ----------
    date
        The day; the last one of a month, quarter or year where the cell says no more: by then it was so.
    coarse
        Whether the cell says no day.
    first, second
        The two numbers before the year where their order has to be decided, else 0.
    year
        The year of those.
    """

    date: dt.date | None = None
    coarse: bool = False
    first: int = 0
    second: int = 0
    year: int = 0


@dataclass(frozen=True, eq=False)
class Dates:
    """A column of dates; arrays of shape (rows,).

    Attributes
    ----------
    values
        Days, NaT where there is none or where it cannot be.
    unread
        Cells that hold something that is no date.
    impossible
        Dates before mobile telephony began or after 2100.
    coarse
        Cells that say a month, quarter or year; the value is its last day.
    doubtful
        Cells whose day and month could be the other way round in a column that has both orders.
    order
        Order that the column proves: "dmy", "mdy", "both", "none" where all could be either, "" where it has
        none.
    """

    values: NDArray[np.datetime64]
    unread: NDArray[np.bool_]
    impossible: NDArray[np.bool_]
    coarse: NDArray[np.bool_]
    doubtful: NDArray[np.bool_]
    order: str


def read_dates(column: Distinct) -> Dates:
    """Read a column of dates."""
    days = [_day(value) for value in column.values]
    order = _order(days)
    dates = [_settled(day, order) if day else None for day in days]
    possible = [date is not None and EARLIEST <= date <= LATEST for date in dates]
    numbers = np.array(
        [np.datetime64(date if good else "NaT", "s") for date, good in zip(dates, possible, strict=True)]
        + [np.datetime64("NaT", "s")],
        "datetime64[s]",
    )
    return Dates(
        numbers[column.codes],
        column.marks(date is None for date in dates),
        column.marks(date is not None and not good for date, good in zip(dates, possible, strict=True)),
        column.marks(day is not None and day.coarse for day in days),
        column.marks(order == "both" and day is not None and _either(day) for day in days),
        order,
    )


def _order(days: Iterable[Day | None]) -> str:
    open_days = [day for day in days if day and day.first]
    day_first = any(12 < day.first <= 31 and day.second <= 12 for day in open_days)
    month_first = any(12 < day.second <= 31 and day.first <= 12 for day in open_days)
    if day_first and month_first:
        return "both"
    if day_first or month_first:
        return "dmy" if day_first else "mdy"
    return "none" if any(_either(day) for day in open_days) else ""


def _either(day: Day) -> bool:
    return 0 < day.first <= 12 and 0 < day.second <= 12 and day.first != day.second


def _settled(day: Day, order: str) -> dt.date | None:
    if not day.first:
        return day.date
    month_first = day.second > 12 or (order == "mdy" and day.first <= 12)
    month, number = (day.first, day.second) if month_first else (day.second, day.first)
    return _date(day.year, month, number)


def _day(value: Value) -> Day | None:
    """Read one cell; None where it is no date."""
    if isinstance(value, dt.datetime):
        return Day(value.date())
    if isinstance(value, dt.date):
        return Day(value)
    if isinstance(value, int | float):
        return _of_number(value)
    return _of_text(cleaned(value)) if isinstance(value, str) else None


def _of_number(number: float) -> Day | None:
    """Serial number of Excel (1900 system), a year, or a day written as 20251231."""
    if not math.isfinite(number) or not 0 < number < 1e9:
        return None
    if _SERIALS[0] <= number <= _SERIALS[1]:
        return Day(_EXCEL_ZERO + dt.timedelta(days=int(number)))
    text = str(int(number))
    written = number == int(number) and (_YEAR.fullmatch(text) or _COMPACT.fullmatch(text))
    return _of_text(text) if written else None


def _of_text(text: str) -> Day | None:
    if found := _NUMBERS.fullmatch(text):
        first, second, year = int(found[1]), int(found[2]), _full_year(found[3])
        return Day(first=first, second=second, year=year) if first and second else None
    if found := _ISO.fullmatch(text) or _COMPACT.fullmatch(text):
        return _given(_date(int(found[1]), int(found[2]), int(found[3])))
    if _SERIAL.fullmatch(text):
        return _of_number(float(text))
    return _of_words(text)


def _of_words(text: str) -> Day | None:
    """Months, quarters, years, and days with words between their numbers."""
    words = " ".join(tokens_of(text))
    if found := _WORDS.fullmatch(words):
        return _given(_date(int(found[3]), int(found[2]), int(found[1])))
    for pattern, read in _COARSE:
        if found := pattern.fullmatch(words):
            return read(found)
    named = _NAMED.fullmatch(words)
    return _of_month_name(named) if named else None


def _of_month_name(found: re.Match[str]) -> Day | None:
    """05-Mar-2025, March 5 2025, Mar-25."""
    name = next(name for name in (found[2], found[4], found[7]) if name)
    month = _MONTHS.get(name)
    if month is None:
        return None
    if found[7]:
        return _last(_full_year(found[8]), month)
    day, year = (found[1], found[3]) if found[2] else (found[5], found[6])
    return _given(_date(_full_year(year), month, int(day)))


def _of_quarter(found: re.Match[str]) -> Day | None:
    number = _ROMAN.get(found[1]) or int(found[1])
    return _last(int(found[2]), 3 * number)


def _last(year: int, month: int) -> Day | None:
    """Last day of a month."""
    if not (1 <= month <= 12 and 1 <= year <= 9999):
        return None
    return Day(dt.date(year, month, calendar.monthrange(year, month)[1]), coarse=True)


def _given(date: dt.date | None) -> Day | None:
    return Day(date) if date else None


def _date(year: int, month: int, day: int) -> dt.date | None:
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


def _full_year(text: str) -> int:
    """Year of four digits; of two digits, 70 to 99 are of the last century."""
    year = int(text)
    return year if len(text) == 4 else year + (1900 if year >= 70 else 2000)


_COARSE: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], Day | None]], ...] = (
    (_QUARTER, _of_quarter),
    (_MONTH, lambda found: _last(int(found[2]), int(found[1]))),
    (_MONTH_ISO, lambda found: _last(int(found[1]), int(found[2]))),
    (_YEAR, lambda found: _last(int(found[1]), 12)),
)
