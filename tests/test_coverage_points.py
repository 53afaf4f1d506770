"""Levels at single positions agree with the coverage that maps show."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pytest

from geocover.antennas import Antenna, Antennas
from geocover.coverage import FLOOR_DBM, predict
from geocover.coverage_points import cell_levels, levels_at
from geocover.crs import WGS84, transformer
from geocover.errors import ModelError, NetworkError
from geocover.grid import Grid
from geocover.network import Network
from geocover.propagation import ExtendedHata, Link, Radius
from geocover.raster import Raster
from geocover.terrain import Terrain

Maker = Callable[[Sequence[Mapping[str, object]]], Network]


def at_metres(grid: Grid, right_m: list[float], down_m: list[float]) -> tuple[Any, Any]:
    return grid.left_m + np.array(right_m), grid.top_m - np.array(down_m)


def test_best_level_is_that_of_the_map(grid: Grid, random_network: Network) -> None:
    """Catches a pattern, a budget or a grouping that differs from predict(): both are asked at pixel centres.

    The map interpolates the loss curve every 5 m, hence 0.05 dB.
    """
    fine = Grid(grid.crs, grid.left_m, grid.top_m, 20.0, (300, 400))
    random_network = random_network.select(technologies=["4G"])
    coverage = predict(random_network, model=ExtendedHata(), grid=fine)
    window = fine.whole()
    xs_m, ys_m = np.meshgrid(window.xs_m()[::17], window.ys_m()[::17])
    of_layer = random_network.cells["operator"] == "Viettel"
    levels_dbm = levels_at(random_network, ExtendedHata(), None, grid.crs, xs_m.ravel(), ys_m.ravel())
    best_dbm = levels_dbm[of_layer.to_numpy()].max(axis=0).reshape(xs_m.shape)
    mapped_dbm = coverage.level("Viettel", "4G").values[::17, ::17]
    shown = np.isfinite(mapped_dbm)
    assert shown.mean() > 0.8
    assert np.allclose(best_dbm[shown], mapped_dbm[shown], atol=0.05)
    assert (best_dbm[~shown] < FLOOR_DBM + 0.05).all()


def test_level_by_hand(grid: Grid, make_network: Maker) -> None:
    """Catches a wrong sign or angle: 1 km behind a sector that looks south (A_max, 30 dB) and 1 km ahead."""
    network = make_network([{"at": (4_000, 3_000), "azimuth_deg": 180, "eirp_dbm": 30, "height_m": 30}])
    x_m, y_m = at_metres(grid, [4_000, 4_000], [2_000, 4_000])
    behind_dbm, ahead_dbm = levels_at(network, ExtendedHata(), None, grid.crs, x_m, y_m)[0]
    link = Link(1800.0, 30.0, 1.5, "suburban")
    loss_db = float(ExtendedHata().loss_db(np.array([1_000.0]), link)[0])
    below_deg = np.degrees(np.arctan2(28.5, 1_000.0))
    vertical_db = -12.0 * ((below_deg - 4.0) / 10.0) ** 2
    assert behind_dbm == pytest.approx(30 - loss_db - 30, abs=0.02)
    assert ahead_dbm == pytest.approx(30 - loss_db + vertical_db, abs=0.02)


def test_ground_below_the_mast_lowers_the_direction(grid: Grid, make_network: Maker) -> None:
    """Catches terrain that is given and not used, or a mast on a hill whose beam points up."""
    network = make_network(
        [{"at": (4_000, 3_000), "eirp_dbm": 30, "height_m": 30, "downtilt_deg": 0, "beamwidth_v_deg": 10}]
    )
    ground = np.zeros(grid.shape, np.float32)
    ground[:, :45] = 80.0  # the mast stands 80 m above the second position
    terrain = Terrain(Raster(grid, ground, "m"), "steps")
    x_m, y_m = at_metres(grid, [3_000, 5_000], [3_000, 3_000])
    flat_dbm = levels_at(network, ExtendedHata(), None, grid.crs, x_m, y_m)[0]
    hill_dbm = levels_at(network, ExtendedHata(), terrain, grid.crs, x_m, y_m)[0]
    angles_deg = np.degrees(np.arctan2([28.5, 108.5], 1_000.0))
    assert hill_dbm[0] == pytest.approx(flat_dbm[0], abs=1e-9)
    lost_db = 12.0 * (angles_deg[1] ** 2 - angles_deg[0] ** 2) / 100.0
    assert flat_dbm[1] - hill_dbm[1] == pytest.approx(lost_db, abs=0.02)


def test_missing_ground_is_not_flat_ground(grid: Grid, make_network: Maker) -> None:
    """Catches a void, or a place outside the terrain, taken for sea level."""
    network = make_network([{"at": (4_000, 3_000)}])
    ground = np.zeros(grid.shape, np.float32)
    ground[:, 60:75] = np.nan  # the last column is known: -1 must not find it
    terrain = Terrain(Raster(grid, ground, "m"), "void")
    x_m, y_m = at_metres(grid, [5_000, 7_000, 9_000], [3_000] * 3)
    level_dbm = levels_at(network, ExtendedHata(), terrain, grid.crs, x_m, y_m)[0]
    assert np.isnan(level_dbm).tolist() == [False, True, True]


def test_far_positions_are_left_out(grid: Grid, make_network: Maker) -> None:
    """Catches a province of masts computed for a drive test in one town."""
    network = make_network([{"at": (0, 0)}, {"at": (60_000, 0)}])
    x_m, y_m = at_metres(grid, [100], [0])
    found = list(cell_levels(network, ExtendedHata(), None, grid.crs, x_m, y_m))
    assert [(each.cell, each.at.tolist()) for each in found] == [(0, [0])]
    assert np.isneginf(levels_at(network, ExtendedHata(), None, grid.crs, x_m, y_m)[1, 0])


def test_what_cannot_be_followed_is_refused(grid: Grid, make_network: Maker) -> None:
    """Catches an antenna that no file describes, or a plain radius, computed as if it were something else."""
    x_m, y_m = at_metres(grid, [100], [0])
    network = make_network([{"at": (0, 0)}])
    with pytest.raises(ModelError, match="gives no level"):
        levels_at(network, Radius(radius_m=3_000.0), None, grid.crs, x_m, y_m)
    other = Network(network.cells.assign(antenna="80010"), "list")
    with pytest.raises(NetworkError, match="no such antenna") as caught:
        levels_at(other, ExtendedHata(), None, grid.crs, x_m, y_m)
    assert "ăng-ten" in caught.value.vi


def catalogue() -> Antennas:
    """One antenna, lop-sided, whose vertical cut contains 3 degrees of tilt."""
    angle = np.radians(np.arange(360.0))
    horizontal = np.minimum(-12.0 * (1 - np.cos(angle)) + 3.0 * np.sin(angle) * (1 - np.cos(angle)), 0.0)
    vertical = -16.0 * (1 - np.cos(angle - np.radians(3.0)))
    return Antennas(
        [Antenna("Panel", 17.0, 1_800.0, 3.0, *[np.float32(cut) for cut in (horizontal, vertical)])]
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"mechanical_tilt_deg": 6.0},
        {"mechanical_tilt_deg": -4.0, "azimuth_deg": np.nan},
        {"antenna": "Panel"},
        {"antenna": "Panel", "azimuth_deg": np.nan},
        {"antenna": "Panel", "mechanical_tilt_deg": 6.0},
    ],
    ids=["panel", "omni", "measured", "measured omni", "measured panel"],
)
def test_tilted_and_measured_antennas_are_those_of_the_map(
    grid: Grid, make_network: Maker, changes: dict[str, object]
) -> None:
    """Catches a mechanical tilt or a measured cut that maps follow and calibration does not, or otherwise."""
    fine = Grid(grid.crs, grid.left_m, grid.top_m, 20.0, (300, 400))
    plain = make_network([{"at": (4_010, 2_990), "azimuth_deg": 200, "eirp_dbm": 60, "height_m": 60}])
    network = Network(plain.cells.assign(**changes), "list", antennas=catalogue())
    window = fine.whole()
    xs_m, ys_m = np.meshgrid(window.xs_m()[::13], window.ys_m()[::13])

    def both(asked: Network) -> tuple[Any, Any]:
        mapped = predict(asked, model=ExtendedHata(), grid=fine).level("Viettel", "4G").values[::13, ::13]
        level_dbm = levels_at(asked, ExtendedHata(), None, grid.crs, xs_m.ravel(), ys_m.ravel())
        return level_dbm.reshape(xs_m.shape), mapped

    level_dbm, mapped_dbm = both(network)
    shown = np.isfinite(mapped_dbm)
    assert shown.mean() > 0.8
    assert np.allclose(level_dbm[shown], mapped_dbm[shown], atol=0.05)
    assert (np.abs(level_dbm - both(plain)[0])[shown] > 1.0).any()


def test_gain_of_a_tilted_measured_antenna_by_hand(grid: Grid, make_network: Maker) -> None:
    """Catches a sign: ahead the vertical cut is read at below - mechanical - electrical + contained tilt."""
    plain = make_network(
        [{"at": (4_000, 3_000), "azimuth_deg": 90, "eirp_dbm": 30, "height_m": 61.5, "downtilt_deg": 5}]
    )
    changed = plain.cells.assign(antenna="Panel", mechanical_tilt_deg=2.0)
    network = Network(changed, "list", antennas=catalogue())
    x_m, y_m = at_metres(grid, [4_600], [3_000])
    level_dbm = levels_at(network, ExtendedHata(), None, grid.crs, x_m, y_m)[0, 0]
    link = Link(1800.0, 61.5, 1.5, "suburban")
    loss_db = float(ExtendedHata().loss_db(np.array([600.0]), link)[0])
    below_deg = np.degrees(np.arctan2(60.0, 600.0)) - 2.0 - 5.0 + 3.0
    gain_db = np.interp(below_deg, np.arange(360), catalogue()["Panel"].vertical_db)
    assert level_dbm == pytest.approx(30.0 - loss_db + gain_db, abs=0.05)


def test_positions_are_in_the_given_crs(grid: Grid, random_network: Network) -> None:
    """Catches a frame that is not the positions': omni cells at the same places seen in the next UTM zone."""
    random_network = random_network.select(technologies=["4G"])
    x_m, y_m = at_metres(grid, [1_000, 5_000], [1_000, 4_000])
    other = "EPSG:32647"
    to_other = transformer(WGS84, other).transform
    there = to_other(*transformer(grid.crs, WGS84).transform(x_m, y_m))
    here_dbm = levels_at(random_network, ExtendedHata(environment="open"), None, grid.crs, x_m, y_m)
    there_dbm = levels_at(random_network, ExtendedHata(environment="open"), None, other, *there)
    omni = random_network.cells["azimuth_deg"].isna().to_numpy()
    assert np.allclose(here_dbm[omni], there_dbm[omni], atol=0.5)
