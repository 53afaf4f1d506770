"""Who may have what: every address with every kind of key, and nothing of one partner's for another."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from api.app import create_app
from api.settings import Settings
from tests.api.filling import B_FILE, B_PREFIX, A, B
from tests.api.running import bearer, make_csv

if TYPE_CHECKING:
    import httpx

    from geocover.store import Snapshot
    from tests.api.filling import Filled

pytestmark = pytest.mark.usefixtures("made")
READERS = ("none", "viewer", "a", "b", "planner", "admin", "expired", "revoked", "a reads")
# Statuses for each of READERS. Lists and jobs in addresses are partner a's.
PUBLIC = (200, 200, 200, 200, 200, 200, 401, 401, 200)
POSITIONS = (401, 403, 200, 200, 200, 200, 401, 401, 200)
REGISTER = (401, 403, 200, 200, 200, 200, 401, 401, 200)
OWN = (401, 403, 200, 404, 200, 200, 401, 401, 200)
UPLOAD = (401, 403, 202, 202, 202, 202, 401, 401, 403)
CHECK = (401, 403, 202, 404, 202, 202, 401, 401, 403)
SUBMIT = (401, 403, 200, 404, 200, 200, 401, 401, 403)
ACCEPT = (401, 403, 403, 403, 200, 200, 401, 401, 403)
CANCEL = (401, 403, 409, 404, 409, 409, 401, 401, 403)  # the job has ended
PLANNERS = (401, 403, 403, 403, 200, 200, 401, 401, 403)
ADMINS = (401, 403, 403, 403, 403, 200, 401, 401, 403)
FORMS = (403,) * 9  # a form without the page's token, whoever sends it
SIGN_IN_PAGE = (200, 200, 200, 200, 200, 200, 401, 401, 200)
UPLOADS_PAGE = (303, 200, 200, 200, 200, 200, 401, 401, 200)
LIST_PAGE = (303, 404, 200, 404, 200, 200, 401, 401, 200)
LED_ON = (307, 307, 307, 307, 307, 307, 401, 401, 307)
NO_TERRAIN = (404, 404, 404, 404, 404, 404, 401, 401, 404)
TILE = {
    "profile": "outdoor-4g", "operator": "any", "technology": "4G", "layer": "communes", "z": 9, "x": 405,
    "y": 224, "kind": "png", "file": "communes.csv", "matrix_set_id": "WebMercatorQuad",
    "rest": "communes/9/405/224.mvt",
}  # fmt: skip
TILES = {
    ("get", "/tiles"): PUBLIC,
    ("get", "/tileMatrixSets"): (200,) * 9,
    ("get", "/tileMatrixSets/{matrix_set_id}"): (200,) * 9,
    ("get", "/tiles/latest/{rest}"): LED_ON,
    ("get", "/tiles/{snapshot_id}/raster/{profile}/{operator}/tilejson.json"): PUBLIC,
    ("get", "/tiles/{snapshot_id}/probability/{technology}/tilejson.json"): PUBLIC,
    ("get", "/tiles/{snapshot_id}/{layer}/tilejson.json"): PUBLIC,
    ("get", "/tiles/{snapshot_id}/raster/{profile}/{operator}/{z}/{x}/{y}.{kind}"): PUBLIC,
    ("get", "/tiles/{snapshot_id}/probability/{technology}/{z}/{x}/{y}.{kind}"): PUBLIC,
    ("get", "/tiles/{snapshot_id}/population/{z}/{x}/{y}.{kind}"): PUBLIC,
    ("get", "/tiles/{snapshot_id}/hillshade/{z}/{x}/{y}.{kind}"): NO_TERRAIN,
    ("get", "/tiles/{snapshot_id}/stations/{z}/{x}/{y}.mvt"): POSITIONS,
    ("get", "/tiles/{snapshot_id}/{layer}/{z}/{x}/{y}.mvt"): PUBLIC,
}
EXPORTS = {
    ("get", "/exports"): PUBLIC,
    ("get", "/exports/{snapshot_id}/"): PUBLIC,
    ("get", "/exports/{snapshot_id}/{file}"): PUBLIC,
}
COLLECTIONS = {
    **{("get", f"/collections/{one}/items"): PUBLIC for one in ("communes", "coverage", "gaps", "places")},
    ("get", "/"): (200,) * 9,
    ("get", "/conformance"): (200,) * 9,
    ("get", "/collections"): PUBLIC,
    ("get", "/collections/{collection}"): PUBLIC,
    ("get", "/collections/{collection}/queryables"): (200,) * 9,
    ("get", "/collections/{collection}/items/{feature}"): PUBLIC,
    ("get", "/collections/snapshots/items"): PUBLIC,
    ("get", "/collections/stations/items"): POSITIONS,
    ("get", "/collections/register-versions/items"): REGISTER,
}
TABLE: dict[tuple[str, str], tuple[int, ...]] = {
    ("get", "/healthz"): (200,) * 9,
    ("get", "/readyz"): (200,) * 9,
    ("get", "/metrics"): (200,) * 9,  # from this machine; see test_service
    ("get", "/snapshots"): PUBLIC,
    ("get", "/figures"): PUBLIC,
    ("get", "/shares"): PUBLIC,
    ("get", "/communes"): PUBLIC,
    ("get", "/communes.csv"): PUBLIC,
    ("get", "/coverage"): PUBLIC,
    ("get", "/communes/{code}/coverage"): PUBLIC,
    ("get", "/places/{place_id}/coverage"): PUBLIC,
    ("get", "/point"): PUBLIC,
    ("get", "/point/profile"): POSITIONS,
    ("get", "/compare"): PUBLIC,
    ("get", "/compare.csv"): PUBLIC,
    ("get", "/history"): PUBLIC,
    ("get", "/gaps"): PUBLIC,
    ("get", "/places"): PUBLIC,
    ("get", "/stations"): POSITIONS,
    ("get", "/maps/coverage"): PUBLIC,
    ("get", "/maps/commune/{code}"): PUBLIC,
    ("get", "/maps/compare"): PUBLIC,
    ("get", "/maps/gaps"): PUBLIC,
    ("get", "/maps/places"): PUBLIC,
    ("get", "/downloads"): PUBLIC,
    ("get", "/method"): PUBLIC,
    ("get", "/rasters/{snapshot_id}.png"): PUBLIC,
    ("get", "/me"): PUBLIC,
    ("post", "/sign-in"): FORMS,
    ("post", "/sign-out"): FORMS,
    ("get", "/sign-in"): SIGN_IN_PAGE,
    ("get", "/uploads"): UPLOADS_PAGE,
    ("get", "/uploads/{list_id}"): LIST_PAGE,
    ("get", "/templates/site-list.xlsx"): PUBLIC,
    ("get", "/site-lists"): REGISTER,
    ("post", "/site-lists"): UPLOAD,
    ("get", "/site-lists/{list_id}"): OWN,
    ("get", "/site-lists/{list_id}/report"): OWN,
    ("get", "/site-lists/{list_id}/report.xlsx"): OWN,
    ("get", "/site-lists/{list_id}/file"): OWN,
    ("get", "/site-lists/{list_id}/points"): OWN,
    ("get", "/site-lists/{list_id}/diff"): OWN,
    ("post", "/site-lists/{list_id}/check"): CHECK,
    ("post", "/site-lists/{list_id}/submit"): SUBMIT,
    ("post", "/site-lists/{list_id}/accept"): ACCEPT,
    ("post", "/site-lists/{list_id}/reject"): SUBMIT,
    ("get", "/jobs/{job_id}"): OWN,
    ("get", "/jobs/{job_id}/events"): OWN,
    ("post", "/jobs/{job_id}/cancel"): CANCEL,
    ("get", "/register"): REGISTER,
    ("get", "/register/cells.csv"): REGISTER,
    ("get", "/register/shared-masts"): PLANNERS,
    ("get", "/audit"): ADMINS,
    **TILES,
    **COLLECTIONS,
    **EXPORTS,
}
ROWS = [(*row, reader) for row in TABLE for reader in READERS]
DAY = {"as_of": "2025-12-31"}
FEATURE = {"collection": "communes", "feature": "07894"}
PLACE, POINT = {"place_id": "centre-07894"}, {"lon": 105.32, "lat": 21.322}


def test_every_address_has_a_row(small_root: Any) -> None:
    """Catches a new address that nobody has thought about who may have it."""
    paths = create_app(Settings(snapshots=small_root)).openapi()["paths"]
    told = {(method, path) for path, item in paths.items() for method in item}
    assert told == set(TABLE)


def ask(client: httpx.Client, filled: Filled, method: str, path: str, reader: str) -> httpx.Response:
    """Ask for an address of partner a's things as a reader; changes go to a list of their own."""
    headers = bearer(filled.tokens[reader]) if reader != "none" else {}
    changes = method == "post" and "{list_id}" in path
    listed = filled.fresh() if changes else filled.accepted[A].id
    snapshot = client.get("/snapshots").json()["snapshots"][-1]["snapshot"]
    names = {"list_id": listed, "job_id": filled.check_jobs[A], "code": "07894", "snapshot_id": snapshot}
    names |= TILE | PLACE | FEATURE
    more: dict[str, Any] = {"params": {"profile": "outdoor-4g"} if "rasters" in path else {}}
    if path.startswith("/register"):
        more["params"] = DAY
    if path.startswith("/point"):
        more["params"] = POINT
    if path == "/site-lists" and method == "post":
        operator = {} if reader in ("a", "b", "a reads") else {"operator": A}
        more |= {"data": {**DAY, **operator}, "files": {"file": ("x.csv", make_csv(2))}}
    elif path.endswith("/reject"):
        more["json"] = {"reason": "thử"}
    elif path.endswith("/check"):
        more["json"] = {"mapping": {"columns": {"Mã trạm": "station_id"}}}
    return client.request(method.upper(), path.format(**names), headers=headers, **more)


