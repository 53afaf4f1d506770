"""Two dates: signs, intervals, gaps by their ground, places, stations, and what may not be compared."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import math
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import box

from geocover.crs import WGS84
from geocover.errors import ProfileError
from geocover.report.audience import PUBLIC, audience_of, seen_by
from geocover.report.changes import _groups, gap_changes, station_changes
from geocover.report.comparing import Pair, change, compare, compare_csv, overlap, turned
from geocover.report.coverage_answers import EVERYTHING, Asked
from geocover.report.history_answers import history_json
from geocover.store import list_snapshots

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from geocover.store import Snapshot

CRS = "EPSG:32648"
KM = 1000.0
BOUNDS = st.tuples(st.floats(0, 100), st.floats(0, 100), st.floats(0, 100)).map(sorted)


@pytest.fixture(scope="module")
def dates(small_root: Path) -> tuple[Snapshot, Snapshot]:
    old, new = list_snapshots(small_root)
    return old, new


@pytest.fixture(scope="module")
def pair(dates: tuple[Snapshot, Snapshot]) -> Pair:
    return Pair(*dates, *dates)


def altered(snapshot: Snapshot, manifest: dict[str, Any] | None = None, **tables: Any) -> Snapshot:
    """A copy of a snapshot with other tables or another manifest."""
    copy = dataclasses.replace(snapshot, manifest={**snapshot.manifest, **(manifest or {})})
    held = {name: value for name, value in vars(snapshot).items() if name not in ("path", "manifest")}
    vars(copy).update({**held, **tables})
    return copy


def gaps(*squares: Sequence[float], people: float = 10.0) -> gpd.GeoDataFrame:
    """Gaps of squares: left, bottom, right, top in km from a corner of the grid's CRS."""
    corner = (500 * KM, 2_300 * KM, 500 * KM, 2_300 * KM)
    shapes = [box(*(base + KM * value for base, value in zip(corner, one, strict=True))) for one in squares]
    table = gpd.GeoDataFrame(geometry=gpd.GeoSeries(shapes, crs=CRS))
    table["area_km2"] = table.area / 1e6
    table["id"] = [f"gap-{number}" for number in range(len(table))]
    for name, value in (("people", people), ("commune_codes", "08515"), ("lon", 105.0), ("lat", 21.0)):
        table[name] = value
    return table.to_crs(WGS84)


def groups(old: gpd.GeoDataFrame, new: gpd.GeoDataFrame) -> list[tuple[str, float, float]]:
    """Change, difference and area kept of each group, sorted."""
    return sorted(
        (one["change"], round(one["difference_km2"], 6), round(one["kept_km2"], 6))
        for one in _groups(old, new, CRS)
    )


def signs_turn(one: Any, other: Any) -> None:
    """Every difference is the other's, negated."""
    assert (one is None) == (other is None)
    if one is not None:
        assert one == pytest.approx(-other, abs=1e-9)


def test_the_same_twice_is_no_change(dates: tuple[Snapshot, Snapshot]) -> None:
    """Catches any difference, gap, place or station that comes out of nothing."""
    new = dates[1]
    told = compare(Pair(new, new, new, new))
    assert told["remarks"] == []
    assert {one["difference"] for one in told["province"]} == {0.0}
    assert {one["within_uncertainty"] for one in told["province"]} == {True}
    for one in told["series"]:
        assert set(one["difference"]) == {0.0}
        assert all(one["within_uncertainty"])
    assert told["gaps"]["changes"] == []
    assert told["gaps"]["summary"]["same"]["from_gaps"] == len(new.gaps)
    assert told["gaps"]["summary"]["same"]["to_km2"] == pytest.approx(new.gaps["area_km2"].sum())
    assert (told["places"]["reached"], told["places"]["lost"]) == ([], [])
    for one in told["stations"]["counts"]:
        assert (one["added"], one["removed"], one["moved"], one["difference"]) == (0, 0, 0, 0)


