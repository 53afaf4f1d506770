"""Rec. ITU-R P.1812-8 from a mast to single places on a terrain: one exact profile each."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from geocover.kernels.p1812 import Link, Locations, path_loss
from geocover.kernels.p1812_profile import INLAND, Climate, Profile
from geocover.kernels.sweep_ray import UNKNOWN_M

if TYPE_CHECKING:
    from numpy.typing import NDArray


@njit(cache=True, nogil=True)
def bilinear(raster: NDArray[np.float32], row: float, col: float) -> float:
    """Value between the centres of four pixels, (0, 0) that of the first; the raster is at least 2 x 2."""
    top = max(0, min(math.floor(row), raster.shape[0] - 2))
    left = max(0, min(math.floor(col), raster.shape[1] - 2))
    down, right = row - top, col - left
    upper = raster[top, left] * (1.0 - right) + raster[top, left + 1] * right
    under = raster[top + 1, left] * (1.0 - right) + raster[top + 1, left + 1] * right
    return float(upper * (1.0 - down) + under * down)


@njit(cache=True, nogil=True)
def profile_to(
    ground_m: NDArray[np.float32],
    clutter_m: NDArray[np.float32],
    mast: tuple[float, float],
    place: tuple[float, float],
    resolution_m: float,
) -> Profile:
    """Straight profile between two places in pixels (row, column), points at most a pixel apart, inland."""
    down, right = place[0] - mast[0], place[1] - mast[1]
    steps = max(1, math.ceil(max(abs(down), abs(right))))
    length_km = max(math.hypot(down, right) * resolution_m, 1.0) / 1000.0
    h_m, cover_m = np.empty(steps + 1), np.zeros(steps + 1)
    for i in range(steps + 1):
        row, col = mast[0] + down * i / steps, mast[1] + right * i / steps
        h_m[i] = bilinear(ground_m, row, col)
        if clutter_m.size > 0:
            cover_m[i] = clutter_m[math.floor(row + 0.5), math.floor(col + 0.5)]
    d_km = np.arange(steps + 1).astype(np.float64) * (length_km / steps)
    return Profile(d_km, h_m, cover_m, np.full(steps + 1, INLAND))


@njit(cache=True, nogil=True)
def _on(raster: NDArray[np.float32], row: float, col: float) -> bool:
    """Whether a place lies on the pixels of a raster."""
    return bool(-0.5 <= row < raster.shape[0] - 0.5 and -0.5 <= col < raster.shape[1] - 0.5)


@njit(cache=True, nogil=True)
def losses_at(
    ground_m: NDArray[np.float32],
    clutter_m: NDArray[np.float32],
    mast: tuple[float, float],
    rows: NDArray[np.float64],
    cols: NDArray[np.float64],
    resolution_m: float,
    climate: Climate,
    link: Link,
    locations: Locations,
) -> NDArray[np.float64]:
    """Basic transmission loss L_b from a mast to places, dB.

    Parameters
    ----------
    ground_m, clutter_m
        As for `geocover.kernels.sweep.sweep`.
    mast
        Row and column, 0 at the centre of the first pixel.
    rows, cols
        Places, shape (n,), counted likewise.
    resolution_m
        Side of a pixel.
    climate, link, locations
        As for `geocover.kernels.p1812.path_loss`.

    Returns
    -------
    float64, shape (n,); NaN where mast, place or ground between them is unknown.
    """
    loss_db = np.full(rows.size, np.nan)
    if not _on(ground_m, mast[0], mast[1]):
        return loss_db
    for n in range(rows.size):
        if not _on(ground_m, rows[n], cols[n]):
            continue
        profile = profile_to(ground_m, clutter_m, mast, (rows[n], cols[n]), resolution_m)
        if profile.h_m.min() < UNKNOWN_M:
            continue
        if profile.d_km.size < 3:
            loss_db[n] = _free_space_db(profile, link)
        else:
            loss_db[n] = path_loss(profile, climate, link, locations)[1].lb_db
    return loss_db


@njit(cache=True, nogil=True)
def _free_space_db(profile: Profile, link: Link) -> float:
    """Loss between neighbouring pixels, where there is no profile between."""
    rise_m = profile.h_m[-1] + link.rx_height_m - profile.h_m[0] - link.tx_height_m
    slant_km = max(math.hypot(profile.d_km[-1], rise_m / 1000.0), 0.001)
    return 92.4 + 20.0 * math.log10(link.freq_ghz) + 20.0 * math.log10(slant_km)
