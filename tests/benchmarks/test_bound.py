"""The count of what a path costs: nothing here is timed."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.bound import PER_BACK, PER_PATH, Glance, clear_points, glance, in_lanes
from benchmarks.ground import Trial

TRIAL = Trial(radius_m=3_000.0)


@pytest.mark.parametrize(("points", "looked_at"), [(-5, 0), (0, 0), (1, 32), (32, 32), (33, 64)])
def test_scans_have_no_remainder(points: int, looked_at: int) -> None:
    """Would catch a count of the points wanted in place of those looked at."""
    assert in_lanes(points) == looked_at


def test_scans_add_up() -> None:
    """Would catch a scan that is left out, or the smooth Earth counted where it is not computed."""
    assert Glance(64, 0, 0, tight=False).operations == PER_PATH + 64 * PER_BACK
    assert Glance(0, 0, 0, tight=True).operations > Glance(0, 0, 0, tight=False).operations


def test_wall_is_looked_back_at_from_its_foot() -> None:
    """Would catch a count over the whole path where the scan starts at the transmitter's horizon."""
    h_m = np.zeros(201)
    h_m[150] = 200.0
    seen = glance(TRIAL, h_m, 30.0)
    assert (seen.back, seen.clear) == (in_lanes(200 - 150), 0)


def test_points_left_out_cost_nothing() -> None:
    """Would catch a range that misses the point with the largest diffraction parameter (equation 15)."""
    random = np.random.default_rng(15)
    wave_m, step_m = 0.1666, 30.0
    for _ in range(50):
        bent_m = random.uniform(-60.0, -3.0, 199)
        chord = float((bent_m / np.arange(1, 200)).max()) + random.uniform(1e-4, 0.05)
        at = np.arange(1, 200)
        below_m = chord * at - bent_m
        nu = -below_m * np.sqrt(2.0 * 200.0 / (wave_m * step_m * at * (200.0 - at)))
        if nu.max() > -0.78:
            assert clear_points(bent_m, chord, step_m, wave_m) >= 1
