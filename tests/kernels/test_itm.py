"""The Irregular Terrain Model against NTIA's cases, hand-checked values and its own identities."""

from __future__ import annotations

import math
import statistics
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from geocover.kernels import itm, itm_loss, itm_path, itm_variability
from geocover.kernels.itm import Link
from tests.kernels import itm_cases as cases

if TYPE_CHECKING:
    from numpy.typing import NDArray

FLAT_LINK = Link(10.0, 10.0, 1000.0, itm.HORIZONTAL, 15.0, 0.005, 301.0, 5, 3)
PERCENT = st.floats(1.0, 99.0)


@pytest.fixture(scope="module")
def ntia(shared_data: Path) -> Path:
    """Folder of NTIA's cases."""
    return shared_data / "rf-validation" / "ntia-itm"


@st.composite
def links(draw: st.DrawFn) -> Link:
    """Links over the whole allowed range."""
    return Link(
        draw(st.floats(0.5, 3000.0)),
        draw(st.floats(0.5, 3000.0)),
        draw(st.floats(20.0, 20e3)),
        draw(st.sampled_from([itm.HORIZONTAL, itm.VERTICAL])),
        draw(st.floats(1.5, 81.0)),
        draw(st.floats(1e-4, 5.0)),
        draw(st.floats(250.0, 400.0)),
        draw(st.integers(1, 7)),
        draw(st.sampled_from([0, 1, 2, 3])) + draw(st.sampled_from([0, 10, 20, 30])),
    )


@st.composite
def profiles(draw: st.DrawFn) -> NDArray[np.float64]:
    """Rolling or rugged terrain of 3 to 300 points."""
    generator = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    size, relief_m = draw(st.integers(3, 300)), draw(st.floats(0.0, 60.0))
    return np.cumsum(generator.normal(0.0, 1.0, size)) * relief_m / 4.0 + 500.0


@pytest.mark.data
@pytest.mark.parametrize("number", range(5))
def test_point_to_point_cases_of_ntia(ntia: Path, number: int) -> None:
    """Any wrong constant, branch or rounding in profile, attenuation or variability."""
    case = cases.profile_cases(ntia)[number]
    loss_db, flags = case.loss()
    assert loss_db == pytest.approx(case.number("A__db"), abs=0.01)
    assert flags < itm.FIRST_ERROR


@pytest.mark.data
def test_all_point_to_point_cases_are_tested(ntia: Path) -> None:
    """A case added to NTIA's file that the parametrised test would leave out."""
    assert len(cases.profile_cases(ntia)) == 5
    assert {case.reference.mode for case in cases.profile_cases(ntia)} == {1, 2, 3}


@pytest.mark.data
def test_area_cases_of_ntia(ntia: Path) -> None:
    """Wrong siting, usual horizons or variability; NTIA gives one decimal here."""
    rows = cases.area_cases(ntia)
    assert len(rows) == 5
    for case in rows:
        assert case.loss()[0] == pytest.approx(case.number("A__db"), abs=0.0501)


@pytest.mark.data
@pytest.mark.parametrize("name", ["p2ptls", "p2pcr", "areatls", "areacr"])
def test_intermediate_values_of_the_examples(ntia: Path, name: str) -> None:
    """Geometry that is wrong where the loss does not show it; half of the last printed digit is allowed."""
    given_row = cases.example_input(ntia, name)
    profile = cases.example_profile(ntia) if name.startswith("p2p") else None
    if profile is None:
        given_row |= {f"{end}_siting_criteria": given_row[f"{end}_site_criteria"] for end in ("tx", "rx")}
    link, reference = cases.row_link(given_row), cases.Case(given_row, profile).reference
    if name.endswith("cr"):
        quantiles = float(given_row["confidence"]), float(given_row["reliability"])
        loss_db, flags = itm.loss_cr(reference, link, *quantiles)
    else:
        quantiles3 = (float(given_row[kind]) for kind in ("time", "location", "situation"))
        loss_db, flags = itm.loss_tls(reference, link, *quantiles3)
    path = reference.path
    ours = {
        "Basic Transmission Loss": loss_db,
        "Free Space": itm.free_space_db(path.distance_m, link.freq_mhz),
        "d__km": path.distance_m / 1000.0,
        "theta_hzn_tx": path.tx.elevation_rad * 1000.0,
        "theta_hzn_rx": path.rx.elevation_rad * 1000.0,
        "d_hzn_tx__meter": path.tx.horizon_m,
        "d_hzn_rx__meter": path.rx.horizon_m,
        "h_e_tx__meter": path.tx.effective_m,
        "h_e_rx__meter": path.rx.effective_m,
        "N_s": reference.radio.refractivity,
        "delta_h__meter": path.irregularity_m,
        "A_ref__db": reference.attenuation_db,
        "Mode of Propagation": reference.mode,
    }
    printed = cases.example_output(ntia, name)
    assert printed["ITM Warning Flags"] == "0x0000"
    assert flags == 0
    for label, value in ours.items():
        digits = len(printed[label].partition(".")[2])
        assert value == pytest.approx(float(printed[label]), abs=0.501 * 10.0**-digits), label


