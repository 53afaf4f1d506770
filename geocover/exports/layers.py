"""The tables of an export: every row says of which date and snapshot it is, and whether it is made up."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd

from geocover.crs import WGS84
from geocover.report.answers import UNITS
from geocover.report.collections import GAP_ROUNDING, simplified
from geocover.report.view import stamp
from geocover.report.wide_tables import KEYS, wide_shares, with_reach

if TYPE_CHECKING:
    import pandas as pd

    from geocover.store import Snapshot

DECIMALS = 6
STATIONS, TOTALS = "stations", "totals"


def layers_of(seen: Snapshot, *, stations: bool) -> dict[str, gpd.GeoDataFrame]:
    """The layers of a snapshot as its reader may see it, longitude and latitude (EPSG:4326).

    Parameters
    ----------
    seen
        See `geocover.report.audience.seen_by`.
    stations
        Whether the reader may see any stations.

    Returns
    -------
    "communes" (full boundaries), "coverage" (a row a commune, technology, operator and profile; boundaries
    simplified to 150 m, shared ones kept shared), "gaps", "places" (with what any operator reaches by the
    main profiles), "reach" (a row a place, operator and profile) and, by right, "stations".
    """
    layers = {
        "communes": seen.communes,
        "coverage": _coverage(seen),
        "gaps": seen.gaps.round(GAP_ROUNDING).assign(evidence="predicted"),
        "places": with_reach(_located(seen.places), seen),
        "reach": _reach(seen),
    }
    if stations:
        layers[STATIONS] = seen.stations.assign(evidence="declared")
    return {name: gpd.GeoDataFrame(_stamped(table, seen), crs=WGS84) for name, table in layers.items()}


def totals_of(seen: Snapshot) -> pd.DataFrame:
    """Shares of the province, a row a technology, operator, profile and basis."""
    units = seen.totals["basis"].map(UNITS)
    return _stamped(seen.totals.assign(unit=units), seen)


def _stamped(table: pd.DataFrame, seen: Snapshot) -> pd.DataFrame:
    stamped = stamp(seen)
    numbers = table.select_dtypes("float").columns
    rounded = table.assign(**{name: table[name].round(DECIMALS) for name in numbers})
    return rounded.drop(columns=list(stamped), errors="ignore").assign(**stamped)


def _coverage(seen: Snapshot) -> gpd.GeoDataFrame:
    communes = seen.communes[["code", "name", "type", "geometry"]]
    table = communes.set_geometry(simplified(seen)).merge(wide_shares(seen), on="code")
    return table.sort_values(KEYS, kind="stable", ignore_index=True)


def _located(places: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Places with longitude and latitude as columns too, for the formats without geometry."""
    at = places.geometry.representative_point()
    return places.assign(lon=at.x, lat=at.y)


def _reach(seen: Snapshot) -> gpd.GeoDataFrame:
    """Make a row a place, operator, technology and profile."""
    places = _located(seen.places)[["id", "name", "commune_code", "lon", "lat", "geometry"]]
    table = places.merge(seen.reach, on="id")
    return table.sort_values(["id", "technology", "operator", "profile"], kind="stable", ignore_index=True)
