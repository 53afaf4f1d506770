"""Coordinate systems: exact, in the axis order that each defines."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
from pyproj import CRS
from pyproj.transformer import TransformerGroup

from geocover.errors import CrsError
from geocover.features import systems
from geocover.features.errors import FeatureQueryError
from geocover.features.systems import CRS84, EPSG, SYSTEMS, from_degrees, known_system, north_first, ordered

if TYPE_CHECKING:
    from geocover.features.pages import Source

LON, LAT = 105.3219, 21.326846  # the seat of Hy Cương, 08515
SEMI_MAJOR_M, FLATTENING = 6_378_137.0, 1 / 298.257223563


def by_hand(lon: float, lat: float, meridian: float) -> tuple[float, float]:
    """Easting and northing of TM-3 VN-2000 from WGS 84 longitude and latitude.

    Written anew from the parameters that the ministry published in 2007 (decision 05/2007/QĐ-BTNMT; those
    of EPSG 6960) and Krüger's series, to have something that shares no code with PROJ.
    """
    position = _to_vn2000(_geocentric(lon, lat))
    return _transverse_mercator(*_geodetic(*position), meridian)


def _geocentric(lon: float, lat: float) -> np.ndarray:
    lon, lat = math.radians(lon), math.radians(lat)
    squared = FLATTENING * (2 - FLATTENING)
    normal = SEMI_MAJOR_M / math.sqrt(1 - squared * math.sin(lat) ** 2)
    across = normal * math.cos(lat)
    return np.array([across * math.cos(lon), across * math.sin(lon), normal * (1 - squared) * math.sin(lat)])


def _to_vn2000(position: np.ndarray) -> np.ndarray:
    second = math.radians(1 / 3600)
    wx, wy, wz = -0.00928836 * second, 0.01975479 * second, -0.00427372 * second
    shift = np.array([-191.90441429, -39.30318279, -111.45032835])
    scale = 1 + 0.252906278e-6
    turn = np.array([[1, wz, -wy], [-wz, 1, wx], [wy, -wx, 1]])  # to WGS 84, coordinate frame rotation
    return np.linalg.solve(scale * turn, position - shift)


def _geodetic(x: float, y: float, z: float) -> tuple[float, float]:
    squared = FLATTENING * (2 - FLATTENING)
    across = math.hypot(x, y)
    lat = math.atan2(z, across * (1 - squared))
    for _ in range(10):
        normal = SEMI_MAJOR_M / math.sqrt(1 - squared * math.sin(lat) ** 2)
        lat = math.atan2(z + squared * normal * math.sin(lat), across)
    return math.degrees(math.atan2(y, x)), math.degrees(lat)


def _transverse_mercator(lon: float, lat: float, meridian: float) -> tuple[float, float]:
    n = FLATTENING / (2 - FLATTENING)
    radius = SEMI_MAJOR_M / (1 + n) * (1 + n**2 / 4 + n**4 / 64)
    series = (
        n / 2 - 2 * n**2 / 3 + 5 * n**3 / 16,
        13 * n**2 / 48 - 3 * n**3 / 5,
        61 * n**3 / 240,
    )
    phi, away = math.radians(lat), math.radians(lon - meridian)
    e = 2 * math.sqrt(n) / (1 + n)
    t = math.sinh(math.atanh(math.sin(phi)) - e * math.atanh(e * math.sin(phi)))
    xi, eta = math.atan2(t, math.cos(away)), math.atanh(math.sin(away) / math.sqrt(1 + t * t))
    pairs = list(enumerate(series, start=1))
    east = eta + sum(a * math.cos(2 * j * xi) * math.sinh(2 * j * eta) for j, a in pairs)
    north = xi + sum(a * math.sin(2 * j * xi) * math.cosh(2 * j * eta) for j, a in pairs)
    return 500_000 + 0.9999 * radius * east, 0.9999 * radius * north


@pytest.mark.parametrize(("code", "meridian"), [(9208, 104.75), (5897, 105), (9209, 105.5), (9211, 106)])
def test_a_known_point_to_the_centimetre(code: int, meridian: float) -> None:
    """Catches a wrong zone, other parameters, a turned rotation: by a computation of its own."""
    found = from_degrees(np.array([[LON, LAT]]), f"{EPSG}{code}")[0]
    assert found == pytest.approx(by_hand(LON, LAT, meridian), abs=0.01)


@pytest.mark.parametrize("system", SYSTEMS)
def test_every_system_agrees_with_pyproj(system: str) -> None:
    """Catches a null or ballpark shift: PROJ's own best operation, chosen for the place, says the same."""
    points = np.array([[LON, LAT], [104.9, 20.4], [105.8, 21.7]])
    target = CRS("OGC:CRS84") if system == CRS84 else CRS(f"EPSG:{system.removeprefix(EPSG)}")
    candidates = TransformerGroup("OGC:CRS84", target).transformers
    exact = [one for one in candidates if "VN-2000" not in one.description or "(2)" in one.description]
    wanted = np.column_stack(exact[0].transform(points[:, 0], points[:, 1]))
    found = ordered(from_degrees(points, system), system)
    tolerance = 1e-8 if systems.is_geographic(system) else 0.001
    assert found == pytest.approx(wanted, abs=tolerance)


def test_a_ballpark_shift_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """Catches coordinates that are 200 m wrong without a word."""
    monkeypatch.setattr(systems, "WGS84", "EPSG:4267")
    with pytest.raises(CrsError, match="EPSG:6960"):
        from_degrees(np.array([[LON, LAT]]), f"{EPSG}9208")


def test_axes_are_as_the_systems_define_them(sources: dict[str, Source]) -> None:
    """Catches longitude before latitude in EPSG:4326 and 4756, and a swap where east comes first."""
    assert [north_first(f"{EPSG}{code}") for code in (4326, 4756, 9208, 3405, 3857)] == [
        True, True, False, False, False,
    ]  # fmt: skip
    stations = sources["stations"]
    first = {
        system: json.loads(stations.written(system).pieces[0].removesuffix(b"},\n"))["coordinates"]
        for system in (CRS84, f"{EPSG}4326", f"{EPSG}4756", f"{EPSG}9208")
    }
    lon, lat = first[CRS84]
    assert (105 < lon < 106, 21 < lat < 22) == (True, True)
    assert first[f"{EPSG}4326"] == [lat, lon]
    assert first[f"{EPSG}4756"] == pytest.approx([lat, lon], abs=0.005)
    assert first[f"{EPSG}9208"] == pytest.approx(by_hand(lon, lat, 104.75), abs=0.02)


@pytest.mark.parametrize("asked", ["EPSG:9208", "[EPSG:9208]", "urn:ogc:def:crs:EPSG::9208", f"{EPSG}9208"])
def test_ways_to_name_a_system(asked: str) -> None:
    """Catches the forms in which GIS programs write a code."""
    assert known_system(asked, "crs") == f"{EPSG}9208"


@pytest.mark.parametrize(
    "asked", ["EPSG:32648", "9208", "x" * 200, f"{EPSG}9208/../4326", "EPSG:9208\n", CRS84 + "h"]
)
def test_other_systems_are_refused(asked: str) -> None:
    """Catches a system that PROJ knows but nobody has checked."""
    with pytest.raises(FeatureQueryError, match="not offered") as caught:
        known_system(asked, "bbox-crs")
    assert "bbox-crs: không có hệ toạ độ" in caught.value.vi
