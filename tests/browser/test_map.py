"""The map as a planner meets it: drawn, searched by keyboard, switched, on a telephone, offline."""

from __future__ import annotations

import io
import re
import time
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

GAP = (178, 24, 43)
Watch = Any


def colours(page: Page) -> np.ndarray:
    """Pixels of the map as (height, width, 3)."""
    png = page.locator(".map-frame").screenshot()
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).astype(int)


def share_of(pixels: np.ndarray, colour: tuple[int, int, int], tolerance: int = 26) -> float:
    """Share of the pixels within a tolerance of a colour."""
    return float((np.abs(pixels - np.array(colour)).max(axis=2) <= tolerance).mean())


def until(page: Page, condition: str) -> None:
    """Wait for a condition; Playwright's own way needs eval, which the page's policy refuses."""
    deadline = time.monotonic() + 15
    while not page.evaluate(condition):
        assert time.monotonic() < deadline, condition
        page.wait_for_timeout(50)


def headline(page: Page) -> str:
    """The large figure."""
    return page.locator("#headline .big").inner_text()


def test_map_is_drawn_whole_without_the_internet(watch: Watch, small_origin: str) -> None:
    """Catches anything fetched from outside, any error in the console, and an empty map."""
    watched = watch(small_origin)
    page = watched.open()
    page.get_by_label("Trạm BTS").check()
    page.get_by_label("Vùng phủ sóng chi tiết").check()
    until(page, "document.querySelector('img.coverage-raster')?.naturalWidth > 10")
    assert watched.outside() == []
    assert watched.faults == []
    assert page.locator(".leaflet-overlay-pane path").count() >= 4
    assert page.locator(".leaflet-marker-pane .place").count() == 6
    assert page.locator(".marker-cluster, .leaflet-overlay-pane path.leaflet-interactive").count() > 0
    assert page.evaluate("document.documentElement.lang") == "vi"
    assert page.evaluate("document.fonts.check('16px \"Be Vietnam Pro\"', 'Việt')")


def test_gaps_shout_and_can_be_hidden(watch: Watch, small_origin: str) -> None:
    """Catches gaps that are not drawn, and a layer control that does nothing."""
    page = watch(small_origin).open()
    assert share_of(colours(page), GAP) > 0.15
    page.get_by_label("Điểm lõm sóng").uncheck()
    assert share_of(colours(page), GAP) < 0.02


def test_raster_is_drawn_in_its_classes(watch: Watch, small_origin: str) -> None:
    """Catches a picture that is blank, laid elsewhere than over the communes, or drawn by another program."""
    page = watch(small_origin).open()
    page.get_by_label("Điểm lõm sóng").uncheck()
    page.get_by_label("Vùng phủ sóng chi tiết").check()
    until(page, "document.querySelector('img.coverage-raster')?.naturalWidth > 10")
    page.wait_for_timeout(400)
    pixels = colours(page)
    green = (pixels[..., 1] > pixels[..., 0] + 25) & (pixels[..., 1] > pixels[..., 2] + 25)
    assert 0.01 < green.mean() < 0.5
    assert "rất tốt" in page.locator("#legend").inner_text()
    tile = str(page.locator("img.coverage-raster").first.get_attribute("src"))
    assert page.request.get(f"{small_origin}{tile}").headers["cache-control"].endswith("immutable")


def test_figures_are_those_of_the_api(watch: Watch, small_origin: str) -> None:
    """Catches figures of another view, or written in another locale."""
    page = watch(small_origin).open()
    answer = page.request.get(f"{small_origin}/shares").json()
    wanted = {
        (one["technology"], one["profile"], one["operator"], one["basis"]): one["province"]["share"]
        for one in answer["series"]
    }
    expected = f"{100 * wanted['4G', 'outdoor-4g', 'any', 'area']:.1f}".replace(".", ",")
    assert headline(page).startswith(expected)
    page.get_by_role("button", name="5G", exact=True).click()
    page.get_by_role("button", name="dân số", exact=True).click()
    page.get_by_label("Nhà mạng", exact=True).select_option("Viettel")
    page.get_by_label("Chuẩn có sóng").select_option("indoor-5g")
    expected = f"{100 * wanted['5G', 'indoor-5g', 'Viettel', 'population']:.1f}".replace(".", ",")
    page.locator("#headline .big", has_text=expected).wait_for()  # it is asked for when it is chosen
    assert headline(page).startswith(expected)
    assert "5G theo dân số" in page.locator("#headline").inner_text()


def test_reported_and_change_stand_beside(watch: Watch, small_origin: str) -> None:
    """Catches a lost comparison: reported figure with difference, and change since the date before."""
    text = watch(small_origin).open().locator("#figures").inner_text()
    assert re.search(r"Báo cáo: 98,0\s%\s·\schênh −\d+,\d điểm %", text)
    assert re.search(r"▲ 2 từ 30/06/2025", text)


