"""The province's figures: computed beside reported, and written as readers write numbers."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import geopandas as gpd
import pytest
from shapely.geometry import Point

from geocover.io.areas import write_areas
from geocover.io.network import write_network
from geocover.io.places import write_places
from geocover.places import Places
from geocover.report.figures import province_figures
from geocover.scenario import Reported, Scenario, compute
from geocover.store import Snapshot, write_snapshot
from geocover.wording import number, percent

REPORTED = (
    Reported("area-share", "4G", 98.0, "%", "Sở KH&CN"),
    Reported("reach:commune_centre", "5G", 100.0, "%", "Sở KH&CN"),
    Reported("stations", "", 60.0, "trạm", "Sở KH&CN"),
    Reported("stations-new", "5G", 9.0, "trạm", "Sở KH&CN", since=dt.date(2025, 7, 1)),
)


@pytest.fixture
def snapshot(tmp_path: Path, areas, random_network) -> Snapshot:
    write_areas(areas, tmp_path / "areas.geojson")
    write_network(random_network, tmp_path / "sites.csv")
    scenario = Scenario(
        "Thử",
        "25",
        dt.date(2025, 12, 31),
        tmp_path / "areas.geojson",
        tmp_path / "sites.csv",
        reported=REPORTED,
    )
    return write_snapshot(compute(scenario), tmp_path / "out")


def test_reported_stands_beside_computed(snapshot: Snapshot) -> None:
    """Catches a reported figure beside the wrong computed one, or a difference of the wrong sign."""
    figures = {(one.key, one.technology): one for one in province_figures(snapshot)}
    assert len(figures) == len(province_figures(snapshot))
    area = figures["area-share", "4G"]
    assert area.reported == 98.0
    assert area.difference == pytest.approx(area.value - 98.0)
    assert area.value == pytest.approx(100 * area.numerator / area.denominator)
    assert area.low <= area.value <= area.high
    assert "dBm" in area.why_vi
    assert "không xét địa hình" in area.why_vi
    assert figures["population-share", "4G"].reported is None
    centres = figures["reach:commune_centre", "5G"]
    assert centres.denominator == 4
    assert centres.low <= centres.value <= centres.high


def test_hamlets_stand_beside_the_others(snapshot: Snapshot, tmp_path: Path, areas, lonlat) -> None:
    """Catches hamlets that are tested and never shown, and parks that do not operate counted in."""
    places = gpd.GeoDataFrame(
        {
            "id": ["h1", "h2", "k1", "k2"],
            "name": ["Thôn 1", "Thôn 2", "KCN 1", "KCN 2"],
            "kind": ["hamlet", "hamlet", "industrial_park", "industrial_park"],
            "commune_code": "00001",
            "status": [None, None, "operating", "planned"],
        },
        geometry=[Point(lonlat(x_m, 1_000)) for x_m in (500, 1_500, 2_500, 3_500)],
        crs=4326,
    )
    write_places(Places(places), tmp_path / "places.geojson")
    scenario = Scenario(
        "Thử", "25", dt.date(2025, 12, 31), tmp_path / "areas.geojson", tmp_path / "sites.csv",
        places=(tmp_path / "places.geojson",),
    )  # fmt: skip
    figures = province_figures(write_snapshot(compute(scenario), tmp_path / "with-places"))
    counted = {(one.key, one.technology): one.denominator for one in figures if one.basis == "places"}
    assert counted["reach:hamlet", "4G"] == 2
    assert counted["reach:industrial_park", "5G"] == 1
    assert "reach:hamlet" not in {one.key for one in province_figures(snapshot)}


def test_stations_are_counted_as_declared(snapshot: Snapshot, random_network) -> None:
    """Catches cells or positions counted as BTS, and new stations counted from the wrong day."""
    figures = {one.key: one for one in province_figures(snapshot)}
    assert figures["stations"].value == random_network.counts()["stations"]
    assert figures["stations"].evidence == "declared"
    table = random_network.stations()
    new = table[(table["technology"] == "5G") & (table["on_air"] >= "2025-07-01")]
    assert figures["stations-new"].value == len(new) > 0
    assert "01/07/2025" in figures["stations-new"].title_vi


def test_every_figure_says_how_it_was_made(snapshot: Snapshot) -> None:
    for figure in province_figures(snapshot):
        told = figure.as_dict()
        assert told["digest"] == snapshot.digest
        assert told["as_of"] == "2025-12-31"
        assert told["evidence"] in ("predicted", "declared")
        if told["unit"] == "%":
            assert told["profile"]
            assert 0 <= told["assumed_share"] <= 1


def test_numbers_by_language() -> None:
    """Catches a decimal point in Vietnamese."""
    assert number(1234.56, 1) == "1.234,6"
    assert number(1234.56, 1, language="en") == "1,234.6"
    assert percent(96.44) == "96,4 %"
    assert percent(96.44, language="en") == "96.4%"
    assert percent(99.97) == "99,9 %"
    assert percent(100.0) == "100,0 %"
    assert percent(None) == number(float("nan")) == "–"
