"""The harness of `make bench-api` on tiny data, without other servers; no figure is judged."""

from __future__ import annotations

import io
import math
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
from PIL import Image
from shapely.geometry import Point

from benchmarks.service.cases import (
    KEYS,
    Request,
    alike,
    cases,
    differences,
    intervals,
    snapshot_of,
    tile_at,
    tile_cases,
    tiles,
)
from benchmarks.service.client import ClientError, Load, Task, drive, in_own_process
from benchmarks.service.measuring import Figures, percentile, summed_up
from benchmarks.service.rows import OURS, Effort, service_sections
from benchmarks.service.servers import Program, ServerError, cpu_s, descendants, pss_gib, running
from geocover.tiles.classes import Legend

PLAIN = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
EMPTY = b"HTTP/1.1 204 No Content\r\n\r\n"


@contextmanager
def answering(*parts: bytes) -> Iterator[int]:
    """A port that answers each request of one connection with these bytes, part by part."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            connection, _ = listening.accept()
            with connection:
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                while parts and connection.recv(4096):
                    for part in parts:
                        connection.sendall(part)

        thread = threading.Thread(target=serve)
        thread.start()
        yield listening.getsockname()[1]
        thread.join(10)


@pytest.mark.parametrize("answer", [PLAIN, CHUNKED, EMPTY])
@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_client_knows_where_an_answer_ends(answer: bytes, size: int) -> None:
    """Would catch answers cut off or run together: their number would be wrong, or the client would wait."""
    parts = [answer[start : start + size] for start in range(0, len(answer), size)]
    with answering(*parts) as port:
        load = drive(Task(port, ["/a", "/b", "/c"], connections=1, seconds=0.0))
    assert load.answers == len(load.latencies_s) == 3
    assert min(load.latencies_s) > 0.0


def test_client_refuses_another_status() -> None:
    """Would catch errors counted as quick answers."""
    with (
        answering(b"HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n") as port,
        pytest.raises(ClientError, match=r"GET /a HTTP/1.1: answered 500"),
    ):
        drive(Task(port, ["/a"], connections=1, seconds=0.0))


def test_client_tells_of_a_server_that_goes() -> None:
    """Would catch a broken connection counted as an answer, in a process of its own too."""
    with answering() as port, pytest.raises(ClientError, match=r"(?i)connection"):
        in_own_process(Task(port, ["/a"], connections=1, seconds=0.0))


def test_figures_are_of_all_rounds() -> None:
    """Would catch means in the place of medians, and processor time by round in the place of by answer."""
    rounds = [(Load(10, 1.0, 100, [0.1] * 9 + [0.9]), 0.5), (Load(30, 1.0, 300, [0.1] * 30), 0.3)]
    found = summed_up([*rounds, rounds[0]])
    assert (found.per_s, found.cpu_s, found.bytes) == (10.0, 0.05, 10.0)
    assert found.p50_s == 0.1
    assert percentile([0.9, *[0.1] * 98], 0.99) == 0.9
    assert str(Figures(1.0, 0.002, 1.0, 0.001, 0.01)) == "p50 1.00, p99 10.0 ms, processor 2.00 ms"


def test_addresses_of_servers() -> None:
    """Would catch a request that asks another server for something else."""
    page = Request("stations", (("limit", "10"), ("bbox", "1,2,3,4")))
    assert page.path(OURS) == "/collections/stations/items?limit=10&bbox=1,2,3,4"
    assert page.path("tipg") == "/collections/public.stations/items?limit=10&bbox=1,2,3,4&f=geojson"
    assert page.path("pygeoapi") == "/collections/stations/items?limit=10&bbox=1,2,3,4&f=json"
    assert Request("communes", feature="a/b").path(OURS) == "/collections/communes/items/a%2Fb"


def test_cases_are_the_same_for_a_seed_and_stay_inside() -> None:
    """Would catch runs that cannot be compared, pages beyond the end, and a case that asks for nothing."""
    points = [Point(105 + number / 1000, 21 + number / 1000) for number in range(50)]
    names = [str(number) for number in range(50)]
    tables = {kind: gpd.GeoDataFrame({key: names}, geometry=points, crs=4326) for kind, key in KEYS.items()}
    found = cases(tables)
    assert found == cases(tables)
    assert all(case.requests for case in found)
    last = [dict(one.parameters).get("offset", "0") for case in found for one in case.requests]
    assert max(map(int, last)) == 40


def test_tile_over_a_place() -> None:
    """Would catch x and y exchanged, or south for north; the tile of the middle of Phú Thọ at zoom 10."""
    assert tile_at(105.2, 21.3, 10) == (10, 811, 449)
    found = tiles((105.0, 21.0, 105.5, 21.5), 40, 1, range(8, 15))
    assert len(set(found)) == len(found) == 40
    assert {zoom for zoom, _, _ in found} <= set(range(8, 15))


def test_classes_as_intervals() -> None:
    """Would catch classes in dB beside stored numbers in tenths, or without the profile's margin."""
    legend = Legend((-80.0, -100.0), ("#ff0000", "#00ff00"), "dBm")
    found = intervals(legend, 5.0, 0.01)
    assert found == [[[-7500.0, 32767.0], [255, 0, 0, 255]], [[-9500.0, -7500.0], [0, 255, 0, 255]]]


