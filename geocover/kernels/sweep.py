"""The radial sweep: Rec. ITU-R P.1812-8 for every pixel around a mast, each on the ray nearest to its centre.

What a ray needs of the terrain is shared by all its pixels and by all bands. A pixel's loss depends on the
mast, the terrain and the frame alone, so that it has the same bits in whichever window, and with whichever
others, it is asked for. 50 % of time, inland paths; ducting is computed by the scalar reference for the few
pixels where a bound says that it may count.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

from geocover.kernels.float32 import borrowing, f32, i64, u64
from geocover.kernels.p1812 import OUTDOOR_MEDIAN, Link, path_loss
from geocover.kernels.p1812_points import bilinear
from geocover.kernels.p1812_profile import INLAND, Climate, Profile, median_earth_km
from geocover.kernels.sweep_loss import Band, band
from geocover.kernels.sweep_pixels import (
    FREE,
    LOSS,
    SUSPECT,
    WIDTH,
    Pixels,
    Scale,
    ducting_may_count,
    field_of,
    first_segment,
    lose,
    lower,
    measure,
    new_pixels,
    shape,
)
from geocover.kernels.sweep_ray import (
    PAD,
    UNKNOWN_M,
    Course,
    Ray,
    accumulate,
    accumulate_top,
    new_ray,
    place_points,
    trace,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geocover.kernels.sweep_frame import Frame, Side, Site

UNKNOWN_DB = -1.0  # stands for the loss of a path over unknown ground; no loss is negative


class Radio(NamedTuple):
    """Climate and polarisation."""

    climate: Climate
    vertical: bool


class View(NamedTuple):
    """One side of the frame as seen from the mast: which axis of the ground it runs along, and which way."""

    along_cols: bool
    sign: int
    major: int  # the mast's pixel along the side's direction and across it
    minor: int
    off_major: float
    off_minor: float
    majors: int  # size of the ground in both
    minors: int


class Common(NamedTuple):
    """What all rays of a mast have in common, in float32.

    antenna_m: above sea level. foot_m: ground at the mast above the antenna. needed_m, wave_m: `needed_m` and
    the wavelength of the lowest band.
    """

    antenna_m: float
    foot_m: float
    rx_height_m: float
    earth_km: float
    needed_m: float
    wave_m: float


@njit(cache=True, nogil=True, error_model="numpy")
def _view(site: Site, shape_px: tuple[int, int], side: int) -> View:
    """Sides 0 and 1 run along rising and falling columns, 2 and 3 along rows."""
    sign = 1 if side % 2 == 0 else -1
    if side < 2:
        return View(
            True, sign, site.col, site.row, sign * site.off_col, site.off_row, shape_px[1], shape_px[0]
        )
    return View(False, sign, site.row, site.col, sign * site.off_row, site.off_col, shape_px[0], shape_px[1])


@njit(cache=True, nogil=True, error_model="numpy")
def _last_on_ground(view: View, slope: float) -> int:
    """Last step of a ray at which the ground array may hold a pixel, whose centre it misses by up to half."""
    last = view.majors - 1 - view.major if view.sign > 0 else view.major
    begin = view.minor + view.off_minor
    room = 0.75 + (view.minors - 1 - begin if slope > 0.0 else begin)
    if slope == 0.0:
        return last
    return min(last, math.floor(room / abs(slope) + view.off_major))


@njit(cache=True, nogil=True, error_model="numpy")
def _towards(
    view: View, corner: tuple[int, int], shape_px: tuple[int, int], half: int
) -> tuple[int, int, int, int]:
    """First and last ray, and first and last step, that may meet a window; none where first is after last."""
    majors, minors = (shape_px[1], shape_px[0]) if view.along_cols else (shape_px[0], shape_px[1])
    major, minor = (corner[1], corner[0]) if view.along_cols else (corner[0], corner[1])
    ends = view.sign * (major - view.major), view.sign * (major + majors - 1 - view.major)
    near, far = max(min(ends), 1), max(ends)
    if far < near:
        return 1, 0, 1, 0
    # The pixels' own arithmetic (`lay_side`), which rises with the pixel's place across and so along an edge.
    left, right = minor - view.minor - view.off_minor, minor + minors - 1 - view.minor - view.off_minor
    begin, end = near - view.off_major, far - view.off_major
    low, high = min(left / begin, left / end), max(right / begin, right / end)
    first = math.floor(max(low, -1.0) * half + 0.5) + half
    return first, math.floor(min(high, 1.0) * half + 0.5) + half, near, far


@borrowing()
def _entry_at(step: NDArray[np.int16], begin: int, end: int, k: int) -> int:
    """First of the entries from `begin` to `end`, which rise, that is at a step or after it."""
    while begin < end:
        middle = (begin + end) // 2
        if step[u64(middle)] < k:
            begin = middle + 1
        else:
            end = middle
    return begin


@borrowing()
def _choose(
    pixels: Pixels,
    side: Side,
    m: int,
    view: View,
    corner: tuple[int, int],
    shape_px: tuple[int, int],
    wanted: NDArray[np.uint8],
    first: int,
    last: int,
) -> int:
    """Pixels of a ray, between two steps that do, that lie in the window and are wanted; gives their number.

    `wanted` is flattened, `shape_px` its shape before.
    """
    rows, cols = shape_px
    # The mast in the window along the side and across it, its size across, and how far pixels are apart.
    if view.along_cols:
        major, minor, minors = view.major - corner[1], view.minor - corner[0], rows
        by_major, by_minor = 1, cols
    else:
        major, minor, minors = view.major - corner[0], view.minor - corner[1], cols
        by_major, by_minor = cols, 1
    origin, by_step = by_major * major + by_minor * minor, view.sign * by_major
    # Arrays are taken out of their tuples once: each time costs counting a reference.
    step, aside, chosen, places = side.step, side.aside, pixels.k, pixels.place
    n = 0
    end = side.start[m + 1]
    for entry in range(u64(_entry_at(step, side.start[m], end, first)), u64(end)):
        k, j = i64(step[entry]), i64(aside[entry])
        if k > last:
            break
        # A negative number is a very large one without its sign.
        if u64(minor + j) < u64(minors):
            place = u64(origin + by_step * k + by_minor * j)
            if wanted[place] != 0:
                chosen[u64(n)] = np.int32(k)
                places[u64(n)] = np.int32(place)
                n += 1
    return n


@njit(cache=True, nogil=True, error_model="numpy")
def _exact_db(
    ray: Ray,
    k: int,
    covered: bool,  # noqa: FBT001
    heights: tuple[float, float, float],
    scale: Scale,
    radio: Radio,
    freq_ghz: float,
) -> float:
    """Loss by the scalar reference on the same profile: ducting included."""
    mast, tx_m, rx_m = heights
    d_km, h_m, clutter_m = np.empty(k + 1), np.empty(k + 1), np.zeros(k + 1)
    d_km[0], h_m[0] = 0.0, mast
    for i in range(1, k + 1):
        d_km[i] = np.float64(ray.position[PAD + i]) * scale.step_m / 1000.0
        h_m[i] = ray.bare[PAD + i]
        if covered:
            clutter_m[i] = max(0.0, ray.topped[PAD + i] - ray.bent[PAD + i])
    profile = Profile(d_km, h_m, clutter_m, np.full(k + 1, INLAND))
    link = Link(freq_ghz, 50.0, tx_m, rx_m, radio.vertical)
    _, loss = path_loss(profile, radio.climate, link, OUTDOOR_MEDIAN)
    return float(loss.lb_db)


@njit(cache=True, nogil=True, error_model="numpy")
def _ground_at(ground: NDArray[np.float32], site: Site) -> float:
    """Ground under the mast: bilinear at its place inside the pixel, held inside the outermost centres."""
    row = min(max(site.row + site.off_row, 0.0), ground.shape[0] - 1.0)
    col = min(max(site.col + site.off_col, 0.0), ground.shape[1] - 1.0)
    return bilinear(ground, row, col)


@njit(cache=True, nogil=True, error_model="numpy")
def _lay_ray(
    site: Site, frame: Frame, view: View, m: int, cols: int, earth_km: float
) -> tuple[Course, Scale]:
    """Where a ray runs on the ground, which has so many columns, and its lengths."""
    slope = (m - frame.half) / frame.half
    step_m = frame.resolution_m * math.sqrt(1.0 + slope * slope)
    along, beside = (view.sign, cols) if view.along_cols else (view.sign * cols, 1)
    origin, most = site.row * cols + site.col, view.minors - 2 - view.minor
    course = Course(origin, along, beside, view.off_minor, slope, -view.minor, most)
    return course, Scale(
        f32(step_m), f32(step_m * step_m / (2000.0 * earth_km)), earth_km, f32(view.off_major)
    )


@borrowing()
def _explore(
    ray: Ray,
    pixels: Pixels,
    count: int,
    ground: NDArray[np.float32],
    clutter: NDArray[np.float32],
    course: Course,
    scale: Scale,
    common: Common,
) -> int:
    """Trace a ray and find what its pixels see, for all bands; gives the first step of unknown ground."""
    last, covered, blocks = pixels.k[count - 1], clutter.size > 0, (count + WIDTH - 1) // WIDTH
    unknown = trace(ray, ground, clutter, course, last, common.antenna_m, scale.bend_m)
    accumulate(ray, last)
    if covered:
        accumulate_top(ray, last)
    measure(ray, pixels, count, covered, common.rx_height_m, scale, common.wave_m)
    first = first_segment(ray, common.foot_m)
    shape(pixels.real, blocks, common.foot_m, scale, common.needed_m, first)
    lower(ray, pixels, count, common.foot_m, scale, common.needed_m)
    return unknown


@borrowing()
def _write(
    loss_db: NDArray[np.float32], places: NDArray[np.int32], real: NDArray[np.float32], count: int
) -> int:
    """Write the losses of a ray's pixels into the flattened window; gives how many ducting might lower."""
    suspects = 0
    for q in range(u64(count)):
        at = field_of(q)
        loss_db[u64(places[q])] = real[at + LOSS]
        suspects += i64(real[at + SUSPECT] > f32(0.0))
    return suspects


