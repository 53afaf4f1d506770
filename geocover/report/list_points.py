"""Rows of a list as points for a map."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from geocover.report.answers import to_json

if TYPE_CHECKING:
    import pandas as pd

DECIMALS = 6  # 0.1 m
NAMES = ("station_name", "station_id", "position_id")


def points_geojson(rows: pd.DataFrame, operator: str) -> bytes:
    """FeatureCollection (RFC 7946) of the rows that have a position, accepted or not.

    Parameters
    ----------
    rows
        As `geocover.site_lists.checked.CheckedList.rows`.
    operator
        Whose list it is.

    Returns
    -------
    Properties: ``sheet``, ``row`` (as in the owner's file), ``status`` ("accepted" or "rejected") and
    ``name``; the member "metadata" counts the rows, those without a position too.
    """
    features: list[dict[str, Any]] = []
    if len(rows):
        placed = rows[np.isfinite(rows["lon"].to_numpy(float)) & np.isfinite(rows["lat"].to_numpy(float))]
        columns = [placed["lon"].round(DECIMALS), placed["lat"].round(DECIMALS)]
        columns += [placed["sheet"], placed["row"], placed["accepted"], _names(placed)]
        features = [_feature(*values) for values in zip(*columns, strict=True)]
    counts = {"rows": len(rows), "placed": len(features), "operator": operator}
    return to_json({"type": "FeatureCollection", "metadata": counts, "features": features})


def _names(rows: pd.DataFrame) -> list[str]:
    """The first name that each row has."""
    found = np.full(len(rows), "", object)
    for name in NAMES:
        found = np.where(found == "", rows[name].to_numpy(object), found)
    return [str(one) for one in found]


def _feature(lon: float, lat: float, sheet: str, row: int, accepted: object, name: str) -> dict[str, Any]:
    status = "accepted" if accepted else "rejected"
    properties = {"sheet": sheet, "row": int(row), "status": status, "name": name}
    point = {"type": "Point", "coordinates": [float(lon), float(lat)]}
    return {"type": "Feature", "geometry": point, "properties": properties}