def test_tiles_are_the_same_at_the_peer(small_root: Path) -> None:
    """Would catch a peer that is asked for other tiles, or fewer."""
    snapshot = snapshot_of(small_root)
    for case in tile_cases(snapshot, (105.3, 21.3, 105.4, 21.4)):
        assert len(case.ours) == len(case.theirs) > 10
        ends = [
            path.split("?")[0].removesuffix(".png").removesuffix(".mvt") for path in case.ours + case.theirs
        ]
        places = [tuple(end.rsplit("/", 3)[1:]) for end in ends]
        assert places[: len(case.ours)] == places[len(case.ours) :]


def test_differences_of_collections() -> None:
    """Would catch peers that give other features, or others' geometries, measured all the same."""

    def collection(ids: str, x: float) -> dict[str, object]:
        return {
            "features": [
                {"id": one, "properties": {"code": one}, "geometry": {"coordinates": [x, 21.0]}}
                for one in ids
            ]
        }

    assert differences(collection("ab", 105.0), collection("ba", 105.0 + 5e-7), "code") == ""
    assert "2 features beside 1, 1 ids" in differences(
        collection("ab", 105.0), collection("a", 105.0), "code"
    )
    assert "geometries differ: a, b" in differences(collection("ab", 105.0), collection("ab", 105.1), "code")


def test_pictures_are_compared_by_what_is_seen() -> None:
    """Would catch two blank pictures that differ, or different ones that count as equal."""

    def picture(colour: tuple[int, ...]) -> bytes:
        pixels = np.zeros((4, 4, 4), np.uint8)
        pixels[:2] = colour
        buffer = io.BytesIO()
        Image.fromarray(pixels).save(buffer, "PNG")
        return buffer.getvalue()

    assert alike(picture((1, 2, 3, 255)), picture((1, 2, 3, 255))) == 1.0
    assert alike(picture((1, 2, 3, 255)), picture((9, 2, 3, 255))) == 0.5
    assert alike(picture((1, 2, 3, 0)), picture((9, 2, 3, 0))) == 1.0


def test_processes_are_counted_with_their_children() -> None:
    """Would catch a server's workers left out of its memory and its processor time."""
    code = "import subprocess, sys; subprocess.run([sys.executable, '-S', '-c', 'input()'])"
    with subprocess.Popen([sys.executable, "-S", "-c", code], stdin=subprocess.PIPE) as process:
        for _ in range(200):
            if len(descendants(process.pid)) == 2:
                break
            threading.Event().wait(0.05)
        assert len(descendants(process.pid)) == 2
        assert all(pss_gib(pid) > 0.0 for pid in descendants(process.pid))
        process.communicate(b"\n")
    assert cpu_s(os.getpid()) > 0.0
    assert (cpu_s(process.pid), pss_gib(process.pid)) == (0.0, 0.0)


def test_server_that_does_not_start_is_told_of(tmp_path: Path) -> None:
    """Would catch a server that ends at once and is waited for, or whose reason is lost."""
    program = Program("broken", (sys.executable, "-c", "raise SystemExit('its reason')"))
    with pytest.raises(ServerError, match="broken did not start: its reason"), running(program, 1, tmp_path):
        pass


def test_harness_measures_the_service(small_root: Path) -> None:
    """Would catch a harness that does not run: every row of ours has a figure, and absent peers say why."""
    effort = Effort(0.05, 1, ("items10", "feature", "raster"), (1,))
    sections = service_sections(small_root, effort, beside=False)
    rows = [row for section in sections.values() for row in section]
    assert [len(section) for section in sections.values()] == [5, 6, 2, 3]
    assert all(row.ours is not None and row.ours.value > 0.0 for row in rows)
    beside = [row for row in rows if "beside tipg" in row.what or "beside titiler" in row.what]
    assert {row.other for row in beside} == {"not asked for"}
    assert all(math.isnan(row.ratio) for row in beside)
    names = [row.figure for row in rows]
    assert len(set(names)) == len(names)
