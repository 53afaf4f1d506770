"""Shaded relief of a snapshot's own terrain, a quiet grey ground below the map.

Slopes are taken on the grid, whose metres are metres on the ground, not in Web Mercator, whose metres are
1/cos(latitude) too long: so no factor by latitude is needed and none can be wrong. The shade of a place
depends on the zoom alone, never on the tile that shows it: each tile reads two pixels beyond its edges.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from geocover.store.snapshot import ELEVATION_FILE
from geocover.tiles.errors import NoTileError
from geocover.tiles.matrix import grid_box, ground_pixel_m
from geocover.tiles.reading import fitting, read, repeated, shapes
from geocover.tiles.warping import grid_positions

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geocover.store import Snapshot
    from geocover.tiles.matrix import Frame

MARGIN = 2  # a pixel for the slope and one to interpolate
AZIMUTH_DEG, ALTITUDE_DEG = 315.0, 45.0
# Far away slopes are averages and look flat: they are drawn steeper by this power of the pixel's size.
STEEPER, STEEPER_FROM_M = 0.45, 30.0
FLAT_GREY, CONTRAST = 236.0, 0.62
DARKEST, LIGHTEST = 160, 255  # dark text (#333) above it keeps a contrast of 4.5:1
STEP = 4  # greys apart, for small files


def hillshade_greys(snapshot: Snapshot, frame: Frame) -> NDArray[np.uint8]:
    """Grey of each pixel of a picture, 160 to 255; 0 where the elevation is not known.

    Returns
    -------
    Shape (frame.height, frame.width).

    Raises
    ------
    NoTileError
        If the snapshot was made without terrain.
    """
    _needed(snapshot)
    greys = np.zeros((frame.height, frame.width), np.uint8)
    cut = frame.cut(grid_box(snapshot.grid))
    if cut is not None:
        part, row, col = cut
        ground_m = ground_pixel_m(snapshot.grid, frame.pixel_m)
        greys[row : row + part.height, col : col + part.width] = _part(snapshot, part, ground_m)
    return greys


def _needed(snapshot: Snapshot) -> None:
    if ELEVATION_FILE not in snapshot.manifest["files"]:
        raise NoTileError(
            f"snapshot {snapshot.id} was made without terrain, so there is no hillshade",
            f"bản kết quả {snapshot.id} không dùng địa hình nên không có nền đồi núi",
        )


def _part(snapshot: Snapshot, frame: Frame, ground_m: float) -> NDArray[np.uint8]:
    path, grid = snapshot.path / ELEVATION_FILE, snapshot.grid
    overview = fitting(path, ground_m / grid.resolution_m)
    heights, widths = zip(*shapes(path)[: overview + 1], strict=True)
    at_row, at_col = grid_positions(frame, grid)
    down, across = _on_overview(at_row, heights), _on_overview(at_col, widths)
    rows, cols = _window(down, heights[-1]), _window(across, widths[-1])
    known = (at_row >= 0) & (at_row < heights[0]) & (at_col >= 0) & (at_col < widths[0])
    elevation_m = read(path, overview, rows, cols).astype(np.float64)
    spacing_m = grid.resolution_m * heights[0] / heights[-1]
    steeper = max(1.0, spacing_m / STEEPER_FROM_M) ** STEEPER
    light = _interpolated(shade(elevation_m, spacing_m, steeper), down - rows.start, across - cols.start)
    return np.where(known & np.isfinite(light), _grey(np.nan_to_num(light)), 0).astype(np.uint8)


def _on_overview(at: NDArray[np.float64], counts: tuple[int, ...]) -> NDArray[np.float64]:
    """Where a position on the raster (0.5 is the first pixel's middle) stands on an overview."""
    places = repeated(counts)
    found: NDArray[np.float64] = np.interp(at - 0.5, places, np.arange(len(places)))
    return found


def _window(at: NDArray[np.float64], count: int) -> slice:
    return slice(max(0, int(at.min()) - MARGIN), min(count, int(at.max()) + MARGIN + 2))


def shade(elevation_m: NDArray[np.float64], spacing_m: float, steeper: float = 1.0) -> NDArray[np.float64]:
    """Light on each pixel, from 0 to 1, by Lambert's law; beyond the edge is what is on it.

    Parameters
    ----------
    elevation_m
        Heights, shape (rows, columns), row 0 in the north.
    spacing_m
        Side of a pixel on the ground.
    steeper
        Factor of the heights.
    """
    edged = np.pad(elevation_m, 1, mode="edge")
    east = (edged[1:-1, 2:] - edged[1:-1, :-2]) * (steeper / (2 * spacing_m))
    north = (edged[:-2, 1:-1] - edged[2:, 1:-1]) * (steeper / (2 * spacing_m))
    azimuth, altitude = np.radians(AZIMUTH_DEG), np.radians(ALTITUDE_DEG)
    towards = np.cos(altitude) * (east * np.sin(azimuth) + north * np.cos(azimuth))
    light: NDArray[np.float64] = (np.sin(altitude) - towards) / np.sqrt(1 + east**2 + north**2)
    return np.clip(light, 0.0, 1.0)


def _interpolated(
    values: NDArray[np.float64], down: NDArray[np.float64], across: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Value at positions between pixels, in both directions linear."""
    height, width = values.shape
    row = np.minimum(down.astype(np.intp), max(0, height - 2))
    col = np.minimum(across.astype(np.intp), max(0, width - 2))
    lower, right = down - row, across - col
    corner = row * width + col
    below, beside = width if height > 1 else 0, 1 if width > 1 else 0
    top = np.take(values, corner) * (1 - right) + np.take(values, corner + beside) * right
    bottom = np.take(values, corner + below) * (1 - right) + np.take(values, corner + below + beside) * right
    found: NDArray[np.float64] = top * (1 - lower) + bottom * lower
    return found


def _grey(light: NDArray[np.float64]) -> NDArray[np.float64]:
    """Grey between white and a middle grey: flat ground is light, so that what lies above stays readable."""
    flat = np.sin(np.radians(ALTITUDE_DEG))
    grey = np.rint(FLAT_GREY * (1 + CONTRAST * (light - flat)) / STEP) * STEP
    clipped: NDArray[np.float64] = np.clip(grey, DARKEST, LIGHTEST)
    return clipped
