"""Building entry loss by P.2109: published values, closed forms, monotony."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from geocover.kernels.p2109 import (
    THERMALLY_EFFICIENT,
    TRADITIONAL,
    entry_loss_db,
    entry_spread_db,
    horizontal_median_db,
    normal_quantile,
)


@pytest.mark.parametrize(
    ("freq_ghz", "building", "elevation_deg", "share", "loss_db"),
    [
        (0.1, TRADITIONAL, 0.0, 0.5, 14.22372482),
        (1.0, TRADITIONAL, 0.0, 0.5, 14.31281335),
        (10.0, TRADITIONAL, 0.0, 0.98, 41.15318352),
        (100.0, TRADITIONAL, 10.0, 0.02, 4.40754278),
        (1.0, THERMALLY_EFFICIENT, 0.0, 0.5, 31.01140106),
        (10.0, THERMALLY_EFFICIENT, 0.0, 0.02, 10.38780121),
    ],
)
def test_published_values(
    freq_ghz: float, building: int, elevation_deg: float, share: float, loss_db: float
) -> None:
    """Catches a wrong coefficient or branch: values that pycraf's own tests publish for P.2109.

    pycraf takes the quantile from an approximation that errs by 4.5e-4, times a spread of up to 17.3 dB; the
    median needs no quantile.
    """
    tolerance_db = 1e-6 if share == 0.5 else 4.5e-4 * 17.3
    found_db = entry_loss_db(freq_ghz, building, elevation_deg, share)
    assert math.isclose(found_db, loss_db, abs_tol=tolerance_db)


def test_median_at_one_ghz() -> None:
    """Catches terms mixed up: at 1 GHz and P = 0.5 only r, w and C are left."""
    by_hand = 10.0 * math.log10(10.0**1.264 + 10.0**0.91 + 10.0**-0.3)
    assert math.isclose(entry_loss_db(1.0, TRADITIONAL, 0.0, 0.5), by_hand, abs_tol=1e-9)
    assert horizontal_median_db(1.0, TRADITIONAL) == 12.64
    assert horizontal_median_db(1.0, THERMALLY_EFFICIENT) == 28.19


def test_quantile_is_exact() -> None:
    """Catches too coarse a normal quantile, also far out in both tails."""
    for share in (1e-6, 1e-4, 0.02, 0.3, 0.5, 0.51, 0.8413447460685429, 0.999, 0.999999):
        assert math.isclose(normal_quantile(share), norm.ppf(share), rel_tol=1e-9, abs_tol=1e-9)


def test_spread() -> None:
    """Catches a spread that is not one: near u where the first term rules, larger in efficient buildings."""
    assert math.isclose(entry_spread_db(1.0, TRADITIONAL, 90.0), 9.6, abs_tol=0.5)
    assert entry_spread_db(1.0, THERMALLY_EFFICIENT, 0.0) > entry_spread_db(1.0, TRADITIONAL, 0.0)


@given(
    freq_ghz=st.floats(0.08, 100.0),
    building=st.sampled_from([TRADITIONAL, THERMALLY_EFFICIENT]),
    elevation_deg=st.floats(-90.0, 90.0),
    shares=st.tuples(st.floats(0.001, 0.999), st.floats(0.001, 0.999)),
)
def test_grows_with_probability(
    freq_ghz: float, building: int, elevation_deg: float, shares: tuple[float, float]
) -> None:
    """Catches a loss that falls with probability, differs for up and down, or is below C = -3 dB."""
    low, high = (entry_loss_db(freq_ghz, building, elevation_deg, share) for share in sorted(shares))
    assert -3.0 <= low <= high + 1e-9
    assert high == entry_loss_db(freq_ghz, building, -elevation_deg, max(shares))
