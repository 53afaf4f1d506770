"""Figures of the province, a commune and a place: the numbers of the tables, and why there are none."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING, Any

import pytest

from geocover.errors import AreasError, ProfileError
from geocover.report.coverage_answers import (
    Asked,
    commune_coverage_json,
    place_coverage_json,
    province_coverage,
    province_coverage_json,
)
from geocover.report.figures import province_figures
from geocover.store import list_snapshots

if TYPE_CHECKING:
    from pathlib import Path

    from geocover.store import Snapshot

FIELDS = {
    "key", "title_vi", "title_en", "value", "low", "high", "unit", "numerator", "denominator", "counted_in",
    "basis", "operator", "technology", "profile", "as_of", "snapshot", "digest", "evidence", "expected",
    "rests_on", "assumed_share", "illustrative", "schematic", "notice_vi", "notice_en", "definition",
}  # fmt: skip
COUNT = {"area": "km2", "population": "people"}


def with_tables(snapshot: Snapshot, **tables: Any) -> Snapshot:
    """A copy of a snapshot that holds other tables."""
    copy = dataclasses.replace(snapshot)
    vars(copy).update(tables)
    return copy


def test_every_figure_says_all_that_it_must(snapshot: Snapshot) -> None:
    """Catches a figure without denominator, interval, definition, date or digest, in any of the answers."""
    answers = [
        province_coverage_json(snapshot),
        commune_coverage_json(snapshot, "07894"),
        place_coverage_json(snapshot, "park-0"),
    ]
    for answer in answers:
        body = json.loads(answer)
        assert body["figures"]
        for figure in body["figures"]:
            assert set(figure) >= FIELDS
            assert figure["low"] <= figure["value"] <= figure["high"]
            assert figure["definition"] == "/method#" + figure["key"].replace(":", "-")
            assert {"name", "min_rsrp_dbm", "reliability", "indoor"} <= set(figure["profile"])
            assert figure["digest"] == snapshot.digest
    indoor = {one["profile"]["name"]: one["profile"]["indoor"] for one in body["figures"]}
    assert indoor == {"indoor-4g": True, "indoor-5g": True, "outdoor-4g": False, "outdoor-5g": False}


def test_shares_are_those_of_the_tables(snapshot: Snapshot) -> None:
    """Catches a share of another view or commune, and percents that are parts of one."""
    for code, table in (
        (None, snapshot.totals),
        ("07897", snapshot.shares[snapshot.shares["code"] == "07897"]),
    ):
        answer = province_coverage_json(snapshot) if code is None else commune_coverage_json(snapshot, code)
        rows = table.set_index(["technology", "profile", "operator", "basis"])
        figures = [one for one in json.loads(answer)["figures"] if one["basis"] in COUNT]
        assert len(figures) == len(rows)
        for one in figures:
            row = rows.loc[(one["technology"], one["profile"]["name"], one["operator"], one["basis"])]
            wanted = {
                "value": "share",
                "low": "share_low",
                "high": "share_high",
                "expected": "share_expected",
            }
            for name, column in wanted.items():
                assert one[name] == pytest.approx(100 * row[column], abs=1e-5)
            assert one["numerator"] == pytest.approx(row["covered"], abs=1e-5)
            assert one["denominator"] == pytest.approx(row["total"], abs=1e-5)
            assert one["counted_in"] == COUNT[one["basis"]]


def test_the_main_figures_are_the_provinces(snapshot: Snapshot) -> None:
    """Catches a second count of places or shares that differs from the published figures."""
    ours = {
        (one["key"], one["technology"], one["profile"]["name"]): one
        for one in province_coverage(snapshot, Asked(operator="any"))
    }
    published = [one for one in province_figures(snapshot) if one.profile]
    assert len(published) == 8
    for one in published:
        mine = ours[one.key, one.technology, str(one.profile)]
        for name in ("value", "low", "high", "numerator", "denominator", "evidence", "assumed_share"):
            assert mine[name] == pytest.approx(getattr(one, name)), (one.key, name)


@pytest.mark.parametrize(
    ("asked", "fields"),
    [
        (Asked(technology="5G"), {"technology": "5G"}),
        (Asked(operator="VinaPhone"), {"operator": "VinaPhone"}),
        (Asked(operator="all", basis="area"), {"operator": "all", "basis": "area"}),
        (Asked(basis="places"), {"basis": "places"}),
        (Asked(profile="indoor-4g"), {"technology": "4G"}),
    ],
)
def test_a_choice_is_kept_to(snapshot: Snapshot, asked: Asked, fields: dict[str, str]) -> None:
    """Catches a parameter that is ignored, or that leaves nothing."""
    for answer in (province_coverage_json(snapshot, asked), commune_coverage_json(snapshot, "07894", asked)):
        figures = json.loads(answer)["figures"]
        assert figures
        assert all(one[name] == value for one in figures for name, value in fields.items())
        assert {one["profile"]["name"] for one in figures} >= ({asked.profile} if asked.profile else set())


def test_the_panels_rows_follow_the_choice(snapshot: Snapshot) -> None:
    """Catches a table of the commune that is not restricted as its figures are."""
    body = json.loads(commune_coverage_json(snapshot, "07894", Asked(operator="any", basis="area")))
    assert {(one["operator"], one["basis"]) for one in body["coverage"]} == {("any", "area")}
    assert {"commune", "places", "gaps"} <= set(body)


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (Asked(basis="hamlets"), ("thôn", "hamlets")),
        (Asked(evidence="measured"), ("số liệu đo", "measurements")),
        (Asked(evidence="declared"), ("khai báo", "declare")),
    ],
)
def test_what_cannot_be_answered_is_said(snapshot: Snapshot, asked: Asked, words: tuple[str, str]) -> None:
    """Catches an error, or made-up figures, where the snapshot holds nothing; and a lost reason."""
    for answer in (
        province_coverage_json(snapshot, asked),
        commune_coverage_json(snapshot, "07894", asked),
        place_coverage_json(snapshot, "park-0", asked if asked.evidence else Asked(basis="area")),
    ):
        body = json.loads(answer)
        assert body["figures"] == []
        (absent,) = body["absent"]
        assert absent["reason_vi"]
        assert absent["reason_en"]
    told = json.loads(province_coverage_json(snapshot, asked))["absent"][0]
    assert words[0] in told["reason_vi"]
    assert words[1] in told["reason_en"]


def test_hamlets_are_counted_where_there_are_some(snapshot: Snapshot) -> None:
    """Catches hamlets among the other places, or hamlets of all communes in one commune's figure."""
    rename = {"commune_centre": "hamlet"}
    hamlets = with_tables(
        snapshot,
        places=snapshot.places.assign(kind=snapshot.places["kind"].replace(rename)),
        reach=snapshot.reach.assign(kind=snapshot.reach["kind"].replace(rename)),
    )
    asked = Asked(operator="any", profile="outdoor-4g", basis="hamlets")
    (whole,) = province_coverage(hamlets, asked)
    assert (whole["key"], whole["denominator"], whole["counted_in"]) == ("reach:hamlet", 4, "places")
    (one,) = json.loads(commune_coverage_json(hamlets, "07894", asked))["figures"]
    assert (one["numerator"], one["denominator"]) == (1, 1)
    (place,) = json.loads(place_coverage_json(hamlets, "centre-07894", asked))["figures"]
    assert (place["basis"], place["numerator"]) == ("hamlets", 1)


