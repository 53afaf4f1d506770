"""Directional pattern of a sector antenna, after 3GPP TR 38.901 (V17.0.0) Table 7.3-1 and section 7.1.4.

Gains are relative to the maximum: 0 dB in the main direction, never positive.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

# A_max and SLA_V of Table 7.3-1.
MAX_ATTENUATION_DB = 30.0


@njit(cache=True, nogil=True, inline="always")
def cut_gain_db(off_deg: float, beamwidth_deg: float) -> float:
    """Gain of one cut of the pattern: A_V or A_H of TR 38.901 Table 7.3-1.

    Parameters
    ----------
    off_deg
        Angle from the main direction, any turn (361 is 1).
    beamwidth_deg
        Half-power beamwidth; 0 for a cut without directivity (omni).

    Returns
    -------
    dB, from -30 to 0.
    """
    if beamwidth_deg <= 0.0:
        return 0.0
    ratio = (off_deg - 360.0 * math.floor(off_deg / 360.0 + 0.5)) / beamwidth_deg
    return -min(12.0 * ratio * ratio, MAX_ATTENUATION_DB)


@njit(cache=True, nogil=True, inline="always")
def pattern_gain_db(
    off_azimuth_deg: float, off_elevation_deg: float, beamwidth_h_deg: float, beamwidth_v_deg: float
) -> float:
    """Gain of the pattern in one direction: A'' of TR 38.901 Table 7.3-1.

    Parameters
    ----------
    off_azimuth_deg
        Azimuth from the main direction.
    off_elevation_deg
        Elevation from the main direction, that is with the (electrical) downtilt already subtracted.
    beamwidth_h_deg, beamwidth_v_deg
        Half-power beamwidths (Table 7.3-1: 65 and 65 for one element; a panel has about 65 and 7 to 10);
        0 for a cut without directivity.

    Returns
    -------
    dB, from -30 to 0.
    """
    both_db = cut_gain_db(off_azimuth_deg, beamwidth_h_deg) + cut_gain_db(off_elevation_deg, beamwidth_v_deg)
    return max(both_db, -MAX_ATTENUATION_DB)


@njit(cache=True, nogil=True)
def pattern_gains_db(
    off_azimuth_deg: NDArray[np.float64],
    off_elevation_deg: NDArray[np.float64],
    beamwidth_h_deg: float,
    beamwidth_v_deg: float,
) -> NDArray[np.float64]:
    """`pattern_gain_db` for arrays of directions: two equal shapes (any) in degrees, the same shape in dB."""
    gain_db = np.empty(off_azimuth_deg.shape, np.float64)
    for i in range(gain_db.size):
        gain_db.flat[i] = pattern_gain_db(
            off_azimuth_deg.flat[i], off_elevation_deg.flat[i], beamwidth_h_deg, beamwidth_v_deg
        )
    return gain_db


@njit(cache=True, nogil=True)
def tilted_direction_deg(
    off_azimuth_deg: float, below_deg: float, mechanical_tilt_deg: float
) -> tuple[float, float]:
    """Direction as seen by an antenna tilted down as a body: TR 38.901 section 7.1.4.

    A mechanical tilt lowers the beam in front, lifts it behind and leaves it alone at the sides; an
    electrical tilt lowers it all around and is a mere subtraction.

    Parameters
    ----------
    off_azimuth_deg
        Azimuth from the antenna's azimuth.
    below_deg
        Angle below the horizon.
    mechanical_tilt_deg
        Tilt of the panel, positive down.

    Returns
    -------
    Azimuth from, and angle below, the panel's own axis, in degrees.
    """
    azimuth, below, tilt = (
        math.radians(off_azimuth_deg),
        math.radians(below_deg),
        math.radians(mechanical_tilt_deg),
    )
    ahead, aside, down = (
        math.cos(azimuth) * math.cos(below),
        math.sin(azimuth) * math.cos(below),
        math.sin(below),
    )
    axial = ahead * math.cos(tilt) + down * math.sin(tilt)
    lowered = down * math.cos(tilt) - ahead * math.sin(tilt)
    return math.degrees(math.atan2(aside, axial)), math.degrees(math.atan2(lowered, math.hypot(aside, axial)))
