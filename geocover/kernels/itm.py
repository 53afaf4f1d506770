"""Irregular Terrain Model (Longley-Rice), point-to-point and area mode, 20 MHz to 20 GHz.

Source: G. A. Hufford, "The ITS Irregular Terrain Model, version 1.2.2: the algorithm" (NTIA/ITS, 1995),
called *the Algorithm* below, and NTIA Report 82-100 (1982) for the area mode; checked against the cases that
NTIA publishes with its library, version 1.4. Warnings and errors are bits of one integer; a loss with an
error is NaN.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

from geocover.kernels.itm_loss import (
    MHZ_M,
    NONE_DB,
    Radio,
    diffraction_db,
    frequency_gain_db,
    scatter_db,
    sight_db,
)
from geocover.kernels.itm_path import (
    Path,
    Terminal,
    area_path,
    profile_path,
    reach_m,
    smooth_horizon_m,
    smooth_reach_m,
)
from geocover.kernels.itm_variability import Deviates, normal_deviate, quantile_db

if TYPE_CHECKING:
    from numpy.typing import NDArray

HORIZONTAL, VERTICAL = 0, 1
LINE_OF_SIGHT, DIFFRACTION, TROPOSCATTER = 1, 2, 3

# Warnings: the model goes on outside of what it was fitted to.
WARN_HEIGHT, WARN_FREQUENCY, WARN_REFRACTIVITY = 1, 2, 4
WARN_NEAR, WARN_FAR, WARN_ANGLE, WARN_HORIZON, WARN_QUANTILE = 8, 16, 32, 64, 128
# Errors: the model means nothing.
ERROR_HEIGHT, ERROR_FREQUENCY, ERROR_REFRACTIVITY = 1 << 8, 1 << 9, 1 << 10
ERROR_GROUND, ERROR_PROFILE, ERROR_CHOICE, ERROR_QUANTILE = 1 << 11, 1 << 12, 1 << 13, 1 << 14
# A foreground too short for the wavelength: the rounded earth's formulas have no value.
ERROR_MODEL = 1 << 15
FIRST_ERROR = ERROR_HEIGHT


class Link(NamedTuple):
    """What is given besides the terrain.

    Heights are metres above ground, refractivity is N_0 at sea level, conductivity in S/m; `polarisation` is
    HORIZONTAL or VERTICAL, `climate` 1 to 7, `mdvar` 0 to 3 and +10, +20.
    """

    tx_height_m: float
    rx_height_m: float
    freq_mhz: float
    polarisation: int
    permittivity: float
    conductivity_s_m: float
    refractivity: float
    climate: int
    mdvar: int


class Reference(NamedTuple):
    """The median of a path: attenuation relative to free space, its mode, and what it came from."""

    attenuation_db: float
    mode: int
    flags: int
    path: Path
    radio: Radio


@njit(cache=True, nogil=True)
def free_space_db(distance_m: float, freq_mhz: float) -> float:
    """Free-space loss, dB, with NTIA's constant 32.45."""
    return 32.45 + 20.0 * math.log10(freq_mhz) + 20.0 * math.log10(distance_m / 1000.0)


@njit(cache=True, nogil=True)
def link_radio(link: Link, ground_m: float) -> Radio:
    """Wave, air and ground at a mean elevation in metres (the Algorithm: k, N_s, gamma_e, Z_g)."""
    refractivity = link.refractivity * math.exp(-ground_m / 9460.0)
    curvature_per_m = 157e-9 * (1.0 - 0.04665 * math.exp(refractivity / 179.3))
    permittivity = complex(link.permittivity, 18000.0 * link.conductivity_s_m / link.freq_mhz)
    impedance = np.sqrt(permittivity - 1.0)
    if link.polarisation == VERTICAL:
        impedance /= permittivity
    return Radio(link.freq_mhz, link.freq_mhz / MHZ_M, curvature_per_m, refractivity, impedance)


@njit(cache=True, nogil=True)
def mean_elevation_m(elevation_m: NDArray[np.float64]) -> float:
    """Mean of the middle four fifths of a profile, metres, for the refractivity."""
    skipped = int(0.1 * (elevation_m.size - 1))
    return float(elevation_m[skipped : elevation_m.size - skipped].mean())


@njit(cache=True, nogil=True)
def outside(value: float, low: float, high: float) -> bool:
    """Whether a value is outside of a closed range, or not a number."""
    return not low <= value <= high


