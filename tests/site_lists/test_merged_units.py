"""Units merged before 2025: names of old lists that lead to the communes of today."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pytest

from geocover.boundaries.index import shipped_index
from geocover.boundaries.old_units import (
    MERGED_COLUMNS,
    build_merged_units,
    merged_names,
    write_units,
)
from geocover.errors import AreasError
from geocover.resources import shipped
from geocover.site_lists.places.naming import named_communes
from geocover.site_lists.places.old_units import COLUMNS, OldUnits, read_old_units
from geocover.site_lists.places.reference import Reference
from geocover.site_lists.places.unit_names import read_unit
from tests.site_lists.small_tables import listed

if TYPE_CHECKING:
    from pathlib import Path

TABLE = shipped("communes/phu-tho-merged-before-2025.csv")
PHU_THO = Reference.of(shipped_index("25"))


def names_of(text: str) -> set[str]:
    rows = PHU_THO.candidates(read_unit(text))
    return {str(PHU_THO.areas.table["name"].iloc[row]) for row in rows}


def test_the_shipped_table_is_what_the_builder_makes(tmp_path: Path) -> None:
    """Catches a table changed by hand, or a builder that no longer makes it."""
    write_units(build_merged_units("25"), tmp_path / "table.csv")
    assert (tmp_path / "table.csv").read_bytes() == TABLE.read_bytes()


def test_every_row_leads_to_communes_of_today() -> None:
    """Catches an empty cell, a name twice in one district, and a unit that the other table does not hold."""
    table = pd.read_csv(TABLE, dtype=str, keep_default_na=False)
    assert tuple(table.columns) == MERGED_COLUMNS
    assert not (table == "").any(axis=None)
    assert table["merged_key"].str.fullmatch("[a-z0-9]+").all()
    assert not table.duplicated(["merged_type", "merged_key", "into_district"]).any()
    assert PHU_THO.old is not None
    assert all(PHU_THO.old.of_code(code) for code in table["into_code"])


@pytest.mark.parametrize(
    ("text", "through"),
    [
        ("Xã Thanh Nga, huyện Cẩm Khê", "Thị trấn Cẩm Khê"),
        ("xã Sai Nga", "Thị trấn Cẩm Khê"),
        ("Xã Phương Xá", "Xã Minh Tân, Huyện Cẩm Khê"),
        ("Xã Đông Khê, Đoan Hùng", "Xã Hùng Xuyên"),
        ("Thị trấn Kỳ Sơn", "Phường Kỳ Sơn"),
        ("Xã Vân Hội", "Xã Hội Thịnh"),
    ],
)
def test_names_of_merged_units_mean_what_became_of_them(text: str, through: str) -> None:
    """Catches a name of 2019 that is unknown, or leads elsewhere than the unit that took it in."""
    assert names_of(text)
    assert names_of(text) == names_of(through)


def test_a_list_with_names_of_2019_has_no_unknown_commune() -> None:
    """Catches the warning that such lists had for every row."""
    table = listed(
        commune=["Xã Thanh Nga", "Xã Hùng Quan", "Không Có"], district=["Cẩm Khê", "Đoan Hùng", None]
    )
    named = named_communes(table.table, table.columns, PHU_THO)
    assert named.unknown.tolist() == [False, False, True]


OLD = pd.DataFrame(
    [["00001", "Xã", "Hòa An", "Huyện Đông", "10001"], ["00002", "Xã", "Tân Lập", "Huyện Tây", "10002"]],
    columns=list(COLUMNS),
)
MERGED = pd.DataFrame(
    [["Xã", "hoaan", "00002", "Huyện Tây"], ["Xã", "phuongxa", "00001", "Huyện Đông"]],
    columns=["merged_type", "merged_key", "into_code", "into_district"],
)


def test_a_name_of_2024_goes_before_a_merged_one() -> None:
    """Catches “Hòa An” of 2024 that also stands for another district's unit of 2019."""
    units = OldUnits(OLD, MERGED)
    assert units.of_name("Hòa An") == {"10001"}
    assert units.of_name("Hòa An", district="Đông") == {"10001"}
    assert units.of_name("Hòa An", district="Tây") == {"10002"}
    assert units.of_name("Hòa An", district="Nam") == {"10001"}


def test_merged_names_are_found_with_and_without_marks() -> None:
    """Catches a name that is compared with its blanks and marks, which the table does not have."""
    units = OldUnits(OLD, MERGED)
    assert units.of_name("Phương Xá") == units.of_name("phuong xa") == {"10001"}
    assert units.of_name("Phương") == frozenset()
    assert OldUnits(OLD).of_name("Phương Xá") == frozenset()


@pytest.mark.parametrize(
    ("aliases", "own", "found"),
    [
        (["xathanhnga", "thanhnga"], "camkhe", {("Xã", "thanhnga")}),
        (["xaphuongtrung", "phuongtrung"], "phulam", {("Xã", "phuongtrung")}),
        (["thitrankyson", "ttkyson", "xadanha", "danha"], "kyson", {("Xã", "danha")}),
        (["xathongnhat"], "quynhlam", {("Xã", "thongnhat")}),
        ([], "x", set()),
    ],
)
def test_keywords_are_taken_apart(aliases: list[str], own: str, found: set[tuple[str, str]]) -> None:
    """Catches “phuongtrung” read as a ward called “trung”, and a unit's own name as one merged into it."""
    assert merged_names(aliases, own) == found


def test_a_damaged_table_of_merged_units_is_refused(tmp_path: Path) -> None:
    """Catches a table with gaps that is passed over, so that names are unknown for no reason told."""
    OLD.to_csv(tmp_path / "a-old-to-new.csv", index=False)
    (tmp_path / "a-merged-before-2025.csv").write_text("merged_type,merged_key\nXã,x\n", encoding="utf-8")
    with pytest.raises(AreasError, match="into_code"):
        read_old_units(tmp_path / "a-old-to-new.csv")
