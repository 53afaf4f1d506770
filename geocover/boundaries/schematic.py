"""Schematic commune boundaries: the offline default, built from points, boxes and areas, and measured.

They show about where a commune lies, with its official area; they are no legal boundaries and say so in
their metadata. See data/boundaries/SOURCES.md for how good they are.
"""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
import shapely

from geocover.areas import geodesic_area_m2
from geocover.boundaries.schematic_attributes import attributes, metadata
from geocover.boundaries.schematic_bridges import bridged
from geocover.boundaries.schematic_cells import (
    Frame,
    Pairs,
    Targets,
    candidate_pairs,
    commune_pairs,
    costs,
    fit_shapes,
    generators,
    joined_labels,
    solve_weights,
)
from geocover.boundaries.schematic_facts import commune_facts
from geocover.boundaries.schematic_lines import polygons_of
from geocover.boundaries.schematic_units import WORK_CRS, Units, read_units
from geocover.crs import WGS84, transformer
from geocover.errors import AreasError
from geocover.io.atomic import atomic_path

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import geopandas as gpd
    import numpy.typing as npt

SHAPE_PIXEL_M, PIXEL_M = 500.0, 150.0
MARGIN_M = 6000.0
AREA_TOLERANCE = 0.005  # of the official area; half of what is promised
CORRECTIONS = 8
DECIMALS = 6


class _Problem(NamedTuple):
    """The weight problem on the fine frame: pixels paired with communes, their costs, the targets."""

    frame: Frame
    pairs: Pairs
    value: npt.NDArray[np.float64]
    targets: Targets


def build_schematic(
    province_code: str, *, progress: Callable[[str], None] | None = None
) -> dict[str, object]:
    """Build the schematic boundaries of a province.

    Parameters
    ----------
    province_code
        Two digits, as "25".
    progress
        Called with a line of text as each stage ends.

    Returns
    -------
    dict
        A GeoJSON FeatureCollection (EPSG:4326) with the member ``metadata``: one feature a commune, sorted
        by code; each within 1 % of its official area (geodesic, WGS 84).

    Raises
    ------
    AreasError
        If the dataset package is not installed, the province has no table of facts, or the areas cannot be
        brought within 1 %.
    """
    say = progress or _silent
    facts = commune_facts(province_code)
    units = read_units(province_code, {code: each.area_km2 for code, each in facts.items()})
    say(f"{len(facts)} communes of {len(units.members)} old units, {len(units.repairs)} repairs")
    polygons = _polygons(units, list(facts), say)
    rows = attributes(units, facts)
    features = [_feature(row, polygons[code]) for code, row in rows.items()]
    return {"type": "FeatureCollection", "metadata": metadata(province_code), "features": features}


