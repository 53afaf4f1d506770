"""`geocover calibrate`: a drive test beside the prediction."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from geocover.errors import GeocoverError

if TYPE_CHECKING:
    from geocover.calibration import Calibration
    from geocover.io.drive_tests import DriveTest
    from geocover.terrain import Terrain

TERRAIN_RESOLUTION_M = 30.0
WIDTH = 110


def calibrate(
    drive_test: Annotated[Path, typer.Argument(help="Tệp đo sóng CSV. Drive test.")],
    *,
    network: Annotated[Path, typer.Option(help="Danh sách trạm CSV, XLSX. Site list.")],
    terrain: Annotated[Path | None, typer.Option(help="Tệp độ cao. Elevation file.")] = None,
    model: Annotated[
        str | None,
        typer.Option(
            help="Tên mô hình (mặc định: p1812 nếu có địa hình, nếu không extended-hata). Propagation model "
            "(default: p1812 with terrain, else extended-hata)."
        ),
    ] = None,
    antennas: Annotated[
        Path | None, typer.Option(help="Tệp hoặc thư mục ăng-ten MSI. Antenna patterns, a file or a folder.")
    ] = None,
    profile: Annotated[str, typer.Option(help="Chuẩn đánh giá. Definition of covered.")] = "outdoor-4g",
    operator: Annotated[str | None, typer.Option(help="Nhà mạng đã đo. Operator that was measured.")] = None,
    network_crs: Annotated[
        str | None, typer.Option(help="Hệ toạ độ của x_m, y_m trong danh sách trạm. CRS of the site list.")
    ] = None,
    defaults: Annotated[
        Path | None, typer.Option(help="Tệp TOML giá trị giả định cho trạm. Assumed values of cells.")
    ] = None,
    bin_m: Annotated[float, typer.Option("--bin", help="Cạnh ô lấy trung vị, mét. Side of a bin.")] = 30.0,
    block_m: Annotated[
        float, typer.Option("--block", help="Cạnh khối kiểm tra chéo, mét. Side of a block.")
    ] = 500.0,
    folds: Annotated[int, typer.Option(help="Số phần kiểm tra chéo. Folds.")] = 5,
    slope: Annotated[
        bool, typer.Option("--slope", help="Thêm độ dốc theo cự ly. Fit a slope too.", show_default=False)
    ] = False,
    out: Annotated[
        Path | None, typer.Option(help="Thư mục ghi kết quả và hình. Folder for tables and pictures.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="In các số dạng JSON. Print JSON.", show_default=False)
    ] = False,
) -> None:
    """So mức đo với mức tính, tìm độ lệch và độ tin cậy. Compare a drive test with the prediction."""
    from geocover.calibration import Settings, write_calibration
    from geocover.calibration import calibrate as compare
    from geocover.calibration.files import json_text
    from geocover.io.antennas import read_antennas
    from geocover.io.drive_tests import read_drive_test
    from geocover.io.network import read_network
    from geocover.profiles import profile as find_profile
    from geocover.propagation import model_from_dict

    settings = Settings(bin_m=bin_m, block_m=block_m, folds=folds, slope=slope)
    name = model or ("extended-hata" if terrain is None else "p1812")
    chosen, definition = model_from_dict({"name": name}), find_profile(profile)
    patterns = read_antennas(antennas) if antennas is not None else None
    test = read_drive_test(drive_test)
    result = compare(
        test,
        read_network(network, crs=network_crs, defaults=defaults, antennas=patterns),
        chosen,
        definition,
        terrain=_terrain(terrain, test),
        operator=operator,
        settings=settings,
    )
    written = [*write_calibration(result, out), *_plots(result, out)] if out else []
    if as_json:
        typer.echo(json_text(result), nl=False)
    else:
        _print(result, written)


def _terrain(path: Path | None, test: DriveTest) -> Terrain | None:
    """Elevation of the measured area, and as far around it as a cell can reach."""
    if path is None:
        return None
    from geocover.coverage import MAX_REACH_M
    from geocover.grid import Grid
    from geocover.io.terrain import read_terrain

    return read_terrain(path, Grid.around(test, TERRAIN_RESOLUTION_M, margin_m=MAX_REACH_M))


def _plots(result: Calibration, folder: Path) -> list[Path]:
    try:
        from geocover.calibration.plots import write_plots
    except ModuleNotFoundError as error:
        if not (error.name or "").startswith("matplotlib"):
            raise
        raise GeocoverError(
            f"the tables are in {folder}, the pictures need matplotlib; install geocover[plots]",
            f"bảng số đã ghi vào {folder}, hình cần matplotlib; hãy cài geocover[plots]",
        ) from error
    return write_plots(result, folder)


def _print(result: Calibration, written: list[Path]) -> None:
    from rich.console import Console
    from rich.table import Table

    from geocover.calibration.remarks import remarks
    from geocover.calibration.report import profile_lines, sections

    console = Console(width=WIDTH)
    for section in sections(result):
        table = Table(title=section.title, title_justify="left", title_style="bold")
        for number, name in enumerate(section.head):
            table.add_column(name, justify="right" if number else "left")
        for row in section.rows:
            table.add_row(*row)
        console.print(table)
    for remark in remarks(result):
        typer.echo(f"• {remark.vi}\n  {remark.en}")
    typer.echo(f"\nCho chuẩn đánh giá / For the profile:\n{profile_lines(result)}")
    for path in written:
        typer.echo(f"Đã ghi / Written: {path}")
