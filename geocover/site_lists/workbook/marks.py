"""What is to be seen in each row of a checked list: its status, its findings, and the colour of its cells."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from geocover.site_lists.findings import SEVERITIES
from geocover.site_lists.own import NOTES_HEAD, STATUS_HEAD, own_columns
from geocover.site_lists.workbook.cells import RowMarks, column_number

if TYPE_CHECKING:
    from collections.abc import Callable

    from geocover.site_lists.checked import CheckedList, CheckedTable
    from geocover.site_lists.findings import Finding, Severity
    from geocover.site_lists.sheets import Sheet, Table

REJECTED = "Không nhận / Rejected"
REVIEW = "Nhận, cần xem lại / Accepted, please review"
ACCEPTED = "Nhận / Accepted"
NOTED = 5  # findings written beside a row


def sheet_marks(checked: CheckedList) -> dict[str, dict[int, RowMarks]]:
    """Marks by sheet and row number, for sheets with a table or with findings about rows."""
    found: dict[str, dict[int, list[Finding]]] = defaultdict(lambda: defaultdict(list))
    for finding in checked.found:
        if finding.sheet is not None and finding.row is not None:
            found[finding.sheet][finding.row].append(finding)
    sheets = {sheet.name: sheet for sheet in checked.book.sheets}
    marks: dict[str, dict[int, RowMarks]] = {}
    for name, sheet in sheets.items():
        parts = [part for part in checked.tables if part.table.sheet == name]
        if parts or found[name]:
            marks[name] = _marks(sheet, parts, found[name], checked.findings.errors_of)
    return marks


def _marks(
    sheet: Sheet,
    parts: list[CheckedTable],
    found: dict[int, list[Finding]],
    errors_of: Callable[[Table], list[Finding]],
) -> dict[int, RowMarks]:
    """Marks of a sheet; an error about a whole table is written beside each row that it refuses."""
    status, notes = _result_columns(sheet)
    marks = {number: RowMarks(_colours(findings)) for number, findings in found.items()}
    for number, findings in found.items():
        marks[number].texts[notes] = (_notes(findings), "")
    for part in parts:
        whole = errors_of(part.table)
        for number, accepted in zip(part.table.rows.tolist(), part.accepted.tolist(), strict=True):
            mark = marks.setdefault(number, RowMarks())
            mark.texts[status] = _status(found.get(number, []), accepted=accepted)
            if whole and not accepted:
                mark.texts[notes] = (_notes([*whole, *found.get(number, [])]), "")
        above = int(part.table.rows[0]) - 1 if len(part.table) else 0
        if above >= 1 and status not in marks.get(above, RowMarks()).texts:
            head = marks.setdefault(above, RowMarks())
            head.texts |= {status: (STATUS_HEAD, "head"), notes: (NOTES_HEAD, "head")}
    return marks


def _result_columns(sheet: Sheet) -> tuple[int, int]:
    """Columns of status and findings: those of an earlier report, or the first two at the right."""
    earlier = own_columns(sheet)
    if len(earlier) == 2:
        return tuple(sheet.first_column + earlier[head] for head in (STATUS_HEAD, NOTES_HEAD))  # type: ignore[return-value]
    width = sheet.first_column + max(map(len, sheet.rows), default=0)
    return width, width + 1


def _status(findings: list[Finding], *, accepted: bool) -> tuple[str, str]:
    if not accepted:
        return REJECTED, "error"
    if any(finding.severity == "warning" for finding in findings):
        return REVIEW, "warning"
    return ACCEPTED, "fixed"


def _colours(findings: list[Finding]) -> dict[int, str]:
    """The worst severity in each column."""
    worst: dict[int, Severity] = {}
    for finding in sorted(findings, key=lambda each: SEVERITIES.index(each.severity), reverse=True):
        if finding.letter:
            worst[column_number(finding.letter)] = finding.severity
    return dict(worst)


def _notes(findings: list[Finding]) -> str:
    """The worst findings of a row, one a line, in Vietnamese and English."""
    first = sorted(findings, key=lambda each: SEVERITIES.index(each.severity))
    lines = [f"{finding.vi} / {finding.en}" for finding in first[:NOTED]]
    if len(first) > NOTED:
        lines.append(f"+{len(first) - NOTED} (xem báo cáo / see the report)")
    return "\n".join(lines)
