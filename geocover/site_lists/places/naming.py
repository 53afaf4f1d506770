"""Which communes the rows of a table name: by code, by name, by the names and districts of before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from geocover.site_lists.places.grouping import combine, first_rows
from geocover.site_lists.places.unit_names import read_code, read_district, read_unit
from geocover.site_lists.values.distinct import distinct, plain

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geocover.site_lists.columns.columns import Columns
    from geocover.site_lists.places.degrees import Floats
    from geocover.site_lists.places.reference import Reference
    from geocover.site_lists.sheets import Table

FIELDS = ("commune", "district", "commune_code")


class Meant(NamedTuple):
    """What one way to name a commune means.

    ``communes`` are the rows of the reference's table that it can mean; ``unknown`` says that the name is
    none of them, and ``contradicted`` that name and code are of different communes.
    """

    communes: frozenset[int] = frozenset()
    unknown: bool = False
    contradicted: bool = False


@dataclass(frozen=True, eq=False)
class Named:
    """The communes that the rows of a table name.

    Attributes
    ----------
    of_row
        Number of the row's entry in `meant`; shape (rows,).
    meant
        The different ways in which communes are named.
    member
        Whether a commune is among those meant; shape (meant, communes of the reference).
    reference
        The province whose communes they are.
    """

    of_row: NDArray[np.int64]
    meant: tuple[Meant, ...]
    member: NDArray[np.bool_]
    reference: Reference

    @property
    def known(self) -> NDArray[np.bool_]:
        """Rows that name a commune of the reference; shape (rows,)."""
        return np.asarray(self.member.any(axis=1))[self.of_row]

    @property
    def unknown(self) -> NDArray[np.bool_]:
        """Rows that name something that is no commune of the reference; shape (rows,)."""
        return np.array([each.unknown for each in self.meant], np.bool_)[self.of_row]

    @property
    def contradicted(self) -> NDArray[np.bool_]:
        """Rows whose name and code are of different communes; shape (rows,)."""
        return np.array([each.contradicted for each in self.meant], np.bool_)[self.of_row]

    def agrees(self, communes: NDArray[np.int64], rows: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Whether communes (rows of the reference's table, -1 for none) are among those that rows name."""
        return self.member[self.of_row[rows], communes] & (communes >= 0)

    def distance_m(self, x_m: Floats, y_m: Floats, rows: NDArray[np.int64]) -> Floats:
        """Distance of positions to the nearest commune that each row means, in metres; NaN where none."""
        result = np.full(len(rows), np.nan)
        ways = self.of_row[rows]
        for way in np.unique(ways).tolist():
            communes = sorted(self.meant[way].communes)
            at = np.flatnonzero(ways == way)
            if communes:
                result[at] = self.reference.distance_m(x_m[at], y_m[at], communes)
        return result


def named_communes(table: Table, columns: Columns, reference: Reference) -> Named:
    """Find which communes each row of a table can mean.

    The province's communes of today, and through the reference's old units what became of those of before.
    A code and a name together mean what both can mean, or either where they contradict each other.
    """
    codes, texts = zip(*(_texts(table, columns, name) for name in FIELDS), strict=True)
    of_row = combine(codes, len(table))
    ways = np.stack(codes, axis=1)[np.unique(first_rows(of_row))]
    meant = tuple(
        _meant(*(of_field[number] for of_field, number in zip(texts, way, strict=True)), reference=reference)
        for way in ways.tolist()
    )
    member = np.zeros((max(len(meant), 1), len(reference.areas)), np.bool_)
    for number, each in enumerate(meant):
        member[number, list(each.communes)] = True
    return Named(of_row, meant, member, reference)


def _texts(table: Table, columns: Columns, name: str) -> tuple[NDArray[np.int64], list[str]]:
    """Number of each row's text, -1 for none, and the texts, the last of them empty."""
    header = columns.first(name)
    if header is None:
        return np.full(len(table), -1, np.int64), [""]
    column = distinct(table.values[header.position])
    return column.codes.astype(np.int64), [*map(plain, column.values), ""]


def _meant(commune: str, district: str, code: str, *, reference: Reference) -> Meant:
    unit = read_unit(commune)
    if district:
        unit = unit._replace(district=read_district(district) or unit.district)
    by_name = reference.candidates(unit) if unit.name else frozenset()
    known_code = read_code(code) or unit.code
    by_code = reference.coded(known_code) if known_code else frozenset()
    given = bool(commune or code)
    both = by_name & by_code
    return Meant(
        both or by_name | by_code,
        unknown=given and not by_name | by_code,
        contradicted=bool(by_name and by_code and not both),
    )
