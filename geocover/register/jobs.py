"""Jobs: long work, done by a process of its own, that survives crashes of any process.

queued -> running -> done, failed or cancelled. A process that claims a job writes its name (``worker``) into
it and must beat every second; a job whose beat has stopped is claimed anew, at most `MAX_ATTEMPTS` times in
all. Whoever lost a job that way can write nothing more into it. Of two jobs with one subject, say one
scenario on one day, the newer wins: the older is cancelled when the newer is asked for.
"""

from __future__ import annotations

import datetime as dt
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import Select, exc, insert, or_, select, update

from geocover.register.audit import note
from geocover.register.errors import JobLostError, NotFoundError, StateError
from geocover.register.ids import new_id
from geocover.register.tables import JobRow
from geocover.register.telling import without_folders

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import ColumnElement, Connection

    from geocover.register.database import Database

JobState = Literal["queued", "running", "done", "failed", "cancelled"]
MAX_ATTEMPTS = 3
CHECK, COMPUTE, DOCUMENTS = "check", "compute", "documents"  # kinds
LATER = (DOCUMENTS,)
STALE_S = 60.0
LOG_TAIL = 8_000
REPLACED = ("replaced by a newer job", "đã có tác vụ mới hơn thay thế")
CRASHED = (
    f"the process crashed {MAX_ATTEMPTS} times; see the log",
    f"tiến trình hỏng {MAX_ATTEMPTS} lần; hãy xem nhật ký",
)
STOPPED = ("cancelled", "đã huỷ")
logger = logging.getLogger("geocover.register")


@dataclass(frozen=True)
class Job:
    """A job as it stood when it was read.

    Attributes
    ----------
    kind, payload
        What is to be done (`geocover.register.worker.KINDS`) and with what, plain JSON.
    subject
        What it is about; at most one job of a subject runs at a time. None where that does not matter.
    step, done, total
        How far it is.
    message, message_vi
        Why it failed or was cancelled.
    log_tail
        The end of what its process printed.
    """

    id: str
    kind: str
    subject: str | None
    payload: dict[str, Any]
    state: JobState
    attempts: int
    worker: str | None
    created_at: dt.datetime
    created_by: str
    started_at: dt.datetime | None
    heartbeat_at: dt.datetime | None
    finished_at: dt.datetime | None
    cancel_asked: bool
    step: str
    done: int
    total: int
    message: str
    message_vi: str
    log_tail: str
    result: dict[str, Any] | None


def enqueue(
    database: Database, kind: str, payload: Mapping[str, Any], by: str, subject: str | None = None
) -> Job:
    """Ask for a job; older ones about the same subject are cancelled, running ones as soon as they hear."""
    with database.writing() as connection:
        now = database.clock()
        if subject is not None:
            _replace(connection, subject, now)
        job_id = new_id(now)
        empty = dict.fromkeys(("step", "message", "message_vi", "log_tail"), "")
        connection.execute(
            insert(JobRow).values(
                id=job_id,
                kind=kind,
                subject=subject,
                payload=dict(payload),
                state="queued",
                attempts=0,
                created_at=now,
                created_by=by,
                cancel_asked=False,
                done=0,
                total=0,
                **empty,
            )
        )
        note(connection, now, (by, "jobs:start", job_id), {"kind": kind, "subject": subject})
        return _one(connection, job_id)


def _replace(connection: Connection, subject: str, now: dt.datetime) -> None:
    of_subject = update(JobRow).where(JobRow.subject == subject)
    message, message_vi = REPLACED
    told = {"message": message, "message_vi": message_vi}
    queued = of_subject.where(JobRow.state == "queued")
    connection.execute(queued.values(state="cancelled", finished_at=now, **told))
    connection.execute(of_subject.where(JobRow.state == "running").values(cancel_asked=True, **told))


