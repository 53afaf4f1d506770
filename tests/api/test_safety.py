"""No parameter is opened as a file or an address, no host header reaches a link, no other origin gets in."""

from __future__ import annotations

import ctypes
import os
import re
import socket
import struct
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import cycle, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import httpx
import pytest

from api.app import create_app
from api.settings import Settings
from tests.api.guarding import answer_to, get, guarded, status_of
from tests.api.running import bearer, make_csv, make_key

if TYPE_CHECKING:
    from tests.api.conftest import Serving
    from tests.api.filling import Filled

DOCUMENT = create_app(Settings()).openapi()
GETS = sorted(path for path, item in DOCUMENT["paths"].items() if "get" in item and "events" not in path)
POSTS = {path: item["post"] for path, item in DOCUMENT["paths"].items() if "post" in item}
EVIL = "evil.example"
# Values that let an operation begin its work, by the name of the parameter.
PLAIN = {
    "profile": "outdoor-4g", "as_of": "2025-12-31", "lon": "105.32", "lat": "21.32", "from": "2025-06-30",
    "to": "2025-12-31", "code": "07894", "technology": "4G", "name": "leaflet.js", "bbox": "105,21,106,22",
}  # fmt: skip
SECRETS = (b"root:x:0:", b"[build-system]", b"geheim-CANARY", b"SQLite format 3")
# As they go over the wire; a client's library would tidy some of them up.
TRAVERSALS = [
    b"..%2f..%2f..%2f..%2f..%2f..%2f..%2f..%2fetc%2fpasswd",
    b"../../../../../../../../etc/passwd",
    b"%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
    b"..%5c..%5c..%5cetc%5cpasswd",
    b"..\\..\\..\\etc\\passwd",
    b"....//....//....//etc/passwd",
    b"%252e%252e%252f%252e%252e%252fetc%252fpasswd",
    b"%c0%ae%c0%ae/%c0%ae%c0%ae/etc/passwd",
    b"%c0%ae%c0%ae%c0%af%c0%ae%c0%ae%c0%afetc%c0%afpasswd",
    b"%ef%bc%8e%ef%bc%8e%ef%bc%8fetc%ef%bc%8fpasswd",
    b"%2fetc%2fpasswd",
    b"//etc/passwd",
    b"/etc/passwd%00.png",
    b"..%00/..%00/etc/passwd",
    b"..;/..;/etc/passwd",
    b"~root/.profile",
    b"%e2%80%ae..%2fpyproject.toml",
    b"register.sqlite",
    b"..%2fregister.sqlite",
]


def parameters(path: str, where: str) -> list[str]:
    """Names of an operation's parameters."""
    return [one["name"] for one in DOCUMENT["paths"][path]["get"].get("parameters", []) if one["in"] == where]


def query_of(path: str) -> dict[str, str]:
    """Values for the parameters that must be there."""
    told = DOCUMENT["paths"].get(path, {"get": {}})["get"].get("parameters", [])
    return {one["name"]: PLAIN[one["name"]] for one in told if one.get("required") and one["name"] in PLAIN}


def address_of(path: str, filled: Filled, **given: str) -> str:
    """A path with values in the place of its parameters."""
    known = {
        "list_id": next(iter(filled.checked.values())).id,
        "job_id": filled.compute_job,
        **PLAIN,
        **given,
    }
    return re.sub(r"\{(\w+)(?::path)?\}", lambda found: known.get(found[1], "x"), path)


def test_no_path_leads_out(small_root: Path, filled: Filled, monkeypatch: pytest.MonkeyPatch) -> None:
    """Catches ../ in every spelling, in every place of every address, as bytes over the wire."""
    settings = Settings(snapshots=small_root, data=filled.folder, open=True)
    marks = [*(path for path in GETS if "{" in path), "/static/{digest}/{name}", "/{anything}"]
    turn = cycle(TRAVERSALS)
    key = f"X-API-Key: {filled.tokens['admin']}"
    with guarded(settings, monkeypatch) as port:
        for path in marks:
            for name in re.findall(r"\{(\w+)\}", path):
                files = "static" in path or "export" in path or "raster" in path
                for nasty in TRAVERSALS if files else islice(turn, 4):
                    before, _, after = path.partition(f"{{{name}}}")
                    raw = address_of(before, filled).encode() + nasty + address_of(after, filled).encode()
                    answer = answer_to(port, get(raw, key))
                    assert 200 <= status_of(answer) < 500, (raw, answer[:300])
                    assert not any(secret in answer for secret in SECRETS), raw


