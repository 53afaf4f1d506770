"""Documents of the tiles: TileJSON 3.0 and OGC API - Tiles."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from geocover._version import program_digest
from geocover.report.audience import PUBLIC, seen_by
from geocover.tiles import NoTileError, matrix_set_json, matrix_sets_json, tileset_json, tilesets_json
from geocover.tiles.classes import LEVELS
from geocover.tiles.rasters import last_zoom
from tests.small_snapshots import QUOTES

if TYPE_CHECKING:
    from geocover.store import Snapshot

BASE = "https://phu-song.example"
DRAWN = f"?v={program_digest()}"


def test_tilejson_is_whole(small: Snapshot) -> None:
    """Catches a document that MapLibre or QGIS cannot read, bounds elsewhere, zooms that are refused."""
    told = json.loads(tileset_json(small, ("raster", "outdoor-4g", "any"), BASE, positions=False))
    assert told["tilejson"] == "3.0.0"
    assert told["tiles"] == [f"{BASE}/tiles/{small.id}/raster/outdoor-4g/any/{{z}}/{{x}}/{{y}}.png{DRAWN}"]
    assert told["maxzoom"] == last_zoom(small.grid)
    west, south, east, north = told["bounds"]
    assert (round(west, 2), round(south, 2), round(east, 2), round(north, 2)) == (105.3, 21.3, 105.38, 21.38)
    assert west < told["center"][0] < east
    assert [one["colour"] for one in told["legend"]] == [colour for _, colour in LEVELS]
    assert told["legend"][-1]["min"] == -110
    assert told["metadata"]["digest"] == small.digest
    assert told["dataType"] == "map"
    templates = [link["href"] for link in told["links"] if link["rel"] == "item"]
    assert templates[1].endswith("/any/{tileMatrix}/{tileCol}/{tileRow}.webp" + DRAWN)


def test_vector_layers_are_named(small: Snapshot) -> None:
    """Catches layers of a tile that its document does not name."""
    told = json.loads(tileset_json(small, ("gaps",), BASE, positions=False))
    assert [one["id"] for one in told["vector_layers"]] == ["gaps", "gap_points"]
    assert told["dataType"] == "vector"
    assert told["tiles"][0].endswith("/gaps/{z}/{x}/{y}.mvt" + DRAWN)


def test_names_in_addresses_and_html_are_harmless(hostile: Snapshot) -> None:
    """Catches an operator's name that breaks out of an address, and a notice that runs where it is shown."""
    told = json.loads(tileset_json(hostile, ("raster", "outdoor-4g", QUOTES), BASE, positions=False))
    assert not set("<>\"'").intersection(told["tiles"][0])
    assert "<" not in told["attribution"]
    assert "illustrative" in told["attribution"]


def test_the_list_is_the_readers_own(small: Snapshot) -> None:
    """Catches operators and stations in the list of those who may not see them."""
    public = tilesets_json(seen_by(small, PUBLIC), BASE, positions=False).decode()
    assert "Viettel" not in public
    assert "/stations/" not in public
    whole = json.loads(tilesets_json(small, BASE, positions=True))
    addresses = [link["href"] for one in whole["tilesets"] for link in one["links"] if link["rel"] == "self"]
    assert f"{BASE}/tiles/{small.id}/raster/indoor-5g/VinaPhone/tilejson.json" in addresses
    assert f"{BASE}/tiles/{small.id}/stations/tilejson.json" in addresses
    assert len(addresses) == len(set(addresses)) == 4 * 4 + 2 + 1 + 4
    assert all(one["crs"].endswith("/3857") for one in whole["tilesets"])
    for parts in (("stations",), ("raster", "outdoor-4g", "Viettel"), ("hillshade",), ("..",)):
        with pytest.raises(NoTileError):
            tileset_json(seen_by(small, PUBLIC), parts, BASE, positions=False)


def test_the_matrix_set() -> None:
    """Catches a definition by another name, or with other scales than tiles have."""
    listed = json.loads(matrix_sets_json(BASE))["tileMatrixSets"]
    assert [one["id"] for one in listed] == ["WebMercatorQuad"]
    told = json.loads(matrix_set_json("WebMercatorQuad"))
    assert told["tileMatrices"][10]["cellSize"] == pytest.approx(152.874, abs=1e-3)
    with pytest.raises(NoTileError, match="WGS"):
        matrix_set_json("WGS1984Quad")
