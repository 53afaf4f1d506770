"""`make bench`: one table of measured ratios, printed and written to benchmarks/results/latest.md.

Every row is the median of interleaved runs of ours and of a peer (or a bound) on the same made-up province,
so that a machine whose speed drifts does not favour one of them.
"""

from __future__ import annotations

import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import exactextract
import numpy as np

from geocover.areas import Areas
from geocover.commune_shares import shares
from geocover.coverage import Coverage, Work, predict
from geocover.demo import build_inputs
from geocover.grid import Grid
from geocover.io.areas import read_areas
from geocover.io.network import read_network
from geocover.network import Network
from geocover.propagation import ExtendedHata, Link

RESULTS = Path(__file__).parent / "results" / "latest.md"
RUNS = 5
SAMPLE = 60  # cells of the naive peer; its time grows with cells, so it is measured on a part
DEMO_SECONDS, DEMO_GIB = 120.0, 2.0


@dataclass(frozen=True)
class Row:
    """One measured ratio; above 1 is better than the peer or within the bound."""

    what: str
    ours: str
    other: str
    ratio: float


def seconds(task: Callable[[], object]) -> float:
    """Wall time of one call."""
    start = time.perf_counter()
    task()
    return time.perf_counter() - start


def paired(ours: Callable[[], object], other: Callable[[], object]) -> tuple[float, float]:
    """Median seconds of each, run in turn."""
    ours()
    other()
    times = [(seconds(ours), seconds(other)) for _ in range(RUNS)]
    return statistics.median(a for a, _ in times), statistics.median(b for _, b in times)


def naive_predict(network: Network, grid: Grid) -> np.ndarray:
    """Best level by whole-array numpy, a cell at a time: what a script without kernels does."""
    best = np.full(grid.shape, -np.inf)
    x_m, y_m = np.meshgrid(grid.whole().xs_m(), grid.whole().ys_m())
    xs_m, ys_m = network.xy_m(grid.crs)
    model = ExtendedHata()
    for cell in network.cells.itertuples():
        distance_m = np.hypot(x_m - xs_m[cell.Index], y_m - ys_m[cell.Index])
        link = Link(cell.freq_mhz, cell.height_m, 1.5, cell.environment)
        level = cell.eirp_dbm - model.loss_db(np.minimum(distance_m, 20_000.0), link)
        np.fmax(best, np.where(distance_m <= 15_000.0, level, -np.inf), out=best)
    return best


def bench_predict(network: Network, grid: Grid) -> Row:
    """Cells per second of predict, one thread, beside naive numpy on a part of the same cells."""
    part = Network(network.cells.iloc[:SAMPLE].reset_index(drop=True), network.source)
    ours, other = paired(
        lambda: predict(part, model=ExtendedHata(), grid=grid, work=Work(threads=1)),
        lambda: naive_predict(part, grid),
    )
    return Row(
        f"predict, {SAMPLE} 4G cells, 1 thread, beside whole-array numpy",
        f"{ours:.2f} s",
        f"{other:.2f} s",
        other / ours,
    )


def bench_threads(network: Network, grid: Grid) -> Row:
    """Two threads beside one, on all cells."""
    ours, other = paired(
        lambda: predict(network, model=ExtendedHata(), grid=grid, work=Work(threads=2)),
        lambda: predict(network, model=ExtendedHata(), grid=grid, work=Work(threads=1)),
    )
    return Row(
        f"predict, {len(network):,} 4G cells, 2 threads beside 1",
        f"{ours:.1f} s",
        f"{other:.1f} s",
        other / ours,
    )


def bench_shares(coverage: Coverage, areas: Areas) -> Row:
    """Shares of all communes, three views and an interval, beside one exact extraction of one view."""
    covered = (coverage.level("any", "4G").values >= -100).astype(float)
    left, bottom, right, top = coverage.grid.bounds_m
    polygons = areas.to_crs(coverage.grid.crs)[["code", "geometry"]]

    def exact() -> object:
        source = exactextract.raster.NumPyRasterSource(covered, xmin=left, ymin=bottom, xmax=right, ymax=top)
        return exactextract.exact_extract(source, polygons, ["mean"])

    ours, other = paired(lambda: shares(coverage, areas, "outdoor-4g"), exact)
    views = 3 * (len(coverage.operators("4G")) + 2)
    return Row(
        f"shares of {len(areas)} communes at {coverage.grid.resolution_m:g} m, a view, beside exactextract",
        f"{ours / views * 1000:.0f} ms",
        f"{other * 1000:.0f} ms",
        other / (ours / views),
    )


def bench_demo(folder: Path) -> list[Row]:
    """The whole demo as a process, against its bounds of time and memory."""
    start = time.perf_counter()
    command = [sys.executable, "-m", "geocover", "demo", "--dir", str(folder)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    took = time.perf_counter() - start
    gib = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024**2
    return [
        Row(
            "demo, two snapshots at 100 m, beside its bound",
            f"{took:.0f} s",
            f"{DEMO_SECONDS:.0f} s",
            DEMO_SECONDS / took,
        ),
        Row("demo, peak memory, beside its bound", f"{gib:.2f} GiB", f"{DEMO_GIB:.0f} GiB", DEMO_GIB / gib),
    ]


def table(rows: list[Row]) -> str:
    """Markdown of the rows under a line about the machine."""
    machine = platform.processor() or platform.machine()
    head = f"{machine}, Python {platform.python_version()}, medians of {RUNS} runs\n"
    lines = [f"| {row.what} | {row.ours} | {row.other} | {row.ratio:.1f} |" for row in rows]
    return "\n".join([head, "| what | ours | peer or bound | ratio |", "|---|---|---|---|", *lines, ""])


def main() -> None:
    """Measure everything, print and keep the table."""
    with tempfile.TemporaryDirectory() as folder:
        rows = bench_demo(Path(folder) / "demo")
        build_inputs(Path(folder))
        areas = read_areas(Path(folder) / "inputs" / "areas.geojson")
        listed = read_network(Path(folder) / "inputs" / "sites.csv")
    network = listed.select(technologies=["4G"])
    grid = Grid.around(areas, 100.0)
    rows += [bench_predict(network, grid), bench_threads(network, grid)]
    rows.append(bench_shares(predict(network, model=ExtendedHata(), grid=grid), areas))
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(table(rows), encoding="utf-8")
    print(table(rows))


if __name__ == "__main__":
    main()
