"""The demo's inputs as a whole: exact counts, the same bytes, labels, and a plausible network."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
from dataclasses import replace
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely
from scipy.spatial import cKDTree

from geocover.areas import Areas
from geocover.crs import WGS84, transformer
from geocover.demo.inputs import build_inputs
from geocover.errors import GeocoverError, TerrainError
from geocover.io.areas import read_areas, write_areas
from geocover.io.network import read_network
from geocover.scenario import compute, read_scenario

if TYPE_CHECKING:
    from pathlib import Path

    from geocover.network import Network
    from geocover.scenario import Result, Scenario

CRS = "EPSG:32648"
RESOLUTION_M = float(os.environ.get("GEOCOVER_TEST_RESOLUTION_M", "150"))  # 100 for the demo's own
SUMMER, YEAR_END = dt.date(2025, 6, 30), dt.date(2025, 12, 31)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Inputs built once, as `geocover demo` builds them."""
    directory = tmp_path_factory.mktemp("demo")
    build_inputs(directory)
    return directory / "inputs"


@pytest.fixture(scope="module")
def scenarios(folder: Path) -> list[Scenario]:
    """Both scenarios, oldest first."""
    return [read_scenario(folder / f"scenario-{day}.toml") for day in (SUMMER, YEAR_END)]


@pytest.fixture(scope="module")
def network(folder: Path) -> Network:
    """The whole made-up list."""
    return read_network(folder / "sites.csv", illustrative=True)


@pytest.fixture(scope="module")
def results(scenarios: list[Scenario]) -> list[Result]:
    """What the whole program makes of the inputs, at both dates."""
    return [compute(replace(scenario, resolution_m=RESOLUTION_M), threads=2) for scenario in scenarios]


