"""The disc kernel against a slow reference in numpy."""

from __future__ import annotations

import numpy as np

from geocover.kernels.disc import loss_over_window

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
