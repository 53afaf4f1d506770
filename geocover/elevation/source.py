"""One elevation file: opened with care, read where the grid needs it, and warped onto the grid."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from rasterio.enums import Resampling
from rasterio.features import rasterize
from shapely.geometry import Polygon

from geocover.crs import known_crs, transformer
from geocover.errors import TerrainError
from geocover.io.raster_source import (
    averaging,
    bounds_deg,
    cut_transform,
    edge,
    horizontal_crs,
    needed_window,
    opened,
    pixel_m,
    place_on,
)
from geocover.io.terrain import ILLUSTRATIVE_TAG, refuse_other_units, stated_kind

if TYPE_CHECKING:
    from pathlib import Path

    import pyproj
    import rasterio
    from numpy.typing import NDArray
    from rasterio.windows import Window

    from geocover.grid import Grid
    from geocover.terrain import Kind

Unit = Literal["m", "ft"]
METRES = {"m": 1.0, "ft": 0.3048}


@dataclass(frozen=True)
class TerrainOptions:
    """How elevation files are read.

    Attributes
    ----------
    resolution_m, margin_m
        Pixel of the grid, and its margin around the communes.
    fill_voids
        Whether voids are interpolated (and marked) where measured pixels are near.
    unit
        What the files hold; None is metres, unless a file says feet, which is then refused.
    crs
        The CRS of all files, whatever they state; None takes what each states.
    kind
        "surface" (with trees and houses), "terrain" (bare ground); None takes what each file tells.
    void
        Value that stands for "nothing" in files that do not declare theirs.
    """

    resolution_m: float = 30.0
    margin_m: float = 5_000.0
    fill_voids: bool = False
    unit: Unit | None = None
    crs: str | None = None
    kind: Kind | None = None
    void: float | None = None


@dataclass(frozen=True)
class SourceFile:
    """What one file is and gave.

    Attributes
    ----------
    name, crs, stated_crs
        File name, the CRS it was read in, and the one it states.
    resolution_m
        Side of a pixel, at the middle of what was read.
    bounds
        West, south, east, north of the whole file in degrees.
    kind, illustrative
        What it tells of itself.
    voids
        Pixels without a value in the part that the grid needs (after averaging, where that part is finer).
    pixels
        Pixels of the grid that it gives a value.
    overlap_pixels, overlap_median_m, overlap_max_m
        Where an earlier file has a value already (which stays): absolute differences from it.
    """

    name: str
    crs: str
    stated_crs: str
    resolution_m: float
    bounds: tuple[float, float, float, float]
    kind: Kind
    illustrative: bool
    voids: int = 0
    pixels: int = 0
    overlap_pixels: int = 0
    overlap_median_m: float = 0.0
    overlap_max_m: float = 0.0


@dataclass(frozen=True, eq=False)
class Part:
    """What one file gives to the grid: elevation in metres (NaN: none), and where it reaches at all."""

    file: SourceFile
    values: NDArray[np.float32]
    reach: NDArray[np.bool_]


def read_part(path: Path, grid: Grid, options: TerrainOptions) -> Part:
    """Read one file onto the grid by bilinear interpolation, after averaging where its pixels are finer.

    Raises
    ------
    TerrainError
        The file is missing, unreadable, not georeferenced, in feet, or a VRT of something remote.
    CrsError
        It has no CRS, or one that cannot be transformed exactly.
    """
    with opened(path, TerrainError) as source:
        if options.unit is None:
            refuse_other_units(source, path)
        crs = horizontal_crs(source, path, options.crs)
        window = needed_window(source, crs, grid)
        file = _describe(source, path, crs, grid, window)
        if window is None:
            return Part(file, np.full(grid.shape, np.nan, np.float32), np.zeros(grid.shape, bool))
        return _warped(source, file, crs, window, grid, options)


def _describe(
    source: rasterio.DatasetReader, path: Path, crs: pyproj.CRS, grid: Grid, window: Window | None
) -> SourceFile:
    return SourceFile(
        name=path.name,
        crs=_crs_name(crs),
        stated_crs=_crs_name(known_crs(source.crs.to_wkt(), path.name)) if source.crs else "",
        resolution_m=float("nan") if window is None else pixel_m(source, crs, grid, window),
        bounds=bounds_deg(source, crs),
        kind=file_kind(source, path),
        illustrative=source.tags().get(ILLUSTRATIVE_TAG) == "yes",
    )


def _crs_name(crs: pyproj.CRS) -> str:
    code = crs.to_epsg()
    return f"EPSG:{code}" if code else crs.name


def file_kind(source: rasterio.DatasetReader, path: Path) -> Kind:
    """Tell what a file is, where it says so itself or is known to be of a global surface model.

    Copernicus and SRTM are radar surfaces: they stand on roofs and within the crowns of trees.
    """
    said = stated_kind(source)
    known_surface = source.driver == "SRTMHGT" or path.name.startswith("Copernicus_DSM")
    return "surface" if said == "unknown" and known_surface else said


def _warped(
    source: rasterio.DatasetReader,
    file: SourceFile,
    crs: pyproj.CRS,
    window: Window,
    grid: Grid,
    options: TerrainOptions,
) -> Part:
    # An undeclared void would be averaged with its neighbours before it can be told from them.
    finer_m = file.resolution_m if options.void is None else float("inf")
    values = _read_metres(source, window, averaging(window, finer_m, grid), options)
    onto = place_on(
        values, cut_transform(source, window, values.shape), crs, grid, Resampling.bilinear, void=np.nan
    )
    x, y = transformer(crs, grid.crs).transform(*edge(source, window))
    reach = rasterize(
        [(Polygon(np.column_stack([x, y])), 1)], grid.shape, transform=grid.transform, dtype="uint8"
    ).astype(bool)
    counted = {"voids": int(np.isnan(values).sum()), "pixels": int(np.isfinite(onto).sum())}
    return Part(SourceFile(**{**vars(file), **counted}), onto, reach)


def _read_metres(
    source: rasterio.DatasetReader, window: Window, shape: tuple[int, int], options: TerrainOptions
) -> NDArray[np.float32]:
    """Give the window in metres, averaged to a shape, NaN where the file has nothing."""
    stored = source.read(1, window=window, out_shape=shape, resampling=Resampling.average, masked=True)
    values = np.where(np.ma.getmaskarray(stored), np.nan, stored.data).astype(np.float32)
    if options.void is not None:
        values[values == np.float32(options.void)] = np.nan
    metres = METRES[options.unit or "m"]
    scaled: NDArray[np.float32] = (values * source.scales[0] + source.offsets[0]) * np.float32(metres)
    return np.where(np.isfinite(scaled), scaled, np.nan).astype(np.float32)
