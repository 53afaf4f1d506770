"""The job "check": an uploaded list through the importer into the register, with the documents on it.

The documents (the partner's workbook with marks, and the points for a map) stand in the data folder under a
name made of all that they depend on, before the register says that the list is checked; so a crash in between
leaves a folder that the next attempt takes up, and a reader never meets half of one.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from geocover._version import __version__
from geocover.boundaries.index import shipped_index
from geocover.errors import SiteListError
from geocover.io.areas import read_areas
from geocover.io.atomic import atomic_directory
from geocover.io.completing import complete_cells
from geocover.register import lists
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
from geocover.site_lists.workbook import write_report

if TYPE_CHECKING:
    import pandas as pd

    from geocover.register.lists import SiteList
    from geocover.register.worker import Work
    from geocover.site_lists.checked import CheckedList

LISTS = "lists"
WORKBOOKS, POINTS = ("report.xlsx", "report.xlsm"), "points.json"
STEPS = 4
DOCUMENTS = "documents"  # in the report: name of the folder that holds the documents


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


def check_upload(work: Work) -> dict[str, Any]:
    """Check the list of a job; gives its rows read, accepted and rejected.

    A list that was decided upon meanwhile is left as it is.
    """
    order = CheckOrder(**work.job.payload)
    one = lists.get(work.database, order.list_id)
    if one.state not in ("draft", "checked"):
        return {"list": one.id, "state": one.state}
    mapping = _mapping(mapping_of(work.database, one.operator), order.mapping)
    with tempfile.TemporaryDirectory() as scratch:
        source = Path(scratch) / "upload"
        source.write_bytes(lists.content(work.database, one.id))
        checked = _checked(work, order, one, mapping, source)
        _tell(work, "write", 2)
        cells = _cells(checked, one.operator)
        name = _documents(work, order, one, checked, source)
    _tell(work, "keep", 3)
    told = asdict(mapping) if order.mapping else {}
    report = {**answer(checked), DOCUMENTS: name}
    outcome = Checked(report=report, cells=cells, mapping=told, **checked.counts)
    kept = lists.checked(work.database, one.id, outcome, work.job.created_by)
    work.say("keep", STEPS, STEPS)
    return {"list": kept.id, "state": kept.state, "rows": checked.counts}


def _tell(work: Work, step: str, done: int) -> None:
    """Say at once how far the check is: it is over before the next beat as a rule."""
    work.say(step, done, STEPS)
    work.beat()
    work.check()


def _checked(
    work: Work, order: CheckOrder, one: SiteList, mapping: ColumnMapping, source: Path
) -> CheckedList:
    _tell(work, "read", 0)
    findings = Findings()
    book = read_book(source, name=one.name, limits=Limits(file_bytes=order.largest), findings=findings)
    _tell(work, "check", 1)
    whole = settled(mapping, operator=one.operator)
    checked = check_book(book, findings, reference=_reference(order), mapping=whole, as_of=one.as_of)
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


def _documents(work: Work, order: CheckOrder, one: SiteList, checked: CheckedList, source: Path) -> str:
    """Write the documents where they do not stand yet; gives their folder's name."""
    inputs = [one.sha256, one.name, one.operator, str(one.as_of), asdict(checked.mapping), __version__]
    told = json.dumps([*inputs, order.province, order.boundaries], sort_keys=True)
    name = hashlib.sha256(told.encode()).hexdigest()[:16]
    place = documents_folder(work.folder, one.id) / name
    if not place.is_dir():
        with atomic_directory(place) as folder:
            _write_workbook(checked, source, folder)
            (folder / POINTS).write_bytes(points_geojson(checked.rows, one.operator))
    return name


def documents_folder(folder: Path, list_id: str) -> Path:
    """Folder of the documents on a list."""
    return folder / LISTS / list_id


def _write_workbook(checked: CheckedList, source: Path, folder: Path) -> None:
    """Write the partner's workbook back; one with macros must be named for them."""
    plain, macros = (folder / name for name in WORKBOOKS)
    try:
        write_report(checked, source, plain)
    except SiteListError:
        write_report(checked, source, macros)


def refer(report: dict[str, Any]) -> tuple[dict[str, Any], str]:
    """Split what the register keeps into the report and the name of the documents' folder."""
    told = dict(report)
    return told, str(told.pop(DOCUMENTS, ""))
