"""Elevation on a grid. Missing elevation stays missing: it is never taken for sea level."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from geocover.errors import TerrainError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geocover.grid import Grid
    from geocover.raster import Raster

HIGHEST_M = 9_000.0
LOWEST_M = -500.0


@dataclass(frozen=True, eq=False)
class Terrain:
    """Ground elevation above mean sea level.

    Attributes
    ----------
    elevation
        Raster in metres, NaN where unknown.
    source
        Where it comes from, for figures and manifests.
    illustrative
        Whether it is made up.
    """

    elevation: Raster
    source: str
    illustrative: bool = False

    def __post_init__(self) -> None:
        known = self.elevation.values[np.isfinite(self.elevation.values)]
        if known.size and (known.max() > HIGHEST_M or known.min() < LOWEST_M):
            raise TerrainError(
                f"{self.source}: elevations from {known.min():.0f} to {known.max():.0f}, not metres "
                "above sea level; convert feet to metres or declare the void value",
                f"{self.source}: độ cao từ {known.min():.0f} đến {known.max():.0f}, không phải mét trên mực "
                "nước biển; hãy đổi đơn vị hoặc khai báo giá trị trống",
            )

    @property
    def grid(self) -> Grid:
        """The frame of the elevation."""
        return self.elevation.grid

    def slope_deg(self) -> NDArray[np.float64]:
        """Steepest slope of each pixel in degrees, shape ``grid.shape``; NaN beside missing pixels."""
        rise_y, rise_x = np.gradient(self.elevation.values.astype(np.float64), self.grid.resolution_m)
        slope: NDArray[np.float64] = np.degrees(np.arctan(np.hypot(rise_x, rise_y)))
        return slope
