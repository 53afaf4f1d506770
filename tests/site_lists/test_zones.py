"""Zones of metres: as they are written, and found by the communes that rows name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from geocover.crs import VN2000_ZONES, WGS84, transformer
from geocover.io.areas import read_areas
from geocover.resources import shipped
from geocover.site_lists.places.naming import Meant, Named
from geocover.site_lists.places.reference import Reference
from geocover.site_lists.places.zones import (
    ZONES,
    Choice,
    Zone,
    choose,
    possible_zones,
    written_zones,
    zone_of,
)

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("105°00'", [5897]),
        ("105", [5897]),
        ("105.0", [5897]),
        ("104.75", [9208]),
        ("104,75", [9208]),
        ("104°45'", [9208]),
        ("104º45′", [9208]),
        ("KTT 104 45", [9208]),
        ("104.45", [9208]),
        ("TM-3 105-30", [9209]),
        ("Kinh tuyến trục: 104 độ 45 phút", [9208]),
        ("VN-2000 KTT 105 múi 3", [5897]),
        ("VN2000/105-00", [5897]),
        ("múi 3 độ, kinh tuyến trục 106°00'", [9211]),
        ("107°45", [5899]),
        ("EPSG:5897", [5897]),
        ("32648", [32648]),
        ("UTM 48N", [3405, 32648]),
        ("48N", [3405, 32648]),
        ("WGS84 UTM zone 48N", [32648]),
        ("VN2000 UTM 48", [3405]),
        ("KTT105, múi 6", [3405, 32648]),
        ("WGS84", []),
        ("VN-2000", []),
        ("xyz", []),
        ("EPSG:4326", []),
        ("101", []),
    ],
)
def test_written_zones(text: str, codes: list[int]) -> None:
    """Catches a zone that is read as its neighbour, or a datum that is guessed."""
    assert [zone.crs for zone in written_zones(text)] == [f"EPSG:{code}" for code in codes]


@pytest.mark.parametrize("zone", ZONES, ids=lambda zone: zone.name)
def test_zones_are_what_they_are_called(zone: Zone) -> None:
    """Catches a wrong EPSG code: 500 km east is the central meridian, and 3-degree zones shrink by 0.9999."""
    known = zone_of(zone.crs)
    assert known is not None
    lon, lat = transformer(known.crs, WGS84).transform([500_000, 500_000], [2_300_000, 2_301_000])
    assert lon[0] == pytest.approx(known.meridian, abs=0.003)
    true_km = (lat[1] - lat[0]) * 110.7
    assert true_km == pytest.approx(1 / (0.9999 if known.width == 3 else 0.9996), abs=0.0005)
    assert set(VN2000_ZONES.values()) <= {each.crs for each in ZONES}


@pytest.fixture(scope="module")
def schematic() -> Reference:
    return Reference.of(read_areas(shipped("boundaries/phu-tho-schematic.geojson")))


@pytest.fixture(scope="module")
def real(shared_data: Path) -> Reference:
    return Reference.of(read_areas(shared_data / "communes/phu_tho_communes_148.parquet"))


def scattered(
    reference: Reference, count: int
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]:
    """Longitudes, latitudes and communes of made-up sites."""
    generator = np.random.default_rng(4)
    west, south, east, north = reference.areas.bounds
    lon, lat = generator.uniform(west, east, 4 * count), generator.uniform(south, north, 4 * count)
    commune = reference.containing(*reference.xy_m(lon, lat))
    inside = np.flatnonzero(commune >= 0)[:count]
    return lon[inside], lat[inside], commune[inside]


def naming(reference: Reference, communes: NDArray[np.int64] | None, count: int) -> Named:
    """Rows that name these communes; none where None."""
    every = len(reference.areas)
    if communes is None:
        return Named(np.zeros(count, np.int64), (Meant(),), np.zeros((1, every), np.bool_), reference)
    meant = tuple(Meant(frozenset([row])) for row in range(every))
    return Named(communes, meant, np.eye(every, dtype=np.bool_), reference)


def chosen(
    truth: Reference, crs: str, count: int, checked: Reference | None = None, *, by_name: bool = True
) -> Choice:
    """What is chosen for made-up sites in a zone, some of which name a wrong commune, all rounded."""
    reference = checked or truth
    lon, lat, communes = scattered(truth, count)
    generator = np.random.default_rng(5)
    wrong = generator.random(count) < 0.03
    communes = np.where(wrong, generator.integers(0, len(truth.areas), count), communes)
    east, north = (np.round(values, -1) for values in transformer(WGS84, crs).transform(lon, lat))
    named = naming(reference, communes if by_name else None, count)
    return choose(east, north, np.arange(count), named, possible_zones(reference.window))


@pytest.mark.parametrize("crs", ["EPSG:9208", "EPSG:9209", "EPSG:9211", "EPSG:9206"])
@pytest.mark.parametrize("count", [5, 300])
def test_a_distant_zone_is_found_with_schematic_boundaries(
    schematic: Reference, crs: str, count: int
) -> None:
    """Catches a zone that is missed, or not told from its neighbour 13 to 130 km away."""
    choice = chosen(schematic, crs, count)
    assert choice.zone is not None
    assert choice.zone.crs == crs


@pytest.mark.data
@pytest.mark.parametrize("crs", ["EPSG:9208", "EPSG:5897", "EPSG:3405", "EPSG:32648"])
def test_close_zones_are_told_apart_by_real_boundaries(real: Reference, crs: str) -> None:
    """Catches TM-3 105°00′ taken for UTM 48N (700 m), and VN-2000 for WGS 84 (224 m)."""
    choice = chosen(real, crs, 600)
    assert choice.zone is not None
    assert choice.zone.crs == crs
    assert choice.matched > 0.9 * choice.compared


@pytest.mark.data
@pytest.mark.parametrize("crs", ["EPSG:5897", "EPSG:3405", "EPSG:32648"])
@pytest.mark.parametrize("count", [20, 2000])
def test_close_zones_are_refused_where_the_boundaries_cannot_tell(
    real: Reference, schematic: Reference, crs: str, count: int
) -> None:
    """Catches a guess between zones closer than the schematic boundaries are wrong; names them all."""
    choice = chosen(real, crs, count, schematic)
    assert choice.zone is None
    assert {zone.crs for zone in choice.rivals} == {"EPSG:5897", "EPSG:3405", "EPSG:32648"}


def test_without_communes_several_zones_in_the_province_are_refused(schematic: Reference) -> None:
    """Catches a zone that is taken by the province alone though others lie in it too."""
    assert chosen(schematic, "EPSG:5897", 300, by_name=False).zone is None


def test_without_communes_one_zone_in_the_province_is_taken(schematic: Reference) -> None:
    """Catches a list of the whole province that is refused though other zones leave much of it outside."""
    choice = chosen(schematic, "EPSG:9208", 600, by_name=False)
    assert choice.zone is not None
    assert (choice.zone.crs, choice.by_commune) == ("EPSG:9208", False)


def test_without_communes_few_rows_are_refused(schematic: Reference) -> None:
    """Catches a zone that is taken because one of five rows would lie outside in the others."""
    assert chosen(schematic, "EPSG:9208", 5, by_name=False).zone is None


def test_rows_of_another_province_are_refused(schematic: Reference) -> None:
    """Catches a zone that is bent until a list from elsewhere fits."""
    lon = np.linspace(107.0, 107.5, 50)
    lat = np.linspace(10.5, 11.0, 50)
    east, north = transformer(WGS84, "EPSG:5899").transform(lon, lat)
    named = naming(schematic, np.arange(50), 50)
    assert choose(east, north, np.arange(50), named, possible_zones(schematic.window)).zone is None
