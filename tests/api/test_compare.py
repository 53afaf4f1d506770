"""Two dates and the trend over HTTP."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import httpx
import pytest

from api.settings import Settings
from tests.api.filling import A, B
from tests.api.running import answer, bearer
from tests.api.test_access import secrets_of_b

if TYPE_CHECKING:
    from pathlib import Path

    from tests.api.conftest import Serving
    from tests.api.filling import Filled

OLD, NEW = "2025-06-30", "2025-12-31"
PATHS = ("/compare", "/compare.csv", "/history", "/history?code=07894")
TOGETHER = {"any", "all"}
SEEN = {"none": TOGETHER, "viewer": TOGETHER | {A, B}, "a": TOGETHER | {A}, "planner": TOGETHER | {A, B}}


def test_the_last_two_dates_are_compared(client: httpx.Client) -> None:
    """Catches an order of its own, and dates or names of snapshots that are not taken."""
    names = [one["snapshot"] for one in answer(client, "/snapshots")["snapshots"]]
    for params in (
        {},
        {"from": OLD},
        {"from": OLD, "to": NEW},
        {"from": names[0], "to": names[1]},
        {"to": NEW},
    ):
        body = answer(client, "/compare", **params)
        assert (body["from"]["as_of"], body["to"]["as_of"]) == (OLD, NEW)
    body = answer(client, "/compare", **{"from": NEW, "to": OLD})
    assert (body["from"]["as_of"], body["to"]["as_of"]) == (NEW, OLD)


def test_a_comparison_turns_with_its_dates(client: httpx.Client) -> None:
    """Catches an answer that is kept under the tag of another pair, and signs that do not turn."""
    there = client.get("/compare", params={"from": OLD, "to": NEW})
    back = client.get("/compare", params={"from": NEW, "to": OLD})
    same = client.get("/compare", params={"from": NEW, "to": NEW})
    assert len({one.headers["etag"] for one in (there, back, same)}) == 3
    for one, other in zip(there.json()["province"], back.json()["province"], strict=True):
        assert one["difference"] == -other["difference"]
    assert {one["difference"] for one in same.json()["province"]} == {0.0}
    held = {"If-None-Match": there.headers["etag"]}
    assert client.get("/compare", params={"from": OLD, "to": NEW}, headers=held).status_code == 304


def test_a_day_stands_for_the_last_result_before_it(client: httpx.Client) -> None:
    """Catches a day that must be a reporting date, and a date that is used without a word."""
    for asked, used in (("2025-09-15", OLD), ("2026-03-01", NEW), (NEW, NEW)):
        body = answer(client, "/compare", **{"from": OLD, "to": asked})
        assert (body["from"]["as_of"], body["to"]["as_of"]) == (OLD, used)
        told = [one for one in body["remarks"] if one["about"] == "dates"]
        assert [asked in one["remark_en"] and used in one["remark_en"] for one in told] == [True] * (
            asked != used
        )
    response = client.get("/compare", params={"from": "2025-06-29", "to": NEW})
    assert response.status_code == 404
    assert OLD in response.json()["detail"]


def test_a_compared_figure_says_what_it_is_of(client: httpx.Client) -> None:
    """Catches a share without what it was counted of, on what evidence, with which part assumed."""
    body = answer(client, "/compare")
    assert body["province"]
    assert body["series"]
    for one in [*body["province"], *body["series"]]:
        assert one["evidence"] == "predicted"
        for side in ("from", "to"):
            assert {"value", "low", "high", "numerator", "denominator", "assumed_share"} <= set(one[side])
    for one in body["series"]:
        of = one["to"]
        for value, part, whole in zip(of["value"], of["numerator"], of["denominator"], strict=True):
            assert value == pytest.approx(100.0 * part / whole, abs=1e-3)
        assert all(0.0 <= share <= 1.0 for share in of["assumed_share"])
    places = [*body["places"]["reached"], *body["places"]["lost"]]
    assert {one["evidence"] for one in places} <= {"predicted"}


@pytest.mark.parametrize("path", ["/compare", "/history", "/history?code=07894", "/coverage"])
def test_what_there_is_nothing_of_is_told(client: httpx.Client, path: str) -> None:
    """Catches a basis or evidence without figures that is answered by an empty list and no word."""

    def absent(**params: str) -> list[tuple[str, str]]:
        response = client.get(path, params={**httpx.URL(path).params, **params})
        assert response.status_code == 200, response.text
        return [(one["parameter"], one["value"]) for one in response.json()["absent"]]

    assert absent(basis="hamlets") == [("basis", "hamlets")]
    assert absent(basis="area") == []
    assert ("basis", "hamlets") in absent()
    for evidence in ("measured", "declared"):
        assert absent(evidence=evidence) == [("evidence", evidence)]
        assert absent(evidence=evidence, basis="area") == [("evidence", evidence)]


def test_evidence_chooses_what_is_compared(client: httpx.Client) -> None:
    """Catches stations, which are declared, among predictions, and gaps, which are predicted, beside them."""
    declared, predicted = (answer(client, "/compare", evidence=one) for one in ("declared", "predicted"))
    whole = answer(client, "/compare")
    assert (declared["stations"], declared["gaps"]["changes"]) == (whole["stations"], [])
    assert declared["province"] == declared["series"] == []
    assert predicted["stations"]["counts"] == predicted["stations"]["added"] == []
    for name in ("province", "series", "gaps"):
        assert predicted[name] == whole[name], name
    assert {one["evidence"] for one in whole["gaps"]["changes"]} <= {"predicted"}
    series = {name: answer(client, "/history", evidence=name)["series"] for name in ("declared", "predicted")}
    assert {one["key"] for one in series["declared"]} == {"stations"}
    assert "stations" not in {one["key"] for one in series["predicted"]}


@pytest.mark.parametrize("path", PATHS)
def test_each_reader_has_its_own(closed: httpx.Client, filled: Filled, path: str) -> None:
    """Catches a rival's figures, stations or places in what changed."""
    for reader, operators in SEEN.items():
        response = closed.get(path, headers=filled.headers(reader))
        assert response.status_code == 200
        if path.endswith(".csv"):
            rows = csv.DictReader(io.StringIO(response.content.decode("utf-8-sig")))
            found = {row["operator"] for row in rows}
        else:
            found = {one["operator"] for one in response.json()["series"]}
        hidden = {B} if path.startswith("/compare") else set()  # B has no 5G in June; its 4G is compared
        assert operators - hidden <= found <= operators, reader
        if reader == "a":
            assert not [secret for secret in secrets_of_b(filled) if secret in response.content]
        if reader == "none":
            assert not [name for name in (A, B, "PTO0", "PTO1", "PTO2") if name in response.text]
    assert closed.get(path, headers=bearer(filled.tokens["revoked"])).status_code == 401


