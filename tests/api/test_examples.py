"""Examples of /openapi.json: whoever reads it has something to try."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from api.app import create_app
from api.settings import Settings

if TYPE_CHECKING:
    import httpx

TAGS = {"features", "tiles", "answers", "exports"}
WELL = {200, 204, 307, 401, 404}  # 401: of the register; 404: the small snapshot has other communes


def operations() -> dict[str, list[dict[str, Any]]]:
    """Parameters of each operation that gives data, by its address."""
    document = create_app(Settings(open=True)).openapi()
    return {
        path: methods["get"].get("parameters", [])
        for path, methods in document["paths"].items()
        if "get" in methods and TAGS & set(methods["get"].get("tags", []))
    }


OPERATIONS = operations()


def example_of(parameter: dict[str, Any]) -> Any:
    """Example of a parameter, wherever the document has it; a choice is its own."""
    schema = parameter.get("schema", {})
    if "examples" in parameter:
        return next(iter(parameter["examples"].values()))["value"]
    return parameter.get("example", schema.get("example", schema.get("enum", [None])[0]))


@pytest.mark.parametrize("path", OPERATIONS)
def test_what_an_address_needs_has_an_example(path: str) -> None:
    """Catches a part of an address of which the document gives no example."""
    missing = [one["name"] for one in OPERATIONS[path] if one["required"] and example_of(one) is None]
    assert missing == []


@pytest.mark.parametrize("path", OPERATIONS)
def test_examples_are_understood(client: httpx.Client, path: str) -> None:
    """Catches an example that the server itself refuses, and two that contradict each other."""
    told = {(one["in"], one["name"]): example_of(one) for one in OPERATIONS[path]}
    address, query = path, {}
    for (where, name), value in told.items():
        if where == "path":
            address = address.replace(f"{{{name}}}", str(value))
        elif value is not None:
            query[name] = ",".join(map(str, value)) if isinstance(value, list) else str(value)
    response = client.get(address, params=query)
    assert response.status_code in WELL, response.text
