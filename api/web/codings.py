"""Compression of answers: which coding a request likes best, and large bodies compressed once."""

from __future__ import annotations

import gzip
import sys
from typing import TYPE_CHECKING, Literal

from api.web.accepting import weighted
from geocover.keeping import Kept

if TYPE_CHECKING:
    from collections.abc import Callable

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

Coding = Literal["zstd", "gzip", "identity"]
WORTH_COMPRESSING = 1024
GZIP_LEVEL = 6
ZSTD_LEVEL = 9
KEPT_BYTES = 64 << 20
ALIASES = {"x-gzip": "gzip"}
# The order is ours where a request likes two alike: zstd is smaller than gzip and no slower;
# at level 3 it would be larger.
MAKE: dict[Coding, Callable[[bytes], bytes]] = {
    "zstd": lambda body: zstd.compress(body, ZSTD_LEVEL),
    "gzip": lambda body: gzip.compress(body, GZIP_LEVEL, mtime=0),
}


def choose_coding(accept_encoding: str) -> Coding:
    """Choose of our codings the one that is liked best (RFC 9110 section 12.5.3), else "identity"."""
    weights = {ALIASES.get(name, name): weight for name, weight in weighted(accept_encoding)}
    liked = {name: weights.get(name, weights.get("*", 0.0)) for name in MAKE}
    best = max(liked, key=lambda name: liked[name])
    return best if liked[best] > 0.0 and liked[best] >= weights.get("identity", 0.0) else "identity"


def size_of(bodies: tuple[bytes, bytes]) -> int:
    """Bytes of a body and of what it became."""
    return len(bodies[0]) + len(bodies[1])


BODIES = Kept(KEPT_BYTES, size_of)


def encode(body: bytes, coding: Coding) -> tuple[bytes, Coding]:
    """Compress a body where it is worth it; gives what goes over the wire, and the coding that it has.

    What was made before is not made again; a very large body is, or it would drive all others out.
    """
    if coding == "identity" or len(body) < WORTH_COMPRESSING:
        return body, "identity"
    if len(body) > BODIES.limit_bytes // 4:
        return MAKE[coding](body), coding
    return BODIES.get((coding, body), lambda: (body, MAKE[coding](body)))[1], coding
