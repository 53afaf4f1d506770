"""Fetching real boundaries: from a local server that fails in every way a real one does."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from typer.testing import CliRunner

from geocover.areas import Areas
from geocover.boundaries import index as shipped
from geocover.boundaries.fetch import Connection, commune_paths, fetch_areas, slug
from geocover.boundaries.index import shipped_index
from geocover.cli.boundaries import app
from geocover.errors import AreasError, DownloadError
from geocover.io.areas import read_areas, write_areas
from tests.boundaries.ward_server import WardServer, ward_file, ward_files

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

METADATA = {"province_code": "25", "province_name": "Phú Thọ", "valid_from": "2025-07-01"}
WARDS = "/json/geojson/25_phu_tho/wards"
HOA_BINH = f"{WARDS}/04795_hoa_binh.geojson"


def communes() -> Areas:
    """Three neighbours whose official areas are those of their polygons."""
    shapes = [shapely.box(105 + 0.1 * step, 21, 105.1 + 0.1 * step, 21.1) for step in range(3)]
    table = gpd.GeoDataFrame(
        {"code": ["04792", "04795", "04828"], "name": ["Tân Hoà", "Hoà Bình", "Thống Nhất"]},
        geometry=shapes,
        crs="EPSG:4326",
    )
    table["area_official_km2"] = Areas(table).area_km2()
    return Areas(table.assign(population=[1, 2, 3]), metadata=METADATA)


def index_of(areas: Areas) -> Areas:
    """The same communes with schematic polygons: none of them may reach the result."""
    shrunk = areas.table.geometry.apply(lambda shape: shape.representative_point().buffer(0.01))
    return Areas(
        areas.table.set_geometry(gpd.GeoSeries(shrunk, crs=4326)), quality="schematic", metadata=METADATA
    )


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """The local server is reached directly, whatever the environment says."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")


@pytest.fixture
def server() -> Iterator[WardServer]:
    """A server of the three communes."""
    real = communes()
    with WardServer(ward_files(real, commune_paths(real))) as running:
        yield running


def run(server: WardServer, cache: Path, index: Areas | None = None) -> Areas:
    """Fetch from the server with little patience."""
    connection = Connection(server.url, timeout_s=0.3, retries=2, backoff_s=0)
    return fetch_areas(index or index_of(communes()), connection=connection, cache=cache)[0]


def test_real_polygons_replace_the_schematic_ones(server: WardServer, tmp_path: Path) -> None:
    """Catches schematic geometry or quality left in the result, and attributes lost."""
    areas = run(server, tmp_path)
    assert areas.quality == "real"
    assert "v4.2.0" in areas.source
    assert areas.table.geometry.geom_equals(communes().table.geometry).all()
    assert areas.table["population"].tolist() == [1, 2, 3]
    assert areas.metadata["province_name"] == "Phú Thọ"
    assert server.requests[1] == HOA_BINH


@pytest.mark.parametrize("fault", ["silence", "broken", "cut", "busy", "page"])
def test_passing_faults_are_retried(server: WardServer, tmp_path: Path, fault: str) -> None:
    """Catches a run that gives up on one timeout, broken transfer, cut file, 503 or login page."""
    server.faults[HOA_BINH] = [fault]
    assert len(run(server, tmp_path)) == 3
    assert server.requests.count(HOA_BINH) == 2


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("silence", "cannot be reached"),
        ("broken", "cannot be reached"),
        ("cut", "not a GeoJSON file"),
        ("busy", "answers 503"),
        ("missing", "answers 404"),
        ("page", "not a GeoJSON file"),
    ],
)
def test_lasting_faults_are_one_clear_error_and_the_next_run_resumes(
    server: WardServer, tmp_path: Path, fault: str, words: str
) -> None:
    """Catches raw errors, a half-written or wrong file in the cache, and a second download of good ones."""
    server.faults[HOA_BINH] = [fault] * 10
    with pytest.raises(DownloadError, match=rf"04795_hoa_binh.*{words}") as caught:
        run(server, tmp_path)
    assert "giữ lại" in caught.value.vi
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["04792_tan_hoa.geojson"]
    server.faults.clear()
    server.requests.clear()
    assert len(run(server, tmp_path)) == 3
    assert [path.rpartition("/")[2][:5] for path in server.requests] == ["04795", "04828"]


