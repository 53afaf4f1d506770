"""Connections that keep to time: heads that do not come, answers that nobody reads, and too many at once.

uvicorn times only the pause between two requests, and its parser (llhttp, by httptools) neither bounds a
head nor asks for one host, drops the body of a request that would upgrade, and takes trailers for headers.
``python -m api.server`` uses this protocol in its place.
"""

from __future__ import annotations

import json
import re
import socket
import struct
from collections import Counter
from functools import lru_cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, ClassVar, cast

import httptools
from fastapi import Request
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from api.middleware.limits import crowded
from api.settings import Settings
from api.watching.metrics import count_request
from api.web.counting import client_name
from api.web.problems import MEDIA_TYPE, SECURITY, problem_response

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

    from starlette.types import Receive, Scope, Send
    from uvicorn._types import ASGI3Application
    from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

# Part of all connections that one address may hold; a proxy in front holds those of all its readers.
OF_ONE = 4
# Bytes of a head, or of the lines around the pieces of a body, that may come before it is whole.
MOST_PENDING = 64 << 10
MOST_IN_LINE = 64  # requests that a connection may send before it has its answers
AT_ONCE = struct.pack("ii", 1, 0)
ABSOLUTE = re.compile(rb"https?://([^/?@]+)(/.*|)", re.IGNORECASE)
REFUSED = {
    400: "yêu cầu HTTP không hợp lệ / not a valid HTTP request",
    408: "phần đầu yêu cầu gửi quá chậm / the head of the request came too slowly",
    431: "phần đầu yêu cầu lớn quá 16 KiB / the request's headers are larger than 16 KiB",
    503: "quá nhiều yêu cầu nối tiếp / too many requests in line",
}


@lru_cache(maxsize=1)
def _settings() -> Settings:
    return Settings()


