"""Jobs: one worker each, progress, cancelling, crashes, and the processes that do them."""

from __future__ import annotations

import datetime as dt
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from geocover.register import jobs, worker
from geocover.register.audit import entries
from geocover.register.database import Database
from geocover.register.errors import JobLostError, NotFoundError, StateError
from geocover.register.jobs import Job
from geocover.register.runner import Runner
from geocover.register.worker import run_job
from tests.register import children  # registers its kinds of jobs

ROOT = Path(__file__).resolve().parents[2]
COMMAND = (sys.executable, "-m", children.__name__)
PATIENCE_S = 60.0


@pytest.fixture
def fast(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beats of 50 ms in this process, and the tests importable in others."""
    monkeypatch.setattr(worker, "BEAT_S", 0.05)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))


@pytest.fixture
def runner(database: Database, tmp_path: Path, fast: None) -> Runner:
    return Runner(database, tmp_path / "work", command=COMMAND, grace_s=0.5)


def until(condition: Callable[[], bool], runner: Runner | None = None) -> None:
    end = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < end, "waited too long"
        if runner is not None:
            runner.step()
        time.sleep(0.05)


def claimed(database: Database, worker_name: str = "w") -> Job:
    job = jobs.claim(database, worker_name)
    assert job is not None
    return job


def later(database: Database, seconds: float) -> Database:
    """The same register, some time on."""
    return Database(database.engine, lambda: dt.datetime.now(dt.UTC) + dt.timedelta(seconds=seconds))


def test_each_job_is_claimed_by_one_worker(database: Database) -> None:
    """Catches a job done twice by workers that ask at once, and one that nobody gets."""
    made = {jobs.enqueue(database, "add", {}, "k").id for _ in range(12)}
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda n: jobs.claim(database, f"w{n}"), range(40)))
    taken = [job.id for job in found if job is not None]
    assert len(taken) == len(set(taken))
    while (job := jobs.claim(database, "last")) is not None:
        taken.append(job.id)
    assert set(taken) == made


def test_of_one_subject_one_job_runs_and_the_newer_wins(database: Database) -> None:
    """Catches two jobs that write the same tiles at once, and old results computed after new ones."""
    first = jobs.enqueue(database, "add", {}, "k", subject="s")
    running = claimed(database)
    second, third = (jobs.enqueue(database, "add", {}, "k", subject="s") for _ in range(2))
    other = jobs.enqueue(database, "add", {}, "k", subject="t")
    assert running.id == first.id
    assert jobs.get(database, first.id).cancel_asked
    assert jobs.get(database, second.id).state == "cancelled"
    assert "thay thế" in jobs.get(database, second.id).message_vi
    assert claimed(database).id == other.id
    assert jobs.claim(database, "w", third.id) is None
    jobs.end(database, running, "cancelled")
    assert claimed(database).id == third.id


def test_a_job_whose_beat_stopped_is_given_away_three_times(database: Database) -> None:
    """Catches a job lost with its process, endless crashes, and a dead process that still writes."""
    job = jobs.enqueue(database, "crash", {}, "k")
    taken = [claimed(database, "w0")]
    assert jobs.claim(later(database, 50), "early") is None
    taken += [claimed(later(database, 100 * number), f"w{number}") for number in (1, 2)]
    assert [(one.id, one.attempts, one.worker) for one in taken] == [
        (job.id, 1, "w0"), (job.id, 2, "w1"), (job.id, 3, "w2")
    ]  # fmt: skip
    for lost in taken[:2]:
        with pytest.raises(JobLostError):
            jobs.beat(database, lost, ("x", 1, 2))
        with pytest.raises(JobLostError):
            jobs.end(database, lost, "done")
        assert jobs.release(database, lost, "log of the dead").worker == "w2"
    assert jobs.get(database, job.id).log_tail == ""
    assert jobs.claim(later(database, 1_000), "w4") is None
    ended = jobs.get(database, job.id)
    assert (ended.state, ended.attempts) == ("failed", 3)
    assert "3 lần" in ended.message_vi


def test_a_job_that_beats_is_not_given_away(database: Database) -> None:
    """Catches a long job that is started a second time while it runs."""
    jobs.enqueue(database, "add", {}, "k")
    job = claimed(database)
    for minutes in (0.9, 1.8, 2.7):
        now = later(database, 60 * minutes)
        assert not jobs.beat(now, job, ("predict", 3, 7))
        assert jobs.claim(now, "other") is None
    found = jobs.get(database, job.id)
    assert (found.step, found.done, found.total, found.worker) == ("predict", 3, 7, "w")


def test_a_job_is_done_with_progress_and_result(database: Database, tmp_path: Path, fast: None) -> None:
    """Catches a result or progress that is not kept."""
    asked = jobs.enqueue(database, "add", {"numbers": [1, 2, 4]}, "key1")
    ended = run_job(database, tmp_path, claimed(database))
    assert (ended.id, ended.state, ended.result) == (asked.id, "done", {"sum": 7})
    assert ended.finished_at is not None
    assert jobs.all_jobs(database, "done") == (ended,)
    assert [(entry.key_id, entry.action) for entry in entries(database)] == [("key1", "jobs:start")]


@pytest.mark.parametrize("kind", ["fail", "no such kind"])
def test_errors_end_a_job_with_their_message(
    database: Database, tmp_path: Path, kind: str, fast: None, capfd: pytest.CaptureFixture[str]
) -> None:
    """Catches an error that is swallowed, or that is tried again and again."""
    jobs.enqueue(database, kind, {}, "k")
    ended = run_job(database, tmp_path, claimed(database))
    assert ended.state == "failed"
    assert ("by zero" in ended.message_vi) if kind == "fail" else ("no such kind" in ended.message)
    assert jobs.claim(database, "w") is None
    assert ("Traceback" in capfd.readouterr().err) == (kind == "fail")


def test_a_running_job_hears_that_it_was_cancelled(database: Database, tmp_path: Path, fast: None) -> None:
    """Catches a cancelled job that runs to its end."""
    jobs.enqueue(database, "wait", {}, "k")
    job = claimed(database)
    threading.Timer(0.3, lambda: jobs.cancel(database, job.id, "boss")).start()
    ended = run_job(database, tmp_path, job)
    assert ended.state == "cancelled"
    assert ended.message_vi == "đã huỷ"
    assert [entry.key_id for entry in entries(database, what=job.id)] == ["boss", "k"]


def test_waiting_jobs_are_cancelled_at_once_and_ended_ones_never(database: Database) -> None:
    """Catches a cancelled job that starts later, and an end that is rewritten."""
    job = jobs.enqueue(database, "add", {}, "k")
    assert jobs.cancel(database, job.id, "k").state == "cancelled"
    assert jobs.claim(database, "w") is None
    with pytest.raises(StateError):
        jobs.cancel(database, job.id, "k")
    with pytest.raises(NotFoundError):
        jobs.cancel(database, "no such job", "k")


def test_the_runner_does_each_job_in_a_process(database: Database, runner: Runner) -> None:
    """Catches a log that is lost, and a failure that stops the jobs behind it."""
    good, bad = (jobs.enqueue(database, kind, {"numbers": [1]}, "k") for kind in ("add", "fail"))
    until(lambda: jobs.get(database, bad.id).log_tail != "", runner)
    assert jobs.get(database, good.id).result == {"sum": 1}
    ended = jobs.get(database, bad.id)
    assert ended.state == "failed"
    assert "about to fail" in ended.log_tail
    assert "ZeroDivisionError: by zero" in ended.log_tail


def test_a_process_that_dies_is_replaced_twice(database: Database, runner: Runner) -> None:
    """Catches waiting for a stale beat where the runner saw the process die, and endless crashes."""
    job = jobs.enqueue(database, "crash", {}, "k")
    until(lambda: jobs.get(database, job.id).state == "failed", runner)
    assert jobs.get(database, job.id).attempts == 3


def test_a_job_that_hears_nothing_is_terminated(database: Database, runner: Runner) -> None:
    """Catches a cancelled job that holds its slot for ever."""
    job = jobs.enqueue(database, "hang", {}, "k")
    until(lambda: jobs.get(database, job.id).heartbeat_at is not None, runner)
    jobs.cancel(database, job.id, "k")
    until(lambda: jobs.get(database, job.id).state == "cancelled", runner)
    until(lambda: not runner.children, runner)


def test_a_runner_that_stops_puts_its_jobs_back(database: Database, runner: Runner) -> None:
    """Catches a job that is lost, or that loses an attempt, when the service is restarted."""
    job = jobs.enqueue(database, "wait", {}, "k")
    stop = threading.Event()
    thread = threading.Thread(target=runner.run, args=(stop, 0.05))
    thread.start()
    try:
        until(lambda: jobs.get(database, job.id).step == "wait")
    finally:
        stop.set()
        thread.join(PATIENCE_S)
    put_back = jobs.get(database, job.id)
    assert (put_back.state, put_back.attempts, put_back.worker) == ("queued", 0, None)
    assert runner.children == []


def test_a_job_outlives_its_runner(database: Database, runner: Runner) -> None:
    """Catches a job that dies with a runner that was killed, or that the next runner starts again."""
    jobs.enqueue(database, "wait", {}, "k")
    runner.step()
    process = runner.children[0].process
    try:
        until(lambda: jobs.all_jobs(database)[0].step == "wait")
        other = Runner(database, runner.folder, command=COMMAND)
        assert other.step() == 0
        seen = jobs.all_jobs(database)[0].heartbeat_at
        until(lambda: jobs.all_jobs(database)[0].heartbeat_at != seen)
    finally:
        os.kill(process.pid, signal.SIGKILL)
    until(lambda: runner.children[0].process.poll() is not None)


def test_documents_come_after_all_else(database: Database) -> None:
    """Catches partners who wait for their results while others' workbooks are written."""
    first = jobs.enqueue(database, "documents", {}, "cli", subject="documents:1")
    second = jobs.enqueue(database, "check", {}, "cli", subject="check:2")
    taken = [jobs.claim(database, worker) for worker in ("a", "b", "c")]
    assert [one.id if one else None for one in taken] == [second.id, first.id, None]
