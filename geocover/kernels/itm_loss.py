"""The three attenuations of the Irregular Terrain Model: line of sight, diffraction and troposcatter.

Source: G. A. Hufford, "The ITS Irregular Terrain Model, version 1.2.2: the algorithm" (NTIA/ITS, 1995),
called *the Algorithm* below: its chapter on the reference attenuation and its numerical approximations.
Attenuations are in dB relative to free space, distances in metres. The constants of the rounded earth are
those of NBS Technical Note 101, which the Algorithm gives in rounded form.
"""

from __future__ import annotations

import cmath
import math
from typing import NamedTuple

import numpy as np
from numba import njit

from geocover.kernels.itm_path import (
    Path,
    Terminal,
    bend_rad,
    irregularity_at_m,
    reach_m,
    roughness_m,
    smooth_reach_m,
)

# Wave number 1 rad/m belongs to this frequency (the Algorithm: f_0, MHz m).
MHZ_M = 47.7
NONE_DB = 1000.0

# F(theta d): constant, slope per metre and factor of 10 log(theta d), by range (the Algorithm: A_s).
SCATTER_BASE_DB = np.array([133.4, 104.6, 71.8])
SCATTER_SLOPE_DB = np.array([0.332e-3, 0.212e-3, 0.157e-3])
SCATTER_LOG_DB = np.array([-10.0, -2.5, 5.0])

# Coefficients of r^-4 and r^-2 in H_01(r, j), j = 1 to 5 (the Algorithm: frequency gain).
GAIN_A = np.array([25.0, 80.0, 177.0, 395.0, 705.0])
GAIN_B = np.array([24.0, 45.0, 68.0, 80.0, 105.0])


class Radio(NamedTuple):
    """What the model needs to know of the wave, the air and the ground's transfer impedance."""

    freq_mhz: float
    wavenumber_per_m: float
    curvature_per_m: float
    refractivity: float
    impedance: complex


@njit(cache=True, nogil=True)
def decibel(ratio: float) -> float:
    """Ten times the decimal logarithm of a power ratio."""
    return 10.0 * math.log10(ratio)


@njit(cache=True, nogil=True)
def knife_edge_db(fresnel2: float) -> float:
    """Diffraction over a knife edge, dB, of the square of Fresnel's parameter (the Algorithm: Fn)."""
    if fresnel2 < 5.76:
        return 6.02 + 9.11 * math.sqrt(fresnel2) - 1.27 * fresnel2
    return 12.953 + decibel(fresnel2)


@njit(cache=True, nogil=True)
def double_edge_db(distance_m: float, path: Path, radio: Radio) -> float:
    """Diffraction over the two horizons as knife edges (Epstein and Peterson), dB (the Algorithm: A_k)."""
    angle = bend_rad(path, radio.curvature_per_m) + distance_m * radio.curvature_per_m
    between_m = distance_m - reach_m(path)
    common = radio.wavenumber_per_m * between_m * angle * angle / (4.0 * math.pi)
    tx_m, rx_m = path.tx.horizon_m, path.rx.horizon_m
    tx_db = knife_edge_db(common * tx_m / (between_m + tx_m))
    return tx_db + knife_edge_db(common * rx_m / (between_m + rx_m))


@njit(cache=True, nogil=True)
def height_gain_db(depth: float, ground: float) -> float:
    """Height-gain function F(x, K) of the rounded earth, dB (the Algorithm: numerical approximations).

    `depth` is the dimensionless distance of the horizon, `ground` the parameter K of the ground.
    """
    if depth < 200.0:
        return near_gain_db(depth, ground)
    far_db = 0.05751 * depth - decibel(depth)
    if depth >= 2000.0:
        return far_db
    near = 0.0134 * depth * math.exp(-0.005 * depth)
    return (1.0 - near) * far_db + near * (4.0 * decibel(depth) - 117.0)


@njit(cache=True, nogil=True)
def near_gain_db(depth: float, ground: float) -> float:
    """F(x, K) for x below 200, dB."""
    log_ground = -math.log(ground)
    if ground < 1e-5 or depth * log_ground**3 > 5495.0:
        return -117.0 + (4.0 * decibel(depth) if depth > 1.0 else 0.0)
    return 2.5e-5 * depth * depth / ground + 2.0 * decibel(ground) - 15.0


@njit(cache=True, nogil=True)
def rounded_depth(radius_m: float, horizon_m: float, radio: Radio) -> tuple[float, float]:
    """Dimensionless distance x and parameter K of an arc of given radius (NBS Technical Note 101)."""
    cube = math.pow(4.0 / 3.0 * 6370e3 / radius_m, 1.0 / 3.0)
    root_mhz = math.pow(radio.freq_mhz, 1.0 / 3.0)
    ground = 0.017778 * cube / (root_mhz * abs(radio.impedance))
    return (1.607 - ground) * cube * cube * root_mhz * horizon_m / 1000.0, ground


