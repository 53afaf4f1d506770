"""What follows of an upload and of an acceptance, also where the server died before it asked for it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

from api.settings import Settings
from geocover.register import jobs, lists
from geocover.register.database import Database, open_database
from geocover.register.ids import utc_now
from geocover.report.list_jobs import SUBJECT, Upkeep, ask_check, resume
from tests.api.running import bearer, make_key
from tests.register.making import make_checked, make_upload

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
