"""Every page against the rules of axe (WCAG 2.2 AA and good practice), in both languages, wide and narrow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from axe_playwright_python.sync_playwright import Axe

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser

PAGES = (
    "/maps/coverage", "/maps/commune/07894", "/maps/compare", "/maps/gaps", "/maps/places", "/downloads",
    "/method", "/sign-in", "/maps/nowhere",
)  # fmt: skip
WIDTHS = (1440, 360)


@pytest.mark.parametrize("path", PAGES)
def test_no_rule_is_broken(browser: Browser, small_origin: str, path: str) -> None:
    """Catches missing names, weak contrast, wrong roles, and landmarks or heads that cannot be told apart."""
    context = browser.new_context(bypass_csp=True)  # axe is put into the page
    page = context.new_page()
    found: list[Any] = []
    for language in ("vi", "en"):
        page.set_viewport_size({"width": WIDTHS[0], "height": 900})
        page.goto(f"{small_origin}{path}?lang={language}")
        page.wait_for_selector("html[data-ready]")
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
            broken = Axe().run(page).response["violations"]
            found += [
                (language, width, one["id"], [node["html"][:200] for node in one["nodes"][:3]])
                for one in broken
            ]
    context.close()
    assert found == []
