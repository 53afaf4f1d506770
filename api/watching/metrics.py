"""What is counted, for Prometheus; over all workers where there are several.

Labels hold route templates, known methods and statuses, never what a client wrote.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# Read by prometheus-client itself when it is imported: workers write their numbers into files there.
FOLDER_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
KNOWN_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"})
ELSEWHERE = "elsewhere"
MEDIA_TYPE = CONTENT_TYPE_LATEST

OWN = CollectorRegistry()
REQUESTS = Counter(
    "geocover_requests", "Requests answered", ("method", "route", "status"), registry=OWN
)  # fmt: skip
SECONDS = Histogram(
    "geocover_request_seconds", "Time until an answer was whole", ("route",), buckets=BUCKETS_S, registry=OWN
)
SENT = Counter("geocover_response_bytes", "Bytes of bodies sent", registry=OWN)
IN_FLIGHT = Gauge(
    "geocover_requests_in_flight", "Requests under way", registry=OWN, multiprocess_mode="livesum"
)
REMEMBERED = Counter("geocover_remembered_answers", "Answers given again without work", registry=OWN)
RATE_LIMITED = Counter("geocover_rate_limited", "Requests refused as too many", ("counted_to",), registry=OWN)


def count_request(method: str, route: str | None, status: int, seconds: float, sent: int) -> None:
    """Count an answered request.

    Parameters
    ----------
    method, route, status
        Of the request; the route is its template, None where there is none.
    seconds
        Until the answer was whole.
    sent
        Bytes of the body.
    """
    told = route or ELSEWHERE
    REQUESTS.labels(method if method in KNOWN_METHODS else "OTHER", told, status).inc()
    SECONDS.labels(told).observe(seconds)
    SENT.inc(sent)


def exposition(states: Mapping[str, Mapping[str, float]]) -> bytes:
    """Everything counted, in Prometheus' text format.

    Parameters
    ----------
    states
        Further gauges, as they are now: name to values by state; a single value has the state "".
    """
    now = CollectorRegistry()
    for name, values in states.items():
        gauge = Gauge(
            name, f"{name.removeprefix('geocover_')} as they are now", _label(values), registry=None
        )
        for state, value in values.items():
            (gauge.labels(state) if state else gauge).set(value)
        now.register(gauge)
    return _counted() + generate_latest(now)


def _label(values: Mapping[str, float]) -> tuple[str, ...]:
    return () if "" in values else ("state",)


def _counted() -> bytes:
    folder = os.environ.get(FOLDER_VARIABLE)
    if folder is None:
        return generate_latest(OWN)
    _forget_dead(Path(folder))
    workers = CollectorRegistry()
    MultiProcessCollector(workers, path=folder)  # type: ignore[no-untyped-call]
    return generate_latest(workers)


def _forget_dead(folder: Path) -> None:
    """Take the gauges of workers that died out of the sums."""
    for pid in set(_workers(folder)):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            mark_process_dead(pid, path=str(folder))  # type: ignore[no-untyped-call]


def _workers(folder: Path) -> Iterator[int]:
    for file in folder.glob("gauge_live*_*.db"):
        number = file.stem.rpartition("_")[2]
        if number.isdecimal():
            yield int(number)
