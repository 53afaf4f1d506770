"""A position over HTTP: whatever is asked never fails, and each reader learns what is its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geocover.crs import WGS84, transformer
from tests.api.filling import A, B
from tests.api.running import answer, bearer
from tests.api.test_access import secrets_of_b
from tests.small_snapshots import SIDE, SOUTH, WEST

if TYPE_CHECKING:
    import httpx

    from tests.api.filling import Filled

NEAR = {"lon": WEST + 0.5 * SIDE, "lat": SOUTH + 0.55 * SIDE}
SPREAD = [
    {"lon": WEST + SIDE * east, "lat": SOUTH + SIDE * north}
    for east in (0.3, 0.9, 1.6)
    for north in (0.4, 1.2)
]
SYSTEMS = ["EPSG:9208", "EPSG:5897", "EPSG:3405", "EPSG:4326", "EPSG:5773", "EPSG:3052"]
HOUSE = settings(max_examples=30)
STATION_NAMES = ("PTO0", "PTO1", "PTO2")


ANYWHERE = st.one_of(
    st.tuples(st.floats(WEST, WEST + 2 * SIDE), st.floats(SOUTH, SOUTH + 2 * SIDE)),
    st.tuples(st.floats(101, 119), st.floats(5, 25)),
    st.tuples(st.floats(), st.floats()),
)


@HOUSE
@given(lon_lat=ANYWHERE, path=st.sampled_from(["/point", "/point/profile"]))
def test_no_position_is_too_much(client: httpx.Client, lon_lat: tuple[float, float], path: str) -> None:
    """Catches a position on an edge, at a pole, infinite or in the sea that breaks the server."""
    response = client.get(path, params={"lon": lon_lat[0], "lat": lon_lat[1]})
    assert response.status_code in (200, 400, 404), response.text
    if response.status_code != 200:
        assert response.headers["content-type"] == "application/problem+json"


@HOUSE
@given(
    crs=st.one_of(st.sampled_from(SYSTEMS), st.integers(1000, 40000).map("EPSG:{}".format)),
    x=st.floats(-1e9, 1e9),
    y=st.floats(-1e9, 1e9),
)
def test_no_system_is_too_much(client: httpx.Client, crs: str, x: float, y: float) -> None:
    """Catches a system of heights or engines that fails inside PROJ."""
    response = client.get("/point", params={"crs": crs, "x": x, "y": y})
    assert response.status_code in (200, 400, 404), response.text


def test_projected_positions_are_the_same_place(client: httpx.Client) -> None:
    """Catches x for y, and a datum that is ignored (224 m)."""
    here = answer(client, "/point", **NEAR)
    for crs in ("EPSG:5897", "EPSG:9208", "EPSG:3405", "EPSG:4326"):
        x, y = transformer(WGS84, crs).transform(NEAR["lon"], NEAR["lat"])
        there = answer(client, "/point", crs=crs, x=x, y=y)
        for axis in ("x_m", "y_m"):
            assert there["point"][axis] == pytest.approx(here["point"][axis], abs=0.05)
        assert there["commune"] == here["commune"]


@pytest.mark.parametrize(
    ("params", "status", "words"),
    [
        ({"lon": 21.32, "lat": 105.32}, 400, "lon and lat swapped?"),
        ({"lon": 2.35, "lat": 48.86}, 400, "outside Vietnam"),
        ({"lon": 106.7, "lat": 10.8}, 404, "choose a point within"),
        ({"lon": 105.3}, 400, "give lon and lat"),
        ({}, 400, "give lon and lat"),
        ({**NEAR, "crs": "EPSG:5897"}, 400, "give lon and lat"),
        ({"crs": "EPSG:5897", "x": 1.0}, 400, "give lon and lat"),
        ({"crs": "EPSG:1", "x": 1.0, "y": 1.0}, 400, "crs"),
        ({"crs": "EPSG:99999", "x": 1.0, "y": 1.0}, 400, "unknown coordinate reference system"),
        ({"crs": "+proj=longlat", "x": 1.0, "y": 1.0}, 400, "crs"),
        ({"lon": "east", "lat": 21.3}, 400, "lon"),
        ({"lon": "inf", "lat": 21.3}, 400, "lon"),
        ({**NEAR, "z": 3}, 400, "unknown parameter z"),
    ],
)
def test_bad_positions_say_what_to_do(
    client: httpx.Client, params: dict[str, Any], status: int, words: str
) -> None:
    """Catches a refusal without a remedy, and two positions at once of which one wins silently."""
    for path in ("/point", "/point/profile"):
        response = client.get(path, params={**params, "lang": "en"})
        assert response.status_code == status, response.text
        assert words in response.json()["detail"]
        assert response.headers["content-type"] == "application/problem+json"
        assert client.get(path, params={**params, "lang": "vi"}).json()["detail"] != response.json()["detail"]


LEVELS = {
    "none": ({"any"}, set()),
    "viewer": ({"any", A, B}, set()),
    "a": ({"any", A}, {A}),
    "b": ({"any", B}, {B}),
    "planner": ({"any", A, B}, {A, B}),
    "admin": ({"any", A, B}, {A, B}),
}


@pytest.mark.parametrize("reader", LEVELS)
def test_each_reader_learns_its_own(closed: httpx.Client, filled: Filled, reader: str) -> None:
    """Catches a level, server or position of an operator that the reader may not see."""
    operators, servers = LEVELS[reader]
    seen, named = set(), set()
    for position in SPREAD:
        response = closed.get("/point", params=position, headers=filled.headers(reader))
        body = response.json()
        seen |= {one["operator"] for one in body["levels"]}
        named |= {one["serving"]["operator"] for one in body["levels"] if one["serving"]}
        if reader == "a":
            assert not [secret for secret in secrets_of_b(filled) if secret in response.content]
        if not servers:
            assert not [name for name in STATION_NAMES if name in response.text]
    assert (seen, named) == (operators, servers)


PROFILES = {
    "none": 401, "viewer": 403, "a": 200, "b": 200, "planner": 200, "admin": 200, "expired": 401,
    "revoked": 401,
}  # fmt: skip


@pytest.mark.parametrize("reader", PROFILES)
def test_who_sees_the_path(closed: httpx.Client, filled: Filled, reader: str) -> None:
    """Catches a station's position for the public, or a rival's for a partner."""
    for technology in ("4G", "5G"):
        params = {**NEAR, "technology": technology}
        response = closed.get("/point/profile", params=params, headers=filled.headers(reader))
        assert response.status_code == PROFILES[reader], response.text
        if reader in ("a", "b"):
            assert response.json()["station"]["operator"] == {"a": A, "b": B}[reader]
            rivals = {"a": "PTO2", "b": "PTO0"}[reader]
            assert rivals not in response.text
        if response.status_code != 200:
            assert not [name for name in (*STATION_NAMES, A, B) if name in response.text]


def test_a_rivals_path_looks_like_none(closed: httpx.Client, filled: Filled) -> None:
    """Catches an answer that tells whether a rival serves a place."""
    headers = bearer(filled.tokens["a"])
    real, none = (
        closed.get("/point/profile", params={**NEAR, "operator": name}, headers=headers)
        for name in (B, "Nobody")
    )
    assert (real.status_code, none.status_code) == (400, 400)
    assert real.text.replace(B, "") == none.text.replace("Nobody", "")


@pytest.mark.parametrize("path", ["/point", "/point/profile"])
def test_a_readers_answer_is_its_own(closed: httpx.Client, filled: Filled, path: str) -> None:
    """Catches a cache that gives a partner's answer to the other."""
    own = closed.get(path, params=NEAR, headers=bearer(filled.tokens["a"]))
    held = {"If-None-Match": own.headers["etag"]}
    assert own.headers["cache-control"] == "private, no-cache"
    assert closed.get(path, params=NEAR, headers={**bearer(filled.tokens["a"]), **held}).status_code == 304
    assert closed.get(path, params=NEAR, headers={**bearer(filled.tokens["b"]), **held}).status_code == 200


