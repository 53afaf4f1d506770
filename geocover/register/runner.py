"""The runner: starts a process for each job, and looks after what the processes leave behind.

Jobs are processes and not threads, and are started anew and not forked: numba's threads hang after a fork, a
crash takes only its own job along, and memory goes back when a job ends.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from geocover.register import jobs
from geocover.register.database import URL_VARIABLE

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from geocover.register.database import Database
    from geocover.register.jobs import Job

COMMAND = (sys.executable, "-m", "geocover", "register", "jobs", "run")
POLL_S = 1.0
GRACE_S = 10.0
JOBS = "jobs"
LOG = "log.txt"


@dataclass
class _Child:
    job: Job
    process: subprocess.Popen[bytes]
    cancelled_at: float | None = None


@dataclass(eq=False)
class Runner:
    """Runs jobs, some at a time.

    Attributes
    ----------
    database, folder
        The register, and the folder that jobs work in; their logs go to ``jobs/<id>/log.txt``.
    slots
        How many jobs run at a time.
    command
        How a job's process is started; its id and options follow.
    stale_s
        As in `geocover.register.jobs.claim`.
    grace_s
        How long a cancelled job may take to stop by itself before it is terminated, and then killed.
    wake
        Set when a process ends, or by whoever has queued a job: there is something to do for `step`.
    """

    database: Database
    folder: Path
    slots: int = 1
    command: Sequence[str] = COMMAND
    stale_s: float = jobs.STALE_S
    grace_s: float = GRACE_S
    wake: threading.Event = field(default_factory=threading.Event)
    children: list[_Child] = field(default_factory=list)

    def run(self, stop: threading.Event, poll_s: float = POLL_S) -> None:
        """Run jobs until ``stop`` is set; what runs then is stopped and waits for the next runner.

        Whoever sets ``stop`` sets `wake` too, or waits for as long as ``poll_s``.
        """
        try:
            while not stop.is_set():
                self.wake.clear()
                self.step()
                self.wake.wait(poll_s)
        finally:
            self.close()

    def step(self) -> int:
        """Collect ended processes, stop cancelled ones, start what waits; gives how many jobs run."""
        for child in list(self.children):
            if child.process.poll() is not None:
                self._collect(child, crashed=True)
            else:
                self._stop_if_cancelled(child)
        while len(self.children) < self.slots:
            job = jobs.claim(self.database, uuid.uuid4().hex, stale_s=self.stale_s)
            if job is None:
                break
            self._start(job)
        return len(self.children)

    def close(self) -> None:
        """Stop all processes; their jobs wait again and have lost no attempt."""
        for child in self.children:
            child.process.terminate()
        for child in list(self.children):
            try:
                child.process.wait(self.grace_s)
            except subprocess.TimeoutExpired:
                child.process.kill()
                child.process.wait()
            self._collect(child, crashed=False)

    def _start(self, job: Job) -> None:
        folder = self.folder / JOBS / job.id
        folder.mkdir(parents=True, exist_ok=True)
        url = self.database.engine.url.render_as_string(hide_password=False)
        options = ["--worker", str(job.worker), "--dir", str(self.folder)]
        with (folder / LOG).open("ab") as log:
            process = subprocess.Popen(  # noqa: S603 - our own command and the id of a job
                [*self.command, job.id, *options],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**os.environ, URL_VARIABLE: url},
            )
        self.children.append(_Child(job, process))
        threading.Thread(target=self._wait, args=(process,), name=f"job {job.id}", daemon=True).start()

    def _wait(self, process: subprocess.Popen[bytes]) -> None:
        process.wait()
        self.wake.set()

    def _collect(self, child: _Child, *, crashed: bool) -> None:
        jobs.release(self.database, child.job, self._log_tail(child.job), crashed=crashed)
        self.children.remove(child)

    def _stop_if_cancelled(self, child: _Child) -> None:
        if not jobs.get(self.database, child.job.id).cancel_asked:
            return
        now = time.monotonic()
        if child.cancelled_at is None:
            child.cancelled_at = now
        elif now - child.cancelled_at > 2 * self.grace_s:
            child.process.kill()
        elif now - child.cancelled_at > self.grace_s:
            child.process.terminate()

    def _log_tail(self, job: Job) -> str:
        path = self.folder / JOBS / job.id / LOG
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - jobs.LOG_TAIL))
            return file.read().decode("utf-8", "replace")
