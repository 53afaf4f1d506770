"""The marked workbook on a list's page: it is being written when the result shows already."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from geocover.register import jobs, lists
from geocover.register.database import open_database
from geocover.register.keys import NewKey, add_key
from geocover.register.uploads import Upload
from geocover.register.worker import run_job
from geocover.report.list_check import CheckOrder
from tests.api.running import DECEMBER, make_csv
from tests.browser.conftest import served

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Route

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("language", "said"), [("vi", "Đang ghi tệp Excel"), ("en", "is being written")])
def test_a_workbook_is_saved_when_it_is_written(
    watch: Any, small_root: Path, tmp_path: Path, language: str, said: str
) -> None:
    """Catches a click that saves an error as a workbook, waits without a word, or is lost."""
    with open_database(folder=tmp_path) as database:
        token = add_key(database, NewKey("a", "partner", "Viettel"), "test")[1]
        one = lists.draft(database, Upload("Trạm 2025.csv", make_csv(3), "Viettel", DECEMBER), "test")
        jobs.enqueue(database, "check", vars(CheckOrder(one.id, {}, "25")), "test")
        for _ in ("check", "documents"):
            job = jobs.claim(database, f"worker {language}")
            assert job is not None
            assert run_job(database, tmp_path, job).state == "done"
    asked: list[str] = []

    def early_once(route: Route) -> None:
        asked.append(route.request.url)
        if len(asked) > 1:
            return route.continue_()
        return route.fulfill(status=503, headers={"Retry-After": "2"}, json={"detail": "too early"})

    with served(small_root, tmp_path, DATA=str(tmp_path)) as origin:
        watched = watch(origin)
        page = watched.page
        page.goto(f"{watched.origin}/sign-in?lang={language}&next=/uploads/{one.id}?lang={language}")
        page.wait_for_selector("html[data-ready]")
        page.locator("#key").fill(token)
        page.keyboard.press("Enter")
        page.wait_for_selector("#summary .downloads")
        page.route("**/report.xlsx", early_once)
        with page.expect_download() as waiting:
            page.locator("#summary .downloads a.button").click()
            assert said in page.locator(".downloads [role=status]").filter(has_text=said).inner_text()
        assert waiting.value.suggested_filename == "Trạm 2025-geocover.xlsx"
        assert waiting.value.path().read_bytes().startswith(b"PK")
        page.locator(".downloads [role=status]").wait_for(state="detached")
        assert len(asked) == 2
        assert page.locator("#problem").is_hidden()
