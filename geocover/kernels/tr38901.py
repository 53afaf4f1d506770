"""Path loss and line-of-sight probability of 3GPP TR 38.901 V17.0.0, RMa and UMa.

Tables 7.4.1-1 (path loss, shadow fading) and 7.4.2-1 (LOS probability). Distances are horizontal (d_2D) in
metres from 10 m on: nearer, the loss at 10 m is given. In LOS, UMa is continuous at its breakpoint; RMa steps
there by about 20 log(d_3D / d_BP), since the table puts d_BP itself into its first branch: by less than
0.05 dB for every height and frequency it allows.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

RMA, UMA = 0, 1
LOS, NLOS, EXPECTED = 0, 1, 2

# The value that Table 7.4.1-1, note 1 and note 5, gives for the breakpoint distances.
LIGHT_M_S = 3.0e8
NEAREST_M = 10.0


@njit(cache=True, nogil=True)
def slant_m(distance_m: float, tx_height_m: float, rx_height_m: float) -> float:
    """Distance d_3D between the antennas, metres (figure 7.4.1-1)."""
    return math.hypot(distance_m, tx_height_m - rx_height_m)


@njit(cache=True, nogil=True)
def rma_breakpoint_m(freq_mhz: float, tx_height_m: float, rx_height_m: float) -> float:
    """Breakpoint distance d_BP of RMa, metres (Table 7.4.1-1, note 5)."""
    return 2.0 * math.pi * tx_height_m * rx_height_m * freq_mhz * 1e6 / LIGHT_M_S


@njit(cache=True, nogil=True)
def uma_breakpoint_m(freq_mhz: float, tx_height_m: float, rx_height_m: float) -> float:
    """Breakpoint distance d'_BP of UMa, metres, with h_E = 1 m (note 1; holds for receivers below 13 m)."""
    return 4.0 * (tx_height_m - 1.0) * (rx_height_m - 1.0) * freq_mhz * 1e6 / LIGHT_M_S


@njit(cache=True, nogil=True)
def rma_near_db(slant: float, freq_mhz: float, building_height_m: float) -> float:
    """PL_1 of RMa LOS, dB, at a distance in metres."""
    power = math.pow(building_height_m, 1.72)
    return (
        20.0 * math.log10(40.0 * math.pi * slant * freq_mhz / 3000.0)
        + min(0.03 * power, 10.0) * math.log10(slant)
        - min(0.044 * power, 14.77)
        + 0.002 * math.log10(building_height_m) * slant
    )


@njit(cache=True, nogil=True)
def rma_los_db(
    distance_m: float, freq_mhz: float, tx_height_m: float, rx_height_m: float, building_height_m: float
) -> float:
    """RMa LOS path loss, dB (10 m to 10 km)."""
    slant = slant_m(distance_m, tx_height_m, rx_height_m)
    breakpoint_m = rma_breakpoint_m(freq_mhz, tx_height_m, rx_height_m)
    if distance_m <= breakpoint_m:
        return rma_near_db(slant, freq_mhz, building_height_m)
    return rma_near_db(breakpoint_m, freq_mhz, building_height_m) + 40.0 * math.log10(slant / breakpoint_m)


@njit(cache=True, nogil=True)
def rma_nlos_db(
    distance_m: float,
    freq_mhz: float,
    tx_height_m: float,
    rx_height_m: float,
    building_height_m: float,
    street_width_m: float,
) -> float:
    """RMa NLOS path loss, dB (10 m to 5 km): not below the LOS loss."""
    log_tx = math.log10(tx_height_m)
    blocked_db = (
        161.04
        - 7.1 * math.log10(street_width_m)
        + 7.5 * math.log10(building_height_m)
        - (24.37 - 3.7 * (building_height_m / tx_height_m) ** 2) * log_tx
        + (43.42 - 3.1 * log_tx) * (math.log10(slant_m(distance_m, tx_height_m, rx_height_m)) - 3.0)
        + 20.0 * math.log10(freq_mhz / 1000.0)
        - (3.2 * math.log10(11.75 * rx_height_m) ** 2 - 4.97)
    )
    return max(blocked_db, rma_los_db(distance_m, freq_mhz, tx_height_m, rx_height_m, building_height_m))


@njit(cache=True, nogil=True)
def uma_los_db(distance_m: float, freq_mhz: float, tx_height_m: float, rx_height_m: float) -> float:
    """UMa LOS path loss, dB (10 m to 5 km)."""
    log_slant = math.log10(slant_m(distance_m, tx_height_m, rx_height_m))
    common_db = 28.0 + 20.0 * math.log10(freq_mhz / 1000.0)
    breakpoint_m = uma_breakpoint_m(freq_mhz, tx_height_m, rx_height_m)
    if distance_m <= breakpoint_m:
        return common_db + 22.0 * log_slant
    bent_m2 = breakpoint_m**2 + (tx_height_m - rx_height_m) ** 2
    return common_db + 40.0 * log_slant - 9.0 * math.log10(bent_m2)


