"""Conversions between units; every name says its unit."""

from __future__ import annotations

import math

SPEED_OF_LIGHT_M_S = 299_792_458.0
EARTH_RADIUS_M = 6_371_000.0


def dbm_from_watt(power_w: float) -> float:
    """Power in dBm from watts.

    Raises
    ------
    ValueError
        If the power is not positive.
    """
    if power_w <= 0:
        msg = f"power must be positive, not {power_w} W"
        raise ValueError(msg)
    return 10.0 * math.log10(power_w * 1000.0)


def watt_from_dbm(power_dbm: float) -> float:
    """Power in watts from dBm."""
    return float(10.0 ** (power_dbm / 10.0) / 1000.0)


def square_km_from_square_m(area_m2: float) -> float:
    """Area in km² from m²."""
    return area_m2 / 1e6
