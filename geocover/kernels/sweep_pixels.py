"""The pixels of one ray of the radial sweep, from what each receiver sees to its loss.

`measure` looks back along the ray, pixel by pixel; `shape`, `lower` and `lose` then turn slopes and heights
into decibels, all pixels of a block at once. Equation numbers are those of Rec. ITU-R P.1812-8.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

from geocover.kernels.float32 import FLAGS, atan, borrowing, f32, greater, i64, lesser, log2, u64
from geocover.kernels.p1812_ducting import shielding_db
from geocover.kernels.sweep_loss import (
    DB20,
    FAR_BELOW,
    Band,
    both_ways_db,
    bullington_db,
    smooth_parameter,
    spherical_db,
    tightness,
)
from geocover.kernels.sweep_ray import LANES, PAD, Ray, least_clear, look_back, look_over

if TYPE_CHECKING:
    from numpy.typing import NDArray

# nu = -0.78 squared: what stays farther below the line of sight costs nothing (12).
MARGIN = f32(0.609)

WIDTH = 16
STEPS = u64(0 * WIDTH)
PARAMETER = u64(1 * WIDTH)
SLOPE_T = u64(2 * WIDTH)
SLOPE_R = u64(3 * WIDTH)
HORIZON = u64(4 * WIDTH)
RISE = u64(5 * WIDTH)
GROUND = u64(6 * WIDTH)
FLAT = u64(7 * WIDTH)
SUM_HEIGHT = u64(8 * WIDTH)
SUM_MOMENT = u64(9 * WIDTH)
FIT_T = u64(10 * WIDTH)
FIT_R = u64(11 * WIDTH)
OVER_T = u64(12 * WIDTH)
OVER_R = u64(13 * WIDTH)
TIGHT = u64(14 * WIDTH)
EXCESS = u64(15 * WIDTH)
LOG_KM = u64(16 * WIDTH)
FREE = u64(17 * WIDTH)
THETA = u64(18 * WIDTH)
LOSS = u64(19 * WIDTH)
SUSPECT = u64(20 * WIDTH)
SQUARE = u64(21 * WIDTH)
BLOCK = u64(22 * WIDTH)


class Pixels(NamedTuple):
    """Pixels of a ray, nearest first.

    k: step of each. place: its index in the window, flattened. real: blocks of `WIDTH` pixels, in each the
    fields above one after the other; fixed distances inside one array let the compiler see that fields do not
    overlap. tight: for each block, whether a pixel needs the smooth Earth.
    """

    k: NDArray[np.int32]
    place: NDArray[np.int32]
    real: NDArray[np.float32]
    tight: NDArray[np.bool_]


class Scale(NamedTuple):
    """Lengths of a ray: a step in metres, the fall of the Earth in one step in metres, its radius in km.

    off: how far the mast stands from the middle of its pixel towards the side, steps.
    """

    step_m: float
    bend_m: float
    earth_km: float
    off: float


@njit(cache=True, nogil=True, error_model="numpy")
def new_pixels(size: int) -> Pixels:
    """Empty arrays for up to `size` pixels."""
    whole = np.zeros((2, size), np.int32)
    blocks = size // WIDTH + 1
    return Pixels(whole[0], whole[1], np.ones(blocks * BLOCK, np.float32), np.zeros(blocks, np.bool_))


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def field_of(q: int) -> int:
    """Where the fields of pixel q begin."""
    return u64(q // WIDTH) * BLOCK + u64(q % WIDTH)


@njit(cache=True, nogil=True, fastmath=FLAGS, error_model="numpy", forceinline=True)
def _blocks_below(
    root: NDArray[np.float32], best: NDArray[np.float32], blocks: int, k: int, chord: float, least: float
) -> int:
    """Blocks from the mast on whose points all lie too far below the line of sight to count.

    Point i lies below it by sqrt(d_i) (chord sqrt(d_i) - scaled_i), and counts for less than nu = -0.78 where
    the bracket is at least `least` = 0.78 sqrt(wavelength step / 2). `blocks` is a first guess: that of the
    pixel before.
    """
    fall = lesser(chord, f32(0.0))
    most = (k - 1) // LANES
    blocks = min(blocks, most)
    while blocks < most and fall * root[PAD + LANES * (blocks + 1)] - best[blocks] >= least:
        blocks += 1
    while blocks > 0 and fall * root[PAD + LANES * blocks] - best[blocks - 1] < least:
        blocks -= 1
    return blocks


@njit(cache=True, nogil=True, fastmath=FLAGS, error_model="numpy", forceinline=True)
def _last_above(p: float, k: int, slope_t: float, narrow: float) -> int:
    """Last point of a path in line of sight that is not too far below it to count.

    A point at distance d, l before the receiver, lies below the line of sight by |slope_t| d at least, so its
    parameter stays below -0.78 unless d / l is small enough: `narrow` is 0.78^2 wavelength / 2 in steps.
    """
    near = narrow / (slope_t * slope_t)
    return min(k - 1, i64(p * (near / (f32(1.0) + near))) + 2)


@borrowing(fastmath=FLAGS)
def measure(
    ray: Ray,
    pixels: Pixels,
    count: int,
    covered: bool,  # noqa: FBT001
    rx_height: float,
    scale: Scale,
    wave_m: float,
) -> None:
    """Look back from every pixel of a ray: slopes of both horizons and the diffraction parameter.

    `wave_m` is the longest wavelength. Of the parameter `shape` takes the root (or not: the clear have theirs
    already, which is negative) and adds what all paths of a length have in common.
    """
    top = ray.topped if covered else ray.bent
    before_top = ray.before_topped if covered else ray.before_bent
    horizon_top = ray.horizon_top if covered else ray.horizon
    # Arrays are taken out of their tuples once: each time costs counting a reference.
    real, steps, bare, bent_line = pixels.real, pixels.k, ray.bare, ray.bent
    position, inverse_position, inverse_of = ray.position, ray.inverse_position, ray.inverse
    before_bare, before_bent, horizon = ray.before_bare, ray.before_bent, ray.horizon
    sum_height, sum_moment = ray.sum_height, ray.sum_moment
    root, best, zero = ray.root, ray.best_scaled, ray.zero
    lines = (ray.scaled, ray.root, ray.inverse_root)
    narrow = MARGIN * wave_m * scale.step_m * f32(0.5)
    least = np.sqrt(narrow)
    below = 0
    for q in range(count):
        k = i64(steps[q])
        i, at = np.uint64(PAD + k), field_of(q)
        p, inverse = position[i], inverse_position[i]
        rise = bare[i] + rx_height
        bent = rise - scale.bend_m * p * p
        chord = bent * inverse
        slope_t = before_top[i] - chord
        back = -chord
        if slope_t >= f32(0.0):
            back = look_back(top, inverse_of, horizon_top[i], k, bent, zero)
            square = slope_t * (back + chord)
        else:
            below = _blocks_below(root, best, below, k, chord, least)
            begin, end = LANES * below + 1, _last_above(p, k, slope_t, narrow * inverse)
            square = FAR_BELOW
            if begin <= end:
                square = least_clear(lines, begin, end, k, chord, zero)
        # In line of sight the angles are those to the other antenna, and the horizon is that far away.
        sight = before_bent[i] <= chord
        if covered:
            back = -chord if sight else look_back(bent_line, inverse_of, horizon[i], k, bent, zero)
        real[at + SQUARE] = square
        real[at + STEPS] = p
        real[at + RISE] = rise
        real[at + GROUND] = bare[i]
        real[at + FLAT] = before_bare[i] - rise * inverse
        real[at + SLOPE_T] = chord if sight else before_bent[i]
        real[at + SLOPE_R] = back - f32(2.0) * scale.bend_m * p
        real[at + HORIZON] = p if sight else position[PAD + i64(horizon[i])]
        real[at + SUM_HEIGHT] = f32(sum_height[i])
        real[at + SUM_MOMENT] = f32(sum_moment[i])


@borrowing()
def first_segment(ray: Ray, mast: float) -> tuple[float, float]:
    """What the segment from the mast to point 1, which may be longer or shorter, adds to v_1 and v_2."""
    z, p = ray.bare[PAD + 1], ray.position[PAD + 1]
    v1 = p * (z + mast) - z
    v2 = p * p * (f32(2.0) * z + mast) - z * (f32(3.0) * p - f32(1.0))
    return v1, v2


@njit(fastmath=FLAGS, error_model="numpy", forceinline=True)
def _least_hidden(
    flat_t: float, slope_t: float, slope_r: float, horizon: float, steps: float, chord: float, bend_m: float
) -> tuple[float, float]:
    """Least by which obstructions lower the smooth surface at both ends, m, known without looking back.

    For (87) to (89), over terrain that does not bend: the greatest height above the line between the antennas
    is no less than that of the transmitter's horizon. The receiver's slope is no less than the bent one less
    twice the bend of the path, which is `slope_r`, and no more than the bent one less that bend.
    """
    obstacle = greater((slope_t + bend_m * horizon - chord) * horizon, f32(0.0))
    seen_t, least_r = greater(flat_t, f32(0.0)), greater(slope_r + chord, f32(0.0))
    most_r = greater(slope_r + bend_m * steps + chord, f32(0.0))
    share = obstacle / (seen_t + most_r + f32(1e-6))
    return share * seen_t, share * least_r


@borrowing(fastmath=FLAGS)
def shape(
    real: NDArray[np.float32],
    blocks: int,
    mast: float,
    scale: Scale,
    needed: float,
    first: tuple[float, float],
) -> None:
    """All that depends on no band: angles, smooth surface, lengths; and how tight the smooth Earth is.

    `mast` is the ground at the mast above the transmitting antenna, `needed` the `needed_m` of the longest
    wavelength, `first` the `first_segment` of the ray.
    """
    step_km, per_m, per_earth = scale.step_m * f32(0.001), f32(1.0) / scale.step_m, f32(1.0) / scale.earth_km
    root_km, root_per_m = np.sqrt(step_km), np.sqrt(f32(2.0) * per_m)
    for block in range(np.uint64(blocks)):
        for lane in range(np.uint64(WIDTH)):
            at = block * BLOCK + lane
            steps = real[at + STEPS]
            d_km, root, inverse = steps * step_km, np.sqrt(steps), f32(1.0) / steps
            rise, slope_t, slope_r = real[at + RISE], real[at + SLOPE_T], real[at + SLOPE_R]
            square = real[at + SQUARE]
            bare_nu = square if square < f32(0.0) else np.sqrt(greater(square, f32(0.0)))
            real[at + PARAMETER] = bare_nu * root * root_per_m
            theta_t = f32(1000.0) * atan(slope_t * per_m)
            theta_r = f32(1000.0) * atan(slope_r * per_m)
            real[at + SLOPE_T] = theta_t
            real[at + SLOPE_R] = theta_r
            real[at + THETA] = f32(1000.0) * per_earth * d_km + theta_t + theta_r
            rise_km = rise * f32(0.001)
            real[at + LOG_KM] = log2(d_km)
            real[at + FREE] = f32(0.5) * DB20 * log2(d_km * d_km + rise_km * rise_km)
            # v_1 and v_2 of (83) and (84) for steps of 1, by the sums over all points.
            ground = real[at + GROUND]
            v1 = f32(2.0) * real[at + SUM_HEIGHT] - ground + first[0]
            v2 = f32(6.0) * real[at + SUM_MOMENT] - ground * (f32(3.0) * steps + f32(1.0)) + first[1]
            share = v1 * inverse
            lean = v2 * inverse * inverse
            fit_t, fit_r = f32(2.0) * share - lean, lean - share
            real[at + FIT_T] = fit_t
            real[at + FIT_R] = fit_r
            hidden_t, hidden_r = _least_hidden(
                real[at + FLAT], slope_t, slope_r, real[at + HORIZON], steps, rise * inverse, scale.bend_m
            )
            # No more than the true heights: those are looked for where these are not enough.
            over_t = -lesser(fit_t - hidden_t, mast)
            over_r = rise - lesser(fit_r - hidden_r, ground)
            real[at + OVER_T] = over_t
            real[at + OVER_R] = over_r
            real[at + TIGHT] = tightness(d_km, root * root_km, over_t * over_r, needed, per_earth)


@borrowing(fastmath=FLAGS)
def _tightest(real: NDArray[np.float32], block: int) -> float:
    """Largest TIGHT of a block, of what lies behind its last pixel too."""
    largest = FAR_BELOW
    first = u64(block) * BLOCK + TIGHT
    for lane in range(u64(WIDTH)):
        largest = greater(largest, real[first + lane])
    return largest


@borrowing(fastmath=FLAGS)
def _lower_one(ray: Ray, real: NDArray[np.float32], at: int, k: int, mast: float) -> None:
    """Lower the smooth surface of a pixel at step k below obstructions (87 to 89)."""
    flat_t, rise = real[at + FLAT], real[at + RISE]
    chord = rise * ray.inverse_position[PAD + k]
    back, highest = look_over(ray, ray.horizon[PAD + k], k, rise, chord)
    flat_r = back + chord
    share = highest / (flat_t + flat_r)
    real[at + OVER_T] = -lesser(real[at + FIT_T] - share * flat_t, mast)
    real[at + OVER_R] = rise - lesser(real[at + FIT_R] - share * flat_r, real[at + GROUND])


@borrowing(fastmath=FLAGS)
def lower(ray: Ray, pixels: Pixels, count: int, mast: float, scale: Scale, needed: float) -> None:
    """Look closer where the smooth Earth may count, and find the blocks where it still may."""
    real, steps, tight = pixels.real, pixels.k, pixels.tight
    for block in range((count + WIDTH - 1) // WIDTH):
        tight[block] = False
        if _tightest(real, block) <= f32(0.0):
            continue
        for q in range(block * WIDTH, min((block + 1) * WIDTH, count)):
            at = field_of(q)
            if real[at + TIGHT] <= f32(0.0):
                continue
            if real[at + FLAT] > f32(0.0):
                _lower_one(ray, real, at, i64(steps[q]), mast)
            d_km = real[at + STEPS] * scale.step_m * f32(0.001)
            over = real[at + OVER_T] * real[at + OVER_R]
            if tightness(d_km, np.sqrt(d_km), over, needed, f32(1.0) / scale.earth_km) > f32(0.0):
                tight[block] = True


@borrowing(fastmath=FLAGS)
def _exceed(real: NDArray[np.float32], tight: NDArray[np.bool_], blocks: int, of: Band, scale: Scale) -> None:
    """Part of the smooth Earth in the diffraction loss: L_dsph - L_bulls, not below 0 (39)."""
    for block in range(np.uint64(blocks)):
        if tight[block]:
            for lane in range(np.uint64(WIDTH)):
                at = block * BLOCK + lane
                steps = real[at + STEPS]
                d_km = steps * scale.step_m * f32(0.001)
                over_t, over_r = real[at + OVER_T], real[at + OVER_R]
                high, low = greater(over_t, over_r), lesser(over_t, over_r)
                high_off = scale.off if over_t > over_r else f32(0.0)
                smooth = smooth_parameter(
                    steps, high, low, scale.bend_m, scale.step_m, high_off, scale.off - high_off
                )
                smooth_db = bullington_db(smooth * of.root_wave, d_km)
                sphere_db = spherical_db(d_km, high, low, scale.earth_km, of)
                real[at + EXCESS] = greater(sphere_db - smooth_db, f32(0.0))
        else:
            for lane in range(np.uint64(WIDTH)):
                real[block * BLOCK + lane + EXCESS] = f32(0.0)


@borrowing(fastmath=FLAGS)
def _add_up(real: NDArray[np.float32], blocks: int, of: Band, scale: Scale) -> None:
    """Loss at 50 % of time and locations, and by how much ducting could at most undercut it.

    The least that (46) can come to: the receiver's horizon no farther than a step, and no roughness.
    """
    step_km = scale.step_m * f32(0.001)
    cube = f32(0.264) * of.freq_cube
    mrad = f32(1000.0) / scale.earth_km
    for block in range(np.uint64(blocks)):
        for lane in range(np.uint64(WIDTH)):
            at = block * BLOCK + lane
            d_km = real[at + STEPS] * step_km
            edge_db = bullington_db(real[at + PARAMETER] * of.root_wave, d_km)
            free_db = of.free_db + real[at + FREE]
            beyond_db = free_db + edge_db + real[at + EXCESS]
            scatter_db = of.scatter_db + DB20 * real[at + LOG_KM] + f32(0.573) * real[at + THETA]
            real[at + LOSS] = greater(both_ways_db(scatter_db, beyond_db), free_db)
            horizon_km = real[at + HORIZON] * step_km
            theta_t, theta_r = real[at + SLOPE_T], real[at + SLOPE_R]
            over_t = greater(theta_t - f32(0.1) * horizon_km, f32(0.0))
            over_r = greater(theta_r - f32(0.1) * d_km, f32(0.0))
            shield_t = f32(1.0) + f32(0.361) * over_t * np.sqrt(of.freq_ghz * horizon_km)
            shield_r = f32(1.0) + f32(0.361) * over_r * np.sqrt(of.freq_ghz * step_km)
            near_km = greater(lesser(horizon_km + step_km, d_km), step_km)
            angle = mrad * d_km + lesser(theta_t, f32(0.1) * horizon_km) + lesser(theta_r, f32(0.1) * step_km)
            duct_db = of.duct_db + DB20 * log2(near_km * shield_t * shield_r) + cube * (over_t + over_r)
            duct_db = duct_db + f32(5e-5) * scale.earth_km * of.freq_cube * angle
            real[at + SUSPECT] = beyond_db - duct_db


@borrowing()
def lose(pixels: Pixels, blocks: int, of: Band, scale: Scale) -> None:
    """Loss of every pixel in one band."""
    _exceed(pixels.real, pixels.tight, blocks, of, scale)
    _add_up(pixels.real, blocks, of, scale)


@njit(cache=True, nogil=True, error_model="numpy")
def ducting_may_count(ray: Ray, pixels: Pixels, q: int, scale: Scale, of: Band) -> bool:
    """Whether ducting may still count for a suspect pixel once the receiver's true horizon is known."""
    k, at = i64(pixels.k[q]), field_of(q)
    bent = pixels.real[at + RISE] - scale.bend_m * pixels.real[at + STEPS] ** 2
    steepest, horizon = FAR_BELOW, 1
    for n in range(1, k):
        slope = (ray.bent[PAD + k - n] - bent) * ray.inverse[ray.zero - n]
        if slope > steepest:
            steepest, horizon = slope, n
    step_km = np.float64(scale.step_m) / 1000.0
    d_km, dlt_km = pixels.real[at + STEPS] * step_km, pixels.real[at + HORIZON] * step_km
    dlr_km = min(horizon * step_km, d_km)
    theta_t, theta_r = np.float64(pixels.real[at + SLOPE_T]), np.float64(pixels.real[at + SLOPE_R])
    near_mrad = min(theta_t, 0.1 * dlt_km) + min(theta_r, 0.1 * dlr_km)
    angle_mrad = 1000.0 * d_km / scale.earth_km + near_mrad
    duct_db = of.duct_db + 20.0 * math.log10(min(dlt_km + dlr_km, d_km))
    duct_db += shielding_db(theta_t, dlt_km, of.freq_ghz) + shielding_db(theta_r, dlr_km, of.freq_ghz)
    duct_db += 5e-5 * scale.earth_km * of.freq_cube * angle_mrad
    free_db = of.free_db + pixels.real[at + FREE]
    edge_db = bullington_db(pixels.real[at + PARAMETER] * of.root_wave, f32(d_km))
    return bool(free_db + edge_db + pixels.real[at + EXCESS] > duct_db - 0.05)
