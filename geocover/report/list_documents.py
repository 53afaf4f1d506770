"""The documents on a checked list: the marked workbook by a job of its own, and both for their readers.

A file appears whole or not at all, and a job that dies is taken over as any. Where a file is not there, also
because the data folder was lost, whoever asks for it has it written: nothing needs to be looked after.
"""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from geocover.errors import SiteListError
from geocover.register import jobs, lists
from geocover.register.errors import NotFoundError, StateError
from geocover.report.list_check import (
    DOCUMENTS,
    POINTS,
    Documents,
    ask_documents,
    check_file,
    documents_folder,
    file_of,
    keep_points,
    refer,
)
from geocover.site_lists.answer import answer
from geocover.site_lists.workbook import write_report

if TYPE_CHECKING:
    from geocover.register.database import Database
    from geocover.register.lists import SiteList
    from geocover.register.worker import Work
    from geocover.site_lists.checked import CheckedList

WORKBOOKS = ("report.xlsx", "report.xlsm")
FILES = {"workbook": WORKBOOKS, "points": (POINTS,)}
HALF = ".report.*.partial.*"  # what `geocover.io.atomic` leaves where a process dies
AGAIN = dt.timedelta(seconds=60)
Kind = Literal["workbook", "points"]


def write_documents(work: Work) -> dict[str, Any]:
    """Write what is missing of the documents on the list of a job, as the list was checked last.

    The list is checked once more, and must give the report that the register keeps: what a document says is
    what was decided upon.

    Raises
    ------
    SiteListError
        The check has another result by now: the program or the boundaries are others.
    """
    one = lists.get(work.database, work.job.payload["list_id"])
    report, documents = refer(lists.report(work.database, one.id))
    place = documents_folder(work.folder, one.id) / documents.folder
    if documents.order is not None and not all(_found(place, kind) for kind in FILES):
        with file_of(work.database, one.id) as source:
            checked = check_file(work, documents.order, one, source)
            if json.loads(json.dumps(answer(checked))) != report:
                raise _changed(one)
            keep_points(place, checked, one.operator)
            _write_workbook(checked, source, place)
    return {"list": one.id}


def _changed(one: SiteList) -> SiteListError:
    return SiteListError(
        f"{one.name}: the list reads otherwise than when it was checked, for the program or the boundaries "
        "have changed; check it again, or use the JSON report",
        f"{one.name}: kết quả đọc danh sách nay khác lúc kiểm tra, vì chương trình hoặc địa giới đã thay "
        "đổi; hãy kiểm tra lại, hoặc dùng báo cáo JSON",
    )


def _write_workbook(checked: CheckedList, source: Path, place: Path) -> None:
    """Write the partner's workbook back; one with macros must be named for them."""
    for half in place.glob(HALF):
        half.unlink(missing_ok=True)
    plain, macros = (place / name for name in WORKBOOKS)
    try:
        write_report(checked, source, plain)
    except SiteListError:
        write_report(checked, source, macros)


def open_document(
    database: Database, folder: Path, one: SiteList, kind: Kind, by: str
) -> tuple[str, bytes] | None:
    """Name of a document for its reader, and its bytes; None while it is being written.

    Where nobody has asked for a missing one, ``by`` (id of a key) does; one that failed is tried again after
    a minute.

    Raises
    ------
    NotFoundError
        The list was not checked yet, or by a version of geocover that left no word on how.
    StateError
        It could not be written.
    """
    from geocover.report.list_answers import report_of  # the job that writes needs none of it

    _, documents = refer(report_of(database, one.id, one.checked_at))
    file = _found(documents_folder(folder, one.id) / documents.folder, kind)
    if file is not None:
        return f"{Path(one.name).stem}-geocover{file.suffix}", file.read_bytes()
    _ask(database, one, documents, by)
    return None


def _found(place: Path, kind: str) -> Path | None:
    return next((place / name for name in FILES[kind] if (place / name).is_file()), None)


def _ask(database: Database, one: SiteList, documents: Documents, by: str) -> None:
    if documents.order is None:
        raise NotFoundError(
            f"site list {one.id!r} has no such document any more; check it again",
            f"danh sách trạm {one.id!r} không còn tài liệu này; hãy kiểm tra lại",
        )
    known = jobs.latest(database, f"{DOCUMENTS}:{one.id}")
    if known is None or known.state == "done" or _long_over(database, known.finished_at):
        ask_documents(database, one.id, by)
    elif known.state not in ("queued", "running"):
        raise StateError(
            f"the document could not be written: {known.message}",
            f"không ghi được tài liệu: {known.message_vi}",
        )


def _long_over(database: Database, finished_at: dt.datetime | None) -> bool:
    return finished_at is not None and finished_at < database.clock() - AGAIN
