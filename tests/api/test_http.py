"""Errors, caching, compression, security headers: what a client may rely on."""

from __future__ import annotations

import gzip
import json
import re
import shutil
from typing import TYPE_CHECKING

import pytest
from backports import zstd
from pydantic import ValidationError

from api.routes import data, maps
from api.settings import Settings
from api.web import codings, negotiation
from api.web.codings import choose_coding, encode
from geocover._version import program_digest
from geocover.errors import SnapshotError
from geocover.keeping import Kept

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from pathlib import Path

    import httpx

    from geocover.store import Snapshot

    Serving = Callable[[Settings | None], AbstractContextManager[httpx.Client]]

DATA = ["/communes", "/communes.csv", "/gaps", "/places", "/stations", "/figures", "/shares", "/snapshots"]
UNKNOWN = [
    ("/communes/99999/coverage", 404),
    ("/communes/%3Cimg%3E/coverage", 404),
    ("/nowhere", 404),
    ("/figures?date=2020-01-01", 404),
    ("/figures?snapshot=2025-12-31-000000000000", 404),
    ("/figures?snapshot=../../etc", 404),
    ("/figures?date=31/12/2025", 400),
    ("/figures?nonsense=1", 400),
    ("/communes?technology=6G", 400),
    ("/communes?technology=4G&profile=outdoor-5g", 400),
    ("/communes?operator=Nobody", 400),
    ("/communes?detail=huge", 400),
    ("/maps/coverage?lang=fr", 400),
    ("/maps/coverage?x=1", 400),
    ("/healthz?x=1", 400),
    ("/rasters/2025-12-31-000000000000.png?profile=outdoor-4g", 404),
    ("/rasters/2025-12-31-000000000000.png", 400),
    ("/static/0/leaflet.js", 404),
    ("/static/0/../../pyproject.toml", 404),
]


@pytest.mark.parametrize(("path", "status"), UNKNOWN)
def test_errors_are_problems_in_the_readers_language(client: httpx.Client, path: str, status: int) -> None:
    """Catches 422s, HTML errors, ignored parameters, and errors that do not follow Accept-Language."""
    for header, language in (("", "vi"), ("en-GB,en;q=0.9", "en"), ("en;q=0.3,vi;q=0.8", "vi")):
        response = client.get(path, headers={"Accept-Language": header})
        assert response.status_code == status
        assert response.headers["content-type"] == "application/problem+json"
        assert response.headers["content-language"] == (
            "en" if "lang=fr" in path and language == "en" else language
        )
        problem = response.json()
        assert set(problem) == {"type", "title", "status", "detail", "instance"}
        assert problem["status"] == status
        assert problem["instance"] == response.request.url.path


def test_unknown_commune_names_the_remedy(client: httpx.Client) -> None:
    """Catches an error that does not name the value."""
    assert "99999" in client.get("/communes/99999/coverage").json()["detail"]
    assert client.get("/communes/99999/coverage?lang=en").json()["detail"].startswith("no commune '99999'")


def test_a_failure_tells_nothing(client: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Catches a path or a stack in the answer of a 500, from our own errors and from any other."""
    for error in (SnapshotError("/secret/place: damaged"), RuntimeError("/secret/place")):

        def fail(_snapshot: Snapshot, raised: Exception = error) -> bytes:
            raise raised

        monkeypatch.setattr(data, "figures_json", fail)
        response = client.get("/figures")
        assert response.status_code == 500
        assert response.headers["content-type"] == "application/problem+json"
        assert "secret" not in response.text
        assert response.headers["x-content-type-options"] == "nosniff"


def test_method_not_allowed_is_a_problem(client: httpx.Client) -> None:
    """Catches the default error page, and the lost Allow header."""
    response = client.post("/communes")
    assert (response.status_code, response.headers["content-type"]) == (405, "application/problem+json")
    assert response.headers["allow"] == "GET, HEAD, OPTIONS"
    assert "hãy dùng: GET, HEAD, OPTIONS" in response.json()["detail"]


@pytest.mark.parametrize("path", DATA)
def test_data_are_revalidated(client: httpx.Client, path: str) -> None:
    """Catches tags that never match, weak tags on data, and a 304 without them."""
    first = client.get(path)
    tag = first.headers["etag"]
    assert re.fullmatch(r'"[0-9a-f]{32}"', tag)
    assert first.headers["cache-control"] == "no-cache"
    assert "accept-encoding" in first.headers["vary"].lower()
    again = client.get(path, headers={"If-None-Match": f'"other", W/{tag}'})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert client.get(path, headers={"If-None-Match": '"other"'}).status_code == 200


def test_another_programs_tags_are_not_held(
    client: httpx.Client, snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Catches an answer of an older program that is kept after an upgrade, because its tag still counts."""
    paths = [*DATA, "/", "/maps/coverage", "/collections/communes/items", "/tiles", "/coverage", "/exports"]
    paths += [f"/tiles/{snapshot.id}/{one}" for one in ("communes/9/405/224.mvt", "population/9/405/224.png")]
    tags = {path: client.get(path).headers["etag"] for path in paths}
    monkeypatch.setattr(negotiation, "PROGRAM", "0123456789abcdef")
    for path, tag in tags.items():
        response = client.get(path, headers={"If-None-Match": tag})
        assert response.status_code == 200, path
        assert response.headers["etag"] != tag


def test_the_program_is_named_by_its_sources(tmp_path: Path) -> None:
    """Catches two builds of one version that are taken for one, and what a computer leaves beside sources."""
    digest = program_digest.__wrapped__
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "page.html").write_text("<p>")
    named = {digest(tmp_path)}
    (tmp_path / "__pycache__" / "page.pyc").write_text("x")
    assert digest(tmp_path) in named
    for name, text in (("page.html", "<b>"), ("draw.py", ""), ("draw.py", "x = 1"), ("words.toml", "")):
        (tmp_path / name).write_text(text)
        named.add(digest(tmp_path))
    assert len(named) == 5
    assert program_digest() == negotiation.PROGRAM
    assert re.fullmatch(r"[0-9a-f]{16}", negotiation.PROGRAM)


