"""The web server: ``python -m api.server``; what it is told stands in the environment (`api.settings`)."""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import tempfile
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import uvicorn
from uvicorn.supervisors import Multiprocess

from api.settings import Settings
from api.watching.logs import log_config
from api.watching.metrics import FOLDER_VARIABLE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import FrameType

APPLICATION = "api.app:create_app"
PROTOCOL = "api.middleware.connections:Connection"
GRACE_S = 10  # for what is under way when the server is told to end
KEEP_ALIVE_S = 75  # longer than a proxy keeps a connection, so that it never uses one that is just ending
BACKLOG = 2048


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve until told to end.

    Parameters
    ----------
    arguments
        Host and port; those of the command line where not given.
    """
    parser = argparse.ArgumentParser(prog="python -m api.server", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    told = parser.parse_args(arguments)
    settings = Settings()
    if settings.workers == 1:
        signal.signal(signal.SIGTERM, _end_well)
        uvicorn.run(APPLICATION, host=told.host, port=told.port, **options(settings))
        return
    config = uvicorn.Config(APPLICATION, host=told.host, port=told.port, **options(settings))
    with _counting():
        _Workers(config, [config.bind_socket()]).run()


def options(settings: Settings) -> dict[str, Any]:
    """What uvicorn is told."""
    return {
        "factory": True,
        "http": PROTOCOL,
        "ws": "none",
        "workers": settings.workers,
        "log_config": log_config(settings),
        "access_log": False,
        "server_header": False,
        "proxy_headers": bool(settings.trusted_proxies),
        "forwarded_allow_ips": settings.trusted_proxies or None,
        "timeout_keep_alive": KEEP_ALIVE_S,
        "timeout_graceful_shutdown": GRACE_S,
        # Four that start at once on a small machine load the drawing libraries for longer than five seconds.
        "timeout_worker_healthcheck": 60,
        "backlog": BACKLOG,
    }


def _end_well(_number: int, _frame: FrameType | None) -> None:
    """End: uvicorn raises the signal once more when all is done, and to end when told to is no failure."""
    os._exit(0)  # not by an exception: that would wait for threads whose requests were given up


class _Workers(Multiprocess):
    """Workers over one socket, which this process holds too: it lets go of it before they end.

    Else the kernel would go on taking connections that nobody answers, until the last request is done.
    """

    def terminate_all(self) -> None:
        """Tell the workers to end."""
        for one in self.sockets:
            one.close()
        super().terminate_all()


@contextmanager
def _counting() -> Iterator[None]:
    """Let several workers count together, in a folder that goes with the server."""
    folder = tempfile.mkdtemp(prefix="geocover-metrics-")
    os.environ[FOLDER_VARIABLE] = folder
    try:
        yield
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
