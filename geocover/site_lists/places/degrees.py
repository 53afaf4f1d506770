"""Two columns of numbers to longitude and latitude: which is which, lost points, lost signs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geocover.site_lists.places.coordinates import Readings

    Floats = NDArray[np.float64]
    Mask = NDArray[np.bool_]

POINT_PLACES = 13  # how far to the left a lost point is looked for


@dataclass(frozen=True)
class Window:
    """Where sites are expected, in degrees; without edges (the default) anywhere in the world."""

    west: float = -180.0
    south: float = -90.0
    east: float = 180.0
    north: float = 90.0

    @property
    def anywhere(self) -> bool:
        """Whether nothing is expected, so that nothing can be put right by it."""
        return self == Window()

    def holds(self, lon: Floats, lat: Floats) -> Mask:
        """Whether positions lie inside."""
        return (lon >= self.west) & (lon <= self.east) & (lat >= self.south) & (lat <= self.north)


@dataclass(frozen=True, eq=False)
class Degrees:
    """What `arrange` made of rows; each array has shape (rows,).

    Attributes
    ----------
    lon, lat
        Degrees; NaN where the two numbers are no position on Earth.
    exchanged
        Rows in which the first number is the latitude.
    unsigned
        Rows of which a sign was taken away or added.
    restored
        Rows whose decimal point was lost and has been put back.
    undecided
        Rows in which either number may be the latitude.
    """

    lon: Floats
    lat: Floats
    exchanged: Mask
    unsigned: Mask
    restored: Mask
    undecided: Mask


def arrange(first: Readings, second: Readings, window: Window) -> Degrees:
    """Decide which number is the longitude and put right what can be put right without doubt.

    Hemispheres and labels decide; else the order in which exactly one lies in the window (or, where neither
    does, is possible on Earth). A sign or a decimal point is put back only if the position is in the window
    then and was not before: with no window, nothing of that kind is touched.
    """
    a, b = first.value, second.value
    told = (first.axis == "lat") | (second.axis == "lon")
    forced = told | (first.axis == "lon") | (second.axis == "lat")
    straight, across = _fits(a, b, window), _fits(b, a, window)
    exchanged = np.where(forced, told, ~straight & across)
    lon, lat = np.where(exchanged, b, a), np.where(exchanged, a, b)
    found = Degrees(lon, lat, exchanged, _none(a), _none(a), undecided=straight & across & ~forced & (a != b))
    return _repaired(found, forced, window)


def possible(lon: Floats, lat: Floats) -> Mask:
    """Whether two numbers are a longitude and a latitude."""
    return Window().holds(lon, lat)


def restore_point(value: Floats, low: float, high: float) -> Floats:
    """Give numbers that lost their point back where it brings them between two limits.

    Returns
    -------
    Floats
        The number itself where it lies between the limits; NaN where no place of the point does.
    """
    found = np.where((value >= low) & (value <= high), value, np.nan)
    for places in range(1, POINT_PLACES):
        shifted = value / 10.0**places
        found = np.where(np.isnan(found) & (shifted >= low) & (shifted <= high), shifted, found)
    return found


def _fits(lon: Floats, lat: Floats, window: Window) -> Mask:
    """Whether an order is a good one: in the window, or possible where neither order is in the window."""
    if window.anywhere:
        return possible(lon, lat)
    inside = window.holds(lon, lat)
    return inside | (possible(lon, lat) & ~inside & ~window.holds(lat, lon))


def _repaired(found: Degrees, forced: Mask, window: Window) -> Degrees:
    """Put back signs and decimal points, each in the order found and, where that fails, the other one."""
    if window.anywhere:
        return _only_possible(found)
    for repair, name in ((_with_signs, "unsigned"), (_with_points, "restored")):
        for exchange in (False, True):
            found = _tried(found, repair(found, window, exchange=exchange), name, forced & exchange, window)
    return _only_possible(found)


def _tried(found: Degrees, tried: Degrees, name: str, barred: Mask, window: Window) -> Degrees:
    good = window.holds(tried.lon, tried.lat) & ~window.holds(found.lon, found.lat) & ~barred
    flags = {each: getattr(found, each) for each in ("unsigned", "restored")}
    flags[name] = flags[name] | good
    return Degrees(
        np.where(good, tried.lon, found.lon),
        np.where(good, tried.lat, found.lat),
        np.where(good, tried.exchanged, found.exchanged),
        undecided=found.undecided & ~good,
        **flags,
    )


def _with_signs(found: Degrees, window: Window, *, exchange: bool) -> Degrees:
    lon, lat = (found.lat, found.lon) if exchange else (found.lon, found.lat)
    lon = np.copysign(lon, window.west + window.east)
    lat = np.copysign(lat, window.south + window.north)
    return _as(found, lon, lat, exchange=exchange)


def _with_points(found: Degrees, window: Window, *, exchange: bool) -> Degrees:
    """Put points back in numbers that are no degrees; rows that are degrees as they stand are left."""
    lon, lat = (found.lat, found.lon) if exchange else (found.lon, found.lat)
    far = np.maximum(np.abs(found.lon), np.abs(found.lat)) > 180.0
    moved_lon = np.where(far, restore_point(lon, window.west, window.east), np.nan)
    moved_lat = np.where(far, restore_point(lat, window.south, window.north), np.nan)
    return _as(found, moved_lon, moved_lat, exchange=exchange)


def _as(found: Degrees, lon: Floats, lat: Floats, *, exchange: bool) -> Degrees:
    exchanged = found.exchanged ^ exchange
    return Degrees(lon, lat, exchanged, found.unsigned, found.restored, found.undecided)


def _only_possible(found: Degrees) -> Degrees:
    good = possible(found.lon, found.lat)
    lon, lat = np.where(good, found.lon, np.nan), np.where(good, found.lat, np.nan)
    return Degrees(lon, lat, found.exchanged, found.unsigned, found.restored, found.undecided)


def _none(like: Floats) -> Mask:
    return np.zeros(len(like), np.bool_)
