"""Masts on made terrain for the radial sweep, and what the scalar reference says of them."""

from __future__ import annotations

import functools
from typing import NamedTuple

import numpy as np
from numba import njit

from geocover.kernels.p1812 import OUTDOOR_MEDIAN, Link, path_loss
from geocover.kernels.p1812_profile import INLAND, Climate, Profile
from geocover.kernels.sweep import Radio, sweep
from geocover.kernels.sweep_frame import Frame, Side, Site, lay_side

CLIMATE = Climate(45.0, 325.0, 21.3, 500.0, 500.0)
BARE = np.zeros((0, 0), np.float32)
NOT_WRITTEN = np.float32(-77.0)
Array = np.ndarray


class World(NamedTuple):
    """A mast on its ground."""

    ground: Array
    clutter: Array
    site: Site
    frame: Frame
    vertical: bool = False
    climate: Climate = CLIMATE


@functools.cache
def sides_of(frame: Frame, off_row: float, off_col: float) -> tuple[Side, ...]:
    """Pixels by ray of all four sides, as `sweep` asks for them."""
    return (
        lay_side(frame, off_col, off_row, True),
        lay_side(frame, -off_col, off_row, True),
        lay_side(frame, off_row, off_col, False),
        lay_side(frame, -off_row, off_col, False),
    )


def run(
    world: World, freqs_ghz: tuple[float, ...], corner: tuple[int, int] = (0, 0), wanted: Array | None = None
) -> tuple[Array, int]:
    """Losses in a window (or on all of the ground), `NOT_WRITTEN` where none was written; and the count."""
    wanted = np.ones(world.ground.shape, np.uint8) if wanted is None else wanted
    loss_db = np.full((len(freqs_ghz), *wanted.shape), NOT_WRITTEN, np.float32)
    sides = sides_of(world.frame, world.site.off_row, world.site.off_col)
    radio = Radio(world.climate, world.vertical)
    exact = sweep(
        world.ground, world.clutter, world.site, world.frame, sides, corner, wanted, radio,
        np.array(freqs_ghz), loss_db,
    )  # fmt: skip
    return loss_db, exact


def frame_of(resolution_m: float, reach: float, rays: int = 1) -> Frame:
    return Frame(resolution_m, float(reach), (int(reach) + 2) * rays)


def distance_px(world: World) -> Array:
    """Distance of every pixel from the mast, in pixels."""
    rows, cols = np.indices(world.ground.shape)
    return np.hypot(rows - world.site.row - world.site.off_row, cols - world.site.col - world.site.off_col)


def disc(world: World) -> Array:
    """Pixels within reach, without the mast's own."""
    inside = distance_px(world) <= world.frame.reach
    inside[world.site.row, world.site.col] = False
    return inside


def hills(size: int, relief_m: float, seed: int = 0, smooth: float = 2.2) -> Array:
    """Fractal terrain."""
    wave = np.fft.fftfreq(size)
    number = np.hypot(wave[:, None], wave)
    number[0, 0] = 1.0
    noise = np.random.default_rng(seed).normal(size=(size, size))
    height = np.fft.ifft2(np.fft.fft2(noise) * number**-smooth).real
    return ((height - height.min()) / np.ptp(height) * relief_m + 20.0).astype(np.float32)


