"""What a table may hold at its worst: scripts, formulas, characters XML forbids; and nothing at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import openpyxl
import pandas as pd
import pytest

from geocover.exports.spreadsheet import safe
from geocover.exports.writing import write_export
from geocover.report.audience import ALL_OF_IT
from geocover.store import Snapshot, list_snapshots
from tests.small_snapshots import CODES, HOSTILE_NAMES, QUOTES, TEMPLATE

if TYPE_CHECKING:
    from pathlib import Path

FORMULAS = ["=HYPERLINK(\"http://x\")", "+cmd|' /C calc'!A0", "-2+3", "@SUM(1)"]  # fmt: skip


def test_hostile_names_stay_names(hostile_root: Path, tmp_path: Path) -> None:
    """Catches names that change, break a file or leave the folder, and made-up data that does not say so."""
    write_export(list_snapshots(hostile_root)[-1], ALL_OF_IT, tmp_path)
    for name in ("communes.fgb", "geocover.gpkg"):
        read = gpd.read_file(tmp_path / name, layer="communes").set_index("code")
        assert read.loc[list(CODES), "name"].tolist() == list(HOSTILE_NAMES)
    assert set(gpd.read_parquet(tmp_path / "stations.parquet")["operator"]) == {TEMPLATE, QUOTES}
    levels = sorted(path.name for path in tmp_path.glob("level-4g-*"))
    assert len(levels) == 3
    assert all(name.replace("-", "").replace(".", "").isalnum() and name.isascii() for name in levels)
    assert gpd.read_file(tmp_path / "gaps.fgb")["illustrative"].all()
    book = openpyxl.load_workbook(tmp_path / "geocover.xlsx")
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n", "b", "d", "inlineStr"}
    assert any("dữ liệu minh họa" in str(cell.value) for cell in cells)


def changed(snapshot: Snapshot, **tables: pd.DataFrame) -> Snapshot:
    """The snapshot with other tables."""
    other = Snapshot(snapshot.path, snapshot.manifest)
    vars(other).update(tables)
    return other


def test_formulas_do_not_run(snapshot: Snapshot, tmp_path: Path) -> None:
    """Catches a commune's name that Excel would compute, in the workbook or the CSV, or that breaks XML."""
    names = [FORMULAS[0], FORMULAS[1], FORMULAS[3], "a\x0bb\x00c\ufffe"]
    write_export(changed(snapshot, communes=snapshot.communes.assign(name=names)), ALL_OF_IT, tmp_path)
    sheet = openpyxl.load_workbook(tmp_path / "geocover.xlsx")["Xã, phường"]
    shown = [sheet.cell(row, 2) for row in range(2, 6)]
    assert "f" not in {cell.data_type for cell in shown}
    assert [cell.value for cell in shown] == [*(f"'{name}" for name in names[:3]), "abc"]
    read = pd.read_csv(tmp_path / "communes.csv")["name"].tolist()
    assert read[:3] == [f"'{name}" for name in names[:3]]


@pytest.mark.parametrize("formula", FORMULAS)
def test_a_cell_is_no_formula(formula: str) -> None:
    """Catches a sign that starts a formula and is passed through."""
    assert safe(formula) == f"'{formula}"
    assert safe("Việt Trì") == "Việt Trì"
    assert safe(float("nan")) is None
    assert safe(pd.NA) is None
    assert len(safe("x" * 40_000)) <= 32_767


def test_no_gap_and_no_place(snapshot: Snapshot, tmp_path: Path) -> None:
    """Catches formats that fail, or lose their columns, where there is nothing to tell."""
    nothing = {"gaps": snapshot.gaps.iloc[:0], "places": snapshot.places.iloc[:0]}
    write_export(changed(snapshot, **nothing), ALL_OF_IT, tmp_path)
    for name in ("gaps", "places", "reach"):
        for read in (
            gpd.read_file(tmp_path / "geocover.gpkg", layer=name),
            gpd.read_file(tmp_path / f"{name}.fgb"),
            gpd.read_parquet(tmp_path / f"{name}.parquet"),
            pd.read_csv(tmp_path / f"{name}.csv"),
        ):
            assert len(read) == 0
            assert {"id", "snapshot"} <= set(read.columns)
