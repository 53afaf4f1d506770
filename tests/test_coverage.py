"""predict(): the same bits however it is cut, and equal to independent computations."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import exactextract
import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geocover.areas import Areas
from geocover.commune_shares import shares
from geocover.coverage import ALL, ANY, FLOOR_DBM, Coverage, Work, predict
from geocover.errors import GridError, ModelError, TerrainError
from geocover.grid import Grid
from geocover.io.areas import read_areas
from geocover.io.network import read_network
from geocover.propagation import TR38901, ExtendedHata, Link, Radius
from geocover.raster import Raster
from geocover.terrain import Terrain

if TYPE_CHECKING:
    from geocover.network import Network

MODELS = {"4G": ExtendedHata(), "5G": TR38901()}


def test_same_bits_for_any_tiling_and_threads(random_network: Network, grid: Grid) -> None:
    """Catches seams between tiles, and results that depend on which thread came first."""
    whole = predict(random_network, model=MODELS, grid=grid, work=Work(threads=1, tile=1_000))
    for tile, threads in ((7, 2), (16, 4), (33, 1), (64, 3)):
        other = predict(random_network, model=MODELS, grid=grid, work=Work(threads=threads, tile=tile))
        assert_same(other, whole)


def assert_same(one: Coverage, other: Coverage) -> None:
    """Every array of two results is equal, bit for bit."""
    assert one.layers == other.layers
    for layer in one.layers:
        for name in ("level", "server", "possible", "count", "rows"):
            np.testing.assert_array_equal(
                getattr(one.results[layer], name), getattr(other.results[layer], name), f"{layer} {name}"
            )


def test_level_is_the_link_budget(make_network, grid: Grid) -> None:
    """Catches a term of the budget counted twice: one omni mast, level = EIRP - loss + vertical pattern."""
    network = make_network(
        [
            {
                "at": (4_050, 3_050),
                "eirp_dbm": 30.0,
                "height_m": 30.0,
                "downtilt_deg": 0.0,
                "beamwidth_v_deg": 90.0,
            }
        ]
    )
    coverage = predict(network, model={"4G": ExtendedHata("suburban")}, grid=grid)
    link_loss = ExtendedHata("suburban").loss_db(np.array([2_000.0]), _link())
    off_axis_db = 12 * (np.degrees(np.arctan2(28.5, 2_000.0)) / 90.0) ** 2
    assert coverage.level("Viettel", "4G").values[30, 60] == pytest.approx(
        30.0 - link_loss[0] - off_axis_db, abs=0.02
    )
    assert coverage.serving("Viettel", "4G")[30, 60] == 0


def _link() -> Link:
    return Link(1800.0, 30.0, 1.5, "suburban")


def test_any_and_all(random_network: Network, grid: Grid) -> None:
    """Catches "any" and "all" swapped, and NaN of one operator hiding another."""
    coverage = predict(random_network, model=MODELS, grid=grid)
    stacked = np.stack([coverage.level(name, "4G").values for name in coverage.operators("4G")])
    any_level, all_level = coverage.level(ANY, "4G").values, coverage.level(ALL, "4G").values
    assert ((any_level >= -100) == (stacked >= -100).any(axis=0)).all()
    assert ((all_level >= -100) == (stacked >= -100).all(axis=0)).all()


def test_floor_and_reach_cap(make_network, grid: Grid) -> None:
    """Catches levels below the floor that are kept, and squares instead of discs at the cap."""
    network = make_network([{"at": (4_050, 3_050), "eirp_dbm": 60.0}])
    coverage = predict(network, model=ExtendedHata(), grid=grid, max_reach_m=2_500.0)
    level = coverage.level("Viettel", "4G").values
    x_m, y_m = np.meshgrid(grid.whole().xs_m(), grid.whole().ys_m())
    distance_m = np.hypot(x_m - x_m[30, 40], y_m - y_m[30, 40])
    assert np.isfinite(level[distance_m < 2_490]).all()
    assert np.isnan(level[distance_m > 2_510]).all()
    weak = predict(make_network([{"at": (4_050, 3_050), "eirp_dbm": -10.0}]), model=ExtendedHata(), grid=grid)
    level = weak.level("Viettel", "4G").values
    kept = level[np.isfinite(level)]
    assert kept.size
    assert kept.min() >= FLOOR_DBM


def tilted(areas: Areas) -> Areas:
    """The communes turned by 17°: edges along a grid's columns are the one case where pixels err together."""
    table = areas.to_crs("EPSG:32648")
    turned = table.set_geometry(table.geometry.rotate(17, origin=(544_000, 2_355_000))).to_crs(4326)
    return Areas(turned, source="tilted squares")


def test_radius_against_union_of_discs(random_network: Network, areas: Areas) -> None:
    """At 30 m the shares of a radius model equal the exact area of a union of discs within 0.1 points."""
    areas = tilted(areas)
    grid = Grid.around(areas, 30.0, crs="EPSG:32648")
    coverage = predict(random_network, model={"4G": Radius(900.0)}, grid=grid)
    assert_discs(coverage, random_network, areas, 900.0)


