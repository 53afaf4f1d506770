"""Bodies of requests: never more in memory than is allowed, and files as they come."""

from __future__ import annotations

import asyncio
import re
import time
import unicodedata
from typing import TYPE_CHECKING

from fastapi import Request
from starlette.datastructures import FormData, UploadFile

from api.web.problems import Problem, problem_response

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

SMALL = 1 << 20
ENVELOPE = 256 << 10  # what a form holds beside its file
PART = 64 << 10
FIELDS = 8
UPLOADS = "/site-lists"
LONGEST = 120
FOLDERS = re.compile(r"[/\\]")


class BodyLimit:
    """ASGI middleware: no body above a mebibyte but uploads, which look after themselves; and none too slow.

    Parameters
    ----------
    app
        What stands behind.
    silence_s
        Seconds that a client may send nothing in the midst of a body.
    slowest_bytes_s
        The slowest pace after so many seconds, in bytes a second.
    """

    def __init__(self, app: ASGIApp, silence_s: float = 30.0, slowest_bytes_s: float = 1000.0) -> None:
        self.app = app
        self._silence_s = silence_s
        self._slowest = slowest_bytes_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = Request(scope)
        if scope["path"] != UPLOADS:
            if _declared(request) > SMALL:
                await problem_response(request, too_large(SMALL))(scope, receive, send)
                return
            receive = limited(receive, SMALL)
        body = _Body(receive, self._silence_s, self._slowest)
        await self.app(scope, body.receive, body.told(request, send))


class _Body:
    """A body as it comes; what is wrong with it is the answer, whatever a reader of bodies makes of it."""

    def __init__(self, receive: Receive, silence_s: float, slowest_bytes_s: float) -> None:
        self._receive = receive
        self._silence_s = silence_s
        self._slowest = slowest_bytes_s
        self._read, self._waited_s, self._whole = 0, 0.0, False
        self._fault: Problem | None = None
        self._answered = False

    async def receive(self) -> Message:
        """Give the next message; after the body it may come whenever it likes."""
        if self._whole:
            return await self._receive()
        try:
            return await self._next()
        except Problem as fault:
            self._fault = fault
            raise

    async def _next(self) -> Message:
        began = time.monotonic()
        try:
            async with asyncio.timeout(self._silence_s):
                message = await self._receive()
        except TimeoutError:
            raise too_slow() from None
        self._waited_s += time.monotonic() - began
        self._read += len(message.get("body", b""))
        self._whole = message["type"] != "http.request" or not message.get("more_body", False)
        late = self._waited_s > self._silence_s and self._read < self._slowest * self._waited_s
        if late and not self._whole:
            raise too_slow()
        return message

    def told(self, request: Request, send: Send) -> Send:
        """Send the fault, where there is one, in the place of any other answer."""

        async def sending(message: Message) -> None:
            if self._fault is None:
                self._answered = True
                await send(message)
            elif not self._answered:
                self._answered = True
                await problem_response(request, self._fault)(request.scope, self._receive, send)

        return sending


def limited(receive: Receive, most_bytes: int) -> Receive:
    """Give the messages of a body until it is longer than it may be."""
    read = 0

    async def counted() -> Message:
        nonlocal read
        message = await receive()
        read += len(message.get("body", b""))
        if read > most_bytes:
            raise too_large(most_bytes)
        return message

    return counted


async def read_form(request: Request, most_bytes: int) -> FormData:
    """Read a form with a file of at most so many bytes; the file waits on the disk.

    Raises
    ------
    Problem
        413 as soon as it is known to be too large, 415 for what is no form.
    """
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if kind != "multipart/form-data":
        raise Problem(
            415,
            f"content type {kind or 'none'}: send multipart/form-data with the fields file and as_of",
            f"loại nội dung {kind or 'không rõ'}: hãy gửi multipart/form-data với các trường file và as_of",
        )
    if _declared(request) > most_bytes + ENVELOPE:
        raise too_large(most_bytes)
    body = Request(request.scope, limited(request.receive, most_bytes + ENVELOPE))
    form = await body.form(max_files=1, max_fields=FIELDS, max_part_size=PART)
    file = form.get("file")
    if isinstance(file, UploadFile) and (file.size or 0) > most_bytes:
        await form.close()
        raise too_large(most_bytes)
    return form


def too_large(most_bytes: int) -> Problem:
    """Say how large a body may be."""
    size = f"{most_bytes / SMALL:g} MiB"
    return Problem(
        413,
        f"larger than {size}; split the list, or ask the administrator",
        f"vượt quá {size}; hãy chia nhỏ danh sách hoặc liên hệ quản trị viên",
        {"Connection": "close"},
    )


def too_slow() -> Problem:
    """Say that a body does not come."""
    return Problem(
        408,
        "the body came too slowly; send the file again on a better line",
        "dữ liệu gửi lên quá chậm; hãy gửi lại khi đường truyền tốt hơn",
        {"Connection": "close"},
    )


def safe_name(name: str) -> str:
    """Name of a file without folders and characters that cannot be seen, at most 120 characters."""
    last = FOLDERS.split(unicodedata.normalize("NFC", name))[-1]
    plain = "".join(character for character in last if character.isprintable()).strip(" .")
    stem, dot, suffix = plain.rpartition(".")
    if dot and 0 < len(suffix) < LONGEST // 2:
        return f"{stem[: LONGEST - len(suffix) - 1]}.{suffix}"
    return plain[:LONGEST] or "danh-sach"


def _declared(request: Request) -> int:
    told = request.headers.get("content-length", "")
    return int(told) if told.isdecimal() else 0
