"""Processes for the tests: started by a server that has imported everything, able to kill themselves."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from sqlalchemy import event

from geocover.io.atomic import atomic_directory
from geocover.register import jobs, lists, worker
from geocover.register.database import Database, migrate, open_database, open_unchecked
from geocover.register.errors import StateError
from geocover.register.snapshots import Published, intend, publish
from geocover.register.worker import Work
from geocover.store.snapshot import FORMAT, MANIFEST
from tests.register.making import DECEMBER, make_cells, make_checked, make_upload

CONTEXT = multiprocessing.get_context("forkserver")
PRELOAD = ("geocover.register.lists", "geocover.register.worker", "geocover.register.snapshots")


def start(target: Callable[..., None], *arguments: Any) -> BaseProcess:
    """A running process that has imported the register already."""
    CONTEXT.set_forkserver_preload(list(PRELOAD))
    process = CONTEXT.Process(target=target, args=arguments)
    process.start()
    return process


def run(target: Callable[..., None], *arguments: Any) -> None:
    """Run something in a process of its own, which must end well."""
    process = start(target, *arguments)
    process.join(240)
    assert process.exitcode == 0, f"the process ended with {process.exitcode}"


def forked(target: Callable[..., None], *arguments: Any) -> bool:
    """Whether a fork of this process, which must have no threads, was killed; it must not fail otherwise."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            target(*arguments)
            code = 0
        except BaseException:  # noqa: BLE001 - told, and the code says so
            traceback.print_exc()
        finally:
            os._exit(code)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert status in (0, -signal.SIGKILL), f"ended with {status}"
    return status != 0


def migrate_at(url: str) -> None:
    with open_unchecked(url) as database:
        migrate(database)


class Fuse:
    """Kills this process by SIGKILL at its n-th statement, commit or rename; never for a negative n."""

    def __init__(self, burns: int) -> None:
        self.left = burns

    def burn(self, *_: Any, **__: Any) -> None:
        """One more point at which a process may die."""
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        self.left -= 1

    def attach(self, database: Database) -> None:
        """Watch a database, and renames by pathlib: before and after each."""
        event.listen(database.engine, "before_cursor_execute", self.burn)
        event.listen(database.engine, "commit", self.burn)
        for name in ("rename", "replace"):
            setattr(Path, name, self._around(getattr(Path, name)))

    def _around(self, original: Callable[..., Any]) -> Callable[..., Any]:
        def burning(*arguments: Any) -> Any:
            self.burn()
            result = original(*arguments)
            self.burn()
            return result

        return burning


def tell(path: Path, word: str, value: str) -> None:
    """What this process was told is done, so that whoever looks later can hold the register to it."""
    with path.open("a", encoding="utf-8") as file:
        file.write(f"{word} {value}\n")
        file.flush()
        os.fsync(file.fileno())


def upload_twice(url: str, told: Path, operator: str, burns: int) -> None:
    """Upload, check and accept a list of two cells, then its correction of three; to be called again."""
    with open_database(url) as database:
        Fuse(burns).attach(database)
        for count in (2, 3):
            upload = make_upload(operator, content=bytes(50_000) + bytes([count]))
            one = lists.draft(database, upload, "k", f"{operator} {count}")
            tell(told, "draft", one.id)
            if one.state == "draft":
                lists.checked(database, one.id, make_checked(make_cells(count, operator)), "k")
                tell(told, "checked", one.id)
            try:
                lists.accept(database, one.id, "k")
            except StateError:
                assert lists.get(database, one.id).state in ("accepted", "superseded")
            tell(told, "accepted", one.id)


def write_fake_snapshot(work: Work) -> dict[str, Any]:
    """A job that writes a snapshot's folder as the real one does, in no time."""
    digest = work.job.payload["digest"]
    name = f"{DECEMBER.isoformat()}-{digest[:12]}"
    intend(
        work.database, Published(name, "s.toml", DECEMBER, digest, ("l",), work.job.created_at, work.job.id)
    )
    root = work.folder / "snapshots"
    if not (root / name / MANIFEST).is_file():
        with atomic_directory(root / name) as folder:
            (folder / "table").write_text("whole", encoding="utf-8")
            manifest = {"format": FORMAT, "digest": digest, "parameters": {"as_of": DECEMBER.isoformat()}}
            (folder / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    publish(work.database, name)
    return {"snapshot": name}


def crash(_work: Work) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def fail(_work: Work) -> None:
    sys.stdout.write("about to fail")
    sys.stdout.flush()
    raise ZeroDivisionError("by zero")


def wait(work: Work) -> None:
    """Work until told to stop."""
    for step in range(10_000):
        work.say("wait", step, 10_000)
        time.sleep(0.02)


def hang(_work: Work) -> None:
    """Work that hears nothing."""
    time.sleep(1_000)


def add(work: Work) -> dict[str, Any]:
    work.say("add", 1, 2)
    return {"sum": sum(work.job.payload["numbers"])}


for _kind in (write_fake_snapshot, crash, fail, wait, hang, add):
    worker.KINDS[_kind.__name__] = f"tests.register.children:{_kind.__name__}"


def do_job(url: str, folder: str, burns: int, name: str = "child") -> None:
    """Claim what waits, also what a dead process left, and do it; no beat but the first."""
    worker.BEAT_S = 60.0
    with open_database(url) as database:
        Fuse(burns).attach(database)
        job = jobs.claim(database, name, stale_s=-1.0)
        if job is not None:
            worker.run_job(database, Path(folder), job)


def main() -> None:
    """As `geocover register jobs run`, with this module's kinds of jobs: ID --worker W --dir D."""
    worker.BEAT_S = 0.05
    with open_database() as database:
        job = jobs.get(database, sys.argv[1])
        assert job.worker == sys.argv[3]
        worker.run_job(database, Path(sys.argv[5]), job)


if __name__ == "__main__":
    main()
