"""The parameter datetime: an instant or an interval of RFC 3339, open at either end."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from geocover.features.columns import moment_us
from geocover.features.errors import FeatureQueryError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geocover.features.tables import FeatureTable

EVER = np.iinfo(np.int64)
DAY_US = 86_400_000_000
OPEN = ("", "..")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")
_TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}"
    r"(?:\.[0-9]{1,9})?(?:[Zz]|[+-][0-9]{2}:[0-9]{2})\Z"
)


def parse_interval(asked: str) -> tuple[int, int]:
    """Microseconds since 1970 of the first and the last moment of an instant or interval; days are whole.

    Raises
    ------
    FeatureQueryError
        It is neither.
    """
    parts = asked.split("/")
    if len(parts) == 1:
        return _moment(asked, asked)
    if len(parts) != 2 or all(part in OPEN for part in parts):
        raise _wrong(asked)
    first = EVER.min if parts[0] in OPEN else _moment(parts[0], asked)[0]
    last = EVER.max if parts[1] in OPEN else _moment(parts[1], asked)[1]
    if first > last:
        raise _wrong(asked)
    return int(first), int(last)


def _moment(text: str, asked: str) -> tuple[int, int]:
    """First and last microsecond of a date or date-time."""
    try:
        if _DATE.match(text):
            first = moment_us(text)
            return first, first + DAY_US - 1
        if _TIME.match(text):
            # A second 60 and more than six decimals are RFC 3339, but not what Python reads.
            whole = re.sub(r"(\.[0-9]{6})[0-9]+", r"\1", text.upper().replace(":60", ":59"))
            moment = moment_us(whole)
            return moment, moment
    except (ValueError, OverflowError) as error:
        raise _wrong(asked) from error
    raise _wrong(asked)


def _wrong(asked: str) -> FeatureQueryError:
    return FeatureQueryError(
        f"datetime: {asked!r} is no instant or interval; write 2025-12-31, 2025-12-31T00:00:00Z, "
        "2025-07-01/2025-12-31 or 2025-07-01/..",
        f"datetime: “{asked}” không phải thời điểm hay khoảng thời gian; hãy ghi 2025-12-31, "
        "2025-12-31T00:00:00Z, 2025-07-01/2025-12-31 hoặc 2025-07-01/..",
    )


def within(table: FeatureTable, asked: str) -> NDArray[np.bool_]:
    """Which features are of an instant or interval; those without a date are of any.

    Raises
    ------
    FeatureQueryError
        It is neither.
    """
    first, last = parse_interval(asked)
    name, goes_on = table.kind.moment
    column = table.columns[name]
    starts = column.values.astype(np.int64)
    ends = starts + (DAY_US - 1 if column.kind == "date" else 0)
    inside = starts <= last
    if not goes_on:
        inside &= ends >= first
    return inside | column.missing
