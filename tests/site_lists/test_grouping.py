"""Rows with the same values, against the plain way of finding them."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from geocover.site_lists.places.grouping import combine, first_rows, numbered


@given(st.lists(st.tuples(st.integers(-1, 3), st.integers(-1, 3), st.integers(0, 2))))
def test_rows_of_equal_values_share_a_number(rows: list[tuple[int, int, int]]) -> None:
    """Catches two combinations with one number, one with two, or a first row that is not the first."""
    columns = np.array(rows, np.int64).reshape(-1, 3).T
    key = combine(columns, len(rows))
    order = list(dict.fromkeys(rows))
    assert key.tolist() == [order.index(row) for row in rows]
    assert first_rows(key).tolist() == [rows.index(row) for row in rows]


def test_what_is_missing_has_no_number() -> None:
    """Catches missing values that count as equal to something."""
    assert numbered(np.array([2.5, np.nan, 1.0, 2.5])).tolist() == [0, -1, 1, 0]
