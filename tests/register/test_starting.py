"""What a job's process imports before it works: a partner waits for it at every upload."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from dataclasses import asdict
from pathlib import Path

import pytest

from geocover.register import jobs, lists
from geocover.register.database import URL_VARIABLE, open_database
from geocover.register.runner import Runner
from geocover.register.uploads import Upload
from geocover.report.list_check import CheckOrder
from tests.api.running import make_csv
from tests.register import children
from tests.register.making import DECEMBER
from tests.register.test_jobs import COMMAND, ROOT, until

# Each takes a tenth of a second and more, and none is needed to read a list.
HEAVY = (
    "alembic", "fastapi", "folium", "geocover.coverage", "geocover.propagation", "geocover.scenario",
    "matplotlib", "numba", "openpyxl", "rasterio", "scipy", "sqlalchemy.orm",
)  # fmt: skip


def heavy_modules_of(folder: Path, *arguments: str) -> tuple[str, str]:
    """What a command printed, and which slow modules its process had imported at its end."""
    code = (
        "import sys; from geocover.cli import app; app(sys.argv[1:], standalone_mode=False)\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    environment = {name: value for name, value in os.environ.items() if name != URL_VARIABLE}
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments, "--dir", str(folder)],
        capture_output=True, text=True, check=True, timeout=120, env=environment, cwd=ROOT,
    )  # fmt: skip
    printed, modules = done.stdout.strip().rsplit("\n", 1)
    return printed, modules


def test_jobs_of_an_upload_import_nothing_slow(tmp_path: Path) -> None:
    """Catches an import that lets every partner wait: numba for a list of ten rows, or the migrations."""
    with open_database(f"sqlite:///{tmp_path / 'register.sqlite'}") as database:
        one = lists.draft(database, Upload("a.csv", make_csv(10), "Viettel", DECEMBER), "k", "upload")
        job = jobs.enqueue(database, "check", asdict(CheckOrder(one.id, {}, "25")), "k")
        printed, modules = heavy_modules_of(tmp_path, "register", "jobs", "run", job.id)
        assert (f"{job.id}: done", "[]") == (printed, modules)
        assert lists.get(database, one.id).state == "checked"
        job = next(job for job in jobs.all_jobs(database) if job.kind == "documents")
        printed, modules = heavy_modules_of(tmp_path, "register", "jobs", "run", job.id)
        assert (f"{job.id}: done", "[]") == (printed, modules)


@pytest.mark.parametrize("arguments", [("jobs", "list"), ("lists",)])
def test_commands_import_nothing_slow(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    """Catches an import that makes the simplest commands of the register wait."""
    with open_database(f"sqlite:///{tmp_path / 'register.sqlite'}") as database:
        lists.draft(database, Upload("a.csv", make_csv(1), "Viettel", DECEMBER), "k", "upload")
        jobs.enqueue(database, "add", {}, "k")
    printed, modules = heavy_modules_of(tmp_path, "register", *arguments)
    assert printed
    assert modules == "[]"


def test_a_job_follows_another_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Catches a slot that stands free until the runner looks again: an hour here, a second at each upload."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    database = open_database(f"sqlite:///{tmp_path / 'register.sqlite'}")
    runner = Runner(database, tmp_path / "work", command=COMMAND, grace_s=0.5)
    asked = [jobs.enqueue(database, children.add.__name__, {"numbers": [1]}, "k").id for _ in range(2)]
    stop = threading.Event()
    thread = threading.Thread(target=runner.run, args=(stop, 3600.0))
    thread.start()
    try:
        until(lambda: all(jobs.get(database, job_id).state == "done" for job_id in asked))
        late = jobs.enqueue(database, children.add.__name__, {"numbers": [1]}, "k").id
        runner.wake.set()
        until(lambda: jobs.get(database, late).state == "done")
    finally:
        stop.set()
        runner.wake.set()
        thread.join(60)
        database.close()
    assert not thread.is_alive()
