"""Shares on tiny worlds whose answer is known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from geocover.commune_shares import province_totals, shares
from geocover.coverage import Coverage
from geocover.errors import GridError, ProfileError
from geocover.grid import Grid
from geocover.profiles import Profile
from geocover.propagation import ExtendedHata
from geocover.raster import Raster

PLAIN = Profile("plain", 1, "4G", "", "", -100.0, 0.5, 8.0, 0.0, 0.0, 3.0, "test")


@pytest.fixture
def coverage(grid: Grid, make_network) -> Coverage:
    """Viettel: -90 dBm in the west half, -98 in the next quarter; VinaPhone: -90 in the north half."""
    network = make_network([{"at": (10, 10)}, {"at": (10, 10), "operator": "VinaPhone"}])
    level = np.full((2, *grid.shape), np.nan, np.float32)
    level[0, :, :40], level[0, :, 40:60] = -90.0, -98.0
    level[1, :30, :] = -90.0
    server = np.where(np.isfinite(level), 0, -1).astype(np.int32)
    layers = (("Viettel", "4G"), ("VinaPhone", "4G"))
    return Coverage(grid, network, layers, level, server, {"4G": ExtendedHata()})


def test_area_shares(coverage: Coverage, areas) -> None:
    """Catches shares of the wrong commune or operator, and any/all swapped."""
    table = shares(coverage, areas, PLAIN).set_index(["operator", "code"])["share"]
    assert table["Viettel"].tolist() == [1.0, 0.5, 1.0, 0.5]
    assert table["VinaPhone"].tolist() == [1.0, 1.0, 0.0, 0.0]
    assert table["any"].tolist() == [1.0, 1.0, 1.0, 0.5]
    assert table["all"].tolist() == [1.0, 0.5, 0.0, 0.0]


def test_interval_moves_the_level(coverage: Coverage, areas) -> None:
    """Catches an interval turned round: 3 dB less loses the -98 dBm quarter, 3 dB more gains nothing."""
    table = shares(coverage, areas, PLAIN)
    row = table[(table["operator"] == "Viettel") & (table["code"] == "00002")].iloc[0]
    assert (row["share_low"], row["share"], row["share_high"]) == (0.0, 0.5, 0.5)
    assert (table["share_low"] <= table["share"]).all()
    assert (table["share"] <= table["share_high"]).all()


def test_reliability_raises_the_level(coverage: Coverage, areas) -> None:
    """Catches a margin that is not applied: at 90 % and 8 dB, -98 dBm no longer reaches -100 dBm."""
    safe = Profile("safe", 1, "4G", "", "", -100.0, 0.9, 8.0, 0.0, 0.0, 3.0, "test")
    table = shares(coverage, areas, safe).set_index(["operator", "code"])["share"]
    assert safe.required_dbm == pytest.approx(-89.75, abs=0.01)
    assert table["Viettel", "00001"] == 0.0


def test_population_share(coverage: Coverage, areas, grid: Grid) -> None:
    """Catches people counted by area: all people of 00002 live where only VinaPhone is."""
    people = np.zeros(grid.shape)
    people[5, 70] = 2_000.0
    people[5, 5], people[5, 6] = 300.0, 700.0
    table = shares(coverage, areas, PLAIN, population=Raster(grid, people, "people"))
    by = table[table["basis"] == "population"].set_index(["operator", "code"])
    assert by.loc[("Viettel", "00002"), "covered"] == 0.0
    assert by.loc[("VinaPhone", "00002"), "covered"] == 2_000.0
    assert by.loc[("Viettel", "00001"), "total"] == 1_000.0
    assert np.isnan(by.loc[("Viettel", "00003"), "share"])


def test_totals_add_up(coverage: Coverage, areas) -> None:
    """Catches a mean of shares where numerators and denominators must be summed."""
    table = shares(coverage, areas, PLAIN)
    totals = province_totals(table).set_index("operator")
    for operator in ("Viettel", "VinaPhone", "any", "all"):
        part = table[table["operator"] == operator]
        assert totals.loc[operator, "covered"] == pytest.approx(part["covered"].sum())
        assert totals.loc[operator, "share"] == pytest.approx(part["covered"].sum() / part["total"].sum())
    assert totals.loc["any", "total"] == pytest.approx(48.0, rel=0.001)
    assert totals.loc["Viettel", "share"] == pytest.approx(0.75, abs=0.001)


def test_figures_say_how_they_were_made(coverage: Coverage, areas) -> None:
    """Catches a table without evidence, profile, or the share of assumed parameters."""
    table = shares(coverage, areas, PLAIN)
    assert set(table["profile"]) == {"plain"}
    assert set(table["evidence"]) == {"predicted"}
    assert (table["assumed_share"] == 1.0).all()
    assert not table.drop(columns="share").isna().any().any()


def test_wrong_profile_is_refused(coverage: Coverage, areas, grid: Grid) -> None:
    with pytest.raises(ProfileError, match="5G"):
        shares(coverage, areas, "outdoor-5g")
    deep = Profile("deep", 1, "4G", "", "", -124.0, 0.5, 8.0, 0.0, 0.0, 3.0, "test")
    with pytest.raises(ProfileError, match="floor"):
        shares(coverage, areas, deep)
    with pytest.raises(ProfileError, match=r"outdoor-6g.*outdoor-4g"):
        shares(coverage, areas, "outdoor-6g")
    other = Raster(Grid(grid.crs, 0, 0, 100, (1, 1)), np.zeros((1, 1)), "people")
    with pytest.raises(GridError, match="another grid"):
        shares(coverage, areas, PLAIN, population=other)


def test_commune_smaller_than_a_pixel_has_no_share(areas, make_network) -> None:
    """Catches 0/0 turned into 0 %: a commune without a pixel has no share and no part in the total."""
    grid = Grid("EPSG:32648", 540_000.0, 2_358_000.0, 5_000.0, (2, 2))
    network = make_network([{"at": (10, 10)}])
    level = np.full((1, 2, 2), -80.0, np.float32)
    coverage = Coverage(
        grid, network, (("Viettel", "4G"),), level, np.zeros((1, 2, 2), np.int32), {"4G": ExtendedHata()}
    )
    table = shares(coverage, areas, PLAIN)
    empty = table["share"].isna()
    assert empty.any()
    totals = province_totals(table)
    assert isinstance(totals, pd.DataFrame)
    assert (totals["share"] == 1.0).all()