def test_search_by_keyboard_without_tone_marks(watch: Watch, small_origin: str) -> None:
    """Catches a search that needs a mouse or Vietnamese typing, or finds nothing for either spelling."""
    page = watch(small_origin).open()
    page.locator("#search").focus()
    for typed, found in (
        ("da bac", "Xã Đà Bắc"),
        ("thuy v", "Xã Thuỵ Vân"),
        ("THUỴ VÂN", "Xã Thuỵ Vân"),
        ("07900", "Xã Hòa Bình"),
    ):
        page.locator("#search").fill(typed)
        assert page.locator("#search").get_attribute("aria-activedescendant") == "found-0"
        page.keyboard.press("Enter")
        until(page, f"document.querySelector('#commune h2')?.textContent === '{found}'")
    page.locator("#search").fill("xa")
    page.keyboard.press("ArrowDown")
    assert page.locator("#search-list [aria-selected=true]").get_attribute("id") == "found-1"
    page.keyboard.press("Escape")
    assert page.locator("#search-list").is_hidden()
    page.locator("#search").fill("không đâu có")
    assert "Không có xã" in page.locator("#search-list").inner_text()


def test_commune_shows_every_operator(watch: Watch, small_origin: str) -> None:
    """Catches a click on the map that does nothing, and operators left out."""
    page = watch(small_origin).open()
    page.get_by_label("Điểm lõm sóng").uncheck()
    page.locator(".leaflet-overlay-pane path").first.click(position={"x": 20, "y": 20})
    page.wait_for_selector("#commune table")
    text = page.locator("#commune").inner_text()
    assert all(name in text for name in ("Viettel", "VinaPhone", "Ít nhất một nhà mạng", "Tất cả nhà mạng"))
    assert "Trung tâm và khu công nghiệp" in text
    page.locator("#commune").get_by_role("button", name="Đóng").click()
    assert page.locator("#commune").is_hidden()


def test_gap_tells_how_large_and_how_far(watch: Watch, small_origin: str) -> None:
    """Catches a gap without size, people or nearest station."""
    page = watch(small_origin).open()
    page.evaluate("map_coverage.eachLayer(one => one.feature?.properties.nearest_km && one.openPopup?.())")
    text = page.locator(".leaflet-popup").inner_text()
    assert re.search(
        r"Chưa có sóng 4G: [\d.,]+ km², [\d.]+ người; trạm gần nhất PTO\d-4G \((Viettel|VinaPhone)\)", text
    )


def test_link_and_back_button_restore_the_view(watch: Watch, small_origin: str) -> None:
    """Catches a view that is lost with the page: technology, commune and layers live in the address."""
    watched = watch(small_origin)
    page = watched.open()
    page.get_by_role("button", name="5G", exact=True).click()
    page.get_by_label("Khu công nghiệp").uncheck()
    figure, link = headline(page), page.url
    page.go_back()
    until(page, "document.querySelector('#headline h2').textContent.startsWith('4G')")
    again = watch(small_origin)
    opened = again.open(link.removeprefix(small_origin))
    assert headline(opened) == figure
    assert not opened.get_by_label("Khu công nghiệp").is_checked()


def test_other_date_and_language_keep_the_view(watch: Watch, small_origin: str) -> None:
    """Catches a switch that forgets what was looked at."""
    page = watch(small_origin).open()
    page.get_by_role("button", name="5G", exact=True).click()
    newest = headline(page)
    page.locator("#date").select_option(label="30/06/2025")
    page.wait_for_url("**snapshot=2025-06-30**")
    page.wait_for_selector("html[data-ready]")
    assert headline(page) != newest
    page.get_by_role("link", name="EN").click()
    page.wait_for_url("**lang=en**")
    page.wait_for_selector("html[data-ready]")
    assert "5G by area" in page.locator("#headline").inner_text()
    assert re.match(r"\d+\.\d%", headline(page))
    assert "snapshot=2025-06-30" in page.url


def test_reloaded_page_runs_again(watch: Watch, small_origin: str) -> None:
    """Catches a 304 whose new policy refuses the scripts of the kept page."""
    watched = watch(small_origin)
    page = watched.open()
    for _ in range(2):
        page.reload()
        page.wait_for_selector("html[data-ready]")
    assert watched.faults == []


def test_table_sorts_and_leads_to_the_map(watch: Watch, small_origin: str) -> None:
    """Catches sorting as text, and names that lead nowhere."""
    page = watch(small_origin).open()
    page.get_by_role("button", name=re.compile("^Dân số")).click()
    column = page.locator("#rows tbody tr td:nth-child(4)").all_inner_texts()
    assert column == ["10.000", "20.000", "30.000", "40.000"]
    page.get_by_role("button", name=re.compile("^Dân số")).click()
    assert page.locator("#rows tbody th").first.inner_text() == "Xã Đà Bắc"
    assert page.locator("#rows thead [aria-sort=descending]").count() == 1
    page.get_by_role("button", name="Xã Đà Bắc").click()
    until(page, "document.querySelector('#commune h2')?.textContent === 'Xã Đà Bắc'")
    assert page.evaluate("new URLSearchParams(location.hash.slice(1)).get('commune')") == "07903"


