"""The tables of an export as a workbook for Excel: Vietnamese heads, a first sheet that says what it is.

No text runs as a formula, and equal tables give equal bytes: the time of writing is the reporting date.
"""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from geocover.exports.catalogue import LICENCE_EN, LICENCE_VI, audience_words
from geocover.exports.errors import ExportError
from geocover.io.csv_tables import harmless
from geocover.io.workbooks import fix_times
from geocover.report.view import metadata

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from openpyxl import Workbook
    from openpyxl.worksheet._write_only import WriteOnlyWorksheet

    from geocover.report.audience import Audience
    from geocover.store import Snapshot

COLUMNS = Path(__file__).with_name("columns.toml")
ABOUT = "Nguồn - About"  # Excel allows no stroke in a name
LEFT_OUT = frozenset({"geometry", "digest"})  # the digest stands on the first sheet
DATES = frozenset({"as_of", "on_air", "valid_from"})
SHARE = re.compile(r"(?:^|_)(?:share|rests_on)(?:_|$)")
NARROW, WIDE, MARGIN, SEEN_ROWS = 10, 48, 2, 200
LONGEST = 32_000  # Excel's limit is 32,767 characters a cell
HEAD_FILL = "FFD9E1F2"
FORMATS = {"date": "dd/mm/yyyy", "share": "0.0%", "number": "#,##0.00"}
ILLEGAL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


@lru_cache(maxsize=1)
def wording() -> dict[str, dict[str, list[str]]]:
    """Names of sheets and heads of columns in Vietnamese and English, by their names in the other files."""
    return tomllib.loads(COLUMNS.read_text(encoding="utf-8"))


def head_of(column: str) -> tuple[str, str]:
    """Vietnamese head of a column, and what it is in English; one technology's has its name behind."""
    known = wording()["columns"]
    if column in known:
        vi, en = known[column]
        return vi, en
    parted = re.fullmatch(r"(.+)_(\dg)(_dbm)?", column)
    if parted is None or parted[1] + (parted[3] or "") not in known:
        return column, column
    vi, en = known[parted[1] + (parted[3] or "")]
    return f"{vi} {parted[2].upper()}", f"{en}, {parted[2].upper()}"


def write_workbook(
    tables: Mapping[str, pd.DataFrame], path: Path, seen: Snapshot, audience: Audience
) -> None:
    """Write a sheet a table behind the sheet about all.

    Parameters
    ----------
    tables
        By the names in ``columns.toml``; geometry is left out.
    path
        Where to write, ``.xlsx``.
    seen, audience
        The snapshot as its reader may see it, and who that is.

    Raises
    ------
    ExportError
        openpyxl is missing.
    """
    book = _workbook()
    _fill_about(book.create_sheet(ABOUT), tables, seen, audience)
    for name, table in tables.items():
        shown = pd.DataFrame(table[[one for one in table.columns if one not in LEFT_OUT]])
        _fill(book.create_sheet(wording()["sheets"][name][0]), shown)
    book.save(path)
    fix_times(path, dt.date.fromisoformat(seen.as_of))


def _workbook() -> Workbook:
    try:
        from openpyxl import Workbook
    except ImportError as error:
        raise ExportError(
            "workbooks need openpyxl; install geocover[spreadsheets]",
            "ghi tệp Excel cần openpyxl; hãy cài geocover[spreadsheets]",
        ) from error
    return Workbook(write_only=True)


def safe(value: object) -> Any:  # noqa: ANN401  whatever a cell may hold
    """A value as a cell takes it: no formula, nothing that XML forbids, None where nothing is known."""
    if value is None or value is pd.NA or value is pd.NaT or value != value:  # noqa: PLR0124  NaN
        return None
    if isinstance(value, str):
        return harmless(ILLEGAL.sub("", value)[:LONGEST])
    return value


def _fill(sheet: WriteOnlyWorksheet, table: pd.DataFrame) -> None:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.utils import get_column_letter

    values = [_column(name, table[name]) for name in table.columns]
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(values))}{len(table) + 1}"
    heads = [head_of(str(name))[0] for name in table.columns]
    for number, (head, column) in enumerate(zip(heads, values, strict=True), start=1):
        sheet.column_dimensions[get_column_letter(number)].width = _width(head, column)
    sheet.append(list(_styled(sheet, heads)))
    formats = [_format(str(name), table[name]) for name in table.columns]
    for row in zip(*values, strict=True):
        cells: list[object] = list(row)
        for number, form in enumerate(formats):
            if form and cells[number] is not None:
                cell = WriteOnlyCell(sheet, cells[number])
                cell.number_format = form
                cells[number] = cell
        sheet.append(cells)


