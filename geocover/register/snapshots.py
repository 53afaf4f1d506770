"""Snapshots that were computed of the register: which lists they stand on, and which one is current.

A job says what it means to write before it computes, and that it has written it after the folder stands. So
a crash in between loses nothing: `pick_up` finds the folder. Of several snapshots of one subject and day that
one is current which knows most: whose register was read last, whichever job ended last.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, select, update

from geocover.register.operators import insert_or
from geocover.register.tables import SnapshotRow
from geocover.store import list_snapshots
from geocover.store.snapshot import MANIFEST

if TYPE_CHECKING:
    from pathlib import Path

    from geocover.register.database import Database


@dataclass(frozen=True)
class Published:
    """A snapshot of the register.

    Attributes
    ----------
    name
        Its folder's name.
    subject
        The scenario's name; empty for snapshots that were not computed of the register.
    as_of, digest
        Reporting date, and the digest of all inputs.
    lists
        Ids of the site lists that it stands on.
    known_at
        When the register was read.
    job_id
        Which job computed it.
    published_at
        None while it is not written yet.
    """

    name: str
    subject: str
    as_of: dt.date
    digest: str
    lists: tuple[str, ...]
    known_at: dt.datetime
    job_id: str | None = None
    published_at: dt.datetime | None = None


def intend(database: Database, meant: Published) -> None:
    """Say what a job is about to write; the same result from a newer register takes the newer's place."""
    values: dict[str, Any] = {**vars(meant), "lists": list(meant.lists), "published_at": None}
    newer = {name: values[name] for name in ("subject", "lists", "known_at", "job_id")}
    with database.writing() as connection:
        new = insert_or(connection, SnapshotRow).values(**values)
        connection.execute(
            new.on_conflict_do_update(
                index_elements=[SnapshotRow.name],
                set_=newer,
                where=SnapshotRow.known_at < meant.known_at,
            )
        )


def publish(database: Database, name: str) -> Published:
    """Say that a snapshot stands whole in its folder; a second time changes nothing."""
    with database.writing() as connection:
        change = update(SnapshotRow).where(SnapshotRow.name == name, SnapshotRow.published_at.is_(None))
        connection.execute(change.values(published_at=database.clock()))
        return _published(connection.execute(_snapshots().where(SnapshotRow.name == name)).mappings().one())


def published(database: Database, subject: str | None = None) -> tuple[Published, ...]:
    """Snapshots that stand, by day and by what they know, the current one of a day last."""
    wanted = _snapshots().where(SnapshotRow.published_at.is_not(None))
    if subject is not None:
        wanted = wanted.where(SnapshotRow.subject == subject)
    ordered = wanted.order_by(SnapshotRow.as_of, SnapshotRow.known_at, SnapshotRow.published_at)
    with database.reading() as connection:
        return tuple(_published(row) for row in connection.execute(ordered).mappings())


def current(database: Database, subject: str, as_of: dt.date) -> Published | None:
    """Return the snapshot of a scenario and day that knows most; None where there is none."""
    found = [one for one in published(database, subject) if one.as_of == as_of]
    return found[-1] if found else None


def pick_up(database: Database, root: Path) -> tuple[str, ...]:
    """Register finished snapshots below a folder that are not yet; gives their names.

    Those of a job that died after writing keep what the job had said of them.
    """
    with database.reading() as connection:
        standing = SnapshotRow.published_at.is_not(None)
        known = set(connection.execute(select(SnapshotRow.name).where(standing)).scalars())
    found = [snapshot for snapshot in list_snapshots(root) if snapshot.path.name not in known]
    for snapshot in found:
        written = dt.datetime.fromtimestamp((snapshot.path / MANIFEST).stat().st_mtime, dt.UTC)
        as_of = dt.date.fromisoformat(snapshot.as_of)
        unknown = Published(snapshot.path.name, "", as_of, snapshot.digest, (), written)
        with database.writing() as connection:
            values = {**vars(unknown), "lists": []}
            new = insert_or(connection, SnapshotRow).values(**values)
            connection.execute(new.on_conflict_do_nothing())
        publish(database, snapshot.path.name)
    return tuple(snapshot.path.name for snapshot in found)


def _snapshots() -> Select[Any]:
    return select(*SnapshotRow.__table__.columns)


def _published(row: Any) -> Published:  # noqa: ANN401 - SQLAlchemy's row of any columns
    return replace(Published(**row), lists=tuple(row["lists"]))
