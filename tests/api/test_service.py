"""Alive, ready, measured: what whoever looks after the server may rely on."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from api.settings import Settings
from api.web.turns import turn, turn_file
from tests.api.guarding import ROOT
from tests.api.running import bearer

if TYPE_CHECKING:
    from pathlib import Path

    from tests.api.conftest import Serving
    from tests.api.filling import Filled

PROXY = {"trusted_proxies": "127.0.0.1"}
FAR = {"X-Forwarded-For": "203.0.113.9"}


def test_alive_is_not_ready(serving: Serving, small_root: Path, tmp_path: Path) -> None:
    """Catches a server that is started anew again and again because it has no result yet."""
    settings = Settings(snapshots=tmp_path / "snapshots", data=tmp_path)
    with serving(settings) as client:
        assert client.get("/healthz").json()["status"] == "ok"
        response = client.get("/readyz")
        assert response.status_code == 503
        assert response.headers["retry-after"] == "5"
        assert response.headers["cache-control"] == "no-store"
        told = response.json()
        assert told["checks"] == {"snapshots": False, "database": True, "disk": True}
        assert "geocover run" in told["reasons"][0]["en"]
        assert "chưa có bản kết quả" in told["reasons"][0]["vi"]
        assert "/uploads" in told["reasons"][0]["en"]
        for path in ("/coverage", "/collections/communes", "/collections/communes/items"):
            response = client.get(path)
            assert response.status_code == 404, path
            assert response.json()["detail"].startswith("chưa có bản kết quả nào"), path
        source = next(small_root.iterdir())
        shutil.copytree(source, tmp_path / "snapshots" / source.name)
        end = time.monotonic() + 10
        while client.get("/readyz").status_code != 200:
            assert time.monotonic() < end
            time.sleep(0.2)
        assert client.get("/readyz").json()["latest"] == source.name


def test_what_is_amiss_is_told_without_paths_hosts_and_passwords(
    serving: Serving, small_root: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Catches a probe that tells strangers where the database stands, and one that says all is well."""
    url = "postgresql://geocover:mat-khau@127.0.0.1:1/register"
    data = tmp_path / "missing"
    with serving(Settings(snapshots=small_root, data=data, database_url=url)) as client:  # type: ignore[arg-type]
        response = client.get("/readyz")
        assert response.status_code == 503
        assert response.json()["checks"] == {"snapshots": True, "database": False, "disk": False}
        for secret in ("127.0.0.1", "mat-khau", "postgres", str(tmp_path), "missing"):
            assert secret not in response.text
        metrics = client.get("/metrics").text
        assert "geocover_database_up 0.0" in metrics
        assert client.get("/healthz").status_code == 200
    assert "mat-khau" not in caplog.text


def test_metrics_count_requests_by_route(serving: Serving, small_root: Path, filled: Filled) -> None:
    """Catches labels that a client makes up, which fill the memory, and numbers that do not move."""
    with serving(Settings(snapshots=small_root, data=filled.folder)) as client:
        before = numbers(client)
        for path in (
            "/communes/07894/coverage",
            "/communes/99999/coverage",
            "/made-up-CANARY",
            "/figures?x=CANARY",
        ):
            client.get(path, headers={"X-CANARY": "CANARY"})
        client.request("CANARY", "/figures")  # of which the server knows nothing: 400, before any route
        client.request("PURGE", "/figures")
        text = client.get("/metrics").text
        assert "CANARY" not in text
        assert "99999" not in re.sub(r" \S+$", "", text, flags=re.MULTILINE)  # a time may end so
        after = numbers(client)
        route = "/communes/{code}/coverage"

        def grew(name: str, **labels: str) -> float:
            key = (name, tuple(sorted(labels.items())))
            return after.get(key, 0) - before.get(key, 0)

        assert grew("geocover_requests_total", method="GET", route=route, status="200") == 1
        assert grew("geocover_requests_total", method="GET", route=route, status="404") == 1
        assert grew("geocover_requests_total", method="GET", route="elsewhere", status="404") == 1
        assert grew("geocover_requests_total", method="OTHER", route="/figures", status="405") == 1
        assert grew("geocover_request_seconds_count", route=route) == 2
        assert after["geocover_requests_in_flight", ()] >= 1
        assert after["geocover_snapshots", (("state", "readable"),)] == 2
        assert after["geocover_jobs", (("state", "done"),)] >= 4
        assert after["geocover_site_lists", (("state", "accepted"),)] >= 2  # other tests accept more
        assert after["geocover_database_up", ()] == 1


