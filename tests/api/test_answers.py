"""Coverage of the province, a commune, a place over HTTP: for each reader, by date, with reasons."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.api.filling import A, B
from tests.api.running import answer, bearer
from tests.api.test_access import secrets_of_b

if TYPE_CHECKING:
    import httpx

    from tests.api.filling import Filled

PATHS = ("/coverage", "/communes/07894/coverage", "/places/centre-07894/coverage")
EXEMPLIFIED = ("/coverage", "/point", "/point/profile", "/compare", "/history")
TOGETHER = {"any", "all"}
SEEN = {
    "none": TOGETHER,
    "viewer": TOGETHER | {A, B},
    "a": TOGETHER | {A},
    "b": TOGETHER | {B},
    "planner": TOGETHER | {A, B},
    "admin": TOGETHER | {A, B},
}


@pytest.mark.parametrize("path", PATHS)
def test_each_reader_has_its_own_operators(closed: httpx.Client, filled: Filled, path: str) -> None:
    """Catches an operator's own coverage for whom it is not, and one that is lost."""
    for reader, operators in SEEN.items():
        response = closed.get(path, headers=filled.headers(reader))
        assert {one["operator"] for one in response.json()["figures"]} == operators, reader
        if reader == "a":
            assert not [secret for secret in secrets_of_b(filled) if secret in response.content]
        if reader == "none":
            assert not [name for name in (A, B, "PTO0", "PTO1", "PTO2") if name in response.text]
    assert closed.get(path, headers=bearer(filled.tokens["expired"])).status_code == 401
    assert closed.get(path, headers={"X-API-Key": "gck_wrong"}).status_code == 401


@pytest.mark.parametrize("path", PATHS)
def test_anothers_operator_looks_like_none(closed: httpx.Client, filled: Filled, path: str) -> None:
    """Catches an answer that tells that there is a rival."""
    for reader in ("none", "a"):
        real, none = (
            closed.get(path, params={"operator": name}, headers=filled.headers(reader))
            for name in (B, "Nobody")
        )
        assert (real.status_code, none.status_code) == (400, 400)
        assert real.text.replace(B, "") == none.text.replace("Nobody", "")


@pytest.mark.parametrize("path", PATHS)
def test_answers_are_kept_by_tag_and_reader(closed: httpx.Client, filled: Filled, path: str) -> None:
    """Catches an answer that is made anew for who holds it, or one reader's tag that fits another's."""
    own = closed.get(path, headers=bearer(filled.tokens["a"]))
    held = {"If-None-Match": own.headers["etag"]}
    assert closed.get(path, headers={**bearer(filled.tokens["a"]), **held}).status_code == 304
    assert closed.get(path, headers=held).status_code == 200
    assert own.headers["cache-control"] == "private, no-cache"
    assert not own.headers["etag"].startswith("W/")


@pytest.mark.parametrize(
    "path",
    [
        "/coverage", "/point?lon=105.3&lat=21.3", "/compare", "/history", "/communes", "/tiles", "/exports",
        "/collections", "/collections/communes/items", "/tiles/latest/communes/tilejson.json",
    ],
)  # fmt: skip
def test_a_parameter_that_comes_twice_is_refused(client: httpx.Client, path: str) -> None:
    """Catches an answer to one of two values, which nobody chose."""
    response = client.get(f"{path}{'&' if '?' in path else '?'}lang=vi&lang=en")
    assert response.status_code == 400
    assert "lang" in response.json()["detail"]


def test_parameters_choose(client: httpx.Client) -> None:
    """Catches a parameter that does not reach the figures."""
    asked = {"operator": "any", "technology": "5G", "profile": "indoor-5g", "basis": "area"}
    for path in PATHS[:2]:
        (figure,) = answer(client, path, **asked, evidence="predicted")["figures"]
        told = {**{name: figure[name] for name in asked}, "profile": figure["profile"]["name"]}
        assert told == asked


@pytest.mark.parametrize(
    "params",
    [
        {"basis": "volume"}, {"evidence": "hearsay"}, {"technology": "6G"}, {"profile": "outdoor"},
        {"technology": "4G", "profile": "outdoor-5g"}, {"colour": "red"}, {"as_of": "soon"}, {"operator": ""},
        {"as_of": "2025-12-31", "date": "2025-12-31"}, {"as_of": "2025-12-31", "snapshot": "x"},
    ],
)  # fmt: skip
def test_bad_parameters_are_refused(client: httpx.Client, params: dict[str, str]) -> None:
    """Catches a typing error that passes for "everything"."""
    for path in PATHS:
        response = client.get(path, params=params)
        assert response.status_code == 400, (path, response.text)
        assert response.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("params", [{"basis": "hamlets"}, {"evidence": "measured"}, {"evidence": "declared"}])
def test_nothing_is_answered_with_a_reason(client: httpx.Client, params: dict[str, str]) -> None:
    """Catches an error, or made-up figures, where there are none."""
    for path in PATHS:
        body = answer(client, path, **params)
        assert body["figures"] == []
        assert body["absent"][0]["reason_vi"]
        assert body["absent"][0]["reason_en"]


def test_the_snapshot_until_a_day(client: httpx.Client) -> None:
    """Catches as_of that wants the very day, or takes a later one."""
    for day, expected in (
        ("2025-12-30", "2025-06-30"),
        ("2025-12-31", "2025-12-31"),
        ("2030-01-01", "2025-12-31"),
    ):
        for path in PATHS:
            assert answer(client, path, as_of=day)["metadata"]["as_of"] == expected
    assert client.get("/coverage", params={"as_of": "2020-01-01"}).status_code == 404
    assert answer(client, "/coverage", date="2025-06-30")["figures"][0]["as_of"] == "2025-06-30"


def test_what_does_not_exist_is_not_found(client: httpx.Client) -> None:
    """Catches an empty answer for a commune or place that is not there, and a code that breaks out."""
    for path in ("/communes/99999/coverage", "/places/none/coverage", "/places/%3Cimg%3E/coverage"):
        response = client.get(path, params={"lang": "en"})
        assert response.status_code == 404, path
        assert response.headers["content-type"] == "application/problem+json"
        assert "there" in response.json()["detail"] or "no " in response.json()["detail"]


def test_hostile_texts_are_data(hostile_client: httpx.Client) -> None:
    """Catches a name that breaks the JSON, or an answer that a browser would take for a page."""
    for path in (*PATHS[:2], "/places/park-0/coverage", "/history"):
        response = hostile_client.get(path)
        assert response.headers["content-type"] == "application/json"
        assert response.headers["x-content-type-options"] == "nosniff"
        assert response.json()


def test_examples_are_of_phu_tho(client: httpx.Client) -> None:
    """Catches addresses that OpenAPI lists without an example, or with codes that do not exist."""
    paths = answer(client, "/openapi.json")["paths"]
    for path in (*EXEMPLIFIED, "/communes/{code}/coverage", "/places/{place_id}/coverage"):
        told = paths[path]["get"]["responses"]
        assert told["200"]["content"]["application/json"]["example"]
        assert {"200", "304", "400", "401", "404", "429", "500"} <= set(told)
    assert "403" in paths["/point/profile"]["get"]["responses"]
