"""Rasters of land cover onto a grid, and the table that gives each class a height."""

from __future__ import annotations

import math
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from rasterio.enums import Resampling

from geocover.errors import TerrainError
from geocover.grid import Grid
from geocover.io.raster_source import (
    cut_transform,
    horizontal_crs,
    needed_window,
    nothing_inside,
    opened,
    pixel_m,
    place_on,
)
from geocover.io.terrain import ILLUSTRATIVE_TAG
from geocover.resources import PACKAGE
from geocover.terrain import Clutter, ClutterClass

if TYPE_CHECKING:
    import pyproj
    import rasterio
    from numpy.typing import NDArray

TABLE = PACKAGE / "clutter.toml"
HIGHEST_M = 100.0
LARGEST_CODE = 65_535
ABSENT = 255  # place of a code that the table lacks
MOST_CLASSES = 254
LISTED = 8
LEAST_SAMPLES, MOST_SAMPLES = 3, 64  # along the side of a grid pixel
SAMPLES_AT_ONCE = 8_000_000


@dataclass(frozen=True)
class ClutterTable:
    """Heights by class of land cover.

    Attributes
    ----------
    name, version
        Together they identify the table.
    classes
        At least one, codes unique.
    file
        Where it was read from.
    """

    name: str
    version: int
    classes: tuple[ClutterClass, ...]
    file: str


def read_clutter_table(path: str | Path | None = None) -> ClutterTable:
    """Read a table of clutter heights; the shipped one of ESA WorldCover 2021 where no path is given.

    Raises
    ------
    TerrainError
        The file is missing, is no TOML, lacks a field, repeats a code, or holds an impossible code or height.
    """
    path = Path(path or TABLE)
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8-sig"))
        classes = tuple(_class(row, path) for row in table["class"])
        name, version = str(table["name"]), int(table["version"])
    except (OSError, KeyError, TypeError, ValueError) as error:
        fault = f"{type(error).__name__}: {error}"
        raise TerrainError(
            f"{path}: not a table of clutter heights ({fault}); it needs name, version and for each "
            "[[class]] code, name_vi, name_en, height_m",
            f"{path}: không phải bảng chiều cao lớp phủ ({fault}); cần có name, version và mỗi [[class]] có "
            "code, name_vi, name_en, height_m",
        ) from error
    _check_codes([each.code for each in classes], path)
    return ClutterTable(name, version, classes, path.name)


def _class(row: dict[str, Any], path: Path) -> ClutterClass:
    code, height_m = row["code"], row["height_m"]
    if not (type(code) is int and 0 <= code <= LARGEST_CODE):
        raise _wrong(path, "code", code, f"0–{LARGEST_CODE}")
    if type(height_m) not in {int, float} or not 0 <= height_m <= HIGHEST_M or math.isnan(height_m):
        raise _wrong(path, f"class {code}, height_m", height_m, f"0–{HIGHEST_M:.0f} m")
    return ClutterClass(
        code, str(row["name_vi"]), str(row["name_en"]), float(height_m), str(row.get("source", ""))
    )


def _wrong(path: Path, field: str, value: object, allowed: str) -> TerrainError:
    return TerrainError(
        f"{path}: {field} is {value!r}; it takes {allowed}",
        f"{path}: {field} là {value!r}; phải là {allowed}",
    )


def _check_codes(codes: list[int], path: Path) -> None:
    repeated = sorted({code for code in codes if codes.count(code) > 1})
    if repeated:
        raise TerrainError(
            f"{path}: codes {repeated} occur more than once; keep one [[class]] each",
            f"{path}: mã {repeated} bị lặp; mỗi mã chỉ một mục [[class]]",
        )
    if not 0 < len(codes) <= MOST_CLASSES:
        raise _wrong(path, "number of classes", len(codes), f"1–{MOST_CLASSES}")


def read_clutter(path: str | Path, grid: Grid, table: str | Path | None = None) -> Clutter:
    """Read a raster of land cover (ESA WorldCover or another, any CRS) onto a grid.

    A grid pixel gets its most common class: it is sampled at the middles of equal squares not larger than the
    file's pixels, at least 3 x 3, and of equally common classes the first of the table counts. A mean of
    heights would make of a forest's edge a wood of half the height that exists nowhere. A pixel is unknown
    only where no sample has a class; void, masked, and 0 (unless the table has a class 0) are no class.

    Parameters
    ----------
    path
        GeoTIFF, VRT of such, ... with whole numbers in band 1.
    grid
        The frame.
    table
        A file like the shipped ``clutter.toml``; that one where none is given.

    Raises
    ------
    TerrainError
        The file is missing, unreadable, holds no class inside the grid, or holds a code that the table lacks.
    CrsError
        The file has no CRS.
    """
    path, known = Path(path), read_clutter_table(table)
    index = np.zeros(grid.shape, np.uint8)
    with opened(path, TerrainError) as source:
        crs = horizontal_crs(source, path)
        window = needed_window(source, crs, grid)
        if window is not None:
            side = _samples(grid.resolution_m / pixel_m(source, crs, grid, window))
            for first, strip in _strips(grid, side):
                index[first : first + strip.shape[0]] = _commonest(source, path, crs, strip, side, known)
        if not index.any():
            raise nothing_inside(source, path, crs, grid, TerrainError)
        illustrative = source.tags().get(ILLUSTRATIVE_TAG) == "yes"
    told = f"{path.name}; heights: {known.name}, version {known.version} ({known.file})"
    return Clutter(grid, index, known.classes, told, illustrative)