class Watch:
    """A folder, its file and a port that nobody must touch; who does is noted, whatever library it was.

    The kernel tells of whatever is opened there, listed too. It tells nobody that a file was only asked for
    (stat, access), and Python has no audit event for that: so the way into the folder leads over a link,
    whose time of access says whether anybody went along it.
    """

    OPENED = 0x20  # IN_OPEN

    def __init__(self, folder: Path) -> None:
        behind, self.door = folder / "behind", folder / CANARY
        behind.mkdir()
        self.door.symlink_to(behind)
        self.file = self.door / "canary.geojson"
        self.file.write_text('{"type": "FeatureCollection", "features": [], "x": "geheim-CANARY"}')
        self.listening = socket.create_server(("127.0.0.1", 0))
        self._connected: list[str] = []
        self._notes = ctypes.CDLL(None, use_errno=True)
        self._descriptor = self._notes.inotify_init1(os.O_NONBLOCK)
        assert self._notes.inotify_add_watch(self._descriptor, str(behind).encode(), self.OPENED) > 0
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()
        self._close_door()

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.listening.getsockname()[1])

    def _accept(self) -> None:
        while True:
            try:
                made, _ = self.listening.accept()
            except OSError:
                return
            self._connected.append("connected to the port")
            made.close()

    def _close_door(self) -> None:
        os.utime(self.door, (0, 0), follow_symlinks=False)

    def seen(self) -> list[str]:
        """What was touched since the last look."""
        found = [*self._connected, *CALLED, *self._opened()]
        self._connected.clear()
        CALLED.clear()
        if os.lstat(self.door).st_atime:
            found.append("went through the door")
            self._close_door()
        return found

    def _opened(self) -> Iterator[str]:
        try:
            told = os.read(self._descriptor, 65536)
        except BlockingIOError:
            return
        while told:
            length = struct.unpack_from("iIII", told)[3]
            yield f"opened {told[16 : 16 + length].rstrip(bytes(1)).decode() or 'the folder'}"
            told = told[16 + length :]

    def values(self) -> Iterator[str]:
        """What a server could be tricked to open: files, folders, addresses, one spelling after the other."""
        away, port = os.path.relpath(self.file, "/"), f"127.0.0.1:{self.port}"
        return cycle(
            (
                str(self.file),
                f"http://{port}/canary.geojson",
                f"{self.door}/",
                f"file://{self.file}",
                f"/vsicurl/http://{port}/canary.tif",
                f"{'../' * 12}{away}",
                f"PG:host=127.0.0.1 port={self.port} dbname=canary",
                f"/vsigzip/{self.file}",
                "http://canary.invalid/x",
                "http://169.254.169.254/latest/meta-data/canary",
            )
        )

    def close(self) -> None:
        """Watch no more."""
        self.listening.shutdown(socket.SHUT_RDWR)
        self.listening.close()
        os.close(self._descriptor)


CANARY = "canary"  # stands in everything that a client names here
CALLED: list[str] = []
LISTENING = threading.Event()
PATHS = frozenset(
    {"open", "os.listdir", "os.scandir", "os.chdir", "glob.glob", "sqlite3.connect", "subprocess.Popen"}
)


def hook(event: str, arguments: tuple[Any, ...]) -> None:
    """Note what a client named and is opened or listed, names looked up, connections that leave here."""
    if not LISTENING.is_set():
        return
    if event == "socket.getaddrinfo" and arguments[0] not in ("127.0.0.1", "localhost", None):
        CALLED.append(f"looked up {arguments[0]}")
    elif event == "socket.connect" and isinstance(arguments[1], tuple) and arguments[1][0] != "127.0.0.1":
        CALLED.append(f"connected to {arguments[1]}")
    elif event in PATHS and CANARY in str(arguments):
        CALLED.append(f"{event} {arguments[0]}")


@contextmanager
def watched(folder: Path) -> Iterator[Watch]:
    """Watch for the length of a block."""
    if not hasattr(hook, "added"):
        sys.addaudithook(hook)
        hook.added = True  # type: ignore[attr-defined]
    watch = Watch(folder)
    LISTENING.set()
    try:
        yield watch
    finally:
        LISTENING.clear()
        watch.close()


