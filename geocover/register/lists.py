"""Site lists: draft -> checked -> accepted -> superseded, or rejected before it was accepted.

A list speaks for one operator on one reporting date (``as_of``) and, once accepted, never changes. Accepting
it supersedes the operator's accepted lists of the same and of earlier reporting dates; they go on answering
for the past (`geocover.register.history` holds the rule). Each step is one transaction with its line of the
audit, and takes the operator's lock first, so that of two that do the same at once one wins and the other is
told what happened.
"""

from __future__ import annotations

import datetime as dt
import json
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import Select, exc, func, insert, select, update

from geocover.register.audit import note
from geocover.register.cells import check_cells, read_cells, write_cells
from geocover.register.errors import ConflictError, InvalidError, NotFoundError, StateError
from geocover.register.ids import new_id
from geocover.register.mappings import remember
from geocover.register.operators import lock_operator, operator_key
from geocover.register.tables import CellRow, DocumentRow, ListRow, OperatorRow, pack
from geocover.register.uploads import Checked, Upload, sha256

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from sqlalchemy import Connection

    from geocover.register.database import Database

State = Literal["draft", "checked", "accepted", "superseded", "rejected"]
# A list may be checked again, with another mapping, until it is accepted or rejected.
STEPS: dict[State, frozenset[State]] = {
    "draft": frozenset({"checked", "rejected"}),
    "checked": frozenset({"checked", "accepted", "rejected"}),
    "accepted": frozenset({"superseded"}),
    "superseded": frozenset(),
    "rejected": frozenset(),
}
STATES_VI = {
    "draft": "bản nháp",
    "checked": "đã kiểm tra",
    "accepted": "đã duyệt",
    "superseded": "đã thay thế",
    "rejected": "bị từ chối",
}
FILE, REPORT = "file", "report"
HIDDEN = ("number", "operator_id", "request_digest", "idempotency_key", "mapping")
TICK = dt.timedelta(microseconds=1)
TOLD = dt.timedelta(milliseconds=1)  # how exactly readers are told moments


@dataclass(frozen=True)
class SiteList:
    """What the register knows of one version of a list; files, report and cells are asked for apart."""

    id: str
    operator: str
    version: int
    state: State
    as_of: dt.date
    name: str
    sha256: str
    size: int
    rows_read: int | None
    rows_accepted: int | None
    rows_rejected: int | None
    uploaded_at: dt.datetime
    uploaded_by: str
    checked_at: dt.datetime | None
    accepted_at: dt.datetime | None
    accepted_by: str | None
    superseded_at: dt.datetime | None
    superseded_by: str | None
    rejected_at: dt.datetime | None
    rejected_by: str | None
    reason: str | None


def draft(database: Database, upload: Upload, by: str, idempotency_key: str | None = None) -> SiteList:
    """Keep an uploaded file as the operator's next version.

    Parameters
    ----------
    database
        The register.
    upload
        The file.
    by
        Id of the key that uploads, or "cli".
    idempotency_key
        The client's name for this request: the same request sent again gives the list that the first one
        made.

    Raises
    ------
    ConflictError
        The same key of ``by`` came with another file, operator or date.
    InvalidError
        The operator's name cannot be one.
    """
    with database.writing() as connection:
        operator_id = lock_operator(connection, upload.operator)
        known = _sent_before(connection, upload, by, idempotency_key)
        if known is not None:
            return known
        made = _insert(connection, upload, operator_id, (database.clock(), by, idempotency_key))
        told = {"name": made.name, "sha256": made.sha256, "as_of": made.as_of.isoformat()}
        note(connection, made.uploaded_at, (by, "lists:upload", made.id), told)
    return made


def _insert(
    connection: Connection,
    upload: Upload,
    operator_id: int,
    when_who_key: tuple[dt.datetime, str, str | None],
) -> SiteList:
    now, by, idempotency_key = when_who_key
    last = select(func.coalesce(func.max(ListRow.version), 0)).where(ListRow.operator_id == operator_id)
    new = insert(ListRow).values(
        id=new_id(now),
        operator_id=operator_id,
        version=connection.execute(last).scalar_one() + 1,
        state="draft",
        as_of=upload.as_of,
        name=upload.name,
        sha256=sha256(upload.content),
        size=len(upload.content),
        idempotency_key=idempotency_key,
        request_digest=upload.digest(),
        mapping=dict(upload.mapping) or None,
        uploaded_at=now,
        uploaded_by=by,
    )
    try:
        number = connection.execute(new.returning(ListRow.number)).scalar_one()
    except exc.IntegrityError as error:
        # Two requests with one key at once, about two operators, whose locks do not see each other.
        raise _conflict(idempotency_key) from error
    connection.execute(insert(DocumentRow).values(list_number=number, kind=FILE, content=upload.content))
    return _one(connection, ListRow.number == number)


