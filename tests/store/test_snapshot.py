"""Snapshots: whole or absent, the same inputs to the same bytes, and true to the computation."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import rasterio

from geocover.errors import NetworkError, ScenarioError, SnapshotError
from geocover.io.areas import write_areas
from geocover.io.network import write_network
from geocover.scenario import Scenario, compute, read_scenario
from geocover.store import list_snapshots, open_snapshot, write_snapshot
from geocover.store.snapshot import layer_file

TOML = """
[scenario]
name = "Thử nghiệm"
province_code = "25"
as_of = 2025-12-31
resolution_m = 100
illustrative = true
note_vi = "Dữ liệu minh họa"

[inputs]
areas = "areas.geojson"
network = "sites.csv"

[[reported]]
figure = "area-share"
technology = "4G"
value = 98
unit = "%"
source = "báo cáo"
"""


@pytest.fixture
def scenario_path(tmp_path: Path, areas, random_network) -> Path:
    write_areas(areas, tmp_path / "areas.geojson")
    write_network(random_network, tmp_path / "sites.csv")
    path = tmp_path / "scenario.toml"
    path.write_text(TOML, encoding="utf-8")
    return path


@pytest.fixture
def scenario(scenario_path: Path) -> Scenario:
    return read_scenario(scenario_path)


def content(folder: Path) -> dict[str, str]:
    files = sorted(item for item in folder.rglob("*") if item.is_file())
    return {
        item.relative_to(folder).as_posix(): hashlib.sha256(item.read_bytes()).hexdigest() for item in files
    }


def test_same_inputs_same_bytes(scenario: Scenario, tmp_path: Path) -> None:
    """Catches a clock, a thread or a dictionary's order in any file of a snapshot."""
    first = write_snapshot(compute(scenario, threads=1), tmp_path / "a")
    second = write_snapshot(compute(scenario, threads=3), tmp_path / "b")
    assert first.id == second.id
    assert content(first.path) == content(second.path)


def test_snapshot_holds_the_result(scenario: Scenario, tmp_path: Path) -> None:
    """Catches a table or raster that is not what was computed."""
    result = compute(scenario)
    snapshot = write_snapshot(result, tmp_path / "out")
    snapshot.verify()
    pd.testing.assert_frame_equal(snapshot.shares, result.shares)
    pd.testing.assert_frame_equal(snapshot.totals, result.totals)
    pd.testing.assert_frame_equal(snapshot.reach, result.reach)
    assert len(snapshot.gaps) == len(result.gaps)
    assert len(snapshot.stations) == result.network.counts()["stations"]
    level, stored = result.coverage.level("any", "4G").values, snapshot.level("any", "4G").values
    np.testing.assert_allclose(stored, level, atol=0.00501)
    assert snapshot.illustrative
    assert not snapshot.schematic
    assert snapshot.operators == {"4G": ["MobiFone", "Viettel", "VinaPhone"], "5G": snapshot.operators["5G"]}
    manifest = snapshot.manifest
    assert set(manifest["inputs"]) == {"areas", "network", "defaults", "catalogue"}
    assert manifest["models"]["4G"]["name"] == "extended-hata"
    assert manifest["profiles"]["outdoor-4g"]["required_dbm"] == pytest.approx(-99.748)
    assert manifest["counts"]["all"] == result.network.counts()


def test_digest_follows_every_input(scenario: Scenario, scenario_path: Path) -> None:
    """Catches a result under the name of other inputs: any change of a file or parameter counts."""
    before = scenario.digest()
    assert read_scenario(scenario_path).digest() == before
    text = scenario_path.read_text(encoding="utf-8")
    scenario_path.write_text(text.replace("resolution_m = 100", "resolution_m = 120"), encoding="utf-8")
    changed = read_scenario(scenario_path)
    assert changed.digest() != before
    scenario.network.write_bytes(scenario.network.read_bytes() + b"\n")
    assert scenario.digest() != before


