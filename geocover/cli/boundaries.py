"""Ranh giới xã, phường: nhập, tải về, dựng sơ đồ. Boundaries: import, fetch, schematic."""

from __future__ import annotations

import json
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from geocover.errors import AreasError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from geocover.areas import Areas
    from geocover.boundaries.checks import BoundaryReport

app = typer.Typer(
    rich_markup_mode=None,
    help="Ranh giới xã, phường: nhập từ tệp, tải về, dựng sơ đồ.\n\n"
    "Commune boundaries: import a file, fetch the real ones, build schematic ones.",
    no_args_is_help=True,
)

Province = Annotated[str, typer.Option(help="Mã tỉnh hai chữ số. Two-digit province code.")]
Out = Annotated[
    Path | None,
    typer.Option(
        help="Tệp kết quả (.geojson, .gpkg, .parquet); mặc định đặt tên theo tệp gốc hoặc tỉnh. "
        "The file to write; by default in this folder, named after the input or the province."
    ),
]
AsJson = Annotated[
    bool, typer.Option("--json", help="In báo cáo dạng JSON. Print the report as JSON.", show_default=False)
]


@app.command("import")
def import_file(
    file: Annotated[
        Path, typer.Argument(help="GeoJSON, GPKG, Parquet, SHP, FlatGeobuf hoặc ZIP. The file to import.")
    ],
    *,
    out: Out = None,
    columns: Annotated[
        str, typer.Option(help="Ghép cột: code=MA_XA,name=TEN_XA. Our column = the file's header.")
    ] = "",
    province: Annotated[
        str | None,
        typer.Option(
            help="Mã tỉnh: chỉ giữ xã của tỉnh này, bổ sung dân số, trung tâm, diện tích còn thiếu. "
            "Keep this province only, and fill attributes from the shipped list."
        ),
    ] = None,
    layer: Annotated[str | None, typer.Option(help="Tên lớp trong tệp. Layer of the file.")] = None,
    crs: Annotated[
        str | None, typer.Option(help="Hệ toạ độ nếu tệp không ghi, ví dụ EPSG:9208. CRS if none is stated.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Nhập ranh giới từ tệp của đối tác: nhận cột, khôi phục mã, sửa đa giác, báo cáo lỗi.

    Import boundaries from a partner's file: guess columns, restore codes, repair polygons, report.
    """
    from geocover.boundaries.importer import import_areas
    from geocover.boundaries.index import shipped_indexes

    target = out or Path(f"{file.stem}.areas.geojson")
    _refuse_overwriting(file, target)
    areas, report = import_areas(
        file,
        columns=parse_columns(columns),
        province=province,
        layer=layer,
        crs=crs,
        index=shipped_indexes().get(province) if province else None,
    )
    _finish(areas, report, target, as_json=as_json)


@app.command()
def fetch(
    *,
    province: Province = "25",
    out: Out = None,
    base_url: Annotated[
        str | None,
        typer.Option(
            help="Địa chỉ gốc của bản sao nội bộ, mặc định raw.githubusercontent.com. Root of a mirror."
        ),
    ] = None,
    cache: Annotated[
        Path | None, typer.Option(help="Thư mục giữ các tệp đã tải. Folder of files already fetched.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Tải ranh giới thực từ kho dữ liệu mở (cần Internet hoặc bản sao nội bộ); chạy lại sẽ tiếp tục.

    Fetch the real boundaries from an open repository (internet or a mirror); a second run resumes.
    """
    from geocover.boundaries.fetch import BASE_URL, fetch_areas
    from geocover.boundaries.index import shipped_index
    from geocover.io.download import Connection

    index = shipped_index(province)
    with _progress_bar(len(index)) as advance:
        areas, report = fetch_areas(
            index, connection=Connection(base_url or BASE_URL), cache=cache, progress=advance
        )
    _finish(areas, report, out or Path(f"{_file_stem(areas)}.geojson"), as_json=as_json)


@app.command()
def schematic(*, province: Province = "25", out: Out = None) -> None:
    """Dựng ranh giới sơ đồ (không phải ranh giới pháp lý) khi không có ranh giới thực.

    Build schematic boundaries, an illustration for where the real ones cannot be had.
    """
    from geocover.boundaries.schematic import write_schematic

    target = out or Path(f"{province}-schematic.geojson")
    write_schematic(target, province, progress=lambda line: typer.echo(line, err=True))
    typer.echo(f"Đã ghi {target} (sơ đồ, không phải ranh giới pháp lý)")


@app.command("old-units")
def old_units(*, province: Province = "25", out: Out = None, merged_out: Out = None) -> None:
    """Dựng bảng đơn vị cũ sang mới, dùng để hiểu tên xã cũ trong danh sách trạm.

    Build the old-to-new table of communes, by which site lists with old names are understood; with
    --merged-out also the table of units that were merged before 2025.
    """
    from geocover.boundaries.old_units import build_merged_units, build_old_units, write_units

    target = out or Path(f"{province}-old-to-new.csv")
    write_units(build_old_units(province), target)
    typer.echo(f"Đã ghi {target}")
    if merged_out:
        write_units(build_merged_units(province), merged_out)
        typer.echo(f"Đã ghi {merged_out}")


def parse_columns(text: str) -> dict[str, str]:
    """Split ``code=MA_XA,name=TEN_XA`` into our columns and the file's headers.

    Raises
    ------
    AreasError
        If a part is not of the form ``ours=theirs``.
    """
    pairs = [part.partition("=") for part in text.split(",") if part.strip()]
    for ours, sign, theirs in pairs:
        if not (sign and ours.strip() and theirs.strip()):
            raise AreasError(
                f"--columns: {ours + sign + theirs!r} is not of the form code=MA_XA",
                vi=f"--columns: “{ours + sign + theirs}” không đúng dạng code=MA_XA",
            )
    return {ours.strip(): theirs.strip() for ours, _, theirs in pairs}


def _refuse_overwriting(source: Path, target: Path) -> None:
    if source.resolve() == target.resolve():
        raise AreasError(
            f"{target}: the result would replace the input; choose another --out",
            vi=f"{target}: kết quả sẽ ghi đè tệp gốc; hãy chọn --out khác",
        )


def _finish(areas: Areas, report: BoundaryReport, target: Path, *, as_json: bool) -> None:
    from geocover.io.areas import write_areas

    write_areas(areas, target)
    if as_json:
        typer.echo(json.dumps(report.to_dict() | {"out": str(target)}, ensure_ascii=False, indent=2))
        return
    for line in report.lines_vi():
        typer.echo(line)
    typer.echo(f"Đã ghi {len(areas)} xã, phường vào {target}")


def _file_stem(areas: Areas) -> str:
    from geocover.boundaries.fetch import slug

    return slug(str(areas.metadata["province_name"])).replace("_", "-")


@contextmanager
def _progress_bar(total: int) -> Iterator[Callable[[int, int, str], None]]:
    """Show a bar on standard error, so that standard output holds the report alone."""
    from rich.console import Console
    from rich.progress import MofNCompleteColumn, Progress, TimeRemainingColumn

    columns = (*Progress.get_default_columns()[:2], MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("Tải ranh giới", total=total)
        yield lambda done, _, name: bar.update(task, completed=done, description=f"Tải ranh giới: {name}")
