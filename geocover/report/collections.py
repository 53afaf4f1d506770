"""GeoJSON collections (RFC 7946, member "metadata") from a Snapshot, as bytes."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import shapely

from geocover.coverage import ANY
from geocover.crs import WGS84
from geocover.io.vector import geojson_text
from geocover.report.answers import COMMUNE_COLUMNS, NUMBERS, UNITS, Detail, figures_json, shares_json
from geocover.report.view import View, choose_view, metadata

if TYPE_CHECKING:
    import pandas as pd

    from geocover.store import Snapshot

CACHED = 12  # a full collection is some megabytes
DECIMALS = {"full": 6, "metre": 5, "map": 4}  # 0.1 m, 1 m, 11 m
MAP_TOLERANCE_M = 150.0
SHARE_DECIMALS = 6
SMOOTHED_PART = 0.05  # of the side of a square as large as the gap
GAP_ROUNDING = {"area_km2": 3, "people": 1, "nearest_km": 3}


@lru_cache(maxsize=CACHED)
def communes_geojson(snapshot: Snapshot, view: View, detail: Detail = "full") -> bytes:
    """Communes with their shares in one view.

    Parameters
    ----------
    snapshot
        A result.
    view
        Technology, operator and profile; see `geocover.report.view.choose_view`.
    detail
        "full", or "map": simplified to 150 m with shared borders kept shared.

    Returns
    -------
    Properties: the commune's attributes and, for each basis ("area" in km², "population" in people),
    ``<basis>_covered``, ``<basis>_total``, ``<basis>_share``, the interval ``<basis>_share_low`` and
    ``_high``, ``<basis>_share_expected`` and ``<basis>_rests_on`` (0 to 1; see
    `geocover.commune_shares.shares`). The member "metadata" says the view, the evidence and the share of
    cells with assumed parameters.
    """
    shares = _of_view(snapshot.shares, view)
    table = snapshot.communes[[*COMMUNE_COLUMNS, "geometry"]]
    for basis in UNITS:
        columns = shares[shares["basis"] == basis].set_index("code")
        for name in NUMBERS:
            table = table.assign(
                **{f"{basis}_{name}": table["code"].map(columns[name]).round(SHARE_DECIMALS)}
            )
    if detail == "map":
        table = table.set_geometry(simplified(snapshot))
    return _collection(table, {**metadata(snapshot), **_coverage_metadata(shares, view)}, DECIMALS[detail])


def simplified(snapshot: Snapshot) -> gpd.GeoSeries:
    """Outlines of the communes simplified to 150 m, shared borders kept shared, EPSG:4326."""
    projected = snapshot.communes.geometry.to_crs(snapshot.grid.crs)
    simple = shapely.coverage_simplify(projected.to_numpy(), MAP_TOLERANCE_M)
    return gpd.GeoSeries(simple, index=projected.index, crs=projected.crs).to_crs(WGS84)


def _of_view(table: pd.DataFrame, view: View) -> pd.DataFrame:
    keep = (table["operator"] == view.operator) & (table["profile"] == view.profile)
    return table[keep & (table["technology"] == view.technology)]


def _coverage_metadata(rows: pd.DataFrame, view: View) -> dict[str, Any]:
    """Say whose coverage, by which definition, on what evidence."""
    found: dict[str, Any] = {**view.as_dict(), "evidence": str(rows["evidence"].iloc[0])}
    if "assumed_share" in rows:
        found["assumed_share"] = float(rows["assumed_share"].iloc[0])
    return found


@lru_cache(maxsize=CACHED)
def gaps_geojson(snapshot: Snapshot, technology: str | None = None, detail: Detail = "full") -> bytes:
    """Gaps of the outdoor profiles (where no operator covers), of one technology or of all.

    The detail "map" smooths the stairs of the pixels by a pixel's width, those of a wide gap by up to two or
    150 m, and rounds to 10 m.
    """
    gaps = snapshot.gaps
    if technology is not None:
        gaps = gaps[gaps["technology"] == choose_view(snapshot, technology).technology]
    about = {**metadata(snapshot), "operator": ANY, "evidence": "predicted"}
    gaps = gaps.round(GAP_ROUNDING)
    if detail == "full":
        return _collection(gaps, about, DECIMALS["metre"])
    projected = gaps.geometry.to_crs(snapshot.grid.crs)
    pixel_m = snapshot.grid.resolution_m
    widest_m = max(2 * pixel_m, MAP_TOLERANCE_M)
    tolerances_m = np.clip(SMOOTHED_PART * np.sqrt(projected.area.to_numpy()), pixel_m, widest_m)
    smoothed = projected.simplify(tolerances_m).to_crs(WGS84)
    return _collection(gaps.set_geometry(smoothed), about, DECIMALS["map"])


@lru_cache(maxsize=CACHED)
def places_geojson(snapshot: Snapshot, view: View) -> bytes:
    """Commune centres, industrial parks and others with whether a view reaches them.

    ``reached`` (at the point), ``certainty`` ("yes", "no", or "uncertain" where the accuracy of the position
    or missing terrain leaves it open), ``level_dbm``, ``area_share``, ``accuracy_share``, ``rests_on``; see
    `geocover.place_reach.reach`.
    """
    rows = _of_view(snapshot.reach, view)
    numbers = ["level_dbm", "area_share", "accuracy_share", "rests_on"]
    columns = ["id", "reached", "certainty", *numbers, "evidence"]
    table = snapshot.places.merge(rows[columns], on="id", how="inner")
    table = table.assign(**{name: table[name].round(4) for name in numbers})
    return _collection(table, {**metadata(snapshot), **_coverage_metadata(rows, view)}, DECIMALS["full"])


@lru_cache(maxsize=CACHED)
def stations_geojson(snapshot: Snapshot, technology: str | None = None) -> bytes:
    """Stations on air at the reporting date, of one technology or of all; evidence: declared."""
    stations = snapshot.stations
    if technology is not None:
        stations = stations[stations["technology"] == choose_view(snapshot, technology).technology]
    table = stations.drop(columns=["lon", "lat"])
    return _collection(table, {**metadata(snapshot), "evidence": "declared"}, DECIMALS["metre"])


def _collection(table: gpd.GeoDataFrame, about: dict[str, Any], decimals: int) -> bytes:
    rounded = shapely.transform(table.geometry.to_numpy(), lambda at: np.round(at, decimals))
    return geojson_text(table.set_geometry(rounded, crs=table.crs), about).encode()


def prepare_answers(snapshot: Snapshot) -> None:
    """Make the answers that a map asks for first, so that they are at hand."""
    view = choose_view(snapshot)
    communes_geojson(snapshot, view, "map")
    for technology in snapshot.operators:
        shares_json(snapshot, choose_view(snapshot, technology).profile, "map")
    figures_json(snapshot)
    gaps_geojson(snapshot, view.technology, "map")
    places_geojson(snapshot, view)
