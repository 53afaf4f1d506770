"""The public map of a closed server: nothing of single operators in it, and nothing that is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.browser.test_map import until

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.conftest import Watched

pytestmark = pytest.mark.browser

Watch = Any
OPERATORS = ("Viettel", "VinaPhone")
STATION = "PTO0"
TOGETHER = ["Ít nhất một nhà mạng", "Tất cả nhà mạng"]


@pytest.mark.parametrize("width", [1440, 360])
def test_a_reader_without_a_key_meets_no_refusal(watch: Watch, closed_origin: str, width: int) -> None:
    """Catches a layer or choice that only a key opens, a request that is refused, a name or station told."""
    watched: Watched = watch(closed_origin, width=width)
    answers: list[Any] = []
    watched.page.on("response", lambda one: answers.append(one))  # noqa: PLW0108 - Playwright marks its callbacks
    page = watched.open()
    assert page.locator("#pick-operator option").all_inner_texts() == TOGETHER
    assert "Trạm BTS" not in (page.locator(".leaflet-control-layers").text_content() or "")
    assert "stations.geojson" not in page.content()
    use_everything(page)
    assert [f"{one.status} {one.url}" for one in answers if one.status >= 400] == []
    assert watched.faults == []
    assert watched.outside() == []
    assert not any("/stations" in one for one in watched.requests)
    told = [page.content(), *contents(answers)]
    assert len(told) >= 5
    for one in told:
        assert STATION not in one
        assert not any(operator in one for operator in OPERATORS)


def contents(answers: list[Any]) -> list[str]:
    """What the addresses say that the page asked for data, asked once more, for it has been left since."""
    data = {one.url for one in answers if "json" in one.headers.get("content-type", "")}
    return [httpx.get(url, timeout=30).raise_for_status().text for url in sorted(data)]


def use_everything(page: Page) -> None:
    """Switch every layer, choice and date, and open a commune's figures."""
    if page.locator(".leaflet-control-layers-overlays").is_hidden():
        page.locator(".leaflet-control-layers-toggle").focus()
        page.keyboard.press("Enter")
    for box in page.locator(".leaflet-control-layers-overlays input").all():
        box.check()
    until(page, "document.querySelector('img.coverage-raster')?.naturalWidth > 10")
    for select in page.locator("#view select").all():
        for number in range(select.locator("option").count()):
            select.select_option(index=number)
            page.wait_for_load_state("networkidle")
    for button in page.locator("#view button").all():
        button.click()
        page.wait_for_load_state("networkidle")
    page.locator("#rows tbody button, #rows tbody a").first.click()
    page.locator("#commune").wait_for()
    for details in page.locator("details:not([open]) > summary").all():
        if details.is_visible():
            details.click()
    page.locator("#date").select_option(index=1)
    page.wait_for_url("**snapshot=**")
    page.wait_for_selector("html[data-ready]")
    page.wait_for_load_state("networkidle")


def test_an_address_that_names_an_operator_falls_back(watch: Watch, closed_origin: str) -> None:
    """Catches a link of a signed-in colleague that breaks the public page."""
    watched = watch(closed_origin)
    page = watched.open("/maps/coverage#operator=Viettel&layers=stations")
    assert page.locator("#pick-operator").input_value() == "any"
    page.wait_for_load_state("networkidle")
    assert watched.faults == []
