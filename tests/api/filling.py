"""A register with two partners' lists, and keys of every kind, for the tests of the API."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from pathlib import Path

from geocover.register import jobs, keys, lists
from geocover.register.database import Database
from geocover.register.jobs import CHECK
from geocover.register.keys import NewKey, add_key
from geocover.register.lists import SiteList
from geocover.register.uploads import Upload
from geocover.register.worker import run_job
from geocover.report.list_check import DOCUMENTS, CheckOrder
from geocover.report.list_jobs import SUBJECT
from tests.api.running import DECEMBER, bearer, make_csv
from tests.register.making import make_checked, make_upload

A, B = "Viettel", "VinaPhone"
B_PREFIX, B_FILE, B_SHIFT = "BIMAT", "cua-vinaphone.csv", 0.1777


@dataclass
class Filled:
    """What stands in the register.

    Attributes
    ----------
    tokens
        By kind of reader.
    accepted, checked
        A list of each operator in each state, with a report and documents.
    check_jobs
        Of the accepted lists.
    compute_job
        A job about all operators.
    """

    database: Database
    folder: Path
    tokens: dict[str, str] = field(default_factory=dict)
    accepted: dict[str, SiteList] = field(default_factory=dict)
    checked: dict[str, SiteList] = field(default_factory=dict)
    check_jobs: dict[str, str] = field(default_factory=dict)
    compute_job: str = ""

    def headers(self, reader: str) -> dict[str, str]:
        """What a kind of reader sends; `none` has no key."""
        return {} if reader == "none" else bearer(self.tokens[reader])

    def fresh(self, operator: str = A) -> str:
        """Id of a new checked list."""
        one = lists.draft(self.database, make_upload(operator), "test")
        return lists.checked(self.database, one.id, make_checked(), "test").id if operator == A else one.id


def fill(database: Database, folder: Path) -> Filled:
    """Fill a register."""
    filled = Filled(database, folder)
    for operator, prefix, shift, name in ((A, "PTOA", 0.0, "a.csv"), (B, B_PREFIX, B_SHIFT, B_FILE)):
        for state in ("accepted", "checked"):
            content = make_csv(40, operator, prefix, shift)
            one, job = check(filled, Upload(name, content, operator, DECEMBER))
            if state == "accepted":
                one = lists.accept(database, one.id, "test")
                filled.check_jobs[operator] = job
            getattr(filled, state)[operator] = one
    filled.compute_job = jobs.enqueue(database, "compute", {"secret": B_PREFIX}, "test").id
    _add_keys(filled)
    return filled


def check(filled: Filled, upload: Upload) -> tuple[SiteList, str]:
    """Upload a list and check it here and now; the list, and the job's id."""
    database = filled.database
    one = lists.draft(database, upload, "test")
    order = vars(CheckOrder(one.id, {}, "25"))
    asked = jobs.enqueue(database, CHECK, order, "test", subject=SUBJECT + one.id)
    job = jobs.claim(database, "worker", asked.id)
    assert job is not None
    ended = run_job(database, filled.folder, job)
    assert ended.state == "done", ended
    write_documents(filled, one.id)
    return lists.get(database, one.id), job.id


def write_documents(filled: Filled, list_id: str) -> None:
    """Do the job that the check of a list asked for."""
    asked = jobs.latest(filled.database, f"{DOCUMENTS}:{list_id}")
    assert asked is not None
    job = jobs.claim(filled.database, f"writer of {asked.id}", asked.id)
    assert job is not None
    ended = run_job(filled.database, filled.folder, job)
    assert ended.state == "done", ended


def _add_keys(filled: Filled) -> None:
    database, past = filled.database, filled.database.clock() - dt.timedelta(days=1)
    wanted = {
        "viewer": NewKey("viewer", "viewer"),
        "a": NewKey("partner a", "partner", A),
        "b": NewKey("partner b", "partner", B),
        "planner": NewKey("planner", "planner"),
        "admin": NewKey("admin", "admin"),
        "expired": NewKey("expired", "admin", expires_at=past),
        "revoked": NewKey("revoked", "admin"),
        "a reads": NewKey("partner a reads", "partner", A, ("read",)),
    }
    for kind, new in wanted.items():
        key, filled.tokens[kind] = add_key(database, new, "test")
        if kind == "revoked":
            keys.revoke_key(database, key.id, "test")
