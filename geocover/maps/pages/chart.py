"""A line chart over dates as plain numbers for an SVG template: lines with bands, and ticks."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

WIDTH, HEIGHT = 480, 236
LEFT, RIGHT, TOP, BOTTOM = 58, 48, 14, 40
APART = 18.0
STEPS = (1, 2, 5, 10, 20, 25)
MOST_TICKS = 5


@dataclass(frozen=True)
class Point:
    """A value between 0 and 100 on a day, with its interval."""

    date: str
    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Line:
    """A line of the chart: points as pairs of pixels, the path through them, and the band's outline."""

    name: str
    points: list[tuple[float, float]]
    path: str
    band: str
    end: tuple[float, float]


@dataclass(frozen=True)
class Chart:
    """A chart: its lines, and ticks as (pixel, value) and (pixel, date)."""

    lines: list[Line]
    values: list[tuple[float, float]]
    dates: list[tuple[float, str]]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    bottom: int = HEIGHT - BOTTOM


def line_chart(series: Sequence[tuple[str, Sequence[Point]]]) -> Chart:
    """Place series of points, each with its name, on one pair of axes.

    The axis of values spans what is drawn, in whole steps, never beyond 0 and 100.
    """
    points = [one for _, line in series for one in line]
    dates = sorted({one.date for one in points})
    bounds = _bounds([one.low for one in points] + [one.high for one in points])
    xs = _places(dates)
    lines = _apart([_line(name, line, xs, bounds) for name, line in series])
    ticks = [(_y(value, bounds), value) for value in _ticks(bounds)]
    return Chart(lines, ticks, [(xs[date], date) for date in _thinned(dates)])


def _bounds(values: Sequence[float]) -> tuple[float, float, float]:
    """Lowest and highest value of the axis, and its step."""
    low, high = min(values), max(values)
    step = next((one for one in STEPS if (high - low) / one <= MOST_TICKS - 2), STEPS[-1])
    bottom = max(0.0, low // step * step)
    top = min(100.0, -(-high // step) * step)
    return (bottom, top, step) if top > bottom else (max(0.0, top - step), max(top, step), step)


def _ticks(bounds: tuple[float, float, float]) -> list[float]:
    low, high, step = bounds
    return [low + step * index for index in range(round((high - low) / step) + 1)]


def _places(dates: Sequence[str]) -> dict[str, float]:
    """Pixel of each date; by the days between them."""
    days = [dt.date.fromisoformat(one).toordinal() for one in dates]
    span = max(days[-1] - days[0], 1)
    width = WIDTH - LEFT - RIGHT
    return {
        date: round(LEFT + width * (day - days[0]) / span, 1) for date, day in zip(dates, days, strict=True)
    }


def _thinned(dates: Sequence[str]) -> list[str]:
    """At most so many dates that their labels do not overlap, the last among them."""
    every = -(-len(dates) // MOST_TICKS)
    return list(reversed(list(reversed(dates))[::every]))


def _y(value: float, bounds: tuple[float, float, float]) -> float:
    low, high, _ = bounds
    return round(TOP + (HEIGHT - TOP - BOTTOM) * (high - value) / (high - low), 1)


def _line(
    name: str, points: Sequence[Point], xs: dict[str, float], bounds: tuple[float, float, float]
) -> Line:
    at = [(xs[one.date], _y(one.value, bounds)) for one in points]
    upper = [(xs[one.date], _y(one.high, bounds)) for one in points]
    lower = [(xs[one.date], _y(one.low, bounds)) for one in reversed(points)]
    return Line(name, at, _pairs(at), _pairs([*upper, *lower]), at[-1])


def _apart(lines: Sequence[Line]) -> list[Line]:
    """Move the names at the ends of lines apart where they would overlap."""
    ends: dict[str, float] = {}
    for line in sorted(lines, key=lambda one: one.end[1]):
        ends[line.name] = max(line.end[1], max(ends.values(), default=-APART) + APART)
    return [replace(line, end=(line.end[0], ends[line.name])) for line in lines]


def _pairs(points: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x:g},{y:g}" for x, y in points)
