"""The report's sheet: what was counted, how the columns were understood, and all findings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geocover.site_lists.columns.heads import fields
from geocover.site_lists.findings import SEVERITIES
from geocover.site_lists.own import SHEET_MARK
from geocover.site_lists.workbook.plain import sheet_part

if TYPE_CHECKING:
    from collections.abc import Iterator

    from geocover.site_lists.checked import CheckedList
    from geocover.site_lists.findings import Finding
    from geocover.site_lists.sheets import Value
    from geocover.site_lists.workbook.styles import Styles

REPORT_SHEET = "Báo cáo"
SEVERITY_TEXTS = {
    "error": "Lỗi / Error",
    "warning": "Cảnh báo / Warning",
    "fixed": "Đã sửa / Fixed",
}
BY_TEXTS = {
    "mapping": "đã chọn / your choice",
    "head": "tiêu đề / its head",
    "values": "giá trị trong cột / its values",
    "none": "chưa hiểu / not understood",
}
SHOWN = 20_000  # findings; the JSON report has them all
WIDTHS = (20, 24, 14, 8, 8, 24, 24, 70, 70)
_COLUMNS = (
    "Trang / Sheet",
    "Cột / Column",
    "Tiêu đề / Head",
    "Hiểu là / Read as",
    "Tin cậy / Sure",
    "Theo / By",
)
_FINDINGS = (
    "Mức độ / Severity", "Mã / Code", "Trang / Sheet", "Dòng / Row", "Cột / Column", "Tiêu đề / Head",
    "Giá trị / Value", "Nội dung và cách sửa", "Meaning and remedy",
)  # fmt: skip

Row = list[tuple["Value", int]]


def report_sheet(checked: CheckedList, styles: Styles, namespace: str, *, plain: bool) -> bytes:
    """Worksheet of the report; `plain` says that the list's own formats could not be kept."""
    rows = [
        *_summary(checked, plain=plain),
        [],
        _head(_COLUMNS, styles),
        *_columns(checked),
        [],
        _head(_FINDINGS, styles),
        *_findings(checked, styles),
    ]
    return sheet_part(rows, WIDTHS, namespace)


def _summary(checked: CheckedList, *, plain: bool) -> Iterator[Row]:
    yield _plain(f"{SHEET_MARK} báo cáo kiểm tra danh sách trạm / site list check")
    yield _plain("Tệp / File", checked.name)
    yield _plain("SHA-256", checked.digest)
    counts, totals = checked.counts, checked.totals
    yield _plain("Dòng đã đọc / Rows read", counts["read"])
    yield _plain("Nhận / Accepted", counts["accepted"])
    yield _plain("Không nhận / Rejected", counts["rejected"])
    yield _plain("Vị trí / Positions", totals["positions"])
    yield _plain("Trạm / Stations", totals["stations"])
    yield _plain("Cell", totals["cells"])
    if plain:
        yield _plain("Tệp này chép lại nội dung, không giữ định dạng gốc / A copy without the own formats")


def _columns(checked: CheckedList) -> Iterator[Row]:
    for part in checked.tables:
        for meaning in part.columns.meanings:
            header, field = meaning.header, fields().get(meaning.field)
            known = f"{field.vi} / {field.en}" if field else "Không dùng / Not used"
            sure = f"{round(100 * float(meaning.confidence))} %" if field else "–"
            yield _plain(part.table.sheet, header.letter, header.text, known, sure, BY_TEXTS[meaning.by])


def _findings(checked: CheckedList, styles: Styles) -> Iterator[Row]:
    first = sorted(checked.found, key=lambda finding: SEVERITIES.index(finding.severity))
    for finding in first[:SHOWN]:
        yield _finding(finding, styles)
    if len(first) > SHOWN:
        left = len(first) - SHOWN
        yield _plain(f"+{left}: xem cột ghi chú và báo cáo JSON / see the notes and the JSON report")


def _finding(finding: Finding, styles: Styles) -> Row:
    values: list[Value] = [
        finding.code, finding.sheet, finding.row, finding.letter, finding.column, finding.value,
        finding.vi, finding.en,
    ]  # fmt: skip
    severity = (SEVERITY_TEXTS[finding.severity], styles.coloured(0, finding.severity))
    return [severity, *((value, 0) for value in values)]


def _plain(*values: Value) -> Row:
    return [(value, 0) for value in values]


def _head(titles: tuple[str, ...], styles: Styles) -> Row:
    return [(title, styles.coloured(0, "head")) for title in titles]
