"""One elevation file: opened with care, read where the grid needs it, and warped onto the grid."""

from __future__ import annotations

import html
import re
import warnings
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import rasterio
from rasterio.enums import Resampling
from rasterio.errors import NotGeoreferencedWarning, RasterioError
from rasterio.features import rasterize
from rasterio.warp import reproject
from rasterio.windows import Window
from shapely.geometry import Polygon

from geocover.crs import WGS84, is_vn2000, known_crs, transformer
from geocover.errors import TerrainError
from geocover.io.terrain import ILLUSTRATIVE_TAG, KIND_TAG

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pyproj
    from numpy.typing import NDArray

    from geocover.grid import Grid

Kind = Literal["surface", "terrain", "unknown"]
Unit = Literal["m", "ft"]
METRES = {"m": 1.0, "ft": 0.3048}
FEET_NAMES = {"ft", "feet", "foot", "us-ft", "us survey foot"}
OUTLINE_POINTS = 101
HEAD_BYTES = 65_536
_SOURCES = re.compile(
    r"<(?:Source|Overview)(?:Filename|Dataset)?\b[^>]*>\s*([^<]*?)\s*</(?:Source|Overview)(?:Filename|Dataset)",
    re.IGNORECASE,
)
WARP_TOLERANCE_PX = 0.01  # GDAL's own 0.125 is half a metre of height on a steep slope


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
    with _opened(path) as source:
        _check_unit(source, path, options)
        stated = source.crs.to_wkt() if source.crs else None
        crs = known_crs(options.crs or stated, path.name)
        window = _needed(source, crs, grid)
        file = _describe(source, path, crs, grid, window)
        if window is None:
            return Part(file, np.full(grid.shape, np.nan, np.float32), np.zeros(grid.shape, bool))
        return _warped(source, file, crs, window, grid, options)


@contextmanager
def _opened(path: Path) -> Iterator[rasterio.DatasetReader]:
    """Open a local file for reading; whatever GDAL says meanwhile becomes a clear error."""
    _check_local(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
            opened = rasterio.open(path)
        with opened as source:
            _check_georeferenced(source, path)
            yield source
    except RasterioError as error:
        raise TerrainError(
            f"{path.name}: cannot be read as elevation ({error})",
            f"{path.name}: không đọc được dữ liệu độ cao ({error})",
        ) from error


def _check_local(path: Path) -> None:
    """Refuse what is no file here; XML and JSON, a VRT whatever its name, must not lead GDAL elsewhere."""
    if not path.is_file():
        raise TerrainError(f"{path}: no such file", f"{path}: không có tệp này")
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES).lower()
    is_vrt = b"<vrtdataset" in head
    if not is_vrt and not head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"<", b"{")):
        return
    text = path.read_text(encoding="utf-8", errors="replace")
    names = [html.unescape(name) for name in _SOURCES.findall(text)]
    if not is_vrt:
        raise TerrainError(
            f"{path.name}: holds XML or JSON, not elevation; give the GeoTIFF, .hgt or VRT itself",
            f"{path.name}: là tệp XML hoặc JSON, không phải độ cao; hãy dùng GeoTIFF, .hgt hoặc VRT",
        )
    if "/vsi" in html.unescape(text).lower():
        raise _not_here(path, ", ".join(names))
    for name in names:
        if not (path.parent / name).is_file():
            raise _not_here(path, name)
        _check_local(path.parent / name)


def _not_here(path: Path, name: str) -> TerrainError:
    return TerrainError(
        f"{path.name}: its source {name} is no file here; put it beside the VRT",
        f"{path.name}: không có tệp nguồn {name}; hãy đặt tệp đó cạnh tệp VRT",
    )


def _check_georeferenced(source: rasterio.DatasetReader, path: Path) -> None:
    if source.transform.is_identity:
        raise TerrainError(
            f"{path.name}: does not say where it lies (no georeference); ask for a GeoTIFF with one",
            f"{path.name}: không có thông tin toạ độ; hãy yêu cầu GeoTIFF có toạ độ",
        )


def _check_unit(source: rasterio.DatasetReader, path: Path, options: TerrainOptions) -> None:
    said = (source.units[0] or "").strip().lower()
    if options.unit is None and said in FEET_NAMES:
        raise TerrainError(
            f"{path.name}: says it is in feet ({said}); state --unit ft to convert it, or --unit m",
            f"{path.name}: ghi đơn vị là feet ({said}); hãy dùng --unit ft để đổi sang mét, hoặc --unit m",
        )


def _needed(source: rasterio.DatasetReader, crs: pyproj.CRS, grid: Grid) -> Window | None:
    """Part of the file that the grid needs, with four pixels to spare; None where they do not meet."""
    left, bottom, right, top = grid.bounds_m
    x, y = transformer(grid.crs, crs).transform(*_outline(left, bottom, right, top))
    finite = np.isfinite(x) & np.isfinite(y)
    if not finite.any():
        return None
    inverse = ~source.transform
    cols = inverse.a * x[finite] + inverse.b * y[finite] + inverse.c
    rows = inverse.d * x[finite] + inverse.e * y[finite] + inverse.f
    first_col, first_row = max(0, int(cols.min()) - 4), max(0, int(rows.min()) - 4)
    last_col, last_row = min(source.width, int(cols.max()) + 5), min(source.height, int(rows.max()) + 5)
    if first_col >= last_col or first_row >= last_row:
        return None
    return Window(first_col, first_row, last_col - first_col, last_row - first_row)


