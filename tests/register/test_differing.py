"""Differences of two lists that the database works out are those of their cells."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from geocover.register import lists
from geocover.register.differences import diff
from geocover.register.differing import diff_of
from geocover.register.errors import NotFoundError
from tests.register.making import make_cells, make_checked, make_upload

if TYPE_CHECKING:
    from geocover.register.database import Database

TABLES = ("added", "removed", "moved", "changed")


def keep(database: Database, cells: pd.DataFrame, operator: str = "Viettel") -> str:
    """Id of a checked list with these cells."""
    one = lists.draft(database, make_upload(operator), "test")
    return lists.checked(database, one.id, make_checked(cells.reset_index(drop=True)), "test").id


def messy(seed: int, count: int = 60) -> pd.DataFrame:
    """Cells of which any value may be another, with unknown ones, some at one place, in any order."""
    chance = np.random.default_rng(seed)
    kept = np.random.default_rng(1)
    cells = make_cells(count).assign(lon=105.3 + kept.integers(0, 8, count) * 0.001)
    for name, values in (
        ("azimuth_deg", [np.nan, 0.0, 120.0]),
        ("on_air", [pd.NaT, pd.Timestamp("2024-01-01"), pd.Timestamp("2025-02-28")]),
        ("height_m", [30.0, 41.5]),
        ("technology", ["4G", "5G"]),
        ("lat", [21.3, 21.3 + 3e-4, 21.31]),
        ("station_id", ["S", "T"]),
    ):
        first = [values[at] for at in kept.integers(0, len(values), count)]
        other = [values[at] for at in chance.integers(0, len(values), count)]
        cells[name] = [
            b if roll < 0.1 else a for a, b, roll in zip(first, other, chance.random(count), strict=True)
        ]
    renamed = [
        f"{name}!" if roll < 0.1 else name
        for name, roll in zip(cells["cell_id"], chance.random(count), strict=True)
    ]
    return cells.assign(cell_id=renamed)[chance.random(count) < 0.9].sample(frac=1, random_state=seed)


@pytest.mark.parametrize("seed", range(2, 6))
def test_the_register_tells_the_differences_of_the_cells(database: Database, seed: int) -> None:
    """Catches a cell that is left out though it differs, unknown values taken for others, another order."""
    old_id, new_id = (keep(database, messy(one)) for one in (1, seed))
    found = diff_of(database, old_id, new_id)
    expected = diff(lists.cells(database, old_id), lists.cells(database, new_id))
    assert found.counts() == expected.counts()
    assert sum(found.counts().values()) > 20
    for name in TABLES:
        table = getattr(found, name)
        pd.testing.assert_frame_equal(table, getattr(expected, name)[list(table.columns)], check_dtype=False)
    assert found.to_geojson() == expected.to_geojson()


def test_rows_of_the_file_are_no_difference(database: Database) -> None:
    """Catches a list that looks rebuilt because its rows were sorted."""
    cells = make_cells(5)
    old_id, new_id = (
        keep(database, cells),
        keep(database, cells.iloc[::-1].assign(row=range(7, 12), sheet="B")),
    )
    assert not any(diff_of(database, old_id, new_id).counts().values())


def test_a_first_list_is_all_added(database: Database) -> None:
    """Catches a crash without a list before, and other operators' cells taken for this list's."""
    keep(database, make_cells(4, "MobiFone"), "MobiFone")
    found = diff_of(database, None, keep(database, make_cells(3)))
    assert found.counts() == {"added": 3, "removed": 0, "moved": 0, "changed": 0}
    assert found.added["row"].tolist() == [2, 3, 4]
    assert set(found.added["operator"]) == {"Viettel"}
    with pytest.raises(NotFoundError):
        diff_of(database, None, "nobody")
