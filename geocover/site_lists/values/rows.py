"""Rows of a table in canonical columns: every row is there, whatever is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from geocover.errors import InputError
from geocover.network import TECHNOLOGIES
from geocover.site_lists.values.column_values import Source, count_column, date_column, text_column
from geocover.site_lists.values.distinct import plain
from geocover.site_lists.values.ditto import fill_dittos
from geocover.site_lists.values.operators import read_operator
from geocover.site_lists.values.row_operators import read_operators
from geocover.site_lists.values.row_sectors import read_sectors
from geocover.site_lists.values.row_technologies import Radio, read_radio
from geocover.site_lists.values.status import report_status
from geocover.site_lists.values.technology import environment_of, technologies_in

if TYPE_CHECKING:
    import datetime as dt

    from numpy.typing import NDArray

    from geocover.site_lists.columns.columns import Columns
    from geocover.site_lists.findings import Findings
    from geocover.site_lists.sheets import Table

TEXTS = (
    "number", "position_id", "station_id", "station_name", "cell_id", "cell_name", "province", "district",
    "commune", "address", "antenna", "vendor", "site_kind", "status", "note",
)  # fmt: skip


@dataclass(frozen=True)
class Given:
    """What the caller states about a list.

    Attributes
    ----------
    operator, technology
        What counts where the list is silent (each use is reported); empty for none. Spellings such as "VNPT"
        and "LTE" become the one name.
    today
        Day after which dates are reported as in the future; None for no such check.

    Raises
    ------
    InputError
        On construction: the operator cannot be one, or the technology is not one of 2G, 3G, 4G, 5G.
    """

    operator: str = ""
    technology: str = ""
    today: dt.date | None = None

    def __post_init__(self) -> None:
        if self.operator:
            object.__setattr__(self, "operator", _one_operator(self.operator))
        if self.technology:
            object.__setattr__(self, "technology", _one_technology(self.technology))


def _one_operator(text: str) -> str:
    found = read_operator(text)
    if not found.name or found.others:
        raise InputError(
            f"operator {text!r} stated for a list: not one operator; write for example Viettel",
            f"nhà mạng {text!r} khai báo cho danh sách: không phải một nhà mạng; hãy ghi ví dụ Viettel",
        )
    return found.name


def _one_technology(text: str) -> str:
    found = technologies_in(text).found
    if len(found) != 1:
        raise InputError(
            f"technology {text!r} stated for a list: write one of {', '.join(TECHNOLOGIES)}",
            f"công nghệ {text!r} khai báo cho danh sách: hãy ghi một trong {', '.join(TECHNOLOGIES)}",
        )
    return found[0]


def read_rows(table: Table, columns: Columns, findings: Findings, given: Given | None = None) -> pd.DataFrame:
    """Read a table in canonical columns; nothing is dropped, and ditto marks in it are filled in.

    Parameters
    ----------
    table
        The table.
    columns
        What its columns mean.
    findings
        Collects what is wrong; rows with an error cannot be used.
    given
        What the caller states.

    Returns
    -------
    DataFrame
        One row for each row of the table, RangeIndex. Text, empty where there is none: `TEXTS`, ``operator``,
        ``shared_with`` (other operators, joined by ", "), ``shared`` ("yes", "no"), ``commune_code``,
        ``environment``. ``technology``: a tuple of technologies. ``carriers``: pairs of technology and MHz.
        ``cells_2g`` ... ``cells_5g``, ``cells``, ``sectors``: numbers, NaN where unknown. ``on_air``: a day
        or NaT. Tuples of one number a sector, or of one for all: ``azimuth_deg`` (NaN omnidirectional),
        ``height_m``, ``downtilt_deg``, ``mechanical_tilt_deg``, ``power_dbm`` and ``eirp_dbm`` (both of the
        carrier), ``antenna_gain_dbi``, ``feeder_loss_db``, ``bandwidth_mhz``, ``pci``. What holds for one
        technology alone stands in columns of its own, such as ``height_m 4G`` and ``on_air 5G``.
    """
    given = given or Given()
    source = Source(table, columns, findings)
    fill_dittos(source)
    radio = read_radio(source, given.technology)
    counts = {f"cells_{name.lower()}": radio.counts[name] for name in TECHNOLOGIES}
    told: dict[str, NDArray[Any]] = {name: text_column(source, name) for name in TEXTS}
    told |= read_operators(source, given.operator)
    told |= {"commune_code": _commune_codes(source), "environment": _environments(source)}
    told |= {"technology": radio.technology, "carriers": radio.carriers, **counts}
    told["cells"] = _cells(source, radio)
    report_status(source)
    told |= _dates(source, given.today)
    told |= read_sectors(source)
    index = pd.RangeIndex(len(table))
    return pd.DataFrame({name: pd.Series(values, index, values.dtype) for name, values in told.items()})


def _cells(source: Source, radio: Radio) -> NDArray[np.float64]:
    """Total number of cells, where what is left of it can be divided evenly.

    It is divided among the technologies of the row that state no number of their own; where all do, it is
    compared with their sum, which counts.
    """
    cells, header = count_column(source, "cells"), source.columns.first("cells")
    own = np.stack([np.nan_to_num(radio.counts[name]) for name in TECHNOLOGIES])
    there = np.array([[name in names for names in radio.technology.tolist()] for name in TECHNOLOGIES], bool)
    stated = (own * there).sum(axis=0)
    silent = (there & (own == 0)).sum(axis=0)
    left = np.nan_to_num(cells) - stated
    source.mark("cells-sum", (cells > 0) & (stated > 0) & (silent == 0) & (left != 0), header)
    uneven = (cells > 0) & (silent > 0) & ((left % np.maximum(silent, 1) != 0) | (left <= 0))
    source.mark("cells-undivided", uneven, header)
    return np.where(uneven | ((silent == 0) & (stated > 0)), np.nan, cells)


def _dates(source: Source, today: dt.date | None) -> dict[str, NDArray[Any]]:
    none = np.full(len(source.table), np.datetime64("NaT", "s"), "datetime64[s]")
    meanings = source.columns.of("on_air")
    found = {f"on_air {one.technology}".strip(): date_column(source, one, today) for one in meanings}
    return {"on_air": none, **found}


def _environments(source: Source) -> NDArray[np.object_]:
    header = source.columns.first("environment")
    if header is None:
        return np.full(len(source.table), "", object)
    column = source.distinct(header)
    found = [environment_of(plain(value)) for value in column.values]
    source.mark("environment-unread", column.marks(not one for one in found), header)
    return column.objects(found, "")


def _commune_codes(source: Source) -> NDArray[np.object_]:
    """Codes of communes, five digits; leading zeros that a spreadsheet took away are put back."""
    header = source.columns.first("commune_code")
    if header is None:
        return np.full(len(source.table), "", object)
    column = source.distinct(header)
    texts = [plain(value).removesuffix(".0") for value in column.values]
    right = [text.isascii() and text.isdecimal() and len(text) <= 5 for text in texts]
    source.mark("code-unread", column.marks(not good for good in right), header)
    short = column.marks(good and len(text) < 5 for good, text in zip(right, texts, strict=True))
    source.note("code-padded", header, short)
    return column.objects(
        (text.zfill(5) if good else "" for good, text in zip(right, texts, strict=True)), ""
    )
