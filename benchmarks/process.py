"""Time and peak memory of a program in a process of its own."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

POLL_S = 0.02
KIB_A_GIB = 1024.0**2


def peak_gib(status: Path = Path("/proc/self/status")) -> float:
    """Peak memory of a process by the system's own account (VmHWM), GiB.

    Not ru_maxrss: Linux lets a child inherit its parent's.

    Raises
    ------
    OSError
        If the process is gone, or the system has no /proc.
    """
    for line in status.read_text(encoding="ascii", errors="replace").splitlines():
        if line.startswith("VmHWM:"):
            return float(line.split()[1]) / KIB_A_GIB
    return 0.0  # a process that has ended but was not waited for


def measured(command: Sequence[str]) -> tuple[float, float]:
    """Seconds and peak memory in GiB of a command, whose memory is looked at every `POLL_S`.

    Raises
    ------
    subprocess.CalledProcessError
        If it ends with an error.
    """
    start, most_gib = time.perf_counter(), 0.0
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        status = Path(f"/proc/{process.pid}/status")
        while process.poll() is None:
            most_gib = max(most_gib, peak_gib(status))
            time.sleep(POLL_S)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, list(command))
    return time.perf_counter() - start, most_gib
