"""Heights, azimuths, tilts and powers as lists write them."""

from __future__ import annotations

import math

import pytest

from geocover.site_lists.values.power import read_powers
from geocover.site_lists.values.quantities import read_azimuths, read_quantities
from tests.site_lists.hand_tables import column


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("0/120/240", (0, 120, 240)),
        ("0;120;240", (0, 120, 240)),
        ("0,120,240", (0, 120, 240)),
        ("10,120,240", (10, 120, 240)),
        ("0-120-240", (0, 120, 240)),
        ("0 120 240", (0, 120, 240)),
        ("A:0, B:120, C:240", (0, 120, 240)),
        ("S1=10;S2=130", (10, 130)),
        ("30°", (30,)),
        ("30 độ", (30,)),
        ("45,5", (45.5,)),
        ("360", (0,)),
        (360, (0,)),
        ("0\n120\n240", (0, 120, 240)),
    ],
)
def test_azimuths_are_read_sector_by_sector(text: str, found: tuple[float, ...]) -> None:
    """Catches a list of sectors read as one number, or 360 kept beside 0."""
    assert read_azimuths(column(text)).values == [found]


@pytest.mark.parametrize("text", ["omni", "Omni", "Vô hướng", "0-360", "omni-directional"])
def test_an_antenna_without_direction_has_none(text: str) -> None:
    """Catches an omnidirectional antenna that points north."""
    (found,) = read_azimuths(column(text)).values
    assert len(found) == 1
    assert math.isnan(found[0])


@pytest.mark.parametrize("text", ["N45E", "abc", "0/x/240", "//", "1/" * 50])
def test_azimuths_that_cannot_be_read_are_told(text: str) -> None:
    """Catches two sectors kept of three."""
    found = read_azimuths(column(text))
    assert found.unread.all()
    assert found.values == [()]


@pytest.mark.parametrize("value", [400, -10, "0/120/999"])
def test_impossible_azimuths_are_told(value: object) -> None:
    """Catches 999 wrapped to 279."""
    found = read_azimuths(column(value))  # type: ignore[arg-type]
    assert found.outside.all()
    assert found.values == [()]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("35m", 35),
        ("35 m", 35),
        ("≈35", 35),
        (35, 35),
        ("30+5", 35),
        ("35,5", 35.5),
        ("100ft", 30.48),
        ("１２", 12),
    ],
)
def test_heights_are_read_however_written(text: str, found: float) -> None:
    """Catches a unit, sum or mark that changes a height."""
    assert read_quantities(column(text), "m", 1, 500).values == [(pytest.approx(found),)]


@pytest.mark.parametrize("value", [0, "0", 999, "-5"])
def test_impossible_heights_are_unknown(value: object) -> None:
    """Catches an antenna on the ground or above every tower."""
    found = read_quantities(column(value), "m", 1, 500)  # type: ignore[arg-type]
    assert found.outside.all()
    assert found.values == [()]


def test_a_range_or_another_unit_is_unread() -> None:
    """Catches 35-40 read as 35, and 40 W as 40 m."""
    found = read_quantities(column("35-40", "40W"), "m", 1, 500)
    assert found.unread.tolist() == [True, True]


def test_sums_are_told() -> None:
    """Catches 30+5 added up in silence."""
    assert read_quantities(column("30+5", "35"), "m", 1, 500).summed.tolist() == [True, False]


@pytest.mark.parametrize(
    ("text", "dbm"),
    [("46dBm", 46), ("40W", 46.0206), ("2x40W", 49.0309), ("2x46dBm", 49.0103), ("16 dBW", 46)],
)
def test_powers_have_their_unit(text: str, dbm: float) -> None:
    """Catches watts taken for dBm and transmitters not added up."""
    powers = read_powers(column(text))
    assert powers.quantities.values == [(pytest.approx(dbm, abs=1e-3),)]
    assert powers.assumed == ""


def test_the_head_or_the_column_gives_the_unit() -> None:
    """Catches 40 W read as 40 dBm (10 W), and a guess that is not told."""
    assert read_powers(column(40), "w").quantities.values == [(pytest.approx(46.02, abs=0.01),)]
    assert read_powers(column(40), "dbm").quantities.values == [(40.0,)]
    assert read_powers(column(20, 40)).assumed == "w"
    assert read_powers(column(43, 46)).assumed == "dbm"
    assert read_powers(column(200, 46)).assumed == "w"


def test_no_power_is_no_power() -> None:
    """Catches the logarithm of zero watts."""
    found = read_powers(column("0W", "−5 W")).quantities
    assert found.outside.all()
