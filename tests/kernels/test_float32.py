"""The float32 arithmetic of the radial sweep against float64."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numba import njit

from geocover.kernels import float32, sweep_loss
from geocover.kernels.float32 import FLAGS
from geocover.kernels.p1812 import with_scatter_db
from geocover.kernels.p1812_diffraction import knife_edge_db

N = 1 << 17
Array = np.ndarray


def over(function: Callable[..., float], *values: Array) -> Array:
    """What a float32 function gives for arrays, in a loop that the compiler may vectorise, as float64."""
    result = np.empty(values[0].size, np.float32)

    @njit(fastmath=FLAGS, error_model="numpy")
    def run(out: Array, *given: Array) -> None:
        for i in range(out.size):
            if len(given) == 1:
                out[i] = function(given[0][i])
            else:
                out[i] = function(given[0][i], given[1][i])

    run(result, *[value.astype(np.float32) for value in values])
    return result.astype(float)


def single(values: Array) -> Array:
    """The same values after float32 has rounded them."""
    return np.asarray(values).astype(np.float32).astype(float)


def draw(low: float, high: float) -> Array:
    return single(np.random.default_rng(12).uniform(low, high, N))


def test_log2() -> None:
    """Catches a wrong coefficient, and a mantissa or exponent taken wrongly beside a power of two."""
    edges = 2.0 ** np.arange(-60.0, 61.0)
    x = single(np.concatenate([2.0 ** draw(-60.0, 60.0), edges, edges * (1 - 1e-7), edges * (1 + 2e-7)]))
    exact = np.log2(x)
    unit = np.spacing(np.abs(exact).astype(np.float32)).astype(float)
    assert (np.abs(over(float32.log2, x) - exact) <= np.maximum(4e-7, unit)).all()
    assert (over(float32.log2, edges) == np.log2(edges)).all()


def test_exp2() -> None:
    """Catches a wrong coefficient and a wrong split into whole part and rest, negative halves included."""
    x = single(np.concatenate([draw(-126.0, 126.0), draw(-2.0, 2.0), np.arange(-252, 253) / 2.0]))
    assert np.abs(over(float32.exp2, x) / np.exp2(x) - 1.0).max() <= 3e-7


def test_exp2_is_held_at_its_ends() -> None:
    """Catches an exponent that runs over into the sign: far off the result is the end's, not garbage."""
    got = over(float32.exp2, np.array([-1e9, -127.0, 127.0, 1e9]))
    assert np.allclose(got, 2.0 ** np.array([-126.0, -126.0, 126.0, 126.0]), rtol=1e-6)


def test_atan() -> None:
    """Catches a wrong coefficient, and a wrong sign or complement on steep slopes."""
    x = single(np.concatenate([draw(-1.0, 1.0), draw(-50.0, 50.0), [-1e30, -1.0, 0.0, 1.0, 1e30]]))
    assert np.abs(over(float32.atan, x) - np.arctan(x)).max() <= 1e-6


def test_third_sine() -> None:
    """Catches a wrong coefficient, and a loss of digits at 0 or 1."""
    x = single(np.concatenate([draw(0.0, 1.0), 10.0 ** draw(-9.0, 0.0), [0.0, 1.0]]))
    assert np.abs(over(float32.third_sine, x) - np.sin(np.arcsin(x) / 3.0)).max() <= 2e-7


@pytest.mark.parametrize(
    ("function", "exact"), [(float32.greater, np.maximum), (float32.lesser, np.minimum)], ids=["max", "min"]
)
def test_of_two_values(function: Callable[..., float], exact: Callable[..., Any]) -> None:
    """Catches a comparison the wrong way round: the result is one of both, to the bit."""
    a, b = draw(-5.0, 5.0), draw(-5.0, 5.0)[::-1].copy()
    assert (over(function, a, b) == exact(a, b)).all()


def test_whole_drops_what_is_behind_the_point() -> None:
    """Catches rounding to the nearest, or downwards below 0."""
    x = single(np.concatenate([draw(-40_000.0, 40_000.0), [-1.5, -1.0, -0.5, 0.0, 0.5, 0.99999994, 1.0]]))
    assert (over(float32.whole, x) == np.trunc(x)).all()


def test_knife_edge() -> None:
    """Catches a wrong J(nu) of (12): against the reference, at both sides of nu = -0.78 and far beyond."""
    nu = single(np.concatenate([draw(-3.0, 3.0), draw(-3.0, 200.0), [-0.79, -0.77, -1e9]]))
    exact = np.array([knife_edge_db(value) for value in nu[-3000:]])
    assert np.abs(over(sweep_loss.edge_db, nu)[-3000:] - exact).max() < 2e-5


def test_two_ways() -> None:
    """Catches a wrong sum of two ways (63): one far below the other must not overflow or count."""
    a, b = draw(60.0, 250.0)[:2000], draw(60.0, 250.0)[-2000:]
    a[:100] = b[:100]
    exact = np.array([with_scatter_db(x, y) for x, y in zip(a, b, strict=True)])
    assert np.abs(over(sweep_loss.both_ways_db, a, b) - exact).max() < 5e-5
