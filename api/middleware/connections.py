"""Connections that keep to time: heads that do not come, answers that nobody reads, and too many at once.

uvicorn times only the pause between two requests. ``python -m api.server`` uses this protocol in its place.
"""

from __future__ import annotations

import json
import socket
import struct
from collections import Counter
from functools import lru_cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, ClassVar, cast

import h11
from fastapi import Request
from uvicorn.protocols.http.h11_impl import H11Protocol

from api.middleware.limits import crowded
from api.settings import Settings
from api.web.counting import client_name
from api.web.problems import MEDIA_TYPE, problem_response

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

    from starlette.types import Receive, Scope, Send

# Part of all connections that one address may hold; a proxy in front holds those of all its readers.
OF_ONE = 4
AT_ONCE = struct.pack("ii", 1, 0)
REFUSED = {
    400: "yêu cầu HTTP không hợp lệ / not a valid HTTP request",
    408: "phần đầu yêu cầu gửi quá chậm / the head of the request came too slowly",
}


@lru_cache(maxsize=1)
def _settings() -> Settings:
    return Settings()


class Connection(H11Protocol):
    """One connection with a client."""

    held: ClassVar[Counter[str]] = Counter()

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - uvicorn's own
        super().__init__(*args, **kwargs)
        self._told = _settings()
        self._head = _Timer(self.loop, self._told.header_s, self._head_is_late)
        self._unread = _Timer(self.loop, self._told.silence_s, self._look_at_unread)
        self._waiting = 0
        self._name: str | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin: of too many, the new one is told to come again."""
        super().connection_made(transport)
        _send_at_once(transport)
        self._name = self._counted()
        if self._name is not None:
            self.held[self._name] += 1
        most = self._told.connections_at_once
        if len(self.connections) > most or (self._name and self.held[self._name] > max(1, most // OF_ONE)):
            self.app = cast("Any", _crowded)
        self._head.start()

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        self._head.stop()
        self._unread.stop()
        if self._name is not None:
            self.held[self._name] -= 1
            if self.held[self._name] <= 0:
                del self.held[self._name]
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take bytes; a head that has begun must be whole in time."""
        super().data_received(data)
        if self.conn.their_state is not h11.IDLE:
            self._head.stop()
        elif self.conn.trailing_data[0]:
            self._head.start()

    def on_response_complete(self) -> None:
        """Go on to the next request, or close; what the client has not read yet it must read in time."""
        super().on_response_complete()
        self._time_unread()
        if self.conn.their_state is h11.SEND_BODY and not self.transport.is_closing():
            self.transport.close()  # an answer was given before the body came: it is not waited for

    def pause_writing(self) -> None:
        """Wait for the client to read, for as long as it does read."""
        super().pause_writing()
        self._time_unread()

    def resume_writing(self) -> None:
        """The client reads."""
        super().resume_writing()
        self._unread.stop()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - uvicorn's words
        """Refuse what is not HTTP."""
        self._refuse(400)

    def _counted(self) -> str | None:
        """Name under which the connection counts; None for this machine and for a proxy in front."""
        name = client_name(self.client[0]) if self.client else None
        return None if self._told.trusted_proxies else name

    def _head_is_late(self) -> None:
        if not self.transport.is_closing() and self.conn.their_state is h11.IDLE:
            self._refuse(408)

    def _time_unread(self) -> None:
        waiting = self.transport.get_write_buffer_size()
        if waiting and not self._unread.running:
            self._waiting = waiting
            self._unread.start()

    def _look_at_unread(self) -> None:
        """End a connection whose client reads more slowly than it may."""
        waiting = self.transport.get_write_buffer_size()
        if waiting and self._waiting - waiting < self._told.slowest_bytes_s * self._told.silence_s:
            self.logger.warning("connection ended: its client does not read")
            self._drop()
            return
        self._time_unread()

    def _drop(self) -> None:
        """End at once; the kernel would keep what is not read for minutes."""
        own = self.transport.get_extra_info("socket")
        if own is not None:
            own.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
        self.transport.abort()

    def _refuse(self, status: int) -> None:
        """Answer by hand and close: there is no request that could be answered."""
        phrase = HTTPStatus(status).phrase
        problem = {"type": "about:blank", "title": phrase, "status": status, "detail": REFUSED[status]}
        body = json.dumps({**problem, "instance": ""}, ensure_ascii=False).encode()
        head = (
            f"HTTP/1.1 {status} {phrase}\r\nContent-Type: {MEDIA_TYPE}\r\nContent-Length: {len(body)}\r\n"
            "Cache-Control: no-store\r\nConnection: close\r\n\r\n"
        )
        self.transport.write(head.encode() + body)
        self.transport.close()


def _send_at_once(transport: asyncio.Transport) -> None:
    """Let the body follow the head without waiting for the client to confirm that, which takes it 40 ms.

    asyncio does so, but not for sockets that several workers share: these do not say that they are TCP's.
    """
    own = transport.get_extra_info("socket")
    if own is not None and own.family in (socket.AF_INET, socket.AF_INET6):
        own.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


class _Timer:
    """Calls once after some seconds, if it is not stopped before."""

    def __init__(self, loop: asyncio.AbstractEventLoop, seconds: float, call: Callable[[], None]) -> None:
        self._loop, self._seconds, self._call = loop, seconds, call
        self._handle: asyncio.TimerHandle | None = None

    @property
    def running(self) -> bool:
        """Whether it will call."""
        return self._handle is not None

    def start(self) -> None:
        """Begin, if it has not begun."""
        if self._handle is None:
            self._handle = self._loop.call_later(self._seconds, self._ring)

    def stop(self) -> None:
        """Do not call."""
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None

    def _ring(self) -> None:
        self._handle = None
        self._call()


async def _crowded(scope: Scope, receive: Receive, send: Send) -> None:
    problem = crowded()
    problem.headers["Connection"] = "close"
    await problem_response(Request(scope), problem)(scope, receive, send)
