"""What an elevation file is, before anything is done with it: facts, and flags on what looks wrong."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from rasterio.enums import Resampling
from rasterio.windows import Window
from scipy import ndimage

from geocover.elevation.importer import EIGHT_NEIGHBOURS, import_terrain
from geocover.elevation.source import METRES, TerrainOptions, file_kind
from geocover.errors import CrsError, TerrainError
from geocover.grid import Grid
from geocover.io.raster_source import Bounds, bounds_deg, extent_text, horizontal_crs, opened, pixel_m
from geocover.io.terrain import FEET, ILLUSTRATIVE_TAG, NOT_METRES, stated_unit
from geocover.population import label_communes
from geocover.wording import number, percent

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyproj
    import rasterio
    from numpy.typing import NDArray

    from geocover.areas import Areas
    from geocover.elevation.importer import ImportedTerrain
    from geocover.terrain import Kind

MOST_PIXELS = 40_000_000  # a larger file is sampled
COVER_RESOLUTION_M = 90.0
ENOUGH_SHARE = 0.999  # of the communes; of the communes with their margin a percent may lack
ENOUGH_MARGIN_SHARE = 0.99
STEP_TOLERANCE_M = 0.006  # heights are often rounded to centimetres
STEP_SHARE = 0.99
STEP_VALUES, STEP_DISTINCT = 1_000, 20


class Flag(NamedTuple):
    """Something about a file that a user must know or decide."""

    code: str
    en: str
    vi: str


@dataclass(frozen=True)
class Cover:
    """How much of the communes a file covers.

    Attributes
    ----------
    communes, without
        Number of communes, and of those without any elevation.
    share
        Part of their area with elevation.
    margin_m, margin_share
        Width of the margin around them, and the part of communes and margin with elevation.
    """

    communes: int
    without: int
    share: float
    margin_m: float
    margin_share: float


@dataclass(frozen=True)
class TerrainInfo:
    """Facts of an elevation file.

    Attributes
    ----------
    name, format, crs
        File name, GDAL's name of the format, CRS ("" where the file states none).
    shape, bounds
        Rows, columns; left, bottom, right, top in the file's own CRS.
    bounds_deg
        West, south, east, north in degrees; None without CRS, or where the CRS does not fit.
    resolution_m
        Side of a pixel in the middle of the file; None where it is not known.
    unit, kind, illustrative
        Unit that the file states ("" for none), "surface", "terrain" or "unknown", whether it is made up.
    sampled
        Whether the figures below come of a sample of the pixels (files of more than 40 million).
    void_share, holes, largest_hole_km2
        Part of the file without value; number of connected holes; area of the largest (None without
        resolution).
    lowest, highest
        Range in the file's own unit; None where it is empty.
    cover
        How much of the communes it covers; None where that cannot be told.
    flags
        What looks wrong or must be decided.
    """

    name: str
    format: str
    crs: str
    shape: tuple[int, int]
    bounds: Bounds
    bounds_deg: Bounds | None
    resolution_m: float | None
    unit: str
    kind: Kind
    illustrative: bool
    sampled: bool
    void_share: float
    holes: int
    largest_hole_km2: float | None
    lowest: float | None
    highest: float | None
    cover: Cover | None = None
    flags: tuple[Flag, ...] = ()

    def to_dict(self) -> dict[str, object]:
        """Give the facts as plain values for JSON."""
        return {**asdict(self), "flags": [flag._asdict() for flag in self.flags]}

    def lines_vi(self) -> list[str]:
        """Give the facts as lines of Vietnamese text, flags last."""
        return [*self._lines(), *(f"CẢNH BÁO: {flag.vi}" for flag in self.flags)]

    def _lines(self) -> Iterator[str]:
        rows, cols = self.shape
        pixel = "chưa rõ" if self.resolution_m is None else f"{number(self.resolution_m, 1)} m"
        yield f"{self.name}: {self.format}, {number(cols)} x {number(rows)} điểm ảnh, cạnh điểm ảnh {pixel}"
        yield f"Hệ toạ độ: {self.crs or 'không ghi'}; phạm vi {_extent_vi(self.bounds_deg or self.bounds)}"
        yield f"Đơn vị: {self.unit or 'không ghi'}; loại: {_KIND_VI[self.kind]}"
        yield f"Độ cao từ {number(self.lowest, 1)} đến {number(self.highest, 1)} {self.unit or 'm'}"
        sampled = " (ước lượng từ mẫu)" if self.sampled else ""
        yield (
            f"Trống: {percent(100 * self.void_share, 2)} của tệp, {number(self.holes)} vùng, "
            f"lớn nhất {number(self.largest_hole_km2, 2)} km²{sampled}"
        )
        if self.cover:
            yield (
                f"Phủ {percent(100 * self.cover.share, 2)} diện tích {self.cover.communes} xã, phường; "
                f"{percent(100 * self.cover.margin_share, 2)} kể cả lề {number(self.cover.margin_m)} m"
            )


_KIND_VI = {
    "surface": "bề mặt (gồm cả cây, nhà)",
    "terrain": "mặt đất",
    "unknown": "chưa rõ",
}


def _extent_vi(bounds: Bounds) -> str:
    west, south, east, north = (number(value, 4) for value in bounds)
    return f"từ {west} đến {east} (đông), {south} đến {north} (bắc)"


def terrain_info(path: str | Path, areas: Areas, margin_m: float = 5_000.0) -> TerrainInfo:
    """Look into an elevation file; what is wrong with it becomes a flag, not an error.

    Parameters
    ----------
    path
        GeoTIFF, .hgt, VRT.
    areas
        The communes that it should cover.
    margin_m
        Width around them that it should cover too, since paths to a site beyond the border start there.

    Raises
    ------
    TerrainError
        The file is missing, unreadable, or not georeferenced.
    """
    path = Path(path)
    with opened(path, TerrainError) as source:
        values, step = _sample(source)
        info = _facts(source, path, values, step)
    flags = [*_crs_flags(info), *_unit_flags(info, values), *_hole_flags(info)]
    if info.kind == "unknown":
        flags.append(_UNKNOWN_KIND)
    cover, more = (None, []) if not info.crs else _cover(path, areas, info.unit, margin_m)
    return replace(info, cover=cover, flags=(*flags, *more))


def _sample(source: rasterio.DatasetReader) -> tuple[NDArray[np.float64], int]:
    """Values of the first band, NaN for voids, and the step between the pixels that were taken."""
    step = max(1, math.ceil(math.sqrt(source.width * source.height / MOST_PIXELS)))
    shape = (math.ceil(source.height / step), math.ceil(source.width / step))
    stored = source.read(1, out_shape=shape, resampling=Resampling.nearest, masked=True)
    values = stored.astype(np.float64).filled(np.nan) * source.scales[0] + source.offsets[0]
    return np.where(np.isfinite(values), values, np.nan), step


def _facts(source: rasterio.DatasetReader, path: Path, values: NDArray[np.float64], step: int) -> TerrainInfo:
    crs = _crs(source, path)
    side_m = _side_m(source, crs)
    void = np.isnan(values)
    labels, holes = ndimage.label(void, structure=EIGHT_NEIGHBOURS)
    largest = int(np.bincount(labels.ravel())[1:].max(initial=0)) * step * step
    empty = bool(void.all())
    return TerrainInfo(
        name=path.name,
        format=source.driver,
        crs="" if crs is None else f"EPSG:{crs.to_epsg()}" if crs.to_epsg() else crs.name,
        shape=(source.height, source.width),
        bounds=tuple(source.bounds),
        bounds_deg=None if crs is None else _finite(bounds_deg(source, crs)),
        resolution_m=side_m,
        unit=stated_unit(source),
        kind=file_kind(source, path),
        illustrative=source.tags().get(ILLUSTRATIVE_TAG) == "yes",
        sampled=step > 1,
        void_share=float(void.mean()),
        holes=int(holes),
        largest_hole_km2=None if side_m is None else largest * side_m**2 / 1e6,
        lowest=None if empty else float(np.nanmin(values)),
        highest=None if empty else float(np.nanmax(values)),
    )


def _crs(source: rasterio.DatasetReader, path: Path) -> pyproj.CRS | None:
    try:
        return horizontal_crs(source, path)
    except CrsError:
        return None


def _finite(bounds: Bounds) -> Bounds | None:
    return bounds if np.isfinite(bounds).all() and max(abs(bounds[1]), abs(bounds[3])) <= 90 else None


def _side_m(source: rasterio.DatasetReader, crs: pyproj.CRS | None) -> float | None:
    """Side of a pixel in the middle of the file, in metres."""
    where = None if crs is None else _finite(bounds_deg(source, crs))
    if crs is None or where is None:
        return None
    lon, lat = (where[0] + where[2]) / 2, (where[1] + where[3]) / 2
    local = f"+proj=laea +lat_0={lat} +lon_0={lon} +datum=WGS84 +units=m"
    frame = Grid(local, 0.0, 0.0, 1.0, (1, 1))
    side_m = pixel_m(source, crs, frame, Window(0, 0, source.width, source.height))
    return side_m if math.isfinite(side_m) else None


def _crs_flags(info: TerrainInfo) -> Iterator[Flag]:
    left, bottom, right, top = info.bounds
    degrees = left >= -180 and right <= 180 and bottom >= -90 and top <= 90
    if not info.crs:
        remedy = "EPSG:4326" if degrees else "EPSG:9208"
        yield Flag(
            "no_crs",
            f"states no CRS; its bounds {left:g} to {right:g}, {bottom:g} to {top:g} "
            f"{'look like' if degrees else 'are no'} degrees; import it with --crs, for example {remedy}",
            f"không ghi hệ toạ độ; phạm vi {left:g} đến {right:g}, {bottom:g} đến {top:g} "
            f"{'có vẻ là' if degrees else 'không phải là'} độ; hãy nhập với --crs, ví dụ {remedy}",
        )
    elif info.bounds_deg is None:
        yield Flag(
            "impossible_crs",
            f"{info.crs} does not fit its bounds {left:g} to {right:g}, {bottom:g} to {top:g}: another CRS, "
            "or latitude and longitude swapped; import it with the right --crs, or have it placed anew",
            f"{info.crs} không khớp với phạm vi {left:g} đến {right:g}, {bottom:g} đến {top:g}: sai hệ toạ "
            "độ, hoặc đảo kinh độ, vĩ độ; hãy nhập với --crs đúng, hoặc gán lại toạ độ cho tệp",
        )


def _unit_flags(info: TerrainInfo, values: NDArray[np.float64]) -> Iterator[Flag]:
    if info.unit in NOT_METRES:
        unit = "feet" if info.unit in FEET else info.unit
        yield Flag(
            "unit",
            f"says it is in {unit}, not metres; import it with --unit ft (converts feet), or --unit m",
            f"ghi đơn vị là {unit}, không phải mét; hãy nhập với --unit ft (đổi feet sang mét) hoặc --unit m",
        )
    elif _in_steps(values, 1 / METRES["ft"]):
        yield Flag(
            "feet",
            "its heights are whole metres times 3.2808: most likely feet; import it with --unit ft",
            "độ cao đều là số mét chẵn nhân 3,2808: rất có thể là feet; hãy nhập với --unit ft",
        )
    elif _in_steps(values, METRES["ft"]):
        yield Flag(
            "from_feet",
            "its heights are whole feet times 0.3048: metres already; do not import it with --unit ft",
            "độ cao đều là số feet chẵn nhân 0,3048: đã là mét; không nhập với --unit ft",
        )


def _in_steps(values: NDArray[np.float64], step: float) -> bool:
    """Whether nearly all heights are multiples of a step, and not simply whole numbers."""
    known = values[np.isfinite(values) & (values != 0)]
    if known.size < STEP_VALUES or (known == np.rint(known)).mean() > 0.5:
        return False
    if np.unique(known[:1_000_000]).size < STEP_DISTINCT:
        return False
    return bool((np.abs(known - step * np.rint(known / step)) < STEP_TOLERANCE_M).mean() > STEP_SHARE)


def _hole_flags(info: TerrainInfo) -> Iterator[Flag]:
    if info.lowest is None:
        yield Flag("empty", "holds no value at all", "không có giá trị nào")
    elif info.holes:
        share, largest = 100 * info.void_share, info.largest_hole_km2
        yield Flag(
            "holes",
            f"{info.holes} holes, {percent(share, 2, language='en')} of the file, the largest "
            f"{number(largest, 2, language='en')} km²; they stay missing, `terrain import --fill` "
            "interpolates small ones and marks them",
            f"{number(info.holes)} lỗ trống, {percent(share, 2)} của tệp, lớn nhất {number(largest, 2)} km²; "
            "chúng được để trống, `terrain import --fill` nội suy lỗ nhỏ và đánh dấu",
        )


_UNKNOWN_KIND = Flag(
    "kind",
    "does not tell whether it is bare ground or a surface with trees and roofs; import it with --kind, else "
    "no clutter can be set on it",
    "chưa rõ là mặt đất hay bề mặt gồm cả cây, nhà; hãy nhập với --kind, nếu không thì không đặt được "
    "lớp phủ",
)


def _cover(path: Path, areas: Areas, unit: str, margin_m: float) -> tuple[Cover | None, list[Flag]]:
    """How much of the communes the file covers, and the flags of that; an error of the import is a flag."""
    options = TerrainOptions(COVER_RESOLUTION_M, margin_m, unit="ft" if unit in FEET else "m")
    try:
        imported = import_terrain([path], areas, options)
    except (TerrainError, CrsError) as error:
        return None, [Flag("unusable", str(error), error.vi)]
    cover = _measured(imported, areas, margin_m)
    enough = cover.share >= ENOUGH_SHARE and cover.margin_share >= ENOUGH_MARGIN_SHARE
    return cover, [] if enough else [_too_small(cover, areas)]


def _measured(imported: ImportedTerrain, areas: Areas, margin_m: float) -> Cover:
    grid, report = imported.terrain.grid, imported.report
    outside = label_communes(areas, grid) < 0
    near = ndimage.distance_transform_edt(outside) * grid.resolution_m <= margin_m
    known = np.isfinite(imported.terrain.elevation.values)
    return Cover(len(areas), len(report.without), report.known_share, margin_m, float(known[near].mean()))


def _too_small(cover: Cover, areas: Areas) -> Flag:
    share, margin = 100 * cover.share, 100 * cover.margin_share
    return Flag(
        "small",
        f"too small or full of holes: covers {percent(share, 2, language='en')} of the communes "
        f"({extent_text(areas.bounds)}) and {percent(margin, 2, language='en')} with a margin of "
        f"{cover.margin_m:g} m; {cover.without} communes have none; give `terrain import` further files",
        f"quá nhỏ hoặc nhiều lỗ trống: phủ {percent(share, 2)} diện tích các xã "
        f"({_extent_vi(areas.bounds)}), {percent(margin, 2)} kể cả lề {number(cover.margin_m)} m; "
        f"{cover.without} xã, phường không có độ cao; hãy thêm tệp vào `terrain import`",
    )
