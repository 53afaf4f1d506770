"""A workbook for partners to fill: heads that need no guess, drop-downs, limits, a guide in two languages.

The guide and its example stand on a sheet of ours, long lists of choices on a hidden one; the importer leaves
both out, so nothing has to be deleted before the list is sent. The columns are data: ``template.toml``.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from geocover.boundaries.index import shipped_index
from geocover.errors import SiteListError
from geocover.io.atomic import atomic_path
from geocover.io.workbooks import fix_times
from geocover.names import fold
from geocover.site_lists.own import TEMPLATE_MARK
from geocover.site_lists.places.reference import Reference
from geocover.site_lists.places.zones import ZONES, possible_zones
from geocover.site_lists.values.dates import EARLIEST, LATEST

if TYPE_CHECKING:
    from collections.abc import Sequence

    from openpyxl import Workbook
    from openpyxl.worksheet.datavalidation import DataValidation
    from openpyxl.worksheet.worksheet import Worksheet

    from geocover.site_lists.places.zones import Zone

COLUMNS = Path(__file__).with_name("template.toml")
LIST_SHEET = "Danh sách trạm"
GUIDE_SHEET = "Hướng dẫn"
CHOICES_SHEET = "Danh mục"
DEGREES = "WGS 84"
ROWS = 5_000  # rows below the head that have drop-downs
_LONGEST = 250  # characters of a list within a rule; Excel takes 255
_HEAD_FILL, _NEEDED_FILL = "FFD9E1F2", "FFFCE4D6"
_WRITTEN = dt.date(2025, 1, 1)  # the same template every time


@dataclass(frozen=True)
class TemplateColumn:
    """One column of the template.

    Attributes
    ----------
    head
        Its head, which the importer knows.
    field
        What the importer reads it as.
    vi, en
        What belongs there.
    needed
        Whether every row must have it.
    example
        What stands in the example.
    choices
        What its drop-down offers; empty where anything may be typed.
    limits
        Least and greatest number; empty where it is no number.
    """

    head: str
    field: str
    vi: str
    en: str
    needed: bool = False
    example: str | float | dt.date = ""
    choices: Sequence[str] = ()
    limits: Sequence[float] = ()


@lru_cache(maxsize=1)
def template_columns() -> tuple[TemplateColumn, ...]:
    """Columns of the template, in order."""
    told = tomllib.loads(COLUMNS.read_text(encoding="utf-8"))
    return tuple(TemplateColumn(**column) for column in told["column"])


def write_template(path: str | Path, *, operator: str | None = None, province: str | None = None) -> None:
    """Write the template; with an operator its drop-down offers that one alone.

    With a province (its code) the columns of communes and of zones offer those of the province; otherwise any
    commune may be written, and all zones of Vietnam are offered. The same arguments give the same bytes.

    Raises
    ------
    SiteListError
        The suffix is not ``.xlsx``, the operator's name does not fit a drop-down, or openpyxl is missing.
    AreasError
        No list of communes ships for the province.
    """
    path = Path(path)
    if path.suffix.lower() != ".xlsx":
        raise SiteListError(f"{path}: a template must be named .xlsx", f"{path}: tệp mẫu phải có đuôi .xlsx")
    if operator is not None and (set(operator) & set(',"') or not 0 < len(operator) < _LONGEST):
        raise SiteListError(
            f"operator {operator!r}: a name for a drop-down has neither commas nor quotes, and is no longer "
            f"than {_LONGEST} characters",
            f"nhà mạng “{operator}”: tên trong danh sách chọn không được có dấu phẩy, dấu nháy và không dài "
            f"quá {_LONGEST} ký tự",
        )
    choices = _choices(operator, province)
    book = _workbook()
    _fill_guide(book.create_sheet(GUIDE_SHEET))
    _fill_list(book.active, _offered(book.create_sheet(CHOICES_SHEET), choices))
    with atomic_path(path) as temporary:
        book.save(temporary)
        fix_times(temporary, _WRITTEN)


def _choices(operator: str | None, province: str | None) -> dict[str, tuple[str, ...]]:
    """What the drop-down of each field offers; fields without one are not there."""
    found = {column.field: tuple(column.choices) for column in template_columns() if column.choices}
    zones: tuple[Zone, ...] = ZONES
    if operator:
        found["operator"] = (operator,)
    if province:
        areas = shipped_index(province)
        zones = possible_zones(Reference.of(areas).window)
        named = zip(areas.table["type"], areas.table["name"], strict=True)
        communes = {f"{kind} {name}": (fold(name), fold(kind)) for kind, name in named}
        found["commune"] = tuple(sorted(communes, key=lambda name: communes[name]))
    return {**found, "zone": (DEGREES, *(zone.name for zone in zones))}


def _offered(sheet: Worksheet, choices: dict[str, tuple[str, ...]]) -> dict[str, str]:
    """Formula of each field's drop-down: the choices themselves, or where they stand on the hidden sheet."""
    from openpyxl.utils import get_column_letter

    sheet.sheet_state = "hidden"
    sheet["A1"] = f"{TEMPLATE_MARK}: danh mục / choices"
    formulas = {}
    for field, offered in choices.items():
        written = ",".join(offered)
        if len(written) <= _LONGEST:
            formulas[field] = f'"{written}"'
            continue
        letter = get_column_letter(sheet.max_column + (sheet.max_row > 1))
        for row, choice in enumerate((field, *offered), start=2):
            sheet[f"{letter}{row}"] = choice
        formulas[field] = f"'{CHOICES_SHEET}'!${letter}$3:${letter}${len(offered) + 2}"
    return formulas


