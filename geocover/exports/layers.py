"""The tables of an export: every row says of which date and snapshot it is, and whether it is made up."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import shapely

from geocover.coverage import ANY
from geocover.crs import WGS84
from geocover.report.answers import NUMBERS, UNITS
from geocover.report.collections import GAP_ROUNDING, MAP_TOLERANCE_M

if TYPE_CHECKING:
    import pandas as pd

    from geocover.store import Snapshot

DECIMALS = 6
STATIONS, TOTALS = "stations", "totals"
KEYS = ["code", "technology", "operator", "profile"]
REACH = ("profile", "reached", "certainty", "level_dbm", "area_share", "accuracy_share", "rests_on")


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
        "places": _places(seen),
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
    stamp = {name: getattr(seen, name) for name in ("as_of", "digest", "illustrative", "schematic")}
    numbers = table.select_dtypes("float").columns
    rounded = table.assign(**{name: table[name].round(DECIMALS) for name in numbers})
    return rounded.drop(columns=list(stamp), errors="ignore").assign(snapshot=seen.id, **stamp)


def _coverage(seen: Snapshot) -> gpd.GeoDataFrame:
    """Make a row a commune, technology, operator and profile; the numbers of both bases beside each other."""
    shares = seen.shares
    table = shares[[*KEYS, "evidence", "assumed_share"]].drop_duplicates(KEYS)
    for basis in UNITS:
        rows = shares.loc[shares["basis"] == basis, [*KEYS, *NUMBERS]]
        named = rows.rename(columns={one: f"{basis}_{one}" for one in NUMBERS})
        table = table.merge(named, on=KEYS, how="left")
    communes = seen.communes[["code", "name", "type", "geometry"]]
    table = communes.set_geometry(_simplified(seen)).merge(table, on="code")
    return table.sort_values(KEYS, kind="stable", ignore_index=True)


def _simplified(seen: Snapshot) -> gpd.GeoSeries:
    projected = seen.communes.geometry.to_crs(seen.grid.crs)
    simple = shapely.coverage_simplify(projected.to_numpy(), MAP_TOLERANCE_M)
    return gpd.GeoSeries(simple, index=projected.index, crs=projected.crs).to_crs(WGS84)


def _located(places: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Places with longitude and latitude as columns too, for the formats without geometry."""
    at = places.geometry.representative_point()
    return places.assign(lon=at.x, lat=at.y)


def _places(seen: Snapshot) -> gpd.GeoDataFrame:
    """Places with what any operator reaches by the main profile of each technology."""
    table = _located(seen.places).assign(operator=ANY, evidence="predicted")
    for technology in sorted(seen.operators):
        profile = seen.main_profile(technology)
        rows = seen.reach[(seen.reach["operator"] == ANY) & (seen.reach["profile"] == profile)]
        end = technology.lower()
        named = {one: f"level_{end}_dbm" if one == "level_dbm" else f"{one}_{end}" for one in REACH}
        table = table.merge(rows[["id", *REACH]].rename(columns=named), on="id", how="left")
    return table


def _reach(seen: Snapshot) -> gpd.GeoDataFrame:
    """Make a row a place, operator, technology and profile."""
    places = _located(seen.places)[["id", "name", "commune_code", "lon", "lat", "geometry"]]
    table = places.merge(seen.reach, on="id")
    return table.sort_values(["id", "technology", "operator", "profile"], kind="stable", ignore_index=True)
