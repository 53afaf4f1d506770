"""Corridors like roads between commune centres, along which the made-up network strings its positions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

STEP_M = 100.0
MEANDER = 0.06  # standard deviation of the sideways swing, as a part of the length


def neighbours(xy_m: NDArray[np.float64]) -> NDArray[np.int64]:
    """Edges of the relative neighbourhood graph: pairs to both of whose ends no third point is nearer.

    It connects all points and holds few detours, much as main roads do.

    Parameters
    ----------
    xy_m
        Points, shape (n, 2), metres.

    Returns
    -------
    Pairs i < j, shape (edges, 2), sorted.

    Source: Toussaint (1980), "The relative neighbourhood graph of a finite planar set".
    """
    distance = np.hypot(*(xy_m[:, None, :] - xy_m[None, :, :]).transpose(2, 0, 1))
    apart = distance + np.diag(np.full(len(xy_m), np.inf))
    edges = [
        (i, int(j))
        for i in range(len(xy_m))
        for j in np.flatnonzero(np.maximum(apart[i][:, None], apart).min(axis=0) >= distance[i])
        if i < j
    ]
    return np.array(edges, dtype=np.int64).reshape(-1, 2)


def corridors(xy_m: NDArray[np.float64], rng: np.random.Generator) -> list[NDArray[np.float64]]:
    """Meandering lines between neighbouring points.

    Parameters
    ----------
    xy_m
        Commune centres, shape (n, 2), metres.
    rng
        Source of the meanders.

    Returns
    -------
    One array of shape (points, 2) a line, a point about every 100 m.
    """
    return [_meander(xy_m[i], xy_m[j], rng) for i, j in neighbours(xy_m)]


def _meander(
    start: NDArray[np.float64], end: NDArray[np.float64], rng: np.random.Generator
) -> NDArray[np.float64]:
    along = end - start
    count = max(2, int(np.hypot(*along) / STEP_M) + 1)
    part = np.linspace(0.0, 1.0, count)
    swing = rng.normal(0.0, MEANDER, 2)
    sideways = swing[0] * np.sin(np.pi * part) + swing[1] * np.sin(2 * np.pi * part)
    across = np.array([-along[1], along[0]])
    line: NDArray[np.float64] = start + part[:, None] * along + sideways[:, None] * across
    return line
