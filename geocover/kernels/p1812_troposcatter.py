"""Rec. ITU-R P.1812-8, section 4.4: tropospheric scatter."""

from __future__ import annotations

import math

from numba import njit


@njit(cache=True, nogil=True)
def troposcatter_db(d_km: float, theta_mrad: float, freq_ghz: float, time_pct: float, n0: float) -> float:
    """Loss L_bs by tropospheric scatter not exceeded for a share of time up to 50 %, dB (44 and 45)."""
    freq_db = 25.0 * math.log10(freq_ghz) - 2.5 * math.log10(freq_ghz / 2.0) ** 2
    time_db = 10.125 * math.pow(math.log10(50.0 / time_pct), 0.7)
    return 190.1 + freq_db + 20.0 * math.log10(d_km) + 0.573 * theta_mrad - 0.15 * n0 - time_db
