"""Missing ground: what could be is told apart from what is, and never where paths are whole."""

from __future__ import annotations

import numpy as np
import pytest

from geocover.coverage import FLOOR_DBM, Coverage, predict
from geocover.network import Network
from geocover.terrain import Terrain
from tests.coverage.cases import (
    HILLS,
    INNER,
    MODEL,
    OUTER,
    Array,
    cell,
    centres,
    ground,
    network_of,
    terrain_of,
)

REACH_M = 5_000.0
MAST = (40.5, 40.5)
LAYER = ("A", "4G")


def run(network: Network, terrain: Terrain) -> Coverage:
    return predict(network, terrain, model=MODEL, grid=OUTER, max_reach_m=REACH_M)


def with_square() -> Terrain:
    """Ground missing in a square of 4 x 4 pixels, 30 pixels east of the mast."""
    height_m = ground()
    height_m[39:43, 70:74] = np.nan
    return terrain_of(height_m)


def in_free_space_dbm(network: Network, drop_m: Array | float) -> Array:
    """Level of the only cell, an omni, in free space and with its vertical pattern."""
    each = network.cells.iloc[0]
    x_m, y_m = centres(OUTER)
    xs_m, ys_m = network.xy_m(OUTER.crs)
    metres = np.hypot(x_m - xs_m[0], y_m - ys_m[0])
    free_db = 32.4 + 20 * np.log10(metres / 1_000.0) + 20 * np.log10(each["freq_mhz"])
    down = (np.degrees(np.arctan2(drop_m, metres)) - each["downtilt_deg"]) / each["beamwidth_v_deg"]
    level = each["eirp_dbm"] - free_db - np.minimum(12 * down**2, 30.0)
    return np.where((metres <= REACH_M) & (level >= FLOOR_DBM), level, np.nan)


def test_behind_a_hole_the_level_is_unknown_and_free_space_possible() -> None:
    """Catches a void taken for sea level, for a wall, or for a reason to doubt what lies before it."""
    network = network_of([cell(*MAST)])
    found, whole = run(network, with_square()), run(network, HILLS)
    possible = found.possible(*LAYER)
    assert possible is not None
    told = np.isfinite(possible.values)
    level, full = found.level(*LAYER).values, whole.level(*LAYER).values
    assert told[40, [72, 90, 110]].all()
    assert not told[:, :69].any()
    assert not told[np.r_[:25, 60:100]].any()
    assert np.isnan(level[told]).all()
    np.testing.assert_array_equal(level[~told], full[~told])
    known = ground()
    drop_m = known[40, 40] + 28.5 - known
    missing = np.isnan(with_square().elevation.values)
    drop_m[missing] = 28.5  # as over flat ground
    expected = in_free_space_dbm(network, drop_m)
    np.testing.assert_allclose(possible.values[told], expected[told], atol=0.05)
    behind = told & ~missing & np.isfinite(full)
    assert behind.sum() > 100
    assert (possible.values[behind] >= full[behind] - 0.1).all()


def test_whole_paths_leave_no_possibility() -> None:
    """Catches doubt where nothing is missing, be it of the whole terrain or of one operator's paths."""
    assert run(network_of([cell(*MAST)]), HILLS).possible(*LAYER) is None
    two = network_of([cell(*MAST), cell(20.5, 70.5, operator="B", eirp_dbm=-20.0)])
    found = run(two, with_square())
    assert found.possible("A", "4G") is not None
    assert found.possible("B", "4G") is None


def test_a_better_server_leaves_no_possibility() -> None:
    """Catches doubt about a pixel that another mast covers better than free space could."""
    far = [cell(*MAST, eirp_dbm=0.0)]
    near = cell(80.5, 40.5, eirp_dbm=25.0)
    alone, both = (run(network_of(rows), with_square()).possible(*LAYER) for rows in (far, [*far, near]))
    assert alone is not None
    assert both is not None
    behind = (slice(38, 43), slice(78, 84))
    assert np.isfinite(alone.values[behind]).any()
    assert np.isnan(both.values[behind]).all()


@pytest.mark.parametrize("right_px", [-12.0, -0.01])
def test_a_mast_beside_the_terrain_is_only_possible(right_px: float) -> None:
    """Catches a mast outside the file that is dropped, or computed from invented ground."""
    network = network_of([cell(right_px, 50.5, azimuth_deg=90.0), cell(60.5, 50.5, operator="B")])
    height_m = ground()
    height_m[90:, 110:] = np.nan  # something is missing inside too
    found = run(network, terrain_of(height_m))
    assert np.isnan(found.level(*LAYER).values).all()
    possible = found.possible(*LAYER)
    assert possible is not None
    alone = network_of([cell(right_px, 50.5)])
    expected = in_free_space_dbm(alone, 28.5)
    ahead = (50, slice(5, 50))
    np.testing.assert_allclose(possible.values[ahead], expected[ahead], atol=0.1)
    beside = run(network, HILLS).possible(*LAYER)
    assert beside is not None
    np.testing.assert_array_equal(beside.values, possible.values)


def test_a_mast_on_missing_ground_is_only_possible() -> None:
    """Catches directions taken from a height of minus 10^30 m: what could be comes out far too low."""
    height_m = ground()
    height_m[38:43, 38:43] = np.nan
    network = network_of([cell(*MAST)])
    found = run(network, terrain_of(height_m))
    assert np.isnan(found.level(*LAYER).values).all()
    possible = found.possible(*LAYER)
    assert possible is not None
    expected = in_free_space_dbm(network, 28.5)
    np.testing.assert_allclose(possible.values[60:, :30], expected[60:, :30], atol=0.05)


def test_missing_terrain_does_not_change_models_that_read_none() -> None:
    """Catches a void that cuts a plain curve over distance."""
    from geocover.propagation import ExtendedHata

    network = network_of([cell(*MAST)])
    settings = {"model": ExtendedHata(), "grid": INNER}
    plain = predict(network, with_square(), **settings)  # type: ignore[arg-type]
    assert plain.possible(*LAYER) is None
    assert plain.terrain_source is None
    same = predict(network, None, **settings)  # type: ignore[arg-type]
    np.testing.assert_array_equal(plain.level(*LAYER).values, same.level(*LAYER).values)
