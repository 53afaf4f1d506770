"""Other programs that compute path loss over terrain: one class a peer, all on the same ground and mast.

A peer that is not installed says how to install it and is a row without a figure. What a peer counts as a
path, and how start-up and files were kept out of its time, stands in its `note`.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import numpy as np

from benchmarks.ground import MAST_LAT, MAST_LON, Trial
from benchmarks.table import ROOT

SAMPLE = 2_000
PEERS_PYTHON = Path(os.environ.get("PEERS_PYTHON", ROOT / ".venv-peers" / "bin" / "python"))
WORKER = Path(__file__).with_name("peer_worker.py")
LIMIT_S = 300


class Rate(NamedTuple):
    """A number of paths, seconds of the processor, and the median loss (do all compute the same thing?)."""

    paths: int
    seconds: float
    median_db: float

    @property
    def per_s(self) -> float:
        """Paths per second."""
        return self.paths / self.seconds


class PeerError(Exception):
    """A peer that is there but did not run: its name and the end of what it said."""


def run(command: list[str], folder: Path) -> str:
    """Output of a command, run in a folder.

    Raises
    ------
    PeerError
        If it ends with an error or takes longer than `LIMIT_S`.
    """
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            timeout=LIMIT_S,
        )
    except subprocess.TimeoutExpired as error:
        raise PeerError(f"{command[0]}: took longer than {LIMIT_S} s") from error
    if done.returncode:
        last = (done.stderr.strip() or done.stdout.strip() or "no message").splitlines()[-1]
        raise PeerError(f"{Path(command[0]).name}: error {done.returncode}: {last}")
    return done.stdout


def children_s(task: Callable[[], object]) -> float:
    """Processor time, in seconds, of the programs that a task runs: idle waiting does not count."""
    before = os.times()
    task()
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


@dataclass(frozen=True)
class Peer(ABC):
    """Another program.

    Class attributes
    ----------------
    name, model
        The program and the model it computes.
    figure
        Its name in the history.
    install
        How to get it.
    note
        What counts as a path and what was kept out of the time.
    least
        How many times faster ours must be (one such peer is enough); NaN where nothing is asked.
    """

    name: ClassVar[str]
    model: ClassVar[str]
    figure: ClassVar[str]
    install: ClassVar[str]
    note: ClassVar[str]
    least: ClassVar[float] = float("nan")

    trial: Trial
    folder: Path

    @abstractmethod
    def present(self) -> bool:
        """Whether the program is installed."""

    @abstractmethod
    def prepare(self) -> None:
        """Write what the program reads, once."""

    @abstractmethod
    def measure(self) -> Rate:
        """One run on one core.

        Raises
        ------
        PeerError
            If the program fails.
        """


class Splat(Peer):
    """SPLAT!-HD: the Irregular Terrain Model along rays from the mast to every edge cell of the tile.

    Its default is ITWOM, another model: `-olditm` asks for the ITM.
    """

    name = "SPLAT!-HD"
    model = "ITM"
    figure = "peers.splat"
    install = "sudo apt-get install splat"
    note = (
        "one path a pixel of 1″ in the disc, as its own list (-ano) counts them; a run with 200 m radius is "
        "subtracted (start-up, terrain, picture, rays to the tile's edge)"
    )
    least = 60.0

    near_km: ClassVar[float] = 0.2

    def present(self) -> bool:
        """Both programs are on the path."""
        return shutil.which("splat-hd") is not None and shutil.which("srtm2sdf-hd") is not None

    def prepare(self) -> None:
        """Terrain as .sdf; site and model files."""
        trial = self.trial
        self.folder.mkdir()
        tile = trial.write_tile(self.folder)
        run(["srtm2sdf-hd", "-d", "/dev/null", tile.name], self.folder)
        site = f"mast\n{MAST_LAT}\n{360.0 - MAST_LON}\n{trial.tx_height_m} meters\n"  # degrees west
        model = f"15.0\n0.005\n325.0\n{trial.freq_mhz}\n5\n1\n0.5\n0.5\n"
        (self.folder / "mast.qth").write_text(site, encoding="ascii")
        (self.folder / "mast.lrp").write_text(model, encoding="ascii")

    def coverage(self, radius_km: float, *more: str) -> None:
        """One coverage map."""
        options = ["-t", "mast.qth", "-L", f"{self.trial.rx_height_m}", "-R", f"{radius_km}"]
        run(["splat-hd", *options, "-olditm", "-metric", "-ngs", "-N", *more], self.folder)

    def listed_db(self, radius_km: float) -> list[float]:
        """Loss of every computed pixel, once computed for all runs."""
        path = self.folder / f"list-{radius_km:g}.txt"
        if not path.is_file():
            self.coverage(radius_km, "-ano", path.name)
        lines = path.read_text(encoding="ascii").splitlines()[2:]
        return [float(line.split(",")[4].split()[0]) for line in lines]

    def measure(self) -> Rate:
        """A map of the radius less a map of almost nothing, in seconds of the processor."""
        far_km = self.trial.radius_m / 1000.0
        far_db, near_db = self.listed_db(far_km), self.listed_db(self.near_km)
        start_s = children_s(lambda: self.coverage(self.near_km))
        net_s = children_s(lambda: self.coverage(far_km)) - start_s
        if net_s <= 0.0:
            raise PeerError(f"{self.name}: the map took no longer than the start; run again")
        return Rate(len(far_db) - len(near_db), net_s, statistics.median(far_db))


class PythonPeer(Peer):
    """A Python package in the peers' own environment."""

    worker: ClassVar[str]

    @property
    def command(self) -> list[str]:
        """The worker on this peer, by a Python that sees nothing of this checkout."""
        return [str(PEERS_PYTHON), "-I", str(WORKER), self.worker]

    def present(self) -> bool:
        """The peers' Python can import it."""
        if not PEERS_PYTHON.is_file():
            return False
        probe = [*self.command, "--probe"]
        return subprocess.run(probe, capture_output=True, check=False).returncode == 0

    def prepare(self) -> None:
        """Write the profiles to random receivers in the disc, and the link."""
        self.folder.mkdir()
        self.save(self.trial.profiles(SAMPLE).arrays())

    def save(self, paths: Mapping[str, np.ndarray]) -> None:
        """Write what the worker reads."""
        trial = self.trial
        given: dict[str, Any] = dict(paths) | {"tiles": str(self.folder)}
        given |= {
            "freq_mhz": trial.freq_mhz,
            "tx_height_m": trial.tx_height_m,
            "rx_height_m": trial.rx_height_m,
        }
        given |= {"mast_lon": MAST_LON, "mast_lat": MAST_LAT, "radius_m": trial.radius_m}
        np.savez(self.folder / "task.npz", **given)

    def measure(self) -> Rate:
        """The worker's own clock, which starts after imports and reading."""
        printed = run([*self.command, "task.npz"], self.folder)
        paths, took_s, median_db = json.loads(printed.splitlines()[-1])
        return Rate(paths, took_s, median_db)


