"""Whether the server can serve: a result is there, the register answers, the disk takes files."""

from __future__ import annotations

import logging
import tempfile
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from geocover import __version__
from geocover.errors import GeocoverError
from geocover.register.counts import states
from geocover.report.view import NO_RESULT

if TYPE_CHECKING:
    from pathlib import Path

    from api.backend import Backend
    from api.registry import Registry

# English and Vietnamese; they tell no path, no host and nothing that a driver says.
REASONS = {
    "snapshots": NO_RESULT,
    "database": ("the register cannot be reached", "không truy cập được sổ đăng ký trạm"),
    "disk": ("the data folder cannot be written", "không ghi được vào thư mục dữ liệu"),
}
KEPT_S = 2.0
logger = logging.getLogger("geocover.api")


@dataclass(frozen=True)
class Ready:
    """What was found.

    Attributes
    ----------
    checks
        Whether each of `REASONS` is as it should be.
    snapshots, latest, damaged
        Results on offer, the newest, and the names of folders that are not readable.
    """

    checks: dict[str, bool]
    snapshots: int
    latest: str | None
    damaged: list[str]

    @property
    def ready(self) -> bool:
        """Whether the server can serve."""
        return all(self.checks.values())

    def as_dict(self) -> dict[str, object]:
        """Plain JSON values."""
        amiss = [REASONS[name] for name, well in self.checks.items() if not well]
        return {
            "status": "unready" if amiss else "degraded" if self.damaged else "ok",
            "geocover": __version__,
            "checks": self.checks,
            "reasons": [{"en": english, "vi": viet} for english, viet in amiss],
            "snapshots": self.snapshots,
            "latest": self.latest,
            "damaged": self.damaged,
        }


def readiness(registry: Registry, backend: Backend, folder: Path) -> Ready:
    """Look whether the server can serve."""
    offered = registry.all()
    checks = {"snapshots": bool(offered), "database": _answers(backend), "disk": _takes_files(folder)}
    return Ready(checks, len(offered), offered[-1].id if offered else None, registry.damaged())


def _answers(backend: Backend) -> bool:
    try:
        states(backend.database)
    except (GeocoverError, OSError):
        logger.exception("the register cannot be reached")
        return False
    return True


def _takes_files(folder: Path) -> bool:
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"geocover")
    except OSError:
        logger.exception("the data folder cannot be written")
        return False
    return True


class Readiness:
    """What was found a moment ago is told again: whoever asks often costs nothing."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._found: tuple[float, Ready] | None = None

    def now(self, registry: Registry, backend: Backend, folder: Path) -> Ready:
        """Whether the server can serve; as `readiness`, at most every two seconds anew."""
        with self._lock:
            if self._found is None or time.monotonic() - self._found[0] > KEPT_S:
                self._found = time.monotonic(), readiness(registry, backend, folder)
            return self._found[1]