@pytest.mark.parametrize(("method", "path", "reader"), ROWS)
def test_every_address_for_every_reader(
    closed: httpx.Client, filled: Filled, method: str, path: str, reader: str
) -> None:
    """Catches an address that lets in whom it should not, or turns away whom it should let in."""
    response = ask(closed, filled, method, path, reader)
    assert response.status_code == TABLE[method, path][READERS.index(reader)], response.text[:500]
    if response.status_code >= 400:
        assert response.headers["content-type"] == "application/problem+json"
    if response.status_code == 401:
        assert response.headers["www-authenticate"].startswith("Bearer")


def secrets_of_b(filled: Filled) -> list[bytes]:
    """What is partner b's: names, ids, positions, in the register and in the snapshot."""
    texts = [B, B_PREFIX, B_FILE, filled.tokens["b"].split("_")[1], filled.check_jobs[B], filled.compute_job]
    texts += [one.id for one in (filled.accepted[B], filled.checked[B])]
    texts += ["PTO2", "105.3777", "105.3797"]
    return [text.encode() for text in texts]


def partner_pages(filled: Filled, snapshot: Snapshot) -> list[str]:
    """Further addresses that partner a may try, with b's names in them."""
    own, other = filled.accepted[A].id, filled.accepted[B].id
    return [
        f"/site-lists/{own}/diff?format=geojson",
        f"/site-lists/{filled.checked[A].id}/diff",
        f"/site-lists/{other}",
        f"/site-lists/{other}/diff",
        f"/jobs/{filled.check_jobs[B]}",
        f"/jobs/{filled.check_jobs[B]}/events",
        f"/jobs/{filled.compute_job}",
        "/site-lists?operator=" + B,
        "/register?as_of=2025-12-31&operator=" + B,
        "/register/cells.csv?as_of=2025-12-31&operator=" + B,
        "/communes?operator=" + B,
        "/communes.csv?operator=" + B,
        "/places?operator=" + B,
        "/communes?operator=Nobody",
        "/templates/site-list.xlsx?operator=" + B,
        "/stations?technology=5G",
        "/maps/coverage?lang=en",
        f"/rasters/{snapshot.id}.png?profile=outdoor-4g&operator={B}",
        f"/rasters/{snapshot.id}.png?profile=outdoor-4g&operator=Nobody",
        f"/rasters/{snapshot.id}.png?profile=outdoor-4g&operator={A}",
    ]


