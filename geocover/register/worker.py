"""The process that does one job: it beats, tells how far it is, and stops when somebody cancels it."""

from __future__ import annotations

import threading
import traceback
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any, cast

from geocover.errors import GeocoverError
from geocover.register import jobs
from geocover.register.errors import CancelledError, DatabaseError, JobLostError, RegisterError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from geocover.register.database import Database
    from geocover.register.jobs import Job

BEAT_S = 1.0
# Each names a function that takes a `Work` and gives a result in plain JSON, or None.
KINDS = {
    jobs.CHECK: "geocover.report.list_check:check_upload",
    jobs.COMPUTE: "geocover.register.computing:compute_register",
    jobs.DOCUMENTS: "geocover.report.list_documents:write_documents",
}


@dataclass(eq=False)
class Work:
    """A job in hand.

    Attributes
    ----------
    database, folder
        The register, and the folder of scenarios, snapshots, tiles and logs.
    job
        What is to be done.
    """

    database: Database
    folder: Path
    job: Job
    progress: tuple[str, int, int] = ("start", 0, 1)
    stopped: RegisterError | None = None
    over: threading.Event = field(default_factory=threading.Event)

    def say(self, step: str, done: int, total: int) -> None:
        """Tell how far the work is; kept with the next beat.

        Raises
        ------
        CancelledError, JobLostError
            The work is to stop.
        """
        self.progress = (step, done, total)
        self.check()

    def check(self) -> None:
        """Stop the work where it was cancelled or lost; raises as `say` does."""
        if self.stopped is not None:
            raise self.stopped

    def beat(self) -> None:
        """Beat once, and learn whether the work is to stop."""
        try:
            if jobs.beat(self.database, self.job, self.progress):
                self.stopped = CancelledError(*jobs.STOPPED)
        except JobLostError as error:
            self.stopped = error
        except DatabaseError:
            # Busy or away for a moment: the next beat tries again, and a job without beats is given away.
            pass


def run_job(database: Database, folder: Path, job: Job) -> Job:
    """Do a job that was claimed and write how it ended.

    An error that geocover raises on purpose, or any other of Python's, ends it as failed: a second try would
    meet it again. Only a process that dies leaves the job to be claimed anew.

    Raises
    ------
    JobLostError
        Another worker has the job by now; nothing was written.
    """
    work = Work(database, folder, job)
    try:
        with _beating(work):
            function = find_kind(job.kind)
            result = function(work)
        work.check()
    except CancelledError as error:
        message = (jobs.get(database, job.id).message, jobs.get(database, job.id).message_vi)
        return jobs.end(database, job, "cancelled", message=message if message[0] else (str(error), error.vi))
    except JobLostError:
        raise
    except GeocoverError as error:
        return jobs.end(database, job, "failed", message=(str(error), error.vi))
    except Exception as error:  # noqa: BLE001 - whatever it is, the job has failed and must say so
        traceback.print_exc()
        told = f"{type(error).__name__}: {error}"
        return jobs.end(database, job, "failed", message=(told, f"lỗi không lường trước: {told}"))
    return jobs.end(database, job, "done", result=result)


def find_kind(kind: str) -> Callable[[Work], dict[str, Any] | None]:
    """Return the function that does jobs of a kind.

    Raises
    ------
    RegisterError
        There is no such kind.
    """
    if kind not in KINDS:
        known = ", ".join(sorted(KINDS))
        raise RegisterError(
            f"no kind of job {kind!r}; known: {known}", f"không có loại tác vụ {kind!r}; các loại có: {known}"
        )
    module, name = KINDS[kind].split(":")
    return cast("Callable[[Work], dict[str, Any] | None]", getattr(import_module(module), name))


@contextmanager
def _beating(work: Work) -> Iterator[None]:
    def pulse() -> None:
        while not work.over.wait(BEAT_S):
            work.beat()

    thread = threading.Thread(target=pulse, name="heartbeat", daemon=True)
    work.beat()
    work.check()
    thread.start()
    try:
        yield
    finally:
        work.over.set()
        thread.join()
