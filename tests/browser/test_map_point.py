"""A click anywhere: levels, serving station and profile by right, by mouse and by keyboard."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.browser.test_map import until
from tests.small_snapshots import SIDE, SOUTH, WEST

pytestmark = pytest.mark.browser

Watch = Any
SPOT = f"{SOUTH + 0.5 * SIDE:.5f}/{WEST + 0.4 * SIDE:.5f}"


def test_a_click_tells_what_the_api_says(watch: Watch, small_origin: str) -> None:
    """Catches levels of another point, a lost commune, and a panel that does not follow the view."""
    watched = watch(small_origin)
    page = watched.open()
    page.get_by_label("Điểm lõm sóng").uncheck()
    page.locator(".leaflet-overlay-pane path").first.click(position={"x": 20, "y": 20})
    page.wait_for_selector("#point table.levels")
    lat, lon = page.evaluate("new URLSearchParams(location.hash.slice(1)).get('point')").split("/")
    told = page.request.get(f"{small_origin}/point?lon={lon}&lat={lat}").json()
    levels = [one for one in told["levels"] if one["technology"] == "4G"]
    rows = page.locator("#point table.levels tbody tr").all_inner_texts()
    assert len(rows) == len(levels)
    for row, one in zip(rows, levels, strict=True):
        if one["level_dbm"] is not None:
            assert f"−{abs(one['level_dbm']):.0f}" in row
    assert told["commune"]["name"] in page.locator("#point").inner_text()
    page.get_by_role("button", name="5G", exact=True).click()
    until(page, "document.querySelector('#point caption').textContent.includes('5G')")
    page.locator("#point .close").click()
    until(page, "document.getElementById('point').hidden")
    assert watched.faults == []


def test_keyboard_chooses_the_middle(watch: Watch, small_origin: str) -> None:
    """Catches a map that needs a mouse: a cross where the focus is, Enter tells of the point below it."""
    page = watch(small_origin).open(f"/maps/coverage#at=12/{SPOT}")
    page.keyboard.press("Tab")
    page.locator("#map_coverage, .leaflet-container").first.focus()
    page.keyboard.press("ArrowRight")
    assert page.evaluate("getComputedStyle(document.querySelector('.cross')).visibility") == "visible"
    page.wait_for_timeout(400)
    page.keyboard.press("Enter")
    page.wait_for_selector("#point table.levels")
    middle = page.evaluate("(({lat, lng}) => [lat, lng])(map_coverage.getCenter())")
    point = [
        float(one)
        for one in page.evaluate("new URLSearchParams(location.hash.slice(1)).get('point')").split("/")
    ]
    assert point == pytest.approx(middle, abs=2e-5)


def test_profile_is_drawn_told_and_tabled(watch: Watch, cut_origin: str) -> None:
    """Catches a drawing without axes or words, and figures that differ from the API's."""
    lat, lon = SPOT.split("/")
    page = watch(cut_origin).open(f"/maps/coverage?lang=en#point={SPOT}")
    answer = page.request.get(
        f"{cut_origin}/point/profile?lon={lon}&lat={lat}&technology=4G&operator=any"
    ).json()
    page.wait_for_selector("#point figure.profile")
    text = page.locator("#point").inner_text()
    assert answer["station"]["station_id"] in text
    assert f"{answer['link']['freq_mhz']:,.0f} MHz" in text
    page.locator("#point figure details summary").click()
    rows = page.locator("#point figure tbody tr").count()
    assert 2 <= rows <= 14
    drawing = page.locator("#point svg")
    assert re.search(r"Distance from the station \(km\).*Height \(m\)", drawing.text_content() or "")
    assert drawing.get_attribute("role") == "img"
    assert answer["station"]["station_id"] in (drawing.get_attribute("aria-label") or "")
    assert page.locator("#point svg .sight, #point svg .fresnel").count() == 2
    assert page.locator("#point svg .terrain").count() >= 1


def test_the_public_sees_levels_and_no_station(watch: Watch, closed_origin: str) -> None:
    """Catches a station named, or a profile asked for, on behalf of a reader without a key."""
    watched = watch(closed_origin)
    page = watched.open(f"/maps/coverage#point={SPOT}")
    page.wait_for_selector("#point table.levels")
    assert page.locator("#point tbody tr").count() == 1
    assert page.locator("#point figure").count() == 0
    assert "Đăng nhập" in page.locator("#point").inner_text()
    assert not any("/point/profile" in one for one in watched.requests)
    assert "PTO" not in page.locator("#point").inner_text()
    assert watched.faults == []
