"""Site lists: upload, look, decide."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Literal

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from api.openapi.documents import GEOJSON, JSON, XLSX, responses
from api.queries import NoParameters, backend_of, settings_of
from api.readers.access import Reader, needs
from api.readers.list_access import ListId, ask_for_check, list_of_reader, may_now, operator_meant
from api.routes.list_queries import AcceptBody, CheckBody, DiffQuery, ListsQuery, RejectBody, ReportQuery
from api.routes.upload_fields import mapping_of, upload_of
from api.web.bodies import read_form
from api.web.counting import too_many
from api.web.negotiation import attachment, private_json
from api.web.problems import Problem
from geocover.register import audit, lists
from geocover.register.errors import StateError
from geocover.register.mappings import forget
from geocover.report.list_answers import (
    SUBMIT,
    Compared,
    base_of,
    diff_geojson,
    diff_json,
    is_unsubmitted,
    list_json,
    lists_json,
    newest_lists,
    report_json,
)
from geocover.report.list_documents import open_document
from geocover.report.list_jobs import ask_compute, computation_of

if TYPE_CHECKING:
    from api.backend import Backend
    from geocover.register.jobs import Job

NO_SCENARIO = {
    "note_vi": "máy chủ chưa đặt kịch bản tính (GEOCOVER_SCENARIO), nên chưa tính lại phủ sóng",
    "note_en": "no scenario is set (GEOCOVER_SCENARIO), so no coverage is computed",
}
PATIENCE_S, LOOK_S, COME_AGAIN_S = 10.0, 0.25, 2
NOT_YET = (
    "the document is being written; it comes with the next request in a moment",
    "tài liệu đang được ghi; hãy yêu cầu lại sau giây lát",
)
NOT_HANDED_IN = (
    "the partner has not handed this list in; accept it anyway with unsubmitted: true, or wait",
    "nhà mạng chưa gửi danh sách này; muốn vẫn duyệt hãy ghi unsubmitted: true, hoặc chờ nhà mạng gửi",
)
UPLOAD = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": ["file", "as_of"],
                "properties": {
                    "file": {"type": "string", "format": "binary"},
                    "as_of": {"type": "string", "format": "date"},
                    "operator": {"type": "string"},
                    "mapping": {"type": "string"},
                },
            }
        }
    },
}
TAKEN = responses(202, media=JSON, schema="Taken", revalidated=False)
LIST = responses(200, media=JSON, schema="SiteList", revalidated=False)
DIFF = responses(200, media=JSON, schema="Diff", revalidated=False)
DIFF[200]["content"] |= responses(200, media=GEOJSON, schema="DiffMap")[200]["content"]

router = APIRouter(
    default_response_class=Response,
    prefix="/site-lists",
    tags=["site lists"],
    responses=responses(400, 401, 403, 404, 429, 500, 503),
)
Reading = Annotated[Reader, Depends(needs("lists:read"))]
Downloading = Annotated[Reader, Depends(needs("lists:download"))]


@router.post(
    "",
    status_code=202,
    responses={**TAKEN, **responses(409, 413, 415)},
    openapi_extra={"requestBody": UPLOAD},
)
async def upload(
    request: Request,
    reader: Annotated[Reader, Depends(needs("lists:upload"))],
    query: NoParameters,  # noqa: ARG001
    idempotency_key: Annotated[str | None, Header(min_length=1, max_length=200)] = None,
) -> Response:
    """Tải lên danh sách trạm. Upload a list; its check runs as a job.

    The same request sent again with one Idempotency-Key gives the list that the first one made.
    """
    backend = backend_of(request)
    with backend.uploading.one(reader.id):
        await run_in_threadpool(_count, backend, reader)
        form = await read_form(request, settings_of(request).upload_bytes)
        try:
            made, mapping = await run_in_threadpool(upload_of, reader, form)
            made = replace(made, mapping=mapping)
        finally:
            await form.close()
        one = await run_in_threadpool(lists.draft, backend.database, made, reader.id, idempotency_key)
    job = await run_in_threadpool(ask_for_check, backend, one.id, mapping, reader)
    return _taken(one, job, {"Location": f"/site-lists/{one.id}"})


def _count(backend: Backend, reader: Reader) -> None:
    """Count a check of the reader's; raises 429 where it has too many in the long run."""
    wait_s = backend.uploads.take(backend.database, reader.id)
    if wait_s > 0:
        raise too_many(wait_s)


def _taken(one: lists.SiteList, job: Job, headers: dict[str, str] | None = None) -> Response:
    """Say that a list is being checked, and where to follow that."""
    links = {
        "self": f"/site-lists/{one.id}",
        "page": f"/uploads/{one.id}",
        "job": f"/jobs/{job.id}",
        "events": f"/jobs/{job.id}/events",
    }
    return private_json({"id": one.id, "state": one.state, "job": job.id, "links": links}, 202, headers)


