"""What was made, kept while it is asked for, up to a number of bytes."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

T = TypeVar("T")


class ByteCache(Generic[T]):
    """Values by key; those not asked for longest go first when the sum of their sizes is over the limit.

    A value is made once: who asks for one that is being made waits for it.

    Parameters
    ----------
    limit_bytes
        The most that is kept; a value larger than that is given but not kept.
    size
        Bytes of a value.
    """

    def __init__(self, limit_bytes: int, size: Callable[[T], int]) -> None:
        self.limit_bytes = limit_bytes
        self.used_bytes = 0
        self._size = size
        self._kept: OrderedDict[Hashable, T] = OrderedDict()
        self._making: dict[Hashable, threading.Lock] = {}
        self._lock = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """Give what is kept under a key, or make and keep it."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
            making = self._making.setdefault(key, threading.Lock())
        with making:
            return self._make(key, make)

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._kept.clear()
            self.used_bytes = 0

    def _make(self, key: Hashable, make: Callable[[], T]) -> T:
        with self._lock:
            if key in self._kept:
                return self._kept[key]
        try:
            value = make()
            self._keep(key, value)
        finally:
            with self._lock:
                self._making.pop(key, None)
        return value

    def _keep(self, key: Hashable, value: T) -> None:
        with self._lock:
            self._kept[key] = value
            self.used_bytes += self._size(value)
            while self.used_bytes > self.limit_bytes:
                _, dropped = self._kept.popitem(last=False)
                self.used_bytes -= self._size(dropped)