def claim(database: Database, worker: str, job_id: str | None = None, stale_s: float = STALE_S) -> Job | None:
    """Take the oldest job that waits, for one worker alone; None where none does.

    Documents, which nobody waits for to decide, come after all else.

    Parameters
    ----------
    database
        The register.
    worker
        The taker's name, used once.
    job_id
        Take this job or none.
    stale_s
        A running job whose last beat is older than this counts as crashed and waits again.
    """
    try:
        with database.writing() as connection:
            now = database.clock()
            _reap(connection, now, now - dt.timedelta(seconds=stale_s))
            running = select(JobRow.subject).where(JobRow.state == "running", JobRow.subject.is_not(None))
            waiting = (
                select(JobRow.id)
                .where(JobRow.state == "queued")
                .where(or_(JobRow.subject.is_(None), JobRow.subject.not_in(running)))
                .order_by(JobRow.kind.in_(LATER), JobRow.number)
                .limit(1)
                .with_for_update(skip_locked=True)
            )
            if job_id is not None:
                waiting = waiting.where(JobRow.id == job_id)
            found = connection.execute(waiting).scalar_one_or_none()
            if found is None:
                return None
            taken = {"state": "running", "worker": worker, "started_at": now, "heartbeat_at": now}
            change = update(JobRow).where(JobRow.id == found)
            connection.execute(change.values(attempts=JobRow.attempts + 1, **taken))
            return _one(connection, found)
    except exc.IntegrityError:
        # Another job of the subject was claimed this very moment; the index let one of us through.
        return None


def _reap(connection: Connection, now: dt.datetime, oldest: dt.datetime) -> None:
    stale = select(JobRow.id).where(JobRow.state == "running", JobRow.heartbeat_at < oldest)
    for job_id in connection.execute(stale.with_for_update(skip_locked=True)).scalars().all():
        _give_up(connection, _one(connection, job_id), now, {})


def _give_up(connection: Connection, job: Job, now: dt.datetime, more: Mapping[str, Any]) -> None:
    """Let a job whose process is gone wait again, or end it where that was asked or tried often enough."""
    values: dict[str, Any] = {"state": "queued", "worker": None, "heartbeat_at": None}
    if job.cancel_asked or job.attempts >= MAX_ATTEMPTS:
        state, texts = ("cancelled", STOPPED) if job.cancel_asked else ("failed", CRASHED)
        told = (job.message, job.message_vi) if job.message else texts
        values = {"state": state, "finished_at": now, "message": told[0], "message_vi": told[1]}
    connection.execute(update(JobRow).where(JobRow.id == job.id).values(**values, **more))


def beat(database: Database, job: Job, progress: tuple[str, int, int]) -> bool:
    """Say that the work goes on, and how far it is; gives whether somebody asked to cancel it.

    Raises
    ------
    JobLostError
        It was given to another worker.
    """
    step, done, total = progress
    change = update(JobRow).where(_mine(job)).returning(JobRow.cancel_asked)
    with database.writing() as connection:
        told = change.values(heartbeat_at=database.clock(), step=step, done=done, total=total)
        asked = connection.execute(told).scalar_one_or_none()
    if asked is None:
        raise _lost(job)
    return asked


def end(
    database: Database,
    job: Job,
    state: Literal["done", "failed", "cancelled"],
    *,
    result: Mapping[str, Any] | None = None,
    message: tuple[str, str] | None = None,
) -> Job:
    """Write how a job ended; ``message`` in English and Vietnamese.

    Partners and planners read it, so that files in it lose their folders; the log keeps them.

    Raises
    ------
    JobLostError
        It was given to another worker; nothing is written.
    """
    values: dict[str, Any] = {"state": state, "result": None if result is None else dict(result)}
    if message is not None:
        logger.warning("job %s %s: %s", job.id, state, message[0])
        values |= {"message": without_folders(message[0]), "message_vi": without_folders(message[1])}
    with database.writing() as connection:
        now = database.clock()
        change = update(JobRow).where(_mine(job))
        if connection.execute(change.values(finished_at=now, heartbeat_at=now, **values)).rowcount == 0:
            raise _lost(job)
        return _one(connection, job.id)