def test_the_watch_sees(tmp_path: Path) -> None:
    """Catches a watch that would see nothing: files and folders opened or asked for, a connection, a name."""
    door = "went through the door"
    with watched(tmp_path) as watch:
        ctypes.CDLL(None).fopen(str(watch.file).encode(), b"r")
        assert watch.seen() == ["opened canary.geojson", door]
        assert watch.seen() == []
        for ask in (os.stat, os.path.exists, os.path.realpath):  # the disk must keep times of access
            ask(watch.file)
            assert watch.seen() == [door], "mount the disk of temporary files with relatime"
        os.listdir(watch.door)  # noqa: PTH208
        assert watch.seen() == [f"os.listdir {watch.door}", "opened the folder", door]
        with suppress(OSError):
            os.scandir(f"/vsizip/{CANARY}")
        assert watch.seen() == [f"os.scandir /vsizip/{CANARY}"]
        with socket.create_connection(("127.0.0.1", watch.port)):
            pass
        with pytest.raises(OSError):  # noqa: PT011 - no such name, or no network
            socket.getaddrinfo("canary.invalid", 80)
        threading.Event().wait(0.2)
        assert watch.seen() == ["connected to the port", "looked up canary.invalid"]


def test_no_parameter_is_opened(closed: httpx.Client, filled: Filled, tmp_path: Path) -> None:
    """Catches SSRF: a file, a folder or an address that a client names, in any parameter of any address."""
    key = bearer(filled.tokens["admin"])
    with watched(tmp_path) as watch:
        values = watch.values()
        for path in GETS:
            places = [
                (name, where) for where in ("query", "header", "path") for name in parameters(path, where)
            ]
            for (name, where), value in zip([*places, ("url", "query")], values, strict=False):
                in_path = {name: quote(value, safe="")} if where == "path" else {}
                query = {**query_of(path), **({name: value} if where == "query" else {})}
                headers = {**key, **({name: value} if where == "header" else {})}
                address = address_of(path, filled, **in_path)
                response = closed.get(address, params=query, headers=headers)
                assert response.status_code < 500, (path, query, response.text)
                assert b"geheim" not in response.content
                assert watch.seen() == [], (path, name, value)
        for name in ("Referer", "X-Forwarded-Host", "X-Original-URL", "X-Rewrite-URL", "Link", "Forwarded"):
            closed.get("/figures", headers={name: f"http://127.0.0.1:{watch.port}/canary", **key})
        assert watch.seen() == []


def test_nothing_that_is_sent_is_opened(serving: Serving, small_root: Path, tmp_path: Path) -> None:
    """Catches the same in what changes something: forms, JSON, names of files, headers."""
    data = tmp_path / "data"
    settings = Settings(snapshots=small_root, data=data, uploads_per_hour=1e9, requests_per_minute=1e6)
    key = bearer(make_key(data, "admin"))
    sent = 0
    with serving(settings) as client, watched(tmp_path) as watch:
        known = client.post("/site-lists", headers=key, **body_of("multipart/form-data", "", "")).json()
        own = {"list_id": known["id"], "job_id": known["job"]}
        values = watch.values()
        for path, told in POSTS.items():
            fields = [(media, name) for media, schema in bodies(told) for name in schema["properties"]]
            for media, name in [*fields, *((one["in"], one["name"]) for one in told.get("parameters", []))]:
                for value in (str(watch.file), *islice(values, 2)):
                    ids = {**own, name: quote(value, safe="")} if media == "path" else own
                    address = re.sub(r"\{(\w+)\}", lambda found: ids[found[1]], path)  # noqa: B023
                    headers = {**key, name: value} if media == "header" else key
                    query = {name: value} if media == "query" else {}
                    body = body_of(media, name, value)
                    response = client.post(address, params=query, headers=headers, **body)
                    assert response.status_code < 500, (path, name, value, response.text)
                    assert b"geheim" not in response.content
                    assert watch.seen() == [], (path, name, value)
                    sent += response.status_code < 300
    assert sent > 5  # names of files, operators and reasons are taken, as text