@router.get("", name="find", responses=responses(200, media=JSON, schema="SiteLists", revalidated=False))
def mine(request: Request, reader: Reading, query: Annotated[ListsQuery, Query()]) -> Response:
    """Các danh sách, mới nhất trước. Lists, newest first; a partner's own alone."""
    database = backend_of(request).database
    operator = operator_meant(reader, query.operator)
    found = newest_lists(database, operator, query.offset, query.limit, state=query.state, as_of=query.as_of)
    return private_json(lists_json(database, *found))


@router.get("/{list_id}", name="get", responses=LIST)
def one_list(
    request: Request,
    list_id: ListId,
    reader: Reading,
    query: NoParameters,  # noqa: ARG001
) -> Response:
    """Một danh sách. One list, its state and last check; for who may see it, the computation of its day."""
    one = list_of_reader(request, reader, "lists:read", list_id)
    backend = backend_of(request)
    job = computation_of(backend.database, backend.upkeep, one) if reader.may("jobs:read", None) else None
    more = {"computation": job.id} if job else {}
    return private_json(list_json(backend.database, one, may_now(reader, one), more))


@router.get("/{list_id}/report", responses=responses(200, media=JSON, schema="Report", revalidated=False))
def report(
    request: Request, list_id: ListId, reader: Reading, query: Annotated[ReportQuery, Query()]
) -> Response:
    """Báo cáo kiểm tra. The report of the check, its findings in pages."""
    one = list_of_reader(request, reader, "lists:read", list_id)
    page = (query.severity, query.code, query.offset, query.limit)
    return private_json(report_json(backend_of(request).database, one, page))


@router.get(
    "/{list_id}/report.xlsx", responses={**responses(200, media=XLSX, revalidated=False), **responses(409)}
)
async def workbook(
    request: Request,
    list_id: ListId,
    reader: Downloading,
    query: NoParameters,  # noqa: ARG001
) -> Response:
    """Tệp của nhà mạng với cột kết quả. The partner's own workbook, with what was found in it.

    A job writes it after the check: a request waits a little for it, then gets 503 with Retry-After.
    """
    one = await run_in_threadpool(list_of_reader, request, reader, "lists:download", list_id)
    name, content = await _document(request, reader, one, "workbook")
    database, told = backend_of(request).database, {"document": name}
    await run_in_threadpool(audit.record, database, reader.id, "lists:download", one.id, told)
    return attachment(content, XLSX, name)


async def _document(
    request: Request, reader: Reader, one: lists.SiteList, kind: Literal["workbook", "points"]
) -> tuple[str, bytes]:
    """Return a document when it is there; who comes much too early is told when to come again."""
    backend, folder = backend_of(request), settings_of(request).data
    ends = time.monotonic() + PATIENCE_S
    while True:
        found = await run_in_threadpool(open_document, backend.database, folder, one, kind, reader.id)
        if found is not None:
            return found
        backend.wake()
        if time.monotonic() >= ends or backend.stopping or await request.is_disconnected():
            raise Problem(503, *NOT_YET, {"Retry-After": str(COME_AGAIN_S)})
        await asyncio.sleep(LOOK_S)


@router.get("/{list_id}/file", responses=responses(200, media="application/octet-stream", revalidated=False))
def file(
    request: Request,
    list_id: ListId,
    reader: Downloading,
    query: NoParameters,  # noqa: ARG001
) -> Response:
    """Tệp gốc. The file as it was uploaded."""
    one = list_of_reader(request, reader, "lists:download", list_id)
    database = backend_of(request).database
    audit.record(database, reader.id, "lists:download", one.id, {"document": "file"})
    return attachment(lists.content(database, one.id), "application/octet-stream", one.name)


@router.get(
    "/{list_id}/points",
    responses={**responses(200, media=GEOJSON, schema="ListPoints", revalidated=False), **responses(409)},
)
async def points(
    request: Request,
    list_id: ListId,
    reader: Reading,
    query: NoParameters,  # noqa: ARG001
) -> Response:
    """Các dòng trên bản đồ. Rows with a position, accepted or rejected."""
    one = await run_in_threadpool(list_of_reader, request, reader, "lists:read", list_id)
    _, content = await _document(request, reader, one, "points")
    return private_json(content, media=GEOJSON)


