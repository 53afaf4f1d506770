"""Runs `geocover.site_lists.reading.worker` and takes what it reads."""

from __future__ import annotations

import json
import os
import pickle
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from geocover.site_lists.reading.refusals import Note, Refused
from geocover.site_lists.sheets import Sheet

if TYPE_CHECKING:
    from collections.abc import Iterator

    from geocover.site_lists.reading.limits import Limits
    from geocover.site_lists.sheets import Value

_ROOT = Path(__file__).resolve().parents[3]
_DATES = {"date", "datetime", "time", "timedelta"}
# Rust aborts, Python that cannot even report ends with 1, and systems short of memory kill.
_OUT_OF_MEMORY = {-signal.SIGABRT, 1, -getattr(signal, "SIGKILL", 0)}


@dataclass
class Reading:
    """What the process has read so far: the file's kind, empty until it is known, and its sheets."""

    kind: str = ""
    sheets: list[Sheet] = field(default_factory=list)
    complete: bool = False


class _Frames(pickle.Unpickler):
    """Makes plain values and dates of frames, nothing else, whatever the process was talked into."""

    def find_class(self, module: str, name: str) -> Any:  # noqa: ANN401 - as its base has it
        if module == "datetime" and name in _DATES:
            return super().find_class(module, name)
        raise pickle.UnpicklingError(f"{module}.{name}")


def read_isolated(path: Path, limits: Limits, note: Note) -> Reading:
    """Read a file in a process of its own, within the limits of memory and time.

    Raises
    ------
    Refused
        The file cannot be read, or the process died of it.
    """
    reading = Reading()
    with _started(path, limits) as (process, late):
        _receive(process, reading, note)
        code = process.wait()
    if reading.complete:
        return reading
    if late.is_set() or code == -getattr(signal, "SIGXCPU", 0):
        raise Refused("file-takes-too-long", seconds=limits.seconds)
    if code in _OUT_OF_MEMORY:
        raise Refused("file-needs-too-much")
    raise Refused("file-damaged", reason=f"{reading.kind} {code}")


@contextmanager
def _started(path: Path, limits: Limits) -> Iterator[tuple[subprocess.Popen[bytes], threading.Event]]:
    """Start the process; it ends with the block, or when its time is over (the event is set then)."""
    late = threading.Event()
    process = subprocess.Popen(  # noqa: S603 - this very Python, and a path that is one argument
        [sys.executable, "-P", "-m", "geocover.site_lists.reading.worker", str(path.resolve())],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=_environment(),
    )

    def stop() -> None:
        late.set()
        process.kill()

    timer = threading.Timer(limits.seconds, stop)
    timer.start()
    with process:
        try:
            _tell(process, json.dumps(asdict(limits)).encode())
            yield process, late
        finally:
            timer.cancel()
            process.kill()


def _tell(process: subprocess.Popen[bytes], limits: bytes) -> None:
    stream = _stream(process.stdin)
    try:
        stream.write(limits)
        stream.close()
    except BrokenPipeError:
        # It is dead already; what it left on its output, or the lack of it, tells why.
        return


def _environment() -> dict[str, str]:
    """Environment in which the package is found, and libraries start no threads."""
    paths = [str(_ROOT), os.environ.get("PYTHONPATH", "")]
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(path for path in paths if path),
        "OPENBLAS_NUM_THREADS": "1",
        "RUST_BACKTRACE": "0",
    }


def _stream(stream: IO[bytes] | None) -> IO[bytes]:
    if stream is None:
        raise ValueError("the process was started without its streams")
    return stream


def _receive(process: subprocess.Popen[bytes], reading: Reading, note: Note) -> None:
    """Take frames until the last, or until the process is gone."""
    stream = _stream(process.stdout)
    rows: list[list[Value]] = []
    while not reading.complete:
        try:
            frame = _Frames(stream).load()
        except (EOFError, pickle.UnpicklingError):
            return
        match frame:
            case ("rows", more):
                rows.extend(more)
            case ("sheet", name, first_row, first_column, hidden, merged):
                rows = []
                reading.sheets.append(Sheet(name, rows, first_row, first_column, hidden, merged))
            case ("note", code, details):
                note(code, **details)
            case ("kind", kind):
                reading.kind = kind
            case ("refused", code, details):
                raise Refused(code, **details)
            case _:
                reading.complete = True
