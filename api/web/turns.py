"""Of several workers of one machine over one folder, one runs the jobs; all end with their parent."""

from __future__ import annotations

import fcntl
import hashlib
import multiprocessing
import os
import platform
import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def turn_file() -> str:
    """Name of this machine's lock; machines that share a folder run jobs beside each other."""
    return f"runner-{hashlib.sha256(platform.node().encode()).hexdigest()[:8]}.lock"


@contextmanager
def turn(path: Path) -> Iterator[bool]:
    """Take the turn for the length of a block, and say whether it was free.

    The kernel gives it back when the process ends, however it ends; a process started by this one does not
    hold it.

    Raises
    ------
    OSError
        The folder cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True


def end_with_parent() -> None:
    """Let this worker end as on a signal when the process that started it is gone, however and whenever."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def watch() -> None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="parent", daemon=True).start()
