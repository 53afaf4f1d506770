"""Tiles of WebMercatorQuad, and pictures in Web Mercator in general."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from geocover.crs import WGS84, transformer
from geocover.tiles.errors import NoTileError

if TYPE_CHECKING:
    from geocover.grid import Grid

WEB_MERCATOR = "EPSG:3857"
HALF_WORLD_M = 20037508.342789244
TILE_PIXELS = 256
MAX_ZOOM = 24

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Tile:
    """A tile: zoom, column from the west, row from the north.

    Raises
    ------
    NoTileError
        If there is no such tile.
    """

    z: int
    x: int
    y: int

    def __post_init__(self) -> None:
        if not (0 <= self.z <= MAX_ZOOM and min(self.x, self.y) >= 0 and max(self.x, self.y) < 2**self.z):
            raise NoTileError(
                f"no tile {self.z}/{self.x}/{self.y}; z is {MAX_ZOOM} at most, x and y 0 to 2^z - 1, "
                "see the set's tilejson.json",
                f"không có ô {self.z}/{self.x}/{self.y}; z tối đa {MAX_ZOOM}, x và y từ 0 đến 2^z - 1, "
                "xem tilejson.json",
            )

    @property
    def frame(self) -> Frame:
        """The tile as a picture."""
        pixel_m = 2 * HALF_WORLD_M / (TILE_PIXELS * 2**self.z)
        side_m = pixel_m * TILE_PIXELS
        left_m, top_m = self.x * side_m - HALF_WORLD_M, HALF_WORLD_M - self.y * side_m
        return Frame(left_m, top_m, pixel_m, TILE_PIXELS, TILE_PIXELS)


@dataclass(frozen=True, slots=True)
class Frame:
    """A picture of square pixels in Web Mercator.

    Attributes
    ----------
    left_m, top_m
        Its outer corner in EPSG:3857.
    pixel_m
        Side of a pixel in EPSG:3857, which is longer than on the ground.
    width, height
        In pixels.
    """

    left_m: float
    top_m: float
    pixel_m: float
    width: int
    height: int

    def cut(self, box: Box) -> tuple[Frame, int, int] | None:
        """Part of the picture over a box (west, south, east, north in EPSG:3857).

        Returns
        -------
        The part, and its first row and column in this picture; None where they do not meet.
        """
        west, south, east, north = box
        first_col = max(0, math.floor((west - self.left_m) / self.pixel_m))
        last_col = min(self.width, math.ceil((east - self.left_m) / self.pixel_m))
        first_row = max(0, math.floor((self.top_m - north) / self.pixel_m))
        last_row = min(self.height, math.ceil((self.top_m - south) / self.pixel_m))
        if first_col >= last_col or first_row >= last_row:
            return None
        left_m = self.left_m + first_col * self.pixel_m
        top_m = self.top_m - first_row * self.pixel_m
        width, height = last_col - first_col, last_row - first_row
        part = replace(self, left_m=left_m, top_m=top_m, width=width, height=height)
        return part, first_row, first_col


def grid_box(grid: Grid) -> Box:
    """West, south, east, north of a grid in EPSG:3857."""
    box: Box = transformer(grid.crs, WEB_MERCATOR).transform_bounds(*grid.bounds_m, densify_pts=21)
    return box


def grid_degrees(grid: Grid) -> Box:
    """West, south, east, north of a grid in degrees."""
    box: Box = transformer(grid.crs, WGS84).transform_bounds(*grid.bounds_m, densify_pts=21)
    return box


def ground_pixel_m(grid: Grid, pixel_m: float) -> float:
    """Side on the ground, at the middle of a grid, of a pixel of a picture (EPSG:3857 stretches by 1/cos)."""
    _, south, _, north = grid_degrees(grid)
    return pixel_m * math.cos(math.radians((south + north) / 2))


def native_zoom(grid: Grid) -> int:
    """First zoom whose pixels on the ground are no larger than the grid's."""
    widest = ground_pixel_m(grid, 2 * HALF_WORLD_M / TILE_PIXELS)
    return max(0, math.ceil(math.log2(widest / grid.resolution_m)))
