"""Statistics with known answers: fits, blocks, folds, intervals."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geocover.calibration.fit import Residuals, block_labels, bootstrap, fit, fold_of_blocks, out_of_fold_db


def test_statistics_by_hand() -> None:
    """Catches n for n - 1, the mean of squares for its root, and points counted for bins."""
    found = Residuals.of(np.array([1.0, 2.0, 6.0]), np.array([1, 5, 2]))
    assert (found.bins, found.points, found.bias_db) == (3, 8, 3.0)
    assert found.rmse_db == pytest.approx(np.sqrt(41 / 3))
    assert found.sd_db == pytest.approx(np.sqrt(7.0))
    assert np.isnan(Residuals.of(np.array([1.0]), np.array([1])).sd_db)


def test_offset_is_the_mean_residual() -> None:
    found = fit(np.array([1.0, 2.0, 6.0]), np.array([10.0, 100.0, 1_000.0]))
    assert (found.offset_db, found.slope_db_per_decade) == (3.0, 0.0)
    assert found.reference_m == pytest.approx(100.0)
    assert found.sigma_db == pytest.approx(np.sqrt(7.0))
    assert found.correction_db(np.array([5.0, 50_000.0])).tolist() == [3.0, 3.0]


def test_slope_of_a_straight_line_is_found_exactly() -> None:
    """Catches natural logarithms, a reference that is not the geometric mean, and a sign."""
    distance_m = np.geomspace(50.0, 5_000.0, 30)
    residual_db = 3.0 - 6.5 * np.log10(distance_m / 1_000.0)
    found = fit(residual_db, distance_m, slope=True)
    assert found.slope_db_per_decade == pytest.approx(-6.5)
    assert found.reference_m == pytest.approx(500.0)
    assert found.offset_db == pytest.approx(3.0 - 6.5 * np.log10(0.5))
    assert found.sigma_db == pytest.approx(0.0, abs=1e-9)
    assert found.correction_db(np.array([1_000.0, 1.0]))[0] == pytest.approx(3.0)
    assert found.correction_db(np.array([1.0])) == pytest.approx(found.correction_db(np.array([10.0])))


def test_slope_without_distances_to_learn_from_stays_zero() -> None:
    """Catches a division by nothing where all bins lie equally far."""
    assert fit(np.array([1.0, 3.0, 2.0]), np.full(3, 400.0), slope=True).slope_db_per_decade == 0.0


def test_blocks_are_squares_of_ground() -> None:
    x_m, y_m = np.array([10.0, 490.0, 510.0, 10.0, -10.0]), np.array([10.0, 490.0, 10.0, 510.0, 10.0])
    assert block_labels(x_m, y_m, 500.0).tolist() == [1, 1, 3, 2, 0]


@given(
    blocks=st.lists(st.integers(0, 8), min_size=9, max_size=200).map(lambda found: [*range(9), *found]),
    folds=st.integers(2, 9),
)
def test_no_block_is_in_two_folds(blocks: list[int], folds: int) -> None:
    """Catches neighbours on both sides of a cross-validation, empty folds, and one fold with everything."""
    labels = np.array(blocks)
    fold = fold_of_blocks(labels, folds)
    for block in range(9):
        assert np.unique(fold[labels == block]).size == 1
    sizes = np.bincount(fold, minlength=folds)
    assert sizes.min() > 0
    assert sizes.max() - sizes.min() <= np.bincount(labels).max()


def test_correction_comes_from_the_other_folds() -> None:
    """Catches a fold that learns from itself: each of the two must get the other's mean."""
    bins = pd.DataFrame({"residual_db": [10.0, 12.0, 1.0, 3.0], "distance_m": 100.0, "fold": [0, 0, 1, 1]})
    assert out_of_fold_db(bins, slope=False).tolist() == [2.0, 2.0, 11.0, 11.0]


def test_interval_of_independent_values_is_that_of_the_textbook() -> None:
    """Catches quantiles of the wrong share: mean ± 1.96 s / sqrt(n), sd ± 1.96 s / sqrt(2 n), within 15 %."""
    values = np.random.default_rng(7).normal(4.0, 7.0, 400)
    mean, sd = bootstrap(values, np.arange(400), 4_000, seed=1)
    spread = values.std(ddof=1)
    assert mean.high - mean.low == pytest.approx(2 * 1.96 * spread / 20.0, rel=0.15)
    assert sd.high - sd.low == pytest.approx(2 * 1.96 * spread / np.sqrt(800.0), rel=0.15)
    assert mean.low < values.mean() < mean.high
    assert sd.low < spread < sd.high
    assert bootstrap(values, np.arange(400), 4_000, seed=1) == (mean, sd)


def shadowing(x_m: np.ndarray, y_m: np.ndarray, length_m: float, seed: int) -> np.ndarray:
    """Normal values of sigma 7 dB, correlated by exp(-distance / length) (Gudmundson's model)."""
    apart_m = np.hypot(x_m[:, None] - x_m, y_m[:, None] - y_m)
    root = np.linalg.cholesky(49.0 * np.exp(-apart_m / length_m) + 1e-9 * np.eye(x_m.size))
    field: np.ndarray = root @ np.random.default_rng(seed).normal(size=x_m.size)
    return field


def test_shadowing_alike_at_neighbours_widens_the_interval() -> None:
    """Catches an interval that takes neighbours for independent: over 20 fields the plain bootstrap holds the
    true mean far less often than that of blocks.
    """
    generator = np.random.default_rng(3)
    x_m, y_m = generator.uniform(0, 4_000, 400), generator.uniform(0, 4_000, 400)
    blocks, alone = block_labels(x_m, y_m, 800.0), np.arange(400)
    wider, by_block, by_point = [], 0, 0
    for seed in range(20):
        values = shadowing(x_m, y_m, 300.0, seed)
        block, point = (bootstrap(values, labels, 300, seed=1)[0] for labels in (blocks, alone))
        wider.append((block.high - block.low) / (point.high - point.low))
        by_block += block.low <= 0.0 <= block.high
        by_point += point.low <= 0.0 <= point.high
    assert np.mean(wider) > 1.8
    assert by_block >= by_point + 5
    assert by_block >= 15
