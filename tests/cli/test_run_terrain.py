"""`geocover run` over terrain: faults of the file are told, and a killed run continues."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from geocover.grid import Grid
from geocover.io.areas import write_areas
from geocover.io.network import write_network
from geocover.store import Snapshot, list_snapshots
from tests.calling import geocover
from tests.hills import STEP_M, hills_m, write_band, write_hills

if TYPE_CHECKING:
    from collections.abc import Callable

    from geocover.areas import Areas
    from geocover.network import Network


@pytest.fixture
def make_scenario(tmp_path: Path, areas: Areas, grid: Grid, random_network: Network) -> Callable[..., Path]:
    """Scenario over the hills at a resolution and with a greatest reach."""

    def make(resolution_m: float, reach_m: float = 3_000.0) -> Path:
        write_areas(areas, tmp_path / "areas.geojson")
        write_network(random_network, tmp_path / "sites.csv")
        write_hills(tmp_path / "dem.tif", grid)
        path = tmp_path / "scenario.toml"
        path.write_text(
            f'[scenario]\nname = "Thử"\nprovince_code = "25"\nas_of = 2025-12-31\nmax_reach_m = {reach_m}\n'
            f"resolution_m = {resolution_m}\n"
            '[inputs]\nareas = "areas.geojson"\nnetwork = "sites.csv"\nterrain = "dem.tif"\n',
            encoding="utf-8",
        )
        return path

    return make


@pytest.fixture
def scenario(make_scenario: Callable[..., Path]) -> Path:
    return make_scenario(100.0)


def only(folder: Path) -> Snapshot:
    (snapshot,) = list_snapshots(folder / "snapshots")
    return snapshot


def files(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_terrain_means_p1812_and_a_model_may_be_chosen(scenario: Path) -> None:
    """Catches options that are read and not used, and a default that ignores the terrain."""
    assert geocover("run", scenario).returncode == 0
    assert {model["name"] for model in only(scenario.parent).manifest["models"].values()} == {"p1812"}
    assert only(scenario.parent).manifest["terrain"]["used_by_models"]
    other = scenario.parent / "other"
    assert geocover("run", scenario, "--dir", other, "--model", "tr38901").returncode == 0
    assert {model["name"] for model in only(other).manifest["models"].values()} == {"tr38901"}
    unknown = geocover("run", scenario, "--model", "magic")
    assert unknown.returncode == 2
    assert "p1812" in unknown.stderr


def test_terrain_of_the_command_line_replaces_the_scenarios(scenario: Path, grid: Grid) -> None:
    """Catches an option that is read and not used."""
    write_hills(scenario.parent / "better.tif", grid)
    done = geocover("run", scenario, "--terrain", scenario.parent / "better.tif")
    assert done.returncode == 0, done.stderr
    assert only(scenario.parent).manifest["terrain"]["source"] == "better.tif"


def spoil_crs(path: Path, grid: Grid) -> None:
    wrong = Grid("EPSG:32650", grid.left_m, grid.top_m, STEP_M, (120, 160))
    write_band(path, wrong, hills_m(wrong))


def spoil_unit(path: Path, grid: Grid) -> None:
    around = Grid(grid.crs, grid.left_m, grid.top_m, STEP_M, (120, 160))
    write_band(path, around, hills_m(around) * 3.28, unit="ft")


def unstated_feet(path: Path, grid: Grid) -> None:
    around = Grid(grid.crs, grid.left_m, grid.top_m, STEP_M, (120, 160))
    write_band(path, around, (hills_m(around) + 1_000.0) * np.float32(3.28), unit="")


def all_void(path: Path, grid: Grid) -> None:
    around = Grid(grid.crs, grid.left_m, grid.top_m, STEP_M, (120, 160))
    write_band(path, around, np.full(around.shape, np.nan, np.float32))


def beside(path: Path, grid: Grid) -> None:
    around = Grid(grid.crs, grid.left_m - 2_000.0, grid.top_m, STEP_M, (120, 30))
    write_band(path, around, hills_m(around))


@pytest.mark.parametrize(
    ("spoil", "said", "told"),
    [
        (spoil_crs, "inside the area", "không có giá trị nào trong khu vực"),
        (spoil_unit, "feet (ft)", "đơn vị là feet"),
        (unstated_feet, "metres above sea level", "mét trên mực nước biển"),
        (all_void, "inside the area", "không có giá trị nào trong khu vực"),
        (beside, "only beside it", "chỉ có ở bên cạnh"),
        (lambda path, _grid: path.unlink(), "terrain: no file", "không có tệp"),
    ],
    ids=["crs", "feet", "feet-unstated", "void", "beside", "absent"],
)
def test_terrain_that_cannot_be_used_is_one_clear_error(
    scenario: Path, grid: Grid, spoil: Callable[[Path, Grid], None], said: str, told: str
) -> None:
    """Catches a prediction over mountains in feet or of another zone, and one where there is no ground."""
    spoil(scenario.parent / "dem.tif", grid)
    done = geocover("run", scenario)
    assert done.returncode == 2, done.stderr
    assert done.stderr.count("Error:") == 1
    assert said in done.stderr
    assert told in done.stderr
    assert "Traceback" not in done.stderr
    assert not (scenario.parent / "snapshots").exists()


def small_file(path: Path, grid: Grid) -> None:
    half = Grid(grid.crs, grid.left_m, grid.top_m, STEP_M, (120, 80))
    write_band(path, half, hills_m(half))


def with_hole(path: Path, grid: Grid) -> None:
    around = Grid(grid.crs, grid.left_m - 4_000.0, grid.top_m + 4_000.0, STEP_M, (280, 320))
    values = hills_m(around)
    values[100:180, 120:200] = np.nan
    write_band(path, around, values)


@pytest.mark.parametrize(("spoil", "known"), [(small_file, 0.5), (with_hole, 2 / 3)], ids=["small", "hole"])
def test_missing_ground_is_a_visible_flag(
    scenario: Path, grid: Grid, spoil: Callable[[Path, Grid], None], known: float
) -> None:
    """Catches a void that counts as sea level: its pixels must be told as open, and not as covered or not."""
    spoil(scenario.parent / "dem.tif", grid)
    done = geocover("run", scenario)
    assert done.returncode == 0, done.stderr
    snapshot = only(scenario.parent)
    assert snapshot.manifest["terrain"]["known_share"] == pytest.approx(known, abs=0.03)
    assert any(name.startswith("rasters/open") for name in snapshot.manifest["files"])
    area = snapshot.totals.query("operator == 'any' and profile == 'outdoor-4g' and basis == 'area'").iloc[0]
    assert area["rests_on"] < 0.9
    assert area["share_high"] - area["share_low"] > 0.1


def tiles(folder: Path) -> dict[str, int]:
    """Names of the finished tiles and when they were written."""
    return {path.name: path.stat().st_mtime_ns for path in (folder / "tiles" / "scenario").glob("*.tile.npz")}


def test_killed_run_continues_and_gives_the_same_bytes(make_scenario: Callable[..., Path]) -> None:
    """Catches tiles that are computed again, a torn one that is believed, bytes that depend on the past."""
    scenario = make_scenario(6.0, 600.0)
    whole, killed = scenario.parent / "whole", scenario.parent / "killed"
    run = [sys.executable, "-m", "geocover", "run", scenario, "--dir", killed, "--threads", "1"]
    with subprocess.Popen(run, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        deadline = time.monotonic() + 120.0
        while len(tiles(killed)) < 2 and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.01)
        os.kill(process.pid, signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
    finished = tiles(killed)
    assert not (killed / "snapshots").exists()
    torn = min(finished)
    (killed / "tiles" / "scenario" / torn).write_bytes(b"PK\x03\x04 torn")
    assert geocover("run", scenario, "--dir", killed).returncode == 0
    assert geocover("run", scenario, "--dir", whole).returncode == 0
    after = tiles(killed)
    assert after.keys() == tiles(whole).keys()
    assert 2 <= len(finished) < len(after)
    assert {name for name in finished if after[name] == finished[name]} == finished.keys() - {torn}
    assert files(only(killed).path) == files(only(whole).path)


def test_tiles_of_a_changed_list_are_taken_over_where_nothing_changed(
    make_scenario: Callable[..., Path],
) -> None:
    """Catches tiles that outlive a change of what reaches them, and ones that are thrown away needlessly."""
    scenario = make_scenario(6.0, 600.0)
    assert geocover("run", scenario).returncode == 0
    first = tiles(scenario.parent)
    rows = (scenario.parent / "sites.csv").read_text(encoding="utf-8-sig").splitlines()
    (scenario.parent / "sites.csv").write_text("\n".join(rows[:-1]) + "\n", encoding="utf-8-sig")
    assert geocover("run", scenario).returncode == 0
    second = tiles(scenario.parent)
    kept = {name for name in first if second.get(name) == first[name]}
    assert 0 < len(kept) < len(first) == len(second)
