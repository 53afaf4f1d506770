"""A folder that stands for a server's disk, and stand-ins of programs that would change this machine.

Paths of /etc, /opt and /var lie in the folder; ports are free ones. What would make users, change owners
or need systemd as process 1 is a small script; what matters is the real program: pip, the server,
PostgreSQL's tools, nginx, openssl, tar, curl.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import make_url

from tests.docs.blocks import ROOT, Block

SITE = "phusong.example.vn"
ABSOLUTE = re.compile(r"(?<![\w/.$}*])/(?=(?:opt|etc|var)/)")
FOLDERS = ("etc/systemd/system", "etc/nginx/conf.d", "etc/ssl/private", "etc/ssl/certs", "opt", "var", "bin")
NOTHING = "exit 0"
INSTALL = """\
args=()
while (($#)); do case $1 in -o | -g) shift ;; *) args+=("$1") ;; esac; shift; done
exec /usr/bin/install "${args[@]}"
"""
RUNUSER = """\
user=$2; shift 3
if [ "$user" = postgres ]; then
  unset PASSWORD
  export PGHOST=127.0.0.1 PGPORT=@PG_PORT@ PGUSER=postgres PGPASSWORD=@PG_PASSWORD@
fi
exec "$@"
"""
SYSTEMCTL = """\
unit=@ROOT@/etc/systemd/system/geocover.service pid=@ROOT@/geocover.pid
setting() { sed -n "s|^$1=||p" "$unit"; }
case "$*" in
  daemon-reload) ;;
  "reload nginx") if [ -s @ROOT@/nginx.pid ]; then nginx -s reload; else nginx; fi ;;
  "enable --now geocover" | "start geocover")
    cd "$(setting WorkingDirectory)"
    # shellcheck disable=SC2046  settings and command are words
    setsid env -i PATH=/usr/bin:/bin LANG=C.UTF-8 $(cat "$(setting EnvironmentFile)") $(setting ExecStart) \\
      >>@ROOT@/journal 2>&1 </dev/null &
    echo $! >"$pid" ;;
  "stop geocover")
    [ -e "$pid" ] || exit 0
    kill "$(cat "$pid")"
    for _ in $(seq 300); do kill -0 "$(cat "$pid")" 2>/dev/null || { rm "$pid"; exit 0; }; sleep 0.1; done
    exit 1 ;;
  *) echo "not known here: $*" >&2; exit 1 ;;
esac
"""
UV = """\
case $1 in
  export) exec @UV@ --offline --project @CHECKOUT@ "$@" ;;
  build) shift; exec @UV@ build --offline --no-build-isolation --python @PYTHON@ "$@" @CHECKOUT@ ;;
