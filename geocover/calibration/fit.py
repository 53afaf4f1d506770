"""Statistics of residuals (measured minus predicted), the fitted correction, blocks and intervals.

Shadowing is alike at neighbouring places, so neighbours are not independent observations; blocks of ground
nearly are. Cross-validation leaves out whole blocks (D. R. Roberts et al., "Cross-validation strategies for
data with temporal, spatial, hierarchical, or phylogenetic structure", Ecography 40, 2017), and the bootstrap
draws whole blocks.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

NEAREST_M = 10.0
CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Residuals:
    """Statistics of a set of residuals in dB.

    Attributes
    ----------
    bins, points
        How many bins, and measurements in them; every bin counts once.
    bias_db
        Mean: positive where more was measured than predicted.
    rmse_db
        Root of the mean square.
    sd_db
        Standard deviation about the mean (n - 1); NaN for one bin.
    """

    bins: int
    points: int
    bias_db: float
    rmse_db: float
    sd_db: float

    @classmethod
    def of(cls, residual_db: NDArray[np.float64], points: NDArray[np.int64]) -> Residuals:
        """Statistics of residuals, shape (bins,), at least one, and of the measurements behind each."""
        count = residual_db.size
        return cls(
            count,
            int(points.sum()),
            float(residual_db.mean()),
            float(np.sqrt(np.mean(residual_db**2))),
            float(residual_db.std(ddof=1)) if count > 1 else math.nan,
        )


@dataclass(frozen=True, slots=True)
class Fit:
    """What to add to a predicted level: an offset, and where asked for a slope over distance.

    Attributes
    ----------
    offset_db
        Correction at ``reference_m``; everywhere, without slope.
    slope_db_per_decade
        Growth of the correction with tenfold distance; 0 where none was fitted.
    reference_m
        Geometric mean of the distances.
    sigma_db
        Standard deviation of what remains, n - 1 or with slope n - 2.
    """

    offset_db: float
    slope_db_per_decade: float
    reference_m: float
    sigma_db: float

    def correction_db(self, distance_m: NDArray[np.float64]) -> NDArray[np.float64]:
        """Correction at distances in metres, the same shape; within 10 m that at 10 m."""
        return self.offset_db + self.slope_db_per_decade * (_log(distance_m) - math.log10(self.reference_m))


def _log(distance_m: NDArray[np.float64]) -> NDArray[np.float64]:
    logs: NDArray[np.float64] = np.log10(np.maximum(distance_m, NEAREST_M))
    return logs


def fit(residual_db: NDArray[np.float64], distance_m: NDArray[np.float64], *, slope: bool = False) -> Fit:
    """Least squares of residuals on a constant, or on a constant and the logarithm of the distance.

    Parameters
    ----------
    residual_db, distance_m
        Shape (bins,), at least 2, with slope 3.
    slope
        Whether to fit a slope; it stays 0 where all distances are equal.
    """
    logs = _log(distance_m)
    centred = logs - logs.mean()
    square = float(centred @ centred) if slope else 0.0
    rise = float(centred @ residual_db) / square if square > 0 else 0.0
    rest_db = residual_db - residual_db.mean() - rise * centred
    freedom = residual_db.size - (2 if square > 0 else 1)
    sigma_db = math.sqrt(float(rest_db @ rest_db) / freedom)
    return Fit(float(residual_db.mean()), rise, float(10.0 ** logs.mean()), sigma_db)


def block_labels(x_m: NDArray[np.float64], y_m: NDArray[np.float64], side_m: float) -> NDArray[np.int64]:
    """Number of the square of ``side_m`` that each position lies in, from 0, west to east, south to north."""
    squares = np.column_stack([np.floor(x_m / side_m), np.floor(y_m / side_m)])
    _, labels = np.unique(squares, axis=0, return_inverse=True)
    return labels.reshape(-1).astype(np.int64)


def fold_of_blocks(blocks: NDArray[np.int64], folds: int) -> NDArray[np.int64]:
    """Share blocks out among folds of nearly equal numbers of bins; the same at every call.

    The largest block goes first, each to the fold that has the fewest bins so far.

    Parameters
    ----------
    blocks
        Number of each bin's block, shape (bins,), 0 to n - 1.
    folds
        At most n.

    Returns
    -------
    Each bin's fold, shape (bins,), 0 to ``folds`` - 1.
    """
    sizes = np.bincount(blocks)
    held = np.zeros(folds, np.int64)
    fold_of = np.zeros(sizes.size, np.int64)
    for block in np.argsort(-sizes, kind="stable"):
        fold_of[block] = np.argmin(held)
        held[fold_of[block]] += sizes[block]
    return fold_of[blocks]


def out_of_fold_db(bins: pd.DataFrame, *, slope: bool) -> NDArray[np.float64]:
    """Correction of each bin as fitted without its fold, shape (bins,).

    Parameters
    ----------
    bins
        With ``residual_db``, ``distance_m`` and ``fold`` (at least two).
    slope
        As for `fit`.
    """
    residual_db, distance_m = bins["residual_db"].to_numpy(), bins["distance_m"].to_numpy()
    fold = bins["fold"].to_numpy()
    correction_db = np.empty(len(bins))
    for number in np.unique(fold):
        inside = fold == number
        learnt = fit(residual_db[~inside], distance_m[~inside], slope=slope)
        correction_db[inside] = learnt.correction_db(distance_m[inside])
    return correction_db


@dataclass(frozen=True, slots=True)
class Interval:
    """A bootstrap interval of 95 %: low, high."""

    low: float
    high: float


def bootstrap(
    values: NDArray[np.float64], blocks: NDArray[np.int64], samples: int, seed: int
) -> tuple[Interval, Interval]:
    """Percentile intervals of the mean and the standard deviation, drawing whole blocks with replacement.

    B. Efron, R. Tibshirani, "An Introduction to the Bootstrap", 1993, chapters 8 and 13. Every bin a block of
    its own gives the plain bootstrap, too narrow where neighbours are alike.

    Parameters
    ----------
    values
        Shape (bins,).
    blocks
        Number of each value's block, shape (bins,), 0 to n - 1.
    samples, seed
        How many draws, and where the generator starts: the same seed gives the same interval.
    """
    count = np.bincount(blocks).astype(float)
    centre = values.mean()  # keeps the squares small
    total = np.bincount(blocks, values - centre)
    square = np.bincount(blocks, (values - centre) ** 2)
    generator = np.random.default_rng(seed)
    means, sds = np.empty(samples), np.empty(samples)
    for sample in range(samples):
        drawn = generator.integers(0, count.size, count.size)
        n, mean = count[drawn].sum(), total[drawn].sum() / count[drawn].sum()
        means[sample] = centre + mean
        sds[sample] = math.sqrt(max(square[drawn].sum() - n * mean**2, 0.0) / max(n - 1.0, 1.0))
    return _interval(means), _interval(sds)


def _interval(drawn: NDArray[np.float64]) -> Interval:
    low, high = np.quantile(drawn, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return Interval(float(low), float(high))
