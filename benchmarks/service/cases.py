"""What is asked of every server, each at its own address: pages of items, single features, boxes, tiles."""

from __future__ import annotations

import io
import json
import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

import numpy as np
from PIL import Image

from geocover.io.rasters import LEVEL_SCALE
from geocover.store import Snapshot, list_snapshots
from geocover.tiles.classes import Legend, level_layer

if TYPE_CHECKING:
    import geopandas as gpd

KEYS = {"stations": "station_id", "communes": "code"}
PEERS = ("tipg", "pygeoapi")
SIZES = (10, 100, 1000, 10000)
OFFSETS, FEATURES, BOXES, BOX_DEGREES = 200, 500, 20_000, 0.1
ZOOMS = range(8, 15)
TILES = 200
Bounds = tuple[float, float, float, float]


@dataclass(frozen=True)
class Request:
    """A request of features, whatever server it goes to.

    Attributes
    ----------
    collection
        "stations" or "communes".
    parameters
        Of the items.
    feature
        Id of a single one; "" for a page.
    """

    collection: str
    parameters: tuple[tuple[str, str], ...] = ()
    feature: str = ""

    def path(self, server: str) -> str:
        """Address at a server, by its name."""
        name = f"public.{self.collection}" if server == "tipg" else self.collection
        format_ = {"tipg": [("f", "geojson")], "pygeoapi": [("f", "json")]}.get(server, [])
        asked = urlencode([*self.parameters, *format_], safe=",")
        one = f"/{quote(self.feature, safe='')}" if self.feature else ""
        return f"/collections/{name}/items{one}" + (f"?{asked}" if asked else "")


@dataclass(frozen=True)
class Case:
    """Requests that are measured together.

    Attributes
    ----------
    name
        In the history.
    what
        In the table.
    requests
        Asked one after the other.
    page
        Whether they are pages of items, of which a ratio is asked.
    headers
        Of every request.
    """

    name: str
    what: str
    requests: Sequence[Request]
    page: bool = True
    headers: dict[str, str] = field(default_factory=dict)


def cases(tables: dict[str, gpd.GeoDataFrame], seed: int = 1) -> list[Case]:
    """Give the cases over tables of stations and communes; the same for a seed."""
    chance = random.Random(seed)
    stations, communes = tables["stations"], tables["communes"]
    found = [
        Case(f"items{size}", f"{size:,} stations", _pages(len(stations), size, chance)) for size in SIZES
    ]
    thousand = next(one for one in found if one.name == "items1000")
    gzip = Case(
        "items1000gzip", "1,000 stations, gzip", thousand.requests, headers={"Accept-Encoding": "gzip"}
    )
    whole = Request("communes", (("limit", str(max(1, len(communes)))),))
    bounds: Bounds = tuple(stations.total_bounds)
    boxes = [_box(bounds, chance) for _ in range(BOXES)]
    ids = chance.sample(list(stations[KEYS["stations"]]), min(FEATURES, len(stations)))
    return [
        *found,
        Case("items10once", "10 stations, each page once", _pages(len(stations), 10, chance, len(stations))),
        gzip,
        Case("communes", f"all {len(communes)} communes", [whole]),
        Case("bbox", f"100 stations of a box of {BOX_DEGREES}°, each another", boxes),
        Case("feature", "one station", [Request("stations", feature=one) for one in ids], page=False),
    ]


def _pages(count: int, size: int, chance: random.Random, most: int = OFFSETS) -> list[Request]:
    """Pages of a size from anywhere in the collection, as one who reads it in full asks for them."""
    last = max(0, count - size)
    offsets = chance.sample(range(last + 1), min(most, last + 1))
    return [Request("stations", (("limit", str(size)), ("offset", str(offset)))) for offset in offsets]


def _box(bounds: Bounds, chance: random.Random) -> Request:
    west, south, east, north = bounds
    x = chance.uniform(west, max(west, east - BOX_DEGREES))
    y = chance.uniform(south, max(south, north - BOX_DEGREES))
    box = ",".join(f"{one:.4f}" for one in (x, y, x + BOX_DEGREES, y + BOX_DEGREES))
    return Request("stations", (("limit", "100"), ("bbox", box)))


@dataclass(frozen=True)
class TileCase:
    """Tiles that are measured together: at ours, and at the peer.

    Attributes
    ----------
    name, what
        In the history and in the table.
    peer
        Name of the other server.
    ours, theirs
        Addresses of the same tiles.
    """

    name: str
    what: str
    peer: str
    ours: list[str]
    theirs: list[str]


