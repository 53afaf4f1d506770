"""The demo as a whole, and the parts of it beside what one would otherwise use, on the made-up Phú Thọ."""

from __future__ import annotations

import sys
from pathlib import Path

import exactextract
import numpy as np

from benchmarks.process import measured
from benchmarks.table import Amount, Row, paired
from geocover.areas import Areas
from geocover.commune_shares import shares
from geocover.coverage import Coverage, Work, predict
from geocover.demo import build_inputs
from geocover.grid import Grid
from geocover.io.areas import read_areas
from geocover.io.network import read_network
from geocover.network import Network
from geocover.propagation import ExtendedHata, Link

SAMPLE = 60  # cells of the naive peer; its time grows with cells, so it is measured on a part
DEMO_SECONDS, DEMO_GIB = 120.0, 2.0
RESOLUTION_M = 100.0


def demo_rows(folder: Path) -> list[Row]:
    """The whole demo as a process, against its bounds of time and memory."""
    took_s, peak_gib = measured([sys.executable, "-m", "geocover", "demo", "--dir", str(folder / "demo")])
    what = "demo, two snapshots at 100 m"
    return [
        Row(f"{what}, time", Amount(took_s, "s"), Amount(DEMO_SECONDS, "s"), 1.0, "demo.time", "own process"),
        Row(f"{what}, peak memory", Amount(peak_gib, "GiB"), Amount(DEMO_GIB, "GiB"), 1.0, "demo.memory"),
    ]


def part_rows(folder: Path) -> list[Row]:
    """Predicting by distance and sharing out to communes."""
    build_inputs(folder)
    areas = read_areas(folder / "inputs" / "areas.geojson")
    network = read_network(folder / "inputs" / "sites.csv").select(technologies=["4G"])
    grid = Grid.around(areas, RESOLUTION_M)
    coverage = predict(network, model=ExtendedHata(), grid=grid)
    return [predict_row(network, grid), threads_row(network, grid), shares_row(coverage, areas)]


def naive_predict(network: Network, grid: Grid) -> np.ndarray:
    """Best level by whole-array numpy, a cell at a time: what a script without kernels does."""
    best = np.full(grid.shape, -np.inf)
    x_m, y_m = np.meshgrid(grid.whole().xs_m(), grid.whole().ys_m())
    xs_m, ys_m = network.xy_m(grid.crs)
    model = ExtendedHata()
    columns = [network.cells[name].tolist() for name in ("freq_mhz", "height_m", "environment", "eirp_dbm")]
    for x, y, freq_mhz, height_m, environment, eirp_dbm in zip(xs_m, ys_m, *columns, strict=True):
        distance_m = np.hypot(x_m - x, y_m - y)
        link = Link(freq_mhz, height_m, 1.5, environment)
        level = eirp_dbm - model.loss_db(np.minimum(distance_m, 20_000.0), link)
        np.fmax(best, np.where(distance_m <= 15_000.0, level, -np.inf), out=best)
    return best


def predict_row(network: Network, grid: Grid) -> Row:
    """Time of predict by the Hata family, one thread, beside naive numpy on a part of the same cells."""
    part = Network(network.cells.iloc[:SAMPLE].reset_index(drop=True), network.source)
    ours, other = paired(
        lambda: predict(part, model=ExtendedHata(), grid=grid, work=Work(threads=1)),
        lambda: naive_predict(part, grid),
    )
    what = f"predict, extended Hata, {SAMPLE} 4G cells, 1 thread"
    return Row(what, Amount(ours, "s"), Amount(other, "s"), figure="predict.hata", note="whole-array numpy")


def threads_row(network: Network, grid: Grid) -> Row:
    """Two threads beside one, on all cells."""
    ours, other = paired(
        lambda: predict(network, model=ExtendedHata(), grid=grid, work=Work(threads=2)),
        lambda: predict(network, model=ExtendedHata(), grid=grid, work=Work(threads=1)),
    )
    what = f"predict, extended Hata, {len(network):,} 4G cells, 2 threads"
    return Row(what, Amount(ours, "s"), Amount(other, "s"), figure="predict.threads", note="1 thread")


def shares_row(coverage: Coverage, areas: Areas) -> Row:
    """Shares of all communes, three views and an interval, beside one exact extraction of one view."""
    covered = (coverage.level("any", "4G").values >= -100).astype(float)
    left, bottom, right, top = coverage.grid.bounds_m
    polygons = areas.to_crs(coverage.grid.crs)[["code", "geometry"]]

    def exact() -> object:
        source = exactextract.raster.NumPyRasterSource(covered, xmin=left, ymin=bottom, xmax=right, ymax=top)
        return exactextract.exact_extract(source, polygons, ["mean"])

    ours, other = paired(lambda: shares(coverage, areas, "outdoor-4g"), exact)
    views = 3 * (len(coverage.operators("4G")) + 2)
    what = f"shares of {len(areas)} communes at {coverage.grid.resolution_m:g} m, a view"
    return Row(what, Amount(ours / views, "s"), Amount(other, "s"), figure="shares.view", note="exactextract")
