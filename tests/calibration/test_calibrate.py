"""Calibration of made-up measurements whose offset and spread are known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from geocover.calibration import Calibration, Settings, calibrate
from geocover.calibration.bins import thin
from geocover.calibration.remarks import remarks
from geocover.crs import WGS84, transformer
from geocover.errors import InputError, NetworkError
from geocover.grid import Grid
from geocover.io.drive_tests import DriveTest, read_drive_test
from geocover.io.network import read_network
from geocover.network import Network
from geocover.profiles import profile
from geocover.propagation import ExtendedHata
from tests.calibration.conftest import OFFSET_DB, POINTS, SIGMA_DB, drive_test

Truth = Callable[..., DriveTest]
OUTDOOR = profile("outdoor-4g")


def compare(test: DriveTest, network: Network, **settings: float) -> Calibration:
    return calibrate(test, network, ExtendedHata(), OUTDOOR, settings=Settings(samples=300, **settings))  # type: ignore[arg-type]


@pytest.mark.parametrize("known", [(), ("cell",)])
def test_offset_and_sigma_of_the_truth_are_found(
    truth: Truth, towns: Network, known: tuple[str, ...]
) -> None:
    """Catches a sign, a wrong level or wrong statistics; tolerances are 3 standard errors of 900 values."""
    found = compare(truth(known=known), towns)
    assert found.overall.bias_db == pytest.approx(OFFSET_DB, abs=3 * SIGMA_DB / np.sqrt(POINTS))
    assert found.fit.offset_db == found.overall.bias_db
    assert found.fit.sigma_db == pytest.approx(SIGMA_DB, abs=3 * SIGMA_DB / np.sqrt(2 * POINTS))
    assert found.validated.sd_db == pytest.approx(SIGMA_DB, abs=3 * SIGMA_DB / np.sqrt(2 * POINTS))
    assert abs(found.validated.bias_db) < 0.2
    offset_db, sigma_db = found.intervals
    assert offset_db.low < OFFSET_DB < offset_db.high
    assert sigma_db.low < SIGMA_DB < sigma_db.high
    assert found.advice["sigma_db"] == pytest.approx(found.validated.sd_db, abs=0.1)
    assert found.advice["level_error_db"] < 1.0
    assert 4.2 < found.advice["level_error_uncorrected_db"] < 6.0


def test_serving_cell_is_used_where_it_is_known(truth: Truth, towns: Network) -> None:
    """Catches a receiver on its third-best cell compared with the best: the offset would be far too low."""
    found = compare(truth(rank=2, sigma_db=0.0, known=("cell",)), towns)
    assert set(found.bins["match"]) == {"cell"}
    assert found.bins["residual_db"].to_numpy() == pytest.approx(OFFSET_DB, abs=0.02)
    blind = compare(truth(rank=2, sigma_db=0.0), towns)
    assert set(blind.bins["match"]) == {"best"}
    assert blind.overall.bias_db < OFFSET_DB - 5.0


def test_pci_names_the_strongest_of_its_cells(truth: Truth, towns: Network) -> None:
    """Catches a PCI that two cells share taken for the first of the list."""
    found = compare(truth(sigma_db=0.0, known=("pci",)), towns)
    assert set(found.bins["match"]) == {"pci"}
    assert found.bins["residual_db"].to_numpy() == pytest.approx(OFFSET_DB, abs=0.02)


def test_identity_goes_before_pci_and_unknown_ones_to_the_best_server(truth: Truth, towns: Network) -> None:
    names = np.array(["0-0", "no such cell", ""] * (POINTS // 3))
    found = compare(truth(cell=names, pci=np.full(POINTS, 4)), towns)
    assert found.bins["match"].value_counts().to_dict() == {"pci": 600, "cell": 300}
    other = compare(truth(cell=names, pci=np.full(POINTS, 400)), towns)
    assert other.bins["match"].value_counts().to_dict() == {"best": 600, "cell": 300}
    assert any("600/900" in each.en for each in remarks(other))


def test_slope_is_fitted_only_when_asked(grid: Grid, truth: Truth, towns: Network) -> None:
    """Catches a slope that hides in the offset: 5 dB a decade are added to the truth."""
    test = truth(sigma_db=0.0)
    distance_m = compare(test, towns).bins["distance_m"]
    by_place = compare(test, towns).bins[["lon", "lat"]].assign(tilt_db=5.0 * np.log10(distance_m / 1_000))
    points = test.points.copy()
    order = np.lexsort((by_place["lat"], by_place["lon"]))
    mine = np.lexsort((points["lat"], points["lon"]))
    points.loc[mine, "rsrp_dbm"] += by_place["tilt_db"].to_numpy()[order]
    tilted = replace(test, points=points)
    found = compare(tilted, towns, slope=True)
    assert found.fit.slope_db_per_decade == pytest.approx(5.0, abs=0.05)
    assert found.validated.sd_db < 0.05
    assert compare(tilted, towns).fit.slope_db_per_decade == 0.0
    assert compare(tilted, towns).validated.sd_db > 0.3


def test_parked_car_counts_once(grid: Grid, towns: Network) -> None:
    """Catches a thousand measurements at a red light that outweigh a street, and a mean for a median."""
    lon, lat = transformer(grid.crs, WGS84).transform(
        np.array([grid.left_m + 905.0, grid.left_m + 965.0]), np.array([grid.top_m - 905.0] * 2)
    )
    levels = [*[-60.0] * 600, *[-70.0] * 400, -100.0]
    test = drive_test({"lon": lon.repeat([1_000, 1]), "lat": lat.repeat([1_000, 1]), "rsrp_dbm": levels})
    bins = thin(test, towns, grid.crs, 30.0)
    assert bins["points"].tolist() == [1_000, 1]
    assert bins["rsrp_dbm"].tolist() == [-60.0, -100.0]
    assert bins["spread_db"][0] == pytest.approx(pd.Series(levels[:-1]).std())
    assert np.isnan(bins["spread_db"][1])


def test_one_bin_for_each_serving_cell(grid: Grid, towns: Network) -> None:
    """Catches two cells' levels mixed in one median."""
    lon, lat = transformer(grid.crs, WGS84).transform(grid.left_m + 910.0, grid.top_m - 910.0)
    test = drive_test({"lon": [lon] * 3, "lat": [lat] * 3, "rsrp_dbm": [-60.0, -80.0, -90.0],
                       "cell": ["0-0", "0-1", "0-1"]})  # fmt: skip
    bins = thin(test, towns, grid.crs, 30.0)
    assert bins[["points", "rsrp_dbm"]].to_numpy().tolist() == [[1.0, -60.0], [2.0, -85.0]]


