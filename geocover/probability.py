"""How sure coverage is, pixel by pixel: the share of locations that have it, and where nobody can say.

A pixel is open for a profile where its level is too low and a cell whose path crosses missing terrain could,
in free space, bring enough: with terrain it might be covered or not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from geocover.coverage import FLOOR_DBM
from geocover.errors import ProfileError
from geocover.profiles import profile as find_profile
from geocover.raster import Raster

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geocover.coverage import Coverage
    from geocover.profiles import Profile


def check_profile(coverage: Coverage, definition: Profile) -> None:
    """Refuse a profile that a coverage cannot answer.

    Raises
    ------
    ProfileError
        Its technology was not predicted, or its level lies below the floor.
    """
    name, wanted = definition.name, definition.technology
    if wanted not in coverage.technologies:
        raise ProfileError(
            f"profile {name} speaks of {wanted}; predicted: {coverage.technologies}",
            f"chuẩn {name} nói về {wanted}; đã tính: {coverage.technologies}",
        )
    if definition.required_dbm - definition.level_error_db < FLOOR_DBM:
        raise ProfileError(
            f"profile {name} needs {definition.required_dbm:.1f} dBm, below the floor of {FLOOR_DBM} dBm",
            f"chuẩn {name} cần {definition.required_dbm:.1f} dBm, thấp hơn mức sàn {FLOOR_DBM} dBm",
        )


def open_pixels(coverage: Coverage, view: str, definition: Profile) -> NDArray[np.bool_]:
    """Where nobody can say whether a view is covered, shape ``grid.shape``; False everywhere without cuts."""
    possible = coverage.possible(view, definition.technology)
    if possible is None:
        return np.zeros(coverage.grid.shape, dtype=bool)
    level = coverage.level(view, definition.technology)
    found: NDArray[np.bool_] = definition.covers(possible.values) & ~definition.covers(level.values)
    return found


def coverage_probability(coverage: Coverage, view: str, profile: str | Profile) -> Raster:
    """Share of each pixel's locations at which the profile's threshold is met.

    The level varies over the locations of a pixel as `Profile.probability` says. One variation holds for all
    operators: "any" is the share of the best of them and "all" that of the weakest, not a product. Below the
    floor of the prediction the share is 0.

    Parameters
    ----------
    coverage
        Levels per operator and technology.
    view
        Name of an operator, "any" or "all".
    profile
        Definition of "covered", or its name; it chooses the technology.

    Returns
    -------
    float32 between 0 and 1; NaN where the pixel is open.

    Raises
    ------
    ProfileError
        The profile's technology was not predicted, or it needs less than the floor of the prediction.
    """
    definition = find_profile(profile)
    check_profile(coverage, definition)
    level = coverage.level(view, definition.technology)
    share = definition.probability(level.values).astype(np.float32)
    share[open_pixels(coverage, view, definition)] = np.nan
    return Raster(coverage.grid, share, "share of locations")
