"""What /openapi.json promises holds for every kind of reader, as schemathesis checks it."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Any

import pytest
import requests
import schemathesis
from schemathesis.config import (
    CacheConfig,
    ChecksConfig,
    CoveragePhaseConfig,
    GenerationConfig,
    PhasesConfig,
    PositiveDataAcceptanceConfig,
    ProjectConfig,
    ProjectsConfig,
    SchemathesisConfig,
    StatefulPhaseConfig,
)
from schemathesis.specs.openapi.checks import negative_data_rejection

from api.app import create_app
from api.settings import Settings
from geocover.register.uploads import Upload
from tests.api.filling import A, check
from tests.api.running import bearer, make_csv

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

    from geocover.store import Snapshot
    from tests.api.filling import Filled

DAY = dt.date(2023, 3, 31)
NAME = re.compile(r"[a-z][a-z0-9_]*")
VIETNAMESE = re.compile(
    "[àáảãạăằắẳẵặâầấẩẫậèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵđ]", re.IGNORECASE
)


def without_more(told: Any) -> Any:
    """The document with every object closed, so that a member that nobody documented is found."""
    if isinstance(told, list):
        return [without_more(one) for one in told]
    if not isinstance(told, dict):
        return told
    inside = {name: without_more(one) for name, one in told.items()}
    is_object = told.get("type") == "object" and "properties" in told
    return {"additionalProperties": False, **inside} if is_object else inside


DOCUMENT = create_app(Settings()).openapi()


def promises(*, edges: bool) -> schemathesis.BaseSchema:
    """What is promised, tried with a few examples, or at the edges of every parameter too."""
    project = ProjectConfig(
        # Which technologies, operators and dates there are is known to the snapshot and no schema.
        checks=ChecksConfig(positive_data_acceptance=PositiveDataAcceptanceConfig(enabled=False)),
        phases=PhasesConfig(
            coverage=CoveragePhaseConfig(enabled=edges, unexpected_methods={"put", "options"}),
            stateful=StatefulPhaseConfig(enabled=False),
        ),
        generation=GenerationConfig(max_examples=2, deterministic=True, no_shrink=True, database="none"),
    )
    config = SchemathesisConfig(
        projects=ProjectsConfig(default=project), cache=CacheConfig(enabled=False), seed=1
    )
    return schemathesis.openapi.from_dict(without_more(DOCUMENT), config=config)


few = promises(edges=False)
# One collection's items stand for all, whose parameters are the same code.
edges = promises(edges=True).exclude(path_regex="/collections/(?!communes/)[a-z-]+/items$")


class Asking:
    """Sends cases as a reader, to ids of what there is."""

    def __init__(self, closed: httpx.Client, filled: Filled, snapshot: Snapshot) -> None:
        self._origin = str(closed.base_url)
        self._tokens = filled.tokens
        one, _ = check(filled, Upload("d.csv", make_csv(5), A, DAY))
        self._known = {
            "list_id": one.id, "job_id": filled.check_jobs[A], "snapshot_id": snapshot.id,
            "code": "07900", "place_id": "centre-07900",
        }  # fmt: skip
        self._session = requests.Session()

    def ask(self, case: schemathesis.Case[Any], reader: str) -> None:
        """Send a case and look at the answer."""
        known = {name: value for name, value in self._known.items() if name in case.path_parameters}
        case.path_parameters.update(known)
        # What was wrong may have been the id. A limit above the most is the most (OGC Part 1, 22 C).
        excused: list[schemathesis.CheckFunction] = (
            [negative_data_rejection] if known or case.path.endswith("/items") else []
        )
        token = self._tokens.get(reader)
        case.call_and_validate(
            base_url=self._origin,
            session=self._session,
            headers=bearer(token) if token else {},
            excluded_checks=excused,
            allow_redirects=False,
        )

    def close(self) -> None:
        """Let connections go."""
        self._session.close()


@pytest.fixture(scope="module")
def asking(closed: httpx.Client, filled: Filled, snapshot: Snapshot) -> Iterator[Asking]:
    """A sender of cases."""
    made = Asking(closed, filled, snapshot)
    yield made
    made.close()


@edges.parametrize()
def test_promises_hold_for_a_planner(case: schemathesis.Case[Any], asking: Asking) -> None:
    """Catches a 500; statuses, types, members, methods that are not promised; locks that do not lock."""
    asking.ask(case, "planner")


@pytest.mark.parametrize("reader", ["none", "a"])
@few.parametrize()
def test_promises_hold_for(reader: str, case: schemathesis.Case[Any], asking: Asking) -> None:
    """Catches answers to the public and to partners that are not promised."""
    asking.ask(case, reader)


def test_the_document_is_valid_and_has_names() -> None:
    """Catches a document that generators of clients refuse, and an operation without words in a language."""
    few.validate()
    operations = [one for item in DOCUMENT["paths"].values() for one in item.values()]
    names = [one["operationId"] for one in operations]
    assert len(set(names)) == len(names)
    for one in operations:
        assert NAME.fullmatch(one["operationId"]), one["operationId"]
        assert VIETNAMESE.search(one["summary"]), one["operationId"]
        assert one["description"]
        assert one["tags"]
        assert "422" not in one["responses"]
    assert DOCUMENT["paths"]["/stations"]["get"]["security"]
    assert {} not in DOCUMENT["paths"]["/audit"]["get"]["security"]
    assert {} in DOCUMENT["paths"]["/coverage"]["get"]["security"]