def test_a_tag_names_one_sequence_of_bytes(client: httpx.Client) -> None:
    """Catches one strong tag for the plain and the compressed body, and for two addresses."""
    plain = client.get("/communes", headers={"Accept-Encoding": "identity"})
    packed = client.get("/communes", headers={"Accept-Encoding": "gzip"})
    tight = client.get("/communes", headers={"Accept-Encoding": "gzip;q=0.5, zstd"})
    refused = client.get("/communes", headers={"Accept-Encoding": "gzip;q=0"})
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert plain.headers["etag"] == refused.headers["etag"]
    assert len({one.headers["etag"] for one in (plain, packed, tight)}) == 3
    assert plain.content == packed.content == refused.content
    assert tight.headers["content-encoding"] == "zstd"
    assert zstd.decompress(httpx_raw(client, "/communes", "zstd")) == plain.content
    other = client.get("/communes?technology=5G", headers={"Accept-Encoding": "identity"})
    assert other.headers["etag"] != plain.headers["etag"]


def test_equal_requests_give_equal_bytes(serving: Serving, small_root: Path) -> None:
    """Catches time or chance in a compressed body: two servers over one folder must agree."""
    bodies = []
    for _ in range(2):
        with serving(Settings(snapshots=small_root)) as one:
            response = httpx_raw(one, "/shares")
            assert gzip.decompress(response)
            bodies.append(response)
    assert bodies[0] == bodies[1]


def httpx_raw(client: httpx.Client, path: str, coding: str = "gzip") -> bytes:
    """Body as it went over the wire."""
    with client.stream("GET", path, headers={"Accept-Encoding": coding}) as response:
        return b"".join(response.iter_raw())


CODINGS = [
    ("", "identity"),
    ("gzip, deflate", "gzip"),
    ("gzip, deflate, br, zstd", "zstd"),
    ("zstd;q=0.4, gzip;q=0.8", "gzip"),
    ("x-gzip", "gzip"),
    ("*", "zstd"),
    ("*;q=0.5, zstd;q=0", "gzip"),
    ("identity, gzip;q=0.5", "identity"),
    ("gzip;q=0", "identity"),
    ("zstd;q=nan-sense, br", "identity"),
    ("gzip ; q=0.001", "gzip"),
    (", ,;q=1", "identity"),
]


@pytest.mark.parametrize(("header", "coding"), CODINGS)
def test_the_coding_liked_best_is_chosen(header: str, coding: str) -> None:
    """Catches weights that are not heeded, and a coding that was refused."""
    assert choose_coding(header) == coding


