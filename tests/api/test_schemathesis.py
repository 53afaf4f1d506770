"""What /openapi.json promises holds for every kind of reader, as schemathesis checks it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import requests
import schemathesis
from schemathesis.config import (
    CacheConfig,
    ChecksConfig,
    GenerationConfig,
    PhasesConfig,
    PositiveDataAcceptanceConfig,
    ProjectConfig,
    ProjectsConfig,
    SchemathesisConfig,
    StatefulPhaseConfig,
)

from api.app import create_app
from api.settings import Settings
from tests.api.filling import A
from tests.api.running import bearer

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

    from geocover.store import Snapshot
    from tests.api.filling import Filled

READERS = ("none", "a", "planner")
PROJECT = ProjectConfig(
    # Which technologies, operators and dates there are is known to the snapshot and no schema.
    checks=ChecksConfig(positive_data_acceptance=PositiveDataAcceptanceConfig(enabled=False)),
    phases=PhasesConfig(stateful=StatefulPhaseConfig(enabled=False)),
    generation=GenerationConfig(max_examples=3, deterministic=True, no_shrink=True, database="none"),
)
CONFIG = SchemathesisConfig(
    projects=ProjectsConfig(default=PROJECT), cache=CacheConfig(enabled=False), seed=1
)
promised = schemathesis.openapi.from_dict(create_app(Settings()).openapi(), config=CONFIG)


@pytest.fixture(scope="session")
def known(filled: Filled, snapshot: Snapshot) -> dict[str, str]:
    """What can stand in an address and is there."""
    return {
        "list_id": filled.fresh(), "job_id": filled.check_jobs[A], "snapshot_id": snapshot.id,
        "code": "07900", "place_id": "centre-07900",
    }  # fmt: skip


@pytest.fixture(scope="session")
def session() -> Iterator[requests.Session]:
    """Connections that are kept."""
    with requests.Session() as opened:
        yield opened


@pytest.mark.parametrize("reader", READERS)
@promised.parametrize()
def test_every_promise_holds(
    case: schemathesis.Case,
    reader: str,
    closed: httpx.Client,
    filled: Filled,
    known: dict[str, str],
    session: requests.Session,
) -> None:
    """Catches a 500, statuses, types and bodies that are not promised, and locks that do not lock."""
    case.path_parameters.update({n: v for n, v in known.items() if n in case.path_parameters})
    token = filled.tokens.get(reader)
    case.call_and_validate(
        base_url=str(closed.base_url), session=session, headers=bearer(token) if token else {}
    )
