"""The disc around a mast: loss by distance.

The kernel takes the coordinates of pixel centres, so that a pixel gets the same bits in any tiling.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray


@njit(cache=True, nogil=True)
def loss_over_window(
    xs_m: NDArray[np.float64],
    ys_m: NDArray[np.float64],
    x_m: float,
    y_m: float,
    curve_db: NDArray[np.float64],
    step_m: float,
) -> NDArray[np.float32]:
    """Loss at every pixel centre by linear interpolation in a curve sampled every ``step_m`` from 0 m.

    Parameters
    ----------
    xs_m, ys_m
        Pixel centres: shapes (cols,), (rows,), metres.
    x_m, y_m
        The mast, metres.
    curve_db
        Loss at 0, step, 2 step, ... metres, shape (n,), n >= 2.
    step_m
        Metres between two values of the curve.

    Returns
    -------
    float32, shape (rows, cols), dB; infinite beyond the last value of the curve.
    """
    loss = np.empty((ys_m.size, xs_m.size), np.float32)
    last = curve_db.size - 1
    for row in range(ys_m.size):
        north2 = (ys_m[row] - y_m) ** 2
        for col in range(xs_m.size):
            position = math.sqrt((xs_m[col] - x_m) ** 2 + north2) / step_m
            node = int(position)
            if node >= last:
                loss[row, col] = np.inf
            else:
                below, above = curve_db[node], curve_db[node + 1]
                loss[row, col] = np.inf if math.isinf(above) else below + (position - node) * (above - below)
    return loss