def _digests(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


def _centres(areas: Areas) -> np.ndarray:
    table = areas.table
    return np.column_stack(
        transformer(WGS84, CRS).transform(table["centre_lon"].to_numpy(), table["centre_lat"].to_numpy())
    )


def _near_km(network: Network, points: np.ndarray) -> np.ndarray:
    """Distance of the nearest cell from each point."""
    return cKDTree(np.column_stack(network.xy_m(CRS))).query(points)[0] / 1000.0


def test_counts_are_those_that_are_reported(network: Network) -> None:
    """Catches a network that no longer adds up to 9,283 stations, at any of the three levels."""
    counts = network.counts()
    assert counts["stations"] == 9_283
    assert 3_500 <= counts["positions"] <= 4_200
    stations = network.stations()
    assert counts["cells"] == stations["cells"].sum() > 2 * counts["stations"]
    assert (stations.groupby("station_id").size() == 1).all()


def test_new_5g_is_six_times_what_was_there(network: Network) -> None:
    """Catches dates on the wrong side of 2025-07-01, or outside the half-year."""
    dates = network.stations().query("technology == '5G'")["on_air"]
    new = dates >= pd.Timestamp("2025-07-01")
    assert (new.sum(), (~new).sum()) == (868, 145)
    assert dates.max() <= pd.Timestamp("2025-12-31")


def test_same_bytes_on_every_run(folder: Path, tmp_path: Path) -> None:
    """Catches a clock, an unseeded draw or an unordered set in any of the files."""
    build_inputs(tmp_path)
    assert _digests(tmp_path / "inputs") == _digests(folder)
    assert len(_digests(folder)) == 7


def test_every_file_says_that_it_is_made_up(folder: Path, scenarios: list[Scenario]) -> None:
    """Catches a file that, once copied elsewhere, would pass for real."""
    assert read_areas(folder / "areas.geojson").quality == "schematic"
    for name in ("terrain.tif", "clutter.tif"):
        with rasterio.open(folder / name) as file:
            assert file.tags()["GEOCOVER_ILLUSTRATIVE"] == "yes"
    raw = (folder / "sites.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    assert raw.decode("utf-8-sig").count("dữ liệu minh họa\n") == raw.count(b"\n") - 1
    for scenario in scenarios:
        assert scenario.illustrative
        assert (
            scenario.note_vi == "Dữ liệu minh họa: trạm, địa hình và lớp phủ không có thật, ranh giới sơ đồ"
        )
        assert (
            scenario.note_en
            == "Illustrative data: made-up sites, terrain and land cover, schematic boundaries"
        )


def test_scenarios_differ_by_date_and_reported_figures_only(scenarios: list[Scenario]) -> None:
    """Catches figures of the year's end beside those of the summer, and a lost or changed figure."""
    summer, year_end = scenarios
    assert (summer.as_of, year_end.as_of) == (SUMMER, YEAR_END)
    assert summer.files() == year_end.files()
    assert summer.reported == ()
    assert {(one.figure, one.technology): one.value for one in year_end.reported} == {
        ("area-share", "4G"): 98.0,
        ("reach:commune_centre", "5G"): 100.0,
        ("reach:industrial_park", "5G"): 100.0,
        ("stations", ""): 9283.0,
        ("stations-new", "5G"): 868.0,
    }


def test_some_but_not_all_parameters_are_assumed(network: Network) -> None:
    """Catches a list so perfect or so poor that the assumed shares teach nothing."""
    for technology in (None, "3G", "4G", "5G"):
        assert 0.05 < network.assumed_share(technology=technology) < 0.6


def test_positions_are_shared_mostly_in_towns(folder: Path, network: Network) -> None:
    """Catches more than three operators on a mast, and sharing that does not follow people."""
    sharing = network.cells.groupby("position_id").agg(
        operators=("operator", "nunique"), lon=("lon", "first"), lat=("lat", "first")
    )
    assert sharing["operators"].between(1, 3).all()
    points = gpd.GeoDataFrame(sharing, geometry=gpd.points_from_xy(sharing["lon"], sharing["lat"]), crs=WGS84)
    joined = points.sjoin(read_areas(folder / "areas.geojson").table[["type", "geometry"]])
    mean = joined.groupby("type")["operators"].mean()
    assert mean["Phường"] > mean["Xã"] + 0.2


def test_sites_stand_inside_the_province(folder: Path, network: Network) -> None:
    """Catches swapped axes and a wrong zone."""
    outline = shapely.union_all(read_areas(folder / "areas.geojson").to_crs(CRS).geometry.to_numpy())
    shapely.prepare(outline)
    inside = shapely.dwithin(outline, shapely.points(*network.xy_m(CRS)), 1_000.0)
    assert inside.all()


def test_centres_have_4g_and_nearly_all_have_5g_in_the_end(folder: Path, network: Network) -> None:
    """Catches 5G that misses the centres, or that was there before its time, or everywhere by force."""
    centres = _centres(read_areas(folder / "areas.geojson"))
    assert (_near_km(network.select(technologies=["4G"]), centres) < 1.0).all()
    reached = [int((_near_km(network.select(technologies=["5G"], as_of=day), centres) < 1.0).sum())
               for day in (SUMMER, YEAR_END)]  # fmt: skip
    assert reached[0] < 75
    assert 144 <= reached[1] < 148


def _share(result: Result, profile: str, basis: str) -> float:
    row = result.totals.query(f"operator == 'any' and profile == '{profile}' and basis == '{basis}'")
    return float(row["share"].item())


def test_every_technology_is_computed_over_terrain_and_woods(results: list[Result]) -> None:
    """Catches a demo that fell back to a model of distance alone, or to bare hills, or has voids."""
    for result in results:
        assert {model.name for model in result.coverage.models.values()} == {"p1812"}
        assert result.coverage.possible("any", "4G") is None
        assert result.surroundings is not None
        assert result.surroundings.elevation.known_share() == 1.0
        assert result.clutter is not None
        shares = {one["code"]: one["share"] for one in result.clutter["classes"]}  # type: ignore[attr-defined]
        assert 0.3 < shares[10] < 0.6
        assert 0.03 < shares[50] < 0.15


def test_computed_4g_share_lies_a_little_below_the_reported_one(results: list[Result]) -> None:
    """Catches a network that no longer shows what the demo is to show."""
    area = [_share(result, "outdoor-4g", "area") for result in results]
    assert 0.95 < area[1] < 0.98
    assert area[1] - 0.05 < area[0] < area[1] - 0.002
    assert _share(results[1], "outdoor-4g", "population") > area[1]


def test_computed_5g_covers_towns_first_and_about_half_in_the_end(results: list[Result]) -> None:
    """Catches a 5G network that covers nothing, or the whole province, or misses where people live."""
    area = [_share(result, "outdoor-5g", "area") for result in results]
    assert area[0] < 0.5 * area[1]
    assert 0.4 < area[1] < 0.7
    assert _share(results[1], "outdoor-5g", "population") > area[1] + 0.15


def test_5g_reaches_the_centres_and_most_operating_parks(results: list[Result]) -> None:
    """Catches 5G that is listed at the centres and parks, and not received there."""
    result = results[1]
    reached = result.reach.query("operator == 'any' and profile == 'outdoor-5g'").set_index("id")["reached"]
    places = result.places.table.set_index("id")
    centres = reached[places.index[places["kind"] == "commune_centre"]]
    parks = reached[places.index[places["status"] == "operating"]]
    assert len(centres) == 148
    assert centres.sum() >= 145
    assert len(parks) == 15
    assert parks.sum() in {13, 14}


def test_gaps_lie_in_the_hills(results: list[Result]) -> None:
    """Catches gaps on the plain: uncovered ground must be high ground."""
    result = results[1]
    gaps = result.gaps.query("profile == 'outdoor-4g'").to_crs(result.coverage.grid.crs)
    assert 300 <= len(gaps) <= 900
    assert result.terrain is not None
    points = gaps.representative_point()
    high_m = result.terrain.elevation.at(points.x.to_numpy(), points.y.to_numpy())
    assert (high_m > 150.0).mean() > 0.85


def test_real_terrain_and_raw_boundaries_are_taken(shared_data: Path, tmp_path: Path) -> None:
    """Catches a crash on voids and on elevation for a part only, lost centres, and wrong labels."""
    paths = build_inputs(
        tmp_path,
        boundaries=shared_data / "communes/phu_tho_communes_148_simplified20m.geojson",
        terrain=shared_data / "dem/N21E105.hgt",
    )
    scenario = read_scenario(paths[1])
    assert scenario.terrain is not None
    assert scenario.terrain.read_bytes() == (shared_data / "dem/N21E105.hgt").read_bytes()
    assert scenario.note_vi == "Dữ liệu minh họa: trạm không có thật"
    assert scenario.clutter is None
    assert read_areas(scenario.areas).quality == "real"
    assert read_network(scenario.network).counts()["stations"] == 9_283


def test_terrain_of_an_earlier_demo_is_taken_without_its_woods(folder: Path, tmp_path: Path) -> None:
    """Catches a scenario that names land cover which was not written."""
    scenario = read_scenario(build_inputs(tmp_path, terrain=folder / "terrain.tif")[1])
    assert scenario.clutter is None
    assert scenario.note_en == "Illustrative data: made-up sites and terrain, schematic boundaries"
    assert all(path.is_file() for path in scenario.files().values())


def test_missing_terrain_is_named(tmp_path: Path) -> None:
    """Catches made-up terrain in the place of a file that is not there."""
    with pytest.raises(TerrainError, match=r"nowhere\.tif"):
        build_inputs(tmp_path, terrain=tmp_path / "nowhere.tif")


def _square(west: float, size_deg: float, people: int = 9_000) -> Areas:
    """Give one commune in another province."""
    table = gpd.GeoDataFrame(
        {
            "code": ["00001"], "name": ["Ô Vuông"], "population": [people],
            "centre_lon": [west + size_deg / 2], "centre_lat": [21.02],
        },
        geometry=[shapely.box(west, 21.0, west + size_deg, 21.0 + size_deg)],
        crs=WGS84,
    )  # fmt: skip
    return Areas(table, metadata={"province_code": "01", "province_name": "Tỉnh Thử"})


def test_too_small_an_area_is_refused(tmp_path: Path) -> None:
    """Catches thousands of masts stacked on a few fields."""
    write_areas(_square(105.0, 0.04), tmp_path / "small.geojson")
    with pytest.raises(GeocoverError, match=r"room for .* not for 3850"):
        build_inputs(tmp_path, boundaries=tmp_path / "small.geojson")


def test_other_province_gets_no_figures_of_phu_tho(tmp_path: Path) -> None:
    """Catches Phú Thọ's reported figures and parks under another province's name."""
    write_areas(_square(107.0, 0.4, people=20_000_000), tmp_path / "other.geojson")
    scenario = read_scenario(build_inputs(tmp_path, boundaries=tmp_path / "other.geojson")[1])
    assert (scenario.name, scenario.province_code) == ("Tỉnh Thử", "01")
    assert scenario.reported == ()
    assert '"features":[]' in scenario.places[0].read_text(encoding="utf-8").replace("\n", "")