def test_turning_the_two_turns_every_sign(pair: Pair) -> None:
    """Catches "from" for "to" anywhere, and a matching of gaps that depends on the order."""
    reach = pair.old.reach.assign(
        reached=pair.old.reach["reached"] & (pair.old.reach["id"] != "centre-07894")
    )
    pair = dataclasses.replace(pair, old=altered(pair.old, reach=reach))
    there, back = compare(pair), compare(turned(pair))
    for one, other in zip(there["province"], back["province"], strict=True):
        signs_turn(one["difference"], other["difference"])
        assert (one["from"], one["to"]) == (other["to"], other["from"])
        assert one["within_uncertainty"] == other["within_uncertainty"]
    for one, other in zip(there["series"], back["series"], strict=True):
        assert (one["from"], one["to"]) == (other["to"], other["from"])
        for first, second in zip(one["difference"], other["difference"], strict=True):
            signs_turn(first, second)
    turn = {"closed": "opened", "opened": "closed", "grown": "shrunk", "shrunk": "grown", "same": "same"}
    for kind, other_kind in turn.items():
        one, other = there["gaps"]["summary"][kind], back["gaps"]["summary"][other_kind]
        assert (one["groups"], one["from_gaps"]) == (other["groups"], other["to_gaps"])
        signs_turn(one["difference_km2"], other["difference_km2"])
    assert there["places"]["reached"]
    key = ("id", "technology", "profile", "operator")
    assert [[one[name] for name in key] for one in there["places"]["reached"]] == [
        [one[name] for name in key] for one in back["places"]["lost"]
    ]
    assert [one["station_id"] for one in there["stations"]["added"]] == [
        one["station_id"] for one in back["stations"]["removed"]
    ]


def test_changes_are_those_of_the_tables(pair: Pair) -> None:
    """Catches a commune's number under another commune, another view, or a part of one for a percentage."""
    told = compare(pair)
    keys = ["technology", "profile", "operator", "basis", "code"]
    old, new = (one.shares.set_index(keys) for one in (pair.old, pair.new))
    assert len(told["series"]) * 4 == len(old)
    for series in told["series"]:
        for place, code in enumerate(told["communes"]["codes"]):
            key = (*(series[name] for name in keys[:-1]), code)
            wanted = 100 * (new.loc[key, "share"] - old.loc[key, "share"])
            assert series["difference"][place] == pytest.approx(wanted, abs=1e-5)
            meet = max(old.loc[key, "share_low"], new.loc[key, "share_low"]) <= min(
                old.loc[key, "share_high"], new.loc[key, "share_high"]
            )
            assert series["within_uncertainty"][place] == meet
    assert any(max(map(abs, series["difference"])) > 1 for series in told["series"])


@given(first=BOUNDS, second=BOUNDS)
def test_intervals_that_meet_are_within_uncertainty(first: list[float], second: list[float]) -> None:
    """Catches an overlap that depends on the order, or that misses a common point."""
    old, new = ({"low": one[0], "value": one[1], "high": one[2]} for one in (first, second))
    there, back = change(old, new), change(new, old)
    signs_turn(there["difference"], back["difference"])
    assert there["within_uncertainty"] == back["within_uncertainty"] == overlap(old, new)
    apart = first[2] < second[0] or second[2] < first[0]
    assert overlap(old, new) is (not apart)
    assert overlap(old, old) is True
    assert overlap({**old, "low": math.nan}, new) is None
    assert change({**old, "value": None}, new)["difference"] is None


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ([(0, 0, 2, 2)], [(0, 0, 2, 2)], [("same", 0.0, 4.0)]),
        ([(0, 0, 2, 2)], [(0, 0, 2, 1)], [("shrunk", -2.0, 2.0)]),
        ([(0, 0, 2, 2)], [(1, 0, 4, 2)], [("grown", 2.0, 2.0)]),
        ([(0, 0, 2, 2)], [(0, 0, 1, 2), (1.5, 0, 2, 2)], [("shrunk", -1.0, 3.0)]),
        ([(0, 0, 1, 2), (1.5, 0, 2, 2)], [(0, 0, 2, 2)], [("grown", 1.0, 3.0)]),
        ([(0, 0, 2, 2)], [(2, 0, 4, 2)], [("closed", -4.0, 0.0), ("opened", 4.0, 0.0)]),
        ([(0, 0, 2, 2)], [(2, 2, 4, 4)], [("closed", -4.0, 0.0), ("opened", 4.0, 0.0)]),
        ([(0, 0, 2, 2)], [], [("closed", -4.0, 0.0)]),
        ([], [(0, 0, 2, 2)], [("opened", 4.0, 0.0)]),
        ([], [], []),
        ([(0, 0, 2, 2), (5, 5, 6, 6)], [(5, 5, 6, 6)], [("closed", -4.0, 0.0), ("same", 0.0, 1.0)]),
    ],
)
def test_gaps_are_matched_by_their_ground(
    old: list[tuple[float, ...]], new: list[tuple[float, ...]], expected: list[tuple[str, float, float]]
) -> None:
    """Catches gaps matched by id, neighbours that touch alone, splits and mergers, and areas in degrees."""
    assert groups(gaps(*old), gaps(*new)) == expected


