"""Bodies of requests: no more of them than is allowed, forms with a file, and the names of files."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from fastapi import Request
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException

from api.web.problems import Problem

if TYPE_CHECKING:
    from starlette.types import Message, Receive

SMALL = 1 << 20
ENVELOPE = 256 << 10  # what a form holds beside its file
PART = 64 << 10
FIELDS = 8
LONGEST = 120
FOLDERS = re.compile(r"[/\\]")


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
        413 as soon as it is known to be too large, 415 for what is no form, 400 for one that cannot be read.
    """
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if kind != "multipart/form-data":
        raise Problem(
            415,
            f"content type {kind or 'none'}: send multipart/form-data with the fields file and as_of",
            f"loại nội dung {kind or 'không rõ'}: hãy gửi multipart/form-data với các trường file và as_of",
        )
    if declared(request) > most_bytes + ENVELOPE:
        raise too_large(most_bytes)
    body = Request(request.scope, limited(request.receive, most_bytes + ENVELOPE))
    try:
        form = await body.form(max_files=1, max_fields=FIELDS, max_part_size=PART)
    except HTTPException as error:
        raise _unreadable(error.detail) from None
    file = form.get("file")
    if isinstance(file, UploadFile) and (file.size or 0) > most_bytes:
        await form.close()
        raise too_large(most_bytes)
    return form


def _unreadable(detail: str) -> Problem:
    """Say what a form may hold."""
    size = f"{PART >> 10} KiB"
    return Problem(
        400,
        f"the form is unreadable ({detail.rstrip('.')}); send one file and at most {FIELDS} fields of {size}",
        f"không đọc được biểu mẫu; chỉ gửi một tệp và tối đa {FIELDS} trường, mỗi trường không quá {size}",
    )


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


def declared(request: Request) -> int:
    """Length of a body as its head tells it; 0 where it does not."""
    told = request.headers.get("content-length", "")
    return int(told) if told.isdecimal() else 0
