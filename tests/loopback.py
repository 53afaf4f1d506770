"""A web server on a free loopback port for the length of a `with` block."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self


class Quiet(BaseHTTPRequestHandler):
    """A handler that says nothing; its class attribute ``owner`` is the server it answers for."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        """Answer; what and how is the heir's word."""
        self.respond()

    def respond(self) -> None:
        """Answer one request."""
        raise NotImplementedError


class Loopback:
    """Serves by a handler, whose ``owner`` it becomes."""

    def __init__(self, handler: type[Quiet]) -> None:
        owned = type("Handler", (handler,), {"owner": self})
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), owned)
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02})

    @property
    def url(self) -> str:
        """The base URL to give to the code under test."""
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def __enter__(self) -> Self:
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()
