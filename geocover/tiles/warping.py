"""Where the pixels of a picture in Web Mercator stand on a grid, to a thousandth of a pixel of either.

A picture of a province is small on the globe, so the way from its pixels to the grid is smooth: six by six
positions through PROJ and Chebyshev's polynomials between them replace 65,536 positions through PROJ.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.polynomial import chebyshev

from geocover.crs import transformer
from geocover.tiles.matrix import WEB_MERCATOR

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geocover.grid import Grid
    from geocover.tiles.matrix import Frame

NODES = 6


@lru_cache(maxsize=512)
def _between(count: int) -> NDArray[np.float64]:
    """Weights of the nodes at each of so many pixel centres, shape (count, NODES)."""
    centres = (2 * np.arange(count) + 1) / count - 1
    at_nodes = chebyshev.chebvander(_nodes(), NODES - 1)
    weights = np.linalg.solve(at_nodes.T, chebyshev.chebvander(centres, NODES - 1).T).T
    return np.ascontiguousarray(weights, dtype=np.float64)


def _nodes() -> NDArray[np.float64]:
    """Chebyshev's nodes on -1 to 1."""
    return chebyshev.chebpts1(NODES)


def grid_positions(frame: Frame, grid: Grid) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Row and column on a grid, with fractions, of the centre of every pixel of a picture.

    Parameters
    ----------
    frame
        A picture not much larger than the grid; see `Frame.cut`.
    grid
        The grid; the middle of its first pixel is (0.5, 0.5).

    Returns
    -------
    Two arrays of shape (frame.height, frame.width).
    """
    half = (_nodes() + 1) / 2
    x = frame.left_m + half * frame.width * frame.pixel_m
    y = frame.top_m - half * frame.height * frame.pixel_m
    xs, ys = np.meshgrid(x, y)
    x_m, y_m = transformer(WEB_MERCATOR, grid.crs).transform(xs, ys)
    down, across = _between(frame.height), _between(frame.width).T
    rows = _product(down, (grid.top_m - y_m) / grid.resolution_m, across)
    cols = _product(down, (x_m - grid.left_m) / grid.resolution_m, across)
    return rows, cols


def _product(
    down: NDArray[np.float64], values: NDArray[np.float64], across: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Matrix product without BLAS, whose threads wait for one another on busy cores."""
    found: NDArray[np.float64] = np.einsum("ik,kj->ij", down, np.einsum("ik,kj->ij", values, across))
    return found
