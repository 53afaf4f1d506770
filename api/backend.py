"""What stands behind the register's addresses: its database, the cookies' secret, limits, the runner."""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING

from api.web.counting import AtATime, Rate
from api.web.secrets import cookie_secret
from api.web.turns import turn, turn_file
from geocover.errors import GeocoverError
from geocover.register.computing import SNAPSHOTS
from geocover.register.database import Database, open_database
from geocover.register.limits import Limiter
from geocover.register.runner import Runner
from geocover.register.snapshots import pick_up
from geocover.report.list_jobs import Upkeep, resume

if TYPE_CHECKING:
    from api.settings import Settings

RETRY_S = 5.0
RESUME_EVERY_S = 60.0
AT_ONCE = 20.0
logger = logging.getLogger("geocover.api")


class Backend:
    """Opens the register when it is first asked for, and runs its jobs while the server runs.

    Attributes
    ----------
    upkeep
        How the register is looked after.
    uploads
        Uploads of each key in the long run, counted in the register.
    uploading, streaming
        Uploads and streams of each key at a time.
    rate, public
        Requests of each key, and of each client address without one; each worker allows its part.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._database: Database | None = None
        self._secret: bytes | None = None
        self._stop, self._wake = threading.Event(), threading.Event()
        self._thread: threading.Thread | None = None
        boundaries = None if settings.boundaries is None else str(settings.boundaries)
        largest = settings.upload_bytes
        self.upkeep = Upkeep(settings.data, settings.scenario, settings.province, boundaries, largest)
        self.uploads = Limiter("uploads", AT_ONCE, settings.uploads_per_hour)
        self.uploading = AtATime(settings.uploads_at_once)
        self.streaming = AtATime(settings.streams_at_once)
        self.rate = Rate(settings.requests_per_minute / settings.workers)
        self.public = Rate(settings.public_requests_per_minute / settings.workers)

    @property
    def database(self) -> Database:
        """The register.

        Raises
        ------
        DatabaseError
            It cannot be reached, or its tables are of another version.
        """
        with self._lock:
            if self._database is None:
                url = self._settings.database_url
                told = url.get_secret_value() if url else None
                self._database = open_database(told, self._settings.data)
            return self._database

    @property
    def secret(self) -> bytes:
        """Signs cookies and tokens."""
        with self._lock:
            if self._secret is None:
                self._secret = cookie_secret(self._settings)
            return self._secret

    @property
    def stopping(self) -> bool:
        """Whether the server is about to end."""
        return self._stop.is_set()

    def start(self) -> None:
        """Run jobs beside the requests."""
        if self._settings.job_slots > 0:
            self._thread = threading.Thread(target=self._run, name="runner", daemon=True)
            self._thread.start()

    def wake(self) -> None:
        """Say that a job waits."""
        self._wake.set()

    def end(self) -> None:
        """Say that the server is about to end: streams end, and jobs' processes, whose jobs then wait."""
        self._stop.set()
        self._wake.set()

    def stop(self) -> None:
        """Wait until the jobs' processes have ended, and close the register."""
        self.end()
        if self._thread is not None:
            self._thread.join()
        if self._database is not None:
            self._database.close()

    def _run(self) -> None:
        """Run jobs while no other worker over this folder does; another takes over when this one ends."""
        while not self._stop.is_set():
            try:
                with turn(self._settings.data / turn_file()) as mine:
                    if mine:
                        self._work(self.database)
                self._stop.wait(self._settings.poll_s)
            except (GeocoverError, OSError):
                logger.exception("jobs do not run; trying again")
                self._stop.wait(RETRY_S)

    def _work(self, database: Database) -> None:
        """Run jobs until the server ends or the register is away."""
        settings = self._settings
        slots, stale_s = settings.job_slots, settings.stale_s
        runner = Runner(database, settings.data, slots, stale_s=stale_s, wake=self._wake)
        pick_up(database, settings.data / SNAPSHOTS)
        resumed = -RESUME_EVERY_S
        try:
            while not self._stop.is_set():
                if time.monotonic() - resumed >= RESUME_EVERY_S:
                    resume(database, self.upkeep)
                    resumed = time.monotonic()
                self._wake.clear()
                runner.step()
                self._wake.wait(settings.poll_s)
        finally:
            runner.close()