@njit(cache=True, nogil=True)
def foreground(terminal: Terminal, radio: Radio) -> tuple[float, float]:
    """Depth of a terminal's foreground and its height gain in dB."""
    radius_m = 0.5 * terminal.horizon_m**2 / terminal.effective_m
    depth, ground = rounded_depth(radius_m, terminal.horizon_m, radio)
    return depth, height_gain_db(depth, ground)


@njit(cache=True, nogil=True)
def rounded_earth_db(distance_m: float, path: Path, radio: Radio) -> float:
    """Diffraction over a smooth rounded earth (Vogler's three radii), dB (the Algorithm: A_r)."""
    angle = bend_rad(path, radio.curvature_per_m) + distance_m * radio.curvature_per_m
    between_m = distance_m - reach_m(path)
    tx_depth, tx_db = foreground(path.tx, radio)
    rx_depth, rx_db = foreground(path.rx, radio)
    depth = rounded_depth(between_m / angle, between_m, radio)[0] + tx_depth + rx_depth
    return 0.05751 * depth - decibel(depth) - tx_db - rx_db - 20.0


@njit(cache=True, nogil=True)
def edge_share(distance_m: float, path: Path, radio: Radio) -> float:
    """Share 1 - w of the knife edges in the diffraction, 0 to 1, more in rough terrain (the Algorithm: w).

    The Algorithm has 0.1 sqrt(Q) with heights in wavelengths; 25.1 for 10 sqrt(2 pi) is the rounding of ITS's
    own program, which NTIA's cases need to agree within 0.01 dB.
    """
    raised_m2 = path.tx.effective_m * path.rx.effective_m - path.tx.height_m * path.rx.height_m
    bent_m = reach_m(path) + bend_rad(path, radio.curvature_per_m) / radio.curvature_per_m
    heights = math.sqrt(1.0 + raised_m2 / path.structural_m2) + bent_m / distance_m
    irregular_m = irregularity_at_m(path.irregularity_m, distance_m)
    waves = min(irregular_m * radio.wavenumber_per_m, 6283.2)
    rough = math.sqrt(heights * waves)
    return rough / (25.1 + rough)


@njit(cache=True, nogil=True)
def clutter_db(path: Path, radio: Radio) -> float:
    """Attenuation by small things near the antennas, at most 15 dB (the Algorithm: A_fo)."""
    rough_m = roughness_m(irregularity_at_m(path.irregularity_m, smooth_reach_m(path, radio.curvature_per_m)))
    heights_m2 = path.tx.height_m * path.rx.height_m
    return min(15.0, 5.0 * math.log10(1.0 + 1e-5 * heights_m2 * radio.freq_mhz * rough_m))


@njit(cache=True, nogil=True)
def diffraction_db(distance_m: float, path: Path, radio: Radio) -> float:
    """Diffraction attenuation at a distance beyond the horizons, dB (the Algorithm: A_diff)."""
    share = edge_share(distance_m, path, radio)
    rounded_db = rounded_earth_db(distance_m, path, radio)
    edges_db = double_edge_db(distance_m, path, radio)
    return (1.0 - share) * rounded_db + share * edges_db + clutter_db(path, radio)


@njit(cache=True, nogil=True)
def reflection(distance_m: float, path: Path, radio: Radio) -> complex:
    """Effective reflection coefficient of the ground (the Algorithm: R_e)."""
    sum_m = path.tx.effective_m + path.rx.effective_m
    grazing = sum_m / math.hypot(distance_m, sum_m)
    rough_m = roughness_m(irregularity_at_m(path.irregularity_m, distance_m))
    mirror = (grazing - radio.impedance) / (grazing + radio.impedance)
    mirror *= math.exp(-min(10.0, radio.wavenumber_per_m * rough_m * grazing))
    power = mirror.real * mirror.real + mirror.imag * mirror.imag
    if power < 0.25 or power < grazing:
        mirror *= math.sqrt(grazing / power)
    return mirror


@njit(cache=True, nogil=True)
def two_ray_db(distance_m: float, path: Path, radio: Radio) -> float:
    """Attenuation by the sum of direct and reflected ray, dB (the Algorithm: A_t)."""
    phase = 2.0 * radio.wavenumber_per_m * path.tx.effective_m * path.rx.effective_m / distance_m
    if phase > 0.5 * math.pi:
        phase = math.pi - (0.5 * math.pi) ** 2 / phase
    both = cmath.exp(-1j * phase) + reflection(distance_m, path, radio)
    return -decibel(both.real * both.real + both.imag * both.imag)


