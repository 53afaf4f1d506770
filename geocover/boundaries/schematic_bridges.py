"""Generators that join the parts of a commune which the diagram leaves apart.

Old units of one new commune touch each other; where their cells do not, a narrow cell of the same commune is
laid across the gap.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage
from scipy.spatial import cKDTree

from geocover.boundaries.schematic_cells import (
    Frame,
    Generators,
    Targets,
    candidate_pairs,
    commune_pairs,
    costs,
    labels_of,
    solve_weights,
)

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Ints = npt.NDArray[np.int64]

ROUNDS = 5
LEAST_SHARE = 0.01  # of the commune's area: smaller parts go to their neighbours instead
WIDTH_SHARE, WIDTH_LEAST_M = 0.35, 1000.0  # half width of a bridge, as a share of the gap and at least


def bridged(frame: Frame, cells: Generators, targets: Targets) -> Generators:
    """Add bridges until no large part of a commune stands apart, or the rounds are over."""
    for _ in range(ROUNDS):
        labels = _labels(frame, cells, targets)
        added = [
            bridge
            for label in np.flatnonzero(targets.free).tolist()
            for bridge in _bridges(frame, labels == label, float(targets.area_km2[label]), label)
        ]
        if not added:
            break
        cells = Generators(
            *(np.concatenate(pair, axis=-1) for pair in zip(cells, _stacked(added), strict=True))
        )
    return cells


def _labels(frame: Frame, cells: Generators, targets: Targets) -> Ints:
    pairs = candidate_pairs(frame, cells)
    merged, value = commune_pairs(pairs, costs(pairs, cells), cells.commune)
    goal_px = targets.area_km2 / frame.pixel_km2
    weights = solve_weights(merged, value, np.zeros(len(goal_px)), goal_px, targets.free)
    return labels_of(frame, merged, value, weights)


def _bridges(frame: Frame, mask: npt.NDArray[np.bool_], area_km2: float, label: int) -> list[Generators]:
    """Bridges from the largest part of a commune to each other large part."""
    parts, count = ndimage.label(mask)
    if count < 2:
        return []
    sizes = np.bincount(parts.ravel())[1:] * frame.pixel_km2
    main = 1 + int(sizes.argmax())
    large = [
        part for part in range(1, count + 1) if part != main and sizes[part - 1] >= LEAST_SHARE * area_km2
    ]
    body = cKDTree(_points(frame, parts == main))
    return [_bridge(*_gap(body, _points(frame, parts == part)), label) for part in large]


def _points(frame: Frame, mask: npt.NDArray[np.bool_]) -> Floats:
    x, y = frame.centres()
    rows, columns = np.nonzero(mask)
    return np.stack([x[columns], y[rows]], axis=1)


def _gap(body: cKDTree, part: Floats) -> tuple[Floats, Floats]:
    """Two nearest pixel centres: one of the body, one of the part."""
    distance, index = (np.asarray(each) for each in body.query(part))
    nearest = int(distance.argmin())
    return np.asarray(body.data[int(index[nearest])]), part[nearest]


def _bridge(start: Floats, end: Floats, label: int) -> Generators:
    """One soft generator: an ellipse from ``start`` to ``end`` and its half width beyond both."""
    middle, along = (start + end) / 2, end - start
    gap_m = float(np.hypot(*along))
    width_m = max(WIDTH_LEAST_M, WIDTH_SHARE * gap_m)
    east, north = along / gap_m
    long2, wide2 = (gap_m / 2 + width_m) ** 2, width_m**2
    half = np.sqrt([long2 * east**2 + wide2 * north**2, long2 * north**2 + wide2 * east**2])
    tilt = (long2 - wide2) * east * north / (half[0] * half[1])
    reach = np.repeat(half, 2)[:, None]
    box = np.repeat(middle, 2)[:, None] + np.array([[-1.0], [1.0], [-1.0], [1.0]]) * reach
    return Generators(
        np.array([label]), middle[:1], middle[1:], reach, np.array([tilt]), box, np.array([True])
    )


def _stacked(parts: list[Generators]) -> Generators:
    return Generators(*(np.concatenate(each, axis=-1) for each in zip(*parts, strict=True)))
