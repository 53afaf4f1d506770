"""The report of a check as JSON: the same list gives the same bytes.

Keys
----
file, sha256, kind
    The file and what its content is.
rows
    ``read``, ``accepted``, ``rejected``; the last two make the first.
totals
    ``positions``, ``stations``, ``cells`` of the accepted rows.
tables
    For each table: ``sheet``, ``range`` (of its data, as A5:T104), ``rows`` (read, accepted, rejected),
    ``crs`` (rows that were placed by each coordinate reference system), ``columns`` (``letter``, ``head``,
    ``field`` or null where unused, ``confidence`` from 0 to 1, ``by``: mapping, head, values or none).
mapping
    What would make the list understood in the same way again; `geocover.site_lists.columns.mapping` reads it.
severities, codes
    How many findings of each severity and of each code.
findings
    ``code``, ``severity``, ``sheet``, ``row``, ``letter``, ``column``, ``value``, ``vi``, ``en``; by sheet
    and row, those about the whole file first.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from geocover.site_lists.findings import SEVERITIES

if TYPE_CHECKING:
    from geocover.site_lists.checked import CheckedList, CheckedTable


def answer(checked: CheckedList) -> dict[str, Any]:
    """Report of a check as plain values; the keys are those of this module's description."""
    severities = Counter(finding.severity for finding in checked.found)
    codes = Counter(finding.code for finding in checked.found)
    return {
        "file": checked.name,
        "sha256": checked.digest,
        "kind": checked.book.kind,
        "rows": dict(checked.counts),
        "totals": dict(checked.totals),
        "tables": [_table(part) for part in checked.tables],
        "mapping": asdict(checked.mapping),
        "severities": {severity: severities[severity] for severity in SEVERITIES},
        "codes": dict(sorted(codes.items())),
        "findings": [asdict(finding) for finding in checked.found],
    }


def answer_json(checked: CheckedList) -> bytes:
    """The report as UTF-8 JSON with a line end."""
    return (json.dumps(answer(checked), ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode()


def _table(part: CheckedTable) -> dict[str, Any]:
    table, accepted = part.table, int(part.accepted.sum())
    placed = part.positions.loc[part.positions["lon"].notna(), "crs"].value_counts()
    return {
        "sheet": table.sheet,
        "range": _range(part),
        "rows": {"read": len(table), "accepted": accepted, "rejected": len(table) - accepted},
        "crs": {str(crs): int(count) for crs, count in sorted(placed.items())},
        "columns": [
            {
                "letter": meaning.header.letter,
                "head": meaning.header.text,
                "field": meaning.field or None,
                "confidence": round(float(meaning.confidence), 3),
                "by": meaning.by,
            }
            for meaning in part.columns.meanings
        ],
    }


def _range(part: CheckedTable) -> str:
    headers = part.table.headers
    if not headers or not len(part.table):
        return ""
    first, last = int(part.table.rows[0]), int(part.table.rows[-1])
    return f"{headers[0].letter}{first}:{headers[-1].letter}{last}"
