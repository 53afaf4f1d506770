"""Coordinate reference systems: exact transformations or none.

VN-2000 is tied to WGS 84 by EPSG 6960 (seven parameters). PROJ would otherwise choose by area of use and may
fall back to a null or ballpark shift, which moves a point near Việt Trì by 224 m without a word.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from pyproj import CRS
from pyproj.exceptions import CRSError as ProjError
from pyproj.transformer import Transformer, TransformerGroup

from geocover.errors import CrsError

if TYPE_CHECKING:
    from collections.abc import Iterator

WGS84 = "EPSG:4326"
VN2000_TO_WGS84 = "VN-2000 to WGS 84 (2)"  # EPSG:6960
VN2000_ZONES = {
    "104°45′": "EPSG:9208",
    "105°00′": "EPSG:5897",
    "105°30′": "EPSG:9209",
    "106°00′": "EPSG:9211",
    "UTM 48N": "EPSG:3405",
}


def known_crs(crs: str | CRS | None, where: str) -> CRS:
    """Return the CRS; ``where`` names its owner in the error.

    Raises
    ------
    CrsError
        If it is missing or PROJ does not know it.
    """
    if crs is None or crs == "":
        raise CrsError(
            f"{where}: no coordinate reference system; state it (for example EPSG:4326 or EPSG:5897)",
            f"{where}: không có hệ toạ độ; hãy ghi rõ (ví dụ EPSG:4326 hoặc EPSG:5897)",
        )
    try:
        return CRS.from_user_input(crs)
    except ProjError as error:
        raise CrsError(
            f"{where}: unknown coordinate reference system {crs!r}; use an EPSG code such as EPSG:4326",
            f"{where}: không nhận ra hệ toạ độ {crs!r}; hãy dùng mã EPSG, ví dụ EPSG:4326",
        ) from error


def is_vn2000(crs: CRS) -> bool:
    """Whether the CRS stands on the VN-2000 datum."""
    geodetic = crs.geodetic_crs
    return geodetic is not None and "Vietnam 2000" in (geodetic.datum.name if geodetic.datum else "")


@lru_cache(maxsize=64)
def transformer(source: str | CRS, target: str | CRS) -> Transformer:
    """Transformer from one CRS to another, x or longitude first; VN-2000 goes through EPSG 6960.

    Raises
    ------
    CrsError
        If a CRS is unknown, or only a null or ballpark shift is on offer between the two datums.
    """
    from_crs, to_crs = known_crs(source, "source"), known_crs(target, "target")
    if is_vn2000(from_crs) != is_vn2000(to_crs):
        return _pinned(from_crs, to_crs)
    return Transformer.from_crs(from_crs, to_crs, always_xy=True)


def _pinned(source: CRS, target: CRS) -> Transformer:
    group = TransformerGroup(source, target, always_xy=True)
    for candidate in group.transformers:
        if any(VN2000_TO_WGS84 in name for name in _operation_names(candidate)):
            return candidate
    raise CrsError(
        f"no exact transformation (EPSG:6960) from {source.name} to {target.name}",
        f"không có phép chuyển chính xác (EPSG:6960) từ {source.name} sang {target.name}",
    )


def _operation_names(candidate: Transformer) -> Iterator[str]:
    yield candidate.description
    for operation in candidate.operations or ():
        yield operation.name


def local_crs(lon: float, lat: float) -> str:
    """EPSG code of the WGS 84 / UTM zone of a position in degrees, as ``EPSG:32648``."""
    zone = int((lon + 180.0) // 6.0) + 1
    return f"EPSG:{(32600 if lat >= 0 else 32700) + zone}"
