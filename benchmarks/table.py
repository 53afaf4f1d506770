"""Rows of measured ratios, how they are timed, and how they are printed and kept.

Tasks that are compared run in turn (one of each, again and again) and their medians count, so that a machine
whose speed drifts does not favour one of them.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import math
import os
import platform
import statistics
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, TypeVar

import numba

from geocover.io.atomic import atomic_path

RUNS = 5
ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks" / "results"

LESS_IS_BETTER = ("s", "GiB")
PREFIXES = {
    "s": ((1.0, ""), (1e-3, "m"), (1e-6, "µ")),
    "paths/s": ((1e6, "M "), (1e3, "k "), (1.0, "")),
}
SIMD = ("avx512f", "avx2", "avx", "sse4_2", "asimd")
HISTORY_COLUMNS = (
    "date",
    "commit",
    "cpu",
    "cores",
    "simd",
    "python",
    "numba",
    "figure",
    "value",
    "unit",
    "other",
    "ratio",
)

T = TypeVar("T")


class Amount(NamedTuple):
    """A measured value; the unit decides whether more or less of it is better."""

    value: float
    unit: str

    def __str__(self) -> str:
        scale, prefix = next(
            (
                (scale, prefix)
                for scale, prefix in PREFIXES.get(self.unit, ((1.0, ""),))
                if abs(self.value) >= scale
            ),
            PREFIXES.get(self.unit, ((1.0, ""),))[-1],
        )
        return f"{digits(self.value / scale)} {prefix}{self.unit}"


@dataclass(frozen=True)
class Row:
    """One measured ratio; above 1 is better than the peer or within the bound.

    Attributes
    ----------
    what
        What was measured.
    ours
        Our figure; None where it belongs to another row.
    other
        The peer's figure or the bound, in the same unit; or a text that says why there is none.
    least
        The ratio that is asked for; NaN where nothing is asked.
    figure
        Name under which the history keeps the row, never changed once used; "" keeps it out.
    note
        How the other's figure came about.
    """

    what: str
    ours: Amount | None
    other: Amount | str
    least: float = math.nan
    figure: str = ""
    note: str = ""

    @property
    def ratio(self) -> float:
        """How much better ours is; NaN where one side is absent."""
        if self.ours is None or isinstance(self.other, str):
            return math.nan
        if self.ours.unit != self.other.unit:
            raise ValueError(
                f"{self.what}: {self.ours.unit} beside {self.other.unit}; measure both in one unit"
            )
        if self.ours.unit in LESS_IS_BETTER:
            return self.other.value / self.ours.value
        return self.ours.value / self.other.value

    @property
    def verdict(self) -> str:
        """What is asked and whether it is met; "" where nothing is asked."""
        if math.isnan(self.least):
            return ""
        if math.isnan(self.ratio):
            return f"≥ {digits(self.least)}: not measured"
        return f"≥ {digits(self.least)}: {'met' if self.ratio >= self.least else 'MISSED'}"

    def cells(self) -> tuple[str, ...]:
        """Texts of the table's columns."""
        ours = "" if self.ours is None else str(self.ours)
        ratio = "–" if math.isnan(self.ratio) else digits(self.ratio)
        return self.what, ours, str(self.other), ratio, self.verdict, self.note


@dataclass(frozen=True)
class Machine:
    """Where the figures were measured."""

    cpu: str
    cores: int
    simd: str
    python: str
    numba: str

    def __str__(self) -> str:
        return f"{self.cpu}, {self.cores} cores, {self.simd}, Python {self.python}, numba {self.numba}"


def digits(value: float) -> str:
    """Three significant digits, with separators of thousands and without an exponent."""
    if value == 0.0 or not math.isfinite(value):
        return f"{value:g}"
    places = max(0, 2 - math.floor(math.log10(abs(value))))
    return f"{value:,.{places}f}"


def seconds(task: Callable[[], object]) -> float:
    """Wall time of one call."""
    start = time.perf_counter()
    task()
    return time.perf_counter() - start


def interleaved(tasks: Sequence[Callable[[], T]], runs: int) -> list[list[T]]:
    """Results of every task, task by task, from runs of all tasks in turn."""
    rounds = [[task() for task in tasks] for _ in range(runs)]
    return [list(results) for results in zip(*rounds, strict=True)]


