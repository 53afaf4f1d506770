"""The raster frame: a projected CRS in metres, an origin, a pixel size and a shape."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
from affine import Affine

from geocover.crs import WGS84, known_crs, local_crs, transformer
from geocover.errors import GridError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

ALIGNED = 1e-6  # of a pixel


class Bounded(Protocol):
    """Anything with bounds in degrees: west, south, east, north."""

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north in degrees (WGS 84)."""


@dataclass(frozen=True, slots=True)
class Grid:
    """A north-up raster frame of square pixels on a projected CRS.

    Attributes
    ----------
    crs
        Authority code (``EPSG:32648``) or WKT of a projected CRS in metres.
    left_m, top_m
        Outer corner of the first pixel.
    resolution_m
        Side of a pixel.
    shape
        Rows, columns.
    """

    crs: str
    left_m: float
    top_m: float
    resolution_m: float
    shape: tuple[int, int]

    def __post_init__(self) -> None:
        crs = known_crs(self.crs, "grid")
        if not crs.is_projected or crs.axis_info[0].unit_name != "metre":
            raise GridError(f"grid: {self.crs} is not a projected CRS in metres; use for example EPSG:32648")
        if not (math.isfinite(self.resolution_m) and self.resolution_m > 0) or min(self.shape) < 1:
            raise GridError(f"grid: impossible resolution {self.resolution_m} m or shape {self.shape}")

    @classmethod
    def around(
        cls, areas: Bounded, resolution_m: float, *, crs: str | None = None, margin_m: float = 0.0
    ) -> Grid:
        """Smallest grid around areas whose edges are multiples of the resolution, so that grids align.

        Parameters
        ----------
        areas
            Anything with ``bounds`` in degrees.
        resolution_m
            Side of a pixel.
        crs
            Projected CRS; the WGS 84 / UTM zone of the middle where none is given.
        margin_m
            Added on every side.
        """
        west, south, east, north = areas.bounds
        crs = crs or local_crs((west + east) / 2, (south + north) / 2)
        corners = transformer(WGS84, crs).transform_bounds(west, south, east, north, densify_pts=101)
        lowest = [math.floor((value - margin_m) / resolution_m) for value in corners[:2]]
        highest = [math.ceil((value + margin_m) / resolution_m) for value in corners[2:]]
        shape = (highest[1] - lowest[1], highest[0] - lowest[0])
        return cls(crs, lowest[0] * resolution_m, highest[1] * resolution_m, resolution_m, shape)

    @property
    def transform(self) -> Affine:
        """Affine map from column, row to x, y in metres."""
        return Affine(self.resolution_m, 0.0, self.left_m, 0.0, -self.resolution_m, self.top_m)

    @property
    def bounds_m(self) -> tuple[float, float, float, float]:
        """Left, bottom, right, top in metres."""
        rows, cols = self.shape
        return (
            self.left_m,
            self.top_m - rows * self.resolution_m,
            self.left_m + cols * self.resolution_m,
            self.top_m,
        )

    @property
    def pixel_area_m2(self) -> float:
        """Area of a pixel on the projection plane."""
        return self.resolution_m**2

    def offset_of(self, inner: Grid) -> tuple[int, int]:
        """Row and column of this grid at which another one, aligned with it and inside it, begins.

        Raises
        ------
        GridError
            If the other has another CRS or pixel size, falls between pixels, or reaches beyond this grid.
        """
        row = (self.top_m - inner.top_m) / self.resolution_m
        col = (inner.left_m - self.left_m) / self.resolution_m
        aligned = self.crs == inner.crs and self.resolution_m == inner.resolution_m
        aligned &= abs(row - round(row)) < ALIGNED and abs(col - round(col)) < ALIGNED
        first = (round(row), round(col))
        held = all(
            at >= 0 and at + size <= most
            for at, size, most in zip(first, inner.shape, self.shape, strict=True)
        )
        if not (aligned and held):
            raise GridError(
                f"the terrain stands on another grid ({self.crs}, {self.resolution_m:g} m) than the result "
                f"({inner.crs}, {inner.resolution_m:g} m), or does not cover it; read it with "
                "read_terrain(path, grid)",
                f"địa hình nằm trên lưới khác ({self.crs}, {self.resolution_m:g} m) với kết quả "
                f"({inner.crs}, {inner.resolution_m:g} m), hoặc không phủ hết; hãy đọc lại trên cùng lưới",
            )
        return first

    def widened(self, margin_m: float) -> Grid:
        """Return the grid with a margin on every side, rounded up to whole pixels: aligned with this one."""
        pixels = math.ceil(margin_m / self.resolution_m)
        return Grid(
            self.crs,
            self.left_m - pixels * self.resolution_m,
            self.top_m + pixels * self.resolution_m,
            self.resolution_m,
            (self.shape[0] + 2 * pixels, self.shape[1] + 2 * pixels),
        )

    def whole(self) -> Window:
        """Return the window that is the whole grid."""
        return Window(self, 0, 0, self.shape)

    def tiles(self, size: int) -> Iterator[Window]:
        """Windows of at most ``size`` x ``size`` pixels that cover the grid, row by row."""
        rows, cols = self.shape
        for row in range(0, rows, size):
            for col in range(0, cols, size):
                yield Window(self, row, col, (min(size, rows - row), min(size, cols - col)))

    def index(self, x_m: NDArray[np.float64], y_m: NDArray[np.float64]) -> tuple[NDArray[np.int64], ...]:
        """Row and column of positions in the grid's CRS; -1 for both where a position is outside."""
        col = np.floor((np.asarray(x_m) - self.left_m) / self.resolution_m)
        row = np.floor((self.top_m - np.asarray(y_m)) / self.resolution_m)
        inside = (row >= 0) & (row < self.shape[0]) & (col >= 0) & (col < self.shape[1])
        return np.where(inside, row, -1).astype(np.int64), np.where(inside, col, -1).astype(np.int64)

    def pixel(self, x_m: float, y_m: float) -> tuple[int, int] | None:
        """Row and column of one position, as `index` gives them; None outside."""
        col = math.floor((x_m - self.left_m) / self.resolution_m)
        row = math.floor((self.top_m - y_m) / self.resolution_m)
        inside = 0 <= row < self.shape[0] and 0 <= col < self.shape[1]
        return (row, col) if inside else None


