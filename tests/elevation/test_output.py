"""What an import writes: the file, its bytes, and the command's report."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest
import rasterio
from typer.testing import CliRunner

from geocover.cli.terrain import app
from geocover.elevation.importer import grid_for, import_terrain
from geocover.errors import TerrainError
from geocover.grid import Grid
from geocover.io import terrain as terrain_io
from geocover.io.areas import write_areas
from geocover.io.terrain import read_terrain
from geocover.terrain import Terrain
from tests.elevation.ground import OPTIONS, PAIR, dem

if TYPE_CHECKING:
    from pathlib import Path


def test_the_file_comes_back_as_it_was(tmp_path: Path) -> None:
    """Catches a loss in writing, other bytes for the same input, a lost mark of origin or illustration."""
    path = dem(
        tmp_path / "dem.tif", hole=(105.31, 21.31, 105.32, 21.32), tags={"GEOCOVER_ILLUSTRATIVE": "yes"}
    )
    for name in ("a.tif", "b.tif"):
        imported = import_terrain([path], PAIR, OPTIONS)
        imported.write(tmp_path / name)
    assert (tmp_path / "a.tif").read_bytes() == (tmp_path / "b.tif").read_bytes()
    again = read_terrain(tmp_path / "a.tif", grid_for(PAIR, OPTIONS))
    np.testing.assert_array_equal(again.elevation.values, imported.terrain.elevation.values)
    assert again.illustrative
    with rasterio.open(tmp_path / "a.tif") as file:
        assert (file.read(2) == imported.origin).all()
        assert file.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
        assert file.units[0] == "m"
        assert json.loads(file.tags()["GEOCOVER_TERRAIN_FILES"]) == ["dem.tif"]
    second = import_terrain([tmp_path / "a.tif"], PAIR, OPTIONS)
    assert second.terrain.illustrative
    np.testing.assert_array_equal(second.terrain.elevation.values, imported.terrain.elevation.values)


def test_nothing_is_half_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Catches an old result that is destroyed, or a partial one left, when writing fails."""
    imported = import_terrain([dem(tmp_path / "dem.tif")], PAIR, OPTIONS)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "dem.tif").write_text("old")

    def broken(_: object, target: Path, **__: object) -> None:
        target.write_text("half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(terrain_io.rasterio.shutil, "copy", broken)
    with pytest.raises(OSError, match="No space"):
        imported.write(tmp_path / "out" / "dem.tif")
    assert [path.read_text() for path in (tmp_path / "out").iterdir()] == ["old"]


def test_command_reports_in_vietnamese(tmp_path: Path) -> None:
    """Catches options that do not arrive, an input overwritten, and a report that is no JSON."""
    source, out = dem(tmp_path / "dem.tif", factor=1 / 0.3048, units="ft"), tmp_path / "out.tif"
    small = dem(tmp_path / "far.tif", (106.2, 21.2, 106.5, 21.5))
    write_areas(PAIR, tmp_path / "areas.geojson")
    base = [
        "import",
        str(source),
        str(small),
        "--areas",
        str(tmp_path / "areas.geojson"),
        "--resolution",
        "100",
    ]
    base += ["--margin", "0", "--kind", "terrain", "--unit", "ft", "--out"]
    failed = CliRunner().invoke(app, [*base, str(source)])
    assert isinstance(failed.exception, TerrainError)
    done = CliRunner().invoke(app, [*base, str(out)])
    assert done.exit_code == 0, done.output
    for words in (
        "mô hình mặt đất",
        "100,00 % diện tích",
        f"Đã ghi {out}",
        "không có giá trị nào trong khu vực",
    ):
        assert words in done.stdout
    told = json.loads(CliRunner().invoke(app, [*base, str(out), "--json"]).stdout)
    assert told["kind"] == "terrain"
    assert [each["pixels"] > 0 for each in told["files"]] == [True, False]
    assert isinstance(read_terrain(out, Grid.around(PAIR, 50.0)), Terrain)
