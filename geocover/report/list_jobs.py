"""Jobs that follow from what happens to a list: a check of each upload, a computation after each acceptance.

A server may die between a step and the request for its job. So both are asked for by what is there: asking
again for what was asked for already changes nothing, and `resume` asks for what is missing.
"""

from __future__ import annotations

import datetime as dt
import logging
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from geocover.register import jobs, lists
from geocover.register.computing import Order, enqueue_compute, subject_of
from geocover.register.errors import RegisterError
from geocover.register.history import lists_as_of
from geocover.register.snapshots import published
from geocover.report.list_check import CheckOrder

if TYPE_CHECKING:
    from pathlib import Path

    from geocover.register.database import Database
    from geocover.register.jobs import Job
    from geocover.register.lists import SiteList

SUBJECT = "check:"
LATE = dt.timedelta(seconds=60)
logger = logging.getLogger("geocover.register")


@dataclass(frozen=True)
class Upkeep:
    """How a server looks after the register.

    Attributes
    ----------
    folder
        Folder of scenarios, snapshots and documents.
    scenario
        Scenario file in it that acceptances compute; None for no computation.
    province, boundaries, largest
        As in `geocover.report.list_check.CheckOrder`.
    """

    folder: Path
    scenario: str | None
    province: str
    boundaries: str | None
    largest: int


def ask_check(
    database: Database,
    upkeep: Upkeep,
    list_id: str,
    mapping: dict[str, object],
    by: str,
    *,
    anew: bool = False,
) -> Job:
    """Ask for the check of a list; gives the job that was asked for before where it is the same.

    Parameters
    ----------
    database, upkeep
        The register, and how it is looked after.
    list_id
        The list.
    mapping
        What the partner says about its columns, plain JSON; empty where nothing.
    by
        Id of the key that asks.
    anew
        Whether a job that has ended is asked for again.
    """
    order = asdict(CheckOrder(list_id, mapping, upkeep.province, upkeep.boundaries, upkeep.largest))
    known = jobs.latest(database, SUBJECT + list_id)
    waits = known is not None and known.state in ("queued", "running")
    if known is not None and known.payload == order and (waits or not anew):
        return known
    return jobs.enqueue(database, jobs.CHECK, order, by, subject=SUBJECT + list_id)


def ask_compute(database: Database, upkeep: Upkeep, one: SiteList, by: str) -> Job | None:
    """Ask for snapshots that know an accepted list; gives the job of its own day, None without a scenario.

    Later days that were published, and for which the list still counts, are computed anew too.

    Raises
    ------
    RegisterError
        There is no such scenario file.
    """
    if upkeep.scenario is None:
        return None
    for day in _unknowing_days(database, upkeep.scenario, one):
        enqueue_compute(database, upkeep.folder, upkeep.scenario, day, by)
    return computation_of(database, upkeep, one)


def _unknowing_days(database: Database, scenario: str, one: SiteList) -> list[dt.date]:
    """Days that a list counts for, its own and later ones that were published, whose jobs do not know it."""
    later = {standing.as_of for standing in published(database, scenario) if standing.as_of > one.as_of}
    counts = [day for day in later if one.id in {used.id for used in lists_as_of(database, day)}]
    return [day for day in (one.as_of, *sorted(counts)) if not _knows(database, scenario, day, one)]


def _knows(database: Database, scenario: str, day: dt.date, one: SiteList) -> bool:
    known = jobs.latest(database, subject_of(scenario, day))
    return (
        known is not None
        and one.accepted_at is not None
        and Order.of(known.payload).known_at >= one.accepted_at
    )


def computation_of(database: Database, upkeep: Upkeep, one: SiteList) -> Job | None:
    """Return the newest job that computes the day of an accepted list; None where there is none."""
    if upkeep.scenario is None or one.accepted_at is None:
        return None
    return jobs.latest(database, subject_of(upkeep.scenario, one.as_of))


def list_of(job: Job) -> str | None:
    """Id of the list that a job checks, or whose documents it writes; None for other jobs."""
    return str(job.payload["list_id"]) if job.kind in (jobs.CHECK, jobs.DOCUMENTS) else None


def resume(database: Database, upkeep: Upkeep) -> int:
    """Ask for jobs that a server died before asking for; gives how many."""
    return _resume_checks(database, upkeep) + _resume_computations(database, upkeep)


def _resume_checks(database: Database, upkeep: Upkeep) -> int:
    before = database.clock() - LATE
    drafts = [one for one in lists.all_of(database, state="draft") if one.uploaded_at < before]
    lost = [one for one in drafts if jobs.latest(database, SUBJECT + one.id) is None]
    for one in lost:
        ask_check(database, upkeep, one.id, lists.told_mapping(database, one.id), one.uploaded_by)
    return len(lost)


def _resume_computations(database: Database, upkeep: Upkeep) -> int:
    if upkeep.scenario is None:
        return 0
    before, asked = database.clock() - LATE, 0
    # One that was superseded before it was looked at still answers for its own day.
    old = lists.all_of(database, state="superseded")
    unknown = [one for one in old if not _knows(database, upkeep.scenario, one.as_of, one)]
    for one in [*lists.all_of(database, state="accepted"), *unknown]:
        if one.accepted_at is None or one.accepted_at >= before:
            continue
        missing = _unknowing_days(database, upkeep.scenario, one)
        try:
            ask_compute(database, upkeep, one, one.accepted_by or "server")
        except RegisterError:
            # A scenario that is not there must not keep the server from its other jobs.
            logger.exception("list %s is accepted, but no coverage is computed", one.id)
            return asked
        asked += len(missing)
    return asked
