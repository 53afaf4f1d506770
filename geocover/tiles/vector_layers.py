"""What the vector tiles hold: communes, gaps, places and stations, prepared for each zoom when asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import shapely

from geocover.coverage import ANY
from geocover.tiles.encoding import EXTENT, Features, rounded, without_specks
from geocover.tiles.gathering import gather, plain_rows
from geocover.tiles.matrix import HALF_WORLD_M, WEB_MERCATOR

if TYPE_CHECKING:
    import geopandas as gpd
    import numpy as np
    from numpy.typing import NDArray

    from geocover.store import Snapshot

PIXEL = EXTENT // 256
SIMPLER = 0.25 * PIXEL  # root of the area of the corners that are left out: no line moves by a pixel
GAP_SIMPLER = 0.5 * PIXEL  # an outline is moved by less
SPECK = 1.0 * PIXEL**2  # holes and parts of a gap that are smaller are not drawn
SMALL_GAP = 4.0 * PIXEL**2  # gaps below four pixels are gathered into points
ALONE_FROM_ZOOM = 12  # stations are shown each by itself
DECIMALS = {"area_km2": 3, "people": 1}
SHARE_DECIMALS = 4
COMMUNE_COLUMNS = ("code", "name", "type")
GAP_COLUMNS = ("id", "technology", "profile", "area_km2", "people", "commune_codes")
PLACE_COLUMNS = ("id", "name", "kind", "commune_code", "status")
STATION_COLUMNS = ("station_id", "position_id", "operator", "technology", "on_air", "cells")
STATION_KINDS = ("technology", "operator")


def communes(snapshot: Snapshot, zoom: int) -> list[Features]:
    """Communes, simplified together so that shared borders stay shared, with shares by the main profiles."""
    told = _plain(snapshot.communes, COMMUNE_COLUMNS)
    for technology, profile in _main_profiles(snapshot):
        for basis in ("area", "population"):
            name = f"{basis}_share_{technology.lower()}"
            told[name] = (
                snapshot.communes["code"].map(_shares(snapshot, profile, basis)).round(SHARE_DECIMALS)
            )
    return [Features("communes", _outlines(snapshot.communes, zoom), plain_rows(told))]


def gaps(snapshot: Snapshot, zoom: int) -> list[Features]:
    """Gaps; those below four pixels as points, each for all of its technology within a cell of the tile."""
    table = _plain(snapshot.gaps, GAP_COLUMNS).round(DECIMALS)
    shapes = _units(snapshot.gaps, zoom)
    outlines = rounded(without_specks(shapely.simplify(shapes, GAP_SIMPLER), SPECK))
    small = (shapely.area(shapes) < SMALL_GAP) | shapely.is_empty(outlines)
    inside = shapely.get_coordinates(shapely.point_on_surface(shapes[small]))
    kinds = ("technology", "profile")
    points, gathered = gather(table[small], inside, kinds, sums=("area_km2", "people"))
    for one in gathered:
        one.update(
            {name: round(one[name], digits) for name, digits in DECIMALS.items() if one[name] is not None}
        )
    drawn = Features("gaps", outlines[~small], plain_rows(table[~small]))
    return [drawn, Features("gap_points", points, gathered)]


def places(snapshot: Snapshot, zoom: int) -> list[Features]:
    """Commune centres, parks and other places, and whether any operator reaches them by main profiles."""
    told = _plain(snapshot.places, PLACE_COLUMNS)
    reach = snapshot.reach[snapshot.reach["operator"] == ANY]
    for technology, profile in _main_profiles(snapshot):
        rows = reach[reach["profile"] == profile].set_index("id")
        for name in ("reached", "certainty"):
            told[f"{name}_{technology.lower()}"] = told["id"].map(rows[name])
    return [Features("places", _units(snapshot.places, zoom), plain_rows(told))]


def stations(snapshot: Snapshot, zoom: int) -> list[Features]:
    """Stations; below zoom 12 gathered by operator and technology within a cell of the tile."""
    told, shapes = _plain(snapshot.stations, STATION_COLUMNS), _units(snapshot.stations, zoom)
    if zoom < ALONE_FROM_ZOOM and len(told):
        points, properties = gather(told, shapely.get_coordinates(shapes), STATION_KINDS, sums=("cells",))
    else:
        points, properties = shapes, [{"count": 1, **row} for row in plain_rows(told)]
    return [Features("stations", points, properties)]


LAYERS = {"communes": communes, "gaps": gaps, "places": places, "stations": stations}
_GAP_FIELDS = {
    "id": "String", "technology": "String", "profile": "String", "area_km2": "Number", "people": "Number",
    "commune_codes": "String",
}  # fmt: skip
# Layers within the tiles of each, with their fields.
FIELDS = {
    "communes": {
        "communes": {
            "code": "String", "name": "String", "type": "String",
            **{f"{basis}_share_{one}": "Number" for one in ("4g", "5g") for basis in ("area", "population")},
        },
    },
    "gaps": {"gaps": _GAP_FIELDS, "gap_points": {"count": "Number", **_GAP_FIELDS}},
    "places": {
        "places": {
            **dict.fromkeys(PLACE_COLUMNS, "String"),
            **{f"reached_{one}": "Boolean" for one in ("4g", "5g")},
            **{f"certainty_{one}": "String" for one in ("4g", "5g")},
        },
    },
    "stations": {
        "stations": {"count": "Number", **dict.fromkeys(STATION_COLUMNS, "String"), "cells": "Number"},
    },
}  # fmt: skip


def _main_profiles(snapshot: Snapshot) -> list[tuple[str, str]]:
    """Technologies with their main profile."""
    found = ((technology, snapshot.main_profile(technology)) for technology in snapshot.operators)
    return [(technology, profile) for technology, profile in found if profile is not None]


def _shares(snapshot: Snapshot, profile: str, basis: str) -> pd.Series[Any]:
    """Share of each commune that any operator covers."""
    shares = snapshot.shares
    keep = (shares["operator"] == ANY) & (shares["profile"] == profile) & (shares["basis"] == basis)
    return shares[keep].set_index("code")["share"]


def _plain(table: pd.DataFrame, columns: tuple[str, ...]) -> pd.DataFrame:
    """Give some columns, with an index from 0."""
    return pd.DataFrame(table[list(columns)]).reset_index(drop=True)


def _outlines(table: gpd.GeoDataFrame, zoom: int) -> NDArray[np.object_]:
    """Polygons that share borders, simpler by zoom, on whole units."""
    return rounded(shapely.coverage_simplify(_units(table, zoom), SIMPLER))


def _units(table: gpd.GeoDataFrame, zoom: int) -> NDArray[np.object_]:
    """Shapes in units of which a tile has 4096 a side, from the world's north-west corner, y down."""
    mercator = table.geometry.to_crs(WEB_MERCATOR).to_numpy()
    scale = EXTENT * 2**zoom / (2 * HALF_WORLD_M)
    placed: NDArray[np.object_] = shapely.transform(
        mercator, lambda at: (at * (1, -1) + HALF_WORLD_M) * scale
    )
    return placed