def test_damaged_cache_is_fetched_again(server: WardServer, tmp_path: Path) -> None:
    """Catches trust in a file that was cut after it was verified."""
    run(server, tmp_path)
    kept = tmp_path / HOA_BINH[1:]
    kept.write_bytes(kept.read_bytes()[:200])
    server.requests.clear()
    assert len(run(server, tmp_path)) == 3
    assert server.requests == [HOA_BINH]


@pytest.mark.parametrize(
    ("code", "shape", "words"),
    [
        ("04792", shapely.box(105.1, 21, 105.2, 21.1), "holds commune 04792 instead of 04795"),
        ("04795", shapely.Point(105, 21), "Point instead of a polygon"),
        ("04795", shapely.Polygon(), "not a GeoJSON file|instead of a polygon"),
        ("04795", shapely.box(5.1, 21, 5.2, 21.1), "outside Vietnam"),
        ("04795", shapely.box(105.1, 21, 105.12, 21.1), r"covers 23\.\d+ km² instead of 115"),
    ],
)
def test_wrong_content_is_refused(
    server: WardServer, tmp_path: Path, code: str, shape: shapely.Geometry, words: str
) -> None:
    """Catches another commune, a point, another country or a cut polygon served under the right name."""
    server.files[HOA_BINH] = ward_file(code, "Hoà Bình", shape)
    with pytest.raises(DownloadError, match=words):
        run(server, tmp_path)


def test_several_communes_in_one_file_are_refused(server: WardServer, tmp_path: Path) -> None:
    """Catches a mirror that serves the whole province under a commune's name."""
    document = json.loads(server.files[HOA_BINH])
    document["features"] *= 2
    server.files[HOA_BINH] = json.dumps(document).encode()
    with pytest.raises(DownloadError, match="not a GeoJSON file of one commune"):
        run(server, tmp_path)


def test_communes_that_do_not_add_up_are_refused(server: WardServer, tmp_path: Path) -> None:
    """Catches polygons that are each plausible but together are not the province."""
    for step, path in enumerate(list(server.files)):
        wide = shapely.box(105 + 0.1 * step, 21, 105.11 + 0.1 * step, 21.1)
        server.files[path] = ward_file(path.rpartition("/")[2][:5], "x", wide)
    with pytest.raises(DownloadError, match="all communes"):
        run(server, tmp_path)


def test_invalid_polygons_are_repaired_and_reported(server: WardServer, tmp_path: Path) -> None:
    """Catches a self-touching polygon that stops the run, or is repaired without a word."""
    spike = shapely.Polygon(
        [(105.1, 21), (105.2, 21), (105.2, 21.1), (105.25, 21.1), (105.2, 21.1), (105.1, 21.1)]
    )
    assert not spike.is_valid
    server.files[HOA_BINH] = ward_file("04795", "Hoà Bình", spike)
    connection = Connection(server.url, timeout_s=0.3, retries=0)
    areas, report = fetch_areas(index_of(communes()), connection=connection, cache=tmp_path)
    assert [each.code for each in report.repaired] == ["04795"]
    assert areas.table.is_valid.all()


def test_unreachable_server_and_bad_address(tmp_path: Path) -> None:
    """Catches a traceback where nothing listens, and a file path taken for a mirror."""
    connection = Connection("http://127.0.0.1:9", timeout_s=0.3, retries=1, backoff_s=0)
    with pytest.raises(DownloadError, match="cannot be reached"):
        fetch_areas(index_of(communes()), connection=connection, cache=tmp_path)
    assert not any(path.is_file() for path in tmp_path.rglob("*"))
    for address in ("ftp://x/y", "/srv/mirror", ""):
        with pytest.raises(DownloadError, match="not an http or https address"):
            Connection(address)