def test_date_selects_the_stations(scenario: Scenario) -> None:
    """Catches stations that are counted before they were on air."""
    import dataclasses

    early = compute(dataclasses.replace(scenario, as_of=dt.date(2025, 6, 30)))
    late = compute(scenario)
    assert early.network.counts()["cells"] == 30
    assert late.network.counts()["cells"] == 60


def test_snapshots_are_listed_by_date(scenario: Scenario, tmp_path: Path) -> None:
    import dataclasses

    for date in (dt.date(2025, 12, 31), dt.date(2025, 6, 30)):
        write_snapshot(compute(dataclasses.replace(scenario, as_of=date)), tmp_path / "all")
    (tmp_path / "all" / ".2026-01-01.partial").mkdir()
    assert [one.as_of for one in list_snapshots(tmp_path / "all")] == ["2025-06-30", "2025-12-31"]
    assert list_snapshots(tmp_path / "none") == []


def test_kept_snapshot_is_verified(scenario: Scenario, tmp_path: Path) -> None:
    """Catches a damaged snapshot that is taken for the result."""
    result = compute(scenario)
    snapshot = write_snapshot(result, tmp_path / "out")
    assert write_snapshot(result, tmp_path / "out").id == snapshot.id
    (snapshot.path / "tables" / "shares.parquet").write_bytes(b"garbled")
    with pytest.raises(SnapshotError, match=r"shares\.parquet"):
        write_snapshot(result, tmp_path / "out")


@pytest.mark.parametrize("text", ["", "{", '{"format": 1}', '{"format": 99}', "[]"])
def test_damaged_manifest(tmp_path: Path, text: str) -> None:
    (tmp_path / "manifest.json").write_text(text)
    with pytest.raises(SnapshotError):
        open_snapshot(tmp_path)


