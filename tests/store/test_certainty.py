"""Rasters of certainty in a snapshot over terrain with a hole, and its tables."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import rasterio
from scipy.stats import norm

from geocover.errors import GridError, SnapshotError
from geocover.grid import Grid
from geocover.profiles import profile
from geocover.report.answers import to_json
from geocover.report.figures import province_figures
from geocover.store import Snapshot, list_snapshots
from geocover.store.certainty import PERCENT_NODATA, read_open, read_probability


@pytest.fixture(scope="module")
def cut(cut_root: Path) -> Snapshot:
    (snapshot,) = list_snapshots(cut_root)
    return snapshot


def test_probability_is_that_of_the_level(cut: Snapshot) -> None:
    """Catches a raster of another view, profile or technology, and percents shifted or cut off."""
    for technology in ("4G", "5G"):
        one = profile(f"outdoor-{technology.lower()}")
        level = cut.level("any", technology).values.astype(float)
        wanted = norm.cdf(level, loc=one.threshold_dbm, scale=one.location_sigma_db)
        wanted[np.isnan(level)] = 0.0
        share = cut.probability(technology).values
        known = np.isfinite(share)
        np.testing.assert_allclose(share[known], wanted[known], atol=0.0051)
        assert known.all() == (technology == "5G")
    assert share.min() < 0.1
    assert share.max() > 0.9


def test_open_where_the_probability_is_void(cut: Snapshot) -> None:
    """Catches two rasters that disagree, and ground called missing where there is some."""
    classes = cut.open_classes("4G")
    assert classes is not None
    np.testing.assert_array_equal(classes > 0, np.isnan(cut.probability("4G").values))
    with rasterio.open(cut.path / "rasters/elevation.tif") as source:
        bare = np.isnan(source.read(1))
    assert (bare[classes == 2]).all()
    assert not bare[classes == 1].any()
    assert (classes == 1).sum() > 0
    assert (classes == 2).sum() > (classes == 1).sum()


def test_without_cut_paths_there_is_no_raster_of_them(cut: Snapshot, small_root: Path) -> None:
    """Catches a raster of zeros that reads as if terrain had been looked at."""
    assert cut.open_classes("5G") is None
    plain = list_snapshots(small_root)[0]
    assert plain.open_classes("4G") is None
    assert np.isfinite(plain.probability("4G").values).all()
    with pytest.raises(SnapshotError, match="3G"):
        plain.probability("3G")


def test_rasters_are_small_and_stand_on_the_grid(cut: Snapshot) -> None:
    """Catches floats on disk, a lost void value, and a raster read onto another grid."""
    for name in ("rasters/probability-4g-any.tif", "rasters/open-4g.tif"):
        with rasterio.open(cut.path / name) as source:
            assert source.dtypes == ("uint8",)
            assert source.nodata == PERCENT_NODATA
            assert source.transform == cut.grid.transform
            assert source.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
    other = Grid(cut.grid.crs, 0, 0, 100, cut.grid.shape)
    with pytest.raises(GridError, match="another grid"):
        read_probability(cut.raster_path("probability", "any", "4G"), other)
    with pytest.raises(GridError, match="another grid"):
        read_open(cut.path / "rasters/open-4g.tif", other)


def test_what_is_known_adds_up(cut: Snapshot) -> None:
    """Catches communes and a province that disagree about what is known."""
    table = cut.shares.query("operator == 'any' and profile == 'outdoor-4g' and basis == 'area'")
    rows = table.set_index("code")
    assert rows.loc["07894", "rests_on"] == 1.0
    assert rows.loc["07897", "rests_on"] == pytest.approx(0.75, abs=0.02)
    assert rows.loc["07903", "rests_on"] == 0.0
    assert np.isnan(rows.loc["07903", "share"])
    total = cut.totals.query("operator == 'any' and profile == 'outdoor-4g' and basis == 'area'").iloc[0]
    known = rows["total"] * rows["rests_on"]
    assert total["rests_on"] == pytest.approx(known.sum() / rows["total"].sum())
    assert total["share"] == pytest.approx(rows["covered"].sum() / known.sum())
    assert total["share_low"] < total["share"] * total["rests_on"] <= total["share_high"]
    five = cut.shares.query("technology == '5G'")
    assert (five["rests_on"] == 1.0).all()


def test_gaps_say_nothing_where_nothing_is_known(cut: Snapshot) -> None:
    """Catches the hole itself reported as the largest gap of the province."""
    gaps = cut.gaps[cut.gaps["technology"] == "4G"].to_crs(cut.grid.crs)
    open_km2 = (cut.open_classes("4G") > 0).sum() * cut.grid.pixel_area_m2 / 1e6
    assert open_km2 > 20
    assert gaps["area_km2"].sum() < 5
    assert not any("07903" in codes for codes in gaps["commune_codes"])


def test_figures_say_what_they_rest_on(cut: Snapshot, small_root: Path) -> None:
    """Catches a province's figure without its expectation, or that hides what is unknown."""
    figures = {(one.key, one.technology): one for one in province_figures(cut)}
    area = figures["area-share", "4G"]
    total = cut.totals.query("operator == 'any' and profile == 'outdoor-4g' and basis == 'area'").iloc[0]
    assert area.rests_on == total["rests_on"] < 0.8
    assert area.expected == 100 * total["share_expected"]
    assert area.value == pytest.approx(100 * area.numerator / (area.denominator * area.rests_on))
    centres = figures["reach:commune_centre", "4G"]
    assert (centres.value, centres.low, centres.high) == (75.0, 75.0, 100.0)
    assert figures["stations", ""].expected is None
    for one in province_figures(list_snapshots(small_root)[0]):
        assert one.rests_on in (None, 1.0)
        assert one.expected is None or 0 <= one.expected <= 100


def test_nothing_known_is_null_and_not_zero(cut: Snapshot) -> None:
    """Catches NaN in JSON, and 0 % for a commune of which nothing is known."""
    row = cut.shares.query("code == '07903' and operator == 'any' and profile == 'outdoor-4g'").iloc[0]
    assert b'"share":null' in to_json(row.to_dict())
    assert b'"rests_on":0.0' in to_json(row.to_dict())
