"""Whole files of a snapshot: lists of them, and the files themselves from disk, in parts where wanted."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Path, Request, Response
from fastapi.responses import FileResponse, RedirectResponse
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers

from api.middleware.headers import head_only
from api.openapi.documents import JSON, LED_ON, PROBLEM, WORDS, files_of, responses
from api.queries import NoParameters, registry_of, settings_of
from api.readers.access import audience_for
from api.web.negotiation import REVALIDATE, SOON, Handling, answer
from api.web.problems import MEDIA_TYPE, Problem
from geocover.exports import Export, Makers, exports_json, find_export
from geocover.exports.catalogue import MEDIA
from geocover.report.audience import PUBLIC, Audience

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from geocover.store import Snapshot

BINARY = "application/octet-stream"
LATEST = "latest"
PATIENCE_S = 20.0  # a request waits so long for its files to be made; then it is told to come again
AGAIN_S = "5"
RANGE = re.compile(r"bytes=(?:([0-9]{1,18})-([0-9]{0,18})|-([0-9]{1,18}))")
REPLACED = frozenset({"content-type", "content-length"})
MAKERS = Makers()

router = APIRouter(
    default_response_class=Response,
    tags=["exports"],
    responses=responses(400, 401, 404, 429, 500, 503),
)

SnapshotId = Annotated[
    str,
    Path(
        max_length=100,
        description="Tên bản kết quả / name of a snapshot, see /exports; or latest",
        examples=["latest"],
    ),
]
FileName = Annotated[
    str, Path(max_length=200, description="Tên tệp / name of a file, see the list", examples=["communes.csv"])
]
FILE: dict[int | str, dict[str, Any]] = {
    200: {"description": WORDS[200], "content": files_of(*sorted(MEDIA.values()))},
    206: {"description": "Một phần tệp / part of the file", "content": files_of(*sorted(MEDIA.values()))},
    304: {"description": WORDS[304]},
    416: {
        "description": "Ngoài phạm vi tệp / beyond the end of the file",
        "content": {MEDIA_TYPE: {"schema": PROBLEM}},
    },
    **LED_ON,
}


@dataclass(frozen=True)
class Asked:
    """A snapshot, and what its reader may see of it."""

    snapshot: Snapshot
    audience: Audience

    def handling(self, *more: str) -> Handling:
        """How an answer is kept.

        The public's for some minutes, for a new program may write other files; others are asked anew each
        time, for a right may end.
        """
        cache = SOON if self.audience == PUBLIC else REVALIDATE
        return Handling(cache=cache, more=more, audience=self.audience.name)


def asked(request: Request, snapshot_id: SnapshotId) -> Asked:
    """Find the snapshot, and who asks."""
    audience = audience_for(request)
    newest = snapshot_id == LATEST
    return Asked(registry_of(request).choose(identity=None if newest else snapshot_id), audience)


Of = Annotated[Asked, Depends(asked)]


@router.get("/exports", responses=responses(200, media=JSON, schema="Exports"))
def exports(request: Request, query: NoParameters) -> Response:  # noqa: ARG001  read by FastAPI
    """Các bản kết quả có tệp tải về. The snapshots whose files can be had, oldest first."""
    offered = registry_of(request).all()
    audience_for(request)
    handling = Handling(more=[one.id for one in offered])
    return answer(request, None, JSON, lambda: exports_json(offered), handling)


@router.get("/exports/{snapshot_id}/", responses={**responses(200, media=JSON, schema="Export"), **LED_ON})
async def files(request: Request, snapshot_id: SnapshotId, of: Of, query: NoParameters) -> Response:  # noqa: ARG001
    """Danh sách tệp: định dạng, kích thước, SHA-256, nội dung. The files that the reader may have.

    They are made at the first request for them; where that takes longer, 503 with Retry-After says so.
    """
    if snapshot_id == LATEST:
        return _led_on(of, "")
    export = await ready(request, of)
    return await run_in_threadpool(
        answer, request, of.snapshot, JSON, lambda: export.listing, of.handling(export.folder.name)
    )


@router.get("/exports/{snapshot_id}/{file}", responses=FILE)
async def file(
    request: Request,
    snapshot_id: SnapshotId,
    file: FileName,
    of: Of,
    query: NoParameters,  # noqa: ARG001
) -> Response:
    """Một tệp: GeoPackage, FlatGeobuf, GeoParquet, CSV, XLSX, COG, STAC. A file, or a range of its bytes.

    A file that the reader may not have is not there.
    """
    if snapshot_id == LATEST:
        return _led_on(of, quote(file, safe=""))
    export = await ready(request, of)
    path = export.path(file)
    if path is None:
        raise _missing(file, of.snapshot)
    about = export.files[file]
    told = answer(request, of.snapshot, BINARY, bytes, of.handling(about["sha256"]))
    if told.status_code == 304:
        return told
    headers = {name: value for name, value in told.headers.items() if name not in REPLACED}
    headers["Content-Disposition"] = f'attachment; filename="geocover-{of.snapshot.id}-{file}"'
    if not head_only(request.scope):
        _check_range(request.headers, headers["etag"], about["bytes"])
    return FileAnswer(path, headers=headers, media_type=about["media_type"])


class FileAnswer(FileResponse):
    """A file from disk, whole or one range of it, or nothing of it where its head alone is asked for.

    Other kinds of ranges are passed over, and any with HEAD (RFC 9110, section 14.2).
    """

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        told, bare = Headers(scope=scope).get("range"), head_only(scope)
        if told is not None and (bare or RANGE.fullmatch(told) is None):
            scope = {**scope, "headers": [one for one in scope["headers"] if one[0] != b"range"]}
        await super().__call__({**scope, "method": "HEAD"} if bare else scope, receive, send)


async def ready(request: Request, of: Asked) -> Export:
    """Give the files, made where they are not there yet; meanwhile the server does other things.

    Raises
    ------
    Problem
        503 where they are not made in good time; they go on being made.
    """
    data = settings_of(request).data
    found = await run_in_threadpool(find_export, of.snapshot, of.audience, data)
    if found is None:
        making = asyncio.wrap_future(MAKERS.ask(of.snapshot, of.audience, data))
        done, _ = await asyncio.wait([making], timeout=PATIENCE_S)
        if done:
            making.result()
            found = await run_in_threadpool(find_export, of.snapshot, of.audience, data)
    if found is None:
        raise Problem(
            503,
            "the files are being made; ask again in a few seconds",
            "đang tạo tệp; hãy thử lại sau ít giây",
            {"Retry-After": AGAIN_S},
        )
    return found


def _led_on(of: Asked, file: str) -> Response:
    return RedirectResponse(f"/exports/{of.snapshot.id}/{file}", headers={"Cache-Control": REVALIDATE})


def _missing(file: str, snapshot: Snapshot) -> Problem:
    where = f"/exports/{snapshot.id}/"
    return Problem(
        404,
        f"no file {file!r} here; {where} lists the files",
        f"không có tệp “{file}”; xem danh sách tại {where}",
    )


def _check_range(headers: Headers, tag: str, size: int) -> None:
    """Refuse a range that starts behind the end of the very file that the reader means.

    Raises
    ------
    Problem
        416, with the size.
    """
    told = RANGE.fullmatch(headers.get("range", ""))
    if told is None or headers.get("if-range", tag) != tag:
        return
    first, last, final = told.groups()
    beyond = int(first) >= size if first else int(final) == 0
    if beyond or (first and last and int(last) < int(first)):
        raise Problem(
            416,
            f"the file has {size} bytes",
            f"tệp chỉ có {size} byte",
            {"Content-Range": f"bytes */{size}", "Accept-Ranges": "bytes"},
        )
