"""Gaps on a world where they are drawn by hand."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
from shapely.geometry import Point

from geocover.coverage import Coverage
from geocover.gaps import find_gaps
from geocover.grid import Grid
from geocover.places import Places
from geocover.profiles import Profile
from geocover.raster import Raster
from tests.drawn_coverage import drawn

PLAIN = Profile("plain", 1, "4G", "", "", -100.0, 0.5, 8.0, 0.0, 0.0, 3.0, "test")


@pytest.fixture
def coverage(grid: Grid, make_network) -> Coverage:
    """Three holes: 6 x 5 pixels over a border of communes, 2 x 2 at its corner, 1 pixel apart."""
    network = make_network([{"at": (50, 50)}, {"at": (7_950, 5_950)}])
    level = np.full(grid.shape, -80.0, np.float32)
    level[10:15, 36:42] = np.nan
    level[15:17, 42:44] = -120.0
    level[50, 10] = np.nan
    return drawn(grid, network, {("Viettel", "4G"): level})


def test_gap_measures(coverage: Coverage, areas, grid: Grid, lonlat) -> None:
    """Catches parts joined or split wrongly, small gaps kept, and people or communes of the neighbour."""
    people = np.zeros(grid.shape)
    people[12, 40], people[30, 30] = 25.0, 999.0
    places = Places(
        gpd.GeoDataFrame(
            {"id": ["a", "b"], "name": ["Thôn A", "Thôn B"], "kind": "hamlet", "commune_code": "00001"},
            geometry=[Point(lonlat(3_950, 1_250)), Point(lonlat(3_000, 3_000))],
            crs=4326,
        )
    )
    gaps = find_gaps(coverage, areas, PLAIN, population=Raster(grid, people, "people"), places=places)
    assert len(gaps) == 1
    gap = gaps.iloc[0]
    assert gap["area_km2"] == pytest.approx(0.34)
    assert gap["people"] == 25.0
    assert gap["commune_code"] == "00001"
    assert gap["commune_codes"] == "00001 00002"
    assert gap["places"] == "Thôn A"
    assert gap["places_count"] == 1
    assert gaps.to_crs(grid.crs).area.iloc[0] == pytest.approx(340_000, rel=1e-6)


def test_nearest_station(coverage: Coverage, areas) -> None:
    """Catches distances in degrees, or to a station of another technology."""
    gap = find_gaps(coverage, areas, PLAIN).iloc[0]
    assert gap["nearest_operator"] == "Viettel"
    assert 3.3 < gap["nearest_km"] < 4.2
    assert np.isnan(gap["people"])


def test_order_and_ids(coverage: Coverage, areas) -> None:
    """Catches ids that change from run to run: largest first where people are unknown."""
    gaps = find_gaps(coverage, areas, PLAIN, min_area_km2=0.0)
    assert gaps["id"].tolist() == ["4g-any-0001", "4g-any-0002"]
    assert gaps["area_km2"].tolist() == pytest.approx([0.34, 0.01])
    again = find_gaps(coverage, areas, PLAIN, min_area_km2=0.0)
    assert again.to_json() == gaps.to_json()


def test_no_gap_gives_an_empty_table_with_columns(coverage: Coverage, areas) -> None:
    """Catches a crash, or a table without columns, where everything is covered."""
    gaps = find_gaps(coverage, areas, PLAIN, min_area_km2=5.0)
    assert len(gaps) == 0
    full = find_gaps(coverage, areas, PLAIN)
    assert list(gaps.columns) == list(full.columns)
    assert gaps.crs == full.crs


def test_outside_the_communes_is_no_gap(make_network, areas) -> None:
    """Catches gaps reported for the neighbouring province."""
    grid = Grid("EPSG:32648", 535_000.0, 2_363_000.0, 100.0, (160, 180))
    level = np.full(grid.shape, np.nan, np.float32)
    coverage = drawn(grid, make_network([{"at": (0, 0)}]), {("Viettel", "4G"): level})
    gaps = find_gaps(coverage, areas, PLAIN)
    assert gaps["area_km2"].sum() == pytest.approx(48.0, rel=0.01)


def test_open_pixels_are_no_gap(coverage: Coverage, areas, grid: Grid) -> None:
    """Catches a gap reported where missing terrain leaves it open, and one closed by a path that is too weak.

    The hole of 6 x 5 pixels may be covered in its western 4 columns; over the 2 x 2 at its corner what might
    come is not enough.
    """
    cut = np.full(grid.shape, np.nan, np.float32)
    cut[10:15, 36:40] = -99.0
    cut[15:17, 42:44] = -101.0
    level = coverage.level("Viettel", "4G").values
    half_open = drawn(grid, coverage.network, {("Viettel", "4G"): level}, {("Viettel", "4G"): cut})
    gaps = find_gaps(half_open, areas, PLAIN)
    assert gaps["area_km2"].tolist() == pytest.approx([0.14])
    assert gaps["commune_codes"].tolist() == ["00002"]
