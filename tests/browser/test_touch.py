"""What fingers and narrow screens need: large targets, choices in full, tables that show they go on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from geocover.register.database import open_database
from geocover.register.keys import NewKey, add_key
from tests.browser.conftest import served, sign_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

Watch = Any
PAGES = (
    "/maps/coverage", "/maps/commune/07894", "/maps/compare", "/maps/gaps", "/maps/places", "/downloads",
    "/method", "/sign-in", "/maps/nowhere",
)  # fmt: skip
# Controls of their own that are less than 24 px high or wide; links in sentences may be (WCAG 2.5.8), and
# boxes whose label is larger.
SMALL = """() => [...document.querySelectorAll("a, button, input, select, summary")].filter((one) => {
  const { width, height } = (one.closest("label") ?? one).getBoundingClientRect();
  const aside = one.closest(".visually-hidden, .skip") || getComputedStyle(one).display === "inline";
  return width && height && !aside && Math.round(Math.min(width, height)) < 24;
}).map((one) => one.outerHTML.slice(0, 120))"""
# Choices of filters that do not fit into their box: 28 px are the arrow's and the padding's.
CUT = """() => [...document.querySelectorAll(".filter select")].filter((one) => {
  const pen = document.createElement("canvas").getContext("2d");
  pen.font = getComputedStyle(one).font;
  return pen.measureText(one.selectedOptions[0].text).width > one.clientWidth - 28;
}).map((one) => `${one.name}: ${one.selectedOptions[0].text}`)"""
SHADED = """() => [...document.querySelectorAll(".table-scroll")].every(
  (one) => getComputedStyle(one).backgroundImage.includes("gradient"))"""


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory, small_root: Path) -> Iterator[tuple[str, str]]:
    """Address of a server, and a planner's key."""
    data = tmp_path_factory.mktemp("touch")
    with open_database(folder=data) as database:
        planner = add_key(database, NewKey("planner", "planner", None), "test")[1]
    with served(small_root, data, DATA=str(data)) as origin:
        yield origin, planner


@pytest.mark.parametrize("width", [1440, 360])
def test_targets_are_large_enough(watch: Watch, small_origin: str, width: int) -> None:
    """Catches a link or button of its own that a finger misses: less than 24 px (WCAG 2.2, 2.5.8)."""
    watched = watch(small_origin, width)
    for path in PAGES:
        page = watched.open(f"{path}?lang=vi")
        assert page.evaluate(SMALL) == [], path


@pytest.mark.parametrize("width", [1440, 360])
def test_choices_of_filters_are_not_cut(watch: Watch, small_origin: str, width: int) -> None:
    """Catches "Tất cả xã, phườ": what a filter is set to at first does not fit into its box."""
    watched = watch(small_origin, width)
    for path in ("/maps/gaps", "/maps/places", "/maps/compare"):
        for language in ("vi", "en"):
            page = watched.open(f"{path}?lang={language}")
            assert page.evaluate(CUT) == [], (path, language)


def test_tables_show_that_they_go_on(watch: Watch, keys: tuple[str, str]) -> None:
    """Catches a table that ends at the edge of a telephone as if there were no more columns."""
    origin, key = keys
    watched = watch(origin, 360)
    for path in ("/maps/coverage", "/maps/commune/07894", "/maps/places"):
        assert watched.open(path).evaluate(SHADED), path
    page = sign_in(watched, key)
    assert page.evaluate(SMALL) == []


def heads(page: Page) -> list[str]:
    """Heads of the page, in their order."""
    return page.locator("h1, h2").all_inner_texts()


def test_a_planner_meets_the_lists_first(watch: Watch, keys: tuple[str, str]) -> None:
    """Catches a planner who has to pass the upload to find what waits, and a day that cannot be misread."""
    origin, key = keys
    page = sign_in(watch(origin), key)
    assert heads(page) == ["Danh sách trạm", "Các lần tải lên", "Tải lên danh sách trạm"]
    page.locator("#as-of").fill("2025-04-03")
    assert page.locator("#as-of-chosen").inner_text() == "Đã chọn 03/04/2025."
