"""From a partner's messy workbook to the public map: every step between, in one server."""

from __future__ import annotations

import datetime as dt
import re
import shutil
from typing import TYPE_CHECKING, Any

import httpx
import openpyxl
import pytest

from geocover.register.database import open_database
from tests.api.running import bearer, make_key, running
from tests.browser.conftest import Watched, sign_in
from tests.browser.test_uploads import decide, faults, send, state_is
from tests.register.making import make_accepted, make_cells
from tests.register.province import SCENARIO, make_province
from tests.serving import Server
from tests.small_snapshots import SOUTH, WEST

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

Watch = Any
DAY = dt.date(2026, 3, 31)
COMPUTED_WITHIN_MS = 90_000
RIVAL = "BIMAT"
TOGETHER = ["Ít nhất một nhà mạng", "Tất cả nhà mạng"]
HEADS = (
    "STT", "Mã trạm", "Tên trạm", "Loại công nghệ", "Kinh độ", "Vĩ độ", "Độ cao anten (m)",
    "Ngày phát sóng", "Ghi chú nội bộ",
)  # fmt: skip


def messy_workbook(path: Path) -> Path:
    """Write a list as partners send it: titles, texts for numbers, degrees, swaps, gaps, a sum."""
    book = openpyxl.Workbook()
    cover, page = book.active, book.create_sheet("DS trạm T3")
    assert cover is not None
    cover.append(["CÔNG TY DỊCH VỤ VIỄN THÔNG"])
    page.append(["DANH SÁCH TRẠM BTS TỈNH PHÚ THỌ ĐẾN 31/03/2026"])
    page.append([])
    page.append(HEADS)
    for row in messy_rows():
        page.append(row)
    page.append(["Tổng cộng", None, None, "9 trạm"])
    book.save(path)
    return path


def messy_rows() -> list[list[Any]]:
    """Eleven stations: eight read as they are or put right, three that cannot be used."""
    rows: list[list[Any]] = []
    for number in range(11):
        lon, lat = WEST + 0.01 + 0.006 * number, SOUTH + 0.01 + 0.006 * number
        name = f"PTO{number:03d}"
        rows.append(
            [number + 1, name, f"Trạm {name}", "4G", lon, lat, 36, dt.date(2024, 1 + number, 1), "nội bộ"]
        )
    rows[1][4:6] = (f"{rows[1][4]:.6f}".replace(".", ","), f"{rows[1][5]:.6f}".replace(".", ","))
    rows[2][4:6] = (degrees(rows[2][4], "E"), degrees(rows[2][5], "N"))
    rows[3][4:6] = (rows[3][5], rows[3][4])
    rows[4][3] = "LTE"
    rows[5][6] = "36 m"
    rows[6][7] = "15/02/2025"
    rows[8][4] = None
    rows[9][4:6] = (2.35, 48.85)
    rows[10][3] = "vệ tinh"
    return rows


def degrees(value: float, side: str) -> str:
    """Degrees, minutes and seconds as they are typed."""
    whole, rest = divmod(value * 3600, 3600)
    minutes, seconds = divmod(rest, 60)
    return f"{int(whole)}°{int(minutes):02d}'{seconds:05.2f}\"{side}"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, small_root: Path) -> Path:
    """A department's folder: two dates that were published before, and a rival's list of the day."""
    data = make_province(tmp_path_factory.mktemp("department") / "data", small_root)
    shutil.copytree(small_root, data / "snapshots")
    names = [f"{RIVAL}{number}" for number in range(3)]
    ids = {"station_id": names, "position_id": names, "cell_id": [f"{name}-1" for name in names]}
    with open_database(folder=data) as database:
        make_accepted(database, make_cells(3, "VinaPhone", lat=SOUTH + 0.06, **ids), DAY)
    return data


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[Server]:
    """A closed server over it that computes what is accepted."""
    with running(folder, SCENARIO=SCENARIO, STALE_S="60") as one:
        yield one


@pytest.fixture(scope="module")
def keys(folder: Path) -> dict[str, str]:
    """Tokens of a partner, of its rival and of a planner."""
    made = {"planner": make_key(folder, "planner"), "rival": make_key(folder, "partner", "VinaPhone")}
    return {**made, "partner": make_key(folder, "partner", "Viettel")}


def test_from_a_messy_workbook_to_the_public_map(
    watch: Watch, server: Server, keys: dict[str, str], tmp_path: Path
) -> None:
    """Catches any broken step between a partner's file and the map that everybody sees."""
    partner, planner, reader = (watch(server.origin) for _ in range(3))
    page = sign_in(partner, keys["partner"])
    address = hand_in(page, messy_workbook(tmp_path / "Danh sách trạm quý I.xlsx"))
    accept(sign_in(planner, keys["planner"]), address)
    check_public(reader)
    check_partner(page, server, keys)
    for watched in (partner, planner, reader):
        assert watched.outside() == []
        assert faults(watched) == []


