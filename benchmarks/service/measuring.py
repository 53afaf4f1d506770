"""Rounds in turn: what each server answered in a second, how long each answer took, and what it cost."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from benchmarks.service.client import Load, Task, in_own_process
from benchmarks.service.servers import Server
from benchmarks.table import digits

WARM_S = 0.4


@dataclass(frozen=True)
class Figures:
    """Of one server and case.

    Attributes
    ----------
    per_s
        Answers a second, the median of the rounds.
    cpu_s
        Processor time an answer, with the database's; the median of the rounds.
    bytes
        Of a body as it is sent, the mean.
    p50_s, p99_s
        Time of an answer, of all rounds together.
    """

    per_s: float
    cpu_s: float
    bytes: float
    p50_s: float
    p99_s: float

    def __str__(self) -> str:
        times = f"p50 {digits(1e3 * self.p50_s)}, p99 {digits(1e3 * self.p99_s)} ms"
        return f"{times}, processor {digits(1e3 * self.cpu_s)} ms"


def percentile(values: Sequence[float], share: float) -> float:
    """Smallest value that no less than a share of all does not exceed; 0 without any."""
    if not values:
        return 0.0
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def summed_up(rounds: Sequence[tuple[Load, float]]) -> Figures:
    """Sum up rounds: the load of each, and its processor time in seconds."""
    latencies = [one for load, _ in rounds for one in load.latencies_s]
    return Figures(
        statistics.median(load.per_s for load, _ in rounds),
        statistics.median(cpu_s / load.answers for load, cpu_s in rounds),
        sum(load.bytes for load, _ in rounds) / sum(load.answers for load, _ in rounds),
        percentile(latencies, 0.5),
        percentile(latencies, 0.99),
    )


def measured(server: Server, task: Task) -> tuple[Load, float]:
    """Do a task at a server; what came of it, and the server's processor time in seconds."""
    before = server.cpu_s()
    load = in_own_process(task)
    return load, server.cpu_s() - before


def in_turn(servers: Sequence[Server], tasks: Mapping[str, Task], rounds: int) -> dict[str, Figures]:
    """Measure servers in turn, again and again, after a round that does not count; by their names.

    Raises
    ------
    ClientError
        If a server answers otherwise than it should.
    """
    for server in servers:
        in_own_process(_turned(tasks[server.name], 0, rounds))
    found: dict[str, list[tuple[Load, float]]] = {server.name: [] for server in servers}
    for number in range(1, rounds + 1):
        for server in servers:
            found[server.name].append(measured(server, _turned(tasks[server.name], number, rounds)))
    return {name: summed_up(one) for name, one in found.items()}


def _turned(task: Task, number: int, rounds: int) -> Task:
    """Give the task of a round: each begins elsewhere, so that long lists do not repeat; 0 is the warm-up."""
    start = len(task.paths) * number // (rounds + 1)
    seconds = task.seconds if number else min(WARM_S, task.seconds)
    return replace(task, paths=[*task.paths[start:], *task.paths[:start]], seconds=seconds)