def test_gaps_of_one_view(pair: Pair) -> None:
    """Catches gaps of another technology in what is asked for, and a definition compared in spite of all."""
    told = gap_changes(pair.old, pair.new, Asked(technology="5G"), frozenset())
    assert {one["technology"] for one in told["changes"]} == {"5G"}
    none = gap_changes(pair.old, pair.new, EVERYTHING, frozenset(["outdoor-4g", "outdoor-5g"]))
    assert none["changes"] == []
    assert {one["groups"] for one in none["summary"].values()} == {0}


def test_people_that_are_not_known_are_not_counted() -> None:
    """Catches 0 people for unknown ones."""
    (one,) = _groups(gaps((0, 0, 2, 2), people=math.nan), gaps((0, 0, 1, 2)), CRS)
    assert (one["from_people"], one["to_people"], one["difference_people"]) == (None, 10.0, None)


def test_only_the_same_communes_are_compared(dates: tuple[Snapshot, Snapshot]) -> None:
    """Catches a code that means another commune since a reform, a new outline, and silence about both."""
    old, new = dates
    communes = new.communes.copy()
    communes["valid_from"] = ["2025-07-01"] * 3 + ["2026-01-01"]
    before = old.communes.assign(valid_from="2025-07-01")
    before["area_km2"] *= [1.0, 1.1, 1.0, 1.0]
    told = compare(Pair(altered(old, communes=before), altered(new, communes=communes), old, new))
    about = told["communes"]
    assert about["codes"] == ["07894", "07900"]
    assert (about["only_from"], about["only_to"]) == (["07903"], ["07903"])
    assert about["outline_changed"] == ["07897"]
    assert {len(one["difference"]) for one in told["series"]} == {2}
    (remark,) = [one for one in told["remarks"] if one["about"] == "boundaries"]
    assert remark["remark_vi"]
    assert remark["remark_en"]


def test_another_definition_is_not_compared(dates: tuple[Snapshot, Snapshot]) -> None:
    """Catches a change of the threshold that reads as a change of coverage."""
    old, new = dates
    stricter = {**new.profiles, "outdoor-4g": {**new.profiles["outdoor-4g"], "min_rsrp_dbm": -105}}
    other = altered(new, manifest={"profiles": stricter})
    told = compare(Pair(old, other, old, other))
    assert "outdoor-4g" not in {one["profile"] for one in (*told["series"], *told["province"])}
    assert "indoor-4g" in {one["profile"] for one in told["series"]}
    assert "4G" not in {one["technology"] for one in told["gaps"]["changes"]}
    (remark,) = [one for one in told["remarks"] if one["about"] == "profiles"]
    assert "outdoor-4g" in remark["remark_vi"]
    assert "outdoor-4g" in remark["remark_en"]


@pytest.mark.parametrize(
    ("about", "manifest"),
    [
        ("models", {"models": {}}),
        ("operators", {"operators": {"4G": ["Viettel"], "5G": ["Viettel"]}}),
        ("terrain", {"terrain": {"used_by_models": True}}),
    ],
)
def test_what_else_differs_is_said(
    dates: tuple[Snapshot, Snapshot], about: str, manifest: dict[str, Any]
) -> None:
    """Catches two models, or two sets of operators, that are compared without a word."""
    old, other = dates[1], altered(dates[1], manifest=manifest)
    assert {one["about"] for one in compare(Pair(old, other, old, other))["remarks"]} == {about}


def test_stations_that_came_went_and_moved(dates: tuple[Snapshot, Snapshot]) -> None:
    """Catches a station counted as removed and added when it moved, and one operator's for another's."""
    old = dates[1]
    stations = old.stations.copy()
    stations.loc[0, "lon"] += 0.01
    stations = stations.drop(index=1)
    new = altered(old, stations=stations)
    told = station_changes((old, new), (old, new), EVERYTHING)
    assert [one["station_id"] for one in told["moved"]] == [old.stations.loc[0, "station_id"]]
    assert [one["station_id"] for one in told["removed"]] == [old.stations.loc[1, "station_id"]]
    assert told["added"] == []
    assert sum(one["moved"] for one in told["counts"]) == 1
    assert sum(one["difference"] for one in told["counts"]) == -1


