"""A scenario with terrain, land cover, antennas and a population raster, from files to the Result."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from geocover.coverage import Work, predict
from geocover.errors import ScenarioError, TerrainError
from geocover.grid import Grid
from geocover.io.areas import write_areas
from geocover.io.network import write_network
from geocover.scenario import Scenario, compute
from tests.hills import write_band, write_hills, write_woods

if TYPE_CHECKING:
    from pathlib import Path

    from geocover.areas import Areas
    from geocover.network import Network

REACH_M = 3_000.0


@pytest.fixture
def scenario(tmp_path: Path, areas: Areas, grid: Grid, random_network: Network) -> Scenario:
    """The four communes with hills around them."""
    write_areas(areas, tmp_path / "areas.geojson")
    write_network(random_network, tmp_path / "sites.csv")
    return Scenario(
        "Thử", "25", dt.date(2025, 12, 31), tmp_path / "areas.geojson", tmp_path / "sites.csv",
        terrain=write_hills(tmp_path / "dem.tif", grid), max_reach_m=REACH_M,
    )  # fmt: skip


def test_terrain_is_read_with_a_margin_and_told_without(scenario: Scenario) -> None:
    """Catches ridges cut off at the province's edge, and a terrain that the writer cannot lay on the grid."""
    result = compute(scenario, threads=2)
    assert {model.name for model in result.coverage.models.values()} == {"p1812"}
    assert result.terrain is not None
    assert result.surroundings is not None
    assert result.terrain.grid == result.coverage.grid
    assert result.surroundings.grid == result.coverage.grid.widened(REACH_M)
    assert result.surroundings.elevation.values.dtype == np.float32
    assert result.terrain.kind == "terrain"
    np.testing.assert_array_equal(
        result.surroundings.cropped(result.coverage.grid).elevation.values, result.terrain.elevation.values
    )


def test_result_is_that_of_predict_on_the_surroundings(scenario: Scenario) -> None:
    """Catches a scenario that predicts on other ground than it says."""
    result = compute(scenario, threads=2)
    again = predict(
        result.network, result.surroundings, model=result.coverage.models, grid=result.coverage.grid,
        max_reach_m=REACH_M, work=Work(tile=17),
    )  # fmt: skip
    for layer in result.coverage.layers:
        np.testing.assert_array_equal(again.results[layer].level, result.coverage.results[layer].level)


def test_mast_outside_is_seen_over_the_ridges_between(scenario: Scenario, areas: Areas) -> None:
    """Catches a margin that is not there: a mast outside must count, and leave no pixel open."""
    west, south, _, north = areas.bounds
    scenario.network.write_text(
        f"operator,technology,lon,lat,height_m\nViettel,4G,{west - 0.01},{(south + north) / 2},80\n"
    )
    result = compute(scenario, threads=1)
    assert np.isfinite(result.coverage.level("Viettel", "4G").values).any()
    assert result.coverage.possible("Viettel", "4G") is None


def test_woods_lower_the_shares_and_are_described(scenario: Scenario, grid: Grid, tmp_path: Path) -> None:
    """Catches land cover that is read and not used, or described beyond the communes."""
    open_land = compute(scenario, threads=2)
    wooded = compute(replace(scenario, clutter=write_woods(tmp_path / "woods.tif", grid)), threads=2)
    assert open_land.clutter is None
    assert wooded.clutter is not None
    shares = {one["code"]: one["share"] for one in wooded.clutter["classes"]}  # type: ignore[attr-defined]
    assert set(shares) == {10, 40}
    assert sum(shares.values()) == pytest.approx(1.0)
    before, after = (
        np.nan_to_num(one.coverage.level("any", "4G").values, nan=-130.0).mean()
        for one in (open_land, wooded)
    )
    assert after < before - 3.0
    np.testing.assert_array_equal(wooded.population.values, open_land.population.values)


def test_clutter_without_terrain_is_refused_first(scenario: Scenario, tmp_path: Path) -> None:
    """Catches woods that are silently left out."""
    with pytest.raises(ScenarioError, match="clutter"):
        compute(replace(scenario, terrain=None, clutter=tmp_path / "woods.tif"))


def test_terrain_beside_the_area_is_refused(scenario: Scenario, grid: Grid, tmp_path: Path) -> None:
    """Catches a file that touches the margin alone and would leave every pixel open."""
    beside = Grid(grid.crs, grid.left_m - 2_500.0, grid.top_m, 100.0, (60, 20))
    write_band(tmp_path / "beside.tif", beside, np.full(beside.shape, 50.0, np.float32))
    with pytest.raises(TerrainError, match="only beside it"):
        compute(replace(scenario, terrain=tmp_path / "beside.tif"), threads=1)


def test_population_raster_is_set_beside_the_registered(
    scenario: Scenario, grid: Grid, tmp_path: Path
) -> None:
    """Catches sums that are lost or of the whole frame: 10,000 registered, 2 a pixel in the raster."""
    people = np.full(grid.shape, 2.0, np.float32)
    raster = write_band(tmp_path / "people.tif", grid, people, unit="")
    check = compute(replace(scenario, population=raster), threads=2).population_check
    assert check is not None
    assert check["registered"] == 10_000.0
    assert check["raster"] == pytest.approx(9_600.0, rel=0.01)
    assert check["difference"] == pytest.approx(-0.04, abs=0.01)
    assert compute(scenario, threads=2).population_check is None


def test_antennas_of_the_folder_are_used(scenario: Scenario, tmp_path: Path) -> None:
    """Catches patterns that are in the digest and not in the prediction."""
    folder = tmp_path / "antennas"
    folder.mkdir()
    for name, front_db in (("Wide", 0.0), ("Narrow", 30.0)):
        cut = "\n".join(f"{angle} {0.0 if angle == 0 else front_db}" for angle in range(360))
        text = f"NAME {name}\nFREQUENCY 1800\nGAIN 17 dBi\nHORIZONTAL 360\n{cut}\nVERTICAL 360\n{cut}\n"
        (folder / f"{name}.msi").write_text(text)
    levels = {}
    for name in ("Wide", "Narrow"):
        lon, lat = 105.42, 21.28
        scenario.network.write_text(
            "operator,technology,lon,lat,azimuth_deg,antenna\n" + f"Viettel,4G,{lon},{lat},0,{name}\n"
        )
        result = compute(replace(scenario, antennas=folder), threads=1)
        levels[name] = np.nanmean(result.coverage.level("any", "4G").values)
    assert levels["Narrow"] < levels["Wide"] - 3.0
