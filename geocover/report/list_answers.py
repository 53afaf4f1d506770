"""JSON answers about site lists: a list, its report in pages, and what it changes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from geocover.register import jobs, lists
from geocover.register.differences import MOVED_M
from geocover.register.differing import diff_of
from geocover.register.history import lists_as_of
from geocover.register.keys import role_of
from geocover.register.lists import TICK
from geocover.register.operators import operator_key
from geocover.register.tables import AuditRow
from geocover.report.answers import to_json
from geocover.report.list_check import refer
from geocover.report.list_jobs import SUBJECT, list_of

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from geocover.register.database import Database
    from geocover.register.differences import Diff
    from geocover.register.jobs import Job
    from geocover.register.lists import SiteList

CACHED = 8  # a report of 100,000 findings is some 30 megabytes
MOMENTS = ("uploaded_at", "checked_at", "accepted_at", "superseded_at", "rejected_at")
ROWS = ("rows_read", "rows_accepted", "rows_rejected")
PARTS = ("added", "removed", "moved", "changed")
SUBMIT = "lists:submit"
CELL = (
    "operator", "technology", "position_id", "station_id", "cell_id", "sheet", "row", "lon", "lat",
    "from_lon", "from_lat", "distance_m", "parameter", "old", "new",
)  # fmt: skip


def list_json(
    database: Database, one: SiteList, may: Mapping[str, bool], more: Mapping[str, Any] | None = None
) -> bytes:
    """One list with its state, rows, last check and what the reader may do to it now.

    Parameters
    ----------
    database
        The register.
    one
        The list.
    may
        Which of "check", "submit", "accept" and "reject" the reader may do, whatever the list's state.
    more
        Members beside and in place of the list's: ``job`` is that of its last check otherwise.
    """
    check = jobs.latest(database, SUBJECT + one.id)
    now = {name: allowed and _possible(one, name) for name, allowed in may.items()}
    told = {**_list(one, _submitted(database, [one.id])), "job": check.id if check else None, "may": now}
    return to_json({**told, "unsubmitted": is_unsubmitted(database, one), **(more or {})})


def lists_json(database: Database, found: Sequence[SiteList], total: int) -> bytes:
    """Lists in the order given, of `total` that there are."""
    submitted = _submitted(database, [one.id for one in found])
    return to_json({"total": total, "lists": [_list(one, submitted) for one in found]})


def newest_lists(
    database: Database,
    operator: str | None,
    offset: int,
    limit: int,
    *,
    state: lists.State | None = None,
    as_of: dt.date | None = None,
) -> tuple[list[SiteList], int]:
    """Some of an operator's lists, or of everybody's, newest upload first; and how many there are.

    With a state or a date only those in that state, and those that describe that day.
    """
    chosen = (one for one in lists.all_of(database, operator, state) if as_of in (None, one.as_of))
    found = sorted(chosen, key=lambda one: (one.uploaded_at, one.id), reverse=True)
    return found[offset : offset + limit], len(found)


def _list(one: SiteList, submitted: Mapping[str, dt.datetime]) -> dict[str, Any]:
    at = f"/site-lists/{one.id}"
    links = {"self": at, "page": f"/uploads/{one.id}", "file": f"{at}/file"}
    if one.checked_at is not None:
        links |= {"report": f"{at}/report", "report_xlsx": f"{at}/report.xlsx", "points": f"{at}/points"}
        links["diff"] = f"{at}/diff"
    return {
        **{
            name: getattr(one, name)
            for name in ("id", "operator", "version", "state", "name", "size", "sha256")
        },
        "as_of": one.as_of.isoformat(),
        **{name: getattr(one, name) for name in ROWS},
        **{name: _moment(getattr(one, name)) for name in MOMENTS},
        "submitted_at": _moment(_sent_at(one, submitted)),
        "superseded_by": one.superseded_by,
        "reason": one.reason,
        "links": links,
    }


def _possible(one: SiteList, action: str) -> bool:
    wanted = {"check": "checked", "submit": "accepted", "accept": "accepted", "reject": "rejected"}[action]
    empty = wanted == "accepted" and not one.rows_accepted
    return wanted in lists.STEPS[one.state] and not empty


def _submitted(database: Database, ids: Sequence[str]) -> dict[str, dt.datetime]:
    """When lists were last submitted."""
    last = select(AuditRow.object, func.max(AuditRow.at)).group_by(AuditRow.object)
    with database.reading() as connection:
        rows = connection.execute(last.where(AuditRow.action == SUBMIT, AuditRow.object.in_(ids)))
        return {str(list_id): at for list_id, at in rows}


def is_unsubmitted(database: Database, one: SiteList) -> bool:
    """Whether a partner uploaded a list that is checked, and has not submitted it since its last check."""
    if one.state != "checked" or role_of(database, one.uploaded_by) != "partner":
        return False
    return _sent_at(one, _submitted(database, [one.id])) is None


def _sent_at(one: SiteList, submitted: Mapping[str, dt.datetime]) -> dt.datetime | None:
    """When a list was submitted as it was last checked."""
    sent = submitted.get(one.id)
    return sent if sent and one.checked_at and sent >= one.checked_at else None


def _moment(at: dt.datetime | None) -> str | None:
    return None if at is None else at.isoformat(timespec="milliseconds")


def job_dict(job: Job) -> dict[str, Any]:
    """Say how far a job is; nothing about other operators' lists, and nothing of the machine."""
    return {
        "id": job.id,
        "kind": job.kind,
        "list": list_of(job),
        "state": job.state,
        "step": job.step,
        "done": job.done,
        "total": job.total,
        "message": job.message,
        "message_vi": job.message_vi,
        "attempts": job.attempts,
        "cancel_asked": job.cancel_asked,
        **{name: _moment(getattr(job, name)) for name in ("created_at", "started_at", "finished_at")},
        "result": job.result,
        "links": {"self": f"/jobs/{job.id}", "events": f"/jobs/{job.id}/events"},
    }


