"""`geocover serve`: the API and the map of a folder of snapshots."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from geocover.cli.run import SNAPSHOTS
from geocover.errors import GeocoverError, SnapshotError

APPLICATION = "api.app:create_app"


def serve(
    directory: Annotated[Path, typer.Option("--dir", help="Thư mục kết quả / result folder")] = Path("demo"),
    port: Annotated[int, typer.Option(help="Cổng / port", min=1, max=65535)] = 8000,
    host: Annotated[str, typer.Option(help="Địa chỉ / address")] = "127.0.0.1",
) -> None:
    """Mở bản đồ và API của một thư mục kết quả. Serve the map and the API of a result folder."""
    start_server(directory, host, port)


def start_server(directory: Path, host: str, port: int) -> None:
    """Run the web server, a process of its own since this package knows nothing of the web, until stopped.

    Raises
    ------
    SnapshotError
        If the folder holds no snapshot.
    GeocoverError
        If the server stops by itself, as where its port is in use.
    """
    root = directory / SNAPSHOTS
    if not any(root.glob("[0-9]*/manifest.json")):
        raise SnapshotError(
            f"{root}: no snapshot; run `geocover demo --dir {directory}` or `geocover run SCENARIO` first",
            f"{root}: chưa có bản kết quả; hãy chạy `geocover demo --dir {directory}` "
            "hoặc `geocover run KỊCH_BẢN`",
        )
    typer.echo(f"Bản đồ: http://{host}:{port}/maps/coverage   (Ctrl+C để dừng / to stop)")
    command = [sys.executable, "-m", "uvicorn", APPLICATION, "--factory", "--host", host, "--port", str(port)]
    environment = {**os.environ, "GEOCOVER_SNAPSHOTS": str(root.resolve())}
    try:
        code = subprocess.run([*command, "--log-level", "warning"], env=environment, check=False).returncode  # noqa: S603  our own interpreter and words
    except KeyboardInterrupt:
        code = 0
    if code > 0:
        raise GeocoverError(
            f"the server stopped (exit code {code}); if port {port} is in use, choose another with --port",
            f"máy chủ đã dừng (mã {code}); nếu cổng {port} đang bận, hãy chọn cổng khác bằng --port",
        )