@pytest.mark.data
def test_table_of_confidence_and_reliability(ntia: Path) -> None:
    """Confidence and reliability taken for each other, or a quantile's sign reversed."""
    given_row, profile = cases.example_input(ntia, "p2pcr_tbl"), cases.example_profile(ntia)
    case = cases.Case(given_row, profile)
    rows = cases.example_table(ntia, "p2pcr_tbl")
    assert len(rows) == 3
    for reliability, *losses_db in rows:
        for confidence, loss_db in zip((10.0, 60.0, 90.0), losses_db, strict=True):
            ours_db = itm.loss_cr(case.reference, case.link, confidence, reliability)[0]
            assert ours_db == pytest.approx(loss_db, abs=0.0501)


@pytest.mark.data
def test_table_of_distances(ntia: Path) -> None:
    """Troposcatter, its crossing with diffraction and long effective distances, from 10 to 1000 km."""
    link = cases.row_link(cases.example_input(ntia, "areacr_tbl"))
    rows = cases.example_table(ntia, "areacr_tbl")
    assert len(rows) == 19
    for distance_km, free_db, *losses_db in rows:
        reference = itm.area_reference(1000.0 * distance_km, 0.0, (0, 0), link)
        assert itm.free_space_db(1000.0 * distance_km, link.freq_mhz) == pytest.approx(free_db, abs=0.0501)
        for confidence, loss_db in zip((50.0, 75.0, 90.0), losses_db, strict=True):
            ours_db = itm.loss_cr(reference, link, confidence, 90.0)[0]
            assert ours_db == pytest.approx(loss_db, abs=0.0501)


def test_two_rays_by_hand() -> None:
    """A wrong phase, sign or roughness: 10 m and 10 m, 1 km, 1 GHz, horizontal, smooth ground.

    sin psi = 20 / sqrt(1000^2 + 20^2) = 0.0199960; Z = sqrt(14 + 0.09i) = 3.7416767 + 0.0120267i, so
    with exp(-k sigma_h sin psi) = 1 R = (sin psi - Z) / (sin psi + Z) = -0.9893687 - 0.0000340i.
    The phase 2 k 100 / 1000 = 4.1928721 is above pi/2: pi - (pi/2)^2 / 4.1928721 = 2.5531175.
    """
    radio = itm.link_radio(FLAT_LINK, 0.0)
    path = itm_path.area_path(1000.0, (10.0, 10.0), (0, 0), 0.0, radio.curvature_per_m)
    assert itm_loss.reflection(1000.0, path, radio) == pytest.approx(-0.9893687 - 0.0000340j, abs=1e-6)
    real, imag = math.cos(2.5531175) - 0.9893687, -math.sin(2.5531175) - 0.0000340
    by_hand_db = -10.0 * math.log10(real**2 + imag**2)
    assert itm_loss.two_ray_db(1000.0, path, radio) == pytest.approx(by_hand_db, abs=1e-5)


def test_geometry_of_one_hill_by_hand() -> None:
    """Horizons at the wrong end, or a bulge of the wrong sign: a hill of 100 m at 2 of 10 km."""
    elevation_m = np.zeros(101)
    elevation_m[20] = 100.0
    curvature = 1.0 / 8.5e6
    path = itm_path.profile_path(elevation_m, 100.0, 30.0, 10.0, curvature)
    assert (path.tx.horizon_m, path.rx.horizon_m) == (2000.0, 8000.0)
    assert path.tx.elevation_rad == pytest.approx(70.0 / 2000.0 - 1000.0 * curvature)
    assert path.rx.elevation_rad == pytest.approx(90.0 / 8000.0 - 4000.0 * curvature)
    # Lines through 2-18 and 28-100 hundred metres are level, so that heights stay those above ground.
    assert (path.tx.effective_m, path.rx.effective_m) == (30.0, 10.0)


def test_fit_finds_a_line() -> None:
    """Ends of the least-squares line that belong to the fitted part instead of the whole profile."""
    ramp = 3.0 + 0.25 * np.arange(21.0)
    assert itm_path.linear_fit(ramp, 4, 9) == pytest.approx((3.0, 8.0))
    assert itm_path.linear_fit(ramp, 0, 0) == pytest.approx((3.0, 8.0))


