"""P.1812-8 by hand and by its symmetries, for machines without the validation set."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from geocover.kernels.p1812 import OUTDOOR_MEDIAN, Link, Locations, path_loss
from geocover.kernels.p1812_diffraction import with_clutter_m
from geocover.kernels.p1812_profile import COASTAL, INLAND, SEA, Geometry, Profile, analyse
from tests.kernels.p1812_cases import PHU_THO, flat


def hills(seed: int, points: int = 60, relief_m: float = 60.0) -> Profile:
    """Hills with patches of clutter and some sea and coast, at unequal steps; the same for a seed."""
    random = np.random.default_rng(seed)
    d_km = np.concatenate(
        [[0.0], np.cumsum(random.uniform(0.02, 2.0 * random.uniform(0.03, 0.9), points - 1))]
    )
    h_m = np.abs(np.cumsum(random.normal(0.0, relief_m / math.sqrt(points), points)) + relief_m)
    clutter_m = np.where(random.random(points) < 0.3, 15.0, 0.0)
    zone = np.repeat(random.choice([SEA, COASTAL, INLAND, INLAND], 6), points // 6)
    return Profile(d_km, h_m, clutter_m, zone)


def mirrored(profile: Profile) -> Profile:
    """The same path from the other end."""
    d_km = profile.d_km[-1] - profile.d_km[::-1]
    h_m, clutter_m = profile.h_m[::-1].copy(), profile.clutter_m[::-1].copy()
    return Profile(d_km, h_m, clutter_m, profile.zone[::-1].copy())


seeds = st.integers(0, 2**32 - 1)
links = st.builds(
    Link,
    freq_ghz=st.floats(0.03, 6.0),
    time_pct=st.floats(1.0, 50.0),
    tx_height_m=st.floats(1.0, 300.0),
    rx_height_m=st.floats(1.0, 300.0),
    vertical=st.booleans(),
)


def test_clear_path_is_free_space() -> None:
    """Catches losses that a clear short path must not have: only 92.4 + 20 log f + 20 log d is left."""
    _, loss = path_loss(flat(1.0, 34), PHU_THO, Link(2.0, 50.0, 60.0, 60.0, vertical=True), OUTDOOR_MEDIAN)
    assert loss.median.ld_db == 0.0
    assert math.isclose(loss.lb0p_db, 92.4 + 20.0 * math.log10(2.0), abs_tol=1e-12)
    assert math.isclose(loss.lb_db, loss.lb0p_db, abs_tol=0.01)
    assert math.isclose(loss.ep_dbuv_m, 199.36 - 92.4, abs_tol=0.01)


def test_free_space_is_slant() -> None:
    """Catches a horizontal distance in the free-space loss: 3 km along and 4 km up make 5 km."""
    link = Link(1.0, 50.0, 4001.0, 1.0, vertical=True)
    _, loss = path_loss(flat(3.0, 31), PHU_THO, link, OUTDOOR_MEDIAN)
    assert math.isclose(loss.lbfs_db, 92.4 + 20.0 * math.log10(5.0), abs_tol=1e-9)


def test_sea_has_no_location_variability() -> None:
    """Catches location variability on water, where section 4.7 gives none."""
    land = flat(10.0, 31)
    coast = land._replace(zone=np.where(np.arange(31) == 30, SEA, INLAND))
    ninety = Locations(90.0, 8.0, 0.0, 0.0)
    link = Link(0.8, 50.0, 40.0, 1.5, vertical=True)
    for profile, more_db in ((land, 8.0 * norm.ppf(0.9)), (coast, 0.0)):
        _, median = path_loss(profile, PHU_THO, link, OUTDOOR_MEDIAN)
        _, loss = path_loss(profile, PHU_THO, link, ninety)
        assert math.isclose(loss.lb_db - median.lb_db, more_db, abs_tol=0.01)


def test_building_entry_adds() -> None:
    """Catches building entry that is lost on the way: the median indoors is higher by its median."""
    assert Locations(50.0, 0.0, 0.0, 0.0) == OUTDOOR_MEDIAN
    link = Link(0.8, 50.0, 40.0, 1.5, vertical=True)
    _, outdoors = path_loss(flat(10.0, 31), PHU_THO, link, OUTDOOR_MEDIAN)
    _, indoors = path_loss(flat(10.0, 31), PHU_THO, link, Locations(50.0, 0.0, 14.3, 9.0))
    assert math.isclose(indoors.lb_db - outdoors.lb_db, 14.3, abs_tol=1e-6)


def test_two_points() -> None:
    """Catches a crash on the shortest profile: neighbours with nothing between them."""
    link = Link(1.8, 50.0, 30.0, 1.5, vertical=True)
    path, loss = path_loss(flat(0.03, 2), PHU_THO, link, OUTDOOR_MEDIAN)
    assert math.isclose(loss.lbfs_db, 92.4 + 20.0 * math.log10(1.8 * math.hypot(0.03, 0.0285)), abs_tol=1e-9)
    assert loss.lbfs_db <= loss.lb_db < loss.lbfs_db + 1.0
    assert path.dlt_km + path.dlr_km == 0.03


@settings(max_examples=150)
@given(seed=seeds, link=links)
def test_finite_and_above_the_bound(seed: int, link: Link) -> None:
    """Catches NaN, infinity, and a loss below line of sight with its enhancements (69)."""
    path, loss = path_loss(hills(seed), PHU_THO, link, OUTDOOR_MEDIAN)
    assert np.isfinite([*path, *loss.median, *loss.beta]).all()
    assert np.isfinite([value for value in loss if isinstance(value, float)]).all()
    assert loss.lb_db >= loss.lb0p_db
    assert loss.lb0p_db <= loss.lbfs_db
    assert min(path.htc_m, path.hte_m) >= link.tx_height_m - 1e-9
    assert 0.0 <= path.omega <= 1.0
    assert all(0.0 <= share <= 1.0 for share in (loss.fi, loss.fj, loss.fk))


@settings(max_examples=150)
@given(seed=seeds, link=links)
def test_reciprocal(seed: int, link: Link) -> None:
    """Catches transmitter and receiver confused anywhere: a path has one loss in both directions."""
    profile = hills(seed)
    back = link._replace(tx_height_m=link.rx_height_m, rx_height_m=link.tx_height_m)
    climate = PHU_THO._replace(dct_km=1.0, dcr_km=3.0)
    turned = climate._replace(dct_km=3.0, dcr_km=1.0)
    there_path, there = path_loss(profile, climate, link, OUTDOOR_MEDIAN)
    back_path, back_loss = path_loss(mirrored(profile), turned, back, OUTDOOR_MEDIAN)
    assert math.isclose(there_path.theta_t_mrad, back_path.theta_r_mrad, abs_tol=1e-7)
    assert math.isclose(there_path.hstd_m, back_path.hsrd_m, abs_tol=1e-7)
    assert math.isclose(there.lba_db, back_loss.lba_db, abs_tol=1e-6)
    assert math.isclose(there.lb_db, back_loss.lb_db, abs_tol=1e-6)


@settings(max_examples=100)
@given(seed=seeds, link=links, at=st.integers(1, 58), more_m=st.floats(0.0, 200.0))
def test_clutter_never_helps_bullington(seed: int, link: Link, at: int, more_m: float) -> None:
    """Catches a Bullington construction that falls when an obstacle grows."""
    profile = hills(seed)
    clutter_m = profile.clutter_m.copy()
    clutter_m[at] += more_m
    _, low = path_loss(profile, PHU_THO, link, OUTDOOR_MEDIAN)
    _, high = path_loss(profile._replace(clutter_m=clutter_m), PHU_THO, link, OUTDOOR_MEDIAN)
    assert high.median.lbulla_db >= low.median.lbulla_db - 1e-9


@settings(max_examples=50)
@given(seed=seeds, link=links)
def test_clutter_of_nothing(seed: int, link: Link) -> None:
    """Catches clutter that counts at the ends, or in the smooth Earth: g is h without clutter."""
    bare = hills(seed)._replace(clutter_m=np.zeros(60))
    ends_m = np.zeros(60)
    ends_m[[0, -1]] = 25.0
    assert np.array_equal(with_clutter_m(bare), bare.h_m)
    there = path_loss(bare, PHU_THO, link, OUTDOOR_MEDIAN)
    assert there == path_loss(bare._replace(clutter_m=ends_m), PHU_THO, link, OUTDOOR_MEDIAN)
    covered = bare._replace(clutter_m=np.full(60, 25.0))
    assert analyse(bare, PHU_THO, 30.0, 1.5) == analyse(covered, PHU_THO, 30.0, 1.5)


@settings(max_examples=50)
@given(seed=seeds, link=links, rise_m=st.floats(0.0, 3000.0))
def test_sea_level_does_not_matter(seed: int, link: Link, rise_m: float) -> None:
    """Catches heights above sea level mixed with heights above ground: lifting all changes nothing inland."""
    profile = hills(seed)._replace(zone=np.full(60, INLAND))
    _, low = path_loss(profile, PHU_THO, link, OUTDOOR_MEDIAN)
    lifted = profile._replace(h_m=profile.h_m + rise_m)
    _, high = path_loss(lifted, PHU_THO, link, OUTDOOR_MEDIAN)
    assert math.isclose(low.lb_db, high.lb_db, abs_tol=1e-4)


@settings(max_examples=50)
@given(seed=seeds, link=links, percents=st.tuples(st.floats(1.0, 99.0), st.floats(1.0, 99.0)))
def test_more_locations_cost_more(seed: int, link: Link, percents: tuple[float, float]) -> None:
    """Catches location variability of the wrong sign: more places served means more loss to bear."""
    profile = hills(seed)
    few, many = (
        path_loss(profile, PHU_THO, link, Locations(pct, 8.0, 0.0, 0.0))[1].lb_db for pct in sorted(percents)
    )
    assert many >= few - 1e-9


@settings(max_examples=50)
@given(seed=seeds, link=links, time_pct=st.floats(1.0, 50.0))
def test_more_time_costs_more(seed: int, link: Link, time_pct: float) -> None:
    """Catches time statistics of the wrong sign in line of sight and scatter (10, 44)."""
    few, many = sorted((link.time_pct, time_pct))
    _, low = path_loss(hills(seed), PHU_THO, link._replace(time_pct=few), OUTDOOR_MEDIAN)
    _, high = path_loss(hills(seed), PHU_THO, link._replace(time_pct=many), OUTDOOR_MEDIAN)
    assert high.lb0p_db >= low.lb0p_db
    assert high.lbs_db >= low.lbs_db


def test_same_inputs_same_bits() -> None:
    """Catches results that depend on the run."""
    link = Link(3.5, 10.0, 40.0, 1.5, vertical=True)
    first: tuple[Geometry, object] = path_loss(hills(7), PHU_THO, link, OUTDOOR_MEDIAN)
    assert first == path_loss(hills(7), PHU_THO, link, OUTDOOR_MEDIAN)