def release(database: Database, job: Job, log_tail: str, *, crashed: bool = True) -> Job:
    """Say that a job's process is gone: it waits again, or ends where it was cancelled or tried too often.

    A process that was stopped on purpose (``crashed=False``) does not count as an attempt. A job that its
    process ended properly, or that another worker has, only gets the log.
    """
    with database.writing() as connection:
        mine = connection.execute(select(JobRow.id).where(_mine(job)).with_for_update()).all()
        log = {"log_tail": log_tail[-LOG_TAIL:].replace("\0", "\N{REPLACEMENT CHARACTER}")}
        if not mine:
            same = (JobRow.id == job.id) & or_(JobRow.worker == job.worker, JobRow.worker.is_(None))
            connection.execute(update(JobRow).where(same).values(**log))
        elif crashed:
            _give_up(connection, _one(connection, job.id), database.clock(), log)
        else:
            waits = {"state": "queued", "worker": None, "attempts": JobRow.attempts - 1}
            connection.execute(update(JobRow).where(JobRow.id == job.id).values(**waits, **log))
        return _one(connection, job.id)


def cancel(database: Database, job_id: str, by: str) -> Job:
    """Cancel a job: at once where it waits; where it runs, its process is told with the next beat.

    Raises
    ------
    NotFoundError, StateError
        No such job, or one that has ended.
    """
    with database.writing() as connection:
        now = database.clock()
        connection.execute(select(JobRow.id).where(JobRow.id == job_id).with_for_update())
        job = _one(connection, job_id)
        if job.state not in ("queued", "running"):
            raise StateError(
                f"job {job_id} is {job.state}; there is nothing to cancel",
                f"tác vụ {job_id} đã kết thúc ({job.state}); không còn gì để huỷ",
            )
        told: dict[str, Any] = {"message": STOPPED[0], "message_vi": STOPPED[1], "cancel_asked": True}
        if job.state == "queued":
            told |= {"state": "cancelled", "finished_at": now}
        connection.execute(update(JobRow).where(JobRow.id == job_id).values(**told))
        note(connection, now, (by, "jobs:cancel", job_id))
        return _one(connection, job_id)


def get(database: Database, job_id: str) -> Job:
    """Return one job.

    Raises
    ------
    NotFoundError
        There is none of this id.
    """
    with database.reading() as connection:
        return _one(connection, job_id)


def latest(database: Database, subject: str) -> Job | None:
    """Return the newest job about a subject; None where there is none."""
    newest = _jobs().where(JobRow.subject == subject).order_by(JobRow.number.desc()).limit(1)
    with database.reading() as connection:
        found = connection.execute(newest).mappings().one_or_none()
    return None if found is None else Job(**found)


def all_jobs(database: Database, state: JobState | None = None, limit: int = 100) -> tuple[Job, ...]:
    """Jobs, newest first; only those in a state where one is given."""
    wanted = _jobs().order_by(JobRow.number.desc()).limit(limit)
    if state is not None:
        wanted = wanted.where(JobRow.state == state)
    with database.reading() as connection:
        return tuple(Job(**row) for row in connection.execute(wanted).mappings())


def _jobs() -> Select[Any]:
    return select(*(column for column in JobRow.__table__.columns if column.name != "number"))


def _mine(job: Job) -> ColumnElement[bool]:
    return (JobRow.id == job.id) & (JobRow.worker == job.worker) & (JobRow.state == "running")


def _lost(job: Job) -> JobLostError:
    return JobLostError(
        f"job {job.id} is no longer this process's ({job.worker}); it writes nothing more",
        f"tác vụ {job.id} không còn thuộc tiến trình này ({job.worker}); tiến trình dừng ghi",
    )


def _one(connection: Connection, job_id: str) -> Job:
    found = connection.execute(_jobs().where(JobRow.id == job_id)).mappings().one_or_none()
    if found is None:
        raise NotFoundError(f"there is no job {job_id!r}", f"không có tác vụ {job_id!r}")
    return Job(**found)
