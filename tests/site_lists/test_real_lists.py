"""The real lists of the development data are imported as they are."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest

from geocover.site_lists.checked import CheckedList
from geocover.site_lists.checking import check_list
from geocover.site_lists.workbook import write_report

pytestmark = pytest.mark.data


@pytest.fixture(scope="module")
def folder(shared_data: Path) -> Path:
    return shared_data / "cell-sites"


@pytest.fixture(scope="module")
def sanxia(folder: Path) -> CheckedList:
    """5,504 LTE sectors with Chinese values; the operator is the caller's to tell."""
    return check_list(folder / "sanxia_lte_cells.csv", operator="China Mobile")


def codes(checked: CheckedList, severity: str) -> set[str]:
    return {finding.code for finding in checked.found if finding.severity == severity}


def test_every_sector_is_read_and_the_incomplete_ones_are_told_row_by_row(
    sanxia: CheckedList, folder: Path
) -> None:
    """Catches rows lost, and complete sectors refused; what lacks a position is known beforehand."""
    raw = pd.read_csv(folder / "sanxia_lte_cells.csv")
    placed = raw["LONGITUDE"].notna() & raw["LATITUDE"].notna()
    assert sanxia.counts["read"] == len(raw) == 5504
    accepted = sanxia.rows["accepted"].to_numpy(bool)
    refused = {finding.row for finding in sanxia.found if finding.severity == "error"}
    assert set(sanxia.rows.loc[~accepted, "row"]) == refused
    assert not accepted[~placed].any()
    assert accepted[placed].all()


def test_sectors_keep_what_the_list_says(sanxia: CheckedList, folder: Path) -> None:
    """Catches a column read as another, a channel number of another frequency, a tilt taken twice."""
    raw = pd.read_csv(folder / "sanxia_lte_cells.csv")
    cells = sanxia.network().cells
    assert set(cells["technology"]) == {"4G"}
    assert not cells["freq_mhz_assumed"].any()
    first = cells.iloc[0]
    assert (first["freq_mhz"], first["azimuth_deg"], first["height_m"]) == (1895.0, 30, 43)
    assert (first["downtilt_deg"], first["mechanical_tilt_deg"]) == (6, 2)
    assert sanxia.totals["cells"] == sanxia.counts["accepted"]
    stated = raw.loc[sanxia.rows["accepted"].to_numpy(bool), ["LONGITUDE", "LATITUDE"]].to_numpy()
    np.testing.assert_allclose(sanxia.cells[["lon", "lat"]], stated, atol=1e-9)


def test_sites_without_operator_and_technology(folder: Path) -> None:
    """Catches a list elsewhere in the world refused, or taken for Vietnam."""
    path = folder / "ambato_base_stations.csv"
    checked = check_list(path, operator="Claro", technology="4G")
    assert checked.counts == {"read": 16, "accepted": 16, "rejected": 0}
    assert codes(checked, "error") == set()
    raw = pd.read_csv(path)
    np.testing.assert_allclose(checked.cells[["lon", "lat"]], raw[["lon", "lat"]], atol=1e-9)
    assert checked.totals["positions"] == 16


def test_sites_without_operator_are_refused_with_a_remedy(folder: Path) -> None:
    """Catches an operator invented for a list that names none."""
    checked = check_list(folder / "ambato_base_stations.csv", technology="4G")
    assert checked.counts == {"read": 16, "accepted": 0, "rejected": 16}
    assert "no-operator" in codes(checked, "error")


def test_a_drive_test_is_no_site_list(folder: Path) -> None:
    """Catches measured points taken for sites."""
    checked = check_list(folder / "ambato_drive_test_rsrp.csv")
    assert "drive-test" in codes(checked, "error")
    assert checked.counts["accepted"] == 0
    assert checked.counts["read"] == checked.counts["rejected"] > 7000


def test_the_report_of_a_real_list(sanxia: CheckedList, folder: Path, tmp_path: Path) -> None:
    """Catches a report that a spreadsheet cannot open, or with rows at other numbers."""
    report = tmp_path / "report.xlsx"
    write_report(sanxia, folder / "sanxia_lte_cells.csv", report)
    sheet = openpyxl.load_workbook(report).worksheets[0]
    rows = list(sheet.iter_rows(values_only=True))
    assert len(rows) == 5505
    statuses = pd.Series([str(row[19]).startswith("Nhận") for row in rows[1:]])
    np.testing.assert_array_equal(statuses, sanxia.rows["accepted"].to_numpy(bool))
