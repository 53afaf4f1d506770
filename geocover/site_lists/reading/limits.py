"""What a partner's file may ask of the machine that reads it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Bounds within which a file is read; beyond any of them it is refused.

    Attributes
    ----------
    file_bytes
        Size of the file itself.
    expanded_bytes
        What the parts of a zipped format (XLSX, XLSB, ODS, KMZ) expand to, together.
    ratio
        Expanded size over packed size of one part, where it expands to more than `RATIO_FROM_BYTES`.
    parts
        Parts of a zipped format.
    rows, columns
        Rows that hold anything, and columns, of one sheet.
    cells
        Filled cells of all sheets.
    memory_bytes
        Address space of the process that reads.
    seconds
        Time the reading may take, by the clock.
    """

    file_bytes: int = 50 << 20
    expanded_bytes: int = 500 << 20
    ratio: float = 200.0
    parts: int = 2_000
    rows: int = 200_000
    columns: int = 500
    cells: int = 10_000_000
    memory_bytes: int = 2 << 30
    seconds: float = 120.0


# A sheet that repeats one row many times packs well and is small all the same.
RATIO_FROM_BYTES = 100 << 20
