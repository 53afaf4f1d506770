"""Whether a row tells of a station on air: what is planned, dismantled or off serves nobody."""

from __future__ import annotations

import re
import tomllib
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from geocover.site_lists.columns.heads import tokens_of
from geocover.site_lists.values.distinct import plain
from geocover.site_lists.values.technology import WORDS

if TYPE_CHECKING:
    from geocover.site_lists.sheets import Value
    from geocover.site_lists.values.column_values import Source

    Status = Literal["", "gone", "paused"]


def report_status(source: Source) -> None:
    """Report rows that are no station on air, by their status or in place of their date on air.

    ``status-not-on-air`` (error): planned, not on air yet, switched off for good or dismantled.
    ``status-paused`` (warning): off for a while.
    """
    dates = [one.header for one in source.columns.of("on_air") if not one.technology]
    for header in (*source.columns.all("status"), *dates):
        column = source.distinct(header)
        found = [status_of(value) for value in column.values]
        source.mark("status-not-on-air", column.marks(one == "gone" for one in found), header)
        source.mark("status-paused", column.marks(one == "paused" for one in found), header)


def status_of(value: Value) -> Status:
    """Read a status: "gone" for a station not on air, "paused" for one off for a while, else empty."""
    if not isinstance(value, str):
        return ""
    words = " ".join(tokens_of(plain(value)))
    if words == "chua":
        return "gone"
    paused, rest = _without("paused", words)
    gone, rest = _without("gone", rest)
    if _without("working", rest)[0]:
        return ""
    return "paused" if paused else "gone" if gone else ""


def _without(kind: str, words: str) -> tuple[bool, str]:
    """Whether words hold any of a kind, and what is left of them."""
    rest, count = _patterns()[kind].subn("|", words)
    return count > 0, rest


@lru_cache(maxsize=1)
def _patterns() -> dict[str, re.Pattern[str]]:
    told: dict[str, list[str]] = tomllib.loads(WORDS.read_text(encoding="utf-8"))["status"]
    # The longest first: "tạm ngưng hoạt động" is not "tạm ngưng" with "hoạt động" behind it.
    return {
        kind: re.compile(r"\b(?:" + "|".join(sorted(words, key=len, reverse=True)) + r")\b")
        for kind, words in told.items()
    }
