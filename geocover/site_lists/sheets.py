"""What a file holds before anyone knows what it means: sheets of cells, and tables found in them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

Kind = Literal["xlsx", "xls", "xlsb", "ods", "csv", "geojson", "gpkg", "kml", "kmz"]
Value = str | int | float | bool | dt.datetime | dt.date | dt.time | dt.timedelta | None


@dataclass(frozen=True, eq=False)
class Sheet:
    """One sheet of a workbook, or the whole of any other file.

    Attributes
    ----------
    name
        As in the file; of a file without sheets its layer's name, or empty.
    rows
        Cells by row, None where empty; rows may be of unequal length.
    first_row, first_column
        Number in the file, counted from 1, of the first row and of the first cell of each row.
    hidden
        Whether the file hides it.
    merged
        Merged cells: first row, first column, last row, last column, counted as in the file from 1.
    """

    name: str
    rows: Sequence[Sequence[Value]]
    first_row: int = 1
    first_column: int = 1
    hidden: bool = False
    merged: tuple[tuple[int, int, int, int], ...] = ()


@dataclass(frozen=True, eq=False)
class Book:
    """A file as it was given.

    Attributes
    ----------
    name
        The file's own name, without folders.
    kind
        What its content is, whatever its suffix says.
    digest
        SHA-256 of its bytes, hexadecimal.
    sheets
        In the order of the file.
    crs
        Coordinate reference system that the file itself states; None where it states none.
    """

    name: str
    kind: Kind
    digest: str
    sheets: tuple[Sheet, ...]
    crs: str | None = None


@dataclass(frozen=True)
class Header:
    """The head of a column.

    Attributes
    ----------
    position
        Number of the column in its table, counted from 0.
    letter
        Name of the column in the file's program: A, B, ..., AA.
    text
        What stands above the column; the lines of a head of several lines joined by " / ".
    """

    position: int
    letter: str
    text: str

    @property
    def shown(self) -> str:
        """The column as its owner knows it."""
        return f"{self.letter} ({self.text})" if self.text else self.letter


@dataclass(frozen=True, eq=False)
class Table:
    """A table of sites in a sheet.

    Attributes
    ----------
    sheet
        Name of the sheet.
    headers
        One a column.
    rows
        Number of each row in the file, counted from 1; shape (rows,).
    values
        The columns, each of objects (`Value`) with shape (rows,); white space around text is gone, and text
        without any character is None.
    titles
        Texts above its heads, from top to bottom.
    """

    sheet: str
    headers: tuple[Header, ...]
    rows: NDArray[np.int64]
    values: tuple[NDArray[np.object_], ...]
    titles: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.rows)
