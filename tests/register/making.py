"""Uploads and cells for the tests of the register, made by hand."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd

from geocover.network import PARAMETERS
from geocover.register import lists
from geocover.register.cells import FLAGS
from geocover.register.database import Database
from geocover.register.lists import SiteList
from geocover.register.uploads import Checked, Upload

JUNE, DECEMBER = dt.date(2025, 6, 30), dt.date(2025, 12, 31)
WEST, SOUTH = 105.30, 21.30


def make_cells(count: int = 3, operator: str = "Viettel", **columns: Any) -> pd.DataFrame:
    """Cells of 4G at places 0.01° apart from west to east; columns by name replace what is made up."""
    numbers = np.arange(count)
    table = pd.DataFrame(
        {
            "position_id": [f"P{n}" for n in numbers],
            "station_id": [f"P{n}-4G" for n in numbers],
            "cell_id": [f"P{n}-4G-1" for n in numbers],
            "operator": operator,
            "technology": "4G",
            "on_air": pd.to_datetime(["2024-01-01"] * count),
            "lon": WEST + 0.01 * numbers,
            "lat": SOUTH,
            "freq_mhz": 1800.0,
            "eirp_dbm": 32.1,
            "height_m": 30.0,
            "azimuth_deg": 120.0,
            "downtilt_deg": 6.0,
            "beamwidth_h_deg": 65.0,
            "beamwidth_v_deg": 7.0,
            "environment": "suburban",
            "mechanical_tilt_deg": 0.0,
            "antenna": "",
            "sheet": "Trạm",
            "row": numbers + 2,
            "pci": pd.array([None] * count, dtype="Int64"),
        }
    )
    for flag, name in zip(FLAGS, PARAMETERS, strict=True):
        table[flag] = name in ("eirp_dbm", "environment")
    return table.assign(**columns)


def make_upload(
    operator: str = "Viettel", as_of: dt.date = DECEMBER, content: bytes = b"PK\x03\x04\x00\xff"
) -> Upload:
    return Upload(f"{operator}.xlsx", content, operator, as_of)


def make_checked(cells: pd.DataFrame | None = None, rejected: int = 1, **more: Any) -> Checked:
    cells = make_cells() if cells is None else cells
    read = len(cells) + rejected
    report = {"rows": {"read": read}, "findings": [{"value": "NUL \0 và NaN", "vi": "lỗi"}]}
    return Checked(report, cells, read, len(cells), rejected, **more)


def make_accepted(
    database: Database, cells: pd.DataFrame | None = None, as_of: dt.date = DECEMBER
) -> SiteList:
    """A list through all steps; the operator is that of its cells."""
    cells = make_cells() if cells is None else cells
    one = lists.draft(database, make_upload(cells["operator"].iloc[0], as_of), "test")
    lists.checked(database, one.id, make_checked(cells), "test")
    return lists.accept(database, one.id, "test")
