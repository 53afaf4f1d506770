"""Coordinates as people write them: every spelling comes back, and nothing crashes."""

from __future__ import annotations

import datetime as dt
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geocover.site_lists.places.coordinate_pairs import LONGEST_ADDRESS, read_pair, read_pairs
from geocover.site_lists.places.coordinates import LONGEST, read_coordinate, read_coordinates
from geocover.site_lists.values.distinct import object_array

DMS = 105 + 20 / 60 + 52.9 / 3600
MINUTES = 105 + 20.5 / 60
WHOLE = 105 + 20 / 60 + 52 / 3600


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("105.34808", 105.34808),
        ("105,34808", 105.34808),
        ("-78.619995", -78.619995),
        ("−78,62", -78.62),
        ("１０５．３４", 105.34),
        ("105.34808°", 105.34808),
        ("105\u00a0", 105.0),
        ("105°20'52.9\"", DMS),
        ("105°20′52.9″", DMS),
        ("105°20’52,9”", DMS),
        ("105º20'52.9''", DMS),
        ("105˚ 20´ 52.9´´", DMS),
        ("105⁰20'52.9\"", DMS),
        ("105o20'52.9\"", DMS),
        ("105d20m52.9s", DMS),
        ("105 20 52.9", DMS),
        ("105-20-52,9", DMS),
        ("105:20:52.9", DMS),
        ("105.20.52,9", DMS),
        ("105°20'52\".9", DMS),
        ("105 độ 20 phút 52,9 giây", DMS),
        ("105 do 20 phut 52.9 giay", DMS),
        ("105 deg 20 min 52.9 sec", DMS),
        ("105o20'52''", WHOLE),
        ("105°20.5'", MINUTES),
        ("105 20,5", MINUTES),
        ("105°20'30", MINUTES),
        ("105°", 105.0),
        ("568123", 568123.0),
        ("568 123", 568123.0),
        ("568 123,45 m", 568123.45),
        ("2.350.123,45", 2350123.45),
        ("2,350,123.45", 2350123.45),
        ("2.350.123", 2350123.0),
        ("105.348.080", 105348080.0),
        ("105,348,08", 10534808.0),
    ],
)
def test_spellings_without_axis(text: str, value: float) -> None:
    """Catches a spelling of real lists that is refused, or read as something else."""
    reading = read_coordinate(text)
    assert reading.fault == ""
    assert reading.axis == ""
    assert reading.value == pytest.approx(value, abs=1e-9)


@pytest.mark.parametrize(
    ("text", "axis", "value"),
    [
        ("105°20'52.9\"Đ", "lon", DMS),
        ("105°20'52.9\"đ", "lon", DMS),
        ("105°20'52.9\"D", "lon", DMS),
        ("E105°20'52.9\"", "lon", DMS),
        ("105 20 52.9 E", "lon", DMS),
        ("105°20'52.9\" Đông", "lon", DMS),
        ("Kinh độ: 105,34808", "lon", 105.34808),
        ("Kinh độ 105 độ 20 phút 52,9 giây Đông", "lon", DMS),
        ("Long = 105.34808", "lon", 105.34808),
        ("78.62 W", "lon", -78.62),
        ("78,62° Tây", "lon", -78.62),
        ("21° 13′ 07″ B", "lat", 21 + 13 / 60 + 7 / 3600),
        ("21d13m07sN", "lat", 21 + 13 / 60 + 7 / 3600),
        ("21d13m07sS", "lat", -(21 + 13 / 60 + 7 / 3600)),
        ("21°13'07\"Bắc", "lat", 21 + 13 / 60 + 7 / 3600),
        ("B 21,3", "lat", 21.3),
        ("1,2360368 S", "lat", -1.2360368),
        ("1,2360368 Nam", "lat", -1.2360368),
        ("Vĩ độ: 21.3 N", "lat", 21.3),
        ("Lat. 21.3", "lat", 21.3),
    ],
)
def test_spellings_with_axis(text: str, axis: str, value: float) -> None:
    """Catches a hemisphere in Vietnamese or English that is missed or taken for the other one."""
    reading = read_coordinate(text)
    assert (reading.fault, reading.axis) == ("", axis)
    assert reading.value == pytest.approx(value, abs=1e-9)


