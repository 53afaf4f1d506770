"""What the steps that place the rows of one table share: the province, where rows are so far."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from geocover.site_lists.findings import shown
from geocover.site_lists.places.degrees import Window
from geocover.site_lists.places.naming import named_communes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geocover.site_lists.columns.columns import Columns
    from geocover.site_lists.findings import Findings
    from geocover.site_lists.places.degrees import Floats, Mask
    from geocover.site_lists.places.naming import Named
    from geocover.site_lists.places.position_columns import Source
    from geocover.site_lists.places.reference import Reference
    from geocover.site_lists.sheets import Header, Table


@dataclass(frozen=True, eq=False)
class Placing:
    """One table on its way onto the map.

    Attributes
    ----------
    table, columns
        The table and what its columns mean.
    reference
        The province; None where nothing is expected of the sites.
    findings
        Collects what is found.
    crs
        What the caller states: of metres if it is projected, of degrees otherwise; empty where nothing.
    positions
        ``lon``, ``lat`` (NaN so far) and ``crs`` (empty so far), one row each.
    """

    table: Table
    columns: Columns
    reference: Reference | None
    findings: Findings
    crs: str
    positions: pd.DataFrame = field(init=False)

    def __post_init__(self) -> None:
        count = len(self.table)
        lon, lat, crs = np.full(count, np.nan), np.full(count, np.nan), np.full(count, "", object)
        object.__setattr__(self, "positions", pd.DataFrame({"lon": lon, "lat": lat, "crs": crs}))

    @property
    def window(self) -> Window:
        """Where sites are expected, in degrees."""
        return self.reference.window if self.reference is not None else Window()

    @cached_property
    def named(self) -> Named | None:
        """Communes that the rows name; None without a reference."""
        return named_communes(self.table, self.columns, self.reference) if self.reference else None

    def put(self, rows: NDArray[np.int64], lon: Floats, lat: Floats, crs: str) -> None:
        """Place rows of the table, given by their numbers."""
        self.positions.loc[rows, "lon"], self.positions.loc[rows, "lat"] = lon, lat
        self.positions.loc[rows, "crs"] = crs

    def report(self, code: str, source: Source, rows: Mask, **details: object) -> None:
        """Add a finding to each of some rows, showing both coordinates as they stand in the file."""
        self.findings.add_rows(
            code, self.table, rows, source.headers[0], self._written(source, rows), **details
        )

    def report_list(self, code: str, header: Header, **details: str | int) -> None:
        """Add one finding about the table."""
        self.findings.add_table(code, self.table, header, **details)

    def _written(self, source: Source, rows: Mask) -> list[str]:
        different = dict.fromkeys(header.position for header in source.headers)
        parts = [self.table.values[position][rows].tolist() for position in different]
        return ["; ".join(map(shown, values)) for values in zip(*parts, strict=True)]
