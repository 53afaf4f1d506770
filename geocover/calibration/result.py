"""Calibration: what a drive test says of a model; and the settings under which it was asked."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from geocover.calibration.agreement import Agreement
from geocover.calibration.fit import Fit, Interval, Residuals, bootstrap, fit
from geocover.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

    from geocover.io.drive_tests import DriveTest
    from geocover.network import Network
    from geocover.profiles import Profile
    from geocover.propagation.base import Model

# Upper ends of the distance classes, metres.
DISTANCES_M = (250.0, 500.0, 1_000.0, 2_000.0, 5_000.0, 10_000.0, math.inf)


@dataclass(frozen=True, slots=True)
class Settings:
    """How a calibration is done.

    Attributes
    ----------
    bin_m
        Side of the squares to which measurements are thinned.
    block_m
        Side of the blocks that cross-validation and bootstrap keep together.
    folds
        Parts of the cross-validation; never more than there are blocks.
    slope
        Whether a slope over the logarithm of the distance is fitted beside the offset.
    samples, seed
        Draws of the bootstrap, and where its generator starts.

    Raises
    ------
    InputError
        On construction, if a value is impossible.
    """

    bin_m: float = 30.0
    block_m: float = 500.0
    folds: int = 5
    slope: bool = False
    samples: int = 2_000
    seed: int = 1

    def __post_init__(self) -> None:
        if not 0 < self.bin_m <= self.block_m < math.inf:
            raise InputError(
                f"bin {self.bin_m:g} m, block {self.block_m:g} m: above 0, and the bin not above the block",
                f"ô {self.bin_m:g} m, khối {self.block_m:g} m: phải lớn hơn 0 và ô không lớn hơn khối",
            )
        if self.folds < 2 or self.samples < 100:
            raise InputError(
                f"{self.folds} folds, {self.samples} samples: at least 2 and 100 are needed",
                f"{self.folds} phần, {self.samples} lần lấy mẫu: cần ít nhất 2 và 100",
            )


@dataclass(frozen=True, eq=False)
class Calibration:
    """A drive test beside the prediction; every figure follows from its bins.

    Attributes
    ----------
    test, network, model, profile, settings
        What was compared, and how; ``network`` holds the measured operator's cells alone.
    crs
        The frame of bins and blocks.
    terrain_source
        Where the elevation came from; None where none was used.
    bins
        One row a bin with prediction: the columns of `geocover.calibration.bins`, ``residual_db`` (measured
        minus predicted), ``block``, ``fold`` and ``out_of_fold_db`` (what remains of the residual after the
        correction that was fitted without the bin's fold).
    lost_bins, lost_points
        Bins without prediction (out of reach, or no terrain), and measurements in them.
    """

    test: DriveTest
    network: Network
    model: Model
    profile: Profile
    settings: Settings
    crs: str
    terrain_source: str | None
    bins: pd.DataFrame
    lost_bins: int
    lost_points: int

    @property
    def blocks(self) -> int:
        """Blocks with bins."""
        return int(self.bins["block"].nunique())

    @property
    def folds(self) -> int:
        """Parts of the cross-validation."""
        return int(self.bins["fold"].nunique())

    @cached_property
    def overall(self) -> Residuals:
        """Residuals of the levels as predicted."""
        return _residuals(self.bins)

    @cached_property
    def by_distance(self) -> dict[float, Residuals]:
        """Residuals by the upper end of the distance class, metres."""
        classes = np.searchsorted(DISTANCES_M, self.bins["distance_m"])
        return {
            DISTANCES_M[number]: _residuals(self.bins[classes == number]) for number in np.unique(classes)
        }

    @cached_property
    def by_environment(self) -> dict[str, Residuals]:
        """Residuals by the surroundings of the mast."""
        found = self.bins["environment"]
        return {name: _residuals(self.bins[found == name]) for name in sorted(found.unique())}

    @property
    def correlation(self) -> float:
        """Pearson's correlation of measured and predicted levels; NaN where all of either are equal.

        Near 0 the model tells places apart no better than one number for all of them does.
        """
        levels_dbm = self.bins[["rsrp_dbm", "predicted_dbm"]].to_numpy()
        if np.ptp(levels_dbm, axis=0).min() == 0:
            return math.nan
        return float(np.corrcoef(levels_dbm.T)[0, 1])

    @cached_property
    def fit(self) -> Fit:
        """The correction to add to predicted levels."""
        residual_db, distance_m = self.bins["residual_db"].to_numpy(), self.bins["distance_m"].to_numpy()
        return fit(residual_db, distance_m, slope=self.settings.slope)

    @cached_property
    def intervals(self) -> tuple[Interval, Interval]:
        """Intervals by blocks of the mean residual and of the standard deviation of residuals, dB."""
        residual_db, block = self.bins["residual_db"].to_numpy(), self.bins["block"].to_numpy()
        return bootstrap(residual_db, block, self.settings.samples, self.settings.seed)

    @cached_property
    def validated(self) -> Residuals:
        """Residuals after a correction that was fitted elsewhere."""
        return Residuals.of(self.bins["out_of_fold_db"].to_numpy(), self.bins["points"].to_numpy())

    @property
    def spread_db(self) -> float:
        """Standard deviation of the measurements within a bin, pooled; NaN where no bin has two."""
        several = self.bins[self.bins["points"] > 1]
        freedom = several["points"].to_numpy() - 1
        if not freedom.sum():
            return math.nan
        return float(np.sqrt((freedom * several["spread_db"].to_numpy() ** 2).sum() / freedom.sum()))

    @cached_property
    def agreement(self) -> dict[str, Agreement]:
        """Covered or not, measured (median of the bin at the profile's threshold) against best server.

        "mapped": as maps show it, with the profile's margin for reliability; "median": without the margin;
        "calibrated": each bin corrected by what was fitted elsewhere, the margin from the validated sigma.
        """
        threshold_dbm = self.profile.min_rsrp_dbm + self.profile.indoor_loss_db
        level_dbm = self.bins["best_dbm"].to_numpy()
        corrected_dbm = level_dbm + (self.bins["residual_db"] - self.bins["out_of_fold_db"]).to_numpy()
        measured = self.bins["rsrp_dbm"].to_numpy() >= threshold_dbm
        fitted = replace(self.profile, sigma_db=self.validated.sd_db)
        return {
            "mapped": Agreement.of(measured, self.profile.covers(level_dbm)),
            "median": Agreement.of(measured, level_dbm >= threshold_dbm),
            "calibrated": Agreement.of(measured, fitted.covers(corrected_dbm)),
        }

    @property
    def advice(self) -> dict[str, float]:
        """Values for a profile, dB, rounded up to 0.1.

        ``sigma_db`` is the spread of what remains in places that the fit has not seen; ``level_error_db`` the
        farther half of the offset's interval, for levels to which the offset is added;
        ``level_error_uncorrected_db`` the farther end of the interval from 0, for levels as they are.
        """
        low_db, high_db = self.intervals[0].low, self.intervals[0].high
        mean_db = self.overall.bias_db
        found = {
            "sigma_db": self.validated.sd_db,
            "level_error_db": max(high_db - mean_db, mean_db - low_db),
            "level_error_uncorrected_db": max(abs(low_db), abs(high_db)),
        }
        return {name: math.ceil(round(10 * value, 6)) / 10 for name, value in found.items()}


def _residuals(bins: pd.DataFrame) -> Residuals:
    return Residuals.of(bins["residual_db"].to_numpy(), bins["points"].to_numpy())
