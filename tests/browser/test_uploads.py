"""A partner's way through the pages: sign in, drop a file, look, correct, submit; then the planner's."""

from __future__ import annotations

import io
import json
import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

import numpy as np
import openpyxl
import pytest
from PIL import Image

from geocover.register.database import open_database
from geocover.register.keys import NewKey, add_key
from tests.browser.conftest import Watched, served, sign_in
from tests.small_snapshots import BACKTICK, END_TAG, IMG, QUOTES, SOUTH, TEMPLATE, WEST

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import APIResponse, Page

pytestmark = pytest.mark.browser

Watch = Any
HOSTILE = "img[src=x], svg[onload], [onerror], [onload]"
HEADS = ["Mã trạm", "Tên trạm", "Công nghệ", "Kinh độ", "Vĩ độ", "Độ cao (m)", "Cột lạ"]
CHECKED_WITHIN_MS = 90_000
ACCEPTED_BLUE = (32, 84, 143)
KEYS = {
    "viettel": ("partner", "Viettel"),
    "vina": ("partner", "VinaPhone"),
    "mobi": ("partner", "MobiFone"),
    "other": ("partner", "Vietnamobile"),
    "planner": ("planner", None),
    "viewer": ("viewer", None),
}


@dataclass(frozen=True)
class Service:
    """A server with a register, and a key for each role."""

    origin: str
    keys: dict[str, str]


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, small_root: Path) -> Iterator[Service]:
    """A server over a register of its own; its jobs run in processes of their own."""
    data = tmp_path_factory.mktemp("register")
    with open_database(folder=data) as database:
        made = {
            name: add_key(database, NewKey(name, role, operator), "test")[1]  # type: ignore[arg-type]
            for name, (role, operator) in KEYS.items()
        }
    with served(small_root, data, DATA=str(data), POLL_S="0.2") as origin:
        yield Service(origin, made)


