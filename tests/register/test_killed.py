"""kill -9 at every statement, commit and rename: nothing accepted is lost, nothing half-done shows."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import text

from geocover.register import jobs, lists
from geocover.register.audit import entries
from geocover.register.database import Database, open_database
from geocover.register.jobs import Job
from geocover.register.snapshots import pick_up, published
from geocover.store.snapshot import MANIFEST
from tests.register import children
from tests.register.making import DECEMBER

# At least so many statements, commits and renames: else the fuse was not attached.
POINTS_OF_UPLOADS, POINTS_OF_JOBS = 50, 15


def _told(path: Path) -> list[tuple[str, str]]:
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return [(word, value) for word, value in (line.split() for line in lines)]


def _check_lists(database: Database, told: list[tuple[str, str]], operator: str) -> None:
    """What was told to be done is there, and whatever is there is whole."""
    found = {one.id: one for one in lists.all_of(database, operator)}
    for word, list_id in told:
        state = found[list_id].state
        assert word == "draft" or state != "draft"
        assert word != "accepted" or state in ("accepted", "superseded")
    for one in found.values():
        assert len(lists.content(database, one.id)) == 50_001
        cells = lists.cells(database, one.id)
        count = lists.content(database, one.id)[-1]
        assert len(cells) == (0 if one.state == "draft" else count)
        if one.state != "draft":
            assert lists.report(database, one.id)["rows"] == {"read": count + 1}
        steps = [entry.action for entry in reversed(entries(database, what=one.id))]
        reached = {"draft": 1, "checked": 2, "accepted": 3, "superseded": 3}[one.state]
        assert steps == ["lists:upload", "lists:check", "lists:accept"][:reached]
    assert sum(one.state == "accepted" for one in found.values()) <= 1


def kill_uploads(url: str, folder: Path) -> None:
    """Kill at each point in turn, look, let the client try again, and look again."""
    killed, burns = True, 0
    while killed:
        operator, told = f"N{burns}", folder / f"told-{burns}"
        killed = children.forked(children.upload_twice, url, told, operator, burns)
        with open_database(url) as database:
            _check_lists(database, _told(told), operator)
        children.forked(children.upload_twice, url, told, operator, -1)
        with open_database(url) as database:
            _check_lists(database, _told(told), operator)
            states = [(one.version, one.state, one.rows_accepted) for one in lists.all_of(database, operator)]
            assert states == [(2, "accepted", 3), (1, "superseded", 2)], (burns, states)
        burns += 1
    assert burns > POINTS_OF_UPLOADS, burns


def test_lists_survive_a_kill_anywhere(database_url: str, tmp_path: Path) -> None:
    """Catches a step that is half kept, an answer given before the commit, or a retry that makes doubles."""
    children.run(kill_uploads, database_url, tmp_path)
    with open_database(database_url) as database, database.reading() as connection:
        if database.dialect == "sqlite":
            assert connection.execute(text("PRAGMA integrity_check")).scalar_one() == "ok"


def kill_jobs(url: str, root: Path) -> None:
    """Kill at each point in turn, restart, and let another process take the job."""
    killed, burns = True, 0
    while killed:
        folder, digest = root / f"work-{burns}", f"{burns:064x}"[::-1]
        with open_database(url) as database:
            job = jobs.enqueue(database, "write_fake_snapshot", {"digest": digest}, "k", f"s{burns}")
        killed = children.forked(children.do_job, url, str(folder), burns)
        with open_database(url) as database:
            _restart(database, folder, job, digest)
        children.forked(children.do_job, url, str(folder), -1, "second")
        with open_database(url) as database:
            name = f"{DECEMBER.isoformat()}-{digest[:12]}"
            ended = jobs.get(database, job.id)
            assert (ended.state, ended.result) == ("done", {"snapshot": name}), (burns, ended)
            assert (folder / "snapshots" / name / "table").read_text(encoding="utf-8") == "whole"
            assert sum(one.name == name for one in published(database)) == 1
        burns += 1
    assert burns > POINTS_OF_JOBS, burns


def _restart(database: Database, folder: Path, job: Job, digest: str) -> None:
    """Look at what a dead job left, and pick up what it had written."""
    root, name = folder / "snapshots", f"{DECEMBER.isoformat()}-{digest[:12]}"
    stands = (root / name / MANIFEST).is_file()
    assert (root / name).exists() == stands
    shown = {one.name for one in published(database)}
    assert name not in shown or stands
    assert stands or jobs.get(database, job.id).state != "done"
    expected = (name,) if stands and name not in shown else ()
    assert pick_up(database, root) == expected
    for one in published(database):
        if one.name in expected:
            assert (one.lists, one.job_id) == (("l",), job.id)
    assert pick_up(database, root) == ()


def test_jobs_and_snapshots_survive_a_kill_anywhere(database_url: str, tmp_path: Path) -> None:
    """Catches a snapshot published before it stands, one that stands and is never published, a lost job."""
    children.run(kill_jobs, database_url, tmp_path)