def test_the_proxy_of_the_environment_is_used_with_its_login(
    server: WardServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Catches a closed network where the proxy, or the name and password in its address, is ignored."""
    mirror = "http://mirror.invalid/ranh-gioi"
    server.files = {f"{mirror}{path}": content for path, content in server.files.items()}
    monkeypatch.setenv("http_proxy", server.url.replace("//", "//an:m%40t@"))
    connection = Connection(f"{mirror}/", timeout_s=0.3, retries=0)
    areas, _ = fetch_areas(index_of(communes()), connection=connection, cache=tmp_path)
    assert len(areas) == 3
    assert set(server.logins) == {"Basic " + base64.b64encode(b"an:m@t").decode()}


def test_index_must_say_its_province_and_areas() -> None:
    """Catches a request for a folder named None, and a check against no area."""
    with pytest.raises(AreasError, match="province_code"):
        commune_paths(Areas(communes().table))
    table = communes().table.assign(area_official_km2=[1.0, None, 1.0])
    with pytest.raises(AreasError, match="official area of 04795"):
        commune_paths(Areas(table, metadata=METADATA))


def test_progress_counts_every_commune(server: WardServer, tmp_path: Path) -> None:
    """Catches a progress bar that skips cached files or the last one."""
    seen: list[tuple[int, int, str]] = []
    for _ in range(2):
        seen.clear()
        fetch_areas(
            index_of(communes()),
            connection=Connection(server.url),
            cache=tmp_path,
            progress=lambda *each: seen.append(each),
        )
        assert seen == [(1, 3, "Tân Hoà"), (2, 3, "Hoà Bình"), (3, 3, "Thống Nhất")]


@pytest.mark.parametrize(
    ("name", "spelt"),
    [
        ("Đà Bắc", "da_bac"),
        ("Văn Miếu - Quốc Tử Giám", "van_mieu_quoc_tu_giam"),
        ("M'Drắk", "mdrak"),
        ("Ô Chợ Dừa", "o_cho_dua"),
    ],
)
def test_names_are_spelt_as_the_repository_does(name: str, spelt: str) -> None:
    """Catches a file name that the server does not know (these four were looked up in the repository)."""
    assert slug(name) == spelt


def test_shipped_index_is_of_the_province(tmp_path: Path) -> None:
    """Catches another province's list, or a bare KeyError where none ships."""
    write_areas(index_of(communes()), tmp_path / "phu-tho-schematic.geojson")
    assert shipped_index("25", tmp_path).codes == communes().codes
    with pytest.raises(AreasError, match="province '01'; there is 25"):
        shipped_index("01", tmp_path)
    with pytest.raises(AreasError, match="there is none"):
        shipped_index("25", tmp_path / "absent")


def test_command_writes_the_result_and_reports_in_vietnamese(
    server: WardServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Catches a command that reports without writing, writes on failure, or mixes progress into JSON."""
    monkeypatch.setattr(shipped, "shipped_index", lambda _: index_of(communes()))
    out = tmp_path / "out" / "phu-tho.gpkg"
    options = ["fetch", "--base-url", server.url, "--cache", str(tmp_path / "cache"), "--out", str(out)]
    server.faults[HOA_BINH] = ["missing"]
    failed = CliRunner().invoke(app, options)
    assert isinstance(failed.exception, DownloadError)
    assert not out.parent.exists()
    done = CliRunner().invoke(app, options)
    assert done.exit_code == 0, done.output
    assert "3 xã, phường (ranh giới thực)" in done.stdout
    assert f"Đã ghi 3 xã, phường vào {out}" in done.stdout
    assert read_areas(out).quality == "real"
    assert json.loads(CliRunner().invoke(app, [*options, "--json"]).stdout)["communes"] == 3


@pytest.mark.data
def test_every_file_name_of_the_province_is_derived(shared_data: Path) -> None:
    """Catches one of the 148 names spelt otherwise than the repository's own code_name."""
    table = pd.read_csv(shared_data / "communes/phu_tho_communes_148_attributes.csv", dtype=str)
    assert len(table) == 148
    assert [slug(name) for name in table["name"]] == table["code_name"].tolist()


@pytest.mark.data
def test_the_148_real_communes_are_fetched_whole(shared_data: Path, tmp_path: Path) -> None:
    """Catches loss on the way through 148 files, some of them failing once."""
    real = read_areas(shared_data / "communes/phu_tho_communes_148.parquet")
    real = Areas(real.table, metadata=METADATA)
    files = ward_files(real, commune_paths(real))
    with WardServer(files) as server:
        faults = ["silence", "broken", "cut", "busy", "page"]
        server.faults = {path: [faults[at]] for at, path in enumerate(list(files)[::30])}
        areas = run(server, tmp_path, index_of(real))
    assert len(areas) == 148
    assert areas.table.geometry.geom_equals(real.table.geometry).all()
    assert len(list(tmp_path.rglob("*.geojson"))) == 148


def test_the_shipped_list_of_phu_tho_names_148_communes() -> None:
    """Catches a shipped file that the fetch cannot use."""
    index = shipped_index("25")
    assert len(commune_paths(index)) == 148
    assert index.quality == "schematic"
