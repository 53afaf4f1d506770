"""Exports on disk: the same bytes, made once, whole or not at all, and by the command line too."""

from __future__ import annotations

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from geocover.cli import app
from geocover.exports import ExportError, find_export, keep_export, writing
from geocover.exports.background import Makers
from geocover.exports.keeping import export_folder
from geocover.exports.writing import write_export
from geocover.report.audience import ALL_OF_IT, PUBLIC, Audience, audience_of
from geocover.store import Snapshot, list_snapshots
from tests.exports.conftest import READERS, A

if TYPE_CHECKING:
    from pathlib import Path

DIES = """
import os, geocover.exports.writing as writing, geocover.exports.__main__ as program
writing.item_json = lambda *_: os._exit(9)
program.main()
"""


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def order_of(snapshot: Snapshot, data: Path) -> bytes:
    told = {"snapshot": str(snapshot.path), "data": str(data), "audience": PUBLIC.as_list()}
    return json.dumps(told).encode()


def test_same_snapshot_same_bytes(snapshot: Snapshot, planner: Path, tmp_path: Path) -> None:
    """Catches a time of writing, an order of rows or a random id in any file."""
    write_export(snapshot, ALL_OF_IT, tmp_path)
    first, second = contents(planner), contents(tmp_path)
    assert first.keys() == second.keys()
    assert [name for name in first if first[name] != second[name]] == []


def test_each_reader_and_content_has_its_folder(small_root: Path, tmp_path: Path) -> None:
    """Catches two audiences, or two contents, that share a folder."""
    older, newer = list_snapshots(small_root)
    open_to_all = Audience(None, None, everybody=True)
    folders = {export_folder(newer, one, tmp_path) for one in (*READERS.values(), open_to_all)}
    folders |= {export_folder(older, PUBLIC, tmp_path)}
    again = Snapshot(newer.path, {**newer.manifest, "files": {**newer.manifest["files"], "x": "0"}})
    assert len(folders | {export_folder(again, PUBLIC, tmp_path)}) == len(READERS) + 3


def test_two_at_once_end_with_one_and_the_dead_leave_nothing(
    snapshot: Snapshot, public: Path, tmp_path: Path
) -> None:
    """Catches a half export that is offered, rubbish of the killed, and two makers in each other's way."""
    order, place = order_of(snapshot, tmp_path), export_folder(snapshot, PUBLIC, tmp_path)
    killed = subprocess.run([sys.executable, "-c", DIES], input=order, check=False)
    assert killed.returncode == 9
    assert find_export(snapshot, PUBLIC, tmp_path) is None
    assert list(place.parent.glob("*.partial")), "it died before it began"
    former = place.with_name(place.name.partition("-")[0] + "-0123456789abcdef")
    others = place.with_name("0123456789abcdef-0123456789abcdef")
    for folder in (former, others):
        folder.mkdir()
    with ThreadPoolExecutor(2) as pool:
        made = [pool.submit(keep_export, snapshot, PUBLIC, tmp_path) for _ in range(2)]
        assert {one.result(60) for one in made} == {place}
    assert {path.name for path in place.parent.iterdir()} == {place.name, f".{place.name}.lock", others.name}
    assert contents(place) == contents(public)
    since = place.stat().st_mtime_ns
    assert keep_export(snapshot, PUBLIC, tmp_path) == place
    assert place.stat().st_mtime_ns == since


def test_a_failure_is_told_and_tried_again(snapshot: Snapshot, tmp_path: Path) -> None:
    """Catches a failed export that hangs whoever waits, and one that is never tried again."""
    makers = Makers([sys.executable, "-c", "import sys; sys.exit('no space')"])
    for _ in range(2):
        with pytest.raises(ExportError, match="no space"):
            makers.ask(snapshot, PUBLIC, tmp_path).result(30)
    with pytest.raises(ExportError, match="nowhere"):
        Makers(["/nowhere"]).ask(snapshot, PUBLIC, tmp_path).result(30)


def test_who_asks_twice_waits_for_the_same(snapshot: Snapshot, tmp_path: Path) -> None:
    """Catches a process started for each of many who ask at once."""
    makers = Makers([sys.executable, "-c", f"open({str(tmp_path / 'runs')!r}, 'a').write('x')"])
    asked = {id(makers.ask(snapshot, PUBLIC, tmp_path)) for _ in range(5)}
    makers.ask(snapshot, audience_of(A), tmp_path).result(30)
    assert len(asked) == 1
    assert (tmp_path / "runs").read_text() == "xx"


def test_the_command_does_the_same(
    snapshot: Snapshot, exported: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Catches a command that writes other files than the server, or for another reader."""
    arguments = ["export", str(snapshot.path), "--out", str(tmp_path / "out"), "--for", "VIETTEL"]
    ended = CliRunner().invoke(app, arguments, catch_exceptions=False)
    assert ended.exit_code == 0, ended.output
    assert contents(tmp_path / "out") == contents(exported["a"])
    written: list[Audience] = []
    monkeypatch.setattr(writing, "write_export", lambda _, audience, folder: note(written, audience, folder))
    for more in ([], ["--for", "public"], ["--for", "planner"]):
        out = tmp_path / f"out{len(written)}"
        CliRunner().invoke(
            app, ["export", str(snapshot.path), "--out", str(out), *more], catch_exceptions=False
        )
    assert written == [PUBLIC, PUBLIC, ALL_OF_IT]


def note(written: list[Audience], audience: Audience, folder: Path) -> None:
    """Stand in for the writing."""
    written.append(audience)
    (folder / "SHA256SUMS").touch()


def test_the_command_refuses_what_it_should(snapshot: Snapshot, tmp_path: Path) -> None:
    """Catches somebody's folder that is replaced, and a misspelt operator that gives the public's files."""
    (tmp_path / "mine.txt").write_text("mine")
    path = str(snapshot.path)
    with pytest.raises(ExportError, match="already there"):
        CliRunner().invoke(app, ["export", path, "--out", str(tmp_path)], catch_exceptions=False)
    assert (tmp_path / "mine.txt").read_text() == "mine"
    arguments = ["export", path, "--out", str(tmp_path / "new"), "--for", "Vietell"]
    with pytest.raises(ExportError, match=r"there are: public, planner, Viettel, VinaPhone"):
        CliRunner().invoke(app, arguments, catch_exceptions=False)
    assert not (tmp_path / "new").exists()
