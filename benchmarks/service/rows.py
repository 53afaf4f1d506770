"""Rows of the tables: the service beside tipg, pygeoapi and titiler, and beside what bounds it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import geopandas as gpd
import httpx

from benchmarks.service import peers
from benchmarks.service.cases import (
    KEYS,
    PEERS,
    Case,
    Request,
    TileCase,
    alike,
    cases,
    differences,
    snapshot_of,
    tile_cases,
)
from benchmarks.service.client import Task
from benchmarks.service.measuring import Figures, in_turn, measured, summed_up
from benchmarks.service.servers import Program, Server, ServerError, bare, ours, raw, running, settle
from benchmarks.table import Amount, Row, digits

OURS, MANY = "geocover", 4
CONNECTIONS = {1: 4, MANY: 8}
LEAST = {"tipg": 3.0, "pygeoapi": 10.0}
TILE_P99_S = 0.020
PICTURES, LEAST_ALIKE = 5, 0.95  # of the first tiles, which are not measured; edges of classes may differ
BROWSER = 6  # connections that a browser has with a server
BOUND_SIZES = (5_500, 365_000, 3_400_000)  # bytes of pages of 10, 1,000 and all stations
ASKED, AGAIN = "geocover_requests_total{", "geocover_remembered_answers_total"
STATUSES = (200, 204, 304)
BEYOND = (*STATUSES, 404)  # of titiler, for a tile without data
Sections = dict[str, list[Row]]


@dataclass(frozen=True)
class Effort:
    """How long it is measured: seconds of a round, rounds, names of the cases (none: all), workers."""

    seconds: float = 0.6
    rounds: int = 3
    only: tuple[str, ...] = ()
    workers: tuple[int, ...] = (1, MANY)

    def wants(self, name: str) -> bool:
        """Whether a case is measured."""
        return not self.only or name in self.only


@dataclass
class Stand:
    """What is measured, and what it is measured on.

    Attributes
    ----------
    snapshots, folder
        The results that are served, and a folder for whatever servers write.
    effort
        How long.
    programs
        The other servers, by name.
    absent
        Why others are not there, by name.
    tables
        The features that all serve.
    """

    snapshots: Path
    folder: Path
    effort: Effort
    programs: dict[str, Program] = field(default_factory=dict)
    absent: dict[str, str] = field(default_factory=dict)
    tables: dict[str, gpd.GeoDataFrame] = field(default_factory=dict)

    @contextmanager
    def servers(self, workers: int, names: Sequence[str]) -> Iterator[dict[str, Server]]:
        """Give running servers by name; one that does not start counts as absent from then on."""
        with ExitStack() as stack:
            found = {}
            own = ours(self.snapshots, self.folder / f"data-{workers}")
            for name in names:
                program = own if name == OURS else self.programs.get(name)
                if program is None or name in self.absent:
                    continue
                try:
                    found[name] = stack.enter_context(running(program, workers, self.folder))
                except ServerError as error:
                    self.absent[name] = f"failed: {error}"
            if OURS in names and OURS not in found:
                raise ServerError(self.absent[OURS])
            for server in found.values():
                settle(server)
            yield found


def service_sections(snapshots: Path, effort: Effort, *, beside: bool = True) -> Sections:
    """Measure everything; tables by their titles.

    Parameters
    ----------
    snapshots
        Folder of results, of which the newest is served.
    effort
        How long.
    beside
        Whether other servers are measured where they are installed.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="geocover-bench-")))
        stand = Stand(snapshots.resolve(), folder, effort)
        with stand.servers(1, [OURS]) as servers:
            stand.tables = {name: _table(servers[OURS], name) for name in KEYS}
        _prepare(stand, stack, beside=beside)
        sections: Sections = {}
        memory: list[Row] = []
        for workers in effort.workers:
            title = f"Items, {workers} worker{'s' if workers > 1 else ''}"
            sections[title], more = item_rows(stand, workers)
            memory += more
            print(f"measured: {title}", flush=True)
        sections["Tiles, 1 worker"] = tile_rows(stand)
        sections["Memory after the run"] = memory
        sections["What bounds it"] = bound_rows(stand)
        return sections


def _table(server: Server, name: str) -> gpd.GeoDataFrame:
    content = _json(server, Request(name, (("limit", "10000"),)))
    return gpd.GeoDataFrame.from_features(content["features"], crs="EPSG:4326")


def _json(server: Server, request: Request) -> dict[str, Any]:
    answer = httpx.get(f"http://127.0.0.1:{server.port}{request.path(server.name)}", timeout=120)
    answer.raise_for_status()
    content: dict[str, Any] = answer.json()
    return content