def hand_in(page: Page, file: Path) -> str:
    """Upload the list, look at what was understood of it, and submit it; gives the page's address."""
    page.locator("#as-of").fill(DAY.isoformat())
    steps = watch_progress(page)
    address = send(page, file).partition("#")[0]
    assert "Đang kiểm tra" in page.evaluate(steps)
    counts = page.locator("#summary .counts dd").all_inner_texts()
    assert counts == ["11", "8", "3"], page.locator("#content").inner_text()
    meanings = dict(
        zip(
            page.locator("#columns tbody td:nth-child(2)").all_inner_texts(),
            page.locator("#columns tbody select").evaluate_all("all => all.map(one => one.value)"),
            strict=True,
        )
    )
    assert (meanings["Loại công nghệ"], meanings["Kinh độ"], meanings["Độ cao anten (m)"]) == (
        "technology", "lon", "height_m",
    )  # fmt: skip
    errors = "\n".join(page.locator("details.group.error").all_inner_texts())
    assert all(one in errors for one in ("thiếu toạ độ", "cách địa bàn tỉnh", "không có công nghệ"))
    assert "ghi ngược kinh độ và vĩ độ; đã đổi lại" in page.locator("#groups").inner_text()
    assert page.locator("#place").get_attribute("data-points") == "10"
    decide(page, "submit")
    state_is(page, "submitted")
    return address


def watch_progress(page: Page) -> str:
    """From now on keep what the page says of a job's progress; gives the expression that tells it."""
    page.add_init_script(
        """window.told = "";
        addEventListener("DOMContentLoaded", () => {
          const place = document.getElementById("progress");
          if (place) new MutationObserver(() => { window.told += place.textContent; })
            .observe(place, { childList: true, subtree: true });
        });"""
    )
    return "window.told"


def accept(page: Page, address: str) -> None:
    """Accept the list, and watch its computation to the end; who looks again later is told of it too."""
    row = page.locator("#earlier tbody tr", has_text="Danh sách trạm quý I.xlsx").first
    assert "đã gửi, chờ duyệt" in row.inner_text()
    steps = watch_progress(page)
    page.goto(address)
    page.wait_for_selector("html[data-ready]")
    decide(page, "accept")
    decide(page, "accept")
    state_is(page, "accepted")
    page.wait_for_selector("#progress:not([hidden]) progress")
    page.wait_for_selector("#decision >> text=Xem bản đồ", timeout=COMPUTED_WITHIN_MS)
    assert "Đang tính lại vùng phủ sóng" in page.evaluate(steps)
    assert page.locator("#progress").is_hidden()
    page.reload()
    page.wait_for_selector("#decision >> text=Đã tính xong vùng phủ sóng")


def check_public(reader: Watched) -> None:
    """Who has no key sees the new date, what all operators give together, and no station anywhere."""
    page = reader.open()
    shown = page.locator("#date option").all_inner_texts()
    assert [" ".join(one.split()) for one in shown] == ["31/03/2026", "31/12/2025", "30/06/2025"]
    assert "Trạm BTS" not in (page.locator(".leaflet-control-layers").text_content() or "")
    assert page.locator("#pick-operator option").all_inner_texts() == TOGETHER
    data = [one for one in reader.requests if re.search(r"/(communes|gaps|places)\b", one)]
    assert len(data) >= 3
    told = page.content() + "".join(page.request.get(one).text() for one in data)
    assert "PTO0" not in told
    assert RIVAL not in told
    assert page.request.get(f"{reader.origin}/stations").status == 401


def check_partner(page: Page, server: Server, keys: dict[str, str]) -> None:
    """The partner has its own stations on the map, the rival its own, the planner both."""
    page.goto(f"{server.origin}/maps/coverage")
    page.wait_for_selector("html[data-ready]")
    with page.expect_response(lambda one: "/stations" in one.url) as waiting:
        page.get_by_label("Trạm BTS").check()
    features = waiting.value.json()["features"]
    assert {one["properties"]["operator"] for one in features} == {"Viettel"}
    assert len(features) == 8
    assert prefixes(server, keys["partner"]) == ("PTO",)
    assert prefixes(server, keys["rival"]) == (RIVAL,)
    assert prefixes(server, keys["planner"]) == (RIVAL, "PTO")


def prefixes(server: Server, token: str) -> tuple[str, ...]:
    """How the names of the stations begin that a key may see."""
    answer = httpx.get(f"{server.origin}/stations", headers=bearer(token), timeout=30).json()
    names = {one["properties"]["station_id"] for one in answer["features"]}
    return tuple(sorted({name.rstrip("0123456789-G") for name in names}))
