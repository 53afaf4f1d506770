"""`geocover serve`: the API and the map of a folder of snapshots."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path
from typing import Annotated

import typer

from geocover.cli.run import SNAPSHOTS
from geocover.errors import GeocoverError, SnapshotError

SERVER = "api.server"
OWN_NAMES = ("localhost", "127.0.0.1", "::1")


def serve(
    directory: Annotated[
        Path | None,
        typer.Option(
            "--dir",
            show_default=False,
            help="Thư mục dữ liệu: kết quả và sổ đăng ký; không ghi thì lấy GEOCOVER_DATA, không có nữa thì "
            "demo / folder of results and register; else GEOCOVER_DATA, else demo",
        ),
    ] = None,
    port: Annotated[int, typer.Option(help="Cổng / port", min=1, max=65535)] = 8000,
    host: Annotated[str, typer.Option(help="Địa chỉ / address")] = "127.0.0.1",
    everybody: Annotated[
        bool,
        typer.Option(
            "--open",
            show_default=False,
            help="Ai cũng xem được trạm và phủ sóng từng nhà mạng / everybody sees stations and operators",
        ),
    ] = False,
    workers: Annotated[
        int,
        typer.Option(
            help="Số tiến trình phục vụ / processes that serve", min=1, max=256, envvar="GEOCOVER_WORKERS"
        ),
    ] = 1,
) -> None:
    """Mở bản đồ và API của một thư mục kết quả. Serve the map and the API of a result folder."""
    start_server(directory, host, port, everybody=everybody, workers=workers)


def start_server(
    directory: Path | None, host: str, port: int, *, everybody: bool = False, workers: int = 1
) -> None:
    """Become the web server of a folder; this process is replaced and does not return.

    A ``directory`` holds both the snapshots and the register, whatever the environment says; without one the
    environment's folders are taken, else ``demo``.

    The package knows nothing of the web: the server is started by its name. Without a key a reader sees what
    all operators give together; with ``everybody`` single operators and stations too, which the pages say. Of
    several ``workers`` one runs the jobs.

    Raises
    ------
    SnapshotError
        If the folder holds no snapshot, and neither a register nor a scenario that could lead to one.
    GeocoverError
        If the port cannot be had.
    """
    data, root = _folders(directory)
    if not any(root.glob("[0-9]*/manifest.json")):
        _check_beginning(data, root)
    _check_port(host, port)
    typer.echo(f"Bản đồ: http://{host}:{port}/maps/coverage   (Ctrl+C để dừng / to stop)")
    if everybody:
        typer.echo("Mở cho mọi người: thấy cả vị trí trạm. Open to everybody: stations are shown.")
    sys.stdout.flush()
    command = [sys.executable, "-m", SERVER, "--host", host, "--port", str(port)]
    told = {
        "GEOCOVER_DATA": str(data.resolve()),
        "GEOCOVER_SNAPSHOTS": str(root.resolve()),
        "GEOCOVER_WORKERS": str(workers),
    }
    if everybody:
        told["GEOCOVER_OPEN"] = "1"
    os.execve(sys.executable, command, {**_for_people(), **_own_names(host), **os.environ, **told})  # noqa: S606  our own words


def _folders(directory: Path | None) -> tuple[Path, Path]:
    """Folder of the register and folder of the snapshots, as `api.settings` takes them."""
    if directory is not None:
        return directory, directory / SNAPSHOTS
    told, snapshots = os.environ.get("GEOCOVER_DATA"), os.environ.get("GEOCOVER_SNAPSHOTS")
    if snapshots:
        return Path(told or Path(snapshots).parent), Path(snapshots)
    data = Path(told or "demo")
    return data, data / SNAPSHOTS


def _check_beginning(data: Path, root: Path) -> None:
    """Say what leads to the first snapshot; a folder that nothing can come of is most likely a wrong one."""
    names = ("GEOCOVER_SCENARIO", "GEOCOVER_DATABASE_URL")
    if not any(os.environ.get(one) for one in names) and not (data / "register.sqlite").is_file():
        raise SnapshotError(
            f"{root}: no snapshot; run `geocover demo --dir {data}` or `geocover run SCENARIO` first, or "
            f"begin with an empty register: `geocover register migrate --dir {data}`",
            f"{root}: chưa có bản kết quả; hãy chạy `geocover demo --dir {data}` "
            "hoặc `geocover run KỊCH_BẢN`, hoặc bắt đầu bằng sổ đăng ký trống: "
            f"`geocover register migrate --dir {data}`",
        )
    if os.environ.get("GEOCOVER_SCENARIO"):
        typer.echo("Chưa có bản kết quả: hãy tải danh sách trạm lên và duyệt, máy chủ sẽ tự tính.")
        typer.echo("No snapshot yet: upload site lists and accept them; the server then computes one.")
        return
    typer.echo(
        "Chưa có bản kết quả: danh sách trạm tải lên được tại /uploads; để máy chủ tự tính, hãy đặt "
        f"GEOCOVER_SCENARIO, hoặc chép kết quả vào {root}."
    )
    typer.echo(
        "No snapshot yet: site lists can be uploaded at /uploads; for the server to compute, set "
        f"GEOCOVER_SCENARIO, or copy a result into {root}."
    )


def _for_people() -> dict[str, str]:
    """At a terminal the log is told as text, and only what is amiss; elsewhere as lines of JSON."""
    if not sys.stderr.isatty():
        return {}
    return {"GEOCOVER_LOG_FORMAT": "text", "GEOCOVER_LOG_LEVEL": "warning"}


def _own_names(host: str) -> dict[str, str]:
    """Of a server for this machine alone: else a page elsewhere could name itself so, and read it."""
    told = ("GEOCOVER_HOSTS", "GEOCOVER_PUBLIC_URL", "GEOCOVER_TRUSTED_PROXIES")
    if host not in OWN_NAMES or any(os.environ.get(one) for one in told):
        return {}
    return {"GEOCOVER_HOSTS": ",".join(OWN_NAMES)}


def _check_port(host: str, port: int) -> None:
    try:
        socket.create_server((host, port)).close()
    except OSError as error:
        raise GeocoverError(
            f"port {port} of {host} cannot be had ({error.strerror}); choose another with --port",
            f"không dùng được cổng {port} của {host} ({error.strerror}); hãy chọn cổng khác bằng --port",
        ) from error