def without_question(response: httpx.Response) -> bytes:
    """Content without what the reader had asked for itself, which an error names."""
    asked = [*response.request.url.params.values(), *response.request.url.path.split("/")]
    body = response.content + json.dumps(dict(response.headers)).encode()
    for text in asked if response.status_code >= 400 else []:
        body = body.replace(text.encode(), b"") if text else body
    return body


def test_a_partner_meets_nothing_of_another(closed: httpx.Client, filled: Filled, snapshot: Snapshot) -> None:
    """Catches b's name, ids and positions in anything that a can get: data, pages, errors, headers."""
    answers = [ask(closed, filled, method, path, "a") for method, path in TABLE]
    answers += [
        closed.get(path, headers=bearer(filled.tokens["a"])) for path in partner_pages(filled, snapshot)
    ]
    assert sum(one.status_code < 300 for one in answers) > 30
    for response in answers:
        known = [B.encode()] if response.request.url.path == "/uploads" else []
        body = without_question(response)
        found = [secret for secret in secrets_of_b(filled) if secret in body and secret not in known]
        assert not found, (str(response.url), response.status_code, found, response.text[:300])


def another(name: str) -> str:
    """A name that differs in its last digit."""
    return name[:-1] + ("1" if name.endswith("0") else "0")


def test_anothers_list_looks_like_none(closed: httpx.Client, filled: Filled) -> None:
    """Catches an answer that tells whether a list of another partner exists."""
    headers = bearer(filled.tokens["a"])
    there, made_up = filled.accepted[B].id, another(filled.accepted[B].id)
    for part in ("", "/report", "/report.xlsx", "/file", "/points", "/diff"):
        real, none = (closed.get(f"/site-lists/{one}{part}", headers=headers) for one in (there, made_up))
        assert (real.status_code, none.status_code) == (404, 404)
        assert real.text.replace(there, "") == none.text.replace(made_up, "")
    for action in ("submit", "check", "reject"):
        body = {"reason": "x"} if action == "reject" else {"mapping": {}}
        real, none = (
            closed.post(f"/site-lists/{one}/{action}", headers=headers, json=body) for one in (there, made_up)
        )
        assert (real.status_code, none.status_code) == (404, 404)
        assert real.text.replace(there, "") == none.text.replace(made_up, "")


