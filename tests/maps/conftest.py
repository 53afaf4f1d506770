"""Small snapshots, opened, for the tests of maps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from geocover.store import list_snapshots

if TYPE_CHECKING:
    from pathlib import Path

    from geocover.store import Snapshot


@pytest.fixture(scope="session")
def snapshots(small_root: Path) -> list[Snapshot]:
    """Two dates of four communes."""
    return list_snapshots(small_root)
