"""What bounds a path: its operations and bytes beside what one core can do, measured in the same run.

Operations are counted by hand from `kernels/sweep*.py`: one for each addition, multiplication, division,
root, comparison and maximum in float32. How often each part runs depends on the ground, so that is counted on
random paths of the same trial; docs/performance.md has the count by function.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from benchmarks.ground import Trial
from benchmarks.paths import CLIMATE, p1812_link, sweep_sampler
from benchmarks.table import Amount, Row, interleaved, seconds
from geocover.kernels import p1812
from geocover.kernels.p1812_profile import INLAND, Profile, median_earth_km

CHAIN = 32  # multiply-adds on a value between load and store
VALUES, TURNS = 1_024, 1_000  # four arrays of so many values fit the nearest cache
TRIAD_VALUES = 1 << 25  # 128 MiB an array, three of them
RUNS = 5
SAMPLE = 1_000

# Operations on bare ground: of every path (its part of trace and accumulate, measure, shape, _add_up), ...
PER_PATH = 372.0
PER_TIGHT = 510.0  # ... where the smooth Earth counts (_exceed),
PER_BACK, PER_CLEAR, PER_OVER = 3.0, 4.0, 6.0  # ... and a point in look_back, least_clear, look_over.
LANES = 32  # points are looked at in multiples of this
MARGIN = 0.609  # 0.78²: what lies farther below the line of sight is not looked at
# To and from memory: ground under 2.24 points a pixel, two values each; which ray; result twice; wanted.
BYTES_PER_PATH = 31.0


class Glance(NamedTuple):
    """What the sweep looks at for one path: points in each scan, and whether the smooth Earth counts."""

    back: int
    clear: int
    over: int
    tight: bool

    @property
    def operations(self) -> float:
        """Operations of the path."""
        scans = PER_BACK * self.back + PER_CLEAR * self.clear + PER_OVER * self.over
        return PER_PATH + scans + PER_TIGHT * self.tight


Floats = NDArray[np.float32]
Floats64 = NDArray[np.float64]


@njit(fastmath={"contract"})
def chains(v: Floats, w: Floats, x: Floats, y: Floats, by: tuple[np.float32, np.float32], turns: int) -> None:
    """Multiply-adds on values that stay in registers: four arrays side by side hide the latency."""
    a, b = by
    for _ in range(turns):
        for i in range(v.size):
            p, q, r, s = v[i], w[i], x[i], y[i]
            for _k in range(CHAIN):
                p, q, r, s = p * a + b, q * a + b, r * a + b, s * a + b
            v[i], w[i], x[i], y[i] = p, q, r, s


@njit(fastmath={"contract"})
def triad(a: Floats, b: Floats, c: Floats, scale: np.float32) -> None:
    """The triad of the STREAM benchmark: a = b + scale c."""
    for i in range(a.size):
        a[i] = b[i] + scale * c[i]


def peak_sampler() -> Callable[[], float]:
    """Runs of multiply-adds on one core, in Gflop/s; two operations each."""
    v, w, x, y = (np.ones(VALUES, np.float32) for _ in range(4))
    halves = (np.float32(0.5), np.float32(0.5))
    chains(v, w, x, y, halves, 1)
    flops = 2.0 * CHAIN * 4.0 * VALUES * TURNS
    return lambda: flops / seconds(lambda: chains(v, w, x, y, halves, TURNS)) / 1e9


def bandwidth_sampler() -> Callable[[], float]:
    """Runs of the triad on one core, in GB/s; 12 bytes a value, as STREAM counts."""
    a, b, c = (np.ones(TRIAD_VALUES, np.float32) for _ in range(3))
    triad(a[:1], b[:1], c[:1], np.float32(0.5))
    return lambda: 12.0 * TRIAD_VALUES / seconds(lambda: triad(a, b, c, np.float32(0.5))) / 1e9


def in_lanes(points: int) -> int:
    """Points that a scan of so many looks at."""
    return max(0, math.ceil(points / LANES) * LANES)


def clear_points(bent_m: Floats64, chord: float, step_m: float, wave_m: float) -> int:
    """Points that may touch a path in line of sight: neither far below it nor in blocks that all are.

    `bent_m` is the ground of points 1, 2, … above the transmitter, bent with the Earth; `chord` the slope of
    the line of sight, both per step.
    """
    count = bent_m.size  # inner points; the receiver is the next
    slope = float((bent_m / np.arange(1, count + 1)).max()) - chord
    near = MARGIN * wave_m * step_m / (2.0 * (count + 1)) / slope**2
    end = min(count, int((count + 1) * near / (1.0 + near)) + 2)
    root = np.sqrt(np.arange(1, count + 1))
    highest = np.maximum.accumulate(bent_m / root)[LANES - 1 :: LANES]
    far = min(chord, 0.0) * root[LANES - 1 :: LANES] - highest >= math.sqrt(MARGIN * wave_m * step_m / 2.0)
    return in_lanes(end - LANES * int(np.argmin([*far, False])))


def glance(trial: Trial, h_m: Floats64, step_m: float) -> Glance:
    """What the sweep looks at for a path over terrain heights at equal steps, metres."""
    last = h_m.size - 1
    d_km = np.linspace(0.0, last * step_m / 1000.0, h_m.size)
    profile = Profile(d_km, h_m, np.zeros(h_m.size), np.full(h_m.size, INLAND))
    loss = p1812.path_loss(profile, CLIMATE, p1812_link(trial), p1812.OUTDOOR_MEDIAN)[1]
    tight = loss.median.ldsph_db > 0.0
    steps = np.arange(1, last + 1)
    bare_m = h_m[1:] - h_m[0] - trial.tx_height_m
    flat_chord = (bare_m[-1] + trial.rx_height_m) / last
    bent_m = bare_m - steps**2 * step_m**2 / (2000.0 * median_earth_km(CLIMATE.delta_n))
    chord = (bent_m[-1] + trial.rx_height_m) / last
    slopes = bent_m[:-1] / steps[:-1]
    beyond = in_lanes(last - 1 - int(slopes.argmax()))
    over = beyond if tight and (bare_m[:-1] / steps[:-1]).max() > flat_chord else 0
    if slopes.max() >= chord:
        return Glance(beyond, 0, over, tight)
    return Glance(0, clear_points(bent_m[:-1], chord, step_m, 299.8 / trial.freq_mhz), over, tight)


def mean_operations(trial: Trial) -> float:
    """Operations of the sweep for a path, mean over random paths of the trial."""
    paths = trial.profiles(SAMPLE)
    parts = np.split(paths.heights_m, paths.starts[1:-1])
    seen = [glance(trial, h_m, step_m) for h_m, step_m in zip(parts, paths.steps_m.tolist(), strict=True)]
    return statistics.fmean(each.operations for each in seen)


def bound_rows(folder: Path) -> list[Row]:  # noqa: ARG001
    """Peak, bandwidth, and what the sweep reaches of them."""
    trial = Trial()
    sweep = sweep_sampler(trial, clutter=False)
    samplers = [peak_sampler(), bandwidth_sampler(), lambda: sweep().per_s]
    peak, band, paths = (statistics.median(values) for values in interleaved(samplers, RUNS))
    flops = mean_operations(trial)
    reached = Amount(paths * flops / 1e9, "Gflop/s"), Amount(paths * BYTES_PER_PATH / 1e9, "GB/s")
    return [
        Row(
            "fp32 peak, 1 core",
            Amount(peak, "Gflop/s"),
            "",
            figure="bound.peak",
            note="multiply-adds in numba",
        ),
        Row("memory, 1 core", Amount(band, "GB/s"), "", figure="bound.memory", note="triad on 3 × 128 MiB"),
        Row(
            "sweep, operations beside peak", reached[0], Amount(peak, "Gflop/s"), note=f"{flops:,.0f} a path"
        ),
        Row(
            "sweep, memory beside triad",
            reached[1],
            Amount(band, "GB/s"),
            note=f"{BYTES_PER_PATH:.0f} bytes a path",
        ),
    ]
