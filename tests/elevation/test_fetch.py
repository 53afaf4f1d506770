"""Fetching elevation: from a local bucket that fails in every way a real one does."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import rasterio.shutil
import shapely
from affine import Affine
from typer.testing import CliRunner

from geocover.areas import Areas
from geocover.boundaries.index import shipped_index
from geocover.cli.terrain import app
from geocover.crs import transformer
from geocover.elevation import fetch as module
from geocover.elevation.fetch import fetch_terrain, tile_names
from geocover.elevation.source import TerrainOptions
from geocover.errors import DownloadError
from geocover.grid import Grid
from geocover.io.areas import write_areas
from geocover.io.download import Connection
from geocover.io.terrain import read_terrain
from tests.elevation.range_server import RangeServer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from geocover.elevation.importer import ImportedTerrain

NAME = "Copernicus_DSM_COG_10_N21_00_E105_00_DEM"
EAST = "Copernicus_DSM_COG_10_N21_00_E106_00_DEM"
PIXELS = 600
OPTIONS = TerrainOptions(resolution_m=100.0, margin_m=500.0)


def path_of(name: str) -> str:
    return f"/{name}/{name}.tif"


def plane(lon: np.ndarray, lat: np.ndarray) -> np.ndarray:
    """Ground that rises 500 m a degree eastward and 200 m northward."""
    return 100 + 500 * (lon - 105) + 200 * (lat - 21)


def tile(lon: int, lat: int, lift_m: float = 0.0, *, cog: bool = True) -> bytes:
    """A tile in the bucket's layout at a sixth of its resolution, rough so that it does not compress away."""
    pixel = 1 / PIXELS
    left, top = lon - pixel / 2, lat + 1 + pixel / 2
    lons = left + pixel * (np.arange(PIXELS) + 0.5)
    lats = top - pixel * (np.arange(PIXELS) + 0.5)
    rough = np.random.default_rng(lon).uniform(-0.3, 0.3, (PIXELS, PIXELS))
    values = (plane(lons[None, :], lats[:, None]) + rough + lift_m).astype(np.float32)
    profile = {"driver": "GTiff", "width": PIXELS, "height": PIXELS, "count": 1, "dtype": "float32"}
    with rasterio.MemoryFile() as memory, rasterio.MemoryFile() as result:
        with memory.open(
            **profile, crs="EPSG:4326", transform=Affine(pixel, 0, left, 0, -pixel, top)
        ) as plain:
            plain.write(values, 1)
        if not cog:
            return bytes(memory.read())
        with memory.open() as plain:
            rasterio.shutil.copy(
                plain, result.name, driver="COG", compress="DEFLATE", predictor="YES", blocksize=128
            )
        return bytes(result.read())


TILE = tile(105, 21)


def square(west: float, south: float, east: float, north: float) -> Areas:
    table = gpd.GeoDataFrame(
        {"code": ["08000"], "name": ["Thử"]}, geometry=[shapely.box(west, south, east, north)], crs=4326
    )
    return Areas(table)


SMALL = square(105.30, 21.30, 105.45, 21.45)
BORDER = square(105.96, 21.40, 106.04, 21.46)


@pytest.fixture(autouse=True)
def close_by(monkeypatch: pytest.MonkeyPatch) -> None:
    """The local server is reached directly; each block is a request of its own."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setattr(module, "CHUNK_BYTES", 200_000)
    monkeypatch.setattr(module, "_merged", sorted)


@pytest.fixture
def server() -> Iterator[RangeServer]:
    with RangeServer({path_of(NAME): TILE}) as running:
        yield running


def run(server: RangeServer, cache: Path, areas: Areas = SMALL) -> ImportedTerrain:
    """Fetch with little patience."""
    connection = Connection(server.url, timeout_s=0.3, retries=2, backoff_s=0)
    return fetch_terrain(areas, options=OPTIONS, connection=connection, cache=cache)


def error_m(imported: ImportedTerrain, lift_m: float = 0.0) -> float:
    """Largest difference from the plane on the grid."""
    grid = imported.terrain.grid
    x, y = np.meshgrid(grid.whole().xs_m(), grid.whole().ys_m())
    lon, lat = transformer(grid.crs, "EPSG:4326").transform(x, y)
    return float(np.nanmax(np.abs(imported.terrain.elevation.values - plane(lon, lat) - lift_m)))


def test_only_the_needed_blocks_are_read(server: RangeServer, tmp_path: Path) -> None:
    """Catches wrong blocks, a whole download where a window does, and a result without kind or credit."""
    imported = run(server, tmp_path)
    assert error_m(imported) < 0.5
    assert imported.report.known_share == 1.0
    assert imported.report.kind == "surface"
    assert all(asked.startswith("bytes=") for _, asked in server.requests)
    assert len(server.requests) == 1 + 4
    assert server.sent < 0.4 * len(TILE)
    assert any("Airbus" in remark.vi for remark in imported.report.remarks)


def test_a_second_run_asks_for_nothing(server: RangeServer, tmp_path: Path) -> None:
    """Catches a cache that is written but not used, and results that depend on it."""
    run(server, tmp_path / "cache").write(tmp_path / "a.tif")
    server.requests.clear()
    run(server, tmp_path / "cache").write(tmp_path / "b.tif")
    assert not server.requests
    assert (tmp_path / "a.tif").read_bytes() == (tmp_path / "b.tif").read_bytes()


def test_neighbouring_blocks_are_one_request(
    server: RangeServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Catches a request for each small block, and ranges joined across what is not needed."""
    monkeypatch.undo()
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    assert error_m(run(server, tmp_path)) < 0.5
    assert len(server.requests) == 1 + 2
    assert server.sent < 0.4 * len(TILE)


