"""What the Hata models add to their kernels: surroundings, reach and range."""

from __future__ import annotations

import numpy as np
import pytest

from geocover.kernels import hata as kernel
from geocover.propagation import Cost231Hata, ExtendedHata, Link, OkumuraHata

DISTANCE_M = np.array([50.0, 700.0, 4000.0])


@pytest.mark.parametrize(("name", "code"), [("urban", 0), ("suburban", 1), ("open", 2)])
def test_the_surroundings_of_the_link_choose_the_variant(name: str, code: int) -> None:
    """Catches codes of the kernel that are out of step with the names."""
    link = Link(900.0, 35.0, 1.5, name)  # type: ignore[arg-type]
    np.testing.assert_array_equal(
        ExtendedHata().loss_db(DISTANCE_M, link), kernel.extended_hata(DISTANCE_M, 900.0, 35.0, 1.5, code)
    )
    np.testing.assert_array_equal(
        OkumuraHata().loss_db(DISTANCE_M, link),
        kernel.okumura_hata(DISTANCE_M, 900.0, 35.0, 1.5, code, False),
    )


def test_surroundings_of_the_model_overrule_those_of_the_link() -> None:
    """Catches a parameter that is stored and then ignored."""
    urban, rural = (Link(900.0, 35.0, 1.5, name) for name in ("urban", "open"))
    for family in (ExtendedHata, OkumuraHata):
        forced = family(environment="open").loss_db(DISTANCE_M, urban)
        np.testing.assert_array_equal(forced, family().loss_db(DISTANCE_M, rural))
        assert np.all(forced[1:] < family().loss_db(DISTANCE_M, urban)[1:])


def test_urban_loses_most_and_open_least() -> None:
    """Catches exchanged surroundings."""
    urban, suburban, rural = (
        ExtendedHata(environment=name).loss_db(DISTANCE_M[1:], Link(1800.0, 35.0, 1.5, "urban"))
        for name in ("urban", "suburban", "open")
    )
    assert np.all(urban > suburban)
    assert np.all(suburban > rural)


def test_the_large_city_matters_to_urban_links_alone() -> None:
    """Catches the large city's height correction under suburban or open losses (Hata 1980 starts medium)."""
    for name, changes in (("urban", True), ("suburban", False), ("open", False)):
        link = Link(900.0, 35.0, 4.0, name)  # type: ignore[arg-type]
        medium, large = (OkumuraHata(city=city).loss_db(DISTANCE_M, link) for city in ("medium", "large"))
        assert bool(np.any(medium != large)) is changes


def test_cost231_hata_does_not_read_the_surroundings() -> None:
    """Catches an unpublished correction applied behind the planner's back."""
    urban, rural = (
        Cost231Hata().loss_db(DISTANCE_M, Link(1800.0, 35.0, 1.5, name)) for name in ("urban", "open")
    )
    np.testing.assert_array_equal(urban, rural)


def test_a_higher_top_frequency_opens_the_c_band_and_changes_nothing_below() -> None:
    """Catches the parameter shifting losses, or not letting 3.7 GHz through."""
    wide, link = ExtendedHata(max_freq_mhz=4000.0), Link(2600.0, 35.0, 1.5, "open")
    np.testing.assert_array_equal(wide.loss_db(DISTANCE_M, link), ExtendedHata().loss_db(DISTANCE_M, link))
    assert np.all(np.isfinite(wide.loss_db(DISTANCE_M, Link(3700.0, 35.0, 1.5, "open"))))


def test_range_limits_the_distance_asked() -> None:
    """Catches a range that is described but not kept."""
    assert ExtendedHata(range_m=1000.0).max_distance_m() == 1000.0
    curve_db, step_m = ExtendedHata(range_m=1000.0).curve(Link(900.0, 35.0, 1.5, "open"), 30.0)
    assert 1000.0 <= (curve_db.size - 1) * step_m < 1000.0 + step_m
