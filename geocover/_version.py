"""The one place of the version number, and of what tells this very program from another of that version."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

__version__ = "0.1.0"

SOURCES = (".py", ".toml", ".html")


@cache
def program_digest(package: Path = Path(__file__).parent) -> str:
    """Short digest of the program's sources: whatever was made by others may differ from what it makes.

    Parameters
    ----------
    package
        Folder of the sources.

    Returns
    -------
    16 hexadecimal digits.
    """
    total = hashlib.sha256()
    for name in sorted(one.relative_to(package).as_posix() for one in package.rglob("*")):
        if name.endswith(SOURCES):
            total.update(name.encode() + b"\0" + (package / name).read_bytes() + b"\0")
    return total.hexdigest()[:16]
