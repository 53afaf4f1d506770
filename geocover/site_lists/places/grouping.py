"""Rows of the same values, and points near each other: what is fast for 100,000 rows of many columns."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Rows = NDArray[np.int64]

# From a box to itself and to half of the boxes around it; from those the other half is seen.
STEPS = [step for step in product((-1, 0, 1), repeat=3) if step >= (0, 0, 0)]


def combine(columns: Iterable[NDArray[np.int64]], rows: int) -> Rows:
    """Number of the combination of values that each row has, counted in the order of their first rows.

    Parameters
    ----------
    columns
        Small whole numbers, -1 or more, each of shape (rows,).
    rows
        Number of rows.
    """
    key = np.zeros(rows, np.int64)
    for column in columns:
        width = int(column.max(initial=0)) + 2
        key = pd.factorize(key * width + column + 1)[0].astype(np.int64)
    return key


def numbered(values: NDArray[np.float64] | NDArray[np.object_]) -> Rows:
    """Number of each row's value, in the order of their first rows; -1 for none."""
    return pd.factorize(values)[0].astype(np.int64)


def first_rows(key: Rows) -> Rows:
    """First row that has the key of each row; keys from 0, shape (rows,)."""
    first = np.zeros(int(key.max(initial=-1)) + 1, np.int64)
    every = np.arange(len(key))
    first[key[::-1]] = every[::-1]
    return first[key]


def clusters(points: Floats, reach: float) -> Rows:
    """Number of each point's cluster: points within `reach` of each other are of one, chains of them too.

    By sorting and not by scipy's trees and graphs, which take longer to import than most lists to check.

    Parameters
    ----------
    points
        Shape (points, 3); those in boxes of the size of `reach` that touch are compared one by one.
    reach
        Distance, in the unit of the points.
    """
    one, two = _near(points, reach)
    cluster = np.arange(len(points))
    while (apart := cluster[one] != cluster[two]).any():
        one, two = one[apart], two[apart]
        # The later cluster's own first point joins the earlier one, and then all that joined it.
        later, earlier = np.maximum(cluster[one], cluster[two]), np.minimum(cluster[one], cluster[two])
        np.minimum.at(cluster, later, earlier)
        while (cluster[cluster] != cluster).any():
            cluster = cluster[cluster]
    return cluster


def _near(points: Floats, reach: float) -> tuple[Rows, Rows]:
    """Pairs of points within reach: points in boxes of that size that touch are compared."""
    box = np.floor(points / reach).astype(np.int64)
    box -= box.min(axis=0) - 1
    _, rows, layers = box.max(axis=0) + 2
    scale = np.array([rows * layers, layers, 1])
    number = box @ scale
    order = np.argsort(number, kind="stable")
    pairs = [
        _within(points, reach, order, (number[order], number + step @ scale)) for step in np.array(STEPS)
    ]
    one, two = np.concatenate(pairs, axis=1)
    return one, two


def _within(points: Floats, reach: float, order: Rows, boxes: tuple[Rows, Rows]) -> Rows:
    """Pairs within reach of each point and the points of one other box, shape (2, pairs)."""
    ordered, other = boxes
    start = np.searchsorted(ordered, other, "left")
    count = np.searchsorted(ordered, other, "right") - start
    one = np.repeat(np.arange(len(points)), count)
    nth = np.arange(len(one)) - np.repeat(np.cumsum(count) - count, count)
    two = order[np.repeat(start, count) + nth]
    near = ((points[one] - points[two]) ** 2).sum(axis=1) <= reach**2
    return np.stack([one[near], two[near]])
