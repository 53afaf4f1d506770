"""The bounds: an application that does nothing but send bytes, and a server that is hardly one.

`/bytes/1000` answers with so many bytes.
"""

from __future__ import annotations

import asyncio
import sys
from functools import lru_cache
from typing import Any

TYPE = (b"content-type", b"application/geo+json")


@lru_cache(maxsize=64)
def content(path: str) -> bytes:
    """Bytes that an address names."""
    last = path.rsplit("/", 1)[-1]
    return b"x" * int(last) if last.isdigit() else b"ready"


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:  # noqa: ANN401, ARG001  ASGI
    """Answer any request of HTTP."""
    if scope["type"] != "http":
        return
    body = content(scope["path"])
    head = [TYPE, (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": head})
    await send({"type": "http.response.body", "body": body})


class _Raw(asyncio.Protocol):
    """Answers without understanding more than the address: the ceiling of the client."""

    def connection_made(self, transport: Any) -> None:  # noqa: ANN401
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        body = content(data.split(b" ", 2)[1].decode())
        self._transport.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % len(body) + body)


async def _serve(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(_Raw, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1])))
