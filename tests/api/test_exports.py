"""Whole files over HTTP: for whom, in parts, made without stopping anybody."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

import anyio
import httpx
import pystac
import pytest

from api.app import create_app
from api.routes import exports as export_routes
from api.settings import Settings
from geocover.exports import Makers, keep_export
from geocover.exports.keeping import EXPORTS
from geocover.report.audience import PUBLIC
from tests.api.conftest import Serving
from tests.api.filling import A, B
from tests.api.running import bearer
from tests.exports.conftest import READERS, exported, keep_copies  # noqa: F401 - a fixture
from tests.exports.searching import found_in, secrets_of

if TYPE_CHECKING:
    from pathlib import Path

    from geocover.store import Snapshot
    from tests.api.filling import Filled

BOX = ("105.301", "21.301", "105.302", "21.302")  # within one commune
LEVELS = ("level-4g-any.tif", "level-5g-any.tif")


@pytest.fixture
def base(snapshot: Snapshot, made: None) -> str:
    """Address of the newest snapshot's files."""
    return f"/exports/{snapshot.id}/"


def headers_of(filled: Filled, reader: str) -> dict[str, str]:
    return {} if reader == "public" else bearer(filled.tokens[reader])


def names(client: httpx.Client, base: str, headers: dict[str, str]) -> set[str]:
    return {one["name"] for one in client.get(base, headers=headers).json()["files"]}


@pytest.mark.parametrize("reader", READERS)
def test_each_reader_is_given_its_own(
    closed: httpx.Client, filled: Filled, snapshot: Snapshot, base: str, reader: str
) -> None:
    """Catches a list or a file with another operator's names, ids or positions, and a wrong checksum."""
    headers = headers_of(filled, reader)
    own = {"public": set(), "viewer": {A, B}, "a": {A}, "b": {B}, "planner": {A, B}}[reader]
    secrets = [secret for one in {A, B} - own for secret in secrets_of(snapshot, one)]
    listing = closed.get(base, headers=headers)
    assert found_in("index.json", listing.content, secrets) == []
    listed = {one["name"]: one for one in listing.json()["files"]}
    assert set(LEVELS) < set(listed)
    assert ("stations.csv" in listed) == (reader in ("a", "b", "planner"))
    for name, about in listed.items():
        answer = closed.get(base + name, headers=headers)
        assert answer.status_code == 200
        assert answer.headers["content-type"] == about["media_type"]
        assert answer.headers["geocover-snapshot"] == snapshot.id
        assert hashlib.sha256(answer.content).hexdigest() == about["sha256"]
        assert found_in(name, answer.content, secrets) == [], name


def test_anothers_file_looks_like_none(closed: httpx.Client, filled: Filled, base: str) -> None:
    """Catches an answer that tells of an operator, or lets a reader have another's file."""
    rival = f"level-4g-{B.lower()}.tif"
    for reader, wanted in (
        ("public", "stations.csv"),
        ("public", rival),
        ("a", rival),
        ("viewer", "stations.fgb"),
    ):
        real, none = (closed.get(base + one, headers=headers_of(filled, reader)) for one in (wanted, "x.tif"))
        assert (real.status_code, none.status_code) == (404, 404)
        assert real.text.replace(wanted, "") == none.text.replace("x.tif", "")
    assert closed.get(base + rival, headers=headers_of(filled, "b")).status_code == 200


@pytest.mark.parametrize("key", ["expired", "revoked"])
def test_a_wrong_key_is_refused(closed: httpx.Client, filled: Filled, base: str, key: str) -> None:
    """Catches files given to a key that is answered 401 everywhere else."""
    for path in ("/exports", base, base + "communes.csv", "/exports/latest/communes.csv"):
        assert closed.get(path, headers=bearer(filled.tokens[key])).status_code == 401


@pytest.mark.parametrize(
    "name",
    ["..%2findex.json", "%2e%2e%2f%2e%2e%2fregister.sqlite", "index.json", "%00", "communes.csv%00",
     "%2fetc%2fpasswd", "COMMUNES.CSV", "communes.csv/", "\u1ebf" * 60],
)  # fmt: skip
def test_only_listed_names_are_files(closed: httpx.Client, base: str, name: str) -> None:
    """Catches a name that leads out of the folder, or to a file that is not offered."""
    answer = closed.get(base + name, follow_redirects=False)
    assert answer.status_code in (404, 307)
    assert b"SQLite" not in answer.content


def test_only_snapshots_have_files(closed: httpx.Client, base: str) -> None:
    """Catches a snapshot's name that is taken for a path."""
    for snapshot_id in ("%2e%2e", "nothing", "2025-12-31", base.strip("/").split("/")[1][:-1]):
        for name in ("", "communes.csv"):
            assert closed.get(f"/exports/{snapshot_id}/{name}").status_code == 404


