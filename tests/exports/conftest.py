"""Exports of the small snapshots for each kind of reader."""

from __future__ import annotations

import shutil
import time
from typing import TYPE_CHECKING

import pytest

from geocover.exports.keeping import export_folder
from geocover.exports.writing import write_export
from geocover.report.audience import ALL_OF_IT, PUBLIC, Audience, audience_of
from geocover.store import Snapshot
from tests.small_snapshots import OPERATORS

if TYPE_CHECKING:
    from pathlib import Path

A, B = OPERATORS
VIEWER = Audience(None, frozenset())
READERS = {"public": PUBLIC, "viewer": VIEWER, "a": audience_of(A), "b": audience_of(B), "planner": ALL_OF_IT}


@pytest.fixture(scope="session")
def exported(snapshot: Snapshot, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Folder of the export for each reader."""
    root = tmp_path_factory.mktemp("exported")
    for reader, audience in READERS.items():
        (root / reader).mkdir()
        write_export(snapshot, audience, root / reader)
    return {reader: root / reader for reader in READERS}


def keep_copies(snapshot: Snapshot, exported: dict[str, Path], data: Path) -> None:
    """Lay the exports where a server over a data folder keeps them, so that it need not make them."""
    for reader, audience in READERS.items():
        shutil.copytree(exported[reader], export_folder(snapshot, audience, data), dirs_exist_ok=True)


@pytest.fixture(scope="session")
def public(exported: dict[str, Path]) -> Path:
    """The public's."""
    return exported["public"]


@pytest.fixture(scope="session")
def planner(exported: dict[str, Path]) -> Path:
    """The planner's, more than two seconds old, which is how exactly a ZIP tells time."""
    age = time.time() - (exported["planner"] / "geocover.xlsx").stat().st_mtime
    time.sleep(max(0.0, 2.1 - age))
    return exported["planner"]
