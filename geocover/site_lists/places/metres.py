"""Two columns of numbers to east and north in metres: which is which, and thousands marks."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from geocover.site_lists.places.coordinates import Readings
    from geocover.site_lists.places.degrees import Floats, Mask, Window

# Vietnam in zones of 3 and 6 degrees with a false easting of 500 km: latitudes 8° to 23.5°.
EAST_M = (200_000.0, 800_000.0)
NORTH_M = (880_000.0, 2_620_000.0)
METRES_A_DEGREE = 110_600.0  # of latitude, within 0.3 % between the equator and 25°
SLACK_DEG = 1.0
SMALLEST_M = 1_000.0  # a number above it is no degree


class Metres(NamedTuple):
    """What `arrange` made of rows; each of shape (rows,).

    Attributes
    ----------
    east, north
        Metres; NaN where the two numbers are no metres.
    exchanged
        Rows in which the first number is the northing.
    """

    east: Floats
    north: Floats
    exchanged: Mask


def arrange(first: Readings, second: Readings, window: Window) -> Metres:
    """Tell east from north by size, as they are told apart anywhere in Vietnam.

    Vietnamese lists call the northing X and the easting Y, others the other way round, and columns headed
    as longitude and latitude hold metres too. Where the window is somewhere, the northing must be one of its
    latitudes within a degree: digits of degrees without their point are no metres then.
    """
    low, high = northings(window)
    east_first, north_second = _one_of(first, *EAST_M), _one_of(second, low, high)
    north_first, east_second = _one_of(first, low, high), _one_of(second, *EAST_M)
    straight = np.isfinite(east_first) & np.isfinite(north_second)
    exchanged = np.isfinite(north_first) & np.isfinite(east_second) & ~straight
    east = np.where(straight, east_first, np.where(exchanged, east_second, np.nan))
    north = np.where(straight, north_second, np.where(exchanged, north_first, np.nan))
    return Metres(east, north, exchanged)


def as_headed(first: Readings, second: Readings) -> Metres:
    """Take the first number as east and the second as north, of whatever size above a kilometre."""
    large = (np.abs(first.value) > SMALLEST_M) & (np.abs(second.value) > SMALLEST_M)
    east, north = (np.where(large, each.value, np.nan) for each in (first, second))
    return Metres(east, north, np.zeros(len(large), np.bool_))


def northings(window: Window) -> tuple[float, float]:
    """Lowest and highest northing that can be a site of the window."""
    if window.anywhere:
        return NORTH_M
    low = METRES_A_DEGREE * (window.south - SLACK_DEG)
    high = METRES_A_DEGREE * (window.north + SLACK_DEG)
    return max(low, NORTH_M[0]), min(high, NORTH_M[1])


def _one_of(number: Readings, low: float, high: float) -> Floats:
    """Give the number, or its digits without their mark, whichever lies between two limits."""
    both = (number.whole, number.value)
    whole, value = (np.where((each >= low) & (each <= high), each, np.nan) for each in both)
    return np.where(np.isfinite(value), value, whole)
