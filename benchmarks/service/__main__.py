"""`make bench-api`: the service beside other servers, as tables; kept in results/service.md and history.csv.

`--trial` prints and keeps nothing; `--seconds` and `--rounds` make it shorter.
"""

from __future__ import annotations

import argparse
import datetime as dt
import signal
import sys
from pathlib import Path

from benchmarks.service.rows import Effort, service_sections
from benchmarks.table import ROOT, commit, keep, markdown, this_machine

NAME = "service.md"


def main() -> None:
    """Measure, print and keep."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the servers end too
    parser = argparse.ArgumentParser(prog="python -m benchmarks.service", description=__doc__)
    parser.add_argument("--dir", type=Path, default=ROOT / "demo", help="folder of `geocover demo`")
    parser.add_argument("--seconds", type=float, default=Effort.seconds, help="of a round")
    parser.add_argument("--rounds", type=int, default=Effort.rounds)
    parser.add_argument("--cases", default="", help="names of cases, parted by commas; all if none")
    parser.add_argument("--trial", action="store_true", help="print only")
    given = parser.parse_args()
    only = tuple(one for one in given.cases.split(",") if one)
    effort = Effort(given.seconds, given.rounds, only)
    sections = service_sections(given.dir / "snapshots", effort)
    print(markdown(sections, this_machine(), dt.datetime.now(dt.UTC).date(), commit()))
    if not given.trial:
        print(f"kept: {keep(sections, name=NAME)}")


if __name__ == "__main__":
    main()
