"""Covered or not: what was measured against what a map says."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Agreement:
    """Confusion matrix of bins, measured x predicted.

    Attributes
    ----------
    hits
        Measured covered, predicted covered.
    misses
        Measured covered, predicted not.
    false_alarms
        Measured not covered, predicted covered.
    correct_rejections
        Neither.
    """

    hits: int
    misses: int
    false_alarms: int
    correct_rejections: int

    @classmethod
    def of(cls, measured: NDArray[np.bool_], predicted: NDArray[np.bool_]) -> Agreement:
        """Count two arrays of equal shape (bins,)."""
        return cls(
            int(np.sum(measured & predicted)),
            int(np.sum(measured & ~predicted)),
            int(np.sum(~measured & predicted)),
            int(np.sum(~measured & ~predicted)),
        )

    @property
    def bins(self) -> int:
        """All bins."""
        return self.hits + self.misses + self.false_alarms + self.correct_rejections

    @property
    def hit_rate(self) -> float:
        """Share of the bins measured covered that are predicted so; NaN where none is."""
        return _share(self.hits, self.hits + self.misses)

    @property
    def false_alarm_rate(self) -> float:
        """Share of the bins measured not covered that are predicted covered; NaN where none is."""
        return _share(self.false_alarms, self.false_alarms + self.correct_rejections)

    @property
    def kappa(self) -> float:
        """Agreement beyond chance; NaN where both say the same of every bin.

        J. Cohen, "A coefficient of agreement for nominal scales", Educ. Psychol. Meas. 20, 1960.
        """
        n = self.bins
        observed = (self.hits + self.correct_rejections) / n
        both = (self.hits + self.misses) * (self.hits + self.false_alarms)
        neither = (self.correct_rejections + self.misses) * (self.correct_rejections + self.false_alarms)
        chance = (both + neither) / n**2
        return math.nan if chance == 1 else (observed - chance) / (1 - chance)


def _share(part: int, whole: int) -> float:
    return part / whole if whole else math.nan
