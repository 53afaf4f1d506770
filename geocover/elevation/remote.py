"""A remote file read in parts: only what is missing is asked for, and only whole, verified parts are kept.

The cache of one file is a folder: ``parts.json`` tells its size, its ETag and the SHA-256 of each part, and
each part lies beside it. A part whose digest differs is asked for again; a file whose size or ETag changed on
the server is begun anew.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from geocover.errors import DownloadError
from geocover.io.atomic import atomic_path
from geocover.io.download import CONTENT_ATTEMPTS, refused, request, wrong_content

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    import urllib3

_CONTENT_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+)")


class MissingRemoteError(Exception):
    """The server has no such file (404)."""


class ChangedRemoteError(Exception):
    """The file on the server is no longer the one whose parts were read."""


class WrongAnswerError(Exception):
    """The answer is complete, but not the part that was asked for."""


@dataclass
class RemoteFile:
    """A file on a server and the parts of it that are here.

    Attributes
    ----------
    url
        Its address.
    folder
        Its cache.
    pool
        Connections.
    size, etag
        As the server told them; size is 0 before the first answer.
    digests
        SHA-256 of each kept part by its first byte and the byte after its last.
    """

    url: str
    folder: Path
    pool: urllib3.PoolManager
    size: int = 0
    etag: str = ""
    digests: dict[tuple[int, int], str] = field(default_factory=dict)

    def load(self) -> None:
        """Take up what an earlier run left and is undamaged; a damaged list of parts counts as none."""
        try:
            kept = json.loads((self.folder / "parts.json").read_bytes())
            digests = {(int(first), int(end)): str(digest) for first, end, digest in kept["parts"]}
            size, etag = int(kept["size"]), str(kept["etag"])
        except (OSError, ValueError, LookupError, TypeError):
            return
        self.size, self.etag, self.digests = size, etag, digests
        for start, stop in list(digests):
            self._verified(start, stop)

    def forget(self) -> None:
        """Drop every part."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.size, self.etag, self.digests = 0, "", {}

    def ensure(self, first: int, end: int) -> None:
        """Have the bytes from ``first`` up to but not including ``end``.

        Raises
        ------
        MissingRemoteError, ChangedRemoteError
            There is no such file, or it changed since the first part was read.
        DownloadError
            The server cannot be reached, refuses, or answers with something else every time.
        """
        if self._holds(first, end):
            return
        fault = ""
        for _ in range(CONTENT_ATTEMPTS):
            try:
                self._keep(*self._ask(first, end))
            except WrongAnswerError as error:
                fault = str(error)
            else:
                return
        raise wrong_content(self.url, fault)

    def _holds(self, first: int, end: int) -> bool:
        end = min(end, self.size) if self.size else end
        return any(start <= first and end <= stop for start, stop in self.digests)

    def _verified(self, start: int, stop: int) -> bool:
        """Tell whether a part is here as it was received; one that is not is forgotten."""
        try:
            content = self._part(start).read_bytes()
        except OSError:
            content = b""
        if hashlib.sha256(content).hexdigest() == self.digests[start, stop]:
            return True
        del self.digests[start, stop]
        return False

    def _part(self, start: int) -> Path:
        return self.folder / f"{start:012d}.part"

    def _ask(self, first: int, end: int) -> tuple[int, bytes]:
        """Give the position and content of what the server sends for a range."""
        headers = {"Range": f"bytes={first}-{end - 1}", "Accept-Encoding": "identity"}
        if self.etag and not self.etag.startswith("W/"):
            headers["If-Range"] = self.etag
        response = request(self.pool, self.url, headers)
        if response.status == 404:
            raise ChangedRemoteError(self.url) if self.size else MissingRemoteError(self.url)
        if response.status not in {200, 206}:
            raise refused(self.url, response)
        content = bytes(response.data)
        start, size = 0, len(content)
        if response.status == 206:
            start, size = _placed(response, first, end, content)
        self._identify(size, response.headers.get("ETag", ""))
        return start, content

    def _identify(self, size: int, etag: str) -> None:
        if self.size and (size, etag) != (self.size, self.etag):
            raise ChangedRemoteError(self.url)
        self.size, self.etag = size, etag

    def _keep(self, start: int, content: bytes) -> None:
        with atomic_path(self._part(start)) as temporary:
            temporary.write_bytes(content)
        stale = [key for key in self.digests if key[0] == start]
        for key in stale:
            del self.digests[key]
        self.digests[start, start + len(content)] = hashlib.sha256(content).hexdigest()
        parts = [[*key, digest] for key, digest in sorted(self.digests.items())]
        with atomic_path(self.folder / "parts.json") as temporary:
            told = {"url": self.url, "size": self.size, "etag": self.etag, "parts": parts}
            temporary.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")

    def assemble(self, path: Path) -> None:
        """Write a file of the full size with the parts in place; the rest of it is a hole.

        Raises
        ------
        DownloadError
            A part was changed or removed since it was verified.
        """
        with path.open("wb") as file:
            file.truncate(self.size)
            for (start, stop), digest in sorted(self.digests.items()):
                content = self._part(start).read_bytes()
                if hashlib.sha256(content).hexdigest() != digest:
                    raise DownloadError(
                        f"{self._part(start)}: changed while it was used ({start}-{stop}); run again",
                        f"{self._part(start)}: bị thay đổi khi đang dùng; hãy chạy lại",
                    )
                file.seek(start)
                file.write(content)

    def digest(self, ranges: Iterable[tuple[int, int]]) -> str:
        """SHA-256 over the bytes of some ranges, in order of position."""
        total = hashlib.sha256()
        for first, end in sorted(ranges):
            total.update(self._bytes(first, end))
        return total.hexdigest()

    def start(self, count: int) -> bytes:
        """Give the first bytes, which must be here."""
        return self._bytes(0, min(count, self.size))

    def _bytes(self, first: int, end: int) -> bytes:
        for start, stop in self.digests:
            if start <= first and end <= stop:
                return self._part(start).read_bytes()[first - start : end - start]
        raise KeyError((first, end))


def _placed(response: urllib3.BaseHTTPResponse, first: int, end: int, content: bytes) -> tuple[int, int]:
    """Give the position of a partial answer and the size of the whole; it must be the range asked for."""
    told = _CONTENT_RANGE.fullmatch(response.headers.get("Content-Range", ""))
    if told is None:
        raise WrongAnswerError("a partial answer without its Content-Range")
    start, last, size = (int(each) for each in told.groups())
    if start != first or last != min(end, size) - 1 or len(content) != last - start + 1:
        raise WrongAnswerError(
            f"bytes {start}-{last} of {size}, {len(content)} bytes long, instead of {first}-{end - 1}"
        )
    return start, size
