"""update() equals predict(), bit for bit, whatever changes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geocover.antennas import Antenna, Antennas
from geocover.coverage import Coverage, predict, update, updating
from geocover.coverage.sites import Site
from geocover.coverage.tiles import Filling
from geocover.errors import ModelError, TerrainError
from geocover.network import Network
from geocover.propagation import ExtendedHata
from geocover.terrain import Terrain
from tests.coverage.cases import (
    ARRAYS,
    HILLS,
    INNER,
    MODEL,
    assert_same,
    cell,
    network_of,
    radio,
    random_rows,
    with_hole,
)

Row = dict[str, Any]
REACH_M = 3_000.0
HOLED = with_hole()
KINDS = ("add", "remove", "move", "turn", "power", "height", "band", "technology", "rename", "join")


def full(network: Network, terrain: Terrain | None = HILLS, **changes: Any) -> Coverage:
    """Prediction over hills; without terrain by another model."""
    model = MODEL if terrain else ExtendedHata()
    return predict(network, terrain, **{"model": model, "grid": INNER, "max_reach_m": REACH_M, **changes})


def numbered(rows: list[Row]) -> list[Row]:
    return [{"cell_id": f"c{number}", **row} for number, row in enumerate(rows)]


def changed(rows: list[Row], kind: str, generator: np.random.Generator) -> list[Row]:
    """The rows after one change; the order of those that stay is kept."""
    at = int(generator.integers(len(rows)))
    one, rest = rows[at], [*rows]
    place = cell(generator.uniform(-2, 117), generator.uniform(3, 97))
    if kind == "remove":
        return [*rows[:at], *rows[at + 1 :]] if len(rows) > 1 else rows
    if kind in ("add", "join"):
        where = place if kind == "add" else one
        new = {**where, **radio(generator), "cell_id": f"n{generator.integers(10**9)}"}
        rest.insert(int(generator.integers(len(rows) + 1)), new)
        return rest
    fresh = radio(generator)
    rest[at] = {
        "move": {**one, "lon": place["lon"], "lat": place["lat"]},
        "turn": {**one, "azimuth_deg": fresh["azimuth_deg"], "mechanical_tilt_deg": 3.0},
        "power": {**one, "eirp_dbm": fresh["eirp_dbm"]},
        "height": {**one, "height_m": 27.0},
        "band": {**one, "freq_mhz": fresh["freq_mhz"]},
        "technology": {**one, "technology": fresh["technology"], "operator": fresh["operator"]},
        "rename": {**one, "cell_id": f"r{generator.integers(10**9)}"},
    }[kind]
    return rest


def bits(coverage: Coverage) -> list[bytes]:
    return [
        np.asarray(getattr(one, name)).tobytes()
        for one in coverage.results.values()
        for name in ARRAYS
        if getattr(one, name) is not None
    ]


@pytest.fixture(autouse=True)
def small_tiles(monkeypatch: pytest.MonkeyPatch) -> None:
    """Several tiles on the small grid."""
    monkeypatch.setattr(updating, "TILE", 24)


@pytest.mark.parametrize("count_dbm", [None, -100.0])
@pytest.mark.parametrize("terrain", [HILLS, HOLED], ids=["whole", "hole"])
@settings(
    max_examples=25,
    print_blob=True,
)
@given(st.integers(0, 2**32 - 1), st.lists(st.sampled_from(KINDS), min_size=1, max_size=4))
def test_an_update_is_a_prediction(
    terrain: Terrain, count_dbm: float | None, seed: int, kinds: list[str]
) -> None:
    """Catches a pixel left with a cell that went, a number that shifted, a tie, a count or hope of before."""
    generator = np.random.default_rng(seed)
    rows = [cell(60.0, 50.0), cell(64.0, 44.0, technology="5G")]  # both technologies are there at first
    rows = numbered(
        [*rows, *random_rows(generator, int(generator.integers(1, 16)), float(generator.choice([-2.0, 5.0])))]
    )
    old = full(network_of(rows), terrain, count_dbm=count_dbm)
    before = bits(old)
    for kind in kinds:
        rows[2:] = changed(rows[2:], kind, generator)
    network = network_of(rows)
    found = update(old, network, terrain)
    assert found.network is network
    assert_same(found, full(network, terrain, count_dbm=count_dbm))
    assert bits(old) == before


@settings(max_examples=20)
@given(st.integers(0, 2**32 - 1), st.lists(st.sampled_from(KINDS), min_size=2, max_size=5))
def test_updates_one_after_another(seed: int, kinds: list[str]) -> None:
    """Catches sites that an update hands on to the next one as they were, or with the numbers of before."""
    generator = np.random.default_rng(seed)
    rows = [cell(60.0, 50.0), cell(64.0, 44.0, technology="5G")]
    rows = numbered([*rows, *random_rows(generator, int(generator.integers(1, 12)))])
    found = full(network_of(rows))
    for kind in kinds:
        rows[2:] = changed(rows[2:], kind, generator)
        found = update(found, network_of(rows), HILLS)
    assert_same(found, full(network_of(rows)))


def six() -> list[Row]:
    """Two operators, far from each other's changes."""
    generator = np.random.default_rng(3)
    rows = [
        cell(*generator.uniform(30, 80, 2), operator=operator, technology="4G")
        for operator in ("A", "A", "A", "B", "B", "B")
    ]
    return numbered(rows)


