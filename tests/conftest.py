"""What all tests share: the development data, and a rule that CI may skip nothing."""

from __future__ import annotations

import datetime as dt
import os
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import HealthCheck, settings
from shapely.geometry import box

from geocover.areas import Areas
from geocover.crs import WGS84, transformer
from geocover.grid import Grid
from geocover.io.network import read_network
from geocover.network import Network
from geocover.store import Snapshot, list_snapshots
from tests.small_snapshots import build_cut, build_hostile, build_small

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared" / "data"
NO_SKIP = os.environ.get("GEOCOVER_NO_SKIP") == "1"

# No test tells how busy the machine is. CI tries the same examples on every run, others try new ones.
settings.register_profile(
    "geocover",
    deadline=None,
    derandomize=NO_SKIP,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("geocover")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of real communes, elevation and cell lists; skips where it is absent."""
    if not SHARED.is_dir():
        pytest.skip(f"development data absent: {SHARED}")
    return SHARED


@pytest.fixture(scope="session")
def small_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with two snapshots of four communes, 2025-06-30 and 2025-12-31."""
    return build_small(tmp_path_factory.mktemp("small") / "snapshots")


@pytest.fixture(scope="session")
def cut_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with one snapshot whose 4G is partly unknown, for terrain is missing."""
    return build_cut(tmp_path_factory.mktemp("cut") / "snapshots")


@pytest.fixture(scope="session")
def hostile_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with one illustrative, schematic snapshot whose every text tries to run a script."""
    return build_hostile(tmp_path_factory.mktemp("hostile") / "snapshots")


@pytest.fixture(scope="session")
def snapshot(small_root: Path) -> Snapshot:
    """The newer of the two dates."""
    return list_snapshots(small_root)[-1]


@pytest.fixture(scope="session")
def cut(cut_root: Path) -> Snapshot:
    """The snapshot whose 4G is partly unknown."""
    return list_snapshots(cut_root)[-1]


@pytest.fixture(scope="session")
def hostile(hostile_root: Path) -> Snapshot:
    """The snapshot whose every text tries to run a script."""
    return list_snapshots(hostile_root)[-1]


CRS = "EPSG:32648"
LEFT_M, TOP_M = 540_000.0, 2_358_000.0


@pytest.fixture(scope="session")
def grid() -> Grid:
    """A frame of 60 x 80 pixels of 100 m near Việt Trì."""
    return Grid(CRS, LEFT_M, TOP_M, 100.0, (60, 80))


@pytest.fixture(scope="session")
def areas() -> Areas:
    """Four communes of 4 x 3 km that tile the grid: 00001, 00002 in the north, 00003, 00004 in the south."""
    back = transformer(CRS, WGS84).transform
    rows = []
    for number, (col, row) in enumerate([(0, 0), (1, 0), (0, 1), (1, 1)], start=1):
        left, top = LEFT_M + 4_000 * col, TOP_M - 3_000 * row
        square = box(left, top - 3_000, left + 4_000, top)
        lon, lat = back(left + 2_000, top - 1_500)
        rows.append(
            {
                "code": f"{number:05d}",
                "name": ["Hoà Bình", "Thuỷ Sơn", "Đồng Lương", "Ứng Hoà"][number - 1],
                "type": "Phường" if number == 1 else "Xã",
                "population": 1_000 * number,
                "area_official_km2": 12.0,
                "centre_lon": lon,
                "centre_lat": lat,
                "centre_accuracy_m": 200.0,
                "geometry": shapely.transform(square.segmentize(50.0), back, interleaved=False),
            }
        )
    return Areas(gpd.GeoDataFrame(rows, crs=WGS84), source="test squares")


@pytest.fixture(scope="session")
def lonlat() -> Callable[[float, float], tuple[float, float]]:
    """Longitude and latitude of a position given in metres right of and below the grid's corner."""
    back = transformer(CRS, WGS84).transform

    def at(right_m: float, down_m: float) -> tuple[float, float]:
        lon, lat = back(LEFT_M + right_m, TOP_M - down_m)
        return float(lon), float(lat)

    return at


@pytest.fixture
def make_network(
    tmp_path: Path, lonlat: Callable[[float, float], tuple[float, float]]
) -> Callable[[Sequence[Mapping[str, object]]], Network]:
    """Network from rows with ``at=(right_m, down_m)`` and canonical columns, through the CSV reader."""

    def make(rows: Sequence[Mapping[str, object]]) -> Network:
        filled = []
        for row in rows:
            lon, lat = lonlat(*row["at"])  # type: ignore[misc]
            rest = {key: value for key, value in row.items() if key != "at"}
            filled.append({"operator": "Viettel", "technology": "4G", "lon": lon, "lat": lat, **rest})
        path = tmp_path / "network.csv"
        pd.DataFrame(filled).to_csv(path, index=False)
        return read_network(path)

    return make


@pytest.fixture
def random_network(make_network: Callable[[Sequence[Mapping[str, object]]], Network]) -> Network:
    """60 masts, three operators, 4G and 5G, with and without azimuth; the same at every call."""
    generator = np.random.default_rng(20251231)
    rows = [
        {
            "at": (generator.uniform(-500, 8_500), generator.uniform(-500, 6_500)),
            "operator": ["Viettel", "VinaPhone", "MobiFone"][number % 3],
            "technology": "5G" if number % 4 == 0 else "4G",
            "azimuth_deg": "" if number % 5 == 0 else round(generator.uniform(0, 360), 1),
            "height_m": round(generator.uniform(15, 45), 1),
            "power_dbm": round(generator.uniform(20, 40), 1),
            "on_air": dt.date(2025, 1 + number % 12, 1).isoformat(),
        }
        for number in range(60)
    ]
    return make_network(rows)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Let workers begin with the files that take longest: none is left alone with one in the end."""
    if hasattr(config, "workerinput"):
        seconds = tomllib.loads((ROOT / "tests" / "durations.toml").read_text(encoding="utf-8"))
        items.sort(key=lambda item: -seconds.get(item.path.relative_to(ROOT / "tests").as_posix(), 0))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> object:
    """Turn every skip into a failure where GEOCOVER_NO_SKIP=1 (CI)."""
    report = yield
    if NO_SKIP and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped, and here nothing may skip: {report.longrepr}"
    return report
