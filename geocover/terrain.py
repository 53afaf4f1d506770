"""Elevation on a grid, and clutter above it. What is missing stays missing: a void is never sea level."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np
from scipy import ndimage

from geocover.crs import WGS84, transformer
from geocover.errors import GridError, TerrainError
from geocover.raster import Raster

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geocover.grid import Grid

Kind = Literal["surface", "terrain", "unknown"]

HIGHEST_M = 9_000.0
LOWEST_M = -500.0
# Phan Xi Păng, 3,147 m, is the highest land of the mainland between 102 and 110° E and south of 24° N.
MAINLAND = (102.0, 6.0, 110.0, 24.0)
MAINLAND_HIGHEST_M = 3_200.0
GROUND_REACH_M = 100.0  # a wider search would take the foot of a slope for the ground at its top


@dataclass(frozen=True, eq=False)
class Terrain:
    """Elevation above mean sea level, and what stands on it where that is known.

    Attributes
    ----------
    elevation
        Raster in metres, NaN where unknown: the ground once clutter is set, else what `kind` says.
    source
        Where it comes from, for figures and manifests.
    illustrative
        Whether it is made up.
    kind
        What the source measured: "surface" (with trees and roofs), "terrain" (bare ground), or "unknown".
    clutter
        Representative clutter height above `elevation` in metres, 0 where there is none, NaN where unknown.
    clutter_source
        Where the clutter comes from; empty without it.
    """

    elevation: Raster
    source: str
    illustrative: bool = False
    kind: Kind = "unknown"
    clutter: Raster | None = None
    clutter_source: str = ""

    def __post_init__(self) -> None:
        if self.clutter is not None and self.clutter.grid != self.grid:
            raise GridError("the clutter stands on another grid; read it with read_clutter(path, grid)")
        known = self.elevation.values[np.isfinite(self.elevation.values)]
        limit_m = highest_plausible_m(_bounds_deg(self.grid))
        if known.size and (known.max() > limit_m or known.min() < LOWEST_M):
            raise TerrainError(
                f"{self.source}: elevations from {known.min():.0f} to {known.max():.0f}, possible here are "
                f"{LOWEST_M:.0f} to {limit_m:.0f} metres above sea level; a file in feet is converted by "
                "`geocover terrain import --unit ft`, an undeclared void value is told by --void",
                f"{self.source}: độ cao từ {known.min():.0f} đến {known.max():.0f}, ở đây chỉ có thể từ "
                f"{LOWEST_M:.0f} đến {limit_m:.0f} mét trên mực nước biển; tệp dùng feet thì đổi bằng "
                "`geocover terrain import --unit ft`, giá trị trống chưa khai báo thì thêm --void",
            )

    @property
    def grid(self) -> Grid:
        """The frame of the elevation."""
        return self.elevation.grid

    @cached_property
    def complete(self) -> bool:
        """Whether elevation is known everywhere."""
        return bool(np.isfinite(self.elevation.values).all())

    def clutter_m(self) -> NDArray[np.float32]:
        """Clutter height above the elevation in metres, shape ``grid.shape``; 0 where none is known."""
        if self.clutter is None:
            return np.zeros(self.grid.shape, np.float32)
        height: NDArray[np.float32] = np.nan_to_num(self.clutter.values, nan=0.0).astype(np.float32)
        return height

    def cropped(self, grid: Grid) -> Terrain:
        """Return the part on a smaller grid that is aligned with this one and inside it.

        Raises
        ------
        GridError
            If it is not aligned or reaches beyond.
        """
        row, col = self.grid.offset_of(grid)
        part = slice(row, row + grid.shape[0]), slice(col, col + grid.shape[1])
        clutter = self.clutter and Raster(grid, self.clutter.values[part], self.clutter.unit)
        elevation = Raster(grid, self.elevation.values[part], self.elevation.unit)
        return replace(self, elevation=elevation, clutter=clutter)

    def slope_deg(self, first: int = 0, end: int | None = None) -> NDArray[np.float64]:
        """Steepest slope in degrees of each pixel of some rows (all); NaN beside missing pixels."""
        end = self.grid.shape[0] if end is None else end
        begin = max(first - 1, 0)  # a slope looks at the rows beside its own
        height_m = self.elevation.values[begin : end + 1].astype(np.float64)
        rise_y, rise_x = np.gradient(height_m, self.grid.resolution_m)
        slope: NDArray[np.float64] = np.degrees(np.arctan(np.hypot(rise_x, rise_y)))
        return slope[first - begin : end - begin]


@dataclass(frozen=True, slots=True)
class ClutterClass:
    """A class of land cover and the height that stands for it.

    Attributes
    ----------
    code
        Its value in the class raster.
    name_vi, name_en
        What reports call it.
    height_m
        Representative clutter height (Rec. ITU-R P.1812, section 3.2); 0 for open land and water.
    source
        Where the height comes from.
    """

    code: int
    name_vi: str
    name_en: str
    height_m: float
    source: str = ""


@dataclass(frozen=True, eq=False)
class Clutter:
    """Land cover on a grid.

    Attributes
    ----------
    grid
        The frame.
    index
        uint8, shape ``grid.shape``: 0 unknown, n the n-th of `classes`.
    classes
        The classes of the table.
    source
        The class raster and the table, for figures and manifests.
    illustrative
        Whether it is made up.
    """

    grid: Grid
    index: NDArray[np.uint8]
    classes: tuple[ClutterClass, ...]
    source: str
    illustrative: bool = False

    @cached_property
    def height(self) -> Raster:
        """Representative clutter height in metres, NaN where the class is unknown."""
        heights = np.array([np.nan, *(each.height_m for each in self.classes)], np.float32)
        return Raster(self.grid, heights[self.index], "m")

    def describe(self, inside: NDArray[np.bool_] | None = None) -> dict[str, object]:
        """Source, known share and the share of each class that occurs, as plain values for a manifest.

        Parameters
        ----------
        inside
            Pixels that count, shape ``grid.shape``; all where none is given.
        """
        counted = self.index if inside is None else self.index[inside]
        shares = np.bincount(counted.ravel(), minlength=len(self.classes) + 1) / max(1, counted.size)
        classes = [
            {"code": each.code, "name_vi": each.name_vi, "name_en": each.name_en,
             "height_m": each.height_m, "share": float(share)}
            for each, share in zip(self.classes, shares[1:], strict=True)
            if share
        ]  # fmt: skip
        return {"source": self.source, "known_share": float(shares[1:].sum()), "classes": classes}


def with_clutter(terrain: Terrain, clutter: Clutter | None) -> Terrain:
    """Set clutter on an elevation, so that nothing is counted twice.

    On bare ground ("terrain") the class height stands on the elevation. A surface model holds trees and roofs
    already: the surface stays what waves meet (elevation + clutter), and the ground on which masts and
    receivers stand is the surface less the class height. Where bare ground (a class of height 0) lies within
    100 m to every side (at least the next pixel), the ground is not taken below the lowest surface there: a
    table cannot know how high the trees and houses are, and a hut in a field must not become a pit. What is
    left of the height is the clutter. In closed forest nothing shows the ground: the table's height holds.
    Where the class is unknown the elevation stays as it is and the clutter is NaN, which counts as 0.

    Parameters
    ----------
    terrain
        Elevation without clutter, of known kind.
    clutter
        Land cover on the same grid; None gives the terrain back.

    Raises
    ------
    TerrainError
        The kind is unknown, or the terrain has clutter already.
    GridError
        The two stand on different grids.
    """
    if clutter is None:
        return terrain
    _check_ready(terrain, clutter)
    ground, height = terrain.elevation, clutter.height
    if terrain.kind == "surface":
        ground, height = _split_surface(terrain.elevation, height)
    return replace(
        terrain,
        elevation=ground,
        clutter=height,
        clutter_source=clutter.source,
        illustrative=terrain.illustrative or clutter.illustrative,
    )


def _check_ready(terrain: Terrain, clutter: Clutter) -> None:
    if clutter.grid != terrain.grid:
        raise GridError("the clutter stands on another grid; read it with read_clutter(path, grid)")
    if terrain.clutter is not None:
        raise TerrainError(
            f"{terrain.source}: has clutter already ({terrain.clutter_source}); set it once",
            f"{terrain.source}: đã có lớp phủ ({terrain.clutter_source}); chỉ đặt một lần",
        )
    if terrain.kind == "unknown":
        raise TerrainError(
            f"{terrain.source}: does not tell whether it is bare ground or a surface with trees and roofs, "
            "so clutter might count twice; import it with `geocover terrain import --kind terrain` or "
            "`--kind surface`, or leave the clutter out",
            f"{terrain.source}: chưa rõ là mặt đất hay bề mặt gồm cả cây, nhà, nên lớp phủ có thể bị tính "
            "hai lần; hãy nhập lại bằng `geocover terrain import --kind terrain` hoặc `--kind surface`, "
            "hoặc bỏ lớp phủ",
        )


def _split_surface(surface: Raster, height: Raster) -> tuple[Raster, Raster]:
    """Split a surface into ground and what stands on it, as `with_clutter` says."""
    top, tall = surface.values, np.nan_to_num(height.values, nan=0.0)
    size = 2 * max(1, round(GROUND_REACH_M / surface.grid.resolution_m)) + 1
    bare = (height.values == 0) & np.isfinite(top)
    floor = ndimage.minimum_filter(np.where(np.isfinite(top), top, np.inf), size, mode="nearest")
    seen = ndimage.maximum_filter(bare, size, mode="nearest")
    ground = np.where(seen, np.maximum(top - tall, floor), top - tall).astype(top.dtype)
    stands = np.where(np.isfinite(height.values), top - ground, np.nan).astype(np.float32)
    return Raster(surface.grid, ground, "m"), Raster(surface.grid, stands, "m")


def highest_plausible_m(bounds: tuple[float, float, float, float]) -> float:
    """Highest plausible elevation in a rectangle (west, south, east, north in degrees).

    It tells feet from metres where mountains are.
    """
    west, south, east, north = bounds
    inside = west > MAINLAND[0] and south > MAINLAND[1] and east < MAINLAND[2] and north < MAINLAND[3]
    return MAINLAND_HIGHEST_M if inside else HIGHEST_M


def _bounds_deg(grid: Grid) -> tuple[float, float, float, float]:
    west, south, east, north = transformer(grid.crs, WGS84).transform_bounds(*grid.bounds_m)
    return west, south, east, north
