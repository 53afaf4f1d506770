"""The disc around a mast: loss by distance, and the best server of every pixel.

All kernels take the coordinates of pixel centres, so that a pixel gets the same bits in any tiling.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from geocover.kernels.antenna import pattern_gain_db

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


@njit(cache=True, nogil=True)
def keep_best_server(
    level_dbm: NDArray[np.float32],
    server: NDArray[np.int32],
    loss_db: NDArray[np.float32],
    xs_m: NDArray[np.float64],
    ys_m: NDArray[np.float64],
    mast: tuple[float, float, float, float],
    sector: tuple[float, float, float, float, float],
    number: int,
    floor_dbm: float,
) -> None:
    """Enter one sector into the best level and the serving cell, in place.

    A level equal to the one that stands does not replace it, so cells entered in ascending order give the
    lowest number at a tie.

    Parameters
    ----------
    level_dbm, server
        Best level so far (NaN for none) and its cell (-1 for none); shape (rows, cols).
    loss_db
        Basic transmission loss of the mast, shape (rows, cols).
    xs_m, ys_m
        Pixel centres: shapes (cols,), (rows,), metres.
    mast
        x and y in metres, height of the antenna above the receiver in metres, and the distance in metres
        beyond which it counts for nothing.
    sector
        EIRP per resource element in dBm; azimuth in degrees clockwise from north (NaN for omni); downtilt in
        degrees below the horizon; horizontal and vertical half-power beamwidths in degrees.
    number
        The cell's number.
    floor_dbm
        Levels below it count as none.
    """
    x_m, y_m, above_m, reach_m = mast
    eirp_dbm, azimuth_deg, downtilt_deg, beamwidth_h_deg, beamwidth_v_deg = sector
    omni = math.isnan(azimuth_deg)
    for row in range(ys_m.size):
        north_m = ys_m[row] - y_m
        for col in range(xs_m.size):
            peak_dbm = eirp_dbm - loss_db[row, col]
            best_dbm = level_dbm[row, col]
            if peak_dbm < floor_dbm or peak_dbm <= best_dbm:
                continue
            east_m = xs_m[col] - x_m
            distance_m = math.sqrt(east_m * east_m + north_m * north_m)
            if distance_m > reach_m:
                continue
            below_deg = math.degrees(math.atan2(above_m, distance_m))
            off_deg = 0.0 if omni else math.degrees(math.atan2(east_m, north_m)) - azimuth_deg
            width_deg = 0.0 if omni else beamwidth_h_deg
            found_dbm = np.float32(
                peak_dbm + pattern_gain_db(off_deg, below_deg - downtilt_deg, width_deg, beamwidth_v_deg)
            )
            if found_dbm >= floor_dbm and not found_dbm <= best_dbm:
                level_dbm[row, col] = found_dbm
                server[row, col] = number