def _outline(
    left: float, bottom: float, right: float, top: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """X and y along the edge of a rectangle, once around."""
    along, back = np.linspace(0, 1, OUTLINE_POINTS), np.linspace(1, 0, OUTLINE_POINTS)
    zero, one = np.zeros(OUTLINE_POINTS), np.ones(OUTLINE_POINTS)
    across = np.concatenate([along, one, back, zero])
    up = np.concatenate([zero, along, one, back])
    return left + across * (right - left), bottom + up * (top - bottom)


def _describe(
    source: rasterio.DatasetReader, path: Path, crs: pyproj.CRS, grid: Grid, window: Window | None
) -> SourceFile:
    x, y = _corners(source, Window(0, 0, source.width, source.height))
    lon, lat = transformer(crs, WGS84).transform(x, y)
    return SourceFile(
        name=path.name,
        crs=_crs_name(crs),
        stated_crs=_crs_name(known_crs(source.crs.to_wkt(), path.name)) if source.crs else "",
        resolution_m=_resolution_m(source, crs, grid, window),
        bounds=(float(lon.min()), float(lat.min()), float(lon.max()), float(lat.max())),
        kind=_kind(source, path),
        illustrative=source.tags().get(ILLUSTRATIVE_TAG) == "yes",
    )


def _crs_name(crs: pyproj.CRS) -> str:
    code = crs.to_epsg()
    return f"EPSG:{code}" if code else crs.name


def _kind(source: rasterio.DatasetReader, path: Path) -> Kind:
    """Tell what a file is, where it says so itself or is known to be of a global surface model.

    Copernicus and SRTM are radar surfaces: they stand on roofs and within the crowns of trees.
    """
    said = source.tags().get(KIND_TAG)
    if said == "terrain":
        return "terrain"
    if said == "surface" or source.driver == "SRTMHGT" or path.name.startswith("Copernicus_DSM"):
        return "surface"
    return "unknown"


def _corners(
    source: rasterio.DatasetReader, window: Window
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """X and y in the file's CRS along the edge of a window."""
    cols, rows = _outline(
        window.col_off, window.row_off, window.col_off + window.width, window.row_off + window.height
    )
    move = source.transform
    return move.a * cols + move.b * rows + move.c, move.d * cols + move.e * rows + move.f


def _resolution_m(
    source: rasterio.DatasetReader, crs: pyproj.CRS, grid: Grid, window: Window | None
) -> float:
    """Side of a square as large as the file's pixel, at the middle of the window; NaN without a window."""
    if window is None:
        return float("nan")
    col, row = window.col_off + window.width / 2, window.row_off + window.height / 2
    x, y = rasterio.transform.xy(source.transform, [row, row, row + 1], [col, col + 1, col], offset="ul")
    x, y = transformer(crs, grid.crs).transform(np.asarray(x), np.asarray(y))
    return float(np.sqrt(abs((x[1] - x[0]) * (y[2] - y[0]) - (x[2] - x[0]) * (y[1] - y[0]))))


def _warped(
    source: rasterio.DatasetReader,
    file: SourceFile,
    crs: pyproj.CRS,
    window: Window,
    grid: Grid,
    options: TerrainOptions,
) -> Part:
    # An undeclared void would be averaged with its neighbours before it can be told from them.
    coarser = max(1, int(grid.resolution_m / file.resolution_m)) if options.void is None else 1
    values = _read_metres(source, window, coarser, options)
    step = (window.height / values.shape[0], window.width / values.shape[1])
    cut = source.window_transform(window) @ rasterio.Affine.scale(step[1], step[0])
    onto = np.full(grid.shape, np.nan, np.float32)
    # Finer pixels are averaged already: with a scale of 1 GDAL interpolates; else it smooths off-centre.
    # GDAL would choose the shift between datums by itself; VN-2000 must go through EPSG 6960.
    exact = {"COORDINATE_OPERATION": transformer(crs, grid.crs).definition} if is_vn2000(crs) else {}
    reproject(
        values, onto, src_transform=cut, src_crs=crs.to_wkt(), src_nodata=np.nan,
        dst_transform=grid.transform, dst_crs=grid.crs, dst_nodata=np.nan,
        resampling=Resampling.bilinear, tolerance=WARP_TOLERANCE_PX, num_threads=1,
        XSCALE=1, YSCALE=1, **exact,
    )  # fmt: skip
    x, y = transformer(crs, grid.crs).transform(*_corners(source, window))
    reach = rasterize(
        [(Polygon(np.column_stack([x, y])), 1)], grid.shape, transform=grid.transform, dtype="uint8"
    ).astype(bool)
    counted = {"voids": int(np.isnan(values).sum()), "pixels": int(np.isfinite(onto).sum())}
    return Part(SourceFile(**{**vars(file), **counted}), onto, reach)


def _read_metres(
    source: rasterio.DatasetReader, window: Window, coarser: int, options: TerrainOptions
) -> NDArray[np.float32]:
    """Give the window in metres, NaN where the file has nothing, ``coarser`` pixels averaged to one."""
    shape = (max(1, int(window.height) // coarser), max(1, int(window.width) // coarser))
    stored = source.read(1, window=window, out_shape=shape, resampling=Resampling.average, masked=True)
    values = np.where(np.ma.getmaskarray(stored), np.nan, stored.data).astype(np.float32)
    if options.void is not None:
        values[values == np.float32(options.void)] = np.nan
    metres = METRES[options.unit or "m"]
    scaled: NDArray[np.float32] = (values * source.scales[0] + source.offsets[0]) * np.float32(metres)
    return np.where(np.isfinite(scaled), scaled, np.nan).astype(np.float32)
