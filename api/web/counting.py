"""What one key or client may ask of one server process: requests by the minute, and things at a time."""

from __future__ import annotations

import ipaddress
import math
import threading
import time
from collections import OrderedDict
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from api.web.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MOST_KEYS = 10_000
WINDOW_S = 60
HOUSE = 64  # bits of an IPv6 address that name a household or office; the rest is the client's to choose


@dataclass(frozen=True)
class Quota:
    """How many requests a bucket holds, how many are left, and seconds until it is full again."""

    most: float
    left: float
    full_in_s: float

    def headers(self, name: str) -> dict[str, str]:
        """RateLimit-Policy and RateLimit as draft-ietf-httpapi-ratelimit-headers-10 has them."""
        policy = f'"{name}";q={int(self.most)};w={WINDOW_S}'
        return {
            "RateLimit-Policy": policy,
            "RateLimit": f'"{name}";r={int(self.left)};t={math.ceil(self.full_in_s)}',
        }


class Rate:
    """Requests of each key or client: a bucket of a minute's worth that fills steadily.

    Parameters
    ----------
    per_minute
        Requests in the long run, and at once; 0: as many as they like.
    clock
        Seconds that only grow.
    """

    def __init__(self, per_minute: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_minute = per_minute
        self._clock = clock
        self._lock = threading.Lock()
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    @property
    def limited(self) -> bool:
        """Whether there is a limit at all."""
        return self._per_minute > 0

    def take(self, key_id: str) -> None:
        """Count a request.

        Raises
        ------
        Problem
            429 with the seconds to wait.
        """
        if not self.limited:
            return
        with self._lock:
            left, now = self._now(key_id)
            if left < 1.0:
                raise too_many((1.0 - left) * WINDOW_S / self._per_minute)
            self._put(key_id, left - 1.0, now)

    def give_back(self, key_id: str) -> None:
        """Count a request no more."""
        if self.limited:
            with self._lock:
                left, now = self._now(key_id)
                self._put(key_id, left + 1.0, now)

    def quota(self, key_id: str) -> Quota:
        """How much of it is left."""
        with self._lock:
            left, _ = self._now(key_id)
        most = self._most
        return Quota(most, left, (most - left) * WINDOW_S / self._per_minute if self.limited else 0.0)

    @property
    def _most(self) -> float:
        return max(1.0, self._per_minute)

    def _now(self, key_id: str) -> tuple[float, float]:
        """What is left in a bucket, and the time."""
        now = self._clock()
        left, at = self._left.get(key_id, (self._most, now))
        return min(self._most, left + (now - at) * self._per_minute / WINDOW_S), now

    def _put(self, key_id: str, left: float, now: float) -> None:
        """Keep a bucket; of too many those not used for the longest are forgotten, which are the fullest."""
        self._left[key_id] = (min(left, self._most), now)
        self._left.move_to_end(key_id)
        if len(self._left) > MOST_KEYS:
            self._left.popitem(last=False)


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
        f"too many requests; try again in {seconds} s",
        f"đã gửi quá nhiều yêu cầu; hãy thử lại sau {seconds} giây",
        {"Retry-After": str(seconds)},
    )


@lru_cache(maxsize=MOST_KEYS)
def client_name(host: str) -> str | None:
    """Name under which a client is counted: its IPv4 address, or its /64; None for this machine itself.

    What is no address, a socket's path as a proxy might tell, is counted by its own name.
    """
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return host
    mapped = getattr(address, "ipv4_mapped", None)
    address = mapped or address
    if address.is_loopback:
        return None
    if address.version == 6:
        return str(ipaddress.ip_network((address, HOUSE), strict=False))
    return str(address)