esac
"""
PIP = 'cd @CHECKOUT@ && exec @PYTHON@ -m tests.docs.wheels "@ROOT@/requirements.txt" "@ROOT@/wheels"'
NGINX = """\
@USER@
pid @ROOT@/nginx.pid;
error_log @ROOT@/nginx.log;
events {}
http {
    access_log off;
    client_body_temp_path @ROOT@/nginx-body;
    proxy_temp_path @ROOT@/nginx-proxy;
    fastcgi_temp_path @ROOT@/nginx-fastcgi;
    uwsgi_temp_path @ROOT@/nginx-uwsgi;
    scgi_temp_path @ROOT@/nginx-scgi;
    include @ROOT@/etc/nginx/conf.d/*.conf;
}
"""


def find_uv() -> str | None:
    """The uv that `make` put into this checkout, or that of the path."""
    found = os.environ.get("UV") or shutil.which("uv", path=f"{ROOT / '.tools' / 'bin'}:{os.environ['PATH']}")
    return found or None


@dataclass(frozen=True)
class Machine:
    """Where things are.

    Attributes
    ----------
    root
        Folder that stands for the disk, and where commands run.
    postgres
        URL of a PostgreSQL server of one's own.
    """

    root: Path
    postgres: str
    port: int
    tls_port: int
    plain_port: int

    @property
    def site(self) -> str:
        """Address of the server for its readers."""
        return f"https://{SITE}:{self.tls_port}"

    @property
    def environment(self) -> dict[str, str]:
        """For the commands; pip would write byte code for a minute."""
        path = os.pathsep.join(
            [str(self.root / "bin"), str(Path(sys.executable).parent), os.environ["PATH"], "/usr/sbin"]
        )
        return {
            "PATH": path,
            "HOME": str(self.root),
            "PIP_NO_COMPILE": "0",
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        }

    def here(self, text: str) -> str:
        """A text with this machine's paths and ports."""
        database = make_url(self.postgres)
        text = ABSOLUTE.sub(f"{self.root}/", text)
        for told, meant in {
            "127.0.0.1:8000": f"127.0.0.1:{self.port}",
            "--port 8000": f"--port {self.port}",
            "127.0.0.1:5432": f"127.0.0.1:{database.port}",
            f"https://{SITE}": self.site,
            "listen 443 ": f"listen 127.0.0.1:{self.tls_port} ",
            "listen 80;": f"listen 127.0.0.1:{self.plain_port};",
        }.items():
            text = text.replace(told, meant)
        return text

    def block(self, block: Block) -> Block:
        """A block for this machine."""
        return replace(block, text=self.here(block.text))

    def prepare(self, snapshots: Path) -> None:
        """Lay out the disk, the stand-ins, and what the reader brings: the checkout's files, a result."""
        for name in FOLDERS:
            (self.root / name).mkdir(parents=True)
        shutil.copytree(ROOT / "deploy", self.root / "deploy")
        for file in (self.root / "deploy").iterdir():
            file.write_text(self.here(file.read_text()))
        (self.root / "docs").mkdir()
        shutil.copy(ROOT / "docs" / "deploy.md", self.root / "docs")
        shutil.copytree(snapshots, self.root / "snapshots")
        (self.root / ".curlrc").write_text(f'resolve = "{SITE}:{self.tls_port}:127.0.0.1"\n')
        (self.root / "etc" / "nginx" / "nginx.conf").write_text(self._filled(NGINX))
        self._stand_ins()

    def _stand_ins(self) -> None:
        nginx = (
            f'exec {shutil.which("nginx", path=self.environment["PATH"])} -c @ROOT@/etc/nginx/nginx.conf "$@"'
        )
        scripts = {
            "useradd": NOTHING, "chown": NOTHING, "chgrp": NOTHING, "install": INSTALL, "runuser": RUNUSER,
            "systemctl": SYSTEMCTL, "journalctl": "cat @ROOT@/journal", "uv": UV, "pip": PIP, "nginx": nginx,
        }  # fmt: skip
        for name, text in scripts.items():
            file = self.root / "bin" / name
            file.write_text(f"#!/bin/bash\nset -eu\n{self._filled(text)}\n")
            file.chmod(0o755)

    def _filled(self, text: str) -> str:
        database = make_url(self.postgres)
        return (
            text.replace("@ROOT@", str(self.root))
            .replace("@CHECKOUT@", str(ROOT))
            .replace("@PYTHON@", sys.executable)
            .replace("@UV@", str(find_uv()))
            .replace("@PG_PORT@", str(database.port))
            .replace("@PG_PASSWORD@", str(database.password))
            .replace("@USER@", "user root;" if os.geteuid() == 0 else "")
        )

    def run(self, *command: str) -> str:
        """Run a command of this machine and give what it prints; one that fails is for others to notice."""
        told = {**os.environ, **self.environment}
        return subprocess.run(
            command, cwd=self.root, env=told, check=False, capture_output=True, text=True
        ).stdout

    def stop(self) -> None:
        """End what runs, and let go of the disk."""
        if (self.root / "geocover.pid").exists():
            self.run("systemctl", "stop", "geocover")
        self.run("nginx", "-s", "stop")
        for name in ("wheels", "opt"):
            shutil.rmtree(self.root / name, ignore_errors=True)


def free_ports(count: int) -> list[int]:
    """Ports that nobody has."""
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in held]
    for one in held:
        one.close()
    return ports
