"""Gaps ("điểm lõm sóng"): connected areas without coverage, who lives there, and the nearest station."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
from rasterio.features import shapes
from scipy import ndimage
from scipy.spatial import cKDTree
from shapely.geometry import shape as to_shape

from geocover.coverage import ANY
from geocover.crs import WGS84
from geocover.names import fold
from geocover.population import label_communes
from geocover.probability import check_profile, open_pixels
from geocover.profiles import profile as find_profile
from geocover.units import square_km_from_square_m

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geocover.areas import Areas
    from geocover.coverage import Coverage
    from geocover.places import Places
    from geocover.profiles import Profile
    from geocover.raster import Raster

MIN_AREA_KM2 = 0.1
EIGHT_NEIGHBOURS = np.ones((3, 3), dtype=int)


def find_gaps(
    coverage: Coverage,
    areas: Areas,
    profile: str | Profile,
    *,
    operator: str = ANY,
    population: Raster | None = None,
    places: Places | None = None,
    min_area_km2: float = MIN_AREA_KM2,
) -> gpd.GeoDataFrame:
    """Find the connected areas inside the communes that the profile does not count as covered.

    Pixels are connected by sides and corners. Gaps smaller than ``min_area_km2`` are left out. Where missing
    terrain leaves it open whether there is coverage (`geocover.probability`), no gap is reported: how much
    that is, ``rests_on`` of `geocover.commune_shares.shares` says.

    Parameters
    ----------
    coverage, areas, profile
        As for `geocover.commune_shares.shares`.
    operator
        Whose coverage; "any": where no operator covers, "all": where at least one operator does not.
    population
        People per pixel on the coverage's grid.
    places
        Places of which those inside a gap are named.
    min_area_km2
        Smallest gap that is reported.

    Returns
    -------
    One row a gap in EPSG:4326, most people (then largest) first: ``id``, ``technology``, ``operator``,
    ``profile``, ``area_km2``, ``people`` (NaN without population), ``commune_code`` (with the largest part),
    ``commune_codes``, ``places`` (names), ``places_count``, ``nearest_station``, ``nearest_operator``,
    ``nearest_km`` (from the gap's innermost point), ``lon``, ``lat`` of that point.
    """
    definition = find_profile(profile)
    check_profile(coverage, definition)
    labels = label_communes(areas, coverage.grid)
    uncovered = ~definition.covers(coverage.level(operator, definition.technology).values)
    uncovered &= ~open_pixels(coverage, operator, definition)
    pixels = _components((labels >= 0) & uncovered, coverage, min_area_km2)
    table = _measure(pixels, labels, areas, coverage, population)
    table = _with_nearest(table, coverage, definition.technology)
    table = _ordered(_with_places(table, places))
    names = _ids(definition.technology, operator, len(table))
    for name, value in (
        ("profile", definition.name),
        ("operator", operator),
        ("technology", definition.technology),
    ):
        table.insert(0, name, value)
    table.insert(0, "id", names)
    return table.to_crs(WGS84)


def _components(uncovered: NDArray[np.bool_], coverage: Coverage, min_area_km2: float) -> NDArray[np.int32]:
    """Number of the gap of each pixel from 1, 0 outside; small ones removed, numbers without holes."""
    found: NDArray[np.int32] = np.empty(uncovered.shape, np.int32)
    count = ndimage.label(uncovered, structure=EIGHT_NEIGHBOURS, output=found)
    size_km2 = square_km_from_square_m(coverage.grid.pixel_area_m2) * np.bincount(
        found.ravel(), minlength=count + 1
    )
    keep = size_km2 >= min_area_km2
    keep[0] = False
    renumber = np.where(keep, np.cumsum(keep), 0).astype(np.int32)
    np.take(renumber, found, out=found, mode="clip")
    return found


def _measure(
    pixels: NDArray[np.int32],
    labels: NDArray[np.int32],
    areas: Areas,
    coverage: Coverage,
    population: Raster | None,
) -> gpd.GeoDataFrame:
    """Polygon, area, people and communes of each numbered gap."""
    grid = coverage.grid
    numbers = np.arange(1, int(pixels.max()) + 1)
    inside = pixels > 0
    size = np.bincount(pixels[inside], minlength=numbers.size + 1)[1:]
    people = np.full(numbers.size, np.nan)
    if population is not None:
        counted = np.nan_to_num(population.values[inside].astype(np.float64))
        people = np.bincount(pixels[inside], weights=counted, minlength=numbers.size + 1)[1:]
    columns = {
        "area_km2": square_km_from_square_m(grid.pixel_area_m2) * size,
        "people": people,
        **_communes(pixels[inside], labels[inside], areas, numbers.size),
    }
    return gpd.GeoDataFrame(columns, geometry=_polygons(pixels, coverage), crs=grid.crs)


def _communes(
    gap: NDArray[np.int32], commune: NDArray[np.int32], areas: Areas, count: int
) -> dict[str, list[str]]:
    """Codes of the communes in each gap, the one with the largest part first."""
    codes = np.asarray(areas.codes, dtype=object)
    pairs, sizes = np.unique(np.stack([gap, commune]), axis=1, return_counts=True)
    order = np.lexsort((pairs[1], -sizes, pairs[0]))
    found: list[list[str]] = [[] for _ in range(count)]
    for number, row in pairs[:, order].T:
        found[number - 1].append(codes[row])
    return {"commune_code": [one[0] for one in found], "commune_codes": [" ".join(one) for one in found]}


def _polygons(pixels: NDArray[np.int32], coverage: Coverage) -> gpd.GeoSeries:
    """Outline of each numbered gap in the grid's CRS; parts that touch at corners form one geometry."""
    found = shapes(pixels, mask=pixels > 0, connectivity=4, transform=coverage.grid.transform)
    parts = [(int(number), to_shape(geometry)) for geometry, number in found]
    series = gpd.GeoSeries([part for _, part in parts], crs=coverage.grid.crs)
    if not parts:
        return series
    dissolved = gpd.GeoDataFrame(geometry=series).dissolve(by=[number for number, _ in parts])
    return dissolved.geometry.reset_index(drop=True)


def _with_nearest(table: gpd.GeoDataFrame, coverage: Coverage, technology: str) -> gpd.GeoDataFrame:
    """Add the nearest station of the technology, from the innermost point of each gap."""
    points = table.geometry.representative_point()
    stations = coverage.network.select(technologies=[technology])
    x_m, y_m = stations.xy_m(coverage.grid.crs)
    distance_m, row = cKDTree(np.column_stack([x_m, y_m])).query(np.column_stack([points.x, points.y]))
    nearest = stations.cells.iloc[row]
    degrees = points.to_crs(WGS84)
    return table.assign(
        nearest_station=nearest["station_id"].to_numpy(),
        nearest_operator=nearest["operator"].to_numpy(),
        nearest_km=distance_m / 1000.0,
        lon=degrees.x.round(6),
        lat=degrees.y.round(6),
    )


def _with_places(table: gpd.GeoDataFrame, places: Places | None) -> gpd.GeoDataFrame:
    names: list[list[str]] = [[] for _ in range(len(table))]
    if places is not None:
        points = places.table.to_crs(table.crs).representative_point()
        gap_rows, place_rows = points.sindex.query(table.geometry, predicate="contains")
        for gap_row, place_row in sorted(zip(gap_rows, place_rows, strict=True)):
            names[gap_row].append(str(places.table["name"].iloc[place_row]))
    return table.assign(places=["; ".join(one) for one in names], places_count=[len(one) for one in names])


def _ordered(table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Most people first, then the largest."""
    keys = pd.DataFrame(
        {"people": table["people"].fillna(-1).round(6), "area": table["area_km2"], "lon": table["lon"]}
    )
    order = keys.sort_values(["people", "area", "lon"], ascending=[False, False, True]).index
    return table.loc[order].reset_index(drop=True)


def _ids(technology: str, operator: str, count: int) -> list[str]:
    prefix = fold(f"{technology} {operator}").replace(" ", "-")
    return [f"{prefix}-{number:04d}" for number in range(1, count + 1)]
