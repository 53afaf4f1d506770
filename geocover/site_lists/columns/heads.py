"""What the head of a column means: synonyms are data (``fields.toml``), how surely they match is stated here.

1.00  the head is a synonym, with or without a unit
0.97  it is one without what stands in parentheses
0.95  its last line is one, or it is one without the technology or the sector's number in it
0.90  one of the parts between slashes, or what stands in parentheses, is one; 0.70 where parts differ
0.60  only an upper line of a head of several lines is one
0.80  it is the beginning of one, cut after at least eight letters
0.70 to 0.85  it differs from one in a few letters: the ratio of like letters (0.85 and up), less 0.15
0.60 to 0.90  it holds all words of one among others: 0.4, and half the synonym's share of its letters
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

FIELDS = Path(__file__).with_name("fields.toml")
IGNORED = "ignored"
SURE = 0.85  # below it a guess is reported
LONGEST = 120
_LIKE = 0.85
_SHARE = 0.4

# Small letters of Vietnamese; capitals stand among them in Unicode.
_SMALL = "".join(letter for letter in map(chr, range(0xE0, 0x1EFA)) if letter.islower() and letter.isalpha())
_CAMEL = re.compile(rf"(?<=[a-z{_SMALL}])(?=[A-ZĐ])")
_TOKEN = re.compile(r"[^\W\d_]+|\d+[^\W\d_]*|#")
_LINES = re.compile(r"\s+/\s+|[\r\n]+")
_PARTS = re.compile(r"[/|:;]|\s[-–]\s")
_PARENS = re.compile(r"[(\[{]([^()\[\]{}]*)[)\]}]?")
_SECTOR = re.compile(r"(?:sector|sec|cell|huong|goc|canh|s|c|anten)")
_BARRED = str.maketrans({"đ": "d", "ð": "d", "ß": "ss"})
_UNITS = {
    "m": "m", "met": "m", "meter": "m", "meters": "m", "metre": "m", "metres": "m", "mhz": "mhz",
    "ghz": "ghz", "dbm": "dbm", "w": "w", "watt": "w", "watts": "w", "dbi": "dbi", "db": "db",
    "do": "deg", "deg": "deg", "degree": "deg", "degrees": "deg",
    "khz": "khz", "feet": "ft", "ft": "ft", "kw": "kw", "dbw": "dbw",
}  # fmt: skip
_TECHNOLOGIES = {
    "2g": "2G", "gsm": "2G", "3g": "3G", "umts": "3G", "wcdma": "3G", "4g": "4G", "lte": "4G", "5g": "5G",
    "nr": "5G",
}  # fmt: skip


@dataclass(frozen=True)
class Field:
    """A canonical column of a site list, see ``fields.toml``.

    Attributes
    ----------
    name
        Its name in the program.
    vi, en
        Its name for people.
    several
        Whether several columns may have it.
    by_technology
        Whether a column may give it for one technology alone.
    low, high
        What its values may be, in the unit of its name; infinite where anything goes.
    whole
        Whether its values are whole numbers.
    """

    name: str
    vi: str
    en: str
    several: bool
    by_technology: bool
    low: float
    high: float
    whole: bool


@dataclass(frozen=True)
class HeadReading:
    """What a head is read as.

    Attributes
    ----------
    field
        Canonical name; `IGNORED` for what is known to be of no use.
    confidence
        0 to 1.
    unit
        Unit that the head states, lower-case ("m", "dbm", "w", "mhz"); empty where none.
    technology
        Technology that the head names, empty where none.
    sector
        Number that stands behind the head (azimuth 1, 2, 3), 0 where none.
    rank
        Place of the synonym in its list: of two columns equally sure, the lower wins.
    """

    field: str
    confidence: float
    unit: str = ""
    technology: str = ""
    sector: int = 0
    rank: int = 0


@dataclass(frozen=True)
class _Synonym:
    field: str
    tokens: frozenset[str]
    rank: int
    technology: str


@lru_cache(maxsize=1)
def fields() -> Mapping[str, Field]:
    """All canonical columns by name, in the order of ``fields.toml``."""
    return {
        name: Field(
            name, told["vi"], told["en"], told.get("several", False), told.get("technology", False),
            float(told.get("low", "-inf")), float(told.get("high", "inf")), told.get("whole", False),
        )
        for name, told in _data().items()
    }  # fmt: skip


def tokens_of(text: str) -> tuple[str, ...]:
    """Words and numbers of a head, without case and marks; words of other scripts stay."""
    split = _CAMEL.sub(" ", unicodedata.normalize("NFC", text))
    bare = unicodedata.normalize("NFKD", split).lower().translate(_BARRED)
    return tuple(_TOKEN.findall("".join(letter for letter in bare if not unicodedata.combining(letter))))


def head_key(text: str) -> str:
    """Key by which heads are compared: the words without anything between them."""
    return "".join(tokens_of(text))


def known_header(text: str) -> float:
    """How surely a text is the head of a column, 0 to 1."""
    found = read_head(text)
    return found.confidence if found else 0.0


@lru_cache(maxsize=8192)
def read_head(text: str) -> HeadReading | None:
    """Read the head of a column, see the rules above; None where it resembles nothing known."""
    if len(text) > LONGEST or not tokens_of(text):
        return None
    exact = [reading for reading in _exact(text) if reading]
    if exact:
        return max(exact, key=lambda reading: (reading.confidence, -reading.rank))
    last = _LINES.split(text)[-1]
    stripped, unit = _without_unit(last)
    found = _similar(tokens_of(_PARENS.sub(" ", stripped)) or tokens_of(stripped))
    return replace(found, unit=unit) if found else None


def _exact(text: str) -> Iterator[HeadReading | None]:
    """Readings of a head and of its parts as synonyms."""
    yield from _whole(text, 1.0)
    *upper, last = _LINES.split(text)
    if upper:
        yield from _whole(last, 0.95)
        yield from (reading for line in upper for reading in _whole(line, 0.6))
    parts = [reading for part in _split(last) for reading in _whole(part, 0.9) if reading]
    if len({reading.field for reading in parts}) > 1:
        # The first one stands for all, and the guess is reported.
        parts = [replace(parts[0], confidence=0.7)]
    yield from parts


def _split(line: str) -> list[str]:
    parts = _PARTS.split(line)
    return parts if len(parts) > 1 else []


def _whole(text: str, weight: float) -> Iterator[HeadReading | None]:
    """Readings of a text as a synonym: as it is, without its unit, parentheses, technology and number."""
    stripped, unit = _without_unit(text)
    # "X (m)" is a bare X, not the canonical x_m.
    if not unit or not _PARENS.search(text):
        yield _found(tokens_of(text), weight, unit)
    yield _found(tokens_of(stripped), weight, unit)
    yield _qualified(tokens_of(stripped), weight * 0.95, unit)
    bare = _PARENS.sub(" ", stripped)
    if bare != stripped:
        yield _found(tokens_of(bare), weight * 0.97, unit)
        yield _qualified(tokens_of(bare), weight * 0.95, unit)
        yield from (_found(tokens_of(part), weight * 0.9, unit) for part in _PARENS.findall(stripped))


def _found(tokens: tuple[str, ...], weight: float, unit: str) -> HeadReading | None:
    synonym = _by_key().get("".join(tokens))
    if synonym is None:
        return None
    return HeadReading(synonym.field, weight, unit, synonym.technology, rank=synonym.rank)


def _qualified(tokens: tuple[str, ...], weight: float, unit: str) -> HeadReading | None:
    """Read a head that names a technology or a sector beside what it means."""
    technologies = {_TECHNOLOGIES[token] for token in tokens if token in _TECHNOLOGIES}
    numbers = [int(token) for token in tokens if token.isdecimal() and len(token) <= 2]
    if len(technologies) > 1 or len(numbers) > 1 or not (technologies or numbers):
        return None
    rest = tuple(token for token in tokens if token not in _TECHNOLOGIES and not token.isdecimal())
    found = _found(rest, weight, unit)
    if found is None and numbers:
        found = _found(tuple(token for token in rest if not _SECTOR.fullmatch(token)), weight, unit)
    if found is None or not _may_have(found.field, technologies, numbers):
        return None
    technology = next(iter(technologies), found.technology)
    if found.field == "cells" and technology:
        return replace(found, field=f"cells_{technology.lower()}")
    return replace(found, technology=technology, sector=numbers[0] if numbers else 0)


def _may_have(name: str, technologies: set[str], numbers: list[int]) -> bool:
    field = fields()[name]
    return (field.by_technology or not technologies) and (field.several or not numbers)


def _without_unit(text: str) -> tuple[str, str]:
    """Text without the unit in parentheses or behind it, and the unit."""
    for found in _PARENS.finditer(text):
        unit = _unit(found[1])
        if unit:
            return (text[: found.start()] + " " + text[found.end() :]).strip(), unit
    words = re.split(r"[\s_,]+", text.strip())
    unit = _unit(words[-1]) if len(words) > 1 else ""
    # "Kinh độ" and "Độ cao" are no units: behind a head "độ" is part of its name.
    if not unit or (unit == "deg" and words[-1].lower() not in ("deg", "degrees")):
        return text, ""
    return text.rstrip()[: -len(words[-1])].rstrip(" _,"), unit


def _unit(text: str) -> str:
    if text.strip() in ("°", "º"):
        return "deg"
    return _UNITS.get("".join(tokens_of(text)), "")


def _similar(tokens: tuple[str, ...]) -> HeadReading | None:
    """Read a head that is like a synonym: cut short, misspelt, or with other words beside it."""
    if not tokens:
        return None
    key, words = "".join(tokens), frozenset(tokens)
    best: HeadReading | None = None
    for synonym_key, synonym in _by_key().items():
        confidence = max(
            _cut(key, synonym_key), _held(key, words, synonym_key, synonym), _near(key, synonym_key)
        )
        if confidence > (best.confidence if best else 0.0):
            best = HeadReading(synonym.field, confidence, "", synonym.technology, rank=synonym.rank)
    return best


def _cut(key: str, synonym: str) -> float:
    return 0.8 if len(key) >= 8 and synonym.startswith(key) else 0.0


def _held(key: str, words: frozenset[str], synonym_key: str, synonym: _Synonym) -> float:
    """All words of a synonym stand in the head; one short word alone says too little."""
    share = len(synonym_key) / len(key)
    if not synonym.tokens <= words or share < (_SHARE if len(synonym_key) >= 5 else 0.5):
        return 0.0
    return 0.0 if len(synonym_key) < 4 else 0.4 + 0.5 * share


def _near(key: str, synonym: str) -> float:
    if min(len(key), len(synonym)) < 5 or abs(len(key) - len(synonym)) > 2 or key[0] != synonym[0]:
        return 0.0
    matcher = SequenceMatcher(None, key, synonym, autojunk=False)
    ratio = matcher.ratio() if matcher.quick_ratio() >= _LIKE else 0.0
    return min(ratio - 0.15, 0.85) if ratio >= _LIKE else 0.0


@lru_cache(maxsize=1)
def _data() -> Mapping[str, dict[str, Any]]:
    return tomllib.loads(FIELDS.read_text(encoding="utf-8"))


@lru_cache(maxsize=1)
def _by_key() -> Mapping[str, _Synonym]:
    """Synonyms by key.

    Raises
    ------
    ValueError
        A key stands for two fields: a mistake in ``fields.toml``.
    """
    found: dict[str, _Synonym] = {}
    for name, told in _data().items():
        implied = {"": told["heads"], **told.get("implies", {})}
        for technology, heads in implied.items():
            for rank, head in enumerate(heads):
                synonym = _Synonym(name, frozenset(tokens_of(head)), rank, technology)
                known = found.setdefault(head_key(head), synonym)
                if known.field != name:
                    raise ValueError(f"{FIELDS.name}: {head!r} stands for {known.field} and for {name}")
    return found
