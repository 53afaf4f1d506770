"""Longitude, latitude and metres by size and by window, on numbers alone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geocover.site_lists.places import degrees, metres
from geocover.site_lists.places.coordinates import Readings, read_coordinates
from geocover.site_lists.places.degrees import Window, restore_point
from geocover.site_lists.values.distinct import object_array

PHU_THO = Window(104.2, 19.8, 106.4, 22.2)


def readings(*values: object) -> Readings:
    return read_coordinates(object_array(values))


def one(first: object, second: object, window: Window = PHU_THO) -> tuple[float, float, bool, bool, bool]:
    found = degrees.arrange(readings(first), readings(second), window)
    return (
        float(found.lon[0]), float(found.lat[0]), bool(found.exchanged[0]), bool(found.unsigned[0]),
        bool(found.restored[0]),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("first", "second", "flags"),
    [
        (105.3, 21.2, (False, False, False)),
        (21.2, 105.3, (True, False, False)),
        (-105.3, 21.2, (False, True, False)),
        (-21.2, 105.3, (True, True, False)),
        ("105.300.000", "21.200.000", (False, False, True)),
        (1053, 212, (False, False, True)),
        (105.3, 2120000.0, (False, False, True)),
        ("21.200.000", "105.300.000", (True, False, True)),
        ("21.2N", "105.3E", (True, False, False)),
    ],
)
def test_what_is_put_right_in_a_window(first: object, second: object, flags: tuple[bool, ...]) -> None:
    """Catches a swap, a lost sign or a lost point that is not seen, or seen as another."""
    lon, lat, *found = one(first, second)
    assert (lon, lat) == (pytest.approx(105.3), pytest.approx(21.2))
    assert tuple(found) == flags


@pytest.mark.parametrize(
    ("first", "second"),
    [(-78.62, -1.236), (112.77, 33.81), (106.7, 10.78), (10.0, 50.0), (180.0, 90.0), (-180.0, -90.0)],
)
@pytest.mark.parametrize("window", [Window(), PHU_THO])
def test_other_places_stay_as_they_are(first: float, second: float, window: Window) -> None:
    """Catches Vietnam assumed of a list from elsewhere, with a reference or without one."""
    assert one(first, second, window) == (first, second, False, False, False)


def test_without_a_window_only_what_is_certain_is_exchanged() -> None:
    """Catches a latitude beyond 90° that is kept, and a repair without a reason."""
    assert one(21.2, 105.3, Window())[:3] == (105.3, 21.2, True)
    assert np.isnan(one("105.300.000", "21.200.000", Window())[0])
    assert one(-105.3, 21.2, Window())[:2] == (-105.3, 21.2)


@pytest.mark.parametrize(
    ("first", "second"), [(405.1, 121.5), (105.3, 91.0), (200.0, 21.2), ("105.3E", "106.3")]
)
def test_what_is_nowhere_is_no_position(first: object, second: object) -> None:
    """Catches an impossible pair that is bent into the province."""
    assert np.isnan(one(first, second)[0])


def test_hemispheres_go_before_the_window() -> None:
    """Catches a swap by size where the letters say otherwise."""
    assert one("21.2E", "15.3N")[:3] == (21.2, 15.3, False)


def test_undecided_is_only_what_can_be_both() -> None:
    """Catches a pair from elsewhere of which either number may be the latitude, and nobody is told."""
    found = degrees.arrange(readings(-1.2, 105.3, 45.0), readings(-78.6, 21.2, 45.0), Window())
    assert found.undecided.tolist() == [True, False, False]


@given(st.floats(104.3, 106.3), st.integers(0, 9))
def test_a_lost_point_comes_back(value: float, places: int) -> None:
    """Catches a number whose point is put back at another place."""
    shifted = np.array([value * 10.0**places])
    assert restore_point(shifted, 104.2, 106.4)[0] == pytest.approx(value)


@pytest.mark.parametrize(
    ("first", "second", "exchanged"),
    [
        (568123.4, 2350123.5, False),
        (2350123.5, 568123.4, True),
        ("568.123,4", "2.350.123,5", False),
        ("2,350,123.5", "568,123.4", True),
    ],
)
def test_east_and_north_by_size(first: object, second: object, exchanged: bool) -> None:
    """Catches X and Y that are taken for east and north where X is north."""
    found = metres.arrange(readings(first), readings(second), PHU_THO)
    assert (found.east[0], found.north[0], found.exchanged[0]) == (568123.4, 2350123.5, exchanged)


def test_thousands_marks_are_not_decimals_in_metres() -> None:
    """Catches 568.123 kept as 568 m and a bit."""
    found = metres.arrange(readings("568.123"), readings("2.350.123"), Window())
    assert (found.east[0], found.north[0]) == (568123, 2350123)


@pytest.mark.parametrize(
    ("first", "second", "window"),
    [
        (105.3, 21.2, PHU_THO),
        (568123.0, 568124.0, PHU_THO),
        (2350123.0, 2350124.0, PHU_THO),
        (568123.0, 1200000.0, PHU_THO),
        (100.0, 2350123.0, PHU_THO),
        ("10534808", "2122924", PHU_THO),
    ],
)
def test_what_is_not_metres(first: object, second: object, window: Window) -> None:
    """Catches degrees without their point, or metres of southern Vietnam, as metres of the province."""
    assert np.isnan(metres.arrange(readings(first), readings(second), window).east[0])
