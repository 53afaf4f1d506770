"""Bodies of requests: never more in memory than is allowed, and none that comes too slowly."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from fastapi import Request

from api.web.bodies import SMALL, declared, limited, too_large, too_slow
from api.web.problems import Problem, problem_response

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

UPLOADS = "/site-lists"
ANNOUNCED = frozenset({b"content-length", b"transfer-encoding"})


class BodyLimit:
    """ASGI middleware: no body above a mebibyte but uploads, which look after themselves; and none too slow.

    Parameters
    ----------
    app
        What stands behind.
    silence_s
        Seconds that a client may send nothing in the midst of a body.
    slowest_bytes_s
        The slowest pace after so many seconds, in bytes a second.
    """

    def __init__(self, app: ASGIApp, silence_s: float = 30.0, slowest_bytes_s: float = 1000.0) -> None:
        self.app = app
        self._silence_s = silence_s
        self._slowest = slowest_bytes_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] != "http" or has_none(scope):
            await self.app(scope, receive, send)
            return
        request = Request(scope)
        if scope["path"] != UPLOADS:
            if declared(request) > SMALL:
                await problem_response(request, too_large(SMALL))(scope, receive, send)
                return
            receive = limited(receive, SMALL)
        body = _Body(receive, self._silence_s, self._slowest)
        await self.app(scope, body.receive, body.told(request, send))


def has_none(scope: Scope) -> bool:
    """Whether a request has no body: HTTP/1 has to announce one."""
    return scope["http_version"] in ("1.0", "1.1") and not any(
        name in ANNOUNCED for name, _ in scope["headers"]
    )


class _Body:
    """A body as it comes; what is wrong with it is the answer, whatever a reader of bodies makes of it."""

    def __init__(self, receive: Receive, silence_s: float, slowest_bytes_s: float) -> None:
        self._receive = receive
        self._silence_s = silence_s
        self._slowest = slowest_bytes_s
        self._read, self._waited_s, self._whole = 0, 0.0, False
        self._fault: Problem | None = None
        self._answered = False

    async def receive(self) -> Message:
        """Give the next message; after the body it may come whenever it likes."""
        if self._whole:
            return await self._receive()
        try:
            return await self._next()
        except Problem as fault:
            self._fault = fault
            raise

    async def _next(self) -> Message:
        now = asyncio.get_running_loop().time
        began = now()
        try:
            async with asyncio.timeout(self._silence_s):
                message = await self._receive()
        except TimeoutError:
            raise too_slow() from None
        self._waited_s += now() - began
        self._read += len(message.get("body", b""))
        self._whole = message["type"] != "http.request" or not message.get("more_body", False)
        late = self._waited_s > self._silence_s and self._read < self._slowest * self._waited_s
        if late and not self._whole:
            raise too_slow()
        return message

    def told(self, request: Request, send: Send) -> Send:
        """Send the fault, where there is one, in the place of any other answer."""

        async def sending(message: Message) -> None:
            if self._fault is None:
                self._answered = True
                await send(message)
            elif not self._answered:
                self._answered = True
                await problem_response(request, self._fault)(request.scope, self._receive, send)

        return sending
