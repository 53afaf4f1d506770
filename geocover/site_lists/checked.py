"""A list that was read and checked: every row of it, what was found, and the cells that can be used."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import pandas as pd

from geocover.errors import SiteListError
from geocover.io.completing import complete_cells
from geocover.network import Network

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from geocover.antennas import Antennas
    from geocover.site_lists.columns.columns import Columns
    from geocover.site_lists.columns.mapping import ColumnMapping
    from geocover.site_lists.findings import Finding, Findings
    from geocover.site_lists.sheets import Book, Table


@dataclass(frozen=True, eq=False)
class CheckedTable:
    """One table of a list.

    Attributes
    ----------
    table
        The table as it stands in the file.
    columns
        What its columns mean.
    rows
        What each row says: one row for each of the table's, RangeIndex.
    positions
        Where each row is: ``lon``, ``lat`` (degrees, WGS 84; NaN where unusable) and ``crs``; index as rows.
    accepted
        Rows that can be used, shape (rows,).
    """

    table: Table
    columns: Columns
    rows: pd.DataFrame
    positions: pd.DataFrame
    accepted: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class CheckedList:
    """A partner's list after all checks.

    Attributes
    ----------
    book
        The file.
    tables
        The tables found in it, in the order of the file.
    cells
        Cells of the accepted rows, RangeIndex: columns that `geocover.io.completing.complete_cells` takes,
        and ``sheet`` and ``row``, the place in the owner's file.
    findings
        What was found.
    mapping
        What would make the list understood in the same way again.
    """

    book: Book
    tables: tuple[CheckedTable, ...]
    cells: pd.DataFrame
    findings: Findings
    mapping: ColumnMapping

    @property
    def complete(self) -> bool:
        """Whether there are rows and all of them were accepted."""
        return self.counts["read"] > 0 and self.counts["rejected"] == 0

    @property
    def name(self) -> str:
        """The file's own name."""
        return self.book.name

    @property
    def digest(self) -> str:
        """SHA-256 of the file's bytes, hexadecimal."""
        return self.book.digest

    @cached_property
    def found(self) -> tuple[Finding, ...]:
        """All findings by sheet and row, those about the whole file first."""
        return tuple(self.findings)

    @cached_property
    def counts(self) -> dict[str, int]:
        """Rows ``read``, ``accepted`` and ``rejected``; the last two make the first, always."""
        read = sum(len(part.table) for part in self.tables)
        accepted = sum(int(part.accepted.sum()) for part in self.tables)
        return {"read": read, "accepted": accepted, "rejected": read - accepted}

    @cached_property
    def totals(self) -> dict[str, int]:
        """What the accepted rows hold: ``positions``, ``stations`` and ``cells``."""
        named = {"positions": "position_id", "stations": "station_id"}
        return {name: int(self.cells[column].nunique()) for name, column in named.items()} | {
            "cells": len(self.cells)
        }

    @cached_property
    def rows(self) -> pd.DataFrame:
        """Every row read: ``sheet``, ``row`` (as in the owner's file), ``accepted``, position and values."""
        parts = [
            pd.concat(
                [
                    pd.DataFrame(
                        {"sheet": part.table.sheet, "row": part.table.rows, "accepted": part.accepted}
                    ),
                    part.positions,
                    part.rows.drop(columns=part.positions.columns, errors="ignore"),
                ],
                axis=1,
            )
            for part in self.tables
        ]
        if not parts:
            return pd.DataFrame({"sheet": [], "row": [], "accepted": []})
        return pd.concat(parts, ignore_index=True)

    def network(
        self,
        *,
        defaults: str | Path | None = None,
        antennas: Antennas | None = None,
        source: str | None = None,
    ) -> Network:
        """Network of the accepted rows; what the list leaves out is assumed and flagged.

        Parameters
        ----------
        defaults
            TOML file of assumed values instead of the shipped one.
        antennas
            Patterns that the list may name.
        source
            Name by which figures call the list; the file's name where none is given.

        Raises
        ------
        SiteListError
            No row was accepted.
        NetworkError
            The list names an antenna that is not among those given.
        """
        name = source or self.name
        if self.cells.empty:
            raise SiteListError(
                f"{name}: no row could be accepted; correct what the report names and check again",
                f"{name}: không có dòng nào dùng được; hãy sửa theo báo cáo rồi kiểm tra lại",
            )
        cells = complete_cells(self.cells, name, defaults=defaults, antennas=antennas)
        return Network(cells, name, antennas=antennas) if antennas else Network(cells, name)
