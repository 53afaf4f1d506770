"""What follows of an upload and of an acceptance, also where the server died before it asked for it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from api.settings import Settings
from geocover.register import jobs, lists
from geocover.register.computing import Order
from geocover.register.database import Database, open_database
from geocover.register.ids import utc_now
from geocover.register.snapshots import Published, intend, publish
from geocover.report.list_jobs import SUBJECT, Upkeep, ask_check, ask_compute, resume
from tests.api.running import bearer, make_key
from tests.register.making import DECEMBER, JUNE, make_accepted, make_cells, make_checked, make_upload

if TYPE_CHECKING:
    from tests.api.conftest import Serving

SCENARIO = "phu-tho.toml"


def later(database: Database) -> Database:
    """The same register two minutes from now."""
    return Database(database.engine, lambda: utc_now() + dt.timedelta(minutes=2))


def make_list(database: Database) -> str:
    one = lists.draft(database, make_upload(), "test")
    return lists.checked(database, one.id, make_checked(), "test").id


def test_an_acceptance_is_computed_once(serving: Serving, tmp_path: Path) -> None:
    """Catches an acceptance that computes nothing, computes twice, or does not say that it does not."""
    (tmp_path / SCENARIO).write_text("")
    headers = bearer(make_key(tmp_path, "planner"))
    with open_database(folder=tmp_path) as database:
        first, second = make_list(database), make_list(database)
    with serving(Settings(data=tmp_path, scenario=SCENARIO)) as client:
        answers = [client.post(f"/site-lists/{first}/accept", headers=headers).json() for _ in range(2)]
        assert answers[0]["job"] == answers[1]["job"]
        job = client.get(f"/jobs/{answers[0]['job']}", headers=headers).json()
        assert (job["kind"], job["state"], job["list"]) == ("compute", "queued", None)
    with serving(Settings(data=tmp_path)) as client:
        told = client.post(f"/site-lists/{second}/accept", headers=headers).json()
        assert (told["state"], told["job"]) == ("accepted", None)
        assert "GEOCOVER_SCENARIO" in told["note_en"]
        assert "GEOCOVER_SCENARIO" in told["note_vi"]


def test_what_a_dead_server_did_not_ask_for_is_asked_for(tmp_path: Path) -> None:
    """Catches a draft that nobody checks, an accepted list that nobody computes; asking every minute."""
    (tmp_path / SCENARIO).write_text("")
    upkeep = Upkeep(tmp_path, SCENARIO, "25", None, 1 << 20)
    with open_database(folder=tmp_path) as database:
        lists.accept(database, make_list(database), "test")
        draft = lists.draft(database, make_upload(), "test").id
        assert resume(database, upkeep) == 0, "a server that is just about to ask is not overtaken"
        assert resume(later(database), upkeep) == 2
        check = jobs.latest(database, SUBJECT + draft)
        assert check is not None
        assert check.kind == "check"
        assert {job.kind for job in jobs.all_jobs(database)} == {"check", "compute"}
        assert resume(later(database), upkeep) == 0


def test_a_list_that_was_soon_superseded_is_computed_for_its_own_day(tmp_path: Path) -> None:
    """Catches a day that nobody computes since a list of a later day came at once; days computed anew."""
    (tmp_path / SCENARIO).write_text("")
    upkeep = Upkeep(tmp_path, SCENARIO, "25", None, 1 << 20)
    with open_database(folder=tmp_path) as database:
        old = make_accepted(database, make_cells(2), JUNE)
        make_accepted(database, make_cells(3), DECEMBER)
        assert lists.get(database, old.id).state == "superseded"
        assert resume(later(database), upkeep) == 2
        queued = {job.subject for job in jobs.all_jobs(database, "queued")}
        assert queued == {f"{SCENARIO}@{JUNE}", f"{SCENARIO}@{DECEMBER}"}
        assert resume(later(database), upkeep) == 0
        make_accepted(later(database), make_cells(4), DECEMBER)
        much_later = Database(database.engine, lambda: utc_now() + dt.timedelta(minutes=9))
        assert resume(much_later, upkeep) == 1, "a corrected day is computed once"


def test_a_check_is_asked_for_again_only_where_it_is_another(tmp_path: Path) -> None:
    """Catches a retry that throws away the check under way, and a new mapping that is not looked at."""
    upkeep = Upkeep(tmp_path, None, "25", None, 1 << 20)
    with open_database(folder=tmp_path) as database:
        draft = lists.draft(database, make_upload(), "test").id
        first = ask_check(database, upkeep, draft, {}, "k")
        assert ask_check(database, upkeep, draft, {}, "k").id == first.id
        assert ask_check(database, upkeep, draft, {}, "k", anew=True).id == first.id
        other = ask_check(database, upkeep, draft, {"columns": {"a": "note"}}, "k")
        assert other.id != first.id
        assert jobs.get(database, first.id).state == "cancelled"
        jobs.cancel(database, other.id, "k")
        assert ask_check(database, upkeep, draft, {"columns": {"a": "note"}}, "k", anew=True).id != other.id


def test_a_scenario_that_is_not_there_stops_nothing_else(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Catches a server that checks no uploads any more since an acceptance cannot be computed."""
    upkeep = Upkeep(tmp_path, "absent.toml", "25", None, 1 << 20)
    with open_database(folder=tmp_path) as database:
        lists.accept(database, make_list(database), "test")
        draft = lists.draft(database, make_upload(), "test").id
        assert resume(later(database), upkeep) == 1
        assert jobs.latest(database, SUBJECT + draft) is not None
    assert "no scenario 'absent.toml'" in caplog.text


def test_a_late_correction_computes_the_later_days_that_stand_on_it(tmp_path: Path) -> None:
    """Catches a published day that shows a list that was replaced, and days computed for nothing."""
    (tmp_path / SCENARIO).write_text("")
    upkeep = Upkeep(tmp_path, SCENARIO, "25", None, 1 << 20)
    with open_database(folder=tmp_path) as database:
        make_accepted(database, make_cells(2, "MobiFone"), JUNE)
        of_december = make_accepted(database, make_cells(2, "Viettel"), DECEMBER)
        for day in (JUNE, DECEMBER):
            intend(database, Published(f"{day}-a", SCENARIO, day, "a", (), utc_now()))
            publish(database, f"{day}-a")
        assert ask_compute(database, upkeep, of_december, "k") is not None
        assert [job.subject for job in jobs.all_jobs(database)] == [f"{SCENARIO}@{DECEMBER}"]
        correction = make_accepted(database, make_cells(3, "MobiFone"), JUNE)
        own = ask_compute(database, upkeep, correction, "k")
        queued = {job.subject for job in jobs.all_jobs(database, "queued")}
        assert queued == {f"{SCENARIO}@{JUNE}", f"{SCENARIO}@{DECEMBER}"}
        assert own == jobs.latest(database, f"{SCENARIO}@{JUNE}")
        late = make_accepted(database, make_cells(3, "Viettel"), JUNE)
        ask_compute(database, upkeep, late, "k")
        newest = jobs.latest(database, f"{SCENARIO}@{DECEMBER}")
        assert newest is not None
        assert Order.of(newest.payload).known_at < late.accepted_at, "December has a list of its own"
