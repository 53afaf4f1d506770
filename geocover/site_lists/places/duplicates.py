"""The same thing twice in a list: whole rows, cells, stations; and sites that contradict each other."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

import numpy as np
import pandas as pd

from geocover.names import fold
from geocover.site_lists.places.communes import written_distance
from geocover.site_lists.places.grouping import clusters, combine, first_rows, numbered
from geocover.site_lists.values.ids import IDS, id_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from geocover.site_lists.columns.columns import Columns
    from geocover.site_lists.findings import Findings
    from geocover.site_lists.sheets import Table

    Rows = NDArray[np.int64]
    Mask = NDArray[np.bool_]

SAME_PLACE_M = 5.0
TWO_PLACES_M = 100.0
EARTH_M = 6_371_008.8  # IUGG mean radius
# Columns of rows that say more about a cell without telling it from another one.
DESCRIBING = frozenset(
    {
        "lon", "lat", "crs", "position", "x", "y", "x_m", "y_m", "zone", "province", "district", "commune",
        "commune_code", "address", "on_air", "height_m", "downtilt_deg", "mechanical_tilt_deg",
        "total_tilt_deg", "eirp_dbm", "power", "power_dbm", "antenna_gain_dbi", "feeder_loss_db", "vendor",
        "site_kind", "shared", "shared_with", "lies_in", "environment", "status", "note",
        "number", "row", "sheet",
    }
)  # fmt: skip
NAMES = ("position_id", "station_id", "station_name")
_SECTOR = re.compile(r"[\s_.-]*(?:\b(?:sector|sec|cell|huong)[\s_.-]*)?(?:[\s_.-][a-z]?\d?|\d)$")


class Part(Protocol):
    """One table of a list with what was read from it."""

    @property
    def table(self) -> Table:
        """The table as it stands in the file."""

    @property
    def columns(self) -> Columns:
        """What its columns mean."""

    @property
    def rows(self) -> pd.DataFrame:
        """Its rows in canonical columns, RangeIndex."""

    @property
    def positions(self) -> pd.DataFrame:
        """``lon`` and ``lat`` of the same rows, NaN where unusable."""


def find_duplicates(parts: Sequence[Part], findings: Findings) -> None:
    """Find what occurs twice in a list, over all its tables.

    Rows that have errors already take no part. In this order, and always at the later row, naming the first:

    ``duplicate-row`` (error)
        All cells but the running number are equal, in tables of the same heads.
    ``cell-twice`` (error)
        The same cell id of the same operator and technology; of the same station too where ids are numbers
        within a station.
    ``id-respelt`` (fixed)
        An id that differs from an earlier one only in case, blanks or dashes: they are one.
    ``site-twice`` (warning)
        Rows without a cell id: the same site less than `TWO_PLACES_M` away, with the same technology, band,
        azimuth and whatever else tells cells apart. A station's other name does not, but for the names of its
        sectors (PTO001_1, PTO001_2).
    ``site-in-two-places`` (warning)
        One id at positions more than `TWO_PLACES_M` apart.
    ``position-two-names`` (warning)
        Two names of one operator and technology within `SAME_PLACE_M`.
    """
    for group in _same_heads(parts):
        _find_equal_rows([parts[number] for number in group], findings)
    stack = _Stack.of(parts, findings)
    if stack.where.size:
        _find_cells(stack, findings)
        stack = _Stack.of(parts, findings)  # without the rows just refused
        _find_spellings(stack, findings)
        _find_sites(stack, findings)
        _find_two_places(stack, findings)
        _find_two_names(stack, findings)


@dataclass(frozen=True, eq=False)
class _Stack:
    """The usable rows of all tables under each other.

    ``where`` is the number of each row among all rows of all tables, shape (rows,); `rows` and `positions`
    have as many.
    """

    parts: Sequence[Part]
    where: Rows
    rows: pd.DataFrame
    positions: pd.DataFrame
    _columns: dict[str, tuple[Rows, list[str]]] = field(default_factory=dict)

    @classmethod
    def of(cls, parts: Sequence[Part], findings: Findings) -> _Stack:
        usable = [~findings.refused(part.table) for part in parts]
        where = np.flatnonzero(np.concatenate(usable)) if usable else np.zeros(0, np.int64)
        rows = pd.concat([part.rows for part in parts], ignore_index=True) if parts else pd.DataFrame()
        places = pd.concat([part.positions for part in parts], ignore_index=True) if parts else pd.DataFrame()
        return cls(parts, where, rows.iloc[where], places.iloc[where])

    def key(self, names: Iterable[str]) -> Rows:
        """Number of the combination of values of some columns that each row has; shape (rows,)."""
        return combine((self.numbers(name) for name in names), len(self.where))

    def numbers(self, name: str) -> Rows:
        """Number of each row's text in a column, 0 where it or the value is missing; shape (rows,)."""
        return self._column(name)[0]

    def texts(self, name: str) -> list[str]:
        """Different texts of a column by their numbers; the first is empty."""
        return self._column(name)[1]

    @cached_property
    def place(self) -> Rows:
        """Number of each row's place, those within `SAME_PLACE_M` of each other being one, -1 for none."""
        placed = self.positions["lon"].notna().to_numpy()
        place = np.full(len(placed), -1, np.int64)
        place[placed] = _places(_earth_xyz_m(self.positions[placed]))
        return place

    def _column(self, name: str) -> tuple[Rows, list[str]]:
        if name not in self._columns:
            key = id_key if name in IDS else str.strip
            self._columns[name] = (
                _numbered_texts(self.rows[name], key) if name in self.rows else self._nothing
            )
        return self._columns[name]

    @property
    def _nothing(self) -> tuple[Rows, list[str]]:
        return np.zeros(len(self.where), np.int64), [""]

    def report(
        self, findings: Findings, code: str, later: Mask, first: Rows, field: str, **details: Sequence[str]
    ) -> None:
        """Report rows, each with the row that was first; `first` has one for every row of the stack."""
        names_vi, names = _row_names(self.parts, self.where[first[later]])
        start = 0
        where = self.where[later]
        for part in self.parts:
            inside = (where >= start) & (where < start + len(part.table))
            chosen = np.flatnonzero(inside).tolist()
            own = {name: [values[each] for each in chosen] for name, values in details.items()}
            header = part.columns.first(field) if field else None
            own["first_vi"] = [names_vi[each] for each in chosen]
            own["first"] = [names[each] for each in chosen]
            findings.add_rows(code, part.table, where[inside] - start, header, **own)
            start += len(part.table)