def bodies(operation: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Media types of an operation's body, and the schema of each."""
    found = []
    for media, told in operation.get("requestBody", {}).get("content", {}).items():
        name = told["schema"].get("$ref", "").rpartition("/")[2]
        found.append((media, DOCUMENT["components"]["schemas"][name] if name else told["schema"]))
    return found


def body_of(media: str, name: str, value: str) -> dict[str, Any]:
    """A body with a value in one of its fields."""
    if media == "application/json":
        return {"json": {name: {value: value} if name == "mapping" else value}}
    if media == "application/x-www-form-urlencoded":
        return {"data": {name: value}}
    if media != "multipart/form-data":
        return {}
    fields = {"as_of": PLAIN["as_of"], "operator": "Viettel", **({name: value} if name != "file" else {})}
    file = (value if name == "file" else "a.csv", make_csv(1))
    return {"data": {name: value for name, value in fields.items() if name}, "files": {"file": file}}


def test_no_link_names_a_host_that_the_request_made_up(
    serving: Serving, small_root: Path, filled: Filled
) -> None:
    """Catches links to a stranger's server in answers, redirects and caches."""
    settings = Settings(
        snapshots=small_root, data=filled.folder, open=True, public_url="https://phusong.example.vn"
    )
    evil = {"Host": EVIL, "X-Forwarded-Host": EVIL, **bearer(filled.tokens["admin"])}
    own = 0
    with serving(settings) as client:
        for path in [*GETS, "/figures/", "/nowhere"]:
            response = client.get(
                address_of(path, filled), params=query_of(path), headers=evil, follow_redirects=False
            )
            assert EVIL not in response.text, path
            assert EVIL not in str(response.headers), path
            assert response.headers["strict-transport-security"] == "max-age=31536000"
            own += "https://phusong.example.vn" in response.text + str(response.headers)
        assert own > 0


def test_only_the_servers_own_names_are_answered(serving: Serving, small_root: Path, tmp_path: Path) -> None:
    """Catches a rebound name: a page of elsewhere that calls this server by its own name."""
    settings = Settings(snapshots=small_root, data=tmp_path, hosts="phusong.example.vn, *.phutho.example")
    with serving(settings) as client:
        for host in ("phusong.example.vn", "PHUSONG.example.vn:8443", "a.phutho.example"):
            assert client.get("/snapshots", headers={"Host": host}).status_code == 200, host
        for host in (
            EVIL,
            "phusong.example.vn.evil.example",
            "phutho.example",
            "127.0.0.1",
            "a@phusong.example.vn",
        ):
            response = client.get("/snapshots", headers={"Host": host})
            assert response.status_code == 400, host
            assert response.headers["content-type"] == "application/problem+json"
        assert client.get("/healthz", headers={"Host": "10.0.0.7"}).status_code == 200


def test_other_origins_read_only_when_told_and_without_cookies(
    serving: Serving, small_root: Path, filled: Filled
) -> None:
    """Catches any origin let in, credentials let in, and a dashboard that cannot read what it needs."""
    told = {"snapshots": small_root, "data": filled.folder}
    ask = {"Origin": "https://ioc.example.vn"}
    preflight = {
        **ask,
        "Access-Control-Request-Method": "GET",
        "Access-Control-Request-Headers": "authorization",
    }
    with serving(Settings(**told)) as client:
        for response in (client.get("/shares", headers=ask), client.options("/shares", headers=preflight)):
            assert not [name for name in response.headers if name.startswith("access-control")]
    with serving(Settings(**told, cors_origins="https://ioc.example.vn")) as client:
        response = client.get("/shares", headers=ask)
        assert response.headers["access-control-allow-origin"] == "https://ioc.example.vn"
        assert "access-control-allow-credentials" not in response.headers
        assert "Geocover-Snapshot" in response.headers["access-control-expose-headers"]
        assert "Origin" in response.headers["vary"]
        assert "Accept-Encoding" in response.headers["vary"]
        assert client.options("/shares", headers=preflight).status_code == 200
        refused = client.get("/nowhere", headers=ask)
        assert refused.headers["access-control-allow-origin"] == "https://ioc.example.vn"
        other = client.get("/shares", headers={"Origin": "https://evil.example"})
        assert "access-control-allow-origin" not in other.headers
        for method in ("POST", "DELETE"):
            writes = {**preflight, "Access-Control-Request-Method": method}
            assert client.options("/site-lists", headers=writes).status_code == 400


def test_every_answer_has_the_security_headers_and_names_no_others_host(
    closed: httpx.Client, filled: Filled
) -> None:
    """Catches an address or an error that a browser might run, frame or give to another site.

    And an answer with one reader's host in it that the server keeps and gives to the next.
    """
    key = bearer(filled.tokens["admin"])
    for path in [*GETS, "/nowhere"]:
        for more in ({"Host": EVIL, **key}, {"Host": "good.example", **key}, bearer("gck_wrong")):
            response = closed.get(address_of(path, filled), params=query_of(path), headers=more)
            headers = response.headers
            assert more.get("Host") == EVIL or EVIL not in response.text, path
            assert headers["x-content-type-options"] == "nosniff", path
            assert headers["cross-origin-resource-policy"] == "same-origin", path
            assert headers["x-frame-options"] == "SAMEORIGIN", path
            assert "unsafe-eval" not in headers["content-security-policy"], path
            assert "default-src 'none'" in headers["content-security-policy"], path
            assert "strict-transport-security" not in headers, path
