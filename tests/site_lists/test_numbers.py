"""Numbers as they are written."""

from __future__ import annotations

import math

import numpy as np
import pytest

from geocover.site_lists.values.distinct import distinct, object_array
from geocover.site_lists.values.numbers import read_numbers, to_numbers
from tests.site_lists.hand_tables import column


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1.234,5", 1234.5),
        ("1,234.5", 1234.5),
        ("1 234,5", 1234.5),
        ("1\u00a0234,5", 1234.5),
        ("1.234.567", 1_234_567),
        ("1'234.5", 1234.5),
        ("35,25", 35.25),
        ("35 m", 35),
        ("35m", 35),
        ("≈ 35", 35),
        ("１２，５", 12.5),
        ("−5", -5),
        ("1,8E3", 1800),
        ("+7", 7),
        ("105.123456", 105.123456),
        (7, 7),
        (7.5, 7.5),
    ],
)
def test_one_number_is_read_as_it_is_meant(text: str, number: float) -> None:
    """Catches a mark, digit, minus, blank or unit that is read as something else."""
    values, unread = to_numbers(object_array([text]))
    assert values.tolist() == [number]
    assert not unread.any()


@pytest.mark.parametrize(
    "text", ["35-40", "abc", "1.2.3", "1,23,4", "12 34", "5 m x 2", "TRUE", "1..2", "e5", "2/3"]
)
def test_what_is_no_number_is_told(text: str) -> None:
    """Catches a text that is silently read as some number."""
    values, unread = to_numbers(object_array([text]))
    assert np.isnan(values).all()
    assert unread.all()


@pytest.mark.parametrize(
    "nothing", [None, "", "-", "#N/A", "null", " ", "N/A", float("nan"), "–", "Không rõ"]
)
def test_nothing_is_neither_a_number_nor_unread(nothing: object) -> None:
    """Catches an empty cell that is reported as an unreadable one."""
    values, unread = to_numbers(object_array([nothing, 1.0]))
    assert np.isnan(values[0])
    assert not unread.any()


def test_the_column_decides_between_thousands_and_decimals() -> None:
    """Catches 2.025 read by itself: its neighbour says that the comma is the decimal mark."""
    assert to_numbers(object_array(["2.025", "35,5"]))[0].tolist() == [2025, 35.5]
    assert to_numbers(object_array(["2.025", "35.5"]))[0].tolist() == [2.025, 35.5]


def test_the_range_decides_where_the_column_does_not() -> None:
    """Catches a longitude of 105348 and a height of 1.8 MHz."""
    lon = read_numbers(column("105.348", "105,349"), 102.0, 118.0)
    assert not lon.ambiguous.any()
    freq = read_numbers(column("1.800", "2.100"), 400.0, 6000.0)
    assert freq.values.tolist() == [1800, 2100]


def test_what_neither_decides_is_ambiguous_and_a_decimal() -> None:
    """Catches a guess that nobody is told of."""
    found = read_numbers(column("2.025", "7"))
    assert found.values.tolist() == [2.025, 7]
    assert found.ambiguous.tolist() == [True, False]


def test_a_truth_is_no_number() -> None:
    """Catches True counted as 1, in a column that holds 1 as well."""
    values, unread = to_numbers(object_array([1, True, 1.0]))
    assert values[0] == 1
    assert math.isnan(values[1])
    assert unread.tolist() == [False, True, False]


def test_numbers_stored_as_text_are_told_from_numbers() -> None:
    """Catches a spreadsheet's text column that is repaired without a word."""
    assert read_numbers(column("5", 6)).as_text.tolist() == [True, False]


def test_huge_numbers_are_no_numbers() -> None:
    """Catches an overflow on integers and texts beyond floats."""
    values, unread = to_numbers(object_array([10**400, "1e999", math.inf, "9" * 500]))
    assert np.isnan(values).all()
    assert unread.all()


def test_distinct_values_keep_their_rows() -> None:
    """Catches a value spread to the rows of another one when empty cells stand between."""
    found = distinct(object_array(["-", "a", None, "b", "a"]))
    assert found.codes.tolist() == [-1, 0, -1, 1, 0]
    assert found.values == ("a", "b")
