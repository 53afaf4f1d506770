"""The command line. Modules with slow imports are imported inside the commands that use them."""

from __future__ import annotations

import sys

import typer

from geocover.cli import (
    boundaries,
    calibrate,
    demo,
    export,
    keys,
    register,
    run,
    sensitivity,
    serve,
    sites,
    terrain,
)
from geocover.errors import GeocoverError

app = typer.Typer(
    name="geocover",
    help="Phủ sóng 4G, 5G theo xã, phường: tỷ lệ phủ, điểm lõm, bản đồ.\n\n"
    "Mobile coverage of communes: shares, reach, gaps, maps.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # rich takes longer to load than the whole help to print
)
app.add_typer(boundaries.app, name="boundaries")
app.add_typer(terrain.app, name="terrain")
app.add_typer(register.app, name="register")
app.add_typer(keys.app, name="keys")
app.add_typer(sites.app, name="sites")
app.command("run")(run.run)
app.command("demo")(demo.demo)
app.command("serve")(serve.serve)
app.command("export")(export.export)
app.command("sensitivity")(sensitivity.sensitivity)
app.command("calibrate")(calibrate.calibrate)


def main() -> None:
    """Run the command line; an error is told in Vietnamese and English, without a traceback."""
    try:
        app()
    except GeocoverError as error:
        _tell(error.vi, str(error))
        sys.exit(2)
    except OSError as error:  # a full disk, a folder that may not be written, a file in use
        where = error.filename or ""
        _tell(f"{where}: hệ điều hành từ chối ({error.strerror})", f"{where}: {error.strerror}")
        sys.exit(2)


def _tell(vi: str, en: str) -> None:
    typer.secho(f"Lỗi: {vi}", fg="red", err=True)
    typer.secho(f"Error: {en}", err=True)