def _row_names(parts: Sequence[Part], where: Rows) -> tuple[list[str], list[str]]:
    """How the owner finds rows, in Vietnamese and English: the row, and its sheet where there are several."""
    sheets = np.concatenate([np.full(len(part.table), number) for number, part in enumerate(parts)])
    rows = np.concatenate([part.table.rows for part in parts])[where].tolist()
    several = len({part.table.sheet for part in parts}) > 1
    named = [parts[number].table.sheet if several else "" for number in sheets[where].tolist()]
    vi = [
        f"dòng {row} trang “{sheet}”" if sheet else f"dòng {row}"
        for row, sheet in zip(rows, named, strict=True)
    ]
    en = [
        f"row {row} of sheet “{sheet}”" if sheet else f"row {row}"
        for row, sheet in zip(rows, named, strict=True)
    ]
    return vi, en


def _same_heads(parts: Sequence[Part]) -> Iterator[list[int]]:
    groups: dict[tuple[str, ...], list[int]] = {}
    for number, part in enumerate(parts):
        groups.setdefault(tuple(header.text for header in part.table.headers), []).append(number)
    yield from groups.values()


def _find_equal_rows(parts: Sequence[Part], findings: Findings) -> None:
    """Report rows of which every cell but the running number is equal to an earlier row's."""
    stack = _Stack.of(parts, findings)
    numbering = {header.position for part in parts for header in part.columns.all("number")}
    left = np.arange(len(stack.where))
    key = np.zeros(len(left), np.int64)
    for position in _telling_first(parts[0], numbering):
        # Rows that are the only ones of their kind so far need no further look.
        values = np.concatenate([part.table.values[position] for part in parts])[stack.where[left]]
        key = combine((key, numbered(values)), len(left))
        repeated = np.bincount(key)[key] > 1
        left, key = left[repeated], key[repeated]
    first = np.arange(len(stack.where))
    first[left] = left[first_rows(key)]
    stack.report(findings, "duplicate-row", first < np.arange(len(first)), first, "")


