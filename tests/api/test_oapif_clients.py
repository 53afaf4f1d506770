"""GDAL, old and new, and OWSLib read the collections in full."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

import geopandas as gpd
import pytest
import shapely
from owslib.ogcapi.features import Features

from geocover.crs import transformer

if TYPE_CHECKING:
    from pathlib import Path

    import httpx

    from geocover.store import Snapshot

READ = """
import json, pathlib, sys
import pyogrio
for name, asked in json.loads(sys.argv[2]).items():
    if "bbox" in asked:
        asked["bbox"] = tuple(asked["bbox"])
    pyogrio.read_dataframe(sys.argv[1], **asked).to_parquet(pathlib.Path(sys.argv[3]) / f"{name}.parquet")
"""
CODES = (4756, 9208, 3405, 3857)
Read = Callable[[str], gpd.GeoDataFrame]
ALL = ("communes", "coverage", "gaps", "places", "stations", "snapshots")
OF_SNAPSHOT = ("communes", "gaps", "places", "stations")


def base(client: httpx.Client) -> str:
    return str(client.base_url).rstrip("/")


def source(client: httpx.Client) -> str:
    return f"OAPIF:{base(client)}"


@pytest.fixture(scope="module")
def read(client: httpx.Client, snapshot: Snapshot, tmp_path_factory: pytest.TempPathFactory) -> Read:
    """What the GDAL inside pyogrio read, in a process of its own: here it would keep the server waiting."""
    folder = tmp_path_factory.mktemp("read")
    west, south, east, north = snapshot.communes.geometry.iloc[0].buffer(-0.001).bounds
    asked: dict[str, dict[str, object]] = {name: {"layer": name} for name in OF_SNAPSHOT}
    asked |= {f"EPSG:{code}": {"layer": "stations", "CRS": f"EPSG:{code}"} for code in CODES}
    asked["5G"] = {"layer": "stations", "where": "technology = '5G'"}
    asked["box"] = {"layer": "communes", "bbox": (west, south, east, north)}
    command = [sys.executable, "-c", READ, source(client), json.dumps(asked), str(folder)]
    result = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert result.returncode == 0, result.stderr
    return lambda name: gpd.read_parquet(folder / f"{name}.parquet")


def same_shapes(found: gpd.GeoDataFrame, wanted: gpd.GeoDataFrame, within: float) -> None:
    """Both hold the same geometries, whatever their order."""
    assert len(found) == len(wanted)
    index = shapely.STRtree(wanted.geometry.to_numpy())
    pairs = index.query(found.geometry.to_numpy(), predicate="dwithin", distance=within)
    near = {
        int(left)
        for left, right in zip(*pairs, strict=True)
        if found.geometry.iloc[left].hausdorff_distance(wanted.geometry.iloc[right]) < within
    }
    assert near == set(range(len(found)))


@pytest.mark.gdal
@pytest.mark.parametrize("name", ALL)
def test_ogr2ogr_reads_whole_collections(client: httpx.Client, tmp_path: Path, name: str) -> None:
    """Catches pages that the GDAL of Debian does not follow, and types that it loses."""
    ogr2ogr = shutil.which("ogr2ogr")
    if ogr2ogr is None:
        pytest.skip("ogr2ogr is not installed (package gdal-bin)")
    out = tmp_path / f"{name}.gpkg"
    command = [ogr2ogr, "-f", "GPKG", str(out), source(client), name, "-oo", "PAGE_SIZE=3"]
    result = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert (result.returncode, result.stderr) == (0, "")
    page = client.get(f"/collections/{name}/items?limit=10000").json()
    same_shapes(gpd.read_file(out), gpd.GeoDataFrame.from_features(page["features"], crs=4326), 1e-6)


@pytest.mark.parametrize("name", OF_SNAPSHOT)
def test_gdal_reads_what_the_snapshot_holds(read: Read, snapshot: Snapshot, name: str) -> None:
    """Catches rows or geometries that differ from the result on disk."""
    same_shapes(read(name), getattr(snapshot, name), 1e-6)


@pytest.mark.parametrize("code", CODES)
def test_gdal_reads_another_system(read: Read, snapshot: Snapshot, code: int) -> None:
    """Catches axes that GDAL takes the other way round, and a header that it does not understand."""
    found = read(f"EPSG:{code}")
    move = transformer("EPSG:4326", f"EPSG:{code}").transform
    moved = shapely.transform(snapshot.stations.geometry.to_numpy(), move, interleaved=False)
    wanted = gpd.GeoDataFrame(geometry=moved)
    same_shapes(found, wanted, 1e-6 if code == 4756 else 0.002)
    assert found.crs.to_epsg() == code


def test_gdal_filters_on_the_server(read: Read, snapshot: Snapshot) -> None:
    """Catches a filter or box that finds other rows than GDAL expects."""
    wanted = snapshot.stations.query("technology == '5G'")["station_id"]
    assert set(read("5G")["station_id"]) == set(wanted)
    assert list(read("box")["code"]) == [snapshot.communes["code"].iloc[0]]


def test_owslib_walks_everything(client: httpx.Client) -> None:
    """Catches a landing page, list, schema or page that OWSLib cannot follow."""
    api = Features(base(client) + "/")
    assert set(api.feature_collections()) == set(ALL)
    assert "http://www.opengis.net/spec/ogcapi-features-2/1.0/conf/crs" in api.conformance()["conformsTo"]
    assert api.api()["openapi"].startswith("3.0")
    for name in ALL:
        told = api.collection(name)
        assert told["id"] == name
        assert api.collection_queryables(name)["type"] == "object"
        whole = client.get(f"/collections/{name}/items?limit=10000").json()
        found, offset = [], 0
        while True:
            page = api.collection_items(name, limit=4, offset=offset)
            found += page["features"]
            offset += page["numberReturned"]
            if offset >= page["numberMatched"]:
                break
        assert found == whole["features"]
        assert api.collection_item(name, found[0]["id"])["properties"] == found[0]["properties"]
    filtered = api.collection_items("communes", filter="CASEI(name) = CASEI('đà bắc')")
    assert [one["properties"]["name"] for one in filtered["features"]] == ["Đà Bắc"]
