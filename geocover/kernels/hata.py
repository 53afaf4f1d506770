"""Okumura-Hata, COST-231 Hata and the extended Hata model.

Sources
-------
- Okumura-Hata, 150-1500 MHz: M. Hata, IEEE Trans. Veh. Technol. VT-29 (1980) 317-325; Rec. ITU-R P.529-3.
- COST-231 Hata, 1500-2000 MHz: COST 231 final report (EUR 18957, 1999), section 4.4.1.
- Extended Hata, 30-3000 MHz: Report ITU-R SM.2028-1, annex 2, appendix 1 (ERC Report 68, SEAMCAT).

The extended model is continuous in distance and heights, and in frequency too except at 1500 MHz, where the
source steps up by 1.16 dB in all surroundings.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Codes of the surroundings, in the order of `geocover.propagation.base.ENVIRONMENTS`.
URBAN, SUBURBAN, OPEN = 0, 1, 2

NEAR_KM = 0.04
FAR_KM = 0.1
BEND_KM = 20.0


@njit(cache=True, nogil=True)
def free_space_db(distance_km: float, freq_mhz: float, height_difference_m: float) -> float:
    """Free-space loss over the slant path, in dB (SM.2028-1, d < 0.04 km).

    Below 1 m of slant path the far-field formula means nothing; the loss at 1 m is given.
    """
    slant2_km2 = max(distance_km * distance_km + (height_difference_m / 1000.0) ** 2, 1e-6)
    return 32.4 + 20.0 * math.log10(freq_mhz) + 10.0 * math.log10(slant2_km2)


@njit(cache=True, nogil=True)
def mobile_height_db(freq_mhz: float, rx_height_m: float, large_city: bool) -> float:  # noqa: FBT001
    """Correction a(h_m) for the receiver's height, in dB (Hata 1980; Rec. ITU-R P.529-3).

    Medium and small cities, or a large city in its two forms: published for up to 200 MHz and from 400 MHz;
    between them common use parts at 300 MHz.
    """
    log_freq = math.log10(freq_mhz)
    if not large_city:
        return (1.1 * log_freq - 0.7) * rx_height_m - (1.56 * log_freq - 0.8)
    if freq_mhz < 300.0:
        return 8.29 * math.log10(1.54 * rx_height_m) ** 2 - 1.1
    return 3.2 * math.log10(11.75 * rx_height_m) ** 2 - 4.97


@njit(cache=True, nogil=True)
def suburban_gain_db(freq_mhz: float) -> float:
    """How much less than urban the suburban loss is, in dB (Hata 1980)."""
    return 2.0 * math.log10(freq_mhz / 28.0) ** 2 + 5.4


@njit(cache=True, nogil=True)
def open_gain_db(freq_mhz: float) -> float:
    """How much less than urban the loss in open country is, in dB (Hata 1980)."""
    log_freq = math.log10(freq_mhz)
    return 4.78 * log_freq * log_freq - 18.33 * log_freq + 40.94


@njit(cache=True, nogil=True)
def surroundings_gain_db(freq_mhz: float, environment: int) -> float:
    """How much less than urban the loss is in the given surroundings, in dB."""
    if environment == SUBURBAN:
        return suburban_gain_db(freq_mhz)
    if environment == OPEN:
        return open_gain_db(freq_mhz)
    return 0.0


@njit(cache=True, nogil=True)
def distance_slope_db(tx_height_m: float) -> float:
    """Loss per decade of distance, in dB: 44.9 - 6.55 log h_b (Hata 1980)."""
    return 44.9 - 6.55 * math.log10(tx_height_m)


@njit(cache=True, nogil=True)
def okumura_hata_db(
    distance_m: float,
    freq_mhz: float,
    tx_height_m: float,
    rx_height_m: float,
    environment: int,
    large_city: bool,  # noqa: FBT001
) -> float:
    """Okumura-Hata in its published form, dB (150-1500 MHz, h_b 30-200 m, h_m 1-10 m, 1-20 km).

    Suburban and open country start from the urban loss of a medium city, as in Hata (1980).
    """
    in_large_city = large_city and environment == URBAN
    return (
        69.55
        + 26.16 * math.log10(freq_mhz)
        - 13.82 * math.log10(tx_height_m)
        - mobile_height_db(freq_mhz, rx_height_m, in_large_city)
        + distance_slope_db(tx_height_m) * math.log10(distance_m / 1000.0)
        - surroundings_gain_db(freq_mhz, environment)
    )


@njit(cache=True, nogil=True)
def cost231_hata_db(
    distance_m: float,
    freq_mhz: float,
    tx_height_m: float,
    rx_height_m: float,
    metropolitan: bool,  # noqa: FBT001
) -> float:
    """COST-231 Hata in its published form, dB (1500-2000 MHz, h_b 30-200 m, h_m 1-10 m, 1-20 km).

    C_M is 3 dB in metropolitan centres and 0 dB in medium cities and suburban centres.
    """
    return (
        46.3
        + 33.9 * math.log10(freq_mhz)
        - 13.82 * math.log10(tx_height_m)
        - mobile_height_db(freq_mhz, rx_height_m, False)
        + distance_slope_db(tx_height_m) * math.log10(distance_m / 1000.0)
        + (3.0 if metropolitan else 0.0)
    )


@njit(cache=True, nogil=True)
def extended_frequency_db(freq_mhz: float) -> float:
    """Terms of the extended urban loss that depend on frequency alone, dB (SM.2028-1)."""
    if freq_mhz <= 150.0:
        return 69.6 + 26.2 * math.log10(150.0) - 20.0 * math.log10(150.0 / freq_mhz)
    if freq_mhz <= 1500.0:
        return 69.6 + 26.2 * math.log10(freq_mhz)
    if freq_mhz <= 2000.0:
        return 46.3 + 33.9 * math.log10(freq_mhz)
    return 46.3 + 33.9 * math.log10(2000.0) + 10.0 * math.log10(freq_mhz / 2000.0)


@njit(cache=True, nogil=True)
def extended_heights_db(freq_mhz: float, high_m: float, low_m: float) -> float:
    """Terms a(H_m) + b(H_b) + 13.82 log max(30, H_b) that lower the extended loss, dB (SM.2028-1)."""
    log_freq = math.log10(freq_mhz)
    mobile_db = (1.1 * log_freq - 0.7) * min(10.0, low_m) - (1.56 * log_freq - 0.8)
    mobile_db += max(0.0, 20.0 * math.log10(low_m / 10.0))
    base_db = min(0.0, 20.0 * math.log10(high_m / 30.0))
    return mobile_db + base_db + 13.82 * math.log10(max(30.0, high_m))


@njit(cache=True, nogil=True)
def extended_log_distance(distance_km: float, freq_mhz: float, high_m: float) -> float:
    """(log d) to the power alpha, with alpha above 1 beyond 20 km (SM.2028-1)."""
    log_distance = math.log10(distance_km)
    if distance_km <= BEND_KM:
        return log_distance
    beyond = math.pow(math.log10(distance_km / BEND_KM), 0.8)
    return math.pow(log_distance, 1.0 + (0.14 + 1.87e-4 * freq_mhz + 1.07e-3 * high_m) * beyond)


@njit(cache=True, nogil=True)
def extended_far_db(
    distance_km: float, freq_mhz: float, high_m: float, low_m: float, environment: int
) -> float:
    """Loss of extended Hata from 0.1 km on, before the free-space floor, dB (SM.2028-1)."""
    urban_db = (
        extended_frequency_db(freq_mhz)
        - extended_heights_db(freq_mhz, high_m, low_m)
        + distance_slope_db(max(30.0, high_m)) * extended_log_distance(distance_km, freq_mhz, high_m)
    )
    return urban_db - surroundings_gain_db(min(max(150.0, freq_mhz), 2000.0), environment)


@njit(cache=True, nogil=True)
def extended_hata_db(
    distance_m: float, freq_mhz: float, tx_height_m: float, rx_height_m: float, environment: int
) -> float:
    """Median loss of the extended Hata model, dB (Report ITU-R SM.2028-1, annex 2, appendix 1).

    Free space below 0.04 km; from there to 0.1 km a straight line over log distance to the model's own value;
    never below free space. The higher antenna counts as the base; heights below 1 m count as 1 m.

    Parameters
    ----------
    distance_m
        Horizontal distance, 0 to 100 km.
    freq_mhz
        30 to 3000 MHz in the source.
    tx_height_m, rx_height_m
        Heights above ground.
    environment
        URBAN, SUBURBAN or OPEN.
    """
    distance_km = distance_m / 1000.0
    high_m = max(tx_height_m, rx_height_m, 1.0)
    low_m = max(min(tx_height_m, rx_height_m), 1.0)
    floor_db = free_space_db(distance_km, freq_mhz, high_m - low_m)
    if distance_km < NEAR_KM:
        return floor_db
    far_db = extended_far_db(max(distance_km, FAR_KM), freq_mhz, high_m, low_m, environment)
    if distance_km < FAR_KM:
        near_db = free_space_db(NEAR_KM, freq_mhz, high_m - low_m)
        share = math.log10(distance_km / NEAR_KM) / math.log10(FAR_KM / NEAR_KM)
        far_db = near_db + share * (far_db - near_db)
    return max(far_db, floor_db)


@njit(cache=True, nogil=True)
def extended_hata(
    distance_m: NDArray[np.float64],
    freq_mhz: float,
    tx_height_m: float,
    rx_height_m: float,
    environment: int,
) -> NDArray[np.float64]:
    """`extended_hata_db` for an array of distances of any shape; the same shape in dB."""
    loss_db = np.empty(distance_m.shape, np.float64)
    for i in range(loss_db.size):
        loss_db.flat[i] = extended_hata_db(
            distance_m.flat[i], freq_mhz, tx_height_m, rx_height_m, environment
        )
    return loss_db


@njit(cache=True, nogil=True)
def okumura_hata(
    distance_m: NDArray[np.float64],
    freq_mhz: float,
    tx_height_m: float,
    rx_height_m: float,
    environment: int,
    large_city: bool,  # noqa: FBT001
) -> NDArray[np.float64]:
    """`okumura_hata_db`, never below free space, for an array of distances of any shape; dB."""
    loss_db = np.empty(distance_m.shape, np.float64)
    for i in range(loss_db.size):
        away_m = max(distance_m.flat[i], 1.0)
        hata_db = okumura_hata_db(away_m, freq_mhz, tx_height_m, rx_height_m, environment, large_city)
        loss_db.flat[i] = max(hata_db, free_space_db(away_m / 1000.0, freq_mhz, tx_height_m - rx_height_m))
    return loss_db


@njit(cache=True, nogil=True)
def cost231_hata(
    distance_m: NDArray[np.float64],
    freq_mhz: float,
    tx_height_m: float,
    rx_height_m: float,
    metropolitan: bool,  # noqa: FBT001
) -> NDArray[np.float64]:
    """`cost231_hata_db`, never below free space, for an array of distances of any shape; dB."""
    loss_db = np.empty(distance_m.shape, np.float64)
    for i in range(loss_db.size):
        away_m = max(distance_m.flat[i], 1.0)
        hata_db = cost231_hata_db(away_m, freq_mhz, tx_height_m, rx_height_m, metropolitan)
        loss_db.flat[i] = max(hata_db, free_space_db(away_m / 1000.0, freq_mhz, tx_height_m - rx_height_m))
    return loss_db
