"""Transformations between datums: the usual mistakes have known sizes near Việt Trì and must not occur."""

from __future__ import annotations

import pytest
from pyproj import CRS, Geod, Transformer

from geocover.crs import VN2000_ZONES, WGS84, is_vn2000, known_crs, local_crs, transformer
from geocover.errors import CrsError

VIET_TRI = (105.401, 21.322)


def metres_between(first: tuple[float, float], second: tuple[float, float]) -> float:
    return float(Geod(ellps="WGS84").inv(*first, *second)[2])


@pytest.mark.parametrize("zone", VN2000_ZONES.values())
def test_vn2000_there_and_back(zone: str) -> None:
    """Catches a pipeline that is not the inverse of its other direction."""
    x_m, y_m = transformer(WGS84, zone).transform(*VIET_TRI)
    back = transformer(zone, WGS84).transform(x_m, y_m)
    assert metres_between(VIET_TRI, back) < 0.01


def test_vn2000_datum_is_applied() -> None:
    """Catches a null shift: ignoring the datum moves a point near Việt Trì by about 224 m."""
    x_m, y_m = transformer(WGS84, "EPSG:9208").transform(*VIET_TRI)
    ignored = CRS.from_proj4("+proj=tmerc +lat_0=0 +lon_0=104.75 +k=0.9999 +x_0=500000 +datum=WGS84")
    naive = Transformer.from_crs(ignored, WGS84, always_xy=True).transform(x_m, y_m)
    assert metres_between(VIET_TRI, naive) == pytest.approx(224, abs=5)


def test_vn2000_uses_epsg_6960() -> None:
    """Catches PROJ choosing the older parameters (EPSG 5194)."""
    chosen = transformer("EPSG:9208", WGS84)
    codes = {str((operation.to_json_dict().get("id") or {}).get("code")) for operation in chosen.operations}
    assert "6960" in codes


def test_wrong_zone_sizes() -> None:
    """Catches zones taken for each other: reading 104°45′ as 105°00′ moves a point by about 26 km."""
    x_m, y_m = transformer(WGS84, VN2000_ZONES["104°45′"]).transform(*VIET_TRI)
    off_105 = transformer(VN2000_ZONES["105°00′"], WGS84).transform(x_m, y_m)
    off_106 = transformer(VN2000_ZONES["106°00′"], WGS84).transform(x_m, y_m)
    assert metres_between(VIET_TRI, off_105) == pytest.approx(26_000, rel=0.02)
    assert metres_between(VIET_TRI, off_106) == pytest.approx(130_000, rel=0.02)


def test_ballpark_is_refused() -> None:
    """Catches a datum without the exact transformation slipping through by a ballpark shift."""
    with pytest.raises(CrsError, match="EPSG:6960"):
        transformer("EPSG:9208", "EPSG:4267")


@pytest.mark.parametrize("wrong", [None, "", "EPSG:99999999", "hệ toạ độ nào đó"])
def test_unknown_crs_names_owner_and_remedy(wrong: str | None) -> None:
    with pytest.raises(CrsError, match=r"sites\.csv.*EPSG") as caught:
        known_crs(wrong, "sites.csv")
    assert "hệ toạ độ" in caught.value.vi


def test_is_vn2000() -> None:
    assert is_vn2000(CRS("EPSG:9208"))
    assert is_vn2000(CRS("EPSG:4756"))
    assert not is_vn2000(CRS("EPSG:32648"))


def test_local_crs_is_the_utm_zone_of_the_place() -> None:
    assert local_crs(105.4, 21.3) == "EPSG:32648"
    assert local_crs(-78.6, -1.2) == "EPSG:32717"
