"""`geocover export`: the files of a snapshot for whoever takes them away, without a server."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from geocover.report.audience import Audience
    from geocover.store import Snapshot

PUBLIC, PLANNER = "public", "planner"


def export(
    snapshot: Annotated[Path, typer.Argument(help="Thư mục bản kết quả. A snapshot's folder.")],
    out: Annotated[Path, typer.Option("--out", help="Thư mục ghi ra, mới. Folder to write, a new one.")],
    reader: Annotated[
        str,
        typer.Option(
            "--for",
            help="Cho ai: public, planner (mọi nhà mạng, có trạm) hoặc tên một nhà mạng. "
            "Whom for: public, planner (all operators, with stations) or an operator's name.",
        ),
    ] = PUBLIC,
) -> None:
    """Ghi GeoPackage, XLSX, GeoTIFF… của một bản kết quả. Write the files of a snapshot."""
    from geocover.exports.catalogue import SUMS
    from geocover.exports.writing import write_export
    from geocover.io.atomic import atomic_directory
    from geocover.store import open_snapshot

    opened = open_snapshot(snapshot)
    audience = _audience(opened, reader)
    _check_free(out)
    with atomic_directory(out) as folder:
        write_export(opened, audience, folder)
    count = len((out / SUMS).read_text(encoding="utf-8").splitlines())
    typer.echo(f"Đã ghi {count} tệp và {SUMS} vào {out}. Written.")


def _audience(snapshot: Snapshot, reader: str) -> Audience:
    from geocover.exports.errors import ExportError
    from geocover.register.operators import operator_key
    from geocover.report import audience

    if reader in (PUBLIC, PLANNER):
        return audience.PUBLIC if reader == PUBLIC else audience.ALL_OF_IT
    names = {*snapshot.stations["operator"], *(one for some in snapshot.operators.values() for one in some)}
    if operator_key(reader) not in {operator_key(str(name)) for name in names}:
        known = ", ".join([PUBLIC, PLANNER, *sorted(map(str, names))])
        raise ExportError(
            f"--for {reader!r}: no such operator in this snapshot; there are: {known}",
            f"--for “{reader}”: bản kết quả không có nhà mạng này; có: {known}",
        )
    return audience.audience_of(reader)


def _check_free(out: Path) -> None:
    """Refuse a folder that holds anything: it would be replaced."""
    from geocover.exports.errors import ExportError

    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise ExportError(
            f"{out}: already there; name a new folder, or remove it first",
            f"{out}: đã có; hãy chọn thư mục mới hoặc xoá thư mục này trước",
        )
