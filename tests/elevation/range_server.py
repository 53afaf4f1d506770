"""A local stand-in for the bucket of elevation tiles: HTTP ranges, ETags, and faults on demand."""

from __future__ import annotations

import hashlib
import re
import socket
import struct
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from tests.loopback import Loopback, Quiet

if TYPE_CHECKING:
    from collections.abc import Mapping

SLOW_S = 0.8


class RangeServer(Loopback):
    """Serves files by ranges; ``faults`` holds one fault for each coming request ("" for none)."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self.files = dict(files)
        self.faults: list[str] = []
        self.ranges = True
        self.etags = True
        self.requests: list[tuple[str, str]] = []
        self.sent = 0
        self.swaps: list[bytes] = []  # after each request the file becomes the next of these
        super().__init__(_Handler)


class _Handler(Quiet):
    owner: RangeServer

    def respond(self) -> None:
        owner, asked = self.owner, self.headers.get("Range", "")
        owner.requests.append((self.path, asked))
        fault = owner.faults.pop(0) if owner.faults else ""
        content = owner.files.get(self.path)
        with suppress(BrokenPipeError, ConnectionResetError):
            if fault:
                getattr(self, f"fault_{fault}")(content or b"")
            elif content is None:
                self.answer(404, b"<Error><Code>NoSuchKey</Code></Error>")
            else:
                self.serve(content)
        if owner.swaps and content is not None:
            owner.files[self.path] = owner.swaps.pop(0)

    def etag(self, content: bytes) -> str:
        return f'"{hashlib.md5(content).hexdigest()}"' if self.owner.etags else ""

    def serve(self, content: bytes) -> None:
        span = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("Range", ""))
        changed = self.headers.get("If-Range", self.etag(content)) != self.etag(content)
        if span is None or changed or not content or not self.owner.ranges:
            self.answer(200, content, content)
            return
        first, last = int(span[1]), min(int(span[2]), len(content) - 1)
        self.answer(206, content[first : last + 1], content, (first, last))

    def answer(
        self,
        status: int,
        body: bytes,
        whole: bytes | None = None,
        span: tuple[int, int] | None = None,
        length: int | None = None,
    ) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        if whole is not None and self.owner.etags:
            self.send_header("ETag", self.etag(whole))
        if span is not None:
            self.send_header("Content-Range", f"bytes {span[0]}-{span[1]}/{len(whole or b'')}")
        self.end_headers()
        self.wfile.write(body)
        self.owner.sent += len(body)

    def span(self) -> tuple[int, int]:
        first, last = self.headers["Range"].removeprefix("bytes=").split("-")
        return int(first), int(last)

    def fault_silence(self, content: bytes) -> None:
        time.sleep(SLOW_S)
        self.serve(content)

    def fault_reset(self, content: bytes) -> None:
        """Promises a part, sends half of it and resets the connection."""
        first, last = self.span()
        half = content[first : (first + last) // 2]
        self.answer(206, half, content, (first, last), length=last - first + 1)
        self.wfile.flush()
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True

    def fault_short(self, content: bytes) -> None:
        """Sends half a part as if it were all of it."""
        first, last = self.span()
        self.answer(206, content[first : (first + last) // 2], content, (first, last))

    def fault_other(self, content: bytes) -> None:
        """Sends another part than the one asked for."""
        first, last = self.span()
        self.answer(206, content[: last - first + 1], content, (7, 7 + last - first))

    def fault_unplaced(self, content: bytes) -> None:
        """Sends a part without saying which."""
        first, last = self.span()
        self.answer(206, content[first : last + 1], content)

    def fault_damaged(self, content: bytes) -> None:
        """Sends the part with its content changed, at the right place and length."""
        first, last = self.span()
        last = min(last, len(content) - 1)
        body = bytearray(content[first : last + 1])
        body[: len(body) // 2] = bytes(len(body) // 2)
        self.answer(206, bytes(body), content, (first, last))

    def fault_busy(self, _: bytes) -> None:
        self.answer(500, b"Internal Error")

    def fault_denied(self, _: bytes) -> None:
        self.answer(403, b"AccessDenied")

    def fault_missing(self, _: bytes) -> None:
        self.answer(404, b"NoSuchKey")

    def fault_page(self, _: bytes) -> None:
        self.answer(200, b"<!DOCTYPE html><html><body>log in</body></html>")
