"""Rec. ITU-R P.1812-8: what a terrain profile gives the propagation model.

Sections 3.5 to 3.7 (radio climate) and attachment 1 to annex 1 (path profile analysis). Nothing here depends
on frequency or on the percentage of time, so one `Geometry` serves all bands of a mast. The names are the
Recommendation's symbols, with units.

The analysis uses terrain heights h; only the Bullington construction sees the clutter on top of them (g).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from numba import njit

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# Radio-climatic zones (table 2), as the profiles of ITU-R's validation set number them.
SEA, COASTAL, INLAND = 1, 3, 4

EARTH_KM = 6371.0
# k-factor exceeded for beta_0 of the time (section 3.7).
K_BETA = 3.0


class Profile(NamedTuple):
    """Terrain between transmitter and receiver: arrays of the same length, 2 points or more.

    d_km: float64, distance from the transmitter: strictly ascending from 0; equal steps are not needed.
    h_m: float64, terrain above sea level. clutter_m: float64, representative clutter height above terrain,
    0 where there is none (the end points' values are not used). zone: int64, SEA, COASTAL or INLAND.
    """

    d_km: NDArray[np.float64]
    h_m: NDArray[np.float64]
    clutter_m: NDArray[np.float64]
    zone: NDArray[np.int64]


class Climate(NamedTuple):
    """Radio climate at the middle of the path (sections 3.4 to 3.6).

    delta_n: refractivity lapse in the lowest km, N-units/km. n0: sea-level refractivity, N-units. phi_deg:
    latitude of the middle of the path. dct_km, dcr_km: distance of either terminal from the coast along the
    path; any value above 5 where a terminal is not at the coast.
    """

    delta_n: float
    n0: float
    phi_deg: float
    dct_km: float
    dcr_km: float


class Geometry(NamedTuple):
    """All that follows from profile, climate and antenna heights, in the order of the Recommendation."""

    d_km: float
    hts_m: float  # antennas above sea level
    hrs_m: float
    dtm_km: float  # longest section over land, longest section inland: section 3.6
    dlm_km: float
    omega: float  # share of the path over sea
    beta0_pct: float  # (5)
    ae_km: float  # (7a)
    abeta_km: float  # (7b)
    theta_t_mrad: float  # (76) to (78)
    theta_r_mrad: float  # (79) to (81)
    theta_mrad: float  # (82)
    dlt_km: float  # (78)
    dlr_km: float  # (81a)
    hst_raw_m: float  # (85)
    hsr_raw_m: float  # (86)
    hstd_m: float  # (89)
    hsrd_m: float
    hst_m: float  # (90a)
    hsr_m: float  # (90b)
    htc_m: float  # (37a): antennas above the smooth surface of the diffraction model
    hrc_m: float  # (37b)
    hte_m: float  # (92a)
    hre_m: float  # (92b)
    hm_m: float  # (93)


@njit(cache=True, nogil=True)
def mid_latitude_deg(tx_deg: tuple[float, float], rx_deg: tuple[float, float], distance_km: float) -> float:
    """Latitude phi of the middle of the great circle, degrees (section 3.5; Rec. ITU-R P.2001, attachment H).

    Terminals are (longitude, latitude) in degrees. Half of the profile's own length is gone along the bearing
    from transmitter to receiver, as the validation data do.
    """
    lon_t, lat_t = math.radians(tx_deg[0]), math.radians(tx_deg[1])
    lon_r, lat_r = math.radians(rx_deg[0]), math.radians(rx_deg[1])
    east = math.cos(lat_r) * math.sin(lon_r - lon_t)
    north = math.cos(lat_t) * math.sin(lat_r) - math.sin(lat_t) * math.cos(lat_r) * math.cos(lon_r - lon_t)
    bearing = math.atan2(east, north)
    arc = 0.5 * distance_km / EARTH_KM
    sine = math.sin(lat_t) * math.cos(arc) + math.cos(lat_t) * math.sin(arc) * math.cos(bearing)
    return math.degrees(math.asin(sine))


@njit(cache=True, nogil=True)
def point_span_km(d_km: NDArray[np.float64], i: int) -> tuple[float, float]:
    """Length that profile point i stands for, before and after it, km: half way to either neighbour."""
    before = 0.5 * (d_km[i] - d_km[i - 1]) if i > 0 else 0.0
    after = 0.5 * (d_km[i + 1] - d_km[i]) if i < d_km.size - 1 else 0.0
    return before, after


@njit(cache=True, nogil=True)
def section_lengths_km(profile: Profile, first: int, last: int) -> tuple[float, float]:
    """Longest continuous and total length in the zones from `first` to `last`, km (section 3.6).

    A border between zones lies half way between two points.
    """
    longest, total, run = 0.0, 0.0, 0.0
    for i in range(profile.d_km.size):
        if first <= profile.zone[i] <= last:
            before, after = point_span_km(profile.d_km, i)
            run += before + after
            total += before + after
            longest = max(longest, run)
        else:
            run = 0.0
    return longest, total


@njit(cache=True, nogil=True)
def inland_tau(dlm_km: float) -> float:
    """Parameter tau of the longest inland section, 0 to 1 (equation 3)."""
    return 1.0 - math.exp(-4.12e-4 * math.pow(dlm_km, 2.41))


@njit(cache=True, nogil=True)
def beta0_pct(phi_deg: float, dtm_km: float, dlm_km: float) -> float:
    """Share of time in which the lapse rate exceeds 100 N/km in the lowest 100 m, % (equations 2 to 5)."""
    tau = inland_tau(dlm_km)
    land = math.pow(10.0, -dtm_km / (16.0 - 6.6 * tau))
    mu1 = min(math.pow(land + math.pow(10.0, -5.0 * (0.496 + 0.354 * tau)), 0.2), 1.0)
    north = abs(phi_deg)
    if north > 70.0:
        return 4.17 * mu1 * math.pow(mu1, 0.3)
    return math.pow(10.0, -0.015 * north + 1.67) * mu1 * math.pow(mu1, -0.935 + 0.0176 * north)


@njit(cache=True, nogil=True)
def median_earth_km(delta_n: float) -> float:
    """Median effective radius of the Earth, km (equations 6 and 7a)."""
    return EARTH_KM * 157.0 / (157.0 - delta_n)


@njit(cache=True, nogil=True)
def steepest(profile: Profile, hts_m: float, hrs_m: float, ae_km: float) -> tuple[float, float, int, int]:
    """Slopes (tangents) of both horizons over the inner points, and the indices of the horizon points.

    Equations (77) and (80) before the arctangent. Of equally steep points the one nearest to the antenna that
    sees it counts, so that a path is the same in both directions.
    """
    d_km, h_m = profile.d_km, profile.h_m
    total_km = d_km[-1]
    slope_t, slope_r = -math.inf, -math.inf
    at_t, at_r = 1, d_km.size - 2
    for i in range(1, d_km.size - 1):
        left_km = total_km - d_km[i]
        here_t = (h_m[i] - hts_m) / (1000.0 * d_km[i]) - d_km[i] / (2.0 * ae_km)
        here_r = (h_m[i] - hrs_m) / (1000.0 * left_km) - left_km / (2.0 * ae_km)
        if here_t > slope_t:
            slope_t, at_t = here_t, i
        if here_r >= slope_r:
            slope_r, at_r = here_r, i
    return slope_t, slope_r, at_t, at_r


@njit(cache=True, nogil=True)
def least_clear(profile: Profile, hts_m: float, hrs_m: float, ae_km: float) -> int:
    """Index of the inner point with the largest diffraction parameter (equation 78, line of sight).

    The wavelength scales all parameters alike, so it is left out.
    """
    d_km, total_km = profile.d_km, profile.d_km[-1]
    largest, at = -math.inf, 1
    for i in range(1, d_km.size - 1):
        left_km = total_km - d_km[i]
        chord_m = (hts_m * left_km + hrs_m * d_km[i]) / total_km
        rise_m = profile.h_m[i] + 500.0 * d_km[i] * left_km / ae_km - chord_m
        parameter = rise_m * math.sqrt(total_km / (d_km[i] * left_km))
        if parameter > largest:
            largest, at = parameter, i
    return at


@njit(cache=True, nogil=True)
def horizons(profile: Profile, hts_m: float, hrs_m: float, ae_km: float) -> tuple[float, float, int, int]:
    """Horizon angles theta_t and theta_r, mrad, and the indices of the horizon points (76 to 81).

    In line of sight the angles are those towards the other antenna, and both indices the least clear point.
    """
    total_km = profile.d_km[-1]
    sight = (hrs_m - hts_m) / (1000.0 * total_km) - total_km / (2.0 * ae_km)
    slope_t, slope_r, at_t, at_r = steepest(profile, hts_m, hrs_m, ae_km)
    if slope_t <= sight:
        slope_t = sight
        slope_r = (hts_m - hrs_m) / (1000.0 * total_km) - total_km / (2.0 * ae_km)
        at_t = at_r = least_clear(profile, hts_m, hrs_m, ae_km)
    return 1000.0 * math.atan(slope_t), 1000.0 * math.atan(slope_r), at_t, at_r


@njit(cache=True, nogil=True)
def smooth_surface_m(profile: Profile) -> tuple[float, float]:
    """Heights of the least-squares straight line through the terrain at both ends, m (83 to 86)."""
    d_km, h_m = profile.d_km, profile.h_m
    v1, v2 = 0.0, 0.0
    for i in range(1, d_km.size):
        step = d_km[i] - d_km[i - 1]
        v1 += step * (h_m[i] + h_m[i - 1])
        v2 += step * (h_m[i] * (2.0 * d_km[i] + d_km[i - 1]) + h_m[i - 1] * (d_km[i] + 2.0 * d_km[i - 1]))
    total_km = d_km[-1]
    return (2.0 * v1 * total_km - v2) / total_km**2, (v2 - v1 * total_km) / total_km**2


@njit(cache=True, nogil=True)
def obstruction(profile: Profile, hts_m: float, hrs_m: float) -> tuple[float, float, float]:
    """Highest obstruction above the line between the antennas, m, and its slopes, m/km (87a to 87d)."""
    d_km, total_km = profile.d_km, profile.d_km[-1]
    highest, slope_t, slope_r = -math.inf, -math.inf, -math.inf
    for i in range(1, d_km.size - 1):
        left_km = total_km - d_km[i]
        above_m = profile.h_m[i] - (hts_m * left_km + hrs_m * d_km[i]) / total_km
        highest = max(highest, above_m)
        slope_t = max(slope_t, above_m / d_km[i])
        slope_r = max(slope_r, above_m / left_km)
    return highest, slope_t, slope_r


@njit(cache=True, nogil=True)
def diffraction_surface_m(
    profile: Profile, hts_m: float, hrs_m: float, smooth_m: tuple[float, float]
) -> tuple[float, float]:
    """Smooth surface of the diffraction model at both ends, m above sea level (87 to 89)."""
    highest, slope_t, slope_r = obstruction(profile, hts_m, hrs_m)
    hst_m, hsr_m = smooth_m
    if highest > 0.0:
        hst_m -= highest * slope_t / (slope_t + slope_r)
        hsr_m -= highest * slope_r / (slope_t + slope_r)
    return min(hst_m, profile.h_m[0]), min(hsr_m, profile.h_m[-1])


@njit(cache=True, nogil=True)
def roughness_m(profile: Profile, at_t: int, at_r: int, hst_m: float, hsr_m: float) -> float:
    """Terrain roughness h_m between the horizon points, m (91 and 93)."""
    slope = (hsr_m - hst_m) / profile.d_km[-1]
    highest = -math.inf
    for i in range(at_t, at_r + 1):
        highest = max(highest, profile.h_m[i] - (hst_m + slope * profile.d_km[i]))
    return highest


@njit(cache=True, nogil=True)
def analyse(profile: Profile, climate: Climate, tx_height_m: float, rx_height_m: float) -> Geometry:
    """Analyse a path: sections 3.6 and 3.7, attachment 1 to annex 1.

    Antenna heights in metres above ground.
    """
    d_km, h_m = profile.d_km, profile.h_m
    total_km, hts_m, hrs_m = d_km[-1], h_m[0] + tx_height_m, h_m[-1] + rx_height_m
    dtm_km = section_lengths_km(profile, COASTAL, INLAND)[0]
    dlm_km = section_lengths_km(profile, INLAND, INLAND)[0]
    omega = section_lengths_km(profile, SEA, SEA)[1] / total_km
    ae_km = median_earth_km(climate.delta_n)
    theta_t, theta_r, at_t, at_r = horizons(profile, hts_m, hrs_m, ae_km)
    smooth_m = smooth_surface_m(profile)
    hstd_m, hsrd_m = diffraction_surface_m(profile, hts_m, hrs_m, smooth_m)
    hst_m, hsr_m = min(smooth_m[0], h_m[0]), min(smooth_m[1], h_m[-1])
    return Geometry(
        total_km,
        hts_m,
        hrs_m,
        dtm_km,
        dlm_km,
        omega,
        beta0_pct(climate.phi_deg, dtm_km, dlm_km),
        ae_km,
        EARTH_KM * K_BETA,
        theta_t,
        theta_r,
        1000.0 * total_km / ae_km + theta_t + theta_r,
        d_km[at_t],
        total_km - d_km[at_r],
        smooth_m[0],
        smooth_m[1],
        hstd_m,
        hsrd_m,
        hst_m,
        hsr_m,
        hts_m - hstd_m,
        hrs_m - hsrd_m,
        hts_m - hst_m,
        hrs_m - hsr_m,
        roughness_m(profile, at_t, at_r, hst_m, hsr_m),
    )
