"""Danh sách trạm: kiểm tra, báo cáo, tệp mẫu. Site lists: check, report, template."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from geocover.errors import InputError

if TYPE_CHECKING:
    from geocover.site_lists.checked import CheckedList, CheckedTable
    from geocover.site_lists.findings import Finding
    from geocover.site_lists.places.reference import Reference

app = typer.Typer(
    rich_markup_mode=None,
    help="Danh sách trạm của nhà mạng: kiểm tra, báo cáo, tệp mẫu.\n\n"
    "Operators' site lists: check, report, template.",
    no_args_is_help=True,
)

File = Annotated[
    Path,
    typer.Argument(help="XLSX, XLS, XLSB, ODS, CSV, TSV, GeoJSON, GPKG, KML, KMZ. The list to check."),
]
Boundaries = Annotated[
    Path | None, typer.Option(help="Tệp ranh giới xã để đối chiếu. Commune boundaries to check against.")
]
Province = Annotated[
    str | None,
    typer.Option(help="Mã tỉnh, dùng ranh giới kèm theo. Province code, against the shipped boundaries."),
]
Operator = Annotated[
    str | None, typer.Option(help="Nhà mạng, nếu danh sách không ghi. Operator where the list has none.")
]
Technology = Annotated[
    str | None, typer.Option(help="Công nghệ, nếu danh sách không ghi. Technology where the list has none.")
]
Crs = Annotated[
    str | None, typer.Option(help="Hệ toạ độ của X, Y, ví dụ EPSG:9208. CRS of coordinates in metres.")
]
MappingFile = Annotated[
    Path | None, typer.Option("--mapping", help="Tệp JSON ghép cột. Mapping of columns to use.")
]
SaveMapping = Annotated[
    Path | None, typer.Option(help="Ghi cách hiểu cột để sửa và dùng lại. Write the mapping as understood.")
]
AsOf = Annotated[
    str | None, typer.Option(help="Ngày báo cáo YYYY-MM-DD; ngày sau đó bị cảnh báo. Reporting date.")
]
ReportFile = Annotated[
    Path | None,
    typer.Option("--report", help="Tệp XLSX trả lại có cột kết quả. Your workbook back, with findings."),
]
Out = Annotated[
    Path | None, typer.Option(help="Tệp CSV chuẩn của các dòng được nhận. Canonical CSV of accepted rows.")
]
AsJson = Annotated[
    bool, typer.Option("--json", help="In báo cáo dạng JSON. Print the report as JSON.", show_default=False)
]

SEVERITIES = {
    "error": ("LỖI/ERROR", "red"),
    "warning": ("CẢNH BÁO/WARNING", "yellow"),
    "fixed": ("ĐÃ SỬA/FIXED", "green"),
}
EXAMPLES = 3


@app.command()
def check(
    file: File,
    *,
    boundaries: Boundaries = None,
    province: Province = None,
    operator: Operator = None,
    technology: Technology = None,
    crs: Crs = None,
    mapping_file: MappingFile = None,
    save_mapping: SaveMapping = None,
    as_of: AsOf = None,
    report_file: ReportFile = None,
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """Kiểm tra một danh sách trạm. Mã thoát: 0 nhận cả, 1 có dòng không nhận, 2 không đọc được.

    Check a site list. Exit code: 0 all rows accepted, 1 some not, 2 the file cannot be read.
    """
    from geocover.site_lists.checking import check_list
    from geocover.site_lists.columns.mapping import read_mapping, write_mapping

    _refuse_overwriting(file, [save_mapping, report_file, out])
    checked = check_list(
        file,
        reference=_reference(boundaries, province),
        mapping=read_mapping(mapping_file) if mapping_file else None,
        operator=operator,
        technology=technology,
        crs=crs,
        as_of=_day(as_of),
    )
    if as_json:
        from geocover.site_lists.answer import answer_json

        typer.echo(answer_json(checked), nl=False)
    else:
        _print(checked, against=boundaries or province)
    if save_mapping:
        write_mapping(checked.mapping, save_mapping)
    _write(checked, file, report_file, out, quiet=as_json)
    raise typer.Exit(0 if checked.complete else 1)


@app.command()
def template(
    out: Annotated[Path, typer.Argument(help="Tệp XLSX mẫu. The template to write.")],
    operator: Annotated[str | None, typer.Option(help="Chỉ một nhà mạng. For one operator alone.")] = None,
    province: Annotated[
        str | None,
        typer.Option(
            help="Mã tỉnh: tên xã, múi chiếu để chọn. Province code: its communes and zones to choose."
        ),
    ] = None,
) -> None:
    """Ghi tệp mẫu để nhà mạng điền. Write a workbook for partners to fill."""
    from geocover.site_lists.templates import write_template

    write_template(out, operator=operator, province=province)
    typer.echo(f"Đã ghi {out}")


def _write(checked: CheckedList, file: Path, report: Path | None, out: Path | None, *, quiet: bool) -> None:
    from geocover.io.network import write_network
    from geocover.site_lists.workbook import write_report

    if report:
        write_report(checked, file, report)
    if out and not checked.cells.empty:
        write_network(checked.network(), out)
    for path in filter(None, [report, out if not checked.cells.empty else None]):
        typer.echo(f"Đã ghi {path}", err=quiet)


def _reference(boundaries: Path | None, province: str | None) -> Reference | None:
    from geocover.boundaries.index import shipped_index
    from geocover.io.areas import read_areas
    from geocover.site_lists.places.reference import Reference

    if boundaries:
        return Reference.of(read_areas(boundaries))
    return Reference.of(shipped_index(province)) if province else None


def _day(text: str | None) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text) if text else None
    except ValueError as error:
        raise InputError(
            f"--as-of: {text!r} is no date; write 2025-12-31",
            f"--as-of: “{text}” không phải ngày; hãy ghi dạng 2025-12-31",
        ) from error


def _refuse_overwriting(source: Path, targets: list[Path | None]) -> None:
    for target in targets:
        if target is not None and target.resolve() == source.resolve():
            raise InputError(
                f"{target}: the result would replace the list; choose another name",
                f"{target}: kết quả sẽ ghi đè danh sách; hãy chọn tên khác",
            )


def _print(checked: CheckedList, *, against: object) -> None:
    typer.secho(f"{checked.name} ({checked.book.kind}, sha256 {checked.digest[:12]}…)", bold=True)
    if against is None:
        typer.echo(
            "Không đối chiếu với xã nào; thêm --province 25 hoặc --boundaries TỆP.\n"
            "Not checked against communes; add --province or --boundaries."
        )
    for part in checked.tables:
        _print_table(part)
    _print_findings(checked.found)
    counts, totals = checked.counts, checked.totals
    typer.secho(
        f"\nĐọc {counts['read']} dòng: nhận {counts['accepted']}, không nhận {counts['rejected']}; "
        f"{totals['positions']} vị trí, {totals['stations']} trạm, {totals['cells']} cell.",
        bold=True,
    )
    typer.echo(
        f"{counts['read']} rows read: {counts['accepted']} accepted, {counts['rejected']} rejected; "
        f"{totals['positions']} positions, {totals['stations']} stations, {totals['cells']} cells."
    )


def _print_table(part: CheckedTable) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    title = f"{part.table.sheet or 'Bảng / Table'}: {len(part.table)} dòng / rows"
    shown = Table(title=escape(title), title_justify="left")
    for heading in ("Cột/Column", "Tiêu đề/Head", "Hiểu là/Read as", "Tin cậy/Sure", "Theo/By"):
        shown.add_column(heading)
    for meaning in part.columns.meanings:
        sure = f"{meaning.confidence:.0%}" if meaning.field else ""
        row = (meaning.header.letter, meaning.header.text, meaning.field or "–", sure, meaning.by)
        shown.add_row(*map(escape, row))
    Console(width=110).print(shown)


def _print_findings(found: tuple[Finding, ...]) -> None:
    """Print findings by code, the worst first, each with its first places."""
    by_code: dict[str, list[Finding]] = defaultdict(list)
    for finding in found:
        by_code[finding.code].append(finding)
    order = list(SEVERITIES)
    for code in sorted(by_code, key=lambda code: (order.index(by_code[code][0].severity), code)):
        group = by_code[code]
        title, colour = SEVERITIES[group[0].severity]
        typer.secho(f"\n{title} {code} ×{len(group)}", fg=colour, bold=True)
        for finding in group[:EXAMPLES]:
            typer.echo(f"  {_place(finding)}{finding.vi}\n  {' ' * len(_place(finding))}{finding.en}")
        if len(group) > EXAMPLES:
            typer.echo(f"  … +{len(group) - EXAMPLES}")


def _place(finding: Finding) -> str:
    parts = [finding.sheet or "", f"dòng {finding.row}" if finding.row else "", finding.letter or ""]
    told = " ".join(part for part in parts if part)
    return f"[{told}] " if told else ""