def test_everybody_has_the_counts_and_few_the_ids(dates: tuple[Snapshot, Snapshot]) -> None:
    """Catches ids for the public, a rival's for a partner, and counts that shrink with the reader."""
    audiences = {"public": PUBLIC, "a": audience_of("Viettel"), "b": audience_of("VinaPhone")}
    told = {
        name: compare(Pair(*(seen_by(one, audience) for one in dates), *dates))
        for name, audience in audiences.items()
    }
    assert told["public"]["stations"]["added"] == []
    for name, operator in (("a", "Viettel"), ("b", "VinaPhone")):
        assert {one["operator"] for one in told[name]["stations"]["added"]} == {operator}
        assert {one["operator"] for one in told[name]["series"]} == {"any", "all", operator}
    assert {one["operator"] for one in told["public"]["places"]["reached"]} <= {"any", "all"}
    counts = [one["stations"]["counts"] for one in told.values()]
    assert counts[0] == counts[1] == counts[2]
    assert [one["added"] for one in counts[0]] == [0, 2]


def test_the_table_holds_what_the_answer_holds(pair: Pair) -> None:
    """Catches rows that are lost, columns of another side, and a missing BOM."""
    asked = Asked(operator="any", profile="outdoor-5g", basis="area")
    content, told = compare_csv(pair, asked), compare(pair, asked)
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    assert [row["code"] for row in rows] == ["", *told["communes"]["codes"]]
    (series,) = told["series"]
    for place, row in enumerate(rows[1:]):
        assert float(row["from_value"]) == pytest.approx(series["from"]["value"][place])
        assert float(row["to_high"]) == pytest.approx(series["to"]["high"][place])
        assert row["within_uncertainty"] == str(series["within_uncertainty"][place])
    assert (rows[0]["from_as_of"], rows[0]["to_as_of"]) == ("2025-06-30", "2025-12-31")


def test_a_view_that_one_does_not_hold_is_refused(dates: tuple[Snapshot, Snapshot]) -> None:
    """Catches an empty comparison for a typing error."""
    with pytest.raises(ProfileError):
        compare(Pair(*dates, *dates), Asked(operator="Nobody"))


def history(snapshots: Sequence[Snapshot], code: str | None = None, asked: Asked = EVERYTHING) -> Any:
    return json.loads(history_json(tuple(snapshots), code, asked))


def test_the_trend_holds_every_date(dates: tuple[Snapshot, Snapshot]) -> None:
    """Catches dates in another order, another commune's line, and a superseded result on the line."""
    again = altered(dates[1])
    told = history([*dates, again], "07897", Asked(operator="any", profile="outdoor-5g", basis="area"))
    assert [one["as_of"] for one in told["dates"]] == ["2025-06-30", "2025-12-31"]
    (series,) = told["series"]
    for place, one in enumerate(dates):
        rows = one.shares.set_index(["code", "operator", "profile", "basis"])
        row = rows.loc[("07897", "any", "outdoor-5g", "area")]
        assert series["value"][place] == pytest.approx(100 * row["share"], abs=1e-5)
        assert series["low"][place] == pytest.approx(100 * row["share_low"], abs=1e-5)
    assert (series["same_definition"], told["same_area"]) == (True, True)


def test_stations_have_a_trend_too(dates: tuple[Snapshot, Snapshot]) -> None:
    """Catches counts of one operator for those of all, and stations of a commune that nobody counted."""
    for snapshots in (dates, [seen_by(one, PUBLIC) for one in dates]):
        counted = [one for one in history(snapshots)["series"] if one["key"] == "stations"]
        assert {one["technology"]: one["value"] for one in counted} == {"4G": [3, 3], "5G": [1, 3]}
    assert not [one for one in history(dates, "07897")["series"] if one["key"] == "stations"]


def test_a_break_in_the_line_is_said(dates: tuple[Snapshot, Snapshot]) -> None:
    """Catches a new threshold or outline that reads as a trend, and a date without the view as 0."""
    old, new = dates
    stricter = {**new.profiles, "outdoor-4g": {**new.profiles["outdoor-4g"], "min_rsrp_dbm": -105}}
    other = altered(
        new,
        manifest={"profiles": stricter},
        communes=new.communes.assign(area_km2=2 * new.communes["area_km2"]),
    )
    told = history([old, other])
    assert told["same_area"] is False
    same = {one["profile"]: one["same_definition"] for one in told["series"] if one["profile"]}
    assert same == {"outdoor-4g": False, "indoor-4g": True, "outdoor-5g": True, "indoor-5g": True}
    fewer = altered(
        old,
        manifest={"operators": {"4G": ["Viettel"], "5G": ["Viettel"]}},
        totals=old.totals[old.totals["operator"] != "VinaPhone"],
        reach=old.reach[old.reach["operator"] != "VinaPhone"],
    )
    for one in history([fewer, new], None, Asked(operator="VinaPhone"))["series"]:
        assert one["value"][0] is None
        assert one["value"][1] is not None
    with pytest.raises(ProfileError):
        history(dates, None, Asked(operator="Nobody"))
