"""The web server: ``python -m api.server``; what it is told stands in the environment (`api.settings`)."""

from __future__ import annotations

import argparse
import logging
import logging.config
import os
import shutil
import signal
import sys
import tempfile
from contextlib import contextmanager
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

import uvicorn
from pydantic import ValidationError
from uvicorn.supervisors import Multiprocess

from api.settings import Settings
from api.watching.logs import log_config
from api.watching.metrics import FOLDER_VARIABLE
from api.web.faults import words_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import FrameType

    from pydantic_core import ErrorDetails

APPLICATION = "api.app:create_app"
PROTOCOL = "api.middleware.connections:Connection"
GRACE_S = 10  # for what is under way when the server is told to end
KEEP_ALIVE_S = 75  # longer than a proxy keeps a connection, so that it never uses one that is just ending
BACKLOG = 2048
UNTOLD = {"secret", "database_url", "tiles_url"}  # may hold a secret: never shown
logger = logging.getLogger("geocover.api")


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
    settings = _settings()
    logging.config.dictConfig(log_config(settings))
    if not (_loopback(told.host) or settings.hosts or settings.public_url):
        logger.warning(
            "Host of requests is believed and goes into links: set GEOCOVER_PUBLIC_URL or GEOCOVER_HOSTS "
            "(hãy đặt GEOCOVER_PUBLIC_URL hoặc GEOCOVER_HOSTS)"
        )
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


def _settings() -> Settings:
    """What the environment says; what is wrong in it is told without a traceback, and ends the server."""
    try:
        return Settings()
    except ValidationError as error:
        for one in error.errors():
            for line in _told_wrong(one):
                print(line, file=sys.stderr)  # noqa: T201  how to log is not known yet
        sys.exit(2)


def _told_wrong(error: ErrorDetails) -> tuple[str, str]:
    """Variable, value and remedy, in Vietnamese and in English."""
    field = str(error["loc"][0])
    value = f"={error['input']}"
    if field in UNTOLD or "@" in value:  # an address with a name and a password
        value = ""
    english, viet = words_of(error)
    name = f"GEOCOVER_{field.upper()}{value}"
    return f"Lỗi: {name}: không dùng được; {viet}.", f"Error: {name}: cannot be used; {english}."


def _loopback(host: str) -> bool:
    """Whether the server listens to this machine alone."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _end_well(_number: int, _frame: FrameType | None) -> None:
    """End: uvicorn raises the signal once more when all is done, and to end when told to is no failure."""
    os._exit(0)  # not by an exception: that would wait for threads whose requests were given up


class _Workers(Multiprocess):
    """Workers over one socket, which this process holds too: it lets go of it before they end.

    Else the kernel would go on taking connections that nobody answers, until the last request is done.
    It lets go of their ends of the pipes too: else one that dies while it is asked whether it lives would be
    waited for as long as for one that is slow, and neither its place be taken nor the service end meanwhile.
    """

    def init_processes(self) -> None:
        """Start the workers."""
        super().init_processes()
        self._let_go()

    def keep_subprocess_alive(self) -> None:
        """Start another for each that is gone."""
        super().keep_subprocess_alive()
        self._let_go()

    def _let_go(self) -> None:
        for one in self.processes:
            one.child_conn.close()

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