@pytest.mark.parametrize("at", [0, 2])
@pytest.mark.parametrize(
    "fault", ["silence", "reset", "short", "other", "unplaced", "busy", "page", "damaged"]
)
def test_passing_faults_are_overcome(server: RangeServer, tmp_path: Path, fault: str, at: int) -> None:
    """Catches a run that gives up on, or believes, one late, cut, wrong, damaged or failed answer."""
    server.faults = [""] * at + [fault]
    assert error_m(run(server, tmp_path)) < 0.5
    assert len(server.requests) > 5


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("silence", "cannot be reached"),
        ("reset", "cannot be reached"),
        ("short", "instead of"),
        ("other", "instead of"),
        ("unplaced", "Content-Range"),
        ("busy", "answers 500"),
        ("denied", "answers 403"),
    ],
)
def test_lasting_faults_are_one_error_and_the_next_run_resumes(
    server: RangeServer, tmp_path: Path, fault: str, words: str
) -> None:
    """Catches raw errors, a partial file left in the cache, and a second download of what is here."""
    server.faults = ["", "", *[fault] * 20]
    with pytest.raises(DownloadError, match=rf"{NAME}.*{words}") as caught:
        run(server, tmp_path)
    assert caught.value.vi != str(caught.value)
    kept = sorted(path.name for path in tmp_path.rglob("*") if path.is_file())
    assert len(kept) == 3
    assert kept[-1] == "parts.json"
    assert not [name for name in kept if "partial" in name]
    before = {asked for _, asked in server.requests[:2]}
    server.faults.clear()
    server.requests.clear()
    assert error_m(run(server, tmp_path)) < 0.5
    assert len(server.requests) == 3
    assert not before & {asked for _, asked in server.requests}


def test_a_server_that_ignores_ranges_is_read_once(server: RangeServer, tmp_path: Path) -> None:
    """Catches the whole file taken for a part, or fetched again for each block."""
    server.ranges = False
    assert error_m(run(server, tmp_path)) < 0.5
    assert len(server.requests) == 1


@pytest.mark.parametrize("etags", [True, False])
def test_a_file_that_changes_is_begun_anew(server: RangeServer, tmp_path: Path, etags: bool) -> None:
    """Catches a mixture of two versions of a tile (told by ETag, or at least by size)."""
    server.etags = etags
    server.swaps = [TILE, tile(105, 21, 1_000.0)]
    assert error_m(run(server, tmp_path), lift_m=1_000.0) < 0.5


def test_a_file_that_changed_between_runs_is_begun_anew(server: RangeServer, tmp_path: Path) -> None:
    """Catches blocks of an older version in a wider window."""
    run(server, tmp_path)
    server.files[path_of(NAME)] = tile(105, 21, 1_000.0)
    assert error_m(run(server, tmp_path, square(105.3, 21.3, 105.9, 21.9)), lift_m=1_000.0) < 0.5


def test_a_file_that_keeps_changing_is_an_error(server: RangeServer, tmp_path: Path) -> None:
    """Catches an endless loop, and acceptance of the last mixture."""
    server.swaps = [tile(105, 21, float(lift)) for lift in range(1, 14)]
    with pytest.raises(DownloadError, match="changes on the server"):
        run(server, tmp_path)


def test_missing_tiles_are_void_and_said(server: RangeServer, tmp_path: Path) -> None:
    """Catches sea level made up for a missing tile, and silence about it."""
    imported = run(server, tmp_path, BORDER)
    assert 0.3 < imported.report.known_share < 0.7
    assert imported.report.outside_km2 > 10
    assert any(EAST in remark.vi and "để trống" in remark.vi for remark in imported.report.remarks)
    assert "CẢNH BÁO: chỉ" in "\n".join(imported.report.lines_vi())
    server.files = {}
    with pytest.raises(DownloadError, match="none of the tiles"):
        run(server, tmp_path / "other", BORDER)