class Itmlogic(PythonPeer):
    """itmlogic: the Irregular Terrain Model in Python."""

    name = "itmlogic"
    model = "ITM"
    figure = "peers.itmlogic"
    worker = "itmlogic"
    install = "make bench-peers"
    note = f"{SAMPLE:,} paths to random pixels; its own clock after import; profiles given"


class Pycraf(PythonPeer):
    """pycraf: P.452 over a map, compiled."""

    name = "pycraf"
    model = "P.452"
    figure = "peers.pycraf"
    worker = "pycraf"
    install = "make bench-peers"
    note = (
        "all pixels of 3″ of a square of the disc's area, profiles in steps of 30 m; extracting not counted"
    )

    def prepare(self) -> None:
        """It reads the tile itself."""
        self.folder.mkdir()
        self.trial.write_tile(self.folder)
        self.save({})


class Py1812(PythonPeer):
    """Py1812: the authors' P.1812-8 in Python."""

    name = "Py1812"
    model = "P.1812-8"
    figure = "peers.py1812"
    worker = "py1812"
    install = "uv pip install --python .venv-peers 'git+https://github.com/eeveetza/Py1812' and ITU's maps"
    note = Itmlogic.note
    least = 5_000.0


class CrcCovlib(PythonPeer):
    """crc-covlib: P.1812 in C++."""

    name = "crc-covlib"
    model = "P.1812"
    figure = "peers.crc-covlib"
    worker = "crc_covlib"
    install = "build https://github.com/ic-crc/crc-covlib and put its Python wrapper into .venv-peers"
    note = Itmlogic.note
    least = 400.0


PEERS: tuple[type[Peer], ...] = (Splat, CrcCovlib, Py1812, Pycraf, Itmlogic)
