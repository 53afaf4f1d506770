"""Coordinate reference systems by their addresses, with the axis order that each defines (Part 2)."""

from __future__ import annotations

import re
from functools import lru_cache

import numpy as np
from pyproj import CRS

from geocover.crs import WGS84, transformer
from geocover.features.errors import FeatureQueryError

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
EPSG = "http://www.opengis.net/def/crs/EPSG/0/"
# WGS 84, VN-2000 geographic, then its TM-3 zones and UTM zones, those of Phú Thọ first.
CODES = (
    4326, 4756, 9208, 5897, 9209, 9211, 3405, 3406, 3857,
    9205, 9206, 5896, 9207, 9210, 9212, 9213, 5898, 9214, 9215, 9216, 5899, 9217, 9218,
)  # fmt: skip
SYSTEMS = (CRS84, *(f"{EPSG}{code}" for code in CODES))
DEGREE_DECIMALS, METRE_DECIMALS = 7, 3
FARTHEST_DEG, FARTHEST_M = (180.0, 90.0), (1e8, 1e8)
_WRITTEN = re.compile(
    r"(?:\[?EPSG:|urn:ogc:def:crs:EPSG:[0-9.]*:|https?://www\.opengis\.net/def/crs/EPSG/[0-9.]+/)([0-9]{4,5})\]?\Z"
)


def known_system(asked: str, parameter: str) -> str:
    """Address of the system that a parameter names, also as ``EPSG:9208`` or ``OGC:CRS84``.

    Raises
    ------
    FeatureQueryError
        It is none of `SYSTEMS`.
    """
    if asked in SYSTEMS:
        return asked
    written = _WRITTEN.match(asked)
    found = f"{EPSG}{written[1]}" if written else CRS84 if asked in ("OGC:CRS84", "[OGC:CRS84]") else asked
    if found not in SYSTEMS:
        raise FeatureQueryError(
            f"{parameter}: {asked!r} is not offered; see the member crs of /collections/communes",
            f"{parameter}: không có hệ toạ độ “{asked}”; xem mục crs tại /collections/communes",
        )
    return found


def authority(system: str) -> str:
    """Name that PROJ knows, as ``EPSG:9208``; longitude and latitude of CRS84 are those of EPSG:4326."""
    return WGS84 if system == CRS84 else f"EPSG:{system.removeprefix(EPSG)}"


@lru_cache(maxsize=len(SYSTEMS))
def is_geographic(system: str) -> bool:
    """Whether coordinates are degrees."""
    return bool(CRS(authority(system)).is_geographic)


@lru_cache(maxsize=len(SYSTEMS))
def north_first(system: str) -> bool:
    """Whether the first coordinate is latitude or northing, by the system's own definition."""
    return system != CRS84 and CRS(authority(system)).axis_info[0].direction == "north"


def farthest(system: str) -> tuple[float, float]:
    """How far from zero a position can be, x or longitude first."""
    return FARTHEST_DEG if is_geographic(system) else FARTHEST_M


def decimals(system: str) -> int:
    """Decimals of coordinates that are written: 1 cm of degrees, 1 mm of metres."""
    return DEGREE_DECIMALS if is_geographic(system) else METRE_DECIMALS


def from_degrees(points: np.ndarray, system: str) -> np.ndarray:
    """Move points from longitude and latitude (WGS 84) into a system, x or longitude still first.

    Parameters
    ----------
    points
        Shape ``(n, 2)``, degrees.

    Raises
    ------
    CrsError
        There is no exact transformation (VN-2000 goes through EPSG 6960 or not at all).
    """
    if authority(system) == WGS84:
        return points
    x, y = transformer(WGS84, authority(system)).transform(points[:, 0], points[:, 1])
    return np.column_stack([x, y])


def ordered(points: np.ndarray, system: str) -> np.ndarray:
    """Points as the system writes them, from x or longitude first; and back."""
    return points[:, ::-1] if north_first(system) else points
