"""The documents on a checked list, as its check wrote them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from geocover.register.errors import NotFoundError
from geocover.report.list_answers import report_of
from geocover.report.list_check import POINTS, WORKBOOKS, documents_folder, refer

if TYPE_CHECKING:
    from geocover.register.database import Database
    from geocover.register.lists import SiteList

FILES = {"workbook": WORKBOOKS, "points": (POINTS,)}


def open_document(
    database: Database, folder: Path, one: SiteList, kind: Literal["workbook", "points"]
) -> tuple[str, bytes]:
    """Name of a document for its reader, and its bytes.

    Raises
    ------
    NotFoundError
        The list was not checked yet, or its documents are gone: check it again.
    """
    _, name = refer(report_of(database, one.id, one.checked_at))
    place = documents_folder(folder, one.id) / name
    for file in FILES[kind]:
        if name and (place / file).is_file():
            return f"{Path(one.name).stem}-geocover{Path(file).suffix}", (place / file).read_bytes()
    raise NotFoundError(
        f"site list {one.id!r} has no such document any more; check it again",
        f"danh sách trạm {one.id!r} không còn tài liệu này; hãy kiểm tra lại",
    )
