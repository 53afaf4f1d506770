"""Profiles: named, versioned definitions of "covered"."""

from __future__ import annotations

import math
import tomllib
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import ndtr

from geocover.errors import ProfileError
from geocover.link_budget import reliability_margin_db

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

CATALOGUE = Path(__file__).with_suffix(".toml")
# Lower bounds in dBm of the named classes of level; the weakest begins at the profile's threshold.
LEVEL_CLASSES = (
    (-85.0, "rất tốt", "very good"),
    (-95.0, "tốt", "good"),
    (-105.0, "khá", "fair"),
    (None, "yếu", "weak"),
)


@dataclass(frozen=True, slots=True)
class Profile:
    """What a level must be for a place to count as covered.

    Attributes
    ----------
    name, version
        Together they identify the definition.
    technology
        The technology it speaks of.
    title_vi, title_en
        What pages call it.
    min_rsrp_dbm
        Level per resource element that the service needs.
    reliability
        Share of locations at which it must be reached, between 0 and 1.
    sigma_db, indoor_sigma_db
        Location variability outdoors and of the building entry loss.
    indoor_loss_db
        Median building entry loss; 0 outdoors.
    level_error_db
        Systematic error of the level for which the interval of a share allows.
    source, source_vi
        Where the definition comes from, in English and Vietnamese; the latter may be left out.
    """

    name: str
    version: int
    technology: str
    title_vi: str
    title_en: str
    min_rsrp_dbm: float
    reliability: float
    sigma_db: float
    indoor_loss_db: float
    indoor_sigma_db: float
    level_error_db: float
    source: str
    source_vi: str = ""

    def __post_init__(self) -> None:
        if not 0 < self.reliability < 1 or min(self.sigma_db, self.indoor_sigma_db, self.level_error_db) < 0:
            raise ProfileError(
                f"profile {self.name}: reliability must lie between 0 and 1, sigmas and error not below 0 dB",
                f"chuẩn {self.name}: độ tin cậy phải trong khoảng 0–1, sigma và sai số không được âm",
            )

    @property
    def required_dbm(self) -> float:
        """Median level that a pixel needs: threshold, entry loss and z(q)·σ of both variabilities."""
        return self.threshold_dbm + reliability_margin_db(self.reliability, self.location_sigma_db)

    @property
    def threshold_dbm(self) -> float:
        """Level outdoors that a location needs: the receiver's and the median entry loss."""
        return self.min_rsrp_dbm + self.indoor_loss_db

    @property
    def location_sigma_db(self) -> float:
        """Standard deviation over the locations of a pixel: outdoors and of the entry loss, in power."""
        return math.hypot(self.sigma_db, self.indoor_sigma_db)

    def covers(self, level_dbm: NDArray[np.floating]) -> NDArray[np.bool_]:
        """Where a level is enough, the same shape; no level (NaN) never is."""
        enough: NDArray[np.bool_] = level_dbm >= np.float64(self.required_dbm)
        return enough

    def probability(self, level_dbm: NDArray[np.floating]) -> NDArray[np.floating]:
        """Share of a pixel's locations at which the threshold is met: Φ((level - threshold) / σ).

        The level is taken as normal in dB over the locations of a pixel (Recommendation ITU-R P.1812-8,
        section 4.7), the variabilities outdoors and of the entry loss added in power (section 4.9). It is
        ``reliability`` at ``required_dbm``.

        Parameters
        ----------
        level_dbm
            Median levels of any shape; NaN for none.

        Returns
        -------
        Between 0 and 1, the same shape and precision; 0 where there is no level, a step where σ is 0.
        """
        sigma_db = self.location_sigma_db
        above_db = np.asarray(level_dbm) - self.threshold_dbm
        if sigma_db == 0.0:
            return (above_db >= 0.0).astype(above_db.dtype)
        with np.errstate(over="ignore"):  # infinitely many deviations above are as good as many
            share: NDArray[np.floating] = np.nan_to_num(ndtr(above_db / sigma_db))
        return share

    def describe(self) -> dict[str, object]:
        """All fields and the required level, as plain JSON values."""
        return {**asdict(self), "required_dbm": round(self.required_dbm, 3)}


def read_profiles(path: str | Path = CATALOGUE) -> dict[str, Profile]:
    """Read a catalogue of profiles.

    Raises
    ------
    ProfileError
        The file is unreadable, or a profile lacks a field or has an unknown one.
    """
    path = Path(path)
    try:
        loaded = tomllib.loads(path.read_text(encoding="utf-8"))
        return {name: Profile(name=name, **fields) for name, fields in loaded.items()}
    except (OSError, tomllib.TOMLDecodeError, TypeError) as error:
        raise ProfileError(
            f"{path}: not a catalogue of profiles ({error})", f"{path}: không phải danh mục chuẩn ({error})"
        ) from error


def main_profile(described: Mapping[str, Mapping[str, Any]], technology: str) -> str | None:
    """Name of a technology's outdoor definition, else of its first by name; None where it has none.

    Parameters
    ----------
    described
        Fields of the definitions (`Profile.describe`) by name.
    technology
        "4G", "5G", ...
    """
    names = sorted(name for name, one in described.items() if one["technology"] == technology)
    outdoor = [name for name in names if described[name]["indoor_loss_db"] == 0]
    return next(iter([*outdoor, *names]), None)


def profile(name: str | Profile) -> Profile:
    """Find a profile of the shipped catalogue by name; a Profile is returned as it is.

    Raises
    ------
    ProfileError
        If no profile has the name.
    """
    if isinstance(name, Profile):
        return name
    known = read_profiles()
    if name not in known:
        raise ProfileError(
            f"unknown profile {name!r}; known: {', '.join(sorted(known))}",
            f"không có chuẩn {name!r}; các chuẩn có: {', '.join(sorted(known))}",
        )
    return known[name]
