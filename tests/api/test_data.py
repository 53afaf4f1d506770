"""The answers hold what the snapshot holds, and say how it was made."""

from __future__ import annotations

import csv
import dataclasses
import io
import itertools
import json
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from geocover.report.answers import commune_coverage, communes_csv, shares_json
from geocover.report.audience import OPEN_VI
from geocover.report.collections import communes_geojson, gaps_geojson, places_geojson
from geocover.report.view import choose_view
from geocover.store import list_snapshots, open_snapshot

if TYPE_CHECKING:
    from pathlib import Path

    import httpx

    from geocover.store import Snapshot

COLLECTIONS = ["/communes", "/gaps", "/places", "/stations"]
FIGURE_KEYS = {
    "covered", "total", "share", "share_low", "share_high", "basis", "unit", "operator", "technology",
    "profile", "as_of", "digest", "evidence", "assumed_share", "share_expected", "rests_on",
}  # fmt: skip


def get(client: httpx.Client, path: str) -> Any:
    """JSON of an address that must answer 200."""
    response = client.get(path)
    assert response.status_code == 200, response.text
    return response.json()


@pytest.mark.parametrize("path", [*COLLECTIONS, "/figures", "/shares", "/communes/07894/coverage"])
def test_every_answer_says_what_it_is_of(
    client: httpx.Client, hostile_client: httpx.Client, path: str
) -> None:
    """Catches an answer without date, digest or the marks of made-up data."""
    real, made_up = get(client, path)["metadata"], get(hostile_client, path)["metadata"]
    said = "" if path == "/figures" else OPEN_VI  # the province's figures are public anyway
    assert (real["illustrative"], real["schematic"], real["notice_vi"]) == (False, False, said)
    assert (made_up["illustrative"], made_up["schematic"]) == (True, True)
    assert "dữ liệu minh họa; ranh giới sơ đồ" in made_up["notice_vi"]
    assert real["as_of"] == "2025-12-31"
    assert real["snapshot"].endswith(real["digest"][:12])


@pytest.mark.parametrize("path", COLLECTIONS)
def test_collections_are_geojson_in_degrees(client: httpx.Client, path: str) -> None:
    """Catches a CRS member, projected coordinates, and rings that run against RFC 7946."""
    response = client.get(path)
    assert response.headers["content-type"] == "application/geo+json"
    body = response.json()
    assert body["type"] == "FeatureCollection"
    assert "crs" not in body
    assert body["features"]
    for feature in body["features"]:
        for ring in rings(feature["geometry"]):
            assert all(105.2 < lon < 105.5 and 21.2 < lat < 21.5 for lon, lat in ring)
            assert len(ring) == 1 or signed_area(ring) != 0


def rings(geometry: dict[str, Any]) -> list[list[list[float]]]:
    """Exterior rings, or the point as a list of one."""
    if geometry["type"] == "Point":
        return [[geometry["coordinates"]]]
    polygons = [geometry["coordinates"]] if geometry["type"] == "Polygon" else geometry["coordinates"]
    return [polygon[0] for polygon in polygons]


def signed_area(ring: list[list[float]]) -> float:
    """Twice the area of a ring, positive where it runs counter-clockwise."""
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in itertools.pairwise(ring))


def test_outer_rings_run_counter_clockwise(client: httpx.Client) -> None:
    """Catches rings against RFC 7946 section 3.1.6, full and simplified."""
    for detail in ("full", "map"):
        for feature in get(client, f"/communes?detail={detail}")["features"]:
            assert all(signed_area(ring) > 0 for ring in rings(feature["geometry"]))


def test_communes_carry_the_shares_of_the_view(client: httpx.Client, snapshot: Snapshot) -> None:
    """Catches shares of another operator, profile or basis than was asked for."""
    body = get(client, "/communes?technology=5G&operator=Viettel&profile=indoor-5g")
    assert body["metadata"]["profile"] == "indoor-5g"
    table = snapshot.shares.query("operator == 'Viettel' and profile == 'indoor-5g'")
    expected = table.set_index(["code", "basis"])
    for feature in body["features"]:
        row = feature["properties"]
        for basis in ("area", "population"):
            for name in ("share", "share_expected", "rests_on"):
                wanted = expected.loc[(row["code"], basis), name]
                assert row[f"{basis}_{name}"] == pytest.approx(wanted, abs=1e-6)


