"""One ray of the radial sweep: the terrain along it, and what a receiver on it sees when it looks back.

Heights are metres above the transmitting antenna, distances are counted in steps. In coordinates that bend
with the Earth (a parabola is taken off) lines of sight are straight, whatever the receiver's distance.

What lies before a point is known from running maxima and sums. What a receiver sees is a maximum over all
points before it: `look_back`, `look_over` and `least_clear`, which vectorise.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

from geocover.kernels.float32 import FLAGS, borrowing, f32, greater, lesser, whole

if TYPE_CHECKING:
    from numpy.typing import NDArray

LANES = 32  # scans run over multiples of it, so that none has a remainder
PAD = 64
NEVER = f32(-1e30)

MISSING_M = f32(-1e30)  # stands for unknown ground: the least share of it brings a height below UNKNOWN_M
UNKNOWN_M = f32(-1e4)  # what lies lower comes of it


class Ray(NamedTuple):
    """Arrays along a ray: point i is at [PAD + i]."""

    pixel: NDArray[np.int32]  # index of the pixel before the crossing, and the way towards the next
    way: NDArray[np.float32]
    bare: NDArray[np.float32]  # terrain above the transmitter
    bent: NDArray[np.float32]  # the same, bent with the Earth
    topped: NDArray[np.float32]  # with clutter on top, bent
    scaled: NDArray[np.float32]  # topped by the root of the distance
    position: NDArray[np.float32]  # distance from the mast, its root, and the inverses of both
    root: NDArray[np.float32]
    inverse_position: NDArray[np.float32]
    inverse_position_root: NDArray[np.float32]
    inverse: NDArray[np.float32]  # at [zero - n]: 1 / n
    inverse_root: NDArray[np.float32]
    before_bare: NDArray[np.float32]  # steepest slope over the points before, metres a step
    before_bent: NDArray[np.float32]
    before_topped: NDArray[np.float32]
    horizon: NDArray[np.int32]  # the point with that slope: of `bent`, and of `topped`
    horizon_top: NDArray[np.int32]
    sum_height: NDArray[np.float64]  # of heights, and of heights by distance, up to the point
    sum_moment: NDArray[np.float64]
    best_scaled: NDArray[np.float32]  # largest of `scaled` up to the end of each block of LANES points
    zero: int


class Course(NamedTuple):
    """Where a ray runs on the ground array, flattened.

    origin: the index of the mast's pixel. along, beside: how far the index moves by a step, and by a pixel
    across. begin: where the ray begins across, slope: pixels across by step; least, most: first pixel across,
    and last one that has a neighbour. All counted from the mast's pixel, so that the bits do not depend on
    where on the array it lies.
    """

    origin: int
    along: int
    beside: int
    begin: float
    slope: float
    least: int
    most: int


@njit(cache=True, nogil=True, error_model="numpy")
def new_ray(size: int) -> Ray:
    """Empty arrays for rays of up to `size` steps; what lies before point 1 never wins a maximum."""
    total = size + 2 * PAD
    line = np.full((14, total), NEVER, np.float32)
    whole = np.zeros((3, total), np.int32)
    sums = np.zeros((2, total))
    line[4:8] = f32(0.0)
    for n in range(1, total + 1):
        line[8, total - n] = f32(1.0 / n)
        line[9, total - n] = f32(1.0 / math.sqrt(n))
    return Ray(
        whole[0], line[10], line[0], line[1], line[2], line[3], line[4], line[5], line[6], line[7], line[8],
        line[9], line[11], line[12], line[13], whole[1], whole[2], sums[0], sums[1],
        np.empty(total // LANES, np.float32), total,
    )  # fmt: skip


@njit(cache=True, nogil=True, error_model="numpy")
def place_points(ray: Ray, count: int, off: float) -> None:
    """Set the distances of the points for a mast that stands `off` steps from the middle of its pixel."""
    for k in range(1, count + 1):
        p = k - off
        ray.position[PAD + k] = f32(p)
        ray.root[PAD + k] = f32(math.sqrt(p))
        ray.inverse_position[PAD + k] = f32(1.0 / p)
        ray.inverse_position_root[PAD + k] = f32(1.0 / math.sqrt(p))


@borrowing(fastmath=FLAGS)
def _follow(
    pixel: NDArray[np.int32],
    way: NDArray[np.float32],
    position: NDArray[np.float32],
    course: Course,
    count: int,
) -> None:
    """Find the pixel before each crossing, and the way from its centre to the next one's.

    What lies up to half a pixel outside the outermost centres is held on them.
    """
    begin, slope = f32(course.begin), f32(course.slope)
    least, most = f32(course.least), f32(course.most)
    origin, along, beside = np.int32(course.origin), np.int32(course.along), np.int32(course.beside)
    for k in range(np.uint64(count)):
        i = np.uint64(PAD + 1) + k
        t = greater(lesser(begin + slope * position[i], most + f32(1.0)), least)
        j = whole(t)
        j = lesser(j - f32(1.0) if t < j else j, most)
        way[i] = t - j
        pixel[i] = np.int32(
            origin + np.int32(np.int32(k + np.uint64(1)) * along) + np.int32(np.int32(j) * beside)
        )


@borrowing(fastmath=FLAGS)
def _sample(ray: Ray, ground: NDArray[np.float32], beside: int, count: int, antenna: float) -> None:
    """Interpolate the ground between two pixels, above the antenna."""
    aside = np.uint64(beside)
    pixel, ways, bare = ray.pixel, ray.way, ray.bare
    for k in range(np.uint64(count)):
        i = np.uint64(PAD + 1) + k
        at = np.uint64(pixel[i])
        way, low, high = ways[i], ground[at], ground[at + aside]
        low = low if way < f32(1.0) else high  # unknown ground would swallow what is added to it
        bare[i] = low + way * (high - low) - antenna


@borrowing(fastmath=FLAGS)
def _first_unknown(bare: NDArray[np.float32], count: int) -> int:
    """First step at which the ground is unknown, or count + 1."""
    lowest = f32(0.0)
    for k in range(np.uint64(count)):
        lowest = lesser(lowest, bare[np.uint64(PAD + 1) + k])
    if lowest < UNKNOWN_M:
        for k in range(1, count + 1):
            if bare[PAD + k] < UNKNOWN_M:
                return k
    return count + 1


@borrowing(fastmath=FLAGS)
def _bend(ray: Ray, count: int, bend: float) -> None:
    """Bend the terrain with the Earth: it falls by `bend` metres times the square of the steps."""
    for k in range(np.uint64(count)):
        i = np.uint64(PAD + 1) + k
        p = ray.position[i]
        ray.bent[i] = ray.bare[i] - bend * p * p


@borrowing()
def _cover(ray: Ray, clutter: NDArray[np.float32], beside: int, count: int) -> None:
    """Put the clutter of the nearer pixel on top of the terrain (3.2.1, equation 1)."""
    aside = np.uint64(beside)
    for k in range(np.uint64(count)):
        i = np.uint64(PAD + 1) + k
        at = np.uint64(ray.pixel[i])
        height = clutter[at] if ray.way[i] < f32(0.5) else clutter[at + aside]
        ray.topped[i] = ray.bent[i] + height


@borrowing(fastmath=FLAGS)
def _scale(
    scaled: NDArray[np.float32], top: NDArray[np.float32], inverse_root: NDArray[np.float32], count: int
) -> None:
    """Divide the heights of a profile by the root of the distance."""
    for k in range(np.uint64(count)):
        i = np.uint64(PAD + 1) + k
        scaled[i] = top[i] * inverse_root[i]


@borrowing(fastmath=FLAGS)
def _keep_best(best: NDArray[np.float32], scaled: NDArray[np.float32], count: int) -> None:
    """Set the largest scaled height up to the end of each whole block."""
    before = NEVER
    for block in range(np.uint64(count // LANES)):
        highest = NEVER  # of the block alone: so its lanes are reduced side by side
        for lane in range(np.uint64(LANES)):
            highest = greater(highest, scaled[np.uint64(PAD + 1) + block * np.uint64(LANES) + lane])
        before = greater(before, highest)
        best[block] = before


@borrowing()
def trace(
    ray: Ray,
    ground: NDArray[np.float32],
    clutter: NDArray[np.float32],
    course: Course,
    count: int,
    antenna: float,
    bend: float,
) -> int:
    """Fill the terrain of a ray up to step `count`.

    Parameters
    ----------
    ray
        Its arrays, with distances set.
    ground, clutter
        Metres above sea level (`MISSING_M` for unknown) and clutter above ground, flattened; clutter may be
        empty.
    course
        Where the ray runs.
    antenna
        Transmitting antenna above sea level, metres.
    bend
        What the Earth falls by in one step, metres.

    Returns
    -------
    The first step at which the ground is unknown, or count + 1.
    """
    _follow(ray.pixel, ray.way, ray.position, course, count)
    _sample(ray, ground, course.beside, count, antenna)
    _bend(ray, count, bend)
    if clutter.size > 0:
        _cover(ray, clutter, course.beside, count)
        _scale(ray.scaled, ray.topped, ray.inverse_position_root, count)
    else:
        _scale(ray.scaled, ray.bent, ray.inverse_position_root, count)
    _keep_best(ray.best_scaled, ray.scaled, count)
    return _first_unknown(ray.bare, count)


@borrowing(fastmath=FLAGS)
def accumulate(ray: Ray, count: int) -> None:
    """Set what each point knows of those before it: steepest slopes and where they are; and the sums."""
    of_before_bare, of_before_bent, of_horizon = ray.before_bare, ray.before_bent, ray.horizon
    of_position, of_inverse_position = ray.position, ray.inverse_position
    of_bare, of_bent = ray.bare, ray.bent
    of_sum_height, of_sum_moment = ray.sum_height, ray.sum_moment
    steepest_bare = steepest_bent = NEVER
    at = np.int32(1)
    height, moment = 0.0, 0.0
    for k in range(np.uint64(count)):
        i = np.uint64(PAD + 1) + k
        of_before_bare[i] = steepest_bare
        of_before_bent[i] = steepest_bent
        of_horizon[i] = at
        inverse, bare = of_inverse_position[i], of_bare[i]
        here = of_bent[i] * inverse
        at = np.int32(k + np.uint64(1)) if here > steepest_bent else at
        steepest_bent = greater(here, steepest_bent)
        steepest_bare = greater(bare * inverse, steepest_bare)
        z = np.float64(bare)
        height += z
        moment += np.float64(of_position[i]) * z
        of_sum_height[i] = height
        of_sum_moment[i] = moment


@borrowing(fastmath=FLAGS)
def accumulate_top(ray: Ray, count: int) -> None:
    """Set the steepest slope of the profile with clutter over the points before each, and where it is."""
    of_before_topped, of_horizon_top = ray.before_topped, ray.horizon_top
    of_topped, of_inverse_position = ray.topped, ray.inverse_position
    steepest = NEVER
    at = np.int32(1)
    for k in range(np.uint64(count)):
        i = np.uint64(PAD + 1) + k
        of_before_topped[i] = steepest
        of_horizon_top[i] = at
        here = of_topped[i] * of_inverse_position[i]
        at = np.int32(k + np.uint64(1)) if here > steepest else at
        steepest = greater(here, steepest)


@borrowing(fastmath=FLAGS)
def look_back(
    height: NDArray[np.float32], inverse: NDArray[np.float32], begin: int, k: int, receiver: float, zero: int
) -> float:
    """Steepest slope from a receiver at step k back to the points `begin` to k - 1, metres a step.

    For a blocked path the transmitter's horizon may begin: points before it lie below the line from there to
    the transmitter, and so below the one from the receiver to the horizon.
    """
    count = (k - begin + LANES - 1) // LANES * LANES
    first, second = np.uint64(PAD + k - count), np.uint64(zero - count)
    steepest = NEVER
    for t in range(np.uint64(count)):
        steepest = greater(steepest, (height[first + t] - receiver) * inverse[second + t])
    return steepest


@borrowing(fastmath=FLAGS)
def look_over(ray: Ray, begin: int, k: int, receiver: float, chord: float) -> tuple[float, float]:
    """Steepest slope back over terrain that does not bend, and its greatest height above the chord, m.

    The transmitter's horizon may begin, also that over bent terrain, which is not behind the other: points
    before it lie below the line from there to the transmitter.
    """
    bare, inverse, position = ray.bare, ray.inverse, ray.position
    count = (k - begin + LANES - 1) // LANES * LANES
    first, second = np.uint64(PAD + k - count), np.uint64(ray.zero - count)
    steepest, highest = NEVER, NEVER
    for t in range(np.uint64(count)):
        here = bare[first + t]
        steepest = greater(steepest, (here - receiver) * inverse[second + t])
        highest = greater(highest, here - chord * position[first + t])
    return steepest, highest


@borrowing(fastmath=FLAGS)
def least_clear(
    lines: tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]],
    begin: int,
    end: int,
    k: int,
    chord: float,
    zero: int,
) -> float:
    """Largest diffraction parameter of a clear path over its points from `begin` to `end`, receiver at k.

    (15) without what is the same for all points; `lines` are a ray's `scaled`, `root` and `inverse_root`, and
    chord is the line of sight's slope in bent coordinates.
    """
    scaled, root, inverse_root = lines
    count = (end - begin + 1 + LANES - 1) // LANES * LANES
    first, second = np.uint64(PAD + end + 1 - count), np.uint64(zero - (k - end - 1) - count)
    largest = NEVER
    for t in range(np.uint64(count)):
        rise = scaled[first + t] - chord * root[first + t]
        largest = greater(largest, rise * inverse_root[second + t])
    return largest
