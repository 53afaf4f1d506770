"""Zones of metres in Vietnam: how lists write them, and which one a list is in where it does not say.

A zone is found by the communes that the rows name: points converted from each zone that is possible in the
province either lie in the named communes or do not. A zone is taken only if it explains `LEAST_SHARE` of the
rows, and if against every other zone the rows that tell the two apart speak for it `ODDS` to one, and are
enough: `FEW` where the two zones put points farther apart than boundaries can be wrong, `MANY` where they are
so close that boundaries matter (TM-3 105°00′ and UTM 48N: 700 m; VN-2000 and WGS 84: 224 m), and then only
with surveyed boundaries. Where rows name no commune, the province takes the commune's place, and a zone is
taken only if every other one has less than `RIVAL_SHARE` of its rows in the province, and `MANY` fewer.
Otherwise it is refused.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from geocover.crs import WGS84, transformer
from geocover.site_lists.places.coordinate_text import clean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from geocover.site_lists.places.degrees import Floats, Window
    from geocover.site_lists.places.naming import Named
    from geocover.site_lists.places.reference import Reference

LEAST_SHARE = 0.6
ODDS = 4
FEW, MANY = 3, 8
RIVAL_SHARE = 0.9
FAR_APART_M = 5_000.0
SAMPLE = 2_000
REACH_DEG = 1.5  # from a province's edge to the central meridian of a zone that somebody may use there


class Zone(NamedTuple):
    """A grid of metres: how it is called, its CRS, its central meridian in degrees, its width in degrees."""

    name: str
    crs: str
    meridian: float
    width: int


def _local(minutes: int, code: int) -> Zone:
    degrees, rest = divmod(minutes, 60)
    return Zone(f"VN-2000 TM-3 {degrees}°{rest:02d}′", f"EPSG:{code}", minutes / 60, 3)


# EPSG's registry, "VN-2000 / TM-3 ..."; circular 973/2001/TT-TCĐC names the meridian of each province.
ZONES = (
    _local(6180, 9205), _local(6240, 9206), _local(6270, 9207), _local(6285, 9208), _local(6300, 5897),
    _local(6330, 9209), _local(6345, 9210), _local(6360, 9211), _local(6375, 9212), _local(6390, 9213),
    _local(6420, 9214), _local(6435, 9215), _local(6450, 9216), _local(6465, 5899), _local(6480, 5898),
    _local(6495, 9217), _local(6510, 9218),
    Zone("VN-2000 UTM 48N", "EPSG:3405", 105.0, 6), Zone("VN-2000 UTM 49N", "EPSG:3406", 111.0, 6),
    Zone("WGS 84 UTM 48N", "EPSG:32648", 105.0, 6), Zone("WGS 84 UTM 49N", "EPSG:32649", 111.0, 6),
)  # fmt: skip
_BY_CRS = {zone.crs: zone for zone in ZONES}
_EPSG = re.compile(r"(?i)(?:EPSG|SRID)\W*(\d{4,5})|^\s*(\d{4,5})\s*$")
_DATUM = re.compile(r"(?i)VN\W?-?2000|WGS\W?(?:19)?84|2000")
_SIX = re.compile(r"(?i)UTM|\b6\s*(?:°|độ|do\b|deg)|TM\W?6|múi\s*(?:chiếu\s*)?6")
_THREE = re.compile(r"(?i)\b3\s*(?:°|độ|do\b|deg)|TM\W?3|múi\s*(?:chiếu\s*)?3")
_ABOUT = re.compile(
    r"(?i)kinh\s*tuy[ếe]n|\bKTT\b|m[úu]i\s*(?:chi[ếe]u|\d)|VN\W?-?2000|\bUTM\b|WGS\W?(?:19)?84|EPSG"
)
_UTM_ZONE = re.compile(r"(?i)(?<!\d)4([89])\s*(?:N|B)?(?!\d)")
_MERIDIAN = re.compile(r"(?<!\d)(10[2-9]|11[01])(?:\s*[°.,:\s-]\s*(\d{1,2})(?!\d))?")
_MINUTES = {"": 0, "0": 0, "5": 30, "75": 45, "25": 15, "50": 30}


def written_zones(text: str) -> tuple[Zone, ...]:
    """Zones that a text can mean; none where it names none, several where it leaves the datum open.

    ``105°00'``, ``105-00``, ``104,75``, ``KTT 104 45``, ``TM-3 105-30``, ``UTM 48N``, ``EPSG:5897``. A
    meridian alone is a local zone of 3 degrees.
    """
    code = _EPSG.search(text)
    if code is not None:
        zone = _BY_CRS.get(f"EPSG:{code[1] or code[2]}")
        return (zone,) if zone else ()
    bare = _DATUM.sub(" ", text)
    number = _UTM_ZONE.search(bare)
    meridian = _MERIDIAN.search(clean(bare))
    if meridian is not None:
        found = _by_meridian(meridian, width=6 if _SIX.search(bare) else 3)
    else:
        found = [zone for zone in ZONES if number and zone.name.endswith(f"4{number[1]}N")]
    return tuple(zone for zone in found if _of_datum(zone, text))


def _by_meridian(match: re.Match[str], width: int) -> list[Zone]:
    written = match[2] or ""
    minutes = _MINUTES.get(written, int(written or 0))
    return [
        zone
        for zone in ZONES
        if zone.width == width and abs(zone.meridian - int(match[1]) - minutes / 60) < 1e-6
    ]


def _of_datum(zone: Zone, text: str) -> bool:
    if re.search(r"(?i)WGS", text):
        return zone.name.startswith("WGS") or zone.width == 3
    return not (re.search(r"2000", text) and zone.name.startswith("WGS"))


def fitting(zones: Sequence[Zone], text: str) -> tuple[Zone, ...]:
    """Those of some zones that suit what a text says of datum and width; all where none does."""
    width = 6 if _SIX.search(text) else 3 if _THREE.search(text) else 0
    found = tuple(zone for zone in zones if _of_datum(zone, text) and width in (0, zone.width))
    return found or tuple(zones)


def about_zones(text: str) -> str:
    """The part of a title that speaks of a grid, from its first such word on; empty where none does."""
    found = _ABOUT.search(text)
    return text[found.start() :] if found else ""


def zone_of(crs: str) -> Zone | None:
    """Zone of a CRS given by its EPSG code, where it is one of Vietnam's."""
    return _BY_CRS.get(crs.upper().replace(" ", ""))


