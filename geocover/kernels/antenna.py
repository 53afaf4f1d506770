"""Directional patterns of sector antennas: 3GPP's by beamwidths, and measured ones by two cuts.

The first is that of 3GPP TR 38.901 (V17.0.0) Table 7.3-1 and section 7.1.4. Gains are relative to the
maximum: 0 dB in the main direction, never positive.
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


@njit(cache=True, nogil=True, inline="always")
def table_cut_gain_db(off_deg: float, cut_db: NDArray[np.float32]) -> float:
    """Gain of a measured cut, linear between whole degrees.

    Parameters
    ----------
    off_deg
        Angle, any turn (361 is 1, -1 is 359).
    cut_db
        Gain at 0 to 359 degrees, shape (360,), dB.

    Returns
    -------
    dB; NaN for an angle that is not finite.
    """
    turned_deg = off_deg - 360.0 * np.floor(off_deg / 360.0)
    if turned_deg >= 360.0:  # a tiny negative angle, rounded
        turned_deg = 0.0
    low = int(turned_deg) if turned_deg >= 0.0 else 0  # NaN must not become an index
    share = turned_deg - low
    high = low + 1 if low < 359 else 0
    gain_db: float = (1.0 - share) * cut_db[low] + share * cut_db[high]
    return gain_db


@njit(cache=True, nogil=True, inline="always")
def table_gain_db(
    off_azimuth_deg: float,
    off_below_deg: float,
    horizontal_db: NDArray[np.float32],
    vertical_db: NDArray[np.float32],
) -> float:
    """Gain of a measured antenna in one direction: horizontal projection interpolation of its two cuts.

    The formula is that of Altair WinProp, User Guide, "Horizontal Projection Interpolation (HPI) Algorithm":
    G = H(az) - [(180 - |az|) / 180 (H(0) - V(below)) + |az| / 180 (H(180) - V(180 - below))], in dB. It gives
    back the vertical cut exactly in front and behind, and the horizontal cut where that was measured, be it
    on the horizon or along the tilted beam. A bare sum of the cuts counts the vertical cut of the front
    behind the antenna too, and the loss of a tilted beam on the horizon twice. No floor; never above 0 dB.

    Parameters
    ----------
    off_azimuth_deg
        Azimuth from the main direction, clockwise, any turn; 0 for an omnidirectional antenna.
    off_below_deg
        Angle below the horizon (seen by a tilted panel, `tilted_direction_deg`), less the cell's electrical
        tilt, plus the tilt that the vertical cut contains: 0 is the cut's 0. From -90 to 90.
    horizontal_db, vertical_db
        Gains at 0 to 359 degrees, shape (360,), dB: horizontal clockwise from the main direction; vertical
        from the horizon in front (0) by straight down (90) to the horizon behind (180).

    Returns
    -------
    dB, at most 0; NaN for an angle that is not finite.
    """
    behind = abs(off_azimuth_deg - 360.0 * np.floor(off_azimuth_deg / 360.0 + 0.5)) / 180.0
    front_db = horizontal_db[0] - table_cut_gain_db(off_below_deg, vertical_db)
    rear_db = horizontal_db[180] - table_cut_gain_db(180.0 - off_below_deg, vertical_db)
    around_db = table_cut_gain_db(off_azimuth_deg, horizontal_db)
    gain_db: float = around_db - (1.0 - behind) * front_db - behind * rear_db
    return min(gain_db, 0.0)


@njit(cache=True, nogil=True)
def table_gains_db(
    off_azimuth_deg: NDArray[np.float64],
    off_below_deg: NDArray[np.float64],
    horizontal_db: NDArray[np.float32],
    vertical_db: NDArray[np.float32],
) -> NDArray[np.float64]:
    """`table_gain_db` for arrays of directions: two equal shapes (any) in degrees, the same shape in dB."""
    gain_db = np.empty(off_azimuth_deg.shape, np.float64)
    for i in range(gain_db.size):
        gain_db.flat[i] = table_gain_db(
            off_azimuth_deg.flat[i], off_below_deg.flat[i], horizontal_db, vertical_db
        )
    return gain_db