@router.get("/{list_id}/diff", responses=DIFF)
def difference(
    request: Request, list_id: ListId, reader: Reading, query: Annotated[DiffQuery, Query()]
) -> Response:
    """So với danh sách đang dùng, hoặc một danh sách khác. Changes against the list in force, or another."""
    one = list_of_reader(request, reader, "lists:read", list_id)
    database = backend_of(request).database
    if query.against is None:
        base = base_of(database, one)
    else:
        base = list_of_reader(request, reader, "lists:read", query.against)
        if base.operator != one.operator:
            raise Problem(
                400,
                f"lists of {base.operator} and {one.operator} are not compared",
                f"không so sánh danh sách của {base.operator} với của {one.operator}",
            )
    compared = Compared(base, query.moved)
    if query.format == "geojson":
        return private_json(diff_geojson(database, one, compared), media=GEOJSON)
    return private_json(diff_json(database, one, compared, query.offset, query.limit))


@router.post("/{list_id}/check", status_code=202, responses={**TAKEN, **responses(409, 413)})
def check(
    request: Request,
    list_id: ListId,
    reader: Annotated[Reader, Depends(needs("lists:check"))],
    body: CheckBody,
) -> Response:
    """Kiểm tra lại với cách hiểu cột khác. Check again, with another mapping."""
    one = list_of_reader(request, reader, "lists:check", list_id)
    if one.state not in ("draft", "checked"):
        raise StateError(
            f"list {one.id} is {one.state} and is not checked again",
            f"danh sách {one.id} {lists.STATES_VI[one.state]}, không kiểm tra lại",
        )
    backend = backend_of(request)
    _count(backend, reader)
    if body.mapping == {}:
        forget(backend.database, one.operator, reader.id)
    job = ask_for_check(backend, one.id, mapping_of(json.dumps(body.mapping or {})), reader, anew=True)
    return _taken(one, job)


@router.post("/{list_id}/submit", responses={**LIST, **responses(409)})
def submit(
    request: Request,
    list_id: ListId,
    reader: Annotated[Reader, Depends(needs("lists:submit"))],
    query: NoParameters,  # noqa: ARG001
) -> Response:
    """Gửi danh sách đã kiểm tra cho sở duyệt. Hand a checked list in; the audit keeps when and by whom."""
    one = list_of_reader(request, reader, SUBMIT, list_id)
    if one.state != "checked" or not one.rows_accepted:
        raise StateError(
            f"list {one.id} is {one.state}, {one.rows_accepted or 0} usable rows; only a checked list "
            "with usable rows can be handed in",
            f"danh sách {one.id} {lists.STATES_VI[one.state]}, {one.rows_accepted or 0} dòng dùng được; "
            "chỉ gửi được danh sách đã kiểm tra và có dòng dùng được",
        )
    database = backend_of(request).database
    audit.record(database, reader.id, SUBMIT, one.id)
    return private_json(list_json(database, one, may_now(reader, one)))


@router.post("/{list_id}/accept", responses={**LIST, **responses(409, 413)})
def accept(
    request: Request,
    list_id: ListId,
    reader: Annotated[Reader, Depends(needs("lists:accept"))],
    query: NoParameters,  # noqa: ARG001
    body: AcceptBody | None = None,
) -> Response:
    """Duyệt một danh sách đã kiểm tra. Accept a checked list, and compute what it touches.

    With the `checked_at` that was looked at, no other check is accepted; a partner's list that was not handed
    in is only accepted where `unsubmitted` says so.
    Asking again for what the same key accepted gives the same answer, and asks for the computation where a
    crash came before.
    """
    told = body or AcceptBody()
    backend = backend_of(request)
    one = list_of_reader(request, reader, "lists:accept", list_id)
    if (one.state, one.accepted_by) != ("accepted", reader.id):
        open_still = is_unsubmitted(backend.database, one)
        if open_still and not told.unsubmitted:
            raise StateError(*NOT_HANDED_IN)
        seen, noted = told.checked_at or one.checked_at, {"unsubmitted": True} if open_still else {}
        one = lists.accept(backend.database, one.id, reader.id, seen, **noted)
    job = ask_compute(backend.database, backend.upkeep, one, reader.id)
    backend.wake()
    more = {"job": job.id} if job else {"job": None, **NO_SCENARIO}
    return private_json(list_json(backend.database, one, may_now(reader, one), more))


@router.post("/{list_id}/reject", responses={**LIST, **responses(409, 413)})
def reject(
    request: Request,
    list_id: ListId,
    reader: Annotated[Reader, Depends(needs("lists:reject"))],
    body: RejectBody,
) -> Response:
    """Từ chối một danh sách chưa duyệt. Reject a list that is not accepted, for a reason."""
    one = list_of_reader(request, reader, "lists:reject", list_id)
    if not body.reason.isprintable() and "\n" not in body.reason:
        raise Problem(
            400, "reason: it holds signs that cannot be shown", "reason: có ký tự không hiển thị được"
        )
    database = backend_of(request).database
    done = lists.reject(database, one.id, reader.id, body.reason)
    return private_json(list_json(database, done, may_now(reader, done)))
