"""Shares on tiny worlds whose answer is known."""

from __future__ import annotations

from dataclasses import replace
from statistics import NormalDist

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from geocover.commune_shares import province_totals, shares
from geocover.coverage import Coverage
from geocover.errors import GridError, ProfileError
from geocover.grid import Grid
from geocover.kernels.zones import location_share, sum_covered
from geocover.profiles import Profile
from geocover.raster import Raster
from tests.drawn_coverage import drawn

PLAIN = Profile("plain", 1, "4G", "", "", -100.0, 0.5, 8.0, 0.0, 0.0, 3.0, "test")


@pytest.fixture
def coverage(grid: Grid, make_network) -> Coverage:
    """Viettel: -90 dBm in the west half, -98 in the next quarter; VinaPhone: -90 in the north half."""
    network = make_network([{"at": (10, 10)}, {"at": (10, 10), "operator": "VinaPhone"}])
    level = np.full((2, *grid.shape), np.nan, np.float32)
    level[0, :, :40], level[0, :, 40:60] = -90.0, -98.0
    level[1, :30, :] = -90.0
    return drawn(grid, network, {("Viettel", "4G"): level[0], ("VinaPhone", "4G"): level[1]})


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
    coverage = drawn(grid, network, {("Viettel", "4G"): np.full((2, 2), -80.0)})
    table = shares(coverage, areas, PLAIN)
    empty = table["share"].isna()
    assert empty.any()
    totals = province_totals(table)
    assert isinstance(totals, pd.DataFrame)
    assert (totals["share"] == 1.0).all()


@pytest.fixture
def half_open(coverage: Coverage, grid: Grid, make_network) -> Coverage:
    """As above, and paths of Viettel that are cut.

    They might bring enough to all of the south, where Viettel covers the west half and a quarter already,
    and not enough to the north.
    """
    cut = np.full(grid.shape, -101.0, np.float32)
    cut[30:, :] = -95.0
    levels = {layer: coverage.level(*layer).values for layer in coverage.layers}
    return drawn(grid, coverage.network, levels, {("Viettel", "4G"): cut})


def test_open_pixels_by_hand(half_open: Coverage, areas) -> None:
    """Catches open pixels counted as uncovered, known ones as open, and a wrong denominator.

    00004: half its area has -98 dBm of Viettel, the other half nothing and is open; so what is known is
    covered wholly. 3 dB less leave nothing of it (low 0), the open half may be covered (high 1). In 00003
    everything is covered, whatever might come besides; in 00002 what might come is not enough.
    """
    table = shares(half_open, areas, PLAIN)
    viettel = table[table["operator"] == "Viettel"].set_index("code")
    assert viettel["rests_on"].tolist() == [1.0, 1.0, 1.0, 0.5]
    assert viettel["share"].tolist() == [1.0, 0.5, 1.0, 1.0]
    assert viettel["share_low"].tolist() == [1.0, 0.0, 1.0, 0.0]
    assert viettel["share_high"].tolist() == [1.0, 0.5, 1.0, 1.0]
    last = viettel.loc["00004"]
    assert last["covered"] == pytest.approx(last["total"] / 2)
    assert last["share_expected"] == pytest.approx(NormalDist().cdf(2 / 8), abs=1e-4)
    vina = table[table["operator"] == "VinaPhone"]
    assert (vina["rests_on"] == 1.0).all()


def test_open_pixels_in_the_province(half_open: Coverage, areas) -> None:
    """Catches shares weighted by the whole total where a part of it is unknown."""
    table = shares(half_open, areas, PLAIN)
    total = province_totals(table).set_index("operator").loc["Viettel"]
    assert total["rests_on"] == pytest.approx(7 / 8, abs=1e-3)
    assert total["share"] == pytest.approx(6 / 7, abs=1e-3)
    assert total["covered"] == pytest.approx(total["share"] * total["rests_on"] * total["total"])
    assert (total["share_low"], total["share_high"]) == pytest.approx((4 / 8, 7 / 8), abs=1e-3)
    known = table[table["operator"] == "Viettel"].eval("total * rests_on")
    expected = (table[table["operator"] == "Viettel"]["share_expected"] * known).sum() / known.sum()
    assert total["share_expected"] == pytest.approx(expected)


def test_wholly_open_commune_has_no_share(areas, grid: Grid, make_network) -> None:
    """Catches 0 % or 100 % made of nothing known; and a province that leaves such a commune out."""
    level = np.full(grid.shape, np.nan)
    level[:30, :40] = -90.0
    cut = np.full(grid.shape, np.nan)
    cut[30:, :40] = -60.0
    network = make_network([{"at": (10, 10)}])
    table = shares(drawn(grid, network, {("Viettel", "4G"): level}, {("Viettel", "4G"): cut}), areas, PLAIN)
    row = table[table["operator"] == "any"].set_index("code").loc["00003"]
    assert (row["rests_on"], row["covered"], row["share_low"], row["share_high"]) == (0.0, 0.0, 0.0, 1.0)
    assert np.isnan(row["share"])
    assert np.isnan(row["share_expected"])
    total = province_totals(table).set_index("operator").loc["any"]
    assert total["share"] == pytest.approx(1 / 3, abs=1e-3)
    assert total["rests_on"] == pytest.approx(3 / 4, abs=1e-3)
    assert (total["share_low"], total["share_high"]) == pytest.approx((1 / 4, 1 / 2), abs=1e-3)