def test_the_date_is_that_asked_for(client: httpx.Client) -> None:
    """Catches the newest levels for an older date: 5G of the second operator came in September."""
    for date, heard in (("2025-06-30", False), ("2025-12-31", True)):
        for params in ({"date": date}, {"as_of": date}):
            body = answer(client, "/point", **NEAR, **params)
            assert body["metadata"]["as_of"] == date
            levels = {(one["technology"], one["operator"]) for one in body["levels"] if one["level_dbm"]}
            assert (("5G", B) in levels) == heard


@pytest.mark.parametrize("operator", [A, "Nobody"])
def test_the_public_chooses_no_single_operator(closed: httpx.Client, operator: str) -> None:
    """Catches a level of one operator for the public, and an error that tells who is there."""
    response = closed.get("/point", params={**NEAR, "operator": operator})
    assert response.status_code == 400
    assert "cần khoá" in response.json()["detail"]


def test_a_partner_chooses_its_own_alone(closed: httpx.Client, filled: Filled) -> None:
    """Catches a rival's level by its name, and an error that tells whether there is such a rival."""
    headers = bearer(filled.tokens["a"])
    own, real, none = (
        closed.get("/point", params={**NEAR, "operator": name}, headers=headers) for name in (A, B, "Nobody")
    )
    assert {one["operator"] for one in own.json()["levels"]} == {A}
    assert (real.status_code, none.status_code) == (400, 400)
    assert real.text.replace(B, "") == none.text.replace("Nobody", "")
