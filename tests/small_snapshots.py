"""Small snapshots for the tests of maps, API and browser, made by the real path from files to folder."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

import numpy as np
import rasterio
from affine import Affine

from geocover.scenario import Reported, Scenario, compute
from geocover.store import write_snapshot

if TYPE_CHECKING:
    from pathlib import Path

IMG = "<img src=x onerror=alert(1)>"
TEMPLATE = "${alert(1)}"
BACKTICK = "\\`+alert(1)+\\`"
END_TAG = "</script><script>alert(1)</script>"
QUOTES = "\"'><svg onload=alert(1)>"
WEST, SOUTH, SIDE = 105.30, 21.30, 0.04
CODES = ("07894", "07897", "07900", "07903")
NAMES = ("Việt Trì", "Thuỵ Vân", "Hòa Bình", "Đà Bắc")
HOSTILE_NAMES = (IMG, TEMPLATE, BACKTICK, END_TAG)
OPERATORS = ("Viettel", "VinaPhone")


def build_small(root: Path) -> Path:
    """Folder with two snapshots of four communes with 4G and 5G, real data by their own word."""
    if not root.is_dir():
        inputs = root.with_name(f"{root.name}-inputs")
        areas = _areas(inputs / "areas.geojson", NAMES, "real")
        places = _places(inputs / "parks.geojson", ("KCN Thuỵ Vân", "KCN Phú Hà"))
        network = _network(inputs / "sites.csv", OPERATORS)
        for as_of in (dt.date(2025, 6, 30), dt.date(2025, 12, 31)):
            _write(_scenario("Phú Thọ thử", as_of, areas, places, network), root)
    return root


def build_hostile(root: Path) -> Path:
    """Folder with one illustrative and schematic snapshot whose every text tries to run a script."""
    if not root.is_dir():
        inputs = root.with_name(f"{root.name}-inputs")
        areas = _areas(inputs / "areas.geojson", HOSTILE_NAMES, "schematic")
        places = _places(inputs / "parks.geojson", (IMG, END_TAG))
        network = _network(inputs / "sites.csv", (TEMPLATE, QUOTES), name=IMG)
        scenario = _scenario(
            f"{END_TAG}{IMG}", dt.date(2025, 12, 31), areas, places, network,
            illustrative=True, note_vi=f"{END_TAG}{TEMPLATE}", note_en=f"{BACKTICK}{IMG}",
            reported=(Reported("area-share", "4G", 98.0, "%", END_TAG + IMG),),
        )  # fmt: skip
        _write(scenario, root)
    return root


def build_cut(root: Path) -> Path:
    """Folder with one snapshot over terrain with a hole: all of 07903 and the eastern quarter of 07897.

    4G by P.1812, so that nobody can say what is behind the hole's edge; 5G by a model without terrain.
    """
    if not root.is_dir():
        inputs = root.with_name(f"{root.name}-inputs")
        areas = _areas(inputs / "areas.geojson", NAMES, "real")
        places = _places(inputs / "parks.geojson", ("KCN Thuỵ Vân", "KCN Phú Hà"))
        network = _network(inputs / "sites.csv", OPERATORS)
        scenario = _scenario(
            "Phú Thọ thiếu địa hình", dt.date(2025, 12, 31), areas, places, network,
            terrain=_terrain(inputs / "dem.tif"),
            models={"4G": {"name": "p1812"}, "5G": {"name": "tr38901"}},
        )  # fmt: skip
        _write(scenario, root)
    return root


def _terrain(path: Path) -> Path:
    """Gently rolling ground in steps of 0.001°, with a hole in the east."""
    step, margin = 0.001, 0.2
    count = round((2 * SIDE + 2 * margin) / step)
    lon = WEST - margin + (np.arange(count) + 0.5) * step
    lat = SOUTH + 2 * SIDE + margin - (np.arange(count) + 0.5) * step
    height = 30 + 10 * np.sin(lon[None, :] * 300) + 8 * np.cos(lat[:, None] * 250)
    east, north = lon[None, :] > WEST + 1.75 * SIDE, lat[:, None] > SOUTH + SIDE
    height[east | ((lon[None, :] > WEST + SIDE) & north)] = -9999
    transform = Affine(step, 0, WEST - margin, 0, -step, SOUTH + 2 * SIDE + margin)
    with rasterio.open(
        path, "w", driver="GTiff", height=count, width=count, count=1, dtype="float32", crs="EPSG:4326",
        transform=transform, nodata=-9999,
    ) as file:  # fmt: skip
        file.write(height.astype(np.float32), 1)
    return path


def _write(scenario: Scenario, root: Path) -> None:
    write_snapshot(compute(scenario, threads=1), root)


def _scenario(name: str, as_of: dt.date, areas: Path, places: Path, network: Path, **more: Any) -> Scenario:
    reported = (
        Reported("area-share", "4G", 98.0, "%", "báo cáo tỉnh"),
        Reported("stations-new", "5G", 2, "trạm", "báo cáo tỉnh", since=dt.date(2025, 7, 1)),
    )
    return Scenario(
        name=name, province_code="25", as_of=as_of, areas=areas, network=network, places=(places,),
        resolution_m=200.0, **{"reported": reported, **more},
    )  # fmt: skip


def _square(column: int, row: int) -> dict[str, Any]:
    west, south = WEST + column * SIDE, SOUTH + row * SIDE
    east, north = west + SIDE, south + SIDE
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def _areas(path: Path, names: tuple[str, ...], quality: str) -> Path:
    features = []
    for index, (code, name) in enumerate(zip(CODES, names, strict=True)):
        column, row = index % 2, index // 2
        properties = {
            "code": code, "name": name, "type": "Xã" if index else "Phường",
            "population": 10_000 * (index + 1),
            "centre_lon": WEST + (column + 0.5) * SIDE, "centre_lat": SOUTH + (row + 0.5) * SIDE,
            "centre_accuracy_m": 100.0, "former_province": name,
        }  # fmt: skip
        features.append({"type": "Feature", "properties": properties, "geometry": _square(column, row)})
    return _geojson(path, features, {"quality": quality, "source": names[0]})


def _places(path: Path, names: tuple[str, str]) -> Path:
    features = []
    for index, name in enumerate(names):
        at = [WEST + (0.3 + 1.4 * index) * SIDE, SOUTH + (0.3 + 1.4 * index) * SIDE]
        properties = {
            "id": f"park-{index}", "name": name, "kind": "industrial_park", "status": "operating",
            "commune_code": CODES[3 * index], "area_ha": 60.0,
            "accuracy_m": 300.0, "basis": name, "source": name,
        }  # fmt: skip
        features.append(
            {"type": "Feature", "properties": properties, "geometry": {"type": "Point", "coordinates": at}}
        )
    return _geojson(path, features, {})


def _geojson(path: Path, features: list[dict[str, Any]], metadata: dict[str, str]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    collection = {"type": "FeatureCollection", "metadata": metadata, "features": features}
    path.write_text(json.dumps(collection, ensure_ascii=False), encoding="utf-8")
    return path


def _network(path: Path, operators: tuple[str, str], name: str = "PTO") -> Path:
    """Sites in the south-western commune; the second operator has fewer, 5G came in September."""
    rows = ["position_id,station_id,operator,technology,lon,lat,on_air"]
    for index, operator in enumerate((operators[0], operators[0], operators[1])):
        lon, lat = WEST + (0.4 + 0.3 * index) * SIDE, SOUTH + (0.5 + 0.2 * index) * SIDE
        for technology, on_air in (("4G", "2024-01-01"), ("5G", "2025-09-01" if index else "2025-01-01")):
            cells = [f"{name}{index}", f"{name}{index}-{technology}", operator, technology]
            quoted = ['"' + cell.replace('"', '""') + '"' for cell in cells]
            rows.append(",".join([*quoted, str(lon), str(lat), on_air]))
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path