def paired(ours: Callable[[], object], other: Callable[[], object], runs: int = RUNS) -> tuple[float, float]:
    """Median seconds of each, run in turn after one run that does not count."""
    ours()
    other()
    first, second = interleaved([lambda: seconds(ours), lambda: seconds(other)], runs)
    return statistics.median(first), statistics.median(second)


def cpu_facts(info: Path = Path("/proc/cpuinfo")) -> dict[str, str]:
    """What the system says of the first processor; empty where it keeps no such file."""
    if not info.is_file():
        return {}
    first = info.read_text(encoding="utf-8").strip().split("\n\n")[0]
    pairs = (line.split(":", 1) for line in first.splitlines() if ":" in line)
    return {name.strip(): value.strip() for name, value in pairs}


def this_machine() -> Machine:
    """Machine on which this runs."""
    facts = cpu_facts()
    cpu = facts.get("model name") or platform.processor() or platform.machine()
    flags = (facts.get("flags") or facts.get("Features") or "").split()
    simd = next((name for name in SIMD if name in flags), "SIMD unknown")
    return Machine(cpu, os.cpu_count() or 1, simd, platform.python_version(), numba.__version__)


def commit() -> str:
    """What `git describe` calls the checkout; "unknown" without git or outside of a checkout."""
    command = ["git", "describe", "--always", "--dirty", "--abbrev=8"]
    try:
        found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return "unknown"
    return found.stdout.strip() or "unknown"


def markdown(sections: Mapping[str, Sequence[Row]], machine: Machine, day: dt.date, version: str) -> str:
    """One table a section under a line about machine, day and commit."""
    parts = [f"{machine}; {day.isoformat()}, {version}"]
    for title, rows in sections.items():
        lines = [f"| {' | '.join(row.cells())} |" for row in rows]
        head = ["| what | ours | peer or bound | ratio | asked | how |", "|---|---|---|---|---|---|"]
        parts.append("\n".join([f"## {title}", "", *head, *lines]))
    return "\n\n".join(parts) + "\n"


def history_rows(rows: Sequence[Row], machine: Machine, day: dt.date, version: str) -> list[dict[str, str]]:
    """Rows that have a name in the history, as values of `HISTORY_COLUMNS`."""
    where = {
        "date": day.isoformat(),
        "commit": version,
        "cpu": machine.cpu,
        "cores": str(machine.cores),
        "simd": machine.simd,
        "python": machine.python,
        "numba": machine.numba,
    }
    return [
        where
        | {
            "figure": row.figure,
            "value": f"{row.ours.value:.4g}",
            "unit": row.ours.unit,
            "other": "" if isinstance(row.other, str) else f"{row.other.value:.4g}",
            "ratio": "" if math.isnan(row.ratio) else f"{row.ratio:.4g}",
        }
        for row in rows
        if row.figure and row.ours is not None
    ]


def appended(text: str, rows: Sequence[Mapping[str, str]]) -> str:
    """Text of a history file with rows added; an empty text becomes a header first.

    Raises
    ------
    ValueError
        If the text is no such history: its header has other columns.
    """
    header = ",".join(HISTORY_COLUMNS) + "\n"
    if text and not text.startswith(header):
        raise ValueError(f"history.csv: the first line must be {header!r}; move the old file away")
    out = io.StringIO()
    csv.DictWriter(out, HISTORY_COLUMNS, lineterminator="\n").writerows(rows)
    return (text or header) + out.getvalue()


def keep(sections: Mapping[str, Sequence[Row]], folder: Path = RESULTS, name: str = "latest.md") -> Path:
    """Write the tables under a name and add to `history.csv` in a folder; returns the first."""
    machine, day, version = this_machine(), dt.datetime.now(dt.UTC).date(), commit()
    folder.mkdir(parents=True, exist_ok=True)
    latest, history = folder / name, folder / "history.csv"
    with atomic_path(latest) as path:
        path.write_text(markdown(sections, machine, day, version), encoding="utf-8")
    old = history.read_text(encoding="utf-8") if history.is_file() else ""
    rows = history_rows([row for part in sections.values() for row in part], machine, day, version)
    with atomic_path(history) as path:
        path.write_text(appended(old, rows), encoding="utf-8")
    return latest
