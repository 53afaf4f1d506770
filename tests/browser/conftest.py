"""A server of its own process and a headless Chromium; whatever a page does wrong is collected."""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import sync_playwright

from tests.serving import serving

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

ARGUMENTS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--no-first-run",
]  # fmt: skip
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


@contextmanager
def served(root: Path, folder: Path, **settings: str) -> Iterator[str]:
    """Address of a server over snapshots, open to everybody, that logs into a folder."""
    with serving(folder / "server.log", SNAPSHOTS=str(root), OPEN="1", **settings) as server:
        yield server.origin


@pytest.fixture(scope="session")
def small_origin(small_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a server over the two dates."""
    with served(small_root, tmp_path_factory.mktemp("small-server")) as origin:
        yield origin


@pytest.fixture(scope="session")
def cut_origin(cut_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a server over a snapshot whose 4G is partly unknown."""
    with served(cut_root, tmp_path_factory.mktemp("cut-server")) as origin:
        yield origin


@pytest.fixture(scope="session")
def hostile_origin(hostile_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a server over the hostile snapshot."""
    with served(hostile_root, tmp_path_factory.mktemp("hostile-server")) as origin:
        yield origin


@pytest.fixture(scope="session")
def closed_origin(small_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a server over the two dates, closed as it is by default."""
    folder = tmp_path_factory.mktemp("closed-server")
    with serving(folder / "server.log", SNAPSHOTS=str(small_root), DATA=str(folder), JOB_SLOTS="0") as server:
        yield server.origin


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A headless Chromium; GEOCOVER_CHROMIUM names another than the one on the path.

    One a file: until it is closed Playwright's loop counts as running, and asyncio.run refuses to work.
    """
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


def sign_in(watched: Watched, key: str, language: str = "vi") -> Page:
    """Sign in as a reader does; the upload page is open then."""
    page = watched.page
    page.goto(f"{watched.origin}/sign-in?lang={language}&next=/uploads?lang={language}")
    page.wait_for_selector("html[data-ready]")
    page.locator("#key").fill(key)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: urlsplit(url).path == "/uploads")
    page.wait_for_selector("html[data-ready]")
    return page