def test_commune_coverage_is_complete(client: httpx.Client, snapshot: Snapshot) -> None:
    """Catches a figure without numerator, denominator, interval, evidence or date; and a lost operator."""
    body = get(client, "/communes/07894/coverage")
    assert all(set(row) >= FIGURE_KEYS for row in body["coverage"])
    assert len(body["coverage"]) == len(snapshot.shares) / 4
    assert {row["operator"] for row in body["coverage"]} == {"Viettel", "VinaPhone", "any", "all"}
    for row in body["coverage"]:
        assert row["covered"] == pytest.approx(row["share"] * row["total"], abs=1e-6 * row["total"])
        assert row["share_low"] <= row["share"] <= row["share_high"]
    assert {place["id"] for place in body["places"]} == {"centre-07894", "park-0"}
    assert {gap["technology"] for gap in body["gaps"]} == {"4G", "5G"}
    assert all(gap["nearest_km"] > 0 for gap in body["gaps"])


def test_shares_are_the_table_in_columns(client: httpx.Client, snapshot: Snapshot) -> None:
    """Catches series that stand against the wrong communes, and provinces that do not add up."""
    body = get(client, "/shares")
    table = snapshot.shares.set_index(["technology", "profile", "operator", "basis", "code"])["share"]
    for series in body["series"]:
        key = tuple(series[name] for name in ("technology", "profile", "operator", "basis"))
        for code, share in zip(body["codes"], series["share"], strict=True):
            assert share == pytest.approx(table[(*key, code)], abs=1e-6)
        assert series["province"]["covered"] == pytest.approx(sum(series["covered"]), abs=1e-3)
        assert set(series["rests_on"]) == {1.0} == {series["province"]["rests_on"]}
        assert min(series["share_expected"]) <= series["province"]["share_expected"]
        assert series["province"]["share_expected"] <= max(series["share_expected"])
    assert len(body["series"]) * len(body["codes"]) == len(snapshot.shares)


def test_gaps_of_one_technology(client: httpx.Client) -> None:
    """Catches a filter that lets the other technology through."""
    assert {one["properties"]["technology"] for one in get(client, "/gaps?technology=5G")["features"]} == {
        "5G"
    }
    assert {one["properties"]["technology"] for one in get(client, "/gaps")["features"]} == {"4G", "5G"}


def test_places_say_whether_they_are_reached(client: httpx.Client) -> None:
    """Catches the reach of another view: there are masts around the centre of Việt Trì, none at Đà Bắc."""
    rows = [one["properties"] for one in get(client, "/places?technology=4G")["features"]]
    found = {row["id"]: row for row in rows}
    assert (found["centre-07894"]["reached"], found["centre-07903"]["reached"]) == (True, False)
    assert found["park-0"]["kind"] == "industrial_park"
    alone = get(client, "/places?technology=4G&operator=Viettel")["features"]
    assert len(alone) == len(found)


def test_stations_of_the_date(client: httpx.Client) -> None:
    """Catches a date that is ignored: two of the three 5G stations came in September."""
    new = get(client, "/stations?technology=5G")["features"]
    old = get(client, "/stations?technology=5G&date=2025-06-30")["features"]
    assert (len(new), len(old)) == (3, 1)


def test_figures_stand_beside_the_reported(client: httpx.Client) -> None:
    """Catches a reported figure that is lost on the way."""
    found = {(one["key"], one["technology"]): one for one in get(client, "/figures")["figures"]}
    area = found["area-share", "4G"]
    assert area["reported"] == 98.0
    assert area["difference"] == pytest.approx(area["value"] - 98.0, abs=1e-5)
    assert area["why_vi"]
    assert found["stations-new", "5G"]["value"] == 2


def test_csv_opens_in_excel_and_runs_nothing(client: httpx.Client, hostile_client: httpx.Client) -> None:
    """Catches a missing BOM, lost leading zeros and formulas that a spreadsheet would run."""
    response = client.get("/communes.csv")
    assert response.content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))
    assert {row["code"] for row in rows} == {"07894", "07897", "07900", "07903"}
    assert {row["basis"] for row in rows} == {"area", "population"}
    assert "geocover-2025-12-31" in response.headers["content-disposition"]
    text = hostile_client.get("/communes.csv").content.decode("utf-8-sig")
    cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "@", "\t"))]


def test_snapshots_are_listed_oldest_first(client: httpx.Client) -> None:
    """Catches a list that misses a date."""
    assert [one["as_of"] for one in get(client, "/snapshots")["snapshots"]] == ["2025-06-30", "2025-12-31"]


