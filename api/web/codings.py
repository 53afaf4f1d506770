"""Compression of answers: which coding a request likes best, and large bodies compressed once."""

from __future__ import annotations

import gzip
import sys
import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

Coding = Literal["zstd", "gzip", "identity"]
WORTH_COMPRESSING = 1024
GZIP_LEVEL = 6
ZSTD_LEVEL = 3
KEPT_BYTES = 64 << 20
# The order is ours where a request likes two alike: zstd is smaller than gzip and ten times as quick.
MAKE: dict[Coding, Callable[[bytes], bytes]] = {
    "zstd": lambda body: zstd.compress(body, ZSTD_LEVEL),
    "gzip": lambda body: gzip.compress(body, GZIP_LEVEL, mtime=0),
}


def choose_coding(accept_encoding: str) -> Coding:
    """Choose of our codings the one that is liked best (RFC 9110 section 12.5.3), else "identity"."""
    weights = dict(_weight(part) for part in accept_encoding.lower().split(",") if part.strip())
    liked = {name: weights.get(name, weights.get("*", 0.0)) for name in MAKE}
    best = max(liked, key=lambda name: liked[name])
    return best if liked[best] > 0.0 and liked[best] >= weights.get("identity", 0.0) else "identity"


def _weight(part: str) -> tuple[str, float]:
    """Name and weight of one part of the header; a weight that cannot be read is 0."""
    name, _, parameter = part.partition(";")
    key, _, value = parameter.partition("=")
    name = {"x-gzip": "gzip"}.get(name.strip(), name.strip())
    if key.strip() != "q":
        return name, 1.0
    try:
        return name, min(max(float(value), 0.0), 1.0)
    except ValueError:
        return name, 0.0


class Compressed:
    """Compressed bodies, kept until they are too many bytes; those not asked for the longest go first.

    Parameters
    ----------
    most_bytes
        Of bodies and what they became together.
    """

    def __init__(self, most_bytes: int = KEPT_BYTES) -> None:
        self._most_bytes = most_bytes
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[Coding, bytes], bytes] = OrderedDict()
        self.size = 0

    def of(self, body: bytes, coding: Coding) -> bytes:
        """Return a body in a coding; one that was made before is not made again."""
        with self._lock:
            found = self._kept.get((coding, body))
            if found is not None:
                self._kept.move_to_end((coding, body))
                return found
        made = MAKE[coding](body)
        self._keep(body, coding, made)
        return made

    def _keep(self, body: bytes, coding: Coding, made: bytes) -> None:
        if len(body) + len(made) > self._most_bytes // 4:
            return
        with self._lock:
            if (coding, body) not in self._kept:
                self._kept[coding, body] = made
                self.size += len(body) + len(made)
            while self.size > self._most_bytes:
                (_, old), packed = self._kept.popitem(last=False)
                self.size -= len(old) + len(packed)


BODIES = Compressed()


def encode(body: bytes, coding: Coding) -> tuple[bytes, Coding]:
    """Compress a body where it is worth it; gives what goes over the wire, and the coding that it has."""
    if coding == "identity" or len(body) < WORTH_COMPRESSING:
        return body, "identity"
    return BODIES.of(body, coding), coding
