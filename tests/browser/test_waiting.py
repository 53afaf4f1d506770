"""The list of earlier uploads: which wait for a decision, which are an operator's, a day's, in a state."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from geocover.register import lists
from geocover.register.database import Database, open_database
from geocover.register.keys import NewKey, add_key
from geocover.register.uploads import Upload
from tests.browser.conftest import served, sign_in
from tests.register.making import make_cells, make_checked

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

Watch = Any
MANY = 23  # more than a page of the table


@dataclass(frozen=True)
class Service:
    """A server whose register holds lists in every state, and two keys."""

    origin: str
    planner: str
    viettel: str


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, small_root: Path) -> Iterator[Service]:
    """Lists that nobody computed: two waiting of 31/12, one of 30/9, drafts, a rejected one."""
    data = tmp_path_factory.mktemp("waiting")
    with open_database(folder=data) as database:
        planner = add_key(database, NewKey("planner", "planner", None), "test")[1]
        viettel = add_key(database, NewKey("viettel", "partner", "Viettel"), "test")[1]
        for operator, day, state in (
            ("Viettel", "2025-12-31", "checked"), ("VinaPhone", "2025-12-31", "checked"),
            ("VinaPhone", "2025-09-30", "checked"), ("Viettel", "2025-09-30", "rejected"),
            *[("MobiFone", "2025-12-31", "draft")] * MANY,
        ):  # fmt: skip
            put(database, operator, day, state)
    with served(small_root, data, DATA=str(data)) as origin:
        yield Service(origin, planner, viettel)


def put(database: Database, operator: str, day: str, state: str) -> None:
    """Put a list into the register as a check, or a planner, leaves it."""
    name = f"{operator} {day}.csv"
    one = lists.draft(database, Upload(name, name.encode(), operator, dt.date.fromisoformat(day)), "test")
    if state == "checked":
        lists.checked(database, one.id, make_checked(make_cells(2, operator)), "test")
    if state == "rejected":
        lists.reject(database, one.id, "test", "sai tỉnh")


def names(page: Page, count: int) -> list[str]:
    """Names of the lists shown, once there are so many."""
    expect(page.locator("#earlier tbody tr")).to_have_count(count)
    return sorted(page.locator("#earlier tbody th").all_inner_texts())


def query_of(page: Page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query)


WAITING = ["Viettel 2025-12-31.csv", "VinaPhone 2025-09-30.csv", "VinaPhone 2025-12-31.csv"]


def test_the_waiting_lists_are_counted_and_shown(service: Service, watch: Watch) -> None:
    """Catches a planner who has to look through all lists for those that wait."""
    watched = watch(service.origin)
    page = sign_in(watched, service.planner)
    names(page, 20)
    button = page.locator("#waiting")
    expect(page.locator(".waiting-count")).to_have_text("3")
    assert button.get_attribute("aria-pressed") == "false"
    button.click()
    assert names(page, 3) == WAITING
    assert button.get_attribute("aria-pressed") == "true"
    assert page.locator("#filter-state").input_value() == "checked"
    expect(page.locator("#earlier-part [role=status]")).to_have_text("3 danh sách")
    assert query_of(page) == {"lang": ["vi"], "state": ["checked"]}
    button.click()
    assert len(names(page, 20)) == 20
    assert not watched.faults
    assert not watched.outside()


def test_filters_go_together_and_back(service: Service, watch: Watch) -> None:
    """Catches a filter that undoes another, and a back button that shows other lists than the address."""
    page = sign_in(watch(service.origin), service.planner)
    names(page, 20)
    page.locator("#waiting").click()
    names(page, 3)
    page.locator("#filter-operator").select_option("VinaPhone")
    assert names(page, 2) == WAITING[1:]
    page.locator("#filter-as_of").fill("2025-12-31")
    assert names(page, 1) == WAITING[2:]
    expect(page.locator(".waiting-count")).to_have_text("1")
    address = page.url
    page.go_back()
    assert names(page, 2) == WAITING[1:]
    assert page.locator("#filter-as_of").input_value() == ""
    page.go_back()
    page.go_back()
    names(page, 20)
    assert page.locator("#filter-operator").input_value() == ""
    page.goto(address)
    page.wait_for_selector("html[data-ready]")
    assert names(page, 1) == WAITING[2:]
    page.get_by_role("button", name="Bỏ lọc").click()
    names(page, 20)


def test_more_keeps_to_the_filter(service: Service, watch: Watch) -> None:
    """Catches a second page of all lists behind a first one of drafts."""
    page = sign_in(watch(service.origin), service.planner)
    names(page, 20)
    page.locator("#filter-state").select_option("draft")
    expect(page.locator("#earlier-part [role=status]")).to_have_text("23 danh sách")
    page.get_by_role("button", name="Xem thêm").click()
    assert set(names(page, MANY)) == {"MobiFone 2025-12-31.csv"}


def test_nothing_to_show_says_so(service: Service, watch: Watch) -> None:
    """Catches an empty table, and “no list yet” where a filter hides them."""
    page = sign_in(watch(service.origin), service.planner)
    names(page, 20)
    page.locator("#filter-state").select_option("superseded")
    names(page, 0)
    assert "Không có danh sách nào như vậy" in page.locator("#earlier").inner_text()


def test_the_other_language_keeps_the_filter(service: Service, watch: Watch) -> None:
    """Catches a change of language that shows all lists again."""
    page = sign_in(watch(service.origin), service.planner)
    names(page, 20)
    page.locator("#waiting").click()
    names(page, 3)
    page.locator('a[hreflang="en"]').click()
    page.wait_for_url("**lang=en**")
    page.wait_for_selector("html[data-ready]")
    assert names(page, 3) == WAITING
    assert "Waiting for a decision" in page.locator("#waiting").inner_text()


def test_by_keyboard_on_a_telephone(service: Service, watch: Watch) -> None:
    """Catches filters that need a mouse or a wide screen, and a focus that gets lost."""
    watched = watch(service.origin, 360, 740)
    page = sign_in(watched, service.planner)
    names(page, 20)
    page.locator("#waiting").focus()
    page.keyboard.press("Space")
    assert names(page, 3) == WAITING
    assert page.evaluate("document.activeElement.id") == "waiting"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "filter-state"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "filter-operator"
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    for one in ("#waiting", "#filter-state", "#filter-operator", "#filter-as_of"):
        box = page.locator(one).bounding_box()
        assert box is not None
        assert box["height"] >= 44
        assert box["x"] + box["width"] <= 360
    assert not watched.faults


def test_a_partner_has_no_choice_of_operators(service: Service, watch: Watch) -> None:
    """Catches names of other operators in a partner's page, and lists of others counted."""
    page = sign_in(watch(service.origin), service.viettel)
    names(page, 2)
    assert page.locator("#filter-operator").count() == 0
    expect(page.locator(".waiting-count")).to_have_text("1")
    page.locator("#waiting").click()
    assert names(page, 1) == ["Viettel 2025-12-31.csv"]
