"""Snapshots for the tests of tiles."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.tiles.making import make_wide

if TYPE_CHECKING:
    from geocover.store import Snapshot


@pytest.fixture(scope="session")
def small(snapshot: Snapshot) -> Snapshot:
    """Four communes with 4G and 5G, by the real path from files to folder."""
    return snapshot


@pytest.fixture(scope="session")
def wide(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    """A snapshot of 93 by 71 km with overviews, terrain, wavy borders and many stations; all made up."""
    return make_wide(tmp_path_factory.mktemp("wide"))
