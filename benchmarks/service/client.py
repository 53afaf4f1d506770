"""A client that asks as fast as a server answers, over connections that stay open.

It is a process of its own and reads only as much of an answer as it must, so that it costs little beside the
server: the standard library alone, one thread, no parsing of bodies. A task comes as JSON on the standard
input and the result goes as JSON to the standard output.
"""

from __future__ import annotations

import json
import random
import selectors
import socket
import subprocess
import sys
import time
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import NamedTuple

CHUNK = 1 << 20
END_OF_HEAD, END_OF_CHUNKS = b"\r\n\r\n", b"0\r\n\r\n"
WITHOUT_BODY = (204, 304)
LIMIT_S = 120.0


class ClientError(Exception):
    """A server that answers otherwise than it should: what was asked and what came."""


@dataclass(frozen=True)
class Task:
    """What to ask.

    Attributes
    ----------
    port
        Of the server, on loopback.
    paths
        Addresses, asked in this order, again from the first after the last.
    connections
        How many requests are under way at a time, each on a connection of its own.
    seconds
        How long; 0: each path once.
    headers
        Further lines of every request's head.
    statuses
        Of the answers that are right.
    """

    port: int
    paths: list[str]
    connections: int = 8
    seconds: float = 1.0
    headers: dict[str, str] = field(default_factory=dict)
    statuses: tuple[int, ...] = (200, 204, 304)


class Load(NamedTuple):
    """What came of it: answers, seconds, bytes of bodies as sent, and the time of each answer in seconds."""

    answers: int
    seconds: float
    bytes: int
    latencies_s: list[float]

    @property
    def per_s(self) -> float:
        """Answers a second."""
        return self.answers / self.seconds


class _Connection:
    """One connection: a request at a time."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=LIMIT_S)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.head = b""
        self.left = -1  # bytes of the body to come; -1: the head is not whole, -2: the body comes in chunks
        self.tail = b""
        self.status = 0
        self.body = 0
        self.began = 0.0
        self.asked = b""

    def ask(self, request: bytes) -> None:
        """Send a request."""
        self.head, self.left, self.tail, self.body = b"", -1, b"", 0
        self.asked = request
        self.began = time.perf_counter()
        self.socket.sendall(request)

    def take(self, buffer: memoryview) -> bool:
        """Take what has come; whether the answer is whole."""
        count = self.socket.recv_into(buffer)
        if not count:
            raise ClientError(f"connection closed by the server at {self.asked[:200]!r}")
        if self.left == -1:
            self.head += bytes(buffer[:count])
            end = self.head.find(END_OF_HEAD)
            if end < 0:
                return False
            rest = self.head[end + len(END_OF_HEAD) :]
            self._read_head(self.head[:end])
            return self._more(len(rest), rest)
        return self._more(count, bytes(buffer[max(0, count - len(END_OF_CHUNKS)) : count]))

    def _read_head(self, head: bytes) -> None:
        first, *lines = head.split(b"\r\n")
        self.status = int(first.split(b" ", 2)[1])
        told = dict(line.lower().split(b":", 1) for line in lines)
        if self.status in WITHOUT_BODY:
            self.left = 0
        elif b"chunked" in told.get(b"transfer-encoding", b""):
            self.left = -2
        else:
            self.left = int(told[b"content-length"])

    def _more(self, count: int, last: bytes) -> bool:
        self.body += count
        if self.left == -2:
            self.tail = (self.tail + last)[-len(END_OF_CHUNKS) :]
            return self.tail == END_OF_CHUNKS
        self.left -= count
        return self.left == 0


class _Asking:
    """Requests of a task, one after the other, while there is time."""

    def __init__(self, task: Task) -> None:
        lines = "".join(f"{name}: {value}\r\n" for name, value in task.headers.items())
        rest = f" HTTP/1.1\r\nHost: 127.0.0.1:{task.port}\r\n{lines}\r\n"
        self._requests = [f"GET {path}{rest}".encode() for path in task.paths]
        self._next = 0
        self._once = task.seconds == 0.0
        self._end = time.perf_counter() + (LIMIT_S if self._once else task.seconds)

    def next(self) -> bytes | None:
        if time.perf_counter() >= self._end or (self._once and self._next == len(self._requests)):
            return None
        request = self._requests[self._next % len(self._requests)]
        self._next += 1
        return request


def drive(task: Task) -> Load:
    """Do a task.

    Raises
    ------
    ClientError
        If an answer has another status, or a connection ends.
    """
    with ExitStack() as stack:
        waiting = stack.enter_context(selectors.DefaultSelector())
        connections = [_Connection(task.port) for _ in range(task.connections)]
        for connection in connections:
            stack.enter_context(connection.socket)
        return _drive(task, connections, waiting)


def _drive(task: Task, connections: list[_Connection], waiting: selectors.BaseSelector) -> Load:
    asking, latencies = _Asking(task), list[float]()
    total, buffer = 0, memoryview(bytearray(CHUNK))
    began = last = time.perf_counter()
    for connection in connections:
        request = asking.next()
        if request is not None:
            waiting.register(connection.socket, selectors.EVENT_READ, connection)
            connection.ask(request)
    while waiting.get_map():
        ready = waiting.select(LIMIT_S)
        if not ready:
            raise ClientError(f"no answer within {LIMIT_S} s")
        for key, _ in ready:
            connection = key.data
            if not connection.take(buffer):
                continue
            last = time.perf_counter()
            latencies.append(last - connection.began)
            total += connection.body
            _check(connection, task.statuses)
            request = asking.next()
            if request is None:
                waiting.unregister(connection.socket)
            else:
                connection.ask(request)
    return Load(len(latencies), last - began, total, latencies)


def _check(connection: _Connection, statuses: tuple[int, ...]) -> None:
    if connection.status not in statuses:
        asked = connection.asked.split(b"\r\n", 1)[0].decode()
        raise ClientError(f"{asked}: answered {connection.status}")


def shuffled(paths: list[str], seed: int) -> list[str]:
    """Paths in an order that looks like chance and is the same for a seed."""
    mixed = list(paths)
    random.Random(seed).shuffle(mixed)
    return mixed


def in_own_process(task: Task) -> Load:
    """Do a task in a process of its own.

    Raises
    ------
    ClientError
        With the last words of the process, if it ends with an error.
    """
    command = [sys.executable, "-S", "-E", str(Path(__file__).resolve())]
    done = subprocess.run(
        command, input=json.dumps(asdict(task)), capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise ClientError((done.stderr.strip() or "no message").splitlines()[-1])
    return Load(*json.loads(done.stdout))


def main() -> None:
    """Do the task of the standard input."""
    told = json.load(sys.stdin)
    print(json.dumps(drive(Task(**{**told, "statuses": tuple(told["statuses"])}))))


if __name__ == "__main__":
    main()
