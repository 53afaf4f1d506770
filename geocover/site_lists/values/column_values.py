"""Reads whole columns of a table and reports what is wrong with them, each cell in its own row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from geocover.network import LIMITS
from geocover.site_lists.columns.heads import fields, tokens_of
from geocover.site_lists.values.dates import Dates, read_dates
from geocover.site_lists.values.distinct import Distinct, distinct, plain
from geocover.site_lists.values.numbers import read_numbers
from geocover.site_lists.values.power import read_powers
from geocover.site_lists.values.quantities import Quantities, read_azimuths, read_quantities, read_whole
from geocover.site_lists.values.status import status_of

if TYPE_CHECKING:
    import datetime as dt

    from numpy.typing import NDArray

    from geocover.site_lists.columns.columns import Columns, Meaning
    from geocover.site_lists.findings import Findings
    from geocover.site_lists.sheets import Header, Table

_UNITS = {
    "height_m": "m", "azimuth_deg": "deg", "downtilt_deg": "deg", "mechanical_tilt_deg": "deg",
    "total_tilt_deg": "deg", "antenna_gain_dbi": "dbi", "feeder_loss_db": "db", "bandwidth_mhz": "mhz",
}  # fmt: skip
LOWEST_USUAL_M = 3.0  # of antennas above the ground
TILTS = ("downtilt_deg", "mechanical_tilt_deg", "total_tilt_deg")
_ENGLISH = frozenset({"date", "time", "launch", "air", "onair", "activation", "service", "commissioning"})


@dataclass(frozen=True, eq=False)
class Source:
    """A table with what its columns mean, and where findings go."""

    table: Table
    columns: Columns
    findings: Findings

    def distinct(self, header: Header) -> Distinct:
        """Different values of a column."""
        return distinct(self.table.values[header.position])

    def mark(self, code: str, rows: NDArray[np.bool_], header: Header | None, **details: object) -> None:
        """Report some rows of a column."""
        self.findings.add_rows(code, self.table, rows, header, None, **details)

    def note(self, code: str, header: Header | None, rows: NDArray[np.bool_], **details: object) -> None:
        """Report once that something holds for some rows of a column, if for any."""
        if rows.any():
            told = {"count": int(rows.sum()), **details}
            self.findings.add(code, sheet=self.table.sheet, row=None, header=header, value=None, **told)

    @property
    def typed(self) -> bool:
        """Whether the file tells numbers from text at all; CSV does not."""
        return any(
            isinstance(value, int | float) for column in self.table.values for value in column[:200].tolist()
        )


def text_column(source: Source, field: str) -> NDArray[np.object_]:
    """Text of a field, empty where there is none; several columns are joined by "; "."""
    columns = [source.distinct(header).texts(_text) for header in source.columns.all(field)]
    if not columns:
        return np.full(len(source.table), "", object)
    if len(columns) == 1:
        return columns[0]
    joined = ["; ".join(filter(None, row)) for row in zip(*columns, strict=True)]
    return np.array([*joined, None], object)[:-1]


def _text(value: object) -> str:
    text = plain(value)  # type: ignore[arg-type]
    return text[:-2] if text.endswith(".0") and text[:-2].isdecimal() else text


def quantity_column(source: Source, meaning: Meaning) -> NDArray[np.object_]:
    """Read a column of quantities: for each row a tuple of numbers, one a sector, or an empty one."""
    field = fields()[meaning.field]
    column = source.distinct(meaning.header)
    if field.name == "azimuth_deg":
        found = read_azimuths(column)
    else:
        low, high = limits_of(field.name)
        found = (
            read_whole(column, low, high)
            if field.whole
            else read_quantities(column, _UNITS.get(field.name, ""), low, high, meaning.unit)
        )
    _report(source, meaning, column, found)
    if field.name == "height_m":
        low_ones = column.marks(0 < min(values, default=0) < LOWEST_USUAL_M for values in found.values)
        source.mark("height-low", low_ones, meaning.header)
    if field.name in TILTS:
        found = _downwards(source, meaning, column, found)
    return column.objects(found.values, ())


def power_column(source: Source, meaning: Meaning) -> NDArray[np.object_]:
    """Read a column of powers: for each row a tuple of dBm, one a sector."""
    column = source.distinct(meaning.header)
    powers = read_powers(column, meaning.unit)
    _report(source, meaning, column, powers.quantities)
    if powers.assumed:
        source.note(
            "power-unit-guessed", meaning.header, column.given, unit={"w": "W"}.get(powers.assumed, "dBm")
        )
    return column.objects(powers.quantities.values, ())


def date_column(source: Source, meaning: Meaning, today: dt.date | None) -> NDArray[np.datetime64]:
    """Read a column of dates: days, NaT where there is none."""
    column = source.distinct(meaning.header)
    dates = read_dates(column)
    field = fields()[meaning.field]
    off = column.marks(bool(status_of(value)) for value in column.values) & (not meaning.technology)
    source.mark("date-unread", dates.unread & ~off, meaning.header, field=field.en, field_vi=field.vi)
    source.mark("date-impossible", dates.impossible, meaning.header)
    source.mark("date-order-mixed", dates.doubtful, meaning.header)
    source.note("date-coarse", meaning.header, dates.coarse)
    if dates.order == "mdy":
        source.note("date-month-first", meaning.header, column.given)
    if dates.order == "none" and _ENGLISH & set(tokens_of(meaning.header.text)):
        source.note("date-order-assumed", meaning.header, column.given)
    _report_future(source, meaning, dates, today)
    return dates.values


def count_column(source: Source, field: str) -> NDArray[np.float64]:
    """Read a column of whole numbers that are not negative; NaN where there is none."""
    header = source.columns.first(field)
    if header is None:
        return np.full(len(source.table), np.nan)
    low, high = limits_of(field)
    numbers = read_numbers(source.distinct(header), low, high)
    told = ~np.isnan(numbers.values)
    inside = (numbers.values >= low) & (numbers.values <= high)
    outside, broken = told & ~inside, told & inside & (numbers.values % 1 != 0)
    known = fields()[field]
    source.mark("value-not-whole", broken, header, field=known.en, field_vi=known.vi)
    source.mark("value-unread", numbers.unread, header, field=known.en, field_vi=known.vi)
    source.mark("value-impossible", outside, header, field=known.en, field_vi=known.vi, low=low, high=high)
    return np.where(outside | broken, np.nan, numbers.values)


def limits_of(field: str) -> tuple[float, float]:
    """What a field may be: as ``fields.toml`` says, and within what a network can hold."""
    known = fields()[field]
    low, high = LIMITS.get(field, (known.low, known.high))
    return max(low, known.low), min(high, known.high)


def _report(source: Source, meaning: Meaning, column: Distinct, found: Quantities) -> None:
    field = fields()[meaning.field]
    names = {"field": field.en, "field_vi": field.vi}
    low, high = limits_of(field.name)
    unit = "dBm" if field.name == "power" else ""
    header = meaning.header
    source.mark("value-unread", column.marks(found.unread), header, **names)
    source.mark("number-ambiguous", column.marks(found.ambiguous), header)
    limits = {"low": f"{low:g}", "high": f"{high:g} {unit}".strip()}
    source.mark("value-impossible", column.marks(found.outside), header, **names, **limits)
    source.note("value-summed", header, column.marks(found.summed))
    if source.typed:
        source.note("numbers-as-text", header, column.marks(found.as_text))


def _downwards(source: Source, meaning: Meaning, column: Distinct, found: Quantities) -> Quantities:
    """Turn the tilts of a column round in which down is negative throughout."""
    tilts = [tilt for values in found.values for tilt in values if tilt]
    if not tilts or max(tilts) > 0:
        return found
    source.note("tilt-sign", meaning.header, column.given)
    turned = [tuple(abs(tilt) for tilt in values) for values in found.values]
    return Quantities(turned, found.unread, found.ambiguous, found.outside, found.summed, found.as_text)


def _report_future(source: Source, meaning: Meaning, dates: Dates, today: dt.date | None) -> None:
    if today is not None:
        later = dates.values > np.datetime64(today, "s")
        source.mark(
            "date-future", later, meaning.header, today=today.isoformat(), today_vi=f"{today:%d/%m/%Y}"
        )
