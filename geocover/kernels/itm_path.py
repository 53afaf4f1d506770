"""Geometry of a path in the Irregular Terrain Model: horizons, irregularity, effective heights.

Source: G. A. Hufford, "The ITS Irregular Terrain Model, version 1.2.2: the algorithm" (NTIA/ITS, 1995),
called *the Algorithm* below; its area mode is described in NTIA Report 82-100 (1982). Angles are in radians,
upwards from the horizontal; elevations are equidistant, the first under the transmitter, the last under the
receiver.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

# How carefully the sites of the area mode were chosen (NTIA Report 82-100).
RANDOM, CAREFUL, VERY_CAREFUL = 0, 1, 2

# What the point-to-point mode adds to the product of the antennas' heights (the Algorithm: w).
PROFILE_M2 = 10.0


class Terminal(NamedTuple):
    """One end of a path: heights above ground and above the effective ground, and its radio horizon."""

    height_m: float
    effective_m: float
    horizon_m: float
    elevation_rad: float


class Path(NamedTuple):
    """All that the model keeps of a terrain profile.

    `structural_m2` is the product of the antennas' heights (over a profile: and 10 m2) by which the two kinds
    of diffraction are weighed.
    """

    distance_m: float
    tx: Terminal
    rx: Terminal
    irregularity_m: float
    structural_m2: float


@njit(cache=True, nogil=True)
def irregularity_at_m(irregularity_m: float, distance_m: float) -> float:
    """Terrain irregularity over a finite distance, metres (the Algorithm: Delta h(d))."""
    return irregularity_m * (1.0 - 0.8 * math.exp(-distance_m / 50e3))


@njit(cache=True, nogil=True)
def roughness_m(irregularity_m: float) -> float:
    """Standard deviation sigma_h of the terrain's height within a Fresnel zone, metres (the Algorithm)."""
    return 0.78 * irregularity_m * math.exp(-math.sqrt(math.sqrt(irregularity_m / 16.0)))


@njit(cache=True, nogil=True)
def smooth_horizon_m(effective_m: float, curvature_per_m: float) -> float:
    """Distance of the horizon over a smooth earth, metres (the Algorithm: d_Ls)."""
    return math.sqrt(2.0 * effective_m / curvature_per_m)


@njit(cache=True, nogil=True)
def smooth_reach_m(path: Path, curvature_per_m: float) -> float:
    """Sum of both smooth-earth horizon distances, metres."""
    tx_m = smooth_horizon_m(path.tx.effective_m, curvature_per_m)
    return tx_m + smooth_horizon_m(path.rx.effective_m, curvature_per_m)


@njit(cache=True, nogil=True)
def reach_m(path: Path) -> float:
    """Sum of both horizon distances, metres (the Algorithm: d_L)."""
    return path.tx.horizon_m + path.rx.horizon_m


@njit(cache=True, nogil=True)
def bend_rad(path: Path, curvature_per_m: float) -> float:
    """Sum of both horizon elevations, not below that of the smooth earth (the Algorithm: theta_e)."""
    return max(path.tx.elevation_rad + path.rx.elevation_rad, -reach_m(path) * curvature_per_m)


@njit(cache=True, nogil=True)
def linear_fit(values: NDArray[np.float64], first: int, last: int) -> tuple[float, float]:
    """Least-squares line through values[first..last], trapezoidal weights, as its values at both ends.

    The ends are index 0 and the last index of the whole array, outside of the fitted part as well. A part
    of less than one interval is widened by one on both sides.
    """
    end = values.size - 1
    if last <= first:
        first, last = max(first - 1, 0), min(last + 1, end)
    width = last - first
    middle = 0.5 * (first + last)
    total = 0.5 * (values[first] + values[last])
    moment = 0.25 * (values[last] - values[first]) * width
    for i in range(first + 1, last):
        total += values[i]
        moment += values[i] * (i - middle)
    mean = total / width
    slope = moment * 12.0 / ((width * width + 2.0) * width)
    return mean - slope * middle, mean + slope * (end - middle)


@njit(cache=True, nogil=True)
def profile_fit(
    elevation_m: NDArray[np.float64], step_m: float, start_m: float, stop_m: float
) -> tuple[float, float]:
    """`linear_fit` of the part from `start_m` to `stop_m` along the profile, rounded outwards, metres."""
    end = elevation_m.size - 1
    first = int(max(start_m / step_m, 0.0))
    last = end - int(max(end - stop_m / step_m, 0.0))
    return linear_fit(elevation_m, first, last)