def tile_cases(snapshot: Snapshot, bounds: Bounds, seed: int = 1) -> list[TileCase]:
    """Tiles of a snapshot at random places and zooms; raster beside titiler, vectors beside tipg."""
    places = tiles(bounds, TILES, seed, ZOOMS)
    near = [place for place in tiles(bounds, 2 * TILES, seed + 1, ZOOMS) if place[0] >= 12]
    level = _titiler(snapshot)
    return [
        TileCase("raster", "raster tile (levels of 4G, 4 classes)", "titiler",
                 [f"/tiles/{snapshot.id}/raster/outdoor-4g/any/{z}/{x}/{y}.png" for z, x, y in places],
                 [level(*place) for place in places]),
        TileCase("mvt.communes", "vector tile of communes", "tipg",
                 *_vectors(snapshot.id, "communes", places)),
        TileCase("mvt.stations", "vector tile of stations, zoom 12 to 14", "tipg",
                 *_vectors(snapshot.id, "stations", near)),
    ]  # fmt: skip


def _vectors(snapshot: str, name: str, places: list[tuple[int, int, int]]) -> tuple[list[str], list[str]]:
    ours = [f"/tiles/{snapshot}/{name}/{z}/{x}/{y}.mvt" for z, x, y in places]
    theirs = [f"/collections/public.{name}/tiles/WebMercatorQuad/{z}/{x}/{y}" for z, x, y in places]
    return ours, theirs


def _titiler(snapshot: Snapshot) -> Callable[[int, int, int], str]:
    """Give addresses of the same tiles at titiler: the same file, classes as a colour map of intervals."""
    layer = level_layer(snapshot, "outdoor-4g", "any")
    profile = snapshot.profiles["outdoor-4g"]
    margin = float(profile["required_dbm"]) - float(profile["min_rsrp_dbm"])
    asked = urlencode(
        {"url": layer.paths[0], "colormap": json.dumps(intervals(layer.legend, margin, LEVEL_SCALE))}
    )
    return lambda z, x, y: f"/tiles/WebMercatorQuad/{z}/{x}/{y}.png?{asked}"


def intervals(legend: Legend, margin_db: float, scale: float) -> list[Any]:
    """Give classes of a legend as intervals of the stored numbers, each with a colour."""
    tops = [math.inf, *legend.bounds]
    found = []
    for low, high, colour in zip(legend.bounds, tops, legend.colours, strict=False):
        first = (low + margin_db) / scale
        last = 32767.0 if math.isinf(high) else (high + margin_db) / scale
        found.append([[first, last], [*bytes.fromhex(colour[1:]), 255]])
    return found


def tiles(bounds: Bounds, count: int, seed: int, zooms: range) -> list[tuple[int, int, int]]:
    """Different tiles (zoom, column, row) over bounds in degrees, in an order that looks like chance."""
    chance, found = random.Random(seed), dict[tuple[int, int, int], None]()
    for _ in range(count * 20):
        lon, lat = chance.uniform(bounds[0], bounds[2]), chance.uniform(bounds[1], bounds[3])
        found[tile_at(lon, lat, chance.choice(list(zooms)))] = None
        if len(found) == count:
            break
    return list(found)


def tile_at(lon: float, lat: float, zoom: int) -> tuple[int, int, int]:
    """Zoom, column and row of the tile of WebMercatorQuad over a place."""
    side, turned = 2**zoom, math.asinh(math.tan(math.radians(lat)))
    return zoom, int((lon + 180.0) / 360.0 * side), int((1.0 - turned / math.pi) / 2.0 * side)


def differences(ours: dict[str, Any], theirs: dict[str, Any], key: str) -> str:
    """Say how two collections of features differ; "" where ids and geometries (to 1e-6) are the same."""
    first, second = (_shapes(one, key) for one in (ours, theirs))
    if first.keys() != second.keys():
        return f"{len(first)} features beside {len(second)}, {len(first.keys() ^ second.keys())} ids differ"
    unlike = [one for one, points in first.items() if not _near(points, second[one])]
    return f"geometries differ: {', '.join(unlike[:5])}" if unlike else ""


def _near(one: np.ndarray, other: np.ndarray) -> bool:
    return one.shape == other.shape and bool(np.all(np.abs(one - other) <= 1e-6))


def _shapes(collection: dict[str, Any], key: str) -> dict[str, np.ndarray]:
    """Coordinates of each feature by its id; single polygons and multiple ones of one part are alike."""
    return {
        str(one["properties"].get(key, one.get("id"))): np.array(_flat(one["geometry"]["coordinates"]))
        for one in collection["features"]
    }


def _flat(coordinates: list[Any]) -> list[Any]:
    if not coordinates or not isinstance(coordinates[0], list):
        return [coordinates[:2]] if coordinates else []
    return [point for part in coordinates for point in _flat(part)]


def alike(mine: bytes, theirs: bytes) -> float:
    """Share of pixels of two pictures that have the same colour, or are both transparent."""
    one, other = (np.asarray(Image.open(io.BytesIO(picture)).convert("RGBA")) for picture in (mine, theirs))
    hidden = (one[..., 3] == 0) & (other[..., 3] == 0)
    return float(np.mean(hidden | np.all(one == other, axis=-1)))


def snapshot_of(folder: Path) -> Snapshot:
    """Give the newest snapshot of a folder."""
    return list_snapshots(folder)[-1]