@pytest.mark.parametrize(
    "text",
    [
        "abc", "105,34,8", "1.2.3.4.5", "-105 E", "E 105 N", "1e5", "105 34808", "10°20'30\"40",
        "105.3°20'", "°", "N", "--5", "105 E 5", "9" * (LONGEST + 1),
    ],
)  # fmt: skip
def test_what_is_no_coordinate_is_refused(text: str) -> None:
    """Catches a number made up from a text that holds none, or two that contradict each other."""
    reading = read_coordinate(text)
    assert reading.fault == "coordinate-unreadable"
    assert math.isnan(reading.value)


@pytest.mark.parametrize("text", ["105°60'00\"", "105°72'10\"Đ", "105 20 60", "105°61.5'"])
def test_minutes_and_seconds_end_at_60(text: str) -> None:
    """Catches decimal digits in the place of minutes, which would move a site by kilometres."""
    assert read_coordinate(text).fault == "coordinate-minutes"


@pytest.mark.parametrize("value", [None, ""])
def test_nothing_is_missing(value: str | None) -> None:
    """Catches an empty cell that is called unreadable."""
    assert read_coordinate(value).fault == "coordinate-missing"


@pytest.mark.parametrize(
    "value", [True, dt.date(2025, 1, 1), dt.datetime(2025, 1, 1, tzinfo=dt.UTC), math.inf, 10**400]
)
def test_other_cells_are_refused(value: object) -> None:
    """Catches a crash, or a date or truth that becomes a coordinate."""
    assert read_coordinate(value).fault == "coordinate-unreadable"  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("value", "degrees"),
    [
        (dt.timedelta(hours=105, minutes=20, seconds=52.9), DMS),
        (dt.datetime(1900, 1, 4, 9, 20, 52, 900000), DMS),  # noqa: DTZ001 - cells have no zone
        (dt.time(21, 13, 7), 21 + 13 / 60 + 7 / 3600),
    ],
)
def test_a_time_of_a_spreadsheet_is_an_angle(value: dt.time, degrees: float) -> None:
    """Catches 105:20:52 lost because the spreadsheet made a time of it (as calamine gives it)."""
    reading = read_coordinate(value)
    assert reading.timed
    assert reading.value == pytest.approx(degrees, abs=1e-9)


def test_a_mark_of_thousands_is_kept_as_a_possibility() -> None:
    """Catches 568.123 read as 568 and a bit, with no way back to metres."""
    assert read_coordinate("568.123").whole == 568123.0
    assert math.isnan(read_coordinate("105.3480").whole)
    assert math.isnan(read_coordinate("0.123").whole)


SPELLINGS = (
    (lambda d, m, s: f"{d}°{m:02d}'{s:04.1f}\"", 0.05 / 3600),
    (lambda d, m, s: f"{d} {m} {s:.1f}".replace(".", ","), 0.05 / 3600),
    (lambda d, m, s: f"{d}d{m}m{s:.1f}s", 0.05 / 3600),
    (lambda d, m, s: f"{d}:{m:02d}:{s:07.4f}", 0.5e-4 / 3600),
    (lambda d, m, s: f"{d}-{m}-{s:.2f}", 0.005 / 3600),
    (lambda d, m, s: f"{d}.{m:02d}.{s:04.1f}", 0.05 / 3600),
    (lambda d, m, s: f"{d} độ {m} phút {s:.1f} giây ", 0.05 / 3600),
    (lambda d, m, s: f"{d}°{m + s / 60:.4f}'", 0.5e-4 / 60),
    (lambda d, m, s: f"{d + m / 60 + s / 3600:.5f}", 0.5e-5),
    (lambda d, m, s: f"{d + m / 60 + s / 3600:.7f}°".replace(".", ","), 0.5e-7),
)