def _column(name: str, column: pd.Series) -> list[Any]:
    """Values of a column as cells take them."""
    plain = column.astype(object).tolist()
    return [_day(value) for value in plain] if name in DATES else [safe(value) for value in plain]


def _day(value: object) -> Any:  # noqa: ANN401
    """A day as Excel knows days; what is none stays as it is."""
    try:
        return pd.Timestamp(value).date() if safe(value) is not None else None  # type: ignore[arg-type]
    except ValueError:
        return safe(value)


def _format(name: str, column: pd.Series) -> str:
    """Number format of a column; empty for Excel's own."""
    if name in DATES:
        return FORMATS["date"]
    if not pd.api.types.is_float_dtype(column) or name.endswith(("lon", "lat")):
        return ""
    return FORMATS["share" if SHARE.search(name) else "number"]


def _width(head: str, column: Sequence[object]) -> int:
    longest = max((len(str(one)) for one in column[:SEEN_ROWS] if isinstance(one, str)), default=0)
    return min(max(NARROW, longest + MARGIN, len(head) + MARGIN), WIDE)


def _styled(sheet: WriteOnlyWorksheet, texts: Sequence[str]) -> Iterator[Any]:
    """Cells of a row of heads."""
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Alignment, Font, PatternFill

    for text in texts:
        cell = WriteOnlyCell(sheet, text)
        cell.font, cell.fill = Font(bold=True), PatternFill("solid", fgColor=HEAD_FILL)
        cell.alignment = Alignment(wrap_text=True, vertical="center")
        yield cell


def _fill_about(
    sheet: WriteOnlyWorksheet, tables: Mapping[str, pd.DataFrame], seen: Snapshot, audience: Audience
) -> None:
    """Say of when, of what and for whom the workbook is, by which definitions, and what its columns mean."""
    for letter, width in zip("ABCDE", (34, 52, 52, 16, 60), strict=True):
        sheet.column_dimensions[letter].width = width
    for block in (_facts(seen, audience), _profiles(seen), _glossary(tables)):
        head, *rows = block
        sheet.append(list(_styled(sheet, head)))
        for row in rows:
            sheet.append([safe(value) for value in row])
        sheet.append([])


def _facts(seen: Snapshot, audience: Audience) -> list[Sequence[Any]]:
    about, (for_vi, for_en) = metadata(seen), audience_words(audience)
    models = ", ".join(f"{key}: {one['title']}" for key, one in about["models"].items())
    return [
        ("Nguồn / About", "Tiếng Việt", "English"),
        ("Tỉnh / Province", f"{about['name']} ({about['province_code']})", ""),
        ("Ngày số liệu / Reporting date", f"{dt.date.fromisoformat(seen.as_of):%d/%m/%Y}", seen.as_of),
        ("Bản kết quả / Snapshot", seen.id, seen.digest),
        ("Lưu ý / Note", about["notice_vi"] or "không có", about["notice_en"] or "none"),
        ("Dành cho / For", for_vi, for_en),
        ("Ranh giới / Boundaries", about["sources"]["areas"], ""),
        ("Danh sách trạm / Site list", about["sources"]["network"], ""),
        ("Mô hình truyền sóng / Models", models, ""),
        ("Có dùng địa hình / Terrain used", *(("có", "yes") if about["terrain_used"] else ("không", "no"))),
        ("Dân số / Population", about["population_method_vi"], about["population_method"]),
        ("Giấy phép / Licence", LICENCE_VI, LICENCE_EN),
        ("Chương trình / Program", f"geocover {about['geocover']}", ""),
    ]


def _profiles(seen: Snapshot) -> list[Sequence[Any]]:
    rows = [
        (name, one["title_vi"], one["title_en"], one["required_dbm"], one["source"])
        for name, one in sorted(seen.profiles.items())
    ]
    return [
        ("Chuẩn phủ sóng / Definitions", "Tiếng Việt", "English", "Mức cần (dBm)", "Nguồn / Source"),
        *rows,
    ]


def _glossary(tables: Mapping[str, pd.DataFrame]) -> list[Sequence[Any]]:
    """What the columns are called here, in English and in the other files."""
    names = [one for table in tables.values() for one in table.columns if one not in LEFT_OUT]
    rows = [(*head_of(name), name) for name in dict.fromkeys(names)]
    return [("Cột / Columns", "English", "Tên trong các tệp khác / Name in the other files"), *rows]
