"""Conversions: there and back, and the anchors everybody knows."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geocover.units import dbm_from_watt, square_km_from_square_m, watt_from_dbm


def test_anchors() -> None:
    """Catches watts taken for milliwatts: 1 mW is 0 dBm, 40 W is 46 dBm."""
    assert dbm_from_watt(0.001) == pytest.approx(0.0)
    assert dbm_from_watt(40.0) == pytest.approx(46.02, abs=0.01)
    assert square_km_from_square_m(2_500_000.0) == 2.5


@given(st.floats(-120.0, 60.0))
def test_there_and_back(power_dbm: float) -> None:
    assert dbm_from_watt(watt_from_dbm(power_dbm)) == pytest.approx(power_dbm, abs=1e-9)


@pytest.mark.parametrize("power_w", [0.0, -1.0])
def test_no_power_has_no_level(power_w: float) -> None:
    with pytest.raises(ValueError, match="positive"):
        dbm_from_watt(power_w)
