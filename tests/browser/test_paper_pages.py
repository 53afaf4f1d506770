"""The pages beside the map on paper: nothing that only a screen can open, no head without what it heads."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

Watch = Any


def test_a_commune_prints_its_figures_and_no_closed_list(watch: Watch, small_origin: str) -> None:
    """Catches "▶ Danh sách trạm" on paper, a chart without its figures, a chart parted from its head."""
    page = watch(small_origin).open("/maps/commune/07894")
    closed = page.locator("details.figures:not(#history-table) > summary")
    expect(closed).to_be_visible()
    expect(page.locator("#history-table table")).not_to_be_visible()
    page.emulate_media(media="print")
    expect(closed).not_to_be_visible()
    expect(page.locator("#history-table table")).to_be_visible()
    expect(page.locator("#history-table summary")).not_to_be_visible()
    history = page.locator("section", has=page.locator("#h-history"))
    assert history.evaluate("one => getComputedStyle(one).breakInside") == "avoid"


def test_the_table_of_the_overview_repeats_its_heads(watch: Watch, small_origin: str) -> None:
    """Catches pages of figures under an empty head: browsers repeat its text, but no button in it."""
    page = watch(small_origin).open("/maps/coverage")
    page.emulate_media(media="print")
    head, button = page.locator("#rows thead th").first, page.locator("#rows thead button").first
    assert head.evaluate("one => getComputedStyle(one).position") == "static"
    assert button.evaluate("one => getComputedStyle(one).display") == "contents"
