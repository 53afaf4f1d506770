"""The coverage raster as a picture in Web Mercator: four named classes of level, or covered or not."""

from __future__ import annotations

import io
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import rasterio.features
import rasterio.warp

from geocover.coverage import ALL
from geocover.crs import WGS84, transformer
from geocover.errors import ProfileError

if TYPE_CHECKING:
    from affine import Affine
    from numpy.typing import NDArray

    from geocover.store import Snapshot

WEB_MERCATOR = "EPSG:3857"
MAX_SIDE = 2048
CACHED = 24
# Lower bounds in dBm and colours (ColorBrewer YlGn) of the named levels; the weakest begins at the threshold.
LEVELS = ((-85.0, "#00683a"), (-95.0, "#31a354"), (-105.0, "#78c679"), (None, "#c2e699"))
COVERED_COLOUR = "#31a354"

Bounds = tuple[tuple[float, float], tuple[float, float]]


def raster_bounds(snapshot: Snapshot) -> Bounds:
    """South-west and north-east corner (latitude, longitude) of the pictures of a snapshot."""
    transform, width, height = _frame(snapshot)
    to_degrees = transformer(WEB_MERCATOR, WGS84).transform
    west, north = to_degrees(transform.c, transform.f)
    east, south = to_degrees(transform.c + width * transform.a, transform.f + height * transform.e)
    return (south, west), (north, east)


def _frame(snapshot: Snapshot) -> tuple[Affine, int, int]:
    """Transform, width and height of the picture: about the grid's own pixels, at most 2048 a side."""
    grid = snapshot.grid
    rows, cols = grid.shape
    transform, width, height = rasterio.warp.calculate_default_transform(
        grid.crs, WEB_MERCATOR, cols, rows, *grid.bounds_m
    )
    if max(width, height) > MAX_SIDE:
        coarser = transform.a * max(width, height) / MAX_SIDE
        transform, width, height = rasterio.warp.calculate_default_transform(
            grid.crs, WEB_MERCATOR, cols, rows, *grid.bounds_m, resolution=coarser
        )
    return transform, width, height


@lru_cache(maxsize=CACHED)
def raster_png(snapshot: Snapshot, profile: str, operator: str) -> bytes:
    """Coverage of an operator, of any or of all, as a PNG with a palette; transparent where not covered.

    The level shown is the one reached at the profile's share of locations, behind its building entry loss:
    median level minus the profile's margin. So the weakest class begins at the profile's threshold, and what
    is coloured is exactly what the shares count as covered. Outside the communes nothing is shown.

    Parameters
    ----------
    snapshot
        A result.
    profile
        Name of a definition of "covered"; it chooses the technology.
    operator
        Name of an operator, "any" or "all".

    Raises
    ------
    ProfileError
        If the snapshot holds no such profile or operator.
    """
    definition = snapshot.profiles.get(profile)
    if definition is None:
        raise ProfileError(f"no profile {profile!r} in snapshot {snapshot.id}", f"không có chuẩn “{profile}”")
    technology = str(definition["technology"])
    level_dbm = _level(snapshot, operator, technology) - _margin_db(definition)
    gives_level = bool(snapshot.manifest["gives_level"][technology])
    bounds_dbm = [definition["min_rsrp_dbm"] if low is None else low for low, _ in LEVELS]
    if not gives_level:
        bounds_dbm = bounds_dbm[-1:]
    colours = [colour for _, colour in LEVELS] if gives_level else [COVERED_COLOUR]
    return _png(_warp(_classes(level_dbm, bounds_dbm, _inside(snapshot)), snapshot), colours, snapshot)


def _margin_db(definition: dict[str, object]) -> float:
    return float(str(definition["required_dbm"])) - float(str(definition["min_rsrp_dbm"]))


def _level(snapshot: Snapshot, operator: str, technology: str) -> NDArray[np.floating]:
    """Median level in dBm on the grid; for "all" that of the weakest operator."""
    names = snapshot.operators[technology]
    if operator == ALL:
        weakest: NDArray[np.floating] = np.minimum.reduce(
            [snapshot.level(name, technology).values for name in names]
        )
        return weakest
    if operator not in (*names, "any"):
        raise ProfileError(
            f"no operator {operator!r} for {technology}; there are: {', '.join(names)}",
            f"không có nhà mạng “{operator}” cho {technology}; có: {', '.join(names)}",
        )
    return snapshot.level(operator, technology).values


@lru_cache(maxsize=CACHED)
def _inside(snapshot: Snapshot) -> NDArray[np.bool_]:
    shapes = snapshot.communes.geometry.to_crs(snapshot.grid.crs)
    inside: NDArray[np.bool_] = rasterio.features.geometry_mask(
        shapes, snapshot.grid.shape, snapshot.grid.transform, invert=True
    )
    return inside


def _classes(
    level_dbm: NDArray[np.floating], bounds_dbm: list[float], inside: NDArray[np.bool_]
) -> NDArray[np.uint8]:
    """Number of the class of each pixel from 1 (best), 0 for none."""
    classes = np.zeros(level_dbm.shape, dtype=np.uint8)
    for number in range(len(bounds_dbm), 0, -1):
        classes[inside & (level_dbm >= bounds_dbm[number - 1])] = number
    return classes


def _warp(classes: NDArray[np.uint8], snapshot: Snapshot) -> NDArray[np.uint8]:
    transform, width, height = _frame(snapshot)
    warped = np.zeros((height, width), dtype=np.uint8)
    rasterio.warp.reproject(
        classes, warped,
        src_transform=snapshot.grid.transform, src_crs=snapshot.grid.crs,
        dst_transform=transform, dst_crs=WEB_MERCATOR, resampling=rasterio.warp.Resampling.nearest,
    )  # fmt: skip
    return warped


def _png(classes: NDArray[np.uint8], colours: list[str], snapshot: Snapshot) -> bytes:
    """Palette PNG, class 0 transparent; it says inside what it is of, and whether it is made up."""
    from PIL import Image, PngImagePlugin

    picture = Image.fromarray(classes)
    picture.putpalette([255, 255, 255, *(part for colour in colours for part in bytes.fromhex(colour[1:]))])
    about = PngImagePlugin.PngInfo()
    about.add_text("Source", f"geocover {snapshot.id}")
    about.add_text("Illustrative", str(snapshot.illustrative or snapshot.schematic).lower())
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", transparency=0, optimize=True, pnginfo=about)
    return buffer.getvalue()
