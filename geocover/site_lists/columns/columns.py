"""What the columns of a table mean: by the partner's own mapping, by their heads, or by their values."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from geocover.site_lists.columns.heads import (
    IGNORED,
    SURE,
    HeadReading,
    fields,
    head_key,
    known_header,
    read_head,
)
from geocover.site_lists.columns.mapping import ColumnMapping
from geocover.site_lists.values.distinct import distinct
from geocover.site_lists.values.numbers import read_numbers
from geocover.site_lists.values.operators import known_operator
from geocover.site_lists.values.technology import technologies_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Literal

    from numpy.typing import NDArray

    from geocover.site_lists.findings import Findings
    from geocover.site_lists.sheets import Header, Table, Value

    By = Literal["mapping", "head", "values", "none"]

__all__ = ["Columns", "Meaning", "known_header", "understand"]

# Where Vietnam lies, with its sea: a column of such numbers beside one of the other is a pair of coordinates.
_LON, _LAT = (102.0, 118.0), (6.0, 24.0)
_BY_VALUES = 0.6
_SAMPLE = 500
_MOST = 0.9


@dataclass(frozen=True)
class Meaning:
    """What one column means.

    Attributes
    ----------
    header
        The column.
    field
        Canonical name (``fields.toml``), empty where the column is not used.
    confidence
        0 to 1; below `geocover.site_lists.columns.heads.SURE` it was reported as a guess.
    by
        Who says so: the partner's "mapping", the "head", the "values", or "none".
    unit
        Unit that the head states, lower-case; empty where none.
    technology
        The one technology that the column speaks of ("Băng tần 4G"), empty where of all.
    sector
        The one sector that it speaks of (azimuth 1, 2, 3), 0 where of all.
    """

    header: Header
    field: str
    confidence: float
    by: By
    unit: str = ""
    technology: str = ""
    sector: int = 0


@dataclass(frozen=True, eq=False)
class Columns:
    """What the columns of a table mean; one meaning a column, in the order of the table."""

    meanings: tuple[Meaning, ...]

    def first(self, field: str) -> Header | None:
        """Column of a field; the surest and leftmost where there are several."""
        found = max(self.of(field), key=lambda meaning: meaning.confidence, default=None)
        return found.header if found else None

    def all(self, field: str) -> tuple[Header, ...]:
        """Columns of a field, from left to right."""
        return tuple(meaning.header for meaning in self.of(field))

    def of(self, field: str) -> tuple[Meaning, ...]:
        """Meanings with a field, from left to right."""
        return tuple(meaning for meaning in self.meanings if meaning.field == field)

    def has(self, *names: str) -> bool:
        """Whether any of some fields has a column."""
        return any(meaning.field in names for meaning in self.meanings)

    @property
    def unused(self) -> tuple[Header, ...]:
        """Columns that nothing is read from."""
        return tuple(meaning.header for meaning in self.meanings if not meaning.field)

    def as_mapping(self, mapping: ColumnMapping | None = None) -> ColumnMapping:
        """Give what was understood as a mapping, for the partner to change and for its next list.

        Columns that were not understood are not in it, so that they are reported again; nor are heads that
        stand above columns of different meanings.
        """
        meant: dict[str, set[str]] = {}
        for one in self.meanings:
            meant.setdefault(head_key(one.header.text), set()).add(one.field)
        told = {
            one.header.text: one.field
            for one in self.meanings
            if one.confidence and len(meant[head_key(one.header.text)]) == 1 and head_key(one.header.text)
        }
        base = mapping or ColumnMapping()
        known = {head_key(head) for head in base.columns}
        new = {head: field for head, field in told.items() if head_key(head) not in known}
        return replace(base, columns={**base.columns, **new})


def understand(table: Table, mapping: ColumnMapping | None, findings: Findings) -> Columns:
    """Say what each column of a table means; guesses, doubles and unused columns become findings.

    Parameters
    ----------
    table
        The table.
    mapping
        What the partner says; goes before every guess.
    findings
        Collects ``column-guessed``, ``column-duplicate``, ``column-unused``.
    """
    told = [_told(header, mapping) for header in table.headers]
    single = _doubles(_pairs(table, told), findings, table.sheet)
    full = _by_values(table, single)
    _report(full, table.sheet, findings)
    return Columns(tuple(replace(one, field="") if one.field == IGNORED else one for one in full))


def _told(header: Header, mapping: ColumnMapping | None) -> _Candidate:
    reading = read_head(header.text)
    chosen = mapping.field_of(header.text) if mapping else None
    if chosen is not None:
        same = reading if reading and reading.field == chosen else HeadReading(chosen, 1.0)
        return _Candidate(_meaning(header, replace(same, confidence=1.0), "mapping"), 0)
    if reading is None:
        return _Candidate(Meaning(header, "", 0.0, "none"), 0)
    return _Candidate(_meaning(header, reading, "head"), reading.rank)


def _meaning(header: Header, reading: HeadReading, by: By) -> Meaning:
    return Meaning(
        header,
        reading.field,
        round(reading.confidence, 3),
        by,
        reading.unit,
        reading.technology,
        reading.sector,
    )


@dataclass(frozen=True)
class _Candidate:
    meaning: Meaning
    rank: int


def _pairs(table: Table, candidates: list[_Candidate]) -> list[_Candidate]:
    """Two columns under one merged head "Toạ độ" are one coordinate each: their values say which."""
    both = [number for number, one in enumerate(candidates) if one.meaning.field == "position"]
    if len(both) < 2:
        return candidates
    found = {}
    for number in both:
        field = _coordinate(table.values[number])
        if field:
            found[number] = field
    if sorted(found.values()) != ["lat", "lon"]:
        return candidates
    return [
        replace(one, meaning=replace(one.meaning, field=found[number], confidence=_BY_VALUES, by="values"))
        if number in found
        else one
        for number, one in enumerate(candidates)
    ]


def _doubles(candidates: list[_Candidate], findings: Findings, sheet: str) -> list[Meaning]:
    """Leave one column to each field that may have one; the others are shown as unused."""
    best: dict[tuple[str, str, int], int] = {}
    for number in sorted(range(len(candidates)), key=lambda at: _order(candidates[at], at)):
        best.setdefault(_slot(candidates[number].meaning), number)
    meanings = []
    for number, candidate in enumerate(candidates):
        one = candidate.meaning
        winner = best[_slot(one)]
        if one.field in ("", IGNORED) or winner == number or _may_repeat(one):
            meanings.append(one)
            continue
        used = candidates[winner].meaning.header
        findings.add(
            "column-duplicate", sheet=sheet, header=one.header, field=fields()[one.field].en,
            field_vi=fields()[one.field].vi, used=used.shown,
        )  # fmt: skip
        meanings.append(replace(one, field=IGNORED, by="none"))
    return meanings


def _order(candidate: _Candidate, at: int) -> tuple[bool, float, int, int]:
    meaning = candidate.meaning
    return meaning.by != "mapping", -meaning.confidence, candidate.rank, at


def _slot(meaning: Meaning) -> tuple[str, str, int]:
    return meaning.field, meaning.technology, meaning.sector


def _may_repeat(meaning: Meaning) -> bool:
    """Several columns of one head (azimuth, azimuth, azimuth) are sectors from left to right."""
    return fields()[meaning.field].several and not meaning.sector and meaning.field != "height_m"


def _by_values(table: Table, meanings: list[Meaning]) -> list[Meaning]:
    """Give columns whose head says nothing a meaning that their values have, where it is still needed."""
    has = {meaning.field for meaning in meanings}
    wanted = {name: test for name, test in _TESTS.items() if not has & {name, *_INSTEAD[name]}}
    if not has & {"lon", "lat", "position", "x", "y", "x_m", "y_m"}:
        wanted |= {"lon": _is_lon, "lat": _is_lat}
    found = list(meanings)
    for number in (at for at, meaning in enumerate(meanings) if meaning.by == "none" and not meaning.field):
        for name, test in wanted.items():
            if test(table.values[number]):
                found[number] = replace(meanings[number], field=name, confidence=_BY_VALUES, by="values")
                del wanted[name]
                break
    return _whole_pairs(found)


def _whole_pairs(meanings: list[Meaning]) -> list[Meaning]:
    """One guessed coordinate without the other one is no coordinate."""
    guessed = [one for one in meanings if one.by == "values" and one.field in ("lon", "lat")]
    if len(guessed) != 1:
        return meanings
    if {one.field for one in meanings if one not in guessed} & {"lon", "lat"}:
        return meanings
    return [Meaning(one.header, "", 0.0, "none") if one in guessed else one for one in meanings]


def _report(meanings: Iterable[Meaning], sheet: str, findings: Findings) -> None:
    for meaning in meanings:
        if not meaning.field and meaning.by == "none":
            findings.add("column-unused", sheet=sheet, header=meaning.header)
        elif meaning.field not in ("", IGNORED) and meaning.confidence < SURE:
            known = fields()[meaning.field]
            findings.add(
                "column-guessed", sheet=sheet, header=meaning.header, field=known.en, field_vi=known.vi,
                name=known.name, percent=round(100 * meaning.confidence),
            )  # fmt: skip


def _sample(values: NDArray[np.object_]) -> NDArray[np.object_]:
    return values[:: max(1, len(values) // _SAMPLE)]


def _share(values: NDArray[np.object_], test: Callable[[Value], bool]) -> bool:
    """Whether most of the different values of a column pass a test, and there are any."""
    column = distinct(_sample(values))
    return bool(column.values) and sum(map(test, column.values)) >= _MOST * len(column.values)


def _numbers(values: NDArray[np.object_], low: float, high: float) -> bool:
    """Whether most of a column are numbers of a range that are not all whole."""
    read = read_numbers(distinct(_sample(values)), low, high)
    numbers = read.values[~np.isnan(read.values)]
    if not numbers.size or read.unread.sum() > (1 - _MOST) * len(read.values):
        return False
    inside = (numbers >= low) & (numbers <= high)
    return bool(inside.mean() >= _MOST and (numbers % 1 != 0).mean() >= 0.5)


def _coordinate(values: NDArray[np.object_]) -> str:
    return "lon" if _is_lon(values) else "lat" if _is_lat(values) else ""


def _is_lon(values: NDArray[np.object_]) -> bool:
    return _numbers(values, *_LON)


def _is_lat(values: NDArray[np.object_]) -> bool:
    return _numbers(values, *_LAT)


def _is_technology(values: NDArray[np.object_]) -> bool:
    return _share(values, lambda value: isinstance(value, str) and bool(technologies_in(value).found))


def _is_operator(values: NDArray[np.object_]) -> bool:
    return _share(
        values,
        lambda value: (
            isinstance(value, str) and value.strip()[:1].isalpha() and known_operator(value) is not None
        ),
    )


_TESTS: dict[str, Callable[[NDArray[np.object_]], bool]] = {
    "technology": _is_technology,
    "operator": _is_operator,
}
_INSTEAD: dict[str, set[str]] = {
    "technology": {f"{kind}_{number}g" for kind in ("has", "cells") for number in range(2, 6)} | {"channel"},
    "operator": set(),
}