def _samples(pixels: float) -> int:
    """Samples along the side of a grid pixel that spans so many pixels of the file."""
    return min(MOST_SAMPLES, max(LEAST_SAMPLES, math.ceil(pixels - 0.05)))


def _strips(grid: Grid, side: int) -> list[tuple[int, Grid]]:
    """Cut the grid into strips of whole rows, each with its first row, so that the samples fit in memory."""
    rows, cols = grid.shape
    step = max(1, SAMPLES_AT_ONCE // (cols * side * side))
    return [
        (
            row,
            Grid(
                grid.crs,
                grid.left_m,
                grid.top_m - row * grid.resolution_m,
                grid.resolution_m,
                (min(step, rows - row), cols),
            ),
        )
        for row in range(0, rows, step)
    ]


def _commonest(
    source: rasterio.DatasetReader,
    path: Path,
    crs: pyproj.CRS,
    strip: Grid,
    side: int,
    table: ClutterTable,
) -> NDArray[np.uint8]:
    """Most common class of each pixel of a strip, as its place in the table from 1; 0 where none is known."""
    rows, cols = strip.shape
    window = needed_window(source, crs, strip)
    if window is None:
        return np.zeros(strip.shape, np.uint8)
    stored = source.read(1, window=window, masked=True)
    places = _places(stored, path, table)
    fine = Grid(strip.crs, strip.left_m, strip.top_m, strip.resolution_m / side, (rows * side, cols * side))
    cut = cut_transform(source, window, stored.shape)
    samples = place_on(places, cut, crs, fine, Resampling.nearest, void=0)
    best, most = np.zeros(strip.shape, np.uint8), np.zeros(strip.shape, np.uint16)
    for place in np.flatnonzero(np.bincount(samples.ravel())[1:]) + 1:
        count = _count(samples == place, side)
        best[count > most] = place
        most = np.maximum(most, count)
    return best


def _count(samples: NDArray[np.bool_], side: int) -> NDArray[np.uint16]:
    """Number of true samples in each square of ``side`` x ``side``."""
    rows, cols = samples.shape
    down = np.add.reduce(samples.reshape(rows // side, side, cols), axis=1, dtype=np.uint16)
    total: NDArray[np.uint16] = down[:, ::side].copy()
    for at in range(1, side):
        total += down[:, at::side]
    return total


def _places(stored: np.ma.MaskedArray[Any, Any], path: Path, table: ClutterTable) -> NDArray[np.uint8]:
    """Place in the table, from 1, of each pixel's code; 0 where there is none."""
    values = np.ma.getdata(stored)
    void = np.ma.getmaskarray(stored) | ~np.isfinite(values)
    codes = np.clip(np.where(void, 0, values), 0, LARGEST_CODE).astype(np.uint16)
    lookup = np.full(LARGEST_CODE + 1, ABSENT, np.uint8)
    lookup[0] = 0
    for place, each in enumerate(table.classes, start=1):
        lookup[each.code] = place
    placed: NDArray[np.uint8] = np.where(void, np.uint8(0), lookup[codes])
    absent = (placed == ABSENT) | (~void & (codes != values))
    if absent.any():
        raise _unknown_codes(path, table, values[absent])
    return placed


def _unknown_codes(path: Path, table: ClutterTable, values: NDArray[Any]) -> TerrainError:
    codes, counts = np.unique(values, return_counts=True)
    listed = ", ".join(
        f"{code:g} ({count})" for code, count in list(zip(codes, counts, strict=True))[:LISTED]
    )
    listed += ", ..." if codes.size > LISTED else ""
    return TerrainError(
        f"{path.name}: classes (pixels) {listed} are not in {table.file} ({table.name}); give the table of "
        "this raster's classes, or add them with their height",
        f"{path.name}: các lớp (số điểm ảnh) {listed} không có trong {table.file} ({table.name}); hãy dùng "
        "bảng của đúng bộ lớp này, hoặc bổ sung lớp và chiều cao",
    )
