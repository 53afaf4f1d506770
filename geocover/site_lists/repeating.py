"""Sectors below their site: rows that leave its name and place to the row above, without merged cells."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from geocover.site_lists.reading.grid import is_filled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from geocover.site_lists.columns.columns import Columns
    from geocover.site_lists.findings import Findings
    from geocover.site_lists.sheets import Header, Table

_NAMES = ("station_id", "station_name", "position_id")
_PLACES = (
    *("lon", "lon_minute", "lon_second", "lat", "lat_minute", "lat_second"),
    *("position", "x_m", "y_m", "x", "y"),
)
_DESCRIBING = (
    *("operator", "mcc", "mnc", "technology", "zone", "province", "district", "commune", "commune_code"),
    *("address", "on_air", "height_m", "site_kind", "shared", "environment", "status"),
)
_OF_SECTORS = (
    *("cell_id", "cell_name", "azimuth_deg", "downtilt_deg", "mechanical_tilt_deg", "total_tilt_deg"),
    *("pci", "channel", "freq_mhz", "band"),
)


def fill_down(table: Table, columns: Columns, findings: Findings) -> None:
    """Give rows of sectors the site of the row above, where only that row says it; changes the table.

    Such a row has no number, no name of a site and no coordinate at all, but something of a sector, and
    stands directly below a row that has both a name and a place (or below another such row).
    """
    names, places = _headers(columns, _NAMES), _headers(columns, _PLACES)
    counters, sectors = columns.all("number"), _headers(columns, _OF_SECTORS)
    if not names or not places or not sectors:
        return
    nameless, placeless = ~_any(table, names), ~_any(table, places)
    lacking = nameless & placeless & ~_any(table, counters) & _any(table, sectors)
    first = _owners(table, lacking, ~nameless & ~placeless)
    rows = np.flatnonzero(first >= 0)
    for header in {*names, *places, *_headers(columns, _DESCRIBING)}:
        values = table.values[header.position]
        empty = rows[~is_filled(values[rows])]
        values[empty] = values[first[empty]]
    findings.add_rows("row-filled-down", table, rows, names[0], above=table.rows[first[rows]].tolist())


def _headers(columns: Columns, fields: tuple[str, ...]) -> list[Header]:
    return [header for field in fields for header in columns.all(field)]


def _any(table: Table, headers: Sequence[Header]) -> NDArray[np.bool_]:
    """Rows in which any of some columns holds something, shape (rows,)."""
    filled = [is_filled(table.values[header.position]) for header in headers]
    return np.any(filled, axis=0) if filled else np.zeros(len(table), np.bool_)


def _owners(table: Table, lacking: NDArray[np.bool_], whole: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Row that names the site of each lacking row, -1 where there is none directly above; shape (rows,)."""
    owners = np.full(len(table), -1)
    for at in np.flatnonzero(lacking).tolist():
        if at and table.rows[at] == table.rows[at - 1] + 1:
            owners[at] = at - 1 if whole[at - 1] else owners[at - 1]
    return owners
