"""The audit: who did what to what. Lines are added, never changed, and hold no secret."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select

from geocover.register.tables import AuditRow

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from geocover.register.database import Database

SECRET = re.compile(r"(gck_[0-9a-z]+)_[0-9A-Za-z]+")


@dataclass(frozen=True)
class Entry:
    """One line of the audit."""

    number: int
    at: dt.datetime
    key_id: str
    action: str
    object: str
    details: dict[str, Any]


def record(
    database: Database, key_id: str, action: str, what: str, details: Mapping[str, Any] | None = None
) -> None:
    """Add a line in a transaction of its own: for what does not change the register, a download or a refusal.

    Parameters
    ----------
    database
        The register.
    key_id
        Who: the key's id, or "cli".
    action
        What was done, a name of `geocover.register.permissions.ACTIONS`.
    what
        To which list, key or job.
    details
        Plain JSON values; an API key's secret in them is left out.
    """
    with database.writing() as connection:
        note(connection, database.clock(), (key_id, action, what), details)


def note(
    connection: Connection,
    now: dt.datetime,
    who_what_which: tuple[str, str, str],
    details: Mapping[str, Any] | None = None,
) -> None:
    """Add a line in the transaction of the change that it tells of: both are kept, or neither."""
    key_id, action, what = (str(_without_secrets(part)) for part in who_what_which)
    row = {"at": now, "key_id": key_id, "action": action, "object": what}
    connection.execute(insert(AuditRow).values(**row, details=_without_secrets(dict(details or {}))))


def entries(
    database: Database,
    *,
    key_id: str | None = None,
    what: str | None = None,
    limit: int = 100,
    before: int | None = None,
) -> tuple[Entry, ...]:
    """Lines of the audit, newest first, of one key or about one thing; only those before a number."""
    lines = select(*AuditRow.__table__.c).order_by(AuditRow.number.desc()).limit(limit)
    if key_id is not None:
        lines = lines.where(AuditRow.key_id == key_id)
    if what is not None:
        lines = lines.where(AuditRow.object == what)
    if before is not None:
        lines = lines.where(AuditRow.number < before)
    with database.reading() as connection:
        return tuple(Entry(**row) for row in connection.execute(lines).mappings())


def _without_secrets(value: object) -> Any:  # noqa: ANN401 - JSON
    if isinstance(value, str):
        return SECRET.sub(r"\1_…", value).replace("\0", "\N{REPLACEMENT CHARACTER}")
    if isinstance(value, dict):
        return {str(_without_secrets(name)): _without_secrets(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_without_secrets(part) for part in value]
    return value
