"""The plain disc: loss 0 within a radius, infinite outside."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray


@njit(cache=True, nogil=True)
def disc_over_window(
    xs_m: NDArray[np.float64], ys_m: NDArray[np.float64], x_m: float, y_m: float, radius_m: float
) -> NDArray[np.float32]:
    """Loss at every pixel centre: 0 dB where it lies within the radius (edge included), else infinite.

    Parameters
    ----------
    xs_m, ys_m
        Pixel centres: shapes (cols,), (rows,), metres.
    x_m, y_m
        The mast, metres.
    radius_m
        Radius of the disc, metres.

    Returns
    -------
    float32, shape (rows, cols), dB.
    """
    loss_db = np.empty((ys_m.size, xs_m.size), np.float32)
    for row in range(ys_m.size):
        north2 = (ys_m[row] - y_m) ** 2
        for col in range(xs_m.size):
            inside = (xs_m[col] - x_m) ** 2 + north2 <= radius_m * radius_m
            loss_db[row, col] = 0.0 if inside else np.inf
    return loss_db