@pytest.mark.data
def test_radius_against_discs_on_real_communes(shared_data: Path) -> None:
    """The same on real, ragged communes: catches labels that drift on long borders and holes."""
    areas = read_areas(shared_data / "communes" / "phu_tho_communes_148.parquet")
    areas = areas.select(areas.codes[::12])
    network = scattered(areas)
    grid = Grid.around(areas, 30.0)
    coverage = predict(network, model=Radius(1_500.0), grid=grid)
    assert_discs(coverage, network, areas, 1_500.0)


def scattered(areas: Areas) -> Network:
    """One operator's masts at random points of the communes, 40 each."""
    points = areas.table.geometry.sample_points(40, rng=25).explode()
    rows = pd.DataFrame({"operator": "Viettel", "technology": "4G", "lon": points.x, "lat": points.y})
    with tempfile.TemporaryDirectory() as folder:
        rows.to_csv(Path(folder) / "sites.csv", index=False)
        return read_network(Path(folder) / "sites.csv")


def assert_discs(coverage: Coverage, network: Network, areas: Areas, radius_m: float) -> None:
    """Shares of every operator and of any equal those of exact discs within 0.1 points."""
    grid = coverage.grid
    table = shares(coverage, areas, "outdoor-4g").set_index(["code", "operator"])["share"]
    for operator in (*coverage.operators("4G"), ANY):
        cells = network.cells[network.cells["technology"] == "4G"]
        cells = cells if operator == ANY else cells[cells["operator"] == operator]
        points = gpd.GeoSeries.from_xy(cells["lon"], cells["lat"], crs=4326).to_crs(grid.crs)
        union = shapely.union_all(points.buffer(radius_m, quad_segs=256))
        for code, polygon in zip(areas.codes, areas.to_crs(grid.crs).geometry, strict=True):
            exact = polygon.intersection(union).area / polygon.area
            assert table[code, operator] == pytest.approx(exact, abs=0.001)


def test_shares_against_exactextract(random_network: Network, areas: Areas) -> None:
    """The label raster agrees with exact pixel fractions within 0.1 points at 30 m."""
    areas = tilted(areas)
    grid = Grid.around(areas, 30.0, crs="EPSG:32648")
    coverage = predict(random_network, model=MODELS, grid=grid)
    table = shares(coverage, areas, "outdoor-4g").set_index(["code", "operator"])["share"]
    needed_dbm = -110 + 1.2815515655 * 8
    covered = (coverage.level(ANY, "4G").values >= needed_dbm).astype(np.float64)
    exact = exact_means(covered, coverage, areas)
    for code, share in zip(areas.codes, exact, strict=True):
        assert table[code, ANY] == pytest.approx(share, abs=0.001)


def exact_means(values: np.ndarray, coverage: Coverage, areas: Areas) -> list[float]:
    left, bottom, right, top = coverage.grid.bounds_m
    source = exactextract.raster.NumPyRasterSource(values, xmin=left, ymin=bottom, xmax=right, ymax=top)
    found = exactextract.exact_extract(
        source, areas.to_crs(coverage.grid.crs)[["code", "geometry"]], ["mean"]
    )
    return [feature["properties"]["mean"] for feature in found]


def test_missing_layer_is_named(random_network: Network, grid: Grid) -> None:
    coverage = predict(random_network, model=MODELS, grid=grid)
    with pytest.raises(GridError, match="Beeline"):
        coverage.level("Beeline", "4G")
    with pytest.raises(GridError, match="3G"):
        coverage.level(ANY, "3G")


def test_frame_and_model_are_required(random_network: Network, grid: Grid) -> None:
    """Catches a silent choice of a grid, of a model, or of sea level for missing terrain."""
    with pytest.raises(GridError, match="grid"):
        predict(random_network, model=MODELS)
    with pytest.raises(ModelError, match="no model"):
        predict(random_network, model={"3G": ExtendedHata()}, grid=grid)
    other = Terrain(Raster(Grid(grid.crs, 0, 0, 100, (2, 2)), np.zeros((2, 2)), "m"), "flat")
    with pytest.raises(GridError, match="another grid"):
        predict(random_network, other, model=MODELS, grid=grid)

    class NeedsTerrain(ExtendedHata):
        needs_terrain = True

    with pytest.raises(TerrainError, match="needs terrain"):
        predict(random_network, model=NeedsTerrain(), grid=grid)


def test_progress_counts_every_tile(random_network: Network, grid: Grid) -> None:
    seen: list[tuple[int, int]] = []
    predict(random_network, model=MODELS, grid=grid, work=Work(tile=20, progress=lambda *at: seen.append(at)))
    assert seen == [(done, 12) for done in range(1, 13)]
