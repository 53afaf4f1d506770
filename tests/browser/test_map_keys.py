"""The map by keyboard: few stops, each with a name, and the layer control among them."""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = pytest.mark.browser

Watch = Any
STOP = """() => {
  const at = document.activeElement;
  return [at.tagName.toLowerCase(), at.getAttribute("aria-label") || at.labels?.[0]?.innerText || at.innerText
    || at.getAttribute("title") || at.getAttribute("alt") || at.getAttribute("placeholder") || ""];
}"""
MOST = 60


def stops(page: Any) -> list[tuple[str, str]]:
    """Kind and name of each stop of the Tab key, from the top of the page to the first layer."""
    found: list[tuple[str, str]] = []
    while not (found and found[-1][0] == "input" and "Xã, phường" in found[-1][1]):
        assert len(found) < MOST, found[-8:]
        page.keyboard.press("Tab")
        kind, name = page.evaluate(STOP)
        found.append((kind, name.strip()))
    return found


def test_no_commune_is_a_stop_on_the_way_to_the_layers(watch: Watch, small_origin: str) -> None:
    """Catches a stop for every commune, without a name, before the first layer."""
    page = watch(small_origin).open()
    assert page.locator(".leaflet-overlay-pane path, path.leaflet-interactive").count() > 3
    found = stops(page)
    assert "path" not in {kind for kind, _ in found}
    assert [one for one in found if not one[1]] == []


def test_a_commune_is_found_without_spaces_too(watch: Watch, small_origin: str) -> None:
    """Catches "lamthao", as telephones write it, for which nothing is found."""
    page = watch(small_origin).open()
    names = page.evaluate("fetch('/communes?detail=map').then((one) => one.json())")["features"]
    name = next(one["properties"]["name"] for one in names if " " in one["properties"]["name"])
    page.locator("#search").fill(name.replace(" ", "").lower())
    assert name in page.locator("#search-list li").first.inner_text()
