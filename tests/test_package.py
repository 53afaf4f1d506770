"""The wheel holds what a user without this checkout needs."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

from hatchling.builders.wheel import WheelBuilder

ROOT = Path(__file__).resolve().parents[1]


def test_installed_package_finds_its_data(tmp_path: Path) -> None:
    """Catches data, profiles or fonts left out of the wheel: unpacked, it works on its own."""
    (wheel,) = WheelBuilder(str(ROOT)).build(directory=str(tmp_path), versions=["standard"])
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        archive.extractall(tmp_path / "site")
    assert any(name.endswith(".woff2") for name in names)
    assert "geocover/profiles.toml" in names
    assert "geocover/io/network_defaults.toml" in names
    assert "api/app.py" in names
    assert not [name for name in names if name.startswith(("tests/", "benchmarks/"))]
    code = (
        "import geocover as gc; from geocover.resources import shipped\n"
        "assert 'site' in gc.__file__\n"
        "areas = gc.read_areas(shipped('boundaries/phu-tho-schematic.geojson'))\n"
        "print(len(areas), len(gc.read_profiles()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={"PYTHONPATH": str(tmp_path / "site"), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["148", "4"]