@njit(cache=True, nogil=True)
def link_errors(link: Link) -> int:
    """Error bits of a link."""
    flags = 0
    if outside(min(link.tx_height_m, link.rx_height_m), 0.5, 3000.0):
        flags |= ERROR_HEIGHT
    if outside(max(link.tx_height_m, link.rx_height_m), 0.5, 3000.0):
        flags |= ERROR_HEIGHT
    if outside(link.freq_mhz, 20.0, 20e3):
        flags |= ERROR_FREQUENCY
    if outside(link.refractivity, 250.0, 400.0):
        flags |= ERROR_REFRACTIVITY
    if not 1.0 < link.permittivity < math.inf or not 0.0 < link.conductivity_s_m < math.inf:
        flags |= ERROR_GROUND
    if link.polarisation not in (HORIZONTAL, VERTICAL) or outside(link.climate, 1, 7):
        flags |= ERROR_CHOICE
    if outside(link.mdvar, 0, 33) or link.mdvar % 10 > 3:
        flags |= ERROR_CHOICE
    return flags


@njit(cache=True, nogil=True)
def radio_flags(radio: Radio) -> int:
    """Warnings and errors of frequency and air (the Algorithm: ranges of parameters)."""
    flags = 0
    if outside(radio.freq_mhz, 40.0, 10e3):
        flags |= WARN_FREQUENCY
    if outside(radio.refractivity, 250.0, 400.0):
        flags |= WARN_REFRACTIVITY
    if outside(radio.curvature_per_m, 75e-9, 250e-9):
        flags |= ERROR_REFRACTIVITY
    return flags


@njit(cache=True, nogil=True)
def terminal_warnings(terminal: Terminal, curvature_per_m: float) -> int:
    """Warnings of an antenna's height, its horizon's angle and distance."""
    flags = 0
    if outside(terminal.height_m, 1.0, 1000.0):
        flags |= WARN_HEIGHT
    if abs(terminal.elevation_rad) > 0.2:
        flags |= WARN_ANGLE
    smooth_m = smooth_horizon_m(terminal.effective_m, curvature_per_m)
    if outside(terminal.horizon_m, 0.1 * smooth_m, 3.0 * smooth_m):
        flags |= WARN_HORIZON
    return flags


@njit(cache=True, nogil=True)
def path_warnings(path: Path, curvature_per_m: float) -> int:
    """Warnings of a path: below 1 km or steeper than 0.2 rad, above 1000 km, and of its terminals."""
    flags = terminal_warnings(path.tx, curvature_per_m) | terminal_warnings(path.rx, curvature_per_m)
    nearest_m = max(1e3, abs(path.tx.effective_m - path.rx.effective_m) / 0.2)
    if path.distance_m < nearest_m:
        flags |= WARN_NEAR
    if path.distance_m > 1000e3:
        flags |= WARN_FAR
    return flags


@njit(cache=True, nogil=True)
def diffraction_line(path: Path, radio: Radio) -> tuple[float, float]:
    """Line through two diffraction attenuations: dB at distance 0, dB/m (the Algorithm: A_ed, m_d)."""
    scale_m = math.pow(radio.wavenumber_per_m * radio.curvature_per_m**2, -1.0 / 3.0)
    near_m = max(smooth_reach_m(path, radio.curvature_per_m), reach_m(path) + 1.3787 * scale_m)
    far_m = near_m + 2.7574 * scale_m
    near_db = diffraction_db(near_m, path, radio)
    slope = (diffraction_db(far_m, path, radio) - near_db) / (far_m - near_m)
    return near_db - slope * near_m, slope


@njit(cache=True, nogil=True)
def sight_distances_m(path: Path, radio: Radio, line: tuple[float, float]) -> tuple[float, float]:
    """Both distances within the horizon to compute attenuation at, metres (the Algorithm: d_0, d_1)."""
    bend_m = reach_m(path)
    first_m = 0.04 * radio.freq_mhz * path.tx.effective_m * path.rx.effective_m
    if line[0] < 0.0:
        return first_m, max(-line[0] / line[1], 0.25 * bend_m)
    first_m = min(first_m, 0.5 * bend_m)
    return first_m, first_m + 0.25 * (bend_m - first_m)


@njit(cache=True, nogil=True)
def sight_slopes(
    distances_m: tuple[float, float, float], losses_db: tuple[float, float, float]
) -> tuple[float, float]:
    """Coefficients of d and log d through three points, none negative (the Algorithm: K_1, K_2)."""
    d0, d1, d2 = distances_m
    a0, a1, a2 = losses_db
    log_far = math.log(d2 / d0)
    curved = ((d2 - d0) * (a1 - a0) - (d1 - d0) * (a2 - a0)) / (
        (d2 - d0) * math.log(d1 / d0) - (d1 - d0) * log_far
    )
    curved = max(curved, 0.0)
    straight = (a2 - a0 - curved * log_far) / (d2 - d0)
    if straight >= 0.0:
        return straight, curved
    return 0.0, max(a2 - a0, 0.0) / log_far


