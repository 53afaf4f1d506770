"""Rec. ITU-R P.1812-8 (09/2025), annex 1: loss over a terrain profile, 30 MHz to 6 GHz, 1 to 50 % of time.

The scalar reference in float64: one path at a time, every intermediate value kept. Faster engines are
measured against it. Sections 4.2, 4.6, 4.9 and 4.10 are here; the others stand in `p1812_profile`,
`p1812_diffraction`, `p1812_troposcatter`, `p1812_ducting` and `p1812_statistics`.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from numba import njit

from geocover.kernels.p1812_diffraction import Diffraction, delta_bullington, with_clutter_m
from geocover.kernels.p1812_ducting import ducting_db
from geocover.kernels.p1812_profile import SEA, Climate, Geometry, Profile, analyse
from geocover.kernels.p1812_statistics import location_loss_db, time_share
from geocover.kernels.p1812_troposcatter import troposcatter_db


class Link(NamedTuple):
    """Antennas and what is asked of the path.

    freq_ghz: 0.03 to 6. time_pct: share of time for which the loss is not exceeded, 1 to 50. tx_height_m,
    rx_height_m: above ground, 1 to 3000. vertical: polarisation.
    """

    freq_ghz: float
    time_pct: float
    tx_height_m: float
    rx_height_m: float
    vertical: bool


class Locations(NamedTuple):
    """Which share of the places around the receiver, and whether indoors (sections 4.7 to 4.9).

    pct: 1 to 99. sigma_db: location variability at the receiver's height, that is `location_sigma_db` times
    `height_share`. entry_db, entry_sigma_db: median and spread of building entry loss (`p2109`), both 0
    outdoors.
    """

    pct: float
    sigma_db: float
    entry_db: float
    entry_sigma_db: float


OUTDOOR_MEDIAN = Locations(50.0, 0.0, 0.0, 0.0)


class Loss(NamedTuple):
    """All losses of a path, dB, and the factors between them, in the order of the Recommendation."""

    lbfs_db: float  # (8) free space
    lb0p_db: float  # (10) line of sight, p % of time
    lb0b_db: float  # (11) line of sight, beta_0 of time
    median: Diffraction  # (39) median Earth; its ld_db is L_d50
    beta: Diffraction  # (39) Earth of beta_0; its ld_db is L_dbeta
    fi: float  # (40)
    ldp_db: float  # (41)
    lbd50_db: float  # (42)
    lbd_db: float  # (43)
    lbs_db: float  # (44)
    lba_db: float  # (46)
    fj: float  # (57)
    fk: float  # (58)
    lminb0p_db: float  # (59)
    lminbap_db: float  # (60)
    lbda_db: float  # (61)
    lbam_db: float  # (62)
    lbc_db: float  # (63) 50 % of locations
    lb_db: float  # (69) pL % of locations
    ep_dbuv_m: float  # (70) field strength of 1 kW e.r.p., dB(uV/m)


@njit(cache=True, nogil=True)
def free_space_db(path: Geometry, freq_ghz: float) -> float:
    """Free-space loss L_bfs over the slant path, dB (equation 8)."""
    slant_km = math.hypot(path.d_km, (path.hts_m - path.hrs_m) / 1000.0)
    return 92.4 + 20.0 * math.log10(freq_ghz) + 20.0 * math.log10(slant_km)


@njit(cache=True, nogil=True)
def multipath_db(path: Geometry, time_pct: float) -> float:
    """Correction E_s for multipath and focusing, dB, negative below 50 % of time (equations 9a and 9b)."""
    return 2.6 * (1.0 - math.exp(-0.1 * (path.dlt_km + path.dlr_km))) * math.log10(time_pct / 50.0)


@njit(cache=True, nogil=True)
def angle_share(theta_mrad: float) -> float:
    """Interpolation factor F_j for the path's angular distance, 0 to 1 (equation 57)."""
    return 1.0 - 0.5 * (1.0 + math.tanh(3.0 * 0.8 * (theta_mrad - 0.3) / 0.3))


@njit(cache=True, nogil=True)
def distance_share(d_km: float) -> float:
    """Interpolation factor F_k for the path's length, 0 to 1 (equation 58)."""
    return 1.0 - 0.5 * (1.0 + math.tanh(3.0 * 0.5 * (d_km - 20.0) / 20.0))


