"""Snapshots for the tests of tiles."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from geocover.store import list_snapshots
from tests.tiles.making import make_wide

if TYPE_CHECKING:
    from pathlib import Path

    from geocover.store import Snapshot


@pytest.fixture(scope="session")
def small(small_root: Path) -> Snapshot:
    """Four communes with 4G and 5G, by the real path from files to folder."""
    return list_snapshots(small_root)[-1]


@pytest.fixture(scope="session")
def hostile(hostile_root: Path) -> Snapshot:
    """A snapshot whose every text tries to run a script."""
    return list_snapshots(hostile_root)[-1]


@pytest.fixture(scope="session")
def wide(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    """A snapshot of 93 by 71 km with overviews, terrain, wavy borders and many stations; all made up."""
    return make_wide(tmp_path_factory.mktemp("wide"))
