"""Small tables with columns of known meaning, for the tests of what is read from them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from geocover.site_lists.columns.columns import Columns, Meaning
from geocover.site_lists.sheets import Header, Table
from geocover.site_lists.values.distinct import object_array

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geocover.site_lists.findings import Finding, Findings
    from geocover.site_lists.sheets import Value

FIRST_ROW = 5


class Listed(NamedTuple):
    """A table and what its columns mean."""

    table: Table
    columns: Columns


class Part(NamedTuple):
    """A table with what was read from it."""

    table: Table
    columns: Columns
    rows: pd.DataFrame
    positions: pd.DataFrame


def listed(heads: dict[str, str] | None = None, sheet: str = "Trạm", **values: Sequence[Value]) -> Listed:
    """Table whose columns are named by their fields; `heads` gives other heads."""
    headers = tuple(
        Header(number, chr(65 + number), (heads or {}).get(field, field))
        for number, field in enumerate(values)
    )
    columns = tuple(object_array(column) for column in values.values())
    rows = np.arange(FIRST_ROW, FIRST_ROW + len(columns[0]))
    meanings = (Meaning(header, field, 1.0, "head") for header, field in zip(headers, values, strict=True))
    return Listed(Table(sheet, headers, rows, columns), Columns(tuple(meanings)))


def codes(findings: Findings) -> dict[str, list[int | None]]:
    """Rows of the findings by code; None for those about the list."""
    found: dict[str, list[int | None]] = {}
    for finding in findings:
        found.setdefault(finding.code, []).append(finding.row)
    return found


def only(findings: Findings, code: str) -> Finding:
    """The one finding of a code."""
    (found,) = [finding for finding in findings if finding.code == code]
    return found