def _prepare(stand: Stand, stack: ExitStack, *, beside: bool) -> None:
    """Set up the other servers that are installed, and their database."""
    names = (*PEERS, "titiler")
    if not beside or peers.missing():
        why = "not installed: make bench-api" if beside else "not asked for"
        stand.absent = dict.fromkeys(names, why)
        return
    try:
        database = stack.enter_context(peers.postgis(stand.tables, KEYS))
    except RuntimeError as error:
        stand.absent = dict.fromkeys(PEERS, str(error))
    else:
        stand.programs["tipg"] = peers.tipg(database)
        stand.programs["pygeoapi"] = peers.pygeoapi(database, KEYS, stand.folder)
    stand.programs["titiler"] = peers.titiler()


def item_rows(stand: Stand, workers: int) -> tuple[list[Row], list[Row]]:
    """Measure pages and single features, then memory: rows of both."""
    with stand.servers(workers, [OURS, *PEERS]) as servers:
        _check_same(stand, servers)
        rows = [row for case in cases(stand.tables) if stand.effort.wants(case.name)
                for row in _case_rows(stand, servers, case, workers)]  # fmt: skip
        rows.append(_unchanged_row(stand, servers[OURS], workers))
        again = given_again(servers[OURS])
        return rows, [_memory_row(stand, servers, peer, workers, again) for peer in PEERS]


def _check_same(stand: Stand, servers: dict[str, Server]) -> None:
    """See that peers give what ours gives; one that does not is not measured."""
    for collection, key in KEYS.items():
        whole = Request(collection, (("limit", "10000"),))
        own = _json(servers[OURS], whole)
        for name in [one for one in PEERS if one in servers]:
            why = differences(own, _json(servers[name], whole), key)
            if why:
                del servers[name]
                stand.absent[name] = f"gives something else: {collection}: {why}"


def _case_rows(stand: Stand, servers: dict[str, Server], case: Case, workers: int) -> list[Row]:
    tasks = {
        name: Task(
            server.port, [one.path(name) for one in case.requests], CONNECTIONS[workers],
            stand.effort.seconds, case.headers,
        )
        for name, server in servers.items()
    }  # fmt: skip
    found = in_turn(list(servers.values()), tasks, stand.effort.rounds)
    return [_row(stand, case, peer, found, workers) for peer in PEERS]


def _row(stand: Stand, case: Case, peer: str, found: dict[str, Figures], workers: int) -> Row:
    mine, other = found[OURS], found.get(peer)
    least = LEAST[peer] if case.page else float("nan")
    figure = f"service.{case.name}.w{workers}.{peer}"
    rate = Amount(mine.per_s, "requests/s")
    what = f"{case.what}, beside {peer}"
    if other is None:
        return Row(what, rate, stand.absent[peer], least, figure, f"{mine}")
    ratio = f"{digits(other.cpu_s / mine.cpu_s)} times in processor time"
    return Row(
        what, rate, Amount(other.per_s, "requests/s"), least, figure, f"{ratio}; {mine}; theirs {other}"
    )


def _unchanged_row(stand: Stand, server: Server, workers: int) -> Row:
    """What is asked again and has not changed: 304."""
    path = Request("stations", (("limit", "1000"),)).path(OURS)
    tag = httpx.get(f"http://127.0.0.1:{server.port}{path}", headers={"Accept-Encoding": "identity"}).headers[
        "etag"
    ]
    task = Task(
        server.port, [path], CONNECTIONS[workers], stand.effort.seconds, {"If-None-Match": tag}, (304,)
    )
    found = in_turn([server], {OURS: task}, stand.effort.rounds)[OURS]
    return Row("1,000 stations that the reader holds already (304)", Amount(found.per_s, "requests/s"), "",
               figure=f"service.unchanged.w{workers}", note=str(found))  # fmt: skip


