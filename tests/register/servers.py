"""A private PostgreSQL server for the length of a test session."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

ACCOUNT = "postgres"
START_S = 30


def find_binaries() -> Path | None:
    """Folder of Debian's newest server, or of the one in PATH; None without a server."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda file: int(file.parts[4]))
    on_path = shutil.which("initdb")
    return found[-1].parent if found else Path(on_path).parent if on_path else None


@contextmanager
def running_server(binaries: Path) -> Iterator[str]:
    """URL of the server's maintenance database; the server ends with the block, or with this process."""
    root = Path(tempfile.mkdtemp(prefix="geocover-postgres-"))
    password = secrets.token_hex(8)
    (root / "password").write_text(password)
    user = _give_away(root)
    data = root / "data"
    try:
        subprocess.run(
            [
                *user, binaries / "initdb", "-D", data, "-U", ACCOUNT, "-E", "UTF8", "--locale=C", "-N",
                "--auth=scram-sha-256", f"--pwfile={root / 'password'}",
            ],
            check=True, capture_output=True, cwd=root,
        )  # fmt: skip
        port = _free_port()
        settings = ("fsync=off", "full_page_writes=off", f"unix_socket_directories={root}", f"port={port}")
        options = [part for setting in settings for part in ("-c", setting)]
        with (root / "log").open("wb") as log:
            server = subprocess.Popen(
                [*user, binaries / "postgres", "-D", data, *options], stdout=log, stderr=log, cwd=root
            )
        try:
            url = f"postgresql://{ACCOUNT}:{password}@127.0.0.1:{port}/postgres"
            _wait(url, server, root / "log")
            yield url
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(timeout=START_S)
    finally:
        shutil.rmtree(root, ignore_errors=True)


def _give_away(root: Path) -> list[str]:
    """How to start a program of the server: it ends with us, and does not run as root."""
    command = ["setpriv", "--pdeathsig", "INT"]
    if os.geteuid() != 0:
        return command
    account = pwd.getpwnam(ACCOUNT)
    for path in (root, root / "password"):
        os.chown(path, account.pw_uid, account.pw_gid)
    return [*command, "--reuid", ACCOUNT, "--regid", str(account.pw_gid), "--clear-groups"]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + START_S
    while time.monotonic() < end and server.poll() is None:
        try:
            psycopg.connect(url, connect_timeout=2).close()
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"PostgreSQL did not start:\n{log.read_text(errors='replace')}")
