"""Profiles: the required level is the threshold, the entry loss and z(q)·σ."""

from __future__ import annotations

from pathlib import Path
from statistics import NormalDist

import numpy as np
import pytest

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
