"""TR 38.901 path loss against published values, its own identities and an independent reference."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geocover.kernels import tr38901 as kernel
from geocover.kernels.tr38901 import EXPECTED, LOS, NLOS, RMA, UMA

C = 3.0e8
HEIGHTS = st.floats(10.0, 150.0)
SURFACE = (5.0, 20.0)


def reference_rma_db(d2: float, fc: float, bs: float, ut: float, h: float, w: float) -> tuple[float, float]:
    """LOS and NLOS of RMa, Table 7.4.1-1 in its own symbols (f_c in GHz), apart from the kernel."""
    d3, dbp = math.sqrt(d2**2 + (bs - ut) ** 2), 2 * math.pi * bs * ut * fc * 1e9 / C

    def pl1(d: float) -> float:
        first = 20 * math.log10(40 * math.pi * d * fc / 3) + min(0.03 * h**1.72, 10) * math.log10(d)
        return first - min(0.044 * h**1.72, 14.77) + 0.002 * math.log10(h) * d

    los = pl1(d3) if d2 <= dbp else pl1(dbp) + 40 * math.log10(d3 / dbp)
    nlos = 161.04 - 7.1 * math.log10(w) + 7.5 * math.log10(h)
    nlos -= (24.37 - 3.7 * (h / bs) ** 2) * math.log10(bs)
    nlos += (43.42 - 3.1 * math.log10(bs)) * (math.log10(d3) - 3) + 20 * math.log10(fc)
    nlos -= 3.2 * math.log10(11.75 * ut) ** 2 - 4.97
    return los, max(los, nlos)


def reference_uma_db(d2: float, fc: float, bs: float, ut: float) -> tuple[float, float]:
    """LOS and NLOS of UMa, Table 7.4.1-1 in its own symbols (f_c in GHz), apart from the kernel."""
    d3, dbp = math.sqrt(d2**2 + (bs - ut) ** 2), 4 * (bs - 1) * (ut - 1) * fc * 1e9 / C
    if d2 <= dbp:
        los = 28.0 + 22 * math.log10(d3) + 20 * math.log10(fc)
    else:
        los = 28.0 + 40 * math.log10(d3) + 20 * math.log10(fc) - 9 * math.log10(dbp**2 + (bs - ut) ** 2)
    nlos = 13.54 + 39.08 * math.log10(d3) + 20 * math.log10(fc) - 0.6 * (ut - 1.5)
    return los, max(los, nlos)


@pytest.mark.parametrize(
    ("distance_m", "sight", "published_db"),
    [
        (10.0, LOS, 77.3784), (100.0, LOS, 87.2965), (1_000.0, LOS, 108.5577), (10_000.0, LOS, 140.3896),
        (10.0, NLOS, 77.3784), (100.0, NLOS, 95.7718), (1_000.0, NLOS, 133.5223), (5_000.0, NLOS, 160.5169),
    ],
)  # fmt: skip
def test_rma_gives_the_values_of_the_ns3_test_suite(
    distance_m: float, sight: int, published_db: float
) -> None:
    """Catches a wrong constant: ns-3 three-gpp-propagation-loss test suite, 5 GHz, 35 m and 1.5 m."""
    loss_db = kernel.path_loss_db(distance_m, RMA, sight, 5000.0, (35.0, 1.5), SURFACE)
    assert loss_db == pytest.approx(published_db, abs=1e-4)


@pytest.mark.parametrize(
    ("distance_m", "sight", "published_db"),
    [
        (10.0, LOS, 72.9380), (100.0, LOS, 86.2362), (1_000.0, LOS, 109.7252), (5_000.0, LOS, 137.6794),
        (10.0, NLOS, 82.5131), (100.0, NLOS, 106.1356), (1_000.0, NLOS, 144.7641), (5_000.0, NLOS, 172.0753),
    ],
)  # fmt: skip
def test_uma_gives_the_values_of_the_ns3_test_suite(
    distance_m: float, sight: int, published_db: float
) -> None:
    """Catches a wrong constant: ns-3 three-gpp-propagation-loss test suite, 5 GHz, 25 m and 1.5 m."""
    loss_db = kernel.path_loss_db(distance_m, UMA, sight, 5000.0, (25.0, 1.5), SURFACE)
    assert loss_db == pytest.approx(published_db, abs=1e-4)


@settings(derandomize=True, max_examples=300)
@given(
    st.floats(10.0, 10_000.0),
    st.floats(500.0, 30_000.0),
    HEIGHTS,
    st.floats(1.0, 10.0),
    st.floats(5.0, 50.0),
    st.floats(5.0, 50.0),
)
def test_rma_equals_a_reference_written_apart(
    distance_m: float, freq_mhz: float, tx_m: float, rx_m: float, building_m: float, street_m: float
) -> None:
    """Catches a branch or a unit that departs from the table, over its whole range of parameters."""
    expected = reference_rma_db(distance_m, freq_mhz / 1000, tx_m, rx_m, building_m, street_m)
    found = [
        kernel.path_loss_db(distance_m, RMA, sight, freq_mhz, (tx_m, rx_m), (building_m, street_m))
        for sight in (LOS, NLOS)
    ]
    assert found == pytest.approx(expected, abs=1e-8)


@settings(derandomize=True, max_examples=300)
@given(st.floats(10.0, 5_000.0), st.floats(500.0, 100_000.0), HEIGHTS, st.floats(1.5, 12.9))
def test_uma_equals_a_reference_written_apart(
    distance_m: float, freq_mhz: float, tx_m: float, rx_m: float
) -> None:
    """Catches a branch or a unit that departs from the table, over its whole range of parameters."""
    expected = reference_uma_db(distance_m, freq_mhz / 1000, tx_m, rx_m)
    found = [
        kernel.path_loss_db(distance_m, UMA, sight, freq_mhz, (tx_m, rx_m), SURFACE) for sight in (LOS, NLOS)
    ]
    assert found == pytest.approx(expected, abs=1e-8)


def test_breakpoints_of_a_worked_case() -> None:
    """Catches a wrong factor or height: at 3 GHz f/c is 10 per metre, so 2 pi 525 m and 4 (24)(0.5) 10 m."""
    assert kernel.rma_breakpoint_m(3000.0, 35.0, 1.5) == pytest.approx(2 * math.pi * 525.0)
    assert kernel.uma_breakpoint_m(3000.0, 25.0, 1.5) == pytest.approx(480.0)


@settings(derandomize=True, max_examples=200)
@given(st.floats(500.0, 30_000.0), HEIGHTS, st.floats(1.5, 10.0))
def test_los_meets_itself_at_the_breakpoint(freq_mhz: float, tx_m: float, rx_m: float) -> None:
    """Catches branches that do not join: UMa exactly, RMa within the step that its table leaves."""
    for variant, breakpoint_m, allowed_db in (
        (UMA, kernel.uma_breakpoint_m(freq_mhz, tx_m, rx_m), 1e-6),
        (RMA, kernel.rma_breakpoint_m(freq_mhz, tx_m, rx_m), 0.05),
    ):
        below, above = (
            kernel.path_loss_db(breakpoint_m * factor, variant, LOS, freq_mhz, (tx_m, rx_m), SURFACE)
            for factor in (1 - 1e-9, 1 + 1e-9)
        )
        assert above == pytest.approx(below, abs=allowed_db)


def test_los_falls_by_forty_decibels_a_decade_behind_the_breakpoint() -> None:
    """Catches the second branch missing: far out the slant path is the distance."""
    for variant, tx_m in ((UMA, 25.0), (RMA, 10.0)):
        near, far = (kernel.path_loss_db(d, variant, LOS, 700.0, (tx_m, 1.5), SURFACE) for d in (1e4, 1e5))
        assert far - near == pytest.approx(40.0, abs=0.01)


@pytest.mark.parametrize("variant", [RMA, UMA])
@pytest.mark.parametrize("sight", [LOS, NLOS, EXPECTED])
@pytest.mark.parametrize("freq_mhz", [700.0, 2600.0, 3700.0])
def test_loss_grows_with_distance(variant: int, sight: int, freq_mhz: float) -> None:
    """Catches a dip anywhere but at RMa's own breakpoint step, which may be down by less than 0.05 dB."""
    distance_m = np.arange(0.0, 5000.0, 2.5)
    loss_db = kernel.path_loss(distance_m, variant, sight, freq_mhz, (40.0, 1.5), SURFACE)
    assert np.all(np.diff(loss_db) >= (-0.05 if variant == RMA else 0.0))
    assert loss_db[-1] - loss_db[0] > 40.0


