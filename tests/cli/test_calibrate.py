"""`geocover calibrate`."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from geocover.cli import app
from geocover.errors import GeocoverError
from tests.calling import geocover


@pytest.fixture
def inputs(tmp_path: Path) -> tuple[Path, Path]:
    """Drive test along a road of 8 km past three masts, and their list."""
    sites = tmp_path / "sites.csv"
    sites.write_text(
        "operator,technology,lon,lat,cell_id\n"
        "Viettel,4G,105.40,21.30,a\nViettel,4G,105.43,21.30,b\nViettel,4G,105.46,21.30,c\n"
    )
    steps = range(80)
    drive = pd.DataFrame(
        {
            "lon": [105.39 + 0.001 * step for step in steps],
            "lat": 21.302,
            "rsrp": [-85.0 - (step * 7) % 20 for step in steps],
            "cellid": "",
        }
    )
    drive.loc[:9, "cellid"] = "a"
    drive.loc[70:, "rsrp"] = 2147483647
    drive.to_csv(tmp_path / "drive.csv", index=False)
    return tmp_path / "drive.csv", sites


def test_json_goes_alone_to_standard_output(inputs: tuple[Path, Path]) -> None:
    """Catches a table or a note in the middle of JSON, and counts that do not reach it."""
    done = geocover("calibrate", inputs[0], "--network", inputs[1], "--json", "--slope", "--folds", 3)
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)
    assert figures["counts"]["rows_read"] == 80
    assert figures["counts"]["rows_set_aside"] == {"no_level": {"rows": 10, "first_row": 72}}
    assert figures["counts"]["bins_by_match"] == {"best": 60, "cell": 10}
    assert figures["cross_validation"]["folds"] == 3
    assert figures["fit"]["slope_db_per_decade"] != 0


def test_tables_and_files(inputs: tuple[Path, Path], tmp_path: Path) -> None:
    """Catches an --out that is left empty, and a report in one language."""
    done = geocover("calibrate", inputs[0], "--network", inputs[1], "--out", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    assert "Sai lệch, đo trừ tính / Residuals" in done.stdout
    assert "sigma_db = " in done.stdout
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        "calibration.json",
        "residuals.csv",
        "residuals.geojson",
        "measured-predicted.png",
        "residual-histogram.png",
        "residual-distance.png",
        "residual-map.png",
    }


@pytest.mark.parametrize(
    ("options", "said", "told"),
    [
        (("--model", "p1"), "choose one of", "hãy chọn một trong"),
        (("--profile", "x"), "unknown profile", "không có chuẩn"),
        (("--operator", "MobiFone"), "MobiFone", "nhà mạng"),
        (("--model", "radius"), "radius", "radius"),
    ],
)
def test_errors_are_told_in_two_languages(
    inputs: tuple[Path, Path], options: tuple[str, ...], said: str, told: str
) -> None:
    done = geocover("calibrate", inputs[0], "--network", inputs[1], *options)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    vi, en = done.stderr.strip().split("\n")[:2]
    assert told in vi
    assert said in en


def test_help_is_told_without_slow_imports() -> None:
    """Catches an import that makes every command wait."""
    code = (
        "import sys; from geocover.cli import app\n"
        "from typer.testing import CliRunner\n"
        "result = CliRunner().invoke(app, ['calibrate', '--help'])\n"
        "assert result.exit_code == 0 and '--network' in result.output\n"
        "print([name for name in ('numpy', 'pandas', 'matplotlib', 'numba') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_without_matplotlib_the_tables_are_kept(
    inputs: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Catches a traceback, or all the work lost, where the pictures cannot be drawn."""
    monkeypatch.delitem(sys.modules, "geocover.calibration.plots", raising=False)
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    arguments = ["calibrate", str(inputs[0]), "--network", str(inputs[1]), "--out", str(tmp_path / "out")]
    result = CliRunner().invoke(app, arguments)
    assert isinstance(result.exception, GeocoverError)
    assert "geocover[plots]" in str(result.exception)
    assert "geocover[plots]" in result.exception.vi
    assert (tmp_path / "out" / "calibration.json").is_file()


def test_terrain_is_read_around_the_measurements(shared_data: Path, inputs: tuple[Path, Path]) -> None:
    """Catches terrain that is not used: with it the directions, and so the levels, are others."""
    dem = min((shared_data / "dem").glob("*.tif"))
    flat = geocover("calibrate", inputs[0], "--network", inputs[1], "--json")
    done = geocover("calibrate", inputs[0], "--network", inputs[1], "--json", "--terrain", dem)
    assert done.returncode == 0, done.stderr
    with_ground, without = json.loads(done.stdout), json.loads(flat.stdout)
    assert with_ground["inputs"]["terrain"] == dem.name
    assert without["inputs"]["terrain"] is None
    assert with_ground["fit"]["offset_db"] != without["fit"]["offset_db"]
