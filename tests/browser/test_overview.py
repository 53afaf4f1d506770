"""The overview beside its map: what its figures say, its notices, its downloads, on paper."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from openpyxl import load_workbook

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import Route

pytestmark = pytest.mark.browser

Watch = Any


def test_changes_on_the_overview_say_what_they_count(watch: Watch, small_origin: str) -> None:
    """Catches "▲ 58,1" beside 148/148, points that the shown figures do not add up to, units left out.

    The answers are changed on their way, so that places, shares and reported figures all have moved.
    """
    watched = watch(small_origin)
    old = {"area-share": (94.5101, None), "reach:commune_centre": (41.891892, 62)}
    new = {"area-share": (95.9591, None), "reach:commune_centre": (100.0, 148)}

    def answer(route: Route) -> None:
        body = route.fetch().json()
        newest = "2025-12-31" in route.request.url
        for one in body["figures"]:
            if one["key"] in new:
                value, count = (new if newest else old)[one["key"]]
                one.update(value=value, reported=98.04, difference=value - 98.04)
                if count:
                    one.update(numerator=count, denominator=148, low=15.540541, high=100.0)
        route.fulfill(json=body)

    watched.page.route("**/figures?*", answer)
    for language, told in (
        (
            "vi",
            [
                "▲ 1,5 điểm % từ 30/06/2025",
                "▲ 86 trung tâm từ 30/06/2025",
                "Báo cáo: 98,0 % · chênh −2,0 điểm %",
                "Báo cáo: 98,0 % · tính toán: 100,0 % · chênh +2,0 điểm %",
                "148/148 (23–148)",
            ],
        ),
        ("en", ["▲ 1.5 points since", "▲ 86 centres since", "· computed: 100.0% · difference +2.0 points"]),
    ):
        text = watched.open(f"/maps/coverage?lang={language}").locator("#figures").inner_text()
        seen = re.sub(r"\s+", " ", text)
        assert not [one for one in told if one not in seen], seen


def test_the_table_of_the_overview_downloads_as_a_workbook(
    watch: Watch, small_origin: str, tmp_path: Path
) -> None:
    """Catches a table without XLSX, and an answer "come again" taken for the file."""
    page = watch(small_origin).open("/maps/coverage")
    assert page.locator("#csv").inner_text() == "Tải CSV"
    asked = []

    def busy(route: Route) -> None:
        asked.append(route.request.url)
        if len(asked) == 1:
            route.fulfill(status=503, headers={"Retry-After": "1"}, json={"detail": "đang tạo tệp"})
        else:
            route.continue_()

    page.route("**/exports/*/", busy)
    with page.expect_download(timeout=120_000) as download:
        page.locator("#xlsx").click()
    file = tmp_path / "geocover.xlsx"
    download.value.save_as(file)
    assert len(asked) == 2
    sheets = load_workbook(file, read_only=True).sheetnames
    assert len(sheets) > 1
    page.locator("#xlsx-said", has_text="Tệp XLSX đã sẵn sàng.").wait_for()
    page.unroute("**/exports/*/")
    page.route("**/exports/*/", lambda route: route.fulfill(status=500, json={"detail": "hết đĩa"}))
    page.locator("#xlsx").click()
    page.locator("#xlsx-said", has_text="Không tạo được tệp: hết đĩa").wait_for()


def test_the_overview_prints_with_its_map(watch: Watch, small_origin: str) -> None:
    """Catches a plain print of the overview whose map is a strip without height, and controls on paper."""
    watched = watch(small_origin)
    # Heard before the page lays its map back.
    watched.page.add_init_script("""addEventListener("afterprint", () => {
      window.printed = document.querySelector(".map-frame.on-paper .folium-map")?.clientHeight;
    })""")
    page = watched.open("/maps/coverage")
    page.pdf(prefer_css_page_size=True)
    assert page.evaluate("window.printed") == pytest.approx(100 / 25.4 * 96, abs=3)
    page.emulate_media(media="print")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    for one in ("#figures", "#legend-body", "#rows"):
        assert page.locator(one).is_visible(), one
    for one in ("#csv", "#xlsx", "#view", ".map-tools"):
        assert page.locator(one).is_hidden(), one


def noting(note: str) -> Callable[[Route], None]:
    """Give what puts another note into the page on its way."""

    def told(route: Route) -> None:
        response = route.fetch()
        html = re.sub(r'"note": ?"(?:[^"\\]|\\.)*"', lambda _: f'"note":{json.dumps(note)}', response.text())
        route.fulfill(response=response, body=html)

    return told


def test_the_overview_says_no_notice_twice(watch: Watch, hostile_origin: str) -> None:
    """Catches a note that repeats the marks of made-up data, and one with more to say that is lost."""
    repeated = "Dữ liệu minh họa: trạm không có thật, ranh giới sơ đồ"
    for note, expected in (
        (repeated, ["Dữ liệu minh họa: trạm không có thật; không dùng để báo cáo.", "Ranh giới sơ đồ: "]),
        ("Số liệu thử", ["Dữ liệu minh họa: trạm, địa hình", "Ranh giới sơ đồ: ", "Số liệu thử"]),
    ):
        watched = watch(hostile_origin)

        watched.page.route("**/maps/coverage*", noting(note))
        shown = watched.open("/maps/coverage").locator("#about .notice").all_inner_texts()
        assert len(shown) == len(expected), shown
        assert all(text.startswith(start) for text, start in zip(shown, expected, strict=True)), shown
