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


def begins(polygon: str) -> float:
    """Where a cut pane begins, in its own pixels."""
    return float(polygon.removeprefix("polygon(").split("px")[0])


def test_two_dates_share_the_map(watch: Watch, small_origin: str) -> None:
    """Catches a second date that is not asked for, the newer one to the left, a divider for a mouse alone."""
    watched = watch(small_origin)
    page = watched.open()
    page.locator("#compare").select_option(label="30/06/2025")
    divider = page.get_by_role("slider", name="Vạch chia")
    assert page.locator(".side-name").all_inner_texts() == ["30/06/2025", "31/12/2025"]
    until(page, "document.querySelectorAll('.leaflet-communes-other-pane path').length === 4")
    assert any("/shares?snapshot=2025-06-30" in one for one in watched.requests)
    before = cut(page, "overlayPane"), cut(page, "communes-other")
    assert all(one.startswith("polygon") for one in before)
    assert begins(before[1]) < 0 < begins(before[0])
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


def test_stations_stand_on_both_sides_above_the_marks(watch: Watch, small_origin: str) -> None:
    """Catches stations of one operator on both sides of a comparison, on one alone, or below centres."""
    watched = watch(small_origin)
    page = watched.open(
        "/maps/coverage#operator=Viettel&compare=operator:VinaPhone&layers=communes,centres,stations"
    )
    marks = "document.querySelectorAll('.leaflet-{}-pane path, .leaflet-{}-pane .marker-cluster').length"
    for name in ("stations", "stations-other"):
        until(page, f"{marks.replace('{}', name)} > 0")
        assert cut(page, name).startswith("polygon")
    heights = "(name) => Number(map_coverage.getPane(name).style.zIndex)"
    below = max(page.evaluate(heights, name) for name in ("marks-other", "raster-other"))
    assert below < page.evaluate(heights, "stations") < page.evaluate(heights, "stations-other")
    until(page, "window.marker_cluster_stations.getLayers().length > 0")
    assert page.evaluate("window.marker_cluster_stations.options.clusterPane") == "stations"
    page.locator("#compare").select_option(value="")
    until(page, "document.querySelectorAll('.leaflet-stations-other-pane path').length === 0")
    assert watched.faults == []


def test_a_sheet_is_cut_where_the_map_was(watch: Watch, small_origin: str) -> None:
    """Catches a divider that crosses other communes on paper than on the screen, and one that stays there."""
    page = watch(small_origin).open("/maps/coverage#split=35")
    page.locator("#compare").select_option(label="30/06/2025")
    page.evaluate("""() => {
      window.print = () => { window.printed = true; };
      window.hold = (event) => event.stopImmediatePropagation();
      window.addEventListener("afterprint", window.hold);
    }""")
    ground = (
        "map_coverage.containerPointToLatLng([parseFloat(document.querySelector('.divider').style.left)"
        " / 100 * map_coverage.getSize().x, 10]).lng"
    )
    pixel = "(b => (b.getEast() - b.getWest()) / map_coverage.getSize().x)(map_coverage.getBounds())"
    before, near = page.evaluate(ground), page.evaluate(pixel)
    page.locator("#paper").select_option("A4-portrait")
    page.get_by_role("button", name="In bản đồ").click()
    until(page, "window.printed === true")
    assert page.evaluate(ground) == pytest.approx(before, abs=near)
    assert page.locator("#sheet-title").inner_text().endswith("30/06/2025 | 31/12/2025")
    assert "máy chủ mở" not in page.locator("#sheet-foot").inner_text()
    page.evaluate("""() => {
      window.removeEventListener("afterprint", window.hold);
      window.dispatchEvent(new Event("afterprint"));
    }""")
    assert page.evaluate(f"{HASH}.get('split')") == "35"


@pytest.mark.parametrize("wanted", ["date:nothing", "operator:Nobody", "technology:9G", "x", "date:"])
def test_what_cannot_be_compared_is_left_out(watch: Watch, small_origin: str, wanted: str) -> None:
    """Catches an address made by hand that breaks the page."""
    watched = watch(small_origin)
    page = watched.open(f"/maps/coverage#compare={wanted}&split=200&opacity=x")
    assert page.locator(".divider").count() == 0
    assert watched.faults == []
