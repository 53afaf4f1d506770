"""Rec. ITU-R P.2109: building entry loss, 80 MHz to 100 GHz (annex 1, section 3, table 1)."""

from __future__ import annotations

import math

from numba import njit

from geocover.kernels.p1812_statistics import inverse_normal

TRADITIONAL, THERMALLY_EFFICIENT = 0, 1

# r, s, t: median loss; u, v and y, z: spreads; w, x: second mean. One row for each kind of building.
COEFFICIENTS = (
    (12.64, 3.72, 0.96, 9.6, 2.0, 9.1, -3.0, 4.5, -2.0),
    (28.19, -3.00, 8.48, 13.5, 3.8, 27.8, -2.9, 9.4, -2.1),
)
C_DB = -3.0
SIGMA_SHARE = 0.5 * (1.0 + math.erf(math.sqrt(0.5)))


@njit(cache=True, nogil=True)
def normal_quantile(share: float) -> float:
    """Inverse cumulative normal distribution F^-1(P), 0 < P < 1.

    Two steps of Halley's method on the error function from the approximation of P.1812's attachment 2.
    """
    deviate = -inverse_normal(share)
    for _ in range(2):
        density = math.exp(-0.5 * deviate * deviate) / math.sqrt(2.0 * math.pi)
        # The tail that is small keeps its digits.
        tail = 0.5 * math.erfc(abs(deviate) / math.sqrt(2.0))
        error = tail - share if deviate <= 0.0 else 1.0 - share - tail
        step = error / density
        deviate -= step / (1.0 + 0.5 * deviate * step)
    return deviate


@njit(cache=True, nogil=True)
def horizontal_median_db(freq_ghz: float, building: int) -> float:
    """Median loss L_h of horizontal paths, dB (equation 9)."""
    r, s, t = COEFFICIENTS[building][:3]
    log_freq = math.log10(freq_ghz)
    return r + s * log_freq + t * log_freq * log_freq


@njit(cache=True, nogil=True)
def elevation_db(elevation_deg: float) -> float:
    """Correction L_e for the path's elevation at the facade, dB (equation 10)."""
    return 0.212 * abs(elevation_deg)


@njit(cache=True, nogil=True)
def entry_loss_db(freq_ghz: float, building: int, elevation_deg: float, share: float) -> float:
    """Building entry loss not exceeded with a probability, dB (equations 1 to 10).

    Parameters
    ----------
    freq_ghz
        0.08 to 100.
    building
        TRADITIONAL or THERMALLY_EFFICIENT.
    elevation_deg
        Elevation of the path at the facade, -90 to 90.
    share
        Probability P that the loss is not exceeded, 0 < P < 1.
    """
    u, v, w, x, y, z = COEFFICIENTS[building][3:]
    log_freq = math.log10(freq_ghz)
    deviate = normal_quantile(share)
    mean_db = horizontal_median_db(freq_ghz, building) + elevation_db(elevation_deg)
    a_db = mean_db + deviate * (u + v * log_freq)
    b_db = w + x * log_freq + deviate * (y + z * log_freq)
    power = math.pow(10.0, 0.1 * a_db) + math.pow(10.0, 0.1 * b_db) + math.pow(10.0, 0.1 * C_DB)
    return 10.0 * math.log10(power)


@njit(cache=True, nogil=True)
def entry_spread_db(freq_ghz: float, building: int, elevation_deg: float) -> float:
    """Spread of building entry loss, dB: half the way between the quantiles one deviation off the median.

    P.2109's distribution is no normal one; P.1812, section 4.9, adds its spread to that of locations as if it
    were.
    """
    high_db = entry_loss_db(freq_ghz, building, elevation_deg, SIGMA_SHARE)
    low_db = entry_loss_db(freq_ghz, building, elevation_deg, 1.0 - SIGMA_SHARE)
    return 0.5 * (high_db - low_db)
