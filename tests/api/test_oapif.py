"""OGC API - Features over HTTP: who may have what, what is refused, pages, tags, one snapshot at a time."""

from __future__ import annotations

import shutil
import time
from typing import TYPE_CHECKING, Any

import pytest

from api.app import create_app
from api.settings import Settings
from geocover.features import COLLECTIONS, CONFORMANCE, SYSTEMS
from tests.api.filling import A, B
from tests.api.running import bearer
from tests.api.test_access import READERS, secrets_of_b, without_question

if TYPE_CHECKING:
    from pathlib import Path

    import httpx

    from geocover.store import Snapshot
    from tests.api.conftest import Serving
    from tests.api.filling import Filled

OPEN = ("communes", "coverage", "gaps", "places", "snapshots")
EVERYBODY = (200, 200, 200, 200, 200, 200, 401, 401, 200)
OWNERS = (401, 403, 200, 200, 200, 200, 401, 401, 200)
HTML = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
ORIGIN = "http://www.opengis.net/def/crs"


def headers_of(filled: Filled, reader: str) -> dict[str, str]:
    return bearer(filled.tokens[reader]) if reader != "none" else {}


@pytest.mark.parametrize("reader", READERS)
def test_every_collection_for_every_reader(closed: httpx.Client, filled: Filled, reader: str) -> None:
    """Catches a collection that lets in whom it should not, or is listed for one who may not have it."""
    headers = headers_of(filled, reader)
    at = READERS.index(reader)
    for name, kind in COLLECTIONS.items():
        wanted = (EVERYBODY if kind.right == "snapshots:read" else OWNERS)[at]
        for path in (f"/collections/{name}", f"/collections/{name}/items", f"/collections/{name}/items/x"):
            response = closed.get(path, headers=headers)
            missing = path.endswith("/x") and wanted == 200
            assert response.status_code == (404 if missing else wanted), (path, response.text[:300])
            if response.status_code >= 400:
                assert response.headers["content-type"] == "application/problem+json"
    listed = closed.get("/collections", headers=headers)
    assert listed.status_code == EVERYBODY[at]
    if listed.status_code == 200:
        names = [one["id"] for one in listed.json()["collections"]]
        assert names == [name for name in COLLECTIONS if name in OPEN or OWNERS[at] == 200]


def everything(client: httpx.Client, headers: dict[str, str]) -> list[httpx.Response]:
    """All that a reader can get of features: lists, pages, filters with b's names, single features."""
    paths = ["/", "/conformance", "/collections"]
    for name in COLLECTIONS:
        here = f"/collections/{name}"
        paths += [here, f"{here}/queryables", f"{here}/items?limit=10000&crs=EPSG:9208"]
        paths += [f"{here}/items?operator={B}", f"{here}/items?filter=operator='{B}'", f"{here}/items/{B}"]
        page = client.get(f"{here}/items?limit=10000", headers=headers)
        paths += [f"{here}/items?sortby=-id,operator&properties=operator&limit=3"]
        if page.status_code == 200:
            paths += [f"{here}/items/{one['id']}" for one in page.json()["features"][:3]]
    return [client.get(path, headers=headers) for path in paths]


def test_a_partner_meets_nothing_of_another(closed: httpx.Client, filled: Filled) -> None:
    """Catches b's name, ids and positions in anything of features that a can get."""
    answers = everything(closed, headers_of(filled, "a"))
    assert sum(one.status_code == 200 for one in answers) > 30
    for response in answers:
        body = without_question(response)
        if response.status_code == 200:  # its own links repeat what the reader had asked for
            for text in (f"operator={B}", f"operator%3D%27{B}%27"):
                body = body.replace(text.encode(), b"")
        found = [secret for secret in secrets_of_b(filled) if secret in body]
        assert not found, (str(response.url), response.status_code, found, response.text[:300])
    own = closed.get("/collections/register-versions/items", headers=headers_of(filled, "a")).json()
    assert {one["properties"]["operator"] for one in own["features"]} == {A}


def test_the_public_sees_no_operator_and_no_station(closed: httpx.Client) -> None:
    """Catches single operators and stations in what everybody may read."""
    for response in everything(closed, {}):
        body = without_question(response)
        for text in (f"operator={B}", f"operator%3D%27{B}%27"):
            body = body.replace(text.encode(), b"")
        found = [name for name in (A, B, "PTO0", "PTO1", "PTO2") if name.encode() in body]
        assert not found, (str(response.url), found)
    coverage = closed.get("/collections/coverage/items?limit=10000").json()["features"]
    assert {one["properties"]["operator"] for one in coverage} == {"any", "all"}


