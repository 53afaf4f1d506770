"""Tables as CSV for spreadsheets: UTF-8 with a byte-order mark, and no text that would run as a formula.

A text that starts with ``=``, ``+``, ``-``, ``@``, a tab or a carriage return gets an apostrophe in front,
for a spreadsheet would compute it. Plain numbers stay. Texts that start with apostrophes before such a sign
get one more, so that `as_given` undoes `harmless` exactly.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from geocover.io.atomic import atomic_path

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

_RUNS = re.compile(r"'*[=+\-@\t\r]")
_MARKED = re.compile(r"'+[=+\-@\t\r]")
_NUMBER = re.compile(r"[+-]?[0-9]+(?:[.,][0-9]+)*(?:[eE][+-]?[0-9]+)?")


def harmless(value: object) -> object:
    """Put an apostrophe before a text that a spreadsheet would run as a formula; all else stays."""
    if isinstance(value, str) and _RUNS.match(value) and not _NUMBER.fullmatch(value):
        return f"'{value}"
    return value


def as_given(value: object) -> object:
    """Undo `harmless`: ``as_given(harmless(value)) == value`` for every value."""
    return value[1:] if isinstance(value, str) and _MARKED.match(value) else value


def harmless_table(table: pd.DataFrame) -> pd.DataFrame:
    """Copy of a table with `harmless` applied to every text in it."""
    texts = table.select_dtypes(include=["object", "string", "category"]).columns
    return table.assign(**{name: table[name].astype(object).map(harmless) for name in texts})


def csv_bytes(table: pd.DataFrame) -> bytes:
    """Give a table for spreadsheets, lines ended as they end them; dates without the time of day."""
    text = harmless_table(table).to_csv(index=False, lineterminator="\r\n", date_format="%Y-%m-%d")
    return ("\ufeff" + text).encode()


def write_csv(table: pd.DataFrame, path: Path) -> None:
    """Write a table for spreadsheets and for `geocover`'s own readers; it appears whole or not at all."""
    with atomic_path(path) as temporary:
        harmless_table(table).to_csv(temporary, index=False, encoding="utf-8-sig", lineterminator="\n")
