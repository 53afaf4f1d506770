"""Rec. ITU-R P.1812-8, section 4.5: ducting and layer reflection."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from numba import njit

from geocover.kernels.p1812_profile import inland_tau

if TYPE_CHECKING:
    from geocover.kernels.p1812_profile import Climate, Geometry


@njit(cache=True, nogil=True)
def low_frequency_db(freq_ghz: float) -> float:
    """Correction A_lf below 0.5 GHz, dB (equation 47a)."""
    if freq_ghz >= 0.5:
        return 0.0
    return 45.375 - 137.0 * freq_ghz + 92.5 * freq_ghz * freq_ghz


@njit(cache=True, nogil=True)
def shielding_db(theta_mrad: float, horizon_km: float, freq_ghz: float) -> float:
    """Site shielding A_st or A_sr of one terminal, dB (equations 48 and 48a)."""
    above_mrad = theta_mrad - 0.1 * horizon_km
    if above_mrad <= 0.0:
        return 0.0
    root = math.sqrt(freq_ghz * horizon_km)
    return 20.0 * math.log10(1.0 + 0.361 * above_mrad * root) + 0.264 * above_mrad * math.pow(
        freq_ghz, 1.0 / 3.0
    )


@njit(cache=True, nogil=True)
def coast_db(omega: float, coast_km: float, horizon_km: float, height_m: float) -> float:
    """Over-sea duct coupling A_ct or A_cr of one terminal, dB, at most 0 (equation 49).

    `height_m` is the antenna's height above sea level.
    """
    if omega < 0.75 or coast_km > horizon_km or coast_km > 5.0:
        return 0.0
    return -3.0 * math.exp(-0.25 * coast_km * coast_km) * (1.0 + math.tanh(0.07 * (50.0 - height_m)))


@njit(cache=True, nogil=True)
def fixed_coupling_db(path: Geometry, climate: Climate, freq_ghz: float) -> float:
    """Coupling loss A_f between antennas and anomalous layer, dB (equation 47)."""
    loss_db = 102.45 + 20.0 * math.log10(freq_ghz) + 20.0 * math.log10(path.dlt_km + path.dlr_km)
    loss_db += low_frequency_db(freq_ghz)
    loss_db += shielding_db(path.theta_t_mrad, path.dlt_km, freq_ghz)
    loss_db += shielding_db(path.theta_r_mrad, path.dlr_km, freq_ghz)
    loss_db += coast_db(path.omega, climate.dct_km, path.dlt_km, path.hts_m)
    return loss_db + coast_db(path.omega, climate.dcr_km, path.dlr_km, path.hrs_m)


@njit(cache=True, nogil=True)
def path_geometry_share(path: Geometry) -> float:
    """Correction mu_2 for path geometry, 0 to 1 (equations 55 and 55a)."""
    alpha = -0.6 - 3.5e-9 * math.pow(path.d_km, 3.1) * inland_tau(path.dlm_km)
    roots = math.sqrt(path.hte_m) + math.sqrt(path.hre_m)
    return min(math.pow(500.0 / path.ae_km * (path.d_km / roots) ** 2, max(alpha, -3.4)), 1.0)


@njit(cache=True, nogil=True)
def roughness_share(path: Geometry) -> float:
    """Correction mu_3 for terrain roughness, 0 to 1 (equations 56 and 56a)."""
    if path.hm_m <= 10.0:
        return 1.0
    between_km = min(path.d_km - path.dlt_km - path.dlr_km, 40.0)
    return math.exp(-4.6e-5 * (path.hm_m - 10.0) * (43.0 + 6.0 * between_km))


@njit(cache=True, nogil=True)
def time_variation_db(d_km: float, time_pct: float, beta_pct: float) -> float:
    """Variation A(p) with the share of time, dB (equations 53 and 53a)."""
    log_beta = math.log10(beta_pct)
    power = 1.076 / math.pow(2.0058 - log_beta, 1.012)
    power *= math.exp(-(9.51 - 4.8 * log_beta + 0.198 * log_beta**2) * 1e-6 * math.pow(d_km, 1.13))
    share = time_pct / beta_pct
    return -12.0 + (1.2 + 3.7e-3 * d_km) * math.log10(share) + 12.0 * math.pow(share, power)


@njit(cache=True, nogil=True)
def angular_db(path: Geometry, freq_ghz: float) -> float:
    """Loss gamma_d theta' by the angles along the path, dB (equations 51 to 52a)."""
    near_mrad = min(path.theta_t_mrad, 0.1 * path.dlt_km) + min(path.theta_r_mrad, 0.1 * path.dlr_km)
    return 5e-5 * path.ae_km * math.pow(freq_ghz, 1.0 / 3.0) * (1000.0 * path.d_km / path.ae_km + near_mrad)


@njit(cache=True, nogil=True)
def ducting_db(path: Geometry, climate: Climate, freq_ghz: float, time_pct: float) -> float:
    """Loss L_ba by ducting and layer reflection not exceeded for a share of time, dB (46, 50 and 54)."""
    beta_pct = path.beta0_pct * path_geometry_share(path) * roughness_share(path)
    duct_db = angular_db(path, freq_ghz) + time_variation_db(path.d_km, time_pct, beta_pct)
    return fixed_coupling_db(path, climate, freq_ghz) + duct_db