@njit(cache=True, nogil=True)
def uma_nlos_db(distance_m: float, freq_mhz: float, tx_height_m: float, rx_height_m: float) -> float:
    """UMa NLOS path loss, dB (10 m to 5 km): not below the LOS loss."""
    blocked_db = (
        13.54
        + 39.08 * math.log10(slant_m(distance_m, tx_height_m, rx_height_m))
        + 20.0 * math.log10(freq_mhz / 1000.0)
        - 0.6 * (rx_height_m - 1.5)
    )
    return max(blocked_db, uma_los_db(distance_m, freq_mhz, tx_height_m, rx_height_m))


@njit(cache=True, nogil=True)
def rma_los_probability(distance_m: float) -> float:
    """Probability of line of sight in RMa, 0 to 1 (Table 7.4.2-1)."""
    return math.exp(-max(distance_m - 10.0, 0.0) / 1000.0)


@njit(cache=True, nogil=True)
def uma_los_probability(distance_m: float, rx_height_m: float) -> float:
    """Probability of line of sight in UMa, 0 to 1 (Table 7.4.2-1; receivers up to 23 m)."""
    if distance_m <= 18.0:
        return 1.0
    near = 18.0 / distance_m
    raised = math.pow(max(rx_height_m - 13.0, 0.0) / 10.0, 1.5)
    lift = 1.0 + raised * 1.25 * (distance_m / 100.0) ** 3 * math.exp(-distance_m / 150.0)
    return (near + math.exp(-distance_m / 63.0) * (1.0 - near)) * lift


@njit(cache=True, nogil=True)
def los_probability(distance_m: float, variant: int, rx_height_m: float) -> float:
    """Probability of line of sight in RMA or UMA, 0 to 1."""
    if variant == RMA:
        return rma_los_probability(distance_m)
    return uma_los_probability(distance_m, rx_height_m)


@njit(cache=True, nogil=True)
def shadow_sigma_db(distance_m: float, variant: int, sight: int, breakpoint_m: float) -> float:
    """Shadow fading in LOS or NLOS: its standard deviation, dB (Table 7.4.1-1)."""
    if variant == UMA:
        return 4.0 if sight == LOS else 6.0
    if sight == NLOS:
        return 8.0
    return 4.0 if distance_m <= breakpoint_m else 6.0


@njit(cache=True, nogil=True)
def path_loss_db(
    distance_m: float,
    variant: int,
    sight: int,
    freq_mhz: float,
    heights_m: tuple[float, float],
    surface_m: tuple[float, float],
) -> float:
    """Path loss at one distance, dB.

    Parameters
    ----------
    distance_m
        Horizontal distance.
    variant
        RMA or UMA.
    sight
        LOS, NLOS, or EXPECTED: the mean of both in dB, weighted by the probability of line of sight.
    freq_mhz
        Carrier frequency, 500 MHz to 30 GHz (RMa) or 100 GHz (UMa).
    heights_m
        Of base station and receiver above ground.
    surface_m
        Average building height and street width (RMa only).
    """
    away_m = max(distance_m, NEAREST_M)
    tx_m, rx_m = heights_m
    building_m, street_m = surface_m
    los_db, nlos_db = 0.0, 0.0
    clear = los_probability(away_m, variant, rx_m) if sight == EXPECTED else 1.0 - sight
    if clear > 0.0:
        los_db = (
            rma_los_db(away_m, freq_mhz, tx_m, rx_m, building_m)
            if variant == RMA
            else uma_los_db(away_m, freq_mhz, tx_m, rx_m)
        )
    if clear < 1.0:
        nlos_db = (
            rma_nlos_db(away_m, freq_mhz, tx_m, rx_m, building_m, street_m)
            if variant == RMA
            else uma_nlos_db(away_m, freq_mhz, tx_m, rx_m)
        )
    return clear * los_db + (1.0 - clear) * nlos_db


@njit(cache=True, nogil=True)
def path_loss(
    distance_m: NDArray[np.float64],
    variant: int,
    sight: int,
    freq_mhz: float,
    heights_m: tuple[float, float],
    surface_m: tuple[float, float],
) -> NDArray[np.float64]:
    """`path_loss_db` for an array of distances of any shape; the same shape in dB."""
    loss_db = np.empty(distance_m.shape, np.float64)
    for i in range(loss_db.size):
        loss_db.flat[i] = path_loss_db(distance_m.flat[i], variant, sight, freq_mhz, heights_m, surface_m)
    return loss_db
