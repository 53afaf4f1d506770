"""A list that a reader may have, or none: of another operator's nothing is told, not even a refusal."""

from __future__ import annotations

import re
import threading
from typing import TYPE_CHECKING, Annotated

from fastapi import Path, Request

from api.queries import backend_of
from api.web.problems import Problem
from geocover.register import lists
from geocover.register.errors import NotFoundError
from geocover.register.operators import operator_key
from geocover.report.list_jobs import ask_check, list_of
from geocover.site_lists.values.operators import known_operator

if TYPE_CHECKING:
    from api.backend import Backend
    from api.readers.access import Reader
    from geocover.register.jobs import Job
    from geocover.register.lists import SiteList

ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
ListId = Annotated[str, Path(max_length=100, description="Mã danh sách / the list's id")]
JobId = Annotated[str, Path(max_length=100, description="Mã tác vụ / the job's id")]
STEPS = {"check": "lists:check", "submit": "lists:submit", "accept": "lists:accept", "reject": "lists:reject"}
# Of two requests with one idempotency key at once, the second must find the first's job.
ASKING = threading.Lock()


def list_of_reader(request: Request, reader: Reader, action: str, list_id: str) -> SiteList:
    """Return a list to which the reader may do something.

    Raises
    ------
    NotFoundError
        There is none, or it is another operator's; the two look the same.
    """
    if ID.fullmatch(list_id):
        one = lists.get(backend_of(request).database, list_id)
        if reader.may(action, one.operator):
            return one
    raise NotFoundError(f"there is no site list {list_id!r}", f"không có danh sách trạm {list_id!r}")


def may_now(reader: Reader, one: SiteList) -> dict[str, bool]:
    """What the reader may do to a list, whatever its state."""
    return {step: reader.may(action, one.operator) for step, action in STEPS.items()}


def operator_meant(reader: Reader, asked: str | None) -> str | None:
    """Whose things are meant: the reader's own operator's, else those asked for; None for all.

    Raises
    ------
    Problem
        403 for one who may have its own operator's alone and asks for another's, be there such a one or not.
    """
    own = reader.operator
    if own and asked and operator_key(known_operator(asked) or asked) != operator_key(own):
        raise Problem(
            403,
            f"this key is for what {own} has; leave the parameter operator out",
            f"khoá này chỉ dùng cho dữ liệu của {own}; hãy bỏ tham số operator",
        )
    return own or asked


def may_have_job(request: Request, reader: Reader, job: Job, *, change: bool) -> bool:
    """Whether a reader may see a job, or cancel it: the check of a list goes with the list."""
    list_id = list_of(job)
    if list_id is None:
        return reader.may("jobs:cancel" if change else "jobs:read", None)
    operator = lists.get(backend_of(request).database, list_id).operator
    return reader.may("lists:check" if change else "lists:read", operator)


def ask_for_check(
    backend: Backend, list_id: str, mapping: dict[str, object], reader: Reader, *, anew: bool = False
) -> Job:
    """Ask for the check of a list with what the partner says about its columns, and wake the runner."""
    with ASKING:
        job = ask_check(backend.database, backend.upkeep, list_id, mapping, reader.id, anew=anew)
    backend.wake()
    return job
