"""Reach: is each commune centre, industrial park or hamlet covered, and by whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from geocover.commune_shares import EVIDENCE, views
from geocover.probability import check_profile, open_pixels
from geocover.profiles import profile as find_profile

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geocover.coverage import Coverage
    from geocover.places import Places
    from geocover.profiles import Profile

SURE, POSSIBLE, NO = "yes", "uncertain", "no"

Pixels = tuple["NDArray[np.int64]", ...]


def reach(coverage: Coverage, places: Places, profile: str | Profile) -> pd.DataFrame:
    """Whether each place is reached, per operator, by any and by all operators.

    A place is tested at its point (a polygon at its innermost point) and over its area: its own polygon, or
    a disc of its stated area. How far its coordinates may be wrong decides how sure the answer is.

    Parameters
    ----------
    coverage
        Levels per operator and technology.
    places
        Commune centres, industrial parks, hamlets, urban centres.
    profile
        Definition of "covered", or its name.

    Returns
    -------
    One row a place and operator: ``id``, ``kind``, ``operator``, ``technology``, ``profile``, ``reached``
    (bool, at the point), ``certainty`` ("yes" or "no" where every pixel within the accuracy of the
    coordinates agrees, "uncertain" where not, or where it hangs on a pixel that missing terrain leaves open),
    ``level_dbm`` at the point (NaN for none), ``area_share`` (covered share of the place's known area; NaN
    where no area is known), ``accuracy_share`` (covered share within the accuracy of the coordinates),
    ``rests_on`` (part of the pixels within that accuracy that is known, see `geocover.probability`; NaN
    outside the frame), ``evidence``.
    """
    definition = find_profile(profile)
    check_profile(coverage, definition)
    table = places.table.to_crs(coverage.grid.crs)
    points = table.representative_point()
    spots = [_Spot(coverage, point, row) for point, row in zip(points, table.itertuples(), strict=True)]
    return pd.concat(
        [
            _one_view(coverage, table, spots, definition, view)
            for view in views(coverage, definition.technology)
        ],
        ignore_index=True,
    )


class _Spot:
    """Pixels of a place: the one at its point, those of its area, those where it may really be."""

    def __init__(self, coverage: Coverage, point: shapely.Point, row: object) -> None:
        accuracy_m = float(np.nan_to_num(row.accuracy_m))  # type: ignore[attr-defined]
        self.point = _pixels(coverage, point)
        self.accuracy = _pixels(coverage, point.buffer(accuracy_m)) if accuracy_m > 0 else self.point
        own = _area_of(point, row)
        self.area = None if own is None else _pixels(coverage, own)


def _area_of(point: shapely.Point, row: object) -> shapely.Geometry | None:
    """Polygon of the place, or a disc of its stated area around its point."""
    geometry: shapely.Geometry = row.geometry  # type: ignore[attr-defined]
    if geometry.area > 0:
        return geometry
    hectares = float(row.area_ha)  # type: ignore[attr-defined]
    return point.buffer(np.sqrt(hectares * 1e4 / np.pi)) if hectares > 0 else None


def _pixels(coverage: Coverage, geometry: shapely.Geometry) -> Pixels:
    """Rows and columns of the pixels whose centres a geometry holds; at least the one at its middle."""
    grid = coverage.grid
    left, bottom, right, top = geometry.bounds
    half_m = max(right - left, top - bottom) / 2 + grid.resolution_m
    part = grid.whole().around((left + right) / 2, (bottom + top) / 2, half_m)
    if part is not None and geometry.area > 0:
        x_m, y_m = np.meshgrid(part.xs_m(), part.ys_m())
        rows, cols = np.nonzero(shapely.contains_xy(geometry, x_m, y_m))
        if rows.size:
            return rows + part.row, cols + part.col
    middle = geometry.representative_point()
    row, col = grid.index(np.array([middle.x]), np.array([middle.y]))
    return (row, col) if row[0] >= 0 else (row[:0], col[:0])


def _one_view(
    coverage: Coverage, table: pd.DataFrame, spots: list[_Spot], definition: Profile, view: str
) -> pd.DataFrame:
    level = coverage.level(view, definition.technology).values
    covered, unsure = definition.covers(level), open_pixels(coverage, view, definition)
    accuracy = np.array([_share(covered, spot.accuracy) for spot in spots])
    might = np.array([_share(covered | unsure, spot.accuracy) for spot in spots])
    return pd.DataFrame(
        {
            "id": table["id"].to_numpy(),
            "kind": table["kind"].to_numpy(),
            "operator": view,
            "technology": definition.technology,
            "profile": definition.name,
            "reached": [_share(covered, spot.point) > 0 for spot in spots],
            "certainty": np.where(accuracy >= 1.0, SURE, np.where(might <= 0.0, NO, POSSIBLE)),
            "level_dbm": [_level_at(level, spot.point) for spot in spots],
            "area_share": [_known_share(covered, unsure, spot.area) for spot in spots],
            "accuracy_share": accuracy,
            "rests_on": [1.0 - _share(unsure, spot.accuracy, nothing=np.nan) for spot in spots],
            "evidence": EVIDENCE,
        }
    )


def _share(values: NDArray[np.bool_], pixels: Pixels, nothing: float = 0.0) -> float:
    return float(values[pixels].mean()) if pixels[0].size else nothing


def _known_share(covered: NDArray[np.bool_], unsure: NDArray[np.bool_], pixels: Pixels | None) -> float:
    """Covered share of the pixels that are not open; NaN where there is none or no area."""
    if pixels is None:
        return np.nan
    known = ~unsure[pixels]
    if pixels[0].size and not known.any():
        return np.nan
    return float(covered[pixels][known].mean()) if pixels[0].size else 0.0


def _level_at(level_dbm: NDArray[np.floating], pixel: Pixels) -> float:
    return float(level_dbm[pixel][0]) if pixel[0].size else float("nan")


def reach_summary(table: pd.DataFrame) -> pd.DataFrame:
    """Count the places reached: one row a kind, operator, technology and profile."""
    grouped = table.groupby(["kind", "operator", "technology", "profile"], sort=True)
    sums = grouped.agg(
        covered=("reached", "sum"),
        total=("reached", "size"),
        sure=("certainty", lambda column: int((column == SURE).sum())),
        possible=("certainty", lambda column: int((column != NO).sum())),
    )
    return sums.assign(share=sums["covered"] / sums["total"], evidence=EVIDENCE).reset_index()
