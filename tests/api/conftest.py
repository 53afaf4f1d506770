"""An application over small snapshots."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING

import httpx
import pytest
import uvicorn

from api.app import create_app
from api.settings import Settings
from geocover.register.database import open_database
from tests.api.filling import Filled, fill
from tests.exports.conftest import exported, keep_copies  # noqa: F401 - a fixture
from tests.register.conftest import (  # noqa: F401 - fixtures
    database_url,
    postgres,
    postgres_template,
    sqlite_template,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from geocover.store import Snapshot

Serving = Callable[[Settings | None], AbstractContextManager[httpx.Client]]


@contextmanager
def serve(settings: Settings | None = None) -> Iterator[httpx.Client]:
    """Run the application on a free port of this process, and give a client of it."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(create_app(settings), log_level="critical", lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{listening.getsockname()[1]}", timeout=30) as client:
            yield client
    finally:
        server.should_exit = True
        thread.join()
        listening.close()


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Filled]:
    """A register with lists of two partners, and keys of every kind."""
    folder = tmp_path_factory.mktemp("filled")
    with open_database(folder=folder) as database:
        yield fill(database, folder)


@pytest.fixture(scope="session")
def made(snapshot: Snapshot, exported: dict[str, Path], filled: Filled) -> None:  # noqa: F811
    """The exports for all kinds of readers where the server keeps them, so that it need not make them."""
    keep_copies(snapshot, exported, filled.folder)


@pytest.fixture(scope="session")
def closed(small_root: Path, filled: Filled) -> Iterator[httpx.Client]:
    """A client of the application over the two dates and the filled register, closed as it is by default."""
    settings = Settings(
        snapshots=small_root, data=filled.folder, uploads_per_hour=1e9, requests_per_minute=1e6
    )
    with serve(settings) as opened:
        yield opened


@pytest.fixture(autouse=True)
def _no_cookies(request: pytest.FixtureRequest) -> None:
    """Let no test's browser be named by a page that another test looked at."""
    for name in {"client", "closed"} & set(request.fixturenames):
        request.getfixturevalue(name).cookies.clear()


@pytest.fixture(scope="session")
def serving() -> Serving:
    """Give the context manager that serves settings."""
    return serve


@pytest.fixture(scope="session")
def client(small_root: Path) -> Iterator[httpx.Client]:
    """A client of the application over the two dates, open to everybody."""
    with serve(Settings(snapshots=small_root, open=True)) as opened:
        yield opened


@pytest.fixture(scope="session")
def hostile_client(hostile_root: Path) -> Iterator[httpx.Client]:
    """A client of the application over the hostile snapshot, open to everybody."""
    with serve(Settings(snapshots=hostile_root, open=True)) as opened:
        yield opened
