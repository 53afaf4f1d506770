"""A server of its own process and a headless Chromium; whatever a page does wrong is collected."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Page

ROOT = Path(__file__).parents[2]
ARGUMENTS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--no-first-run",
]  # fmt: skip
STARTS_WITHIN_S = 60
READY = "html[data-ready]"


@dataclass
class Watched:
    """A page, and everything that it asked for or did wrong."""

    page: Page
    origin: str
    requests: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)

    def open(self, address: str = "/maps/coverage") -> Page:
        """Open an address and wait until the map is drawn."""
        self.page.goto(self.origin + address)
        self.page.wait_for_selector(READY, timeout=30_000)
        return self.page

    def outside(self) -> list[str]:
        """Requests to anywhere but the server."""
        return [one for one in self.requests if not one.startswith((self.origin, "data:", "blob:"))]


@pytest.fixture(scope="session")
def small_origin(small_root: Path) -> Iterator[str]:
    """Address of a server over the two dates."""
    with served(small_root) as origin:
        yield origin


@pytest.fixture(scope="session")
def cut_origin(cut_root: Path) -> Iterator[str]:
    """Address of a server over a snapshot whose 4G is partly unknown."""
    with served(cut_root) as origin:
        yield origin


@pytest.fixture(scope="session")
def hostile_origin(hostile_root: Path) -> Iterator[str]:
    """Address of a server over the hostile snapshot."""
    with served(hostile_root) as origin:
        yield origin


@contextmanager
def served(root: Path) -> Iterator[str]:
    """Run the server on a free port, as `geocover serve` does, until the block ends."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "uvicorn", "api.app:create_app", "--factory", "--port", str(port)]
    environment = {**os.environ, "GEOCOVER_SNAPSHOTS": str(root), "GEOCOVER_OPEN": "1"}
    with subprocess.Popen([*command, "--log-level", "warning"], env=environment, cwd=ROOT) as process:
        try:
            yield _ready(f"http://127.0.0.1:{port}", process)
        finally:
            process.terminate()
            process.wait(timeout=20)


def _ready(origin: str, process: subprocess.Popen[bytes]) -> str:
    deadline = time.monotonic() + STARTS_WITHIN_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            httpx.get(f"{origin}/healthz", timeout=5).raise_for_status()
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return origin
    pytest.fail(f"the server did not start within {STARTS_WITHIN_S} s (exit code {process.poll()})")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A headless Chromium; GEOCOVER_CHROMIUM names another than the one on the path."""
    found = (
        os.environ.get("GEOCOVER_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    )
    if found is None:
        pytest.skip("no Chromium found; install the package chromium, or name one by GEOCOVER_CHROMIUM")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
        yield opened
        opened.close()


@pytest.fixture
def watch(browser: Browser) -> Iterator[Callable[..., Watched]]:
    """Give a maker of watched pages; all are closed afterwards."""
    contexts = []

    def make(origin: str, width: int = 1440, height: int = 900) -> Watched:
        context = browser.new_context(viewport={"width": width, "height": height}, locale="vi-VN")
        contexts.append(context)
        watched = Watched(context.new_page(), origin)
        page = watched.page
        page.on("request", lambda request: watched.requests.append(request.url))
        page.on(
            "console",
            lambda said: watched.faults.append(said.text) if said.type in {"error", "warning"} else None,
        )
        page.on("pageerror", lambda error: watched.faults.append(str(error)))
        page.on("requestfailed", lambda request: watched.faults.append(f"failed {request.url}"))
        page.on("dialog", lambda dialog: (watched.dialogs.append(dialog.message), dialog.dismiss()))
        return watched

    yield make
    for context in contexts:
        context.close()