def test_parameters_and_the_newest(closed: httpx.Client, snapshot: Snapshot, base: str) -> None:
    """Catches unknown parameters that are passed over, and a way to the newest that is kept for ever."""
    for path in ("/exports", base, base + "communes.csv"):
        assert closed.get(path, params={"x": "1"}).status_code == 400
    for path in ("", "communes.csv"):
        answer = closed.get(f"/exports/latest/{path}")
        assert (answer.status_code, answer.headers["location"]) == (307, base + path)
        assert answer.headers["cache-control"] == "no-cache"
    offered = closed.get("/exports").json()["exports"]
    assert [one["href"] for one in offered][-1] == base
    assert offered[-1]["illustrative"] is False


def test_kept_as_it_should_be(closed: httpx.Client, filled: Filled, base: str) -> None:
    """Catches files of a partner in a shared cache, public ones that are fetched again, and weak tags."""
    path = base + "communes.csv"
    public, own = closed.get(path), closed.get(path, headers=bearer(filled.tokens["a"]))
    assert public.headers["cache-control"] == "public, max-age=300"
    assert own.headers["cache-control"] == "private, no-cache"
    assert {"Authorization", "Cookie", "X-API-Key"} <= set(public.headers["vary"].split(", "))
    tag = public.headers["etag"]
    assert tag.startswith('"')
    assert tag != own.headers["etag"]
    again = closed.get(path, headers={"If-None-Match": tag})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    head = closed.head(path)
    assert head.content == b""
    assert {name: head.headers[name] for name in ("etag", "content-length", "content-disposition")} == {
        name: public.headers[name] for name in ("etag", "content-length", "content-disposition")
    }
    assert public.headers["content-length"] == str(len(public.content))
    assert public.headers["content-disposition"].endswith('-communes.csv"')
    assert public.headers["content-disposition"].startswith('attachment; filename="geocover-2025-12-31-')


