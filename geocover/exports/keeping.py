"""Exports kept in the data folder: made once for each snapshot and audience, whole or not at all.

``exports/<snapshot>/<audience>-<content>/``: the first part names the audience, the second what the snapshot,
the program and the layout of files decide. Who makes one holds a lock, which the kernel gives back however a
process ends; what a dead one left half is removed by the next.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

from geocover._version import __version__
from geocover.exports.catalogue import open_export
from geocover.io.atomic import atomic_directory

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from geocover.exports.catalogue import Export
    from geocover.report.audience import Audience
    from geocover.store import Snapshot

EXPORTS = "exports"
LAYOUT = 3  # count it up whenever the same snapshot gives other files
LENGTH = 16


def export_folder(snapshot: Snapshot, audience: Audience, data: Path) -> Path:
    """Where the export of a snapshot for an audience is kept below the data folder."""
    content = _digest([snapshot.manifest, __version__, LAYOUT])
    return data / EXPORTS / snapshot.id / f"{_digest(audience.as_list())}-{content}"


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:LENGTH]


def find_export(snapshot: Snapshot, audience: Audience, data: Path) -> Export | None:
    """Open the export of a snapshot for an audience; None where it is not made yet."""
    return open_export(export_folder(snapshot, audience, data))


def keep_export(snapshot: Snapshot, audience: Audience, data: Path) -> Path:
    """Make the export where it is not there; of several who try at once one makes it and the others wait.

    Raises
    ------
    OSError
        The folder cannot be written.
    """
    from geocover.exports.writing import write_export

    place = export_folder(snapshot, audience, data)
    with _alone(place):
        if open_export(place) is None:
            _clear(place)
            with atomic_directory(place) as folder:
                write_export(snapshot, audience, folder)
    return place


@contextmanager
def _alone(place: Path) -> Iterator[None]:
    import fcntl  # only a server keeps exports; the command line also runs where this is not

    place.parent.mkdir(parents=True, exist_ok=True)
    with (place.parent / f".{place.name}.lock").open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _clear(place: Path) -> None:
    """Remove what dead makers left half, and the same audience's export by another version."""
    audience = place.name.partition("-")[0]
    for one in (*place.parent.glob(f".{place.name}.*.partial"), *place.parent.glob(f"{audience}-*")):
        shutil.rmtree(one, ignore_errors=True)
