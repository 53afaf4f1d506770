"""`geocover calibrate` over terrain: the truth is P.1812's own level over made hills."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from geocover.calibration.comparing import cells_of
from geocover.cli import app
from geocover.coverage_points import levels_at
from geocover.crs import WGS84, transformer
from geocover.errors import TerrainError
from geocover.grid import Grid
from geocover.io.network import read_network
from geocover.io.terrain import write_terrain
from geocover.network import Network
from geocover.propagation import P1812, ExtendedHata
from geocover.raster import Raster
from geocover.terrain import Terrain
from tests.calibration.test_calibrate import ambato_network
from tests.coverage.test_antennas import catalogue

CRS = "EPSG:32648"
LEFT_M, TOP_M = 540_000.0, 2_361_000.0
OFFSET_DB, SIGMA_DB, POINTS = -6.5, 4.0, 500


def hilly() -> Terrain:
    """Steep hills over 36 x 36 km."""
    grid = Grid(CRS, LEFT_M - 16_500.0, TOP_M + 16_500.0, 30.0, (1_200, 1_200))
    x, y = np.meshgrid(grid.whole().xs_m(), grid.whole().ys_m())
    height_m = 150.0 + 90.0 * np.sin(x / 310.0) * np.cos(y / 270.0) + 40.0 * np.sin((x + y) / 900.0)
    return Terrain(Raster(grid, height_m.astype(np.float32), "m"), "made")


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Path]:
    """Drive test, site list and elevation file."""
    folder = tmp_path_factory.mktemp("hills")
    terrain, generator = hilly(), np.random.default_rng(7)
    write_terrain(folder / "dem.tif", terrain, np.zeros(terrain.grid.shape, np.uint8))
    back = transformer(CRS, WGS84).transform
    lon, lat = back(LEFT_M + np.array([500.0, 2_600.0, 1_500.0]), TOP_M - np.array([700.0, 900.0, 2_500.0]))
    sites = pd.DataFrame({"operator": "Viettel", "technology": "4G", "lon": lon, "lat": lat,
                          "cell_id": ["a", "b", "c"], "height_m": 30, "eirp_dbm": 40})  # fmt: skip
    sites.to_csv(folder / "sites.csv", index=False)
    x_m = LEFT_M + generator.uniform(0, 3_000, POINTS)
    y_m = TOP_M - generator.uniform(0, 3_000, POINTS)
    level_dbm = levels_at(read_network(folder / "sites.csv"), P1812(), terrain, CRS, x_m, y_m).max(axis=0)
    measured = level_dbm + OFFSET_DB + generator.normal(0.0, SIGMA_DB, POINTS)
    lon, lat = back(x_m, y_m)
    table = pd.DataFrame({"lon": lon, "lat": lat, "rsrp": measured.round(3)})
    table.to_csv(folder / "drive.csv", index=False)
    return folder / "drive.csv", folder / "sites.csv", folder / "dem.tif"


def figures(*arguments: object) -> dict[str, Any]:
    done = CliRunner().invoke(app, ["calibrate", *map(str, arguments), "--json"])
    assert done.exit_code == 0, done.output
    loaded: dict[str, Any] = json.loads(done.output)
    return loaded


def test_the_truth_over_hills_is_found(inputs: tuple[Path, Path, Path]) -> None:
    """Catches terrain that P.1812 does not get, or gets shifted: offset and spread of the truth come back.

    500 values: three standard errors are 0.54 dB for the offset and 0.38 dB for the spread; clipping at the
    receiver's lowest level takes none away here.
    """
    drive, sites, dem = inputs
    found = figures(drive, "--network", sites, "--terrain", dem)  # p1812 by default over terrain
    assert found["inputs"]["terrain"] == "dem.tif"
    assert found["fit"]["offset_db"] == pytest.approx(OFFSET_DB, abs=0.54)
    assert found["fit"]["sigma_db"] == pytest.approx(SIGMA_DB, abs=0.4)
    plain = figures(drive, "--network", sites, "--terrain", dem, "--model", "extended-hata")
    assert plain["fit"]["sigma_db"] > SIGMA_DB + 2.0


def test_p1812_without_terrain_is_refused(inputs: tuple[Path, Path, Path]) -> None:
    """Catches hills taken for the sea."""
    done = CliRunner().invoke(
        app, ["calibrate", str(inputs[0]), "--network", str(inputs[1]), "--model", "p1812"]
    )
    assert isinstance(done.exception, TerrainError)
    assert "needs terrain" in str(done.exception)
    assert "cần địa hình" in done.exception.vi


def test_ambato_without_terrain_keeps_extended_hata(shared_data: Path, tmp_path: Path) -> None:
    """Catches a province that is assumed to lie in Việt Nam: by default Ecuador needs no terrain."""
    ambato_network(shared_data, tmp_path)
    drive = shared_data / "cell-sites" / "ambato_drive_test_rsrp.csv"
    found = figures(drive, "--network", tmp_path / "ambato.csv")
    assert found["inputs"]["model"]["name"] == "extended-hata"
    assert found["inputs"]["crs"] == "EPSG:32717"
    assert found["inputs"]["terrain"] is None
    assert 5 < found["fit"]["sigma_db"] < 11


def test_measured_antennas_stay_with_the_cells_of_one_operator(inputs: tuple[Path, Path, Path]) -> None:
    """Catches a catalogue that is lost where one operator's cells are chosen."""
    network = read_network(inputs[1])
    named = Network(network.cells.assign(antenna="Panel 2T"), "list", antennas=catalogue())
    chosen = cells_of(named, "4G", "Viettel")
    assert list(chosen.antennas) == ["Panel 2T"]
    x_m, y_m = (np.array([value]) for value in (LEFT_M + 900.0, TOP_M - 900.0))
    other = levels_at(chosen, ExtendedHata(), None, CRS, x_m, y_m)
    assert (other != levels_at(network, ExtendedHata(), None, CRS, x_m, y_m)).all()
