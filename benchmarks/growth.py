"""Rows of a whole province: its time and memory, and and how they grow with its size."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from benchmarks.province import SITES, Case, Result, ground, in_own_process
from benchmarks.table import Amount, Row

# The prototype of the engine at 30 m, on two cores of a Zen 4 machine: a mark not to fall behind.
PROTOTYPE_S = {5_000: 23.6, 10_000: 126.0}
BASE = Case(resolution_m=90, radius_m=5_000)


def province_rows(folder: Path) -> list[Row]:
    """All 9,283 sites of three sectors at 30 m and 90 m, within 5 km and 10 km, all cores."""
    elevation = ground(folder)
    rows = []
    for resolution_m in (90, 30):
        for radius_m in (5_000, 10_000):
            case = Case(resolution_m, radius_m)
            rows += case_rows(case, in_own_process(elevation, case))
    return rows


def case_rows(case: Case, result: Result) -> list[Row]:
    """Time, memory and one changed site of a case."""
    what = f"{case.sites:,} sites, {case.resolution_m} m, {case.radius_m // 1000} km, {case.threads} threads"
    mark_s = PROTOTYPE_S.get(case.radius_m) if case.resolution_m == 30 else None
    other = Amount(mark_s, "s") if mark_s else ""
    whole = Amount(result.seconds, "s")
    note = "beside the prototype on two Zen 4 cores" if mark_s else "own process, compiled before"
    return [
        Row(f"{what}: time", whole, other, figure=f"{case.figure}.time", note=note),
        Row(f"{what}: peak memory", Amount(result.peak_gib, "GiB"), "", figure=f"{case.figure}.memory"),
        Row(
            f"{what}: one changed site beside all",
            Amount(result.changed_s, "s"),
            whole,
            figure=f"{case.figure}.changed",
            note="update(): one site loses 3 dB; same bits as all anew",
        ),
    ]


def growth_rows(folder: Path) -> list[Row]:
    """Time beside what proportional growth from the smaller case would take."""
    elevation = ground(folder)
    base = in_own_process(elevation, BASE)
    steps = (
        ("sites ×1/4 → 1", replace(BASE, sites=SITES // 4), BASE, 4.0, "proportional to sites"),
        ("radius 2.5 km → 5 km", replace(BASE, radius_m=2_500), BASE, 8.0, "pixels × length of profile"),
        (
            "resolution 90 m → 60 m",
            BASE,
            replace(BASE, resolution_m=60),
            1.5**3,
            "pixels × length of profile",
        ),
        ("threads 1 → 2", replace(BASE, threads=1), BASE, 0.5, "half the time"),
    )
    rows = []
    for name, small, large, times, law in steps:
        first, second = (base if case == BASE else in_own_process(elevation, case) for case in (small, large))
        rows.append(grown(name, (first, second), times, law))
    return rows


def grown(name: str, results: tuple[Result, Result], times: float, law: str) -> Row:
    """One step of growth: the larger case's time beside the smaller one's times a factor."""
    small, large = results
    expected = Amount(small.seconds * times, "s")
    note = f"{law}: ×{times:g} of {Amount(small.seconds, 's')}"
    return Row(f"province at 90 m, 5 km: {name}", Amount(large.seconds, "s"), expected, note=note)
