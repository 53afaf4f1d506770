"""docs/deploy.md is true: from a folder of wheels to a server behind nginx, and back from a backup."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import sqlite3
import ssl
import subprocess
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import httpx
import pytest

from geocover.register.database import open_database
from tests.docs.blocks import ROOT, Block, Shell, needs, sections
from tests.docs.machine import SITE, Machine, find_uv, free_ports
from tests.register.servers import find_binaries, running_server

PAGE = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")
SECTIONS = sections(PAGE)
RESTORE = "9."
COMMANDS_WITHIN_S = 200.0
KEPT = (
    "/site-lists",
    "/register?as_of=2025-12-31",
    "/register/cells.csv?as_of=2025-12-31",
    "/snapshots",
    "/shares",
)


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory, small_root: Path) -> Iterator[Machine]:
    """A server's disk with nothing on it, beside a PostgreSQL server."""
    path = f"{os.environ['PATH']}:/usr/sbin"
    needs("curl", "jq", "openssl", "pg_dump", "sha256sum", "systemd-analyze")
    if shutil.which("nginx", path=path) is None or (binaries := find_binaries()) is None or find_uv() is None:
        pytest.skip("nginx, PostgreSQL and uv are needed; .ci/run and `make` bring them")
    if find_spec("ensurepip") is None:
        pytest.skip("this Python makes no environments: install python3-venv")
    with running_server(binaries) as url:
        made = Machine(tmp_path_factory.mktemp("machine"), url, *free_ports(3))
        made.prepare(small_root)
        try:
            yield made
        finally:
            made.stop()


def variables(machine: Machine) -> dict[str, str]:
    """What the shell knows by now."""
    told = re.findall(r'^declare -[-x]+ (\w+)="(.*)"$', (machine.root / "state").read_text(), re.MULTILINE)
    return {name: shlex.split(f'"{value}"')[0] if value else "" for name, value in told}


def client_of(machine: Machine) -> httpx.Client:
    """A reader that trusts the certificate, comes through nginx and finds the name without a name server."""
    trusting = ssl.create_default_context(cafile=str(machine.root / "etc" / "ssl" / "certs" / "geocover.pem"))
    trusting.check_hostname = False
    return httpx.Client(
        base_url=f"https://127.0.0.1:{machine.tls_port}", verify=trusting, timeout=30,
        headers={"Host": f"{SITE}:{machine.tls_port}"},
    )  # fmt: skip


def kept(machine: Machine, key: str) -> dict[str, Any]:
    """All that a backup must bring back, as a planner sees it."""
    with client_of(machine) as client:
        answers = {one: client.get(one, headers={"Authorization": f"Bearer {key}"}) for one in KEPT}
    assert all(one.status_code == 200 for one in answers.values()), answers
    return {address: one.text for address, one in answers.items()}


def destroy(machine: Machine) -> None:
    """The disk is gone, and the database with it."""
    machine.run("systemctl", "stop", "geocover")
    machine.run("runuser", "-u", "postgres", "--", "dropdb", "geocover")
    shutil.rmtree(machine.root / "var" / "lib" / "geocover")
    (machine.root / "etc" / "geocover" / "geocover.env").unlink()


def test_the_page_leads_from_wheels_to_a_server_and_back_from_a_backup(machine: Machine) -> None:
    """Catches a command that fails, a proxy that breaks the service, a backup that lacks something."""
    shell = Shell(machine.root, machine.environment, states=False, timeout_s=COMMANDS_WITHIN_S)
    before: dict[str, Any] = {}
    for section in SECTIONS:
        if section.title.startswith(RESTORE):
            told = variables(machine)
            before = kept(machine, told["KEY"])
            assert "PTO001" in before["/register/cells.csv?as_of=2025-12-31"]
            destroy(machine)
        for block in section.blocks:
            if block.language == "sh":
                shell.run(machine.block(block))
    assert before == kept(machine, told["KEY"])
    check_session(machine)
    check_proxy(machine, told["ADMIN_KEY"])
    check_secrets(machine, told)