def _sent_before(
    connection: Connection, upload: Upload, by: str, idempotency_key: str | None
) -> SiteList | None:
    if idempotency_key is None:
        return None
    same = (ListRow.uploaded_by == by) & (ListRow.idempotency_key == idempotency_key)
    digest = connection.execute(select(ListRow.request_digest).where(same)).scalar_one_or_none()
    if digest is None:
        return None
    if digest != upload.digest():
        raise _conflict(idempotency_key)
    return _one(connection, same)


def _conflict(idempotency_key: str | None) -> ConflictError:
    return ConflictError(
        f"idempotency key {idempotency_key!r} was used for another upload; give each upload its own",
        f"khoá chống lặp {idempotency_key!r} đã dùng cho lần tải khác; hãy dùng khoá riêng cho mỗi lần",
    )


def checked(database: Database, list_id: str, outcome: Checked, by: str) -> SiteList:
    """Keep what the importer found in a list: its report, its cells, and the mapping for the next upload.

    Raises
    ------
    NotFoundError, StateError
        No such list, or one that is accepted or rejected already.
    InvalidError
        The cells cannot be kept (`geocover.register.cells.check_cells`).
    """
    check_cells(outcome.cells, get(database, list_id).operator)
    with database.writing() as connection:
        number, operator_id = _step(connection, list_id, "checked")
        now = database.clock()
        write_cells(connection, number, outcome.cells)
        _write_report(connection, number, outcome.report)
        counts = {
            "rows_read": outcome.read,
            "rows_accepted": outcome.accepted,
            "rows_rejected": outcome.rejected,
        }
        mapping = dict(outcome.mapping)
        change = update(ListRow).where(ListRow.number == number)
        connection.execute(change.values(state="checked", checked_at=now, mapping=mapping, **counts))
        if mapping and outcome.accepted:  # one by which no row can be read would spoil the next upload
            remember(connection, operator_id, mapping, (now, by))
        note(connection, now, (by, "lists:check", list_id), {**counts, "cells": len(outcome.cells)})
        return _one(connection, ListRow.number == number)


def accept(
    database: Database, list_id: str, by: str, seen: dt.datetime | None = None, **details: object
) -> SiteList:
    """Accept a checked list; it supersedes the operator's accepted ones of this and of earlier dates.

    The time of acceptance is later than that of any other list of the operator, whatever the clock says.
    Who gives the time of the check that was ``seen`` accepts no other; ``details`` are for the audit.

    Raises
    ------
    NotFoundError, StateError
        No such list, one that is not checked, or one without any cell; or it was checked again since.
    """
    with database.writing() as connection:
        number, operator_id = _step(connection, list_id, "accepted")
        checked_at = _one(connection, ListRow.number == number).checked_at
        if seen is not None and checked_at is not None and not seen <= checked_at < seen + TOLD:
            raise StateError(
                f"list {list_id} was checked again since it was looked at; look at the new report first",
                f"danh sách {list_id} đã được kiểm tra lại sau lần xem; hãy xem kết quả mới rồi quyết định",
            )
        if not connection.execute(select(CellRow.number).where(CellRow.list_number == number).limit(1)).all():
            raise StateError(
                f"list {list_id} has no cell that could be used; reject it and upload a corrected file",
                f"danh sách {list_id} không có cell nào dùng được; hãy từ chối và tải lên tệp đã sửa",
            )
        of_operator = ListRow.operator_id == operator_id
        last = connection.execute(select(func.max(ListRow.accepted_at)).where(of_operator)).scalar_one()
        now = database.clock() if last is None else max(database.clock(), last + TICK)
        as_of = select(ListRow.as_of).where(ListRow.number == number).scalar_subquery()
        old = update(ListRow).where(of_operator, ListRow.state == "accepted", ListRow.as_of <= as_of)
        replaced = old.values(state="superseded", superseded_at=now, superseded_by=list_id)
        superseded = sorted(connection.execute(replaced.returning(ListRow.id)).scalars())
        new = update(ListRow).where(ListRow.number == number)
        connection.execute(new.values(state="accepted", accepted_at=now, accepted_by=by))
        note(connection, now, (by, "lists:accept", list_id), {"superseded": superseded, **details})
        return _one(connection, ListRow.number == number)


def reject(database: Database, list_id: str, by: str, reason: str) -> SiteList:
    """Reject a draft or checked list, for good; the file and the report stay.

    Raises
    ------
    NotFoundError, StateError
        No such list, or one that is accepted or rejected already.
    InvalidError
        No reason is given.
    """
    if not reason.strip():
        raise InvalidError("a rejection needs a reason", "khi từ chối phải ghi lý do")
    with database.writing() as connection:
        number, _ = _step(connection, list_id, "rejected")
        now = database.clock()
        change = update(ListRow).where(ListRow.number == number)
        connection.execute(
            change.values(
                state="rejected", rejected_at=now, rejected_by=by, reason=reason.replace("\0", "").strip()
            )
        )
        note(connection, now, (by, "lists:reject", list_id), {"reason": reason})
        return _one(connection, ListRow.number == number)


