"""The pages beside the map as people meet them: by mouse, keyboard, telephone, on paper, unscripted."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

Watch = Any
PAGES = ("/maps/commune/07894", "/maps/compare", "/maps/gaps", "/maps/places", "/downloads", "/method")
MOST_BYTES = 300_000


@pytest.mark.parametrize("width", [1440, 360])
def test_pages_stand_whole(watch: Watch, small_origin: str, width: int) -> None:
    """Catches faults in the console, anything from outside, horizontal scrolling, a head that is cut."""
    watched = watch(small_origin, width)
    for language in ("vi", "en"):
        for path in PAGES:
            page = watched.open(f"{path}?lang={language}")
            assert page.evaluate("document.documentElement.scrollWidth") == width, path
            assert page.locator("h1").is_visible()
            assert page.locator(".sections a").count() == 7
            name = page.locator(".top .name")
            assert name.evaluate("one => one.scrollWidth <= one.clientWidth + 1"), (path, language)
            assert "{" not in page.locator("main").inner_text()
    assert watched.faults == []
    assert watched.outside() == []


def test_hostile_names_run_nowhere(watch: Watch, hostile_origin: str) -> None:
    """Catches stored XSS on any of the pages, in maps, popups, tables and heads."""
    watched = watch(hostile_origin)
    for path in (*PAGES, "/maps/gaps?commune=07903", "/maps/places?kind=industrial_park"):
        page = watched.open(path)
        for link in page.locator("a.on-map").all()[:2]:
            link.click()
        page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
        assert page.locator("img[src=x], svg[onload], [onerror], [onload]").count() == 0
    assert watched.dialogs == []
    assert watched.faults == []


def test_the_map_beside_a_table_shows_what_the_table_tells(watch: Watch, small_origin: str) -> None:
    """Catches a map of another technology or place, and links that do not lead to the spot."""
    page = watch(small_origin).open("/maps/gaps?technology=5G")
    view = page.evaluate("JSON.parse(document.getElementById('config').textContent).view")
    assert view["technology"] == "5G"
    assert page.locator("#map-box .leaflet-overlay-pane path").count() >= 4
    link = page.locator("a.on-map").last
    spot = [float(str(link.get_attribute(f"data-{axis}"))) for axis in ("lat", "lon")]
    link.click()
    page.wait_for_selector(".leaflet-popup")
    middle = page.evaluate("(({lat, lng}) => [lat, lng])(map_coverage.getCenter())")
    assert middle == pytest.approx(spot, abs=0.03)
    assert "5G" in page.locator(".leaflet-popup").inner_text()
    assert "#" not in page.url  # the page's own address is left alone
    commune = watch(small_origin).open("/maps/commune/07903")
    middle = commune.evaluate("(({lat, lng}) => [lat, lng])(map_coverage.getCenter())")
    assert middle == pytest.approx([21.36, 105.36], abs=0.02)


def test_a_gap_has_an_address(watch: Watch, small_origin: str) -> None:
    """Catches an id that leads to no row, be it alone or with the question around it."""
    watched = watch(small_origin)
    page = watched.open("/maps/gaps")
    gap = page.locator("#gaps tbody tr").first.get_attribute("id")
    page.goto(f"{small_origin}/maps/gaps?technology=5G#{gap}")
    page.wait_for_url(f"**gap={gap}#{gap}")
    page.wait_for_selector(f'tr[id="{gap}"].current')
    assert page.locator(f'tr[id="{gap}"]').is_visible()


def test_filters_live_in_the_address_and_the_back_button(watch: Watch, small_origin: str) -> None:
    """Catches a filter that is lost by going back, by another language or by a link."""
    page = watch(small_origin).open("/maps/places")
    every = page.locator("#places tbody tr").count()
    page.locator("#f-kind").select_option("industrial_park")
    page.locator("form.filter button").click()
    page.wait_for_url("**kind=industrial_park**")
    page.wait_for_selector("html[data-ready]")
    assert page.locator("#places tbody tr").count() == 2 < every
    assert "commune=" not in page.url  # what was not chosen is not in the address
    page.get_by_role("link", name="EN").click()
    page.wait_for_url("**lang=en**")
    page.wait_for_selector("html[data-ready]")
    assert page.locator("#places tbody tr").count() == 2
    page.go_back()
    page.go_back()
    page.wait_for_selector("html[data-ready]")
    assert page.locator("#places tbody tr").count() == every
    page.locator("#date").select_option(label="30/06/2025")
    page.wait_for_url("**snapshot=2025-06-30**")
    page.wait_for_selector("html[data-ready]")
    assert "snapshot=2025-06-30" in str(page.get_by_role("link", name="Điểm lõm sóng").get_attribute("href"))


def test_the_keyboard_reaches_everything(watch: Watch, small_origin: str) -> None:
    """Catches a control that Tab passes over, focus that cannot be seen or hides behind the head."""
    page = watch(small_origin).open("/maps/gaps")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"
    reached = set()
    for _ in range(60):
        page.keyboard.press("Tab")
        told = page.evaluate(
            """(() => {
              const one = document.activeElement, box = one.getBoundingClientRect();
              const head = document.querySelector(".top").getBoundingClientRect().bottom;
              const hidden = !one.closest(".top, #map-box, .skip") && box.bottom <= head;
              const name = one.id || one.getAttribute("class") || one.tagName;
              return [name, getComputedStyle(one).outlineStyle, hidden];
            })()"""
        )
        reached.add(told[0])
        assert told[2] is False, told
        if told[0] not in ("BODY", "leaflet-interactive"):  # shapes of the map show it by their stroke
            assert told[1] != "none", told
    assert {
        "f-technology",
        "f-commune",
        "f-min_km2",
        "f-sort",
        "primary",
        "on-map",
        "table-scroll",
    } <= reached


def test_pages_read_without_scripts(browser: Browser, small_origin: str) -> None:
    """Catches tables, filters and dates that only a script can show or change."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    for path in PAGES:
        page.goto(small_origin + path)
        assert page.locator("main h1").is_visible()
    page.goto(f"{small_origin}/maps/gaps")
    assert page.locator("#gaps tbody tr").count() > 0
    page.locator("#f-technology").select_option("5G")
    page.locator("form.filter button").click()
    page.wait_for_url("**technology=5G**")
    page.locator("#date").select_option(label="30/06/2025")
    page.get_by_role("button", name="Xem", exact=True).click()
    page.wait_for_url("**snapshot=2025-06-30**")
    assert "technology=5G" in page.url
    context.close()