@pytest.mark.parametrize("language", ["vi", "en"])
def test_nothing_sticks_out_on_a_telephone(watch: Watch, small_origin: str, language: str) -> None:
    """Catches horizontal scrolling and overlapping controls at 360 px, with and without a commune chosen."""
    watched = watch(small_origin, 360, 800)
    page = watched.open(f"/maps/coverage?lang={language}")
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    boxes = [
        page.locator(one).bounding_box()
        for one in ("#legend", ".leaflet-control-layers", ".leaflet-control-zoom")
    ]
    for index, first in enumerate(boxes):
        for second in boxes[index + 1 :]:
            assert not overlap(first, second)
    page.locator("#search").fill("da bac")
    page.keyboard.press("Enter")
    page.wait_for_selector("#commune table")
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    page.locator(".leaflet-control-layers-toggle").focus()
    page.keyboard.press("Enter")
    assert page.locator(".leaflet-control-layers-overlays").is_visible()
    page.keyboard.press("Escape")
    assert page.locator(".leaflet-control-layers-overlays").is_hidden()


def overlap(first: Any, second: Any) -> bool:
    """Whether two boxes share an area."""
    wide = min(first["x"] + first["width"], second["x"] + second["width"]) - max(first["x"], second["x"])
    high = min(first["y"] + first["height"], second["y"] + second["height"]) - max(first["y"], second["y"])
    return wide > 0 and high > 0


def test_controls_have_names_and_a_visible_focus(watch: Watch, small_origin: str) -> None:
    """Catches controls that a screen reader cannot name, and focus that cannot be seen."""
    page = watch(small_origin).open()
    unnamed = page.evaluate(
        """[...document.querySelectorAll("button, input, select, a[href]")]
            .filter(one => one.checkVisibility())
            .filter(one => !(one.textContent.trim() || one.ariaLabel || one.title || one.labels?.length))
            .map(one => one.outerHTML)"""
    )
    assert unnamed == []
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    for _ in range(2):
        page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "search"
    outline = page.evaluate("parseFloat(getComputedStyle(document.activeElement).outlineWidth)")
    assert outline >= 2


def test_what_terrain_leaves_open_is_said(watch: Watch, cut_origin: str) -> None:
    """Catches unknown shown as 0 % or as not reached, and figures that hide what they rest on."""
    watched = watch(cut_origin, 360, 800)
    page = watched.open("/maps/coverage#commune=07903")
    answer = page.request.get(f"{cut_origin}/figures").json()["figures"]
    area = next(one for one in answer if (one["key"], one["technology"]) == ("area-share", "4G"))
    known, expected = (
        f"{value:.1f}".replace(".", ",") for value in (100 * area["rests_on"], area["expected"])
    )
    for section in ("#headline", "#figures"):
        text = page.locator(section).inner_text().replace("\u00a0", " ")
        assert f"Dựa trên {known} % diện tích: phần còn lại thiếu địa hình." in text
        assert f"Kỳ vọng {expected} %" in text
    page.wait_for_selector("#commune table")
    commune = page.locator("#commune").inner_text()
    assert "Chưa tính được: thiếu địa hình." in commune
    assert "Đà Bắc: chưa rõ có sóng 4G hay không" in commune
    assert "không biết có điểm lõm hay không" in commune
    assert "0,0" not in commune
    assert page.locator(".leaflet-marker-pane .sign.unknown").count() == 2
    page.get_by_role("button", name="5G", exact=True).click()
    until(page, "document.querySelectorAll('#headline .rests-on, .sign.unknown').length === 0")
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    assert watched.faults == []


def test_what_is_known_wholly_needs_no_word(watch: Watch, small_origin: str) -> None:
    """Catches a remark on missing terrain where a model needs none, and an expectation that is left out."""
    page = watch(small_origin).open("/maps/coverage?lang=en#commune=07894")
    assert page.locator(".rests-on, .sign.unknown").count() == 0
    assert re.search(r"Expected \d+\.\d% \(mean probability", page.locator("#headline").inner_text())
    page.wait_for_selector("#commune table")
    assert re.search(r"Expected \d+\.\d%", page.locator("#commune").inner_text())


def test_a_failed_answer_is_said(watch: Watch, small_origin: str) -> None:
    """Catches a page that stays empty without a word when the server fails."""
    watched = watch(small_origin)
    watched.page.route(
        "**/figures?*", lambda route: route.fulfill(status=500, json={"detail": "máy chủ gặp lỗi"})
    )
    watched.page.goto(f"{small_origin}/maps/coverage")
    watched.page.wait_for_selector("#problem:not([hidden])")
    assert "máy chủ gặp lỗi" in watched.page.locator("#problem").inner_text()