def write_schematic(
    path: Path, province_code: str = "25", *, progress: Callable[[str], None] | None = None
) -> None:
    """Build the schematic boundaries of a province and write them, one feature per line.

    Raises
    ------
    AreasError
        As `build_schematic`.
    """
    text = dump_collection(build_schematic(province_code, progress=progress))
    with atomic_path(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")


def dump_collection(collection: dict[str, Any]) -> str:
    """GeoJSON text of a FeatureCollection with one feature per line."""
    lines = ",\n".join(_json(feature) for feature in collection["features"])
    head = f'{{"type": "FeatureCollection",\n"metadata": {_json(collection["metadata"])},\n"features": [\n'
    return f"{head}{lines}\n]}}\n"


def measure_against(schematic: gpd.GeoDataFrame, real: gpd.GeoDataFrame) -> dict[str, Any]:
    """Compare schematic with real boundaries, commune by commune (column ``code`` in both).

    Returns
    -------
    dict
        ``mean_iou`` and ``min_iou`` (area of the intersection over that of the union), ``area_share`` (part
        of the real communes' area that lies in the right schematic commune), ``worst``: the ten communes
        with the lowest values as (code, iou), ascending.

    Raises
    ------
    AreasError
        If the two do not hold the same communes.
    """
    if set(schematic["code"]) != set(real["code"]):
        odd = ", ".join(sorted(set(schematic["code"]) ^ set(real["code"]))[:5])
        raise AreasError(
            f"schematic and real boundaries hold different communes: {odd}",
            f"ranh giới sơ đồ và ranh giới thật không cùng danh sách xã, phường: {odd}",
        )
    drawn, true = (_working_shapes(frame) for frame in (schematic, real))
    common = shapely.area(shapely.intersection(drawn.to_numpy(), true.to_numpy()))
    area = shapely.area(true.to_numpy())
    iou = pd.Series(common / (shapely.area(drawn.to_numpy()) + area - common), index=true.index)
    worst = iou.sort_values(kind="stable").head(10)
    return {
        "mean_iou": float(iou.mean()),
        "min_iou": float(iou.min()),
        "area_share": float(common.sum() / area.sum()),
        "worst": [(str(code), float(value)) for code, value in worst.items()],
    }


def _working_shapes(frame: gpd.GeoDataFrame) -> pd.Series[Any]:
    """Valid polygons in metres by code, ascending."""
    move = transformer(WGS84, WORK_CRS).transform
    shapes = shapely.transform(frame.to_crs(WGS84).geometry.to_numpy(), move, interleaved=False)
    return pd.Series(shapely.make_valid(shapes), index=frame["code"].to_numpy()).sort_index()


def _feature(properties: dict[str, object], shape: shapely.Geometry) -> dict[str, object]:
    return {"type": "Feature", "properties": properties, "geometry": shapely.geometry.mapping(shape)}


def _silent(line: str) -> None:
    """Take a line of progress and do nothing with it."""


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _polygons(units: Units, codes: list[str], say: Callable[[str], None]) -> dict[str, shapely.Geometry]:
    """Polygons in degrees by code, with the official areas."""
    problem = _problem(units, codes, say)
    frame, pairs, targets = problem.frame, problem.pairs, problem.targets
    weights, value, goal_px = (
        np.zeros(len(codes) + 1),
        problem.value,
        targets.area_km2 / problem.frame.pixel_km2,
    )
    worst = math.inf
    for number in range(1, CORRECTIONS + 1):
        weights = solve_weights(pairs, value, weights, goal_px, targets.free)
        labels, value = joined_labels(frame, pairs, value, weights)
        shapes = _shapes(frame, labels, len(codes))
        error_km2 = _area_error_km2(shapes, targets)
        worst = float(np.max(np.abs(error_km2 / targets.area_km2[:-1])))
        say(f"round {number}: areas within {100 * worst:.2f} % of the official ones")
        if worst <= AREA_TOLERANCE:
            return dict(zip(codes, shapes, strict=True))
        goal_px[:-1] -= error_km2 / frame.pixel_km2
    raise AreasError(
        f"the areas stay up to {100 * worst:.1f} % off the official ones; check the table of facts",
        f"diện tích vẫn lệch đến {100 * worst:.1f} % so với số liệu chính thức; hãy kiểm tra bảng số liệu",
    )


def _problem(units: Units, codes: list[str], say: Callable[[str], None]) -> _Problem:
    row = {code: number for number, code in enumerate(codes)}
    outside = len(codes)
    commune = np.array([row.get(code, outside) for code in units.sites["code"]], dtype=np.int64)
    targets = _targets(units, codes)
    box = units.sites.loc[commune != outside, ["west_m", "south_m", "east_m", "north_m"]].to_numpy(float)
    bounds = (*box[:, :2].min(axis=0).tolist(), *box[:, 2:].max(axis=0).tolist())
    coarse = Frame.around(bounds, MARGIN_M, SHAPE_PIXEL_M)
    fitted = fit_shapes(coarse, generators(units.sites, commune), targets)
    cells = bridged(coarse, fitted, targets)
    bridges = len(cells.commune) - len(fitted.commune)
    say(f"{len(fitted.commune)} cells fitted to their boxes, {bridges} bridges between parts of a commune")
    frame = Frame.around(bounds, MARGIN_M, PIXEL_M)
    pairs = candidate_pairs(frame, cells)
    merged, value = commune_pairs(pairs, costs(pairs, cells), cells.commune)
    return _Problem(frame, merged, value, targets)


def _targets(units: Units, codes: list[str]) -> Targets:
    own = units.communes.loc[codes, ["area_km2", "x_m", "y_m"]].to_numpy(float)
    area, x, y = np.concatenate([own, [[1.0, 0.0, 0.0]]]).T
    return Targets(area, x, y, np.arange(len(area)) < len(codes))


def _shapes(frame: Frame, labels: npt.NDArray[np.int64], count: int) -> list[shapely.Geometry]:
    """One polygon a label, in degrees rounded to six decimals; neighbours share their vertices."""
    move = transformer(WORK_CRS, WGS84).transform
    shapes = polygons_of(frame, labels, count)
    return list(shapely.transform(shapes, lambda x, y: np.round(move(x, y), DECIMALS), interleaved=False))


def _area_error_km2(shapes: list[shapely.Geometry], targets: Targets) -> npt.NDArray[np.float64]:
    return np.array([geodesic_area_m2(shape) / 1e6 for shape in shapes]) - targets.area_km2[:-1]
