"""The best server of every pixel: the sectors of one mast entered into the levels of a tile.

Levels are kept in hundredths of a dBm as int16, cells by their number inside a layer. The strongest level
wins and of equal ones the lowest number, so that the order in which masts are entered does not matter, nor
whether one is entered twice. Loops run over whole rows without a branch, and vectorise.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

from geocover.kernels.antenna import MAX_ATTENUATION_DB, table_gain_db, tilted_direction_deg
from geocover.kernels.float32 import FLAGS, atan, f32, greater, lesser, log2, whole

if TYPE_CHECKING:
    from numpy.typing import NDArray

NO_LEVEL = -32768
HUNDREDTHS = f32(100.0)
PER_OCTAVE_DB = f32(10.0 * math.log10(2.0))
TO_DEG = f32(180.0 / math.pi)

# Columns of the table of sectors.
LAYER, BAND, NUMBER, EIRP, AZIMUTH, TILT, WIDTH_H, WIDTH_V, REACH, MECHANICAL, PATTERN, OFFSET = range(12)
SECTOR_COLUMNS = 12


class Place(NamedTuple):
    """Pixel centres of a window seen from a mast: metres east and north, and the antenna's height.

    east: float32, shape (cols,). north: float32, shape (rows,). drop_m: float32, shape (rows, cols): antenna
    above the receiver of each pixel, or shape (1, 1) where it is the same for all.
    """

    east: NDArray[np.float32]
    north: NDArray[np.float32]
    drop_m: NDArray[np.float32]


class Tile(NamedTuple):
    """Results of a tile, shapes (layers, rows, cols).

    level: int16, hundredths of a dBm, `NO_LEVEL` for none. server: unsigned, number of the cell in its layer
    from 1, 0 for none. possible: int16 like level, the most that a path over unknown ground could bring.
    count: uint16, sectors at or above the counting level. The last two may have no layers.
    """

    level: NDArray[np.int16]
    server: NDArray[np.unsignedinteger]
    possible: NDArray[np.int16]
    count: NDArray[np.uint16]  # type: ignore[assignment]


@njit(cache=True, nogil=True, fastmath=FLAGS, error_model="numpy")
def _mark(
    wanted: NDArray[np.uint8], level: NDArray[np.int16], east: NDArray[np.float32], north: float,
    limits: tuple[float, float, float, float],
) -> None:  # fmt: skip
    """Mark the pixels of a row that a sector could improve if nothing stood in its way."""
    bound, reach2, least, slack = limits
    for col in range(np.uint64(east.size)):
        d2 = east[col] * east[col] + north * north
        near = greater(np.sqrt(d2) - slack, f32(1.0))
        best = bound - HUNDREDTHS * f32(2.0) * PER_OCTAVE_DB * log2(near)
        enough = greater(f32(level[col]), least)
        take = np.uint8(1) if best >= enough and d2 <= reach2 else np.uint8(0)
        wanted[col] = wanted[col] | take


@njit(cache=True, nogil=True, error_model="numpy")
def want(
    wanted: NDArray[np.uint8],
    level: NDArray[np.int16],
    corner: tuple[int, int],
    place: Place,
    sectors: NDArray[np.float64],
    free_db: NDArray[np.float64],
    floor_dbm: float,
    keep_all_dbm: float,
    slack_m: float,
) -> int:
    """Mark the pixels of a window whose result a mast may change.

    No path is better than free space: a pixel that is served better than free space would allow is left out,
    as is what lies beyond a sector's reach or below the floor. Levels at or above `keep_all_dbm` are wanted
    whatever stands, for counting (infinite where nothing is counted).

    Parameters
    ----------
    wanted
        Result, shape (rows, cols) of the window, 0 or 1.
    level
        Levels of the tile, shape (layers, rows, cols).
    corner
        First row and column of the window in the tile.
    place
        Where the pixels lie from the mast.
    sectors
        Table, a row a sector.
    free_db
        Loss of free space at 1 m in each band.
    floor_dbm, keep_all_dbm
        Levels in dBm.
    slack_m
        By how much the loss may be that of a shorter path: a model may have its mast at a pixel's centre.

    Returns
    -------
    The number of pixels marked.
    """
    rows, cols = wanted.shape
    first = corner[1]
    wanted[:, :] = 0
    nothing = np.full(cols, NO_LEVEL, np.int16)
    found = 0
    for row in range(rows):
        north = place.north[row]
        for s in range(sectors.shape[0]):
            sector = sectors[s]
            # 0.05 dB more than free space: levels are rounded.
            bound = f32(100.0 * (sector[EIRP] - free_db[int(sector[BAND])] + 0.05))
            reach2, slack = f32(sector[REACH] * sector[REACH]), f32(slack_m)
            stand = level[int(sector[LAYER]), corner[0] + row, first : first + cols]
            floor, keep_all = f32(100.0 * floor_dbm), f32(100.0 * keep_all_dbm)
            _mark(wanted[row], stand, place.east, north, (bound, reach2, floor, slack))
            if keep_all_dbm < np.inf:
                _mark(wanted[row], nothing, place.east, north, (bound, reach2, keep_all, slack))
        for col in range(cols):
            found += wanted[row, col]
    return found


@njit(cache=True, nogil=True, fastmath=FLAGS, error_model="numpy")
def _look(
    azimuth: NDArray[np.float32], below: NDArray[np.float32], d2: NDArray[np.float32],
    east: NDArray[np.float32], north: float, drop: NDArray[np.float32],
) -> None:  # fmt: skip
    """Direction of a row's pixels: degrees clockwise from north, and below the horizon."""
    for col in range(np.uint64(east.size)):
        x = east[col]
        square = x * x + north * north
        d2[col] = square
        # atan2 in two octants: of the smaller side over the larger.
        wide, high = greater(x, -x), greater(north, -north)
        large, small = greater(wide, high), lesser(wide, high)
        angle = TO_DEG * atan(small / greater(large, f32(1e-3)))
        angle = f32(90.0) - angle if wide > high else angle
        angle = f32(180.0) - angle if north < f32(0.0) else angle
        azimuth[col] = -angle if x < f32(0.0) else angle
        below[col] = TO_DEG * atan(drop[col] / np.sqrt(greater(square, f32(1.0))))


