"""Which folder `keys`, `register` and `serve` take, and what `serve` and the server say of a wrong start."""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from pathlib import Path

import pytest
import uvicorn

from api import server
from geocover.cli.serve import start_server
from geocover.register.database import open_database
from geocover.register.keys import authenticate
from tests.calling import geocover

FOLDERS = ("GEOCOVER_DATA", "GEOCOVER_SNAPSHOTS", "GEOCOVER_DATABASE_URL", "GEOCOVER_SCENARIO")


@pytest.fixture(autouse=True)
def working(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder, and nothing in the environment."""
    for name in FOLDERS:
        monkeypatch.delenv(name, raising=False)
    folder = tmp_path / "working"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, str]]:
    """Environments of the servers that would have taken this process's place."""
    found: list[dict[str, str]] = []

    def become(_program: str, _command: Sequence[str], environment: dict[str, str]) -> None:
        found.append(environment)

    monkeypatch.setattr(os, "execve", become)
    monkeypatch.setattr("geocover.cli.serve._check_port", lambda *_: None)
    return found


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Hosts that the server would have listened at; how this process logs is left alone."""
    found: list[str] = []
    monkeypatch.setattr(uvicorn, "run", lambda *_, host, **__: found.append(host))
    monkeypatch.setattr(logging.config, "dictConfig", lambda _: None)
    monkeypatch.setattr(server.signal, "signal", lambda *_: None)
    for name in ("GEOCOVER_HOSTS", "GEOCOVER_PUBLIC_URL", "GEOCOVER_WORKERS"):
        monkeypatch.delenv(name, raising=False)
    return found


def test_keys_are_made_where_the_server_looks(
    tmp_path: Path, working: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Catches a register in the working folder beside GEOCOVER_DATA: its keys would get 401."""
    data = tmp_path / "data"
    data.mkdir()
    monkeypatch.setenv("GEOCOVER_DATA", str(data))
    assert geocover("register", "migrate").returncode == 0
    token = geocover("keys", "add", "Sở", "--role", "planner").stdout.strip()
    assert "Sở" in geocover("keys", "list").stdout
    assert list(working.iterdir()) == []
    with open_database(folder=data) as database:
        assert authenticate(database, token) is not None


def test_a_folder_that_is_named_goes_before_the_environment(
    tmp_path: Path, working: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Catches --dir that GEOCOVER_DATA overrides, and a default other than the working folder."""
    monkeypatch.setenv("GEOCOVER_DATA", str(tmp_path))
    assert geocover("register", "migrate", "--dir", working).returncode == 0
    assert not (tmp_path / "register.sqlite").exists()
    (working / "register.sqlite").unlink()
    monkeypatch.setenv("GEOCOVER_DATA", "")
    assert geocover("register", "migrate").returncode == 0
    assert (working / "register.sqlite").is_file()


def snapshot_in(folder: Path) -> Path:
    """A folder that looks as if it held a snapshot."""
    (folder / "snapshots" / "2025-12-31-a").mkdir(parents=True)
    (folder / "snapshots" / "2025-12-31-a" / "manifest.json").write_text("{}")
    return folder


def test_serve_takes_register_and_snapshots_of_one_folder(
    tmp_path: Path, started: list[dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Catches snapshots of one folder served with the register of another, and GEOCOVER_DATA not heard."""
    one, other = snapshot_in(tmp_path / "one"), snapshot_in(tmp_path / "other")
    monkeypatch.setenv("GEOCOVER_DATA", str(other))
    assert geocover("serve", "--dir", one).returncode == 0
    assert geocover("serve").returncode == 0
    told = [(Path(env["GEOCOVER_DATA"]), Path(env["GEOCOVER_SNAPSHOTS"])) for env in started]
    assert told == [(one, one / "snapshots"), (other, other / "snapshots")]


def test_an_empty_server_starts_where_a_first_result_can_come(
    tmp_path: Path, started: list[dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Catches a department that cannot begin with keys and uploads, and a start that says nothing."""
    assert geocover("serve", "--dir", tmp_path).returncode == 2
    assert started == []
    assert geocover("register", "migrate", "--dir", tmp_path).returncode == 0
    begun = geocover("serve", "--dir", tmp_path)
    assert (begun.returncode, len(started)) == (0, 1)
    assert "GEOCOVER_SCENARIO" in begun.stdout
    monkeypatch.setenv("GEOCOVER_SCENARIO", "scenario.toml")
    begun = geocover("serve", "--dir", tmp_path)
    assert (begun.returncode, len(started)) == (0, 2)
    assert "tải danh sách trạm lên" in begun.stdout


@pytest.mark.parametrize(
    ("name", "value", "remedy"),
    [
        ("GEOCOVER_CORS_ORIGINS", '["https://a"]', "https://ioc.example.vn"),
        ("GEOCOVER_PUBLIC_URL", "https://a.vn/path", "https://phusong.example.vn"),
        ("GEOCOVER_TRUSTED_PROXIES", "nginx", "127.0.0.1"),
        ("GEOCOVER_WORKERS", "0", "1"),
        ("GEOCOVER_WORKERS", "two", "số nguyên"),
        ("GEOCOVER_POLL_S", "0", "lớn hơn 0"),
        ("GEOCOVER_OPEN", "perhaps", "1 hoặc 0"),
        ("GEOCOVER_METRICS", "all", "một trong: private, public"),
    ],
)
def test_a_wrong_setting_is_two_lines(
    name: str, value: str, remedy: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Catches a traceback, and lines that lack the variable, its value or the remedy."""
    monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit) as ended:
        server.main([])
    vi, en = capsys.readouterr().err.splitlines()
    assert ended.value.code == 2
    assert vi.startswith(f"Lỗi: {name}={value}: ")
    assert en.startswith(f"Error: {name}={value}: ")
    assert remedy in vi


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GEOCOVER_SECRET", "weak-one"),
        ("GEOCOVER_TILES_URL", "https://t/?key=weak-one"),
        ("GEOCOVER_PUBLIC_URL", "https://admin:weak-one@a.vn"),
        ("GEOCOVER_CORS_ORIGINS", "https://admin:weak-one@a.vn"),
    ],
)
def test_a_wrong_secret_is_not_shown(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Catches a secret in the journal."""
    monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit):
        server.main([])
    said = capsys.readouterr().err
    assert f"Lỗi: {name}: " in said
    assert "weak-one" not in said


@pytest.mark.parametrize(
    ("host", "name", "warned"),
    [
        ("0.0.0.0", None, 1),
        ("coverage.example.vn", None, 1),
        ("0.0.0.0", "GEOCOVER_PUBLIC_URL", 0),
        ("0.0.0.0", "GEOCOVER_HOSTS", 0),
        ("127.0.0.1", None, 0),
        ("::1", None, 0),
        ("localhost", None, 0),
    ],
)
def test_a_server_that_believes_any_host_says_so(
    host: str, name: str | None, warned: int, served: list[str], monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    """Catches a server open to others whose links anybody can forge, without a word in the log."""
    if name:
        monkeypatch.setenv(name, "https://phusong.example.vn")
    server.main(["--host", host])
    assert served == [host]
    assert sum("GEOCOVER_HOSTS" in one.getMessage() for one in caplog.records) == warned


@pytest.mark.parametrize(
    ("host", "setting", "names"),
    [
        ("127.0.0.1", {}, "localhost,127.0.0.1,::1"),
        ("0.0.0.0", {}, None),
        ("127.0.0.1", {"GEOCOVER_HOSTS": "phusong.example.vn"}, "phusong.example.vn"),
        ("127.0.0.1", {"GEOCOVER_PUBLIC_URL": "https://phusong.example.vn"}, None),
        ("127.0.0.1", {"GEOCOVER_TRUSTED_PROXIES": "127.0.0.1"}, None),
    ],
)
def test_a_server_for_this_machine_answers_to_its_own_names(
    working: Path,
    started: list[dict[str, str]],
    monkeypatch: pytest.MonkeyPatch,
    host: str,
    setting: dict[str, str],
    names: str | None,
) -> None:
    """Catches a foreign page whose name is turned to 127.0.0.1, and a proxy that is shut out."""
    for name in ("GEOCOVER_HOSTS", "GEOCOVER_PUBLIC_URL", "GEOCOVER_TRUSTED_PROXIES"):
        monkeypatch.delenv(name, raising=False)
    for name, value in setting.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("GEOCOVER_SCENARIO", "scenario.toml")
    start_server(working, host, 8000)
    assert started[0].get("GEOCOVER_HOSTS") == names