def test_missing_layer(scenario: Scenario, tmp_path: Path) -> None:
    snapshot = write_snapshot(compute(scenario), tmp_path / "out")
    with pytest.raises(SnapshotError, match="Beeline"):
        snapshot.raster_path("level", "Beeline", "4G")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('areas = "areas.geojson"', 'areas = "nowhere.geojson"', "nowhere.geojson"),
        ('areas = "areas.geojson"', "", "areas"),
        ("as_of = 2025-12-31", 'as_of = "31/12/2025"', "as_of.*2025-12-31"),
        ("resolution_m = 100", "resolution = 100", "resolution"),
        ("[inputs]", "[inputs", "not TOML"),
        ("[[reported]]", "[[reports]]", "reports"),
        ('name = "Thử nghiệm"', 'name = "x"\nprofiles = ["outdoor-6g"]', "outdoor-6g.*outdoor-4g"),
    ],
)
def test_bad_scenario_is_one_clear_error(
    scenario_path: Path, tmp_path: Path, old: str, new: str, words: str
) -> None:
    """Catches a traceback, or something half-written after an error."""
    scenario_path.write_text(scenario_path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    with pytest.raises(ScenarioError, match=words):
        write_snapshot(compute(read_scenario(scenario_path)), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_site_far_outside_is_refused(scenario: Scenario, tmp_path: Path) -> None:
    """Catches a list of another province, or swapped coordinates, that gives 0 % without a word."""
    table = pd.read_csv(scenario.network, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    table.loc[2, ["lat", "cell_id"]] = ["20.5", "far"]
    table.to_csv(scenario.network, index=False)
    with pytest.raises(NetworkError, match="15 km outside the area, first in row 4, far") as caught:
        compute(scenario)
    assert "dòng 4" in caught.value.vi


@pytest.mark.parametrize("delay_s", [0.0, 0.05, 0.1, 0.2, 0.4])
def test_killed_writer_leaves_nothing_half_written(
    scenario_path: Path, tmp_path: Path, delay_s: float
) -> None:
    """Catches a snapshot that shows before it is complete: kill -9 at several moments of the writing."""
    out = tmp_path / "out"
    code = (
        "import sys; from geocover.scenario import *; from geocover.store import write_snapshot\n"
        f"result = compute(read_scenario({str(scenario_path)!r}))\n"
        f"print('writing', flush=True); write_snapshot(result, {str(out)!r}); print('done', flush=True)"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "writing\n"
        time.sleep(delay_s)
        os.kill(process.pid, signal.SIGKILL)
    for snapshot in list_snapshots(out):
        snapshot.verify()
    again = write_snapshot(compute(read_scenario(scenario_path)), out)
    again.verify()


def test_manifest_is_plain_json(scenario: Scenario, tmp_path: Path) -> None:
    """Catches NaN or a path of this machine in the manifest."""
    snapshot = write_snapshot(compute(scenario), tmp_path / "out")
    text = (snapshot.path / "manifest.json").read_text(encoding="utf-8")
    json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} in the manifest"))
    assert str(tmp_path) not in text


def test_communes_without_centre_are_counted_not_invented(scenario: Scenario, areas, tmp_path: Path) -> None:
    """Catches a crash, or centres made up, where boundaries come without seats."""
    from geocover.areas import Areas

    bare = Areas(areas.table.drop(columns=["centre_lon", "centre_lat"]), source="bare")
    write_areas(bare, scenario.areas)
    snapshot = write_snapshot(compute(scenario), tmp_path / "out")
    assert snapshot.manifest["communes_without_centre"] == 4
    assert len(snapshot.places) == len(snapshot.reach) == len(snapshot.reach_totals) == 0


def test_layer_files_are_apart_and_inside() -> None:
    """Catches two operators in one file, and a name that leaves the snapshot's folder."""
    names = [
        "Viettel",
        "Viettel ",
        "Việt Tel",
        "Viet Tel",
        "../../etc/x",
        "中国移动",
        "中国电信",
        "a/b",
        "a-b",
    ]
    files = {layer_file("level", name, "4G") for name in names}
    assert len(files) == len(names)
    assert all(file.startswith("rasters/level-4g-") and file.count("/") == 1 for file in files)
    assert layer_file("server", "Viettel", "5G") == "rasters/server-5g-viettel.tif"


def test_gaps_are_of_the_main_profile_whatever_its_name(scenario: Scenario, tmp_path: Path) -> None:
    """Catches gaps and figures tied to shipped names: a scenario that asks indoors alone has them indoors."""
    import dataclasses

    indoor = dataclasses.replace(scenario, profiles=("indoor-4g",))
    snapshot = write_snapshot(compute(indoor), tmp_path / "out")
    assert set(snapshot.gaps["profile"]) == {"indoor-4g"}
    assert snapshot.main_profile("4G") == "indoor-4g"
    assert snapshot.main_profile("5G") is None
    both = write_snapshot(compute(scenario), tmp_path / "out")
    assert set(both.gaps["profile"]) == {"outdoor-4g", "outdoor-5g"}


def test_technology_without_profile_is_one_clear_error(scenario: Scenario) -> None:
    """Catches a traceback where the catalogue says nothing of the only technology predicted."""
    import dataclasses

    catalogue = scenario.areas.with_name("catalogue.toml")
    text = scenario.catalogue.read_text(encoding="utf-8")
    catalogue.write_text(text.replace('technology = "4G"', 'technology = "2G"'), encoding="utf-8")
    models = {"4G": {"name": "extended-hata"}}
    with pytest.raises(ScenarioError, match="no profile of 4G"):
        compute(dataclasses.replace(scenario, catalogue=catalogue, models=models))


def test_numbers_of_servers_are_kept_where_they_are_asked_for(scenario: Scenario, tmp_path: Path) -> None:
    """Catches counts that are computed and lost, and rasters of counts that nobody asked for."""
    plain = write_snapshot(compute(scenario), tmp_path / "plain")
    assert not [name for name in plain.manifest["files"] if name.startswith("rasters/servers-")]
    result = compute(replace(scenario, count_dbm=-105.0))
    counted = write_snapshot(result, tmp_path / "counted")
    operator = result.coverage.operators("4G")[0]
    with rasterio.open(counted.raster_path("servers", operator, "4G")) as file:
        found = file.read(1)
    np.testing.assert_array_equal(found, result.coverage.servers(operator, "4G"))
    assert found.max() > 1
    assert counted.manifest["settings"]["count_dbm"] == -105.0
