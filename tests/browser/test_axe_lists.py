"""The pages that need a key, and those of a server without a result, against the rules of axe."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from geocover.register import lists
from geocover.register.database import open_database
from geocover.register.keys import NewKey, add_key
from tests.browser.conftest import served
from tests.browser.test_waiting import put

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

WIDTHS = (1440, 360)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory, small_root: Path) -> Iterator[dict[str, str]]:
    """Address of a server, keys of a planner and a partner, and the id of a list that waits."""
    data = tmp_path_factory.mktemp("axe-lists")
    with open_database(folder=data) as database:
        keys = {
            role: add_key(database, NewKey(role, role, of), "test")[1]
            for role, of in (("planner", None), ("partner", "Viettel"))
        }
        put(database, "Viettel", "2025-12-31", "checked")
        listed = lists.all_of(database)[0].id
    with served(small_root, data, DATA=str(data)) as origin:
        yield {"origin": origin, "list": listed, **keys}


def broken(page: Page, address: str) -> list[Any]:
    """Rules that a page breaks, in both languages, wide and narrow, with all that can be opened open."""
    found: list[Any] = []
    for language in ("vi", "en"):
        page.goto(f"{address}?lang={language}")
        page.wait_for_selector("html[data-ready]")
        page.wait_for_load_state("networkidle")
        page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            told = Axe().run(page).response["violations"]
            found += [
                (language, width, one["id"], [node["html"][:200] for node in one["nodes"][:3]])
                for one in told
            ]
    return found


@pytest.mark.parametrize("role", ["planner", "partner"])
def test_the_pages_of_lists_break_no_rule(browser: Browser, told: dict[str, str], role: str) -> None:
    """Catches missing names, weak contrast and wrong roles on the pages behind a key."""
    context = browser.new_context(bypass_csp=True)  # axe is put into the page
    page = context.new_page()
    page.goto(f"{told['origin']}/sign-in")
    page.wait_for_selector("html[data-ready]")
    page.locator("#key").fill(told[role])
    page.keyboard.press("Enter")
    page.wait_for_url("**/uploads*")
    for path in ("/uploads", f"/uploads/{told['list']}", "/maps/commune/07894", "/maps/places"):
        assert broken(page, told["origin"] + path) == [], path
    context.close()


def test_a_server_without_a_result_breaks_no_rule(browser: Browser, tmp_path: Path) -> None:
    """Catches commands that no keyboard can scroll or that widen a telephone's page; heads out of order."""
    empty = tmp_path / "snapshots"
    empty.mkdir()
    with served(empty, tmp_path, DATA=str(tmp_path)) as origin:
        context = browser.new_context(bypass_csp=True)
        for path in ("/maps/coverage", "/method"):
            page = context.new_page()
            assert broken(page, origin + path) == [], path
            assert page.evaluate("document.documentElement.scrollWidth") == WIDTHS[-1]
        context.close()
