"""Differences, totals and shared masts, on tables without a database."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from geocover.register.differences import diff
from geocover.register.masts import shared_masts
from geocover.register.totals import totals
from tests.register.making import make_cells

METRE_LAT = 1 / 110_750.0  # degrees of latitude in a metre at 21.3° N, to a fifth of a per cent


def test_a_table_equals_itself() -> None:
    """Catches unknown azimuths or dates taken for changes, and order taken for content."""
    cells = make_cells(6, azimuth_deg=[None, 1, 2, None, 4, 5], on_air=pd.NaT)
    found = diff(cells, cells.sample(frac=1, random_state=1))
    assert found.counts() == {"added": 0, "removed": 0, "moved": 0, "changed": 0}
    assert found.to_geojson() == {"type": "FeatureCollection", "features": []}


def test_cells_are_added_removed_moved_and_changed() -> None:
    """Catches each kind of change being missed or taken for another."""
    old = make_cells(5)
    new = make_cells(6).drop(index=0).reset_index(drop=True)
    new.loc[0, "lat"] += 120 * METRE_LAT
    new.loc[1, "lat"] += 20 * METRE_LAT
    new.loc[2, ["technology", "height_m"]] = ["5G", 42.5]
    new.loc[3, "on_air"] = pd.Timestamp("2025-03-01")
    found = diff(old, new)
    assert list(found.added["cell_id"]) == ["P5-4G-1"]
    assert list(found.removed["cell_id"]) == ["P0-4G-1"]
    assert list(found.moved["cell_id"]) == ["P1-4G-1"]
    assert found.moved["distance_m"].iloc[0] == pytest.approx(120, rel=0.005)
    assert found.changed[["cell_id", "parameter", "old", "new"]].to_numpy().tolist() == [
        ["P3-4G-1", "technology", "4G", "5G"],
        ["P3-4G-1", "height_m", "30", "42.5"],
        ["P4-4G-1", "on_air", "2024-01-01", "2025-03-01"],
    ]
    assert found.counts() == {"added": 1, "removed": 1, "moved": 1, "changed": 2}
    assert diff(old, new, moved_m=10).counts()["moved"] == 2


def test_cells_without_lasting_ids_are_matched_by_station_and_by_place() -> None:
    """Catches a network that looks rebuilt because the partner numbers its cells anew each time."""
    sectors = make_cells(
        3,
        position_id="P",
        station_id="S",
        azimuth_deg=[0.0, 120.0, 240.0],
        lon=105.3,
        cell_id=["a", "b", "c"],
    )
    renamed = sectors.iloc[::-1].assign(cell_id=["x", "y", "z"], height_m=[30.0, 31.0, 30.0])
    by_station = diff(sectors, renamed)
    assert by_station.counts() == {"added": 0, "removed": 0, "moved": 0, "changed": 1}
    elsewhere = renamed.assign(station_id="T", position_id="Q", lat=renamed["lat"] + 100 * METRE_LAT)
    by_place = diff(sectors, elsewhere)
    assert by_place.counts() == {"added": 0, "removed": 0, "moved": 3, "changed": 1}
    assert by_place.changed["cell_id"].tolist() == ["y"]
    far = renamed.assign(station_id="T", lat=renamed["lat"] + 600 * METRE_LAT)
    assert diff(sectors, far).counts() == {"added": 3, "removed": 3, "moved": 0, "changed": 0}


def test_neighbours_are_not_matched_to_one_place_and_operators_never() -> None:
    """Catches two old positions that become one new one, and a site handed to another operator."""
    old = make_cells(2, lat=[21.3, 21.3 + 200 * METRE_LAT], lon=105.3)
    new = make_cells(1, lat=21.3 + 60 * METRE_LAT, cell_id="n", station_id="n")
    found = diff(old, new)
    assert found.counts() == {"added": 0, "removed": 1, "moved": 1, "changed": 0}
    assert found.removed["cell_id"].tolist() == ["P1-4G-1"]
    sold = make_cells(2, "MobiFone", lat=old["lat"], lon=105.3)
    assert diff(old, sold).counts() == {"added": 2, "removed": 2, "moved": 0, "changed": 0}


@pytest.mark.parametrize("empty", ["old", "new", "both"])
def test_empty_tables_are_compared(empty: str) -> None:
    """Catches a crash on an operator's first list."""
    some, none = make_cells(2), make_cells(0)
    found = diff(none if empty != "new" else some, none if empty != "old" else some)
    assert found.counts()["added"] == (2 if empty == "old" else 0)
    assert found.counts()["removed"] == (2 if empty == "new" else 0)


