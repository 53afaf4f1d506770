"""Where the sites of a table are: longitude and latitude in WGS 84 for each row, or why there are none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from geocover.site_lists.places.coordinates import as_time
from geocover.site_lists.places.degree_rows import place_degrees
from geocover.site_lists.places.metre_rows import place_metres
from geocover.site_lists.places.placing import Placing
from geocover.site_lists.places.position_columns import sources

if TYPE_CHECKING:
    import pandas as pd

    from geocover.site_lists.columns.columns import Columns
    from geocover.site_lists.findings import Findings
    from geocover.site_lists.places.degrees import Mask
    from geocover.site_lists.places.position_columns import Source
    from geocover.site_lists.places.reference import Reference
    from geocover.site_lists.sheets import Header, Table

FAULTS = ("coordinate-missing", "coordinate-unreadable", "coordinate-minutes")


def read_positions(
    table: Table, columns: Columns, reference: Reference | None, findings: Findings, *, crs: str = ""
) -> pd.DataFrame:
    """Read where the sites are from whatever columns say it.

    Degrees and metres are told apart row by row; the order of the two numbers, lost decimal points and signs
    are put right where the reference leaves no doubt, and reported. Without a reference nothing is expected:
    numbers are taken as they are headed, and metres need a zone. Metres without a stated zone are placed by
    the rule of `geocover.site_lists.places.zones` or refused.

    Parameters
    ----------
    table, columns
        The table and what its columns mean: ``lon`` and ``lat`` (with ``_minute``, ``_second``), ``x_m``
        and ``y_m``, ``x`` and ``y``, ``position``, ``zone``, ``commune``, ``district``, ``commune_code``.
    reference
        The province; None for a list from anywhere.
    findings
        Collects what is found (``texts/places.toml``).
    crs
        What the caller knows: the CRS of metres if it is projected, of degrees otherwise.

    Returns
    -------
    pd.DataFrame
        One row a row of the table, RangeIndex: ``lon``, ``lat`` in degrees (WGS 84, through EPSG 6960 from
        VN-2000), NaN where unusable; ``crs`` in which the row was read, empty where unusable. A row without a
        position has an error, or the list has.

    Raises
    ------
    CrsError
        If `crs` is unknown.
    """
    placing = Placing(table, columns, reference, findings, crs)
    left = np.ones(len(table), np.bool_)
    source = None
    for source in sources(table, columns):
        rows = left & source.given
        left &= ~rows
        if not _split_over_columns(placing, source):
            _place(placing, source, rows)
    if source is None:
        findings.add_rows("no-coordinates", table, left)
    else:
        findings.add_rows("coordinate-missing", table, left, source.headers[0])
    return placing.positions


def _split_over_columns(placing: Placing, source: Source) -> bool:
    """Whether degrees are whole for their minutes stand in the next column, under the same head; reported."""
    if source.field != "lon":
        return False
    for header in source.headers:
        beside = next((one for one in placing.columns.unused if one.position == header.position + 1), None)
        if beside is None or beside.text not in ("", header.text):
            continue
        if _whole(placing.table, header, 180) and _whole(placing.table, beside, 60):
            placing.report_list("coordinates-split", header, beside=beside.shown)
            return True
    return False


def _whole(table: Table, header: Header, limit: int) -> bool:
    """Whether a column holds whole numbers below a limit."""
    values = [value for value in table.values[header.position].tolist() if value is not None]
    texts = [
        str(int(value)) if isinstance(value, float) and value.is_integer() else str(value) for value in values
    ]
    return bool(texts) and all(text.isascii() and text.isdecimal() and int(text) < limit for text in texts)


def _place(placing: Placing, source: Source, rows: Mask) -> None:
    rows = rows & ~_faulty(placing, source, rows)
    for header, readings in zip(source.headers, (source.first, source.second), strict=True):
        timed = rows & readings.timed
        told = [as_time(hours) for hours in readings.value[timed].tolist()]
        placing.findings.add_rows("coordinate-from-time", placing.table, timed, header, told)
        placing.findings.add_rows("coordinate-dotted", placing.table, rows & readings.dotted, header)
    contradicted = rows & (source.first.axis == source.second.axis) & (source.first.axis != "")
    placing.report("coordinates-same-axis", source, contradicted)
    rows &= ~contradicted
    rows &= ~place_metres(placing, source, rows)
    rows &= ~place_degrees(placing, source, rows)
    placing.report("coordinates-outside-world", source, rows)


def _faulty(placing: Placing, source: Source, rows: Mask) -> Mask:
    """Rows of which a coordinate is missing or cannot be read; each column has its own finding."""
    faulty = np.zeros(len(rows), np.bool_)
    pairs = list(zip(source.headers, (source.first, source.second), strict=True))
    for header, readings in pairs[: 1 if source.single else 2]:
        for fault in FAULTS:
            wrong = rows & (readings.fault == fault)
            placing.findings.add_rows(fault, placing.table, wrong, header)
            faulty |= wrong
    if source.single:
        second = rows & (source.second.fault != "") & ~faulty
        placing.findings.add_rows("coordinate-minutes", placing.table, second, source.headers[0])
        faulty |= second
    return faulty
