"""Temporal functions of CQL2 over moments and intervals (OGC 21-065r2, section 7.8; Allen's relations)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, eq=False)
class Span:
    """From a first to a last moment, microseconds since 1970; of each feature or one for all."""

    start: Any
    end: Any
    missing: Any = False


def _after(a: Span, b: Span) -> Any:  # noqa: ANN401  arrays or single values
    return a.start > b.end


def _intersects(a: Span, b: Span) -> Any:  # noqa: ANN401
    return (a.start <= b.end) & (a.end >= b.start)


SPANS: dict[str, Callable[[Span, Span], Any]] = {
    "t_after": _after,
    "t_before": lambda a, b: _after(b, a),
    "t_contains": lambda a, b: (a.start < b.start) & (a.end > b.end),
    "t_disjoint": lambda a, b: ~np.asarray(_intersects(a, b)),
    "t_during": lambda a, b: (a.start > b.start) & (a.end < b.end),
    "t_equals": lambda a, b: (a.start == b.start) & (a.end == b.end),
    "t_finishedby": lambda a, b: (a.start < b.start) & (a.end == b.end),
    "t_finishes": lambda a, b: (a.start > b.start) & (a.end == b.end),
    "t_intersects": _intersects,
    "t_meets": lambda a, b: a.end == b.start,
    "t_metby": lambda a, b: a.start == b.end,
    "t_overlappedby": lambda a, b: (a.start > b.start) & (a.start < b.end) & (a.end > b.end),
    "t_overlaps": lambda a, b: (a.start < b.start) & (a.end > b.start) & (a.end < b.end),
    "t_startedby": lambda a, b: (a.start == b.start) & (a.end > b.end),
    "t_starts": lambda a, b: (a.start == b.start) & (a.end < b.end),
}
