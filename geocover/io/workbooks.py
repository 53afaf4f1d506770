"""Workbooks (XLSX) written by openpyxl: equal ones get equal bytes."""

from __future__ import annotations

import re
import zipfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime as dt
    from pathlib import Path

_CORE = "docProps/core.xml"
_WRITTEN = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def fix_times(path: Path, day: dt.date) -> None:
    """Write a workbook's package again with one day for every time, for openpyxl stamps when it wrote."""
    with zipfile.ZipFile(path) as source:
        parts = {entry.filename: source.read(entry) for entry in source.infolist()}
    parts[_CORE] = _WRITTEN.sub(f"{day.isoformat()}T00:00:00Z".encode(), parts[_CORE])
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        for name, content in parts.items():
            entry = zipfile.ZipInfo(name, (day.year, day.month, day.day, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            out.writestr(entry, content)
