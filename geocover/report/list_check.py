"""The job "check": an uploaded list through the importer into the register.

Its documents stand in the data folder under a name made of all that they depend on: the points for a map,
before the register says that the list is checked; and the partner's workbook with marks, which takes longer
than all the rest, by a job of its own afterwards (`geocover.report.list_documents`). The register keeps what
was checked against what, so that documents can be written, or written again, at any time.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from geocover._version import __version__
from geocover.boundaries.index import shipped_index
from geocover.io.areas import read_areas
from geocover.io.atomic import atomic_directory
from geocover.io.completing import complete_cells
from geocover.register import jobs, lists
from geocover.register.mappings import mapping_of
from geocover.register.uploads import Checked
from geocover.report.list_points import points_geojson
from geocover.report.own_rows import own_alone
from geocover.site_lists.answer import answer
from geocover.site_lists.checking import check_book, settled
from geocover.site_lists.columns.mapping import ColumnMapping
from geocover.site_lists.findings import Findings
from geocover.site_lists.places.reference import Reference
from geocover.site_lists.reading import Limits, read_book

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from geocover.register.database import Database
    from geocover.register.jobs import Job
    from geocover.register.lists import SiteList
    from geocover.register.worker import Work
    from geocover.site_lists.checked import CheckedList

LISTS = "lists"
POINTS = "points.json"
STEPS = 3
DOCUMENTS = "documents"  # in the report: a `Documents`


@dataclass(frozen=True)
class CheckOrder:
    """What is to be checked, and against what.

    Attributes
    ----------
    list_id
        The list.
    mapping
        What the partner says about its columns, on top of what it said before; plain JSON.
    province, boundaries
        Communes to check against: a file, or where none is named those that ship for a province.
    largest
        Bytes that the file may have.
    """

    list_id: str
    mapping: dict[str, Any]
    province: str
    boundaries: str | None = None
    largest: int = Limits.file_bytes


@dataclass(frozen=True)
class Documents:
    """Where the documents on a check are, and what they are made of.

    Attributes
    ----------
    folder
        Name of their folder; empty where there never were any.
    order
        As the list was checked, with all that was known of its columns; None where an earlier version of
        geocover checked it.
    """

    folder: str
    order: CheckOrder | None


def check_upload(work: Work) -> dict[str, Any]:
    """Check the list of a job; gives its rows read, accepted and rejected.

    A list that was decided upon meanwhile is left as it is.
    """
    order = CheckOrder(**work.job.payload)
    one = lists.get(work.database, order.list_id)
    if one.state not in ("draft", "checked"):
        return {"list": one.id, "state": one.state}
    mapping = _mapping(mapping_of(work.database, one.operator), order.mapping)
    whole = replace(order, mapping=asdict(mapping))
    with file_of(work.database, one.id) as source:
        checked = check_file(work, whole, one, source)
    _tell(work, "keep", 2)
    documents = Documents(_folder_name(whole, one, checked), whole)
    keep_points(documents_folder(work.folder, one.id) / documents.folder, checked, one.operator)
    outcome = Checked(
        report={**answer(checked), DOCUMENTS: asdict(documents)},
        cells=_cells(checked, one.operator),
        mapping=asdict(mapping) if order.mapping else {},
        **checked.counts,
    )
    kept = lists.checked(work.database, one.id, outcome, work.job.created_by)
    ask_documents(work.database, one.id, work.job.created_by)
    work.say("keep", STEPS, STEPS)
    return {"list": kept.id, "state": kept.state, "rows": checked.counts}


def ask_documents(database: Database, list_id: str, by: str) -> Job:
    """Ask for the documents on a list as it was last checked, in place of a job that waits already."""
    return jobs.enqueue(
        database, jobs.DOCUMENTS, {"list_id": list_id}, by, subject=f"{jobs.DOCUMENTS}:{list_id}"
    )


def _tell(work: Work, step: str, done: int) -> None:
    """Say at once how far the work is: it is over before the next beat as a rule."""
    work.say(step, done, STEPS)
    work.beat()
    work.check()


@contextmanager
def file_of(database: Database, list_id: str) -> Iterator[Path]:
    """Give a list's file as it was uploaded, under a name of no meaning, for a while."""
    with tempfile.TemporaryDirectory() as scratch:
        source = Path(scratch) / "upload"
        source.write_bytes(lists.content(database, list_id))
        yield source


def check_file(work: Work, order: CheckOrder, one: SiteList, source: Path) -> CheckedList:
    """Check the file of a list, with the order's mapping as the whole of what is known of its columns."""
    _tell(work, "read", 0)
    findings = Findings()
    book = read_book(source, name=one.name, limits=Limits(file_bytes=order.largest), findings=findings)
    _tell(work, "check", 1)
    mapping = settled(ColumnMapping(**order.mapping), operator=one.operator)
    checked = check_book(book, findings, reference=_reference(order), mapping=mapping, as_of=one.as_of)
    return own_alone(checked, one.operator)


def _reference(order: CheckOrder) -> Reference:
    areas = read_areas(order.boundaries) if order.boundaries else shipped_index(order.province)
    return Reference.of(areas)


def _mapping(kept: dict[str, Any], told: dict[str, Any]) -> ColumnMapping:
    """What the partner said before, and over it what it says now."""
    columns = {**kept.get("columns", {}), **told.get("columns", {})}
    return ColumnMapping(**{**kept, **told, "columns": columns})


def _cells(checked: CheckedList, operator: str) -> pd.DataFrame:
    """Cells as the register keeps them: completed, flagged, each with its place in the file."""
    at = checked.cells[["sheet", "row"]].reset_index(drop=True)
    cells = complete_cells(checked.cells, checked.name)
    return cells.assign(sheet=at["sheet"], row=at["row"], operator=operator)


def _folder_name(order: CheckOrder, one: SiteList, checked: CheckedList) -> str:
    """Name of the folder of the documents: what they are made of, and by which program."""
    inputs = [one.sha256, one.name, one.operator, str(one.as_of), asdict(checked.mapping), __version__]
    told = json.dumps([*inputs, order.province, order.boundaries], sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def keep_points(place: Path, checked: CheckedList, operator: str) -> None:
    """Make the folder of the documents with the points, where it does not stand yet."""
    if not place.is_dir():
        with atomic_directory(place) as folder:
            (folder / POINTS).write_bytes(points_geojson(checked.rows, operator))


def documents_folder(folder: Path, list_id: str) -> Path:
    """Folder of the documents on a list."""
    return folder / LISTS / list_id


def refer(report: dict[str, Any]) -> tuple[dict[str, Any], Documents]:
    """Split what the register keeps into the report and what is known of its documents."""
    told = dict(report)
    kept = told.pop(DOCUMENTS, "")
    if isinstance(kept, str):
        return told, Documents(kept, None)
    return told, Documents(kept["folder"], CheckOrder(**kept["order"]))