def _telling_first(part: Part, without: set[int]) -> list[int]:
    """Positions of the columns, those that tell most rows apart first."""
    named = [part.columns.first(name) for name in ("cell_id", "cell_name", *NAMES)]
    early = [header.position for header in named if header is not None]
    late = [header.position for header in part.table.headers]
    return [position for position in dict.fromkeys([*early, *late]) if position not in without]


def _find_cells(stack: _Stack, findings: Findings) -> None:
    named = stack.numbers("cell_id") > 0
    local = len(stack.texts("cell_id")) - 1 < 0.5 * int(named.sum())
    key = stack.key(("operator", "technology", "cell_id", *(NAMES if local else ())))
    _report_repeated(stack, findings, "cell-twice", key, named, "cell_id")


def _find_spellings(stack: _Stack, findings: Findings) -> None:
    """Report ids that are brought to the spelling in which they stood first."""
    for name in IDS:
        if len(stack.texts(name)) > 1:
            first = _first_of(stack.numbers(name), stack.numbers(name) > 0)
            told = stack.rows[name].astype(str).to_numpy(object)
            later = told != told[first]
            stack.report(findings, "id-respelt", later, first, name, spelt=told[first[later]].tolist())


def _find_sites(stack: _Stack, findings: Findings) -> None:
    """Report rows without a cell id that nothing tells apart."""
    name = _naming(stack)
    if not name:
        return
    usable = (stack.numbers(name) > 0) & (stack.numbers("cell_id") == 0)
    key = _telling_key(stack, usable)
    # Less than TWO_PLACES_M from the first one, or at one place farther away.
    first = _first_of(key, usable)
    here = _first_of(combine([key, stack.place], len(usable)), usable)
    first = np.where((stack.place >= 0) & (_away_m(stack, first) <= TWO_PLACES_M), first, here)
    stack.report(findings, "site-twice", first < np.arange(len(first)), first, name)


def _telling_key(stack: _Stack, usable: Mask) -> Rows:
    """Number of the combination of all that tells the cells of rows apart, but for their places."""
    # "height_m 4G" is the height of one technology's antennas.
    telling = [column for column in map(str, stack.rows.columns) if column.split()[0] not in DESCRIBING]
    if not usable.any() or len(stack.texts("station_id")) < 2 or "station_name" not in telling:
        return stack.key(telling if usable.any() else ())
    key = stack.key(column for column in telling if column != "station_name")
    names = stack.numbers("station_name")
    stems = numbered(np.array([_stem(text) for text in stack.texts("station_name")], object))[names]
    first = _first_of(key, usable)
    of_sectors = stems == stems[first]
    return combine([key, np.where(of_sectors, names, names[first])], len(names))


def _stem(name: str) -> str:
    """Name of a station without the number or the letter of its sector."""
    return _SECTOR.sub("", fold(name))


def _away_m(stack: _Stack, first: Rows) -> NDArray[np.float64]:
    """Metres between each row and another one; shape (rows,)."""
    xyz = np.nan_to_num(_earth_xyz_m(stack.positions))
    return np.asarray(np.sqrt(((xyz - xyz[first]) ** 2).sum(axis=1)), np.float64)


