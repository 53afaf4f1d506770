"""The table of old and new communes: complete, and made from the dataset alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pytest

from geocover.boundaries.old_units import COLUMNS, build_old_units, write_units
from geocover.errors import AreasError
from geocover.io.areas import read_areas
from geocover.names import nfc, tone_key
from geocover.resources import shipped

if TYPE_CHECKING:
    from pathlib import Path

TABLE = shipped("communes/phu-tho-old-to-new.csv")


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return pd.read_csv(TABLE, dtype=str, keep_default_na=False)


def test_the_shipped_table_is_what_the_builder_makes(tmp_path: Path) -> None:
    """Catches a table changed by hand, or a builder that no longer makes it."""
    write_units(build_old_units("25"), tmp_path / "table.csv")
    assert (tmp_path / "table.csv").read_bytes() == TABLE.read_bytes()


def test_layout(table: pd.DataFrame) -> None:
    """Catches a missing value, a code without its zero, or a unit listed twice."""
    assert tuple(table.columns) == COLUMNS
    assert not (table == "").any(axis=None)
    assert table["old_code"].str.fullmatch(r"\d{5}").all()
    assert not table.duplicated(["old_code", "new_code"]).any()
    assert TABLE.read_text("utf-8") == nfc(TABLE.read_text("utf-8"))
    whole = table[table["share"] == "whole"]
    assert not whole["old_code"].duplicated().any()
    divided = table[table["share"] != "whole"].groupby("old_code")["share"].apply(sorted)
    assert divided.tolist() == [["main", "minor"]] * 3


def test_agrees_with_the_shipped_boundaries(table: pd.DataFrame) -> None:
    """Catches a commune without its old units, or two names for one commune."""
    areas = read_areas(shipped("boundaries/phu-tho-schematic.geojson")).table
    assert set(table["new_code"]) == set(areas["code"])
    for code, name, kind, units in areas[["code", "name", "type", "pre_merger_units"]].itertuples(
        index=False
    ):
        own = table[table["new_code"] == code]
        assert set(own["new_name"]) == {name}
        assert set(own["new_type"]) == {kind}
        listed = {tone_key(unit.partition(" (")[0]) for unit in units.split(", ")}
        assert {tone_key(f"{row.old_type} {row.old_name}") for row in own.itertuples()} == listed


@pytest.mark.data
def test_agrees_with_the_list_of_old_communes(table: pd.DataFrame, shared_data: Path) -> None:
    """Catches an old commune that is missing, or went elsewhere; the list names one new commune each."""
    known = pd.read_csv(shared_data / "communes/old_communes_2024_points.csv", dtype=str)
    assert set(known["wardCode"]) == set(table["old_code"])
    pairs = set(zip(table["old_code"], table["new_code"], strict=True))
    assert set(zip(known["wardCode"], known["new_code"], strict=True)) <= pairs
    districts = dict(zip(table["old_code"], table["old_district"], strict=True))
    assert all(
        nfc(district) == districts[code]
        for code, district in zip(known["wardCode"], known["district"], strict=True)
    )


def test_unknown_province_is_refused() -> None:
    """Catches an empty table for a province without facts."""
    with pytest.raises(AreasError, match="99"):
        build_old_units("99")