@njit(cache=True, nogil=True)
def horizon(
    elevation_m: NDArray[np.float64],
    step_m: float,
    near_m: float,
    far_m: float,
    curvature_per_m: float,
    backwards: bool,  # noqa: FBT001
) -> tuple[float, float]:
    """Distance (m) and elevation angle (rad) of a terminal's horizon (the Algorithm).

    `near_m` and `far_m` are the antennas' heights above sea level at this and the other end; `backwards` says
    that this end is the profile's last point. In a line of sight the other terminal is the horizon.
    """
    end = elevation_m.size - 1
    distance_m = end * step_m
    sag_per_m = 0.5 * curvature_per_m
    angle = (far_m - near_m) / distance_m - sag_per_m * distance_m
    for i in range(1, end):
        away_m = i * step_m
        ground_m = elevation_m[end - i] if backwards else elevation_m[i]
        above_m = ground_m - near_m - (sag_per_m * away_m + angle) * away_m
        if above_m > 0.0:
            angle += above_m / away_m
            distance_m = away_m
    return distance_m, angle


@njit(cache=True, nogil=True)
def interpolated(elevation_m: NDArray[np.float64], position: float) -> float:
    """Elevation at a fractional index, metres."""
    left = min(int(position), elevation_m.size - 2)
    return float(elevation_m[left] + (elevation_m[left + 1] - elevation_m[left]) * (position - left))


@njit(cache=True, nogil=True)
def interdecile_m(elevation_m: NDArray[np.float64], first: float, last: float) -> float:
    """Range between the upper and lower decile of the elevations about their trend, metres (the Algorithm).

    The part between two fractional indices is resampled to 35 to 245 points and its linear fit taken away.
    """
    tenth = int(min(max(4.0, 0.1 * (last - first + 8.0)), 25.0))
    sample = np.empty(10 * tenth - 5)
    step = (last - first) / (sample.size - 1)
    for i in range(sample.size):
        sample[i] = interpolated(elevation_m, first + i * step)
    start_m, stop_m = linear_fit(sample, 0, sample.size - 1)
    for i in range(sample.size):
        sample[i] -= start_m + (stop_m - start_m) * i / (sample.size - 1)
    ninth = sample.size - tenth
    parted = np.partition(sample, ninth)
    return float(parted[ninth] - np.partition(parted[:ninth], tenth - 1)[tenth - 1])


@njit(cache=True, nogil=True)
def irregularity_m(elevation_m: NDArray[np.float64], step_m: float, start_m: float, stop_m: float) -> float:
    """Terrain irregularity parameter Delta h of the part from `start_m` to `stop_m`, metres (the Algorithm).

    Zero where that part holds fewer than two intervals.
    """
    first, last = start_m / step_m, stop_m / step_m
    if last - first < 2.0:
        return 0.0
    return interdecile_m(elevation_m, first, last) / irregularity_at_m(1.0, stop_m - start_m)


@njit(cache=True, nogil=True)
def usual_horizon_m(effective_m: float, irregular_m: float, curvature_per_m: float) -> float:
    """Horizon distance to be expected in irregular terrain, metres (the Algorithm: d_L of the area mode)."""
    shortened = math.exp(-0.07 * math.sqrt(irregular_m / max(effective_m, 5.0)))
    return smooth_horizon_m(effective_m, curvature_per_m) * shortened


@njit(cache=True, nogil=True)
def usual_terminal(
    height_m: float, effective_m: float, irregular_m: float, curvature_per_m: float
) -> Terminal:
    """Terminal with the horizon to be expected in irregular terrain (the Algorithm)."""
    horizon_m = usual_horizon_m(effective_m, irregular_m, curvature_per_m)
    smooth_m = smooth_horizon_m(effective_m, curvature_per_m)
    hidden_m = 0.65 * irregular_m * (smooth_m / horizon_m - 1.0)
    return Terminal(height_m, effective_m, horizon_m, (hidden_m - 2.0 * effective_m) / smooth_m)


@njit(cache=True, nogil=True)
def open_path(
    elevation_m: NDArray[np.float64],
    step_m: float,
    start_m: float,
    stop_m: float,
    heights_m: tuple[float, float],
    curvature_per_m: float,
) -> Path:
    """Path within line of sight: effective heights above one line fitted to the profile (the Algorithm).

    Heights that would put the receiver beyond both usual horizons are raised until it is not.
    """
    irregular_m = irregularity_m(elevation_m, step_m, start_m, stop_m)
    tx_fit_m, rx_fit_m = profile_fit(elevation_m, step_m, start_m, stop_m)
    tx_m = heights_m[0] + max(elevation_m[0] - tx_fit_m, 0.0)
    rx_m = heights_m[1] + max(elevation_m[-1] - rx_fit_m, 0.0)
    distance_m = (elevation_m.size - 1) * step_m
    both_m = usual_horizon_m(tx_m, irregular_m, curvature_per_m)
    both_m += usual_horizon_m(rx_m, irregular_m, curvature_per_m)
    if both_m <= distance_m:
        raised = (distance_m / both_m) ** 2
        tx_m, rx_m = tx_m * raised, rx_m * raised
    tx = usual_terminal(heights_m[0], tx_m, irregular_m, curvature_per_m)
    rx = usual_terminal(heights_m[1], rx_m, irregular_m, curvature_per_m)
    return Path(distance_m, tx, rx, irregular_m, heights_m[0] * heights_m[1] + PROFILE_M2)


