"""The Network noun refuses what cannot be, whoever builds it."""

from __future__ import annotations

import numpy as np
import pytest

from geocover.antennas import Antenna, Antennas
from geocover.errors import NetworkError
from geocover.network import Network


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("lon", np.nan),
        ("lat", 95.0),
        ("eirp_dbm", np.inf),
        ("height_m", 0.0),
        ("freq_mhz", -1800.0),
        ("azimuth_deg", 400.0),
        ("mechanical_tilt_deg", np.nan),
        ("antenna", None),
        ("technology", "6G"),
        ("environment", "forest"),
        ("operator", "any"),
    ],
)
def test_impossible_value_is_named(random_network: Network, column: str, value: object) -> None:
    """Catches NaN or nonsense reaching the kernels: the message names the cell, the column and the value."""
    cells = random_network.cells.copy()
    cells[column] = cells[column].astype(object)
    cells.loc[7, column] = value
    with pytest.raises(NetworkError, match=f"cell 8, {column}") as caught:
        Network(cells, "list")
    assert "cell thứ 8" in caught.value.vi


def test_missing_column_and_empty_table(random_network: Network) -> None:
    with pytest.raises(NetworkError, match="height_m_assumed"):
        Network(random_network.cells.drop(columns="height_m_assumed"), "list")
    with pytest.raises(NetworkError, match="no cell"):
        Network(random_network.cells.iloc[:0], "list")


def test_two_spellings_of_an_operator_are_refused(make_network) -> None:
    """Catches one operator computed as two rivals."""
    with pytest.raises(NetworkError, match="'VIETTEL' and 'Viettel'"):
        make_network([{"at": (0, 0), "operator": "Viettel"}, {"at": (0, 0), "operator": "VIETTEL"}])


def test_environment_replaces_only_what_was_assumed(make_network) -> None:
    """Catches a stated surrounding overwritten by a guess."""
    network = make_network([{"at": (0, 0), "environment": "open"}, {"at": (500, 0)}])
    changed = network.with_environment(["urban", "urban"])
    assert changed.cells["environment"].tolist() == ["open", "urban"]
    assert network.cells["environment"].tolist() == ["open", "suburban"]


def test_assumed_share_by_layer(make_network) -> None:
    """Catches flags of one operator counted for another."""
    stated = {
        "freq_mhz": 1800, "eirp_dbm": 30, "height_m": 30, "azimuth_deg": 0, "downtilt_deg": 3,
        "beamwidth_h_deg": 65, "beamwidth_v_deg": 10, "environment": "open",
    }  # fmt: skip
    network = make_network([{"at": (0, 0), **stated}, {"at": (0, 0), "operator": "VinaPhone"}])
    assert network.assumed_share("Viettel") == 0.0
    assert network.assumed_share("VinaPhone") == 1.0
    assert network.assumed_share() == 0.5
    assert np.isnan(network.assumed_share("Viettel", "5G"))


def test_cell_with_an_antenna_that_nobody_has_is_named(make_network) -> None:
    """Catches a cell predicted without its pattern; an empty name needs none, and case does not matter."""
    known = Antennas([Antenna("K-65", 17.5, np.nan, 0.0, np.zeros(360), np.zeros(360))])
    network = make_network([{"at": (0, 0)}, {"at": (0, 0), "antenna": "k-65"}])
    network.check_antennas(known)
    with pytest.raises(NetworkError, match=r"cell 2, antenna = 'k-65': no such antenna.*known: -") as caught:
        network.check_antennas(Antennas())
    assert "cell thứ 2" in caught.value.vi
