"""Rows of a list as points for a map."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))
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
    features = _features(rows) if len(rows) else []
    counts = {"rows": len(rows), "placed": len(features), "operator": operator}
    head = f'{{"type":"FeatureCollection","metadata":{ENCODER.encode(counts)},"features":['
    return f"{head}{','.join(features)}]}}".encode()


def _features(rows: pd.DataFrame) -> list[str]:
    """Features of the rows with a position, as JSON: for each row only what differs is written anew."""
    placed = rows[np.isfinite(rows["lon"].to_numpy(float)) & np.isfinite(rows["lat"].to_numpy(float))]
    sheets = {sheet: ENCODER.encode(sheet) for sheet in placed["sheet"].unique()}
    columns = [placed[name].to_numpy(float).round(DECIMALS).tolist() for name in ("lon", "lat")]
    columns += [[sheets[sheet] for sheet in placed["sheet"]], placed["row"].astype(int).tolist()]
    columns += [np.where(placed["accepted"].to_numpy(bool), "accepted", "rejected").tolist()]
    return [
        f'{{"type":"Feature","geometry":{{"type":"Point","coordinates":[{lon!r},{lat!r}]}},'
        f'"properties":{{"sheet":{sheet},"row":{row},"status":"{status}","name":{ENCODER.encode(name)}}}}}'
        for lon, lat, sheet, row, status, name in zip(*columns, _names(placed), strict=True)
    ]


def _names(rows: pd.DataFrame) -> list[str]:
    """The first name that each row has."""
    found = np.full(len(rows), "", object)
    for name in NAMES:
        found = np.where(found == "", rows[name].to_numpy(object), found)
    return [str(one) for one in found]
