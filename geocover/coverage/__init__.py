"""Coverage: what is received where, per operator and technology, and how it is computed."""

from __future__ import annotations

from geocover.coverage.predicting import TILE, Work, predict
from geocover.coverage.result import ALL, ANY, Coverage
from geocover.coverage.sites import FLOOR_DBM, MAX_REACH_M, RX_HEIGHT_M, Layer
from geocover.coverage.updating import update

__all__ = [
    "ALL",
    "ANY",
    "FLOOR_DBM",
    "MAX_REACH_M",
    "RX_HEIGHT_M",
    "TILE",
    "Coverage",
    "Layer",
    "Work",
    "predict",
    "update",
]
