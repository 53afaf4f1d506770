"""Cells around boxes: an additively weighted diagram in which each generator measures in its own box.

Generator i has the cost q_i(x) = (u² + v² - 2 t u v) / (1 - t²) + penalty outside its box, where u and v are
the offsets from its point in units of its reach to the west or east and to the south or north: 1 at the edge
of its box. Every place belongs to the commune of the cheapest generator, less the commune's weight w: a power
diagram whose metric is each generator's own (generalised balanced power diagram: Alpers et al. 2015,
"Generalized balanced power diagrams for 3D representations of polycrystals", section 2). Reaches and tilts
follow the cells until these fill their boxes; the weights make each commune's area right.

Everything is computed on the pixel centres of a frame in metres, without BLAS, so that all machines agree.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy import ndimage
from scipy.spatial import cKDTree

if TYPE_CHECKING:
    import numpy.typing as npt
    import pandas as pd

    Floats = npt.NDArray[np.float64]
    Ints = npt.NDArray[np.int64]

WINDOW = 2.5  # generators compete for a place within this many reaches,
WINDOW_LEAST_M = 4000.0  # and at least within this distance
OUTSIDE_PENALTY = 16.0  # per squared half box beyond the box
TOWARDS_POINT = 0.6  # generators stand this share of the way from the centre of the box to the point
ROUNDS = 6
REACH_GAIN, AREA_GAIN, PLACE_GAIN, TILT_GAIN = 0.3, 0.15, 0.15, 0.3  # share of a misfit corrected in a round
REACH_RANGE = (0.5, 2.0)  # reaches stay between these multiples of the first ones
TILT_SHARE, TILT_MOST = 0.8, 0.8  # a cell's correlation is trusted by this share, up to this value
TRUST_ROOTS = 0.15  # a commune's point this near its cell's centre of gravity is taken for that centre
CONTESTED = 0.25  # width in cost of the strip along a border that measures its length
STEP_MOST, FULL_STEPS = 0.5, 4
BANNED = 1e9
JOINING_ROUNDS = 30
HOPELESS = 8.0  # a candidate dearer than the cheapest by this much is left out of the weight problem


class Frame(NamedTuple):
    """Pixel raster in metres: west and north edge, size of a pixel, rows and columns."""

    west_m: float
    north_m: float
    pixel_m: float
    rows: int
    columns: int

    @classmethod
    def around(cls, bounds_m: tuple[float, float, float, float], margin_m: float, pixel_m: float) -> Frame:
        """Frame over west, south, east, north with a margin, its edges on multiples of the pixel."""
        west, south, east, north = bounds_m
        left = np.floor((west - margin_m) / pixel_m)
        top = np.ceil((north + margin_m) / pixel_m)
        columns = int(np.ceil((east + margin_m) / pixel_m) - left)
        rows = int(top - np.floor((south - margin_m) / pixel_m))
        return cls(float(left * pixel_m), float(top * pixel_m), pixel_m, rows, columns)

    @property
    def pixel_km2(self) -> float:
        """Area of a pixel in km²."""
        return self.pixel_m**2 / 1e6

    def centres(self) -> tuple[Floats, Floats]:
        """Return x of the columns and y of the rows at pixel centres, in metres."""
        x: Floats = self.west_m + self.pixel_m * (np.arange(self.columns, dtype=np.float64) + 0.5)
        y: Floats = self.north_m - self.pixel_m * (np.arange(self.rows, dtype=np.float64) + 0.5)
        return x, y


class Generators(NamedTuple):
    """Generators of the cells, one a position (arrays of length n; reach: 4 x n, west, east, south, north).

    ``box`` (4 x n) holds west, east, south, north in metres, ``commune`` the row of the commune.
    """

    commune: Ints
    x_m: Floats
    y_m: Floats
    reach_m: Floats
    tilt: Floats
    box: Floats
    soft: npt.NDArray[np.bool_]

    @property
    def half_m(self) -> Floats:
        """Half width and half height of the boxes (2 x n)."""
        return np.stack([self.box[1] - self.box[0], self.box[3] - self.box[2]]) / 2


class Pairs(NamedTuple):
    """All (pixel, candidate) pairs, ordered by pixel; ``start`` is the first pair of each pixel."""

    pixel: Ints
    candidate: Ints
    start: Ints
    x_m: Floats
    y_m: Floats


class Targets(NamedTuple):
    """What the communes should come to; ``free`` marks those whose weight is solved (the province's).

    The last one is not free: everything outside the province counts as one.
    """

    area_km2: Floats
    x_m: Floats
    y_m: Floats
    free: npt.NDArray[np.bool_]


def generators(sites: pd.DataFrame, commune: Ints) -> Generators:
    """First generators from the sites of `geocover.boundaries.schematic_units.read_units`."""
    box = sites[["west_m", "east_m", "south_m", "north_m"]].to_numpy(float).T
    middle = np.stack([box[0] + box[1], box[2] + box[3]]) / 2
    x, y = middle + TOWARDS_POINT * (sites[["x_m", "y_m"]].to_numpy(float).T - middle)
    reach = np.stack([x - box[0], box[1] - x, y - box[2], box[3] - y])
    return Generators(commune, x, y, reach, np.zeros(len(sites)), box, sites["soft"].to_numpy(bool))


def candidate_pairs(frame: Frame, cells: Generators) -> Pairs:
    """Pairs of each pixel with every generator in whose window it lies, or else with the nearest one."""
    x, y = frame.centres()
    columns = _spans(x, cells.x_m, cells.reach_m[0], cells.reach_m[1])
    rows = _spans(-y, -cells.y_m, cells.reach_m[3], cells.reach_m[2])
    pixels = [
        (np.arange(top, bottom)[:, None] * frame.columns + np.arange(left, right)).ravel()
        for (top, bottom), (left, right) in zip(rows.tolist(), columns.tolist(), strict=True)
    ]
    pixel = np.concatenate(pixels)
    candidate = np.repeat(np.arange(len(pixels)), [len(each) for each in pixels])
    alone = np.flatnonzero(np.bincount(pixel, minlength=frame.rows * frame.columns) == 0)
    tree = cKDTree(np.stack([cells.x_m, cells.y_m], axis=1))
    nearest = tree.query(np.stack([x[alone % frame.columns], y[alone // frame.columns]], axis=1))[1]
    return _ordered(frame, np.concatenate([pixel, alone]), np.concatenate([candidate, nearest]))


def _spans(axis: Floats, at: Floats, below: Floats, above: Floats) -> Ints:
    """First and one past the last position on an ascending axis within each generator's window."""
    low = np.searchsorted(axis, at - WINDOW * np.maximum(below, WINDOW_LEAST_M / WINDOW))
    high = np.searchsorted(axis, at + WINDOW * np.maximum(above, WINDOW_LEAST_M / WINDOW))
    return np.stack([low, high], axis=1).astype(np.int64)


def _ordered(frame: Frame, pixel: Ints, candidate: Ints) -> Pairs:
    order = np.argsort(pixel, kind="stable")
    pixel, candidate = pixel[order], candidate[order]
    x, y = frame.centres()
    start = np.flatnonzero(np.diff(pixel, prepend=-1)).astype(np.int64)
    return Pairs(pixel, candidate, start, x[pixel % frame.columns], y[pixel // frame.columns])


def costs(pairs: Pairs, cells: Generators) -> Floats:
    """Cost of each pair, without the communes' weights."""
    i = pairs.candidate
    dx, dy = pairs.x_m - cells.x_m[i], pairs.y_m - cells.y_m[i]
    u = dx / np.where(dx < 0, cells.reach_m[0][i], cells.reach_m[1][i])
    v = dy / np.where(dy < 0, cells.reach_m[2][i], cells.reach_m[3][i])
    tilt = cells.tilt[i]
    within: Floats = (u * u + v * v - 2 * tilt * u * v) / (1 - tilt * tilt)
    return within + _penalty(pairs, cells)


def _penalty(pairs: Pairs, cells: Generators) -> Floats:
    i = pairs.candidate
    half_x, half_y = cells.half_m
    over_x = np.maximum(np.maximum(cells.box[0][i] - pairs.x_m, pairs.x_m - cells.box[1][i]), 0) / half_x[i]
    over_y = np.maximum(np.maximum(cells.box[2][i] - pairs.y_m, pairs.y_m - cells.box[3][i]), 0) / half_y[i]
    return np.where(cells.soft[i], 0.0, OUTSIDE_PENALTY * (over_x**2 + over_y**2))


def cheapest(value: Floats, pairs: Pairs) -> Ints:
    """Index of the first cheapest pair of each pixel."""
    at_least = np.flatnonzero(value == _per_pair(np.minimum.reduceat(value, pairs.start), pairs))
    first: Ints = at_least[np.diff(pairs.pixel[at_least], prepend=-1) != 0]
    return first


def _per_pair(of_pixel: Floats, pairs: Pairs) -> Floats:
    """Repeat one value a pixel for each of its pairs."""
    return np.repeat(of_pixel, np.diff(pairs.start, append=len(pairs.pixel)))


def fit_shapes(frame: Frame, cells: Generators, targets: Targets) -> Generators:
    """Let reaches, tilts and places follow the cells, so that these fill their boxes and their areas."""
    pairs = candidate_pairs(frame, cells)
    first = cells
    for _ in range(ROUNDS):
        won = cheapest(costs(pairs, cells), pairs)
        cells = _follow(frame, pairs, won, cells, targets, first)
    return cells


def _follow(
    frame: Frame, pairs: Pairs, won: Ints, cells: Generators, targets: Targets, first: Generators
) -> Generators:
    tilt = _tilts(pairs, won, cells)
    labels = cells.commune[pairs.candidate[won]]
    area = np.bincount(labels, minlength=len(targets.free)) * frame.pixel_km2
    grown = np.where(targets.free, (targets.area_km2 / np.maximum(area, frame.pixel_km2)) ** AREA_GAIN, 1.0)
    reach = cells.reach_m * _box_misfit(frame, pairs, won, cells) * grown[cells.commune]
    reach = np.clip(reach, REACH_RANGE[0] * first.reach_m, REACH_RANGE[1] * first.reach_m)
    shift_x, shift_y = _shifts(pairs, won, labels, targets)
    x, y = cells.x_m + shift_x[cells.commune], cells.y_m + shift_y[cells.commune]
    return cells._replace(tilt=tilt, reach_m=reach, x_m=x, y_m=y)


def _box_misfit(frame: Frame, pairs: Pairs, won: Ints, cells: Generators) -> Floats:
    """Factors (4 x n) by which the reaches grow where a cell stops short of an edge of its box."""
    i, count = pairs.candidate[won], len(cells.commune)
    x, y, half_pixel = pairs.x_m[won], pairs.y_m[won], frame.pixel_m / 2
    edges = np.stack([np.full(count, sign * np.inf) for sign in (1, -1, 1, -1)])
    np.minimum.at(edges[0], i, x - half_pixel)
    np.maximum.at(edges[1], i, x + half_pixel)
    np.minimum.at(edges[2], i, y - half_pixel)
    np.maximum.at(edges[3], i, y + half_pixel)
    short = (edges - cells.box) * np.array([[1], [-1], [1], [-1]]) / np.repeat(cells.half_m, 2, axis=0)
    factor = 1 + REACH_GAIN * np.clip(short, -0.5, 0.5)
    return np.where(np.isfinite(edges[0]), np.where(cells.soft, 1.0, factor), 1.1)


def _tilts(pairs: Pairs, won: Ints, cells: Generators) -> Floats:
    """Tilts, moved towards the correlation of x and y within each cell."""
    i, count = pairs.candidate[won], len(cells.commune)
    dx, dy = pairs.x_m[won] - cells.x_m[i], pairs.y_m[won] - cells.y_m[i]
    number = np.maximum(np.bincount(i, minlength=count), 1)

    def mean(values: Floats) -> Floats:
        result: Floats = np.bincount(i, values, minlength=count) / number
        return result

    mean_x, mean_y = mean(dx), mean(dy)
    var_x, var_y = mean(dx * dx) - mean_x**2, mean(dy * dy) - mean_y**2
    seen = (mean(dx * dy) - mean_x * mean_y) / np.sqrt(np.maximum(var_x * var_y, 1.0))
    seen = np.clip(np.where(number > 1, TILT_SHARE * seen, 0.0), -TILT_MOST, TILT_MOST)
    return cells.tilt + TILT_GAIN * (seen - cells.tilt)


def _shifts(pairs: Pairs, won: Ints, labels: Ints, targets: Targets) -> tuple[Floats, Floats]:
    """Move the communes whose point must be their centre of gravity towards it; x and y in metres."""
    count = len(targets.free)
    number = np.maximum(np.bincount(labels, minlength=count), 1)
    dx = targets.x_m - np.bincount(labels, pairs.x_m[won], minlength=count) / number
    dy = targets.y_m - np.bincount(labels, pairs.y_m[won], minlength=count) / number
    trusted = targets.free & (np.hypot(dx, dy) < TRUST_ROOTS * 1e3 * np.sqrt(targets.area_km2))
    gain = np.where(trusted, PLACE_GAIN, 0.0)
    return gain * dx, gain * dy


def commune_pairs(pairs: Pairs, value: Floats, commune: Ints) -> tuple[Pairs, Floats]:
    """Pairs of each pixel with each commune, at the cost of the commune's cheapest generator."""
    least = _per_pair(np.minimum.reduceat(value, pairs.start), pairs)
    near = np.flatnonzero(value <= least + HOPELESS)
    key = pairs.pixel[near] * (int(commune.max()) + 1) + commune[pairs.candidate[near]]
    order = np.argsort(key, kind="stable")  # fast: the pairs are nearly in this order
    first = np.flatnonzero(np.diff(key[order], prepend=-1))
    kept = near[order[first]]
    pixel = pairs.pixel[kept]
    start = np.flatnonzero(np.diff(pixel, prepend=-1)).astype(np.int64)
    merged = Pairs(pixel, commune[pairs.candidate[kept]], start, pairs.x_m[kept], pairs.y_m[kept])
    return merged, np.minimum.reduceat(value[near[order]], first)


def solve_weights(
    pairs: Pairs,
    value: Floats,
    weights: Floats,
    area_px: Floats,
    free: npt.NDArray[np.bool_],
    *,
    steps: int = 12,
) -> Floats:
    """Weights (in cost) of the communes for which the free ones have their areas, in pixels.

    Damped Newton: the derivative of the areas by the weights is counted in the strip of pixels along each
    border, as the length of the border over the slope of the cost across it (Kitagawa, Mérigot and Thibert
    2019, "Convergence of a Newton algorithm for semi-discrete optimal transport", section 1.3).
    """
    for number in range(steps):
        best, second, margin = _contest(pairs, value - weights[pairs.candidate])
        missing = np.where(free, area_px - np.bincount(best, minlength=len(weights)), 0.0)
        strip = margin < CONTESTED
        step = _newton_step(best[strip], second[strip], missing, free)
        damping = 1.0 if number < FULL_STEPS else 0.5
        weights = weights + damping * np.clip(step, -STEP_MOST, STEP_MOST)
    return weights


def _contest(pairs: Pairs, value: Floats) -> tuple[Ints, Ints, Floats]:
    """Cheapest commune of each pixel, the next one, and by how much it is dearer."""
    won = cheapest(value, pairs)
    rest = value.copy()
    rest[won] = np.inf
    following = cheapest(rest, pairs)
    return pairs.candidate[won], pairs.candidate[following], rest[following] - value[won]


def _newton_step(best: Ints, second: Ints, missing: Floats, free: npt.NDArray[np.bool_]) -> Floats:
    count = len(free)
    # A border between two communes moves when either weight does: it shows in the strip from both sides.
    border = np.bincount(best * count + second, minlength=count**2).reshape(count, count) / (2 * CONTESTED)
    border = border + border.T
    matrix = np.diag(border.sum(axis=1) + 1.0) - border
    step = np.zeros(count)
    step[free] = np.linalg.solve(matrix[np.ix_(free, free)], missing[free])
    return step


def labels_of(frame: Frame, pairs: Pairs, value: Floats, weights: Floats) -> Ints:
    """Commune of each pixel (rows x columns)."""
    won = cheapest(value - weights[pairs.candidate], pairs)
    return pairs.candidate[won].reshape(frame.rows, frame.columns)


def joined_labels(frame: Frame, pairs: Pairs, value: Floats, weights: Floats) -> tuple[Ints, Floats]:
    """Commune of each pixel (rows x columns), each commune in one part, and the costs that make it so.

    A commune is forbidden the pixels that do not hang together with its largest part, until none are left or
    all their candidates are forbidden.
    """
    for _ in range(JOINING_ROUNDS):
        won = cheapest(value - weights[pairs.candidate], pairs)
        labels = pairs.candidate[won].reshape(frame.rows, frame.columns)
        stray = won[strays(labels).ravel() & (value[won] < BANNED)]
        if not len(stray):
            break
        value = value.copy()
        value[stray] = BANNED
    return labels, value


def strays(labels: Ints) -> npt.NDArray[np.bool_]:
    """Pixels (rows x columns) that do not hang together with the largest part of their commune."""
    stray = np.zeros(labels.shape, bool)
    for label, window in enumerate(ndimage.find_objects(labels + 1)):
        if window is not None:
            stray[window] |= _fragments(labels[window] == label)
    return stray


def _fragments(mask: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    parts, count = ndimage.label(mask)
    if count < 2:
        return np.zeros(mask.shape, bool)
    sizes = np.bincount(parts.ravel())[1:]
    result: npt.NDArray[np.bool_] = mask & (parts != 1 + int(sizes.argmax()))
    return result
