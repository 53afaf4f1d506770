"""`geocover demo`: illustrative data of Phú Thọ, two snapshots, a table and the map."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from geocover.cli.run import print_figures, run_scenario
from geocover.cli.serve import start_server


def demo(
    directory: Annotated[Path, typer.Option("--dir", help="Thư mục kết quả / result folder")] = Path("demo"),
    boundaries: Annotated[
        Path | None, typer.Option(help="Ranh giới thật thay cho sơ đồ / real boundaries")
    ] = None,
    terrain: Annotated[Path | None, typer.Option(help="Địa hình thật / real terrain")] = None,
    population: Annotated[
        Path | None, typer.Option(help="Ảnh raster dân số (GeoTIFF) / population raster")
    ] = None,
    resolution: Annotated[float, typer.Option(help="Ô lưới, mét / pixel in metres", min=10.0)] = 100.0,
    serve: Annotated[
        bool, typer.Option("--serve", help="Mở bản đồ sau khi tính / then serve the map")
    ] = False,
    port: Annotated[int, typer.Option(help="Cổng / port", min=1, max=65535)] = 8000,
    threads: Annotated[int | None, typer.Option(help="Số luồng tính / threads", min=1)] = None,
) -> None:
    """Chạy thử với dữ liệu minh họa của Phú Thọ. Run the demonstration with illustrative data."""
    from geocover.cli.progress import show_progress
    from geocover.demo import build_inputs

    with show_progress() as show:
        scenarios = build_inputs(
            directory, boundaries=boundaries, terrain=terrain, resolution_m=resolution, progress=show
        )
    snapshots = [run_scenario(path, directory, population=population, threads=threads) for path in scenarios]
    for snapshot in snapshots:
        print_figures(snapshot)
    typer.echo(f"\nXem bản đồ / open the map: geocover serve --dir {directory}")
    if serve:
        start_server(directory, "127.0.0.1", port, everybody=True)  # made-up sites, this machine alone
