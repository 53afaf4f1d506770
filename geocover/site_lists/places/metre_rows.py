"""Rows whose coordinates are metres: east told from north, the zone found or checked, and placed."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from geocover.crs import WGS84, known_crs, transformer
from geocover.site_lists.places import metres
from geocover.site_lists.places.degrees import possible
from geocover.site_lists.places.zones import (
    FAR_APART_M,
    Zone,
    about_zones,
    choose,
    fitting,
    possible_zones,
    written_zones,
    zone_of,
    zone_xy_m,
)
from geocover.site_lists.values.distinct import distinct, plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from geocover.site_lists.places.degrees import Floats, Mask
    from geocover.site_lists.places.metres import Metres
    from geocover.site_lists.places.naming import Named
    from geocover.site_lists.places.placing import Placing
    from geocover.site_lists.places.position_columns import Source

MOSTLY = 0.5  # of the table's rows: what refuses them refuses the list


class _Part(NamedTuple):
    """Rows of a table that share what is said of their zone; `east` and `north` have their shape."""

    placing: Placing
    source: Source
    rows: NDArray[np.int64]
    east: Floats
    north: Floats

    def only(self, chosen: Mask) -> _Part:
        return self._replace(rows=self.rows[chosen], east=self.east[chosen], north=self.north[chosen])

    def report(self, code: str, chosen: Mask, **details: object) -> None:
        mask = np.zeros(len(self.placing.table), np.bool_)
        mask[self.rows[chosen]] = True
        self.placing.report(code, self.source, mask, **details)

    def report_list(self, code: str, **details: str | int) -> None:
        self.placing.report_list(code, self.source.headers[0], **details)


class _Said(NamedTuple):
    """What is said of a zone: those that it can be, whether anybody stated it, and in what head or title."""

    zones: tuple[Zone, ...]
    stated: bool
    text: str = ""
    in_head: bool = False


def place_metres(placing: Placing, source: Source, rows: Mask) -> Mask:
    """Place the rows whose numbers are metres, in the zone that the caller, the list or its communes tell.

    Returns
    -------
    NDArray[np.bool_]
        Rows that are metres, placed or refused; shape (rows,).
    """
    found = _arranged(placing, source)
    mask = rows & np.isfinite(found.east)
    _report_columns(placing, source, mask, found.exchanged & mask)
    for said, at in _by_zone(placing, source, np.flatnonzero(mask)):
        part = _Part(placing, source, at, found.east[at], found.north[at])
        zone = _decided(part, said)
        if zone is not None:
            _put(part.only(~_strayed(part, zone)), zone)
    return mask


def _arranged(placing: Placing, source: Source) -> Metres:
    """East and north by size; as headed where the caller states a grid in which sizes say nothing."""
    found = metres.arrange(source.first, source.second, placing.window)
    if not _grid(placing.crs):
        return found
    headed = metres.as_headed(source.first, source.second)
    by_size = np.isfinite(found.east)
    return metres.Metres(
        np.where(by_size, found.east, headed.east),
        np.where(by_size, found.north, headed.north),
        found.exchanged & by_size,
    )


def _report_columns(placing: Placing, source: Source, mask: Mask, exchanged: Mask) -> None:
    """Say where the columns' heads promise something else than they hold."""
    first, second = source.headers
    if source.field == "lon" and mask.any():
        placing.report_list("metres-in-degree-columns", first, count=int(mask.sum()))
    if source.field == "x_m" and exchanged.any():
        placing.report_list("metres-exchanged", first, count=int(exchanged.sum()), other=second.shown)


def _grid(crs: str) -> bool:
    """Whether a CRS is stated that has metres."""
    return bool(crs) and bool(known_crs(crs, "crs").is_projected)


def _by_zone(
    placing: Placing, source: Source, rows: NDArray[np.int64]
) -> Iterator[tuple[_Said, NDArray[np.int64]]]:
    """What is said of zones, and the rows of which it is said."""
    header = placing.columns.first("zone")
    if _grid(placing.crs):
        stated = zone_of(placing.crs) or Zone(placing.crs, placing.crs, np.nan, 0)
        groups = [(_Said((stated,), stated=True), rows)]
    elif header is None:
        groups = [(_headed(placing, source), rows)]
    else:
        groups = _written(placing, source, header.position, rows)
    for said, part in groups:
        if part.size:
            yield said, part


def _written(
    placing: Placing, source: Source, position: int, rows: NDArray[np.int64]
) -> list[tuple[_Said, NDArray[np.int64]]]:
    """Rows by what stands in the column of zones."""
    column = distinct(placing.table.values[position])
    groups = []
    for number in np.unique(column.codes[rows]).tolist():
        part = rows[column.codes[rows] == number]
        zones = written_zones(plain(column.values[number])) if number >= 0 else ()
        if number >= 0 and not zones:
            placing.findings.add_rows("zone-unread", placing.table, part, placing.table.headers[position])
        groups.append((_Said(zones, stated=True) if zones else _headed(placing, source), part))
    return groups