def test_compressed_bodies_are_bounded_by_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Catches a large answer compressed with every request, and memory that grows with their number."""
    made: list[int] = []

    def count(body: bytes) -> bytes:
        made.append(len(body))
        return body[:10]

    monkeypatch.setitem(codings.MAKE, "zstd", count)
    kept = Kept(40_000, codings.size_of)
    monkeypatch.setattr(codings, "BODIES", kept)
    first, second = b"a" * 5000, b"b" * 5000
    assert [encode(one, "zstd")[0] for one in (first, second, first)] == [b"a" * 10, b"b" * 10, b"a" * 10]
    assert made == [5000, 5000]
    for number in range(20):
        encode(bytes([number]) * 4000, "zstd")
        assert kept.used_bytes <= 40_000
    encode(first, "zstd")
    assert made.count(5000) == 3  # it was not asked for the longest, and went
    encode(b"c" * 30_000, "zstd")
    encode(b"c" * 30_000, "zstd")
    assert made.count(30_000) == 2  # one answer does not drive out all others


def test_head_is_answered(client: httpx.Client) -> None:
    """Catches 405 on HEAD, which clients ask first."""
    response = client.head("/communes")
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/geo+json"


def test_pictures_and_files_are_kept_for_ever(client: httpx.Client, snapshot: Snapshot) -> None:
    """Catches pictures that are fetched anew, and ones that could change under one address."""
    address = f"/rasters/{snapshot.id}.png?profile=outdoor-4g&operator=all"
    assert client.get(address).headers["cache-control"] == "public, max-age=300"
    picture = client.get(f"{address}&v={program_digest()}")
    assert picture.content.startswith(b"\x89PNG")
    assert "immutable" in picture.headers["cache-control"]
    assert picture.headers["geocover-snapshot"] == snapshot.id
    page = client.get("/maps/coverage").text
    addresses = set(re.findall(r'(?:src|href)="(/static/[^"]+)"', page))
    assert len(addresses) >= 7
    for address in addresses:
        response = client.get(address)
        assert response.status_code == 200, address
        assert "immutable" in response.headers["cache-control"]
    assert client.get(f"/rasters/{snapshot.id}.png?profile=nothing").status_code == 404


def test_page_comes_with_its_policy(client: httpx.Client) -> None:
    """Catches a script without the nonce, a nonce used twice, and a policy that lets others in."""
    pages_seen = [client.get("/maps/coverage") for _ in range(2)]
    nonces = []
    for response in pages_seen:
        policy = response.headers["content-security-policy"]
        nonce = re.search(r"script-src 'self' 'nonce-([\w-]{20,})'", policy)
        assert nonce is not None
        nonces.append(nonce.group(1))
        scripts = re.findall(r"<script\b[^>]*>", response.text)
        executed = [one for one in scripts if "application/json" not in one]
        assert len(executed) == 4
        assert all(f'nonce="{nonce.group(1)}"' in one for one in executed)
        assert "unsafe-eval" not in policy
        assert "default-src 'none'" in policy
        assert "connect-src 'self'" in policy
        assert "http" not in policy
    assert nonces[0] != nonces[1]
    first = pages_seen[0]
    assert first.headers["etag"].startswith('W/"')
    again = client.get("/maps/coverage", headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304
    assert "content-security-policy" not in again.headers  # else the kept page's scripts would be refused


def test_everything_else_may_do_nothing(client: httpx.Client) -> None:
    """Catches data that a browser could be tricked to run."""
    for path in (*DATA, "/healthz", "/openapi.json", "/nowhere"):
        headers = client.get(path).headers
        assert headers["content-security-policy"].startswith("default-src 'none'")
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"


def test_root_leads_to_the_map(client: httpx.Client) -> None:
    """Catches a bare root."""
    response = client.get("/", headers={"Accept": "text/html"}, follow_redirects=False)
    assert (response.status_code, response.headers["location"]) == (307, "/maps/coverage")


def test_openapi_is_3_0_and_names_every_answer(client: httpx.Client) -> None:
    """Catches a version that old clients refuse, the 422 that is never given, and answers left out."""
    document = client.get("/openapi.json").json()
    assert document["openapi"] == "3.0.3"
    for path, item in document["paths"].items():
        for operation in item.values():
            answers = set(operation["responses"])
            assert answers & {"200", "202", "303"}, path
            assert {"400"} <= answers, path
            assert "304" not in answers or "200" in answers, path
    for path in DATA:
        assert {"304", "400", "500"} <= set(document["paths"][path]["get"]["responses"]), path
    assert client.get("/docs").status_code == 404


def test_the_document_is_an_answer_as_any_other(client: httpx.Client) -> None:
    """Catches 360 kB sent anew with every look, a type that no link names, and parameters that do nothing."""
    first = client.get("/openapi.json", headers={"Accept-Encoding": "gzip"})
    assert first.headers["content-type"] == "application/vnd.oai.openapi+json;version=3.0"
    assert first.headers["content-encoding"] == "gzip"
    assert int(first.headers["content-length"]) < len(first.content) / 4
    tag = first.headers["etag"]
    assert (
        client.get("/openapi.json", headers={"Accept-Encoding": "gzip", "If-None-Match": tag}).status_code
        == 304
    )
    plain = client.get("/openapi.json", headers={"Accept-Encoding": "identity"})
    assert (plain.content, "content-encoding" in plain.headers) == (first.content, False)
    assert plain.headers["etag"] != tag
    link = next(one for one in client.get("/").json()["links"] if one["rel"] == "service-desc")
    assert (link["href"], link["type"]) == (str(plain.url), plain.headers["content-type"])
    refused = client.get("/openapi.json?x=1")
    assert refused.status_code == 400
    assert "không có tham số x" in refused.json()["detail"]


def test_a_new_snapshot_appears_and_a_damaged_one_is_named(
    serving: Serving, small_root: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Catches a server that must be restarted, and one damaged folder that takes all others with it."""
    older, newer = sorted(small_root.iterdir())
    with serving(Settings(snapshots=tmp_path)) as client:
        assert client.get("/figures").status_code == 404
        shutil.copytree(older, tmp_path / older.name)
        assert client.get("/figures").json()["metadata"]["as_of"] == "2025-06-30"
        tag = client.get("/maps/coverage").headers["etag"]
        shutil.copytree(newer, tmp_path / newer.name)
        assert client.get("/figures").json()["metadata"]["as_of"] == "2025-12-31"
        old = client.get("/maps/coverage?date=2025-06-30", headers={"If-None-Match": tag})
        assert "31/12/2025" in old.text
        (tmp_path / "2026-01-01-damaged").mkdir()
        (tmp_path / "2026-01-01-damaged" / "manifest.json").write_text("{")
        ready = client.get("/readyz").json()
        assert (ready["status"], ready["snapshots"]) == ("degraded", 2)
        assert ready["damaged"] == ["2026-01-01-damaged"]
        shutil.rmtree(tmp_path / newer.name)
        assert client.get("/figures").json()["metadata"]["as_of"] == "2025-06-30"
    assert "left out" in caplog.text


