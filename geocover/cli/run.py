"""`geocover run`: a scenario file to a snapshot."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from geocover.report.figures import Figure
    from geocover.store import Snapshot

SNAPSHOTS = "snapshots"
TILES = "tiles"


def run(
    scenario: Annotated[Path, typer.Argument(help="Tệp kịch bản TOML / scenario file")],
    out: Annotated[
        Path | None, typer.Option("--dir", help="Thư mục kết quả (mặc định: cạnh kịch bản) / result folder")
    ] = None,
    population: Annotated[
        Path | None, typer.Option(help="Ảnh raster dân số (GeoTIFF) / population raster")
    ] = None,
    terrain: Annotated[
        Path | None, typer.Option(help="Địa hình thay cho của kịch bản / terrain in place of the scenario's")
    ] = None,
    model: Annotated[
        str | None, typer.Option(help="Một mô hình cho cả 4G, 5G: p1812, tr38901… / one model for both")
    ] = None,
    threads: Annotated[int | None, typer.Option(help="Số luồng tính / threads", min=1)] = None,
) -> None:
    """Tính một kịch bản, ghi bản kết quả. Compute a scenario and write its snapshot.

    Bị ngắt giữa chừng thì chạy lại sẽ tiếp tục từ các mảnh đã xong trong thư mục tiles. A run that was
    stopped continues from the finished tiles in the folder tiles.
    """
    folder = out if out is not None else scenario.parent
    snapshot = run_scenario(
        scenario, folder, population=population, terrain=terrain, model=model, threads=threads
    )
    print_figures(snapshot)
    typer.echo(f"\nKết quả: {snapshot.path}\nXem bản đồ: geocover serve --dir {folder}")


def run_scenario(
    scenario: Path,
    folder: Path,
    *,
    population: Path | None = None,
    terrain: Path | None = None,
    model: str | None = None,
    threads: int | None = None,
) -> Snapshot:
    """Compute a scenario file below a folder, with progress on the terminal.

    A population raster, a terrain or a model (for 4G and 5G) given here takes the place of the scenario's
    own. Finished tiles are kept in ``folder/tiles``, by the name of the scenario file.

    Raises
    ------
    GeocoverError
        An input is missing or cannot be used.
    """
    from geocover.cli.progress import show_progress
    from geocover.scenario import compute, read_scenario
    from geocover.store import write_snapshot

    frozen = read_scenario(scenario)
    frozen = replace(
        frozen,
        population=population or frozen.population,
        terrain=terrain or frozen.terrain,
        models={technology: {"name": model} for technology in ("4G", "5G")} if model else frozen.models,
    )
    with show_progress(f"{frozen.as_of:%d/%m/%Y} ") as show:
        result = compute(frozen, threads=threads, progress=show, keep=folder / TILES / scenario.stem)
        show("write", 0, 1)
        snapshot = write_snapshot(result, folder / SNAPSHOTS)
        show("write", 1, 1)
    return snapshot


def print_figures(snapshot: Snapshot) -> None:
    """Print the province's figures, computed beside reported."""
    from rich.console import Console
    from rich.table import Table

    from geocover.maps.header import day
    from geocover.report.figures import province_figures

    marks = {"DỮ LIỆU MINH HỌA": snapshot.illustrative, "RANH GIỚI SƠ ĐỒ": snapshot.schematic}
    title = [
        f"{snapshot.manifest['parameters']['name']}, {day(snapshot.as_of)}",
        *(m for m, on in marks.items() if on),
    ]
    table = Table(title=" · ".join(title))
    table.add_column("Chỉ tiêu")
    for heading in ("Báo cáo", "Tính được", "Khoảng", "Chênh"):
        table.add_column(heading, justify="right")
    for figure in province_figures(snapshot):
        table.add_row(*_row(figure))
    Console(width=110).print(table)


def _row(figure: Figure) -> tuple[str, str, str, str, str]:
    """Title, reported, computed, interval and difference of a figure, in Vietnamese."""
    from geocover.wording import number, percent

    share = figure.unit == "%"
    write = percent if share else number
    counted = f" ({figure.numerator:.0f}/{figure.denominator:.0f})" if figure.basis == "places" else ""
    return (
        figure.title_vi,
        "" if figure.reported is None else write(figure.reported),
        write(figure.value) + counted,
        "" if figure.low is None else f"{number(figure.low, 1)}–{number(figure.high, 1)}",
        "" if figure.difference is None else number(figure.difference, 1 if share else 0).replace("-", "−"),
    )
