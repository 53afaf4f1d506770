"""Both coordinates in one cell: two numbers in any order, WKT, the addresses of map services."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from geocover.site_lists.places.coordinate_text import clean
from geocover.site_lists.places.coordinates import (
    LONGEST,
    MISSING,
    UNREADABLE,
    Axis,
    Reading,
    read_cleaned,
    read_coordinate,
    spread,
)
from geocover.site_lists.values.distinct import distinct

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray

    from geocover.site_lists.places.coordinates import Readings
    from geocover.site_lists.sheets import Value

Pair = tuple[Reading, Reading]

LONGEST_ADDRESS = 2000  # characters

_NUMBER = r"[-+]?\d+(?:\.\d+)?"
_COMMA = r"(?:,|%2C)(?:\s|\+|%20)*"
_WKT = re.compile(
    rf"(?i)(?:SRID=\d+;)?\s*POINT\s*(?:ZM?|M)?\s*\(\s*({_NUMBER})\s+({_NUMBER})(?:\s+{_NUMBER})*\s*\)"
)
# What map services put behind these is latitude, longitude. The text is read; nothing is ever fetched.
_ADDRESS = re.compile(r"(?i)^(?:https?://|geo:|www\.|maps\.|goo\.gl|google\.)")
_IN_ADDRESS = (
    re.compile(rf"!3d({_NUMBER})!4d({_NUMBER})"),
    re.compile(rf"(?i)[?&](?:q|ll|query|daddr|destination|center|mlat)=(?:loc:)?({_NUMBER})(?:{_COMMA}|&mlon=)({_NUMBER})"),
    re.compile(rf"@({_NUMBER}){_COMMA}({_NUMBER})"),
    re.compile(rf"(?i)^geo:({_NUMBER}),({_NUMBER})"),
    re.compile(rf"/({_NUMBER}){_COMMA}({_NUMBER})"),
)  # fmt: skip
_DECIMALS = re.compile(r"(-?\d{1,3}\.\d+)\s*[,;/ ]\s*(-?\d{1,3}\.\d+)")
_GRID_LABEL = re.compile(r"(?<![A-Z])[XY]\s*[:=]\s*")
_LINES = re.compile(r"[\r\n\t|]+")
_SPLITS = (
    re.compile(r"(?P<a>[^;/]+)[;/]\s*(?P<b>[^;/]+)"),
    re.compile(r"(?P<a>[^NSEWλφ].*?[NSEW])[\s,-]*(?P<b>[^NSEW].*[NSEW])"),
    re.compile(r"(?P<a>[λφNSEW].*?\d\W*?)[\s,-]*(?P<b>[λφNSEW].*)"),
    re.compile(r"(?P<a>\S+?)\s*,?\s+(?P<b>\S+)"),
    re.compile(r"(?P<a>.*\S)\s+-\s+(?P<b>\S.*)"),
    re.compile(r"(?P<a>.*?[\d'\"])[\s,]+(?P<b>-?\d{1,3}\s*°.*)"),
    re.compile(r"(?P<a>-?\d+,\d+),(?P<b>-?\d+,\d+)"),
    re.compile(r"(?P<a>-?\d+\.\d+),(?P<b>-?\d+(?:\.\d+)?)"),
    re.compile(r"(?P<a>-?\d+),(?P<b>-?\d+\.\d+)"),
    re.compile(r"(?P<a>\d+[.,]\d+)-(?P<b>\d+[.,]\d+)"),
    re.compile(r"(?P<a>\d{1,3} \d{1,2}),? (?P<b>\d{1,3} [\d.,]+)"),
    re.compile(r"(?P<a>\d{1,3} \d{1,2} [\d.,]*\d),? (?P<b>\d{1,3} \d{1,2} [\d.,]+)"),
)


def read_pair(value: Value) -> Pair:
    """Read both coordinates from one cell, in the order written.

    A pair in WKT has longitude first and an address of a map service latitude first; their readings say so.
    """
    if value is None:
        return MISSING, MISSING
    if not isinstance(value, str) or len(value) > LONGEST_ADDRESS:
        return UNREADABLE, UNREADABLE
    decimals = _DECIMALS.fullmatch(value)
    if decimals is not None:
        return read_coordinate(decimals[1]), read_coordinate(decimals[2])
    known = _WKT.search(value)
    if known is not None:
        return _named(known, ("lon", "lat"))
    if _ADDRESS.match(value):
        return _from_address(value)
    cleaned = clean(_LINES.sub(" ; ", value.strip())) if len(value) <= LONGEST else ""
    return _from_text(_GRID_LABEL.sub("", cleaned).strip(" ()[]{}<>;"))


def read_pairs(values: NDArray[np.object_]) -> tuple[Readings, Readings]:
    """Read a column of pairs; shape (rows,)."""
    column = distinct(values)
    pairs = [read_pair(value) for value in column.values]
    return spread((first for first, _ in pairs), column), spread((second for _, second in pairs), column)


def _named(match: re.Match[str], axes: tuple[Axis, Axis]) -> Pair:
    first, second = (read_coordinate(text.removeprefix("+")) for text in match.groups())
    return first._replace(axis=axes[0]), second._replace(axis=axes[1])


def _from_address(address: str) -> Pair:
    for pattern in _IN_ADDRESS:
        match = pattern.search(address)
        if match is not None:
            return _named(match, ("lat", "lon"))
    return UNREADABLE, UNREADABLE


def _from_text(text: str) -> Pair:
    """First way to cut the text in which both parts are coordinates; else what is wrong with it."""
    found: Pair = (UNREADABLE, UNREADABLE)
    for first, second in _parts(text):
        pair = read_cleaned(first.strip(" ,")), read_cleaned(second.strip(" ,"))
        faults = {pair[0].fault, pair[1].fault}
        if faults == {""}:
            return pair
        if faults <= {"", "coordinate-minutes"}:
            found = pair
    return found


def _parts(text: str) -> Iterator[tuple[str, str]]:
    for pattern in _SPLITS:
        match = pattern.fullmatch(text)
        if match is not None:
            yield match["a"], match["b"]
