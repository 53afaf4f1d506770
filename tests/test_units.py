"""Conversions: the anchors everybody knows."""

from __future__ import annotations

from geocover.units import square_km_from_square_m


def test_square_km() -> None:
    """Catches a factor of a thousand where it is a million."""
    assert square_km_from_square_m(2_500_000.0) == 2.5
