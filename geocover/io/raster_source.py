"""Raster files opened with care: only what lies here, what the grid needs of it, and exactly in place."""

from __future__ import annotations

import html
import re
import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import rasterio
from rasterio.errors import NotGeoreferencedWarning, RasterioError
from rasterio.warp import reproject
from rasterio.windows import Window

from geocover.crs import WGS84, is_vn2000, known_crs, transformer
from geocover.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pyproj
    from affine import Affine
    from numpy.typing import NDArray
    from rasterio.enums import Resampling

    from geocover.grid import Grid

Bounds = tuple[float, float, float, float]
_Value = TypeVar("_Value", bound=np.generic)

OUTLINE_POINTS = 101
HEAD_BYTES = 65_536
_SOURCES = re.compile(
    r"<(?:Source|Overview)(?:Filename|Dataset)?\b[^>]*>\s*([^<]*?)\s*</(?:Source|Overview)(?:Filename|Dataset)",
    re.IGNORECASE,
)
WARP_TOLERANCE_PX = 0.01  # GDAL's own 0.125 is half a metre of height on a steep slope


@contextmanager
def opened(path: Path, error: type[InputError] = InputError) -> Iterator[rasterio.DatasetReader]:
    """Open a local file for reading; whatever GDAL says meanwhile becomes a clear error.

    Raises
    ------
    InputError
        Of the class given: the file is missing, unreadable, without georeference, or leads elsewhere (a VRT
        of something remote, a description of a web service).
    """
    _check_local(path, error)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
            source = rasterio.open(path)
        with source:
            _check_georeferenced(source, path, error)
            yield source
    except RasterioError as fault:
        raise error(
            f"{path.name}: cannot be read as a raster ({fault})",
            f"{path.name}: không đọc được ảnh raster ({fault})",
        ) from fault


def _check_local(path: Path, error: type[InputError]) -> None:
    """Refuse what is no file here; XML and JSON, a VRT whatever its name, must not lead GDAL elsewhere."""
    if not path.is_file():
        raise error(f"{path}: no such file", f"{path}: không có tệp này")
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES).lower()
    is_vrt = b"<vrtdataset" in head
    if not is_vrt and not head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"<", b"{")):
        return
    text = path.read_text(encoding="utf-8", errors="replace")
    names = [html.unescape(name) for name in _SOURCES.findall(text)]
    if not is_vrt:
        raise error(
            f"{path.name}: holds XML or JSON, not a raster; give the GeoTIFF, .hgt or VRT itself",
            f"{path.name}: là tệp XML hoặc JSON, không phải ảnh raster; hãy dùng GeoTIFF, .hgt hoặc VRT",
        )
    if "/vsi" in html.unescape(text).lower():
        raise _not_here(path, ", ".join(names), error)
    for name in names:
        if not (path.parent / name).is_file():
            raise _not_here(path, name, error)
        _check_local(path.parent / name, error)


def _not_here(path: Path, name: str, error: type[InputError]) -> InputError:
    return error(
        f"{path.name}: its source {name} is no file here; put it beside the VRT",
        f"{path.name}: không có tệp nguồn {name}; hãy đặt tệp đó cạnh tệp VRT",
    )


def _check_georeferenced(source: rasterio.DatasetReader, path: Path, error: type[InputError]) -> None:
    if source.transform.is_identity:
        raise error(
            f"{path.name}: does not say where it lies (no georeference); ask for a GeoTIFF with one",
            f"{path.name}: không có thông tin toạ độ; hãy yêu cầu GeoTIFF có toạ độ",
        )


def horizontal_crs(source: rasterio.DatasetReader, path: Path, override: str | None = None) -> pyproj.CRS:
    """Give the CRS of a file's pixels, without a vertical part; ``override`` counts before the file's word.

    Raises
    ------
    CrsError
        There is none, or it is unknown.
    """
    stated = source.crs.to_wkt() if source.crs else None
    crs = known_crs(override or stated, path.name)
    return crs.sub_crs_list[0] if crs.is_compound else crs


def needed_window(source: rasterio.DatasetReader, crs: pyproj.CRS, grid: Grid) -> Window | None:
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


def edge(source: rasterio.DatasetReader, window: Window) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """X and y in the file's CRS along the edge of a window."""
    cols, rows = _outline(
        window.col_off, window.row_off, window.col_off + window.width, window.row_off + window.height
    )
    move = source.transform
    return move.a * cols + move.b * rows + move.c, move.d * cols + move.e * rows + move.f


