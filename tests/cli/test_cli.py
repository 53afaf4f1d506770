"""The command line: quick to start, errors without tracebacks."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import httpx
import numpy as np
import pytest
import rasterio

from geocover.grid import Grid
from geocover.io.areas import write_areas
from geocover.io.network import write_network
from geocover.store import list_snapshots
from tests.calling import geocover

SLOW = (
    "geopandas",
    "pandas",
    "numpy",
    "folium",
    "numba",
    "rasterio",
    "scipy",
    "pyproj",
    "pyarrow",
    "fastapi",
)


def shell(*arguments: object) -> subprocess.CompletedProcess[str]:
    """Run a command in a process of its own."""
    command = [sys.executable, "-W", "ignore", "-m", "geocover", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=240)


def test_help_imports_nothing_slow() -> None:
    """Catches an import that would make `geocover --help` wait a second."""
    code = (
        "import sys; from geocover.cli import app\n"
        "from typer.testing import CliRunner\n"
        "assert CliRunner().invoke(app, ['--help']).exit_code == 0\n"
        f"print([name for name in {SLOW!r} if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "[]"


def test_help_names_every_command() -> None:
    told = shell("--help")
    assert told.returncode == 0
    for command in ("run", "demo", "serve", "boundaries", "terrain"):
        assert command in told.stdout


@pytest.fixture
def scenario(tmp_path: Path, areas, random_network) -> Path:
    write_areas(areas, tmp_path / "areas.geojson")
    write_network(random_network, tmp_path / "sites.csv")
    path = tmp_path / "scenario.toml"
    path.write_text(
        '[scenario]\nname = "Thử"\nprovince_code = "25"\nas_of = 2025-12-31\n'
        '[inputs]\nareas = "areas.geojson"\nnetwork = "sites.csv"\n',
        encoding="utf-8",
    )
    return path


def test_run_prints_the_figures(scenario: Path) -> None:
    """Catches a run that ends without a table, or without saying where the result is."""
    done = geocover("run", scenario)
    assert done.returncode == 0, done.stderr
    assert "4G theo diện tích" in done.stdout
    assert "geocover serve --dir" in done.stdout
    assert len(list((scenario.parent / "snapshots").glob("2025-12-31-*/manifest.json"))) == 1


def test_error_is_told_in_both_languages_without_traceback(scenario: Path) -> None:
    """Catches a traceback shown to a planner, and something half-written after an error."""
    (scenario.parent / "sites.csv").write_text("operator,technology,lon,lat\nViettel,4G,NaN,21\n")
    done = shell("run", scenario)
    assert done.returncode == 2
    assert "Lỗi: sites.csv: dòng 2, lon" in done.stderr
    assert "Error: sites.csv: row 2, lon" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (scenario.parent / "snapshots").exists()


def garble_areas(folder: Path) -> None:
    text = (folder / "areas.geojson").read_text(encoding="utf-8")
    (folder / "areas.geojson").write_text(text[: len(text) // 2], encoding="utf-8")


def duplicate_code(folder: Path) -> None:
    text = (folder / "areas.geojson").read_text(encoding="utf-8")
    (folder / "areas.geojson").write_text(text.replace('"00002"', '"00001"'), encoding="utf-8")


def unknown_crs(folder: Path) -> None:
    (folder / "sites.csv").write_text("operator,technology,x_m,y_m,crs\nViettel,4G,500000,2350000,EPSG:1\n")


def sites(folder: Path, rows: str) -> None:
    (folder / "sites.csv").write_text(f"operator,technology,lon,lat\n{rows}")


@pytest.mark.parametrize(
    ("spoil", "said", "told"),
    [
        (garble_areas, "areas.geojson", "JSON hỏng"),
        (duplicate_code, "00001", "00001"),
        (unknown_crs, "EPSG:1", "không nhận ra hệ toạ độ"),
        (lambda folder: sites(folder, "Viettel,4G,106.7,10.8\n"), "outside the area", "cách khu vực"),
        (lambda folder: sites(folder, ""), "no row", "danh sách trống"),
        (lambda folder: sites(folder, "Viettel,4G,,21.3\n"), "row 2, lon", "dòng 2, lon"),
        (lambda folder: (folder / "sites.csv").unlink(), "no file", "không có tệp"),
    ],
    ids=["garbled", "duplicate", "crs", "outside", "empty", "missing", "absent"],
)
def test_spoilt_input_is_one_clear_error(
    scenario: Path, spoil: Callable[[Path], None], said: str, told: str
) -> None:
    """Catches a traceback, a second error that hides the first, and anything half-written."""
    before = {file.name for file in scenario.parent.iterdir()}
    spoil(scenario.parent)
    done = geocover("run", scenario)
    assert done.returncode == 2, done.stderr
    assert done.stderr.count("Error:") == 1
    assert said in done.stderr
    assert told in done.stderr
    assert "Traceback" not in done.stderr
    assert {file.name for file in scenario.parent.iterdir()} <= before


def test_population_raster_replaces_the_spread(scenario: Path) -> None:
    """Catches an option that is read and not used: half the people of a raster, half the total."""
    grid = Grid("EPSG:32648", 535_000.0, 2_363_000.0, 500.0, (40, 40))
    with rasterio.open(
        scenario.parent / "people.tif", "w", driver="GTiff", height=40, width=40, count=1, dtype="float32",
        crs=grid.crs, transform=grid.transform,
    ) as file:  # fmt: skip
        file.write(np.full((1, 40, 40), 10.0, "float32"))
    done = geocover("run", scenario, "--population", scenario.parent / "people.tif")
    assert done.returncode == 0, done.stderr
    (snapshot,) = list_snapshots(scenario.parent / "snapshots")
    assert snapshot.manifest["population"]["method"] == "raster people.tif"
    people = snapshot.totals.query("basis == 'population'")["total"]
    assert people.iloc[0] == pytest.approx(48 / 0.25 * 10, rel=0.01)


def test_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    """Catches a traceback where the result folder's place is taken by a file."""
    (tmp_path / "taken").write_text("")
    done = geocover("demo", "--dir", tmp_path / "taken")
    assert done.returncode == 2
    assert "Error:" in done.stderr
    assert "taken" in done.stderr
    assert "Traceback" not in done.stderr


def test_port_in_use_is_told(scenario: Path) -> None:
    """Catches a server that hangs or ends with success where its port is taken."""
    assert geocover("run", scenario).returncode == 0
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = shell("serve", "--dir", scenario.parent, "--port", taken.getsockname()[1])
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "--port" in done.stderr


def test_server_is_the_process_itself(scenario: Path) -> None:
    """Catches a server left behind: one process serves, and one signal ends it."""
    assert geocover("run", scenario).returncode == 0
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "geocover", "serve", "--dir", str(scenario.parent), "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        for _ in range(300):
            with suppress(httpx.TransportError):
                assert httpx.get(f"http://127.0.0.1:{port}/readyz").json()["snapshots"] == 1
                break
            time.sleep(0.1)
        else:
            pytest.fail("the server did not answer within 30 s")
        process.terminate()
        process.wait(timeout=20)
    with pytest.raises(httpx.TransportError):
        httpx.get(f"http://127.0.0.1:{port}/healthz")


def test_serve_without_snapshots_says_what_to_do(tmp_path: Path) -> None:
    done = shell("serve", "--dir", tmp_path)
    assert done.returncode == 2
    assert "geocover demo" in done.stderr