def test_of_two_results_of_one_date_the_later_is_shown(
    serving: Serving, small_root: Path, tmp_path: Path
) -> None:
    """Catches a choice that hangs on the digest: a corrected result must replace the one before."""
    import os

    source = max(small_root.iterdir())
    for name, digest, seconds in (("2025-12-31-a", "f" * 64, 1000), ("2025-12-31-b", "0" * 64, 2000)):
        folder = tmp_path / name
        shutil.copytree(source, folder)
        manifest = json.loads((folder / "manifest.json").read_text())
        (folder / "manifest.json").write_text(json.dumps({**manifest, "digest": digest}))
        os.utime(folder / "manifest.json", (seconds, seconds))
    with serving(Settings(snapshots=tmp_path)) as client:
        assert client.get("/figures?date=2025-12-31").json()["metadata"]["digest"] == "0" * 64
        page = client.get("/maps/coverage").text
        assert "31/12/2025 (000000)" in page
        assert "31/12/2025 (ffffff)" in page


@pytest.mark.parametrize(
    "value",
    [
        "ftp://x/{z}",
        "https://x/tiles",
        "javascript:alert(1)//{z}",
        "https://x/{z}'; script-src *",
        "https:///{z}",
    ],
)
def test_settings_refuse_what_is_no_tile_address(value: str) -> None:
    """Catches an address that would open the security policy or run in the page."""
    with pytest.raises(ValidationError):
        Settings(tiles_url=value)


def test_tiles_are_named_in_the_policy(
    serving: Serving, small_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Catches tiles that the policy would block, and settings that do not read the environment."""
    monkeypatch.setenv("GEOCOVER_SNAPSHOTS", str(small_root))
    monkeypatch.setenv("GEOCOVER_TILES_URL", "https://tiles.example.vn:8443/{z}/{x}/{y}.png")
    with serving(None) as client:
        response = client.get("/maps/coverage")
    assert (
        "img-src 'self' data: https://tiles.example.vn:8443;" in response.headers["content-security-policy"]
    )
    assert "https://tiles.example.vn:8443/{z}/{x}/{y}.png" in response.text


def test_endpoints_call_geocover_at_most_twice() -> None:
    """Catches work that creeps into the web layer."""
    import inspect

    for module in (data, maps):
        for route in module.router.routes:
            body = inspect.getsource(route.endpoint)  # type: ignore[attr-defined]
            calls = re.findall(r"\b(?:choose_view|\w+_(?:json|geojson|csv|png|page|asset))\(", body)
            assert len(calls) <= 2, body
