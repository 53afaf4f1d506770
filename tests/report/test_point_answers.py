"""One position: the pixel's own levels, who serves it, and what each reader may know of it."""

from __future__ import annotations

import json
import math
import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geocover.crs import WGS84, transformer
from geocover.errors import AreasError, CrsError
from geocover.grid import Window
from geocover.profiles import LEVEL_CLASSES
from geocover.profiles import profile as find_profile
from geocover.report.audience import ALL_OF_IT, PUBLIC, Audience, audience_of
from geocover.report.coverage_answers import Asked
from geocover.report.point_answers import (
    find_spot,
    from_station,
    level_class,
    point_json,
    to_degrees,
)
from geocover.store.reading import read_part, read_pixel
from geocover.store.snapshot import layer_file
from tests.small_snapshots import SIDE, SOUTH, WEST

if TYPE_CHECKING:
    from geocover.store import Snapshot

VIEWER = Audience(None, frozenset())


def ask(snapshot: Snapshot, lon: float, lat: float, audience: Audience = ALL_OF_IT) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(point_json(snapshot, audience, lon, lat))
    return found


def places(count: int = 12) -> list[tuple[float, float]]:
    """Positions inside the four communes."""
    generator = np.random.default_rng(7)
    parts = generator.uniform(0.02, 1.98, (count, 2))
    return [(WEST + SIDE * east, SOUTH + SIDE * north) for east, north in parts]


def test_windows_hold_what_the_whole_raster_holds(snapshot: Snapshot) -> None:
    """Catches a window that is shifted or turned, another scale, and a void that passes for a level."""
    whole = snapshot.level("Viettel", "4G").values
    name = layer_file("level", "Viettel", "4G")
    part = Window(snapshot.grid, 3, 5, (20, 30))
    np.testing.assert_array_equal(read_part(snapshot, name, part), whole[part.slices])
    for row, col in [(0, 0), (10, 11), (snapshot.grid.shape[0] - 1, snapshot.grid.shape[1] - 1)]:
        found = read_pixel(snapshot, name, Window(snapshot.grid, row, col, (1, 1)))
        assert found == whole[row, col] if np.isfinite(whole[row, col]) else found is None
    assert read_part(snapshot, "rasters/none.tif", part) is None


def test_many_may_read_at_once(snapshot: Snapshot) -> None:
    """Catches two threads that read one file at the same time and get each other's pixels."""
    whole = snapshot.level("any", "4G").values
    name = layer_file("level", "any", "4G")
    pixels = np.random.default_rng(1).integers(0, whole.shape, (400, 2)).tolist()

    def read(pixel: list[int]) -> float | None:
        return read_pixel(snapshot, name, Window(snapshot.grid, pixel[0], pixel[1], (1, 1)))

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(read, pixels))
    expected = [float(value) if np.isfinite(value := whole[row, col]) else None for row, col in pixels]
    assert found == expected


@pytest.mark.parametrize("fixture", ["snapshot", "cut"])
def test_levels_and_cover_are_those_of_the_pixel(fixture: str, request: pytest.FixtureRequest) -> None:
    """Catches the neighbouring pixel, another operator, and "covered" other than the shares count it."""
    one: Snapshot = request.getfixturevalue(fixture)
    to_grid = transformer(WGS84, one.grid.crs)
    for lon, lat in places():
        row, col = one.grid.pixel(*to_grid.transform(lon, lat)) or (0, 0)
        body = ask(one, lon, lat)
        is_open = {told["technology"]: told["open"] for told in body["technologies"]}
        assert {told["operator"] for told in body["levels"]} == {"any", "Viettel", "VinaPhone"}
        for told in body["levels"]:
            level = one.level(told["operator"], told["technology"]).values[row, col]
            assert told["level_dbm"] == (pytest.approx(level, abs=0.006) if np.isfinite(level) else None)
            for judged in told["profiles"]:
                covers = bool(find_profile(judged["profile"]).covers(level))
                assert judged["covered"] == (None if is_open[told["technology"]] and not covers else covers)
        for technology, told in is_open.items():
            classes = one.open_classes(technology)
            assert told == (classes is not None and classes[row, col] > 0)


