"""Rec. ITU-R P.1812-8 for all pixels of a ray at once: from slopes and heights to the loss, in float32.

The equations are those of `p1812_diffraction`, `p1812_troposcatter` and `p1812`, for 50 % of time (F_i = 0)
and inland paths, where they simplify: the median Earth alone counts, multipath and focusing vanish.
Every function takes and returns float32 scalars without a branch, so that a loop over pixels vectorises.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit

from geocover.kernels.float32 import FLAGS, exp2, f32, greater, lesser, log2, third_sine, whole
from geocover.kernels.p1812_diffraction import LAND, admittance, wavelength_m
from geocover.kernels.p1812_ducting import low_frequency_db, time_variation_db
from geocover.kernels.p1812_profile import Climate, beta0_pct

# Decibels of a power, or twice those of an amplitude, per doubling.
DB10, DB20 = f32(10.0 * math.log10(2.0)), f32(20.0 * math.log10(2.0))
NO_EDGE = f32(-0.78)  # diffraction parameter up to which a knife edge costs nothing (12)
# A smooth Earth is looked at closely where its clearance is less than this times what is needed.
CAUTION = f32(1.1)
FAR_BELOW = f32(-1e9)


class Band(NamedTuple):
    """What a frequency contributes: computed once a sweep in float64, held in float32 (as are `Scale`)."""

    root_wave: float  # 1 / sqrt(wavelength in m): parameters nu are kept without it
    needed_m: float  # 17.456 sqrt(wavelength) of (25)
    free_db: float  # 92.4 + 20 log f (8)
    scatter_db: float  # all of (44) that is the same for all paths
    admittance: float  # K of (29) for an Earth of 1 km radius: it goes as radius^(-1/3)
    x_factor: float  # 21.88 f^(1/3) of (32)
    y_factor: float  # 0.9575 f^(2/3) of (33)
    freq_ghz: float
    freq_cube: float  # f^(1/3)
    duct_db: float  # least of what (46) owes to frequency and distance alone


@njit(cache=True, nogil=True)
def band(freq_ghz: float, climate: Climate, vertical: bool, reach_km: float) -> Band:  # noqa: FBT001
    """Constants of a frequency and polarisation, for paths up to a length."""
    wave_m = wavelength_m(freq_ghz)
    log_freq = math.log10(freq_ghz)
    freq_db = 25.0 * log_freq - 2.5 * math.log10(freq_ghz / 2.0) ** 2
    return Band(
        f32(1.0 / math.sqrt(wave_m)),
        f32(17.456 * math.sqrt(wave_m)),
        f32(92.4 + 20.0 * log_freq),
        f32(190.1 + freq_db - 0.15 * climate.n0),
        f32(admittance(1.0, freq_ghz, LAND, vertical)),
        f32(21.88 * math.pow(freq_ghz, 1.0 / 3.0)),
        f32(0.9575 * math.pow(freq_ghz, 2.0 / 3.0)),
        f32(freq_ghz),
        f32(math.pow(freq_ghz, 1.0 / 3.0)),
        f32(_least_duct_db(climate, freq_ghz, reach_km)),
    )


@njit(cache=True, nogil=True)
def _least_duct_db(climate: Climate, freq_ghz: float, reach_km: float) -> float:
    """Least sum of the terms of (46) that follow from frequency and distance alone.

    A(p) grows as beta falls, and beta_0, which follows from an inland path's length, is the most that beta
    can be. It varies slowly: a tenth of a decibel is taken off for what lies between the lengths looked at.
    """
    least = math.inf
    for i in range(1, 33):
        d_km = reach_km * i / 32.0
        least = min(least, time_variation_db(d_km, 50.0, beta0_pct(climate.phi_deg, d_km, d_km)))
    return 102.45 + 20.0 * math.log10(freq_ghz) + low_frequency_db(freq_ghz) + least - 0.1


@njit(fastmath=FLAGS, error_model="numpy", forceinline=True)
def edge_db(parameter: float) -> float:
    """Knife-edge loss J(nu), dB (12)."""
    offset = greater(parameter, NO_EDGE) - f32(0.1)
    loss_db = f32(6.9) + DB20 * log2(np.sqrt(offset * offset + f32(1.0)) + offset)
    return loss_db if parameter > NO_EDGE else f32(0.0)


@njit(fastmath=FLAGS, error_model="numpy", forceinline=True)
def bullington_db(parameter: float, d_km: float) -> float:
    """Bullington loss of a diffraction parameter, dB (21)."""
    edge = edge_db(parameter)
    return edge + (f32(1.0) - exp2(edge * f32(-1.0 / (6.0 * math.log(2.0))))) * (f32(10.0) + f32(0.02) * d_km)


@njit(fastmath=FLAGS, error_model="numpy", forceinline=True)
def height_gain_db(b: float, least_db: float) -> float:
    """Height gain G(Y) of b = beta Y, dB (35 and 36)."""
    low = b * (f32(1.0) + f32(0.1) * b * b)
    above = greater(b, f32(2.0)) - f32(1.1)
    high_db = f32(17.6) * np.sqrt(above) - f32(0.5) * DB10 * log2(above) - f32(8.0)
    return greater(high_db if b > f32(2.0) else DB20 * log2(low), least_db)


@njit(fastmath=FLAGS, error_model="numpy", forceinline=True)
def first_term_db(d_km: float, high_m: float, low_m: float, earth_km: float, of: Band) -> float:
    """First-term loss over land for an effective Earth, dB (29 to 37)."""
    log_root = log2(earth_km) * f32(1.0 / 3.0)
    root = exp2(log_root)
    k = of.admittance / root
    k2 = k * k
    beta = (f32(1.0) + k2 * (f32(1.6) + f32(0.67) * k2)) / (f32(1.0) + k2 * (f32(4.5) + f32(1.53) * k2))
    log_x = log2(of.x_factor * beta * d_km) - f32(2.0) * log_root
    x = exp2(log_x)
    far_db = f32(11.0) + DB10 * log_x - f32(17.6) * x
    near_db = -DB20 * log_x - f32(5.6488) * exp2(f32(1.425) * log_x)
    # (33) is b = beta Y with Y = 0.9575 beta (f^2 / a)^(1/3) h.
    y = of.y_factor * beta * beta / root
    least_db = f32(2.0) + DB20 * log2(k)
    gains_db = height_gain_db(y * high_m, least_db) + height_gain_db(y * low_m, least_db)
    return -(far_db if x >= f32(1.6) else near_db) - gains_db


@njit(fastmath=FLAGS, error_model="numpy", forceinline=True)
def clearance_m(d_km: float, high_m: float, low_m: float, earth_km: float) -> tuple[float, float]:
    """Smallest clearance h_se over a smooth Earth, m (23 and 24), and the root in what is needed (25)."""
    both_m = high_m + low_m
    c = (high_m - low_m) / both_m
    m = f32(250.0) * d_km * d_km / (earth_km * both_m)
    up = m + f32(1.0)
    y = lesser(f32(1.5) * c * np.sqrt(f32(3.0) * m / (up * up * up)), f32(1.0))
    b = f32(2.0) * np.sqrt(up / (f32(3.0) * m)) * third_sine(y)
    d1_km = f32(0.5) * d_km * (f32(1.0) + b)
    d2_km = greater(d_km - d1_km, f32(1e-6))
    bend = f32(500.0) / earth_km
    clear_m = ((high_m - bend * d1_km * d1_km) * d2_km + (low_m - bend * d2_km * d2_km) * d1_km) / d_km
    return clear_m, np.sqrt(d1_km * d2_km / d_km)


@njit(fastmath=FLAGS, error_model="numpy", forceinline=True)
def tightness(d_km: float, root_km: float, over: float, needed_m: float, per_earth: float) -> float:
    """Positive where the smooth Earth may come closer to the line of sight than needed (23 to 25), m^2.

    At share x of the path the line is h_t (1 - x) + h_r x >= 2 sqrt(h_t h_r) r high, r = sqrt(x (1 - x)). The
    Earth takes 4 B x (1 - x) <= 2 B r of that, B its height in the middle; `needed_m` sqrt(d) r is needed.
    `over` is h_t h_r in m^2, `root_km` sqrt(d), `per_earth` the inverse of the Earth's radius in km.
    """
    least_m = CAUTION * needed_m * root_km + f32(250.0) * per_earth * d_km * d_km
    return least_m * least_m - f32(4.0) * over


@njit(fastmath=FLAGS, error_model="numpy", forceinline=True)
def spherical_db(d_km: float, high_m: float, low_m: float, earth_km: float, of: Band) -> float:
    """Spherical-Earth loss L_dsph, dB (22 to 27); `high_m` is the higher of the two antennas."""
    clear_m, root = clearance_m(d_km, high_m, low_m, earth_km)
    roots = np.sqrt(high_m) + np.sqrt(low_m)
    beyond = d_km * d_km >= f32(0.002) * earth_km * roots * roots
    ratio = d_km / roots
    grazing_km = f32(500.0) * ratio * ratio
    term_db = first_term_db(d_km, high_m, low_m, earth_km if beyond else grazing_km, of)
    short = greater(f32(1.0) - clear_m / (of.needed_m * root), f32(0.0))
    part_db = greater(short * term_db, f32(0.0))
    return term_db if beyond else part_db


@njit(fastmath=FLAGS, error_model="numpy", forceinline=True)
def smooth_parameter(
    steps: float,
    high_m: float,
    low_m: float,
    bend_m: float,
    step_m: float,
    high_off: float,
    low_off: float,
) -> float:
    """Diffraction parameter of the smooth Earth, times sqrt(wavelength): (13) to (19) with heights of 0.

    The profile is `steps` steps of `step_m` long; its points are 1 - off, 2 - off, ... steps away from either
    antenna. The Earth rises `bend_m` i (steps - i) over the chord of its ends. The steepest and the least
    clear point are known in closed form, and the profile's two points beside it are looked at.
    """
    last = steps - f32(1.0) + low_off
    chord = (low_m - high_m) / steps
    slope_t = _steepest(high_m, bend_m, steps, last, high_off) - chord
    slope_r = _steepest(low_m, bend_m, steps, steps - f32(1.0) + high_off, low_off) + chord
    scale = f32(2.0) * steps / step_m
    blocked: float = np.sqrt(greater(slope_t, f32(0.0)) * greater(slope_r, f32(0.0)) * scale)
    # Least clear: x = (steps - i) / i solves low + B x (1 - x) / (1 + x)^2 = high x; Newton from above.
    most_m = bend_m * steps * steps
    x = np.sqrt(low_m / high_m)
    for _ in range(4):
        up = f32(1.0) / (f32(1.0) + x)
        value = low_m + most_m * x * (f32(1.0) - x) * up * up - high_m * x
        slope = most_m * (f32(1.0) - f32(3.0) * x) * up * up * up - high_m
        x = x - value / slope
    at, other = _beside(steps / (f32(1.0) + x), last, high_off)
    clear = greater(
        _parameter(at, steps, high_m, low_m, bend_m), _parameter(other, steps, high_m, low_m, bend_m)
    )
    return clear * np.sqrt(scale) if slope_t < f32(0.0) else blocked


@njit(fastmath=FLAGS, error_model="numpy", forceinline=True)
def _beside(place: float, last: float, off: float) -> tuple[float, float]:
    """Points of a profile before and after a place, both among those from 1 - off to `last`."""
    at = whole(greater(lesser(place, last), f32(1.0) - off) + off) - off
    return at, lesser(at + f32(1.0), last)


@njit(fastmath=FLAGS, error_model="numpy", forceinline=True)
def _steepest(height_m: float, bend_m: float, steps: float, last: float, off: float) -> float:
    """Largest slope from an antenna to a smooth Earth, m a step."""
    at, other = _beside(np.sqrt(height_m / bend_m), last, off)
    return greater(bend_m * (steps - at) - height_m / at, bend_m * (steps - other) - height_m / other)


@njit(fastmath=FLAGS, error_model="numpy", forceinline=True)
def _parameter(at: float, steps: float, high_m: float, low_m: float, bend_m: float) -> float:
    """Height of a smooth Earth's point over the chord by the root of what the parameter nu divides by."""
    left = steps - at
    root: float = np.sqrt(at * left)
    return (bend_m * at * left - (high_m * left + low_m * at) / steps) / root


@njit(fastmath=FLAGS, error_model="numpy", forceinline=True)
def both_ways_db(first_db: float, second_db: float) -> float:
    """Loss of two ways together, dB (63)."""
    apart_db = first_db - second_db
    size_db = greater(apart_db, -apart_db)
    other = exp2(size_db * f32(-0.2 * math.log2(10.0)))
    return lesser(first_db, second_db) - f32(0.5) * DB10 * log2(f32(1.0) + other)
