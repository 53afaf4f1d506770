"""Snapshots for the tests of maps."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from geocover.store import list_snapshots

if TYPE_CHECKING:
    from geocover.store import Snapshot


def load_small() -> Any:
    """Load the module that builds the small snapshots."""
    spec = importlib.util.spec_from_file_location("small_snapshots", Path(__file__).with_name("small.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def small() -> Any:
    """Give the module that builds the small snapshots."""
    return load_small()


@pytest.fixture(scope="session")
def snapshots(small: Any, tmp_path_factory: pytest.TempPathFactory) -> list[Snapshot]:
    """Two dates of four communes."""
    return list_snapshots(small.build_small(tmp_path_factory.getbasetemp() / "small"))


@pytest.fixture(scope="session")
def snapshot(snapshots: list[Snapshot]) -> Snapshot:
    """The newer of the two."""
    return snapshots[-1]


@pytest.fixture(scope="session")
def hostile(small: Any, tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    """One illustrative, schematic snapshot whose every text tries to run a script."""
    return list_snapshots(small.build_hostile(tmp_path_factory.getbasetemp() / "hostile"))[-1]