def test_province_of_which_nothing_is_known(areas, grid: Grid, make_network) -> None:
    """Catches a warning or a made-up share where no pixel of the province is known."""
    nothing, cut = np.full(grid.shape, np.nan), np.full(grid.shape, -60.0)
    coverage = drawn(
        grid, make_network([{"at": (10, 10)}]), {("Viettel", "4G"): nothing}, {("Viettel", "4G"): cut}
    )
    totals = province_totals(shares(coverage, areas, PLAIN))
    assert totals["share"].isna().all()
    assert totals["share_expected"].isna().all()
    assert (totals[["rests_on", "share_low"]] == 0.0).all(axis=None)
    assert (totals["share_high"] == 1.0).all()


SIZE = (12, 16)
levels_of = hnp.arrays(np.float32, SIZE, elements=st.one_of(st.just(np.nan), st.floats(-124, -40, width=32)))


@settings(max_examples=60)
@given(
    level=levels_of,
    cut=levels_of,
    weight=hnp.arrays(np.float64, SIZE, elements=st.sampled_from([0.0, 0.5, 1.0, 7.25])),
    zone=hnp.arrays(np.int32, SIZE, elements=st.integers(-1, 3)),
    error_db=st.floats(0, 20),
    sigma_db=st.sampled_from([0.0, 0.01, 1.0, 8.0, 10.0]),
    reliability=st.floats(0.05, 0.95),
)
def test_one_pass_agrees_with_counting(level, cut, weight, zone, error_db, sigma_db, reliability) -> None:
    """Catches a kernel that sums another pixel, end or part than plain masks say, at any level or weight.

    And what must hold whatever the numbers: low <= covered <= known <= total, covered <= high, and the
    expectation between 0 and what is known.
    """
    one = Profile("x", 1, "4G", "", "", -95.0, reliability, sigma_db, 0.0, 0.0, error_db, "test")
    needed = one.required_dbm
    sums = sum_covered(
        zone, level, cut, weight, (needed, needed + error_db, needed - error_db), (-95.0, sigma_db), 4
    )
    unsure = ~one.covers(level) & one.covers(cut)
    chance = one.probability(level.astype(np.float64))
    for number in range(4):
        inside = zone == number
        wanted = [
            weight[inside].sum(),
            weight[inside & ~unsure].sum(),
            weight[inside & one.covers(level)].sum(),
            weight[inside & (level >= needed + error_db)].sum(),
            weight[inside & ((level >= needed - error_db) | unsure)].sum(),
            (weight * chance)[inside & ~unsure].sum(),
        ]
        assert sums[number, :5].tolist() == pytest.approx(wanted[:5], abs=1e-9)
        assert sums[number, 5] == pytest.approx(wanted[5], abs=4e-5 * wanted[1] + 1e-9)
        total, known, covered, low, high, expected = sums[number]
        assert low <= covered <= known <= total
        assert covered <= high <= total
        assert 0 <= expected <= known


@given(sigma_db=st.one_of(st.just(0.0), st.floats(1e-6, 40)), above_db=st.floats(-90, 90))
def test_location_share_agrees_with_the_distribution(sigma_db: float, above_db: float) -> None:
    """Catches a table that is off by a step, cut at its ends, or wrong for a small deviation."""
    level_dbm = -100.0 + above_db
    really_db = level_dbm + 100.0
    exact = float(really_db >= 0) if sigma_db == 0 else NormalDist().cdf(really_db / sigma_db)
    found = location_share(level_dbm, -100.0, sigma_db)
    assert found == pytest.approx(exact, abs=5e-5)
    assert location_share(np.nan, -100.0, sigma_db) == 0.0


def test_expectation_counts_locations_and_not_pixels(coverage: Coverage, areas) -> None:
    """Catches an expectation that is the share again: -90 dBm is 10 dB above, so 89 % of locations."""
    table = shares(coverage, areas, PLAIN).set_index(["operator", "code"])
    assert table.loc[("Viettel", "00001"), "share"] == 1.0
    expected = NormalDist().cdf(10 / 8)
    assert table.loc[("Viettel", "00001"), "share_expected"] == pytest.approx(expected, abs=1e-4)
    quarter = (NormalDist().cdf(2 / 8) + 0) / 2
    assert table.loc[("Viettel", "00002"), "share_expected"] == pytest.approx(quarter, abs=1e-4)


def test_without_variability_the_expectation_is_the_share(coverage: Coverage, areas) -> None:
    """Catches sigma 0 divided by, and a limit that is not the step."""
    for sigma_db in (0.0, 1e-9):
        sharp = Profile("sharp", 1, "4G", "", "", -98.0, 0.5, sigma_db, 0.0, 0.0, 3.0, "test")
        table = shares(coverage, areas, sharp)
        if sigma_db == 0.0:
            assert table["share_expected"].tolist() == table["share"].tolist()
        else:  # the middle of the step itself: -98 dBm is exactly what is asked
            strict = shares(coverage, areas, replace(sharp, min_rsrp_dbm=-98.5))
            assert strict["share_expected"].tolist() == strict["share"].tolist()
