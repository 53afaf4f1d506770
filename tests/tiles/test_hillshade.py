"""The hillshade: right light on known slopes at any latitude, and no seams."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
import pytest

from geocover.crs import WGS84, local_crs, transformer
from geocover.grid import Grid
from geocover.io.rasters import write_plain
from geocover.raster import Raster
from geocover.store import Snapshot
from geocover.tiles import NoTileError, Tile, hillshade_tile
from geocover.tiles.hillshade import CONTRAST, FLAT_GREY, STEEPER, STEEPER_FROM_M, STEP, hillshade_greys
from geocover.tiles.matrix import native_zoom
from tests.tiles.making import below, drawn, tile_at, tiles_over

if TYPE_CHECKING:
    from pathlib import Path

LIGHT = np.array([-0.5, 0.5, np.sqrt(0.5)])  # towards the north-west, 45° up


@pytest.mark.parametrize("lat", [2.0, 21.3, 60.0])
@pytest.mark.parametrize(("east", "north"), [(0.0, 0.0), (0.4, 0.0), (0.0, 0.4), (-0.3, 0.3), (0.3, -0.3)])
def test_a_slope_has_its_light_at_any_latitude(tmp_path: Path, lat: float, east: float, north: float) -> None:
    """Catches slopes in metres of Web Mercator (half as steep at 60°), light from the south, swapped axes."""
    crs = local_crs(105.0, lat)
    x, y = transformer(WGS84, crs).transform(105.0, lat)
    grid = Grid(crs, x - 5000, y + 5000, 100.0, (100, 100))
    rows, cols = np.indices(grid.shape)
    height = 100.0 * (east * cols - north * rows)
    (tmp_path / "rasters").mkdir()
    write_plain(tmp_path / "rasters/elevation.tif", Raster(grid, height.astype(np.float32), "m"))
    stored = {"crs": crs, "left_m": x - 5000, "top_m": y + 5000, "resolution_m": 100.0, "shape": [100, 100]}
    snapshot = Snapshot(tmp_path, {"grid": stored, "files": {"rasters/elevation.tif": ""}})
    tile = tile_at(105.0, lat, native_zoom(grid) + 2)
    greys = hillshade_greys(snapshot, tile.frame)
    steeper = (100 / STEEPER_FROM_M) ** STEEPER
    normal = np.array([-east * steeper, -north * steeper, 1.0])
    light = max(0.0, normal @ LIGHT / np.linalg.norm(normal))
    expected = FLAT_GREY * (1 + CONTRAST * (light - np.sqrt(0.5)))
    middle = greys[greys > 0]
    assert abs(np.median(middle) - np.clip(expected, 160, 255)) <= STEP / 2 + 0.5


@pytest.mark.parametrize("finer", [-2, 0, 2])
def test_no_seams(wide: Snapshot, finer: int) -> None:
    """Catches tiles whose edges know nothing of what lies beside them."""
    zoom = native_zoom(wide.grid) + finer
    first = tile_at(105.33, 21.25, zoom)
    four = [Tile(zoom, first.x + across, first.y + down) for down in (0, 1) for across in (0, 1)]
    parts = [hillshade_greys(wide, one.frame) for one in four]
    frame = dataclasses.replace(first.frame, width=512, height=512)
    assert np.array_equal(np.block([parts[:2], parts[2:]]), hillshade_greys(wide, frame))
    assert len(np.unique(parts[0])) > 10


def test_unknown_ground_is_left_out(wide: Snapshot) -> None:
    """Catches ground drawn where no elevation is known, or outside the grid; and none where it is."""
    tile = tile_at(105.02, 21.69, 10)
    row, col, inside = below(wide, tile.frame)
    greys = drawn(hillshade_tile(wide, tile, "png"))
    assert not greys[~inside].any()
    known = inside & ((row > 43) | (col > 63))
    unknown = inside & (row < 37) & (col < 57)
    assert greys[known & (row < 930) & (col < 708)].all()
    assert unknown.any()
    assert not greys[unknown].any()
    assert hillshade_tile(wide, Tile(9, 0, 0), "png") == b""


def contrast(light: int, dark: int) -> float:
    """Contrast of two greys (WCAG 2.2)."""
    first, second = (((one / 255 + 0.055) / 1.055) ** 2.4 for one in (light, dark))
    return (first + 0.05) / (second + 0.05)


def test_quiet_and_readable_above(wide: Snapshot) -> None:
    """Catches a ground so dark that text above it cannot be read (4.5:1 beside #333)."""
    greys = np.concatenate([hillshade_greys(wide, one.frame).ravel() for one in tiles_over(wide, 9)])
    seen = greys[greys > 0]
    assert contrast(int(seen.min()), 0x33) >= 4.5
    assert 200 < np.median(seen) < 250


def test_without_terrain_there_is_none(small: Snapshot, wide: Snapshot) -> None:
    """Catches made-up ground, and zooms without end."""
    with pytest.raises(NoTileError, match="without terrain"):
        hillshade_tile(small, tile_at(105.33, 21.33, 9), "png")
    with pytest.raises(NoTileError, match="beyond"):
        hillshade_tile(wide, tile_at(105.33, 21.25, 14), "png")
