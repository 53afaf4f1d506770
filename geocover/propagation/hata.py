"""The Hata family: extended Hata, and the plain forms of Okumura-Hata and COST-231 Hata."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from geocover.kernels.hata import cost231_hata, extended_hata, okumura_hata
from geocover.propagation.base import ENVIRONMENTS, Environment, Link, RadialModel
from geocover.propagation.limits import LinkLimits, require_within
from geocover.propagation.parameters import check_parameters

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

City = Literal["medium", "large"]

EXTENDED_MAX_KM = 100.0
EXTENDED_SOURCE_MHZ = 3000.0
EXTENDED_HIGHEST_MHZ = 4000.0
PLAIN_RANGE_M = 20_000.0


@dataclass(frozen=True)
class ExtendedHata(RadialModel):
    """Extended Hata of Report ITU-R SM.2028-1 (annex 2, appendix 1), as in ERC Report 68 and SEAMCAT.

    Median loss for 30 MHz to 3 GHz, masts of 1 to 200 m (below 30 m with the source's own correction),
    receivers of 1 to 10 m, up to 100 km; free space within 40 m and never less than it.

    Attributes
    ----------
    environment
        Surroundings of every mast; None takes each link's own.
    range_m
        Distance to which it is computed, at most 100 km.
    max_freq_mhz
        Highest frequency accepted. The source ends at 3000 MHz; a value up to 4000 extrapolates its last term
        (10 dB a decade above 2 GHz, half of what free space gains), by the user's own decision.

    Raises
    ------
    ModelError
        If ``range_m`` or ``max_freq_mhz`` is outside these limits; in use, if a link is outside.
    """

    name: ClassVar[str] = "extended-hata"
    title: ClassVar[str] = "Extended Hata (ITU-R SM.2028)"

    environment: Environment | None = None
    range_m: float = PLAIN_RANGE_M
    max_freq_mhz: float = EXTENDED_SOURCE_MHZ

    def __post_init__(self) -> None:
        check_parameters(self)
        require_within(self.name, "range_m", "range_m", self.range_m, (100.0, EXTENDED_MAX_KM * 1000.0))
        require_within(
            self.name,
            "max_freq_mhz",
            "max_freq_mhz",
            self.max_freq_mhz,
            (EXTENDED_SOURCE_MHZ, EXTENDED_HIGHEST_MHZ),
        )

    def max_distance_m(self) -> float:
        """``range_m``."""
        return self.range_m

    def loss_db(self, distance_m: NDArray[np.float64], link: Link) -> NDArray[np.float64]:
        """Median loss in dB; same shape.

        Raises
        ------
        ModelError
            If the link is outside the model's range.
        """
        LinkLimits((30.0, self.max_freq_mhz), (1.0, 200.0), (1.0, 10.0)).check(self.name, link)
        code = ENVIRONMENTS.index(self.environment or link.environment)
        loss: NDArray[np.float64] = extended_hata(
            distance_m, link.freq_mhz, link.tx_height_m, link.rx_height_m, code
        )
        return loss


@dataclass(frozen=True)
class OkumuraHata(RadialModel):
    """Okumura-Hata in its published form (Hata 1980; Rec. ITU-R P.529-3): 150-1500 MHz, masts of 30-200 m.

    Published for 1 to 20 km; nearer than 1 km the same line goes on, as extended Hata does, never below free
    space.

    Attributes
    ----------
    environment
        Surroundings of every mast; None takes each link's own.
    city
        Whose height correction urban links take.

    Raises
    ------
    ModelError
        If a parameter is unknown to the model; in use, if a link is outside the published range.
    """

    name: ClassVar[str] = "okumura-hata"
    title: ClassVar[str] = "Okumura-Hata"

    environment: Environment | None = None
    city: City = "medium"

    def __post_init__(self) -> None:
        check_parameters(self)

    def max_distance_m(self) -> float:
        """20 km, the end of the published range."""
        return PLAIN_RANGE_M

    def loss_db(self, distance_m: NDArray[np.float64], link: Link) -> NDArray[np.float64]:
        """Median loss in dB; same shape.

        Raises
        ------
        ModelError
            If the link is outside the published range.
        """
        LinkLimits((150.0, 1500.0), (30.0, 200.0), (1.0, 10.0)).check(self.name, link)
        code = ENVIRONMENTS.index(self.environment or link.environment)
        loss: NDArray[np.float64] = okumura_hata(
            distance_m, link.freq_mhz, link.tx_height_m, link.rx_height_m, code, self.city == "large"
        )
        return loss


@dataclass(frozen=True)
class Cost231Hata(RadialModel):
    """COST-231 Hata in its published form (COST 231 final report, 4.4.1): 1500-2000 MHz, masts of 30-200 m.

    It is a model of cities: a link's surroundings are not read. Published for 1 to 20 km; nearer than 1 km
    the same line goes on, as extended Hata does, never below free space.

    Attributes
    ----------
    city
        "large" for metropolitan centres (C_M = 3 dB), "medium" for medium cities and suburban centres (0 dB).

    Raises
    ------
    ModelError
        If a parameter is unknown to the model; in use, if a link is outside the published range.
    """

    name: ClassVar[str] = "cost231-hata"
    title: ClassVar[str] = "COST-231 Hata"

    city: City = "medium"

    def __post_init__(self) -> None:
        check_parameters(self)

    def max_distance_m(self) -> float:
        """20 km, the end of the published range."""
        return PLAIN_RANGE_M

    def loss_db(self, distance_m: NDArray[np.float64], link: Link) -> NDArray[np.float64]:
        """Median loss in dB; same shape.

        Raises
        ------
        ModelError
            If the link is outside the published range.
        """
        LinkLimits((1500.0, 2000.0), (30.0, 200.0), (1.0, 10.0)).check(self.name, link)
        loss: NDArray[np.float64] = cost231_hata(
            distance_m, link.freq_mhz, link.tx_height_m, link.rx_height_m, self.city == "large"
        )
        return loss
