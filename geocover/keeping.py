"""What was made once is kept, up to so many bytes; of several that ask at once, one makes it."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, Any, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

T = TypeVar("T")
MEBIBYTE = 1 << 20


class Kept:
    """Things by key; those not asked for longest go first when all hold more than the limit.

    Parameters
    ----------
    limit_bytes
        What all may hold together. A thing that is larger alone is made anew for each that asks.
    size
        Bytes of a thing, roughly.
    """

    def __init__(self, limit_bytes: int, size: Callable[[Any], int]) -> None:
        self.limit_bytes = limit_bytes
        self.used_bytes = 0
        self._size = size
        self._things: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()
        self._making: dict[Hashable, threading.Lock] = {}
        self._lock = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """Give what is kept under a key, or make it and keep it."""
        with self._lock:
            if key in self._things:
                self._things.move_to_end(key)
                return cast("T", self._things[key][0])
            making = self._making.setdefault(key, threading.Lock())
        with making:
            return self._make(key, make)

    def holds(self, key: Hashable) -> bool:
        """Whether a thing is at hand under a key."""
        with self._lock:
            return key in self._things

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._things.clear()
            self.used_bytes = 0

    def _make(self, key: Hashable, make: Callable[[], T]) -> T:
        with self._lock:
            if key in self._things:
                return cast("T", self._things[key][0])
        try:
            thing = make()
            self._keep(key, thing)
        finally:
            with self._lock:
                self._making.pop(key, None)
        return thing

    def _keep(self, key: Hashable, thing: object) -> None:
        size = self._size(thing)
        with self._lock:
            if size > self.limit_bytes:
                return
            self._forget(key)
            self._things[key] = (thing, size)
            self.used_bytes += size
            while self.used_bytes > self.limit_bytes:
                self._forget(next(iter(self._things)))

    def _forget(self, key: Hashable) -> None:
        if key in self._things:
            self.used_bytes -= self._things.pop(key)[1]