class Connection(HttpToolsProtocol):
    """One connection with a client."""

    held: ClassVar[Counter[str]] = Counter()

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - uvicorn's own
        super().__init__(*args, **kwargs)
        self._told = _settings()
        self._head = _Timer(self.loop, self._told.header_s, self._head_is_late)
        self._unread = _Timer(self.loop, self._told.silence_s, self._look_at_unread)
        self._waiting = 0
        self._name: str | None = None
        self._answering: RequestResponseCycle | None = None
        self._in_head = False
        self._pending = 0
        self._refused = 0

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
        """End; uvicorn tells it to the last request in line, not to the one that is answered."""
        self._head.stop()
        self._unread.stop()
        if self._name is not None:
            self.held[self._name] -= 1
            if self.held[self._name] <= 0:
                del self.held[self._name]
        if self._answering is not None:
            _give_up(self._answering)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take bytes; a head that has begun must be whole in time, and not too large."""
        if self._refused:
            return
        self._unset_keepalive_if_required()
        self._pending += len(data)
        try:
            self._feed(data)
        except httptools.HttpParserError as error:
            self.logger.warning("Invalid HTTP request received.")
            self._refuse(error.__context__.status if isinstance(error.__context__, _RefusedError) else 400)
            return
        if self._pending > MOST_PENDING:
            self._refuse(431)
        elif self._in_head or self._idle:
            self._head.start()
        else:
            self._head.stop()

    def on_message_begin(self) -> None:
        """Begin a head."""
        super().on_message_begin()
        self._in_head = True
        self._pending = 0

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header; the parser leaves the blanks after its value."""
        super().on_header(name, value.rstrip(b" \t"))

    def on_headers_complete(self) -> None:
        """Check a head and answer it; one that asks to upgrade is read again without that."""
        if self.parser.should_upgrade() and self.parser.get_method() != b"CONNECT":
            return
        self._check_head()
        super().on_headers_complete()
        self.headers = []  # where trailers go: nobody has checked these
        self._in_head = False
        self._pending = 0

    def on_body(self, body: bytes) -> None:
        """Take a piece of a body."""
        self._pending = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """End a request, but for the first reading of one that asks to upgrade."""
        if not self._in_head:
            super().on_message_complete()

    def on_response_complete(self) -> None:
        """Go on to the next request, or close; what the client has not read yet it must read in time."""
        unwanted = self._answering is not None and self._answering.more_body
        super().on_response_complete()
        self._time_unread()
        if unwanted and not self.transport.is_closing():
            self.transport.close()  # an answer was given before the body came: it is not waited for
        self._say_refused()

    def pause_writing(self) -> None:
        """Wait for the client to read, for as long as it does read."""
        super().pause_writing()
        self._time_unread()

    def resume_writing(self) -> None:
        """The client reads."""
        super().resume_writing()
        self._unread.stop()

    def shutdown(self) -> None:
        """The server is about to end: what is under way is done, streams too, and nothing more is taken."""
        super().shutdown()
        if "backend" in self.app_state:
            self.app_state["backend"].end()

    @property
    def _idle(self) -> bool:
        """Whether no request waits for its answer."""
        now = self._answering
        return now is None or now.response_complete or now.disconnected

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        self._answering = cycle
        if cycle.scope["http_version"] == "1.0":
            app = _unchunked(app, cycle)
        super()._start_asgi_task(cycle, app)

    def _counted(self) -> str | None:
        """Name under which the connection counts; None for this machine and for a proxy in front."""
        name = client_name(self.client[0]) if self.client else None
        return None if self._told.trusted_proxies else name

    def _feed(self, data: bytes) -> None:
        """Read bytes; llhttp drops the body of a request that asks to upgrade, which we never do."""
        while data:
            try:
                self.parser.feed_data(data)
            except httptools.HttpParserUpgrade as asked:
                data = self._head_without_upgrade() + data[asked.args[0] :]
                self.parser = httptools.HttpRequestParser(self)
            else:
                return

    def _head_without_upgrade(self) -> bytes:
        version = self.parser.get_http_version().encode()
        first = b"%s %s HTTP/%s" % (self.parser.get_method(), self.url, version)
        lines = [b"%s: %s" % (name, value) for name, value in self.headers if name != b"upgrade"]
        return b"\r\n".join([first, *lines, b"", b""])

    def _check_head(self) -> None:
        """Refuse what RFC 9112 does and the parser does not, and requests without end that wait in line."""
        version = self.parser.get_http_version()
        hosts, codings = [], []
        for name, value in self.headers:
            if name == b"host":
                hosts.append(value)
            elif name == b"transfer-encoding":
                codings.append(value.lower())
        if (
            version not in ("1.0", "1.1")
            or len(hosts) > 1
            or (version == "1.1" and not hosts)
            or (codings and (version == "1.0" or codings != [b"chunked"]))
            or b"#" in self.url
            or self.parser.get_method() == b"CONNECT"
        ):
            raise _RefusedError(400)
        if len(self.pipeline) >= MOST_IN_LINE:
            raise _RefusedError(503)
        if not self.url.startswith(b"/") and self.url != b"*":
            self._take_absolute()

    def _take_absolute(self) -> None:
        """Read a target as proxies write it (RFC 9112, 3.2.2): its host counts, not that of the header."""
        found = ABSOLUTE.fullmatch(self.url)
        if found is None:
            raise _RefusedError(400)
        self.headers[:] = [(b"host", found[1]), *(one for one in self.headers if one[0] != b"host")]
        self.url = found[2] or b"/"

    def _head_is_late(self) -> None:
        if not self.transport.is_closing():
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
        """Take no more bytes: what they say cannot be answered, but what came before them is."""
        self._refused = status
        self._head.stop()
        if not self._in_head and self._answering is not None and self.cycle.more_body:
            self._refuse_body()
        self._say_refused()

    def _refuse_body(self) -> None:
        """Forget the last request in line, whose body is at fault."""
        if self.pipeline:
            self.pipeline.popleft()
            return
        _give_up(self.cycle)
        if self.cycle.response_started:
            self.transport.close()

    def _say_refused(self) -> None:
        """Answer by hand and close, when its turn has come: there is no request that could be answered."""
        status = self._refused
        if not status or not self._idle or self.transport.is_closing():
            return
        phrase = HTTPStatus(status).phrase
        problem = {"type": "about:blank", "title": phrase, "status": status, "detail": REFUSED[status]}
        body = json.dumps({**problem, "instance": ""}, ensure_ascii=False).encode()
        headers = {
            **SECURITY,
            "Content-Type": MEDIA_TYPE,
            "Content-Length": f"{len(body)}",
            "Content-Language": "vi, en",
            "Cache-Control": "no-store",
            "Connection": "close",
        }
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        self.transport.write(f"HTTP/1.1 {status} {phrase}\r\n{head}\r\n".encode() + body)
        count_request("OTHER", None, status, 0.0, len(body))
        self.transport.close()


class _RefusedError(Exception):
    """What is wrong with a head."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


def _give_up(cycle: RequestResponseCycle) -> None:
    """Let an application know that its client is gone."""
    if not cycle.response_complete:
        cycle.disconnected = True
    cycle.message_event.set()


def _unchunked(app: ASGI3Application, cycle: RequestResponseCycle) -> ASGI3Application:
    """Answer in HTTP/1.0, which knows no chunks: the end of the connection ends what has no length."""

    async def answering(scope: Any, receive: Any, send: Any) -> None:  # noqa: ANN401 - uvicorn's own
        endless = False

        async def sending(message: Any) -> None:  # noqa: ANN401
            nonlocal endless
            if message["type"] == "http.response.start":
                endless = all(name.lower() != b"content-length" for name, _ in message["headers"])
                cycle.chunked_encoding = False if endless else None
            elif endless:
                cycle.expected_content_length = len(message.get("body", b""))
            await send(message)

        await app(scope, receive, sending)

    return answering


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