def test_classes_and_counts_add_up(truth: Truth, towns: Network) -> None:
    """Catches a class lost at an edge, and bins or points counted twice."""
    found = compare(truth(), towns)
    for classes in (found.by_distance, found.by_environment):
        assert sum(each.bins for each in classes.values()) == found.overall.bins == len(found.bins)
        assert sum(each.points for each in classes.values()) == found.overall.points == POINTS
    assert set(found.by_environment) == {"urban", "suburban", "open"}
    assert all(each.bins == len(found.bins) for each in found.agreement.values())
    per_block = found.bins.groupby("block")["fold"].nunique()
    assert (per_block == 1).all()


def test_agreement_uses_the_profile_as_maps_do(truth: Truth, towns: Network) -> None:
    """Catches a threshold without the margin for reliability, or one that ignores the loss of buildings."""
    test = truth(sigma_db=0.0)
    for each in (OUTDOOR, profile("indoor-4g")):
        found = calibrate(test, towns, ExtendedHata(), each, settings=Settings(samples=100))
        level_dbm, measured_dbm = found.bins["best_dbm"], found.bins["rsrp_dbm"]
        needed_dbm = -110 + each.indoor_loss_db
        mapped = found.agreement["mapped"]
        assert mapped.hits + mapped.misses == (measured_dbm >= needed_dbm).sum()
        assert mapped.hits + mapped.false_alarms == (level_dbm >= each.required_dbm).sum()
        median = found.agreement["median"]
        assert median.hits + median.false_alarms == (level_dbm >= needed_dbm).sum()
    # without noise the corrected levels are the measured ones
    assert found.agreement["calibrated"].false_alarms == 0