@njit(cache=True, nogil=True)
def sight_db(distance_m: float, path: Path, radio: Radio, line: tuple[float, float]) -> float:
    """Attenuation within the horizon, dB: two rays and the line of diffraction (the Algorithm: A_los).

    `line` holds the diffraction's value at distance 0 in dB and its slope in dB/m.
    """
    smooth_m = smooth_reach_m(path, radio.curvature_per_m)
    share = 1.0 / (1.0 + radio.freq_mhz * path.irregularity_m / max(10e3, smooth_m))
    diffracted_db = line[0] + line[1] * distance_m
    return (1.0 - share) * diffracted_db + share * two_ray_db(distance_m, path, radio)


@njit(cache=True, nogil=True)
def scatter_base_db(bent_m: float) -> float:
    """F(theta d), dB, of the product of scattering angle and distance (the Algorithm: A_s)."""
    i = 0 if bent_m <= 10e3 else (1 if bent_m <= 70e3 else 2)
    return float(SCATTER_BASE_DB[i] + SCATTER_SLOPE_DB[i] * bent_m + SCATTER_LOG_DB[i] * math.log10(bent_m))


@njit(cache=True, nogil=True)
def gain_step_db(lift: float, step: int) -> float:
    """H_01(r, j), dB, for the integers j = 1 to 5."""
    square = 1.0 / (lift * lift)
    return decibel(1.0 + (GAIN_B[step - 1] + GAIN_A[step - 1] * square) * square)


@njit(cache=True, nogil=True)
def gain_db(lift: float, efficiency: float) -> float:
    """H_01(r, eta), dB, linear between the integers 1 to 5 of eta (the Algorithm: frequency gain)."""
    held = min(max(efficiency, 1.0), 5.0)
    step = int(held)
    part = held - step
    low_db = gain_step_db(lift, step)
    return low_db if part == 0.0 else (1.0 - part) * low_db + part * gain_step_db(lift, step + 1)


@njit(cache=True, nogil=True)
def scatter_efficiency(distance_m: float, skew_m: float, angle: float, refractivity: float) -> float:
    """Scatter efficiency eta_s of the common volume (the Algorithm: frequency gain)."""
    height_m = 0.25 * (distance_m - skew_m) * (distance_m + skew_m) * angle / distance_m
    air = (5.67e-6 * refractivity - 2.32e-3) * refractivity + 0.031
    return (1.0 + air * math.exp(-(min(1.7, height_m / 8e3) ** 6))) * height_m / 1.7556e3


@njit(cache=True, nogil=True)
def low_gain_db(tx_lift: float, rx_lift: float) -> float:
    """Frequency gain for scatter efficiency 0, dB."""
    root = math.sqrt(2.0)
    both = (1.0 + root / tx_lift) * (1.0 + root / rx_lift)
    lifts = tx_lift + rx_lift
    return decibel(both * both * lifts / (lifts + 2.0 * root))


@njit(cache=True, nogil=True)
def frequency_gain_db(distance_m: float, path: Path, radio: Radio) -> float:
    """Frequency gain of troposcatter, dB; NONE_DB where both antennas are too low (the Algorithm: H_0)."""
    angle = path.tx.elevation_rad + path.rx.elevation_rad + distance_m * radio.curvature_per_m
    tx_lift = 2.0 * radio.wavenumber_per_m * angle * path.tx.effective_m
    rx_lift = 2.0 * radio.wavenumber_per_m * angle * path.rx.effective_m
    if tx_lift < 0.2 and rx_lift < 0.2:
        return NONE_DB
    skew_m = path.tx.horizon_m - path.rx.horizon_m
    ratio = path.rx.effective_m / path.tx.effective_m
    if skew_m < 0.0:
        skew_m, ratio = -skew_m, 1.0 / ratio
    symmetry = (distance_m - skew_m) / (distance_m + skew_m)
    ratio = min(max(0.1, ratio / symmetry), 10.0)
    symmetry = max(0.1, symmetry)
    efficiency = scatter_efficiency(distance_m, skew_m, angle, radio.refractivity)
    held = max(efficiency, 1.0)
    mean_db = 0.5 * (gain_db(tx_lift, held) + gain_db(rx_lift, held))
    skewed = 6.0 * (0.6 - math.log10(held)) * math.log10(symmetry) * math.log10(ratio)
    full_db = max(mean_db + min(mean_db, skewed), 0.0)
    if efficiency >= 1.0:
        return full_db
    return efficiency * full_db + (1.0 - efficiency) * low_gain_db(tx_lift, rx_lift)


@njit(cache=True, nogil=True)
def scatter_db(distance_m: float, path: Path, radio: Radio, gain: float) -> float:
    """Troposcatter attenuation, dB, with the frequency gain given in dB (the Algorithm: A_scat)."""
    angle = bend_rad(path, radio.curvature_per_m) + distance_m * radio.curvature_per_m
    bent_m = angle * distance_m
    air_db = 0.1 * (radio.refractivity - 301.0) * math.exp(-bent_m / 40e3)
    return scatter_base_db(bent_m) + decibel(radio.freq_mhz * angle**4) - air_db + gain
