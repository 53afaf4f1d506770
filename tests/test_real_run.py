"""The whole way on real files: communes, elevation and a cell list, by the command line."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely

from geocover.areas import Areas
from geocover.crs import transformer
from geocover.grid import Grid
from geocover.io.areas import read_areas, write_areas
from geocover.store import Snapshot, list_snapshots
from tests.calling import geocover

RESOLUTION_M = 100
TILE = shapely.box(105.0, 21.0, 106.0, 22.0)
SCENARIO = f"""
[scenario]
name = "85 xã trong ô SRTM"
province_code = "25"
as_of = 2025-12-31
resolution_m = {RESOLUTION_M}
note_vi = "Danh sách cell thật của nơi khác, dời vào khu vực này"
note_en = "A real cell list of another place, moved onto this area"

[inputs]
areas = "areas.parquet"
network = "cells.csv"
terrain = "N21E105.hgt"
"""


@pytest.fixture(scope="module")
def folder(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Input files in a folder: the communes whole inside the SRTM tile, and the list moved onto them."""
    tmp_path = tmp_path_factory.mktemp("real")
    areas = read_areas(shared_data / "communes" / "phu_tho_communes_148.parquet")
    inside = areas.table.geometry.within(TILE)
    write_areas(areas.select(areas.table.loc[inside, "code"]), tmp_path / "areas.parquet")
    moved_cells(shared_data, read_areas(tmp_path / "areas.parquet")).to_csv(
        tmp_path / "cells.csv", index=False
    )
    (tmp_path / "N21E105.hgt").symlink_to(shared_data / "dem" / "N21E105.hgt")
    (tmp_path / "scenario.toml").write_text(SCENARIO, encoding="utf-8")
    return tmp_path


def moved_cells(shared_data: Path, areas: Areas) -> pd.DataFrame:
    """Complete rows of the real list, shifted in metres so that its middle is the communes' middle."""
    real = pd.read_csv(shared_data / "cell-sites" / "sanxia_lte_cells.csv", dtype=str).drop_duplicates(
        "SECTOR_ID"
    )
    numbers = real[["LONGITUDE", "LATITUDE", "AZIMUTH", "HEIGHT", "TOTLETILT"]].apply(
        pd.to_numeric, errors="coerce"
    )
    usable = numbers.notna().all(axis=1) & numbers["AZIMUTH"].between(0, 360) & (numbers["HEIGHT"] >= 1)
    real, numbers = real[usable], numbers[usable]
    x_m, y_m = transformer("EPSG:4326", "EPSG:32649").transform(numbers["LONGITUDE"], numbers["LATITUDE"])
    middle = areas.to_crs("EPSG:32648").union_all().centroid
    x_m, y_m = x_m - np.median(x_m) + middle.x, y_m - np.median(y_m) + middle.y
    outline = areas.to_crs("EPSG:32648").union_all().buffer(10_000)
    near = shapely.contains_xy(outline, x_m, y_m)
    return pd.DataFrame(
        {
            "operator": "Sanxia",
            "technology": "4G",
            "cell_id": real["SECTOR_ID"],
            "x_m": x_m.round(1),
            "y_m": y_m.round(1),
            "crs": "EPSG:32648",
            "azimuth_deg": numbers["AZIMUTH"],
            "height_m": numbers["HEIGHT"],
            "downtilt_deg": numbers["TOTLETILT"],
        }
    )[near]


@pytest.fixture(scope="module")
def told(folder: Path) -> str:
    """What the command says that computes the scenario of the folder, over its terrain."""
    done = geocover("run", folder / "scenario.toml")
    assert done.returncode == 0, done.stderr
    return done.stdout


def any_4g(snapshot: Snapshot, basis: str = "area") -> pd.Series:
    """The province's row of 4G outdoors by any operator."""
    found = f"operator == 'any' and profile == 'outdoor-4g' and basis == '{basis}'"
    return snapshot.totals.query(found).iloc[0]


@pytest.mark.data
def test_run_on_real_files(folder: Path, told: str) -> None:
    """Catches whatever synthetic data hides: ragged polygons, voids in the tile, a messy list, ridges."""
    assert "4G theo diện tích" in told
    (snapshot,) = list_snapshots(folder / "snapshots")
    snapshot.verify()
    assert len(snapshot.communes) == 85
    terrain = snapshot.manifest["terrain"]
    assert terrain["used_by_models"]
    assert snapshot.manifest["models"]["4G"]["name"] == "p1812"
    assert 0.99 < terrain["known_share"] < 1.0
    area = any_4g(snapshot)
    assert 0.65 < area["share"] < 0.92
    assert area["share_low"] < area["share"] < area["share_high"]
    assert_open_pixels_are_few_and_told(snapshot, area)
    assert_gaps_complement_shares(snapshot.gaps, area)
    assert snapshot.manifest["parameters"]["note_vi"].startswith("Danh sách cell thật")


def assert_open_pixels_are_few_and_told(snapshot: Snapshot, total: pd.Series) -> None:
    """Masts beside the tile and paths over its voids leave pixels open: some, and few."""
    with rasterio.open(snapshot.path / "rasters" / "open-4g.tif") as file:
        classes = file.read(1)
    assert set(np.unique(classes)) == {0, 1, 2}
    assert 0.9 < total["rests_on"] < 1.0


@pytest.mark.data
@pytest.mark.usefixtures("told")
def test_real_ridges_take_coverage_away(folder: Path) -> None:
    """Catches a terrain that is read and changes nothing: distance alone tells another share."""
    flat = geocover("run", folder / "scenario.toml", "--dir", folder / "flat", "--model", "extended-hata")
    assert flat.returncode == 0
    (over_hills,), (over_none,) = (list_snapshots(at / "snapshots") for at in (folder, folder / "flat"))
    assert abs(any_4g(over_hills)["share"] - any_4g(over_none)["share"]) > 0.02
    assert any_4g(over_none)["rests_on"] == 1.0


def assert_gaps_complement_shares(gaps: gpd.GeoDataFrame, total: pd.Series) -> None:
    """What is known not to be covered is in a gap, but for gaps below the smallest that is reported."""
    found = gaps.loc[gaps["profile"] == "outdoor-4g", "area_km2"].sum()
    missing = total["total"] * total["rests_on"] - total["covered"]
    assert 0.9 * missing < found < 1.01 * missing


@pytest.mark.data
def test_labels_keep_the_areas_of_real_communes(shared_data: Path) -> None:
    """The label raster of the 148 real communes keeps every area within 0.2 %."""
    from geocover.population import label_communes

    areas = read_areas(shared_data / "communes" / "phu_tho_communes_148.parquet")
    grid = Grid.around(areas, 30.0)
    labels = label_communes(areas, grid)
    pixels = np.bincount(labels[labels >= 0], minlength=len(areas)) * grid.pixel_area_m2
    exact = areas.to_crs(grid.crs).area.to_numpy()
    assert np.abs(pixels / exact - 1).max() < 0.002
