"""Which technologies and carriers each row of a list has, from all columns that speak of them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from geocover.network import TECHNOLOGIES
from geocover.site_lists.values.bands import Carrier, allot, read_bands
from geocover.site_lists.values.channels import channel_of, nominal_mhz, usual_rank
from geocover.site_lists.values.column_values import count_column
from geocover.site_lists.values.distinct import object_array, plain
from geocover.site_lists.values.numbers import Style, parse
from geocover.site_lists.values.technology import read_tick, technologies_in
from geocover.site_lists.values.titles import titled_technology

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

    from geocover.site_lists.columns.columns import Meaning
    from geocover.site_lists.sheets import Header
    from geocover.site_lists.values.column_values import Source

    Carriers = tuple[Carrier, ...]

Result = TypeVar("Result")
BIT: dict[str, int] = {technology: 1 << number for number, technology in enumerate(TECHNOLOGIES)}
_SETS = object_array(
    tuple(technology for technology in TECHNOLOGIES if mask & BIT[technology])
    for mask in range(1 << len(BIT))
)
_CHANNELS = re.compile(r"\d[\d.,]*")
_SEPARATED = re.compile(r"[\s/;|&+]+")


@dataclass(frozen=True, eq=False)
class Told:
    """What the columns of technologies say; arrays of shape (rows,), sets as sums of `BIT`.

    Attributes
    ----------
    sets
        Technologies of each row.
    counts
        Cells by technology, NaN where the list gives no number.
    carriers
        Carriers that tick columns name.
    explicit
        Rows in which some column speaks of technologies, be it to deny them.
    """

    sets: NDArray[np.int64]
    counts: dict[str, NDArray[np.float64]]
    carriers: NDArray[np.object_]
    explicit: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Radio:
    """Technologies of each row (tuples), its carriers (pairs with MHz), and its cells by technology."""

    technology: NDArray[np.object_]
    carriers: NDArray[np.object_]
    counts: dict[str, NDArray[np.float64]]


def read_radio(source: Source, default: str) -> Radio:
    """Read technologies, bands and channels of all rows; rows without a technology are reported as errors.

    Parameters
    ----------
    source
        The table.
    default
        Technology of rows about which the list says nothing; empty for none.
    """
    told = _told(source)
    band = _carriers(source, "band", told.sets)
    freq = _carriers(source, "freq_mhz", told.sets)
    sets = _implied(source, told, (band, freq, told.carriers))
    sets = _defaulted(source, sets, told, default)
    channel = _carriers(source, "channel", sets)
    named = _chosen(source, channel, freq, merged(band, told.carriers))
    technology = _SETS[sets]
    pairs, unplaced = _allotted(technology, named)
    source.mark("band-unplaced", unplaced, _any_header(source))
    _report_unusual(source, pairs)
    return Radio(technology, pairs, told.counts)


def merged(*columns: NDArray[np.object_]) -> NDArray[np.object_]:
    """Tuples of several columns joined row by row."""
    if len(columns) == 1:
        return columns[0]
    return object_array(by_pair(lambda *cells: sum(cells, ()), *(column.tolist() for column in columns)))


def by_pair(function: Callable[..., Result], *columns: Iterable[object]) -> list[Result]:
    """Apply a function to rows of columns, once for rows that are alike."""
    rows = list(zip(*columns, strict=True))
    known = {row: function(*row) for row in dict.fromkeys(rows)}
    return list(map(known.__getitem__, rows))


def _told(source: Source) -> Told:
    rows = len(source.table)
    sets, named, denied = _named(source), np.zeros(rows, np.int64), np.zeros(rows, np.int64)
    counts: dict[str, NDArray[np.float64]] = {
        technology: np.full(rows, np.nan) for technology in TECHNOLOGIES
    }
    carriers = object_array([()] * rows)
    explicit = sets > 0
    for technology in TECHNOLOGIES:
        for meaning in source.columns.of(f"has_{technology.lower()}"):
            yes, no, count, bands = _ticks(source, meaning, technology)
            named |= np.where(yes, BIT[technology], 0)
            denied |= np.where(no, BIT[technology], 0)
            counts[technology] = np.where(count > 0, count, counts[technology])
            if bands is not None:
                carriers = merged(carriers, bands)
        cells = count_column(source, f"cells_{technology.lower()}")
        named |= np.where(cells > 0, BIT[technology], 0)
        denied |= np.where(cells == 0, BIT[technology], 0)
        counts[technology] = np.where(cells > 0, cells, counts[technology])
    explicit |= (named | denied) > 0
    against = (sets > 0) & (((sets & denied) > 0) | ((named & ~sets) > 0))
    source.mark("technology-contradiction", against, source.columns.first("technology"))
    return Told(sets | named, counts, carriers, explicit)


def _named(source: Source) -> NDArray[np.int64]:
    """Sets of the column of technologies; what cannot be read is reported."""
    header = source.columns.first("technology")
    if header is None:
        return np.zeros(len(source.table), np.int64)
    column = source.distinct(header)
    read = [technologies_in(plain(value)) for value in column.values]
    source.mark("technology-unread", column.marks(not one.found for one in read), header)
    source.mark("technology-remark", column.marks(bool(one.found and one.rest) for one in read), header)
    masks = np.array([*(sum(BIT[name] for name in one.found) for one in read), 0], np.int64)
    return masks[column.codes]


def _ticks(
    source: Source, meaning: Meaning, technology: str
) -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.float64], NDArray[np.object_] | None]:
    """Ticks, denials, counts and carriers of a column for one technology."""
    column = source.distinct(meaning.header)
    ticks = [read_tick(value, technology) for value in column.values]
    bands = [read_bands(tick.bands, technology) if tick.bands else () for tick in ticks]
    unread = [tick.there is None or band is None for tick, band in zip(ticks, bands, strict=True)]
    source.mark("tick-unread", column.marks(unread), meaning.header, technology=technology)
    carriers = [_tagged(band or (), technology) for band in bands]
    return (
        column.marks(bool(tick.there) for tick in ticks),
        column.marks(tick.there is False for tick in ticks),
        np.nan_to_num(column.floats(float(tick.count) for tick in ticks)),
        column.objects(carriers, ()) if any(carriers) else None,
    )


def _tagged(carriers: Carriers, technology: str) -> Carriers:
    """Give carriers whose name implies no technology the one that their column speaks of."""
    return tuple(Carrier(one.freq_mhz, one.technology or technology) for one in carriers)


def _carriers(source: Source, field: str, sets: NDArray[np.int64]) -> NDArray[np.object_]:
    """Carriers that the columns of a field name; a column's head may name its technology."""
    read = _channel_column if field == "channel" else _band_column
    columns = [read(source, meaning, sets) for meaning in source.columns.of(field)]
    return merged(*columns) if columns else object_array([()] * len(source.table))


