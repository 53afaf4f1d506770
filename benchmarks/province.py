"""A whole province by P.1812: time and peak memory, how they grow, and what one changed site costs.

Every figure comes from a process of its own (`python -m benchmarks.province …` prints it as JSON), which has
compiled and warmed up before the clock starts.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from benchmarks.ground import CELL_M, CRS, hills, on_grid
from benchmarks.process import peak_gib
from benchmarks.table import ROOT
from geocover.coverage import Coverage, Work, predict, update
from geocover.crs import WGS84, transformer
from geocover.grid import Grid, Window
from geocover.io.network import read_network
from geocover.network import Network
from geocover.propagation import P1812
from geocover.raster import Raster
from geocover.terrain import Terrain

SITES, SECTORS = 9_283, (0.0, 120.0, 240.0)
CELLS = 3_576  # of 30 m: 107.28 km a side, 11,509 km²; divides by 2 and 3
WARM_CELLS = 200
CHANGED_DBM = -3.0  # neighbours take over some of its pixels


@dataclass(frozen=True)
class Case:
    """One province: what a process of its own computes."""

    resolution_m: int = 30
    radius_m: int = 5_000
    sites: int = SITES
    threads: int = 2

    @property
    def figure(self) -> str:
        """Name in the history."""
        return f"province.{self.resolution_m}m.{self.radius_m // 1000}km"


class Result(NamedTuple):
    """What a process printed: seconds and peak of the province, seconds of one changed site."""

    seconds: float
    peak_gib: float
    changed_s: float


def ground(folder: Path) -> Path:
    """Write the province's hills once, for all processes."""
    path = folder / "province.npy"
    if not path.is_file():
        np.save(path, hills(CELLS))
    return path


def coarser(elevation_m: np.ndarray, resolution_m: int) -> np.ndarray:
    """Means of blocks of 30 m cells."""
    times = round(resolution_m / CELL_M)
    rows, cols = (size // times for size in elevation_m.shape)
    blocks = elevation_m[: rows * times, : cols * times].reshape(rows, times, cols, times)
    return np.ascontiguousarray(blocks.mean(axis=(1, 3), dtype=np.float32))


def made_up_network(grid: Grid, sites: int) -> Network:
    """Masts of 40 m spread evenly at random, three sectors of 1800 MHz each; the same for a grid's extent."""
    left, bottom, right, top = grid.bounds_m
    random = np.random.default_rng(SITES)
    x_m, y_m = random.uniform(left, right, sites), random.uniform(bottom, top, sites)
    lon, lat = transformer(CRS, WGS84).transform(x_m, y_m)
    cells = pd.DataFrame(
        {
            "position_id": np.repeat([f"P{n}" for n in range(sites)], len(SECTORS)),
            "operator": "Made up",
            "technology": "4G",
            "lon": np.repeat(np.round(lon, 7), len(SECTORS)),
            "lat": np.repeat(np.round(lat, 7), len(SECTORS)),
            "freq_mhz": 1800,
            "eirp_dbm": 32.2,
            "height_m": 40,
            "azimuth_deg": np.tile(SECTORS, sites),
        }
    )
    with tempfile.TemporaryDirectory() as folder:
        cells.to_csv(Path(folder) / "masts.csv", index=False)
        return read_network(Path(folder) / "masts.csv", illustrative=True)


def province(network: Network, terrain: Terrain, case: Case) -> Coverage:
    """Best level and server of every pixel."""
    work = Work(threads=case.threads)
    return predict(network, terrain, model=P1812(), max_reach_m=float(case.radius_m), work=work)


def part_of(terrain: Terrain, window: Window) -> Terrain:
    """Terrain on a window alone."""
    grid, size = window.grid, window.resolution_m
    left_m, top_m = grid.left_m + window.col * size, grid.top_m - window.row * size
    frame = Grid(grid.crs, left_m, top_m, size, window.shape)
    return replace(terrain, elevation=Raster(frame, terrain.elevation.values[window.slices].copy(), "m"))


def weakened(network: Network, site: int) -> Network:
    """The network with one site's power lowered."""
    cells = network.cells.copy()
    cells.loc[cells["position_id"] == f"P{site}", "eirp_dbm"] += CHANGED_DBM
    return Network(cells, network.source, network.illustrative)


def compute(elevation: Path, case: Case) -> Result:
    """Compute a province and one changed site in this process."""
    elevation_m = coarser(np.load(elevation), case.resolution_m)
    terrain = Terrain(on_grid(elevation_m, float(case.resolution_m)), "made-up hills", illustrative=True)
    network = made_up_network(terrain.grid, case.sites)
    warm_up(terrain, case)
    start = time.perf_counter()
    coverage = province(network, terrain, case)
    took_s, peak = time.perf_counter() - start, peak_gib()
    changed = weakened(network, most_central(network, terrain.grid))
    start = time.perf_counter()
    update(coverage, changed, terrain, work=Work(threads=case.threads))
    return Result(took_s, peak, time.perf_counter() - start)


def warm_up(terrain: Terrain, case: Case) -> None:
    """Compile what `compute` runs, on a corner of the terrain with three masts."""
    corner = part_of(terrain, Window(terrain.grid, 0, 0, (WARM_CELLS, WARM_CELLS)))
    network = made_up_network(corner.grid, 3)
    update(province(network, corner, case), weakened(network, 0), corner, work=Work(threads=case.threads))


def most_central(network: Network, grid: Grid) -> int:
    """Site nearest to the middle of the grid: its surroundings are complete."""
    left, bottom, right, top = grid.bounds_m
    xs_m, ys_m = network.xy_m(grid.crs)
    away_m = np.hypot(xs_m - (left + right) / 2.0, ys_m - (bottom + top) / 2.0)
    return int(away_m.argmin()) // len(SECTORS)


def in_own_process(elevation: Path, case: Case) -> Result:
    """Result of a case from a new process.

    Raises
    ------
    subprocess.CalledProcessError
        If it fails; what it said goes to this process's standard error.
    """
    given = [f"--resolution-m={case.resolution_m}", f"--radius-m={case.radius_m}"]
    given += [f"--sites={case.sites}", f"--threads={case.threads}"]
    command = [sys.executable, "-m", "benchmarks.province", str(elevation), *given]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True, text=True)
    return Result(*json.loads(done.stdout.splitlines()[-1]))


def main() -> None:
    """Compute one case and print seconds, peak memory in GiB and seconds of one changed site as JSON."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("elevation", type=Path, help="hills in cells of 30 m, .npy")
    for name in ("resolution_m", "radius_m", "sites", "threads"):
        parser.add_argument(f"--{name.replace('_', '-')}", type=int, default=getattr(Case, name))
    given = vars(parser.parse_args())
    print(json.dumps(compute(given.pop("elevation"), Case(**given))))


if __name__ == "__main__":
    main()
