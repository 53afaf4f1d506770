"""Rows with the same values, against the plain way of finding them."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from geocover.site_lists.places.grouping import clusters, combine, first_rows, numbered


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


@given(st.lists(st.tuples(*[st.integers(-40, 40)] * 3), min_size=1, max_size=60), st.integers(1, 12))
def test_points_near_each_other_share_a_cluster(points: list[tuple[int, int, int]], reach: int) -> None:
    """Catches a pair that is missed at the edge of a box, and a chain that falls apart: against scipy."""
    xyz = np.array(points, float)
    pairs = cKDTree(xyz).query_pairs(reach, output_type="ndarray")
    links = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(len(xyz), len(xyz)))
    _, expected = connected_components(links, directed=False)
    found = clusters(xyz, float(reach))
    assert numbered(found.astype(object)).tolist() == numbered(expected.astype(object)).tolist()


def test_a_long_chain_in_any_order_is_one_cluster() -> None:
    """Catches work that grows with the square of a chain: minutes here."""
    chain = np.zeros((50_000, 3))
    chain[:, 0] = 4.0 * np.random.default_rng(7).permutation(len(chain))
    assert len(set(clusters(chain, 5.0).tolist())) == 1
