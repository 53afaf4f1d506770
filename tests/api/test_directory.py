"""Pages of features are found at once, and are what their routes would give."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from starlette.routing import Match

from api.app import create_app
from api.registry import Registry
from api.routes.features import ITEMS, directory
from api.settings import Settings
from geocover.features import COLLECTIONS

if TYPE_CHECKING:
    from pathlib import Path

    import httpx

    from tests.api.conftest import Serving


def scope_of(path: str, method: str = "GET") -> dict[str, Any]:
    """A request as a server tells of it."""
    return {
        "type": "http", "method": method, "scheme": "http", "path": path, "raw_path": path.encode(),
        "query_string": b"", "http_version": "1.1", "root_path": "",
        "headers": [(b"host", b"a")], "client": ("127.0.0.1", 1),
    }  # fmt: skip


def test_every_collection_is_in_it_and_nothing_else() -> None:
    """Catches a collection that is found by going through all addresses, and a POST that is answered."""
    assert len(ITEMS) == len(COLLECTIONS)
    for path in ITEMS:
        match, found = directory.matches(scope_of(path))
        assert match is Match.FULL
        assert found["route"].path == path
        assert directory.matches(scope_of(path, "POST"))[0] is Match.NONE
    for path in ("/collections/none/items", "/collections/communes/items/", "/collections/communes"):
        assert directory.matches(scope_of(path))[0] is Match.NONE
    assert directory.matches({"type": "lifespan"})[0] is Match.NONE


def test_it_stands_before_all_routes(small_root: Path) -> None:
    """Catches an application in which the routes are gone through first, and one that needs no routes."""
    app = create_app(Settings(snapshots=small_root))
    asked = scope_of(next(iter(ITEMS)))
    found = [one for one in app.router.routes if one.matches({**asked})[0] is not Match.NONE]
    assert found[0] is directory
    assert len(found) > 1
    assert set(ITEMS) <= set(app.openapi()["paths"])


def test_what_its_routes_give_is_the_same(
    client: httpx.Client, serving: Serving, small_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Catches pages, headers and errors that differ by the way that led to them."""
    asked = [
        *(("GET", f"{path}?limit=3&lang=en") for path in ITEMS),
        ("HEAD", "/collections/communes/items"), ("POST", "/collections/communes/items"),
        ("GET", "/collections/communes/items?limit=0"), ("GET", "/collections/communes/items?nothing=1"),
        ("GET", "/collections/gaps/items?limit=1&limit=2"), ("GET", "/collections/gaps/items?bbox=1"),
    ]  # fmt: skip
    varying = {"date", "x-request-id", "ratelimit", "ratelimit-policy"}

    def answers(of: httpx.Client) -> list[Any]:
        found = [of.request(method, path, headers={"Host": "same"}) for method, path in asked]
        return [
            (one.status_code, one.content, {name: one.headers[name] for name in {*one.headers} - varying})
            for one in found
        ]

    direct = answers(client)
    monkeypatch.setattr(directory, "_routes", {})
    with serving(Settings(snapshots=small_root, open=True)) as other:
        assert answers(other) == direct
    assert {one[0] for one in direct} >= {200, 400, 401, 405}


def test_a_new_page_looks_at_the_folder_once(small_root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Catches a folder that is gone through several times for one answer."""
    looks: list[Path] = []
    present = Registry._present

    def counted(self: Registry) -> Any:
        looks.append(self.root)
        return present(self)

    monkeypatch.setattr(Registry, "_present", counted)
    app = create_app(Settings(snapshots=small_root, open=True))
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def ask(offset: int) -> None:
        told = {**scope_of("/collections/communes/items"), "query_string": f"offset={offset}".encode()}
        await app(told, None, send)  # type: ignore[arg-type]

    async def both() -> None:
        await ask(0)
        looks.clear()
        await ask(1)
        assert len(looks) == 1

    asyncio.run(both())
    assert [one["status"] for one in sent if "status" in one] == [200, 200]
