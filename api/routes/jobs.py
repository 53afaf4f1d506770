"""Jobs: how far they are, as it goes on, and how to stop them."""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
from functools import partial
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Depends, Header, Request, Response
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool

from api.openapi.documents import JSON, responses
from api.queries import NoParameters, backend_of
from api.readers.access import Reader, needs
from api.readers.list_access import ID, JobId, may_have_job
from api.web.negotiation import private_json
from geocover.register import jobs
from geocover.register.errors import DatabaseError, NotFoundError
from geocover.report.answers import to_json
from geocover.report.list_answers import job_dict

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from starlette.types import Receive, Scope, Send

    from geocover.register.jobs import Job

EVENTS = "text/event-stream"
LOOK_S = 0.5
HEARTBEAT_S = 15.0
LONGEST_S = 600.0
RETRY_MS = 2000
SHOWN = ("id", "state", "step", "done", "total", "message", "cancel_asked")
GOING_ON = ("queued", "running")

router = APIRouter(
    default_response_class=Response,
    prefix="/jobs",
    tags=["jobs"],
    responses=responses(400, 401, 403, 404, 429, 500, 503),
)
Reading = Annotated[Reader, Depends(needs("lists:read"))]


@router.get("/{job_id}", name="get", responses=responses(200, media=JSON, schema="Job", revalidated=False))
def job(request: Request, job_id: JobId, reader: Reading, query: NoParameters) -> Response:  # noqa: ARG001
    """Một tác vụ. One job, how far it is and how it ended."""
    return private_json(to_json(job_dict(_job(request, reader, job_id))))


@router.get(
    "/{job_id}/events",
    response_class=StreamingResponse,
    responses={**responses(200, media=EVENTS, revalidated=False), 204: {"description": "the end was told"}},
)
async def events(
    request: Request,
    job_id: JobId,
    reader: Reading,
    query: NoParameters,  # noqa: ARG001
    last_event_id: Annotated[str | None, Header(max_length=100)] = None,
) -> Response:
    """Tiến độ, cập nhật liên tục. Server-Sent Events: "progress" as the job goes on, then "end".

    Who comes again with Last-Event-ID is told what changed since, and gets 204 after the end.
    """
    found = await run_in_threadpool(_job, request, reader, job_id)
    if found.state not in GOING_ON and last_event_id == _event_id(found, "end"):
        return Response(status_code=204)
    places = backend_of(request).streaming
    places.enter(reader.id)
    return _Stream(_told(request, found, last_event_id), partial(places.leave, reader.id))


@router.post(
    "/{job_id}/cancel",
    responses={**responses(200, media=JSON, schema="Job", revalidated=False), **responses(409)},
)
def cancel(
    request: Request,
    job_id: JobId,
    reader: Annotated[Reader, Depends(needs("lists:check"))],
    query: NoParameters,  # noqa: ARG001
) -> Response:
    """Huỷ tác vụ. Cancel a job: at once where it waits, with its next beat where it runs."""
    found = _job(request, reader, job_id, change=True)
    return private_json(to_json(job_dict(jobs.cancel(backend_of(request).database, found.id, reader.id))))


def _job(request: Request, reader: Reader, job_id: str, *, change: bool = False) -> Job:
    """Return a job that the reader may have; of others nothing is told, not even that there are any."""
    if ID.fullmatch(job_id):
        found = jobs.get(backend_of(request).database, job_id)
        if may_have_job(request, reader, found, change=change):
            return found
    raise NotFoundError(f"there is no job {job_id!r}", f"không có tác vụ {job_id!r}")


class _Stream(StreamingResponse):
    """A stream that gives its place back however it ends, also where the client went before it began."""

    def __init__(self, content: AsyncIterator[str], leave: Callable[[], None]) -> None:
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        super().__init__(content, media_type=EVENTS, headers=headers)
        self._leave = leave

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the events."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._leave()


async def _told(request: Request, found: Job, last: str | None) -> AsyncIterator[str]:
    """Events of a job from now on: what is new since the one that the client had last, at its own pace."""
    backend, began = backend_of(request), time.monotonic()
    said = began
    yield f"retry: {RETRY_MS}\n\n"
    while True:
        now = time.monotonic()
        if _event_id(found, "progress") != last:
            last, said = _event_id(found, "progress"), now
            yield _event(found, "progress")
        elif now - said >= HEARTBEAT_S:
            said = now
            yield ":\n\n"
        if found.state not in GOING_ON:
            yield _event(found, "end")
            return
        if now - began > LONGEST_S or backend.stopping or await request.is_disconnected():
            return
        await asyncio.sleep(LOOK_S)
        try:
            found = await run_in_threadpool(jobs.get, backend.database, found.id)
        except DatabaseError:
            return  # the client comes again, with what it heard last


def _event(found: Job, name: str) -> str:
    """One event as it goes over the wire; JSON has no line ends."""
    body = to_json(job_dict(found)).decode()
    return f"id: {_event_id(found, name)}\nevent: {name}\ndata: {body}\n\n"


def _event_id(found: Job, name: str) -> str:
    """Name of what an event tells: the same news have the same name, on every server."""
    told = [name, *(getattr(found, part) for part in SHOWN)]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:16]