@pytest.mark.parametrize("variant", [RMA, UMA])
def test_nlos_never_undercuts_los(variant: int) -> None:
    """Catches the missing maximum of the table."""
    distance_m = np.geomspace(10.0, 5000.0, 500)
    los, nlos = (
        kernel.path_loss(distance_m, variant, sight, 3700.0, (30.0, 1.5), SURFACE) for sight in (LOS, NLOS)
    )
    assert np.all(nlos >= los)
    assert np.any(nlos > los + 10.0)


def test_los_is_certain_near_the_mast_and_vanishes_far_away() -> None:
    """Catches wrong limits of Table 7.4.2-1: one up to 10 m (RMa) and 18 m (UMa), then falling, no jump."""
    distance_m = np.geomspace(1.0, 50_000.0, 400)
    for variant, certain_m in ((RMA, 10.0), (UMA, 18.0)):
        shares = np.array([kernel.los_probability(d, variant, 1.5) for d in distance_m])
        assert np.all(shares[distance_m <= certain_m] == 1.0)
        assert np.all(np.diff(shares[distance_m > certain_m]) < 0.0)
        assert kernel.los_probability(certain_m + 1e-6, variant, 1.5) == pytest.approx(1.0, abs=1e-6)
        assert shares[-1] < 1e-3


