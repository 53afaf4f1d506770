"""The equations of P.1812-8 one by one, worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import norm

from geocover.kernels.p1812 import least_ducting_db, with_scatter_db
from geocover.kernels.p1812_diffraction import (
    LAND,
    WATER,
    admittance,
    bullington_db,
    distance_term_db,
    first_term_db,
    height_gain_db,
    knife_edge_db,
    spherical_db,
)
from geocover.kernels.p1812_ducting import (
    coast_db,
    low_frequency_db,
    path_geometry_share,
    roughness_share,
    shielding_db,
)
from geocover.kernels.p1812_profile import (
    COASTAL,
    INLAND,
    SEA,
    Profile,
    analyse,
    beta0_pct,
    median_earth_km,
    mid_latitude_deg,
    section_lengths_km,
    smooth_surface_m,
)
from geocover.kernels.p1812_statistics import (
    height_share,
    inverse_normal,
    location_loss_db,
    location_sigma_db,
    time_share,
)
from geocover.kernels.p1812_troposcatter import troposcatter_db
from tests.kernels.p1812_cases import PHU_THO, flat


@pytest.mark.parametrize(("nu", "loss_db"), [(-0.78, 0.0), (0.0, 6.0329), (1.0, 13.9257), (2.4, 20.5393)])
def test_knife_edge(nu: float, loss_db: float) -> None:
    """Catches a wrong J(nu): values of equation (12) worked out by hand, to four decimals."""
    assert math.isclose(knife_edge_db(nu), loss_db, abs_tol=5e-5)


def test_one_hill() -> None:
    """Catches a wrong Bullington construction: a hill half way is its own Bullington point."""
    d_km = np.array([0.0, 2.0, 5.0, 8.0, 10.0])
    g_m = np.array([0.0, 0.0, 100.0, 0.0, 0.0])
    above_m = 100.0 + 5.0**2 * 1e6 / (2.0 * 8.5e6) - 10.0
    nu = above_m * math.sqrt(2.0 * 10_000.0 / (0.2998 * 5_000.0**2))
    edge_db = 6.9 + 20.0 * math.log10(math.sqrt((nu - 0.1) ** 2 + 1.0) + nu - 0.1)
    expected_db = edge_db + (1.0 - math.exp(-edge_db / 6.0)) * 10.2
    assert math.isclose(bullington_db(d_km, g_m, 10.0, 10.0, 8500.0, 1.0), expected_db, abs_tol=1e-9)


def test_grazing_smooth_earth() -> None:
    """Catches a broken smooth Earth: 0 where it is clear, then never falling with distance."""
    losses = [spherical_db(d, (40.0, 1.5), 8930.0, 1.8, 0.0, True) for d in np.linspace(0.5, 100.0, 400)]
    assert losses[0] == 0.0
    assert np.all(np.diff(losses) >= 0.0)
    assert losses[-1] > 60.0


def test_sea_lets_low_vertical_waves_pass() -> None:
    """Catches swapped grounds or polarisations: at 30 MHz the sea carries vertical waves best."""
    land, sea = (spherical_db(80.0, (30.0, 10.0), 8500.0, 0.03, w, True) for w in (0.0, 1.0))
    level = spherical_db(80.0, (30.0, 10.0), 8500.0, 0.03, 1.0, False)
    half = spherical_db(80.0, (30.0, 10.0), 8500.0, 0.03, 0.5, True)
    assert sea < land - 10.0
    assert sea < level - 10.0
    assert math.isclose(half, 0.5 * (land + sea), abs_tol=1e-9)


def test_height_gain_has_a_floor() -> None:
    """Catches a height gain that falls without end for low antennas: 2 + 20 log K."""
    assert height_gain_db(1e-6, 1.0, 0.01) == 2.0 + 20.0 * math.log10(0.01)
    assert math.isclose(height_gain_db(1.0, 1.0, 1e-9), 20.0 * math.log10(1.1), abs_tol=1e-12)


def test_first_term_branches() -> None:
    """Catches shifted borders in F_X (X = 1.6) and G (B = 2), where both sides nearly meet."""
    assert math.isclose(distance_term_db(1.605), 11.0 + 10.0 * math.log10(1.605) - 17.6 * 1.605)
    assert math.isclose(distance_term_db(1.595), -20.0 * math.log10(1.595) - 5.6488 * 1.595**1.425)
    assert math.isclose(height_gain_db(2.0, 1.0, 1e-9), 20.0 * math.log10(2.8))
    upper_db = 17.6 * math.sqrt(0.905) - 5.0 * math.log10(0.905) - 8.0
    assert math.isclose(height_gain_db(2.005, 1.0, 1e-9), upper_db)


@pytest.mark.parametrize(("ground", "freq_ghz"), [(LAND, 0.03), (WATER, 0.1)])
def test_admittance(ground: tuple[float, float], freq_ghz: float) -> None:
    """Catches wrong ground constants or K: the same from the complex permittivity."""
    permittivity, conductivity = {LAND: (22.0, 0.003), WATER: (80.0, 5.0)}[ground]
    complex_permittivity = permittivity - 18.0j * conductivity / freq_ghz
    level = 0.036 / (8500.0 * freq_ghz) ** (1.0 / 3.0) / math.sqrt(abs(complex_permittivity - 1.0))
    assert math.isclose(admittance(8500.0, freq_ghz, ground, False), level)
    assert math.isclose(admittance(8500.0, freq_ghz, ground, True), level * abs(complex_permittivity))


def test_beyond_the_smooth_horizon() -> None:
    """Catches a wrong distance of the smooth horizon (22): from there on the first term alone counts."""
    heights_m = (40.0, 1.5)
    horizon_km = math.sqrt(2.0 * 8.93) * (math.sqrt(40.0) + math.sqrt(1.5))
    beyond_km, within_km = 1.001 * horizon_km, 0.999 * horizon_km
    beyond_db = first_term_db(beyond_km, heights_m, 8930.0, 1.8, 0.0, True)
    assert spherical_db(beyond_km, heights_m, 8930.0, 1.8, 0.0, True) == beyond_db
    within_db = first_term_db(within_km, heights_m, 8930.0, 1.8, 0.0, True)
    assert 0.9 * within_db < spherical_db(within_km, heights_m, 8930.0, 1.8, 0.0, True) < within_db


def test_median_earth() -> None:
    """Catches a wrong k-factor: 4/3 of the radius at 39.25 N/km, none at 0."""
    assert math.isclose(median_earth_km(39.25), 6371.0 * 4.0 / 3.0, rel_tol=1e-12)
    assert median_earth_km(0.0) == 6371.0


def test_beta0_inland() -> None:
    """Catches a wrong beta_0: far inland mu_1 is 10^-0.85, and mu_1 mu_4 its power 0.065 + 0.0176 phi."""
    exponent = 1.67 - 0.015 * 20.0 - 0.85 * (0.065 + 0.0176 * 20.0)
    assert math.isclose(beta0_pct(20.0, 1e4, 1e4), 10.0**exponent, rel_tol=1e-9)
    assert beta0_pct(-20.0, 50.0, 10.0) == beta0_pct(20.0, 50.0, 10.0)
    assert math.isclose(beta0_pct(70.5, 1e4, 1e4), 4.17 * 10.0 ** (-0.85 * 1.3), rel_tol=1e-9)
    # Over sea mu_1 would exceed 1.
    assert math.isclose(beta0_pct(20.0, 0.0, 0.0), 10.0**1.37, rel_tol=1e-9)


def test_sections_end_half_way() -> None:
    """Catches wrong section lengths: borders lie half way between points of different zones."""
    zone = np.array([INLAND, INLAND, COASTAL, SEA, SEA, INLAND])
    d_km = np.array([0.0, 1.0, 3.0, 4.0, 8.0, 10.0])
    profile = Profile(d_km, np.zeros(6), np.zeros(6), zone)
    assert section_lengths_km(profile, INLAND, INLAND) == (2.0, 3.0)
    assert section_lengths_km(profile, COASTAL, INLAND) == (3.5, 4.5)
    assert section_lengths_km(profile, SEA, SEA) == (5.5, 5.5)
    assert section_lengths_km(flat(5.0, 11), SEA, SEA) == (0.0, 0.0)


def test_smooth_surface_of_a_slope() -> None:
    """Catches a wrong least-squares fit: a straight slope is its own smooth surface."""
    d_km = np.array([0.0, 0.3, 1.0, 4.0, 5.0])
    profile = Profile(d_km, 100.0 + 7.0 * d_km, np.zeros(5), np.full(5, INLAND))
    assert np.allclose(smooth_surface_m(profile), (100.0, 135.0), atol=1e-9)


def test_least_clear_point() -> None:
    """Catches a wrong bulge of the Earth in line of sight: 1 % more would choose the other point."""
    profile = flat(20.0, 4)._replace(
        d_km=np.array([0.0, 1.0, 10.0, 20.0]), h_m=np.array([0.0, 30.0, -11.99, 0.0])
    )
    path = analyse(profile, PHU_THO, 60.0, 60.0)
    assert (path.dlt_km, path.dlr_km) == (1.0, 19.0)


def test_mid_latitude() -> None:
    """Catches a wrong middle: half way along a meridian, and off the mean along a parallel."""
    degree_km = 6371.0 * math.pi / 180.0
    assert math.isclose(mid_latitude_deg((105.0, 20.0), (105.0, 22.0), 2.0 * degree_km), 21.0, abs_tol=1e-9)
    assert mid_latitude_deg((100.0, 50.0), (110.0, 50.0), 716.0) > 50.05


def test_normal_deviate() -> None:
    """Catches a wrong I(x): within the 4.5e-4 that attachment 2 promises, odd about one half."""
    for share in (1e-6, 0.001, 0.1, 0.4999, 0.5001, 0.504, 0.9, 0.99):
        assert abs(inverse_normal(share) - norm.isf(share)) < 4.6e-4
        assert math.isclose(inverse_normal(share), -inverse_normal(1.0 - share), abs_tol=1e-8)
    assert inverse_normal(1e-9) == inverse_normal(1e-6)


def test_time_share() -> None:
    """Catches a wrong F_i: 0 in the median, 1 at beta_0 and below."""
    assert time_share(50.0, 5.0) == 0.0
    assert time_share(5.0, 5.0) == 1.0
    assert time_share(1.0, 5.0) == 1.0
    assert math.isclose(time_share(10.0, 2.0), norm.isf(0.10) / norm.isf(0.02), abs_tol=3e-4)


def test_location_variability() -> None:
    """Catches wrong location statistics: sections 4.7 and 4.9 by hand."""
    assert math.isclose(location_sigma_db(1.0, 100.0), 0.544 * 100.0**0.28, rel_tol=1e-12)
    assert [height_share(h, 10.0) for h in (1.5, 10.0, 15.0, 20.0, 40.0)] == [1.0, 1.0, 0.5, 0.0, 0.0]
    assert math.isclose(location_loss_db(90.0, 3.0, 12.0, 4.0), 12.0 + 5.0 * norm.ppf(0.9), abs_tol=3e-3)
    assert abs(location_loss_db(50.0, 8.0, 0.0, 0.0)) < 1e-6


def test_troposcatter() -> None:
    """Catches a wrong scatter loss: 2 GHz, 100 km, 10 mrad, median: 190.1 + 25 log 2 + 40 + 5.73 - 48.75."""
    expected_db = 190.1 + 25.0 * math.log10(2.0) + 40.0 + 5.73 - 48.75
    assert math.isclose(troposcatter_db(100.0, 10.0, 2.0, 50.0, 325.0), expected_db, abs_tol=1e-9)
    assert math.isclose(troposcatter_db(100.0, 10.0, 2.0, 5.0, 325.0), expected_db - 10.125, abs_tol=1e-9)


def test_ducting_parts() -> None:
    """Catches wrong parts of the ducting model, among them the coast, which the logs do not reach."""
    assert math.isclose(low_frequency_db(0.5), 0.0, abs_tol=1e-12)
    assert math.isclose(low_frequency_db(0.499999), 0.0, abs_tol=1e-3)
    assert shielding_db(1.0, 10.0, 2.0) == 0.0
    assert math.isclose(shielding_db(2.0, 10.0, 1.0), 20.0 * math.log10(1.0 + 0.361 * 10.0**0.5) + 0.264)
    assert shielding_db(1.005, 10.0, 2.0) > 0.0
    assert coast_db(0.75, 0.0, 20.0, 50.0) == -3.0
    by_hand_db = -3.0 * math.exp(-1.0) * (1.0 + math.tanh(-3.5))
    assert math.isclose(coast_db(0.8, 2.0, 20.0, 100.0), by_hand_db, rel_tol=1e-12)
    assert coast_db(0.8, 5.0, 20.0, 0.0) < 0.0
    assert coast_db(0.74, 0.0, 20.0, 50.0) == coast_db(0.8, 5.01, 20.0, 50.0) == 0.0
    assert coast_db(0.8, 2.0, 1.0, 50.0) == 0.0


def test_ducting_limits() -> None:
    """Catches limits that do not hold: roughness up to 10 m costs nothing, alpha stops at -3.4, mu_2 at 1."""
    path = analyse(flat(900.0, 901), PHU_THO, 100.0, 100.0)
    assert path.hm_m == 0.0
    assert roughness_share(path._replace(hm_m=10.0)) == roughness_share(path) == 1.0
    rough = path._replace(hm_m=110.0, dlt_km=100.0, dlr_km=790.0)
    assert math.isclose(roughness_share(rough), math.exp(-4.6e-5 * 100.0 * 103.0), rel_tol=1e-12)
    assert roughness_share(path._replace(hm_m=10.05)) < 1.0
    base = 500.0 / path.ae_km * (900.0 / 20.0) ** 2
    assert math.isclose(path_geometry_share(path), base**-3.4, rel_tol=1e-12)
    assert path_geometry_share(path._replace(d_km=1.0)) == 1.0


def test_sums_of_powers_do_not_overflow() -> None:
    """Catches equations (60) and (63) written as they stand: exp and 10^ of large losses."""
    assert math.isclose(least_ducting_db(120.0, 118.0), 2.5 * math.log(math.exp(48.0) + math.exp(47.2)))
    assert least_ducting_db(5000.0, 100.0) == 5000.0
    assert math.isclose(with_scatter_db(150.0, 150.0), 150.0 - 5.0 * math.log10(2.0))
    assert with_scatter_db(5000.0, 9000.0) == 5000.0
