"""Masts on made hills, small enough to be predicted many times."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from geocover.coverage import Coverage
from geocover.crs import WGS84, transformer
from geocover.grid import Grid
from geocover.network import PARAMETERS, Network
from geocover.propagation import P1812, Mast
from geocover.raster import Raster
from geocover.terrain import Terrain
from tests.kernels.sweep_cases import hills

Array = np.ndarray[Any, Any]

CRS = "EPSG:32648"
PIXEL_M = 60.0
OUTER = Grid(CRS, 540_000.0, 2_358_000.0, PIXEL_M, (100, 120))
INNER = Grid(CRS, 540_000.0 + 25 * PIXEL_M, 2_358_000.0 - 20 * PIXEL_M, PIXEL_M, (56, 72))
ARRAYS = ("level", "server", "possible", "count", "rows")
MODEL = P1812()


def ground(relief_m: float = 300.0) -> Array:
    return hills(128, relief_m, seed=4)[: OUTER.shape[0], : OUTER.shape[1]].copy()


def terrain_of(height_m: Array, grid: Grid = OUTER) -> Terrain:
    return Terrain(Raster(grid, height_m, "m"), "made hills")


HILLS = terrain_of(ground())


def with_hole() -> Terrain:
    """The hills with a band of missing ground in the north-east of the inner grid, and single pixels."""
    height_m = ground()
    height_m[30:36, 70:90] = np.nan
    height_m[np.random.default_rng(6).random(height_m.shape) < 0.001] = np.nan
    return terrain_of(height_m)


def cell(right_px: float, down_px: float, **values: object) -> dict[str, object]:
    """Cell so many pixels right of and below the outer grid's corner."""
    lon, lat = transformer(CRS, WGS84).transform(
        OUTER.left_m + right_px * PIXEL_M, OUTER.top_m - down_px * PIXEL_M
    )
    usual = {
        "position_id": f"{right_px},{down_px}", "station_id": "s", "operator": "A", "technology": "4G",
        "on_air": pd.NaT,
        "lon": lon, "lat": lat, "freq_mhz": 1_800.0, "eirp_dbm": 20.0, "height_m": 30.0,
        "azimuth_deg": np.nan, "downtilt_deg": 4.0, "beamwidth_h_deg": 65.0, "beamwidth_v_deg": 10.0,
        "environment": "suburban", "mechanical_tilt_deg": 0.0, "antenna": "",
    }  # fmt: skip
    return {**usual, **values}


def network_of(rows: list[dict[str, object]]) -> Network:
    """Network of such cells; those without an identifier are numbered."""
    named = [{"cell_id": f"c{number}", **row} for number, row in enumerate(rows)]
    table = pd.DataFrame(named).assign(**{f"{name}_assumed": False for name in PARAMETERS})
    return Network(table, "made")


def random_rows(
    generator: np.random.Generator, count: int, beside_px: float = -2.0
) -> list[dict[str, object]]:
    """Cells of two operators, technologies and bands on masts of the terrain, or up to so far beside it."""
    rows: list[dict[str, object]] = []
    for _ in range(count):
        at = (
            generator.uniform(-beside_px, 120.0 + beside_px),
            generator.uniform(-beside_px, 100.0 + beside_px),
        )
        if rows and generator.random() < 0.3:
            old = rows[generator.integers(len(rows))]
            rows.append({**old, **radio(generator)})
        else:
            rows.append(cell(*at, height_m=float(generator.choice([20.0, 35.0])), **radio(generator)))
    return rows


def radio(generator: np.random.Generator) -> dict[str, object]:
    return {
        "operator": str(generator.choice(["A", "B"])),
        "technology": str(generator.choice(["4G", "5G"])),
        "freq_mhz": float(generator.choice([700.0, 1_800.0])),
        "eirp_dbm": float(generator.choice([8.0, 14.0, 20.0])),
        "azimuth_deg": float(generator.choice([np.nan, 0.0, 120.0, 251.5])),
    }


def assert_same(one: Coverage, other: Coverage) -> None:
    """Every array of two results is equal, bit for bit."""
    assert one.layers == other.layers
    for layer in one.layers:
        for name in ARRAYS:
            np.testing.assert_array_equal(
                getattr(one.results[layer], name), getattr(other.results[layer], name), f"{layer} {name}"
            )


def cut(coverage: Coverage, grid: Grid) -> Coverage:
    """The part of a coverage that lies on a smaller aligned grid."""
    row, col = coverage.grid.offset_of(grid)
    part = (slice(row, row + grid.shape[0]), slice(col, col + grid.shape[1]))
    results = {}
    for layer, found in coverage.results.items():
        rasters = {name: getattr(found, name) for name in ARRAYS[:4]}
        results[layer] = replace(
            found, **{name: each if each is None else each[part] for name, each in rasters.items()}
        )
    return replace(coverage, grid=grid, results=results)


def centres(grid: Grid) -> tuple[Array, Array]:
    """X and y of all pixel centres, shape ``grid.shape``."""
    x_m, y_m = np.meshgrid(grid.whole().xs_m(), grid.whole().ys_m())
    return x_m, y_m


def height_at(terrain: Terrain, x_m: float, y_m: float) -> float:
    """Ground between the centres of four pixels."""
    grid = terrain.grid
    col, row = (x_m - grid.left_m) / grid.resolution_m - 0.5, (grid.top_m - y_m) / grid.resolution_m - 0.5
    left, top = int(col), int(row)
    z = terrain.elevation.values[top : top + 2, left : left + 2].astype(float)
    across = z[:, 0] * (1 - col + left) + z[:, 1] * (col - left)
    return float(across[0] * (1 - row + top) + across[1] * (row - top))


def slow_levels_dbm(network: Network, terrain: Terrain, model: P1812, grid: Grid, reach_m: float) -> Array:
    """Level of every cell at every pixel: one exact profile each, and 3GPP's pattern by its formula.

    Shape (cells, *grid.shape); minus infinity beyond the reach.
    """
    x_m, y_m = centres(grid)
    row, col = terrain.grid.offset_of(grid)
    height_m = terrain.elevation.values[row : row + grid.shape[0], col : col + grid.shape[1]].astype(float)
    xs_m, ys_m = network.xy_m(grid.crs)
    levels = np.empty((len(network), *grid.shape))
    for number, each in enumerate(network.cells.to_dict("records")):
        mast = Mast(float(xs_m[number]), float(ys_m[number]), link(each))
        loss_db = model.loss_at(mast, x_m.ravel(), y_m.ravel(), terrain).reshape(grid.shape)
        east, north = x_m - mast.x_m, y_m - mast.y_m
        metres = np.hypot(east, north)
        drop_m = height_at(terrain, mast.x_m, mast.y_m) + each["height_m"] - 1.5 - height_m
        down = (np.degrees(np.arctan2(drop_m, metres)) - each["downtilt_deg"]) / each["beamwidth_v_deg"]
        off = (np.degrees(np.arctan2(east, north)) - each["azimuth_deg"] + 540.0) % 360.0 - 180.0
        side = np.nan_to_num(off / each["beamwidth_h_deg"], nan=0.0)
        weak_db = np.minimum(np.minimum(12 * side**2, 30.0) + np.minimum(12 * down**2, 30.0), 30.0)
        levels[number] = np.where(metres <= reach_m, each["eirp_dbm"] - loss_db - weak_db, -np.inf)
    return levels


def link(each: dict[Any, Any]) -> Any:
    from geocover.propagation import Link

    return Link(each["freq_mhz"], each["height_m"], 1.5, each["environment"])