def bounds_deg(source: rasterio.DatasetReader, crs: pyproj.CRS) -> Bounds:
    """West, south, east, north of the whole file in degrees, read in a CRS; infinite where that fails."""
    x, y = edge(source, Window(0, 0, source.width, source.height))
    lon, lat = transformer(crs, WGS84).transform(x, y)
    return float(lon.min()), float(lat.min()), float(lon.max()), float(lat.max())


def extent_text(bounds: Bounds) -> str:
    """Bounds in degrees for a message, as "105.000–106.000° E, 21.000–22.000° N"."""
    west, south, east, north = bounds
    if not np.isfinite(bounds).all() or max(abs(south), abs(north)) > 90:
        return f"nowhere on Earth (longitude {west:g} to {east:g}, latitude {south:g} to {north:g})"
    return f"{west:.3f}–{east:.3f}° E, {south:.3f}–{north:.3f}° N"


def nothing_inside(
    source: rasterio.DatasetReader,
    path: Path,
    crs: pyproj.CRS,
    grid: Grid,
    error: type[InputError] = InputError,
) -> InputError:
    """Give the error of a file without any value on the grid: where both lie, and what to check."""
    here = extent_text(bounds_deg(source, crs))
    area = extent_text(transformer(grid.crs, WGS84).transform_bounds(*grid.bounds_m))
    return error(
        f"{path.name}: holds no value inside the area ({area}); read in {crs.name} it lies at {here}; "
        "check its CRS and extent",
        f"{path.name}: không có giá trị nào trong khu vực ({area}); đọc theo {crs.name} thì tệp nằm ở "
        f"{here}; hãy kiểm tra hệ toạ độ và phạm vi",
    )


def place_on(
    values: NDArray[_Value],
    place: Affine,
    crs: pyproj.CRS,
    grid: Grid,
    resampling: Resampling,
    void: float,
) -> NDArray[_Value]:
    """Warp an array onto a grid: bilinear for measures (not much finer than the grid), nearest for classes.

    Parameters
    ----------
    values
        Shape (rows, columns), ``void`` where there is nothing.
    place
        Affine map from column, row of the array to x, y in ``crs``.
    crs
        CRS of the array; VN-2000 goes through EPSG 6960.
    grid, resampling
        The frame, and how pixels become one.
    void
        The value that stands for nothing, in and out.
    """
    onto = np.full(grid.shape, void, values.dtype)
    # With a scale of 1 GDAL interpolates between neighbours; else it smooths off-centre.
    # GDAL would choose the shift between datums by itself.
    exact = {"COORDINATE_OPERATION": transformer(crs, grid.crs).definition} if is_vn2000(crs) else {}
    reproject(
        values, onto, src_transform=place, src_crs=crs.to_wkt(), src_nodata=void,
        dst_transform=grid.transform, dst_crs=grid.crs, dst_nodata=void,
        resampling=resampling, tolerance=WARP_TOLERANCE_PX, num_threads=1, XSCALE=1, YSCALE=1, **exact,
    )  # fmt: skip
    return onto


def averaging(window: Window, pixel_m: float, grid: Grid) -> tuple[int, int]:
    """Rows and columns to read a window in, so that its pixels are not finer than the grid's."""
    coarser = max(1, int(grid.resolution_m / pixel_m)) if np.isfinite(pixel_m) and pixel_m > 0 else 1
    return max(1, int(window.height) // coarser), max(1, int(window.width) // coarser)


def cut_transform(source: rasterio.DatasetReader, window: Window, shape: tuple[int, int]) -> Affine:
    """Affine map of a window that was read in another shape."""
    scale = rasterio.Affine.scale(window.width / shape[1], window.height / shape[0])
    cut: Affine = source.window_transform(window) @ scale
    return cut


def pixel_m(source: rasterio.DatasetReader, crs: pyproj.CRS, grid: Grid, window: Window) -> float:
    """Side of a square as large as the file's pixel, at the middle of a window."""
    col, row = window.col_off + window.width / 2, window.row_off + window.height / 2
    x, y = rasterio.transform.xy(source.transform, [row, row, row + 1], [col, col + 1, col], offset="ul")
    x, y = transformer(crs, grid.crs).transform(np.asarray(x), np.asarray(y))
    return float(np.sqrt(abs((x[1] - x[0]) * (y[2] - y[0]) - (x[2] - x[0]) * (y[1] - y[0]))))
