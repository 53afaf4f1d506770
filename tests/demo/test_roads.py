"""Corridors connect the commune centres as roads do."""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from geocover.demo.roads import STEP_M, corridors, neighbours


def _points(count: int) -> np.ndarray:
    return np.random.Generator(np.random.PCG64(4)).uniform(0.0, 90_000.0, (count, 2))


def test_square_gets_its_sides_and_not_its_diagonals() -> None:
    """Catches a graph that takes every pair, or one that drops sides of equal length."""
    square = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]])
    assert neighbours(square).tolist() == [[0, 1], [0, 3], [1, 2], [2, 3]]


def test_every_centre_can_be_reached() -> None:
    """Catches an island: a commune without any road."""
    points = _points(60)
    edges = neighbours(points)
    joined = coo_array((np.ones(len(edges)), edges.T), shape=(60, 60))
    assert connected_components(joined, directed=False)[0] == 1
    assert len(edges) < 2 * len(points)


def test_no_third_point_is_nearer_to_both_ends() -> None:
    """Catches a wrong neighbourhood: against the definition, pair by pair."""
    points = _points(25)
    apart = np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1))
    expected = [
        [i, j]
        for i in range(25)
        for j in range(i + 1, 25)
        if not any(max(apart[i, k], apart[j, k]) < apart[i, j] for k in range(25) if k not in (i, j))
    ]
    assert neighbours(points).tolist() == expected


def test_lines_run_from_centre_to_centre_in_short_steps() -> None:
    """Catches a meander that misses its ends, runs astray or leaves holes."""
    points = _points(20)
    lines = corridors(points, np.random.Generator(np.random.PCG64(1)))
    for line, (start, end) in zip(lines, neighbours(points), strict=True):
        np.testing.assert_allclose(line[[0, -1]], points[[start, end]], atol=1e-6)
        assert np.hypot(*np.diff(line, axis=0).T).max() < 2.0 * STEP_M
        straight_m = np.hypot(*(points[end] - points[start]))
        assert straight_m < np.hypot(*np.diff(line, axis=0).T).sum() < 1.5 * straight_m
