"""Calibration: drive tests against the prediction, and what follows for a definition of "covered"."""

from geocover.calibration.comparing import calibrate
from geocover.calibration.files import write_calibration
from geocover.calibration.result import Calibration, Settings

__all__ = ["Calibration", "Settings", "calibrate", "write_calibration"]
