"""Tiles of a snapshot: raster (PNG, WebP) and vector (MVT), and the documents that tell of them."""

from __future__ import annotations

from geocover.tiles.describing import (
    matrix_set_json,
    matrix_sets_json,
    tile_sets,
    tileset_json,
    tilesets_json,
)
from geocover.tiles.errors import NoTileError
from geocover.tiles.matrix import Tile
from geocover.tiles.rasters import hillshade_tile, level_tile, population_tile, probability_tile
from geocover.tiles.vectors import prepare_tiles, vector_tile

__all__ = [
    "NoTileError",
    "Tile",
    "hillshade_tile",
    "level_tile",
    "matrix_set_json",
    "matrix_sets_json",
    "population_tile",
    "prepare_tiles",
    "probability_tile",
    "tile_sets",
    "tileset_json",
    "tilesets_json",
    "vector_tile",
]
