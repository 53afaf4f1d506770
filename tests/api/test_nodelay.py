"""Small answers leave at once, from workers that share a socket too."""

from __future__ import annotations

import socket
from types import SimpleNamespace
from typing import Any

import pytest
from uvicorn import Config
from uvicorn.server import ServerState

from api.middleware.connections import Connection


async def _nothing(_scope: Any, _receive: Any, _send: Any) -> None:
    """Stand for an application."""


@pytest.mark.parametrize("protocol", [0, socket.IPPROTO_TCP])
def test_body_does_not_wait_for_the_head(protocol: int) -> None:
    """Would catch 40 ms on each answer: asyncio leaves sockets alone that do not say they are TCP's (0)."""
    loop: Any = SimpleNamespace(call_later=lambda *_: None)
    made = Connection(Config(_nothing, log_config=None), ServerState(), {}, loop)
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, protocol) as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        with socket.create_connection(listening.getsockname()), listening.accept()[0] as accepted:
            told = {"socket": accepted, "sockname": accepted.getsockname(), "peername": ("127.0.0.1", 1)}
            transport: Any = SimpleNamespace(
                get_extra_info=lambda name, default=None: told.get(name, default)
            )
            made.connection_made(transport)
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0
