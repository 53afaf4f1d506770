"""3GPP TR 38.901 path loss, rural macro (RMa) and urban macro (UMa)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np

from geocover.kernels import tr38901 as kernel
from geocover.propagation.base import Link, RadialModel
from geocover.propagation.limits import LinkLimits, require_within
from geocover.propagation.parameters import check_parameters

if TYPE_CHECKING:
    from numpy.typing import NDArray

Variant = Literal["rma", "uma"]
Sight = Literal["los", "nlos", "expected"]

VARIANTS: tuple[Variant, ...] = ("rma", "uma")
SIGHTS: tuple[Sight, ...] = ("los", "nlos", "expected")
SHORT_RANGE_M = 5_000.0
LONG_RANGE_M = 10_000.0

LIMITS: dict[Variant, LinkLimits] = {
    "rma": LinkLimits((500.0, 30_000.0), (10.0, 150.0), (1.0, 10.0)),
    # The table is made for masts of 25 m; its formulas take any height. Receivers from 13 m up would need the
    # random environment height of note 1.
    "uma": LinkLimits((500.0, 100_000.0), (10.0, 150.0), (1.5, 13.0)),
}


@dataclass(frozen=True)
class TR38901(RadialModel):
    """Path loss of 3GPP TR 38.901 V17.0.0, Table 7.4.1-1, from 500 MHz up.

    The table holds to 5 km, in RMa LOS to 10 km: farther out the loss is infinite. "expected" mixes LOS and
    NLOS and so ends where NLOS does, at 5 km. Nearer than 10 m the loss at 10 m is given.

    UMa is stated for masts of 25 m; this model accepts 10 to 150 m (RMa's range) there too, since its
    formulas have the height in them.

    Attributes
    ----------
    variant
        "rma" or "uma"; None takes RMa for links in open country and UMa for all others.
    sight
        "los"; "nlos"; or "expected": the mean of both losses in dB, weighted by the probability of line of
        sight (Table 7.4.2-1).
    building_height_m, street_width_m
        Averages, each 5 to 50 m; RMa alone uses them.

    Raises
    ------
    ModelError
        If a parameter is outside the table's range; in use, if a link is.
    """

    name: ClassVar[str] = "tr38901"
    title: ClassVar[str] = "3GPP TR 38.901 RMa/UMa"

    variant: Variant | None = None
    sight: Sight = "expected"
    building_height_m: float = 5.0
    street_width_m: float = 20.0

    def __post_init__(self) -> None:
        check_parameters(self)
        for field in ("building_height_m", "street_width_m"):
            require_within(self.name, field, field, getattr(self, field), (5.0, 50.0))

    def max_distance_m(self) -> float:
        """10 km where RMa LOS may occur, else 5 km."""
        return LONG_RANGE_M if self.sight == "los" and self.variant != "uma" else SHORT_RANGE_M

    def variant_for(self, link: Link) -> Variant:
        """Which of the two tables a link is computed by."""
        return self.variant or ("rma" if link.environment == "open" else "uma")

    def valid_to_m(self, link: Link) -> float:
        """Distance to which the table holds for a link, metres."""
        return LONG_RANGE_M if self.sight == "los" and self.variant_for(link) == "rma" else SHORT_RANGE_M

    def loss_db(self, distance_m: NDArray[np.float64], link: Link) -> NDArray[np.float64]:
        """Path loss in dB, same shape; infinite beyond the table's range.

        Raises
        ------
        ModelError
            If the link is outside the table's range.
        """
        variant = self.variant_for(link)
        LIMITS[variant].check(self.name, link)
        loss: NDArray[np.float64] = kernel.path_loss(
            distance_m,
            VARIANTS.index(variant),
            SIGHTS.index(self.sight),
            link.freq_mhz,
            (link.tx_height_m, link.rx_height_m),
            (self.building_height_m, self.street_width_m),
        )
        return np.where(distance_m <= self.valid_to_m(link), loss, np.inf)

    def curve(self, link: Link, resolution_m: float) -> tuple[NDArray[np.float64], float]:
        """Loss at 0, step, 2 step, ... metres and the step, cut where the table ends for this link."""
        curve_db, step_m = super().curve(link, resolution_m)
        return curve_db[: int(self.valid_to_m(link) // step_m) + 1], step_m
