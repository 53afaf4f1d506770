"""Rec. ITU-R P.1812-8, section 4.3: diffraction by the delta-Bullington construction."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geocover.kernels.p1812_profile import Geometry, Profile

# Relative permittivity and conductivity (S/m) of land and sea (section 4.3.3).
LAND = (22.0, 0.003)
WATER = (80.0, 5.0)


class Diffraction(NamedTuple):
    """Diffraction losses for one effective Earth, dB (section 4.3.4)."""

    ld_db: float  # (39) delta-Bullington
    lbulla_db: float  # (21) Bullington, real profile
    lbulls_db: float  # (21) Bullington, smooth profile
    ldsph_db: float  # (27) spherical Earth


@njit(cache=True, nogil=True)
def wavelength_m(freq_ghz: float) -> float:
    """Wavelength, m."""
    return 0.2998 / freq_ghz


@njit(cache=True, nogil=True)
def knife_edge_db(parameter: float) -> float:
    """Knife-edge loss J(nu), dB (equation 12); 0 up to nu = -0.78."""
    if parameter <= -0.78:
        return 0.0
    offset = parameter - 0.1
    return 6.9 + 20.0 * math.log10(math.sqrt(offset * offset + 1.0) + offset)


@njit(cache=True, nogil=True)
def fresnel_m(d_km: float, left_km: float, freq_ghz: float) -> float:
    """sqrt(2 / lambda * d / (d_1 d_2)) in 1/m: height over it is the diffraction parameter nu (15, 19)."""
    return math.sqrt(0.002 * (d_km + left_km) / (wavelength_m(freq_ghz) * d_km * left_km))


@njit(cache=True, nogil=True)
def edge_slopes(
    d_km: NDArray[np.float64], g_m: NDArray[np.float64], hts_m: float, hrs_m: float, earth_km: float
) -> tuple[float, float]:
    """Steepest slopes seen from transmitter and receiver, m/km (equations 13 and 17)."""
    total_km = d_km[-1]
    curve = 500.0 / earth_km
    slope_t, slope_r = -math.inf, -math.inf
    for i in range(1, d_km.size - 1):
        left_km = total_km - d_km[i]
        bulge_m = g_m[i] + curve * d_km[i] * left_km
        slope_t = max(slope_t, (bulge_m - hts_m) / d_km[i])
        slope_r = max(slope_r, (bulge_m - hrs_m) / left_km)
    return slope_t, slope_r


@njit(cache=True, nogil=True)
def largest_parameter(
    d_km: NDArray[np.float64],
    g_m: NDArray[np.float64],
    hts_m: float,
    hrs_m: float,
    earth_km: float,
    freq_ghz: float,
) -> float:
    """Largest diffraction parameter nu of a path in line of sight (equation 15)."""
    total_km = d_km[-1]
    largest = -math.inf
    for i in range(1, d_km.size - 1):
        left_km = total_km - d_km[i]
        chord_m = (hts_m * left_km + hrs_m * d_km[i]) / total_km
        rise_m = g_m[i] + 500.0 / earth_km * d_km[i] * left_km - chord_m
        largest = max(largest, rise_m * fresnel_m(d_km[i], left_km, freq_ghz))
    return largest


@njit(cache=True, nogil=True)
def bullington_parameter(
    total_km: float, hts_m: float, hrs_m: float, slopes: tuple[float, float], freq_ghz: float
) -> float:
    """Diffraction parameter nu_b of the Bullington point of a blocked path (equations 18 and 19)."""
    slope_t, slope_r = slopes
    point_km = (hrs_m - hts_m + slope_r * total_km) / (slope_t + slope_r)
    left_km = total_km - point_km
    chord_m = (hts_m * left_km + hrs_m * point_km) / total_km
    return (hts_m + slope_t * point_km - chord_m) * fresnel_m(point_km, left_km, freq_ghz)


@njit(cache=True, nogil=True)
def bullington_db(
    d_km: NDArray[np.float64],
    g_m: NDArray[np.float64],
    hts_m: float,
    hrs_m: float,
    earth_km: float,
    freq_ghz: float,
) -> float:
    """Bullington diffraction loss L_bull, dB (section 4.3.1, equations 12 to 21).

    Parameters
    ----------
    d_km, g_m
        Distance from the transmitter and height of the profile above sea level, clutter included.
    hts_m, hrs_m
        Antennas above sea level.
    earth_km
        Effective radius of the Earth.
    freq_ghz
        Frequency.
    """
    total_km = float(d_km[-1])
    slopes = edge_slopes(d_km, g_m, hts_m, hrs_m, earth_km)
    if slopes[0] < (hrs_m - hts_m) / total_km:
        parameter = largest_parameter(d_km, g_m, hts_m, hrs_m, earth_km, freq_ghz)
    else:
        parameter = bullington_parameter(total_km, hts_m, hrs_m, slopes, freq_ghz)
    edge_db = knife_edge_db(parameter)
    return edge_db + (1.0 - math.exp(-edge_db / 6.0)) * (10.0 + 0.02 * total_km)


@njit(cache=True, nogil=True)
def admittance(earth_km: float, freq_ghz: float, ground: tuple[float, float], vertical: bool) -> float:  # noqa: FBT001
    """Normalised surface admittance K, horizontal or vertical (equations 29a and 29b)."""
    permittivity, conductivity = ground
    loss2 = (18.0 * conductivity / freq_ghz) ** 2
    horizontal = 0.036 * math.pow(earth_km * freq_ghz, -1.0 / 3.0)
    horizontal *= math.pow((permittivity - 1.0) ** 2 + loss2, -0.25)
    return horizontal * math.sqrt(permittivity**2 + loss2) if vertical else horizontal


@njit(cache=True, nogil=True)
def distance_term_db(x: float) -> float:
    """Distance term F_X, dB (equation 34)."""
    if x >= 1.6:
        return 11.0 + 10.0 * math.log10(x) - 17.6 * x
    return -20.0 * math.log10(x) - 5.6488 * math.pow(x, 1.425)


@njit(cache=True, nogil=True)
def height_gain_db(y: float, beta: float, k: float) -> float:
    """Height gain G(Y), dB, not below 2 + 20 log K (equations 35 and 36)."""
    b = beta * y
    if b > 2.0:
        gain = 17.6 * math.sqrt(b - 1.1) - 5.0 * math.log10(b - 1.1) - 8.0
    else:
        gain = 20.0 * math.log10(b + 0.1 * b**3)
    return max(gain, 2.0 + 20.0 * math.log10(k))


@njit(cache=True, nogil=True)
def ground_first_term_db(
    d_km: float,
    heights_m: tuple[float, float],
    earth_km: float,
    freq_ghz: float,
    ground: tuple[float, float],
    vertical: bool,  # noqa: FBT001
) -> float:
    """First-term loss over one kind of ground, dB (equations 29 to 37)."""
    k = admittance(earth_km, freq_ghz, ground, vertical)
    k2 = k * k
    beta = (1.0 + 1.6 * k2 + 0.67 * k2 * k2) / (1.0 + 4.5 * k2 + 1.53 * k2 * k2)
    x = 21.88 * beta * math.pow(freq_ghz / earth_km**2, 1.0 / 3.0) * d_km
    y = 0.9575 * beta * math.pow(freq_ghz**2 / earth_km, 1.0 / 3.0)
    gains_db = height_gain_db(y * heights_m[0], beta, k) + height_gain_db(y * heights_m[1], beta, k)
    return -distance_term_db(x) - gains_db


@njit(cache=True, nogil=True)
def first_term_db(
    d_km: float,
    heights_m: tuple[float, float],
    earth_km: float,
    freq_ghz: float,
    omega: float,
    vertical: bool,  # noqa: FBT001
) -> float:
    """First-term spherical-Earth loss L_dft, weighted by the share over sea, dB (section 4.3.3, eq. 28)."""
    land_db = sea_db = 0.0
    if omega < 1.0:
        land_db = ground_first_term_db(d_km, heights_m, earth_km, freq_ghz, LAND, vertical)
    if omega > 0.0:
        sea_db = ground_first_term_db(d_km, heights_m, earth_km, freq_ghz, WATER, vertical)
    return omega * sea_db + (1.0 - omega) * land_db


@njit(cache=True, nogil=True)
def least_clearance_m(
    d_km: float, heights_m: tuple[float, float], earth_km: float, freq_ghz: float
) -> tuple[float, float]:
    """Smallest clearance h_se over a smooth Earth and the one that leaves no loss, h_req, m (23 to 25)."""
    tx_m, rx_m = heights_m
    c = (tx_m - rx_m) / (tx_m + rx_m)
    m = 250.0 * d_km * d_km / (earth_km * (tx_m + rx_m))
    # By mathematics within -1 and 1, which rounding may overstep.
    cosine = min(max(1.5 * c * math.sqrt(3.0 * m / (m + 1.0) ** 3), -1.0), 1.0)
    b = 2.0 * math.sqrt((m + 1.0) / (3.0 * m)) * math.cos(math.pi / 3.0 + math.acos(cosine) / 3.0)
    d1_km = 0.5 * d_km * (1.0 + b)
    d2_km = d_km - d1_km
    clear_tx_m = tx_m - 500.0 * d1_km * d1_km / earth_km
    clear_rx_m = rx_m - 500.0 * d2_km * d2_km / earth_km
    clearance_m = (clear_tx_m * d2_km + clear_rx_m * d1_km) / d_km
    return clearance_m, 17.456 * math.sqrt(d1_km * d2_km * wavelength_m(freq_ghz) / d_km)


@njit(cache=True, nogil=True)
def spherical_db(
    d_km: float,
    heights_m: tuple[float, float],
    earth_km: float,
    freq_ghz: float,
    omega: float,
    vertical: bool,  # noqa: FBT001
) -> float:
    """Spherical-Earth diffraction loss L_dsph, dB (section 4.3.2, equations 22 to 27).

    Parameters
    ----------
    d_km
        Length of the path.
    heights_m
        Both antennas above the smooth surface.
    earth_km
        Effective radius of the Earth.
    freq_ghz
        Frequency.
    omega
        Share of the path over sea.
    vertical
        Polarisation.
    """
    roots = math.sqrt(heights_m[0]) + math.sqrt(heights_m[1])
    if d_km >= math.sqrt(0.002 * earth_km) * roots:
        return first_term_db(d_km, heights_m, earth_km, freq_ghz, omega, vertical)
    clearance_m, needed_m = least_clearance_m(d_km, heights_m, earth_km, freq_ghz)
    if clearance_m > needed_m:
        return 0.0
    grazing_km = 500.0 * (d_km / roots) ** 2
    loss_db = first_term_db(d_km, heights_m, grazing_km, freq_ghz, omega, vertical)
    return max((1.0 - clearance_m / needed_m) * loss_db, 0.0)


@njit(cache=True, nogil=True)
def with_clutter_m(profile: Profile) -> NDArray[np.float64]:
    """Profile g of terrain plus clutter, m above sea level; bare at both ends (section 3.2.1, eq. 1)."""
    g_m = profile.h_m + profile.clutter_m
    g_m[0], g_m[-1] = profile.h_m[0], profile.h_m[-1]
    return g_m


@njit(cache=True, nogil=True)
def delta_bullington(
    profile: Profile,
    g_m: NDArray[np.float64],
    path: Geometry,
    earth_km: float,
    freq_ghz: float,
    vertical: bool,  # noqa: FBT001
) -> Diffraction:
    """Diffraction loss for one effective Earth (section 4.3.4, equations 37 to 39).

    Parameters
    ----------
    profile, g_m
        The path, and its heights with clutter (`with_clutter_m`).
    path
        The analysed path.
    earth_km
        Effective radius of the Earth: `ae_km` for the median, `abeta_km` for beta_0 of the time.
    freq_ghz, vertical
        Frequency and polarisation.
    """
    d_km = profile.d_km
    actual_db = bullington_db(d_km, g_m, path.hts_m, path.hrs_m, earth_km, freq_ghz)
    flat_m = np.zeros(d_km.size)
    smooth_db = bullington_db(d_km, flat_m, path.htc_m, path.hrc_m, earth_km, freq_ghz)
    heights_m = (path.htc_m, path.hrc_m)
    sphere_db = spherical_db(path.d_km, heights_m, earth_km, freq_ghz, path.omega, vertical)
    return Diffraction(actual_db + max(sphere_db - smooth_db, 0.0), actual_db, smooth_db, sphere_db)