@njit(cache=True, nogil=True, fastmath=FLAGS, error_model="numpy")
def _panel_gains(
    gain: NDArray[np.float32], azimuth: NDArray[np.float32], below: NDArray[np.float32],
    sector: tuple[float, float, float, float],
) -> None:  # fmt: skip
    """Gain of the pattern of TR 38.901 Table 7.3-1 towards a row's pixels, dB."""
    axis, tilt, per_width_h, per_width_v = sector
    most = f32(MAX_ATTENUATION_DB)
    for col in range(np.uint64(gain.size)):
        off = azimuth[col] - axis
        off = off - f32(360.0) * (whole(off * f32(1.0 / 360.0) + f32(8.5)) - f32(8.0))
        side, down = off * per_width_h, (below[col] - tilt) * per_width_v
        both = lesser(f32(12.0) * side * side, most) + lesser(f32(12.0) * down * down, most)
        gain[col] = -lesser(both, most)


@njit(cache=True, nogil=True, error_model="numpy")
def _general_gains(
    gain: NDArray[np.float32], azimuth: NDArray[np.float32], below: NDArray[np.float32],
    wanted: NDArray[np.uint8], sector: NDArray[np.float64], patterns: NDArray[np.float32],
) -> None:  # fmt: skip
    """Gain of a tilted panel or of a measured pattern: pixel by pixel.

    An antenna of unknown azimuth is the same all around: as it is seen from the front.
    """
    axis, omni = sector[AZIMUTH], math.isnan(sector[AZIMUTH])
    number = int(sector[PATTERN])
    for col in range(gain.size):
        if wanted[col] == 0:
            continue
        ahead = 0.0 if omni else azimuth[col] - axis
        off, down = tilted_direction_deg(ahead, below[col], sector[MECHANICAL])
        if number >= 0:
            down = down - sector[TILT] + sector[OFFSET]
            gain[col] = table_gain_db(off, down, patterns[number, 0], patterns[number, 1])
        else:
            side = 0.0 if omni else off / sector[WIDTH_H]
            high = (down - sector[TILT]) / sector[WIDTH_V]
            both = min(12.0 * side * side, MAX_ATTENUATION_DB) + min(12.0 * high * high, MAX_ATTENUATION_DB)
            gain[col] = -min(both, MAX_ATTENUATION_DB)


@njit(cache=True, nogil=True, fastmath=FLAGS, error_model="numpy")
def _enter_row(
    level: NDArray[np.int16], server: NDArray[np.unsignedinteger], wanted: NDArray[np.uint8],
    loss_db: NDArray[np.float32], gain: NDArray[np.float32], d2: NDArray[np.float32],
    limits: tuple[float, float, float], number: int,
) -> None:  # fmt: skip
    """Enter one sector into a row: the stronger wins, of equal ones the lower number."""
    eirp, reach2, floor = limits
    for col in range(np.uint64(wanted.size)):
        found = eirp - greater(loss_db[col], f32(0.0)) + gain[col]
        usable = (loss_db[col] >= f32(0.0)) & (found >= floor) & (d2[col] <= reach2) & (wanted[col] != 0)
        # Rounded to the nearest hundredth; the shift keeps it positive for the cut towards zero.
        value = np.int32(whole(greater(found, f32(-320.0)) * HUNDREDTHS + f32(32768.5))) - np.int32(32768)
        stand, holder = np.int32(level[col]), server[col]
        better = usable & ((value > stand) | ((value == stand) & (number < holder)))
        level[col] = np.int16(value) if better else level[col]
        server[col] = number if better else holder


