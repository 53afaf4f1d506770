"""A calibration as files: all figures as JSON, every bin as CSV and GeoJSON."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, astuple
from typing import TYPE_CHECKING

import geopandas as gpd

from geocover.calibration.remarks import remarks
from geocover.crs import WGS84
from geocover.errors import InputError
from geocover.io.atomic import atomic_path
from geocover.io.csv_tables import write_csv
from geocover.io.vector import write_vector

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from geocover.calibration.agreement import Agreement
    from geocover.calibration.result import Calibration

DECIMALS = 3
# Columns of the tables, and decimals of their numbers (degrees: a centimetre).
BIN_COLUMNS = {
    "lon": 7,
    "lat": 7,
    "points": None,
    "rsrp_dbm": 2,
    "spread_db": 2,
    "predicted_dbm": 2,
    "best_dbm": 2,
    "residual_db": 2,
    "out_of_fold_db": 2,
    "distance_m": 1,
    "cell_id": None,
    "match": None,
    "environment": None,
    "block": None,
    "fold": None,
}


def calibration_dict(result: Calibration) -> dict[str, object]:
    """All figures with their counts, as plain JSON values; what is not defined is None."""
    figures = {
        "inputs": _inputs(result),
        "counts": _counts(result),
        "residuals": {
            "overall": asdict(result.overall),
            "by_distance": [
                {"to_m": upper if upper < math.inf else None, **asdict(each)}
                for upper, each in result.by_distance.items()
            ],
            "by_environment": {name: asdict(each) for name, each in result.by_environment.items()},
            "correlation": result.correlation,
            "within_bin_sd_db": result.spread_db,
        },
        "fit": {
            **asdict(result.fit),
            "offset_interval_db": list(astuple(result.intervals[0])),
            "sigma_interval_db": list(astuple(result.intervals[1])),
        },
        "cross_validation": {"folds": result.folds, **asdict(result.validated)},
        "agreement": {name: _agreement(each) for name, each in result.agreement.items()},
        "advice": result.advice,
        "remarks": [each._asdict() for each in remarks(result)],
    }
    plain = _plain(figures)
    assert isinstance(plain, dict)  # noqa: S101  a dict stays one; tells the type checker
    return plain


def _inputs(result: Calibration) -> dict[str, object]:
    return {
        "drive_test": result.test.source,
        "columns": dict(result.test.columns),
        "network": result.network.source,
        "operator": result.network.operators()[0],
        "cells": len(result.network),
        "assumed_share": result.network.assumed_share(),
        "illustrative": result.network.illustrative,
        "terrain": result.terrain_source,
        "model": result.model.describe(),
        "profile": result.profile.describe(),
        "crs": result.crs,
        "settings": asdict(result.settings),
    }


def _counts(result: Calibration) -> dict[str, object]:
    matches = result.bins["match"].value_counts()
    return {
        "rows_read": result.test.rows_read,
        "rows_used": int(result.bins["points"].sum()),
        "rows_without_prediction": result.lost_points,
        "rows_set_aside": {
            each.reason: {"rows": each.rows, "first_row": each.first_row} for each in result.test.set_aside
        },
        "bins": len(result.bins),
        "bins_without_prediction": result.lost_bins,
        "bins_by_match": {str(name): int(count) for name, count in sorted(matches.items())},
        "blocks": result.blocks,
    }


def _agreement(each: Agreement) -> dict[str, object]:
    return {
        **asdict(each),
        "bins": each.bins,
        "hit_rate": each.hit_rate,
        "false_alarm_rate": each.false_alarm_rate,
        "kappa": each.kappa,
    }


def _plain(value: object) -> object:
    """Round numbers; what JSON cannot say is None."""
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, float):
        return round(value, DECIMALS) if math.isfinite(value) else None
    return value


def json_text(result: Calibration) -> str:
    """The figures as JSON text; the same figures give the same text."""
    return json.dumps(calibration_dict(result), ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def write_calibration(result: Calibration, folder: Path) -> list[Path]:
    """Write ``calibration.json``, ``residuals.csv`` and ``residuals.geojson``; give their paths.

    Other files of the folder stay as they are; each file appears whole or not at all.
    """
    figures, table, places = (
        folder / name for name in ("calibration.json", "residuals.csv", "residuals.geojson")
    )
    rows = bin_table(result)
    with atomic_path(figures) as temporary:
        temporary.write_text(json_text(result), encoding="utf-8", newline="\n")
    write_csv(rows, table)
    frame = gpd.GeoDataFrame(
        rows.drop(columns=["lon", "lat"]), geometry=gpd.points_from_xy(rows["lon"], rows["lat"]), crs=WGS84
    )
    metadata = {"drive_test": result.test.source, "illustrative": result.network.illustrative}
    write_vector(frame, places, metadata, error=InputError)
    return [figures, table, places]


def bin_table(result: Calibration) -> pd.DataFrame:
    """One row a bin, the columns of `BIN_COLUMNS`, rounded."""
    decimals = {name: places for name, places in BIN_COLUMNS.items() if places is not None}
    return result.bins[list(BIN_COLUMNS)].round(decimals)
