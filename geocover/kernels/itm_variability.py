"""Variability of the Irregular Terrain Model: quantiles of attenuation in time, location and situation.

Source: G. A. Hufford, "The ITS Irregular Terrain Model, version 1.2.2: the algorithm" (NTIA/ITS, 1995),
called *the Algorithm* below: its chapter on variability, with the table of seven climates. The ways of
counting it (`mdvar`) are described in NTIA Report 82-100 (1982). A deviate is positive where the quantile is
below 50 %.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

from geocover.kernels.itm_path import Path, irregularity_at_m

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Climates, numbered as NTIA does.
(
    EQUATORIAL,
    CONTINENTAL_SUBTROPICAL,
    MARITIME_SUBTROPICAL,
    DESERT,
    CONTINENTAL_TEMPERATE,
    MARITIME_TEMPERATE_LAND,
    MARITIME_TEMPERATE_SEA,
) = range(1, 8)

# Ways of counting variability: the last digit of mdvar; +10 and +20 leave one kind of it out.
SINGLE_MESSAGE, ACCIDENTAL, MOBILE, BROADCAST = 0, 1, 2, 3
NO_SITUATION = 20

# Rows: climates. Columns: c1, c2 in dB, x1, x2, x3 in metres.
MEDIAN = np.array(
    [
        [-9.67, 12.7, 144.9e3, 190.3e3, 133.8e3],
        [-0.62, 9.19, 228.9e3, 205.2e3, 143.6e3],
        [1.26, 15.5, 262.6e3, 185.2e3, 99.8e3],
        [-9.21, 9.05, 84.1e3, 101.1e3, 98.6e3],
        [-0.62, 9.19, 228.9e3, 205.2e3, 143.6e3],
        [-0.39, 2.86, 141.7e3, 315.9e3, 167.4e3],
        [3.15, 857.9, 2222.0e3, 164.8e3, 116.3e3],
    ]
)
WEAK = np.array(
    [
        [2.13, 159.5, 762.2e3, 123.6e3, 94.5e3],
        [2.66, 7.67, 100.4e3, 172.5e3, 136.4e3],
        [6.11, 6.65, 138.2e3, 242.2e3, 178.6e3],
        [1.98, 13.11, 139.1e3, 132.7e3, 193.5e3],
        [2.68, 7.16, 93.7e3, 186.8e3, 133.5e3],
        [6.86, 10.38, 187.8e3, 169.6e3, 108.9e3],
        [8.51, 169.8, 609.8e3, 119.9e3, 106.6e3],
    ]
)
STRONG = np.array(
    [
        [2.11, 102.3, 636.9e3, 134.8e3, 95.6e3],
        [6.87, 15.53, 138.7e3, 143.7e3, 98.6e3],
        [10.08, 9.60, 165.3e3, 225.7e3, 129.7e3],
        [3.68, 159.3, 464.4e3, 93.1e3, 94.2e3],
        [4.75, 8.12, 93.2e3, 135.9e3, 113.4e3],
        [8.58, 13.97, 216.0e3, 152.0e3, 122.7e3],
        [8.43, 8.19, 136.2e3, 188.5e3, 122.9e3],
    ]
)
# Rows: climates. Columns: C_D, z_D of the ducting tail.
DUCTING = np.array(
    [
        [1.224, 1.282],
        [0.801, 2.161],
        [1.380, 1.282],
        [1.000, 20.0],
        [1.224, 1.282],
        [1.518, 1.282],
        [1.518, 1.282],
    ]
)
# Rows: climates. Columns: the three constants of the factors g- and g+ of frequency.
WEAK_FREQUENCY = np.array(
    [
        [1.0, 0.0, 0.0],
        [1.0, 0.0, 0.0],
        [1.0, 0.0, 0.0],
        [1.0, 0.0, 0.0],
        [0.92, 0.25, 1.77],
        [1.0, 0.0, 0.0],
        [1.0, 0.0, 0.0],
    ]
)
STRONG_FREQUENCY = np.array(
    [
        [1.0, 0.0, 0.0],
        [0.93, 0.31, 2.00],
        [1.0, 0.0, 0.0],
        [0.93, 0.19, 1.79],
        [0.93, 0.31, 2.00],
        [1.0, 0.0, 0.0],
        [1.0, 0.0, 0.0],
    ]
)


class Deviates(NamedTuple):
    """Standard normal deviates of time, location and situation."""

    time: float
    location: float
    situation: float


class Spread(NamedTuple):
    """How much attenuation varies: standard deviations in time and location, variance of situation; dB."""

    time_db: float
    location_db: float
    situation_db2: float


@njit(cache=True, nogil=True)
def normal_deviate(percent: float) -> float:
    """Deviate that a normal variable exceeds with the given probability, 0 < percent < 100.

    Abramowitz and Stegun, equation 26.2.23, error at most 4.5e-4, as in the Algorithm: the exact function
    would differ from NTIA's by up to 0.01 dB.
    """
    below = 0.5 - percent / 100.0
    tail = math.sqrt(-2.0 * math.log(max(0.5 - abs(below), 1e-6)))
    above = (0.010328 * tail + 0.802853) * tail + 2.515516698
    under = ((0.001308 * tail + 0.189269) * tail + 1.432788) * tail + 1.0
    return tail - above / under if below >= 0.0 else above / under - tail


@njit(cache=True, nogil=True)
def effective_distance_m(path: Path, wavenumber_per_m: float) -> float:
    """Distance by which variability is tabulated, metres (the Algorithm: d_e)."""
    beyond_m = math.sqrt(2.0 * 9e6 * path.tx.effective_m) + math.sqrt(2.0 * 9e6 * path.rx.effective_m)
    beyond_m += math.pow(575.7e12 / wavenumber_per_m, 1.0 / 3.0)
    if path.distance_m < beyond_m:
        return 130e3 * path.distance_m / beyond_m
    return 130e3 + path.distance_m - beyond_m


@njit(cache=True, nogil=True)
def climate_curve_db(row: NDArray[np.float64], effective_m: float) -> float:
    """One curve of the table of climates at an effective distance, dB."""
    near = (effective_m / row[2]) ** 2
    hump = row[1] / (1.0 + ((effective_m - row[3]) / row[4]) ** 2)
    return float((row[0] + hump) * near / (1.0 + near))


@njit(cache=True, nogil=True)
def frequency_factor(row: NDArray[np.float64], wavenumber_per_m: float) -> float:
    """Factor g of a climate's deviation (the Algorithm: g-, g+)."""
    octaves = row[2] * math.log(0.133 * wavenumber_per_m)
    return float(row[0] + row[1] / (octaves * octaves + 1.0))