@njit(cache=True, nogil=True)
def sight_attenuation_db(path: Path, radio: Radio, line: tuple[float, float]) -> float:
    """Reference attenuation within the smooth-earth horizon, dB (the Algorithm: line-of-sight range)."""
    first_m, second_m = sight_distances_m(path, radio, line)
    last_m = smooth_reach_m(path, radio.curvature_per_m)
    second_db = sight_db(second_m, path, radio, line)
    last_db = line[0] + line[1] * last_m
    straight, curved = 0.0, 0.0
    fitted = False
    if first_m < second_m:
        first_db = sight_db(first_m, path, radio, line)
        straight, curved = sight_slopes((first_m, second_m, last_m), (first_db, second_db, last_db))
        fitted = line[0] >= 0.0 or curved > 0.0
    if not fitted:
        straight, curved = max(last_db - second_db, 0.0) / (last_m - second_m), 0.0
    if straight == 0.0 and curved == 0.0:
        straight = line[1]
    return last_db + straight * (path.distance_m - last_m) + curved * math.log(path.distance_m / last_m)


@njit(cache=True, nogil=True)
def scatter_line(path: Path, radio: Radio) -> tuple[float, float, bool]:
    """Line through troposcatter at 200 and 400 km beyond the horizons (the Algorithm: m_s).

    As dB at distance 0, dB/m, and whether there is any. A frequency gain above 15 dB is that of the farther
    distance at the nearer one too.
    """
    near_m = reach_m(path) + 200e3
    far_m = near_m + 200e3
    far_gain_db = frequency_gain_db(far_m, path, radio)
    near_gain_db = far_gain_db
    if not 15.0 < far_gain_db < NONE_DB:
        near_gain_db = frequency_gain_db(near_m, path, radio)
    if near_gain_db == NONE_DB:
        return 0.0, 0.0, False
    if near_gain_db > 15.0:
        near_gain_db = far_gain_db
    near_db = scatter_db(near_m, path, radio, near_gain_db)
    slope = (scatter_db(far_m, path, radio, far_gain_db) - near_db) / 200e3
    return near_db - slope * near_m, slope, True


@njit(cache=True, nogil=True)
def beyond_attenuation_db(path: Path, radio: Radio, line: tuple[float, float]) -> tuple[float, int]:
    """Reference attenuation beyond the smooth-earth horizon, dB, and its mode (the Algorithm: d_x)."""
    diffracted_db = line[0] + line[1] * path.distance_m
    at_zero_db, slope, scatters = scatter_line(path, radio)
    if not scatters:
        return diffracted_db, DIFFRACTION
    scale_m = math.pow(radio.wavenumber_per_m * radio.curvature_per_m**2, -1.0 / 3.0)
    smooth_m = smooth_reach_m(path, radio.curvature_per_m)
    after_m = reach_m(path) + 0.3 * scale_m * math.log(radio.freq_mhz)
    crossing_m = max(smooth_m, after_m, (at_zero_db - line[0]) / (line[1] - slope))
    if path.distance_m <= crossing_m:
        return diffracted_db, DIFFRACTION
    return line[0] + line[1] * crossing_m + slope * (path.distance_m - crossing_m), TROPOSCATTER


@njit(cache=True, nogil=True)
def reference_attenuation(path: Path, radio: Radio) -> tuple[float, int]:
    """Reference attenuation in dB relative to free space, and its mode (the Algorithm: A_ref)."""
    line = diffraction_line(path, radio)
    if path.distance_m < smooth_reach_m(path, radio.curvature_per_m):
        return max(sight_attenuation_db(path, radio, line), 0.0), LINE_OF_SIGHT
    attenuation_db, mode = beyond_attenuation_db(path, radio, line)
    return max(attenuation_db, 0.0), mode


@njit(cache=True, nogil=True)
def refused(link: Link, distance_m: float, flags: int) -> Reference:
    """Reference of a path that cannot be computed."""
    nothing = Terminal(math.nan, math.nan, math.nan, math.nan)
    radio = Radio(link.freq_mhz, math.nan, math.nan, math.nan, complex(math.nan, math.nan))
    return Reference(math.nan, 0, flags, Path(distance_m, nothing, nothing, math.nan, math.nan), radio)