def test_anothers_operator_looks_like_none(closed: httpx.Client, filled: Filled) -> None:
    """Catches an error that tells of an operator which the reader may not see."""
    for headers in ({}, bearer(filled.tokens["a"])):
        for path in ("/communes", "/places", "/communes.csv"):
            real, none = (
                closed.get(path, params={"operator": one}, headers=headers) for one in (B, "Nobody")
            )
            assert (real.status_code, none.status_code) == (400, 400)
            assert real.text.replace(B, "") == none.text.replace("Nobody", "")


def test_the_public_sees_no_operator_and_no_station(closed: httpx.Client, snapshot: Snapshot) -> None:
    """Catches single operators, station names and nearest stations in what everybody may read."""
    paths = [path for (method, path), row in TABLE.items() if method == "get" and row[0] == 200]
    names = {"code": "07894", "snapshot_id": snapshot.id, **TILE, **PLACE, **FEATURE}
    for path in paths:
        more: dict[str, Any] = {"profile": "outdoor-5g"} if "rasters" in path else {}
        more |= POINT if path.startswith("/point") else {}
        body = closed.get(path.format(**names), params=more).content
        if "template" not in path:  # a form to fill offers every operator there is
            assert not [name for name in (A, B, "PTO0", "PTO1", "PTO2") if name.encode() in body], path
    gaps = closed.get("/gaps").json()["features"]
    assert gaps
    assert {gap["properties"]["nearest_km"] for gap in gaps} == {None}


def views(client: httpx.Client, token: str | None) -> set[str]:
    headers = bearer(token) if token else {}
    return {one["operator"] for one in client.get("/shares", headers=headers).json()["series"]}


def test_who_sees_which_operators(closed: httpx.Client, client: httpx.Client, filled: Filled) -> None:
    """Catches views that are lost for those who may have them."""
    together = {"any", "all"}
    assert views(closed, None) == together
    assert views(closed, filled.tokens["a"]) == together | {A}
    for reader in ("viewer", "planner", "admin"):
        assert views(closed, filled.tokens[reader]) == together | {A, B}
    assert views(client, None) == together | {A, B}
    own = closed.get("/stations", headers=bearer(filled.tokens["a"])).json()["features"]
    assert {one["properties"]["operator"] for one in own} == {A}
    gaps = closed.get("/gaps", headers=bearer(filled.tokens["planner"])).json()["features"]
    assert all(gap["properties"]["nearest_station"] for gap in gaps)


def test_an_open_server_says_so(client: httpx.Client, closed: httpx.Client) -> None:
    """Catches a server that shows stations to everybody and does not say it."""
    assert "open server" in client.get("/stations").json()["metadata"]["notice_en"]
    assert "máy chủ mở" in client.get("/maps/coverage").text
    assert "máy chủ mở" not in closed.get("/maps/coverage").text


def test_figures_are_those_of_all_operators(closed: httpx.Client, client: httpx.Client) -> None:
    """Catches counts of stations that shrink with what a reader may see."""
    assert closed.get("/figures").content == client.get("/figures").content


