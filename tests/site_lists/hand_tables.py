"""Tables written by hand, heads and rows, for the tests of what columns and values mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from geocover.site_lists.columns.columns import Columns, understand
from geocover.site_lists.findings import Findings
from geocover.site_lists.sheets import Header, Table
from geocover.site_lists.values.cells import explode
from geocover.site_lists.values.distinct import Distinct, distinct, object_array
from geocover.site_lists.values.rows import Given, read_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geocover.site_lists.sheets import Value

FIRST_ROW = 2


def column(*values: Value) -> Distinct:
    """A column of cells."""
    return distinct(object_array(values))


def table(heads: Sequence[str], *rows: Sequence[Value]) -> Table:
    """A table whose first row has number 2 in its file."""
    headers = tuple(Header(number, chr(65 + number), head) for number, head in enumerate(heads))
    columns = tuple(object_array(row[number] for row in rows) for number in range(len(heads)))
    return Table("Trạm", headers, np.arange(FIRST_ROW, FIRST_ROW + len(rows)), columns)


def read(
    heads: Sequence[str], *rows: Sequence[Value], given: Given | None = None
) -> tuple[pd.DataFrame, Findings, Columns]:
    """Rows of a table in canonical columns, what was found, and what its columns mean."""
    findings = Findings()
    made = table(heads, *rows)
    columns = understand(made, None, findings)
    return read_rows(made, columns, findings, given), findings, columns


def cells_of(heads: Sequence[str], *rows: Sequence[Value], given: Given | None = None) -> pd.DataFrame:
    """Cells of a table; its rows lie 0.01 degrees apart."""
    found, _, _ = read(heads, *rows, given=given)
    number = np.arange(len(found))
    return explode(found, pd.DataFrame({"lon": 105.0 + number / 100, "lat": np.full(len(found), 21.3)}))


def codes(findings: Findings) -> set[tuple[str, int | None]]:
    """Codes found, each with its row in the file (None where it is about a column or the table)."""
    return {(finding.code, finding.row) for finding in findings}