def test_planners_see_all(closed: httpx.Client, filled: Filled) -> None:
    """Catches what is lost for those who may have it; a viewer sees operators, but no stations."""
    headers = headers_of(filled, "planner")
    versions = closed.get("/collections/register-versions/items", headers=headers).json()
    assert {one["properties"]["operator"] for one in versions["features"]} == {A, B}
    assert {one["geometry"] for one in versions["features"]} == {None}
    assert versions["features"][0]["properties"]["accepted_at"].endswith("Z")
    stations = closed.get("/collections/stations/items", headers=headers).json()
    assert {one["properties"]["operator"] for one in stations["features"]} == {A, B}
    coverage = closed.get("/collections/coverage/items?limit=10000", headers=headers_of(filled, "viewer"))
    assert {one["properties"]["operator"] for one in coverage.json()["features"]} == {"any", "all", A, B}


def test_answers_of_one_reader_are_kept_from_others(closed: httpx.Client, filled: Filled) -> None:
    """Catches a cache that gives one reader's page to another, and a register that is kept at all."""
    path = "/collections/coverage/items"
    public, own = closed.get(path), closed.get(path, headers=headers_of(filled, "a"))
    assert (public.headers["cache-control"], own.headers["cache-control"]) == (
        "no-cache",
        "private, no-cache",
    )
    assert public.headers["etag"] != own.headers["etag"]
    assert "Authorization" in public.headers["vary"]
    for path in ("/collections/register-versions/items", "/collections/register-versions", "/collections"):
        response = closed.get(path, headers=headers_of(filled, "a"))
        assert response.headers["cache-control"] == "private, no-store"


def test_landing_page_or_map(client: httpx.Client) -> None:
    """Catches a browser that gets JSON, and a client of the API that gets the map."""
    for accept in (None, "*/*", "application/json", "text/html;q=0.2,application/json", "text/html;q=x"):
        response = client.get("/", headers={"Accept": accept} if accept else {}, follow_redirects=False)
        assert (response.status_code, response.headers["content-type"]) == (200, "application/json"), accept
        assert "accept" in response.headers["vary"].lower()
    for accept in (HTML, "text/html"):
        response = client.get("/", headers={"Accept": accept}, follow_redirects=False)
        assert (response.status_code, response.headers["location"]) == (307, "/maps/coverage")
    assert client.get("/?f=json", headers={"Accept": HTML}).json()["links"]
    for link in client.get("/").json()["links"]:
        assert client.get(link["href"]).status_code == 200, link


def test_what_is_declared(client: httpx.Client) -> None:
    """Catches conformance classes, systems or queryables that are told otherwise than they are."""
    assert client.get("/conformance").json()["conformsTo"] == list(CONFORMANCE)
    for told in client.get("/collections").json()["collections"]:
        assert told["crs"] == list(SYSTEMS)
        assert told["storageCrs"] == told["crs"][0]
        queryables = client.get(f"/collections/{told['id']}/queryables")
        assert queryables.headers["content-type"] == "application/schema+json"
        names = [name for name in queryables.json()["properties"] if name != "geometry"]
        first = client.get(f"/collections/{told['id']}/items?limit=1").json()["features"][0]
        assert list(first["properties"]) == names
    document = create_app(Settings()).openapi()["paths"]["/collections/communes/items"]["get"]
    parameters = {one["name"]: one for one in document["parameters"]}
    assert parameters["code"]["example"] == "08515"
    assert parameters["limit"]["schema"]["maximum"] == 10_000
    assert {"bbox", "bbox-crs", "datetime", "filter", "filter-lang", "filter-crs", "crs"} < set(parameters)


@pytest.mark.parametrize(
    "asked",
    ["ooga=booga", "limit=0", "limit=-1", "limit=unlimited", "offset=-1", "limit=1&limit=2", "crs=EPSG:32648",
     "crs=", "bbox=1,2,3", "bbox-crs=x&bbox=1,2,3,4", "datetime=now", "filter=code%20%3D", "filter-lang=ecql",
     "sortby=nothing", "filter-lang=cql2-json&filter=1", "properties=nothing", "population=many",
     "population=0.5", "code=", "illustrative=perhaps", "as_of=x", "valid_from=x", "as_of=2025-02-30",
     "f=html", "skipGeometry=7",
     "filter=" + "(" * 300, "bbox_crs=x", "is_code=1", "filter=S_INTERSECTS(geometry,BBOX(0,0,1e6,1))"],
)  # fmt: skip
def test_what_cannot_be_understood_is_refused(client: httpx.Client, asked: str) -> None:
    """Catches a parameter that is ignored, a 500, and an error in one language alone."""
    told = [
        client.get(f"/collections/communes/items?{asked}", headers={"Accept-Language": language})
        for language in ("vi", "en")
    ]
    assert [one.status_code for one in told] == [400, 400]
    assert {one.headers["content-type"] for one in told} == {"application/problem+json"}
    assert told[0].json()["detail"] != told[1].json()["detail"]


