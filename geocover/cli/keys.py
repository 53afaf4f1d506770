"""Khoá API: cấp, liệt kê, thu hồi. API keys: add, list, revoke."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    rich_markup_mode=None,
    help="Khoá API: cấp, liệt kê, thu hồi.\n\nAPI keys: add, list, revoke.",
    no_args_is_help=True,
)
BY = "cli"


class RoleName(StrEnum):
    """Roles of keys, as in `geocover.register.permissions`."""

    VIEWER = "viewer"
    PARTNER = "partner"
    PLANNER = "planner"
    ADMIN = "admin"


# The server's own folder, so that a key made beside it is one that it knows.
Folder = Annotated[
    Path,
    typer.Option(
        "--dir",
        envvar="GEOCOVER_DATA",
        help="Thư mục dữ liệu; không ghi thì lấy GEOCOVER_DATA, không có nữa thì thư mục hiện tại. "
        "Data folder; else GEOCOVER_DATA, else the working folder.",
    ),
]
ReadOnly = Annotated[
    bool, typer.Option("--read-only", show_default=False, help="Chỉ được đọc. May only read.")
]


@app.command("add")
def add(
    name: Annotated[str, typer.Argument(help="Khoá của ai. Whose key it is.")],
    *,
    role: Annotated[RoleName, typer.Option(help="Vai trò. Role.")],
    operator: Annotated[
        str | None, typer.Option(help="Nhà mạng của đối tác. The partner's operator.")
    ] = None,
    days: Annotated[
        int | None, typer.Option(min=1, max=36_500, help="Số ngày hiệu lực. Days until it expires.")
    ] = None,
    read_only: ReadOnly = False,
    folder: Folder = Path(),
) -> None:
    """Cấp khoá; mã chỉ hiện một lần. Make a key; its token is shown this once."""
    from geocover.register.database import open_database
    from geocover.register.keys import SCOPES, NewKey, add_key
    from geocover.register.operators import operator_key, operators
    from geocover.site_lists.values.operators import known_operator

    with open_database(folder=folder) as database:
        expires_at = database.clock() + dt.timedelta(days=days) if days else None
        scopes = SCOPES[:1] if read_only else SCOPES
        # As lists spell it: VNPT and VinaPhone are one.
        owner = operator and (known_operator(operator) or operator)
        new = NewKey(name, role.value, owner, scopes, expires_at)
        if owner and operator_key(owner) not in map(operator_key, operators(database)):
            typer.echo(f"Nhà mạng mới trong sổ: {owner}. Hãy kiểm tra chính tả.", err=True)
            typer.echo(f"New to the register: {owner}. Check the spelling.", err=True)
        key, token = add_key(database, new, BY)
    typer.echo(f"Khoá {key.id} ({key.role}, {key.name}). Mã chỉ hiện một lần, hãy cất giữ:", err=True)
    typer.echo("Key made. Its token is shown this once:", err=True)
    typer.echo(token)


@app.command("list")
def show(folder: Folder = Path()) -> None:
    """Liệt kê các khoá, không có mã. List the keys, without their tokens."""
    from geocover.register.database import open_database
    from geocover.register.keys import all_keys

    with open_database(folder=folder) as database:
        now = database.clock()
        for key in all_keys(database):
            state = "đã thu hồi" if key.revoked_at else "còn hiệu lực" if key.valid(now) else "hết hạn"
            used = f"{key.last_used_at:%d/%m/%Y %H:%M}" if key.last_used_at else "chưa dùng"
            parts = (key.id, key.role, key.operator or "-", "+".join(key.scopes), state, used, key.name)
            typer.echo("\t".join(parts))


@app.command("revoke")
def revoke(
    key_id: Annotated[str, typer.Argument(help="Mã số khoá (12 ký tự). The key's id.")],
    folder: Folder = Path(),
) -> None:
    """Thu hồi khoá, có hiệu lực ngay. Revoke a key, at once."""
    from geocover.register.database import open_database
    from geocover.register.keys import revoke_key

    with open_database(folder=folder) as database:
        key = revoke_key(database, key_id, BY)
    typer.echo(f"Đã thu hồi khoá {key.id} ({key.name}). Revoked.")
