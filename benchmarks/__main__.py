"""`make bench`: tables of measured ratios, printed, written to results/latest.md and added to history.csv.

`python -m benchmarks --only paths,peers` measures parts; `--trial` prints and keeps nothing.
"""

from __future__ import annotations

import argparse
import datetime as dt
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks.bound import bound_rows
from benchmarks.demo import demo_rows, part_rows
from benchmarks.growth import growth_rows, province_rows
from benchmarks.paths import path_rows, peer_rows
from benchmarks.site_lists import site_list_rows
from benchmarks.table import Row, commit, keep, markdown, this_machine

Part = Callable[[Path], list[Row]]

PARTS: dict[str, tuple[str, Part]] = {
    "demo": ("The demo", demo_rows),
    "parts": ("Parts of the demo", part_rows),
    "paths": ("Paths on one core", path_rows),
    "peers": ("Paths on one core, beside peers", peer_rows),
    "bound": ("What bounds a path", bound_rows),
    "province": ("A province", province_rows),
    "growth": ("How a province's time grows", growth_rows),
    "sites": ("Site lists", site_list_rows),
}


def chosen(text: str) -> list[str]:
    """Names of parts from a comma-separated text, in the order of the table."""
    names = text.split(",")
    unknown = sorted(set(names) - set(PARTS))
    if unknown:
        raise argparse.ArgumentTypeError(f"no part {', '.join(unknown)}; there are {', '.join(PARTS)}")
    return [name for name in PARTS if name in names]


def main() -> None:
    """Measure the chosen parts, print and keep the tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", type=chosen, default=list(PARTS), help=f"some of {','.join(PARTS)}")
    parser.add_argument("--trial", action="store_true", help="print only")
    given = parser.parse_args()
    sections: dict[str, list[Row]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for name in given.only:
            title, part = PARTS[name]
            sections[title] = part(Path(folder))
            print(f"measured: {title}", flush=True)
    print(markdown(sections, this_machine(), dt.datetime.now(dt.UTC).date(), commit()))
    if not given.trial:
        print(f"kept: {keep(sections)}")


if __name__ == "__main__":
    main()
