"""The disc kernels against a slow reference in numpy."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geocover.kernels.antenna import pattern_gains_db
from geocover.kernels.disc import keep_best_server, loss_over_window

XS = np.arange(50.0, 4_050.0, 100.0)
YS = np.arange(3_050.0, 50.0, -100.0)


def curve(distance_m: np.ndarray) -> np.ndarray:
    return 100.0 + 35.0 * np.log10(np.maximum(distance_m, 10.0) / 1000.0)


def test_loss_follows_the_curve() -> None:
    """Catches an interpolation between the wrong nodes: beyond 1 km the error stays below a millibel."""
    nodes = np.arange(0.0, 6_000.0, 25.0)
    loss = loss_over_window(XS, YS, 1_234.0, 1_765.0, curve(nodes), 25.0)
    distance_m = np.hypot(XS[None, :] - 1_234.0, YS[:, None] - 1_765.0)
    far = distance_m > 1_000.0
    assert np.abs(loss - curve(distance_m))[far].max() < 0.01
    assert np.abs(loss - curve(distance_m))[distance_m > 200].max() < 0.1


def test_loss_is_infinite_beyond_the_curve() -> None:
    loss = loss_over_window(XS, YS, 0.0, 0.0, curve(np.arange(0.0, 1_000.1, 25.0)), 25.0)
    distance_m = np.hypot(XS[None, :], YS[:, None])
    assert np.isinf(loss[distance_m > 1_000.0]).all()
    assert np.isfinite(loss[distance_m < 1_000.0]).all()


sectors = st.lists(
    st.tuples(
        st.floats(10.0, 40.0),
        st.one_of(st.just(math.nan), st.floats(0.0, 360.0)),
        st.floats(0.0, 12.0),
        st.floats(30.0, 120.0),
        st.floats(5.0, 20.0),
        st.floats(0.0, 4_000.0),
        st.floats(0.0, 3_000.0),
    ),
    min_size=1,
    max_size=5,
)


@settings(max_examples=60, deadline=None)
@given(sectors)
def test_best_server_against_reference(chosen: list[tuple[float, ...]]) -> None:
    """Catches a wrong sign of azimuth or tilt, a skipped better server, a level below the floor."""
    level = np.full((YS.size, XS.size), np.nan, np.float32)
    server = np.full(level.shape, -1, np.int32)
    reference = []
    nodes = np.arange(0.0, 6_000.0, 25.0)
    for number, (eirp, azimuth, tilt, wide, high, x_m, y_m) in enumerate(chosen):
        loss = loss_over_window(XS, YS, x_m, y_m, curve(nodes), 25.0)
        mast = (x_m, y_m, 33.5, 2_500.0)
        keep_best_server(level, server, loss, XS, YS, mast, (eirp, azimuth, tilt, wide, high), number, -95.0)
        reference.append(_slow(loss, (eirp, azimuth, tilt, wide, high), x_m, y_m))
    stacked = np.stack(reference)
    best = np.where(
        np.isnan(stacked).all(axis=0), np.nan, np.nanmax(np.nan_to_num(stacked, nan=-999), axis=0)
    )
    np.testing.assert_allclose(level, best, atol=1e-4)
    held = server >= 0
    assert (held == np.isfinite(best)).all()
    served = np.take_along_axis(stacked, np.maximum(server, 0)[None], axis=0)[0]
    np.testing.assert_allclose(served[held], best[held], atol=1e-4)


def _slow(loss: np.ndarray, sector: tuple[float, ...], x_m: float, y_m: float) -> np.ndarray:
    eirp, azimuth, tilt, wide, high = sector
    east, north = np.meshgrid(XS - x_m, YS - y_m)
    distance = np.hypot(east, north)
    below = np.degrees(np.arctan2(33.5, distance))
    off = np.zeros_like(below) if math.isnan(azimuth) else np.degrees(np.arctan2(east, north)) - azimuth
    gain = pattern_gains_db(off, below - tilt, 0.0 if math.isnan(azimuth) else wide, high)
    level = eirp - loss + gain
    return np.where((level >= -95.0) & (distance <= 2_500.0), level, np.nan)


def test_main_lobe_points_to_the_azimuth() -> None:
    """Catches azimuths counted anticlockwise or from east: 90° must be strongest in the east."""
    level = np.full((YS.size, XS.size), np.nan, np.float32)
    server = np.full(level.shape, -1, np.int32)
    loss = np.full(level.shape, 100.0, np.float32)
    keep_best_server(
        level, server, loss, XS, YS, (2_000.0, 1_500.0, 0.0, 9e3), (30.0, 90.0, 0.0, 65.0, 10.0), 7, -200.0
    )
    strongest = np.unravel_index(np.nanargmax(level), level.shape)
    assert XS[strongest[1]] > 2_000.0
    assert level[15, 35] == pytest.approx(-70.0, abs=0.1)
    assert level[15, 2] == pytest.approx(-100.0, abs=0.1)


def test_tie_keeps_the_first() -> None:
    """Catches results that depend on the order of equal servers."""
    level = np.full((YS.size, XS.size), np.nan, np.float32)
    server = np.full(level.shape, -1, np.int32)
    loss = np.full(level.shape, 100.0, np.float32)
    for number in (4, 9):
        keep_best_server(
            level, server, loss, XS, YS, (2e3, 1e3, 0.0, 9e3), (30.0, math.nan, 0.0, 0.0, 0.0), number, -200.0
        )
    assert (server == 4).all()
