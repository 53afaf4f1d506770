"""The plain radius that many reports use: covered within a distance, whatever stands between."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from geocover.kernels.radius import disc_over_window
from geocover.propagation.base import Link, Mast, RadialModel
from geocover.propagation.limits import require_within
from geocover.propagation.parameters import check_parameters

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from geocover.grid import Window
    from geocover.terrain import Terrain


@dataclass(frozen=True)
class Radius(RadialModel):
    """Loss 0 dB within a radius, infinite outside; for comparison with reports that count discs.

    A pixel is covered if its centre lies within the radius, edge included. Patterns do not apply and the
    level means nothing.

    Attributes
    ----------
    radius_m
        Radius of the disc, 1 m to 200 km.

    Raises
    ------
    ModelError
        If the radius is outside these limits.
    """

    name: ClassVar[str] = "radius"
    title: ClassVar[str] = "plain radius (bán kính cố định)"
    uses_antenna: ClassVar[bool] = False
    gives_level: ClassVar[bool] = False

    radius_m: float

    def __post_init__(self) -> None:
        check_parameters(self)
        require_within(self.name, "radius_m", "radius_m", self.radius_m, (1.0, 200_000.0))

    def max_distance_m(self) -> float:
        """Return the radius."""
        return self.radius_m

    def loss_db(self, distance_m: NDArray[np.float64], link: Link) -> NDArray[np.float64]:  # noqa: ARG002
        """0 dB within the radius, else infinite; same shape."""
        return np.where(np.asarray(distance_m) <= self.radius_m, 0.0, np.inf)

    def loss_bands(
        self,
        mast: Mast,
        freqs_mhz: Sequence[float],
        window: Window,
        terrain: Terrain | None,  # noqa: ARG002
        *,
        reach_m: float,  # noqa: ARG002
        wanted: NDArray[np.uint8],  # noqa: ARG002
    ) -> NDArray[np.float32]:
        """0 dB at pixel centres within the radius, else infinite; exact, without a curve."""
        loss = disc_over_window(window.xs_m(), window.ys_m(), mast.x_m, mast.y_m, self.radius_m)
        bands: NDArray[np.float32] = np.repeat(loss[None], len(freqs_mhz), axis=0)
        return bands

    def reach_m(
        self,
        mast: Mast,  # noqa: ARG002
        max_loss_db: float,  # noqa: ARG002
        resolution_m: float,  # noqa: ARG002
        terrain: Terrain | None,  # noqa: ARG002
    ) -> float:
        """Return the radius, whatever loss may be borne."""
        return self.radius_m
