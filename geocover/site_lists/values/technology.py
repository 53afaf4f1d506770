"""Technologies as lists write them: one column of names, tick columns, counts; words are data."""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from geocover.network import TECHNOLOGIES, Technology
from geocover.site_lists.columns.heads import tokens_of
from geocover.site_lists.values.distinct import plain
from geocover.site_lists.values.numbers import cleaned

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geocover.site_lists.sheets import Value

WORDS = Path(__file__).with_name("words.toml")
MOST_CELLS = 200
_HIGHEST = 1e9
# Band labels that name their technology: L1800, U2100, G900, D1800, N2600, NR3700, B3, n78.
_LABELS: tuple[tuple[re.Pattern[str], Technology], ...] = (
    (re.compile(r"(?<![a-z0-9])(?:g|d|gsm|dcs)[\s_-]?\d{3,4}(?!\d)"), "2G"),
    (re.compile(r"(?<![a-z0-9])(?:u|w|umts|wcdma)[\s_-]?\d{3,4}(?!\d)"), "3G"),
    (re.compile(r"(?<![a-z0-9])(?:l|lte(?:[\s_-]?[ft]dd)?)[\s_-]?\d{3,4}(?!\d)"), "4G"),
    (re.compile(r"(?<![a-z0-9])b\d{1,2}(?!\d)"), "4G"),
    (re.compile(r"(?<![a-z0-9])(?:n|nr)[\s_-]?\d{2,4}(?!\d)"), "5G"),
)  # fmt: skip
_NUMBERED = re.compile(r"(?<!\d)([2-5])\s?g(?:\+|\b|(?=[2-5\s_,;/+-]))")
# "2/3/4G": each of the numbers is one.
_ELLIPTIC = re.compile(r"(?<!\d)([2-5])(?=(?:\s*[/,;+&-]\s*[2-5])*\s*[/,;+&-]\s*[2-5]\s?g)")
_FREQUENCY = re.compile(r"\d+(?:[mg]hz|m)?")
_LETTERS = re.compile(r"[guln](?:\s*[/,;+&-]\s*[guln])+")
_NUMBERS_ONLY = re.compile(r"[2-5](?:[\s/,;+&-]+[2-5])*")


@dataclass(frozen=True)
class Named:
    """Technologies found in a text.

    Attributes
    ----------
    found
        In the order of `TECHNOLOGIES`; empty where the text names none or denies one.
    rest
        Words of the text that are not understood.
    """

    found: tuple[Technology, ...]
    rest: str = ""


@dataclass(frozen=True)
class Tick:
    """A cell of a column for one technology.

    Attributes
    ----------
    there
        Whether the technology is there; None where the cell cannot be read.
    count
        Number of cells where it says one above 1, else 0.
    bands
        Text that names bands, empty where none.
    """

    there: bool | None
    count: int = 0
    bands: str = ""


@lru_cache(maxsize=4096)
def technologies_in(text: str) -> Named:
    """Find the technologies that a text names: ``2G/3G/4G``, ``LTE``, ``GSM900/UMTS2100``, ``L1800``."""
    folded = cleaned(text).lower()
    if _NUMBERS_ONLY.fullmatch(folded):
        folded = re.sub(r"([2-5])", r"\1g", folded)
    if _LETTERS.fullmatch(folded):
        folded = "/".join(_data()["letters"][letter].lower() for letter in re.findall(r"[a-z]", folded))
    folded = _ELLIPTIC.sub(r"\1g", folded)
    tokens = tokens_of(folded)
    if _words()["denied"] & set(tokens):
        return Named((), " ".join(tokens))
    found = {cast("Technology", f"{number}G") for number in _NUMBERED.findall(folded)}
    rest = _NUMBERED.sub(" ", folded)
    for pattern, technology in _LABELS:
        if pattern.search(rest):
            found.add(technology)
            rest = pattern.sub(" ", rest)
    unread = [token for token in _joined(tokens_of(rest)) if not _take(token, found)]
    return Named(tuple(sorted(found)), " ".join(unread))


@lru_cache(maxsize=4096)
def _tick_of_text(text: str, technology: str) -> Tick:
    key = " ".join(tokens_of(text)) or text.strip()
    if key in _ticks()["yes"] or text.strip().lower() in _ticks()["yes"]:
        return Tick(there=True)
    if key in _ticks()["no"]:
        return Tick(there=False)
    named = technologies_in(text)
    if not named.rest and named.found == (technology,):
        return Tick(there=True, bands=text if re.search(r"\d{2,}", text) else "")
    if re.fullmatch(r"\d{3,4}(?:\s?mhz)?(?:[\s/,;+&]+\d{3,4}(?:\s?mhz)?)*", cleaned(text).lower()):
        return Tick(there=True, bands=text)
    return _tick_of_number(int(key)) if key.isdecimal() and len(key) < 7 else Tick(None)


def read_tick(value: Value, technology: str) -> Tick:
    """Read a cell of a column for one technology: a tick, a number of cells, or its bands."""
    if isinstance(value, int | float):
        return _tick_of_number(value)
    if isinstance(value, dt.date):
        return Tick(there=True)
    return _tick_of_text(plain(value), technology)


def _tick_of_number(number: float) -> Tick:
    if not 0 <= number < _HIGHEST or number != int(number):
        return Tick(None)
    if number <= MOST_CELLS:
        return Tick(there=number > 0, count=int(number) if number > 1 else 0)
    return Tick(there=True, bands=str(int(number))) if 450 <= number <= 6000 else Tick(None)


def _take(token: str, found: set[Technology]) -> bool:
    """Whether a word is understood; adds the technology that it names."""
    for technology in TECHNOLOGIES:
        if token in _words()[technology]:
            found.add(technology)
            return True
    return bool(_FREQUENCY.fullmatch(token)) or token in _words()["also"]


def _joined(tokens: tuple[str, ...]) -> tuple[str, ...]:
    """Words with two that only together are one put together: "fdd lte", "e nodeb", "lte a"."""
    joined: list[str] = []
    for token in tokens:
        both = joined[-1] + token if joined else ""
        if both in _compounds():
            joined[-1] = both
        else:
            joined.append(token)
    return tuple(joined)


def environment_of(text: str) -> str:
    """Surroundings that a text names, "urban", "suburban" or "open"; empty where it names none."""
    key = " ".join(tokens_of(text))
    return next((name for name, words in _data()["environments"].items() if key in words), "")


@lru_cache(maxsize=1)
def _data() -> Mapping[str, Mapping[str, Any]]:
    return tomllib.loads(WORDS.read_text(encoding="utf-8"))


@lru_cache(maxsize=1)
def _words() -> Mapping[str, frozenset[str]]:
    names = (*TECHNOLOGIES, "also", "denied")
    return {name: frozenset(_data()[name]["words"]) for name in names}


@lru_cache(maxsize=1)
def _compounds() -> frozenset[str]:
    return frozenset(word for technology in TECHNOLOGIES for word in _words()[technology] if len(word) > 2)


@lru_cache(maxsize=1)
def _ticks() -> Mapping[str, frozenset[str]]:
    return {name: frozenset(words) for name, words in _data()["ticks"].items()}
