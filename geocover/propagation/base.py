"""What a propagation model is to the rest of the program.

A model answers one question: the basic transmission loss from one mast to every pixel of a window of the
grid. Patterns, powers and best servers are not its business. Models that know distance alone derive from
`RadialModel` and give a loss curve; models that read the terrain give `loss_bands` themselves.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np

from geocover.kernels.disc import loss_over_window
from geocover.kernels.sweep import UNKNOWN_DB

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from geocover.grid import Window
    from geocover.terrain import Terrain

Environment = Literal["urban", "suburban", "open"]
ENVIRONMENTS: tuple[Environment, ...] = ("urban", "suburban", "open")


@dataclass(frozen=True, slots=True)
class Link:
    """What a loss depends on besides the path itself.

    Attributes
    ----------
    freq_mhz
        Carrier frequency.
    tx_height_m, rx_height_m
        Antenna heights above ground.
    environment
        Surroundings of the mast, for models that distinguish them.
    """

    freq_mhz: float
    tx_height_m: float
    rx_height_m: float
    environment: Environment


@dataclass(frozen=True, slots=True)
class Mast:
    """A transmitting antenna's place in the plane of the grid, and its link.

    Attributes
    ----------
    x_m, y_m
        Position in the grid's CRS.
    link
        Frequency, heights and surroundings.
    """

    x_m: float
    y_m: float
    link: Link


@dataclass(frozen=True)
class Model(ABC):
    """A propagation model: a frozen set of parameters.

    Class attributes
    ----------------
    name
        The short name by which scenario files call it.
    title
        What figures and pages call it: the name under which radio engineers know it.
    needs_terrain
        Whether it refuses to run without elevation.
    uses_antenna
        Whether patterns and tilts apply to its loss (a plain radius has neither).
    gives_level
        Whether the received level it leads to means anything in dBm.
    never_below_free_space
        Whether its loss is at least that of free space, so that pixels served better need not be asked.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    needs_terrain: ClassVar[bool] = False
    uses_antenna: ClassVar[bool] = True
    gives_level: ClassVar[bool] = True
    never_below_free_space: ClassVar[bool] = False

    @abstractmethod
    def max_distance_m(self) -> float:
        """Farthest distance, in metres, at which the model may be asked."""

    @abstractmethod
    def loss_bands(
        self,
        mast: Mast,
        freqs_mhz: Sequence[float],
        window: Window,
        terrain: Terrain | None,
        *,
        reach_m: float,
        wanted: NDArray[np.uint8],
    ) -> NDArray[np.float32]:
        """Basic transmission loss in several bands from one mast: what `predict` asks.

        Parameters
        ----------
        mast
            The mast; the frequency of its link is not read.
        freqs_mhz
            Carrier frequencies.
        window
            Pixels of a grid; a terrain's grid is the same or a larger one that is aligned with it.
        terrain
            Elevation, for models that read it.
        reach_m
            How far the mast is followed; models may choose their rays by it.
        wanted
            Shape ``window.shape``, 0 for pixels whose value does not matter.

        Returns
        -------
        float32, shape (bands, *window.shape), dB; infinite where out of the model's reach, `UNKNOWN_DB` where
        the terrain that the path needs is missing.

        Raises
        ------
        TerrainError
            If the model needs terrain and gets none.
        """

    def loss_window(self, mast: Mast, window: Window, terrain: Terrain | None) -> NDArray[np.float32]:
        """Basic transmission loss in dB over a whole window, float32, shape ``window.shape``.

        Infinite where out of the model's reach, NaN where the terrain that the path needs is missing; errors
        as for `loss_bands`.
        """
        wanted = np.ones(window.shape, np.uint8)
        reach_m = self.max_distance_m()
        bands = self.loss_bands(mast, (mast.link.freq_mhz,), window, terrain, reach_m=reach_m, wanted=wanted)
        return np.where(bands[0] == UNKNOWN_DB, np.float32(np.nan), bands[0])

    @abstractmethod
    def loss_at(
        self, mast: Mast, x_m: NDArray[np.float64], y_m: NDArray[np.float64], terrain: Terrain | None
    ) -> NDArray[np.float64]:
        """Basic transmission loss in dB at single positions of the grid's CRS, two equal shapes in metres.

        Slower and more exact than `loss_window`: calibration and questions about one place use it. NaN where
        the terrain that the path needs is missing, infinite beyond the model's reach.

        Raises
        ------
        TerrainError
            If the model needs terrain and gets none.
        """

    @abstractmethod
    def reach_m(self, mast: Mast, max_loss_db: float, resolution_m: float, terrain: Terrain | None) -> float:
        """Distance in metres up to which a cell is worth following for a loss of ``max_loss_db``."""

    def drop_m(self, mast: Mast, window: Window, terrain: Terrain | None) -> NDArray[np.float32]:  # noqa: ARG002
        """Height of the antenna above the receiver of each pixel, metres: by it patterns are tilted.

        Shape ``window.shape``, or (1, 1) where it is the same for all.
        """
        return np.full((1, 1), mast.link.tx_height_m - mast.link.rx_height_m, np.float32)

    def describe(self) -> dict[str, object]:
        """Name and parameters, for manifests and figures; plain JSON values."""
        return {"name": self.name, **asdict(self)}


@dataclass(frozen=True)
class RadialModel(Model):
    """A model whose loss depends on distance, heights, frequency and surroundings, not on the path."""

    @abstractmethod
    def loss_db(self, distance_m: NDArray[np.float64], link: Link) -> NDArray[np.float64]:
        """Basic transmission loss in dB at horizontal distances in metres (same shape, any shape)."""

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
        """Loss over a window by interpolation in the model's own curve; the terrain is not read."""
        bands = np.empty((len(freqs_mhz), *window.shape), np.float32)
        for band, freq_mhz in zip(bands, freqs_mhz, strict=True):
            curve_db, step_m = self.curve(replace(mast.link, freq_mhz=freq_mhz), window.resolution_m)
            band[...] = loss_over_window(window.xs_m(), window.ys_m(), mast.x_m, mast.y_m, curve_db, step_m)
        return bands

    def loss_at(
        self,
        mast: Mast,
        x_m: NDArray[np.float64],
        y_m: NDArray[np.float64],
        terrain: Terrain | None,  # noqa: ARG002
    ) -> NDArray[np.float64]:
        """Loss by distance alone; the terrain is not read."""
        return self.loss_db(np.hypot(x_m - mast.x_m, y_m - mast.y_m), mast.link)

    def reach_m(
        self,
        mast: Mast,
        max_loss_db: float,
        resolution_m: float,
        terrain: Terrain | None,  # noqa: ARG002
    ) -> float:
        """Distance beyond which the curve stays above a loss, rounded up to its next node."""
        curve_db, step_m = self.curve(mast.link, resolution_m)
        within = np.flatnonzero(curve_db <= max_loss_db)
        return float(within[-1] + 1) * step_m if within.size else 0.0

    def curve(self, link: Link, resolution_m: float) -> tuple[NDArray[np.float64], float]:
        """Loss in dB at 0, step, 2 step, ... to the model's reach, and the step: a quarter of a pixel."""
        return _curve(self, link, resolution_m / 4.0), resolution_m / 4.0


@lru_cache(maxsize=4096)
def _curve(model: RadialModel, link: Link, step_m: float) -> NDArray[np.float64]:
    """Curves are shared by all masts of the same link; read-only, since they are cached."""
    nodes = np.arange(math.ceil(model.max_distance_m() / step_m) + 1, dtype=np.float64) * step_m
    loss_db = model.loss_db(nodes, link)
    loss_db.flags.writeable = False
    return loss_db
