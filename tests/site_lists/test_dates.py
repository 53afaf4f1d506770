"""Dates as lists write them."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from geocover.site_lists.values.dates import read_dates
from tests.site_lists.hand_tables import column


@pytest.mark.parametrize(
    ("value", "day"),
    [
        ("31/12/2025", "2025-12-31"),
        ("05-03-25", "2025-03-05"),
        ("5.3.2025", "2025-03-05"),
        ("5/3/2025 08:00", "2025-03-05"),
        ("2025-12-31", "2025-12-31"),
        ("2025-12-31T10:00:00", "2025-12-31"),
        ("20250131", "2025-01-31"),
        (45657, "2024-12-31"),
        (45657.75, "2024-12-31"),
        ("45657", "2024-12-31"),
        (dt.datetime.fromisoformat("2025-01-02T03:00"), "2025-01-02"),
        (dt.date(2025, 1, 2), "2025-01-02"),
        ("ngày 5 tháng 3 năm 2025", "2025-03-05"),
        ("05-Mar-2025", "2025-03-05"),
        ("March 5, 2025", "2025-03-05"),
        ("1/1/99", "1999-01-01"),
    ],
)
def test_days_are_read_however_written(value: object, day: str) -> None:
    """Catches a spelling that shifts a station by months or years."""
    found = read_dates(column(value))  # type: ignore[arg-type]
    assert found.values.astype("datetime64[D]").astype(str).tolist() == [day]
    assert not found.coarse.any()


@pytest.mark.parametrize(
    ("value", "day"),
    [
        ("Q4/2025", "2025-12-31"),
        ("Quý IV/2025", "2025-12-31"),
        ("Quý 1 năm 2025", "2025-03-31"),
        ("12/2025", "2025-12-31"),
        ("T2/2024", "2024-02-29"),
        ("Tháng 2 năm 2025", "2025-02-28"),
        ("Feb-25", "2025-02-28"),
        ("2025", "2025-12-31"),
        (2025, "2025-12-31"),
    ],
)
def test_months_quarters_and_years_end_on_their_last_day(value: object, day: str) -> None:
    """Catches a station that counts before the period is over, and a guess that is not told."""
    found = read_dates(column(value))  # type: ignore[arg-type]
    assert found.values.astype("datetime64[D]").astype(str).tolist() == [day]
    assert found.coarse.all()


@pytest.mark.parametrize(
    "value",
    ["xx", "32/13/2025", "2024-02-30", "13/2025", "Quý 5/2025", -3, 12.5, dt.time(1), "0/0/2025", "99999"],
)
def test_what_is_no_date_is_unread(value: object) -> None:
    """Catches a day that does not exist moved to one that does."""
    found = read_dates(column(value))  # type: ignore[arg-type]
    assert found.unread.all()
    assert np.isnat(found.values).all()


@pytest.mark.parametrize("value", ["1/1/1980", "1900", dt.date(2200, 1, 1)])
def test_impossible_dates_are_told(value: object) -> None:
    """Catches Excel's zero date taken for a station of 1900."""
    found = read_dates(column(value))  # type: ignore[arg-type]
    assert found.impossible.all()
    assert np.isnat(found.values).all()


def test_one_value_proves_the_order_of_its_column() -> None:
    """Catches 1/2/2025 read as 1 February in a column that has 12/31/2025."""
    assert (
        read_dates(column("1/2/2025", "12/31/2025")).values.astype("datetime64[D]").astype(str)[0]
        == "2025-01-02"
    )
    assert (
        read_dates(column("1/2/2025", "31/12/2025")).values.astype("datetime64[D]").astype(str)[0]
        == "2025-02-01"
    )
    assert read_dates(column("1/2/2025")).order == "none"


def test_a_column_of_both_orders_tells_which_days_are_doubtful() -> None:
    """Catches mixed orders that are settled in silence."""
    found = read_dates(column("1/2/2025", "12/31/2025", "31/12/2025", "3/3/2025"))
    assert found.order == "both"
    assert found.doubtful.tolist() == [True, False, False, False]