@dataclass(frozen=True, slots=True)
class Window:
    """A rectangle of pixels of a grid.

    Attributes
    ----------
    grid
        The grid it is cut from.
    row, col
        First row and column.
    shape
        Rows, columns.
    """

    grid: Grid
    row: int
    col: int
    shape: tuple[int, int]

    @property
    def resolution_m(self) -> float:
        """Side of a pixel."""
        return self.grid.resolution_m

    @property
    def slices(self) -> tuple[slice, slice]:
        """Slices that cut this window from an array on the grid."""
        return slice(self.row, self.row + self.shape[0]), slice(self.col, self.col + self.shape[1])

    def xs_m(self) -> NDArray[np.float64]:
        """X of the pixel centres of each column; equal for any window that holds the column."""
        index = np.arange(self.col, self.col + self.shape[1], dtype=np.float64)
        return self.grid.left_m + (index + 0.5) * self.grid.resolution_m

    def ys_m(self) -> NDArray[np.float64]:
        """Y of the pixel centres of each row; equal for any window that holds the row."""
        index = np.arange(self.row, self.row + self.shape[0], dtype=np.float64)
        return self.grid.top_m - (index + 0.5) * self.grid.resolution_m

    @property
    def middle_m(self) -> tuple[float, float]:
        """X and y of its middle."""
        rows, cols = self.shape
        size = self.grid.resolution_m
        return (
            self.grid.left_m + (self.col + cols / 2) * size,
            self.grid.top_m - (self.row + rows / 2) * size,
        )

    def around(self, x_m: float, y_m: float, reach_m: float) -> Window | None:
        """Part of this window within a square of half side ``reach_m`` around a position, or None."""
        size = self.grid.resolution_m
        first_col = max(self.col, math.floor((x_m - reach_m - self.grid.left_m) / size))
        last_col = min(self.col + self.shape[1], math.ceil((x_m + reach_m - self.grid.left_m) / size))
        first_row = max(self.row, math.floor((self.grid.top_m - y_m - reach_m) / size))
        last_row = min(self.row + self.shape[0], math.ceil((self.grid.top_m - y_m + reach_m) / size))
        if first_col >= last_col or first_row >= last_row:
            return None
        return Window(self.grid, first_row, first_col, (last_row - first_row, last_col - first_col))
