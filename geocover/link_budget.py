"""From transmit power to the level per resource element, and the margin for a share of locations."""

from __future__ import annotations

import math
from statistics import NormalDist

from geocover.errors import ModelError

SUBCARRIERS_PER_BLOCK = 12

# 3GPP TS 36.101 Table 5.6-1: channel bandwidth in MHz -> resource blocks.
LTE_BLOCKS: dict[float, int] = {1.4: 6, 3.0: 15, 5.0: 25, 10.0: 50, 15.0: 75, 20.0: 100}

# 3GPP TS 38.101-1 (Release 17) Table 5.3.2-1: subcarrier spacing in kHz -> bandwidth in MHz -> blocks.
NR_BLOCKS: dict[int, dict[float, int]] = {
    15: {5: 25, 10: 52, 15: 79, 20: 106, 25: 133, 30: 160, 35: 188, 40: 216, 45: 242, 50: 270},
    30: {
        5: 11, 10: 24, 15: 38, 20: 51, 25: 65, 30: 78, 35: 92, 40: 106, 45: 119, 50: 133,
        60: 162, 70: 189, 80: 217, 90: 245, 100: 273,
    },
    60: {
        10: 11, 15: 18, 20: 24, 25: 31, 30: 38, 35: 44, 40: 51, 45: 58, 50: 65,
        60: 79, 70: 93, 80: 107, 90: 121, 100: 135,
    },
}  # fmt: skip


def lte_blocks(bandwidth_mhz: float) -> int:
    """Resource blocks of an LTE carrier (3GPP TS 36.101 Table 5.6-1).

    Raises
    ------
    ModelError
        If LTE has no such bandwidth.
    """
    return _blocks("LTE", LTE_BLOCKS, bandwidth_mhz)


def nr_blocks(bandwidth_mhz: float, spacing_khz: int = 30) -> int:
    """Resource blocks of an NR carrier below 7.125 GHz (3GPP TS 38.101-1 Table 5.3.2-1).

    Raises
    ------
    ModelError
        If NR has no such subcarrier spacing (15, 30, 60 kHz) or no such bandwidth at it.
    """
    if spacing_khz not in NR_BLOCKS:
        raise ModelError(
            f"NR subcarrier spacing {spacing_khz} kHz does not exist; choose one of {_list(NR_BLOCKS)}",
            vi=f"NR không có khoảng cách sóng mang con {spacing_khz} kHz; hãy chọn {_list(NR_BLOCKS)}",
        )
    return _blocks(f"NR {spacing_khz} kHz", NR_BLOCKS[spacing_khz], bandwidth_mhz)


def rsrp_eirp_dbm(
    total_power_dbm: float, n_rb: int, antenna_gain_dbi: float, feeder_loss_db: float, boost_db: float = 0.0
) -> float:
    """EIRP per resource element: RSRP plus the loss of the path, in the main direction.

    ``P - 10 log10(12 N_RB) + boost + G - feeder``: the total power is spread evenly over the 12 N_RB
    subcarriers of the carrier.

    Parameters
    ----------
    total_power_dbm
        Power of the whole carrier at the radio unit.
    n_rb
        Resource blocks, see `lte_blocks` and `nr_blocks`.
    antenna_gain_dbi
        Gain of the beam that carries the reference signal (NR: of the SSB beam).
    feeder_loss_db
        Loss between radio unit and antenna.
    boost_db
        By how much reference signals are sent above the average subcarrier.

    Raises
    ------
    ModelError
        If ``n_rb`` is below 1, ``feeder_loss_db`` is negative, or a value is not finite.
    """
    decibels = (total_power_dbm, antenna_gain_dbi, feeder_loss_db, boost_db)
    if n_rb < 1 or feeder_loss_db < 0 or not all(map(math.isfinite, decibels)):
        given = f"N_RB={n_rb}, power, gain, feeder loss, boost={decibels}"
        raise ModelError(
            f"link budget {given}: values must be finite, N_RB at least 1, feeder loss not negative",
            vi=f"quỹ đường truyền {given}: giá trị phải hữu hạn, N_RB từ 1 trở lên, suy hao feeder không âm",
        )
    subcarriers = SUBCARRIERS_PER_BLOCK * n_rb
    return total_power_dbm - 10.0 * math.log10(subcarriers) + boost_db + antenna_gain_dbi - feeder_loss_db


def reliability_margin_db(share: float, sigma_db: float) -> float:
    """By how much the median level must exceed a threshold so that a share of locations reaches it.

    ``z(share) * sigma``, with z the quantile of the standard normal distribution; negative below one half.

    Parameters
    ----------
    share
        Share of locations, above 0 and below 1.
    sigma_db
        Standard deviation of the level over locations, dB, not negative.

    Raises
    ------
    ModelError
        If the share or the deviation is outside its range.
    """
    if not (0.0 < share < 1.0 and 0.0 <= sigma_db < math.inf):
        raise ModelError(
            f"reliability {share} with sigma {sigma_db} dB: the share lies between 0 and 1, sigma from 0 up",
            vi=f"độ tin cậy {share} với sigma {sigma_db} dB: tỷ lệ phải trong khoảng 0–1, sigma không âm",
        )
    return NormalDist().inv_cdf(share) * sigma_db


def _blocks(carrier: str, table: dict[float, int], bandwidth_mhz: float) -> int:
    """Look a bandwidth up, or name those that exist."""
    if bandwidth_mhz not in table:
        raise ModelError(
            f"{carrier} has no bandwidth of {bandwidth_mhz:g} MHz; choose one of {_list(table)} MHz",
            vi=f"{carrier} không có băng thông {bandwidth_mhz:g} MHz; hãy chọn {_list(table)} MHz",
        )
    return table[bandwidth_mhz]


def _list(numbers: dict[float, int] | dict[int, dict[float, int]]) -> str:
    """Keys as text."""
    return ", ".join(f"{number:g}" for number in numbers)
