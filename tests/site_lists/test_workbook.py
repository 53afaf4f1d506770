"""The partner's own workbook back: what is added, what stays, and what happens where it cannot be edited."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import re
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pytest
import python_calamine
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.drawing.image import Image
from openpyxl.formatting.rule import CellIsRule
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.worksheet.datavalidation import DataValidation
from PIL import Image as Picture

from geocover.errors import SiteListError
from geocover.site_lists.checked import CheckedList, CheckedTable
from geocover.site_lists.columns.columns import Columns, Meaning
from geocover.site_lists.columns.mapping import ColumnMapping
from geocover.site_lists.findings import Findings, catalogue
from geocover.site_lists.own import NOTES_HEAD, STATUS_HEAD
from geocover.site_lists.sheets import Book, Header, Kind, Sheet, Table
from geocover.site_lists.workbook import write_report
from geocover.site_lists.workbook.cells import RowMarks, SheetEditor, column_letters, column_number
from geocover.site_lists.workbook.package import Package, UneditableError, xml_text
from geocover.site_lists.workbook.plain import sheet_names
from geocover.site_lists.workbook.styles import COLOURS, Styles

MOMENT = dt.datetime(2025, 8, 15, 6)  # noqa: DTZ001  Excel has no zones
HEADS = ("Mã trạm", "Kinh độ", "Vĩ độ", "Cao")
ROWS = [["PTO1", 105.4, 21.3, 42], ["PTO2", 105.5, None, 42], ["=PTO3", 105.6, 21.4, None]]
ERROR = "row-without-cells"
WARNING = next(
    code for code, text in catalogue().items() if text.severity == "warning" and "{" not in text.vi
)


def sheets_of(path: Path) -> tuple[Sheet, ...]:
    book = python_calamine.load_workbook(path)
    found = []
    for name in book.sheet_names:
        rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
        found.append(Sheet(name, [[cell if cell != "" else None for cell in row] for row in rows]))
    return tuple(found)


def checked_list(
    path: Path, sheet: str = "Trạm", kind: Kind = "xlsx", sheets: tuple[Sheet, ...] = ()
) -> CheckedList:
    """The list of a file whose table has its head in row 3: row 5 refused, row 6 to be looked at."""
    headers = tuple(Header(at, column_letters(at + 1), head) for at, head in enumerate(HEADS))
    values = tuple(np.array(column, dtype=object) for column in zip(*ROWS, strict=True))
    table = Table(sheet, headers, np.array([4, 5, 6]), values)
    findings = Findings()
    findings.add_rows(ERROR, table, [1], headers[2])
    findings.add_rows(WARNING, table, [2], headers[3])
    columns = Columns(tuple(Meaning(header, "note", 1.0, "head") for header in headers))
    rows = pd.DataFrame({"note": ["", "", ""]})
    positions = pd.DataFrame({"lon": [105.4, np.nan, 105.6], "lat": [21.3, np.nan, 21.4], "crs": ""})
    part = CheckedTable(table, columns, rows, positions, np.array([True, False, True]))
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    book = Book(path.name, kind, digest, sheets or sheets_of(path))
    cells = pd.DataFrame({"position_id": ["a", "b"], "station_id": ["a", "b"], "cell_id": ["a", "b"]})
    return CheckedList(book, (part,), cells, findings, ColumnMapping())


def rich_workbook(path: Path) -> None:
    """A list with all that openpyxl can put into one."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Trạm"
    sheet["A1"] = "DANH SÁCH TRẠM"
    sheet.merge_cells("A1:D1")
    sheet.append([])
    sheet.append(list(HEADS))
    for row in ROWS:
        sheet.append(row)
    sheet["A6"] = '=CONCATENATE("P","TO3")'
    sheet["C5"].font = Font(bold=True, color="FF0000FF")
    sheet["C5"].number_format = "0.000000"
    sheet["C5"].border = Border(top=Side(style="thick"))
    sheet["D6"].alignment = Alignment(horizontal="right")
    sheet["A4"].comment = Comment("ghi chú của nhà mạng", "P")
    sheet.column_dimensions["A"].width = 33
    sheet.auto_filter.ref = "A3:D6"
    sheet.freeze_panes = "A4"
    rule = DataValidation(type="list", formula1='"2G,3G"')
    rule.add("E4:E9")
    sheet.add_data_validation(rule)
    sheet.conditional_formatting.add(
        "B4:B6", CellIsRule("greaterThan", ["105"], fill=PatternFill(bgColor="FFFF0000"))
    )
    other = book.create_sheet("Biểu đồ")
    for number in range(5):
        other.append([number, number**2])
    chart = BarChart()
    chart.add_data(Reference(other, min_col=2, min_row=1, max_row=5))
    other.add_chart(chart, "D2")
    picture = io.BytesIO()
    Picture.new("RGB", (8, 8), "red").save(picture, "PNG")
    other.add_image(Image(picture), "D20")
    book.create_sheet("Ẩn").sheet_state = "hidden"
    book.save(path)