@njit(cache=True, nogil=True)
def time_deviation_db(climate: int, effective_m: float, wavenumber_per_m: float, deviate: float) -> float:
    """Standard deviation of time, dB: of weak, strong or ducted signals (the Algorithm: sigma_T)."""
    if deviate < 0.0:
        weak_db = climate_curve_db(WEAK[climate - 1], effective_m)
        return weak_db * frequency_factor(WEAK_FREQUENCY[climate - 1], wavenumber_per_m)
    strong_db = climate_curve_db(STRONG[climate - 1], effective_m)
    strong_db *= frequency_factor(STRONG_FREQUENCY[climate - 1], wavenumber_per_m)
    ducting, start = DUCTING[climate - 1, 0], DUCTING[climate - 1, 1]
    if deviate <= start:
        return strong_db
    return float(strong_db * (ducting + (1.0 - ducting) * start / deviate))


@njit(cache=True, nogil=True)
def location_deviation_db(path: Path, wavenumber_per_m: float) -> float:
    """Standard deviation of location, dB (the Algorithm: sigma_L)."""
    waves = irregularity_at_m(path.irregularity_m, path.distance_m) * wavenumber_per_m
    return 10.0 * waves / (waves + 13.0)


@njit(cache=True, nogil=True)
def path_spread(path: Path, wavenumber_per_m: float, climate: int, mdvar: int, deviates: Deviates) -> Spread:
    """Spread of a path's attenuation; `mdvar` leaves location (+10) or direct situation (+20) out."""
    effective_m = effective_distance_m(path, wavenumber_per_m)
    time_db = time_deviation_db(climate, effective_m, wavenumber_per_m, deviates.time)
    location_db = 0.0 if mdvar // 10 % 2 == 1 else location_deviation_db(path, wavenumber_per_m)
    situation_db2 = 0.0
    if mdvar < NO_SITUATION:
        situation_db2 = (5.0 + 3.0 * math.exp(-effective_m / 100e3)) ** 2
    square = deviates.situation**2
    situation_db2 += (time_db * deviates.time) ** 2 / (7.8 + square)
    situation_db2 += (location_db * deviates.location) ** 2 / (24.0 + square)
    return Spread(time_db, location_db, situation_db2)


@njit(cache=True, nogil=True)
def counted_deviates(mdvar: int, deviates: Deviates) -> Deviates:
    """Deviates with those replaced that the way of counting lumps together (NTIA Report 82-100)."""
    way = mdvar % 10
    if way == SINGLE_MESSAGE:
        return Deviates(deviates.situation, deviates.situation, deviates.situation)
    if way == ACCIDENTAL:
        return Deviates(deviates.time, deviates.situation, deviates.situation)
    if way == MOBILE:
        return Deviates(deviates.time, deviates.time, deviates.situation)
    return deviates


@njit(cache=True, nogil=True)
def gain_over_median_db(way: int, spread: Spread, deviates: Deviates) -> float:
    """How far the signal is above its median, dB, for a way of counting (the Algorithm: Y)."""
    time_db, location_db, situation_db2 = spread
    if way == SINGLE_MESSAGE:
        return math.sqrt(time_db**2 + location_db**2 + situation_db2) * deviates.situation
    if way == ACCIDENTAL:
        rest_db = math.sqrt(location_db**2 + situation_db2) * deviates.situation
        return time_db * deviates.time + rest_db
    rest_db = math.sqrt(situation_db2) * deviates.situation
    if way == MOBILE:
        return math.hypot(time_db, location_db) * deviates.time + rest_db
    return time_db * deviates.time + location_db * deviates.location + rest_db


@njit(cache=True, nogil=True)
def quantile_db(
    reference_db: float, path: Path, wavenumber_per_m: float, climate: int, mdvar: int, deviates: Deviates
) -> float:
    """Quantile of attenuation relative to free space, dB; strong gains are compressed (the Algorithm: A).

    Parameters
    ----------
    reference_db
        Reference attenuation.
    path
        Distance, effective heights and irregularity.
    wavenumber_per_m
        Wave number.
    climate
        1 to 7.
    mdvar
        0 to 3, plus 10 without location variability, plus 20 without direct situation variability.
    deviates
        Normal deviates before any is lumped together.
    """
    counted = counted_deviates(mdvar, deviates)
    spread = path_spread(path, wavenumber_per_m, climate, mdvar, counted)
    median_db = climate_curve_db(MEDIAN[climate - 1], effective_distance_m(path, wavenumber_per_m))
    above_db = reference_db - median_db - gain_over_median_db(mdvar % 10, spread, counted)
    return above_db if above_db >= 0.0 else above_db * (29.0 - above_db) / (29.0 - 10.0 * above_db)