def _headed(placing: Placing, source: Source) -> _Said:
    """What the heads say of the zone, or else the titles above them."""
    texts = [about_zones(text) for text in (source.headers[0].text, *placing.table.titles)]
    for number, text in enumerate(texts):
        if zones := written_zones(text):
            return _Said(zones, True, text, in_head=number == 0)
    zones = possible_zones(placing.window) if placing.reference is not None else ()
    return _Said(fitting(zones, " ".join(texts)), stated=False)


def _decided(part: _Part, said: _Said) -> Zone | None:
    """Zone of some rows; None where they are refused."""
    named = part.placing.named
    if said.stated and len(said.zones) == 1:
        _tell_read(part, said)
        if named is not None:
            _check_stated(part, named, said.zones[0])
        return said.zones[0]
    if named is None or not said.zones:
        _refuse(part, said.zones)
        return None
    choice = choose(part.east, part.north, part.rows, named, said.zones)
    if choice.zone is None:
        _refuse(part, choice.rivals)
        return None
    part.report_list(
        "zone-found" if choice.by_commune else "zone-found-by-province",
        zone=choice.zone.name,
        crs=choice.zone.crs,
        matched=choice.matched,
        compared=choice.compared,
    )
    return choice.zone


def _tell_read(part: _Part, said: _Said) -> None:
    """Say which zone was read in a head or a title."""
    if said.text:
        where_vi, where = ("tiêu đề cột", "head") if said.in_head else ("dòng phía trên bảng", "row above")
        told = {"where": where, "where_vi": where_vi, "text": said.text}
        part.report_list("zone-read", zone=said.zones[0].name, crs=said.zones[0].crs, **told)


def _refuse(part: _Part, rivals: Sequence[Zone]) -> None:
    """Refuse rows of an unknown zone: the list where they are most of it."""
    listed = ", ".join(f"{zone.name} ({zone.crs})" for zone in rivals[:4]) or "?"
    if len(part.rows) >= MOSTLY * len(part.placing.table):
        part.report_list("zone-unknown", zones=listed)
    else:
        part.report("row-zone-unknown", np.ones(len(part.rows), np.bool_), zones=listed)


def _check_stated(part: _Part, named: Named, zone: Zone) -> None:
    """Warn where the communes that rows name speak for another zone than the stated one."""
    others = [each for each in possible_zones(part.placing.window) if each != zone]
    choice = choose(part.east, part.north, part.rows, named, (zone, *others))
    if choice.zone is not None and choice.zone != zone and choice.by_commune:
        part.report_list(
            "zone-contradicted",
            zone=zone.name,
            other=choice.zone.name,
            matched=choice.matched,
            compared=choice.compared,
        )


def _strayed(part: _Part, zone: Zone) -> Mask:
    """Rows that are far from the commune they name, and in it in another zone; reported; shape (rows,).

    Not where most rows are: then it is the stated zone that is wrong, which has been said.
    """
    stray = np.zeros(len(part.rows), np.bool_)
    named = part.placing.named
    if named is None:
        return stray
    lost = _lost(part, named, zone)
    if not lost.any() or lost.sum() > MOSTLY * len(part.rows):
        return stray
    others = [z for z in possible_zones(part.placing.window) if abs(z.meridian - zone.meridian) > 0.1]
    fits = np.array([_at_home(part.only(lost), named, each) for each in others])
    stray[lost] = fits.any(axis=0)
    told = [others[int(number)].name for number in fits.argmax(axis=0)[fits.any(axis=0)]]
    part.report("row-in-other-zone", stray, zone=zone.name, other=told)
    return stray


def _at_home(part: _Part, named: Named, zone: Zone) -> Mask:
    """Whether rows lie in a commune that they name, under a zone; shape (rows,)."""
    x_m, y_m = zone_xy_m(part.east, part.north, zone, named.reference)
    return named.agrees(named.reference.containing(x_m, y_m), part.rows)


def _lost(part: _Part, named: Named, zone: Zone) -> Mask:
    """Whether rows name a commune and lie more than `FAR_APART_M` from it, under a zone; shape (rows,)."""
    away = ~_at_home(part, named, zone) & named.known[part.rows]
    far = part.only(away)
    x_m, y_m = zone_xy_m(far.east, far.north, zone, named.reference)
    away[away] = named.distance_m(x_m, y_m, far.rows) > FAR_APART_M
    return away


def _put(part: _Part, zone: Zone) -> None:
    lon, lat = transformer(zone.crs, WGS84).transform(part.east, part.north)
    sound = np.isfinite(lon) & np.isfinite(lat) & possible(lon, lat)
    part.report("coordinates-outside-world", ~sound)
    part.placing.put(part.rows[sound], lon[sound], lat[sound], zone.crs)
