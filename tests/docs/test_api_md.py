"""docs/api.md is true: every example runs, and it tells of every operation and of none that is not there."""

from __future__ import annotations

import os
import re
import shutil
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import playwright
import pytest

from tests.api.running import make_key
from tests.docs.blocks import ROOT, Section, Shell, needs, sections
from tests.register.province import SCENARIO, make_province
from tests.serving import Server, serving

PAGE = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
SECTIONS = sections(PAGE)
OPERATION = re.compile(r"`(GET|POST|PUT|PATCH|DELETE) (/[^`]*)`")
CONVERTOR = re.compile(r"\{(\w+):\w+\}")
METHODS = ("get", "post", "put", "patch", "delete")
LOGGED_WITHIN_S = 5.0
Operation = tuple[str, str]


def operations(section: Section) -> set[Operation]:
    """Operations that a section tells of."""
    return set(OPERATION.findall(section.prose))


@dataclass
class Reader:
    """Who works through the page, beside the server's log."""

    server: Server
    shell: Shell
    failed: list[str] = field(default_factory=list)

    def read(self, section: Section) -> None:
        """Run the section's blocks."""
        for block in section.blocks:
            try:
                self.shell.run(block)
            except AssertionError as error:
                self.failed.append(f"{section.title}: {error}")

    def answered(self, wanted: set[Operation]) -> set[Operation]:
        """Operations that the server has answered since it started; the log may lag a moment behind."""
        end = time.monotonic() + LOGGED_WITHIN_S
        while not wanted <= (found := self._logged()) and time.monotonic() < end:
            time.sleep(0.05)
        return found

    def _logged(self) -> set[Operation]:
        return {
            (one["method"], CONVERTOR.sub(r"{\1}", one["route"]))
            for one in self.server.lines()
            if one.get("route") and one["status"] < 400
        }


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory, small_root: Path, cut_root: Path) -> Iterator[Reader]:
    """A closed server of a department, over two dates of which the newer has terrain, and who asks it."""
    needs("curl", "jq", "ogr2ogr")
    data = make_province(tmp_path_factory.mktemp("department") / "data", small_root)
    for root, date in ((small_root, "2025-06-30"), (cut_root, "2025-12-31")):
        (source,) = root.glob(f"{date}-*")
        shutil.copytree(source, data / "snapshots" / source.name)
    keys = {
        "KEY": make_key(data, "planner"),
        "PARTNER_KEY": make_key(data, "partner", "Viettel"),
        "ADMIN_KEY": make_key(data, "admin"),
    }
    folder = tmp_path_factory.mktemp("reader")
    with serving(folder / "server.log", DATA=str(data), SCENARIO=SCENARIO, POLL_S="0.2") as server:
        yield Reader(server, Shell(folder, {"GEOCOVER": server.origin, "PATH": commands(), **keys}))


def commands() -> str:
    """Where programs are: this Python, and a node (Playwright's own, where there is no other)."""
    node = Path(playwright.__file__).parent / "driver"
    return os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"], str(node)])


def test_every_example_runs_and_shows_what_its_section_tells_of(reader: Reader) -> None:
    """Catches an example that fails, answers with another status, or shows another operation than is told."""
    silent = {}
    for section in SECTIONS:
        reader.read(section)
        wanted = operations(section)
        silent[section.title] = wanted - reader.answered(wanted)
    assert not reader.failed, "\n\n".join(reader.failed)
    assert not any(silent.values()), silent


def test_every_operation_is_told_of_and_no_other(reader: Reader) -> None:
    """Catches an address without an example, and an example of an address that is gone."""
    paths = httpx.get(f"{reader.server.origin}/openapi.json", timeout=30).json()["paths"]
    there = {(method.upper(), path) for path, about in paths.items() for method in METHODS if method in about}
    told = set().union(*map(operations, SECTIONS))
    assert told == there, f"not told: {sorted(there - told)}; not there: {sorted(told - there)}"


def test_no_key_stands_in_the_page() -> None:
    """Catches keys in examples: whoever copies one would put a key into a script or an address."""
    assert "gck_" not in PAGE
    assert not re.search(r"[?&](key|token)=", PAGE)