def sites(count: int, *, bad: int = 0, shift: float = 0.0) -> list[list[Any]]:
    """Rows of a list in the small communes; the last `bad` of them have no position."""
    rows: list[list[Any]] = []
    for number in range(count):
        lon, lat = WEST + 0.01 + 0.001 * (number % 50) + shift, SOUTH + 0.01 + 0.001 * (number // 50)
        name = f"PT{number:04d}"
        rows.append([name, f"Trạm {number}", "4G", round(lon, 6), round(lat, 6), 30 + number % 9, "x"])
    for row in rows[count - bad :]:
        row[3] = row[4] = None
    return rows


def workbook(path: Path, rows: list[list[Any]], heads: list[str] = HEADS, sheet: str = "Trạm") -> Path:
    """Write a list as a partner would."""
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.title = sheet
    for row in [["DANH SÁCH TRẠM"], heads, *rows]:
        page.append(row)
    book.save(path)
    return path


def send(page: Page, file: Path) -> str:
    """Upload a file and wait for what was found; gives the address of its page."""
    if "/uploads/" in page.url:
        page.locator(".sections a[aria-current]").click()
    page.wait_for_selector("#upload:not([hidden])")
    page.locator("#file").set_input_files(file)
    page.locator("#send").click()
    page.wait_for_url("**/uploads/*")
    page.wait_for_selector("html[data-ready]", timeout=CHECKED_WITHIN_MS)
    return page.url


def faults(watched: Watched) -> list[str]:
    """What went wrong, but for streams that the page ends itself, and icons and lists that it left behind."""
    left = r"failed \S+/(jobs/\S+/events|icon\.svg|site-lists\?\S+)"
    return [one for one in watched.faults if not re.fullmatch(left, one)]


def counts(page: Page) -> list[str]:
    """The three large figures: read, accepted, rejected."""
    return page.locator("#summary .counts dd").all_inner_texts()


def decide(page: Page, step: str) -> None:
    """Press a button of the decision."""
    page.locator(f"[data-decision={step}]").click()


def state_is(page: Page, state: str) -> None:
    """Wait until the list's badge says so."""
    page.wait_for_selector(f"#summary .badge.{state}")


def fetched(page: Page, address: str) -> APIResponse:
    """The answer, waited for where a document is still being written."""
    deadline = time.monotonic() + 120
    answer = page.request.get(address)
    while answer.status == 503 and time.monotonic() < deadline:
        page.wait_for_timeout(1000)
        answer = page.request.get(address)
    return answer


def test_from_the_file_to_the_accepted_list(watch: Watch, service: Service, tmp_path: Path) -> None:
    """Catches any broken step between a partner's file and the department's register."""
    partner = watch(service.origin)
    page = sign_in(partner, service.keys["viettel"])
    template = page.locator("#template").get_attribute("href")
    assert page.request.get(urljoin(page.url, template)).body()[:2] == b"PK"
    assert page.locator("#operator-field").inner_text().split() == ["Nhà", "mạng", "Viettel"]
    file = workbook(tmp_path / "Danh sách 2025.xlsx", sites(40, bad=3))
    address = send(page, file)
    assert counts(page) == ["40", "37", "3"]
    saved = downloaded(page)
    assert saved["rows"] == {"read": 40, "accepted": 37, "rejected": 3}
    assert len(saved["findings"]) == sum(saved["codes"].values())
    group = page.locator("details.group.error").first
    assert "3 chỗ" in group.inner_text()
    group.locator("summary").click()
    group.locator("tbody tr").first.wait_for()
    assert group.locator("tbody th").all_inner_texts() == ["40", "41", "42"]
    assert "hãy" in group.locator("tbody .remedy").first.inner_text()

    again = page.locator("#check-again")
    assert again.is_disabled()
    strange = page.get_by_label("Cột G Cột lạ được hiểu là")
    assert strange.input_value() == ""
    strange.select_option(label="Ghi chú")
    assert "1 thay đổi" in page.locator("#again").inner_text()
    again.click()
    page.wait_for_selector("#columns tbody tr:last-child >> text=đã chọn", timeout=CHECKED_WITHIN_MS)
    assert page.get_by_label("Cột G Cột lạ được hiểu là").input_value() == "note"
    decide(page, "submit")
    state_is(page, "submitted")
    assert page.locator("[data-decision=submit]").count() == 0

    planner = watch(service.origin)
    desk = sign_in(planner, service.keys["planner"])
    stranger = sign_in(watch(service.origin), service.keys["vina"]).goto(address)
    assert stranger is not None
    assert stranger.status == 404
    assert "Danh sách 2025" not in stranger.text()
    row = desk.locator("#earlier tbody tr", has_text="Danh sách 2025.xlsx").first
    assert "đã gửi, chờ duyệt" in row.inner_text()
    assert "Viettel" in row.inner_text()
    row.locator("a").click()
    desk.wait_for_selector("[data-decision=accept]")
    decide(desk, "accept")
    decide(desk, "accept")
    state_is(desk, "accepted")
    desk.wait_for_selector("#decision >> text=Được duyệt ngày")
    page.goto(address)
    state_is(page, "accepted")
    assert page.locator("[data-decision]").count() == 0
    page.wait_for_selector("html[data-ready]")
    send(page, file)
    assert "đã chọn" in page.locator("#columns tbody tr").last.inner_text(), "the mapping was forgotten"
    for watched in (partner, planner):
        assert watched.outside() == []
        assert watched.dialogs == []
        assert faults(watched) == []


def downloaded(page: Page) -> dict[str, Any]:
    """The report that the page saves; the marked workbook and the file as it came must be there too."""
    for link in page.locator("#summary .downloads a").all():
        address = link.get_attribute("href")
        assert fetched(page, urljoin(page.url, address)).ok
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Báo cáo JSON").click()
    assert waiting.value.suggested_filename == "Danh sách 2025.xlsx.json"
    loaded: dict[str, Any] = json.loads(waiting.value.path().read_text(encoding="utf-8"))
    return loaded


def test_a_choice_is_forgotten_and_what_was_not_submitted_is_asked_about(
    watch: Watch, service: Service, tmp_path: Path
) -> None:
    """Catches a choice that cannot be taken back, and a planner who is not told that a list may change."""
    partner, planner = watch(service.origin), watch(service.origin)
    page = sign_in(partner, service.keys["other"])
    address = send(page, workbook(tmp_path / "quên.xlsx", sites(5)))
    assert page.locator("#forget").count() == 0
    page.get_by_label("Cột G Cột lạ được hiểu là").select_option(label="Ghi chú")
    page.locator("#check-again").click()
    page.wait_for_selector("#columns tbody tr:last-child >> text=đã chọn", timeout=CHECKED_WITHIN_MS)
    desk = sign_in(planner, service.keys["planner"])
    desk.goto(address)
    decide(desk, "accept")
    assert "chưa được nộp" in desk.locator("#decision").inner_text()
    page.locator("#forget").click()
    page.wait_for_selector("#columns >> text=đã chọn", state="detached", timeout=CHECKED_WITHIN_MS)
    page.wait_for_selector("#check-again")
    assert page.locator("#forget").count() == 0
    decide(desk, "accept")
    desk.wait_for_selector("#problem >> text=đã được kiểm tra lại")
    desk.reload()
    decide(desk, "accept")
    decide(desk, "accept")
    state_is(desk, "accepted")
    assert faults(partner) == []


def test_differences_from_the_accepted_list(watch: Watch, service: Service, tmp_path: Path) -> None:
    """Catches differences that are lost between register, table and map."""
    page = sign_in(watch(service.origin), service.keys["planner"])
    page.locator("#operator").select_option("VinaPhone")
    send(page, workbook(tmp_path / "cũ.xlsx", sites(30)))
    assert "chưa có bản nào được duyệt" in page.locator("#changes").inner_text()
    decide(page, "accept")
    decide(page, "accept")
    state_is(page, "accepted")
    partner = watch(service.origin)
    page = sign_in(partner, service.keys["vina"])
    rows = sites(33)[1:]
    rows[0][3] += 0.005
    rows[1][5] = 47
    send(page, workbook(tmp_path / "mới.xlsx", rows))
    said = page.locator("#changes").inner_text()
    assert all(one in said for one in ("Tất cả 6", "Thêm 3", "Bớt 1", "Dời chỗ 1", "Đổi tham số 1"))
    assert "Độ cao ăng-ten (m): 32 → 47" in said
    page.locator("#changes [data-kind=moved]").click()
    assert page.locator("#changes tbody tr").count() == 1
    page.locator("#changes tbody button").click()
    assert "dời 51" in page.locator(".leaflet-popup").inner_text()
    assert page.locator("#map-head [aria-pressed=true]").inner_text() == "Thay đổi"
    page.get_by_role("button", name="Các dòng").click()
    assert "Dùng được 32" in " ".join(page.locator("#map-head").inner_text().split())
    assert faults(partner) == []


def blue(page: Page) -> float:
    """Share of the map's pixels in the colour of accepted rows."""
    png = page.locator("#map").screenshot()
    pixels = np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).astype(int)
    return float((np.abs(pixels - np.array(ACCEPTED_BLUE)).max(axis=2) <= 12).mean())