def blocks_of_clutter(size: int, seed: int = 1) -> Array:
    chosen = np.random.default_rng(seed).choice([0.0, 0.0, 8.0, 15.0], (size // 5 + 1, size // 5 + 1))
    return np.ascontiguousarray(chosen.repeat(5, 0).repeat(5, 1)[:size, :size].astype(np.float32))


@njit
def along(d_km: Array, h_m: Array, clutter_m: Array, ends: Array, climate: Climate, link: Link) -> Array:
    """Reference loss from the first point of a profile to some of the others."""
    loss_db = np.empty(ends.size)
    for q in range(ends.size):
        n = ends[q] + 1
        profile = Profile(d_km[:n].copy(), h_m[:n].copy(), clutter_m[:n].copy(), np.full(n, INLAND))
        loss_db[q] = path_loss(profile, climate, link, OUTDOOR_MEDIAN)[1].lb_db
    return loss_db


@njit
def height_at(ground: Array, y: float, x: float) -> float:
    a, b = min(max(int(y), 0), ground.shape[0] - 2), min(max(int(x), 0), ground.shape[1] - 2)
    v, u = y - a, x - b
    upper = ground[a, b] * (1.0 - u) + ground[a, b + 1] * u
    return upper * (1.0 - v) + (ground[a + 1, b] * (1.0 - u) + ground[a + 1, b + 1] * u) * v


@njit
def each_exactly(
    ground: Array, site: Site, resolution_m: float, rows: Array, cols: Array, climate: Climate, link: Link
) -> Array:
    """Reference loss to pixels, each over its own profile from the mast's exact place to the pixel's centre.

    The profile has its points where it crosses columns (or rows, if it is steep), on bilinear terrain.
    """
    loss_db = np.empty(rows.size)
    for q in range(rows.size):
        down, right = rows[q] - site.row - site.off_row, cols[q] - site.col - site.off_col
        flat = abs(right) >= abs(down)
        k = abs(cols[q] - site.col) if flat else abs(rows[q] - site.row)
        off = site.off_col if flat else site.off_row
        off = off if (right if flat else down) > 0 else -off
        share = np.empty(k + 1)
        share[0] = 0.0
        for i in range(1, k + 1):
            share[i] = (i - off) / (k - off)
        h_m = np.empty(k + 1)
        for i in range(k + 1):
            y = site.row + site.off_row + share[i] * down
            h_m[i] = height_at(ground, y, site.col + site.off_col + share[i] * right)
        d_km = share * (np.hypot(down, right) * resolution_m / 1000.0)
        profile = Profile(d_km, h_m, np.zeros(k + 1), np.full(k + 1, INLAND))
        loss_db[q] = path_loss(profile, climate, link, OUTDOOR_MEDIAN)[1].lb_db
    return loss_db


def link_of(world: World, freq_ghz: float) -> Link:
    return Link(freq_ghz, 50.0, world.site.tx_height_m, world.site.rx_height_m, world.vertical)


def random_line(generator: np.random.Generator, size: int) -> Array:
    """A profile: flat, rolling, rough, in steps or with cliffs, up to 400 m high, somewhere above the sea."""
    line = np.cumsum(generator.normal(size=size))
    line = (line - line.min()) / np.ptp(line) * generator.choice([0.0, 1.0, 5.0, 30.0, 150.0, 400.0])
    kind = generator.integers(4)
    if kind == 1:
        line = line[np.arange(size) // 8 * 8]
    if kind == 2:
        line += np.where(
            np.arange(size) // int(generator.integers(5, 60)) % 2, generator.uniform(0.0, 200.0), 0.0
        )
    return (line + generator.uniform(0.0, 1500.0)).astype(np.float32)


def random_clutter(generator: np.random.Generator, size: int) -> Array:
    return np.where(generator.random(size) < 0.4, generator.choice([5.0, 10.0, 15.0, 20.0], size), 0.0)


def strip(line: Array, side: int) -> Array:
    """Ground of three like lines that runs the way of a side."""
    ground = np.tile(line if side % 2 == 0 else line[::-1], (3, 1))
    return np.ascontiguousarray((ground if side < 2 else ground.T).astype(np.float32))


def along_ray(generator: np.random.Generator, covered: bool) -> tuple[Array, Array]:
    """Losses of a random mast along a random profile to any side: the sweep's and the reference's.

    The mast stands on the second of the profile's points, or up to half a step beside it.
    """
    size, side = 60 * int(generator.integers(1, 8)), int(generator.integers(4))
    line = random_line(generator, size)
    clutter = random_clutter(generator, size) if covered else np.zeros(size)
    resolution_m = float(generator.choice([10.0, 30.0, 90.0]))
    freq_ghz = float(generator.choice([0.15, 0.45, 0.7, 1.8, 3.5, 6.0]))
    tx_m, rx_m = (
        float(generator.choice([3.0, 10.0, 30.0, 45.0, 100.0])),
        float(generator.choice([1.5, 1.5, 10.0])),
    )
    off = float(generator.choice([0.0, 0.0, -0.5, -0.3, 0.25, 0.5]))
    mast, sign = (1, 1.0) if side % 2 == 0 else (size - 2, -1.0)
    place = (1, mast, 0.0, off * sign) if side < 2 else (mast, 1, off * sign, 0.0)
    frame, vertical = frame_of(resolution_m, size), bool(generator.integers(2))
    ground, cover = strip(line, side), strip(clutter, side) if covered else BARE
    world = World(ground, cover, Site(*place, tx_m, rx_m), frame, vertical)
    ends = np.unique(generator.integers(3, size, 240))
    wanted = np.zeros(size)
    wanted[ends] = 1
    got = run(world, (freq_ghz,), wanted=strip(wanted, side).astype(np.uint8))[0][0]
    got = got[1] if side < 2 else got[:, 1]
    got = got[ends] if side % 2 == 0 else got[::-1][ends]
    d_km = np.append(0.0, np.arange(1, size - 1) - off) * resolution_m / 1000.0
    h_m = np.append(np.interp(1.0 + off, np.arange(size), line), line[2:])
    return got, along(d_km, h_m, clutter[1:].astype(float), ends - 1, world.climate, link_of(world, freq_ghz))


def in_the_middle(ground: Array, reach: int, rays: int = 1, off: tuple[float, float] = (0.0, 0.0)) -> World:
    site = Site(ground.shape[0] // 2, ground.shape[1] // 2, *off, 40.0, 1.5)
    return World(ground, BARE, site, frame_of(30.0, reach, rays))


@functools.cache
def worlds() -> tuple[World, ...]:
    """Hills bare and with clutter, a plain with low masts and long waves, a mast off its pixel's centre."""
    rough, plain = hills(140, 350.0), hills(140, 2.0, seed=5)
    masts = (
        Site(70, 66, 0.0, 0.0, 30.0, 1.5),
        Site(60, 70, 0.31, -0.5, 3.0, 1.5),
        Site(70, 70, -0.2, 0.1, 30.0, 3.0),
    )
    return (
        World(rough, BARE, masts[0], frame_of(30.0, 60)),
        World(rough, blocks_of_clutter(140), masts[1], frame_of(90.0, 60), vertical=True),
        World(plain, BARE, masts[1], frame_of(90.0, 55, 2)),
        World(plain, blocks_of_clutter(140), masts[2], frame_of(90.0, 60)),
        World(plain, BARE, masts[2], frame_of(90.0, 60), vertical=True),
    )


BANDS = (0.15, 0.7, 1.8, 6.0)


def free_space_db(world: World, freq_ghz: float) -> Array:
    """Free-space loss over the slant path to every pixel, at the ground's own heights (8)."""
    site, ground = world.site, world.ground.astype(float)
    rise_m = ground + site.rx_height_m - ground[site.row, site.col] - site.tx_height_m
    with np.errstate(divide="ignore"):
        slant_km = np.hypot(distance_px(world) * world.frame.resolution_m, rise_m) / 1000.0
        return 92.4 + 20.0 * np.log10(freq_ghz) + 20.0 * np.log10(slant_km)


def crosses(world: World, unknown: Array, slack: float) -> Array:
    """Pixels whose ray comes to unknown ground, or within `slack` of a pixel to it, traced in float64."""
    site, half = world.site, world.frame.half
    found = np.zeros(world.ground.shape, bool)
    for row, col in np.argwhere(disc(world)):
        flat = abs(col - site.col) >= abs(row - site.row)
        major, minor = (col - site.col, row - site.row) if flat else (row - site.row, col - site.col)
        slope = np.floor(minor / abs(major) * half + 0.5) / half
        for k in range(1, abs(major) + 1):
            t = (site.row if flat else site.col) + slope * k
            at = int((site.col if flat else site.row) + np.sign(major) * k)
            for j in range(int(np.floor(t - slack)), int(np.ceil(t + slack)) + 1):
                found[row, col] |= abs(t - j) < 1.0 + slack and unknown[(j, at) if flat else (at, j)]
    return found
