"""The communes of before 2025-07-01 and the new ones that they went into: both ways one to many.

Units merged before 2025 are known by a name without marks, and by the unit of 2024 that took them in.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import pandas as pd

from geocover.errors import AreasError
from geocover.names import fold, nfc, tone_key
from geocover.resources import ROOTS
from geocover.site_lists.places.unit_names import read_district

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from geocover.areas import Areas

COLUMNS = ("old_code", "old_type", "old_name", "old_district", "new_code")
MERGED_COLUMNS = ("merged_type", "merged_key", "into_code", "into_district")
_OLD_TO_NEW, _MERGED = "old-to-new", "merged-before-2025"


@dataclass(frozen=True, eq=False)
class OldUnits:
    """Old communes by code, name and district.

    Attributes
    ----------
    table
        One row an old unit and new commune: the columns of `COLUMNS` (more are allowed), all texts; districts
        with their type ("Huyện Tân Sơn").
    merged
        One row a unit merged before 2025: the columns of `MERGED_COLUMNS`, all texts; its name without marks
        and blanks, and code and district of the old unit that took it in. Empty where none is known.
    """

    table: pd.DataFrame
    merged: pd.DataFrame = field(
        default_factory=lambda: pd.DataFrame(columns=list(MERGED_COLUMNS), dtype=str)
    )

    def of_code(self, code: str) -> frozenset[str]:
        """Codes of the new communes into which the old unit of a code went; empty where there is none."""
        return self._codes.get(code, frozenset())

    def of_name(self, name: str, unit_type: str = "", district: str = "") -> frozenset[str]:
        """Codes of the new communes into which old units of a name went.

        Type and district (bare names) narrow down where they fit, and are passed over where they fit none:
        lists write them wrong more often than the name. A name without marks finds all that are spelt so. Of
        units merged before 2025 are those that no old unit is called after, or none in the district stated.
        """
        rows = self._by_tone.get(tone_key(name)) or self._by_letters.get(fold(name)) or []
        wanted = fold(district)
        if not rows or (wanted and wanted not in {self._folded["district"][row] for row in rows}):
            merged = self._of_merged(name, unit_type, wanted, elsewhere=not rows)
            if merged:
                return merged
        rows = _narrowed(rows, self._folded, wanted, fold(unit_type))
        codes = self.table["new_code"]
        return frozenset(str(codes.iloc[row]) for row in rows)

    def _of_merged(self, name: str, unit_type: str, district: str, *, elsewhere: bool) -> frozenset[str]:
        """New communes of the units of a name that were merged; of another district too if `elsewhere`."""
        rows = self._by_key.get(fold(name).replace(" ", ""), [])
        if not elsewhere:
            rows = [row for row in rows if self._merged_folded["district"][row] == district]
        rows = _narrowed(rows, self._merged_folded, district, fold(unit_type))
        codes = self.merged["into_code"]
        return frozenset[str]().union(*(self.of_code(str(codes.iloc[row])) for row in rows))

    def districts_of(self, new_code: str) -> frozenset[str]:
        """Districts, without marks, whose units went into a new commune."""
        return self._districts.get(new_code, frozenset())

    @cached_property
    def _folded(self) -> dict[str, list[str]]:
        return {
            "district": [fold(read_district(each)) for each in self.table["old_district"]],
            "type": [fold(each) for each in self.table["old_type"]],
        }

    @cached_property
    def _merged_folded(self) -> dict[str, list[str]]:
        return {
            "district": [fold(read_district(each)) for each in self.merged["into_district"]],
            "type": [fold(each) for each in self.merged["merged_type"]],
        }

    @cached_property
    def _by_key(self) -> dict[str, list[int]]:
        return rows_by(self.merged["merged_key"])

    @cached_property
    def _codes(self) -> dict[str, frozenset[str]]:
        return _sets(self.table["old_code"], self.table["new_code"])

    @cached_property
    def _districts(self) -> dict[str, frozenset[str]]:
        return _sets(self.table["new_code"], self._folded["district"])

    @cached_property
    def _by_tone(self) -> dict[str, list[int]]:
        return rows_by(tone_key(name) for name in self.table["old_name"])

    @cached_property
    def _by_letters(self) -> dict[str, list[int]]:
        return rows_by(fold(name) for name in self.table["old_name"])


def read_old_units(path: Path) -> OldUnits:
    """Read a table of old units: CSV in UTF-8 with at least the columns of `COLUMNS`.

    Beside ``x-old-to-new.csv`` a file ``x-merged-before-2025.csv`` with `MERGED_COLUMNS` is read too.

    Raises
    ------
    AreasError
        If a file cannot be read, a column is missing, or a code, a name or a district is empty.
    """
    beside = path.with_name(path.name.replace(_OLD_TO_NEW, _MERGED))
    if beside == path or not beside.exists():
        return OldUnits(_read(path, COLUMNS))
    return OldUnits(_read(path, COLUMNS), _read(beside, MERGED_COLUMNS))


def _narrowed(rows: list[int], folded: dict[str, list[str]], district: str, unit_type: str) -> list[int]:
    """Rows in the district, and of those the ones of the type, where any are."""
    for column, wanted in (("district", district), ("type", unit_type)):
        fitting = [row for row in rows if wanted and folded[column][row] == wanted]
        rows = fitting or rows
    return rows


def _read(path: Path, columns: tuple[str, ...]) -> pd.DataFrame:
    try:
        table = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        raise AreasError(f"{path}: cannot be read ({error})", f"{path}: không đọc được ({error})") from error
    missing = [name for name in columns if name not in table.columns]
    if missing:
        raise AreasError(
            f"{path}: column {', '.join(missing)} is missing; add it",
            f"{path}: thiếu cột {', '.join(missing)}; hãy bổ sung",
        )
    empty = (table[list(columns)].to_numpy() == "").any(axis=1)
    if empty.any():
        row = int(empty.argmax()) + 2
        raise AreasError(
            f"{path}, row {row}: a code, type, name or district is empty; fill it in",
            f"{path}, dòng {row}: thiếu mã, loại, tên hoặc huyện; hãy điền đủ",
        )
    return table.map(nfc)


def shipped_old_units(areas: Areas) -> OldUnits | None:
    """Old units of a province that ships with its table; None where no table holds any of its communes."""
    codes = set(areas.codes)
    for path in sorted(path for root in ROOTS for path in (root / "communes").glob(f"*-{_OLD_TO_NEW}.csv")):
        units = read_old_units(path)
        if codes & set(units.table["new_code"]):
            return units
    return None


def rows_by(keys: Iterable[str]) -> dict[str, list[int]]:
    """Numbers of the rows of each key."""
    rows: dict[str, list[int]] = defaultdict(list)
    for row, key in enumerate(keys):
        rows[key].append(row)
    return dict(rows)


def _sets(keys: Iterable[object], values: Iterable[object]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for key, value in zip(keys, values, strict=True):
        found[str(key)].add(str(value))
    return {key: frozenset(values) for key, values in found.items()}