@njit(cache=True, nogil=True)
def least_line_of_sight_db(
    path: Geometry, time_pct: float, line_db: tuple[float, float], fi: float, ld_db: tuple[float, float]
) -> float:
    """Notional least loss L_minb0p by line of sight and over-sea sub-path diffraction, dB (equation 59).

    `line_db` holds L_b0p and L_b0beta, `ld_db` L_dp and L_bd50.
    """
    over_land_db = (1.0 - path.omega) * ld_db[0]
    if time_pct < path.beta0_pct:
        return line_db[0] + over_land_db
    return ld_db[1] + (line_db[1] + over_land_db - ld_db[1]) * fi


@njit(cache=True, nogil=True)
def least_ducting_db(lba_db: float, lb0p_db: float) -> float:
    """Notional least loss L_minbap by ducting and line of sight, dB (equation 60).

    2.5 ln(exp(a / 2.5) + exp(b / 2.5)), written so that large losses do not overflow.
    """
    return max(lba_db, lb0p_db) + 2.5 * math.log1p(math.exp(-abs(lba_db - lb0p_db) / 2.5))


@njit(cache=True, nogil=True)
def with_scatter_db(lbs_db: float, lbam_db: float) -> float:
    """Loss L_bc of both ways together, dB (equation 63), written so that large losses do not underflow."""
    apart_db = abs(lbs_db - lbam_db)
    return min(lbs_db, lbam_db) - 5.0 * math.log10(1.0 + math.pow(10.0, -0.2 * apart_db))


@njit(cache=True, nogil=True)
def combine(profile: Profile, path: Geometry, climate: Climate, link: Link, locations: Locations) -> Loss:
    """All losses of an analysed path (sections 4.2 to 4.10).

    Raises nothing: values outside the Recommendation's ranges give what the equations give.
    """
    freq_ghz, time_pct = link.freq_ghz, link.time_pct
    lbfs_db = free_space_db(path, freq_ghz)
    lb0p_db = lbfs_db + multipath_db(path, time_pct)
    lb0b_db = lbfs_db + multipath_db(path, path.beta0_pct)

    g_m = with_clutter_m(profile)
    median = delta_bullington(profile, g_m, path, path.ae_km, freq_ghz, link.vertical)
    beta = delta_bullington(profile, g_m, path, path.abeta_km, freq_ghz, link.vertical)
    fi = time_share(time_pct, path.beta0_pct)
    ldp_db = median.ld_db + (beta.ld_db - median.ld_db) * fi
    lbd50_db, lbd_db = lbfs_db + median.ld_db, lb0p_db + ldp_db

    lbs_db = troposcatter_db(path.d_km, path.theta_mrad, freq_ghz, time_pct, climate.n0)
    lba_db = ducting_db(path, climate, freq_ghz, time_pct)

    fj, fk = angle_share(path.theta_mrad), distance_share(path.d_km)
    lminb0p_db = least_line_of_sight_db(path, time_pct, (lb0p_db, lb0b_db), fi, (ldp_db, lbd50_db))
    lminbap_db = least_ducting_db(lba_db, lb0p_db)
    lbda_db = lbd_db if lminbap_db > lbd_db else lminbap_db + (lbd_db - lminbap_db) * fk
    lbam_db = lbda_db + (lminb0p_db - lbda_db) * fj
    lbc_db = with_scatter_db(lbs_db, lbam_db)
    sigma_db = 0.0 if profile.zone[-1] == SEA else locations.sigma_db
    more_db = location_loss_db(locations.pct, sigma_db, locations.entry_db, locations.entry_sigma_db)
    lb_db = max(lb0p_db, lbc_db + more_db)
    return Loss(
        lbfs_db,
        lb0p_db,
        lb0b_db,
        median,
        beta,
        fi,
        ldp_db,
        lbd50_db,
        lbd_db,
        lbs_db,
        lba_db,
        fj,
        fk,
        lminb0p_db,
        lminbap_db,
        lbda_db,
        lbam_db,
        lbc_db,
        lb_db,
        199.36 + 20.0 * math.log10(freq_ghz) - lb_db,
    )


@njit(cache=True, nogil=True)
def path_loss(profile: Profile, climate: Climate, link: Link, locations: Locations) -> tuple[Geometry, Loss]:
    """Geometry and losses of one path by Rec. ITU-R P.1812-8, with every intermediate value.

    Parameters
    ----------
    profile
        Terrain, clutter and zones from transmitter to receiver (`Profile`).
    climate
        Refractivity, latitude and coasts (`Climate`).
    link
        Frequency, share of time, antenna heights, polarisation (`Link`).
    locations
        Share of locations and building entry (`Locations`); `OUTDOOR_MEDIAN` for the median outdoors.
    """
    path = analyse(profile, climate, link.tx_height_m, link.rx_height_m)
    return path, combine(profile, path, climate, link, locations)