def test_simplified_borders_stay_shared(client: httpx.Client) -> None:
    """Catches slivers: neighbours simplified each for itself no longer meet."""
    from shapely.geometry import shape

    shapes = [shape(one["geometry"]) for one in get(client, "/communes?detail=map")["features"]]
    for first, second in ((0, 1), (0, 2), (1, 3), (2, 3)):
        assert shapes[first].intersection(shapes[second]).length > 0.03
        assert shapes[first].intersection(shapes[second]).area == 0


def test_gaps_for_drawing_are_the_same_gaps(client: httpx.Client) -> None:
    """Catches a drawing that loses gaps or moves them, and one that is no smaller."""
    from shapely.geometry import shape

    full, drawn = (get(client, f"/gaps?technology=4G&detail={one}")["features"] for one in ("full", "map"))
    assert [one["properties"] for one in full] == [one["properties"] for one in drawn]
    for one, other in zip(full, drawn, strict=True):
        before, after = shape(one["geometry"]), shape(other["geometry"])
        assert before.symmetric_difference(after).area < 0.5 * before.area
    assert len(json.dumps(drawn)) < len(json.dumps(full))


def test_a_province_without_gaps_is_answered(snapshot: Snapshot, tmp_path: Path) -> None:
    """Catches answers that need at least one gap: the goal of 2026 is to have none."""
    copy = tmp_path / snapshot.path.name
    shutil.copytree(snapshot.path, copy)
    gaps = snapshot.gaps.iloc[:0].drop(
        columns=["nearest_station", "nearest_operator", "nearest_km", "places"]
    )
    gaps.to_parquet(copy / "tables" / "gaps.parquet", index=False)
    empty = open_snapshot(copy)
    assert json.loads(gaps_geojson(empty))["features"] == []
    assert json.loads(gaps_geojson(empty, "5G", "map"))["features"] == []
    assert commune_coverage(empty, "07894")["gaps"] == []


def test_a_commune_without_people_has_no_share(snapshot: Snapshot, tmp_path: Path) -> None:
    """Catches NaN in JSON, which no browser reads, and a province that needs every series."""
    copy = dataclasses.replace(snapshot)
    shares = snapshot.shares.copy()
    nobody = shares["basis"] == "population"
    numbers = ["share", "share_low", "share_high", "share_expected", "rests_on"]
    shares.loc[nobody, numbers] = float("nan")
    copy.__dict__["shares"] = shares
    copy.__dict__["totals"] = snapshot.totals[snapshot.totals["basis"] == "area"]
    body = json.loads(shares_json(copy))
    people = [one for one in body["series"] if one["basis"] == "population"]
    assert people
    assert all(one["province"] is None and set(one["share"]) == {None} for one in people)


def test_what_is_not_known_is_null(cut_root: Path) -> None:
    """Catches 0 % for a commune without terrain, in any answer, and answers that hide what is open."""
    (cut,) = list_snapshots(cut_root)
    row = next(
        one["properties"]
        for one in json.loads(communes_geojson(cut, choose_view(cut, "4G")))["features"]
        if one["properties"]["code"] == "07903"
    )
    assert (row["area_share"], row["area_share_expected"], row["area_rests_on"]) == (None, None, 0.0)
    assert (row["area_share_low"], row["area_share_high"]) == (0.0, 1.0)
    series = next(
        one
        for one in json.loads(shares_json(cut))["series"]
        if (one["profile"], one["operator"], one["basis"]) == ("outdoor-4g", "any", "area")
    )
    assert series["share"][-1] is None
    assert 0.6 < series["province"]["rests_on"] < 0.8
    places = json.loads(places_geojson(cut, choose_view(cut, "4G")))["features"]
    known = {one["properties"]["id"]: one["properties"]["rests_on"] for one in places}
    assert (known["centre-07894"], known["centre-07903"]) == (1.0, 0.0)
    table = communes_csv(cut, choose_view(cut, "4G")).decode("utf-8-sig").splitlines()
    assert {"share_expected", "rests_on"} <= set(table[0].split(","))


def test_shares_of_one_definition_for_drawing(client: httpx.Client) -> None:
    """Catches a map drawn by other shares than the table shows, and one that loads more than it shows."""
    whole = get(client, "/shares")
    drawn = get(client, "/shares?profile=outdoor-4g&detail=map")
    assert {one["profile"] for one in drawn["series"]} == {"outdoor-4g"}
    full = [one for one in whole["series"] if one["profile"] == "outdoor-4g"]
    for one, other in zip(full, drawn["series"], strict=True):
        assert {**one, "share": 0}.keys() == other.keys()
        assert one["share"] == pytest.approx(other["share"], abs=5.1e-5, nan_ok=True)
        assert one["province"] == other["province"]
    assert client.get("/shares?profile=outdoor-9g").status_code == 400
