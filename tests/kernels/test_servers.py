"""The best-server kernels against a slow reference in float64."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geocover.kernels.servers import NO_LEVEL, Tile
from tests.kernels.servers_cases import (
    CLOSE_DB,
    FLOOR_DBM,
    FREE_DB,
    LAYERS,
    SHAPE,
    Array,
    Sector,
    Site,
    clear_of_edges,
    distance_m,
    empty,
    inside,
    levels_dbm,
    mark,
    numbered,
    place_at,
    put,
    sites,
)

NAN = float("nan")
COUNT_DBM = -95.0
PANEL = Sector(0, 0, 1, 30.0, 90.0, 0.0, 65.0, 10.0, 9_999.0, 0.0, -1, 0.0)
MANY = st.lists(sites(), min_size=1, max_size=4).map(numbered)


def flat_site(*sectors: Sector, loss_db: float = 100.0, drop_m: float = 0.0) -> Site:
    """Mast in the middle of pixel (10, 11), the same loss everywhere."""
    loss = np.full((2, *SHAPE), loss_db, np.float32)
    return Site(sectors, place_at(11.0, 10.0, np.full((1, 1), drop_m)), loss)


def same(one: Tile, other: Tile) -> None:
    for name, first, second in zip(Tile._fields, one, other, strict=True):
        np.testing.assert_array_equal(first, second, name)


@settings(max_examples=150)
@given(MANY)
def test_levels_and_servers_against_the_reference(chosen: list[Site]) -> None:
    """Catches a wrong angle, tilt, pattern, band, layer, floor or reach, and a pixel outside the window."""
    tile = empty()
    for site in chosen:
        put(tile, site, count_dbm=COUNT_DBM)
    clear = clear_of_edges(chosen, FLOOR_DBM)
    for layer in range(LAYERS):
        numbers, levels, _ = levels_dbm(chosen, layer)
        best = np.max(np.where(levels >= FLOOR_DBM, levels, -np.inf), axis=0, initial=-np.inf)
        level, server = inside(tile.level)[layer], inside(tile.server)[layer]
        served = np.isfinite(best)
        assert ((level != NO_LEVEL) == served)[clear].all()
        assert ((server > 0) == (level != NO_LEVEL)).all()
        np.testing.assert_allclose(level[served & clear] / 100.0, best[served & clear], atol=CLOSE_DB)
        for number, own in zip(numbers, levels, strict=True):
            held = (server == number) & clear
            assert (own[held] >= best[held] - CLOSE_DB).all()
    around = np.ones(tile.level.shape[1:], bool)
    inside(around)[...] = False
    assert (tile.level[:, around] == NO_LEVEL).all()
    assert not tile.server[:, around].any()


@settings(max_examples=100)
@given(MANY)
def test_counts_and_possible_levels_against_the_reference(chosen: list[Site]) -> None:
    """Catches cells of cut paths counted, cells counted in another layer, and a hope below the truth."""
    tile = empty()
    for site in chosen:
        put(tile, site, count_dbm=COUNT_DBM)
    clear = clear_of_edges(chosen, FLOOR_DBM, COUNT_DBM)
    for layer in range(LAYERS):
        _, levels, most = levels_dbm(chosen, layer)
        counted = (levels >= COUNT_DBM).sum(axis=0)
        np.testing.assert_array_equal(inside(tile.count)[layer][clear], counted[clear])
        hope = np.max(np.where(most >= FLOOR_DBM, most, -np.inf), axis=0, initial=-np.inf)
        possible = inside(tile.possible)[layer]
        told = np.isfinite(hope)
        assert ((possible != NO_LEVEL) == told)[clear].all()
        np.testing.assert_allclose(possible[told & clear] / 100.0, hope[told & clear], atol=CLOSE_DB)


@settings(max_examples=60)
@given(MANY, st.randoms(use_true_random=False))
def test_neither_order_nor_repetition_changes_a_bit(chosen: list[Site], shuffle) -> None:
    """Catches a result that depends on which mast came first, or on a mast that was entered twice."""
    once, again = empty(counting=False), empty(counting=False)
    for site in chosen:
        put(once, site)
    mixed = [*chosen, chosen[0]]
    shuffle.shuffle(mixed)
    for site in mixed:
        turned = list(site.sectors)
        shuffle.shuffle(turned)
        put(again, site._replace(sectors=tuple(turned)))
    same(again, once)


@pytest.mark.parametrize("order", [(4, 9), (9, 4)])
def test_of_equal_levels_the_lower_number_serves(order: tuple[int, int]) -> None:
    """Catches the first or the last entered kept at a tie; levels are equal to the hundredth, not the bit."""
    tile = empty()
    for number in order:
        nearly = 30.0 + 0.001 * (number == 9)
        put(tile, flat_site(PANEL._replace(number=number, azimuth=NAN, eirp=nearly)))
    assert (inside(tile.server)[0] == 4).all()


def test_numbers_beyond_16_bits_are_kept() -> None:
    """Catches a cell number cut to 16 bits where a layer has more cells than that."""
    tile = empty(numbers=np.uint32)
    put(tile, flat_site(PANEL._replace(number=70_000)))
    assert (inside(tile.server)[0] == 70_000).all()


def test_main_lobe_points_to_the_azimuth() -> None:
    """Catches azimuths counted anticlockwise or from east: by hand, 90° is strongest in the east."""
    tile = empty()
    put(tile, flat_site(PANEL))
    level = inside(tile.level)[0]
    assert level[10, 20] == -7_000
    assert level[10, 2] == -10_000
    beside_db = 12.0 * (90.0 / 65.0) ** 2
    assert level[2, 11] == level[18, 11] == round(100 * (-70.0 - beside_db))


def test_tilts_by_hand() -> None:
    """Catches a sign of tilt: 500 m ahead, 100 m down are 11.3°; a panel tilted as a body looks up behind."""
    below = np.degrees(np.arctan2(100.0, 500.0))
    for change, ahead_deg, behind_deg in (
        ({"tilt": 8.0}, below - 8.0, below - 8.0),
        ({"mechanical": 8.0}, below - 8.0, below + 8.0),
    ):
        tile = empty()
        wide = PANEL._replace(width_v=20.0, **change)
        put(tile, flat_site(wide, drop_m=100.0))
        level = inside(tile.level)[0]
        assert level[10, 16] == pytest.approx(100 * (-70 - 12 * (ahead_deg / 20) ** 2), abs=2)
        put(tile, flat_site(wide._replace(layer=1, azimuth=NAN), drop_m=100.0))
        omni = inside(tile.level)[1]
        assert omni[10, 16] == omni[5, 11] == level[10, 16]
        behind_db = min(30.0, 30.0 + 12 * (behind_deg / 20) ** 2)
        assert level[10, 6] == pytest.approx(100 * (-70 - behind_db), abs=2)


def test_patterns_do_not_apply_to_a_model_without_antenna() -> None:
    """Catches a plain radius that has a main lobe."""
    tile = empty()
    put(tile, flat_site(PANEL, loss_db=0.0), antenna=False)
    assert (inside(tile.level)[0] == 3_000).all()


def test_only_wanted_pixels_are_touched() -> None:
    """Catches a level, a count or a hope entered where another tile, or nothing, is computed."""
    wanted = (np.indices(SHAPE).sum(axis=0) % 3 == 0).astype(np.uint8)
    loss = np.full((2, *SHAPE), 100.0, np.float32)
    loss[:, ::2] = -1.0
    tile = empty()
    put(tile, flat_site(PANEL)._replace(loss_db=loss), wanted)
    left = wanted == 0
    assert (inside(tile.level)[:, left] == NO_LEVEL).all()
    assert (inside(tile.possible)[:, left] == NO_LEVEL).all()
    assert not inside(tile.server)[:, left].any()
    assert not inside(tile.count)[:, left].any()
    assert (inside(tile.possible)[0][wanted == 1] != NO_LEVEL).any()


@settings(max_examples=150)
@given(st.lists(sites(least_loss=True), min_size=2, max_size=5).map(numbered), st.booleans())
def test_nothing_unwanted_would_have_changed(chosen: list[Site], counting: bool) -> None:
    """Catches a bound tighter than free space, and a floor, a reach or a count that `want` forgets.

    Losses are those of free space, exactly or a little more; hopes count where they are above the level.
    """
    whole, passed = empty(counting=counting), empty(counting=counting)
    for site in chosen:
        put(whole, site, count_dbm=COUNT_DBM)
        put(passed, site, mark(passed, site, COUNT_DBM if counting else np.inf), count_dbm=COUNT_DBM)
    for tile in (whole, passed):
        tile.possible[tile.possible <= tile.level] = NO_LEVEL
    same(passed, whole)


def test_want_leaves_out_what_is_served_better() -> None:
    """Catches a `want` that wants everything: a strong level, the floor, the reach each spare pixels."""
    tile = empty()
    site = flat_site(PANEL._replace(eirp=0.0, reach=800.0))
    metres = distance_m(site)
    assert (mark(tile, site) == (metres <= 800.0)).all()
    inside(tile.level)[0, :, :11] = -4_000
    spared = mark(tile, site)
    nearest = 10 ** ((40.0 - FREE_DB[0]) / 20.0)
    assert spared[:, 12:].sum() == (metres <= 800.0)[:, 12:].sum()
    assert not spared[:, :11][metres[:, :11] > nearest].any()
    weak = flat_site(PANEL._replace(eirp=-25.0))
    within = FREE_DB[0] + 20 * np.log10(np.maximum(metres, 1.0)) <= -25.0 - FLOOR_DBM + 0.05
    assert 0 < within.sum() < within.size
    assert (mark(empty(), weak) == within).all()
    assert mark(tile, site, keep_all_dbm=-110.0).sum() == (metres <= 800.0).sum()


@settings(max_examples=60)
@given(sites(least_loss=True), st.floats(0.0, 120.0), st.integers(0, 2**32 - 1))
def test_slack_allows_for_a_mast_beside_its_place(site: Site, slack_m: float, seed: int) -> None:
    """Catches pixels passed over because the model's mast stands nearer to them than the cell does."""
    site = numbered([site])[0]
    nearer = np.maximum(distance_m(site) - slack_m, 1.0)
    loss: Array = (FREE_DB[:, None, None] + 20.0 * np.log10(nearer)).astype(np.float32)
    site = site._replace(loss_db=loss)
    stand = np.random.default_rng(seed).integers(-11_000, -3_000, SHAPE).astype(np.int16)
    whole, passed = empty(counting=False), empty(counting=False)
    for tile in (whole, passed):
        inside(tile.level)[...], inside(tile.server)[...] = stand, 99
    put(whole, site)
    put(passed, site, mark(passed, site, slack_m=slack_m))
    same(passed, whole)