def check_session(machine: Machine) -> None:
    """Who was signed in before the machine was lost still is: the secret came back."""
    cookies = (machine.root / "cookies").read_text()
    session = next(line.split("\t")[-1] for line in cookies.splitlines() if "geocover_session" in line)
    with client_of(machine) as client:
        assert (
            client.get("/me", headers={"Cookie": f"geocover_session={session}"}).json()["role"] == "planner"
        )


def check_proxy(machine: Machine, key: str) -> None:
    """The front door leads plain requests to TLS, adds no second header, keeps measures in."""
    plain = httpx.get(f"http://127.0.0.1:{machine.plain_port}/maps/coverage?lang=en", headers={"Host": SITE})
    assert (plain.status_code, plain.headers["Location"]) == (301, f"https://{SITE}/maps/coverage?lang=en")
    with client_of(machine) as client:
        page = client.get("/maps/coverage")
        assert page.status_code == 200
        for name in (
            "content-security-policy",
            "strict-transport-security",
            "x-content-type-options",
            "etag",
        ):
            assert len(page.headers.get_list(name)) == 1, name
        assert client.get("/metrics", headers={"Authorization": f"Bearer {key}"}).status_code == 404
        items = client.get("/collections/communes/items?limit=1").json()
        assert all(one["href"].startswith(machine.site) for one in items["links"]), items["links"]
    large = machine.run(
        "curl", "--silent", "--insecure", "--output", "/dev/null", "--write-out", "%{http_code}",
        "--header", f"Content-Length: {60 << 20}", "--data", "x", f"{machine.site}/site-lists",
    )  # fmt: skip
    assert large == "413"


def check_secrets(machine: Machine, told: dict[str, str]) -> None:
    """No log holds a key, the password or the secret, and others cannot read the environment file."""
    logs = (machine.root / "journal").read_text() + (machine.root / "nginx.log").read_text()
    for name in ("KEY", "PARTNER_KEY", "ADMIN_KEY", "PASSWORD", "GEOCOVER_SECRET"):
        assert len(told[name]) > 30
        assert told[name] not in logs, name
    assert (machine.root / "etc" / "geocover" / "geocover.env").stat().st_mode & 0o007 == 0


def test_a_sqlite_register_is_backed_up_while_it_is_written(tmp_path: Path, small_root: Path) -> None:
    """Catches a copy without what the write-ahead log holds, and an old log that spoils the restored file."""
    needs("sqlite3")
    machine = Machine(tmp_path, "postgresql://nobody@127.0.0.1:1/none", 1, 2, 3)
    machine.prepare(small_root)
    data, backup = tmp_path / "var" / "lib" / "geocover", tmp_path / "backup"
    data.mkdir(parents=True)
    backup.mkdir()
    open_database(folder=data).close()
    register = data / "register.sqlite"
    steps = {one.language: machine.block(one) for part in SECTIONS for one in part.blocks}
    writing = sqlite3.connect(register)
    writing.execute("PRAGMA journal_mode=WAL")
    writing.execute("CREATE TABLE kept (word TEXT)")
    writing.execute("INSERT INTO kept VALUES ('trước')")
    writing.commit()
    execute(machine, steps["sqlite-backup"], backup)
    writing.execute("INSERT INTO kept VALUES ('sau')")
    writing.commit()
    execute(machine, steps["sqlite-restore"], backup)
    writing.close()
    with sqlite3.connect(register) as restored:
        assert restored.execute("SELECT word FROM kept").fetchall() == [("trước",)]
    restored.close()


def execute(machine: Machine, block: Block, backup: Path) -> None:
    """Run a block for the backup's folder."""
    environment = {**os.environ, **machine.environment, "BACKUP": str(backup)}
    subprocess.run(["bash", "-euc", block.text], env=environment, cwd=machine.root, check=True)


def test_the_unit_gives_no_more_rights_than_it_needs() -> None:
    """Catches a service that may write all over the machine or gain rights."""
    unit = (ROOT / "deploy" / "geocover.service").read_text()
    for line in ("ProtectSystem=strict", "NoNewPrivileges=yes", "CapabilityBoundingSet=", "User=geocover"):
        assert f"\n{line}\n" in unit
