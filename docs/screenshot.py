"""Make the README's screenshot: serve a folder of snapshots, open the map, save desktop and phone.

    python docs/screenshot.py --dir demo --out docs/screenshot.png

The folder is that of ``geocover demo``; Chromium is found on the path or named by GEOCOVER_CHROMIUM.
"""

from __future__ import annotations

import argparse
import io
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image
from playwright.sync_api import sync_playwright

from geocover.io.atomic import atomic_path

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

ARGUMENTS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--no-first-run",
]  # fmt: skip
DESKTOP, PHONE = (1440, 900), (360, 800)
MARGIN_PX = 24
STARTS_WITHIN_S = 60


def main() -> None:
    """Read the arguments, take both pictures, and save them side by side."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dir", type=Path, default=Path("demo"), help="folder that `geocover demo` made")
    parser.add_argument("--out", type=Path, default=Path(__file__).with_name("screenshot.png"))
    arguments = parser.parse_args()
    with served(arguments.dir / "snapshots") as origin, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        pictures = [picture(browser, origin, size) for size in (DESKTOP, PHONE)]
        browser.close()
    save(pictures, arguments.out)
    print(arguments.out)


def chromium() -> str:
    """Path of the browser."""
    found = (
        os.environ.get("GEOCOVER_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    )
    if found is None:
        sys.exit("No Chromium found: install the package chromium, or name one by GEOCOVER_CHROMIUM.")
    return found


@contextmanager
def served(root: Path, data: Path | None = None) -> Iterator[str]:
    """Run the server over a folder of snapshots, and one of a register, on a free port."""
    if not any(root.glob("[0-9]*/manifest.json")):
        sys.exit(f"{root}: no snapshot; run `geocover demo --dir {root.parent}` first.")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "uvicorn", "api.app:create_app", "--factory", "--port", str(port)]
    environment = {**os.environ, "GEOCOVER_SNAPSHOTS": str(root.resolve())}
    environment |= {"GEOCOVER_DATA": str(data)} if data else {}
    with subprocess.Popen([*command, "--log-level", "warning"], env=environment) as process:  # noqa: S603  our own server
        try:
            yield wait_for(f"http://127.0.0.1:{port}")
        finally:
            process.terminate()


def wait_for(origin: str) -> str:
    """Give the address once the server answers."""
    deadline = time.monotonic() + STARTS_WITHIN_S
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"{origin}/healthz", timeout=5):  # noqa: S310  our own server
                return origin
        except urllib.error.URLError:
            time.sleep(0.2)
    sys.exit(f"The server did not answer within {STARTS_WITHIN_S} s.")


def picture(browser: Browser, origin: str, size: tuple[int, int]) -> Image.Image:
    """The map at a window's size, drawn to the end."""
    page = browser.new_page(viewport={"width": size[0], "height": size[1]}, device_scale_factor=1)
    page.goto(f"{origin}/maps/coverage")
    page.wait_for_selector("html[data-ready]", timeout=60_000)
    page.wait_for_load_state("networkidle")
    shot = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    page.close()
    return shot


def save(pictures: list[Image.Image], path: Path) -> None:
    """Write the pictures side by side on white."""
    width = sum(one.width for one in pictures) + MARGIN_PX * (len(pictures) - 1)
    sheet = Image.new("RGB", (width, max(one.height for one in pictures)), "white")
    left = 0
    for one in pictures:
        sheet.paste(one, (left, 0))
        left += one.width + MARGIN_PX
    with atomic_path(path) as temporary:
        sheet.save(temporary, "PNG", optimize=True)


if __name__ == "__main__":
    main()
