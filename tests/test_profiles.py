"""Profiles: the required level is the threshold, the entry loss and z(q)·σ."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geocover.errors import ProfileError
from geocover.profiles import CATALOGUE, Profile, profile, read_profiles


def test_catalogue_is_readable_and_sourced() -> None:
    """Catches a definition without a source, or one whose name and technology disagree."""
    for name, one in read_profiles().items():
        assert one.name == name
        assert one.source
        assert name.endswith(one.technology.lower())


def test_required_level() -> None:
    """90 % of locations at 8 dB needs 10.25 dB; indoors both variabilities add in power."""
    outdoor, indoor = profile("outdoor-4g"), profile("indoor-4g")
    assert outdoor.required_dbm == pytest.approx(-110 + 1.28155 * 8, abs=1e-3)
    assert indoor.required_dbm == pytest.approx(-110 + 14 + NormalDist().inv_cdf(0.9) * 10.0, abs=1e-6)


def test_median_needs_no_margin() -> None:
    assert Profile("m", 1, "4G", "", "", -105, 0.5, 8, 0, 0, 3, "test").required_dbm == -105


def test_covers_compares_in_double_precision() -> None:
    """Catches a threshold rounded to float32, by which shares and gaps would disagree."""
    one = Profile("m", 1, "4G", "", "", -100.00000001, 0.5, 8, 0, 0, 3, "test")
    level = np.array([-100.0, np.nextafter(np.float32(-100), np.float32(-101)), np.nan], np.float32)
    assert one.covers(level).tolist() == [True, False, False]


@pytest.mark.parametrize(
    "changes", [{"reliability": 1.0}, {"reliability": 0.0}, {"sigma_db": -1.0}, {"level_error_db": -1.0}]
)
def test_impossible_profile(changes: dict[str, float]) -> None:
    plain = profile("outdoor-4g")
    fields = {name: getattr(plain, name) for name in plain.__slots__} | {"name": "x"}
    with pytest.raises(ProfileError, match="profile x"):
        Profile(**{**fields, **changes})


def test_broken_catalogue_names_the_file(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text("[x]\nversion = 1\n")
    with pytest.raises(ProfileError, match=r"mine\.toml"):
        read_profiles(path)
    path.write_text(
        CATALOGUE.read_text(encoding="utf-8").replace("sigma_db = 8", "sigmadb = 8", 1), encoding="utf-8"
    )
    with pytest.raises(ProfileError, match="sigmadb"):
        read_profiles(path)


LEVELS = st.floats(-160, -20)


@given(level_dbm=LEVELS, sigma_db=st.floats(0, 20), indoor_db=st.floats(0, 20), loss_db=st.floats(0, 40))
def test_probability_is_the_normal_share(
    level_dbm: float, sigma_db: float, indoor_db: float, loss_db: float
) -> None:
    """Catches an entry loss or a variability left out, and anything outside 0 to 1."""
    one = Profile("m", 1, "4G", "", "", -105, 0.9, sigma_db, loss_db, indoor_db, 3, "test")
    sigma = math.hypot(sigma_db, indoor_db)
    above = level_dbm - (-105 + loss_db)
    found = float(one.probability(np.array(level_dbm)))
    assert 0.0 <= found <= 1.0
    wanted = float(above >= 0) if sigma == 0 else NormalDist().cdf(above / sigma)
    assert found == pytest.approx(wanted, abs=1e-9)


@given(first=LEVELS, second=LEVELS, reliability=st.floats(0.05, 0.95), sigma_db=st.floats(0, 20))
def test_probability_grows_with_the_level(
    first: float, second: float, reliability: float, sigma_db: float
) -> None:
    """Catches a probability turned round, and one that is not the reliability at the required level."""
    one = Profile("m", 1, "4G", "", "", -105, reliability, sigma_db, 0, 0, 3, "test")
    low, high = one.probability(np.array(sorted([first, second])))
    assert low <= high
    if sigma_db > 1e-3:
        at = float(one.probability(np.array(one.required_dbm)))
        assert at == pytest.approx(reliability, abs=1e-9)


def test_probability_without_level_or_variability() -> None:
    """Catches NaN for no level, a division by 0, and a step that is not the limit of small deviations."""
    smooth = Profile("m", 1, "4G", "", "", -105, 0.9, 8, 0, 0, 3, "test")
    sharp = replace(smooth, sigma_db=0.0)
    level = np.array([[np.nan, -105.01, -105.0], [-104.99, -np.inf, np.inf]], np.float32)
    assert smooth.probability(level)[0, 0] == 0.0
    step = sharp.probability(level)
    assert step.tolist() == [[0.0, 0.0, 1.0], [1.0, 0.0, 1.0]]
    assert step.dtype == smooth.probability(level).dtype == np.float32
    nearly = replace(smooth, sigma_db=1e-6).probability(level)
    at_threshold = level == -105.0
    np.testing.assert_array_equal(nearly[~at_threshold], step[~at_threshold])
