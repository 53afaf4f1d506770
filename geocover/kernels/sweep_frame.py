"""Which pixel lies on which ray of the radial sweep.

Rays run from the mast to evenly spaced points of a square frame around it. A pixel belongs to the side of the
frame that it looks at, and there to the one ray that passes its centre closest, at the step at which the ray
crosses the pixel's column (on the sides left and right) or row. So each pixel is on exactly one ray, and a
ray's points are equally far apart.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Site(NamedTuple):
    """The mast on the ground array: pixel, place inside it (-0.5 to 0.5, 0 the centre), heights in metres."""

    row: int
    col: int
    off_row: float
    off_col: float
    tx_height_m: float
    rx_height_m: float


class Frame(NamedTuple):
    """Pixel size in metres, radius in pixels, and the number of rays on half a side: at least the radius."""

    resolution_m: float
    reach: float
    half: int


class Side(NamedTuple):
    """Pixels of one side by ray: ray m has those from start[m + half] to start[m + half + 1], nearest first.

    `step` is the step at which the ray crosses the pixel, `aside` the pixel's place across the side.
    """

    start: NDArray[np.int32]
    step: NDArray[np.int16]
    aside: NDArray[np.int16]


@njit(cache=True, nogil=True, error_model="numpy")
def _ray_of(k: int, j: int, off_major: float, off_minor: float, half: int, diagonal: bool) -> int:  # noqa: FBT001
    """Ray of a pixel of a side counted from 0, or -1 where the pixel belongs to another side.

    A pixel on the border goes to the side that has the diagonals; beside a mast on its pixel's corner, where
    that side begins behind it, to the other.
    """
    far, aside = k - off_major, j - off_minor
    if abs(aside) > far or (abs(aside) == far and j != 0 and not diagonal):
        return -1
    return math.floor(aside / far * half + 0.5) + half


@njit(cache=True, nogil=True, error_model="numpy")
def lay_side(frame: Frame, off_major: float, off_minor: float, diagonal: bool) -> Side:  # noqa: FBT001
    """Sort the pixels of a side by ray.

    Parameters
    ----------
    frame
        Radius and number of rays.
    off_major, off_minor
        Place of the mast in its pixel, towards the side and across it.
    diagonal
        Whether the side has the pixels on its borders (two opposite ones have).
    """
    most = int(frame.reach) + 1
    half = frame.half
    start = np.zeros(2 * half + 2, np.int32)
    for k in range(1, most + 1):
        wide = min(k + 1, most)
        for j in range(-wide, wide + 1):
            m = _ray_of(k, j, off_major, off_minor, half, diagonal)
            if m >= 0:
                start[m + 1] += 1
    for m in range(2 * half + 1):
        start[m + 1] += start[m]
    step = np.empty(start[-1], np.int16)
    aside = np.empty(start[-1], np.int16)
    free = start[:-1].copy()
    for k in range(1, most + 1):
        wide = min(k + 1, most)
        for j in range(-wide, wide + 1):
            m = _ray_of(k, j, off_major, off_minor, half, diagonal)
            if m >= 0:
                step[free[m]], aside[free[m]] = k, j
                free[m] += 1
    return Side(start, step, aside)