def report_json(database: Database, one: SiteList, page: FindingsPage) -> bytes:
    """Report of a check, with some of its findings: those of a severity and code, from an offset on.

    ``matching`` says how many findings there are of that severity and code.

    Raises
    ------
    NotFoundError
        The list was not checked yet.
    """
    report = report_of(database, one.id, one.checked_at)
    severity, code, offset, limit = page
    found = [
        finding
        for finding in report["findings"]
        if severity in (None, finding["severity"]) and code in (None, finding["code"])
    ]
    told = {**report, "findings": found[offset : offset + limit], "matching": len(found), "offset": offset}
    return to_json(refer(told)[0])


FindingsPage = tuple[str | None, str | None, int, int]


@lru_cache(maxsize=CACHED)
def report_of(database: Database, list_id: str, checked_at: dt.datetime | None) -> dict[str, Any]:  # noqa: ARG001
    """Return a report as the register keeps it; a new check has another time."""
    return lists.report(database, list_id)


@dataclass(frozen=True)
class Compared:
    """What a list is compared with, and how.

    Attributes
    ----------
    base
        The list before; None where there was none.
    moved_m
        Metres beyond which a cell has moved.
    """

    base: SiteList | None
    moved_m: float = MOVED_M


def diff_json(database: Database, one: SiteList, compared: Compared, offset: int, limit: int) -> bytes:
    """What a list changes against another, each part of it from an offset on."""
    base, found = compared.base, _diff(database, one, compared)
    parts = {name: _cells(getattr(found, name), offset, limit) for name in PARTS}
    about = {"list": one.id, "against": _told(base), "counts": found.counts()}
    return to_json({**about, "moved_m": compared.moved_m, "offset": offset, **parts})


def diff_geojson(database: Database, one: SiteList, compared: Compared) -> bytes:
    """What a list changes, as GeoJSON; see `geocover.register.differences.Diff.to_geojson`.

    The member "metadata" says against which list, and counts the cells.
    """
    base, found = compared.base, _diff(database, one, compared)
    about = {"list": one.id, "against": _told(base), "counts": found.counts(), "moved_m": compared.moved_m}
    return to_json({**found.to_geojson(), "metadata": about})


def _told(base: SiteList | None) -> dict[str, Any] | None:
    if base is None:
        return None
    return {"id": base.id, "version": base.version, "as_of": base.as_of.isoformat()}


def base_of(database: Database, one: SiteList) -> SiteList | None:
    """Return the list that was in force when this one came, or that it would replace; None for a first."""
    known_at = one.accepted_at - TICK if one.accepted_at is not None else None
    key = operator_key(one.operator)
    found = [old for old in lists_as_of(database, one.as_of, known_at) if operator_key(old.operator) == key]
    return found[0] if found and found[0].id != one.id else None


def _diff(database: Database, one: SiteList, compared: Compared) -> Diff:
    base = compared.base
    checks = (one.checked_at, None if base is None else base.checked_at)
    return _compared(database, None if base is None else base.id, one.id, compared.moved_m, checks)


@lru_cache(maxsize=CACHED)
def _compared(
    database: Database,
    base: str | None,
    list_id: str,
    moved_m: float,
    checks: tuple[dt.datetime | None, dt.datetime | None],  # noqa: ARG001  a new check has another time
) -> Diff:
    return diff_of(database, base, list_id, moved_m)


def _cells(table: pd.DataFrame, offset: int, limit: int) -> list[dict[Any, Any]]:
    part = table[[name for name in CELL if name in table]].iloc[offset : offset + limit]
    found: list[dict[Any, Any]] = part.to_dict("records")
    return found
