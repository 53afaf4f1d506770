"""Share of locations and open pixels, pixel by pixel."""

from __future__ import annotations

from dataclasses import replace
from statistics import NormalDist

import numpy as np
import pytest

from geocover.coverage import Coverage
from geocover.errors import ProfileError
from geocover.grid import Grid
from geocover.probability import coverage_probability, open_pixels
from geocover.profiles import Profile
from tests.drawn_coverage import drawn

PLAIN = Profile("plain", 1, "4G", "", "", -100.0, 0.9, 8.0, 0.0, 0.0, 3.0, "test")
NEEDED = PLAIN.required_dbm


@pytest.fixture
def coverage(grid: Grid, make_network) -> Coverage:
    """Rows of pixels: 0 good, 1 at the threshold, 2 nothing; the same with a cut path in the east half.

    What the cut path might bring is enough in column 79 only.
    """
    level = np.full(grid.shape, np.nan)
    level[0], level[1] = -80.0, -100.0
    cut = np.full(grid.shape, np.nan)
    cut[:3, 40:] = NEEDED - 0.5
    cut[:3, 79] = NEEDED + 0.5
    network = make_network([{"at": (10, 10)}, {"at": (10, 10), "operator": "VinaPhone"}])
    layers = {("Viettel", "4G"): level, ("VinaPhone", "4G"): np.full(grid.shape, -95.0)}
    return drawn(grid, network, layers, {("Viettel", "4G"): cut})


def test_open_is_what_may_or_may_not_be_covered(coverage: Coverage) -> None:
    """Catches a covered pixel called open, or one that nothing could cover."""
    found = open_pixels(coverage, "Viettel", PLAIN)
    assert np.argwhere(found).tolist() == [[1, 79], [2, 79]]
    assert not open_pixels(coverage, "VinaPhone", PLAIN).any()
    sure = replace(PLAIN, min_rsrp_dbm=-110.0)
    assert open_pixels(coverage, "any", sure).sum() == 0


def test_any_is_open_where_no_other_covers(coverage: Coverage) -> None:
    """Catches views mixed: VinaPhone's -95 dBm is not enough, and "all" needs each operator's hope."""
    assert np.argwhere(open_pixels(coverage, "any", PLAIN)).tolist() == [[1, 79], [2, 79]]
    assert not open_pixels(coverage, "all", PLAIN).any()


def test_probability_of_pixels(coverage: Coverage) -> None:
    """Catches a probability of the required level in place of the threshold, and 0 or 1 where it is open."""
    share = coverage_probability(coverage, "Viettel", PLAIN)
    assert share.values.dtype == np.float32
    assert share.values[0, 0] == pytest.approx(NormalDist().cdf(20 / 8), abs=1e-6)
    assert share.values[1, 0] == pytest.approx(0.5, abs=1e-6)
    assert share.values[2, 0] == 0.0
    assert np.isnan(share.values[1:3, 79]).all()
    assert np.isfinite(share.values).sum() == share.values.size - 2


def test_any_is_the_best_and_all_the_weakest(coverage: Coverage) -> None:
    """Catches probabilities multiplied as if operators' shadows were independent."""
    best = coverage_probability(coverage, "any", PLAIN).values
    weakest = coverage_probability(coverage, "all", PLAIN).values
    vina = coverage_probability(coverage, "VinaPhone", PLAIN).values
    viettel = coverage_probability(coverage, "Viettel", PLAIN).values
    known = np.isfinite(best)
    np.testing.assert_array_equal(best[known], np.fmax(vina, viettel)[known])
    known = np.isfinite(viettel)
    np.testing.assert_array_equal(weakest[known], np.minimum(vina, viettel)[known])


def test_profile_of_another_technology_is_refused(coverage: Coverage) -> None:
    with pytest.raises(ProfileError, match="5G"):
        coverage_probability(coverage, "any", "outdoor-5g")