def test_far_points_are_counted_not_lost(truth: Truth, towns: Network) -> None:
    """Catches points out of reach that vanish, or that get a level from nowhere."""
    test = truth()
    points = test.points.copy()
    points.loc[:9, "lat"] += 0.5
    found = compare(replace(test, points=points), towns)
    assert (found.lost_points, found.lost_bins) == (10, 10)
    assert found.overall.points == POINTS - 10
    assert any("10 bins (10 points) have no prediction" in each.en for each in remarks(found))


def test_what_cannot_be_calibrated_is_refused(truth: Truth, towns: Network) -> None:
    """Catches figures from nothing: everything out of reach, one block, or another operator's cells."""
    test = truth()
    away = replace(test, points=test.points.assign(lat=test.points["lat"] + 5.0))
    with pytest.raises(InputError, match="0 bins within reach"):
        compare(away, towns)
    with pytest.raises(InputError, match="smaller --block"):
        compare(test, towns, block_m=1e7)
    with pytest.raises(InputError, match="another technology"):
        compare(replace(test, points=test.points.assign(technology="5G")), towns)
    both = Network(towns.cells.assign(operator=["Viettel", "MobiFone"] * (len(towns) // 2)), towns.source)
    with pytest.raises(NetworkError, match="--operator"):
        compare(test, both)
    with pytest.raises(NetworkError, match="no 4G cell of operator 'X'"):
        calibrate(test, both, ExtendedHata(), OUTDOOR, operator="X")
    mine = calibrate(test, both, ExtendedHata(), OUTDOOR, operator="MobiFone", settings=Settings(samples=100))
    assert mine.network.operators() == ("MobiFone",)


@pytest.mark.parametrize("wrong", [{"bin_m": 0.0}, {"bin_m": 600.0}, {"folds": 1}, {"samples": 0}])
def test_impossible_settings_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(InputError) as caught:
        Settings(**wrong)  # type: ignore[arg-type]
    assert caught.value.vi != str(caught.value)


def test_doubts_are_told(truth: Truth, towns: Network) -> None:
    """Catches a model that explains nothing passed on as calibrated: levels are shuffled among places."""
    test = truth()
    sure = [each.en for each in remarks(compare(test, towns))]
    assert not any(each.startswith("WARNING") for each in sure)
    mixed = test.points["rsrp_dbm"].to_numpy()[np.random.default_rng(2).permutation(POINTS)]
    found = compare(replace(test, points=test.points.assign(rsrp_dbm=mixed)), towns, block_m=3_000, folds=20)
    told = [each.en for each in remarks(found)]
    assert abs(found.correlation) < 0.1
    assert any(each.startswith("WARNING: predicted levels explain next to nothing") for each in told)
    assert any(each.startswith("Only ") and "parts" in each for each in told)
    assert any("narrower" in each for each in told)


def ambato_network(shared_data: Path, folder: Path) -> Network:
    sites = pd.read_csv(shared_data / "cell-sites" / "ambato_base_stations.csv")
    sites = sites.rename(columns={"site": "position_id"}).assign(operator="AMBATO", technology="4G")
    sites.to_csv(folder / "ambato.csv", index=False)
    return read_network(folder / "ambato.csv")


def test_ambato(shared_data: Path, tmp_path: Path) -> None:
    """Catches a chain that breaks on real files: 16 sites without any antenna data, 7,674 points of LTE.

    The ranges are wide: with assumed antennas the offset is large, and the spread is that of a town.
    """
    test = read_drive_test(shared_data / "cell-sites" / "ambato_drive_test_rsrp.csv")
    found = calibrate(test, ambato_network(shared_data, tmp_path), ExtendedHata(), OUTDOOR)
    assert found.crs == "EPSG:32717"
    assert found.overall.points + found.lost_points + 26 == 7_700
    assert found.lost_points == 0
    assert 500 < found.overall.bins < 2_000
    assert set(found.bins["match"]) == {"best"}
    assert -35 < found.fit.offset_db < 0
    assert 5 < found.fit.sigma_db < 11
    assert found.fit.sigma_db < found.validated.sd_db < found.fit.sigma_db + 2
    assert found.overall.rmse_db > found.validated.rmse_db
    assert found.intervals[0].high - found.intervals[0].low > 2.0
    assert any("WARNING" in each.en for each in remarks(found))