def _single(sets: NDArray[np.int64], technology: str) -> list[str]:
    """Technology by whose tables a row's numbers are meant: the column's, else the row's only one."""
    if technology:
        return [technology] * len(sets)
    names = [names[0] if len(names) == 1 else "" for names in _SETS]
    return [names[mask] for mask in sets.tolist()]


def _band_column(source: Source, meaning: Meaning, sets: NDArray[np.int64]) -> NDArray[np.object_]:
    column = source.distinct(meaning.header)
    texts = column.texts(plain)
    read = by_pair(partial(_read_band, meaning.technology), texts.tolist(), _single(sets, meaning.technology))
    source.mark("band-unread", np.array([one is None for one in read], np.bool_), meaning.header)
    return object_array(one or () for one in read)


def _read_band(implied: str, text: str, technology: str) -> Carriers | None:
    found = read_bands(text, technology) if text else ()
    return None if found is None else _tagged(found, implied)


def _channel_column(source: Source, meaning: Meaning, sets: NDArray[np.int64]) -> NDArray[np.object_]:
    column = source.distinct(meaning.header)
    texts = column.texts(plain)
    read = by_pair(
        partial(_read_numbering, meaning.technology), texts.tolist(), _single(sets, ""), _SETS[sets].tolist()
    )
    source.mark("channel-unread", np.array([one is None for one in read], np.bool_), meaning.header)
    uplink = np.array([bool(one and one[1]) for one in read], np.bool_)
    source.mark("channel-uplink", uplink, meaning.header)
    return object_array(one[0] if one else () for one in read)


def _read_numbering(
    headed: str, text: str, technology: str, technologies: tuple[str, ...]
) -> tuple[Carriers, bool] | None:
    """Read a cell by the numbering of its row's technology, else by the head's, else by one of the row's."""
    for numbering in dict.fromkeys(one for one in (technology, headed) if one):
        if (found := _read_channels(text, numbering)) is not None:
            return found
    found = _read_channels(text, "") if not technology else None
    of_row = found is not None and all(one.technology in technologies for one in found[0])
    return found if not headed or of_row else None


def _read_channels(text: str, technology: str) -> tuple[Carriers, bool] | None:
    """Carriers of the channel numbers of a cell, and whether one is an uplink's; None for what is none."""
    numbers = [_whole(part) for part in _SEPARATED.split(text) if part]
    channels = [channel_of(number, technology) if number is not None else None for number in numbers]
    found = tuple(Carrier(one.freq_mhz, one.technology) for one in channels if one)
    if len(found) < len(channels):
        return None
    return found, any(one.uplink for one in channels if one)


