"""Two dates, operators or technologies on one map, with a divider between them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.test_map import until

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

Watch = Any
HASH = "new URLSearchParams(location.hash.slice(1))"


def cut(page: Page, pane: str) -> str:
    """How a pane is cut."""
    return str(page.evaluate(f"map_coverage.getPane('{pane}').style.clipPath"))


def test_two_dates_share_the_map(watch: Watch, small_origin: str) -> None:
    """Catches a second date that is not asked for, sides that are not cut, a divider for the mouse alone."""
    watched = watch(small_origin)
    page = watched.open()
    page.locator("#compare").select_option(label="30/06/2025")
    divider = page.get_by_role("slider", name="Vạch chia")
    assert page.locator(".side-name").all_inner_texts() == ["31/12/2025", "30/06/2025"]
    until(page, "document.querySelectorAll('.leaflet-communes-other-pane path').length === 4")
    assert any("/shares?snapshot=2025-06-30" in one for one in watched.requests)
    before = cut(page, "overlayPane"), cut(page, "communes-other")
    assert all(one.startswith("polygon") for one in before)
    assert before[0] != before[1]
    divider.focus()
    page.keyboard.press("ArrowLeft")
    assert divider.get_attribute("aria-valuenow") == "48"
    assert page.evaluate(f"{HASH}.get('split')") == "48"
    assert cut(page, "overlayPane") != before[0]
    page.keyboard.press("Home")
    assert divider.get_attribute("aria-valuenow") == "0"
    box = page.locator(".map-frame").bounding_box()
    assert box is not None
    grip = divider.locator(".grip").bounding_box()
    assert grip is not None
    page.mouse.move(grip["x"] + 20, grip["y"] + 16)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.7, grip["y"] + 16)
    page.mouse.up()
    assert divider.get_attribute("aria-valuenow") == "70"
    page.locator("#compare").select_option(value="")
    until(page, "!document.querySelector('.divider')")
    assert cut(page, "overlayPane") == ""
    assert page.locator(".leaflet-communes-other-pane path").count() == 0
    assert watched.faults == []


def test_an_address_brings_a_comparison_of_operators_back(watch: Watch, small_origin: str) -> None:
    """Catches a comparison that the link forgets, and both sides drawn of one operator."""
    watched = watch(small_origin)
    page = watched.open(
        "/maps/coverage?lang=en#operator=Viettel&compare=operator:VinaPhone&split=30&layers=raster,communes"
    )
    assert page.locator(".side-name").all_inner_texts() == ["Viettel", "VinaPhone"]
    assert page.get_by_role("slider", name="Divider").get_attribute("aria-valuenow") == "30"
    for operator in ("Viettel", "VinaPhone"):
        assert any(f"/raster/outdoor-4g/{operator}/" in one for one in watched.requests)
    page.locator("#pick-operator").select_option("VinaPhone")
    until(page, "!document.querySelector('.divider')")
    assert page.locator("#compare").input_value() == ""


@pytest.mark.parametrize("wanted", ["date:nothing", "operator:Nobody", "technology:9G", "x", "date:"])
def test_what_cannot_be_compared_is_left_out(watch: Watch, small_origin: str, wanted: str) -> None:
    """Catches an address made by hand that breaks the page."""
    watched = watch(small_origin)
    page = watched.open(f"/maps/coverage#compare={wanted}&split=200&opacity=x")
    assert page.locator(".divider").count() == 0
    assert watched.faults == []
