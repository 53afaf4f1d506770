"""Sums over the zones of a label raster, in one pass."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray


@njit(cache=True, nogil=True)
def sum_reached(
    labels: NDArray[np.int32],
    level_dbm: NDArray[np.float32],
    weights: NDArray[np.float64],
    needed_dbm: NDArray[np.float64],
    count: int,
) -> NDArray[np.float64]:
    """Sum of the weights of each zone's pixels at or above each of several levels.

    Parameters
    ----------
    labels
        Zone of each pixel, -1 for none; shape (rows, cols).
    level_dbm
        Level of each pixel, NaN for none; the same shape.
    weights
        Weight of each pixel; the same shape (a broadcast 1 counts pixels).
    needed_dbm
        Levels, shape (k,).
    count
        Number of zones.

    Returns
    -------
    float64, shape (zones, k).
    """
    sums = np.zeros((count, needed_dbm.size))
    for row in range(labels.shape[0]):
        for col in range(labels.shape[1]):
            zone = labels[row, col]
            if zone < 0:
                continue
            level = level_dbm[row, col]
            for k in range(needed_dbm.size):
                if level >= needed_dbm[k]:
                    sums[zone, k] += weights[row, col]
    return sums