def test_rows_are_drawn_and_found_on_the_map(watch: Watch, service: Service, tmp_path: Path) -> None:
    """Catches a map without dots, a switch that hides nothing, rows and pages that lead nowhere."""
    page = sign_in(watch(service.origin), service.keys["mobi"])
    rows = sites(180, bad=120)
    rows[5][5] = "cao"
    send(page, workbook(tmp_path / "bản đồ.xlsx", rows))
    assert page.locator("#place").get_attribute("data-points") == "60"
    assert "120 dòng không có vị trí" in page.locator("#map-head").inner_text()
    assert blue(page) > 0.001
    accepted = page.locator("#map-head input").first
    accepted.uncheck()
    assert blue(page) < 0.0002
    accepted.check()
    group = page.locator("details.group", has_text="Không đọc được").first
    group.locator("summary").click()
    group.get_by_role("button", name="Xem dòng 8 trên bản đồ").click()
    popup = page.locator(".leaflet-popup").inner_text()
    assert "Trạm 5" in popup
    assert "dòng 8" in popup.lower()
    turn_pages(page)


def turn_pages(page: Page) -> None:
    """Filter to errors and turn a group of 120 to its last page; the focus stays at the buttons."""
    page.locator("[data-severity=error]").click()
    assert page.locator("details.group:not(.error)").count() == 0
    group = page.locator("details.group", has_text="120 chỗ").first
    group.locator("summary").click()
    group.locator("tbody tr").first.wait_for()
    assert group.locator("tbody tr").count() == 50
    group.locator("[data-way=last]").click()
    group.locator("text=101–120 trên 120").wait_for()
    assert group.locator("tbody tr").count() == 20
    assert group.locator("tbody th").last.inner_text() == "182"
    assert page.evaluate("document.activeElement.closest('.pager') !== null")
    page.get_by_label("Lọc theo chữ").fill("khong co cai nay")
    assert "Không có mục nào khớp" in page.locator("#groups").inner_text()