def test_los_probability_of_worked_distances() -> None:
    """Catches a wrong scale: RMa at 1010 m is 1/e, UMa at 63 m 18/63 + (1 - 18/63)/e, at 18.1 m below 1."""
    near = 18 / 18.1
    assert kernel.los_probability(18.1, UMA, 1.5) == pytest.approx(near + math.exp(-18.1 / 63) * (1 - near))
    assert kernel.los_probability(1010.0, RMA, 1.5) == pytest.approx(math.exp(-1))
    assert kernel.los_probability(63.0, UMA, 1.5) == pytest.approx(18 / 63 + math.exp(-1) * (1 - 18 / 63))


def test_raised_receivers_see_more_in_uma() -> None:
    """Catches C' used below 13 m, or lost above: at 23 m, 150 m away, the table's factor is 1 + 4.21875/e."""
    low, edge, high = (kernel.los_probability(150.0, UMA, h) for h in (1.5, 13.0, 23.0))
    assert low == edge
    assert high / low == pytest.approx(1.0 + 1.25 * 1.5**3 * math.exp(-1))


@pytest.mark.parametrize("variant", [RMA, UMA])
def test_expected_is_the_mean_weighted_by_the_probability(variant: int) -> None:
    """Catches weights swapped, or a mean of powers in place of decibels."""
    distance_m = np.array([15.0, 90.0, 400.0, 3000.0])
    los, nlos, mean = (
        kernel.path_loss(distance_m, variant, sight, 2600.0, (30.0, 1.5), SURFACE)
        for sight in (LOS, NLOS, EXPECTED)
    )
    clear = np.array([kernel.los_probability(d, variant, 1.5) for d in distance_m])
    np.testing.assert_allclose(mean, clear * los + (1 - clear) * nlos, rtol=1e-12)


@pytest.mark.parametrize(
    ("variant", "sight", "distance_m", "sigma_db"),
    [
        (RMA, LOS, 100.0, 4.0), (RMA, LOS, 2000.0, 6.0), (RMA, NLOS, 100.0, 8.0),
        (UMA, LOS, 100.0, 4.0), (UMA, LOS, 2000.0, 4.0), (UMA, NLOS, 100.0, 6.0),
    ],
)  # fmt: skip
def test_shadow_fading_is_that_of_the_table(
    variant: int, sight: int, distance_m: float, sigma_db: float
) -> None:
    """Catches two cases exchanged (Table 7.4.1-1), with the breakpoint at 1 km."""
    assert kernel.shadow_sigma_db(distance_m, variant, sight, 1000.0) == sigma_db


def test_nearer_than_ten_metres_the_loss_at_ten_metres_is_given() -> None:
    """Catches the formulas being asked below the table's first metre."""
    loss_db = kernel.path_loss(np.array([0.0, 5.0, 10.0]), UMA, NLOS, 2600.0, (30.0, 1.5), SURFACE)
    assert loss_db[0] == loss_db[1] == loss_db[2]


def test_arrays_of_any_shape_and_chunking_have_the_same_bits() -> None:
    """Catches a result that depends on how the work is cut, on strides or on the number of dimensions."""
    args = (RMA, EXPECTED, 2600.0, (30.0, 1.5), SURFACE)
    distance_m = np.geomspace(1.0, 5000.0, 1000)
    whole = kernel.path_loss(distance_m, *args)
    parts = np.concatenate([kernel.path_loss(part, *args) for part in np.array_split(distance_m, 7)])
    np.testing.assert_array_equal(parts, whole)
    np.testing.assert_array_equal(
        kernel.path_loss(distance_m.reshape(20, 50).T, *args), whole.reshape(20, 50).T
    )
    assert kernel.path_loss(np.array(distance_m[123]), *args)[()] == whole[123]


def test_kernel_releases_the_gil() -> None:
    """Catches a kernel that would hold up the other threads of a prediction."""
    assert kernel.path_loss.targetoptions["nogil"]