def test_irregularity_forgets_the_trend_and_scales() -> None:
    """Delta h of a slope is none, and of doubled relief the double."""
    noise = np.random.default_rng(1).normal(0.0, 10.0, 400)
    slope = 2.0 * np.arange(400.0)
    once = itm_path.irregularity_m(noise, 50.0, 100.0, 19_000.0)
    assert once > 5.0
    assert itm_path.irregularity_m(slope, 50.0, 100.0, 19_000.0) == pytest.approx(0.0, abs=1e-9)
    assert itm_path.irregularity_m(2.0 * noise + slope, 50.0, 100.0, 19_000.0) == pytest.approx(2.0 * once)


@given(st.floats(0.01, 99.99))
def test_normal_deviate(percent: float) -> None:
    """A wrong coefficient of the approximation: its error is at most 4.5e-4 by Abramowitz and Stegun."""
    exact = -statistics.NormalDist().inv_cdf(percent / 100.0)
    assert itm_variability.normal_deviate(percent) == pytest.approx(exact, abs=4.5e-4)


def test_knife_edge_is_continuous_and_starts_at_grazing() -> None:
    """A misprint in either branch of the knife edge: 6.02 dB at grazing, no step above 0.01 dB at 5.76."""
    assert itm_loss.knife_edge_db(0.0) == pytest.approx(6.02)
    assert itm_loss.knife_edge_db(5.7599999) == pytest.approx(itm_loss.knife_edge_db(5.76), abs=0.02)


@settings(max_examples=300)
@given(links(), profiles(), st.floats(20.0, 500.0), PERCENT, PERCENT, PERCENT)
def test_losses_are_finite(
    link: Link,
    elevation_m: NDArray[np.float64],
    step_m: float,
    time: float,
    location: float,
    situation: float,
) -> None:
    """A division by zero or root of a negative number within the ranges that raise no error."""
    reference = itm.profile_reference(elevation_m, step_m, link)
    loss_db, flags = itm.loss_tls(reference, link, time, location, situation)
    assert flags < itm.FIRST_ERROR or flags & itm.ERROR_MODEL
    assert math.isfinite(loss_db) == (flags < itm.FIRST_ERROR)
    assert not reference.attenuation_db < 0.0


@given(st.floats(1000.0, 3000.0), st.floats(60.0, 300.0), st.floats(3000.0, 10e3), st.integers(1, 7))
def test_free_space_on_short_clear_paths(
    distance_m: float, height_m: float, freq_mhz: float, climate: int
) -> None:
    """A wrong unit of distance or frequency: high antennas in sight of each other have free space's loss."""
    link = FLAT_LINK._replace(tx_height_m=height_m, rx_height_m=height_m, freq_mhz=freq_mhz, climate=climate)
    reference = itm.profile_reference(np.full(101, 20.0), distance_m / 100.0, link)
    free_db = 20.0 * math.log10(4.0 * math.pi * distance_m * freq_mhz * 1e6 / 299_792_458.0)
    assert reference.mode == itm.LINE_OF_SIGHT
    assert itm.loss_tls(reference, link, 50.0, 50.0, 50.0)[0] == pytest.approx(free_db, abs=0.1)


@given(links(), profiles(), st.floats(50.0, 500.0), st.lists(PERCENT, min_size=2, max_size=2), PERCENT)
def test_loss_grows_with_reliability(
    link: Link,
    elevation_m: NDArray[np.float64],
    step_m: float,
    reliabilities: list[float],
    confidence: float,
) -> None:
    """A deviate's sign reversed, or weak and strong signals exchanged, where time counts by itself."""
    link = link._replace(mdvar=itm_variability.ACCIDENTAL)
    reference = itm.profile_reference(elevation_m, step_m, link)
    assume(reference.flags < itm.FIRST_ERROR)
    low_db, high_db = (itm.loss_cr(reference, link, 50.0, value)[0] for value in sorted(reliabilities))
    assert low_db <= high_db + 1e-9
    sure_db = itm.loss_cr(reference, link, max(confidence, 50.0), 50.0)[0]
    assert itm.loss_cr(reference, link, min(confidence, 50.0), 50.0)[0] <= sure_db + 1e-9