@borrowing()
def _fill(
    loss_db: NDArray[np.float32], b: int, pixels: Pixels, count: int, unknown: int, of: Band, scale: Scale
) -> bool:
    """Write the losses of a ray's pixels in band b; gives whether some are to be written again."""
    lose(pixels, (count + WIDTH - 1) // WIDTH, of, scale)
    suspects = _write(loss_db[b], pixels.place, pixels.real, count)
    return bool(suspects > 0 or pixels.k[0] < 2 or pixels.k[count - 1] >= unknown)


@njit(cache=True, nogil=True, error_model="numpy")
def _mend(
    loss_db: NDArray[np.float32],
    ray: Ray,
    pixels: Pixels,
    count: int,
    unknown: int,
    covered: bool,  # noqa: FBT001
    heights: tuple[float, float, float],
    scale: Scale,
    radio: Radio,
    of: Band,
    freq_ghz: float,
) -> int:
    """Write again what is unknown, beside the mast, or lowered by ducting; gives the number of the last."""
    exact = 0
    steps, places, real = pixels.k, pixels.place, pixels.real
    for q in range(u64(count)):
        k, at = steps[q], field_of(q)
        if k >= unknown:
            loss_db[u64(places[q])] = f32(UNKNOWN_DB)
        elif k < 2:
            loss_db[u64(places[q])] = of.free_db + real[at + FREE]
        elif real[at + SUSPECT] > f32(0.0) and ducting_may_count(ray, pixels, q, scale, of):
            exact += 1
            loss_db[u64(places[q])] = f32(_exact_db(ray, k, covered, heights, scale, radio, freq_ghz))
    return exact


@njit(cache=True, nogil=True, error_model="numpy")
def _bands(freqs_ghz: NDArray[np.float64], radio: Radio, reach_km: float) -> list[Band]:
    return [band(freq_ghz, radio.climate, radio.vertical, reach_km) for freq_ghz in freqs_ghz]


@njit(cache=True, nogil=True, error_model="numpy")
def _common(antenna_m: float, site: Site, earth_km: float, lowest: Band) -> Common:
    wave_m = f32(1.0) / (lowest.root_wave * lowest.root_wave)
    foot_m, rx_height_m = f32(-site.tx_height_m), f32(site.rx_height_m)
    return Common(f32(antenna_m), foot_m, rx_height_m, f32(earth_km), lowest.needed_m, wave_m)


@njit(cache=True, nogil=True, error_model="numpy")
def sweep(
    ground: NDArray[np.float32],
    clutter: NDArray[np.float32],
    site: Site,
    frame: Frame,
    sides: tuple[Side, Side, Side, Side],
    corner: tuple[int, int],
    wanted: NDArray[np.uint8],
    radio: Radio,
    freqs_ghz: NDArray[np.float64],
    loss_db: NDArray[np.float32],
) -> int:
    """Loss from a mast to the wanted pixels of a window.

    Parameters
    ----------
    ground
        Metres above sea level, `sweep_ray.MISSING_M` where unknown, C order; it holds the mast and the
        window, and has 2 rows and columns or more.
    clutter
        Representative clutter height above ground, metres, same shape; or shape (0, 0).
    site, frame
        The mast, and its rays.
    sides
        Pixels by ray towards rising and falling columns (with the diagonals), rising and falling rows
        (without): `sweep_frame.lay_side`.
    corner
        First row and column of the window on the ground array.
    wanted
        Shape (rows, cols) of the window, 0 for pixels to be left alone.
    radio
        Climate and polarisation.
    freqs_ghz
        Bands, shape (n,).
    loss_db
        Result, shape (n, rows, cols): basic transmission loss at 50 % of time and locations where wanted and
        within reach, `UNKNOWN_DB` where ground along the path is unknown; other pixels, and the mast's own,
        are left alone. The pixels beside the mast, whose paths have no inner point, have free-space loss.

    Returns
    -------
    The number of losses that the scalar reference computed.
    """
    size = int(frame.reach) + 3
    ray, pixels = new_ray(size), new_pixels(2 * size)
    ground_m = _ground_at(ground, site)
    heights = (-site.tx_height_m, site.tx_height_m, site.rx_height_m)
    bands = _bands(freqs_ghz, radio, frame.reach * frame.resolution_m / 1000.0)
    earth_km = median_earth_km(radio.climate.delta_n)
    common = _common(ground_m + site.tx_height_m, site, earth_km, bands[np.argmin(freqs_ghz)])
    flat_ground, flat_clutter, flat_wanted = ground.reshape(-1), clutter.reshape(-1), wanted.reshape(-1)
    flat_loss_db = loss_db.reshape(freqs_ghz.size, wanted.size)
    exact = 0
    for number in range(4):
        view, side = _view(site, ground.shape, number), sides[number]
        place_points(ray, size, view.off_major)
        begin, end, first, far = _towards(view, corner, wanted.shape, frame.half)
        for m in range(max(begin, 0), min(end, 2 * frame.half) + 1):
            course, scale = _lay_ray(site, frame, view, m, ground.shape[1], common.earth_km)
            last = min(far, _last_on_ground(view, course.slope))
            count = _choose(pixels, side, m, view, corner, wanted.shape, flat_wanted, first, last)
            if count == 0:
                continue
            unknown = _explore(ray, pixels, count, flat_ground, flat_clutter, course, scale, common)
            if ground_m < UNKNOWN_M:
                unknown = 0
            for b in range(freqs_ghz.size):
                if _fill(flat_loss_db, b, pixels, count, unknown, bands[b], scale):
                    exact += _mend(
                        flat_loss_db[b], ray, pixels, count, unknown, clutter.size > 0, heights, scale, radio,
                        bands[b], freqs_ghz[b],
                    )  # fmt: skip
    return exact
