"""The boundaries and places that ship: complete, exact where they claim to be, and labelled."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
import shapely

from geocover.areas import geodesic_area_m2
from geocover.names import fold, nfc

DATA = Path(__file__).resolve().parents[2] / "data"
BOUNDARIES = DATA / "boundaries" / "phu-tho-schematic.geojson"
PARKS = DATA / "places" / "phu-tho-industrial-parks.geojson"
METADATA = {
    "quality", "title_vi", "title_en", "note_vi", "note_en", "source", "licence",
    "province_code", "province_name", "valid_from",
}  # fmt: skip
AREA_FIELDS = {
    "code": str, "name": str, "type": str, "population": int, "area_official_km2": float,
    "former_province": str, "pre_merger_units": str, "centre_lon": float, "centre_lat": float,
    "centre_accuracy_m": int, "centre_basis": str, "valid_from": str,
}  # fmt: skip
PARK_FIELDS = {
    "id": str, "name": str, "kind": str, "commune_code": str, "status": str, "status_vi": str,
    "area_ha": (float, type(None)), "accuracy_m": int, "basis": str, "source": str,
}  # fmt: skip


@pytest.fixture(scope="module")
def areas() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(BOUNDARIES.read_text("utf-8"))
    return loaded


@pytest.fixture(scope="module")
def parks() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(PARKS.read_text("utf-8"))
    return loaded


@pytest.fixture(scope="module")
def table() -> gpd.GeoDataFrame:
    return gpd.read_file(BOUNDARIES).set_index("code")


@pytest.mark.parametrize("path", [BOUNDARIES, PARKS], ids=lambda path: path.stem)
def test_layout_of_the_files(path: Path) -> None:
    """Catches a file that cannot be compared line by line, more decimals than 0.1 m, or text not in NFC."""
    text = path.read_text("utf-8")
    lines = text.splitlines()
    features = json.loads(text)["features"]
    assert len(lines) == len(features) + 4
    assert text == nfc(text)
    assert not re.search(r"\d\.\d{7,}", text)


@pytest.mark.parametrize("path", [BOUNDARIES, PARKS], ids=lambda path: path.stem)
def test_metadata_say_what_the_file_is(path: Path) -> None:
    """Catches a file that does not say its province, date, source and quality, in both languages."""
    metadata = json.loads(path.read_text("utf-8"))["metadata"]
    assert set(metadata) == METADATA
    assert all(isinstance(value, str) and value for value in metadata.values())
    assert (metadata["province_code"], metadata["valid_from"]) == ("25", "2025-07-01")


def test_boundaries_say_that_they_are_schematic(areas: dict[str, Any]) -> None:
    """Catches schematic lines that could be taken for legal ones."""
    metadata = areas["metadata"]
    assert metadata["quality"] == "schematic"
    assert "không phải ranh giới pháp lý" in metadata["note_vi"]
    assert "not legal" in metadata["note_en"]


def test_communes_are_complete(areas: dict[str, Any]) -> None:
    """Catches a missing commune, a wrong type of value, or published totals that no longer come out."""
    rows = [feature["properties"] for feature in areas["features"]]
    codes = [row["code"] for row in rows]
    assert len(rows) == 148
    assert codes == sorted(set(codes))
    for row in rows:
        assert {key: isinstance(row[key], kind) for key, kind in AREA_FIELDS.items()} == dict.fromkeys(
            row, True
        )
        assert re.fullmatch(r"\d{5}", row["code"])
        assert row["type"] in ("Xã", "Phường")
        assert not row["name"].startswith(("Xã ", "Phường "))
    assert sum(row["population"] for row in rows) == 4_022_493
    assert sum(row["area_official_km2"] for row in rows) == pytest.approx(9361.4, abs=0.1)
    assert [sum(row["type"] == kind for row in rows) for kind in ("Xã", "Phường")] == [133, 15]
    former = [row["former_province"] for row in rows]
    assert {name: former.count(name) for name in set(former)} == {
        "Phú Thọ": 66,
        "Hòa Bình": 46,
        "Vĩnh Phúc": 36,
    }


def test_areas_are_the_official_ones(table: gpd.GeoDataFrame) -> None:
    """Catches a commune whose geodesic area is more than 1 % off the official one: shares would be wrong."""
    own_km2 = table.geometry.map(geodesic_area_m2) / 1e6
    assert (own_km2 / table["area_official_km2"] - 1).abs().max() < 0.01


def test_polygons_are_one_sound_coverage(table: gpd.GeoDataFrame) -> None:
    """Catches invalid polygons, communes in several parts, gaps and overlaps."""
    assert set(table.geom_type) == {"Polygon"}
    assert table.is_valid.all()
    assert shapely.coverage_is_valid(table.geometry.to_numpy())
    whole = shapely.union_all(table.geometry.to_numpy())
    assert whole.geom_type == "Polygon"
    assert not whole.interiors
    assert shapely.area(table.geometry.to_numpy()).sum() == pytest.approx(whole.area, rel=1e-9)


def test_centres_lie_in_or_near_their_communes(table: gpd.GeoDataFrame) -> None:
    """Catches centres swapped between communes: each is within its accuracy of its own polygon."""
    metres = table.to_crs("EPSG:32648")
    points = gpd.GeoSeries(
        gpd.points_from_xy(table["centre_lon"], table["centre_lat"]), index=table.index, crs="EPSG:4326"
    )
    away_m = metres.distance(points.to_crs("EPSG:32648"))
    assert (away_m <= table["centre_accuracy_m"]).all(), away_m[away_m > table["centre_accuracy_m"]]
    assert (away_m == 0).mean() > 0.9


def test_former_units_name_the_seat(areas: dict[str, Any]) -> None:
    """Catches a seat that is not one of the units that the commune was made of."""
    seats = 0
    for feature in areas["features"]:
        row = feature["properties"]
        found = re.match(r"điểm của (.+) cũ, nơi đặt trụ sở", row["centre_basis"])
        if found:
            seats += 1
            assert found[1] in row["pre_merger_units"]
    assert seats == 139


def test_parks_are_complete(parks: dict[str, Any], table: gpd.GeoDataFrame) -> None:
    """Catches a double id, a row without source, an unknown status, or a park in no commune."""
    rows = [feature["properties"] for feature in parks["features"]]
    ids = [row["id"] for row in rows]
    assert len(rows) == 35
    assert ids == sorted(set(ids))
    for row in rows:
        assert {key: isinstance(row[key], kind) for key, kind in PARK_FIELDS.items()} == dict.fromkeys(
            row, True
        )
        assert row["id"] == re.sub(r"[^a-z0-9]+", "-", fold(row["name"])).strip("-")
        assert row["kind"] == "industrial_park"
        assert row["status"] in ("operating", "under development", "planned")
        assert row["commune_code"] in table.index
        assert "http" in row["source"]
        assert row["accuracy_m"] >= 500
    assert sum(row["status"] == "operating" for row in rows) == 15


def test_parks_lie_near_their_communes(parks: dict[str, Any], table: gpd.GeoDataFrame) -> None:
    """Catches a park at another commune's point: each is within its accuracy of its own commune."""
    metres = table.to_crs("EPSG:32648").geometry
    found = gpd.GeoDataFrame.from_features(parks["features"], crs="EPSG:4326").to_crs("EPSG:32648")
    own = metres.loc[found["commune_code"]].reset_index(drop=True)
    assert (found.geometry.distance(own) <= found["accuracy_m"]).all()