@njit(cache=True, nogil=True)
def path_reference(path: Path, radio: Radio) -> Reference:
    """Median attenuation of a path with its warnings."""
    attenuation_db, mode = reference_attenuation(path, radio)
    flags = radio_flags(radio) | path_warnings(path, radio.curvature_per_m)
    if not math.isfinite(attenuation_db):
        flags |= ERROR_MODEL
    return Reference(attenuation_db, mode, flags, path, radio)


@njit(cache=True, nogil=True)
def profile_reference(elevation_m: NDArray[np.float64], step_m: float, link: Link) -> Reference:
    """Median attenuation over a terrain profile (the Algorithm, point-to-point mode).

    Parameters
    ----------
    elevation_m
        (n + 1,) elevations above sea level, the first under the transmitter; at least three.
    step_m
        Distance between two of them.
    link
        Antennas, frequency, ground and air.

    Returns
    -------
    Reference
        NaN with ERROR_* bits in `flags` where an input is impossible.
    """
    flags = link_errors(link)
    if elevation_m.size < 3 or not 0.0 < step_m < math.inf or not math.isfinite(elevation_m.sum()):
        flags |= ERROR_PROFILE
    distance_m = (elevation_m.size - 1) * step_m
    if flags:
        return refused(link, distance_m, flags)
    radio = link_radio(link, mean_elevation_m(elevation_m))
    flags = radio_flags(radio)
    if flags >= FIRST_ERROR:
        return refused(link, distance_m, flags)
    curvature_per_m = radio.curvature_per_m
    path = profile_path(elevation_m, step_m, link.tx_height_m, link.rx_height_m, curvature_per_m)
    return path_reference(path, radio)


@njit(cache=True, nogil=True)
def area_reference(distance_m: float, irregular_m: float, sitings: tuple[int, int], link: Link) -> Reference:
    """Median attenuation of the area mode; `link.refractivity` is then that of the surface.

    `irregular_m` is Delta h, `sitings` those of transmitter and receiver (`itm_path.RANDOM` and following).
    """
    flags = link_errors(link)
    if not 0.0 < distance_m < math.inf or not 0.0 <= irregular_m < math.inf:
        flags |= ERROR_PROFILE
    radio = link_radio(link, 0.0)
    flags |= radio_flags(radio)
    if flags >= FIRST_ERROR:
        return refused(link, distance_m, flags)
    heights_m = (link.tx_height_m, link.rx_height_m)
    return path_reference(
        area_path(distance_m, heights_m, sitings, irregular_m, radio.curvature_per_m), radio
    )


@njit(cache=True, nogil=True)
def is_share(percent: float) -> bool:
    """Whether a percentage has a quantile: above 0 and below 100."""
    return 0.0 < percent < 100.0


@njit(cache=True, nogil=True)
def loss_tls(
    reference: Reference, link: Link, time_pct: float, location_pct: float, situation_pct: float
) -> tuple[float, int]:
    """Basic transmission loss, dB, not exceeded in the given percentages, and flags.

    Parameters
    ----------
    reference
        From `profile_reference` or `area_reference`.
    link
        The same link.
    time_pct, location_pct, situation_pct
        Percentages above 0 and below 100; 50 is the median. A higher one gives a higher loss.
    """
    flags = reference.flags
    if not (is_share(time_pct) and is_share(location_pct) and is_share(situation_pct)):
        flags |= ERROR_QUANTILE
    if flags >= FIRST_ERROR:
        return math.nan, flags
    deviates = Deviates(normal_deviate(time_pct), normal_deviate(location_pct), normal_deviate(situation_pct))
    if max(abs(deviates.time), abs(deviates.location), abs(deviates.situation)) > 3.1:
        flags |= WARN_QUANTILE
    path, wavenumber_per_m = reference.path, reference.radio.wavenumber_per_m
    above_db = quantile_db(
        reference.attenuation_db, path, wavenumber_per_m, link.climate, link.mdvar, deviates
    )
    return free_space_db(path.distance_m, link.freq_mhz) + above_db, flags


@njit(cache=True, nogil=True)
def loss_cr(
    reference: Reference, link: Link, confidence_pct: float, reliability_pct: float
) -> tuple[float, int]:
    """Basic transmission loss, dB, by confidence and reliability, and flags.

    Reliability counts as time, confidence as situation, location is the median one (NTIA Report 82-100).
    """
    return loss_tls(reference, link, reliability_pct, 50.0, confidence_pct)
