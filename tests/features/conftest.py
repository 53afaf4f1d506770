"""Tables of features of a small snapshot."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from geocover.features.pages import Source
from geocover.features.tables import snapshot_table
from geocover.store import list_snapshots

if TYPE_CHECKING:
    from pathlib import Path

    from geocover.store import Snapshot


@pytest.fixture(scope="session")
def snapshot(small_root: Path) -> Snapshot:
    """The newer of the two dates."""
    return list_snapshots(small_root)[-1]


@pytest.fixture(scope="session")
def sources(snapshot: Snapshot) -> dict[str, Source]:
    """Each collection of a snapshot, seen whole."""
    names = ("communes", "coverage", "gaps", "places", "stations")
    return {name: Source(("test", name), lambda name=name: snapshot_table(name, snapshot)) for name in names}
