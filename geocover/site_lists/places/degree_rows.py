"""Rows whose coordinates are degrees: put in order, put right, and placed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from geocover.crs import WGS84, is_vn2000, known_crs, transformer
from geocover.site_lists.places.degrees import arrange, possible

if TYPE_CHECKING:
    from geocover.site_lists.places.degrees import Degrees, Mask
    from geocover.site_lists.places.placing import Placing
    from geocover.site_lists.places.position_columns import Source

VN2000 = "EPSG:4756"
MOST = 0.9  # of the rows: the columns are exchanged, not rows


def place_degrees(placing: Placing, source: Source, rows: Mask) -> Mask:
    """Place the rows whose numbers are degrees, and report what had to be put right.

    Returns
    -------
    NDArray[np.bool_]
        Rows that are placed; shape (rows,).
    """
    found = arrange(source.first, source.second, placing.window)
    zero: Mask = rows & (source.first.value == 0) & (source.second.value == 0)
    placing.report("coordinates-zero", source, zero)
    good: Mask = rows & ~zero & np.isfinite(found.lon)
    if not good.any():
        return zero
    found = _in_order(placing, source, found, good) if source.single else found
    if not source.single:
        _report_exchanged(placing, source, found.exchanged & good, good)
    placing.report("coordinate-sign", source, found.unsigned & good)
    placing.report("coordinate-point-restored", source, found.restored & good)
    crs = _system(placing, source)
    at = np.flatnonzero(good)
    lon, lat = found.lon[at], found.lat[at]
    if crs != WGS84:
        lon, lat = transformer(crs, WGS84).transform(lon, lat)
    placing.put(at, lon, lat, crs)
    return np.logical_or(good, zero)


def _in_order(placing: Placing, source: Source, found: Degrees, good: Mask) -> Degrees:
    """Order the pairs in which either number may be the latitude as the head says, or as the others are."""
    open_rows = found.undecided & good
    if not open_rows.any():
        return found
    headed = source.longitude_first
    decided = good & ~open_rows
    lat_first = not headed if headed is not None else _mostly_lat_first(found, decided)
    if headed is None and not decided.any():
        placing.report_list("pair-order-assumed", source.headers[0], count=int(open_rows.sum()))
    turn = open_rows & (found.exchanged != lat_first) & possible(found.lat, found.lon)
    return replace(
        found,
        lon=np.where(turn, found.lat, found.lon),
        lat=np.where(turn, found.lon, found.lat),
        exchanged=found.exchanged ^ turn,
    )


def _mostly_lat_first(found: Degrees, decided: Mask) -> bool:
    return not decided.any() or float(found.exchanged[decided].mean()) >= 0.5


def _report_exchanged(placing: Placing, source: Source, exchanged: Mask, good: Mask) -> None:
    count = int(exchanged.sum())
    if count >= MOST * int(good.sum()):
        placing.report_list("columns-swapped", source.headers[0], count=count, other=source.headers[1].shown)
    else:
        placing.report("coordinates-swapped", source, exchanged)


def _system(placing: Placing, source: Source) -> str:
    """CRS of the degrees: as the caller or the head says, or else WGS 84, and that is said."""
    stated = known_crs(placing.crs, "crs") if placing.crs else None
    if stated is not None and stated.is_geographic:
        return VN2000 if is_vn2000(stated) else placing.crs
    if source.says_vn2000:
        placing.report_list("degrees-vn2000", source.headers[0])
        return VN2000
    if not source.says_wgs84:
        placing.report_list("wgs84-assumed", source.headers[0])
    return WGS84
