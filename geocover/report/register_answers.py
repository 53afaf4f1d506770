"""Answers about the register on a day: totals, lists in force, cells, masts, the audit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from geocover.io.csv_tables import csv_bytes
from geocover.register import audit, lists
from geocover.register.history import lists_as_of, register_as_of
from geocover.register.masts import shared_masts
from geocover.register.operators import operator_key
from geocover.register.totals import ALL, totals
from geocover.report.answers import to_json

if TYPE_CHECKING:
    import datetime as dt

    import pandas as pd

    from geocover.register.database import Database
    from geocover.register.lists import SiteList


def register_json(database: Database, day: dt.date, operator: str | None) -> bytes:
    """Totals at three levels and the lists in force on a day, of one operator or of all.

    Of one operator there is no row for "all": it would only say the same again.
    """
    cells = _cells(database, day, operator)
    counted = totals(cells)
    if operator is not None:
        counted = counted[counted["operator"] != ALL]
    in_force = [_in_force(one) for one in _lists(database, day, operator)]
    return to_json({"as_of": day.isoformat(), "totals": counted.to_dict("records"), "lists": in_force})


def cells_csv(database: Database, day: dt.date, operator: str | None) -> bytes:
    """Cells on a day as CSV for Excel, UTF-8 with BOM; no text in it runs as a formula."""
    return csv_bytes(_cells(database, day, operator))


def masts_json(database: Database, day: dt.date, within_m: float) -> bytes:
    """Positions of different operators that may be one mast on a day."""
    masts = shared_masts(register_as_of(database, day), within_m)
    count = int(masts["mast_id"].nunique())
    told = {"as_of": day.isoformat(), "within_m": within_m, "masts": count}
    return to_json({**told, "positions": masts.to_dict("records")})


def audit_json(
    database: Database, key_id: str | None, what: str | None, limit: int, before: int | None = None
) -> bytes:
    """Lines of the audit, newest first, with the address of the older ones where there are any."""
    found = audit.entries(database, key_id=key_id, what=what, limit=limit + 1, before=before)
    told = [{**vars(one), "at": one.at.isoformat()} for one in found[:limit]]
    asked = {"key": key_id, "object": what, "limit": limit, "before": told[-1]["number"] if told else None}
    older = urlencode({name: value for name, value in asked.items() if value is not None})
    return to_json({"entries": told, "links": {"next": f"/audit?{older}"} if len(found) > limit else {}})


def _lists(database: Database, day: dt.date, operator: str | None) -> list[SiteList]:
    in_force = lists_as_of(database, day)
    if operator is None:
        return list(in_force)
    return [one for one in in_force if operator_key(one.operator) == operator_key(operator)]


def _cells(database: Database, day: dt.date, operator: str | None) -> pd.DataFrame:
    """Cells on a day; those of one operator under the names of its own list.

    In the register of all, a name that another operator uses too is told apart: that would tell of the other.
    """
    if operator is None:
        return register_as_of(database, day)
    own = [lists.cells(database, one.id) for one in _lists(database, day, operator)]
    return own[0] if own else register_as_of(database, day).iloc[:0]


def _in_force(one: SiteList) -> dict[str, Any]:
    told = {name: getattr(one, name) for name in ("id", "operator", "version", "state", "name")}
    rows = {name: getattr(one, name) for name in ("rows_read", "rows_accepted", "rows_rejected")}
    accepted_at = one.accepted_at.isoformat(timespec="milliseconds") if one.accepted_at else None
    return {**told, "as_of": one.as_of.isoformat(), **rows, "accepted_at": accepted_at}
