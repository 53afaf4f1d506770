"""Rec. ITU-R P.1812-8: time and location statistics (sections 4.2, 4.3.5, 4.7 and 4.9, attachment 2)."""

from __future__ import annotations

import math

from numba import njit


@njit(cache=True, nogil=True)
def normal_tail(share: float) -> float:
    """Deviate at most 0 for a share up to 0.5, with sign turned: T(x) - xi(x) (attachment 2 to annex 1)."""
    root = math.sqrt(-2.0 * math.log(share))
    above = (0.010328 * root + 0.802853) * root + 2.515516698
    below = ((0.001308 * root + 0.189269) * root + 1.432788) * root + 1.0
    return root - above / below


@njit(cache=True, nogil=True)
def inverse_normal(share: float) -> float:
    """Inverse complementary cumulative normal distribution I(x), 1e-6 <= x <= 1 - 1e-6.

    The approximation of attachment 2 to annex 1; it errs by at most 4.5e-4.
    """
    if share <= 0.5:
        return normal_tail(max(share, 1e-6))
    return -normal_tail(max(1.0 - share, 1e-6))


@njit(cache=True, nogil=True)
def time_share(time_pct: float, beta0_pct: float) -> float:
    """Interpolation factor F_i between median and beta_0, 0 to 1 (equation 40).

    0 at 50 % of time, 1 from beta_0 down.
    """
    if time_pct <= beta0_pct:
        return 1.0
    return inverse_normal(time_pct / 100.0) / inverse_normal(beta0_pct / 100.0) if time_pct < 50.0 else 0.0


@njit(cache=True, nogil=True)
def location_sigma_db(freq_ghz: float, resolution_m: float) -> float:
    """Standard deviation sigma_L of location variability below the clutter's top, dB (section 4.7).

    `resolution_m` is the side of the square over which the variability applies.
    """
    return (0.024 * freq_ghz + 0.52) * math.pow(resolution_m, 0.28)


@njit(cache=True, nogil=True)
def height_share(rx_height_m: float, clutter_m: float) -> float:
    """Share u(h) of location variability left at a receiver's height above ground, 0 to 1 (section 4.7).

    1 up to the clutter's top, falling to 0 at 10 m above it.
    """
    return min(max(1.0 - (rx_height_m - clutter_m) / 10.0, 0.0), 1.0)


@njit(cache=True, nogil=True)
def location_loss_db(locations_pct: float, sigma_db: float, entry_db: float, entry_sigma_db: float) -> float:
    """What share and place of locations add to the loss at 50 % of locations outdoors, dB (section 4.9).

    Outdoors `entry_db` and `entry_sigma_db` are 0; indoors they are median and spread of building entry loss,
    and both spreads add as independent ones.
    """
    return entry_db - inverse_normal(locations_pct / 100.0) * math.hypot(sigma_db, entry_sigma_db)
