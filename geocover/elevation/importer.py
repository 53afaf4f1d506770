"""Elevation from partners' files: several files, any CRS, onto one grid around the communes."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from rasterio.fill import fillnodata
from scipy import ndimage

from geocover.elevation.report import TerrainReport
from geocover.elevation.source import Part, TerrainOptions, read_part
from geocover.errors import TerrainError
from geocover.grid import Grid
from geocover.io.raster_source import extent_text
from geocover.io.terrain import FILLED, KIND_TAG, MEASURED, MISSING, write_terrain
from geocover.population import label_communes
from geocover.raster import Raster
from geocover.terrain import LOWEST_M, Terrain, highest_plausible_m

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from geocover.areas import Areas
    from geocover.elevation.source import SourceFile
    from geocover.terrain import Kind

FILL_REACH_M = 1_000.0  # interpolation over more than this from measured ground is a guess
STEPS_PER_M = 16.0  # 6 cm: far below the error of any model, exact in float32, and small when compressed
EIGHT_NEIGHBOURS = np.ones((3, 3), dtype=bool)


@dataclass(frozen=True, eq=False)
class ImportedTerrain:
    """Elevation on the grid, where each pixel comes from, and the report.

    Attributes
    ----------
    terrain
        Elevation in metres.
    origin
        0 measured, 1 filled, 2 missing, shape ``terrain.grid.shape``.
    report
        What was found.
    tags
        Further metadata for the file (credit, checksums).
    """

    terrain: Terrain
    origin: NDArray[np.uint8]
    report: TerrainReport
    tags: tuple[tuple[str, str], ...] = ()

    def write(self, path: Path) -> None:
        """Write the file that ``read_terrain`` and ``geocover run`` read; same inputs, same bytes."""
        names = json.dumps([each.name for each in self.report.files], ensure_ascii=False)
        tags = {KIND_TAG: self.report.kind, "GEOCOVER_TERRAIN_FILES": names, **dict(self.tags)}
        write_terrain(path, self.terrain, self.origin, tags)


def grid_for(areas: Areas, options: TerrainOptions) -> Grid:
    """Give the grid around the communes that elevation is put on."""
    return Grid.around(areas, options.resolution_m, margin_m=options.margin_m)


def import_terrain(
    paths: Sequence[str | Path], areas: Areas, options: TerrainOptions | None = None
) -> ImportedTerrain:
    """Put elevation files on one grid around the communes, and say what is missing or doubtful.

    Parameters
    ----------
    paths
        GeoTIFF, .hgt, VRT; the first wins where they overlap.
    areas
        The communes.
    options
        Resolution, margin, unit, CRS, kind, filling.

    Raises
    ------
    TerrainError
        No file is given, one cannot be read or is in feet, or together they hold nothing inside the area.
    CrsError
        A file has no CRS, or one that cannot be transformed exactly.
    """
    options = options or TerrainOptions()
    if not paths:
        raise TerrainError("no elevation file is given", "chưa có tệp độ cao nào")
    grid = grid_for(areas, options)
    values = np.full(grid.shape, np.nan, np.float32)
    reach = np.zeros(grid.shape, dtype=bool)
    files = []
    for path in paths:
        part = read_part(Path(path), grid, options)
        files.append(_compared(part, values))
        np.copyto(values, part.values, where=np.isnan(values))
        reach |= part.reach
    _check_plausible(values, files, areas)
    return _finish(values, reach, tuple(files), areas, options)


def _compared(part: Part, earlier: NDArray[np.float32]) -> SourceFile:
    """Give the file's facts with its differences from the files before it."""
    both = np.isfinite(part.values) & np.isfinite(earlier)
    if not both.any():
        return part.file
    apart_m = np.abs(part.values[both] - earlier[both])
    return replace(
        part.file,
        overlap_pixels=int(both.sum()),
        overlap_median_m=float(np.median(apart_m)),
        overlap_max_m=float(apart_m.max()),
    )


