"""Zipped formats: looked through before any parser expands them.

Sizes in a directory can lie, so each part is also expanded once, in pieces and only up to the limit.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from typing import TYPE_CHECKING

from geocover.site_lists.reading.bad_cells import NAMING, BadCells, sheet_names, tell
from geocover.site_lists.reading.limits import RATIO_FROM_BYTES
from geocover.site_lists.reading.refusals import Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from geocover.site_lists.reading.limits import Limits
    from geocover.site_lists.reading.refusals import Note

_PIECE = 1 << 20
_LOCAL_HEADER = 30
_WORKSHEET = re.compile(r"xl/worksheets/[^/]+\.xml")


def parts_of(path: Path, limits: Limits) -> list[str]:
    """Names of an archive's parts, after its directory was found sound.

    Raises
    ------
    Refused
        Too many parts, parts that overlap or are encrypted, or a directory that states more bytes than
        `limits` allow.
    """
    with _opened(path) as archive:
        infos = archive.infolist()
        _check_directory(infos, archive.start_dir, limits)
        return [info.filename for info in infos]


def inspect(path: Path, limits: Limits, note: Note) -> None:
    """Expand every part once within the limits, and report formulas without values and cells in error.

    Raises
    ------
    Refused
        A part expands beyond the limits, whatever the directory says, or is damaged.
    """
    left = limits.expanded_bytes
    sheets: dict[str, BadCells] = {}
    kept: dict[str, list[bytes]] = {name: [] for name in NAMING}
    with _opened(path) as archive:
        for info in archive.infolist():
            take = kept[info.filename].append if info.filename in kept else _pass
            if _WORKSHEET.fullmatch(info.filename):
                take = sheets.setdefault(info.filename, BadCells()).add
            left -= _expand(archive, info, min(left, _most(info.compress_size, limits)), take)
    names = sheet_names({name: b"".join(pieces) for name, pieces in kept.items()})
    tell([(names.get(part, ""), cells) for part, cells in sheets.items()], note)


def extract(path: Path, part: str, limits: Limits) -> bytes:
    """Content of one part.

    Raises
    ------
    Refused
        As `inspect`.
    """
    pieces: list[bytes] = []
    with _opened(path) as archive:
        _expand(archive, archive.getinfo(part), limits.expanded_bytes, pieces.append)
    return b"".join(pieces)


def _pass(piece: bytes) -> None:
    """Take nothing of a part that is only expanded."""


def _opened(path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise Refused("file-damaged", reason=str(error)) from error


def _check_directory(infos: Sequence[zipfile.ZipInfo], end: int, limits: Limits) -> None:
    most = limits.expanded_bytes >> 20
    if len(infos) > limits.parts:
        raise Refused("file-archive", reason=f"{len(infos)} > {limits.parts}")
    if len({info.filename for info in infos}) < len(infos):
        raise Refused("file-archive", reason="duplicate names")
    at = end
    for info in sorted(infos, key=lambda info: info.header_offset, reverse=True):
        if info.header_offset + _LOCAL_HEADER + info.compress_size > at:
            raise Refused("file-archive", reason=f"overlap: {info.filename}")
        at = info.header_offset
        if info.flag_bits & 1:
            raise Refused("file-encrypted")
        if info.file_size > _most(info.compress_size, limits):
            raise Refused("file-expands", part=info.filename, most=most)
    if sum(info.file_size for info in infos) > limits.expanded_bytes:
        raise Refused("file-expands", part="*", most=most)


def _most(packed_bytes: int, limits: Limits) -> int:
    """Bytes that a part may expand to."""
    return min(limits.expanded_bytes, max(RATIO_FROM_BYTES, int(limits.ratio * packed_bytes)))


def _expand(archive: zipfile.ZipFile, info: zipfile.ZipInfo, most: int, take: Callable[[bytes], None]) -> int:
    size = 0
    try:
        with archive.open(info) as part:
            while piece := part.read(_PIECE):
                size += len(piece)
                if size > most:
                    raise Refused("file-expands", part=info.filename, most=most >> 20)
                take(piece)
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, OSError, NotImplementedError) as error:
        raise Refused("file-damaged", reason=f"{info.filename}: {error}") from error
    return size