def parts_of(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as package:
        return {name: package.read(name) for name in package.namelist()}


def pack(parts: dict[str, bytes], path: Path) -> None:
    with zipfile.ZipFile(path, "w") as out:
        for name, content in parts.items():
            out.writestr(name, content)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "list.xlsx"
    rich_workbook(path)
    return path


@pytest.fixture
def report(source: Path, tmp_path: Path) -> Path:
    path = tmp_path / "report.xlsx"
    write_report(checked_list(source), source, path)
    return path


def test_status_and_findings_stand_beside_each_row(report: Path) -> None:
    """Catches a status in the wrong row, a lost finding, and results written over the partner's columns."""
    sheet = openpyxl.load_workbook(report)["Trạm"]
    assert [sheet.cell(3, column).value for column in (5, 6)] == [STATUS_HEAD, NOTES_HEAD]
    statuses = [str(sheet.cell(row, 5).value).split(" /")[0] for row in (4, 5, 6)]
    assert statuses == ["Nhận", "Không nhận", "Nhận, cần xem lại"]
    assert sheet.cell(4, 6).value is None
    assert sheet.cell(5, 6).value == f"{catalogue()[ERROR].vi} / {catalogue()[ERROR].en}"
    assert catalogue()[WARNING].vi in sheet.cell(6, 6).value
    assert [sheet.cell(1, column).value for column in (1, 5)] == ["DANH SÁCH TRẠM", None]


def test_cells_are_coloured_and_keep_their_own_format(report: Path) -> None:
    """Catches a colour that drops number format, font or border, and the colour of an empty cell lost."""
    sheet = openpyxl.load_workbook(report)["Trạm"]
    refused, looked_at = sheet["C5"], sheet["D6"]
    assert refused.fill.fgColor.rgb == COLOURS["error"]
    assert (refused.number_format, refused.font.bold, refused.border.top.style) == ("0.000000", True, "thick")
    assert refused.font.color.rgb == "FF0000FF"
    assert looked_at.fill.fgColor.rgb == COLOURS["warning"]
    assert looked_at.alignment.horizontal == "right"
    assert sheet["B5"].fill.patternType is None


def test_everything_else_is_the_same_bytes(source: Path, report: Path) -> None:
    """Catches charts, images, other sheets or comments lost or written anew."""
    before, after = parts_of(source), parts_of(report)
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {
        "[Content_Types].xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/styles.xml",
        "xl/worksheets/sheet1.xml",
    }  # fmt: skip
    assert any("chart" in name for name in before)
    assert any("media" in name for name in before)
    own = re.sub(rb"<sheetData>.*</sheetData>|<dimension[^>]*>", b"", before["xl/worksheets/sheet1.xml"])
    assert own == re.sub(
        rb"<sheetData>.*</sheetData>|<dimension[^>]*>", b"", after["xl/worksheets/sheet1.xml"]
    )


def test_formulas_and_values_of_the_partner_stay(report: Path) -> None:
    """Catches a formula replaced by its value, or a cell moved."""
    sheet = openpyxl.load_workbook(report)["Trạm"]
    assert sheet["A6"].value == '=CONCATENATE("P","TO3")'
    assert [sheet.cell(4, column).value for column in range(1, 5)] == ROWS[0]


def test_report_sheet_tells_all(report: Path) -> None:
    """Catches a report without counts, columns or findings, and one whose sheet hides the list."""
    book = openpyxl.load_workbook(report)
    assert book.sheetnames == ["Trạm", "Biểu đồ", "Ẩn", "Báo cáo"]
    values = [
        [cell for cell in row if cell is not None] for row in book["Báo cáo"].iter_rows(values_only=True)
    ]
    assert ["Dòng đã đọc / Rows read", 3] in values
    assert ["Không nhận / Rejected", 1] in values
    assert ["Trạm", "C", "Vĩ độ", "Ghi chú / Note", "100 %", "tiêu đề / its head"] in values
    assert any(row[:4] == ["Lỗi / Error", ERROR, "Trạm", 5] for row in values)
    assert not any("không giữ định dạng" in str(row) for row in values)


def test_a_second_round_replaces_the_first(report: Path, tmp_path: Path) -> None:
    """Catches columns and sheets that pile up when a partner sends the report back."""
    again = tmp_path / "again.xlsx"
    write_report(checked_list(report), report, again)
    book = openpyxl.load_workbook(again)
    assert book.sheetnames == ["Trạm", "Biểu đồ", "Ẩn", "Báo cáo"]
    assert book["Trạm"].max_column == 6
    assert str(book["Trạm"].cell(5, 5).value).startswith("Không nhận")


def test_same_list_gives_the_same_bytes(source: Path, report: Path, tmp_path: Path) -> None:
    """Catches a time or a random name in the report."""
    write_report(checked_list(source), source, tmp_path / "again.xlsx")
    assert (tmp_path / "again.xlsx").read_bytes() == report.read_bytes()


def test_a_partners_own_sheet_of_that_name_stays(tmp_path: Path) -> None:
    """Catches the partner's own sheet "Báo cáo" overwritten."""
    path = tmp_path / "list.xlsx"
    rich_workbook(path)
    book = openpyxl.load_workbook(path)
    book.create_sheet("báo cáo")["A1"] = "của nhà mạng"
    book.save(path)
    write_report(checked_list(path), path, tmp_path / "report.xlsx")
    after = openpyxl.load_workbook(tmp_path / "report.xlsx")
    assert after.sheetnames[-2:] == ["báo cáo", "Báo cáo (2)"]
    assert after["báo cáo"]["A1"].value == "của nhà mạng"


def prefixed(path: Path, target: Path) -> None:
    """The same workbook with `x:` before the names of its elements, as some portals write it."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    changed = parts_of(path)
    for name in changed:
        if name in ("xl/workbook.xml", "xl/styles.xml") or name.startswith("xl/worksheets/sheet"):
            text = changed[name].decode().replace(f'xmlns="{main}"', f'xmlns:x="{main}"')
            changed[name] = re.sub(r"<(/?)(?=[a-zA-Z])(?!x:)(?![a-z]+:)", r"<\1x:", text).encode()
    pack(changed, target)


def bare(path: Path, target: Path) -> None:
    """The same workbook without references of rows and cells, which a writer may leave out."""
    changed = parts_of(path)
    text = re.sub(rb'<row r="2"></row>|<row r="2"\s*/>', b"", changed["xl/worksheets/sheet1.xml"])
    text = text.replace(b'</row><row r="3"', b'</row><row/><row r="3"', 1)
    changed["xl/worksheets/sheet1.xml"] = re.sub(rb'<(row|c) r="[A-Z0-9]+"', rb"<\1", text)
    pack(changed, target)


@pytest.mark.parametrize("variant", [prefixed, bare])
def test_other_writers_workbooks_are_edited_too(source: Path, tmp_path: Path, variant: Any) -> None:
    """Catches an editor that follows one program's way of writing XLSX alone."""
    path, report = tmp_path / "variant.xlsx", tmp_path / "report.xlsx"
    variant(source, path)
    sheets = sheets_of(source)
    write_report(checked_list(path, sheets=sheets), path, report)
    sheet = openpyxl.load_workbook(report)["Trạm"]
    assert str(sheet.cell(5, 5).value).startswith("Không nhận")
    assert sheet["C5"].fill.fgColor.rgb == COLOURS["error"]
    assert sheet["C5"].number_format == "0.000000"
    report_rows = openpyxl.load_workbook(report)["Báo cáo"].iter_rows(values_only=True)
    assert not any("không giữ định dạng" in str(row) for row in report_rows)


def test_what_cannot_be_edited_becomes_a_plain_copy_and_says_so(source: Path, tmp_path: Path) -> None:
    """Catches a report that fails, or silently lost formats, where the parts are unusual."""
    path, report = tmp_path / "comments.xlsx", tmp_path / "report.xlsx"
    with zipfile.ZipFile(path, "w") as out:
        for name, content in parts_of(source).items():
            out.writestr(name, content.replace(b"<sheetData>", b'<sheetData><!-- <row r="1"/> -->'))
    write_report(checked_list(path, sheets=sheets_of(source)), path, report)
    book = openpyxl.load_workbook(report)
    assert str(book["Trạm"].cell(5, 5).value).startswith("Không nhận")
    assert any("không giữ định dạng" in str(row) for row in book["Báo cáo"].iter_rows(values_only=True))


def test_other_kinds_become_a_workbook_with_the_same_rows(tmp_path: Path) -> None:
    """Catches values of another type, rows at other numbers, and a formula made of a CSV's text."""
    path, report = tmp_path / "list.csv", tmp_path / "report.xlsx"
    path.write_text("any bytes; the book counts")
    rows: list[list[Any]] = [["DANH SÁCH"], [], list(HEADS), *[list(row) for row in ROWS]]
    rows[5][3] = dt.date(2025, 8, 15)
    rows[4] += [True, MOMENT, "x_x1\x01", 10**20, float("inf"), "a" * 40_000]
    write_report(checked_list(path, "", "csv", (Sheet("", rows),)), path, report)
    sheet = openpyxl.load_workbook(report)["Danh sách"]
    assert [cell.value for cell in sheet[4]][:4] == ROWS[0]
    assert sheet["A6"].value == "'=PTO3"
    assert sheet["A6"].data_type == "s"
    assert sheet["D6"].value == MOMENT.replace(hour=0)
    assert [cell.value for cell in sheet[5]][4:9] == [
        True,
        MOMENT,
        "x_x1",
        str(10**20),
        "inf",
    ]
    assert str(sheet.cell(5, 11).value).startswith("Không nhận")


def test_names_of_sheets_that_excel_refuses() -> None:
    """Catches a report that Excel calls damaged: names too long, forbidden or equal but for case."""
    sheets = tuple(Sheet(name, []) for name in ("a/b", "A_B", "", "x" * 40, "X" * 40))
    names = list(sheet_names(Book("b", "gpkg", "", sheets)).values())
    assert names == ["a_b", "A_B (2)", "Danh sách", "x" * 31, "X" * 27 + " (2)"]


def test_a_changed_source_is_refused(source: Path, tmp_path: Path) -> None:
    """Catches findings put into another file than the one that was checked."""
    checked = checked_list(source)
    source.write_bytes(source.read_bytes() + b" ")
    with pytest.raises(SiteListError, match="changed since it was checked"):
        write_report(checked, source, tmp_path / "report.xlsx")


def test_the_source_is_never_replaced(source: Path) -> None:
    """Catches the partner's file overwritten."""
    before = source.read_bytes()
    with pytest.raises(SiteListError, match="would replace the list"):
        write_report(checked_list(source), source, source)
    assert source.read_bytes() == before


def test_macros_need_their_suffix_and_are_kept(source: Path, tmp_path: Path) -> None:
    """Catches a report that Excel refuses to open, or whose macros are gone."""
    path = tmp_path / "list.xlsm"
    with zipfile.ZipFile(path, "w") as out:
        for name, content in parts_of(source).items():
            out.writestr(
                name, content.replace(b"spreadsheetml.sheet.main", b"ms-excel.sheet.macroEnabled.main")
            )
        out.writestr("xl/vbaProject.bin", b"macro")
    checked = checked_list(path)
    with pytest.raises(SiteListError, match=r"must be named \.xlsm"):
        write_report(checked, path, tmp_path / "report.xlsx")
    write_report(checked, path, tmp_path / "report.xlsm")
    assert parts_of(tmp_path / "report.xlsm")["xl/vbaProject.bin"] == b"macro"
    with pytest.raises(SiteListError, match=r"must be named \.xlsx"):
        write_report(checked, path, tmp_path / "report.csv")


def test_columns_have_letters() -> None:
    """Catches the step from Z to AA and from ZZ to AAA."""
    assert [column_letters(number) for number in (1, 26, 27, 702, 703)] == ["A", "Z", "AA", "ZZ", "AAA"]
    assert all(column_number(column_letters(number)) == number for number in range(1, 1000))


def test_rows_out_of_order_are_not_edited(source: Path) -> None:
    """Catches marks put into a wrong row of a file whose rows are not in order."""
    styles = Styles.parsed(parts_of(source)["xl/styles.xml"])
    part = b'<worksheet><sheetData><row r="5"/><row r="4"/></sheetData></worksheet>'
    with pytest.raises(UneditableError):
        SheetEditor(part, styles).edited({4: RowMarks(texts={1: ("x", "")})})


def test_package_without_workbook_is_not_edited(tmp_path: Path) -> None:
    """Catches a KeyError where a file is a zip of something else."""
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as out:
        out.writestr("a", "b")
    with zipfile.ZipFile(path) as package, pytest.raises(UneditableError):
        Package.opened(package)


def test_text_that_looks_like_an_escape_stays_text() -> None:
    """Catches "_x0041_" in a name that Excel would show as "A", and what XML cannot hold."""
    assert xml_text("a_x0041_<&\x02") == "a_x005F_x0041_&lt;&amp;"
