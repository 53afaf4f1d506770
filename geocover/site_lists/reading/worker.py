"""The process that reads one file: parsers of other people run here, within limits, away from the program.

Started as ``python -m geocover.site_lists.reading.worker PATH`` with the limits as JSON on standard input; it
writes pickled frames to standard output: ``("kind", kind)``, ``("note", code, details)``, ``("sheet", sheet
without rows)``, ``("rows", rows)`` and at last ``("done",)`` or ``("refused", code, details)``.
"""

from __future__ import annotations

import gc
import json
import os
import pickle
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from geocover.site_lists.reading.archives import inspect, parts_of
from geocover.site_lists.reading.html_tables import read_html
from geocover.site_lists.reading.kinds import kind_of
from geocover.site_lists.reading.limits import Limits
from geocover.site_lists.reading.refusals import Note, Refused
from geocover.site_lists.reading.spreadsheets import check_size, read_spreadsheet
from geocover.site_lists.reading.text import read_text

if TYPE_CHECKING:
    from geocover.site_lists.sheets import Sheet

CHUNK_ROWS = 4_000
# What a mistake of this program raises, for which no partner's file is to blame.
_MISTAKES = (NameError, AttributeError, TypeError, LookupError, AssertionError, ImportError)


def read_content(path: Path, kind: str, limits: Limits, note: Note) -> tuple[Sheet, ...]:
    """Sheets of a file whose kind is known.

    Raises
    ------
    Refused
        It is damaged, protected or beyond the limits.
    """
    if kind in {"geojson", "gpkg", "kml", "kmz"}:
        return _features(path, kind, limits, note)
    if kind == "xls":
        return read_spreadsheet(path, limits, note)
    if kind in {"xlsx", "xlsb", "ods"}:
        return _inspected(path, limits, note)
    return (read_html if kind == "html" else read_text)(path.read_bytes(), note)


def _inspected(path: Path, limits: Limits, note: Note) -> tuple[Sheet, ...]:
    """Read a packed workbook while another thread expands its parts, whose verdict counts first."""
    told: list[tuple[str, dict[str, object]]] = []

    def keep(code: str, **details: object) -> None:
        told.append((code, details))

    pool = ThreadPoolExecutor(2)
    inspection = pool.submit(inspect, path, limits, keep)
    reading = pool.submit(read_spreadsheet, path, limits, note)
    inspection.result()
    for code, details in told:
        note(code, **details)
    return reading.result()


def _features(path: Path, kind: str, limits: Limits, note: Note) -> tuple[Sheet, ...]:
    from geocover.site_lists.reading.kml import read_kml, read_kmz
    from geocover.site_lists.reading.vector import read_geojson, read_geopackage

    if kind == "kmz":
        inspect(path, limits, note)
        return read_kmz(path, parts_of(path, limits), limits, note)
    if kind == "gpkg":
        return read_geopackage(path, note)
    return (read_kml if kind == "kml" else read_geojson)(path.read_bytes(), note)


class _Frames:
    """Writes frames; `note` takes findings."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def put(self, *frame: object) -> None:
        pickle.dump(frame, self._stream, protocol=5)

    def note(self, code: str, *, sheet: str | None = None, row: int | None = None, **details: object) -> None:
        self.put("note", code, {"sheet": sheet, "row": row, **details})

    def sheet(self, sheet: Sheet) -> None:
        self.put("sheet", sheet.name, sheet.first_row, sheet.first_column, sheet.hidden, sheet.merged)
        for start in range(0, len(sheet.rows), CHUNK_ROWS):
            self.put("rows", sheet.rows[start : start + CHUNK_ROWS])


def _send(path: Path, limits: Limits, frames: _Frames) -> None:
    kind = kind_of(path, limits)
    frames.put("kind", kind)
    sheets = read_content(path, kind, limits, frames.note)
    left = limits.cells
    for sheet in sheets:
        left -= check_size(sheet, limits, left)
        frames.sheet(sheet)
    frames.put("done")


def _limit_memory(limits: Limits) -> None:
    """Bound this process's memory and processor time; Windows has no such bounds."""
    if sys.platform == "win32":
        return
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (limits.memory_bytes, limits.memory_bytes))
    seconds = int(limits.seconds) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main() -> None:
    """Read the file named on the command line."""
    gc.disable()
    limits = Limits(**json.load(sys.stdin))
    with os.fdopen(os.dup(1), "wb", buffering=1 << 20) as stream:
        # Whatever a library prints must not come between the frames.
        os.dup2(2, 1)
        _limit_memory(limits)
        frames = _Frames(stream)
        try:
            _send(Path(sys.argv[1]), limits, frames)
        except Refused as refused:
            frames.put("refused", refused.code, refused.details)
        except (MemoryError, RecursionError):
            frames.put("refused", "file-needs-too-much", {})
        except BaseException as error:  # noqa: BLE001 - parsers fail in any way, panics of Rust included
            code = "file-unforeseen" if isinstance(error, _MISTAKES) else "file-damaged"
            frames.put("refused", code, {"reason": f"{type(error).__name__}: {error}"})
    # Threads may still be at a refused file, and millions of cells take a while to be freed one by one.
    os._exit(0)


if __name__ == "__main__":
    main()
