"""Whatever stands in an address or a body, the server answers as /openapi.json says, and never fails.

Parameters are `test_schemathesis`'s; here is what no schema allows: raw bytes, surrogates, hostile names.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from api.app import create_app
from api.settings import Settings
from tests.api.filling import A, B
from tests.api.running import bearer

if TYPE_CHECKING:
    import httpx

    from tests.api.filling import Filled

DOCUMENT = create_app(Settings()).openapi()
OPERATIONS = sorted(
    (method, path)
    for path, item in DOCUMENT["paths"].items()
    for method in item
    if "events" not in path and ("{" in path or method == "post")
)
RELAXED = settings(
    max_examples=12,
    phases=[Phase.generate],
    derandomize=True,
    database=None,
)
NASTY = st.sampled_from(
    ["", "0", "-1", "1e999", "null", "any", A, B, "%00", "\x00", "\ud7ff", "' OR 1=1 --", "../../etc/passwd",
     "ế" * 99, "2025-12-31", "0001-01-01", "9999-12-31", "[]", "true", "a" * 5000]
)  # fmt: skip
TEXT = st.one_of(NASTY, st.text(max_size=30))
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), TEXT, st.just("\ud800")),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXT, inner, max_size=3)),
    max_leaves=6,
)


def names_of(operation: dict[str, Any]) -> list[str]:
    return [one["name"] for one in operation.get("parameters", []) if one["in"] == "query"]


def as_json(value: object) -> dict[str, Any]:
    return {"content": json.dumps(value), "headers": {"Content-Type": "application/json"}}


BODIES = st.one_of(
    st.builds(as_json, VALUES),
    st.builds(as_json, st.dictionaries(st.sampled_from(["reason", "mapping"]), VALUES, max_size=2)),
    st.builds(lambda told: {"data": told}, st.dictionaries(st.sampled_from(["key", "csrf", "as_of"]), TEXT)),
    st.builds(lambda raw: {"content": raw}, st.binary(max_size=50)),
    st.builds(lambda raw: {"files": {"file": ("x", raw)}}, st.binary(max_size=50)),
)


@pytest.mark.parametrize(("method", "path"), OPERATIONS, ids=[" ".join(one) for one in OPERATIONS])
@RELAXED
@given(data=st.data())
def test_nothing_makes_the_server_fail(
    closed: httpx.Client, filled: Filled, method: str, path: str, data: st.DataObject
) -> None:
    """Catches a 500, an answer that is not documented, and an error that is no problem document."""
    operation = DOCUMENT["paths"][path][method]
    asked = st.one_of(st.sampled_from([*names_of(operation), "x"]), TEXT)
    query = data.draw(st.dictionaries(asked, TEXT, max_size=3))
    own = st.sampled_from([filled.checked[A].id, filled.check_jobs[A]])
    name = data.draw(st.one_of(own, TEXT.filter(lambda text: bool(text.strip("./")))))
    address = re.sub(r"\{\w+\}", quote(name, safe=""), path)
    body = data.draw(BODIES) if method == "post" else {}
    headers = {**bearer(filled.tokens["admin"]), **body.pop("headers", {})}
    response = closed.request(method.upper(), address, params=query, headers=headers, **body)
    assert response.status_code < 500, response.text
    if response.status_code >= 400:
        assert response.headers["content-type"] == "application/problem+json"
        assert set(response.json()) == {"type", "title", "status", "detail", "instance"}
    if response.status_code not in (404, 405):  # a nasty name may lead to another address
        assert str(response.status_code) in operation["responses"], response.text