def test_two_tiles_meet_without_a_seam(server: RangeServer, tmp_path: Path) -> None:
    """Catches a missing or shifted column where two tiles meet."""
    server.files[path_of(EAST)] = tile(106, 21)
    imported = run(server, tmp_path, BORDER)
    assert np.isfinite(imported.terrain.elevation.values).all()
    assert error_m(imported) < 1.0
    assert len(imported.report.files) == 2


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"<html>log in</html>" * 9_000, "not a GeoTIFF"),
        (b"", "not a GeoTIFF"),
        (b"II", "not a GeoTIFF"),
        (b"II*\0" + bytes(150_000), "cannot be read"),
        (TILE[: len(TILE) // 2], "cannot be read"),
        (tile(106, 21), "lies at"),
    ],
)
def test_wrong_tiles_are_refused(server: RangeServer, tmp_path: Path, content: bytes, words: str) -> None:
    """Catches a page, an empty, cut or broken file, or another degree served under the right name."""
    server.files[path_of(NAME)] = content
    with pytest.raises(DownloadError, match=words):
        run(server, tmp_path, square(105.3, 21.05, 105.4, 21.95))
    assert not any(path.is_file() for path in tmp_path.rglob("*"))


def test_a_damaged_part_of_the_cache_is_fetched_again(server: RangeServer, tmp_path: Path) -> None:
    """Catches trust in a part that was changed on the disk, and a whole download because of it."""
    run(server, tmp_path)
    part = sorted(tmp_path.rglob("*.part"))[2]
    part.write_bytes(part.read_bytes()[:-1] + b"?")
    server.requests.clear()
    assert error_m(run(server, tmp_path)) < 0.5
    assert [int(asked[6:].split("-")[0]) for _, asked in server.requests] == [int(part.stem)]
    (tmp_path / NAME / "parts.json").write_text("{")
    assert error_m(run(server, tmp_path)) < 0.5


def test_a_mirror_of_plain_tiffs_is_read(server: RangeServer, tmp_path: Path) -> None:
    """Catches a reader that knows the bucket's layout only (strips, directory at the end)."""
    server.files[path_of(NAME)] = tile(105, 21, cog=False)
    assert error_m(run(server, tmp_path)) < 0.5


def test_tile_names_of_all_quarters_of_the_world() -> None:
    """Catches a wrong letter or rounding towards zero, and a tile of the province left out."""
    assert tile_names((-70.2, -33.5, -69.9, -33.4)) == [
        "Copernicus_DSM_COG_10_S34_00_W071_00_DEM",
        "Copernicus_DSM_COG_10_S34_00_W070_00_DEM",
    ]
    cells = [name[22:25] + name[29:33] for name in tile_names(shipped_index("25").bounds)]
    assert cells == ["N21E104", "N21E105", "N20E104", "N20E105"]


def test_command_writes_the_result_or_nothing(server: RangeServer, tmp_path: Path) -> None:
    """Catches a command that writes on failure, a file that read_terrain does not take, and a mixed JSON."""
    write_areas(SMALL, tmp_path / "areas.geojson")
    out = tmp_path / "out" / "dem.tif"
    options = [
        "fetch", "--areas", str(tmp_path / "areas.geojson"), "--out", str(out), "--base-url", server.url,
        "--cache", str(tmp_path / "cache"), "--resolution", "100", "--margin", "500",
    ]  # fmt: skip
    server.faults = ["", "", "denied"]
    assert isinstance(CliRunner().invoke(app, options).exception, DownloadError)
    assert not out.parent.exists()
    done = CliRunner().invoke(app, options)
    assert done.exit_code == 0, done.output
    assert f"Đã ghi {out}" in done.stdout
    assert "mô hình bề mặt" in done.stdout
    terrain = read_terrain(out, Grid.around(SMALL, 50.0))
    assert terrain.elevation.known_share() == 1.0
    with rasterio.open(out) as file:
        tags = file.tags()
        assert set(json.loads(tags["GEOCOVER_TERRAIN_SHA256"])) == {NAME}
        assert tags["GEOCOVER_TERRAIN_KIND"] == "surface"
        assert "Airbus" in tags["GEOCOVER_TERRAIN_CREDIT"]
    assert json.loads(CliRunner().invoke(app, [*options, "--json"]).stdout)["kind"] == "surface"


def test_progress_reaches_the_end(server: RangeServer, tmp_path: Path) -> None:
    """Catches a bar that stops before the last part, or is silent where all is cached."""
    for _ in range(2):
        seen: list[tuple[str, int, int]] = []
        connection = Connection(server.url)
        fetch_terrain(
            SMALL, options=OPTIONS, connection=connection, cache=tmp_path,
            progress=lambda *each, seen=seen: seen.append(each),
        )  # fmt: skip
        assert seen == [(NAME, done, 4) for done in range(5)]
