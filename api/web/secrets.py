"""The secret that signs cookies: told, or made once and kept beside the register."""

from __future__ import annotations

import os
import secrets
import stat
from typing import TYPE_CHECKING

from geocover.errors import GeocoverError

if TYPE_CHECKING:
    from pathlib import Path

    from api.settings import Settings

FILE = "cookie-secret"
OTHERS = stat.S_IRWXG | stat.S_IRWXO


def cookie_secret(settings: Settings) -> bytes:
    """Secret for signing cookies: GEOCOVER_SECRET, else that of the data folder, made where there is none.

    Raises
    ------
    GeocoverError
        Others may read the file.
    """
    if settings.secret is not None:
        return settings.secret.get_secret_value().encode()
    path = settings.data / FILE
    if not path.exists():
        _make(path)
    if path.stat().st_mode & OTHERS:
        raise GeocoverError(
            f"{path}: others may read it; run: chmod 600 {path}",
            f"{path}: người khác đọc được tệp này; hãy chạy: chmod 600 {path}",
        )
    return path.read_bytes()


def _make(path: Path) -> None:
    """Write a new secret whole under another name first; of several servers that start at once one wins."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{FILE}.{secrets.token_hex(4)}")
    descriptor = os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_hex(32).encode())
        if not path.exists():
            _link(temporary, path)
    finally:
        temporary.unlink()


def _link(temporary: Path, path: Path) -> None:
    try:
        path.hardlink_to(temporary)
    except FileExistsError:
        return