def test_open_ground_is_said(cut: Snapshot) -> None:
    """Catches "not covered" where terrain is missing, and the other technology that needs none."""
    body = ask(cut, WEST + 1.9 * SIDE, SOUTH + 1.5 * SIDE)
    four, five = body["technologies"]
    assert (four["open"], five["open"]) == (True, False)
    assert "địa hình" in four["why_vi"]
    assert body["point"]["ground_m"] is None
    outdoor = [
        judged["covered"]
        for told in body["levels"]
        for judged in told["profiles"]
        if (told["operator"], judged["profile"]) == ("any", "outdoor-4g")
    ]
    assert outdoor == [None]


def test_the_server_is_the_best_cell_there(snapshot: Snapshot) -> None:
    """Catches a number that is looked up in a table without the other operators."""
    lon, lat = WEST + 0.41 * SIDE, SOUTH + 0.5 * SIDE
    for audience in (ALL_OF_IT, audience_of("Viettel"), audience_of("VinaPhone")):
        for one in ask(snapshot, lon, lat, audience)["levels"]:
            if one["serving"] is not None:
                assert one["serving"]["technology"] == one["technology"]
                assert one["operator"] in ("any", one["serving"]["operator"])
    told = {(one["technology"], one["operator"]): one for one in ask(snapshot, lon, lat)["levels"]}
    serving = told["4G", "any"]["serving"]
    assert (serving["station_id"], serving["operator"]) == ("PTO0-4G", "Viettel")
    assert serving["distance_km"] == pytest.approx(
        0.01 * SIDE * 111.3 * math.cos(math.radians(lat)), rel=0.01
    )
    assert serving["azimuth_deg"] == pytest.approx(90, abs=0.1)
    assert "eirp_dbm" in serving["assumed"]


@pytest.mark.parametrize(
    ("audience", "operators", "servers"),
    [
        (PUBLIC, {"any"}, set()),
        (VIEWER, {"any", "Viettel", "VinaPhone"}, set()),
        (audience_of("VinaPhone"), {"any", "VinaPhone"}, {"VinaPhone"}),
        (ALL_OF_IT, {"any", "Viettel", "VinaPhone"}, {"Viettel", "VinaPhone"}),
    ],
)
def test_each_reader_sees_its_own(
    snapshot: Snapshot, audience: Audience, operators: set[str], servers: set[str]
) -> None:
    """Catches a rival's level, server or nearest station; also behind "any"."""
    seen, named = set(), set()
    for lon, lat in [*places(), (WEST + 0.4 * SIDE, SOUTH + 0.5 * SIDE)]:
        body = ask(snapshot, lon, lat, audience)
        seen |= {told["operator"] for told in body["levels"]}
        named |= {told["serving"]["operator"] for told in body["levels"] if told["serving"]}
        near = {gap["nearest_operator"] for gap in body["gaps"]}
        assert near <= {None, *servers}
    assert (seen, named) == (operators, servers)


def test_the_gap_under_a_point(snapshot: Snapshot) -> None:
    """Catches the gap of another place, and one that is lost."""
    for gap in snapshot.gaps.itertuples():
        told = ask(snapshot, gap.lon, gap.lat)["gaps"]
        assert gap.id in [one["id"] for one in told]
        assert all({"area_km2", "people", "commune_codes"} <= set(one) for one in told)
    near = ask(snapshot, WEST + 0.4 * SIDE, SOUTH + 0.5 * SIDE)
    assert near["gaps"] == []
    assert near["commune"]["code"] == "07894"


def test_outside_the_communes_nothing_is_said_of_levels(snapshot: Snapshot) -> None:
    """Catches levels over the border, where the neighbours' stations are not counted."""
    left, bottom, *_ = snapshot.grid.bounds_m
    lon, lat = transformer(snapshot.grid.crs, WGS84).transform(left + 1, bottom + 1)
    body = ask(snapshot, lon, lat)
    assert (body["inside_province"], body["commune"], body["levels"]) == (False, None, [])
    assert body["reason_vi"]
    assert body["reason_en"]


def test_impossible_positions_say_what_to_do(snapshot: Snapshot) -> None:
    """Catches swapped coordinates without a hint, and a place beside the grid that passes for one in it."""
    with pytest.raises(CrsError, match="lon and lat swapped") as swapped:
        find_spot(snapshot, 21.3, 105.3)
    assert "bị đảo" in swapped.value.vi
    with pytest.raises(CrsError, match="outside Vietnam"):
        find_spot(snapshot, 2.3, 48.9)
    with pytest.raises(AreasError, match=r"outside the computed area; choose a point within 105\.2"):
        find_spot(snapshot, 106.7, 10.8)