def test_answers_for_one_reader_are_kept_from_others(closed: httpx.Client, filled: Filled) -> None:
    """Catches a cache that gives one reader's answer to another, and tags that match across readers."""
    public = closed.get("/shares")
    own = closed.get("/shares", headers=bearer(filled.tokens["a"]))
    assert public.headers["cache-control"] == "no-cache"
    assert own.headers["cache-control"] == "private, no-cache"
    assert {"Authorization", "Cookie", "X-API-Key"} <= set(public.headers["vary"].split(", "))
    assert public.headers["etag"] != own.headers["etag"]
    stale = closed.get("/shares", headers={"If-None-Match": own.headers["etag"]})
    assert stale.status_code == 200
    for path in ("/site-lists", "/me", f"/site-lists/{filled.accepted[A].id}/file"):
        answer = closed.get(path, headers=bearer(filled.tokens["a"]))
        assert answer.headers["cache-control"] == "private, no-store"


def test_both_headers_carry_a_key(closed: httpx.Client, filled: Filled) -> None:
    """Catches a header that is not read, and a wrong key that passes for none."""
    token = filled.tokens["a"]
    wrong = token[:-1] + ("0" if token[-1] != "0" else "1")
    for headers in ({"X-API-Key": token}, {"Authorization": f"bearer {token}"}):
        assert closed.get("/me", headers=headers).json()["operator"] == A
    for headers in (
        {"X-API-Key": wrong}, {"Authorization": f"Bearer {wrong}"}, {"Authorization": f"Basic {token}"},
        {"Authorization": "Bearer"}, {"X-API-Key": ""},
    ):  # fmt: skip
        assert closed.get("/shares", headers=headers).status_code == 401, headers


def test_refusals_are_audited(closed: httpx.Client, filled: Filled) -> None:
    """Catches attempts that leave no trace."""
    closed.get("/audit", headers=bearer(filled.tokens["viewer"]))
    lines = closed.get("/audit", headers=bearer(filled.tokens["admin"])).json()["entries"]
    assert ("audit:read", "/audit", {"refused": True}) in [
        (one["action"], one["object"], one["details"]) for one in lines
    ]


@pytest.mark.parametrize("key", ["expired", "revoked", "nobody's"])
@pytest.mark.parametrize("operator", ["any", "all", A])
def test_pictures_refuse_a_wrong_key_like_all_else(
    closed: httpx.Client, client: httpx.Client, filled: Filled, snapshot: Snapshot, key: str, operator: str
) -> None:
    """Catches a picture of all operators given to a key that is answered 401 everywhere else."""
    query = {"profile": "outdoor-4g", "operator": operator}
    token = filled.tokens.get(key, "gck_00000000_nobody")
    for server in (closed, client):
        response = server.get(f"/rasters/{snapshot.id}.png", params=query, headers=bearer(token))
        assert response.status_code == 401
    if operator != A:
        assert closed.get(f"/rasters/{snapshot.id}.png", params=query).status_code == 200


def test_lists_by_state_and_date(closed: httpx.Client, filled: Filled) -> None:
    """Catches a filter that is passed over, shows another operator's lists, or counts what it hides."""
    planner, partner = bearer(filled.tokens["planner"]), bearer(filled.tokens["a"])
    everything = closed.get("/site-lists", params={"limit": 1000}, headers=planner).json()["lists"]
    for state in ("draft", "checked", "accepted", "superseded", "rejected"):
        for headers, own in ((planner, {A, B}), (partner, {A})):
            query = {"state": state, "limit": 1000}
            found = closed.get("/site-lists", params=query, headers=headers).json()
            wanted = {one["id"] for one in everything if one["state"] == state and one["operator"] in own}
            assert {one["id"] for one in found["lists"] if one["operator"] in {A, B}} == wanted
            assert found["total"] == len(found["lists"])
            assert {one["operator"] for one in found["lists"]} <= own or headers is planner
    of_day = {"as_of": "2025-12-31", "limit": 1000}
    found = closed.get("/site-lists", params=of_day, headers=planner).json()["lists"]
    assert {one["id"] for one in found} == {one["id"] for one in everything if one["as_of"] == "2025-12-31"}
    assert closed.get("/site-lists", params={"as_of": "2024-01-01"}, headers=planner).json()["total"] == 0
    assert closed.get("/site-lists", params={"state": "waiting"}, headers=planner).status_code == 400