def _whole(text: str) -> int | None:
    number = parse(text, Style(",")) if _CHANNELS.fullmatch(text) and len(text) < 16 else None
    return int(number) if number is not None and number.is_integer() else None


def _implied(source: Source, told: Told, carriers: Sequence[NDArray[np.object_]]) -> NDArray[np.int64]:
    """Technologies of rows that name none: from names of bands, channels and kinds of stations."""
    silent = (told.sets == 0) & ~told.explicit
    if not silent.any():
        return told.sets
    sets = told.sets.copy()
    for column in carriers:
        masks = np.array(by_pair(_mask_of, column.tolist()), np.int64)
        sets |= np.where(silent, masks, 0)
    for meaning in source.columns.of("channel"):
        by_head = _of_channels(source, meaning)
        sets |= np.where(silent & (sets == 0), by_head, 0)
    sets |= np.where(silent & (sets == 0), _of_words(source, "site_kind"), 0)
    source.note("technology-implied", None, silent & (sets > 0))
    return sets


def _mask_of(carriers: Carriers) -> int:
    return sum({BIT[one.technology] for one in carriers if one.technology})


def _of_channels(source: Source, meaning: Meaning) -> NDArray[np.int64]:
    column = source.distinct(meaning.header)
    read = [_read_channels(plain(value), meaning.technology) for value in column.values]
    masks = [_mask_of(one[0]) if one else BIT.get(meaning.technology, 0) for one in read]
    return np.array([*masks, 0], np.int64)[column.codes]


def _of_words(source: Source, field: str) -> NDArray[np.int64]:
    header = source.columns.first(field)
    if header is None:
        return np.zeros(len(source.table), np.int64)
    column = source.distinct(header)
    found = [technologies_in(plain(value)) for value in column.values]
    masks = [sum(BIT[name] for name in one.found) if not one.rest else 0 for one in found]
    return np.array([*masks, 0], np.int64)[column.codes]


def _defaulted(source: Source, sets: NDArray[np.int64], told: Told, default: str) -> NDArray[np.int64]:
    """Give the stated technology to rows that say nothing, and refuse the others."""
    silent = (sets == 0) & ~told.explicit
    speaks = source.columns.has(
        "technology", "channel", *(f"{kind}_{n}g" for kind in ("has", "cells") for n in range(2, 6))
    )
    if default in BIT:
        source.note("technology-default", None, silent, technology=default)
        sets = np.where(silent, BIT[default], sets)
    elif not speaks and silent.any() and (titled := titled_technology(source.table))[0]:
        technology, title = titled
        source.findings.add_table("technology-titled", source.table, technology=technology, title=title)
        sets = np.where(silent, BIT[technology], sets)
    elif not speaks and not sets.any():
        source.findings.add_table("no-technology", source.table)
        return sets
    source.mark("technology-missing", sets == 0, source.columns.first("technology"))
    return sets


def _chosen(source: Source, *columns: NDArray[np.object_]) -> NDArray[np.object_]:
    """Carriers by the surest column that names any: channels, frequencies, bands; reports contradictions."""
    telling = [column for column in columns if any(map(len, set(column.tolist())))]
    if len(telling) < 2:
        return telling[0] if telling else columns[0]
    results = by_pair(_choose, *(column.tolist() for column in telling))
    against = np.array([bool(one[1]) for one in results], np.bool_)
    source.mark("band-contradiction", against, _any_header(source))
    return object_array(one[0] for one in results)


def _choose(*named: Carriers) -> tuple[Carriers, bool]:
    told = [carriers for carriers in named if carriers]
    if len(told) < 2:
        return (told[0] if told else ()), False
    names = [{nominal_mhz(one.freq_mhz) for one in carriers} for carriers in told]
    return told[0], any(not names[0] & other for other in names[1:])


def _allotted(
    technology: NDArray[np.object_], carriers: NDArray[np.object_]
) -> tuple[NDArray[np.object_], NDArray[np.bool_]]:
    results = by_pair(_allot, technology.tolist(), carriers.tolist())
    unplaced = np.array([bool(one[1]) for one in results], np.bool_)
    return object_array(one[0] for one in results), unplaced


def _allot(technology: tuple[str, ...], carriers: Carriers) -> tuple[object, object]:
    return allot(technology, carriers) if technology else ((), ())


def _report_unusual(source: Source, pairs: NDArray[np.object_]) -> None:
    """Report carriers at frequencies that their technology does not use."""
    odd = by_pair(
        lambda found: any(usual_rank(technology, freq_mhz) < 0 for technology, freq_mhz in found),
        pairs.tolist(),
    )
    source.mark("band-unusual", np.array(odd, np.bool_), _any_header(source))


def _any_header(source: Source) -> Header | None:
    names = ("channel", "freq_mhz", "band")
    return next((header for name in names if (header := source.columns.first(name))), None)