def possible_zones(window: Window) -> tuple[Zone, ...]:
    """Zones that a list of a province may be in: their strips come near its window."""
    return tuple(
        zone
        for zone in ZONES
        if window.west - REACH_DEG <= zone.meridian <= window.east + REACH_DEG
        or (zone.width == 6 and zone.meridian - 3 < window.east and zone.meridian + 3 > window.west)
    )


class Choice(NamedTuple):
    """Which of several zones explains a list.

    Attributes
    ----------
    zone
        None where none does clearly.
    rivals
        Where none does: those between which it cannot be decided, the best first.
    matched, compared
        Rows that the best explains, of those that were compared.
    by_commune
        Whether rows were compared with the communes that they name, not with the province alone.
    """

    zone: Zone | None
    rivals: tuple[Zone, ...]
    matched: int
    compared: int
    by_commune: bool


class Evidence(NamedTuple):
    """What is known of some rows under each of several zones.

    ``hits`` says whether the row lies where it should, shape (zones, rows); ``x_m`` and ``y_m`` where it
    lies, in the reference's metres, of the same shape.
    """

    hits: NDArray[np.bool_]
    x_m: Floats
    y_m: Floats
    by_commune: bool


def choose(
    east: Floats, north: Floats, rows: NDArray[np.int64], named: Named, zones: Sequence[Zone]
) -> Choice:
    """Find the zone of metres by the module's rule.

    Parameters
    ----------
    east, north
        Metres, of shape (rows,).
    rows
        Their numbers in the table of `named`, ascending.
    named
        Communes that the table's rows name.
    zones
        Zones that come into question, at least one.
    """
    chosen = sample(rows, named)
    at = np.searchsorted(rows, chosen)
    evidence = gather(east[at], north[at], chosen, named, zones)
    return decide(zones, evidence, sharp=named.reference.areas.quality == "real")


def sample(rows: NDArray[np.int64], named: Named) -> NDArray[np.int64]:
    """At most `SAMPLE` rows, evenly taken, of those that name a known commune, or of all where too few do."""
    telling = rows[named.known[rows]]
    chosen = telling if len(telling) >= FEW else rows
    return chosen[:: max(1, -(-len(chosen) // SAMPLE))]


def gather(
    east: Floats, north: Floats, rows: NDArray[np.int64], named: Named, zones: Sequence[Zone]
) -> Evidence:
    """Put rows on the map under each zone, and see whether they lie where they should."""
    by_commune = bool(named.known[rows].sum() >= FEW)
    hits, xs, ys = [], [], []
    for zone in zones:
        x_m, y_m = zone_xy_m(east, north, zone, named.reference)
        communes = named.reference.containing(x_m, y_m)
        hits.append(named.agrees(communes, rows) if by_commune else communes >= 0)
        xs.append(x_m)
        ys.append(y_m)
    return Evidence(np.array(hits), np.array(xs), np.array(ys), by_commune)


def zone_xy_m(east: Floats, north: Floats, zone: Zone, reference: Reference) -> tuple[Floats, Floats]:
    """Metres of a zone in the reference's own metres."""
    lon, lat = transformer(zone.crs, WGS84).transform(east, north)
    return reference.xy_m(lon, lat)


def decide(zones: Sequence[Zone], evidence: Evidence, *, sharp: bool) -> Choice:
    """Apply the module's rule to the evidence; `sharp` says that the boundaries are surveyed ones."""
    totals = evidence.hits.sum(axis=1)
    best = int(np.argmax(totals))
    compared = evidence.hits.shape[1]
    others = [other for other in range(len(zones)) if other != best]
    rivals = [other for other in others if not _beats(evidence, best, other, sharp=sharp)]
    clear = not rivals and totals[best] >= LEAST_SHARE * compared
    shown = [other for other in sorted(rivals, key=lambda other: -int(totals[other])) if totals[other] > 0]
    left = () if clear else (zones[best], *(zones[other] for other in shown))
    return Choice(zones[best] if clear else None, left, int(totals[best]), compared, evidence.by_commune)


def _beats(evidence: Evidence, best: int, other: int, *, sharp: bool) -> bool:
    """Whether the rows that tell two zones apart speak clearly enough for the first."""
    own, rival = evidence.hits[best], evidence.hits[other]
    if not evidence.by_commune:
        return bool(own.sum() - rival.sum() >= MANY and rival.sum() < RIVAL_SHARE * own.sum())
    only_own, only_rival = int((own & ~rival).sum()), int((rival & ~own).sum())
    far = _apart_m(evidence, best, other) > FAR_APART_M
    if not (far or sharp):
        return False
    return only_own >= (FEW if far else MANY) and only_own >= ODDS * only_rival


def _apart_m(evidence: Evidence, one: int, other: int) -> float:
    """How far apart two zones put a row, in metres (median)."""
    x_m, y_m = evidence.x_m, evidence.y_m
    return float(np.median(np.hypot(x_m[one] - x_m[other], y_m[one] - y_m[other])))
