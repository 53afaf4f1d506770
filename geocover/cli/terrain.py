"""Địa hình: nhập tệp độ cao, tải mô hình mở. Terrain: import elevation files, fetch the open model."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from geocover.errors import TerrainError

if TYPE_CHECKING:
    from geocover.areas import Areas
    from geocover.elevation.importer import ImportedTerrain

app = typer.Typer(
    rich_markup_mode=None,
    help="Địa hình: xem và nhập tệp độ cao, tải mô hình mở Copernicus.\n\n"
    "Terrain: look into and import elevation files, fetch the open Copernicus model.",
    no_args_is_help=True,
)


class UnitName(StrEnum):
    """Units of elevation files."""

    METRES = "m"
    FEET = "ft"


class KindName(StrEnum):
    """What an elevation model shows."""

    SURFACE = "surface"
    TERRAIN = "terrain"
    UNKNOWN = "unknown"


class SourceName(StrEnum):
    """Open elevation models that can be fetched."""

    COPERNICUS_30 = "copernicus-30"


Province = Annotated[str, typer.Option(help="Mã tỉnh hai chữ số. Two-digit province code.")]
AreasFile = Annotated[
    Path | None,
    typer.Option("--areas", help="Tệp ranh giới, thay cho --province. Boundaries instead of the province's."),
]
Out = Annotated[Path, typer.Option(help="Tệp GeoTIFF kết quả. The GeoTIFF to write.")]
Resolution = Annotated[
    float, typer.Option("--resolution", min=1.0, help="Cạnh điểm ảnh, mét. Pixel size in metres.")
]
Margin = Annotated[
    float, typer.Option("--margin", min=0.0, help="Lề quanh các xã, mét. Margin around the communes, metres.")
]
Fill = Annotated[
    bool,
    typer.Option(
        "--fill", show_default=False, help="Nội suy lỗ trống và đánh dấu. Interpolate voids, and mark them."
    ),
]
AsJson = Annotated[
    bool, typer.Option("--json", help="In báo cáo dạng JSON. Print the report as JSON.", show_default=False)
]


@app.command("import")
def import_files(
    files: Annotated[
        list[Path],
        typer.Argument(help="GeoTIFF, .hgt, VRT; tệp đứng trước được ưu tiên. The first file wins."),
    ],
    *,
    out: Out,
    province: Province = "25",
    areas_file: AreasFile = None,
    resolution_m: Resolution = 30.0,
    margin_m: Margin = 5_000.0,
    fill: Fill = False,
    unit: Annotated[
        UnitName | None, typer.Option(help="Đơn vị của tệp, ft được đổi sang mét. Unit of the files.")
    ] = None,
    kind: Annotated[
        KindName | None, typer.Option(help="Mô hình bề mặt hay mặt đất. Surface or bare ground.")
    ] = None,
    crs: Annotated[
        str | None, typer.Option(help="Hệ toạ độ của tệp, ví dụ EPSG:5897. CRS, whatever the files state.")
    ] = None,
    void: Annotated[
        float | None, typer.Option(help="Giá trị trống chưa khai báo. Undeclared value of voids.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Nhập độ cao từ tệp: ghép mảnh, đổi hệ toạ độ, báo lỗ trống và xã thiếu độ cao.

    Import elevation files: mosaic, any CRS, a report of voids and of communes without elevation.
    """
    from geocover.elevation.importer import import_terrain
    from geocover.elevation.source import TerrainOptions

    _refuse_overwriting(files, out)
    options = TerrainOptions(
        resolution_m=resolution_m,
        margin_m=margin_m,
        fill_voids=fill,
        unit=unit.value if unit else None,
        crs=crs,
        kind=kind.value if kind else None,
        void=void,
    )
    _finish(import_terrain(files, _areas(province, areas_file), options), out, as_json=as_json)


@app.command()
def fetch(
    *,
    out: Out,
    province: Province = "25",
    areas_file: AreasFile = None,
    source: Annotated[
        SourceName, typer.Option(help="Nguồn độ cao. Source of elevation.")
    ] = SourceName.COPERNICUS_30,
    resolution_m: Resolution = 30.0,
    margin_m: Margin = 5_000.0,
    fill: Fill = False,
    base_url: Annotated[
        str | None,
        typer.Option(help="Địa chỉ gốc của bản sao nội bộ, mặc định kho Copernicus trên AWS. Mirror's root."),
    ] = None,
    cache: Annotated[
        Path | None, typer.Option(help="Thư mục giữ phần đã tải. Folder of the parts already fetched.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Tải mô hình bề mặt Copernicus 30 m (cần Internet hoặc bản sao nội bộ); chạy lại sẽ tiếp tục.

    Fetch the Copernicus 30 m surface model (internet or a mirror); a second run resumes.
    """
    from geocover.cli.progress import show_progress
    from geocover.elevation.fetch import BASE_URL, fetch_terrain
    from geocover.elevation.source import TerrainOptions
    from geocover.io.download import Connection

    typer.echo(f"Nguồn: {source.value}", err=True)
    options = TerrainOptions(resolution_m=resolution_m, margin_m=margin_m, fill_voids=fill)
    areas = _areas(province, areas_file)
    with show_progress() as show:
        imported = fetch_terrain(
            areas, options=options, connection=Connection(base_url or BASE_URL), cache=cache, progress=show
        )
    _finish(imported, out, as_json=as_json)


@app.command()
def info(
    file: Annotated[Path, typer.Argument(help="GeoTIFF, .hgt, VRT. The file to look into.")],
    *,
    province: Province = "25",
    areas_file: AreasFile = None,
    margin_m: Margin = 5_000.0,
    as_json: AsJson = False,
) -> None:
    """Xem tệp độ cao: hệ toạ độ, đơn vị, lỗ trống, phần tỉnh được phủ, và những điều đáng ngờ.

    Look into an elevation file: CRS, unit, holes, how much of the province it covers, what looks wrong.
    """
    from geocover.elevation.info import terrain_info

    told = terrain_info(file, _areas(province, areas_file), margin_m)
    if as_json:
        typer.echo(json.dumps(told.to_dict(), ensure_ascii=False, indent=2))
        return
    for line in told.lines_vi():
        typer.echo(line)


def _areas(province: str, file: Path | None) -> Areas:
    from geocover.boundaries.index import shipped_index
    from geocover.io.areas import read_areas

    return read_areas(file) if file else shipped_index(province)


def _refuse_overwriting(sources: list[Path], target: Path) -> None:
    if target.resolve() in {source.resolve() for source in sources}:
        raise TerrainError(
            f"{target}: the result would replace an input; choose another --out",
            vi=f"{target}: kết quả sẽ ghi đè tệp gốc; hãy chọn --out khác",
        )


def _finish(imported: ImportedTerrain, out: Path, *, as_json: bool) -> None:
    imported.write(out)
    if as_json:
        told = imported.report.to_dict() | {"out": str(out)}
        typer.echo(json.dumps(told, ensure_ascii=False, indent=2))
        return
    for line in imported.report.lines_vi():
        typer.echo(line)
    typer.echo(f"Đã ghi {out}")
