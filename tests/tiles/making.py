"""A made-up snapshot that is large enough to have overviews, and slow references of what tiles show."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from PIL import Image
from scipy import ndimage
from shapely.ops import polygonize, unary_union

from geocover.crs import WGS84, transformer
from geocover.grid import Grid
from geocover.io.rasters import write_cog, write_level, write_plain
from geocover.raster import Raster
from geocover.store import Snapshot
from geocover.store.snapshot import layer_file
from geocover.tiles.matrix import WEB_MERCATOR, Frame, Tile

if TYPE_CHECKING:
    from pathlib import Path

GRID = Grid("EPSG:32648", 500_000.0, 2_400_000.0, 100.0, (933, 711))
OPERATORS = ["Viettel", "VinaPhone"]
PROFILE = {
    "name": "outdoor-4g", "technology": "4G", "min_rsrp_dbm": -110, "required_dbm": -97.184,
    "title_vi": "4G ngoài trời", "title_en": "4G outdoors", "reliability": 0.9, "version": 1,
    "indoor_loss_db": 0,
}  # fmt: skip


def make_wide(folder: Path) -> Snapshot:
    """Write rasters and give a snapshot of them with tables."""
    (folder / "rasters").mkdir()
    rng = np.random.default_rng(4)
    names = [layer_file("level", name, "4G") for name in (*OPERATORS, "any")]
    levels = [_field(rng, -95.0, 14.0) for _ in OPERATORS]
    for name, level in zip(names, [*levels, np.fmax(*levels)], strict=True):
        stored = np.where(np.isnan(level), -32768, np.rint(100 * level)).astype(np.int16)
        write_level(folder / name, GRID, stored)
    probability = np.clip(np.rint(50 + 3 * (np.nan_to_num(levels[0], nan=-130.0) + 100)), 0, 100)
    probability[rng.random(GRID.shape) < 0.01] = 255
    names.append(layer_file("probability", "any", "4G"))
    write_cog(folder / names[-1], GRID, probability.astype(np.uint8), nodata=255, scale=0.01, unit="")
    plain = {"population": np.exp(_field(rng, 0.0, 2.0)), "elevation": _field(rng, 300.0, 150.0)}
    for name, values in plain.items():
        names.append(f"rasters/{name}.tif")
        write_plain(folder / names[-1], Raster(GRID, values.astype(np.float32), ""))
    snapshot = Snapshot(folder, _manifest(names))
    vars(snapshot).update(_tables(rng))
    return snapshot


def _field(rng: np.random.Generator, middle: float, spread: float) -> np.ndarray:
    """Smooth hills with a void corner."""
    rough = ndimage.gaussian_filter(rng.normal(size=GRID.shape), 6)
    field = middle + spread * rough / rough.std()
    field[:40, :60] = np.nan
    return field


def _manifest(names: list[str]) -> dict[str, Any]:
    grid = {"crs": GRID.crs, "left_m": GRID.left_m, "top_m": GRID.top_m, "resolution_m": 100.0}
    return {
        "digest": "ab" * 32, "illustrative": True, "schematic": True,
        "grid": {**grid, "shape": list(GRID.shape)}, "files": dict.fromkeys(names, ""),
        "operators": {"4G": OPERATORS}, "profiles": {"outdoor-4g": PROFILE}, "gives_level": {"4G": True},
        "parameters": {
            "as_of": "2025-12-31", "name": "Rộng", "province_code": "25", "note_vi": "", "note_en": "",
        },
        "sources": {}, "models": {}, "terrain": {"used_by_models": True},
        "population": {"method": ""}, "versions": {"geocover": "0"},
    }  # fmt: skip


def _tables(rng: np.random.Generator) -> dict[str, Any]:
    communes = _communes(rng)
    codes = communes["code"]
    shares = pd.concat(
        pd.DataFrame(
            {"code": codes, "operator": "any", "technology": "4G", "profile": "outdoor-4g", "basis": basis,
             "share": rng.random(len(codes))}
        )
        for basis in ("area", "population")
    )  # fmt: skip
    stations = _stations(rng, 900)
    places = gpd.GeoDataFrame(
        {"id": "centre-" + codes, "name": communes["name"], "kind": "commune_centre", "commune_code": codes,
         "status": pd.NA},
        geometry=communes.to_crs(GRID.crs).representative_point().to_crs(WGS84),
    )  # fmt: skip
    reach = pd.DataFrame(
        {"id": places["id"], "operator": "any", "technology": "4G", "profile": "outdoor-4g",
         "reached": rng.random(len(places)) < 0.5, "certainty": "yes"}
    )  # fmt: skip
    return {
        "communes": communes, "shares": shares, "stations": stations, "gaps": _gaps(rng), "places": places,
        "reach": reach,
    }  # fmt: skip


def _communes(rng: np.random.Generator) -> gpd.GeoDataFrame:
    """Twelve communes whose borders wave; neighbours have every corner in common."""
    west, south, east, north = 504_000.0, 2_311_000.0, 566_000.0, 2_394_000.0
    lines = [_wave(rng, [x, south], [x, north], edge=x in (west, east)) for x in np.linspace(west, east, 4)]
    lines += [
        _wave(rng, [west, y], [east, y], edge=y in (south, north)) for y in np.linspace(south, north, 5)
    ]
    outlines = list(polygonize(unary_union(lines)))
    outlines = [one for one in outlines if one.area > 1e7]
    return gpd.GeoDataFrame(
        {"code": [f"{8000 + 3 * number:05d}" for number in range(len(outlines))],
         "name": [f"Xã {number}" for number in range(len(outlines))], "type": "Xã"},
        geometry=gpd.GeoSeries(outlines, crs=GRID.crs).to_crs(WGS84),
    )  # fmt: skip


def _wave(
    rng: np.random.Generator, start: list[float], end: list[float], *, edge: bool
) -> shapely.LineString:
    along = np.linspace(0, 1, 400)[:, None]
    points = np.array(start) + along * (np.array(end) - start)
    if not edge:
        across = 1 if start[1] == end[1] else 0
        points[:, across] += 900 * np.sin(along[:, 0] * 40) + rng.normal(0, 60, len(points))
    return shapely.LineString(points)


def _gaps(rng: np.random.Generator) -> gpd.GeoDataFrame:
    """Blocks of pixels that touch at corners too, from one pixel to some square kilometres."""
    covered = ndimage.gaussian_filter(rng.normal(size=(80, 80)), 1.2) > -0.12
    from rasterio.features import shapes

    found = shapes((~covered).astype(np.uint8), ~covered, connectivity=8)
    placed = [300, 0, 0, -300, 510_000, 2_380_000]
    outlines = [shapely.affinity.affine_transform(shapely.geometry.shape(one), placed) for one, _ in found]
    return gpd.GeoDataFrame(
        {"id": [f"4g-any-{number:04d}" for number in range(len(outlines))], "technology": "4G",
         "profile": "outdoor-4g", "area_km2": [one.area / 1e6 for one in outlines], "people": 10.0,
         "commune_codes": "08000", "nearest_station": "SECRET"},
        geometry=gpd.GeoSeries(outlines, crs=GRID.crs).to_crs(WGS84),
    )  # fmt: skip


def _stations(rng: np.random.Generator, count: int) -> gpd.GeoDataFrame:
    x, y = rng.normal(535_000, 9_000, count), rng.normal(2_350_000, 12_000, count)
    numbers = np.arange(count)
    return gpd.GeoDataFrame(
        {"station_id": [f"S{number}" for number in numbers],
         "position_id": [f"P{number}" for number in numbers],
         "operator": np.array(OPERATORS)[numbers % 2], "technology": np.array(["4G", "5G"])[numbers % 3 // 2],
         "on_air": "2024-01-01", "cells": 3},
        geometry=gpd.GeoSeries(gpd.points_from_xy(x, y), crs=GRID.crs).to_crs(WGS84),
    )  # fmt: skip


def tiles_over(snapshot: Snapshot, zoom: int) -> list[Tile]:
    """Every tile that a snapshot's grid touches."""
    from geocover.tiles.matrix import HALF_WORLD_M, grid_box

    west, south, east, north = grid_box(snapshot.grid)
    side = 2 * HALF_WORLD_M / 2**zoom
    columns = range(int((west + HALF_WORLD_M) // side), int((east + HALF_WORLD_M) // side) + 1)
    rows = range(int((HALF_WORLD_M - north) // side), int((HALF_WORLD_M - south) // side) + 1)
    return [Tile(zoom, column, row) for column in columns for row in rows]


def tile_at(lon: float, lat: float, zoom: int) -> Tile:
    """The tile of a position."""
    from geocover.tiles.matrix import HALF_WORLD_M

    x, y = transformer(WGS84, WEB_MERCATOR).transform(lon, lat)
    side = 2 * HALF_WORLD_M / 2**zoom
    return Tile(zoom, int((x + HALF_WORLD_M) // side), int((HALF_WORLD_M - y) // side))


def centres(frame: Frame, crs: str) -> tuple[np.ndarray, np.ndarray]:
    """X and y, in a CRS, of the centre of every pixel, each through PROJ."""
    x = frame.left_m + (np.arange(frame.width) + 0.5) * frame.pixel_m
    y = frame.top_m - (np.arange(frame.height) + 0.5) * frame.pixel_m
    found: tuple[np.ndarray, np.ndarray] = transformer(WEB_MERCATOR, crs).transform(*np.meshgrid(x, y))
    return found


def drawn(png: bytes) -> np.ndarray:
    """Palette numbers, or greys, of a picture."""
    return np.asarray(Image.open(io.BytesIO(png)))


def below(snapshot: Snapshot, frame: Frame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Row and column of the grid's pixel below each centre, and whether there is one."""
    grid = snapshot.grid
    x, y = centres(frame, grid.crs)
    row = np.floor((grid.top_m - y) / grid.resolution_m).astype(int)
    col = np.floor((x - grid.left_m) / grid.resolution_m).astype(int)
    inside = (row >= 0) & (row < grid.shape[0]) & (col >= 0) & (col < grid.shape[1])
    return np.where(inside, row, 0), np.where(inside, col, 0), inside


def inside_slowly(snapshot: Snapshot) -> np.ndarray:
    """Pixels of the grid whose centre lies in a commune, by geometry."""
    grid = snapshot.grid
    rows, cols = np.indices(grid.shape)
    x = grid.left_m + (cols + 0.5) * grid.resolution_m
    y = grid.top_m - (rows + 0.5) * grid.resolution_m
    whole = shapely.union_all(snapshot.communes.geometry.to_crs(grid.crs).to_numpy())
    shapely.prepare(whole)
    return np.asarray(shapely.contains_xy(whole, x, y))
