"""The confusion matrix, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from geocover.calibration.agreement import Agreement


def test_matrix_rates_and_kappa_by_hand() -> None:
    """Catches rows and columns swapped: 20, 5, 10, 15 has kappa 0.4 (Cohen 1960's form of the example)."""
    measured = np.repeat([True, True, False, False], [20, 5, 10, 15])
    predicted = np.repeat([True, False, True, False], [20, 5, 10, 15])
    found = Agreement.of(measured, predicted)
    assert found == Agreement(hits=20, misses=5, false_alarms=10, correct_rejections=15)
    assert found.bins == 50
    assert found.hit_rate == pytest.approx(0.8)
    assert found.false_alarm_rate == pytest.approx(0.4)
    assert found.kappa == pytest.approx(0.4)


def test_rates_without_any_case_are_not_numbers() -> None:
    """Catches a division by zero, and a perfect score where nothing was there to be told apart."""
    covered = np.ones(4, bool)
    found = Agreement.of(covered, covered)
    assert (found.hit_rate, found.bins) == (1.0, 4)
    assert np.isnan(found.false_alarm_rate)
    assert np.isnan(found.kappa)
    assert np.isnan(Agreement.of(~covered, ~covered).hit_rate)


def test_predicting_covered_everywhere_has_no_skill() -> None:
    measured = np.array([True, True, True, False])
    assert Agreement.of(measured, np.ones(4, bool)).kappa == 0.0