def test_differences_as_geojson_are_plain_json() -> None:
    """Catches NaN, numpy's numbers or swapped axes in what a map reads."""
    old = make_cells(3, azimuth_deg=np.nan)
    new = make_cells(4, azimuth_deg=np.nan).drop(index=2)
    new.loc[0, "lat"] += 0.002
    new.loc[1, "height_m"] = 55.0
    told = json.loads(json.dumps(diff(old, new).to_geojson(), allow_nan=False))
    kinds = [(feature["properties"]["change"], feature["geometry"]["type"]) for feature in told["features"]]
    assert kinds == [("added", "Point"), ("removed", "Point"), ("moved", "LineString"), ("changed", "Point")]
    assert told["features"][2]["geometry"]["coordinates"] == [[105.3, 21.3], [105.3, 21.302]]
    assert told["features"][3]["properties"]["new"] == "55"


def test_totals_stand_at_three_levels() -> None:
    """Catches levels that are mixed, and positions that are added up over technologies."""
    four = make_cells(4, position_id=["P0", "P0", "P1", "P2"], station_id=["A", "A", "B", "C"])
    five = make_cells(1, technology="5G", cell_id="5", station_id="P0-5G")
    other = make_cells(2, "MobiFone")
    found = totals(pd.concat([four, five, other])).set_index(["operator", "technology"])
    assert found.loc[("Viettel", "4G")].tolist() == [3, 3, 4]
    assert found.loc[("Viettel", "5G")].tolist() == [1, 1, 1]
    assert found.loc[("Viettel", "all")].tolist() == [3, 4, 5]
    assert found.loc[("all", "all")].tolist() == [3, 6, 7]
    assert ("MobiFone", "5G") not in found.index
    assert totals(make_cells(0)).to_numpy().tolist() == [["all", "all", 0, 0, 0]]


def test_masts_are_shared_by_different_operators_alone() -> None:
    """Catches one operator's neighbours taken for a shared mast, and distances in degrees."""
    viettel = make_cells(3, "Viettel", lon=105.3, lat=[21.3, 21.3 + 30 * METRE_LAT, 21.4])
    mobi = make_cells(2, "MobiFone", lon=105.3, lat=[21.3 - 40 * METRE_LAT, 21.5])
    found = shared_masts(pd.concat([viettel, mobi]), within_m=50)
    assert found[["operator", "position_id"]].to_numpy().tolist() == [["MobiFone", "P0"], ["Viettel", "P0"]]
    assert found["distance_m"].to_numpy() == pytest.approx([40, 40], rel=0.005)
    assert shared_masts(pd.concat([viettel, mobi]), within_m=39).empty


def test_ids_of_masts_depend_on_members_alone() -> None:
    """Catches proposals that are new every day, so that nobody can confirm one."""
    cells = pd.concat([make_cells(3, name) for name in ("Viettel", "MobiFone", "VinaPhone")])
    first = shared_masts(cells)
    again = shared_masts(cells.sample(frac=1, random_state=3).assign(height_m=9.0))
    assert first.equals(again)
    assert first["mast_id"].nunique() == 3
    without = shared_masts(cells[~((cells["operator"] == "Viettel") & (cells["position_id"] == "P1"))])
    kept = set(first["mast_id"]) & set(without["mast_id"])
    assert len(kept) == 2
    assert shared_masts(make_cells(0)).empty
