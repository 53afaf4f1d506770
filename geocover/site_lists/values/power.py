"""Transmit powers: dBm or W, by the unit of the cell, of the head, or as all values of the column suggest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from geocover.site_lists.values.numbers import Style, number_of, parse
from geocover.site_lists.values.quantities import Quantities, parts_of, read_with, watts_to_dbm

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Literal

    from geocover.site_lists.values.distinct import Distinct

    Unit = Literal["dbm", "w"]

LOW_DBM, HIGH_DBM = 0.0, 65.0
_HIGHEST_PLAIN_DBM = 60.0


@dataclass(frozen=True, eq=False)
class Powers:
    """A column of powers in dBm, and the unit assumed for numbers without one (empty where none was)."""

    quantities: Quantities
    assumed: str


def read_powers(column: Distinct, head_unit: str = "") -> Powers:
    """Read a column of powers of a carrier.

    ``2x40W`` is two transmitters of 40 W each, together 80 W. A number without a unit in the cell or the head
    is taken by the column: values above 60, or all multiples of 5 (20, 40, 60), are watts; anything else is
    dBm.
    """
    bare = _bare(column)
    known = {"dbm": "dbm", "db": "dbm", "w": "w", "kw": "kw", "dbw": "dbw", "mw": "mw"}.get(head_unit, "")
    assumed = _guess(bare) if bare and not known else ""
    quantities = read_with(column, _to_dbm(known or assumed), LOW_DBM, HIGH_DBM)
    return Powers(quantities, assumed)


def _to_dbm(plain_unit: str) -> Callable[[float, str], float | None]:
    def convert(number: float, unit: str) -> float | None:
        match unit or plain_unit:
            case "dbm" | "db":
                return number
            case "dbw":
                return number + 30.0
            case "w" | "watt" | "watts":
                return watts_to_dbm(number)
            case "kw":
                return watts_to_dbm(number * 1000.0)
            case "mw":
                return watts_to_dbm(number / 1000.0)
            case _:
                return None

    return convert


def _bare(column: Distinct) -> list[float]:
    """Numbers of a column that stand without a unit."""
    found: list[float | None] = []
    for value in column.values:
        if isinstance(value, str):
            parts = [part for part in parts_of(value) or () if not part.unit]
            found += [parse(part.terms[0], Style()) for part in parts]
        else:
            found.append(number_of(value, None, Style()))
    return [number for number in found if number is not None]


def _guess(numbers: list[float]) -> Unit:
    values = np.array(numbers)
    watts = values.max() > _HIGHEST_PLAIN_DBM or bool((values % 5 == 0).all())
    return "w" if watts else "dbm"