def test_parks_count_where_they_operate(snapshot: Snapshot) -> None:
    """Catches a planned park in the count of operating ones."""
    status = snapshot.places["status"].where(snapshot.places["id"] != "park-0", "planned")
    planned = with_tables(snapshot, places=snapshot.places.assign(status=status))
    asked = Asked(operator="any", profile="outdoor-4g", basis="places")
    found = {one["key"]: one["denominator"] for one in province_coverage(planned, asked)}
    assert found == {"reach:commune_centre": 4, "reach:industrial_park": 1}


def test_a_place_is_reached_or_not(snapshot: Snapshot) -> None:
    """Catches the reach of another place or view, and certainty that is not in the bounds."""
    rows = snapshot.reach.set_index(["id", "profile", "operator"])
    for place in ("centre-07894", "centre-07903", "park-0"):
        for one in json.loads(place_coverage_json(snapshot, place))["figures"]:
            row = rows.loc[(place, one["profile"]["name"], one["operator"])]
            assert one["numerator"] == int(row["reached"])
            assert one["certainty"] == row["certainty"]
            assert (one["low"] == one["high"]) == (row["certainty"] != "uncertain")


def test_what_does_not_exist_is_refused(snapshot: Snapshot) -> None:
    """Catches an empty answer for a typing error, which would read as no coverage."""
    with pytest.raises(AreasError, match="no commune"):
        commune_coverage_json(snapshot, "99999")
    with pytest.raises(AreasError, match="no place"):
        place_coverage_json(snapshot, "nowhere")
    for asked in (Asked(operator="Nobody"), Asked(technology="6G"), Asked("any", "4G", "outdoor-5g")):
        with pytest.raises(ProfileError):
            province_coverage_json(snapshot, asked)


def test_an_operator_of_one_technology_is_known(snapshot: Snapshot) -> None:
    """Catches an operator without 4G that is refused because 4G comes first."""
    manifest = {**snapshot.manifest, "operators": {"4G": ["Viettel"], "5G": ["Viettel", "VinaPhone"]}}
    copy = with_tables(dataclasses.replace(snapshot, manifest=manifest))
    assert province_coverage(copy, Asked(operator="VinaPhone"))
    with pytest.raises(ProfileError):
        province_coverage(copy, Asked(operator="VinaPhone", technology="4G"))


def test_unknown_ground_is_not_a_share(cut_root: Path) -> None:
    """Catches 0 % where nothing is known."""
    (cut,) = list_snapshots(cut_root)
    asked = Asked(operator="any", profile="outdoor-4g", basis="area")
    (one,) = json.loads(commune_coverage_json(cut, "07903", asked))["figures"]
    assert (one["value"], one["low"], one["high"], one["rests_on"]) == (None, 0.0, 100.0, 0.0)
