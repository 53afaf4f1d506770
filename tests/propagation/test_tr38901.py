"""What the TR 38.901 model adds to its kernel: choice of the table and the end of its validity."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from geocover.grid import Grid
from geocover.propagation import TR38901, Link, Mast

RURAL, URBAN = (Link(3700.0, 35.0, 1.5, name) for name in ("open", "urban"))
SUBURBAN = Link(3700.0, 35.0, 1.5, "suburban")


def test_open_country_takes_rma_and_all_others_uma() -> None:
    """Catches the two tables exchanged, or suburbs computed as countryside."""
    distance_m = np.array([300.0, 3000.0])
    for link, variant in ((RURAL, "rma"), (URBAN, "uma"), (SUBURBAN, "uma")):
        assert TR38901().variant_for(link) == variant
        np.testing.assert_array_equal(
            TR38901().loss_db(distance_m, link),
            TR38901(variant=variant).loss_db(distance_m, link),  # type: ignore[arg-type]
        )


@pytest.mark.parametrize(
    ("variant", "sight", "link", "end_m"),
    [
        ("rma", "los", URBAN, 10_000.0),
        ("rma", "nlos", URBAN, 5_000.0),
        ("rma", "expected", URBAN, 5_000.0),
        ("uma", "los", RURAL, 5_000.0),
        ("uma", "nlos", RURAL, 5_000.0),
        (None, "los", RURAL, 10_000.0),
        (None, "los", URBAN, 5_000.0),
        (None, "expected", RURAL, 5_000.0),
    ],
)
def test_loss_is_infinite_where_the_table_ends(variant: Any, sight: Any, link: Link, end_m: float) -> None:
    """Catches silent extrapolation, and a table cut short (Table 7.4.1-1: 5 km; RMa LOS 10 km)."""
    model = TR38901(variant=variant, sight=sight)
    inside, outside = model.loss_db(np.array([end_m, end_m + 0.1]), link)
    assert np.isfinite(inside)
    assert outside == np.inf
    assert model.valid_to_m(link) == end_m
    assert model.max_distance_m() >= end_m


@pytest.mark.parametrize("resolution_m", [7.0, 30.0, 100.0])
@pytest.mark.parametrize("sight", ["los", "expected"])
@pytest.mark.parametrize("link", [RURAL, URBAN])
def test_curve_is_finite_and_ends_within_a_step_of_the_table(
    resolution_m: float, sight: Any, link: Link
) -> None:
    """Catches infinities inside the curve: interpolation would turn them into NaN pixels."""
    model = TR38901(sight=sight)
    curve_db, step_m = model.curve(link, resolution_m)
    assert np.all(np.isfinite(curve_db))
    assert 0.0 <= model.valid_to_m(link) - (curve_db.size - 1) * step_m < step_m


def test_a_mixed_network_has_no_missing_pixels() -> None:
    """Catches NaN at the edge of UMa LOS when RMa LOS in the same model reaches twice as far."""
    grid = Grid("EPSG:32648", 500_000.0, 2_400_000.0, 50.0, (440, 440))
    for link, end_m in ((RURAL, 10_000.0), (URBAN, 5_000.0)):
        loss_db = TR38901(sight="los").loss_window(Mast(511_003.0, 2_389_007.0, link), grid.whole(), None)
        area_m2 = np.isfinite(loss_db).sum() * grid.pixel_area_m2
        assert not np.isnan(loss_db).any()
        assert area_m2 == pytest.approx(np.pi * end_m**2, rel=0.01)


def test_surface_parameters_reach_rma_and_not_uma() -> None:
    """Catches street width and building height mixed up or dropped on the way to the kernel."""
    distance_m = np.array([2000.0])
    for link, reacts in ((RURAL, True), (URBAN, False)):
        plain = TR38901(sight="nlos").loss_db(distance_m, link)
        wide = TR38901(sight="nlos", street_width_m=40.0).loss_db(distance_m, link)
        high = TR38901(sight="nlos", building_height_m=10.0).loss_db(distance_m, link)
        assert bool(wide[0] < plain[0]) is reacts
        assert bool(high[0] > plain[0]) is reacts


def test_expected_lies_between_its_parts() -> None:
    """Catches a weight outside zero and one."""
    distance_m = np.geomspace(20.0, 5000.0, 50)
    los, mean, nlos = (
        TR38901(sight=sight).loss_db(distance_m, RURAL)  # type: ignore[arg-type]
        for sight in ("los", "expected", "nlos")
    )
    assert np.all(los <= mean + 1e-9)
    assert np.all(mean <= nlos + 1e-9)
