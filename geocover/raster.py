"""Values on a grid, where missing stays missing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from geocover.errors import GridError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geocover.grid import Grid


@dataclass(frozen=True, eq=False)
class Raster:
    """Floating values on a grid; NaN where nothing is known.

    Attributes
    ----------
    grid
        The frame.
    values
        float32 or float64, shape ``grid.shape``.
    unit
        What a value is measured in ("m", "dBm", "people", ...).
    """

    grid: Grid
    values: NDArray[np.floating]
    unit: str

    def __post_init__(self) -> None:
        if self.values.shape != self.grid.shape:
            raise GridError(f"raster of shape {self.values.shape} on a grid of shape {self.grid.shape}")

    def at(self, x_m: NDArray[np.float64], y_m: NDArray[np.float64]) -> NDArray[np.float64]:
        """Values of the pixels that hold positions in the grid's CRS; NaN outside the grid."""
        row, col = self.grid.index(x_m, y_m)
        found = self.values[row, col].astype(np.float64)
        return np.where(row >= 0, found, np.nan)

    def known_share(self) -> float:
        """Share of pixels with a value."""
        return float(np.isfinite(self.values).mean())
