"""Exports made beside the requests: in a process of their own, so that no request waits for another's."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from concurrent.futures import Future
from typing import TYPE_CHECKING

from geocover.exports.errors import ExportError
from geocover.exports.keeping import export_folder

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from geocover.report.audience import Audience
    from geocover.store import Snapshot

COMMAND = (sys.executable, "-m", "geocover.exports")
TAIL = 2000


class Makers:
    """Makes exports one after the other, each once whoever asks for it.

    Parameters
    ----------
    command
        How the process is started; it reads its order from standard input.
    """

    def __init__(self, command: Sequence[str] = COMMAND) -> None:
        self.command = command
        self._lock = threading.Lock()
        self._turn = threading.Lock()
        self._asked: dict[Path, Future[None]] = {}

    def ask(self, snapshot: Snapshot, audience: Audience, data: Path) -> Future[None]:
        """Have an export made, and give what ends when it is there.

        The future raises `ExportError` where it could not be made. It must not be cancelled: others may wait
        for it too.
        """
        place = export_folder(snapshot, audience, data)
        with self._lock:
            known = self._asked.get(place)
            if known is not None:
                return known
            asked = self._asked[place] = Future[None]()
        order = {
            "snapshot": str(snapshot.path.absolute()),
            "data": str(data.absolute()),
            "audience": audience.as_list(),
        }
        threading.Thread(target=self._make, args=(place, order), name="export", daemon=True).start()
        return asked

    def _make(self, place: Path, order: dict[str, object]) -> None:
        try:
            with self._turn:
                ended = self._run(order)
            failed = None if ended.returncode == 0 else _failure(place, ended)
        except OSError as error:
            failed = ExportError(f"{place}: {error}")
        with self._lock:
            asked = self._asked.pop(place)
        if failed is None:
            asked.set_result(None)
        else:
            asked.set_exception(failed)

    def _run(self, order: dict[str, object]) -> subprocess.CompletedProcess[str]:
        """Do it; who asks is told by standard input, for command lines are seen by all on a machine."""
        return subprocess.run(  # noqa: S603  our own command
            [*self.command],
            input=json.dumps(order),
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )


def _failure(place: Path, ended: subprocess.CompletedProcess[str]) -> ExportError:
    return ExportError(f"{place}: the export ended with {ended.returncode}: {ended.stderr[-TAIL:]}")