@njit(cache=True, nogil=True)
def hidden_path(
    elevation_m: NDArray[np.float64],
    step_m: float,
    start_m: float,
    stop_m: float,
    tx: Terminal,
    rx: Terminal,
) -> Path:
    """Path beyond the horizon: effective heights above lines fitted to each foreground (the Algorithm)."""
    distance_m = (elevation_m.size - 1) * step_m
    tx_fit_m = profile_fit(elevation_m, step_m, start_m, 0.9 * tx.horizon_m)[0]
    rx_fit_m = profile_fit(elevation_m, step_m, distance_m - 0.9 * rx.horizon_m, stop_m)[1]
    tx_m = tx.height_m + max(elevation_m[0] - tx_fit_m, 0.0)
    rx_m = rx.height_m + max(elevation_m[-1] - rx_fit_m, 0.0)
    return Path(
        distance_m,
        Terminal(tx.height_m, tx_m, tx.horizon_m, tx.elevation_rad),
        Terminal(rx.height_m, rx_m, rx.horizon_m, rx.elevation_rad),
        irregularity_m(elevation_m, step_m, start_m, stop_m),
        tx.height_m * rx.height_m + PROFILE_M2,
    )


@njit(cache=True, nogil=True)
def profile_path(
    elevation_m: NDArray[np.float64],
    step_m: float,
    tx_height_m: float,
    rx_height_m: float,
    curvature_per_m: float,
) -> Path:
    """Path over a terrain profile (the Algorithm, point-to-point mode).

    Parameters
    ----------
    elevation_m
        (n + 1,) elevations above sea level.
    step_m
        Distance between two of them.
    tx_height_m, rx_height_m
        Antenna heights above ground.
    curvature_per_m
        Effective curvature of the earth.
    """
    distance_m = (elevation_m.size - 1) * step_m
    tx_top_m, rx_top_m = elevation_m[0] + tx_height_m, elevation_m[-1] + rx_height_m
    tx_m, tx_rad = horizon(elevation_m, step_m, tx_top_m, rx_top_m, curvature_per_m, False)
    rx_m, rx_rad = horizon(elevation_m, step_m, rx_top_m, tx_top_m, curvature_per_m, True)
    start_m = min(15.0 * tx_height_m, 0.1 * tx_m)
    stop_m = distance_m - min(15.0 * rx_height_m, 0.1 * rx_m)
    if tx_m + rx_m > 1.5 * distance_m:
        heights_m = (tx_height_m, rx_height_m)
        return open_path(elevation_m, step_m, start_m, stop_m, heights_m, curvature_per_m)
    tx = Terminal(tx_height_m, tx_height_m, tx_m, tx_rad)
    rx = Terminal(rx_height_m, rx_height_m, rx_m, rx_rad)
    return hidden_path(elevation_m, step_m, start_m, stop_m, tx, rx)


@njit(cache=True, nogil=True)
def sited_height_m(height_m: float, irregular_m: float, siting: int) -> float:
    """Effective height of the area mode, metres (NTIA Report 82-100)."""
    if siting == RANDOM:
        return height_m
    gain_m = 4.0 if siting == CAREFUL else 9.0
    if height_m < 5.0:
        gain_m *= math.sin(0.1 * math.pi * height_m)
    return height_m + (1.0 + gain_m) * math.exp(-min(20.0, 2.0 * height_m / max(1e-3, irregular_m)))


@njit(cache=True, nogil=True)
def area_path(
    distance_m: float,
    heights_m: tuple[float, float],
    sitings: tuple[int, int],
    irregular_m: float,
    curvature_per_m: float,
) -> Path:
    """Path of the area mode, of which only the terrain's irregularity is known (the Algorithm).

    `heights_m` and `sitings` (RANDOM, CAREFUL, VERY_CAREFUL) are those of transmitter and receiver.
    """
    tx_m = sited_height_m(heights_m[0], irregular_m, sitings[0])
    rx_m = sited_height_m(heights_m[1], irregular_m, sitings[1])
    tx = usual_terminal(heights_m[0], tx_m, irregular_m, curvature_per_m)
    rx = usual_terminal(heights_m[1], rx_m, irregular_m, curvature_per_m)
    return Path(distance_m, tx, rx, irregular_m, heights_m[0] * heights_m[1])