def _workbook() -> Workbook:
    try:
        from openpyxl import Workbook
    except ImportError as error:
        raise SiteListError(
            "templates need openpyxl; install geocover[spreadsheets]",
            "tạo tệp mẫu cần openpyxl; hãy cài geocover[spreadsheets]",
        ) from error
    return Workbook()


def _fill_list(sheet: Worksheet, offered: dict[str, str]) -> None:
    from openpyxl.comments import Comment
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter

    sheet.title = LIST_SHEET
    sheet.freeze_panes = "A2"
    for number, column in enumerate(template_columns(), start=1):
        letter = get_column_letter(number)
        cell = sheet.cell(1, number, column.head)
        cell.font = Font(bold=True)
        cell.alignment = Alignment(wrap_text=True, vertical="center")
        cell.fill = PatternFill("solid", fgColor=_NEEDED_FILL if column.needed else _HEAD_FILL)
        cell.comment = Comment(f"{column.vi}\n{column.en}", "geocover", height=110, width=280)
        sheet.column_dimensions[letter].width = max(12, len(column.head) + 4)
        _restrict(sheet, f"{letter}2:{letter}{ROWS + 1}", column, offered.get(column.field, ""))
        if isinstance(column.example, dt.date):
            sheet.column_dimensions[letter].number_format = "dd/mm/yyyy"


def _restrict(sheet: Worksheet, cells: str, column: TemplateColumn, offered: str) -> None:
    """Add the drop-down or the limits of a column; what does not fit is warned of, not refused."""
    rule = _rule(column, offered)
    if rule is None:
        return
    rule.errorStyle = "warning"
    rule.errorTitle, rule.error = column.head, f"{column.vi} {column.en}"
    rule.promptTitle, rule.prompt = column.head, f"{column.vi} {column.en}"
    rule.showErrorMessage = rule.showInputMessage = True
    rule.add(cells)
    sheet.add_data_validation(rule)


def _rule(column: TemplateColumn, offered: str) -> DataValidation | None:
    """What may stand in a column; None where anything may."""
    from openpyxl.utils.datetime import to_excel
    from openpyxl.worksheet.datavalidation import DataValidation

    if offered:
        return DataValidation(type="list", formula1=offered, allow_blank=True)
    if isinstance(column.example, dt.date):
        first, last = (int(to_excel(day)) for day in (EARLIEST, LATEST))
        return DataValidation("date", first, last, operator="between", allow_blank=True)
    if column.limits:
        return DataValidation("decimal", *column.limits, operator="between", allow_blank=True)
    return None


def _fill_guide(sheet: Worksheet) -> None:
    from openpyxl.styles import Alignment, Font

    lines = (
        f"{TEMPLATE_MARK}: hướng dẫn điền / how to fill the site list",
        "Mỗi dòng là một cell (hoặc một trạm nếu không có số liệu từng cell). Cột màu cam là bắt buộc.",
        "One row a cell (or a station, where cells are not known). Orange columns are needed.",
        "Không cần xoá trang này. Kiểm tra trước khi gửi: geocover sites check TỆP.xlsx",
        "This sheet may stay. Check before sending: geocover sites check FILE.xlsx",
    )
    for line in lines:
        sheet.append([line])
    sheet.append([])
    sheet.append(["Cột / Column", "Bắt buộc / Needed", "Ví dụ / Example", "Nội dung", "Meaning"])
    for cell in (sheet["A1"], *sheet[sheet.max_row]):
        cell.font = Font(bold=True)
    for column in template_columns():
        needed = "có / yes" if column.needed else ""
        sheet.append([column.head, needed, column.example, column.vi, column.en])
        sheet.cell(sheet.max_row, 3).alignment = Alignment(horizontal="left")
        if isinstance(column.example, dt.date):
            sheet.cell(sheet.max_row, 3).number_format = "dd/mm/yyyy"
    for letter, width in zip("ABCDE", (22, 20, 18, 64, 64), strict=True):
        sheet.column_dimensions[letter].width = width
