"""Geometry of a radio path over terrain: Earth's bulge, line of sight, first Fresnel zone, worst obstacle.

Recommendations ITU-R P.530 (section 2.2) and P.526 (sections 2 to 4), with k = 4/3.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

EARTH_KM = 6371.0
K = 4.0 / 3.0
LIGHT_M_GHZ = 0.299792458  # wavelength in metres of 1 GHz


class Path(NamedTuple):
    """A path between two antennas.

    Attributes
    ----------
    distance_km
        From the first antenna, ascending from 0, shape (n,), n at least 2.
    ground_m
        Ground above sea level there, NaN where unknown.
    tx_m, rx_m
        Heights of both antennas above the ground at the ends.
    freq_ghz
        Frequency.
    """

    distance_km: NDArray[np.float64]
    ground_m: NDArray[np.float64]
    tx_m: float
    rx_m: float
    freq_ghz: float


def earth_bulge_m(distance_km: NDArray[np.float64], k: float = K) -> NDArray[np.float64]:
    """Height of the curved Earth above the chord: d1 d2 / (2 k a), a = 6371 km (ITU-R P.530, 2.2.2.1).

    Parameters
    ----------
    distance_km
        Along the path, from 0 to its length, shape (n,).
    k
        Factor of the effective Earth radius.
    """
    to_end_km = distance_km[-1] - distance_km
    bulge: NDArray[np.float64] = 1000.0 * distance_km * to_end_km / (2.0 * k * EARTH_KM)
    return bulge


def fresnel_radius_m(distance_km: NDArray[np.float64], freq_ghz: float) -> NDArray[np.float64]:
    """Radius of the first Fresnel ellipsoid, sqrt(λ d1 d2 / d) (ITU-R P.526, equation 2 with n = 1).

    Parameters
    ----------
    distance_km
        Along the path, from 0 to its length, shape (n,).
    freq_ghz
        Frequency. In the middle of d km the radius is 8.656 sqrt(d / f) m.
    """
    length_km = distance_km[-1]
    product_m = 1000.0 * distance_km * (length_km - distance_km) / length_km
    return np.asarray(np.sqrt(LIGHT_M_GHZ / freq_ghz * product_m))


def sight_line_m(path: Path) -> NDArray[np.float64]:
    """Height above sea level of the straight line between the antennas, shape (n,)."""
    first, last = path.ground_m[0] + path.tx_m, path.ground_m[-1] + path.rx_m
    line: NDArray[np.float64] = first + (last - first) * path.distance_km / path.distance_km[-1]
    return line


def clearance_m(path: Path) -> NDArray[np.float64]:
    """Height of the line of sight above the ground with the Earth's bulge (k = 4/3), shape (n,)."""
    return sight_line_m(path) - path.ground_m - earth_bulge_m(path.distance_km)


def knife_edge_db(nu: float) -> float:
    """Loss behind a single knife edge, J(ν) (ITU-R P.526, equation 31; 0 for ν <= -0.78)."""
    if nu <= -0.78:
        return 0.0
    return 6.9 + 20.0 * math.log10(math.sqrt((nu - 0.1) ** 2 + 1.0) + nu - 0.1)


def worst_obstacle(path: Path) -> dict[str, float] | None:
    """Find the point between the ends that reaches deepest into the first Fresnel zone.

    Returns
    -------
    ``index``; ``clearance_m``; ``fresnel_m``; ``ratio`` of both (1: the zone is free, 0: the line touches,
    negative: blocked); ``nu`` = -sqrt(2) ratio (ITU-R P.526, equation 26) and ``knife_edge_db``, the loss of
    this obstacle alone. None where nothing between the ends is known.
    """
    if path.distance_km.size < 3:
        return None
    inner = slice(1, -1)
    radius_m = fresnel_radius_m(path.distance_km, path.freq_ghz)
    ratio = clearance_m(path)[inner] / radius_m[inner]
    if not np.isfinite(ratio).any():
        return None
    index = int(np.nanargmin(ratio)) + 1
    worst = float(ratio[index - 1])
    nu = -math.sqrt(2.0) * worst
    return {
        "index": index,
        "clearance_m": float(clearance_m(path)[index]),
        "fresnel_m": float(radius_m[index]),
        "ratio": worst,
        "nu": nu,
        "knife_edge_db": knife_edge_db(nu),
    }
