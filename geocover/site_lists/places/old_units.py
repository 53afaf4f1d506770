"""The communes of before 2025-07-01 and the new ones that they went into: both ways one to many."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
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


@dataclass(frozen=True, eq=False)
class OldUnits:
    """Old communes by code, name and district.

    Attributes
    ----------
    table
        One row an old unit and new commune: the columns of `COLUMNS` (more are allowed), all texts; districts
        with their type ("Huyện Tân Sơn").
    """

    table: pd.DataFrame

    def of_code(self, code: str) -> frozenset[str]:
        """Codes of the new communes into which the old unit of a code went; empty where there is none."""
        return self._codes.get(code, frozenset())

    def of_name(self, name: str, unit_type: str = "", district: str = "") -> frozenset[str]:
        """Codes of the new communes into which old units of a name went.

        Type and district (bare names) narrow down where they fit, and are passed over where they fit none:
        lists write them wrong more often than the name. A name without marks finds all that are spelt so.
        """
        rows = self._by_tone.get(tone_key(name)) or self._by_letters.get(fold(name)) or []
        for column, wanted in (("district", fold(district)), ("type", fold(unit_type))):
            fitting = [row for row in rows if wanted and self._folded[column][row] == wanted]
            rows = fitting or rows
        codes = self.table["new_code"]
        return frozenset(str(codes.iloc[row]) for row in rows)

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

    Raises
    ------
    AreasError
        If the file cannot be read, a column is missing, or a code, a name or a district is empty.
    """
    try:
        table = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        raise AreasError(f"{path}: cannot be read ({error})", f"{path}: không đọc được ({error})") from error
    missing = [name for name in COLUMNS if name not in table.columns]
    if missing:
        raise AreasError(
            f"{path}: column {', '.join(missing)} is missing; add it",
            f"{path}: thiếu cột {', '.join(missing)}; hãy bổ sung",
        )
    empty = (table[list(COLUMNS)].to_numpy() == "").any(axis=1)
    if empty.any():
        row = int(empty.argmax()) + 2
        raise AreasError(
            f"{path}, row {row}: a code, type, name or district is empty; fill it in",
            f"{path}, dòng {row}: thiếu mã, loại, tên hoặc huyện; hãy điền đủ",
        )
    return OldUnits(table.map(nfc))


def shipped_old_units(areas: Areas) -> OldUnits | None:
    """Old units of a province that ships with its table; None where no table holds any of its communes."""
    codes = set(areas.codes)
    for path in sorted(path for root in ROOTS for path in (root / "communes").glob("*-old-to-new.csv")):
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
