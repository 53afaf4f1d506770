"""The partner's own workbook back, with a status and what was found beside every row, and a report sheet.

An XLSX keeps everything it holds (formats, charts, images, pivots, macros, other sheets): only the cells that
are coloured or added are edited, in the text of its parts. A signature no longer fits such a file. Any other
kind, or an XLSX whose parts this editor does not follow, becomes a plain XLSX with the same rows at the same
numbers, and its report sheet says so.
"""

from __future__ import annotations

import hashlib
import tempfile
import zipfile
from pathlib import Path
from typing import IO, TYPE_CHECKING
from xml.etree import ElementTree as ET
from xml.parsers.expat import ExpatError, ParserCreate

from geocover.errors import SiteListError
from geocover.io.atomic import atomic_path
from geocover.site_lists.own import is_own
from geocover.site_lists.workbook.cells import SheetEditor
from geocover.site_lists.workbook.marks import sheet_marks
from geocover.site_lists.workbook.package import Package, UneditableError
from geocover.site_lists.workbook.plain import sheet_names, write_plain
from geocover.site_lists.workbook.report import REPORT_SHEET, report_sheet
from geocover.site_lists.workbook.styles import Styles

if TYPE_CHECKING:
    from geocover.site_lists.checked import CheckedList

__all__ = ["write_report"]


def write_report(checked: CheckedList, source: str | Path, path: str | Path) -> None:
    """Write a checked list back as XLSX with a status column, a column of findings and a report sheet.

    Parameters
    ----------
    checked
        The list.
    source
        The file that was checked.
    path
        The file to write; ``.xlsx``, or ``.xlsm`` where the source holds macros.

    Raises
    ------
    SiteListError
        The source is not the file that was checked, the report would replace it, or the suffix is wrong.
    """
    source, path = Path(source), Path(path)
    content = source.read_bytes()
    _refuse_wrong_files(checked, content, source, path)
    with atomic_path(path) as temporary, tempfile.TemporaryFile() as plain:
        if checked.book.kind == "xlsx":
            try:
                with zipfile.ZipFile(source) as own:
                    _annotate(checked, own, temporary, path)
            except (UneditableError, ET.ParseError, ExpatError):
                pass
            else:
                return
        _annotate_plain(checked, plain, temporary, path)


def _annotate_plain(checked: CheckedList, plain: IO[bytes], temporary: Path, path: Path) -> None:
    write_plain(checked.book, plain)
    with zipfile.ZipFile(plain) as package:
        _annotate(checked, package, temporary, path, names=sheet_names(checked.book))


def _annotate(
    checked: CheckedList,
    source: zipfile.ZipFile,
    temporary: Path,
    path: Path,
    names: dict[str, str] | None = None,
) -> None:
    """Write a package with marks; `names` are those of its sheets where they are not the book's own."""
    package = Package.opened(source)
    if package.has_macros != (path.suffix.lower() == ".xlsm"):
        raise _wrong_suffix(path, ".xlsm" if package.has_macros else ".xlsx")
    parts = package.sheets()
    styles_part = next(iter(package.related(package.workbook, "styles").values()), "")
    styles = Styles.parsed(package.text(styles_part))
    for sheet, marks in sheet_marks(checked).items():
        part = parts.get(names[sheet] if names else sheet)
        if part is None:
            raise UneditableError(sheet)
        package.changed[part] = SheetEditor(package.text(part), styles).edited(marks)
        ParserCreate().Parse(package.changed[part], True)  # proves that it is still XML
    _put_report(checked, package, styles, plain=names is not None)
    package.changed[styles_part] = styles.written()
    package.write(temporary)


def _put_report(checked: CheckedList, package: Package, styles: Styles, *, plain: bool) -> None:
    """Replace an earlier report's sheet, or add one under a free name."""
    content = report_sheet(checked, styles, package.namespace, plain=plain)
    parts = package.sheets()
    earlier = [sheet.name for sheet in checked.book.sheets if is_own(sheet) and sheet.name in parts]
    earlier = [name for name in earlier if name.startswith(REPORT_SHEET)]
    if earlier:
        package.changed[parts[earlier[0]]] = content
        return
    name, number = REPORT_SHEET, 1
    while name.lower() in package.names():
        number += 1
        name = f"{REPORT_SHEET} ({number})"
    package.add_sheet(name, content)


def _refuse_wrong_files(checked: CheckedList, content: bytes, source: Path, path: Path) -> None:
    if hashlib.sha256(content).hexdigest() != checked.digest:
        raise SiteListError(
            f"{source}: the file has changed since it was checked; check it again",
            f"{source}: tệp đã thay đổi sau khi kiểm tra; hãy kiểm tra lại",
        )
    if source.resolve() == path.resolve():
        raise SiteListError(
            f"{path}: the report would replace the list; choose another name",
            f"{path}: báo cáo sẽ ghi đè danh sách gốc; hãy chọn tên khác",
        )
    if path.suffix.lower() not in (".xlsx", ".xlsm"):
        raise _wrong_suffix(path, ".xlsx")


def _wrong_suffix(path: Path, suffix: str) -> SiteListError:
    return SiteListError(
        f"{path}: this report must be named {suffix}",
        f"{path}: tệp báo cáo này phải có đuôi {suffix}",
    )