@given(
    st.integers(0, 179), st.integers(0, 59), st.floats(0, 59.9), st.integers(0, len(SPELLINGS) - 1),
    st.sampled_from(["", "E", "W", "Đ", " Tây", "N", "Bắc", "S", "Nam"]),
)  # fmt: skip
def test_every_spelling_comes_back(
    degrees: int, minutes: int, seconds: float, spelling: int, hemisphere: str
) -> None:
    """Catches any position that a spelling does not give back within its own precision."""
    write, precision = SPELLINGS[spelling]
    reading = read_coordinate(write(degrees, minutes, seconds) + hemisphere)
    sign = -1 if hemisphere.strip() in ("W", "S", "Tây", "Nam") else 1
    assert reading.fault in ("", "coordinate-minutes")
    if reading.fault:
        assert seconds > 59.4  # 59.96 is written 60.0
    else:
        assert sign * reading.value == pytest.approx(
            degrees + minutes / 60 + seconds / 3600, abs=precision + 1e-9
        )


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    """Catches a crash, and a reading that is neither a number nor a fault."""
    for reading in (read_coordinate(text), *read_pair(text)):
        assert math.isfinite(reading.value) == (reading.fault == "")


@given(st.text(alphabet="0123456789.,°'\" -:;/()NESWĐBTđoOdDmMsS'", max_size=30))
def test_any_text_of_its_own_signs_is_read_or_refused(text: str) -> None:
    """The same with texts that look like coordinates."""
    for reading in (read_coordinate(text), *read_pair(text)):
        assert math.isfinite(reading.value) == (reading.fault == "")


LON, LAT = 105.34808, 21.22924


@pytest.mark.parametrize(
    "text",
    [
        "105,34808/21,22924", "105.34808, 21.22924", "(105.34808; 21.22924)", "[105.34808 21.22924]",
        "105,34808 21,22924", "105,34808, 21,22924", "105,34808,21,22924", "105.34808,21.22924",
        "105.34808 - 21.22924", "105,34808-21,22924", "105.34808|21.22924", "105.34808\n21.22924",
        "105.34808 , 21.22924", "105.34808\t21.22924",
    ],
)  # fmt: skip
def test_pairs_of_decimals(text: str) -> None:
    """Catches a pair that is cut at a decimal comma."""
    first, second = read_pair(text)
    assert (first.value, second.value) == (LON, LAT)
    assert (first.axis, second.axis) == ("", "")


@pytest.mark.parametrize(
    ("text", "axes"),
    [
        ("POINT(105.34808 21.22924)", ("lon", "lat")),
        ("SRID=4326;POINT Z (105.34808 21.22924 12)", ("lon", "lat")),
        ("https://www.google.com/maps/@21.22924,105.34808,17z", ("lat", "lon")),
        ("https://www.google.com/maps/place/a/@1,2,17z/data=!3m1!3d21.22924!4d105.34808", ("lat", "lon")),
        ("https://maps.google.com/?q=21.22924,105.34808", ("lat", "lon")),
        ("https://www.google.com/maps/search/21.22924,+105.34808?entry=tts", ("lat", "lon")),
        ("geo:21.22924,105.34808", ("lat", "lon")),
        ("21.22924°N, 105.34808°E", ("lat", "lon")),
        ("105,34808Đ; 21,22924B", ("lon", "lat")),
        ("Lat: 21.22924 Long: 105.34808", ("lat", "lon")),
        ("Kinh độ: 105,34808; Vĩ độ: 21,22924", ("lon", "lat")),
    ],
)
def test_pairs_that_say_which_is_which(text: str, axes: tuple[str, str]) -> None:
    """Catches a pair whose order is known and is guessed."""
    pair = read_pair(text)
    assert tuple(reading.axis for reading in pair) == axes
    assert {reading.axis: reading.value for reading in pair} == {"lon": LON, "lat": LAT}