def _report_repeated(
    stack: _Stack, findings: Findings, code: str, key: Rows, usable: Mask, field: str
) -> None:
    first = _first_of(key, usable)
    stack.report(findings, code, first < np.arange(len(first)), first, field)


def _find_two_places(stack: _Stack, findings: Findings) -> None:
    """Report where an id first leaves the place where it stood first, once for each of its places."""
    name = _naming(stack, NAMES[:2])
    if not name:
        return
    key = stack.key(["operator", name])
    usable = (stack.numbers(name) > 0) & stack.positions["lon"].notna().to_numpy()
    first = _first_of(key, usable)
    xyz = np.nan_to_num(_earth_xyz_m(stack.positions))
    away_m = _away_m(stack, first)
    place = combine([key, *(numbered(axis) for axis in np.round(xyz / TWO_PLACES_M).T)], len(key))
    new = first_rows(place) == np.arange(len(key))
    later = usable & new & (away_m > TWO_PLACES_M)
    distances = [written_distance(each) for each in away_m[later]]
    stack.report(findings, "site-in-two-places", later, first, name, distance=distances)


def _find_two_names(stack: _Stack, findings: Findings) -> None:
    """Report the second and further names of a place, each once."""
    name = _naming(stack)
    if not name:
        return
    folded = np.array([fold(text) for text in stack.texts(name)], object)
    names = numbered(folded)[stack.numbers(name)]
    usable = (stack.place >= 0) & (stack.numbers(name) > 0)
    group = combine([stack.place, stack.key(["operator", "technology"])], len(names))
    first = _first_of(group, usable)
    first_of_name = _first_of(combine([group, names], len(names)), usable)
    later = usable & (names != names[first]) & (first_of_name == np.arange(len(names)))
    others = [stack.texts(name)[number] for number in stack.numbers(name)[first[later]]]
    stack.report(findings, "position-two-names", later, first, name, other=others)


def _naming(stack: _Stack, names: Sequence[str] = NAMES) -> str:
    """Column that names sites; empty where none does."""
    return next((name for name in names if len(stack.texts(name)) > 1), "")


def _places(xyz_m: NDArray[np.float64]) -> Rows:
    """Number of the place of each position: those within `SAME_PLACE_M` of each other are one; shape (n,).

    Positions are rounded to a metre first, so that a crowd of them costs no more than its area.
    """
    rounded = np.round(xyz_m)
    spot_of = combine((numbered(axis) for axis in rounded.T), len(rounded))
    spots = rounded[np.unique(first_rows(spot_of))]
    if not len(spots):
        return spot_of
    return clusters(spots, SAME_PLACE_M)[spot_of]


def _earth_xyz_m(positions: pd.DataFrame) -> NDArray[np.float64]:
    """Positions on a sphere, shape (rows, 3), metres: straight distances are true ones within 0.5 %."""
    lon, lat = np.radians(positions[["lon", "lat"]].to_numpy(float)).T
    return EARTH_M * np.stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)], axis=1)


def _numbered_texts(values: pd.Series, key: Callable[[str], str]) -> tuple[Rows, list[str]]:
    """Number of each row's text, 0 for none, and the texts by their numbers; texts of one key are one."""
    codes, found = pd.factorize(values)
    numbers, texts = {"": 0}, [""]
    for value in map(str, found):
        if numbers.setdefault(key(value), len(texts)) == len(texts):
            texts.append(value.strip())
    of_value = [numbers[key(value)] for value in map(str, found)]
    return np.array([*of_value, 0], np.int64)[codes], texts


def _first_of(key: Rows, usable: Mask) -> Rows:
    """First usable row that has the key of each usable row, and each other row itself; shape (rows,)."""
    own = int(key.max(initial=0)) + 1 + np.arange(len(key))
    return first_rows(np.where(usable, key, own))
