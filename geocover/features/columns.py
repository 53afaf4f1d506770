"""Columns of a table of features: values for filters, and the same as pieces of JSON."""

from __future__ import annotations

import datetime as dt
import json
import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from geocover.names import nfc

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

Kind = Literal["text", "number", "integer", "boolean", "date", "time"]
DECIMALS = 6
NULL = "null"
NUMBERS = ("number", "integer")
MOMENTS = ("date", "time")
TEXT_BYTES = 60  # of a Python string before its characters


@dataclass(frozen=True, eq=False)
class Column:
    """One property of all features.

    Attributes
    ----------
    kind
        Of what the values are.
    values
        Numbers as float64, booleans as bool, dates and times as microseconds since 1970 in int64; of texts
        the distinct ones, in NFC.
    missing
        Where there is none, shape ``(n,)``.
    codes
        Of texts: which of ``values`` each feature has.
    """

    kind: Kind
    values: NDArray[np.generic]
    missing: NDArray[np.bool_]
    codes: NDArray[np.int32] | None = None

    @property
    def size(self) -> int:
        """Bytes, roughly."""
        texts = sum(TEXT_BYTES + 2 * len(text) for text in self.values) if self.codes is not None else 0
        codes = self.codes.nbytes if self.codes is not None else 0
        return int(self.values.nbytes + self.missing.nbytes + codes + texts)

    def json(self, rows: Sequence[int] | NDArray[np.int64] | slice) -> list[str]:
        """Give the values of rows as JSON."""
        missing = self.missing[rows]
        if self.codes is not None:
            distinct = self._distinct
            shown = [distinct[code] for code in self.codes[rows].tolist()]
        else:
            shown = _shown(self.kind, self.values[rows])
        if not missing.any():
            return shown
        return [NULL if gone else text for text, gone in zip(shown, missing.tolist(), strict=True)]

    @cached_property
    def _distinct(self) -> list[str]:
        return [json.dumps(str(text), ensure_ascii=False) for text in self.values]


def _shown(kind: Kind, values: NDArray[np.generic]) -> list[str]:
    if kind == "number":
        return [_number(value) for value in values.tolist()]
    if kind == "integer":
        return [str(int(value)) if math.isfinite(value) else NULL for value in values.tolist()]
    if kind == "boolean":
        return ["true" if value else "false" for value in values.tolist()]
    unit: Literal["D", "ms"] = "D" if kind == "date" else "ms"
    texts = np.datetime_as_string(values.astype("datetime64[us]"), unit=unit)
    end = "" if kind == "date" else "Z"
    return [f'"{text}{end}"' for text in texts.tolist()]


def _number(value: float) -> str:
    rounded = round(value, DECIMALS)
    return repr(rounded) if math.isfinite(rounded) else NULL


def column_of(kind: Kind, values: pd.Series) -> Column:
    """Make a column of a table's values of any representation; missing ones stay missing.

    Raises
    ------
    ValueError
        A value is not of the kind.
    """
    missing = values.isna().to_numpy(dtype=bool)
    if kind == "text":
        codes, distinct = pd.factorize(values.astype("string").fillna("").map(nfc))
        texts = np.array([str(text) for text in distinct], dtype=object)
        return Column(kind, texts, missing, codes.astype(np.int32))
    if kind in NUMBERS:
        numbers = pd.to_numeric(values).to_numpy(dtype=np.float64, na_value=np.nan)
        return Column(kind, numbers, missing | ~np.isfinite(numbers))
    if kind == "boolean":
        truths = values.astype("boolean").fillna(value=False).to_numpy(dtype=bool)
        return Column(kind, truths, missing)
    moments = [0 if gone else moment_us(value) for value, gone in zip(values, missing, strict=True)]
    return Column(kind, np.array(moments, dtype=np.int64), missing)


def moment_us(value: object) -> int:
    """Microseconds since 1970 of a date or time, or of its text; without a zone it is UTC.

    Raises
    ------
    ValueError
        It is no date or time.
    """
    moment = value if isinstance(value, (dt.datetime, dt.date)) else dt.datetime.fromisoformat(str(value))
    if not isinstance(moment, dt.datetime):
        moment = dt.datetime.combine(moment, dt.time())
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=dt.UTC)
    return (moment - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)) // dt.timedelta(microseconds=1)