@given(links(), profiles(), st.floats(50.0, 500.0))
def test_path_is_reciprocal(link: Link, elevation_m: NDArray[np.float64], step_m: float) -> None:
    """Transmitter and receiver treated differently anywhere: the model is symmetrical."""
    there = itm.profile_reference(elevation_m, step_m, link)
    assume(there.flags < itm.FIRST_ERROR)
    # A tenth of a horizon that falls on a point may be rounded to either side of it.
    tops_m = elevation_m[0] + link.tx_height_m, elevation_m[-1] + link.rx_height_m
    curvature = there.radio.curvature_per_m
    tx_m = itm_path.horizon(elevation_m, step_m, *tops_m, curvature, False)[0]
    rx_m = itm_path.horizon(elevation_m, step_m, *tops_m[::-1], curvature, True)[0]
    assume(round(tx_m / step_m) % 10 and round(rx_m / step_m) % 10)
    assume(step_m not in (link.tx_height_m, link.rx_height_m))
    turned = link._replace(tx_height_m=link.rx_height_m, rx_height_m=link.tx_height_m)
    back = itm.profile_reference(elevation_m[::-1].copy(), step_m, turned)
    assert back.path.tx.horizon_m == pytest.approx(there.path.rx.horizon_m)
    assert back.path.irregularity_m == pytest.approx(there.path.irregularity_m, abs=1e-6)
    assert back.attenuation_db == pytest.approx(there.attenuation_db, abs=1e-3)


@pytest.mark.parametrize(
    ("change", "flag"),
    [
        ({"tx_height_m": 0.4}, itm.ERROR_HEIGHT),
        ({"rx_height_m": 3001.0}, itm.ERROR_HEIGHT),
        ({"freq_mhz": 19.0}, itm.ERROR_FREQUENCY),
        ({"freq_mhz": math.nan}, itm.ERROR_FREQUENCY),
        ({"refractivity": 401.0}, itm.ERROR_REFRACTIVITY),
        ({"permittivity": math.nan}, itm.ERROR_GROUND),
        ({"conductivity_s_m": 0.0}, itm.ERROR_GROUND),
        ({"permittivity": 1.0}, itm.ERROR_GROUND),
        ({"conductivity_s_m": math.inf}, itm.ERROR_GROUND),
        ({"polarisation": 2}, itm.ERROR_CHOICE),
        ({"climate": 0}, itm.ERROR_CHOICE),
        ({"climate": 8}, itm.ERROR_CHOICE),
        ({"mdvar": 4}, itm.ERROR_CHOICE),
        ({"mdvar": 40}, itm.ERROR_CHOICE),
    ],
)
def test_impossible_links_are_refused(change: dict[str, float], flag: int) -> None:
    """An input out of its range that yields a number all the same."""
    link = FLAT_LINK._replace(**change)  # type: ignore[arg-type]
    reference = itm.profile_reference(np.zeros(50), 100.0, link)
    loss_db, flags = itm.loss_tls(reference, link, 50.0, 50.0, 50.0)
    assert math.isnan(loss_db)
    assert flags & flag


@pytest.mark.parametrize(
    ("elevation_m", "step_m"),
    [
        (np.zeros(2), 100.0),
        (np.zeros(50), 0.0),
        (np.zeros(50), math.nan),
        (np.array([0.0, math.nan, 0.0]), 10.0),
    ],
)
def test_impossible_profiles_are_refused(elevation_m: NDArray[np.float64], step_m: float) -> None:
    """A gap in the elevations or a distance of zero that yields a number all the same."""
    reference = itm.profile_reference(elevation_m, step_m, FLAT_LINK)
    assert reference.flags & itm.ERROR_PROFILE
    assert math.isnan(reference.attenuation_db)


@pytest.mark.parametrize("percent", [0.0, 100.0, -1.0, math.nan])
def test_impossible_percentages_are_refused(percent: float) -> None:
    """A percentage without a quantile, in any of the three places."""
    reference = itm.profile_reference(np.zeros(50), 100.0, FLAT_LINK)
    for place in range(3):
        percents = [50.0, 50.0, 50.0]
        percents[place] = percent
        loss_db, flags = itm.loss_tls(reference, FLAT_LINK, *percents)
        assert math.isnan(loss_db)
        assert flags & itm.ERROR_QUANTILE


@pytest.mark.parametrize(
    ("change", "step_m", "flag"),
    [
        ({"tx_height_m": 0.8}, 100.0, itm.WARN_HEIGHT),
        ({"freq_mhz": 12e3}, 100.0, itm.WARN_FREQUENCY),
        ({}, 10.0, itm.WARN_NEAR),
        ({}, 30e3, itm.WARN_FAR),
        ({}, 100.0, 0),
    ],
)
def test_warnings(change: dict[str, float], step_m: float, flag: int) -> None:
    """A warning that is not given, or given on an ordinary path."""
    link = FLAT_LINK._replace(**change)  # type: ignore[arg-type]
    reference = itm.profile_reference(np.zeros(50), step_m, link)
    assert reference.flags & flag if flag else reference.flags == 0
    assert math.isfinite(reference.attenuation_db)