def test_a_commune_prints_on_paper(watch: Watch, small_origin: str) -> None:
    """Catches controls on paper, text cut at the edge, and a source that is left out."""
    page = watch(small_origin).open("/maps/commune/07894")
    page.emulate_media(media="print")
    for one in (".sections", ".print", ".leaflet-control-zoom", ".on-map", ".languages"):
        assert not any(found.is_visible() for found in page.locator(one).all()), one
    for one in ("h1", ".card", "#map-box", ".source"):
        assert page.locator(one).first.is_visible(), one
    pages = len(re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4")))
    assert 1 <= pages <= 4


def wired(page: Page) -> dict[str, int]:
    """Bytes over the wire by address, of whatever the page fetches from now on."""
    addresses: dict[str, str] = {}
    sizes: dict[str, int] = {}
    session = page.context.new_cdp_session(page)
    session.on(
        "Network.responseReceived", lambda one: addresses.update({one["requestId"]: one["response"]["url"]})
    )
    session.on(
        "Network.loadingFinished",
        lambda one: sizes.update({addresses.get(one["requestId"], ""): int(one["encodedDataLength"])}),
    )
    session.send("Network.enable")
    return sizes


@pytest.mark.parametrize("path", ["/maps/coverage", "/maps/commune/07894", "/maps/gaps", "/maps/compare"])
def test_pages_are_light(watch: Watch, small_origin: str, path: str) -> None:
    """Catches a page that grows, and scripts that are asked for one after the other.

    A province's communes, shares and gaps add half of the 300 kB that a page may weigh.
    """
    watched = watch(small_origin)
    sizes = wired(watched.page)
    page = watched.open(path)
    fetched = {one: size for one, size in sizes.items() if "/fonts/" not in one}
    assert 10_000 < sum(fetched.values()) < MOST_BYTES / 2, fetched
    early = page.eval_on_selector_all(
        "link[rel=modulepreload], script[src]", "all => all.map(one => one.href || one.src)"
    )
    late = {one for one in fetched if one.endswith(".js")} - set(early)
    assert not [one for one in late if not re.search("/tools/|/pages/files.js$", one)]


def test_the_overview_leads_to_the_pages(watch: Watch, small_origin: str) -> None:
    """Catches figures without a definition, and communes and gaps without their pages."""
    page: Page = watch(small_origin).open("/maps/coverage#commune=07903")
    page.wait_for_selector("#commune table")
    for link, expected in (
        ("#figures .define >> nth=0", "/method?"),
        ("#commune p a", "/maps/commune/07903?"),
        ("#commune .plain a", "/maps/gaps?"),
    ):
        assert str(page.locator(link).first.get_attribute("href")).startswith(expected)
    page.locator("#figures .define").first.click()
    page.wait_for_url("**/method?**#area-share")
    assert page.locator("#area-share").is_visible()
