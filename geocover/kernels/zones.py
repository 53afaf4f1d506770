"""Sums over the zones of a label raster, in one pass."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Columns of `sum_covered`.
TOTAL, KNOWN, COVERED, LOW, HIGH, EXPECTED = range(6)

# Distribution function of the standard normal distribution at -6 … 6 in steps of 1/32. Between them it is
# taken as straight: wrong by at most h²/8 · max|φ'| = 3e-5.
_REACH, _STEPS = 6.0, 32
_NORMAL = np.array(
    [0.5 * math.erfc(-k / _STEPS / math.sqrt(2.0)) for k in range(-6 * _STEPS, 6 * _STEPS + 1)]
)


@njit(cache=True, nogil=True)
def location_share(level_dbm: float, threshold_dbm: float, sigma_db: float) -> float:
    """Share of locations at which a threshold is met around a median level, normal in dB.

    Parameters
    ----------
    level_dbm
        Median level; NaN for none gives 0.
    threshold_dbm
        Level that is asked for.
    sigma_db
        Standard deviation over locations; 0 gives a step.

    Returns
    -------
    Between 0 and 1, wrong by at most 3e-5.
    """
    above_db = level_dbm - threshold_dbm
    if not above_db > -_REACH * sigma_db:
        return 1.0 if sigma_db == 0.0 and above_db >= 0.0 else 0.0
    if above_db >= _REACH * sigma_db:
        return 1.0
    place = (above_db / sigma_db + _REACH) * _STEPS
    below = min(int(place), _NORMAL.size - 2)
    rest: float = place - below
    share: float = _NORMAL[below] * (1.0 - rest) + _NORMAL[below + 1] * rest
    return share


@njit(cache=True, nogil=True)
def sum_covered(
    labels: NDArray[np.int32],
    level_dbm: NDArray[np.float32],
    possible_dbm: NDArray[np.float32],
    weights: NDArray[np.floating],
    needed_dbm: tuple[float, float, float],
    location: tuple[float, float],
    count: int,
) -> NDArray[np.float64]:
    """Sums of the weights of each zone's pixels: all, known, covered, and covered at the ends of an interval.

    A pixel is open where its level is too low and what might reach it is not; it is known elsewhere.

    Parameters
    ----------
    labels
        Zone of each pixel, -1 for none; shape (rows, cols).
    level_dbm
        Level of each pixel, NaN for none; the same shape.
    possible_dbm
        Level that might reach the pixel besides, NaN for none; the same shape (or a broadcast NaN).
    weights
        Weight of each pixel, not negative, NaN for none; the same shape (a broadcast 1 counts pixels).
    needed_dbm
        Level that counts as covered; that of the low end (not lower) and of the high end (not higher).
    location
        Threshold and standard deviation of `location_share`.
    count
        Number of zones.

    Returns
    -------
    float64, shape (zones, 6): `TOTAL`; `KNOWN`; `COVERED`; `LOW`, covered at the low end, open pixels not;
    `HIGH`, covered at the high end or open; `EXPECTED`, known weights times their share of locations.
    """
    needed, needed_low, needed_high = needed_dbm
    threshold_dbm, sigma_db = location
    sums = np.zeros((count, 6))
    for row in range(labels.shape[0]):
        for col in range(labels.shape[1]):
            zone = labels[row, col]
            if zone < 0:
                continue
            weight, level = np.float64(weights[row, col]), level_dbm[row, col]
            if math.isnan(weight):
                continue
            sums[zone, TOTAL] += weight
            covered = level >= needed
            if not covered and possible_dbm[row, col] >= needed:
                sums[zone, HIGH] += weight
                continue
            sums[zone, KNOWN] += weight
            sums[zone, EXPECTED] += weight * location_share(level, threshold_dbm, sigma_db)
            if covered:
                sums[zone, COVERED] += weight
            if level >= needed_low:
                sums[zone, LOW] += weight
            if level >= needed_high:
                sums[zone, HIGH] += weight
    return sums