@pytest.mark.parametrize(
    ("asked", "codes"),
    [
        ("type=phường", ["07894"]),
        ("type=Phường", ["07894"]),
        ("type=phuong", []),
        ("name=Hòa Bình", ["07900"]),
        ("population=20000", ["07897"]),
        ("valid_from=2025-07-01", None),
        ("illustrative=false&sortby=-population&limit=2", ["07903", "07900"]),
        ("filter=ACCENTI(CASEI(name)) LIKE 'da%'", ["07903"]),
        ("filter=population BETWEEN 15000 AND 30000 AND name LIKE 'Th%'", ["07897"]),
        ('filter-lang=cql2-json&filter={"op":"in","args":[{"property":"code"},["07900","x"]]}', ["07900"]),
        ("f=json&lang=en&limit=1", ["07894"]),
        ("limit=99999999", ["07894", "07897", "07900", "07903"]),
    ],
)
def test_what_is_found(client: httpx.Client, asked: str, codes: list[str] | None) -> None:
    """Catches a parameter that finds something else, with Vietnamese letters and without."""
    response = client.get(f"/collections/communes/items?{asked}")
    assert response.status_code == 200, response.text
    assert codes is None or [one["id"] for one in response.json()["features"]] == codes


def test_systems_of_answers(client: httpx.Client) -> None:
    """Catches a Content-Crs that does not say what was written."""
    for asked, told in (
        ("", "OGC/1.3/CRS84"),
        ("?crs=EPSG:9208", "EPSG/0/9208"),
        ("?crs=EPSG:4326", "EPSG/0/4326"),
    ):
        for path in ("/collections/stations/items", "/collections/communes/items/07894"):
            assert client.get(path + asked).headers["content-crs"] == f"<{ORIGIN}/{told}>"
    lon_lat = client.get("/collections/places/items?limit=1").json()["features"][0]["geometry"]["coordinates"]
    swapped = client.get("/collections/places/items?limit=1&crs=EPSG:4326").json()["features"][0]
    assert swapped["geometry"]["coordinates"] == lon_lat[::-1]


def test_one_feature(client: httpx.Client, snapshot: Snapshot) -> None:
    """Catches a feature that differs from its row of the list, or says nothing of where it comes from."""
    for name in (*OPEN, "stations"):
        whole = client.get(f"/collections/{name}/items?limit=3").json()["features"]
        for one in whole:
            response = client.get(f"/collections/{name}/items/{one['id']}")
            told = response.json()
            assert {key: told[key] for key in one} == one
            assert {link["rel"] for link in told["links"]} == {"self", "collection"}
            assert not response.headers["etag"].startswith("W/")
            if name != "snapshots":
                assert told["metadata"]["digest"] == snapshot.digest


def test_hostile_ids_and_names_stay_data(hostile_client: httpx.Client) -> None:
    """Catches ids with slashes, quotes or markup that cannot be asked for, or that leave their JSON."""
    for name in ("coverage", "stations", "communes"):
        page = hostile_client.get(f"/collections/{name}/items?limit=10000").json()
        assert page["metadata"]["illustrative"] is True
        assert page["metadata"]["schematic"] is True
        for one in page["features"][:6]:
            path = hostile_client.base_url.copy_with(raw_path=b"/collections/" + name.encode() + b"/items/")
            told = hostile_client.get(f"{path}{quoted(one['id'])}")
            assert told.status_code == 200, one["id"]
            link = next(link["href"] for link in told.json()["links"] if link["rel"] == "self")
            assert hostile_client.get(link).json()["id"] == one["id"]


def quoted(text: str) -> str:
    from urllib.parse import quote

    return quote(text, safe="")


@pytest.mark.parametrize("rest", ["", "/items", "/items/x", "/queryables"])
def test_an_unknown_collection_is_not_found(client: httpx.Client, rest: str) -> None:
    """Catches a redirect to a feature without a name, and an answer that names no remedy."""
    response = client.get(f"/collections/nope{rest}")
    assert response.status_code == 404
    assert "/collections" in response.json()["detail"]