def test_vn2000_goes_through_its_own_datum() -> None:
    """Catches a shift of 224 m, northing for easting, and a system that is not one of places."""
    x, y = transformer("EPSG:4756", "EPSG:5897").transform(105.4, 21.3)
    lon, lat = to_degrees("EPSG:5897", x, y)
    expected = transformer("EPSG:4756", WGS84).transform(105.4, 21.3)
    assert (lon, lat) == (pytest.approx(expected[0], abs=1e-8), pytest.approx(expected[1], abs=1e-8))
    assert 150 < math.hypot((lon - 105.4) * 103_700, (lat - 21.3) * 110_700) < 300
    for crs in ("EPSG:5773", "EPSG:999999"):
        with pytest.raises(CrsError):
            to_degrees(crs, x, y)
    with pytest.raises(CrsError):
        to_degrees("EPSG:3405", 1e8, 1e8)


@given(level_dbm=st.floats(-140, -40), threshold_dbm=st.floats(-120, -106))
def test_classes_are_the_legends(level_dbm: float, threshold_dbm: float) -> None:
    """Catches bounds that are not those of the legend."""
    number = level_class(level_dbm, threshold_dbm)
    assert (number is None) == (level_dbm < threshold_dbm)
    bounds = [math.inf, *(threshold_dbm if low is None else low for low, *_ in LEVEL_CLASSES)]
    assert number is None or bounds[number] <= level_dbm < bounds[number - 1]


def test_directions_are_true(snapshot: Snapshot) -> None:
    """Catches directions from the grid's north, and those from the point to the station."""
    cell = snapshot.cells.iloc[0]
    for north, east, azimuth in (
        (0.01, 0.0, 0.0),
        (0.0, 0.01, 90.0),
        (-0.01, 0.0, 180.0),
        (0.0, -0.01, 270.0),
    ):
        spot = find_spot(snapshot, cell["lon"] + east, cell["lat"] + north)
        told = from_station(cell, spot)
        assert told["azimuth_deg"] == pytest.approx(azimuth, abs=0.01)
        assert told["distance_km"] == pytest.approx(1.107 if north else 1.038, abs=0.002)


def test_a_point_is_quickly_answered(snapshot: Snapshot) -> None:
    """Catches whole rasters that are read, or files opened anew, for a single pixel."""
    seconds = []
    for lon, lat in places(30):
        start = time.perf_counter()
        point_json(snapshot, ALL_OF_IT, lon, lat)
        seconds.append(time.perf_counter() - start)
    assert statistics.median(seconds) < 0.05


def test_levels_are_those_asked_for(snapshot: Snapshot) -> None:
    """Catches an operator, technology or profile that is not looked at, and a level without its error."""
    lon, lat = places(1)[0]

    def rows(asked: Asked) -> set[tuple[str, str, str]]:
        body = json.loads(point_json(snapshot, ALL_OF_IT, lon, lat, asked))
        assert {one["technology"] for one in body["technologies"]} == {
            row["technology"] for row in body["levels"]
        }
        return {
            (row["technology"], row["operator"], one["profile"])
            for row in body["levels"]
            for one in row["profiles"]
        }

    whole = rows(Asked())
    for place, field in enumerate(("technology", "operator", "profile")):
        for value in {row[place] for row in whole}:
            assert rows(Asked(**{field: value})) == {row for row in whole if row[place] == value}
    for row in ask(snapshot, lon, lat)["levels"]:
        for one in row["profiles"]:
            assert one["level_error_db"] == snapshot.profiles[one["profile"]]["level_error_db"]


def test_all_has_no_level_at_a_point_and_says_so(snapshot: Snapshot) -> None:
    """Catches an empty list without a word, and a level of all, that gives one of two operators away."""
    lon, lat = places(1)[0]
    body = json.loads(point_json(snapshot, ALL_OF_IT, lon, lat, Asked(operator="all")))
    assert body["levels"] == []
    assert "không nêu mức thu của “all”" in body["reason_vi"]
    assert body["reason_en"]