def test_no_name_of_a_list_runs(watch: Watch, service: Service, tmp_path: Path) -> None:
    """Catches stored XSS through names of files, sheets, operators, columns, stations, values and reasons."""
    planner = watch(service.origin)
    page = sign_in(planner, service.keys["planner"])
    page.locator("#operator").select_option(label="Nhà mạng khác")
    page.locator("#other").fill(QUOTES)
    rows = sites(6)
    for row, name in zip(rows, (IMG, TEMPLATE, BACKTICK, END_TAG, QUOTES, IMG), strict=True):
        row[0], row[1], row[5] = f"{name}{row[0]}", name, name
    heads = [*HEADS[:6], IMG]
    send(page, workbook(tmp_path / f"{IMG.replace('/', '')}.xlsx", rows, heads, sheet=IMG))
    assert counts(page)[0] == "6"
    for group in page.locator("details.group summary").all():
        group.click()
    page.wait_for_selector("details.group tbody tr")
    for button in page.locator("details.group tbody button").all()[:6]:
        button.click()
        assert page.locator(".leaflet-popup strong").last.is_visible()
    page.wait_for_timeout(300)
    shown = page.locator("#content").inner_text()
    assert all(name in shown for name in (IMG, TEMPLATE, QUOTES))
    decide(page, "reject")
    page.locator("#reason").fill(END_TAG + IMG)
    decide(page, "reject")
    state_is(page, "rejected")
    assert END_TAG + IMG in page.locator("#summary").inner_text()
    page.locator(".sections a[aria-current]").click()
    page.wait_for_selector("#earlier tbody tr")
    assert QUOTES in page.locator("#earlier").inner_text()
    assert page.locator(HOSTILE).count() == 0
    assert planner.dialogs == []
    assert planner.outside() == []
    assert faults(planner) == []


def test_all_of_it_by_keyboard(watch: Watch, service: Service, tmp_path: Path) -> None:
    """Catches a step that needs a mouse, and a focus that cannot be seen."""
    watched = watch(service.origin)
    choosers: list[Any] = []

    def keep(chooser: Any) -> None:
        choosers.append(chooser)

    watched.page.on("filechooser", keep)  # early: one that opens before Playwright is ready for it is lost
    page = sign_in(watched, service.keys["other"])
    page.locator("#content").focus()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "file"
    ring = "parseFloat(getComputedStyle(document.querySelector('#drop')).outlineWidth)"
    assert page.evaluate(ring) >= 2
    page.keyboard.press("Space")
    for _ in range(100):
        page.wait_for_timeout(50)
        if choosers:
            break
    choosers[0].set_files(workbook(tmp_path / "phím.xlsx", sites(12, bad=1)))
    tab_to(page, "document.activeElement.id === 'send'")
    page.keyboard.press("Enter")
    page.wait_for_url("**/uploads/*")
    page.wait_for_selector("html[data-ready]", timeout=CHECKED_WITHIN_MS)
    page.locator("#content").focus()
    tab_to(page, "document.activeElement.dataset.decision === 'submit'")
    tab_to(page, "document.activeElement.tagName === 'SUMMARY'")
    page.keyboard.press("Enter")
    page.wait_for_selector("details.group[open] tbody tr")
    tab_to(page, "document.activeElement.matches('#columns select')")
    assert page.evaluate("parseFloat(getComputedStyle(document.activeElement).outlineWidth)") >= 2
    page.keyboard.press("End")
    tab_to(page, "document.activeElement.id === 'check-again'")
    unnamed = page.evaluate(
        """[...document.querySelectorAll("button, input, select, a[href], progress, meter")]
            .filter(one => one.checkVisibility())
            .filter(one => !(one.textContent.trim() || one.ariaLabel || one.title || one.labels?.length))
            .map(one => one.outerHTML)"""
    )
    assert unnamed == []


