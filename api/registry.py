"""The snapshots on offer: the folder is looked at anew on every request, each snapshot is opened once."""

from __future__ import annotations

import logging
import os
import re
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

from api.web.problems import Problem
from geocover.errors import SnapshotError
from geocover.report.view import NO_RESULT
from geocover.store import Snapshot, open_snapshot

if TYPE_CHECKING:
    from pathlib import Path

MANIFEST = "manifest.json"
Look = tuple[tuple[str, int], ...]
logger = logging.getLogger("geocover.api")


class Registry:
    """Snapshots below a folder; one that is published while the server runs appears by itself.

    Parameters
    ----------
    root
        The folder.

    Attributes
    ----------
    looked
        What the last look found, from which the snapshots on offer were opened.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._lock = threading.Lock()
        self._opened: dict[tuple[str, int], Snapshot] = {}
        self._damaged: dict[tuple[str, int], str] = {}
        self._ordered: tuple[Snapshot, ...] = ()
        self.looked: Look = ()

    def look(self) -> Look:
        """Look at the folder now; the very same object is given until something changes."""
        with self._lock:
            self._look()
            return self.looked

    def all(self, looked: Look | None = None) -> tuple[Snapshot, ...]:
        """Every readable snapshot by reporting date, of one date by time of publishing; newest last.

        Parameters
        ----------
        looked
            What `look` gave a moment ago: where nobody has seen a change since, none looks again.
        """
        with self._lock:
            if looked is not self.looked:
                self._look()
            return self._ordered

    def damaged(self) -> list[str]:
        """Names of the folders that are not readable as snapshots."""
        with self._lock:
            self._look()
            return sorted(name for name, _ in self._damaged)

    def choose(self, date: str | None = None, identity: str | None = None) -> Snapshot:
        """Give the snapshot of a name or a reporting date; the newest where neither is given.

        Raises
        ------
        Problem
            404 if there is none.
        """
        found = [one for one in self.all() if date in (None, one.as_of) and identity in (None, one.id)]
        if not found:
            raise _missing(date, identity, self.all())
        return found[-1]

    def until(self, day: str) -> Snapshot:
        """Give the newest snapshot of a day or before it: what held on that day.

        Raises
        ------
        Problem
            404 if there is none.
        """
        offered = self.all()
        found = [one for one in offered if one.as_of <= day]
        if offered and not found:
            first = offered[0].as_of
            raise Problem(
                404,
                f"no result of {day} or before; the first is of {first}",
                f"không có bản kết quả nào đến ngày {day}; bản đầu tiên là của ngày {first}",
            )
        return found[-1] if found else self.choose()

    def before(self, day: str) -> Snapshot | None:
        """Give the newest snapshot before a reporting date; None where there is none."""
        return next((one for one in reversed(self.all()) if one.as_of < day), None)

    def removed(self, error: BaseException) -> str | None:
        """Name of the snapshot whose files an error misses because its folder was removed meanwhile."""
        told = f"{error} {error.__cause__ or error.__context__ or ''}"
        for name in re.findall(rf"{re.escape(str(self.root))}/([^/\s]+)/", told):
            if not (self.root / name / MANIFEST).exists():
                return str(name)
        return None

    def _present(self) -> Look:
        """Folders with a manifest, by name and time of publishing; one may vanish while it is looked at."""
        found = []
        with suppress(FileNotFoundError, NotADirectoryError), os.scandir(self.root) as folders:
            for name in [one.name for one in folders if "0" <= one.name[:1] <= "9"]:
                with suppress(FileNotFoundError, NotADirectoryError):
                    file = f"{self.root}/{name}/{MANIFEST}"
                    found.append((name, os.stat(file).st_mtime_ns))  # noqa: PTH116  on every request
        return tuple(sorted(found))

    def _look(self) -> None:
        """Open what is new and forget what is gone or replaced."""
        present = self._present()
        if present == self.looked:
            return
        self._opened = {key: one for key, one in self._opened.items() if key in present}
        self._damaged = {key: one for key, one in self._damaged.items() if key in present}
        for key in sorted(set(present) - set(self._opened) - set(self._damaged)):
            try:
                self._opened[key] = open_snapshot(self.root / key[0])
            except SnapshotError as error:
                self._damaged[key] = str(error)
                logger.exception("snapshot left out")
        ordered = sorted(self._opened.items(), key=lambda item: (item[1].as_of, item[0][1], item[1].digest))
        self._ordered = tuple(snapshot for _, snapshot in ordered)
        self.looked = present


def _missing(date: str | None, identity: str | None, offered: tuple[Snapshot, ...]) -> Problem:
    wanted = " ".join(one for one in (identity, date) if one)
    dates = ", ".join(dict.fromkeys(one.as_of for one in offered))
    if not offered:
        return Problem(404, *NO_RESULT)
    return Problem(
        404,
        f"no result for {wanted}; there are: {dates}",
        f"không có bản kết quả cho {wanted}; hiện có: {dates}",
    )