def test_station_ids_are_by_right(closed: httpx.Client, filled: Filled) -> None:
    """Catches ids for who may see coverage alone, and counts that differ by reader."""
    told = {
        reader: closed.get("/compare", headers=filled.headers(reader)).json()["stations"] for reader in SEEN
    }
    added = {reader: {one["operator"] for one in one["added"]} for reader, one in told.items()}
    assert added == {"none": set(), "viewer": set(), "a": {A}, "planner": {A, B}}
    counts = [one["counts"] for one in told.values()]
    assert all(one == counts[0] for one in counts)
    assert {one["technology"]: one["added"] for one in counts[0]} == {"4G": 0, "5G": 2}


@pytest.mark.parametrize(
    ("path", "params", "status"),
    [
        ("/compare", {"from": "2020-01-01"}, 404),
        ("/compare", {"from": "2025-02-30"}, 400),
        ("/compare", {"to": OLD}, 404),
        ("/compare", {"from": "../../etc", "to": NEW}, 404),
        ("/compare", {"operator": "Nobody"}, 400),
        ("/compare", {"old": OLD}, 400),
        ("/compare", {"basis": "volume"}, 400),
        ("/compare.csv", {"technology": "6G"}, 400),
        ("/history", {"code": "99999"}, 404),
        ("/history", {"profile": "x"}, 400),
        ("/history", {"date": OLD}, 400),
    ],
)
def test_what_cannot_be_compared_is_refused(
    client: httpx.Client, path: str, params: dict[str, str], status: int
) -> None:
    """Catches an empty comparison for a typing error, and a field's inner name that is taken."""
    response = client.get(path, params=params)
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"


def test_the_table_is_a_download(client: httpx.Client) -> None:
    """Catches a table without BOM, name or the province."""
    response = client.get(
        "/compare.csv", params={"operator": "any", "profile": "outdoor-4g", "basis": "area"}
    )
    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    assert f"geocover-{OLD}-{NEW}.csv" in response.headers["content-disposition"]
    rows = list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))
    assert [row["code"] for row in rows] == ["", "07894", "07897", "07900", "07903"]


def test_hostile_names_run_nowhere(hostile_client: httpx.Client, hostile_root: Path) -> None:
    """Catches a formula in the table of changes."""
    (name,) = [one.name for one in hostile_root.iterdir() if one.is_dir()]
    response = hostile_client.get("/compare.csv", params={"from": name, "to": name})
    assert response.status_code == 200
    cells = [cell for row in csv.reader(io.StringIO(response.content.decode("utf-8-sig"))) for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "@", "\t"))]
    assert hostile_client.get("/compare").status_code == 404  # there is one date only


def test_the_trend_is_of_all_dates(client: httpx.Client) -> None:
    """Catches a date that is left out, and a commune's line in the province's place."""
    province, commune = answer(client, "/history"), answer(client, "/history", code="07894")
    for body in (province, commune):
        assert [one["as_of"] for one in body["dates"]] == [OLD, NEW]
        assert {len(one["value"]) for one in body["series"]} == {2}
    assert (province["code"], commune["code"]) == (None, "07894")
    asked = {"operator": "any", "profile": "outdoor-5g", "basis": "area"}
    (one,) = answer(client, "/history", code="07894", **asked)["series"]
    for date, value in ((OLD, one["value"][0]), (NEW, one["value"][1])):
        (figure,) = answer(client, "/communes/07894/coverage", date=date, **asked)["figures"]
        assert figure["value"] == value


def test_without_a_result_there_is_nothing(serving: Serving, tmp_path: Path) -> None:
    """Catches a failure of an empty server."""
    (tmp_path / "none").mkdir()
    with serving(Settings(snapshots=tmp_path / "none", data=tmp_path, open=True)) as empty:
        for path in (
            "/coverage",
            "/point?lon=105.3&lat=21.3",
            "/compare",
            "/history",
            "/coverage?as_of=2025-01-01",
        ):
            response = empty.get(path)
            assert response.status_code == 404, path
            assert "geocover demo" in response.json()["detail"]
