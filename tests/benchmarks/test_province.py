"""What the province benchmark computes, on a small one: nothing here is timed."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.ground import hills, on_grid
from benchmarks.province import (
    SECTORS,
    coarser,
    made_up_network,
    most_central,
    part_of,
    weakened,
)
from geocover.grid import Window
from geocover.network import Network
from geocover.terrain import Terrain

SITES = 12


@pytest.fixture(scope="module")
def terrain() -> Terrain:
    """7.2 km a side, cells of 90 m."""
    return Terrain(on_grid(coarser(hills(240), 90), 90.0), "made-up hills", illustrative=True)


@pytest.fixture(scope="module")
def network(terrain: Terrain) -> Network:
    """Twelve masts."""
    return made_up_network(terrain.grid, SITES)


def test_coarser_ground_is_the_mean() -> None:
    """Would catch thinning out, which makes hills rougher, and blocks across rows."""
    fine = np.arange(36, dtype=np.float32).reshape(6, 6)
    np.testing.assert_allclose(coarser(fine, 90), [[7.0, 10.0], [25.0, 28.0]])


def test_network_is_what_the_table_says(terrain: Terrain, network: Network) -> None:
    """Would catch a province of other sites or sectors than its row names, or one that differs by run."""
    assert network.counts() == {"positions": 12, "stations": 12, "cells": 36}
    assert network.cells["azimuth_deg"].tolist() == list(SECTORS) * 12
    again = made_up_network(terrain.grid, SITES)
    assert network.cells.equals(again.cells)
    xs_m, ys_m = network.xy_m(terrain.grid.crs)
    assert (terrain.grid.index(xs_m, ys_m)[0] >= 0).all()


def test_part_of_the_terrain_stays_in_its_place(terrain: Terrain) -> None:
    """Would catch a patch that is computed on the ground beside it."""
    part = part_of(terrain, Window(terrain.grid, 10, 20, (30, 40)))
    here = part.grid.whole()
    row, col = terrain.grid.index(here.xs_m()[:1], here.ys_m()[:1])
    assert (int(row[0]), int(col[0])) == (10, 20)
    np.testing.assert_array_equal(part.elevation.values, terrain.elevation.values[10:40, 20:60])


def test_weakened_network_differs_in_one_site(network: Network) -> None:
    """Would catch a change of nothing, or of everything, timed as one changed site."""
    after = weakened(network, 7)
    differ = (after.cells["eirp_dbm"] != network.cells["eirp_dbm"]).to_numpy()
    assert np.flatnonzero(differ).tolist() == [21, 22, 23]


def test_most_central_site_is_found(terrain: Terrain, network: Network) -> None:
    """Would catch a cell's number taken for a site's: the changed site would stand at the border."""
    left, bottom, right, top = terrain.grid.bounds_m
    xs_m, ys_m = network.xy_m(terrain.grid.crs)
    away_m = np.hypot(xs_m - (left + right) / 2, ys_m - (bottom + top) / 2)
    site = most_central(network, terrain.grid)
    assert away_m[3 * site] == away_m.min()
