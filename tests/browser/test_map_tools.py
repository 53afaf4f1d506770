"""The strip above the map, its ground and names, and what can be taken away: link, sheet, picture."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image

from tests.browser.test_map import GAP, share_of, until
from tests.small_snapshots import SIDE, SOUTH, WEST

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

Watch = Any
SPOT = f"{SOUTH + 0.5 * SIDE:.5f}/{WEST + 0.4 * SIDE:.5f}"
MM = 72 / 25.4
OVERLAPS = """() => {
  const names = [...document.querySelectorAll(".commune-names span")];
  const boxes = names.map((one) => one.getBoundingClientRect());
  const crosses = (a, b) => Math.min(a.right, b.right) > Math.max(a.left, b.left)
    && Math.min(a.bottom, b.bottom) > Math.max(a.top, b.top);
  return boxes.some((a, k) => boxes.slice(k + 1).some((b) => crosses(a, b)));
}"""


def test_link_brings_exactly_this_view(watch: Watch, small_origin: str) -> None:
    """Catches a link without its language, date, position or any of the choices."""
    watched = watch(small_origin)
    watched.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = watched.open("/maps/coverage?lang=en#layers=raster,names&opacity=40&commune=07894")
    page.get_by_role("button", name="Copy link").click()
    until(page, "document.getElementById('tools-said').textContent.includes('copied')")
    link = page.evaluate("navigator.clipboard.readText()")
    assert re.search(r"lang=en&snapshot=2025-12-31-\w+#", link)
    again = watch(small_origin)
    opened = again.open(link.removeprefix(small_origin))
    seen = "[map_coverage.getZoom(), map_coverage.getCenter().lat, map_coverage.getCenter().lng]"
    assert opened.evaluate(seen) == pytest.approx(page.evaluate(seen), abs=1e-3)
    assert opened.locator("#opacity").input_value() == "40"
    assert opened.get_by_label("Coverage in detail").is_checked()
    assert not opened.get_by_label("Gaps", exact=True).is_checked()
    opened.wait_for_selector("#commune table")
    assert watched.faults == again.faults == []


def test_levels_fade_over_the_ground(watch: Watch, small_origin: str) -> None:
    """Catches a slider that does nothing, or that stands where there is nothing to fade."""
    page = watch(small_origin).open()
    assert page.locator("#opacity").count() == 0
    page.get_by_label("Dân cư").check()
    slider = page.get_by_label("Độ đậm")
    slider.focus()
    page.keyboard.press("Home")
    assert page.evaluate("getComputedStyle(document.querySelector('.population-raster')).opacity") == "0.1"
    assert "người/km²" in page.locator("#legend").inner_text()
    page.get_by_label("Dân cư").uncheck()
    assert slider.is_hidden()


def test_names_stand_apart(watch: Watch, small_origin: str) -> None:
    """Catches names over one another, and names of a layer that is switched off."""
    page = watch(small_origin).open()
    until(page, "document.querySelectorAll('.commune-names span').length > 0")
    for zoom in (8, 9, 11):
        page.evaluate(f"map_coverage.setZoom({zoom}, {{animate: false}})")
        assert page.evaluate(OVERLAPS) is False
    page.get_by_label("Tên xã, phường").uncheck()
    assert page.locator(".commune-names span").count() == 0


@pytest.mark.parametrize(
    ("paper", "width_mm", "height_mm"), [("A4-landscape", 297, 210), ("A3-portrait", 297, 420)]
)
def test_a_sheet_holds_the_map_and_its_sources(
    watch: Watch, hostile_origin: str, paper: str, width_mm: float, height_mm: float
) -> None:
    """Catches another paper, a second page, a lost title, legend, source or band, a page not laid back."""
    page: Page = watch(hostile_origin).open("/maps/coverage")
    # What Chromium says of its PDF is held back; the page is looked at as it was printed.
    page.evaluate("""() => {
      window.print = () => { window.printed = true; };
      window.hold = (event) => event.stopImmediatePropagation();
      window.addEventListener("afterprint", window.hold);
    }""")
    page.locator("#paper").select_option(paper)
    page.get_by_role("button", name="In bản đồ").click()
    until(page, "window.printed === true")
    pdf = page.pdf(prefer_css_page_size=True, print_background=True)
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 1
    box = [float(one) for one in re.findall(rb"/MediaBox\s*\[([^\]]+)\]", pdf)[0].split()]
    assert box[2:] == pytest.approx([width_mm * MM, height_mm * MM], abs=1.5)
    shown = page.locator("#sheet-title, #sheet-foot").all_inner_texts()
    assert "vùng phủ sóng 4G" in shown[0]
    assert "Danh sách trạm đến ngày" in shown[1]
    assert "Nguồn" in shown[1]
    for one in ("#legend-body", ".band", ".leaflet-control-scale"):
        assert page.locator(one).is_visible()
    assert page.locator("#panel").is_hidden()
    page.evaluate("""() => {
      window.removeEventListener("afterprint", window.hold);
      window.dispatchEvent(new Event("afterprint"));
    }""")
    assert page.locator("#panel").is_visible()
    assert page.locator("#sheet-foot").is_hidden()


def test_picture_is_drawn_of_what_is_seen(watch: Watch, small_origin: str, tmp_path: Path) -> None:
    """Catches a picture of another size, without gaps or legend, or made of anything from outside."""
    watched = watch(small_origin)
    page = watched.open("/maps/coverage")
    with page.expect_download() as download:
        page.get_by_role("button", name="Ảnh PNG").click()
    file = tmp_path / "map.png"
    download.value.save_as(file)
    assert re.fullmatch(r"geocover-2025-12-31-\w+-4g\.png", download.value.suggested_filename)
    pixels = np.asarray(Image.open(io.BytesIO(file.read_bytes())).convert("RGB")).astype(int)
    assert pixels.shape == (1080, 1920, 3)
    assert share_of(pixels[110:1000, :1500], GAP) > 0.1
    assert (pixels[110:700, 1540:1900].min(axis=2) < 90).mean() > 0.005
    assert watched.outside() == []
    assert watched.faults == []


def test_no_rule_of_axe_is_broken_with_the_tools_open(browser: Browser, small_origin: str) -> None:
    """Catches weak contrast and missing names in the point, its profile and the comparison."""
    context = browser.new_context(bypass_csp=True)  # axe is put into the page
    page = context.new_page()
    found: list[Any] = []
    for language, width in (("vi", 1440), ("en", 360)):
        page.set_viewport_size({"width": width, "height": 900})
        view = f"point={SPOT}&operator=Viettel&compare=operator:VinaPhone&layers=raster,communes,names,gaps"
        page.goto(f"{small_origin}/maps/coverage?lang={language}#{view}")
        page.wait_for_selector("html[data-ready]")
        page.wait_for_selector("#point table.levels")
        assert page.evaluate("document.documentElement.scrollWidth") == width
        broken = Axe().run(page).response["violations"]
        found += [(language, one["id"], [node["html"][:200] for node in one["nodes"][:3]]) for one in broken]
    context.close()
    assert found == []