def numbers(client: httpx.Client) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    """Samples by name and labels, as Prometheus' own reader of the format has them."""
    response = client.get("/metrics")
    assert response.headers["content-type"].startswith("text/plain; version=")
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(response.text)
        for sample in family.samples
    }


def test_metrics_are_for_administrators_and_this_machine(
    serving: Serving, small_root: Path, filled: Filled
) -> None:
    """Catches measures that strangers read through a proxy on this machine, told of or not."""
    with serving(Settings(snapshots=small_root, data=filled.folder)) as client:
        assert client.get("/metrics").status_code == 200
        assert client.get("/metrics", headers=FAR).status_code == 401
        assert client.get("/metrics", headers={"Via": "1.1 proxy"}).status_code == 401
    with serving(Settings(snapshots=small_root, data=filled.folder, **PROXY)) as client:  # type: ignore[arg-type]
        for kind, status in (("planner", 403), ("a", 403), ("viewer", 403), ("admin", 200), ("revoked", 401)):
            headers = {**FAR, **bearer(filled.tokens[kind])}
            assert client.get("/metrics", headers=headers).status_code == status, kind
    with serving(Settings(snapshots=small_root, data=filled.folder, metrics="public")) as client:
        assert client.get("/metrics", headers=FAR).status_code == 200


def test_one_of_many_runs_the_jobs_until_it_dies(tmp_path: Path) -> None:
    """Catches jobs run by every worker, and by none after the one that ran them was killed."""
    path = tmp_path / "data" / turn_file()
    code = (
        "import sys, time, subprocess, pathlib; from api.web.turns import turn\n"
        "with turn(pathlib.Path(sys.argv[1])) as mine:\n"
        "    subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(5)'])\n"
        "    print(mine, flush=True); time.sleep(60)"
    )
    with turn(path) as mine, turn(path) as second:
        assert (mine, second) == (True, False)
    command = [sys.executable, "-c", code, str(path)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"True\n"
        with turn(path) as mine:
            assert not mine
        os.kill(process.pid, signal.SIGKILL)  # its own child lives on, as a job's process does
        process.wait()
        with turn(path) as mine:
            assert mine


def test_settings_refuse_what_would_be_no_limit() -> None:
    """Catches words that are taken for nothing: an address with a path, an origin that no browser sends."""
    for wrong in (
        {"public_url": "https://a.vn/x"}, {"public_url": "a.vn"}, {"public_url": "javascript:alert(1)"},
        {"cors_origins": "https://a.vn/"}, {"cors_origins": "a.vn"}, {"trusted_proxies": "nginx"},
        {"workers": 0}, {"public_requests_per_minute": -1}, {"log_format": "xml"}, {"metrics": "all"},
    ):  # fmt: skip
        with pytest.raises(ValueError, match=next(iter(wrong))):
            Settings(**wrong)  # type: ignore[arg-type]
    assert Settings(public_url="https://a.vn/").public_url == "https://a.vn"


def test_the_log_of_a_terminal_is_for_people() -> None:
    """Catches lines of JSON where a person looks, and text where a machine reads."""
    from geocover.cli.serve import _for_people

    assert _for_people() in ({}, {"GEOCOVER_LOG_FORMAT": "text", "GEOCOVER_LOG_LEVEL": "warning"})
    assert re.fullmatch(r"runner-[0-9a-f]{8}\.lock", turn_file())