def get(database: Database, list_id: str) -> SiteList:
    """Return one list.

    Raises
    ------
    NotFoundError
        There is none of this id.
    """
    with database.reading() as connection:
        return _one(connection, ListRow.id == list_id, list_id)


def all_of(
    database: Database, operator: str | None = None, state: State | None = None
) -> tuple[SiteList, ...]:
    """Lists of an operator, or of all, newest version first; only those in a state where one is given."""
    lists = chosen_lists().order_by(OperatorRow.key, ListRow.version.desc())
    if operator is not None:
        lists = lists.where(OperatorRow.key == operator_key(operator))
    if state is not None:
        lists = lists.where(ListRow.state == state)
    with database.reading() as connection:
        return tuple(SiteList(**row) for row in connection.execute(lists).mappings())


def content(database: Database, list_id: str) -> bytes:
    """Return the file as it was uploaded.

    Raises
    ------
    NotFoundError
        There is no such list.
    """
    return _document(database, list_id, FILE)


def report(database: Database, list_id: str) -> dict[str, Any]:
    """Return the importer's report on a list.

    Raises
    ------
    NotFoundError
        There is no such list, or it was not checked yet.
    """
    loaded: dict[str, Any] = json.loads(zlib.decompress(_document(database, list_id, REPORT)))
    return loaded


def told_mapping(database: Database, list_id: str) -> dict[str, Any]:
    """Return what the partner said about a list's columns, last with its upload or a check; plain JSON."""
    told = select(ListRow.mapping).where(ListRow.id == list_id)
    with database.reading() as connection:
        return dict(connection.execute(told).scalar_one_or_none() or {})


def cells(database: Database, list_id: str) -> pd.DataFrame:
    """Cells of one list, columns of `geocover.register.cells.CELL_COLUMNS` and ``list``; none for a draft.

    Raises
    ------
    NotFoundError
        There is no such list.
    """
    with database.reading() as connection:
        _one(connection, ListRow.id == list_id, list_id)
        number = connection.execute(select(ListRow.number).where(ListRow.id == list_id)).scalar_one()
        return read_cells(connection, [number])


def chosen_lists() -> Select[Any]:
    """All lists, with the columns of `SiteList`."""
    columns = [column for column in ListRow.__table__.columns if column.name not in HIDDEN]
    return select(OperatorRow.name.label("operator"), *columns).join(
        OperatorRow, OperatorRow.id == ListRow.operator_id
    )


def _one(connection: Connection, condition: Any, list_id: str = "") -> SiteList:  # noqa: ANN401
    found = connection.execute(chosen_lists().where(condition)).mappings().one_or_none()
    if found is None:
        raise NotFoundError(f"there is no site list {list_id!r}", f"không có danh sách trạm {list_id!r}")
    return SiteList(**found)


def _step(connection: Connection, list_id: str, target: State) -> tuple[int, int]:
    """Lock the operator, then the list, and refuse a step that its state does not allow."""
    _one(connection, ListRow.id == list_id, list_id)
    wanted = select(ListRow.number, ListRow.operator_id, ListRow.state).where(ListRow.id == list_id)
    operator = select(ListRow.operator_id).where(ListRow.id == list_id).scalar_subquery()
    connection.execute(select(OperatorRow.id).where(OperatorRow.id == operator).with_for_update())
    number, operator_id, state = connection.execute(wanted.with_for_update()).one()
    if target not in STEPS[state]:  # type: ignore[index]
        raise StateError(
            f"list {list_id} is {state} and cannot become {target}; nothing was changed",
            f"danh sách {list_id} {STATES_VI[state]}, không thể chuyển thành {STATES_VI[target]}; "
            "chưa có gì thay đổi",
        )
    return number, operator_id


def _write_report(connection: Connection, number: int, told: Mapping[str, Any]) -> None:
    packed = pack(told)
    here = (DocumentRow.list_number == number) & (DocumentRow.kind == REPORT)
    if connection.execute(update(DocumentRow).where(here).values(content=packed)).rowcount == 0:
        connection.execute(insert(DocumentRow).values(list_number=number, kind=REPORT, content=packed))


def _document(database: Database, list_id: str, kind: str) -> bytes:
    document = (
        select(DocumentRow.content)
        .join(ListRow, ListRow.number == DocumentRow.list_number)
        .where(ListRow.id == list_id, DocumentRow.kind == kind)
    )
    with database.reading() as connection:
        found = connection.execute(document).scalar_one_or_none()
    if found is None:
        raise NotFoundError(
            f"site list {list_id!r} has no {kind}", f"danh sách trạm {list_id!r} không có {kind}"
        )
    return bytes(found)
