"""Rec. ITU-R P.1812-8 over terrain: the model of provinces with elevation."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, ClassVar, Literal, NamedTuple

import numpy as np

from geocover.crs import WGS84, transformer
from geocover.errors import TerrainError
from geocover.kernels.p1812 import OUTDOOR_MEDIAN, path_loss
from geocover.kernels.p1812 import Link as PathLink
from geocover.kernels.p1812_points import bilinear, losses_at
from geocover.kernels.p1812_profile import INLAND, Climate, Profile
from geocover.kernels.sweep import UNKNOWN_DB, Radio, sweep
from geocover.kernels.sweep_frame import Frame, Side, Site, lay_side
from geocover.kernels.sweep_ray import MISSING_M, UNKNOWN_M
from geocover.propagation.base import Link, Mast, Model
from geocover.propagation.limits import LinkLimits, require_within
from geocover.propagation.parameters import check_parameters

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from geocover.grid import Grid, Window
    from geocover.terrain import Terrain

FAR_FROM_COAST_KM = 500.0
MAX_DISTANCE_M = 100_000.0
LIMITS = LinkLimits((30.0, 6_000.0), (1.0, 3_000.0), (1.0, 3_000.0))
SURROUNDINGS_M = 15_000.0


class _Ground(NamedTuple):
    """Terrain as the kernels want it."""

    height_m: NDArray[np.float32]
    clutter_m: NDArray[np.float32]
    latitude_deg: float


@dataclass(frozen=True)
class P1812(Model):
    """Rec. ITU-R P.1812-8 for 50 % of time and 50 % of locations, inland paths, 30 MHz to 6 GHz.

    Every pixel's path is evaluated on the ray from the mast that passes nearest to its centre; see
    `geocover.kernels.sweep`. Location variability is not in the loss: a profile's sigma stands for it.
    Surroundings of the mast are not read: terrain and clutter say what stands there.

    Attributes
    ----------
    rays
        Rays to each pixel of the frame's edge: 1 is fastest, 2 or 4 bring rays nearer to the pixels' centres.
    exact_position
        Whether the mast stands at its exact place, on terrain interpolated between pixels, instead of at the
        centre of its pixel.
    delta_n
        Average refractivity lapse in the lowest kilometre, N-units/km (section 3.5 of the Recommendation).
    n0
        Sea-level surface refractivity, N-units.
    polarisation
        "vertical" (also for the slanted pairs of mobile antennas) or "horizontal"; it counts over the smooth
        Earth alone.

    Raises
    ------
    ModelError
        If a parameter is outside its limits.
    """

    name: ClassVar[str] = "p1812"
    title: ClassVar[str] = "ITU-R P.1812-8"
    needs_terrain: ClassVar[bool] = True
    never_below_free_space: ClassVar[bool] = True

    rays: float = 1.25
    exact_position: bool = False
    delta_n: float = 45.0
    n0: float = 325.0
    polarisation: Literal["vertical", "horizontal"] = "vertical"

    def __post_init__(self) -> None:
        check_parameters(self)
        require_within(self.name, "rays", "rays", self.rays, (1, 16))
        require_within(self.name, "delta_n", "delta_n", self.delta_n, (20.0, 100.0))
        require_within(self.name, "n0", "n0", self.n0, (250.0, 450.0))

    def max_distance_m(self) -> float:
        """Return 100 km: farther, the paths need what inland profiles at 50 % of time leave out."""
        return MAX_DISTANCE_M

    def reach_m(self, mast: Mast, max_loss_db: float, resolution_m: float, terrain: Terrain | None) -> float:
        """Distance at which a smooth Earth brings the loss to ``max_loss_db``, seen from the mast's height.

        The height is that above the lowest ground within 15 km, so that a mast on a mountain is followed far.
        A receiver on another mountain may hear it from farther still; where that matters, the list states
        more power than the cell has, or the model's rays are asked directly (`loss_at`).
        """
        ground, grid = self._ground(terrain)
        self.check_link(mast.link)
        height_m = mast.link.tx_height_m + _height_above_lowest_m(ground, grid, mast)
        link = (mast.link.freq_mhz, mast.link.rx_height_m)
        # Rounded up, so that many masts share an answer: to a decibel, and to a fifth of an octave of height.
        step = 2.0 ** (math.ceil(5.0 * math.log2(height_m)) / 5.0)
        return max(_smooth_reach_m(self, link, math.ceil(max_loss_db), step), 2.0 * resolution_m)

    def drop_m(self, mast: Mast, window: Window, terrain: Terrain | None) -> NDArray[np.float32]:
        """Antenna above the receivers, the ground of both counted."""
        ground, grid = self._ground(terrain)
        site = self._site(mast, grid)
        if site is None:
            return super().drop_m(mast, window, terrain)
        corner = grid.offset_of(window.grid)
        rows = slice(corner[0] + window.row, corner[0] + window.row + window.shape[0])
        cols = slice(corner[1] + window.col, corner[1] + window.col + window.shape[1])
        at_m = bilinear(ground.height_m, site.row + site.off_row, site.col + site.off_col)
        return np.float32(at_m + site.tx_height_m - site.rx_height_m) - ground.height_m[rows, cols]

    def check_link(self, link: Link) -> None:
        """Refuse frequencies and heights outside the Recommendation.

        Raises
        ------
        ModelError
            Naming the value and its limits.
        """
        LIMITS.check(self.name, link)

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
        """Loss by the radial sweep; the geometry of a ray is shared by all bands."""
        ground, grid = self._ground(terrain)
        corner = grid.offset_of(window.grid)
        corner = (corner[0] + window.row, corner[1] + window.col)
        loss_db = np.full((len(freqs_mhz), *window.shape), np.inf, np.float32)
        site = self._site(mast, grid)
        if site is None:
            loss_db[:] = UNKNOWN_DB
            return loss_db
        for freq_mhz in freqs_mhz:
            if freq_mhz != mast.link.freq_mhz:
                self.check_link(replace(mast.link, freq_mhz=freq_mhz))
        frame = self._frame(reach_m, grid.resolution_m)
        sweep(
            ground.height_m, ground.clutter_m, site, frame,
            _sides(frame, site.off_row, site.off_col), corner, wanted,
            Radio(self._climate(ground), self.polarisation == "vertical"),
            np.asarray(freqs_mhz, np.float64) / 1000.0, loss_db,
        )  # fmt: skip
        own = (site.row - corner[0], site.col - corner[1])
        if all(0 <= at < size for at, size in zip(own, window.shape, strict=True)):
            loss_db[:, own[0], own[1]] = self._own_pixel_db(ground, site, freqs_mhz)
        return loss_db

    def loss_at(
        self, mast: Mast, x_m: NDArray[np.float64], y_m: NDArray[np.float64], terrain: Terrain | None
    ) -> NDArray[np.float64]:
        """Loss by the scalar reference on the straight profile to each position, bilinear terrain."""
        ground, grid = self._ground(terrain)
        self.check_link(mast.link)
        link = PathLink(
            mast.link.freq_mhz / 1000.0, 50.0, mast.link.tx_height_m, mast.link.rx_height_m,
            self.polarisation == "vertical",
        )  # fmt: skip
        to_pixels = ~grid.transform
        start = to_pixels @ (mast.x_m, mast.y_m)
        cols, rows = to_pixels @ (np.asarray(x_m), np.asarray(y_m))
        loss_db = losses_at(
            ground.height_m, ground.clutter_m, (start[1] - 0.5, start[0] - 0.5),
            np.ascontiguousarray(rows - 0.5), np.ascontiguousarray(cols - 0.5),
            grid.resolution_m, self._climate(ground), link, OUTDOOR_MEDIAN,
        )  # fmt: skip
        far = np.hypot(x_m - mast.x_m, y_m - mast.y_m) > self.max_distance_m()
        return np.where(far, np.inf, loss_db)

    def _own_pixel_db(self, ground: _Ground, site: Site, freqs_mhz: Sequence[float]) -> NDArray[np.float32]:
        """Loss straight down from the antenna, in free space, for each band."""
        if ground.height_m[site.row, site.col] < UNKNOWN_M:
            return np.full(len(freqs_mhz), UNKNOWN_DB, np.float32)
        down_km = max(abs(site.tx_height_m - site.rx_height_m), 1.0) / 1000.0
        freqs_ghz = np.asarray(freqs_mhz, np.float64) / 1000.0
        return (92.4 + 20.0 * np.log10(freqs_ghz * down_km)).astype(np.float32)

    def _ground(self, terrain: Terrain | None) -> tuple[_Ground, Grid]:
        if terrain is None:
            raise TerrainError(
                f"model {self.name} needs terrain; give an elevation file or choose a model that needs none",
                f"mô hình {self.name} cần địa hình; hãy thêm tệp độ cao hoặc chọn mô hình khác",
            )
        return _prepared(terrain), terrain.grid

    def _climate(self, ground: _Ground) -> Climate:
        return Climate(self.delta_n, self.n0, ground.latitude_deg, FAR_FROM_COAST_KM, FAR_FROM_COAST_KM)

    def _frame(self, reach_m: float, resolution_m: float) -> Frame:
        reach = reach_m / resolution_m
        return Frame(resolution_m, reach, math.ceil((int(reach) + 2) * self.rays))

    def _site(self, mast: Mast, grid: Grid) -> Site | None:
        """Mast on the ground array; None where it stands beside it."""
        self.check_link(mast.link)
        pixel = grid.pixel(mast.x_m, mast.y_m)
        if pixel is None:
            return None
        row, col = pixel
        off_row = off_col = 0.0
        if self.exact_position:
            off_col = (mast.x_m - grid.left_m) / grid.resolution_m - col - 0.5
            off_row = (grid.top_m - mast.y_m) / grid.resolution_m - row - 0.5
        return Site(row, col, off_row, off_col, mast.link.tx_height_m, mast.link.rx_height_m)


def _height_above_lowest_m(ground: _Ground, grid: Grid, mast: Mast) -> float:
    """Height of the ground at a mast above the lowest within `SURROUNDINGS_M`; 0 where it is unknown."""
    part = grid.whole().around(mast.x_m, mast.y_m, SURROUNDINGS_M)
    pixel = grid.pixel(mast.x_m, mast.y_m)
    if part is None or pixel is None or ground.height_m[pixel] < UNKNOWN_M:
        return 0.0
    # A few thousand pixels are enough for the lowest of valleys.
    around = ground.height_m[part.slices][::16, ::16]
    known = around[around > UNKNOWN_M]
    return max(0.0, float(ground.height_m[pixel] - known.min())) if known.size else 0.0


@lru_cache(maxsize=4096)
def _smooth_reach_m(model: P1812, link: tuple[float, float], max_loss_db: float, height_m: float) -> float:
    """Distance, by halving, at which a smooth Earth brings the loss to a value; link: MHz, receiver in m."""
    vertical = model.polarisation == "vertical"
    path = PathLink(link[0] / 1000.0, 50.0, min(height_m, 3000.0), link[1], vertical)
    climate = Climate(model.delta_n, model.n0, 0.0, FAR_FROM_COAST_KM, FAR_FROM_COAST_KM)
    near_m, far_m = 0.0, MAX_DISTANCE_M
    while far_m - near_m > 200.0:
        middle_m = (near_m + far_m) / 2.0
        d_km = np.linspace(0.0, middle_m / 1000.0, 51)
        flat = np.zeros(d_km.size)
        profile = Profile(d_km, flat, flat.copy(), np.full(d_km.size, INLAND))
        loss_db = path_loss(profile, climate, path, OUTDOOR_MEDIAN)[1].lb_db
        near_m, far_m = (middle_m, far_m) if loss_db <= max_loss_db else (near_m, middle_m)
    return far_m


@lru_cache(maxsize=2)
def _prepared(terrain: Terrain) -> _Ground:
    """Arrays of a terrain, made once for all its masts."""
    height_m = np.ascontiguousarray(terrain.elevation.values, np.float32)
    missing = ~np.isfinite(height_m)
    if missing.any():
        height_m = np.where(missing, MISSING_M, height_m)
    clutter_m = np.zeros((0, 0), np.float32)
    if terrain.clutter is not None:
        clutter_m = np.ascontiguousarray(terrain.clutter_m())
    left, bottom, right, top = terrain.grid.bounds_m
    _, latitude_deg = transformer(terrain.grid.crs, WGS84).transform((left + right) / 2, (bottom + top) / 2)
    return _Ground(height_m, clutter_m, float(latitude_deg))


def _sides(frame: Frame, off_row: float, off_col: float) -> tuple[Side, Side, Side, Side]:
    """Pixels by ray for the four sides; masts in the middle of their pixel share them."""
    if off_row == 0.0 and off_col == 0.0:
        return _centred_sides(frame)
    return _lay_sides(frame, off_row, off_col)


@lru_cache(maxsize=64)
def _centred_sides(frame: Frame) -> tuple[Side, Side, Side, Side]:
    return _lay_sides(frame, 0.0, 0.0)


def _lay_sides(frame: Frame, off_row: float, off_col: float) -> tuple[Side, Side, Side, Side]:
    return (
        lay_side(frame, off_col, off_row, True),
        lay_side(frame, -off_col, off_row, True),
        lay_side(frame, off_row, off_col, False),
        lay_side(frame, -off_row, off_col, False),
    )
