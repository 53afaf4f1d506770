"""Make the pictures of the user guide: a planner's and a partner's first day over the demo's results.

    python docs/screenshots.py --dir demo --out docs/pictures

The folder is that of ``geocover demo``; the register that the two work with is made for it and goes with it.
"""

from __future__ import annotations

import argparse
import csv
import io
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image
from playwright.sync_api import sync_playwright
from screenshot import ARGUMENTS, chromium, served

from geocover.io.atomic import atomic_path
from geocover.register.database import open_database
from geocover.register.keys import NewKey, add_key

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Browser, Page

SIZE = (1200, 760)
LARGEST_BYTES = 100_000
READY_MS = 90_000
CODE, POINT = "08515", (105.3, 21.36)
PLANNER, PARTNER = NewKey("Sở KHCN", "planner"), NewKey("Viettel Phú Thọ", "partner", "Viettel")
HEADS = ("Mã trạm", "Tên trạm", "Công nghệ", "Kinh độ", "Vĩ độ", "Độ cao anten (m)", "Ngày phát sóng")
LIST = "danh-sach-tram-quy-IV.csv"


@dataclass(frozen=True)
class Day:
    """Who takes pictures, and where they go."""

    page: Page
    origin: str
    folder: Path

    def open(self, address: str) -> None:
        """Open an address and wait until it is drawn to the end."""
        self.page.goto(self.origin + address)
        self.settle()

    def settle(self) -> None:
        """Wait until nothing is asked for any more."""
        self.page.wait_for_load_state("networkidle")
        self.page.wait_for_timeout(500)

    def sign_in(self, key: str) -> None:
        """Sign in by the page; the site lists are open then."""
        self.open("/sign-in")
        self.page.locator("#key").fill(key)
        self.page.keyboard.press("Enter")
        self.page.wait_for_url("**/uploads*")
        self.settle()

    def take(self, name: str) -> None:
        """Keep what the window shows."""
        save(Image.open(io.BytesIO(self.page.screenshot())).convert("RGB"), self.folder / f"{name}.webp")


def main() -> None:
    """Read the arguments and take all pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dir", type=Path, default=Path("demo"), help="folder that `geocover demo` made")
    parser.add_argument("--out", type=Path, default=Path(__file__).with_name("pictures"))
    told = parser.parse_args()
    told.out.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        data = Path(name)
        with open_database(folder=data) as database:
            planner, partner = (add_key(database, new, "screenshots")[1] for new in (PLANNER, PARTNER))
        with served(told.dir / "snapshots", data) as origin, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
            address = session(browser, origin, told.out, lambda day: partners_day(day, partner, data))
            session(browser, origin, told.out, lambda day: planners_day(day, planner, address))
            browser.close()
    print(told.out)


def session(browser: Browser, origin: str, folder: Path, live: Callable[[Day], str]) -> str:
    """Live a day in a browser of its own."""
    context = browser.new_context(viewport={"width": SIZE[0], "height": SIZE[1]}, locale="vi-VN")
    try:
        return live(Day(context.new_page(), origin, folder))
    finally:
        context.close()


def partners_day(day: Day, key: str, folder: Path) -> str:
    """Upload a list, look at it and hand it in; gives the address of its page."""
    page = day.page
    day.open("/sign-in")
    day.take("dang-nhap")
    day.sign_in(key)
    page.locator("#as-of").fill("2025-12-31")
    page.locator("#file").set_input_files(write_list(folder / LIST))
    day.take("tai-len")
    page.locator("#send").click()
    page.wait_for_url("**/uploads/*")
    page.wait_for_selector("#summary .counts dd", timeout=READY_MS)
    page.wait_for_selector("#place[data-points]", state="attached", timeout=READY_MS)
    day.settle()
    day.take("ket-qua")
    page.locator("[data-decision=submit]").click()
    page.wait_for_selector("#summary .badge.submitted")
    return page.url.removeprefix(day.origin)


def planners_day(day: Day, key: str, address: str) -> str:
    """Look at the pages, then at the list that waits."""
    day.sign_in(key)
    for name, where in {
        "tong-quan": "/maps/coverage",
        "xa": f"/maps/commune/{CODE}",
        "diem-lom": "/maps/gaps",
        "dia-diem": "/maps/places",
        "so-sanh": "/maps/compare",
        "tai-ve": "/downloads",
    }.items():
        day.open(where)
        day.take(name)
    day.open(address)
    day.page.wait_for_selector("[data-decision=accept]", timeout=READY_MS)
    day.page.locator("[data-decision=accept]").scroll_into_view_if_needed()
    day.settle()
    day.take("duyet")
    return address


def write_list(path: Path) -> Path:
    """A list of stations as partners send it: one in twenty lacks its position."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADS)
        for number in range(120):
            lon, lat = POINT[0] + 0.004 * (number % 12), POINT[1] + 0.004 * (number // 12)
            where = ("", "") if number % 20 == 7 else (f"{lon:.6f}", f"{lat:.6f}")
            technology = "5G" if number % 3 == 0 else "4G"
            writer.writerow(
                [f"PTO{number:03d}", f"Trạm {number}", technology, *where, 30 + number % 12, "01/02/2024"]
            )
    return path


def save(picture: Image.Image, path: Path) -> None:
    """Write a picture as well as its bytes allow.

    Raises
    ------
    ValueError
        It does not fit at any quality.
    """
    for quality in range(85, 20, -10):
        written = io.BytesIO()
        picture.save(written, "WEBP", quality=quality, method=6)
        if written.tell() <= LARGEST_BYTES:
            with atomic_path(path) as temporary:
                temporary.write_bytes(written.getvalue())
            return
    raise ValueError(f"{path.name}: larger than {LARGEST_BYTES} bytes")


if __name__ == "__main__":
    main()