def given_again(server: Server) -> float:
    """Share of our answers to reads of items and tiles that were given before and only sent again."""
    text = httpx.get(f"http://127.0.0.1:{server.port}/metrics", timeout=60).text
    told = dict(line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
    asked = sum(float(count) for name, count in told.items() if name.startswith(ASKED))
    return float(told.get(AGAIN, 0.0)) / asked if asked else 0.0


def _memory_row(stand: Stand, servers: dict[str, Server], peer: str, workers: int, again: float) -> Row:
    mine = Amount(servers[OURS].memory_gib(), "GiB")
    other = Amount(servers[peer].memory_gib(), "GiB") if peer in servers else stand.absent[peer]
    what = f"{workers} worker{'s' if workers > 1 else ''}, beside {peer} with its database"
    note = f"PSS of all processes; {again:.0%} of our answers were kept ones"
    return Row(what, mine, other, figure=f"service.memory.w{workers}.{peer}", note=note)


def tile_rows(stand: Stand) -> list[Row]:
    """Measure tiles of which none was made yet, and the same again."""
    snapshot = snapshot_of(stand.snapshots)
    bounds = tuple(float(one) for one in snapshot.communes.total_bounds)
    rows = []
    for case in tile_cases(snapshot, (bounds[0], bounds[1], bounds[2], bounds[3])):
        if stand.effort.wants(case.name):
            with stand.servers(1, [OURS, case.peer]) as servers:
                rows += _tile_case_rows(stand, servers, case)
    return rows


def _tile_case_rows(stand: Stand, servers: dict[str, Server], case: TileCase) -> list[Row]:
    """Measure one set: cold by one connection, then warm by one and by as many as a browser has."""
    first: int = PICTURES
    rest: dict[str, list[str]] = {}
    for name, server in servers.items():
        paths = case.ours if name == OURS else case.theirs
        measured(server, _tiles(server, paths[:first], 1))  # libraries are loaded by the first
        rest[name] = paths[first:]
    if case.name == "raster" and case.peer in servers:
        _check_pictures(stand, servers, case)
        rest = {name: paths for name, paths in rest.items() if name in servers}
    cold = {name: summed_up([measured(servers[name], _tiles(servers[name], paths, 1))])
            for name, paths in rest.items()}  # fmt: skip
    found = {"cold": cold}
    for what, connections, rounds in (("warm", 1, stand.effort.rounds), ("warm, 6 connections", BROWSER, 1)):
        tasks = {name: _tiles(servers[name], paths, connections) for name, paths in rest.items()}
        found[what] = in_turn(list(servers.values()), tasks, rounds)
    return [row for what, figures in found.items() for row in _tile_figures(stand, case, what, figures)]


def _check_pictures(stand: Stand, servers: dict[str, Server], case: TileCase) -> None:
    """See that the peer draws what ours draws; one that does not is not measured."""
    shares = []
    for paths in zip(case.ours[:PICTURES], case.theirs[:PICTURES], strict=True):
        both = (servers[OURS], servers[case.peer])
        answers = [
            httpx.get(f"http://127.0.0.1:{server.port}{path}", timeout=60)
            for server, path in zip(both, paths, strict=True)
        ]
        if all(one.status_code == 200 for one in answers):
            shares.append(alike(answers[0].content, answers[1].content))
    if not shares or min(shares) < LEAST_ALIKE:
        del servers[case.peer]
        stand.absent[case.peer] = f"draws something else: shares of equal pixels {shares}"


def _tiles(server: Server, paths: list[str], connections: int) -> Task:
    return Task(server.port, paths, connections, 0.0, statuses=STATUSES if server.name == OURS else BEYOND)


def _tile_figures(stand: Stand, case: TileCase, what: str, found: dict[str, Figures]) -> list[Row]:
    mine, other = found[OURS], found.get(case.peer)
    name = f"service.{case.name}.{what.replace(', ', '.').replace(' ', '')}"
    bound = Row(f"{case.what}, {what}: p99", Amount(mine.p99_s, "s"), Amount(TILE_P99_S, "s"), 1.0,
                f"{name}.p99", "bound of 20 ms")  # fmt: skip
    beside: Amount | str = Amount(other.p50_s, "s") if other else stand.absent[case.peer]
    note = f"{mine}; theirs {other}" if other else str(mine)
    return [bound, Row(f"{case.what}, {what}: p50, beside {case.peer}", Amount(mine.p50_s, "s"), beside,
                       figure=f"{name}.p50", note=note)]  # fmt: skip


def bound_rows(stand: Stand) -> list[Row]:
    """An application that does nothing under the same server, and what the client can take at all."""
    rows = []
    with ExitStack() as stack:
        servers = [stack.enter_context(running(one, 1, stand.folder)) for one in (bare(), raw())]
        for size in BOUND_SIZES:
            tasks = {one.name: Task(one.port, [f"/bytes/{size}"], CONNECTIONS[1], stand.effort.seconds)
                     for one in servers}  # fmt: skip
            found = in_turn(servers, tasks, stand.effort.rounds)
            rows.append(_bound_row(size, found["bare ASGI"], found["client's ceiling"]))
    return rows


def _bound_row(size: int, empty: Figures, ceiling: Figures) -> Row:
    mebibytes = [f"{digits(one.per_s * size / 2**20)} MiB/s" for one in (empty, ceiling)]
    note = f"{empty}; {mebibytes[0]}; ceiling {mebibytes[1]}"
    return Row(f"an application that does nothing, {size:,} bytes, beside the client's ceiling",
               Amount(empty.per_s, "requests/s"), Amount(ceiling.per_s, "requests/s"),
               figure=f"service.bare.{size}", note=note)  # fmt: skip
