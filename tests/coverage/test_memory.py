"""Memory of a large prediction, measured in processes of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SIDE = 6_000
LAYERS = 2

SCRIPT = """
import re, sys
from pathlib import Path
from geocover.coverage import Work, predict
from geocover.grid import Grid
from geocover.propagation import ExtendedHata
from tests.coverage.cases import CRS, cell, network_of
side, count = int(sys.argv[1]), sys.argv[2]
grid = Grid(CRS, 540_000.0, 2_358_000.0, 10.0, (side, side))
rows = [cell(20.0, 20.0), cell(30.0, 30.0, operator="B")]
count_dbm = -100.0 if count == "count" else None
found = predict(network_of(rows), model=ExtendedHata(), grid=grid, count_dbm=count_dbm, work=Work(threads=2))
assert found.layers == (("A", "4G"), ("B", "4G"))
# Not ru_maxrss: that begins with the peak of the process that started this one.
print(1024 * int(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1]))
"""


def peak_bytes(side: int, count: str) -> int:
    command = [sys.executable, "-W", "ignore", "-c", SCRIPT, str(side), count]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT, env=environment)
    return int(done.stdout)


def test_memory_is_what_predict_says() -> None:
    """Catches a copy of the result, or a raster of floats: 4 bytes a pixel and layer, 6 with counts.

    The second layer of a copy would add 4; what two threads need for tiles is in the small run as well.
    """
    pixels = SIDE**2 - 1_000**2
    peak_bytes(1_000, "count")  # kernels that have to be compiled would raise the peak of the first
    for count, stated in (("plain", 4.0), ("count", 6.0)):
        grown = (peak_bytes(SIDE, count) - peak_bytes(1_000, count)) / pixels / LAYERS
        assert stated - 0.5 < grown < stated + 0.7, f"{grown:.2f} bytes a pixel and layer"