def test_equal_tags_are_equal_bytes(client: httpx.Client) -> None:
    """Catches a page that is sent again although it is held, and one that bears the time of writing."""
    first = client.get("/collections/gaps/items?limit=1")
    tag = first.headers["etag"]
    assert tag.startswith('"')
    time.sleep(1.1)
    anew = client.get("/collections/gaps/items?limit=1", headers={"Range": "bytes=0-"})
    assert (anew.headers["etag"], anew.content) == (tag, first.content)
    again = client.get("/collections/gaps/items?limit=1", headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["content-crs"] == first.headers["content-crs"]
    other = client.get("/collections/gaps/items?limit=2", headers={"If-None-Match": tag})
    assert other.status_code == 200


def walk(client: httpx.Client, path: str, publish: Any = None) -> list[dict[str, Any]]:
    """All pages from an address on; something happens after the first."""
    told = [client.get(path).json()]
    while True:
        following = [link["href"] for link in told[-1]["links"] if link["rel"] == "next"]
        if not following:
            return told
        if publish is not None and len(told) == 1:
            publish()
        told.append(client.get(following[0]).json())


def test_a_new_publication_mixes_no_two_snapshots(serving: Serving, small_root: Path, tmp_path: Path) -> None:
    """Catches pages of two dates in one walk: next and prev stay with the snapshot of the first page."""
    folders = sorted(one for one in small_root.iterdir() if one.is_dir())
    root = tmp_path / "snapshots"
    shutil.copytree(folders[0], root / folders[0].name)
    with serving(Settings(snapshots=root, data=tmp_path)) as one:
        pages = walk(
            one, "/collections/coverage/items?limit=5",
            lambda: shutil.copytree(folders[1], root / folders[1].name),
        )  # fmt: skip
        assert len(pages) > 3
        assert {page["metadata"]["snapshot"] for page in pages} == {folders[0].name}
        digests = {item["properties"]["digest"] for page in pages for item in page["features"]}
        assert len(digests) == 1
        back = next(link["href"] for link in pages[-1]["links"] if link["rel"] == "prev")
        assert one.get(back).json()["metadata"]["snapshot"] == folders[0].name
        assert one.get("/collections/coverage/items").json()["metadata"]["snapshot"] == folders[1].name
        assert one.get("/collections/snapshots/items").json()["numberMatched"] == 2


def test_as_of_is_the_latest_up_to_a_date(client: httpx.Client, snapshot: Snapshot) -> None:
    """Catches a date that must be met exactly, and a later result for an earlier date."""

    def dates(asked: str) -> tuple[int, str | None]:
        response = client.get(f"/collections/coverage/items?limit=1&{asked}")
        return response.status_code, response.json().get("metadata", {}).get("as_of")

    assert dates("as_of=2025-12-31") == dates("") == (200, "2025-12-31")
    assert dates("as_of=2025-12-30") == dates("as_of=2025-06-30") == (200, "2025-06-30")
    assert dates("as_of=2025-06-29") == (404, None)
    assert dates(f"snapshot={snapshot.id}&as_of=2026-01-01") == (200, "2025-12-31")
    assert dates(f"snapshot={snapshot.id}&as_of=2025-07-01") == (404, None)
    listed = client.get("/collections/snapshots/items?as_of=2025-07-01").json()["features"]
    assert [one["properties"]["as_of"] for one in listed] == ["2025-06-30"]
    assert client.get("/collections?as_of=2025-07-01").status_code == 200
    assert client.get("/collections/gaps?as_of=2025-07-01").json()["metadata"]["as_of"] == "2025-06-30"


def test_without_any_result(serving: Serving, filled: Filled, small_root: Path, tmp_path: Path) -> None:
    """Catches a server that fails before its first result: an empty list is an answer."""
    root = tmp_path / "snapshots"
    with serving(Settings(snapshots=root, data=filled.folder)) as one:
        for path in ("/", "/conformance", "/collections/gaps/queryables", "/collections/snapshots"):
            assert one.get(path).status_code == 200, path
        listed = one.get("/collections")
        assert [each["id"] for each in listed.json()["collections"]] == ["snapshots"]
        own = one.get("/collections", headers=headers_of(filled, "a")).json()["collections"]
        assert [each["id"] for each in own] == ["register-versions", "snapshots"]
        page = one.get("/collections/snapshots/items").json()
        assert (page["numberMatched"], page["features"]) == (0, [])
        versions = one.get("/collections/register-versions/items", headers=headers_of(filled, "a")).json()
        assert versions["numberMatched"] >= 1
        for path in (
            "/collections/communes",
            "/collections/communes/items",
            "/collections/snapshots/items/x",
        ):
            assert one.get(path).status_code == 404, path
        assert "/uploads" in one.get("/collections/communes/items").json()["detail"]
        assert one.get("/collections/stations/items").status_code == 401
        source = next(small_root.iterdir())
        shutil.copytree(source, root / source.name)
        assert one.get("/collections", headers={"If-None-Match": listed.headers["etag"]}).status_code == 200
        assert one.get("/collections/snapshots/items").json()["numberMatched"] == 1