@pytest.mark.parametrize(
    "text",
    [
        "21°13'07\"N 105°20'52\"E", "21°13'07\"B, 105°20'52\"Đ", "N21°13'07\" E105°20'52\"",
        "21°13'07\" 105°20'52\"",
        "21 13 07 105 20 52", "21d13m07s N; 105d20m52s E",
        "21 độ 13 phút 7 giây Bắc, 105 độ 20 phút 52 giây Đông",
    ],
)  # fmt: skip
def test_pairs_of_degrees_minutes_seconds(text: str) -> None:
    """Catches a pair that is cut between minutes and seconds."""
    first, second = read_pair(text)
    assert first.value == pytest.approx(21 + 13 / 60 + 7 / 3600)
    assert second.value == pytest.approx(WHOLE)


@pytest.mark.parametrize("text", ["X=2350123; Y=568123", "2.350.123 / 568.123", "2350123 568123"])
def test_pairs_of_metres(text: str) -> None:
    """Catches metres in one cell, with thousands marks or labels."""
    first, second = read_pair(text)
    assert first.value == 2350123
    assert 568123 in (second.value, second.whole)


@pytest.mark.parametrize(
    "value",
    [
        "105,34808", "105,21", "105.3", "Việt Trì", "http://10.0.0.1/a", "1;2;3", 105.3, True,
        "https://x/" + "1" * LONGEST_ADDRESS,
    ],
)  # fmt: skip
def test_half_a_pair_is_refused(value: object) -> None:
    """Catches one number that is cut at its decimal comma into two."""
    assert {reading.fault for reading in read_pair(value)} == {"coordinate-unreadable"}  # type: ignore[arg-type]


def test_columns_are_read_as_their_cells() -> None:
    """Catches a column in which a value is spread to another row, or the short way for numbers differs."""
    numbers = object_array([105.3, math.nan, 1e300, -78.5])
    mixed = object_array([105.3, None, "abc", "105,3", 105.3, "#N/A"])
    assert read_coordinates(numbers).fault.tolist() == ["", "coordinate-missing", "coordinate-unreadable", ""]
    read = read_coordinates(mixed)
    assert read.fault.tolist() == [
        "",
        "coordinate-missing",
        "coordinate-unreadable",
        "",
        "",
        "coordinate-missing",
    ]
    np.testing.assert_array_equal(read.value, [105.3, np.nan, np.nan, 105.3, 105.3, np.nan])
    first, second = read_pairs(object_array(["1.5;2.5", None, "3.5;4.5"]))
    np.testing.assert_array_equal(first.value, [1.5, np.nan, 3.5])
    np.testing.assert_array_equal(second.value, [2.5, np.nan, 4.5])


@pytest.mark.parametrize("text", ["1O5.34", "1O5,34", "2O.5", "1o5.34808"])
def test_a_letter_typed_for_a_zero_is_no_sign_of_degrees(text: str) -> None:
    """Catches 105.34 with a letter O read as 1 degree and 5.34 minutes, a place 14,000 km away."""
    assert read_coordinate(text).fault == "coordinate-unreadable"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("105o20'52''", 105 + 20 / 60 + 52 / 3600),
        ("8o30'36''", 8 + 30 / 60 + 36 / 3600),
        ("105o20", 105 + 20 / 60),
        ("21.3o", 21.3),
        ("'105.236", 105.236),
        ("’21,5", 21.5),
        ("105°17''23.8'", 105 + 17 / 60 + 23.8 / 3600),
        ("105°17''23.8'Đ", 105 + 17 / 60 + 23.8 / 3600),
    ],
)
def test_signs_of_degrees_that_still_hold(text: str, value: float) -> None:
    """Catches a spelling of degrees lost, a typed apostrophe, and exchanged signs that order tells."""
    assert read_coordinate(text).value == pytest.approx(value, abs=1e-9)


def test_points_alone_are_told() -> None:
    """Catches 105.3.4 read as degrees, minutes and seconds without a word."""
    assert read_coordinate("105.3.4").dotted
    assert not read_coordinate("105 3 4").dotted
