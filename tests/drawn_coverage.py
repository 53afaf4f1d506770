"""Coverage drawn by hand, with levels that missing terrain cuts off: worlds whose answers are known."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from geocover.coverage import Coverage, Layer
from geocover.coverage.result import LayerResult
from geocover.grid import Grid
from geocover.kernels.servers import NO_LEVEL
from geocover.network import Network
from geocover.propagation import ExtendedHata


def drawn(
    grid: Grid,
    network: Network,
    levels: Mapping[Layer, np.ndarray],
    cut: Mapping[Layer, np.ndarray] | None = None,
) -> Coverage:
    """Coverage with levels in dBm by layer, NaN for none, and what cut paths of some layers might bring."""
    results = {}
    for layer in sorted(levels):
        possible = stored(cut[layer]) if cut and layer in cut else None
        level = stored(levels[layer])
        pairs = network.cells[["operator", "technology"]].itertuples(index=False, name=None)
        rows = np.flatnonzero([pair == layer for pair in pairs])
        server = np.where(level == NO_LEVEL, 0, 1).astype(np.uint16)
        results[layer] = LayerResult(level, server, possible, None, rows)
    return Coverage(grid, network, results, {technology: ExtendedHata() for _, technology in levels})


def stored(level_dbm: np.ndarray) -> np.ndarray:
    """Hundredths of a dBm as a coverage keeps them."""
    filled = np.where(np.isnan(level_dbm), NO_LEVEL / 100, level_dbm)
    return np.rint(100 * filled.astype(float)).astype(np.int16)
