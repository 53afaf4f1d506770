"""Conversions between units; every name says its unit."""

from __future__ import annotations


def square_km_from_square_m(area_m2: float) -> float:
    """Area in km² from m²."""
    return area_m2 / 1e6
