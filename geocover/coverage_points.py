"""Received levels at single positions: what calibration, and a question about one place, ask.

The level is that of `geocover.coverage`: EIRP per resource element, gain of the antenna's pattern, basic
transmission loss; but exact at the position instead of at pixel centres, and without a floor.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from geocover.coverage import MAX_REACH_M, RX_HEIGHT_M
from geocover.errors import ModelError
from geocover.kernels.antenna import pattern_gains_db, table_gains_db, tilted_direction_deg
from geocover.propagation.base import Link, Mast, Model

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from geocover.antennas import Antenna
    from geocover.network import Network
    from geocover.terrain import Terrain

_SECTOR = (
    "eirp_dbm",
    "azimuth_deg",
    "downtilt_deg",
    "beamwidth_h_deg",
    "beamwidth_v_deg",
    "mechanical_tilt_deg",
)


class CellLevels(NamedTuple):
    """Levels of one cell.

    Attributes
    ----------
    cell
        Row in ``network.cells``.
    at
        Numbers of the positions within `geocover.coverage.MAX_REACH_M`, shape (n,).
    level_dbm
        Level there, shape (n,); minus infinity beyond the model's reach, NaN where terrain is missing.
    """

    cell: int
    at: NDArray[np.int64]
    level_dbm: NDArray[np.float64]


def cell_levels(
    network: Network,
    model: Model,
    terrain: Terrain | None,
    crs: str,
    x_m: NDArray[np.float64],
    y_m: NDArray[np.float64],
) -> Iterator[CellLevels]:
    """Levels of each cell at the positions near it, mast by mast; cells without a near position are left out.

    Cells that share a mast and a link share its loss. The direction to a position is that of its bearing and
    of the antenna's height above the receiver; where terrain is given, the difference of the ground counts.

    Parameters
    ----------
    network
        The cells.
    model
        The propagation model.
    terrain
        Elevation in ``crs``, or None.
    crs
        Projected CRS of the positions.
    x_m, y_m
        Positions, shape (points,), metres.

    Raises
    ------
    ModelError
        If the model gives no level, or a link is outside its range.
    NetworkError
        If a cell names an antenna that the network's catalogue does not have.
    TerrainError
        If the model needs terrain and gets none.
    """
    network.check_antennas(network.antennas)
    if not model.gives_level:
        raise ModelError(
            f"model {model.name} gives no level in dBm; choose another, such as extended-hata",
            f"mô hình {model.name} không cho mức thu (dBm); hãy chọn mô hình khác, ví dụ extended-hata",
        )
    sectors = network.cells[list(_SECTOR)].to_numpy(dtype=float)
    antennas = [network.antennas[name] if name else None for name in network.cells["antenna"]]
    for mast, numbers in _masts(network, crs).items():
        east_m, north_m = x_m - mast.x_m, y_m - mast.y_m
        near = np.flatnonzero(np.hypot(east_m, north_m) <= MAX_REACH_M)
        if not near.size:
            continue
        loss_db = model.loss_at(mast, x_m[near], y_m[near], terrain)
        above_m = mast.link.tx_height_m - mast.link.rx_height_m + _drop_m(terrain, mast, x_m[near], y_m[near])
        for number in numbers:
            gain_db: float | NDArray[np.float64] = 0.0
            if model.uses_antenna:
                gain_db = _gain_db(sectors[number], antennas[number], east_m[near], north_m[near], above_m)
            yield CellLevels(number, near, sectors[number, 0] + gain_db - loss_db)


def levels_at(
    network: Network,
    model: Model,
    terrain: Terrain | None,
    crs: str,
    x_m: NDArray[np.float64],
    y_m: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Level of every cell at every position, dBm, shape (cells, points); minus infinity out of reach.

    For a few positions: all levels stand in memory. `cell_levels` gives them cell by cell, and says what the
    parameters and errors are.
    """
    levels_dbm = np.full((len(network), x_m.size), -np.inf)
    for cell, at, level_dbm in cell_levels(network, model, terrain, crs, x_m, y_m):
        levels_dbm[cell, at] = level_dbm
    return levels_dbm


def _masts(network: Network, crs: str) -> dict[Mast, list[int]]:
    """Rows of the cells by mast and link, in the order of the network."""
    xs_m, ys_m = network.xy_m(crs)
    columns = [network.cells[name].tolist() for name in ("freq_mhz", "height_m", "environment")]
    groups: dict[Mast, list[int]] = {}
    rows = zip(xs_m.tolist(), ys_m.tolist(), *columns, strict=True)
    for number, (x_m, y_m, freq_mhz, height_m, environment) in enumerate(rows):
        mast = Mast(x_m, y_m, Link(freq_mhz, height_m, RX_HEIGHT_M, environment))
        groups.setdefault(mast, []).append(number)
    return groups


def _drop_m(
    terrain: Terrain | None, mast: Mast, x_m: NDArray[np.float64], y_m: NDArray[np.float64]
) -> NDArray[np.float64] | float:
    """Height of the ground at the mast above the ground at positions; 0 without terrain."""
    if terrain is None:
        return 0.0
    at_mast = terrain.elevation.at(np.array([mast.x_m]), np.array([mast.y_m]))
    drop_m: NDArray[np.float64] = at_mast[0] - terrain.elevation.at(x_m, y_m)
    return drop_m


def _gain_db(
    sector: NDArray[np.float64],
    antenna: Antenna | None,
    east_m: NDArray[np.float64],
    north_m: NDArray[np.float64],
    above_m: NDArray[np.float64] | float,
) -> NDArray[np.float64]:
    """Gain of a sector's antenna towards positions; of unknown azimuth it is as from the front all around."""
    _, azimuth_deg, downtilt_deg, beamwidth_h_deg, beamwidth_v_deg, mechanical_deg = sector.tolist()
    omni = np.isnan(azimuth_deg)
    off_deg = np.zeros(east_m.size) if omni else np.degrees(np.arctan2(east_m, north_m)) - azimuth_deg
    below_deg = np.degrees(np.arctan2(above_m, np.hypot(east_m, north_m)))
    if mechanical_deg:
        off_deg, below_deg = np.vectorize(tilted_direction_deg)(off_deg, below_deg, mechanical_deg)
    below_deg = below_deg - downtilt_deg
    gain_db: NDArray[np.float64]
    if antenna is None:
        gain_db = pattern_gains_db(off_deg, below_deg, 0.0 if omni else beamwidth_h_deg, beamwidth_v_deg)
    else:
        below_deg = below_deg + antenna.electrical_tilt_deg
        gain_db = table_gains_db(off_deg, below_deg, antenna.horizontal_db, antenna.vertical_db)
    return gain_db