def _check_plausible(values: NDArray[np.float32], files: list[SourceFile], areas: Areas) -> None:
    known = values[np.isfinite(values)]
    names = ", ".join(file.name for file in files)
    if not known.size:
        _refuse_empty(files, areas)
    lowest_m, highest_m = float(known.min()), float(known.max())
    limit_m = highest_plausible_m(areas.bounds)
    if highest_m > limit_m or lowest_m < LOWEST_M:
        raise TerrainError(
            f"{names}: elevations from {lowest_m:.0f} to {highest_m:.0f} m, possible here are {LOWEST_M:.0f} "
            f"to {limit_m:.0f} m; if the file is in feet add --unit ft, if a value stands for voids --void",
            f"{names}: độ cao từ {lowest_m:.0f} đến {highest_m:.0f} m, ở đây chỉ có thể từ {LOWEST_M:.0f} "
            f"đến {limit_m:.0f} m; nếu tệp dùng feet hãy thêm --unit ft, nếu có giá trị trống thêm --void",
        )


def _refuse_empty(files: list[SourceFile], areas: Areas) -> None:
    extents = "; ".join(f"{file.name}: {extent_text(file.bounds)}" for file in files)
    raise TerrainError(
        f"no elevation inside the communes ({extent_text(areas.bounds)}); {extents}; "
        "check CRS (--crs) and extent",
        f"không có độ cao nào trong khu vực các xã ({extent_text(areas.bounds)}); {extents}; "
        "hãy kiểm tra hệ toạ độ (--crs) và phạm vi",
    )


def _finish(
    values: NDArray[np.float32],
    reach: NDArray[np.bool_],
    files: tuple[SourceFile, ...],
    areas: Areas,
    options: TerrainOptions,
) -> ImportedTerrain:
    grid = grid_for(areas, options)
    voids = np.isnan(values) & reach
    origin = np.where(np.isnan(values), MISSING, MEASURED).astype(np.uint8)
    if options.fill_voids:
        _fill(values, voids, origin, grid.resolution_m)
    values = (np.round(values * STEPS_PER_M) / STEPS_PER_M).astype(np.float32)
    source = ", ".join(file.name for file in files)
    kind = options.kind or _common_kind(files)
    terrain = Terrain(Raster(grid, values, "m"), source, any(file.illustrative for file in files), kind)
    report = _report(terrain, origin, voids, reach, areas)
    return ImportedTerrain(terrain, origin, replace(report, files=files))


def _fill(
    values: NDArray[np.float32], voids: NDArray[np.bool_], origin: NDArray[np.uint8], resolution_m: float
) -> None:
    """Interpolate the voids from measured pixels within ``FILL_REACH_M``, in place, and mark them.

    Source: GDALFillNodata, inverse distance weighting along the directions of the nearest known pixels.
    """
    unreached = np.float32(2 * LOWEST_M)
    known = np.isfinite(values)
    found = fillnodata(
        np.where(known, values, unreached), mask=known.astype(np.uint8),
        max_search_distance=FILL_REACH_M / resolution_m, smoothing_iterations=0,
    )  # fmt: skip
    filled = voids & (found != unreached)
    values[filled] = found[filled]
    origin[filled] = FILLED


def _common_kind(files: tuple[SourceFile, ...]) -> Kind:
    kinds = {file.kind for file in files if file.pixels}
    return kinds.pop() if len(kinds) == 1 else "unknown"


def _report(
    terrain: Terrain,
    origin: NDArray[np.uint8],
    voids: NDArray[np.bool_],
    reach: NDArray[np.bool_],
    areas: Areas,
) -> TerrainReport:
    grid, commune = terrain.grid, label_communes(areas, terrain.grid)
    inside, known = commune >= 0, origin != MISSING
    pixel_km2 = grid.pixel_area_m2 / 1e6
    holes, count = ndimage.label(voids & inside, structure=EIGHT_NEIGHBOURS)
    sizes = np.bincount(holes.ravel())[1:]
    have = np.bincount(commune[known & inside], minlength=len(areas))
    names = zip(areas.codes, areas.table["name"], have, strict=True)
    return TerrainReport(
        files=(),
        resolution_m=grid.resolution_m,
        shape=grid.shape,
        kind=terrain.kind,
        area_km2=float(inside.sum()) * pixel_km2,
        known_share=float(known[inside].mean()),
        outside_km2=float((inside & ~reach & ~known).sum()) * pixel_km2,
        voids=int(count),
        void_km2=float(sizes.sum()) * pixel_km2,
        largest_void_km2=float(sizes.max(initial=0)) * pixel_km2,
        filled_km2=float((inside & (origin == FILLED)).sum()) * pixel_km2,
        lowest_m=float(np.nanmin(terrain.elevation.values)),
        highest_m=float(np.nanmax(terrain.elevation.values)),
        without=tuple((code, str(name)) for code, name, pixels in names if not pixels),
    )