def tab_to(page: Page, condition: str) -> None:
    """Press Tab until a condition on the focused element holds."""
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.evaluate(condition):
            return
    pytest.fail(f"no Tab leads to: {condition}")


def test_nothing_sticks_out_on_a_telephone(watch: Watch, service: Service, tmp_path: Path) -> None:
    """Catches horizontal scrolling at 360 px on any of the pages, in both languages, with all groups open."""
    watched = watch(service.origin, 360, 800)
    page = sign_in(watched, service.keys["mobi"])
    rows = sites(60, bad=5)
    rows[7][1] = "x" * 300
    rows[8][5] = "y" * 300
    address = send(page, workbook(tmp_path / f"{'rất-dài-' * 15}.xlsx", rows))
    result = urlsplit(address).path
    for language in ("vi", "en"):
        for path in ("/sign-in", "/uploads", result):
            page.goto(f"{service.origin}{path}?lang={language}")
            page.wait_for_selector("html[data-ready]")
            assert page.evaluate("document.documentElement.lang") == language
            assert width(page) == 360
        for group in page.locator("details summary").all():
            group.click()
        page.wait_for_selector("details.group tbody tr")
        page.wait_for_timeout(300)
        assert width(page) == 360
    boxes = [page.locator(one).bounding_box() for one in ("#decision", "#place", "#findings")]
    tops = [box["y"] for box in boxes if box]
    assert tops == sorted(tops)
    assert len(tops) == 3
    decide(page, "withdraw")
    assert width(page) == 360
    assert faults(watched) == []


def width(page: Page) -> int:
    """How wide the document is."""
    return int(page.evaluate("document.documentElement.scrollWidth"))


def test_a_wrong_key_is_said_in_words(watch: Watch, service: Service) -> None:
    """Catches a sign-in that shows JSON, stays silent, or says which keys there are."""
    page = watch(service.origin).page
    page.goto(f"{service.origin}/uploads?lang=vi")
    page.wait_for_url("**/sign-in?**")
    page.wait_for_selector("html[data-ready]")
    page.keyboard.press("Enter")
    assert page.locator("#problem").inner_text() == "Hãy dán khoá truy cập."
    page.locator("#key").fill("gck_000000000000_" + "0" * 48)
    page.keyboard.press("Enter")
    page.wait_for_selector("#problem >> text=Khoá không đúng")
    page.locator("#key").fill(service.keys["viettel"])
    page.keyboard.press("Enter")
    page.wait_for_url("**/uploads?lang=vi")
    page.wait_for_selector("html[data-ready]")
    page.locator("#sign-out").click()
    page.wait_for_url("**/sign-in?**")
    page.goto(f"{service.origin}/uploads")
    assert "/sign-in" in page.url


