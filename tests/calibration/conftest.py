"""A network and a drive test whose truth is known: the model's own levels, an offset and normal noise."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from geocover.coverage_points import levels_at
from geocover.crs import WGS84, transformer
from geocover.grid import Grid
from geocover.io.drive_tests import DriveTest
from geocover.network import Network
from geocover.propagation import ExtendedHata

OFFSET_DB, SIGMA_DB = 4.2, 7.0
POINTS = 900


def drive_test(rows: dict[str, Any]) -> DriveTest:
    """Drive test of 4G from columns; what is not given is unknown."""
    unknown = {"cell": "", "pci": -1, "technology": "4G", "measured_at": pd.NaT}
    points = pd.DataFrame({**rows}).assign(
        **{key: value for key, value in unknown.items() if key not in rows}
    )
    return DriveTest(points.assign(row=np.arange(2, len(points) + 2)), "made.csv", len(points))


@pytest.fixture
def towns(make_network: Callable[..., Network]) -> Network:
    """Six masts with three sectors each over 8 x 6 km, all parameters stated, and PCI that repeat by mast."""
    rows = [
        {
            "at": (1_500 + 2_500 * (mast % 3), 1_500 + 3_000 * (mast // 3)),
            "azimuth_deg": 120 * sector,
            "cell_id": f"{mast}-{sector}",
            "eirp_dbm": 30 + mast,
            "freq_mhz": 1800,
            "height_m": 30,
            "downtilt_deg": 4,
            "beamwidth_h_deg": 65,
            "beamwidth_v_deg": 10,
            "environment": ("urban", "suburban", "open")[mast % 3],
        }
        for mast in range(6)
        for sector in range(3)
    ]
    network = make_network(rows)
    numbers = np.arange(len(network)) % 9
    return Network(network.cells.assign(pci=numbers), network.source)


@pytest.fixture
def truth(grid: Grid, towns: Network) -> Callable[..., DriveTest]:
    """Drive test at `POINTS` places 40 m apart or more: level of the k-th strongest cell, offset, noise."""

    def make(rank: int = 0, sigma_db: float = SIGMA_DB, seed: int = 11, **columns: Any) -> DriveTest:
        generator = np.random.default_rng(seed)
        steps = np.arange(30) + 0.5
        right, down = (part.ravel() for part in np.meshgrid(steps * 8_000 / 30, steps * 6_000 / 30))
        x_m = grid.left_m + right + generator.uniform(-80, 80, POINTS)
        y_m = grid.top_m - down - generator.uniform(-80, 80, POINTS)
        lon, lat = transformer(grid.crs, WGS84).transform(x_m, y_m)
        levels_dbm = levels_at(towns, ExtendedHata(), None, grid.crs, x_m, y_m)
        served = np.argsort(-levels_dbm, axis=0)[rank]
        level_dbm = levels_dbm[served, np.arange(POINTS)]
        noise_db = generator.normal(0.0, sigma_db, POINTS)
        found = {
            "cell": {"cell": towns.cells["cell_id"].to_numpy()[served]},
            "pci": {"pci": towns.cells["pci"].to_numpy()[served]},
        }
        named = {key: value for name in columns.pop("known", ()) for key, value in found[name].items()}
        rows = {"lon": lon, "lat": lat, "rsrp_dbm": level_dbm + OFFSET_DB + noise_db, **named, **columns}
        return drive_test(rows)

    return make
