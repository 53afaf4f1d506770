"""What one key may ask of one server process: requests by the minute, and things at a time."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from api.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MOST_KEYS = 10_000


class Rate:
    """Requests of each key: a bucket of a minute's worth that fills steadily.

    Parameters
    ----------
    per_minute
        Requests in the long run, and at once.
    clock
        Seconds that only grow.
    """

    def __init__(self, per_minute: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_minute = per_minute
        self._clock = clock
        self._lock = threading.Lock()
        self._left: dict[str, tuple[float, float]] = {}

    def take(self, key_id: str) -> None:
        """Count a request.

        Raises
        ------
        Problem
            429 with the seconds to wait.
        """
        with self._lock:
            now = self._clock()
            left, at = self._left.get(key_id, (self._per_minute, now))
            left = min(self._per_minute, left + (now - at) * self._per_minute / 60.0)
            if left < 1.0:
                raise too_many((1.0 - left) * 60.0 / self._per_minute)
            if len(self._left) >= MOST_KEYS:
                self._left.clear()
            self._left[key_id] = (left - 1.0, now)


class AtATime:
    """Things of a kind that each key may have under way at a time."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._running: dict[str, int] = {}

    @contextmanager
    def one(self, key_id: str) -> Iterator[None]:
        """Hold a place for the length of a block.

        Raises
        ------
        Problem
            429 where all are taken.
        """
        self.enter(key_id)
        try:
            yield
        finally:
            self.leave(key_id)

    def enter(self, key_id: str) -> None:
        """Take a place; raises as `one` does."""
        with self._lock:
            running = self._running.get(key_id, 0)
            if running >= self._most:
                raise too_many(1.0)
            self._running[key_id] = running + 1

    def leave(self, key_id: str) -> None:
        """Give a place back."""
        with self._lock:
            self._running[key_id] -= 1
            if self._running[key_id] == 0:
                del self._running[key_id]


def too_many(wait_s: float) -> Problem:
    """Say when to come again."""
    seconds = max(1, round(wait_s + 0.5))
    return Problem(
        429,
        f"too many requests with this key; try again in {seconds} s",
        f"khoá này gửi quá nhiều yêu cầu; hãy thử lại sau {seconds} giây",
        {"Retry-After": str(seconds)},
    )