def test_a_head_alone_reads_no_file(closed: httpx.Client, base: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Catches a file that is read from disk to be thrown away, and a range of what is not sent."""
    opened: list[str] = []
    really = anyio.open_file

    def count(path: Path, *args: Any, **more: Any) -> Any:
        opened.append(path.name)
        return really(path, *args, **more)

    monkeypatch.setattr(anyio, "open_file", count)
    path = base + "geocover.gpkg"
    whole = closed.get(path)
    assert opened == ["geocover.gpkg"]
    for headers in ({}, {"Range": "bytes=0-9"}, {"Range": "bytes=99999999-"}):
        head = closed.head(path, headers=headers)
        assert (head.status_code, head.content) == (200, b"")
        told = {name: value for name, value in head.headers.items() if name not in ("date", "x-request-id")}
        assert told.items() <= whole.headers.items()
        assert head.headers["content-length"] == str(len(whole.content))
    held = closed.head(path, headers={"If-None-Match": whole.headers["etag"]})
    assert held.status_code == 304
    assert opened == ["geocover.gpkg"]


RANGES: list[tuple[str, int, slice | None]] = [
    ("bytes=0-15", 206, slice(0, 16)),
    ("bytes=100-", 206, slice(100, None)),
    ("bytes=-20", 206, slice(-20, None)),
    ("bytes=0-99999999", 206, slice(0, None)),
    ("bytes=-99999999", 206, slice(0, None)),
    ("bytes=0-1,4-5", 200, slice(None)),
    ("bytes=x-y", 200, slice(None)),
    ("lines=0-3", 200, slice(None)),
    ("bytes=", 200, slice(None)),
    ("bytes=-", 200, slice(None)),
    ("bytes=\u0661-".encode().decode("latin-1"), 200, slice(None)),
    ("bytes=99999999-", 416, None),
    ("bytes=-0", 416, None),
    ("bytes=9-3", 416, None),
]


@pytest.mark.parametrize(("wanted", "status", "part"), RANGES, ids=[repr(one[0]) for one in RANGES])
def test_parts_of_a_file(
    closed: httpx.Client, base: str, wanted: str, status: int, part: slice | None
) -> None:
    """Catches wrong bytes, a wrong Content-Range, and ranges that make the server fail."""
    path = base + "geocover.gpkg"
    whole = closed.get(path).content
    answer = closed.get(path, headers={"Range": wanted.encode("latin-1")})  # type: ignore[dict-item]
    assert answer.status_code == status
    if part is None:
        assert answer.headers["content-range"] == f"bytes */{len(whole)}"
        assert answer.headers["content-type"] == "application/problem+json"
        return
    assert answer.content == whole[part]
    if status == 206:
        start, end, _ = part.indices(len(whole))
        assert answer.headers["content-range"] == f"bytes {start}-{end - 1}/{len(whole)}"
    else:
        assert answer.headers["accept-ranges"] == "bytes"


def test_a_part_of_the_same_file_alone(closed: httpx.Client, base: str) -> None:
    """Catches a download that goes on with another file's bytes."""
    path = base + "geocover.gpkg"
    tag = closed.get(path).headers["etag"]
    beyond = "bytes=99999999-"
    cases = [(tag, "bytes=5-9", 206), ('"other"', "bytes=5-9", 200), (tag, beyond, 416), ('"o"', beyond, 200)]
    for stated, wanted, status in cases:
        answer = closed.get(path, headers={"Range": wanted, "If-Range": stated})
        assert answer.status_code == status


@pytest.mark.gdal
def test_gdal_reads_over_http(closed: httpx.Client, base: str) -> None:
    """Catches files that a GIS cannot open where they are, in parts."""
    ogrinfo = shutil.which("ogrinfo")
    if ogrinfo is None:
        pytest.skip("ogrinfo is not installed (package gdal-bin)")
    for name in ("communes.fgb", "geocover.gpkg"):
        address = "/vsicurl/" + str(closed.base_url).rstrip("/") + base + name
        command = [
            ogrinfo,
            "-ro",
            "-so",
            address,
            "communes",
            "-spat",
            "105.301",
            "21.301",
            "105.302",
            "21.302",
        ]
        result = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
        assert result.returncode == 0, result.stderr
        assert "Feature Count: 1" in result.stdout
        assert "WGS 84" in result.stdout


def test_the_items_addresses_lead_somewhere(closed: httpx.Client, base: str) -> None:
    """Catches an item whose assets are not where it says."""
    item = pystac.Item.from_dict(closed.get(base + "item.json").json())
    item.set_self_href(f"{str(closed.base_url).rstrip('/')}{base}item.json")
    addresses = [one.get_absolute_href() for one in (*item.assets.values(), *item.get_links("license"))]
    assert len(addresses) == len(item.assets) + 1
    for address in addresses:
        assert closed.head(str(address)).status_code == 200


def test_made_at_the_first_request(
    small_root: Path, snapshot: Snapshot, serving: Serving, tmp_path: Path, filled: Filled, made: None
) -> None:
    """Catches a server that stands still while it makes files, makes them twice, or otherwise than we do."""
    answers: list[httpx.Response] = []
    path = f"/exports/{snapshot.id}/"
    with serving(Settings(snapshots=small_root, data=tmp_path)) as client:
        origin = str(client.base_url).rstrip("/")
        client.get("/snapshots")

        def ask() -> None:
            deadline = time.monotonic() + 120
            while time.monotonic() < deadline:
                answer = httpx.get(f"{origin}{path}", timeout=60)
                if answer.status_code != 503:  # a busy machine: come again, as it says
                    break
            answers.append(answer)

        askers = [threading.Thread(target=ask) for _ in range(2)]
        for one in askers:
            one.start()
        meanwhile = 0
        while any(one.is_alive() for one in askers):
            assert client.get("/snapshots").status_code == 200
            meanwhile += not answers
            time.sleep(0.05)
        content = {name: client.get(path + name).content for name in names(client, path, {})}
    assert [one.status_code for one in answers] == [200, 200]
    assert answers[0].content == answers[1].content
    assert meanwhile > 5
    kept = keep_export(snapshot, PUBLIC, filled.folder)
    assert content == {one.name: one.read_bytes() for one in kept.iterdir() if one.name != "index.json"}
    assert len([one for one in (tmp_path / EXPORTS / snapshot.id).iterdir() if one.is_dir()]) == 1


def test_long_and_failing_work(
    small_root: Path, snapshot: Snapshot, serving: Serving, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Catches a request that hangs while files are made, and a failure that tells of the machine."""
    monkeypatch.setattr(export_routes, "PATIENCE_S", 0.05)
    path = f"/exports/{snapshot.id}/communes.csv"
    with serving(Settings(snapshots=small_root, data=tmp_path)) as client:
        monkeypatch.setattr(
            export_routes, "MAKERS", Makers([sys.executable, "-c", "import time; time.sleep(1)"])
        )
        busy = client.get(path)
        assert (busy.status_code, busy.headers["retry-after"]) == (503, "5")
        assert busy.headers["content-type"] == "application/problem+json"
        monkeypatch.setattr(export_routes, "PATIENCE_S", 20.0)
        monkeypatch.setattr(
            export_routes, "MAKERS", Makers([sys.executable, "-c", "raise SystemExit('disk')"])
        )
        failed = client.get(path)
        assert failed.status_code == 500
        assert "disk" not in failed.text
        assert str(tmp_path) not in failed.text


def test_the_document_tells_of_them(small_root: Path) -> None:
    """Catches answers that /openapi.json does not know."""
    paths: dict[str, Any] = create_app(Settings(snapshots=small_root)).openapi()["paths"]
    told = {
        path: set(item["get"]["responses"]) for path, item in paths.items() if path.startswith("/exports")
    }
    assert set(told) == {"/exports", "/exports/{snapshot_id}/", "/exports/{snapshot_id}/{file}"}
    assert {"200", "206", "304", "307", "400", "401", "404", "416", "503"} <= told[
        "/exports/{snapshot_id}/{file}"
    ]
