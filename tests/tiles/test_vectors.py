"""Vector tiles: what comes back when they are decoded, against the tables they are made of."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import mapbox_vector_tile
import numpy as np
import pandas as pd
import pytest
import shapely
from mapbox_vector_tile.Mapbox import vector_tile_pb2

from geocover.report.audience import PUBLIC, Audience, seen_by
from geocover.tiles import NoTileError, Tile, vector_tile
from geocover.tiles.encoding import BUFFER, EXTENT
from geocover.tiles.matrix import HALF_WORLD_M, WEB_MERCATOR
from geocover.tiles.vector_layers import ALONE_FROM_ZOOM, FIELDS
from tests.small_snapshots import HOSTILE_NAMES, IMG
from tests.tiles.making import tile_at, tiles_over

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

    from geocover.store import Snapshot

MIDDLE = (105.33, 21.25)
PIXEL = EXTENT / 256


def decoded(snapshot: Snapshot, layer: str, tile: Tile) -> dict[str, list[dict[str, Any]]]:
    """Features by layer, geometry as shapely's in units of the whole world at the tile's zoom, y down."""
    content = vector_tile(snapshot, layer, tile)
    if not content:
        return {}
    layers = mapbox_vector_tile.decode(content, default_options={"y_coord_down": True})
    corner = (tile.x * EXTENT, tile.y * EXTENT)
    for one in layers.values():
        for feature in one["features"]:
            shape = shapely.geometry.shape(feature["geometry"])
            feature["shape"] = shapely.transform(shape, lambda at: at + corner)
    return {name: one["features"] for name, one in layers.items()}


def over(snapshot: Snapshot, layer: str, zoom: int) -> dict[Tile, dict[str, list[dict[str, Any]]]]:
    return {tile: decoded(snapshot, layer, tile) for tile in tiles_over(snapshot, zoom)}


def units(table: GeoDataFrame, zoom: int) -> np.ndarray:
    """Shapes in units of the whole world at a zoom, y down."""
    scale = EXTENT * 2**zoom / (2 * HALF_WORLD_M)
    shapes = table.geometry.to_crs(WEB_MERCATOR).to_numpy()
    return np.asarray(shapely.transform(shapes, lambda at: (at * (1, -1) + HALF_WORLD_M) * scale))


def square(tile: Tile, margin: float = 0.0) -> shapely.Polygon:
    west, north = tile.x * EXTENT, tile.y * EXTENT
    return shapely.box(west - margin, north - margin, west + EXTENT + margin, north + EXTENT + margin)


@pytest.mark.parametrize("zoom", [6, 8, 10, 12])
def test_communes_cover_what_they_cover(wide: Snapshot, zoom: int) -> None:
    """Catches outlines that move by a pixel or more, lost communes, wrong attributes, a wrong clip."""
    source = units(wide.communes, zoom)
    for tile, layers in over(wide, "communes", zoom).items():
        box = square(tile)
        shown = {one["properties"]["code"]: one for one in layers.get("communes", [])}
        for row, shape in enumerate(source):
            code = wide.communes["code"][row]
            if not shape.buffer(-PIXEL).intersects(box):
                continue
            feature = shown[code]
            assert feature["properties"]["name"] == wide.communes["name"][row]
            here, there = feature["shape"].intersection(box), shape.intersection(box)
            assert there.buffer(-PIXEL).difference(here).area == pytest.approx(0, abs=1e-6), (tile, code)
            assert here.difference(there.buffer(PIXEL)).area == pytest.approx(0, abs=1e-6), (tile, code)
            assert feature["shape"].within(square(tile, BUFFER))


@pytest.mark.parametrize("zoom", [7, 9, 11])
def test_neighbours_leave_no_gap_and_do_not_overlap(wide: Snapshot, zoom: int) -> None:
    """Catches borders simplified each by itself, and tiles that do not meet along their edges."""
    source = units(wide.communes, zoom)
    whole, parts = shapely.union_all(source).buffer(-2 * PIXEL), []
    for tile, layers in over(wide, "communes", zoom).items():
        parts += [one["shape"].intersection(square(tile)) for one in layers.get("communes", [])]
    together = shapely.union_all(parts)
    assert whole.difference(together).area < 1e-9 * whole.area
    # Cut along a tile's edge a corner lies on a whole unit, beside the line: slivers of half a unit at most.
    assert sum(part.area for part in parts) - together.area < 1e-4 * together.area


def test_shares_are_those_of_any_operator_by_main_profile(wide: Snapshot) -> None:
    """Catches shares of another commune or basis."""
    shares = wide.shares.set_index(["code", "basis"])["share"]
    for one in decoded(wide, "communes", tile_at(*MIDDLE, 7))["communes"]:
        told = one["properties"]
        for basis in ("area", "population"):
            assert told[f"{basis}_share_4g"] == pytest.approx(shares[told["code"], basis], abs=5e-5)
        assert set(told) <= set(FIELDS["communes"]["communes"])


@pytest.mark.parametrize(("layer", "zoom"), [("communes", 5), ("communes", 9), ("gaps", 7), ("gaps", 11)])
def test_rings_are_as_the_specification_wants(wide: Snapshot, layer: str, zoom: int) -> None:
    """Catches rings wound the wrong way (MapLibre fills holes), points said twice, rings not closed."""
    holes = 0
    for tile in tiles_over(wide, zoom):
        message = vector_tile_pb2.tile()
        message.ParseFromString(vector_tile(wide, layer, tile))
        for one in message.layers:
            assert (one.version, one.extent) == (2, EXTENT)
            assert len(one.keys) == len(set(one.keys))
            for feature in one.features:
                if feature.type == vector_tile_pb2.tile.Polygon:
                    holes += check_rings(list(feature.geometry))
    assert holes or (layer, zoom) != ("gaps", 11)


def check_rings(commands: list[int]) -> int:
    """Read command integers as section 4.3 says; the number of holes."""
    x = y = place = holes = 0
    outer = False
    while place < len(commands):
        assert commands[place] == 9
        ring = []
        for count_at, count in ((place, 1), (place + 3, commands[place + 3] >> 3)):
            for corner in range(count):
                dx, dy = (
                    (value >> 1) ^ -(value & 1)
                    for value in commands[count_at + 1 + 2 * corner : count_at + 3 + 2 * corner]
                )
                assert (dx, dy) != (0, 0) or count_at == place
                x, y = x + dx, y + dy
                ring.append((x, y))
        assert commands[place + 3] & 7 == 2
        assert len(ring) >= 3
        place += 4 + 2 * (len(ring) - 1)
        assert commands[place] == 15
        place += 1
        xs, ys = np.array(ring).T.astype(float)
        area = np.sum(xs * np.roll(ys, -1) - np.roll(xs, -1) * ys) / 2
        assert area != 0
        outer, holes = outer or area > 0, holes + (area < 0)
        assert outer, "a hole before its polygon"
    return holes


@pytest.mark.parametrize("zoom", [6, 8, 10, 13])
def test_every_gap_is_there(wide: Snapshot, zoom: int) -> None:
    """Catches gaps that vanish far away, are counted twice, or move."""
    drawn, gathered = {}, Counter[str]()
    area_km2 = people = 0.0
    source = dict(zip(wide.gaps["id"], units(wide.gaps, zoom), strict=True))
    for tile, layers in over(wide, "gaps", zoom).items():
        for one in layers.get("gaps", []):
            name = one["properties"]["id"]
            drawn[name] = one["properties"]["area_km2"]
            box = square(tile)
            moved = one["shape"].intersection(box).difference(source[name].buffer(1.5 * PIXEL))
            assert moved.area == pytest.approx(0, abs=1e-6)
            assert set(one["properties"]) <= set(FIELDS["gaps"]["gaps"])
        for one in layers.get("gap_points", []):
            assert one["shape"].within(square(tile))
            gathered["count"] += one["properties"]["count"]
            area_km2 += one["properties"]["area_km2"]
            people += one["properties"]["people"]
    assert len(drawn) + gathered["count"] == len(wide.gaps)
    rest = wide.gaps[~wide.gaps["id"].isin(list(drawn))]
    assert area_km2 == pytest.approx(rest["area_km2"].sum(), abs=0.05)
    assert people == pytest.approx(rest["people"].sum(), abs=5)
    assert (gathered["count"] > 0) == (zoom < 10)


def test_gaps_tell_of_no_station(wide: Snapshot) -> None:
    """Catches the nearest station in what everybody may read."""
    for zoom in (7, 12):
        for tile in tiles_over(wide, zoom):
            assert b"SECRET" not in vector_tile(wide, "gaps", tile)


@pytest.mark.parametrize("zoom", [4, 7, 9, 11, 12, 13])
def test_stations_are_counted_once(wide: Snapshot, zoom: int) -> None:
    """Catches stations lost or counted twice by gathering or along edges, and points beside their tile."""
    found: Counter[tuple[str, str]] = Counter()
    alone = set()
    for layers in over(wide, "stations", zoom).values():
        for one in layers.get("stations", []):
            told = one["properties"]
            found[told["operator"], told["technology"]] += told["count"]
            assert ("station_id" in told) == (told["count"] == 1)
            alone.add(told.get("station_id"))
            corner = one["geometry"]["coordinates"]
            assert 0 <= min(corner) <= max(corner) < EXTENT
    expected = Counter(zip(wide.stations["operator"], wide.stations["technology"], strict=True))
    assert found == expected
    if zoom >= ALONE_FROM_ZOOM:
        assert alone == set(wide.stations["station_id"])


def test_a_station_stands_where_it_stands(wide: Snapshot) -> None:
    """Catches points upside down or in another tile."""
    zoom = 14
    for row in (0, 17, 333):
        at = wide.stations.geometry.iloc[row]
        tile = tile_at(at.x, at.y, zoom)
        shown = {
            one["properties"]["station_id"]: one["shape"]
            for one in decoded(wide, "stations", tile)["stations"]
        }
        true = units(wide.stations.iloc[[row]], zoom)[0]
        assert shown[wide.stations["station_id"][row]].distance(true) < 1.5


def test_stations_of_who_may_see_them(small: Snapshot) -> None:
    """Catches tiles of one reader that are kept for another."""
    tile = tile_at(105.32, 21.32, 12)
    own = seen_by(small, Audience(frozenset(["viettel"]), frozenset(["viettel"])))
    assert {one["properties"]["operator"] for one in decoded(small, "stations", tile)["stations"]} == {
        "Viettel", "VinaPhone",
    }  # fmt: skip
    assert {one["properties"]["operator"] for one in decoded(own, "stations", tile)["stations"]} == {
        "Viettel"
    }
    assert vector_tile(seen_by(small, PUBLIC), "stations", tile) == b""


def test_places(small: Snapshot) -> None:
    """Catches places lost, and the reach of another technology or profile."""
    found = [
        one["properties"] for one in decoded(small, "places", tile_at(105.34, 21.34, 9)).get("places", [])
    ]
    assert {one["id"] for one in found} == set(small.places["id"])
    reach = small.reach[small.reach["operator"] == "any"].set_index(["id", "profile"])
    for one in found:
        assert one["reached_4g"] == reach.loc[(one["id"], "outdoor-4g"), "reached"]
        assert one["certainty_5g"] == reach.loc[(one["id"], "outdoor-5g"), "certainty"]
        assert set(one) <= set(FIELDS["places"]["places"])


def test_hostile_text_comes_back_as_text(hostile: Snapshot) -> None:
    """Catches text that is changed or dropped on the way: readers must get it as data."""
    tile = tile_at(105.34, 21.34, 9)
    assert {one["properties"]["name"] for one in decoded(hostile, "communes", tile)["communes"]} == set(
        HOSTILE_NAMES
    )
    assert IMG in {one["properties"]["name"] for one in decoded(hostile, "places", tile)["places"]}


def test_missing_values_are_left_out(wide: Snapshot) -> None:
    """Catches NaN and NA written as numbers or text."""
    for one in decoded(wide, "places", tile_at(*MIDDLE, 7))["places"]:
        assert "status" not in one["properties"]
        assert not any(pd.isna(value) for value in one["properties"].values())


def test_what_is_not_there_is_refused(wide: Snapshot) -> None:
    """Catches layers by any name, and zooms without end; far away there is nothing."""
    with pytest.raises(NoTileError, match="cells"):
        vector_tile(wide, "cells", Tile(0, 0, 0))
    with pytest.raises(NoTileError, match="15/"):
        vector_tile(wide, "communes", tile_at(*MIDDLE, 15))
    for layer in FIELDS:
        assert vector_tile(wide, layer, Tile(8, 0, 0)) == b""
        assert vector_tile(wide, layer, tile_at(*MIDDLE, 8)) == vector_tile(wide, layer, tile_at(*MIDDLE, 8))