def test_layers_that_nothing_touches_are_shared(monkeypatch: pytest.MonkeyPatch) -> None:
    """Catches memory and time spent on what has not changed, and a shared array that is not what it was."""
    rows = six()
    old = full(network_of(rows))
    rows[1] = {**rows[1], "eirp_dbm": 11.0}
    entered: list[Any] = []
    original = updating.enter_site
    monkeypatch.setattr(updating, "enter_site", lambda *args: (entered.append(args), original(*args))[1])
    found = update(old, network_of(rows), HILLS)
    assert found.results["B", "4G"].level is old.results["B", "4G"].level
    assert found.results["B", "4G"].server is old.results["B", "4G"].server
    assert found.results["A", "4G"].level is not old.results["A", "4G"].level
    assert entered
    assert {layer for args in entered for layer in args[1].sectors[:, 0]} == {0.0}
    entered.clear()
    same = update(found, network_of(rows), HILLS)
    assert not entered
    assert same.results["A", "4G"].level is found.results["A", "4G"].level


def test_a_far_cell_leaves_most_tiles_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Catches an update that costs as much as a prediction."""
    rows = numbered([cell(60.0, 50.0), cell(95.0, 75.0, height_m=10.0)])
    old = full(network_of(rows), max_reach_m=1_000.0)
    rows[1] = {**rows[1], "eirp_dbm": 11.0}
    windows: list[Any] = []
    original = updating.enter_site

    def count(filling: Filling, site: Site) -> None:
        windows.append((filling.window.row, filling.window.col))
        original(filling, site)

    monkeypatch.setattr(updating, "enter_site", count)
    found = update(old, network_of(rows), HILLS)
    assert 0 < len(set(windows)) <= 4 < len(list(INNER.tiles(24)))
    assert_same(found, full(network_of(rows), max_reach_m=1_000.0))


@pytest.mark.parametrize("case", ["new layer", "lost layer", "another order"])
def test_falls_back_to_a_full_prediction(monkeypatch: pytest.MonkeyPatch, case: str) -> None:
    """Catches layers mixed up, and ties decided by an order that is no more."""
    rows = six()
    rows[1] = {**rows[0], "cell_id": "c1"}  # equal to the first everywhere
    old = full(network_of(rows))
    after = {
        "new layer": [*rows, {**rows[0], "cell_id": "c6", "operator": "C"}],
        "lost layer": rows[:3],
        "another order": [rows[1], rows[0], *rows[2:]],
    }[case]
    called: list[Any] = []
    monkeypatch.setattr(
        updating, "predict", lambda *args, **named: (called.append(1), predict(*args, **named))[1]
    )
    found = update(old, network_of(after), HILLS)
    assert called
    assert_same(found, full(network_of(after)))
    assert found.settings == old.settings


def catalogue(*falls_db: float) -> Antennas:
    angle = np.radians(np.arange(360.0))
    return Antennas(
        Antenna(f"P{number}", 17.0, 1_800.0, 2.0, *[np.float32(-fall * (1 - np.cos(angle)))] * 2)
        for number, fall in enumerate(falls_db)
    )


def test_another_antenna_under_the_same_number_is_a_change() -> None:
    """Catches antennas told apart by their place among those in use: all cells change to the next one."""
    antennas = catalogue(5.0, 15.0)
    rows = six()
    first, second = (
        replace(
            network_of([{**row, "antenna": name, "azimuth_deg": 40.0} for row in rows]), antennas=antennas
        )
        for name in ("P0", "P1")
    )
    old = full(first)
    found = update(old, second, HILLS)
    assert_same(found, full(second))
    assert (found.results["A", "4G"].level != old.results["A", "4G"].level).any()
    redrawn = replace(first, antennas=catalogue(7.0, 15.0))
    assert_same(update(old, redrawn, HILLS), full(redrawn))


def test_a_technology_without_a_model_is_refused() -> None:
    """Catches the first 5G cells of a scenario passed over without a word."""
    rows = six()
    old = full(network_of(rows))
    first = network_of([*rows, {**rows[0], "cell_id": "c6", "technology": "5G"}])
    with pytest.raises(ModelError, match="no model for 5G") as caught:
        update(old, first, HILLS)
    assert "hãy tính lại" in caught.value.vi


def test_models_without_terrain_are_updated_too() -> None:
    """Catches an update that asks for terrain where the prediction read none."""
    rows = six()
    old = full(network_of(rows), None)
    rows[4] = {**rows[4], "azimuth_deg": 200.0}
    network = network_of(rows)
    network = replace(network, cells=network.cells.assign(on_air=pd.NaT))
    assert_same(update(old, network), full(network, None))


def test_terrain_is_asked_for_again() -> None:
    """Catches an update over flat ground of a coverage that was predicted over hills."""
    rows = six()
    old = full(network_of(rows))
    with pytest.raises(TerrainError, match="needs terrain"):
        update(old, network_of(rows[:-1]))
