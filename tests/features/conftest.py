"""Tables of features of a small snapshot."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from geocover.features.pages import Source
from geocover.features.tables import snapshot_table

if TYPE_CHECKING:
    from geocover.store import Snapshot


@pytest.fixture(scope="session")
def sources(snapshot: Snapshot) -> dict[str, Source]:
    """Each collection of a snapshot, seen whole."""
    names = ("communes", "coverage", "gaps", "places", "stations")
    return {name: Source(("test", name), lambda name=name: snapshot_table(name, snapshot)) for name in names}
