"""A partner's list of 100,000 rows, read, understood and checked: time and peak memory.

Every figure comes from a process of its own (`python -m benchmarks.site_lists TASK FILE` prints it as JSON),
which has imported everything before the clock starts. Memory counts the process and the largest of those
that it starts.
"""

from __future__ import annotations

import datetime as dt
import json
import statistics
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import openpyxl
import pandas as pd

from benchmarks.process import POLL_S, peak_gib
from benchmarks.table import ROOT, Amount, Row, interleaved, seconds
from geocover.boundaries.index import shipped_index
from geocover.site_lists.checking import check_list
from geocover.site_lists.places.reference import Reference
from geocover.site_lists.workbook import write_report

ROWS, RUNS = 100_000, 3
BOUND_S, BOUND_GIB = 5.0, 1.0
PROVINCE = "25"
HEADS = (
    "STT", "Mã trạm", "Tên trạm", "Nhà mạng", "Công nghệ", "Kinh độ", "Vĩ độ", "Xã, phường", "Địa chỉ",
    "Ngày phát sóng", "Băng tần", "EARFCN", "Độ cao ăng-ten (m)", "Góc phương vị", "Tilt điện", "Tilt cơ",
    "Công suất (dBm)", "Băng thông (MHz)", "Loại trạm", "Ghi chú",
)  # fmt: skip
OPERATORS = ("Viettel", "VinaPhone", "MobiFone")


class Result(NamedTuple):
    """What a process printed: seconds, peak memory and rows."""

    seconds: float
    peak_gib: float
    rows: int


def made_up_list(path: Path, rows: int = ROWS) -> Path:
    """Write a list of three sectors a site, near the middles of communes; the same for a number of rows."""
    areas = shipped_index(PROVINCE).table
    points = areas.geometry.representative_point()
    communes = (areas["type"] + " " + areas["name"]).tolist()
    places = list(zip(communes, points.x.tolist(), points.y.tolist(), strict=True))
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Trạm")
    sheet.append(HEADS)
    for number in range(rows):
        sheet.append(_sector(number, places))
    book.save(path)
    return path


def _sector(number: int, places: list[tuple[str, float, float]]) -> list[object]:
    site, sector = divmod(number, 3)
    commune, lon, lat = places[site % len(places)]
    new = site % 7 == 0
    return [
        number + 1, f"PTO{site:05d}", f"Trạm {commune} {site}", OPERATORS[site % 3], "5G" if new else "4G",
        round(lon + (site * 7_919 % 1_000 - 500) * 2e-5, 6),
        round(lat + (site * 104_729 % 1_000 - 500) * 2e-5, 6),
        commune, f"Thôn {site % 12}", dt.date(2015 + site % 10, 1 + site % 12, 1 + site % 28),
        "n41" if new else "B3", None if new else 1300, 30 + site % 20, sector * 120, 2 + site % 6, sector,
        53 if new else 46, 100 if new else 20, "Macro", None,
    ]  # fmt: skip


class _Children(threading.Thread):
    """Looks at the memory of the processes that this one starts."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.most_gib = 0.0
        self.over = threading.Event()

    def run(self) -> None:
        while not self.over.wait(POLL_S):
            for task in Path("/proc/self/task").iterdir():
                for child in self._of(task):
                    self.most_gib = max(self.most_gib, self._peak(child))

    @staticmethod
    def _of(task: Path) -> list[str]:
        try:
            return (task / "children").read_text(encoding="ascii").split()
        except OSError:  # the thread has ended
            return []

    @staticmethod
    def _peak(child: str) -> float:
        try:
            return peak_gib(Path(f"/proc/{child}/status"))
        except OSError:  # the process has ended
            return 0.0


def check(path: Path) -> Result:
    """Check a list against the shipped province."""
    reference = Reference.of(shipped_index(PROVINCE))
    checked = []
    children = _Children()
    children.start()
    elapsed_s = seconds(lambda: checked.append(check_list(path, reference=reference)))
    children.over.set()
    children.join()
    return Result(elapsed_s, peak_gib() + children.most_gib, checked[0].counts["read"])


def report(path: Path) -> Result:
    """Write a checked list back."""
    checked = check_list(path)
    elapsed_s = seconds(lambda: write_report(checked, path, path.with_name("report.xlsx")))
    return Result(elapsed_s, peak_gib(), checked.counts["read"])


def peer(path: Path) -> Result:
    """Only read the list, as most programs do."""
    tables: list[pd.DataFrame] = []
    elapsed_s = seconds(lambda: tables.append(pd.read_excel(path, engine="openpyxl")))
    return Result(elapsed_s, peak_gib(), len(tables[0]))


TASKS: dict[str, Callable[[Path], Result]] = {"check": check, "report": report, "peer": peer}


def in_own_process(task: str, path: Path) -> Result:
    """Result of a task in a process of its own.

    Raises
    ------
    subprocess.CalledProcessError
        If it ends with an error.
    """
    command = [sys.executable, "-m", "benchmarks.site_lists", task, str(path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return Result(**json.loads(done.stdout))


def site_list_rows(folder: Path) -> list[Row]:
    """100,000 rows of 20 columns beside the bounds and beside pandas with openpyxl."""
    path = made_up_list(folder / "list.xlsx")
    runs = interleaved([lambda task=task: in_own_process(task, path) for task in ("check", "peer")], RUNS)
    checked_s, read_s = (Amount(statistics.median(run.seconds for run in of_task), "s") for of_task in runs)
    memory = Amount(max(run.peak_gib for run in runs[0]), "GiB")
    back = in_own_process("report", path)
    what = f"XLSX of {ROWS:,} rows, {len(HEADS)} columns"
    return [
        Row(f"{what}: read and checked", checked_s, Amount(BOUND_S, "s"), 1.0, "sites.check.time"),
        Row(f"{what}: peak memory", memory, Amount(BOUND_GIB, "GiB"), 1.0, "sites.check.memory"),
        Row(f"{what}: read and checked, beside only reading", checked_s, read_s, figure="sites.check.peer",
            note="pandas.read_excel(engine='openpyxl')"),
        Row(f"{what}: written back with findings", Amount(back.seconds, "s"), "", figure="sites.report.time"),
    ]  # fmt: skip


def main() -> None:
    """Do one task and print its result as JSON."""
    print(json.dumps(TASKS[sys.argv[1]](Path(sys.argv[2]))._asdict()))


if __name__ == "__main__":
    main()
