"""The physical cell identity of a site list: read, kept, refused, and used by calibration."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from geocover.calibration.bins import predict_bins, thin
from geocover.crs import local_crs
from geocover.errors import NetworkError
from geocover.io.network import read_network, write_network
from geocover.propagation import ExtendedHata
from tests.calibration.conftest import drive_test

HEAD = "operator,technology,lon,lat,cell_id,pci\n"


def listed(folder: Path, *pci: str) -> Path:
    """Cells c0, c1, ... 2 km apart along a road, with such PCI."""
    path = folder / "sites.csv"
    rows = [f"Viettel,4G,{105.40 + 0.02 * n:.2f},21.30,c{n},{value}\n" for n, value in enumerate(pci)]
    path.write_text(HEAD + "".join(rows))
    return path


def test_pci_is_kept_and_may_be_empty(tmp_path: Path) -> None:
    """Catches a column that is dropped, an empty value that becomes 0, and one that writing loses."""
    network = read_network(listed(tmp_path, "17", "", "1007", "0"))
    assert network.cells["pci"].tolist() == [17, pd.NA, 1007, 0]
    write_network(network, tmp_path / "again.csv")
    assert ",17," in (tmp_path / "again.csv").read_text(encoding="utf-8-sig")
    again = read_network(tmp_path / "again.csv")
    pd.testing.assert_series_equal(again.cells["pci"], network.cells["pci"])


def test_a_list_without_pci_stays_as_it_was(tmp_path: Path) -> None:
    """Catches a column full of nothing in every network."""
    assert "pci" not in read_network(listed(tmp_path, "", "")).cells
    path = tmp_path / "without.csv"
    path.write_text("operator,technology,lon,lat\nViettel,4G,105.4,21.3\n")
    assert "pci" not in read_network(path).cells


@pytest.mark.parametrize("value", ["1008", "-1", "3.5", "x"])
def test_an_impossible_pci_is_refused(tmp_path: Path, value: str) -> None:
    """Catches a number that no cell can have: TS 38.211 ends at 1007. The row and the value are named."""
    with pytest.raises(NetworkError, match=rf"row 3, pci = '?{value}") as caught:
        read_network(listed(tmp_path, "5", value))
    assert "dòng 3, pci" in caught.value.vi


def test_calibration_matches_by_a_listed_pci(tmp_path: Path) -> None:
    """Catches a PCI that is read and not used: beside c0, a phone that is served by c2 says so."""
    network = read_network(listed(tmp_path, "5", "", "7"))
    test = drive_test({"lon": [105.401] * 3, "lat": [21.3001, 21.3021, 21.3041], "rsrp_dbm": -90.0,
                       "pci": [7, 5, 99]})  # fmt: skip
    crs = local_crs(105.4, 21.3)
    found = predict_bins(thin(test, network, crs, 30.0), network, ExtendedHata(), None, crs)
    assert found["match"].tolist() == ["pci", "pci", "best"]
    assert found["cell_id"].tolist() == ["c2", "c0", "c0"]
    assert np.isfinite(found["predicted_dbm"]).all()