@njit(cache=True, nogil=True, error_model="numpy")
def _count_row(
    count: NDArray[np.uint16], wanted: NDArray[np.uint8], loss_db: NDArray[np.float32],
    gain: NDArray[np.float32], d2: NDArray[np.float32], limits: tuple[float, float, float], add: int,
) -> None:  # fmt: skip
    """Add to the pixels of a row that receive a sector at the counting level."""
    eirp, reach2, least = limits
    for col in range(wanted.size):
        usable = wanted[col] != 0 and loss_db[col] >= 0.0 and d2[col] <= reach2
        if usable and eirp - loss_db[col] + gain[col] >= least:
            count[col] += add


@njit(cache=True, nogil=True, error_model="numpy")
def _open_row(
    possible: NDArray[np.int16], wanted: NDArray[np.uint8], loss_db: NDArray[np.float32],
    gain: NDArray[np.float32], d2: NDArray[np.float32], limits: tuple[float, float, float, float],
) -> None:  # fmt: skip
    """Where the path is unknown, keep the most that it could bring: free space."""
    eirp, reach2, floor, free_db = limits
    for col in range(wanted.size):
        if wanted[col] != 0 and loss_db[col] < 0.0 and d2[col] <= reach2:
            most = eirp - free_db - 10.0 * math.log10(max(np.float64(d2[col]), 1.0)) + gain[col]
            if most >= floor:
                # As much as is stored, where the model sets no bound.
                possible[col] = max(possible[col], math.ceil(100.0 * min(most, 320.0)))


@njit(cache=True, nogil=True, error_model="numpy")
def enter(
    tile: Tile,
    corner: tuple[int, int],
    wanted: NDArray[np.uint8],
    place: Place,
    loss_db: NDArray[np.float32],
    sectors: NDArray[np.float64],
    patterns: NDArray[np.float32],
    free_db: NDArray[np.float64],
    floor_dbm: float,
    count_dbm: float,
    uses_antenna: bool,  # noqa: FBT001
) -> None:
    """Enter the sectors of a mast into a tile, in place.

    Parameters
    ----------
    tile
        Results so far.
    corner, wanted, place, free_db, floor_dbm
        As for `want`.
    loss_db
        Loss of the mast in each band, shape (bands, rows, cols); negative where unknown, infinite out of
        reach.
    sectors
        A row a sector: layer, band, number in the layer from 1, EIRP per resource element in dBm, azimuth in
        degrees clockwise from north (NaN for omni), electrical downtilt, half-power beamwidths in degrees,
        reach in metres, mechanical tilt in degrees, number of the measured pattern (-1 for none), tilt that
        the pattern holds already.
    patterns
        Measured patterns, shape (n, 2, 360): `geocover.kernels.antenna.table_gain_db`.
    count_dbm
        Level from which a sector is counted, where the tile has counts.
    uses_antenna
        Whether patterns apply.
    """
    rows, cols = wanted.shape
    first = corner[1]
    azimuth, below = np.empty(cols, np.float32), np.empty(cols, np.float32)
    d2, gain = np.empty(cols, np.float32), np.zeros(cols, np.float32)
    flat = np.empty(cols, np.float32)
    flat[:] = place.drop_m[0, 0]
    varied = place.drop_m.shape[0] == rows and place.drop_m.shape[1] == cols
    for row in range(rows):
        if not wanted[row].any():
            continue
        drop = place.drop_m[row] if varied else flat
        _look(azimuth, below, d2, place.east, place.north[row], drop)
        at = corner[0] + row
        for s in range(sectors.shape[0]):
            sector = sectors[s]
            layer, band = int(sector[LAYER]), int(sector[BAND])
            if uses_antenna:
                if sector[MECHANICAL] != 0.0 or sector[PATTERN] >= 0.0:
                    _general_gains(gain, azimuth, below, wanted[row], sector, patterns)
                else:
                    omni = math.isnan(sector[AZIMUTH])
                    _panel_gains(
                        gain, azimuth, below,
                        (
                            f32(0.0 if omni else sector[AZIMUTH]), f32(sector[TILT]),
                            f32(0.0 if omni else 1.0 / sector[WIDTH_H]), f32(1.0 / sector[WIDTH_V]),
                        ),
                    )  # fmt: skip
            eirp, reach2 = f32(sector[EIRP]), f32(sector[REACH] * sector[REACH])
            loss = loss_db[band, row]
            _enter_row(
                tile.level[layer, at, first : first + cols], tile.server[layer, at, first : first + cols],
                wanted[row], loss, gain, d2, (eirp, reach2, f32(floor_dbm)), int(sector[NUMBER]),
            )  # fmt: skip
            if tile.count.shape[0] > 0:
                _count_row(
                    tile.count[layer, at, first : first + cols], wanted[row], loss, gain, d2,
                    (eirp, reach2, f32(count_dbm)), 1,
                )  # fmt: skip
            if tile.possible.shape[0] > 0:
                _open_row(
                    tile.possible[layer, at, first : first + cols], wanted[row], loss, gain, d2,
                    (eirp, reach2, f32(floor_dbm), f32(free_db[band])),
                )  # fmt: skip