def test_sign_in_works_without_scripts(browser: Any, service: Service) -> None:
    """Catches a form that the security policy refuses, or that only a script can send."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{service.origin}/sign-in")
    page.locator("#key").fill(service.keys["viettel"])
    page.locator("button.primary").click()
    page.wait_for_url("**/uploads**")
    assert "JavaScript" in page.locator("noscript").inner_text()
    context.close()


def test_who_may_only_look_is_told_so(watch: Watch, service: Service) -> None:
    """Catches a form that is offered to a key that may not upload."""
    watched = watch(service.origin)
    page = sign_in(watched, service.keys["viewer"])
    assert page.locator("#upload").is_hidden()
    assert "chỉ được xem" in page.locator("#may-not").inner_text()
    assert page.locator("#earlier-part").is_hidden()
    assert faults(watched) == []


def test_what_is_missing_is_said_before_anything_is_sent(
    watch: Watch, service: Service, tmp_path: Path
) -> None:
    """Catches an upload without file, operator or date, and an empty file that is sent all the same."""
    watched = watch(service.origin)
    page = sign_in(watched, service.keys["planner"])
    before = len(watched.requests)
    problem = page.locator("#problem")
    page.locator("#send").click()
    assert problem.inner_text() == "Hãy chọn tệp cần tải lên."
    empty = tmp_path / "rỗng.xlsx"
    empty.touch()
    page.locator("#file").set_input_files(empty)
    page.locator("#send").click()
    assert problem.inner_text() == "Tệp rỗng.xlsx rỗng; hãy chọn tệp khác."
    page.locator("#file").set_input_files(workbook(tmp_path / "có.xlsx", sites(2)))
    page.locator("#send").click()
    assert problem.inner_text() == "Hãy chọn nhà mạng của danh sách này."
    page.locator("#operator").select_option("Viettel")
    page.locator("#as-of").fill("")
    page.locator("#send").click()
    assert problem.inner_text() == "Hãy ghi ngày của số liệu."
    assert len(watched.requests) == before
    assert faults(watched) == []


def test_a_file_is_dropped(watch: Watch, service: Service) -> None:
    """Catches a zone that takes no drop, or a drop beside it that replaces the page."""
    page = sign_in(watch(service.origin), service.keys["mobi"])
    drop = """where => {
      const data = new DataTransfer();
      data.items.add(new File(["Mã trạm;Kinh độ;Vĩ độ\\n"], "thả.csv", { type: "text/csv" }));
      const event = new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true });
      document.querySelector(where).dispatchEvent(event);
      return event.defaultPrevented;
    }"""
    assert page.evaluate(drop, "h1")
    assert page.locator("#chosen").inner_text() == ""
    assert page.evaluate(drop, "#drop")
    assert "thả.csv" in page.locator("#chosen").inner_text()


def test_a_file_that_is_no_list_says_why(watch: Watch, service: Service, tmp_path: Path) -> None:
    """Catches a failed check that leaves the page waiting or empty, also after a reload."""
    watched = watch(service.origin)
    page = sign_in(watched, service.keys["mobi"])
    broken = tmp_path / "hỏng.xlsx"
    broken.write_bytes(b"PK\x03\x04 and no more")
    send(page, broken)
    for _ in range(2):
        assert re.search(r"Không kiểm tra được: .*hỏng\.xlsx", page.locator("#progress").inner_text())
        assert page.locator("#findings").is_hidden()
        page.reload()
        page.wait_for_selector("html[data-ready]")
    assert faults(watched) == []


def test_a_refusal_of_the_server_is_said_and_can_be_repeated(
    watch: Watch, service: Service, tmp_path: Path
) -> None:
    """Catches an upload that fails without a word, a button that stays dead, a page that needs events.

    Something between server and browser holds the events back here.
    """
    page = sign_in(watch(service.origin), service.keys["mobi"])
    page.route("**/events", lambda route: route.abort())
    answer = {"status": 429, "headers": {"Retry-After": "7"}, "json": {"detail": "gửi quá nhiều"}}
    page.route("**/site-lists", lambda route: route.fulfill(**answer), times=1)
    page.locator("#file").set_input_files(workbook(tmp_path / "lại.xlsx", sites(4)))
    page.locator("#send").click()
    page.wait_for_selector("#problem:not([hidden])")
    assert page.locator("#problem").inner_text() == "gửi quá nhiều. Hãy thử lại sau 7 giây."
    page.locator("#send").click()
    page.wait_for_url("**/uploads/*")
    page.wait_for_selector("html[data-ready]", timeout=CHECKED_WITHIN_MS)
    assert counts(page) == ["4", "4", "0"]
